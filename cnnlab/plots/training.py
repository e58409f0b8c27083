"""What decides whether a network learns: sizes of gradients, ways down a valley, learning rates."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from cnnlab.plots.canvas import check_few, check_some, checked_array, keep_width, legend_below
from cnnlab.plots.style import INK, LOOKS, PALE, RULE, WIDTH, Array


def plot_layer_sizes(sizes: Mapping[str, npt.ArrayLike], *, name: str = "size") -> Axes:
    """Draw a size for each layer of some networks, on a logarithmic axis.

    Parameters
    ----------
    sizes : mapping of str to array_like
        For each network its name, and a number greater than 0 for each of its layers, the first
        layer first. Each of shape (R,). At most 5 networks.
    name : str, optional
        What is drawn, for the axis.

    Returns
    -------
    ax : Axes
        The Axes with the curves.

    Raises
    ------
    ValueError
        If there is no network or more than 5, or a size is not greater than 0.

    Examples
    --------
    >>> ax = plot_layer_sizes({"fades": [0.01, 0.1, 1], "stays": [0.9, 1.1, 1]}, name="gradient")
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('layer', 'gradient')
    """
    curves = _curves(sizes, "plot_layer_sizes", "sizes", 1, "(R,)")
    for key, values in curves.items():
        if not (values > 0).all():
            raise ValueError(
                f"plot_layer_sizes: {key} has a size of {values.min():g}, but the axis is "
                f"logarithmic; give sizes greater than 0."
            )
    figure, ax = plt.subplots(figsize=(WIDTH, 3.9))
    keep_width(figure)
    for (key, values), (color, dashes, mark) in zip(curves.items(), LOOKS, strict=False):
        layers = np.arange(1, len(values) + 1)
        ax.plot(
            layers, values, linestyle=dashes, color=color, marker=mark, markersize=4.5, label=key
        )
    ax.set_yscale("log")
    ax.yaxis.set_major_locator(LogLocator(numticks=8))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_locator(MaxNLocator(nbins=12, integer=True))
    ax.set_xlabel("layer")
    ax.set_ylabel(name)
    ax.grid(axis="y")
    legend_below(ax)
    return ax


def plot_learning_rates(
    rates: npt.ArrayLike,
    losses: Mapping[str, npt.ArrayLike],
    *,
    guess: float | None = None,
    most: float = 3.0,
) -> Axes:
    """Draw the loss that a training ends with against its learning rate.

    The axis of the rates is logarithmic. A loss above `most`, or one that is not finite, is drawn
    as a cross at the upper edge.

    Parameters
    ----------
    rates : array_like
        Learning rates, greater than 0, increasing. Shape (R,).
    losses : mapping of str to array_like
        For each optimizer its name and its losses, in nats. Each of shape (R,). At most 5.
    guess : float, optional
        The loss of a network that has learned nothing: a dashed line.
    most : float, optional
        The upper edge of the picture.

    Returns
    -------
    ax : Axes
        The Axes with the curves.

    Raises
    ------
    ValueError
        If there is no curve or more than 5, one has not one loss for each rate, or the rates do not
        increase from above 0.

    Examples
    --------
    >>> ax = plot_learning_rates([0.01, 0.1, 1], {"SGD": [2, 0.5, np.inf]}, guess=2.3)
    >>> ax.get_xscale(), ax.get_ylabel()
    ('log', 'loss (nats)')
    """
    rate = checked_array(rates, "plot_learning_rates", "rates", {1: "(R,)"})
    if not (rate > 0).all() or not (np.diff(rate) > 0).all():
        raise ValueError(
            f"plot_learning_rates: rates are {rate.tolist()}, but they must increase from above 0; "
            f"sort them, and leave 0 out."
        )
    curves = _curves(losses, "plot_learning_rates", "losses", 1, "(R,)")
    for key, values in curves.items():
        if len(values) != len(rate):
            raise ValueError(
                f"plot_learning_rates: {key} has {len(values)} losses but rates has {len(rate)}; "
                f"give one loss for each rate."
            )
    figure, ax = plt.subplots(figsize=(WIDTH, 3.4))
    keep_width(figure)
    if guess is not None:
        ax.axhline(guess, color=RULE, linestyle="--", linewidth=1)
        ax.annotate(
            "a guess",
            (rate[len(rate) // 2], guess),
            xytext=(0, 4),
            textcoords="offset points",
            ha="center",
            color=PALE,
        )
    for (key, values), (color, dashes, mark) in zip(curves.items(), LOOKS, strict=False):
        lost = ~(values <= most)  # NaN, too
        height = np.where(lost, most, values)
        ax.plot(rate, height, linestyle=dashes, color=color, marker=mark, markersize=4.5, label=key)
        if lost.any():
            (cross,) = ax.plot(rate[lost], height[lost], "x", color=INK, markersize=9, zorder=5)
            cross.set_clip_on(False)
    ax.set_xscale("log")
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_ylim(0, most)
    ax.set_xlabel("learning rate \N{GREEK SMALL LETTER ETA}")
    ax.set_ylabel("loss (nats)")
    ax.grid(axis="y")
    legend_below(ax, 2)
    return ax


def show_descents(curvature: tuple[float, float], paths: Mapping[str, npt.ArrayLike]) -> Array:
    """Draw ways down a valley, each over the lines of equal loss.

    The loss is ``(curvature[0] * w[0] ** 2 + curvature[1] * w[1] ** 2) / 2``.

    Parameters
    ----------
    curvature : pair of float
        How steep the valley is along both axes, each greater than 0.
    paths : mapping of str to array_like
        For each optimizer its name and the places it visits, the start first. Each of shape (T, 2).
        At most 5.

    Returns
    -------
    axes : ndarray of Axes
        One for each path, two in a row.

    Raises
    ------
    ValueError
        If there is no path or more than 5, a path is not of such a shape, or a curvature is not
        greater than 0.

    Examples
    --------
    >>> axes = show_descents((1, 4), {"SGD": [[4, 1], [2, -1], [1, 1]]})
    >>> axes[0].get_title()
    'SGD'
    """
    steep = checked_array(curvature, "show_descents", "curvature", {1: "(2,)"})
    if steep.shape != (2,) or not (steep > 0).all():
        raise ValueError(
            f"show_descents: curvature={steep.tolist()}, but two numbers greater than 0 are "
            f"needed; give one for each axis of a path."
        )
    ways = _curves(paths, "show_descents", "paths", 2, "(T, 2)")
    for key, way in ways.items():
        if way.shape[1] != 2:
            raise ValueError(
                f"show_descents: {key} has shape {way.shape}, but a place has two numbers; "
                f"give it the shape (T, 2)."
            )
    reach = np.max([np.abs(way).max(axis=0) for way in ways.values()], axis=0) * 1.15
    rows = -(-len(ways) // 2)
    figure, grid = plt.subplots(
        rows, 2, figsize=(WIDTH, 2.0 * rows), sharex=True, sharey=True, squeeze=False,
        layout="constrained",
    )  # fmt: skip
    keep_width(figure)
    x, y = np.meshgrid(*(np.linspace(-end, end, 61) for end in reach))
    root = np.sqrt((steep[0] * x**2 + steep[1] * y**2) / 2)
    for ax, (key, way), (color, _, _) in zip(grid.flat, ways.items(), LOOKS, strict=False):
        ax.contour(x, y, root, levels=8, colors=RULE, linewidths=0.6)
        ax.plot(*way.T, "-", color=color, marker="o", markersize=3)
        ax.plot(*way[0], "o", color=INK, markersize=6, zorder=4)
        ax.plot(0, 0, "+", color=INK, markersize=9, zorder=4)
        ax.set_title(key)
    for ax in grid.flat[len(ways) :]:
        ax.set_axis_off()
    for ax in grid[-1]:
        ax.set_xlabel("$w[0]$")
    for ax in grid[:, 0]:
        ax.set_ylabel("$w[1]$")
    axes: Array = grid.ravel()[: len(ways)]
    return axes


def _curves(
    given: Mapping[str, npt.ArrayLike], function: str, name: str, rank: int, shape: str
) -> dict[str, Array]:
    """Return the arrays by name: some, and not more than there are looks."""
    check_some(len(given), function, name)
    check_few(len(given), len(LOOKS), function, name)
    return {
        key: checked_array(values, function, key, {rank: shape}) for key, values in given.items()
    }
