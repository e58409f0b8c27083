"""Which numbers an array holds: one small array, each entry a cell with its number in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from cnnlab import shapes
from cnnlab.plots.canvas import (
    cell_side,
    cell_words,
    check_some,
    check_titles,
    checked_array,
    draw_cells,
    draw_indices,
    draw_padding,
    new_canvas,
    outline,
)
from cnnlab.plots.style import BLUE, GREEN, PALE, PAPER, PURPLE, VERMILION, WIDTH
from cnnlab.typing import Flag, Integer, Padding, Pair

OUTLINES = VERMILION, BLUE, GREEN, PURPLE  # of the first rectangle, the second and so on


def show_grid(
    matrix: npt.ArrayLike,
    *,
    ax: Axes | None = None,
    title: str | None = None,
    highlight: Sequence[Any] | None = None,
    fmt: str | None = None,
    signed: bool = False,
    indices: tuple[str, str] | None = None,
    color: str = PALE,
) -> Axes:
    """Show a small matrix with its numbers written into the cells.

    Parameters
    ----------
    matrix : array_like
        Shape (M, N). A cell that is NaN stays empty.
    ax : Axes, optional
        Where to draw; a new figure by default. One cell is one unit of the Axes.
    title : str, optional
        Text above the matrix.
    highlight : tuple of int or sequence of tuples, optional
        Rectangles to outline, each (row, column, rows, columns).
    fmt : str, optional
        Format of the numbers, such as ".2f"; by default whole numbers stay whole and others get
        two decimals.
    signed : bool, optional
        Color by sign with symmetric limits; by default a tint, the
        stronger the larger.
    indices : tuple of str, optional
        Letters of the two indices, such as ("p", "q"), written beside the index numbers.
    color : str, optional
        Color of the frame, and of cells that are not colored by sign.

    Returns
    -------
    ax : Axes
        The Axes with the cells.

    Raises
    ------
    ValueError
        If `matrix` does not have 2 axes, or a rectangle leaves it.

    Examples
    --------
    >>> ax = show_grid([[1, 2], [0, 3]], highlight=(0, 0, 1, 2))
    >>> [text.get_text() for text in ax.texts][:4]
    ['1', '2', '0', '3']
    """
    cells = checked_array(matrix, "show_grid", "matrix", {2: "(M, N)"})
    rectangles = _rectangles(highlight, cells.shape, "show_grid")
    rows, columns = cells.shape
    words = cell_words(cells, fmt)
    if ax is None:
        named = 0.22 * (indices is not None)
        left, above = 0.38 + named, 0.35 + named + 0.3 * (title is not None)
        cell = min(max(0.4, cell_side(words)), (WIDTH - left - 0.05) / columns)
        _, ax = new_canvas(WIDTH, above + rows * cell + 0.05)
        x = max((WIDTH - columns * cell) / 2, left)
    else:
        above, cell, x = 0.0, 1.0, 0.0
        ax.set_aspect("equal")
        ax.set_axis_off()
        ax.set_xlim(-0.8, columns + 0.1)
        ax.set_ylim(rows + 0.1, -0.8 - 0.5 * (indices is not None))
    draw_cells(ax, cells, x, above, cell, words=words, signed=signed, color=color)
    draw_indices(ax, rows, columns, x, above, cell, letters=indices)
    for place, (row, column, high, wide) in enumerate(rectangles):
        color = OUTLINES[place % 4]
        outline(ax, x + column * cell, above + row * cell, wide * cell, high * cell, color)
    if title is not None:
        if above:
            ax.text(x + columns * cell / 2, 0.15, title, ha="center", va="center")
        else:
            ax.set_title(title)
    return ax


def show_windows(
    image: npt.ArrayLike,
    size: Pair,
    positions: Sequence[Sequence[Integer]] | npt.NDArray[np.integer[Any]],
    *,
    stride: Pair = 1,
    padding: Padding = 0,
    dilation: Pair = 1,
    ceil_mode: Flag = False,
    fmt: str | None = None,
) -> Axes:
    """Show where windows stand on an image and its padding, equation (eq-geometry).

    Padding is pale blue and empty; what hangs over it with `ceil_mode` stays white. With a
    dilation, a dot marks each pixel that belongs to a window.

    Parameters
    ----------
    image : array_like
        One plane, shape (M, N), with rows p and columns q.
    size : int or pair of int
        Height m and width n of a window.
    positions : sequence of pair of int
        Which windows to outline, each (i, j), at least one.
    stride, padding, dilation, ceil_mode : optional
        As for `cnnlab.reference.max_pool2d`, but `stride` is 1 when left out.
    fmt : str, optional
        Format of the numbers, see `show_grid`.

    Returns
    -------
    ax : Axes
        The Axes with the image and the windows.

    Raises
    ------
    ValueError
        If `image` does not have 2 axes, the windows do not fit, or there is no such position.
    TypeError
        If an option is of a wrong type.

    Examples
    --------
    >>> ax = show_windows([[1, 2, 3]], (1, 3), [(0, 0), (0, 1)], stride=2, padding=(0, 1))
    >>> [text.get_text() for text in ax.texts][:3]
    ['1', '2', '3']
    """
    cells = checked_array(image, "show_windows", "image", {2: "(M, N)"})
    (m, n), geometry = shapes.pool_geometry(
        "show_windows",
        (1, 1, *cells.shape),
        size,
        stride=stride,
        padding=padding,
        dilation=dilation,
        ceil_mode=ceil_mode,
    )
    corners = [_window_corner(position, geometry) for position in positions]
    check_some(len(corners), "show_windows", "positions")
    (top, bottom), (left, right) = geometry.padding
    high, wide = shapes.window_extent((m, n), geometry.dilation)
    padded = cells.shape[0] + top + bottom, cells.shape[1] + left + right
    rows = max([padded[0], *(row + high for row, _ in corners)])
    columns = max([padded[1], *(column + wide for _, column in corners)])
    words = cell_words(cells, fmt)
    cell, above = min(0.4, (WIDTH - 1.1) / columns), 0.57
    x = (WIDTH - columns * cell) / 2
    _, ax = new_canvas(WIDTH, above + rows * cell + 0.05)
    draw_padding(ax, *padded, x, above, cell)
    corner = x + left * cell, above + top * cell
    draw_cells(ax, cells, *corner, cell, words=words, signed=False, color=BLUE)
    draw_indices(ax, *padded, x, above, cell, letters=("p", "q"), first=(-top, -left))
    for place, (row, column) in enumerate(corners):
        color = OUTLINES[place % 4]
        inset = 0.03 * (place % 4)  # windows that share an edge stay apart
        outline(
            ax,
            x + column * cell + inset,
            above + row * cell + inset,
            wide * cell - 2 * inset,
            high * cell - 2 * inset,
            color,
        )
        if geometry.dilation != (1, 1):
            steps = geometry.dilation[0] * cell, geometry.dilation[1] * cell
            dot = x + column * cell + 0.1 + 0.08 * (place % 4), above + row * cell + 0.1
            _draw_dots(ax, (m, n), steps, dot, color)
    return ax


def show_counts(counts: Any, *, titles: Sequence[str] | None = None) -> Axes:
    """Show counts as heat maps with their numbers: how many outputs each pixel feeds, say.

    Darker is more, on one scale for all maps. Two maps stand side by side.

    Parameters
    ----------
    counts : array_like or sequence of array_like
        Whole numbers from 0. Shape (M, N), or several of any such shapes.
    titles : sequence of str, optional
        One text for each map.

    Returns
    -------
    ax : Axes
        The Axes with all maps.

    Raises
    ------
    ValueError
        If there is no map, one does not have 2 axes, or an entry is no count.

    Examples
    --------
    >>> ax = show_counts([[1, 2, 1]], titles=["1 x 2"])
    >>> [text.get_text() for text in ax.texts]
    ['1', '2', '1', '1 x 2']
    """
    check_some(len(counts), "show_counts", "counts")
    given = [counts] if np.ndim(counts[0]) <= 1 else list(counts)
    maps = [checked_array(one, "show_counts", "counts", {2: "(M, N)"}) for one in given]
    for one in maps:
        wrong = one[(one < 0) | (one != np.round(one))]
        if wrong.size:
            raise ValueError(
                f"show_counts: counts holds {wrong[0]:g}, needs whole numbers from 0; "
                "show_grid draws numbers of any kind."
            )
    check_titles(titles, len(maps), "show_counts", things="maps")
    across = min(len(maps), 2)
    gap, above = 0.3, 0.08 + 0.26 * (titles is not None)
    widest = max(one.shape[1] for one in maps)
    cell = min(0.4, (WIDTH - 0.1 - (across - 1) * gap) / across / widest)
    lines = [maps[start : start + across] for start in range(0, len(maps), across)]
    highs = [max(one.shape[0] for one in line) * cell + above for line in lines]
    _, ax = new_canvas(WIDTH, sum(highs) + 0.12 * (len(lines) - 1) + 0.05)
    limits = 0.0, max(1.0, float(max(one.max() for one in maps)))
    for place, one in enumerate(maps):
        line, column = divmod(place, across)
        middle = WIDTH / 2 + (column - (across - 1) / 2) * (widest * cell + gap)
        x, y = middle - one.shape[1] * cell / 2, sum(highs[:line]) + 0.12 * line + above
        words = cell_words(one, "g")
        draw_cells(ax, one, x, y, cell, words=words, signed=False, limits=limits, color=BLUE)
        if titles is not None:
            ax.text(middle, y - 0.16, titles[place], ha="center", va="center")
    return ax


def _rectangles(
    highlight: Sequence[Any] | None, shape: tuple[int, ...], function: str
) -> list[tuple[int, int, int, int]]:
    """Take one rectangle or several, and check that each lies inside the matrix."""
    if highlight is None or len(highlight) == 0:
        return []
    given = [highlight] if np.ndim(highlight[0]) == 0 else list(highlight)
    for rectangle in given:
        if len(rectangle) != 4:
            raise ValueError(
                f"{function}: highlight {tuple(rectangle)} has {len(rectangle)} numbers, needs 4; "
                "give (row, column, rows, columns)."
            )
        row, column, rows, columns = rectangle
        inside = 0 <= row < row + rows <= shape[0] and 0 <= column < column + columns <= shape[1]
        if not inside:
            raise ValueError(
                f"{function}: highlight {tuple(rectangle)} leaves the matrix of shape {shape}; "
                "give (row, column, rows, columns) inside it."
            )
    return [tuple(rectangle) for rectangle in given]


def _window_corner(position: Any, geometry: shapes.Geometry) -> tuple[int, int]:
    """Return where a window starts, counted from the first padded pixel."""
    i, j = position
    rows, columns = geometry.positions
    if not (0 <= i < rows and 0 <= j < columns):
        raise ValueError(
            f"show_windows: there is no window at position ({i}, {j}); "
            f"give a row from 0 to {rows - 1} and a column from 0 to {columns - 1}."
        )
    return i * geometry.stride[0], j * geometry.stride[1]


def _draw_dots(
    ax: Axes,
    size: tuple[int, int],
    steps: tuple[float, float],
    first: tuple[float, float],
    color: str,
) -> None:
    """Mark the pixels of a window: (x, y) of the `first`, and the `steps` down and across."""
    for u, v in np.ndindex(size):
        ax.plot(
            first[0] + v * steps[1],
            first[1] + u * steps[0],
            "o",
            color=color,
            markersize=4.5,
            markeredgecolor=PAPER,
            markeredgewidth=0.6,
            zorder=5,
        )
