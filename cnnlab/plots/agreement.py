"""Two programs that should agree: in which order numbers lie, and how far results are apart."""

from __future__ import annotations

import math
from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.patches import Rectangle
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from cnnlab.plots.canvas import (
    check_few,
    check_some,
    checked_array,
    keep_width,
    new_canvas,
)
from cnnlab.plots.style import BLUE, INK, LOOKS, RULE, VERMILION, WIDTH

MOST = 18  # numbers in a row that can still be read on a phone
# Of the planes: a strong tint would hide the digits.
FACES = to_rgba(BLUE, 0.12), to_rgba(BLUE, 0.5), to_rgba(VERMILION, 0.12), to_rgba(VERMILION, 0.5)


def show_orders(image: npt.ArrayLike, orders: Mapping[str, tuple[int, int, int]]) -> Axes:
    """Show in which order the numbers of an image lie in memory, one row for each layout.

    Parameters
    ----------
    image : array_like
        The image, with at most 4 planes and 24 numbers. Shape (D, M, N).
    orders : mapping of str to tuple of int
        For each layout the order of the axes: (0, 1, 2) has planes first, (1, 2, 0) planes last.

    Returns
    -------
    ax : Axes
        The Axes, with one cell for each number of each row. Planes have colors of their own.

    Raises
    ------
    ValueError
        If `image` has other axes or is too large, there is no layout, or one is no order of
        three axes.

    Examples
    --------
    >>> ax = show_orders([[[1, 2]], [[3, 4]]], {"first": (0, 1, 2), "last": (1, 2, 0)})
    >>> [text.get_text() for text in ax.texts if text.get_text().isdigit()]
    ['1', '2', '3', '4', '1', '3', '2', '4']
    """
    numbers = checked_array(image, "show_orders", "image", {3: "(D, M, N)"})
    check_some(len(orders), "show_orders", "orders")
    if numbers.size > MOST or len(numbers) > len(FACES):
        raise ValueError(
            f"show_orders: image has shape {numbers.shape}, needs at most {MOST} numbers in "
            f"at most {len(FACES)} planes; show a part of it."
        )
    for name, order in orders.items():
        if sorted(order) != [0, 1, 2]:
            raise ValueError(
                f"show_orders: {name} is {order}, needs 0, 1 and 2 in some order, as (1, 2, 0)."
            )
    planes = np.broadcast_to(np.arange(len(numbers))[:, None, None], numbers.shape)
    side, high = WIDTH / numbers.size, min(0.42, WIDTH / numbers.size)
    _, ax = new_canvas(WIDTH, len(orders) * (high + 0.42))
    for row, (name, order) in enumerate(orders.items()):
        top = row * (high + 0.42) + 0.32
        ax.text(0, top - 0.07, name, va="bottom", color=INK)
        cells = zip(numbers.transpose(order).flat, planes.transpose(order).flat, strict=True)
        for place, (number, plane) in enumerate(cells):
            face, x = FACES[plane], place * side
            corner = (x + 0.01, top)
            ax.add_patch(
                Rectangle(corner, side - 0.02, high, facecolor=face, edgecolor=RULE, linewidth=0.8)
            )
            middle = x + side / 2, top + high / 2
            ax.text(*middle, f"{number:g}", ha="center", va="center", color=INK)
    return ax


def plot_differences(differences: Mapping[str, npt.ArrayLike], *, steps: str = "step") -> Axes:
    """Draw how far two programs are apart after each step, on a logarithmic axis.

    Parameters
    ----------
    differences : mapping of str to array_like
        For each comparison one number for each step, not below 0. Shape (T,). At most 4. Where it
        is 0, the curve has a gap.
    steps : str, optional
        What is counted along the axis.

    Returns
    -------
    ax : Axes
        The Axes, with a curve for each comparison and its name at its right end.

    Raises
    ------
    ValueError
        If there is no comparison or more than 4, or a number is below 0 or no number.

    Examples
    --------
    >>> ax = plot_differences({"float32": [1e-7, 2e-7], "float64": [0, 1e-16]})
    >>> [text.get_text() for text in ax.texts]
    ['float32', 'float64']
    """
    check_some(len(differences), "plot_differences", "differences")
    check_few(len(differences), len(LOOKS), "plot_differences", "curves")
    curves = {
        name: checked_array(values, "plot_differences", name, {1: "(T,)"})
        for name, values in differences.items()
    }
    for name, values in curves.items():
        if not (np.isfinite(values) & (values >= 0)).all():
            raise ValueError(
                f"plot_differences: {name} has a difference that is below 0 or no number; pass "
                f"absolute values, without NaN."
            )
    figure, ax = plt.subplots(figsize=(WIDTH, 3.6))
    keep_width(figure)
    above = [values[values > 0] for values in curves.values()]
    known = np.concatenate([*above, [1.0] if not any(map(len, above)) else []])
    ax.set_yscale("log")
    low, high = (math.log10(bound) for bound in (known.min(), known.max()))
    ax.set_ylim(10 ** (math.floor(low) - 0.3), 10 ** (math.ceil(high) + 0.7))
    for (name, values), (color, dashes, mark) in zip(curves.items(), LOOKS, strict=False):
        count = np.arange(1, len(values) + 1)
        drawn = np.where(values > 0, values, np.nan)
        ax.plot(count, drawn, linestyle=dashes, color=color, marker=mark, markersize=4)
        last = np.flatnonzero(values > 0)[-1:]
        place = (count[last[0]], drawn[last[0]]) if len(last) else (1, known.min())
        ax.annotate(
            name, place, (0, 7), textcoords="offset points", ha="right", va="bottom", color=color
        )
    ax.yaxis.set_major_locator(LogLocator(numticks=9))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel(steps)
    ax.set_ylabel("largest difference")
    ax.grid(axis="y")
    return ax
