"""What makes code fast: memory, registers, rates, the roofline, and where the time goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.patches import Rectangle
from matplotlib.ticker import LogLocator, NullLocator, StrMethodFormatter
from matplotlib.typing import ColorType

from cnnlab.plots.canvas import (
    axes_array,
    bare,
    check_some,
    check_titles,
    checked_array,
    keep_width,
    new_canvas,
)
from cnnlab.plots.style import BLUE, EDGE, INK, PADDING, PAPER, RULE, VERMILION, WIDTH, Array


def show_cache_lines(
    touched: Sequence[npt.ArrayLike], titles: Sequence[str] | None = None, *, line: int = 16
) -> Array:
    """Show which numbers of a plane are used, and which come along with them from memory.

    The plane lies in memory row after row and begins with a cache line. A number that is used is
    dark, the rest of its cache line pale.

    Parameters
    ----------
    touched : sequence of array_like
        For each panel, which numbers are used: True or 1. Each of shape (M, N).
    titles : sequence of str, optional
        One for each panel.
    line : int, optional
        How many numbers there are in a cache line.

    Returns
    -------
    axes : ndarray of Axes
        Shape (K,), one for each of the K panels.

    Raises
    ------
    ValueError
        If there is no panel, a plane has not 2 axes, or there is not one title for each panel.

    Examples
    --------
    >>> row, column = np.zeros((2, 4, 20))
    >>> row[1, :9] = column[:, 3] = 1
    >>> axes = show_cache_lines([row, column], ["a row", "a column"])
    >>> [ax.get_title() for ax in axes]
    ['a row', 'a column']
    """
    check_some(len(touched), "show_cache_lines", "touched")
    check_titles(titles, len(touched), "show_cache_lines", things="panels")
    planes = [
        checked_array(plane, "show_cache_lines", "touched", {2: "(M, N)"}) != 0 for plane in touched
    ]
    ratio = max(plane.shape[0] / plane.shape[1] for plane in planes)
    side = WIDTH / len(planes) - 0.1
    figure, grid = plt.subplots(
        1, len(planes), figsize=(WIDTH, side * ratio + 0.35), squeeze=False, layout="compressed"
    )
    keep_width(figure)
    axes = axes_array(list(grid[0]))
    for place, (ax, plane) in enumerate(zip(axes, planes, strict=True)):
        lines = np.arange(plane.size).reshape(plane.shape) // line
        loaded = np.isin(lines, lines[plane])
        colors = np.where(plane, 2, np.where(loaded, 1, 0))
        ax.imshow(np.array([(0, 0, 0, 0), PADDING, to_rgba(BLUE)])[colors], interpolation="none")
        rows, columns = plane.shape
        for i, j in np.ndindex(rows, columns):  # where a new cache line begins
            if (i * columns + j) % line == 0:
                ax.plot([j - 0.5, j - 0.5], [i - 0.5, i + 0.5], "-", color=EDGE, linewidth=0.8)
        for i in range(1, rows):
            ax.axhline(i - 0.5, color=EDGE, linewidth=0.3)
        bare(ax)
        if titles is not None:
            ax.set_title(titles[place], color=INK)
    return axes


def show_tile(rows: int, vectors: int) -> Axes:
    """Draw one round of a tile: what is loaded stands at its sides, what is computed inside.

    Parameters
    ----------
    rows : int
        Patterns R, whose weights stand at the left.
    vectors : int
        Vectors of pixels V, which stand above.

    Returns
    -------
    ax : Axes
        The Axes, with R V boxes of sums.

    Raises
    ------
    ValueError
        If the tile has no row or no vector.

    Examples
    --------
    >>> ax = show_tile(2, 3)
    >>> len(ax.patches) - 2 * 3  # weights and vectors
    5
    """
    if rows < 1 or vectors < 1:
        raise ValueError(
            f"show_tile: got {rows} rows and {vectors} vectors, needs at least one of each."
        )
    high, gap, left, top = 0.36, 0.1, 1.15, 0.75
    wide = (WIDTH - left - 0.1 - gap * vectors) / vectors
    _, ax = new_canvas(WIDTH, top + rows * (high + gap) + 0.1)

    def box(x: float, y: float, width: float, face: ColorType, text: str, ink: str) -> None:
        ax.add_patch(Rectangle((x, y), width, high, facecolor=face, edgecolor=RULE, linewidth=0.8))
        ax.text(x + width / 2, y + high / 2, text, ha="center", va="center", color=ink)

    ax.text(left + (WIDTH - left) / 2, 0.13, "V vectors of pixels", ha="center", va="center")
    ax.text(0.1, top - 0.25, "R weights", va="center")
    for v in range(vectors):
        box(left + gap + v * (wide + gap), 0.28, wide, to_rgba(BLUE, 0.5), f"x{v}", INK)
    for r in range(rows):
        y = top + r * (high + gap)
        box(0.3, y, 0.62, to_rgba(VERMILION, 0.5), f"w{r}", INK)
        for v in range(vectors):
            box(left + gap + v * (wide + gap), y, wide, PADDING, f"+= w{r} x{v}", INK)
    return ax


def plot_rates(rates: Mapping[str, float], *, unit: str = "GFLOP/s") -> Axes:
    """Draw rates as bars on a logarithmic axis, each with how many times the one above it is.

    Parameters
    ----------
    rates : mapping of str to float
        Rates above 0, in the order in which they were reached.
    unit : str, optional
        What the axis counts.

    Returns
    -------
    ax : Axes
        The Axes, the first rate on top.

    Raises
    ------
    ValueError
        If there is no rate, or one is not above 0.

    Examples
    --------
    >>> ax = plot_rates({"loops": 0.25, "compiled": 4.0})
    >>> [text.get_text() for text in ax.texts]
    ['0.25', '4, times 16']
    """
    values = _positive(rates, "plot_rates", "rates")
    figure, ax = plt.subplots(figsize=(WIDTH, 0.8 + 0.38 * len(values)))
    keep_width(figure)
    start = 10.0 ** np.floor(np.log10(min(values.values())) - 0.3)
    ax.barh(
        range(len(values)),
        [value - start for value in values.values()],
        0.62,
        left=start,
        color=BLUE,
    )
    before = None
    for place, value in enumerate(values.values()):
        gain = "" if before is None else f", times {value / before:.2g}"
        if before is not None and value / before >= 100:
            gain = f", times {value / before:,.0f}"
        ax.annotate(
            f"{value:.2g}{gain}" if value < 100 else f"{value:.0f}{gain}",
            (value, place),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
        )
        before = value
    ax.set_xscale("log")
    ax.set_xlim(start, max(values.values()) * 60)
    ax.xaxis.set_major_locator(LogLocator(numticks=5))
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_yticks(range(len(values)), list(values))
    ax.set_ylim(len(values) - 0.5, -0.5)
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel(unit)
    return ax


def plot_tile_rates(
    tiles: Mapping[tuple[int, int], float], registers: int, *, unit: str = "GFLOP/s"
) -> Axes:
    """Draw the rate of tiles against the loads that each multiply-add needs.

    A tile whose sums do not all fit into the registers is drawn as a hollow square.

    Parameters
    ----------
    tiles : mapping of (int, int) to float
        For each tile of (R, V), R patterns by V vectors, its rate, above 0.
    registers : int
        How many vector registers there are. A tile takes R V + V + 1 of them.
    unit : str, optional
        What the axis of the rates counts.

    Returns
    -------
    ax : Axes
        The Axes, each point with the name of its tile.

    Raises
    ------
    ValueError
        If there is no tile, or a rate is not above 0.

    Examples
    --------
    >>> ax = plot_tile_rates({(1, 1): 30.0, (4, 4): 120.0, (8, 6): 70.0}, 32)
    >>> [text.get_text() for text in ax.texts]
    ['1 x 1', '4 x 4', '8 x 6']
    """
    values = _positive(
        {f"{rows} x {vectors}": rate for (rows, vectors), rate in tiles.items()},
        "plot_tile_rates",
        "tiles",
    )
    figure, ax = plt.subplots(figsize=(WIDTH, 3.4))
    keep_width(figure)
    seen = set()
    order = sorted(tiles, key=lambda tile: 1 / tile[0] + 1 / tile[1])
    for (rows, vectors), (name, rate) in zip(tiles, values.items(), strict=True):
        fits = rows * vectors + vectors + 1 <= registers
        place = 1 / rows + 1 / vectors, rate
        ax.plot(
            *place,
            "o" if fits else "s",
            color=BLUE if fits else VERMILION,
            markersize=7,
            markerfacecolor=BLUE if fits else PAPER,
            label=None if fits in seen else "fits" if fits else "does not fit",
        )
        seen.add(fits)
        above = order.index((rows, vectors)) % 2 == 0  # neighbors do not hide each other's names
        ax.annotate(
            name,
            place,
            xytext=(0, 7 if above else -7),
            textcoords="offset points",
            ha="center",
            va="bottom" if above else "top",
        )
    ax.set_xlim(0, 2.35)
    ax.set_ylim(0, 1.15 * max(values.values()))
    ax.set_xlabel("loads for each multiply-add")
    ax.set_ylabel(unit)
    ax.grid()
    ax.legend(title=f"{registers} registers", loc="upper right")
    return ax


def plot_roofline(peak: float, bandwidth: float, layers: Mapping[str, tuple[float, float]]) -> Axes:
    """Draw the roof that bandwidth and peak make, and numbered layers below it.

    Parameters
    ----------
    peak : float
        The most operations, in GFLOP/s.
    bandwidth : float
        What memory delivers and takes, in GB/s.
    layers : mapping of str to (float, float)
        For each layer its intensity, in operations for each byte, and its rate in GFLOP/s.

    Returns
    -------
    ax : Axes
        The Axes, both axes logarithmic.

    Raises
    ------
    ValueError
        If there is no layer, or a number is not above 0.

    Examples
    --------
    >>> ax = plot_roofline(100, 20, {"ReLU": (0.125, 2), "wide": (150, 90)})
    >>> [text.get_text() for text in ax.texts]
    ['20 GB/s', '100 GFLOP/s', '1', '2']
    """
    check_some(len(layers), "plot_roofline", "layers")
    numbers = {"peak": peak, "bandwidth": bandwidth}
    for name, (intensity, rate) in layers.items():
        numbers |= {f"the intensity of {name}": intensity, f"the rate of {name}": rate}
    _positive(numbers, "plot_roofline", "layers")
    points = np.array(list(layers.values()), float)
    corner = peak / bandwidth
    low = min(points[:, 0].min(), corner) / 2
    high = max(points[:, 0].max(), corner) * 4
    figure, ax = plt.subplots(figsize=(WIDTH, 4.4))
    keep_width(figure)
    ax.plot([low, corner, high], [low * bandwidth, peak, peak], "-", color=INK)
    left = np.sqrt(low * corner)
    beside: dict[str, Any] = {"textcoords": "offset points"}
    ax.annotate(
        f"{bandwidth:.2g} GB/s", (left, left * bandwidth), xytext=(-6, 6), ha="right", **beside
    )
    ax.annotate(f"{peak:.3g} GFLOP/s", (high, peak), xytext=(0, 5), ha="right", **beside)
    order = sorted(layers, key=lambda name: layers[name][0])
    for number, name in enumerate(order, 1):
        ax.plot(*layers[name], "o", color=BLUE, markersize=12, label=f"{number} {name}")
        ax.annotate(f"{number}", layers[name], ha="center", va="center_baseline", color=PAPER)
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlim(low, high)
    ax.set_ylim(min(points[:, 1].min(), low * bandwidth) / 2, 2 * max(peak, points[:, 1].max()))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(StrMethodFormatter("{x:g}"))
        axis.set_minor_locator(NullLocator())
    ax.set_xlabel("operations for each byte")
    ax.set_ylabel("GFLOP/s")
    ax.grid()
    figure.legend(loc="outside lower center", ncols=3, handlelength=0.8)
    return ax


def plot_shares(parts: Mapping[str, tuple[float, float]]) -> Axes:
    """Draw which part of a training step each layer takes, forward and backward.

    Parameters
    ----------
    parts : mapping of str to (float, float)
        For each layer its time forward and backward, in any unit, not below 0.

    Returns
    -------
    ax : Axes
        The Axes, one bar for each layer, the first on top. All bars together are 100 %.

    Raises
    ------
    ValueError
        If there is no layer, a time is below 0, or all are 0.

    Examples
    --------
    >>> ax = plot_shares({"Conv2D": (1, 2), "Dense": (0, 1)})
    >>> [text.get_text() for text in ax.texts]
    ['75 %', '25 %']
    """
    check_some(len(parts), "plot_shares", "parts")
    times = checked_array(list(parts.values()), "plot_shares", "parts", {2: "(K, 2)"})
    if times.shape[1] != 2 or times.min() < 0 or times.sum() == 0:
        raise ValueError(
            "plot_shares: parts needs two times for each layer, not below 0 and not all 0."
        )
    shares = 100 * times / times.sum()
    figure, ax = plt.subplots(figsize=(WIDTH, 1.2 + 0.34 * len(shares)))
    keep_width(figure)
    lines = range(len(shares))
    ax.barh(lines, shares[:, 0], 0.62, color=BLUE, label="forward")
    ax.barh(
        lines,
        shares[:, 1],
        0.62,
        left=shares[:, 0],
        color=VERMILION,
        hatch="///",
        edgecolor=PAPER,
        label="backward",
    )
    for line, share in enumerate(shares.sum(axis=1)):
        ax.annotate(
            f"{share:.0f} %",
            (share, line),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
        )
    ax.set_yticks(lines, list(parts))
    ax.set_ylim(len(shares) - 0.5, -0.5)
    ax.set_xlim(0, 1.18 * shares.sum(axis=1).max())
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel("per cent of the time of a step")
    figure.legend(loc="outside upper center", ncols=2)
    return ax


def _positive(given: Mapping[str, float], function: str, name: str) -> dict[str, float]:
    """Check that there are numbers, and that all are above 0."""
    check_some(len(given), function, name)
    for key, value in given.items():
        if not (np.isfinite(value) and value > 0):
            raise ValueError(
                f"{function}: {key} is {value}, needs a number above 0; the axis is logarithmic."
            )
    return {key: float(value) for key, value in given.items()}
