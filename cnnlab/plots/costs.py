"""What algorithms cost: multiplications, time, and where their rounding errors are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm
from matplotlib.ticker import FixedLocator, LogLocator, NullLocator, StrMethodFormatter

from cnnlab.plots.canvas import (
    bare,
    check_few,
    check_some,
    checked_array,
    keep_width,
    legend_below,
    new_panels,
)
from cnnlab.plots.style import INK, LOOKS, PALE, RULE, WIDTH, Array


def plot_multiplications(sizes: npt.ArrayLike, counts: Mapping[str, npt.ArrayLike]) -> Axes:
    """Draw how many multiplications each output takes, against the size of the pattern.

    The axis of the counts is logarithmic. What is known for a single size is drawn as a point.

    Parameters
    ----------
    sizes : array_like
        Sizes m of patterns of m x m, in rising order. Shape (R,).
    counts : mapping of str to array_like
        For each algorithm its counts, of shape (R,), above 0. At most 4. NaN leaves a gap.

    Returns
    -------
    ax : Axes
        The Axes with the curves, each with its name.

    Raises
    ------
    ValueError
        If there is no curve or more than 4, one has not one value for each size, or a count is
        not above 0.

    Examples
    --------
    >>> ax = plot_multiplications([1, 3, 5], {"loops": [1, 9, 25], "Winograd": [np.nan, 4, np.nan]})
    >>> [text.get_text() for text in ax.texts]
    ['Winograd']
    """
    m = checked_array(sizes, "plot_multiplications", "sizes", {1: "(R,)"})
    curves = _curves(counts, "plot_multiplications", "counts", len(m), "size")
    figure, ax = plt.subplots(figsize=(WIDTH, 3.4))
    keep_width(figure)
    for (name, values), (color, dashes, mark) in zip(curves.items(), LOOKS, strict=False):
        known = np.flatnonzero(np.isfinite(values))
        if len(known) == 1:
            place = m[known[0]], values[known[0]]
            ax.plot(*place, mark, color=color, markersize=8)
            ax.annotate(name, place, (8, -5), textcoords="offset points", va="top", color=color)
        else:
            ax.plot(m, values, linestyle=dashes, color=color, marker=mark, markersize=4, label=name)
    ax.set_yscale("log")
    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_locator(FixedLocator(list(m)))
    ax.set_xlabel("size m of the pattern")
    ax.set_ylabel("multiplications")
    ax.grid(axis="y")
    if ax.get_legend_handles_labels()[0]:  # single points have their names beside them
        legend_below(ax, 2)
    return ax


def plot_times(
    times: Mapping[str, npt.ArrayLike], layers: Sequence[str], *, unit: str = "nanoseconds"
) -> Axes:
    """Draw how long each algorithm takes for each layer, on a logarithmic axis.

    Parameters
    ----------
    times : mapping of str to array_like
        For each algorithm its times, one for each layer, above 0. NaN draws nothing.
    layers : sequence of str
        Names of the layers. At most 4.
    unit : str, optional
        What the axis counts.

    Returns
    -------
    ax : Axes
        The Axes, one row for each algorithm, the first on top.

    Raises
    ------
    ValueError
        If there is no algorithm, there are more than 4 layers, an algorithm has not one time for
        each layer, or a time is not above 0.

    Examples
    --------
    >>> ax = plot_times({"loops": [300, 310], "direct": [0.1, np.nan]}, ["small", "wide"])
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['loops', 'direct']
    """
    check_few(len(layers), len(LOOKS), "plot_times", "layers")
    rows = _curves(times, "plot_times", "times", len(layers), "layer", most=None)
    figure, ax = plt.subplots(figsize=(WIDTH, 1.5 + 0.34 * len(rows)))
    keep_width(figure)
    table = np.array(list(rows.values()), float)
    for place, (layer, (color, _, mark)) in enumerate(zip(layers, LOOKS, strict=False)):
        # Layers stand a little below each other, so that equal times do not hide each other.
        height = np.arange(len(rows)) + 0.18 * (place - (len(layers) - 1) / 2)
        ax.plot(table[:, place], height, mark, color=color, label=layer)
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(LogLocator(numticks=5))
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_yticks(range(len(rows)), list(rows))
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_xlabel(unit)
    ax.grid()
    figure.legend(loc="outside lower center", ncols=2)
    return ax


def show_errors(
    errors: Mapping[str, npt.ArrayLike], *, label: str = "error", columns: int = 3
) -> Array:
    """Show the error of every output, for several algorithms on one logarithmic scale.

    Darker is worse. An error of 1 or less is white.

    Parameters
    ----------
    errors : mapping of str to array_like
        For each algorithm the errors of one map, not below 0. Shape (M', N').
    label : str, optional
        What the scale counts.
    columns : int, optional
        Panels in a row.

    Returns
    -------
    axes : ndarray of Axes
        Shape (K,), one for each of the K algorithms.

    Raises
    ------
    ValueError
        If there is no map, or an error is below 0 or no number.

    Examples
    --------
    >>> axes = show_errors({"loops": [[0, 1], [2, 1]], "FFT": [[900, 1e5], [1e4, 800]]})
    >>> [ax.get_title() for ax in axes]
    ['loops', 'FFT']
    """
    check_some(len(errors), "show_errors", "errors")
    maps = {
        name: checked_array(values, "show_errors", name, {2: "(M', N')"})
        for name, values in errors.items()
    }
    for name, values in maps.items():
        if not (np.isfinite(values) & (values >= 0)).all():
            raise ValueError(
                f"show_errors: {name} has an error that is below 0 or no number; pass sizes, "
                "without NaN."
            )
    largest = max(10.0, *(float(values.max()) for values in maps.values()))
    scale = LogNorm(1, 10 ** np.ceil(np.log10(largest)))
    axes = new_panels(len(maps), columns, 1.0, bar=True)
    for ax, (name, values) in zip(axes, maps.items(), strict=True):
        ax.imshow(np.maximum(values, 1), cmap="Blues", norm=scale, interpolation="none")
        ax.set_title(name, color=INK)
        bare(ax)
    bar = axes[0].figure.colorbar(
        ScalarMappable(scale, "Blues"),
        ax=list(axes),
        location="bottom",
        fraction=0.05,
        aspect=30,
        shrink=0.7,
    )
    bar.set_label(label)
    bar.outline.set(linewidth=0.5, edgecolor=RULE)
    bar.ax.tick_params(colors=PALE)
    bar.ax.minorticks_off()
    return axes


def _curves(
    given: Mapping[str, npt.ArrayLike],
    function: str,
    name: str,
    length: int,
    thing: str,
    most: int | None = len(LOOKS),
) -> dict[str, Array]:
    """Check that there are curves with one number above 0 for each thing."""
    check_some(len(given), function, name)
    if most is not None:
        check_few(len(given), most, function, "curves")
    curves = {
        key: checked_array(values, function, key, {1: "(R,)"}) for key, values in given.items()
    }
    for key, values in curves.items():
        if len(values) != length:
            raise ValueError(
                f"{function}: {key} has {len(values)} values, needs {length}; give one for each "
                f"{thing}."
            )
        if np.any(values <= 0):
            raise ValueError(
                f"{function}: a value of {key} is not above 0; the axis is logarithmic."
            )
    return curves
