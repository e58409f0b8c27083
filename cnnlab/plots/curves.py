"""Curves and counts: how training went, what a step does, how pixels depend on each other."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.ticker import (
    LogLocator,
    MaxNLocator,
    NullFormatter,
    NullLocator,
    StrMethodFormatter,
)

from cnnlab.plots.canvas import (
    check_few,
    check_some,
    check_titles,
    checked_array,
    keep_width,
    legend_below,
    number_text,
    outline,
)
from cnnlab.plots.style import BLUE, EDGE, INK, LOOKS, PALE, RULE, VERMILION, WIDTH, Array, tint


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
    size = WIDTH, 0.6 + 1.9 * panels
    figure, grid = plt.subplots(
        panels, figsize=size, sharex=True, squeeze=False, layout="constrained"
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
    reach = float(np.ptp(r)) or 1.0
    for place, (name, values) in enumerate(lines.items()):
        color, dashes, mark = LOOKS[place % 6]
        mark = mark if len(r) <= 30 else ""
        ax.plot(r, values, linestyle=dashes, color=color, marker=mark, markersize=4)
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


def plot_step_errors(
    steps: npt.ArrayLike,
    errors: Mapping[str, npt.ArrayLike],
    *,
    guides: Mapping[str, npt.ArrayLike] | None = None,
    least: float = 1e-17,
    ax: Axes | None = None,
) -> Axes:
    """Draw the error of a numerical derivative against its step.

    Both axes are logarithmic. What is below `least`, an error of 0 too, is drawn there.

    Parameters
    ----------
    steps : array_like
        Steps h, greater than 0. Shape (R,).
    errors : mapping of str to array_like
        Errors by name, each of shape (R,): their size counts, not their sign. NaN leaves a gap.
    guides : mapping of str to array_like, optional
        What a theory predicts, by name, each of shape (R,). Thin gray lines with their names.
    least : float, optional
        The lower end of the picture.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    ax : Axes
        The Axes with the curves.

    Raises
    ------
    ValueError
        If a curve has not one value for each step, a step is not greater than 0, or there is no
        curve.

    Examples
    --------
    >>> ax = plot_step_errors([1e-4, 1e-2, 1], {"float64": [1e-12, 1e-5, 0.1]})
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('step h', 'relative error')
    """
    h = checked_array(steps, "plot_step_errors", "steps", {1: "(R,)"})
    if not (h > 0).all():
        raise ValueError("plot_step_errors: a step is not greater than 0; the axis is logarithmic.")
    check_some(len(errors), "plot_step_errors", "errors")
    lines = {}
    for name, values in {**errors, **(guides or {})}.items():
        lines[name] = checked_array(values, "plot_step_errors", name, {1: "(R,)"})
        if len(lines[name]) != len(h):
            raise ValueError(
                f"plot_step_errors: {name} has {len(lines[name])} values but steps has {len(h)}; "
                f"give one for each step."
            )
    if ax is None:
        figure, ax = plt.subplots(figsize=(WIDTH, 4.0))
        keep_width(figure)
    for name in guides or {}:
        ax.plot(h, lines[name], "-", color=EDGE, linewidth=0.9, zorder=1)
    for place, name in enumerate(errors):
        color, dashes, mark = LOOKS[place % 6]
        size = np.maximum(np.abs(lines[name]), least)
        ax.plot(h, size, linestyle=dashes, color=color, marker=mark, markersize=3.5, label=name)
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_ylim(least / 3, 10)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(LogLocator(numticks=5 if axis is ax.xaxis else 7))
        axis.set_minor_formatter(NullFormatter())
        axis.set_minor_locator(NullLocator())
    for name in guides or {}:
        seen = np.flatnonzero((lines[name] > least) & (lines[name] < 10))
        if len(seen):
            # Beside the middle of what is seen: above a line that falls, below one that rises.
            here = seen[len(seen) // 2]
            order = lines[name][seen[np.argsort(h[seen])]]
            ax.annotate(
                name,
                (float(h[here]), float(lines[name][here])),
                xytext=(7, 5 if order[-1] < order[0] else -12),
                textcoords="offset points",
                color=PALE,
            )
    ax.set_xlabel("step h")
    ax.set_ylabel("relative error")
    ax.grid(axis="y")
    legend_below(ax)
    return ax


def plot_slopes(
    Z: npt.ArrayLike, curves: Mapping[str, tuple[npt.ArrayLike, npt.ArrayLike]]
) -> Array:
    """Draw activations above, and their slopes below.

    Parameters
    ----------
    Z : array_like
        Inputs, in rising order. Shape (R,).
    curves : mapping
        For each activation its name, its outputs and its slopes, each of shape (R,). At most 4.
        NaN leaves a gap, as at a kink.

    Returns
    -------
    axes : ndarray of Axes
        Shape (2,): outputs, slopes.

    Raises
    ------
    ValueError
        If there is no curve or more than 4, or one has another shape than `Z`.

    Examples
    --------
    >>> Z = np.linspace(-2, 2, 5)
    >>> axes = plot_slopes(Z, {"square": (Z**2, 2 * Z)})
    >>> [ax.get_ylabel() for ax in axes]
    ['output Y', 'slope']
    """
    inputs = checked_array(Z, "plot_slopes", "Z", {1: "(R,)"})
    check_some(len(curves), "plot_slopes", "curves")
    check_few(len(curves), 4, "plot_slopes", "curves")
    drawn = {
        name: [checked_array(values, "plot_slopes", name, {1: "(R,)"}) for values in pair]
        for name, pair in curves.items()
    }
    for name, pair in drawn.items():
        for values in pair:
            if values.shape != inputs.shape:
                raise ValueError(
                    f"plot_slopes: {name} has shape {values.shape} but Z has {inputs.shape}; "
                    "give one value for each input."
                )
    figure, axes = plt.subplots(2, 1, figsize=(WIDTH, 4.6), sharex=True)
    keep_width(figure)
    for (name, pair), (color, dashes, _) in zip(drawn.items(), LOOKS, strict=False):
        for ax, values in zip(axes, pair, strict=True):
            ax.plot(inputs, values, linestyle=dashes, color=color, label=name)
    for ax, label in zip(axes, ("output Y", "slope"), strict=True):
        ax.set_ylabel(label)
        ax.grid()
        ax.margins(x=0)
    axes[1].set_xlabel("input Z")
    axes[0].legend(loc="upper left")
    return np.asarray(axes)


def show_step(
    rates: npt.ArrayLike,
    losses: npt.ArrayLike,
    slope: float,
    *,
    chosen: float | None = None,
) -> Axes:
    """Draw the loss after one step against the learning rate, and the straight line it starts on.

    Parameters
    ----------
    rates : array_like
        Learning rates, increasing, the first of them 0. Shape (R,), R >= 2.
    losses : array_like
        Loss after a step with each. Shape (R,).
    slope : float
        How the loss changes with the learning rate at 0: minus the sum of the squared gradients.
    chosen : float, optional
        A learning rate to mark, from the first rate to the last.

    Returns
    -------
    ax : Axes
        The Axes with the curve.

    Raises
    ------
    ValueError
        If the lengths differ, `rates` does not increase from 0, or `chosen` lies outside.

    Examples
    --------
    >>> ax = show_step([0, 0.5, 1], [1, 0.6, 0.8], -1.2, chosen=0.5)
    """
    rate = checked_array(rates, "show_step", "rates", {1: "(R,)"})
    loss = checked_array(losses, "show_step", "losses", {1: "(R,)"})
    if len(rate) != len(loss):
        raise ValueError(
            f"show_step: {len(rate)} rates but {len(loss)} losses came; give one loss per rate."
        )
    if len(rate) < 2 or rate[0] != 0 or not (np.diff(rate) > 0).all():
        raise ValueError(
            f"show_step: rates are {rate.tolist()}, need two or more that increase from 0; "
            "sort them and begin with 0."
        )
    if chosen is not None and not 0 <= chosen <= rate[-1]:
        raise ValueError(
            f"show_step: chosen={chosen:g} lies outside the rates, 0 to {rate[-1]:g}; choose one "
            "between."
        )
    figure, ax = plt.subplots(figsize=(WIDTH, 3.1))
    keep_width(figure)
    low, high = float(loss.min()), float(loss.max())
    room = (high - low) or 1.0
    ax.plot(rate, loss, "-", color=BLUE, label="loss after the step")
    # the line as far as the picture goes
    end = min(rate[-1], (loss[0] - low + 0.1 * room) / -slope) if slope < 0 else rate[-1]
    line = np.array([0, end])
    ax.plot(line, loss[0] + slope * line, "--", color=VERMILION, label="first order")
    ax.plot(0, loss[0], "o", color=INK, zorder=4)
    if chosen is not None:
        ax.plot(chosen, np.interp(chosen, rate, loss), "s", color=INK, zorder=4)
        ax.annotate(
            number_text(chosen, "g"),
            (chosen, np.interp(chosen, rate, loss)),
            xytext=(6, 8),
            textcoords="offset points",
        )
    ax.set_ylim(low - 0.15 * room, high + 0.1 * room)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=5))
    ax.set_xlabel("learning rate \N{GREEK SMALL LETTER ETA}")
    ax.set_ylabel("loss L")
    ax.legend(loc="best")
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
        figure, ax = plt.subplots(figsize=(WIDTH, WIDTH))
        keep_width(figure)
    high = max(float(mistakes.max()), 1.0)
    ax.imshow(np.where(mistakes, mistakes, np.nan), cmap=tint(VERMILION), vmin=0, vmax=high)
    for row in range(size):
        for column in range(size):
            right, value = row == column, counts[row, column]
            ax.text(
                column,
                row,
                number_text(value, None),
                ha="center",
                va="center",
                weight="bold" if right else "normal",
                color=INK if right or value else PALE,
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
    losses = np.concatenate(curves).astype(float)
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
