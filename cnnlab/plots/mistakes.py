"""Wrong gradients: where their steps lead, and what they cost a network that learns with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter

from cnnlab.plots.canvas import (
    check_few,
    check_some,
    checked_array,
    fit_words,
    keep_width,
    legend_below,
    number_text,
)
from cnnlab.plots.style import BLUE, GREEN, INK, PALE, PAPER, PURPLE, RULE, VERMILION, WIDTH

LOOKS = ((BLUE, "o"), (VERMILION, "s"), (GREEN, "^"), (PURPLE, "D"), (INK, "X"), (PALE, "P"))


def show_first_steps(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    losses: npt.ArrayLike,
    start: npt.ArrayLike,
    ends: Mapping[str, npt.ArrayLike],
    *,
    names: tuple[str, str] | None = None,
) -> Axes:
    """Draw lines of equal loss over two parameters, and steps from one place.

    The line of the loss at the start is bold: a step that ends inside lowers the loss.

    Parameters
    ----------
    x, y : array_like
        Values of the two parameters. Shapes (R,) and (S,).
    losses : array_like
        Loss for each pair. Shape (S, R).
    start : array_like
        Where the steps begin, the two parameters. Shape (2,).
    ends : mapping of str to array_like
        For each step its name and where it ends. Shape (2,) each; at most 6.
    names : tuple of str, optional
        What the two parameters are called; by default theta[0] and theta[1], in Greek.

    Returns
    -------
    ax : Axes
        The Axes with the lines and the arrows.

    Raises
    ------
    ValueError
        If `losses` does not have one row for each `y` and one column for each `x`, a place has not
        two numbers, or there is no step or more than 6.

    Examples
    --------
    >>> x = np.linspace(-1, 1, 5)
    >>> losses = x**2 + x[:, None] ** 2
    >>> ax = show_first_steps(x, x, losses, (1, 1), {"right": (0.5, 0.5)}, names=("a", "b"))
    >>> ax.get_xlabel()
    'a'
    """
    function = "show_first_steps"
    across = checked_array(x, function, "x", {1: "(R,)"})
    down = checked_array(y, function, "y", {1: "(S,)"})
    heights = checked_array(losses, function, "losses", {2: "(S, R)"})
    if heights.shape != (len(down), len(across)):
        raise ValueError(
            f"{function}: losses has shape {heights.shape} for {len(down)} y and {len(across)} "
            f"x; give one row for each y and one column for each x."
        )
    check_some(len(ends), function, "ends")
    check_few(len(ends), len(LOOKS), function, "ends")
    places = {"start": start, **{f"ends[{name!r}]": end for name, end in ends.items()}}
    found: list[tuple[float, float]] = []
    for name, place in places.items():
        pair = checked_array(place, function, name, {1: "(2,)"})
        if pair.shape != (2,):
            raise ValueError(
                f"{function}: {name} has {len(pair)} numbers, needs 2; give both parameters."
            )
        found.append((float(pair[0]), float(pair[1])))
    figure, ax = plt.subplots(figsize=(WIDTH, 5.0))
    keep_width(figure)
    ax.contour(across, down, heights, levels=9, colors=RULE, linewidths=0.8)
    there = heights[np.abs(down - found[0][1]).argmin(), np.abs(across - found[0][0]).argmin()]
    ax.contour(across, down, heights, levels=[there], colors=INK, linewidths=1.8)
    for name, end, (color, mark) in zip(ends, found[1:], LOOKS, strict=False):
        arrow = {"arrowstyle": "-", "color": color, "linewidth": 1.8, "shrinkA": 0, "shrinkB": 0}
        ax.annotate("", end, xytext=found[0], arrowprops=arrow)
        ax.plot(*end, mark, color=color, markersize=7, label=name)
    ax.plot(*found[0], "o", color=INK, markersize=5)
    across_name, down_name = names or (r"$\theta[0]$", r"$\theta[1]$")
    ax.set_xlabel(across_name)
    ax.set_ylabel(down_name)
    ax.set_aspect("equal")
    legend_below(ax, 2)
    return ax


def plot_costs_of_mistakes(
    cosines: npt.ArrayLike,
    differences: npt.ArrayLike,
    kinds: Sequence[str],
    *,
    threshold: float | None = None,
    marked: Mapping[str, int] | None = None,
) -> Axes:
    """Draw what wrong gradients cost against the angle that they have with the right one.

    The axis of the cost is linear up to 2 points on both sides of 0, and logarithmic beyond.

    Parameters
    ----------
    cosines : array_like
        Cosine of the angle for each wrong gradient. Shape (R,). NaN is left out.
    differences : array_like
        Accuracy less that with the right gradient, as a fraction. Shape (R,).
    kinds : sequence of str
        What each one is, at most 6 kinds. Shape (R,).
    threshold : float, optional
        Differences up to this one, on both sides, may be chance: a gray band.
    marked : mapping of str to int, optional
        Texts, and to which wrong gradient each belongs.

    Returns
    -------
    ax : Axes
        The Axes with a mark for each.

    Raises
    ------
    ValueError
        If the lengths differ, there is none, or there are more than 6 kinds.

    Examples
    --------
    >>> ax = plot_costs_of_mistakes([1, -1], [0.0, -0.8], ["factor", "sign"])
    >>> ax.get_ylabel()
    'change of accuracy (points)'
    """
    function = "plot_costs_of_mistakes"
    angles = checked_array(cosines, function, "cosines", {1: "(R,)"})
    points = 100 * checked_array(differences, function, "differences", {1: "(R,)"})
    check_some(len(angles), function, "cosines")
    if not len(angles) == len(points) == len(kinds):
        raise ValueError(
            f"{function}: {len(angles)} cosines, {len(points)} differences and {len(kinds)} kinds "
            f"came; give one of each for every wrong gradient."
        )
    order = list(dict.fromkeys(kinds))
    check_few(len(order), len(LOOKS), function, "kinds", "join some")
    figure, ax = plt.subplots(figsize=(WIDTH, 4.2))
    keep_width(figure)
    ax.axvline(0, color=RULE, linewidth=0.9, zorder=1)
    if threshold is not None:
        ax.axhspan(-100 * threshold, 100 * threshold, color=RULE, alpha=0.5, linewidth=0, zorder=0)
    for kind, (color, mark) in zip(order, LOOKS, strict=False):
        here = np.array([name == kind for name in kinds])
        ax.plot(angles[here], points[here], mark, color=color, alpha=0.75, markersize=6, label=kind)
    for text, at in (marked or {}).items():
        side = -1 if angles[at] > 0 else 1
        ax.annotate(
            fit_words([text], 1.8)[0],
            (float(angles[at]), float(points[at])),
            xytext=(side * 9, -3),
            ha="right" if side < 0 else "left",
            textcoords="offset points",
            bbox={"facecolor": PAPER, "alpha": 0.75, "linewidth": 0, "pad": 1},
        )
    ax.set_yscale("symlog", linthresh=2, linscale=0.6)
    low, high = float(points.min()), float(points.max())
    ax.set_ylim(min(1.3 * low, -2.0), max(1.3 * high, 2.0))
    ax.set_xlim(-1.08, 1.08)
    ax.yaxis.set_major_locator(FixedLocator([-80, -40, -20, -10, -5, -2, -1, 0, 1, 2, 5, 10, 20]))
    ax.yaxis.set_minor_locator(FixedLocator([]))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number_text(value, "g")))
    ax.set_xlabel("cosine with the right gradient, first step")
    ax.set_ylabel("change of accuracy (points)")
    ax.grid(axis="y")
    legend_below(ax, 2)
    return ax
