"""What a network looks at, how far it may be moved, and how sure it may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from cnnlab.plots.canvas import (
    axes_array,
    check_few,
    check_some,
    check_titles,
    checked_array,
    checked_gray,
    draw_image,
    draw_signed,
    gray_limits,
    keep_width,
    legend_below,
    signed_limits,
)
from cnnlab.plots.style import BLUE, INK, LOOKS, PALE, VERMILION, WIDTH, Array


def show_influence(
    X: npt.ArrayLike,
    maps: Mapping[str, npt.ArrayLike],
    *,
    titles: Sequence[str] | None = None,
) -> Array:
    """Show images, each with signed maps of what its pixels do; a line goes around the ink.

    Every map has a scale of its own, symmetric about 0: blue below, white at 0, red above.

    Parameters
    ----------
    X : array_like
        Gray images. Shape (B, 1, M, N) or (B, M, N).
    maps : mapping of str to array_like
        Maps by name, one for each image. Shape (B, M, N), or (B, M', N') of windows: these are
        laid in the middle of the image.
    titles : sequence of str, optional
        A text for each image.

    Returns
    -------
    axes : ndarray of Axes
        Shape (B, 1 + number of maps): image after image, its maps behind it.

    Raises
    ------
    ValueError
        If a rank or depth is wrong, or there is not one map for each image.

    Examples
    --------
    >>> axes = show_influence(np.eye(4)[None], {"gradient": np.ones((1, 4, 4))})
    >>> [ax.get_title() for ax in axes[0]]
    ['image', 'gradient']
    """
    images = checked_gray(X, "show_influence", hint="pass X.mean(axis=1) for color.")
    check_some(len(maps), "show_influence", "maps")
    count, M, N = images.shape
    check_titles(titles, count, "show_influence")
    signed = {
        name: checked_array(values, "show_influence", f"maps[{name!r}]", {3: "(B, M, N)"})
        for name, values in maps.items()
    }
    for name, values in signed.items():
        if len(values) != count:
            raise ValueError(
                f"show_influence: maps[{name!r}] has {len(values)} maps for {count} images; give "
                "one for each."
            )
    across = 1 + len(maps)
    side = min(WIDTH / across - 0.08, 1.7)
    figure = plt.figure(figsize=(WIDTH, count * (side * M / N + 0.08) + 0.3), layout="compressed")
    keep_width(figure)
    axes = figure.subplots(count, across, squeeze=False)
    for s in range(count):
        draw_image(axes[s, 0], images[s], gray_limits(images))
        if titles is not None:
            axes[s, 0].set_ylabel(titles[s])
        for ax, values in zip(axes[s, 1:], signed.values(), strict=True):
            _draw_around(ax, images[s], values[s])
    for ax, name in zip(axes[0], ("image", *signed), strict=True):
        ax.set_title(name)
    return axes


def _draw_around(ax: Axes, image: Array, values: Array) -> None:
    """Draw a signed map in the middle of the square of its image, and a line around the ink."""
    (M, N), (rows, columns) = image.shape, values.shape
    draw_signed(ax, values, signed_limits(values))
    left, top = (N - columns) / 2 - 0.5, (M - rows) / 2 - 0.5
    ax.images[0].set_extent((left, left + columns, top + rows, top))
    ink = image > (image.min() + image.max()) / 2
    if ink.any() and not ink.all():
        ax.contour(ink, levels=[0.5], colors=INK, linewidths=0.8)
    ax.set_xlim(-0.5, N - 0.5)
    ax.set_ylim(M - 0.5, -0.5)


def plot_shifts(
    columns: npt.ArrayLike, accuracies: Mapping[str, npt.ArrayLike], *, chance: float = 0.1
) -> Axes:
    """Draw how many images networks still read when these are moved.

    Parameters
    ----------
    columns : array_like
        How far the images were moved, in pixels, in rising order. Shape (R,).
    accuracies : mapping of str to array_like
        For each network, which part it reads, 0 to 1. Shape (R,). At most 6.
    chance : float, optional
        Which part a guess reads.

    Returns
    -------
    ax : Axes
        The Axes with the curves, in per cent.

    Raises
    ------
    ValueError
        If there is no curve or more than 6, or one has not one value for each move.

    Examples
    --------
    >>> ax = plot_shifts([0, 1, 2], {"dense": [0.9, 0.8, 0.6]})
    >>> ax.get_ylabel()
    'read correctly (%)'
    """
    moves = checked_array(columns, "plot_shifts", "columns", {1: "(R,)"})
    check_some(len(accuracies), "plot_shifts", "accuracies")
    check_few(len(accuracies), len(LOOKS), "plot_shifts", "curves")
    figure, ax = plt.subplots(figsize=(WIDTH, 4.7))
    keep_width(figure)
    for (name, values), (color, dashes, mark) in zip(accuracies.items(), LOOKS, strict=False):
        shares = checked_array(values, "plot_shifts", name, {1: "(R,)"})
        if len(shares) != len(moves):
            raise ValueError(
                f"plot_shifts: {name} has {len(shares)} values, needs {len(moves)}; give one for "
                "each of columns."
            )
        ax.plot(
            moves,
            100 * shares,
            linestyle=dashes,
            color=color,
            marker=mark,
            markersize=4,
            label=name,
        )
    ax.axhline(100 * chance, color=PALE, linewidth=0.8, linestyle=(0, (1, 2)), label="a guess")
    ax.set_ylim(0, 100)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel("moved by (pixels)")
    ax.set_ylabel("read correctly (%)")
    ax.grid(axis="y")
    legend_below(ax)
    return ax


def plot_calibration(
    confidence: npt.ArrayLike, accuracy: npt.ArrayLike, counts: npt.ArrayLike
) -> Array:
    """Draw how often a network is right against how sure it is, and how many samples say so.

    On the dotted line it is right as often as it says; below it, it is too sure.

    Parameters
    ----------
    confidence, accuracy : array_like
        Mean confidence and accuracy of each bin, 0 to 1; NaN in an empty bin. Shape (R,).
    counts : array_like of int
        How many samples are in each bin. Shape (R,).

    Returns
    -------
    axes : ndarray of Axes
        Shape (2,): the accuracies above, the counts below, on a logarithmic axis.

    Raises
    ------
    ValueError
        If the three differ in length.

    Examples
    --------
    >>> axes = plot_calibration([np.nan, 0.8], [np.nan, 0.7], [0, 30])
    >>> [ax.get_ylabel() for ax in axes]
    ['accuracy', 'samples']
    """
    given = {"confidence": confidence, "accuracy": accuracy, "counts": counts}
    sure, right, many = (
        checked_array(values, "plot_calibration", name, {1: "(R,)"})
        for name, values in given.items()
    )
    if not len(sure) == len(right) == len(many):
        raise ValueError(
            f"plot_calibration: {len(sure)} values of confidence, {len(right)} of accuracy and "
            f"{len(many)} counts came; give one of each for every bin."
        )
    figure, (above, below) = plt.subplots(
        2, figsize=(WIDTH, 4.6), sharex=True, height_ratios=(3, 1), layout="constrained"
    )
    keep_width(figure)
    above.plot([0, 1], [0, 1], color=PALE, linestyle=(0, (1, 2)), label="as sure as right")
    known = many > 0
    above.vlines(sure[known], sure[known], right[known], color=VERMILION, linewidth=1.5)
    above.plot(sure[known], right[known], "o", color=BLUE, label="this network")
    above.set_ylim(0, 1.03)
    above.set_ylabel("accuracy")
    above.grid(axis="y")
    above.legend(loc="lower right")
    R = len(many)
    below.bar((np.arange(R) + 0.5) / R, many, 0.9 / R, color=BLUE)
    below.set_yscale("symlog", linthresh=1)
    below.set_xlim(0, 1.01)
    below.set_ylabel("samples")
    below.set_xlabel("confidence")
    return axes_array([above, below])
