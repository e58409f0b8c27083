"""Curves and counts: how training went, how pixels depend on each other."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, StrMethodFormatter

from cnnlab.plots.canvas import (
    check_some,
    check_titles,
    checked_array,
    keep_width,
    number_text,
    outline,
)
from cnnlab.plots.style import BLUE, INK, PALE, PURPLE, RULE, VERMILION, WIDTH, Array


def plot_losses(
    train_loss: npt.ArrayLike,
    test_loss: npt.ArrayLike | None = None,
    accuracy: npt.ArrayLike | None = None,
    *,
    train_accuracy: npt.ArrayLike | None = None,
    names: tuple[str, str] = ("training", "test"),
    steps: str = "epoch",
) -> Array:
    """Draw how the loss falls and the accuracy rises during training.

    The axis of the loss is logarithmic once the largest loss is more than four times the
    smallest, so that late progress is seen beside early progress; otherwise it starts at 0.

    Parameters
    ----------
    train_loss : array_like
        Loss on the training samples for each epoch (or step), in nats. Shape (E,).
    test_loss : array_like, optional
        Loss on samples that the model does not learn from, in nats. Shape (E,).
    accuracy : array_like, optional
        Fraction of the test samples that are recognised, in [0, 1]. Shape (E,).
    train_accuracy : array_like, optional
        The same for the training samples. Shape (E,).
    names : tuple of str, optional
        What the two sets of samples are called.
    steps : str, optional
        What is counted along the axis: "epoch" or "step".

    Returns
    -------
    axes : ndarray of Axes
        Shape (1,), or (2,) with an accuracy: the loss above, the accuracy in per cent below.

    Raises
    ------
    ValueError
        If a curve does not have 1 axis, or their lengths differ.

    Examples
    --------
    >>> axes = plot_losses([2.3, 0.7, 0.4], [1.1, 0.6, 0.5], [0.7, 0.8, 0.9])
    >>> [ax.get_ylabel() for ax in axes]
    ['loss (nats)', 'accuracy (%)']
    """
    given = {
        "train_loss": train_loss,
        "test_loss": test_loss,
        "train_accuracy": train_accuracy,
        "accuracy": accuracy,
    }
    curves = {
        name: checked_array(values, "plot_losses", name, {1: "(E,)"})
        for name, values in given.items()
        if values is not None
    }
    length = len(curves["train_loss"])
    for name, values in curves.items():
        if len(values) != length:
            raise ValueError(
                f"plot_losses: {name} has {len(values)} values but train_loss has {length}; "
                f"give one of each for every {steps}."
            )
    panels = 1 + any("accuracy" in name for name in curves)
    figure, grid = plt.subplots(
        panels, 1, figsize=(WIDTH, 0.6 + 1.9 * panels), sharex=True, squeeze=False
    )
    keep_width(figure)
    axes: Array = grid[:, 0]
    count = np.arange(1, length + 1)
    for name, values in curves.items():
        second = not name.startswith("train")
        lower = "accuracy" in name
        axes[int(lower)].plot(
            count,
            100 * values if lower else values,
            "--" if second else "-",
            color=VERMILION if second else BLUE,
            marker="" if length > 30 else "s" if second else "o",
            label=names[second],
        )
    axes[0].set_ylabel("loss (nats)" if len(curves) > 1 else f"{names[0]} loss (nats)")
    _scale_losses(axes[0], [values for name, values in curves.items() if "loss" in name])
    if panels == 2:
        axes[1].set_ylabel("accuracy (%)")
        axes[1].set_ylim(top=100)
    for ax in axes:
        ax.grid(axis="y")
        ax.margins(x=0.03)
        if len(curves) > 1:
            ax.legend()
    axes[-1].set_xlabel(steps)
    axes[-1].xaxis.set_major_locator(MaxNLocator(integer=True))
    return axes


def plot_correlation(
    distance: npt.ArrayLike,
    correlation: Mapping[str, npt.ArrayLike] | npt.ArrayLike,
    *,
    ax: Axes | None = None,
) -> Axes:
    """Draw the correlation of two pixels against their distance.

    Parameters
    ----------
    distance : array_like
        Distances in pixels. Shape (R,).
    correlation : mapping of str to array_like, or array_like
        Curves by name, each of shape (R,), or one curve without a name. A name stands at the end
        of its line.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    ax : Axes
        The Axes with the curves.

    Raises
    ------
    ValueError
        If a curve has not one value for each distance.

    Examples
    --------
    >>> ax = plot_correlation([0, 1, 2], {"photograph": [1, 0.9, 0.8], "noise": [1, 0, 0]})
    >>> [text.get_text() for text in ax.texts]
    ['photograph', 'noise']
    """
    r = checked_array(distance, "plot_correlation", "distance", {1: "(R,)"})
    curves = correlation if isinstance(correlation, Mapping) else {"": correlation}
    lines = {
        name: checked_array(values, "plot_correlation", name or "correlation", {1: "(R,)"})
        for name, values in curves.items()
    }
    check_some(len(lines), "plot_correlation", "correlation")
    for name, values in lines.items():
        if len(values) != len(r):
            raise ValueError(
                f"plot_correlation: {name or 'correlation'} has {len(values)} values but distance "
                f"has {len(r)}; give one for each distance."
            )
    if ax is None:
        figure, ax = plt.subplots(figsize=(WIDTH, 3.2))
        keep_width(figure)
    low = min(0.0, min(float(np.nanmin(values)) for values in lines.values()))
    ax.axhline(0, color=RULE, linewidth=0.8)
    ends = _spread([float(values[-1]) for values in lines.values()], (1 - low) * 0.085)
    marks, dashes = ("o", "s", "^", "D", "v", "P"), ("-", "--", "-.", ":", "-", "--")
    colors = (BLUE, VERMILION, "#007A58", PURPLE, "#B07700", INK)
    reach = float(np.ptp(r)) or 1.0
    for place, (name, values) in enumerate(lines.items()):
        color = colors[place % 6]
        mark = marks[place % 6] if len(r) <= 30 else ""
        ax.plot(r, values, dashes[place % 6], color=color, marker=mark, markersize=4)
        if name:
            ax.annotate(
                name,
                (float(r[-1]) + 0.05 * reach, ends[place]),
                color=color,
                va="center",
                annotation_clip=False,
            )
    ax.set_xlabel("distance (pixels)")
    ax.set_ylabel("correlation")
    ax.set_ylim(low - 0.05, 1.05)
    ax.margins(x=0.03)  # the grid ends before the names begin
    ax.grid(axis="y")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    return ax


def show_confusion(
    matrix: npt.ArrayLike,
    *,
    labels: Sequence[Any] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Show how often each class was taken for each other one.

    The color scale belongs to the mistakes alone; the diagonal, what was right, is framed.

    Parameters
    ----------
    matrix : array_like
        Counts, one row for each true class and one column for each predicted class. Shape (C, C).
    labels : sequence, optional
        Names of the classes; the digits 0 to C - 1 by default.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    ax : Axes
        The Axes with the table.

    Raises
    ------
    ValueError
        If `matrix` is not square, or the number of labels differs.

    Examples
    --------
    >>> ax = show_confusion([[9, 1], [0, 10]], labels=["cat", "dog"])
    >>> [text.get_text() for text in ax.texts]
    ['9', '1', '0', '10']
    """
    counts = checked_array(matrix, "show_confusion", "matrix", {2: "(C, C)"})
    if counts.shape[0] != counts.shape[1]:
        raise ValueError(
            f"show_confusion: matrix has shape {counts.shape}, needs (C, C); "
            "one row and one column for each class."
        )
    size = len(counts)
    check_titles(labels, size, "show_confusion", "labels", "classes")
    names = [str(name) for name in (labels if labels is not None else range(size))]
    mistakes = np.where(np.eye(size, dtype=bool), 0, counts)
    if ax is None:
        figure, ax = plt.subplots(figsize=(WIDTH, WIDTH * 0.96))
        keep_width(figure)
    high = max(float(mistakes.max()), 1.0)
    ax.imshow(np.where(mistakes, mistakes, np.nan), cmap="Oranges", vmin=0, vmax=1.6 * high)
    for row in range(size):
        for column in range(size):
            right, value = row == column, counts[row, column]
            ax.text(
                column,
                row,
                number_text(value, None),
                ha="center",
                va="center",
                fontsize=10,
                weight="bold" if right else "normal",
                color=INK if right or value else "#767676",
            )
        outline(ax, row - 0.5, row - 0.5, 1, 1, PALE, width=1.0, casing=False)
    ax.set_xticks(range(size), names)
    ax.set_yticks(range(size), names)
    ax.tick_params(length=0)
    ax.spines[:].set(visible=True, color=RULE, linewidth=0.6)
    ax.set_xlabel("read as")
    ax.set_ylabel("true digit" if labels is None else "true class")
    return ax


def _scale_losses(ax: Axes, curves: Sequence[Array]) -> None:
    """Choose between a logarithmic axis, with plain numbers, and one from 0."""
    losses = np.concatenate(curves)
    if not 0 < 4 * np.nanmin(losses, initial=np.inf) < np.nanmax(losses, initial=0.0) < np.inf:
        ax.set_ylim(bottom=0)
        return
    ax.set_yscale("log")
    ax.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    ax.yaxis.set_minor_formatter(NullFormatter())


def _spread(values: Sequence[float], least: float) -> list[float]:
    """Move values apart until neighbors differ by `least`, as little as possible."""
    order = np.argsort(values, kind="stable")
    moved = np.array(values, dtype=float)
    for lower, upper in itertools.pairwise(order):
        moved[upper] = max(moved[upper], moved[lower] + least)
    return [float(value) for value in moved]
