"""Small arrays with their numbers in the cells: the pictures of what is worked by hand."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import Normalize, to_rgba
from matplotlib.patches import Rectangle

from cnnlab import shapes
from cnnlab.plots.canvas import (
    check_some,
    check_titles,
    checked_array,
    gray_limits,
    ink_on,
    new_canvas,
    number_text,
    outline,
    signed_limits,
)
from cnnlab.plots.style import (
    BLUE,
    GRAY_MAP,
    GREEN,
    PADDING,
    PALE,
    PURPLE,
    RULE,
    SIGNED_MAP,
    VERMILION,
    WIDTH,
    Array,
    Limits,
)


def show_grid(
    matrix: npt.ArrayLike,
    *,
    ax: Axes | None = None,
    title: str | None = None,
    highlight: Sequence[Any] | None = None,
    fmt: str | None = None,
    signed: bool = False,
    indices: tuple[str, str] | None = None,
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
        Color by sign with symmetric limits; by default gray, as an image.
    indices : tuple of str, optional
        Letters of the two indices, such as ("p", "q"), written beside the index numbers.

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
    words = _words(cells, fmt)
    if ax is None:
        left, above = 0.55, 0.35 + 0.22 * (indices is not None) + 0.3 * (title is not None)
        longest = max(len(word) for row in words for word in row)
        cell = min(max(0.46, 0.13 * longest), (WIDTH - 2 * left) / columns)
        _, ax = new_canvas(WIDTH, above + rows * cell + 0.05)
        x = (WIDTH - columns * cell) / 2
        size = _digit_size(cell, words)
    else:
        above, cell, x, size = 0.0, 1.0, 0.0, 10.0
        ax.set_aspect("equal")
        ax.set_axis_off()
        ax.set_xlim(-0.8, columns + 0.1)
        ax.set_ylim(rows + 0.1, -0.8 - 0.5 * (indices is not None))
    _draw_cells(ax, cells, x, above, cell, words=words, size=size, signed=signed)
    _draw_indices(ax, rows, columns, x, above, cell, letters=indices)
    for place, (row, column, high, wide) in enumerate(rectangles):
        color = (VERMILION, BLUE, GREEN, PURPLE)[place % 4]
        outline(ax, x + column * cell, above + row * cell, wide * cell, high * cell, color)
    if title is not None:
        if above:
            ax.text(WIDTH / 2, 0.15, title, ha="center", va="center", fontsize=11)
        else:
            ax.set_title(title)
    return ax


def show_search(
    image: npt.ArrayLike,
    pattern: npt.ArrayLike,
    result: npt.ArrayLike,
    position: tuple[int, int],
    *,
    bias: float = 0.0,
    fmt: str | None = None,
    names: tuple[str, str, str] = ("X", "w", "Z"),
) -> Axes:
    """Show one step of the pattern search: the window, the pattern, and the number they make.

    Small arrays have their numbers in the cells and the whole sum written out. An image of depth D
    is drawn plane by plane, with what each plane adds to the sum.

    Parameters
    ----------
    image : array_like
        Shape (M, N) or (D, M, N).
    pattern : array_like
        Shape (m, n) or (D, m, n), as `image`.
    result : array_like
        The search's result, for this pattern. Shape (M', N'), where M' = M - m + 1 and
        N' = N - n + 1.
    position : tuple of int
        Row and column (i, j) of the window.
    bias : float, optional
        The pattern's bias, when `result` contains it.
    fmt : str, optional
        Format of the numbers, as in `show_grid`.
    names : tuple of str, optional
        Names of the three arrays. A name may have an index, such as "w[0]" for pattern 0: its
        planes are then called w[0, 0], w[0, 1] and so on.

    Returns
    -------
    ax : Axes
        The Axes with all panels.

    Raises
    ------
    ValueError
        If the shapes do not fit together, the window leaves the image, or `result` is not what
        the window and the pattern make: a picture must not print a wrong sum.

    Examples
    --------
    >>> ax = show_search([[1, 2, 3]], [[1, 4]], [[9, 14]], (0, 1))
    >>> ax.texts[-1].get_text()
    'Z[0, 1] = 2·1 + 3·4 = 14'
    """
    X = checked_array(image, "show_search", "image", {2: "(M, N)", 3: "(D, M, N)"})
    w = checked_array(
        pattern, "show_search", "pattern", {X.ndim: "(m, n)" if X.ndim == 2 else "(D, m, n)"}
    )
    Z = checked_array(result, "show_search", "result", {2: "(M', N')"})
    if X.ndim == 2:
        X, w = X[None], w[None]
    if X.shape[0] != w.shape[0]:
        raise ValueError(
            f"show_search: image has depth D={X.shape[0]} but pattern has {w.shape[0]}; "
            "axis 0 of both must agree."
        )
    (M, N), (m, n), (i, j) = X.shape[1:], w.shape[1:], position
    if Z.shape != (M - m + 1, N - n + 1):
        raise ValueError(
            f"show_search: result has shape {Z.shape}, needs ({M - m + 1}, {N - n + 1}) for an "
            f"image of {M} x {N} and a pattern of {m} x {n}; pass conv2d's Z for one pattern."
        )
    if not (0 <= i < Z.shape[0] and 0 <= j < Z.shape[1]):
        raise ValueError(
            f"show_search: position ({i}, {j}) is outside the result of shape {Z.shape}; "
            f"i goes to {Z.shape[0] - 1}, j to {Z.shape[1] - 1}."
        )
    products = X[:, i : i + m, j : j + n] * w
    if not np.isclose(products.sum() + bias, Z[i, j], rtol=1e-4, atol=1e-6):
        raise ValueError(
            f"show_search: result[{i}, {j}] is {Z[i, j]:g}, but window, pattern and bias make "
            f"{products.sum() + bias:g}; pass the bias, or check the result."
        )
    return _draw_search(X, w, Z, (i, j), products.sum(axis=(1, 2)), bias, fmt, names)


def show_windows(
    image: npt.ArrayLike,
    size: int | tuple[int, int],
    positions: Sequence[tuple[int, int]],
    *,
    stride: int | tuple[int, int] = 1,
    padding: Any = 0,
    dilation: int | tuple[int, int] = 1,
    ceil_mode: bool = False,
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
    words = _words(cells, fmt)
    cell, above = min(0.46, (WIDTH - 1.1) / columns), 0.57
    x = (WIDTH - columns * cell) / 2
    _, ax = new_canvas(WIDTH, above + rows * cell + 0.05)
    empty = np.full(padded, np.nan)
    blank = [[""] * padded[1]] * padded[0]
    _draw_cells(
        ax, empty, x, above, cell, words=blank, size=10, signed=False, limits=(0, 1), absent=PADDING
    )
    corner = x + left * cell, above + top * cell
    _draw_cells(ax, cells, *corner, cell, words=words, size=_digit_size(cell, words), signed=False)
    _draw_indices(ax, *padded, x, above, cell, letters=("p", "q"), first=(-top, -left))
    for place, (row, column) in enumerate(corners):
        color = (VERMILION, BLUE, GREEN, PURPLE)[place % 4]
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
            for u, v in np.ndindex(m, n):
                ax.plot(
                    x + (column + v * geometry.dilation[1]) * cell + 0.1 + 0.08 * (place % 4),
                    above + (row + u * geometry.dilation[0]) * cell + 0.1,
                    "o",
                    color=color,
                    markersize=4.5,
                    markeredgecolor="white",
                    markeredgewidth=0.6,
                    zorder=5,
                )
    return ax


def show_gather(
    upstream: npt.ArrayLike,
    pattern: npt.ArrayLike,
    result: npt.ArrayLike,
    pixel: tuple[int, int],
    *,
    fmt: str | None = None,
    names: tuple[str, str, str] = ("dZ", "w", "dX"),
) -> Axes:
    """Show how one pixel's gradient is gathered, equation (eq-dX), for one plane and one pattern.

    The pattern is drawn turned by 180 degrees, as it lies on `upstream` when the pixel looks
    back. What lies outside of `upstream` is pale blue and empty: those entries are absent, equation
    (eq-border), and the sum written below has no term for them.

    Parameters
    ----------
    upstream : array_like
        Gradient of the loss with respect to one response map. Shape (M', N').
    pattern : array_like
        One plane of one pattern, not turned. Shape (m, n).
    result : array_like
        Gradient of the loss with respect to the plane of the image. Shape (M, N), where
        M = M' + m - 1 and N = N' + n - 1.
    pixel : tuple of int
        Row and column (p, q) of the pixel.
    fmt : str, optional
        Format of the numbers, as in `show_grid`.
    names : tuple of str, optional
        Names of the three arrays, as in `show_search`.

    Returns
    -------
    ax : Axes
        The Axes with the three panels and the sum.

    Raises
    ------
    ValueError
        If the shapes do not fit together, the pixel is outside of `result`, or `result` is not
        what the pixel gathers: a picture must not print a wrong sum.

    Examples
    --------
    >>> ax = show_gather([[1, 2]], [[3, 4]], [[3, 10, 8]], (0, 1))
    >>> ax.texts[-1].get_text()
    'dX[0, 1] = 1·4 + 2·3 = 10'
    """
    dZ = checked_array(upstream, "show_gather", "upstream", {2: "(M', N')"})
    w = checked_array(pattern, "show_gather", "pattern", {2: "(m, n)"})
    dX = checked_array(result, "show_gather", "result", {2: "(M, N)"})
    (rows, columns), (m, n), (p, q) = dZ.shape, w.shape, pixel
    M, N = rows + m - 1, columns + n - 1
    if dX.shape != (M, N):
        raise ValueError(
            f"show_gather: result has shape {dX.shape}, needs ({M}, {N}) for an upstream of "
            f"{rows} x {columns} and a pattern of {m} x {n}; pass one plane of conv2d_dX's dX."
        )
    if not (0 <= p < M and 0 <= q < N):
        raise ValueError(
            f"show_gather: pixel ({p}, {q}) is outside the result of shape {dX.shape}; "
            f"p goes to {M - 1}, q to {N - 1}."
        )
    # every window (i, j) that contains the pixel, in reading order
    windows = [
        (i, j)
        for i in range(max(p - m + 1, 0), min(p, rows - 1) + 1)
        for j in range(max(q - n + 1, 0), min(q, columns - 1) + 1)
    ]
    gathered = sum(dZ[i, j] * w[p - i, q - j] for i, j in windows)
    if not np.isclose(gathered, dX[p, q], rtol=1e-4, atol=1e-6):
        raise ValueError(
            f"show_gather: result[{p}, {q}] is {dX[p, q]:g}, but upstream and pattern make "
            f"{gathered:g}; pass one pattern and one plane, or check the result."
        )
    return _draw_gather(dZ, w, dX, (p, q), windows, fmt, names)


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
    limits = 0.0, 1.4 * max(1.0, float(max(one.max() for one in maps)))  # the darkest stay out
    for place, one in enumerate(maps):
        line, column = divmod(place, across)
        middle = WIDTH / 2 + (column - (across - 1) / 2) * (widest * cell + gap)
        x, y = middle - one.shape[1] * cell / 2, sum(highs[:line]) + 0.12 * line + above
        words = _words(one, "g")
        size = _digit_size(cell, words)
        _draw_cells(
            ax, one, x, y, cell, words=words, size=size, signed=False, limits=limits, cmap="Blues"
        )
        if titles is not None:
            ax.text(middle, y - 0.16, titles[place], ha="center", va="center", fontsize=11)
    return ax


def show_product(
    first: npt.ArrayLike,
    second: npt.ArrayLike,
    result: npt.ArrayLike,
    names: tuple[str, str, str],
    *,
    highlight: tuple[int, int] | None = None,
    fractions: bool = False,
) -> Array:
    """Show two small matrices side by side, multiplied entry by entry, and what that gives.

    Parameters
    ----------
    first, second, result : array_like
        Shape (M', N'), with at most 4 columns.
    names : tuple of str
        Names of the three, set as formulas.
    highlight : tuple of int, optional
        Row and column of the entry to outline in all three.
    fractions : bool, optional
        Write numbers that are not whole as fractions, such as 3/16.

    Returns
    -------
    axes : ndarray of Axes
        Shape (3,).

    Raises
    ------
    ValueError
        If the shapes differ, have another rank or more than 4 columns, or `result` is not the
        product entry by entry: a picture must not print a wrong product.

    Examples
    --------
    >>> axes = show_product([[4, 8]], [[0.25, 0.5]], [[1, 4]], ("a", "b", "c"), fractions=True)
    >>> [text.get_text() for text in axes[1].texts][:2]
    ['1/4', '1/2']
    """
    given = [
        checked_array(matrix, "show_product", name, {2: "(M', N')"})
        for matrix, name in ((first, "first"), (second, "second"), (result, "result"))
    ]
    shapes = [matrix.shape for matrix in given]
    rows, columns = shapes[0]
    if len(set(shapes)) > 1 or columns > 4:
        raise ValueError(
            f"show_product: the matrices have shapes {shapes[0]}, {shapes[1]} and {shapes[2]}, "
            "need one shape with at most 4 columns; pass a part of each."
        )
    if not np.allclose(given[0] * given[1], given[2], rtol=1e-4, atol=1e-6):
        raise ValueError(
            "show_product: result is not first times second, entry by entry; check the three."
        )
    # in cells: index numbers, columns and margin of each matrix, and two operators
    wide, gap = columns + 0.9, 0.7
    cell = min(0.46, WIDTH / (3 * wide + 2 * gap))
    name_height, height = 0.34, (rows + 0.9) * cell
    figure, canvas = new_canvas(WIDTH, name_height + height)
    start = (WIDTH - (3 * wide + 2 * gap) * cell) / 2
    axes = np.empty(3, dtype=object)
    for place, matrix in enumerate(given):
        x = start + place * (wide + gap) * cell
        box = (x / WIDTH, 0, wide * cell / WIDTH, height / (name_height + height))
        ax = axes[place] = figure.add_axes(box)
        marked = None if highlight is None else [(*highlight, 1, 1)]
        show_grid(matrix, ax=ax, signed=True, highlight=marked, fmt="g")
        for text, value in zip(ax.texts[: matrix.size], matrix.flat, strict=True):
            text.set_text(_fraction(value) if fractions else number_text(value, None))
        middle = name_height + (0.8 + rows / 2) * cell
        canvas.text(
            x + (0.8 + columns / 2) * cell, 0.17, f"${names[place]}$", ha="center", va="center"
        )
        if place:
            sign = "=" if place == 2 else "\N{DOT OPERATOR}"
            canvas.text(
                x + (0.05 - gap / 2) * cell,
                middle,
                sign,
                ha="center",
                va="center_baseline",
                fontsize=18 if place == 2 else 26,
            )
    return axes


def _draw_search(
    X: Array,
    w: Array,
    Z: Array,
    position: tuple[int, int],
    parts: Array,
    bias: float,
    fmt: str | None,
    names: tuple[str, str, str],
) -> Axes:
    """Lay out the panels of `show_search`; one unit is one inch, rows go down."""
    (depth, M, N), (m, n), (rows, columns), (i, j) = X.shape, w.shape[1:], Z.shape, position
    digits = max(M, N) <= 10
    label, sign, name = (0.26, 0.36, 0.3) if digits else (0.08, 0.36, 0.3)
    head = name + (0.22 if digits else 0.04)
    room = WIDTH - 3 * label - 2 * sign - 0.1
    cell = min(0.46, room / (N + n + columns))
    in_row = depth == 1 and (cell >= 0.33 if digits else N <= 40)
    zoom = 1.0
    if not digits:
        zoom_inches = 0.9
        cell = (room - zoom_inches) / (N + columns) if in_row else min(3.2 / N, 3.0 / M)
        zoom = zoom_inches / (n * cell)
    elif not in_row:
        cell = min(0.46, (WIDTH - 2 * label - sign - 0.2 - 0.9 * (depth > 1)) / (N + n))
    w_cell = cell * zoom
    sums = _sum_lines(X, w, Z, position, parts, bias, fmt, names[2]) if digits else []

    block = max(M * cell, m * w_cell)
    step = block + (0.58 if digits else 0.36)
    across = label + N * cell + sign + label + n * w_cell
    if in_row:
        across += sign + label + columns * cell
        height = head + block + 0.12 + 0.24 * len(sums)
    else:
        height = head + depth * step + rows * cell + 0.1
    below = 0.0
    if not in_row:
        # the written sum stands right of the result, or below it when there is no room
        longest = max((len(line) for line in sums), default=0) * 0.088
        beside = sign + label + columns * cell + 0.25 + longest <= WIDTH
        below = 0.0 if beside else 0.24 * len(sums) + 0.1
        height += below
    _, ax = new_canvas(WIDTH, height)
    x0 = max((WIDTH - across - (0.6 if depth > 1 and digits else 0)) / 2, 0.02) + label
    xw = x0 + N * cell + sign + label
    shared_X, shared_w = gray_limits(X), signed_limits(w)
    for c in range(depth):
        top = head + c * step
        X_name, w_name = names[:2] if depth == 1 else (_entry(name, c) for name in names[:2])
        _panel(ax, X[c], x0, top, cell, digits, fmt, False, shared_X, X_name, c == 0)
        middle = top + M * cell / 2
        w_top = middle - m * w_cell / 2
        _panel(ax, w[c], xw, w_top, w_cell, digits, fmt, True, shared_w, w_name, True)
        outline(ax, x0 + j * cell, top + i * cell, n * cell, m * cell, VERMILION)
        _sign(ax, xw - label - sign / 2, middle, r"$\star$")
        if depth > 1 and digits:
            _sign(ax, xw + n * w_cell + 0.2, middle, r"$\rightarrow$")
            ax.text(
                xw + n * w_cell + 0.42,
                middle,
                number_text(parts[c], fmt),
                ha="left",
                va="center",
                fontsize=11,
            )
    if in_row:
        xz = xw + n * w_cell + sign + label
        zt = head + (M - rows) * cell / 2
        _sign(ax, xz - label - sign / 2, head + M * cell / 2, "=")
    else:
        xz = max(x0, sign + label)
        zt = head + depth * step
        _sign(ax, xz - label - sign / 2, zt + rows * cell / 2, "=")
    _panel(ax, Z, xz, zt, cell, digits, fmt, True, signed_limits(Z), names[2], True)
    outline(ax, xz + j * cell, zt + i * cell, cell, cell, VERMILION)
    if not sums:
        return ax
    if in_row:
        xs, ys = (WIDTH - max(map(len, sums)) * 0.083) / 2, head + block + 0.24
    elif below:
        xs, ys = xz, zt + rows * cell + 0.24
    else:
        xs, ys = xz + columns * cell + 0.25, zt + rows * cell / 2 - 0.12 * (len(sums) - 1)
    _write_sums(ax, sums, xs, ys - 0.12)
    return ax


def _draw_gather(
    dZ: Array,
    w: Array,
    dX: Array,
    pixel: tuple[int, int],
    windows: Sequence[tuple[int, int]],
    fmt: str | None,
    names: tuple[str, str, str],
) -> Axes:
    """Lay out the panels of `show_gather`; one unit is one inch, rows go down."""
    (rows, columns), (m, n), (M, N), (p, q) = dZ.shape, w.shape, dX.shape, pixel
    turned = w[::-1, ::-1]
    high, wide = rows + 2 * (m - 1), columns + 2 * (n - 1)
    label, sign, head = 0.26, 0.3, 0.56
    cell = min(0.46, (WIDTH - 3 * label - 2 * sign - 0.1) / (wide + n + N))
    block = high * cell
    terms: list[str] = []
    for i, j in windows:  # only a first factor needs no brackets
        upstream = (_bracketed if terms else number_text)(dZ[i, j], fmt)
        terms.append(f"{upstream}·{_bracketed(w[p - i, q - j], fmt)}")
    start = f"{_entry(names[2], p, q)} = "
    sums = [start + " + ".join(terms) + f" = {number_text(dX[p, q], fmt)}"]
    if len(sums[0]) * 0.083 > WIDTH - 0.1:  # one line for each row of windows
        across = len({j for _, j in windows})
        parts = [" + ".join(terms[at : at + across]) for at in range(0, len(terms), across)]
        sums = [start + parts[0], *("    + " + part for part in parts[1:])]
        sums.append(f"    = {number_text(dX[p, q], fmt)}")
    _, ax = new_canvas(WIDTH, head + block + 0.12 + 0.24 * len(sums))
    width = 3 * label + 2 * sign + (wide + n + N) * cell
    x0 = (WIDTH - width) / 2 + label
    xw = x0 + wide * cell + sign + label
    xz = xw + n * cell + sign + label
    middle = head + block / 2
    empty = np.full((high, wide), np.nan)
    blank = [[""] * wide] * high
    _draw_cells(
        ax, empty, x0, head, cell, words=blank, size=10, signed=False, limits=(0, 1), absent=PADDING
    )
    words = _words(dZ, fmt)
    corner = x0 + (n - 1) * cell, head + (m - 1) * cell
    _draw_cells(ax, dZ, *corner, cell, words=words, size=_digit_size(cell, words), signed=True)
    _draw_indices(ax, high, wide, x0, head, cell, first=(1 - m, 1 - n))
    ax.text(
        x0 + wide * cell / 2, head - 0.38, f"${names[0]}$", ha="center", va="center", fontsize=13
    )
    top = middle - m * cell / 2
    turned_name = names[1] + r"\ \mathrm{turned}"
    _panel(ax, turned, xw, top, cell, True, fmt, True, signed_limits(w), turned_name, True)
    bottom = middle - M * cell / 2
    _panel(ax, dX, xz, bottom, cell, True, fmt, True, signed_limits(dX), names[2], True)
    outline(ax, x0 + q * cell, head + p * cell, n * cell, m * cell, VERMILION)
    outline(ax, xz + q * cell, bottom + p * cell, cell, cell, VERMILION)
    _sign(ax, xw - label - sign / 2, middle, r"$\star$")
    _sign(ax, xz - label - sign / 2, middle, "=")
    _write_sums(ax, sums, (WIDTH - max(map(len, sums)) * 0.083) / 2, head + block + 0.12)
    return ax


def _write_sums(ax: Axes, sums: Sequence[str], x: float, y: float) -> None:
    """Write the lines of a sum, from (x, y) on to the right and down."""
    lines = "\n".join(sums)
    ax.text(max(x, 0.05), y, lines, ha="left", va="top", fontsize=10.5, linespacing=1.5)


def _sum_lines(
    X: Array,
    w: Array,
    Z: Array,
    position: tuple[int, int],
    parts: Array,
    bias: float,
    fmt: str | None,
    name: str,
) -> list[str]:
    """Write the sum behind one entry of the result, a line for each row of the pattern."""
    i, j = position
    depth, m, n = w.shape
    start = f"{_entry(name, i, j)} = "
    total = number_text(Z[i, j], fmt)
    if depth > 1:
        lines = [" + ".join(_bracketed(part, fmt) for part in parts)]
    else:
        lines = [
            " + ".join(
                f"{number_text(X[0, i + u, j + v], fmt)}·{_bracketed(w[0, u, v], fmt)}"
                for v in range(n)
            )
            for u in range(m)
        ]
    if bias:
        lines[-1] += f" + {_bracketed(bias, fmt)}"
    if len(lines) == 1:
        return [f"{start}{lines[0]} = {total}"]
    return [start + lines[0], *("    + " + line for line in lines[1:]), f"    = {total}"]


def _entry(name: str, *indices: int) -> str:
    """Put indices behind a name: w and 1 make w[1], w[0] and 1 make w[0, 1]."""
    inside = ", ".join(map(str, indices))
    return f"{name[:-1]}, {inside}]" if name.endswith("]") else f"{name}[{inside}]"


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


def _window_corner(position: tuple[int, int], geometry: shapes.Geometry) -> tuple[int, int]:
    """Return where a window starts, counted from the first padded pixel."""
    i, j = position
    rows, columns = geometry.positions
    if not (0 <= i < rows and 0 <= j < columns):
        raise ValueError(
            f"show_windows: there is no window at position ({i}, {j}); "
            f"give a row from 0 to {rows - 1} and a column from 0 to {columns - 1}."
        )
    return i * geometry.stride[0], j * geometry.stride[1]


def _bracketed(value: Any, fmt: str | None) -> str:
    """Write a number as a factor or a summand: in brackets if it is negative."""
    text = number_text(value, fmt)
    return f"({text})" if text.startswith("\N{MINUS SIGN}") else text


def _words(cells: Array, fmt: str | None) -> list[list[str]]:
    """Write all numbers of a matrix in one way; NaN stays empty."""
    known = cells[np.isfinite(cells)]
    if fmt is None:
        fmt = "g" if np.all(known == np.round(known)) else ".2f"
    return [["" if np.isnan(value) else number_text(value, fmt) for value in row] for row in cells]


def _digit_size(cell: float, words: list[list[str]]) -> float:
    """Font size, in points, at which the longest number fits a cell of that many inches."""
    longest = max(len(word) for row in words for word in row) or 1
    return float(np.clip(72 * 0.86 * cell / (0.64 * max(longest, 2)), 6.5, 13))


def _draw_cells(
    ax: Axes,
    matrix: Array,
    x: float,
    y: float,
    cell: float,
    *,
    words: list[list[str]] | None,
    size: float,
    signed: bool,
    limits: Limits | None = None,
    absent: str = "white",
    cmap: str | None = None,
) -> None:
    """Draw a matrix with its upper left corner at (x, y), `cell` units to a cell, rows down."""
    rows, columns = matrix.shape
    low, high = limits or (signed_limits(matrix) if signed else gray_limits(matrix))
    colors = mpl.colormaps[cmap or (SIGNED_MAP if signed else GRAY_MAP)]
    faces = colors(Normalize(low, high)(np.asarray(matrix, dtype=float)))
    faces[np.isnan(matrix)] = to_rgba(absent)
    ax.imshow(
        faces,
        extent=(x, x + columns * cell, y + rows * cell, y),
        interpolation="nearest",
        aspect=ax.get_aspect(),
        zorder=1,
    )
    if words is not None:
        for row in range(1, rows):
            ax.plot([x, x + columns * cell], [y + row * cell] * 2, color=RULE, lw=0.6, zorder=2)
        for column in range(1, columns):
            ax.plot([x + column * cell] * 2, [y, y + rows * cell], color=RULE, lw=0.6, zorder=2)
        for row in range(rows):
            for column in range(columns):
                if words[row][column]:
                    ax.text(
                        x + (column + 0.5) * cell,
                        y + (row + 0.5) * cell,
                        words[row][column],
                        ha="center",
                        va="center_baseline",
                        fontsize=size,
                        color=ink_on(faces[row, column]),
                        zorder=3,
                    )
    ax.add_patch(
        Rectangle(
            (x, y), columns * cell, rows * cell, fill=False, edgecolor=PALE, linewidth=0.9, zorder=2
        )
    )


def _draw_indices(
    ax: Axes,
    rows: int,
    columns: int,
    x: float,
    y: float,
    cell: float,
    *,
    letters: tuple[str, str] | None = None,
    first: tuple[int, int] = (0, 0),
) -> None:
    """Write the index numbers of rows and columns outside a matrix."""
    # with an Axes of the caller a cell is one unit, otherwise a fraction of an inch
    away = 0.3 if cell == 1.0 else 0.12
    for row in range(rows):
        ax.text(
            x - away,
            y + (row + 0.5) * cell,
            number_text(first[0] + row, "g"),
            ha="center",
            va="center",
            fontsize=10,
            color=PALE,
        )
    for column in range(columns):
        ax.text(
            x + (column + 0.5) * cell,
            y - away,
            number_text(first[1] + column, "g"),
            ha="center",
            va="center",
            fontsize=10,
            color=PALE,
        )
    if letters is not None:
        ax.text(x - 2.6 * away, y + rows * cell / 2, f"${letters[0]}$", ha="center", va="center")
        ax.text(x + columns * cell / 2, y - 2.6 * away, f"${letters[1]}$", ha="center", va="center")


def _panel(
    ax: Axes,
    matrix: Array,
    x: float,
    y: float,
    cell: float,
    digits: bool,
    fmt: str | None,
    signed: bool,
    limits: Limits,
    name: str,
    named: bool,
) -> None:
    """Draw one named array of a search."""
    words = _words(matrix, fmt) if digits else None
    size = _digit_size(cell, words) if words else 10.0
    _draw_cells(ax, matrix, x, y, cell, words=words, size=size, signed=signed, limits=limits)
    if digits:
        _draw_indices(ax, matrix.shape[0], matrix.shape[1], x, y, cell)
    middle = x + matrix.shape[1] * cell / 2
    ax.text(
        middle, y - (0.38 if digits else 0.16), f"${name}$", ha="center", va="center", fontsize=13
    )


def _sign(ax: Axes, x: float, y: float, text: str) -> None:
    """Write an operator between two panels."""
    ax.text(x, y, text, ha="center", va="center", fontsize=18)


def _fraction(value: float) -> str:
    """Write a number as a fraction with a small denominator, whole numbers without one."""
    exact = Fraction(float(value)).limit_denominator(999)
    text = f"{exact.numerator}" + (f"/{exact.denominator}" if exact.denominator > 1 else "")
    return text.replace("-", "\N{MINUS SIGN}")
