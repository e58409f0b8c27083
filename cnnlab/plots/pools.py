"""How max-pooling goes forward and back: which pixel won each window, and what it gets for it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch

from cnnlab.plots.canvas import (
    cell_words,
    checked_array,
    draw_cells,
    draw_indices,
    gray_limits,
    new_canvas,
    outline,
    signed_limits,
)
from cnnlab.plots.style import BLUE, VERMILION, WIDTH, Array, Limits, letter_color

LABEL, BETWEEN, HEAD = 0.26, 0.85, 0.5  # in inches: index numbers, arrows, name and indices


def show_winners(
    image: npt.ArrayLike,
    result: npt.ArrayLike,
    argmax: npt.ArrayLike,
    upstream: npt.ArrayLike,
    gradient: npt.ArrayLike,
    *,
    fmt: str | None = None,
) -> Axes:
    """Show the winners of all windows: forward as copies, backward as the pixels that are paid.

    Above, an arrow leads from the pixel that won a window to the entry of `result`; below, an arrow
    leads from each entry of `upstream` back to that pixel. Equations (eq-max-pool) and
    (eq-max-pool-dX).

    Parameters
    ----------
    image : array_like
        One plane X, shape (M, N).
    result : array_like
        Its maxima Y, shape (M', N').
    argmax : array_like of int
        Where each of them stood, p * N + q. Shape (M', N').
    upstream : array_like
        Gradient of the loss with respect to `result`, shape (M', N').
    gradient : array_like
        Gradient of the loss with respect to `image`, shape (M, N).
    fmt : str, optional
        Format of the numbers, as in `show_grid`.

    Returns
    -------
    ax : Axes
        The Axes with all four arrays.

    Raises
    ------
    ValueError
        If the shapes do not fit together, or `result` or `gradient` is not what `argmax` makes of
        the others: a picture must not print a wrong number.

    Examples
    --------
    >>> ax = show_winners([[1, 5, 2]], [[5, 5]], [[1, 1]], [[3, 4]], [[0, 7, 0]])
    >>> len([patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)])
    4
    """
    X = checked_array(image, "show_winners", "image", {2: "(M, N)"})
    Y = checked_array(result, "show_winners", "result", {2: "(M', N')"})
    dY = checked_array(upstream, "show_winners", "upstream", {2: "(M', N')"})
    dX = checked_array(gradient, "show_winners", "gradient", {2: "(M, N)"})
    places = checked_array(argmax, "show_winners", "argmax", {2: "(M', N')"})
    for name, array, needed in (
        ("argmax", places, Y.shape),
        ("upstream", dY, Y.shape),
        ("gradient", dX, X.shape),
    ):
        if array.shape != needed:
            raise ValueError(
                f"show_winners: {name} has shape {array.shape}, needs {needed}; pass what "
                f"max_pool2d and max_pool2d_dX returned for this image."
            )
    if not np.all(np.isin(places, np.arange(X.size))):
        raise ValueError(
            f"show_winners: argmax must hold whole numbers from 0 to {X.size - 1} for an image of "
            f"shape {X.shape}; choose windows that all contain a pixel."
        )
    flat = places.astype(int)
    paid = np.zeros(X.size)
    np.add.at(paid, flat.ravel(), dY.ravel())
    for name, array, right in (
        ("result", Y, X.ravel()[flat]),
        ("gradient", dX, paid.reshape(X.shape)),
    ):
        if not np.allclose(array, right, rtol=1e-4, atol=1e-6):
            raise ValueError(
                f"show_winners: {name} is not what argmax makes of the other arrays; pass what "
                f"max_pool2d and max_pool2d_dX returned for this image."
            )
    winners = [divmod(int(place), X.shape[1]) for place in flat.ravel()]
    return _draw_winners(X, Y, dY, dX, winners, fmt)


def _draw_winners(
    X: Array, Y: Array, dY: Array, dX: Array, winners: Sequence[tuple[int, int]], fmt: str | None
) -> Axes:
    """Draw X and Y above, dX and dY below, and the arrows; one unit is one inch, rows go down."""
    (M, N), (rows, columns) = X.shape, Y.shape
    cell = min(0.46, (WIDTH - 2 * LABEL - BETWEEN - 0.1) / (N + columns))
    block = max(M, rows) * cell
    _, ax = new_canvas(WIDTH, 2 * (HEAD + block + 0.1))
    left = (WIDTH - 2 * LABEL - BETWEEN - (N + columns) * cell) / 2 + LABEL
    right = left + N * cell + BETWEEN + LABEL
    for line, (pixels, entries, names) in enumerate(
        ((X, Y, ("X", "Y")), (dX, dY, (r"\partial L / \partial X", r"\partial L / \partial Y")))
    ):
        top = HEAD + line * (HEAD + block + 0.1)
        tops = top + (block - M * cell) / 2, top + (block - rows * cell) / 2
        signed = line == 1
        limits = signed_limits(np.append(dX, dY)) if signed else gray_limits(X)
        for array, x, y, name in zip((pixels, entries), (left, right), tops, names, strict=True):
            _plane(ax, array, (x, y), cell, fmt, signed, limits, name)
        for place, (p, q) in enumerate(winners):
            i, j = divmod(place, columns)
            pixel = left + (q + 0.5) * cell, tops[0] + (p + 0.5) * cell
            entry = right + (j + 0.5) * cell, tops[1] + (i + 0.5) * cell
            ends, color = ((entry, pixel), VERMILION) if signed else ((pixel, entry), BLUE)
            # Bent away from the middle, so that fewer digits lie under it.
            bend = 0.16 * np.sign((rows - 1) / 2 - i) * (1 if signed else -1)
            _arrow(ax, *ends, color, 0.3 * cell, bend)
        for p, q in set(winners):
            color = VERMILION if signed else BLUE
            outline(ax, left + q * cell, tops[0] + p * cell, cell, cell, color)
    return ax


def _plane(
    ax: Axes,
    matrix: Array,
    corner: tuple[float, float],
    cell: float,
    fmt: str | None,
    signed: bool,
    limits: Limits,
    name: str,
) -> None:
    """Draw one array with its name and index numbers."""
    words = cell_words(matrix, fmt)
    color = letter_color(name)
    draw_cells(ax, matrix, *corner, cell, words=words, signed=signed, limits=limits, color=color)
    rows, columns = matrix.shape
    draw_indices(ax, rows, columns, *corner, cell)
    middle = corner[0] + columns * cell / 2
    ax.text(middle, corner[1] - 0.36, f"${name}$", ha="center", va="center", color=color)


def _arrow(
    ax: Axes,
    start: tuple[float, float],
    end: tuple[float, float],
    color: str,
    short: float,
    bend: float,
) -> None:
    """Draw an arrow from cell to cell; it leaves the digits at both ends free."""
    arrow = FancyArrowPatch(
        start,
        end,
        arrowstyle="-|>",
        mutation_scale=9,
        connectionstyle=f"arc3,rad={bend}",
        shrinkA=72 * short,
        shrinkB=72 * short,
        color=color,
        alpha=0.75,
        linewidth=1.1,
        zorder=5,
    )
    ax.add_patch(arrow)
