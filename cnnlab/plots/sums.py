"""How arrays make a number: what meets there, and the sum or product of one entry written out."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from cnnlab.plots.canvas import (
    cell_words,
    checked_array,
    draw_cells,
    draw_indices,
    draw_padding,
    gray_limits,
    new_canvas,
    number_text,
    outline,
    signed_limits,
)
from cnnlab.plots.grids import show_grid
from cnnlab.plots.style import VERMILION, WIDTH, Array, Limits, letter_color

SIGN = 0.36  # what an operator between two panels of a search takes, in inches


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


def _factors_and_product(
    first: npt.ArrayLike, second: npt.ArrayLike, result: npt.ArrayLike
) -> list[Array]:
    """Return the three matrices of `show_product`, of one shape, the last the product."""
    given = [
        checked_array(matrix, "show_product", name, {2: "(M', N')"})
        for matrix, name in ((first, "first"), (second, "second"), (result, "result"))
    ]
    shapes = [matrix.shape for matrix in given]
    if len(set(shapes)) > 1 or shapes[0][1] > 4:
        raise ValueError(
            f"show_product: the matrices have shapes {shapes[0]}, {shapes[1]} and {shapes[2]}, "
            "need one shape with at most 4 columns; pass a part of each."
        )
    if not np.allclose(given[0] * given[1], given[2], rtol=1e-4, atol=1e-6):
        raise ValueError(
            "show_product: result is not first times second, entry by entry; check the three."
        )
    return given


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
    given = _factors_and_product(first, second, result)
    rows, columns = given[0].shape
    # in cells: columns and margin of each matrix, and two operators
    wide, gap = columns + 0.2, 0.5
    cell = min(0.46, WIDTH / (3 * wide + 2 * gap))
    name_height, height = 0.34, (rows + 0.2) * cell
    figure, canvas = new_canvas(WIDTH, name_height + height)
    start = (WIDTH - (3 * wide + 2 * gap) * cell) / 2
    axes = np.empty(3, dtype=object)
    for place, matrix in enumerate(given):
        x = start + place * (wide + gap) * cell
        box = (x / WIDTH, 0, wide * cell / WIDTH, height / (name_height + height))
        ax = axes[place] = figure.add_axes(box)
        marked = None if highlight is None else [(*highlight, 1, 1)]
        color = letter_color(names[place])
        show_grid(matrix, ax=ax, signed=True, highlight=marked, fmt="g", color=color)
        ax.set_xlim(-0.1, columns + 0.1)
        ax.set_ylim(rows + 0.1, -0.1)
        for index in list(ax.texts[matrix.size :]):
            index.remove()
        for text, value in zip(ax.texts[: matrix.size], matrix.flat, strict=True):
            text.set_text(_fraction(value) if fractions else number_text(value, None))
        middle = name_height + (0.1 + rows / 2) * cell
        canvas.text(
            x + (0.1 + columns / 2) * cell,
            0.17,
            f"${names[place]}$",
            ha="center",
            va="center",
            color=color,
        )
        if place:
            sign = "=" if place == 2 else "\N{DOT OPERATOR}"
            canvas.text(
                x - gap / 2 * cell,
                middle,
                sign,
                ha="center",
                va="center_baseline",
            )
    return axes


class _SearchLayout(NamedTuple):
    """Where the panels of `show_search` stand, in inches from the upper left corner."""

    height: float
    cell: float  # of the image and the result
    w_cell: float  # of the pattern, which is enlarged where there is no room for digits
    label: float  # what the index numbers left of a panel take
    head: float  # the upper edge of the first plane
    step: float  # from one plane to the next
    x_X: float  # left edges
    x_w: float
    x_Z: float
    y_Z: float  # the upper edge of the result
    y_equals: float  # the middle of the sign before it
    x_sums: float
    y_sums: float


def _lay_out_search(
    X: Array, w: Array, Z: Array, sums: Sequence[str], digits: bool
) -> _SearchLayout:
    """Place the result beside the pattern if there is room, otherwise below the image."""
    (depth, M, N), (m, n), (rows, columns) = X.shape, w.shape[1:], Z.shape
    label = 0.26 if digits else 0.08
    head = 0.3 + (0.22 if digits else 0.04)
    room = WIDTH - 3 * label - 2 * SIGN - 0.1
    cell = min(0.46, room / (N + n + columns))
    in_row = depth == 1 and (cell >= 0.3 if digits else N <= 40)
    zoom = 1.0
    if not digits:
        zoom_inches = 0.9
        cell = (room - zoom_inches) / (N + columns) if in_row else min(3.2 / N, 3.0 / M)
        zoom = zoom_inches / (n * cell)
    elif not in_row:
        cell = min(0.46, (WIDTH - 2 * label - SIGN - 0.2 - 0.9 * (depth > 1)) / (N + n))
    w_cell = cell * zoom

    block = max(M * cell, m * w_cell)
    step = block + (0.58 if digits else 0.36)
    across = label + N * cell + SIGN + label + n * w_cell
    if in_row:
        across += SIGN + label + columns * cell
    x_X = max((WIDTH - across - (0.6 if depth > 1 and digits else 0)) / 2, 0.02) + label
    x_w = x_X + N * cell + SIGN + label
    longest = max(map(len, sums), default=0)
    if in_row:
        height = head + block + 0.12 + 0.27 * len(sums)
        x_Z, y_Z = x_w + n * w_cell + SIGN + label, head + (M - rows) * cell / 2
        y_equals = head + M * cell / 2
        x_sums, y_sums = (WIDTH - longest * 0.095) / 2, head + block + 0.12
    else:
        height = head + depth * step + rows * cell + 0.1
        x_Z, y_Z = max(x_X, SIGN + label), head + depth * step
        y_equals = y_Z + rows * cell / 2
        # the written sum stands right of the result, or below it when there is no room
        if SIGN + label + columns * cell + 0.25 + longest * 0.1 <= WIDTH:
            x_sums, y_sums = x_Z + columns * cell + 0.25, y_equals - 0.13 * len(sums)
        else:
            x_sums, y_sums = x_Z, y_Z + rows * cell + 0.12
            height += 0.27 * len(sums) + 0.1
    return _SearchLayout(
        height, cell, w_cell, label, head, step, x_X, x_w, x_Z, y_Z, y_equals, x_sums, y_sums
    )


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
    """Draw the panels of `show_search`; one unit is one inch, rows go down."""
    (depth, M, N), (m, n), (i, j) = X.shape, w.shape[1:], position
    digits = max(M, N) <= 10
    sums = _sum_lines(X, w, Z, position, parts, bias, fmt, names[2]) if digits else []
    at = _lay_out_search(X, w, Z, sums, digits)
    cell, before = at.cell, at.label + SIGN / 2  # from the left edge of a panel to the sign
    _, ax = new_canvas(WIDTH, at.height)
    shared_X, shared_w = gray_limits(X), signed_limits(w)
    for c in range(depth):
        top = at.head + c * at.step
        X_name, w_name = names[:2] if depth == 1 else (_entry(name, c) for name in names[:2])
        _panel(ax, X[c], at.x_X, top, cell, digits, fmt, False, shared_X, X_name)
        middle = top + M * cell / 2
        w_top = middle - m * at.w_cell / 2
        _panel(ax, w[c], at.x_w, w_top, at.w_cell, digits, fmt, True, shared_w, w_name)
        outline(ax, at.x_X + j * cell, top + i * cell, n * cell, m * cell, VERMILION)
        _sign(ax, at.x_w - before, middle, r"$\star$")
        if depth > 1 and digits:
            right = at.x_w + n * at.w_cell
            _sign(ax, right + 0.2, middle, r"$\rightarrow$")
            part = number_text(parts[c], fmt)
            ax.text(right + 0.42, middle, part, ha="left", va="center")
    _sign(ax, at.x_Z - before, at.y_equals, "=")
    _panel(ax, Z, at.x_Z, at.y_Z, cell, digits, fmt, True, signed_limits(Z), names[2])
    outline(ax, at.x_Z + j * cell, at.y_Z + i * cell, cell, cell, VERMILION)
    if sums:
        _write_sums(ax, sums, at.x_sums, at.y_sums)
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
    room = WIDTH - 2 * label - sign - 0.1
    cell = min(0.46, (room - label - sign) / (wide + n + N))
    in_row = cell >= 0.22  # otherwise the result stands below
    if not in_row:
        cell = min(0.4, room / (wide + n))
    block = high * cell
    terms: list[str] = []
    for i, j in windows:  # only a first factor needs no brackets
        upstream = (_bracketed if terms else number_text)(dZ[i, j], fmt)
        terms.append(f"{upstream}·{_bracketed(w[p - i, q - j], fmt)}")
    start = f"{_entry(names[2], p, q)} = "
    sums = [start + " + ".join(terms) + f" = {number_text(dX[p, q], fmt)}"]
    if len(sums[0]) * 0.095 > WIDTH - 0.1:  # one line for each row of windows
        across = len({j for _, j in windows})
        parts = [" + ".join(terms[at : at + across]) for at in range(0, len(terms), across)]
        sums = [start + parts[0], *("    + " + part for part in parts[1:])]
        sums.append(f"    = {number_text(dX[p, q], fmt)}")
    below = head + block + (0 if in_row else head + M * cell)
    _, ax = new_canvas(WIDTH, below + 0.12 + 0.27 * len(sums))
    width = 2 * label + sign + (wide + n) * cell + in_row * (label + sign + N * cell)
    x0 = (WIDTH - width) / 2 + label
    xw = x0 + wide * cell + sign + label
    middle = head + block / 2
    xz, bottom = xw + n * cell + sign + label, middle - M * cell / 2
    if not in_row:
        xz, bottom = max(x0, sign + label), head + block + head
    draw_padding(ax, high, wide, x0, head, cell)
    words = cell_words(dZ, fmt)
    corner = x0 + (n - 1) * cell, head + (m - 1) * cell
    draw_cells(ax, dZ, *corner, cell, words=words, signed=True, color=letter_color(names[0]))
    draw_indices(ax, high, wide, x0, head, cell, first=(1 - m, 1 - n))
    _write_name(ax, x0 + wide * cell / 2, head - 0.4, names[0])
    top = middle - m * cell / 2
    turned_name = names[1] + r"\ \mathrm{turned}"
    _panel(ax, turned, xw, top, cell, True, fmt, True, signed_limits(w), turned_name)
    _panel(ax, dX, xz, bottom, cell, True, fmt, True, signed_limits(dX), names[2])
    outline(ax, x0 + q * cell, head + p * cell, n * cell, m * cell, VERMILION)
    outline(ax, xz + q * cell, bottom + p * cell, cell, cell, VERMILION)
    _sign(ax, xw - label - sign / 2, middle, r"$\star$")
    _sign(ax, xz - label - sign / 2, bottom + M * cell / 2, "=")
    _write_sums(ax, sums, (WIDTH - max(map(len, sums)) * 0.095) / 2, below + 0.12)
    return ax


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
) -> None:
    """Draw one named array of a search or a gathering."""
    words = cell_words(matrix, fmt) if digits else None
    color = letter_color(name)
    draw_cells(ax, matrix, x, y, cell, words=words, signed=signed, limits=limits, color=color)
    if digits:
        draw_indices(ax, matrix.shape[0], matrix.shape[1], x, y, cell)
    middle = x + matrix.shape[1] * cell / 2
    _write_name(ax, middle, y - (0.4 if digits else 0.16), name)


def _write_name(ax: Axes, x: float, y: float, name: str) -> None:
    """Write the name of an array in the color of its letter."""
    ax.text(x, y, f"${name}$", ha="center", va="center", color=letter_color(name))


def _sign(ax: Axes, x: float, y: float, text: str) -> None:
    """Write an operator between two panels."""
    ax.text(x, y, text, ha="center", va="center")


def _write_sums(ax: Axes, sums: Sequence[str], x: float, y: float) -> None:
    """Write the lines of a sum, from (x, y) on to the right and down."""
    lines = "\n".join(sums)
    ax.text(max(x, 0.05), y, lines, ha="left", va="top", linespacing=1.5)


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


def _bracketed(value: Any, fmt: str | None) -> str:
    """Write a number as a factor or a summand: in brackets if it is negative."""
    text = number_text(value, fmt)
    return f"({text})" if text.startswith("\N{MINUS SIGN}") else text


def _fraction(value: float) -> str:
    """Write a number as a fraction with a small denominator, whole numbers without one."""
    exact = Fraction(float(value)).limit_denominator(999)
    text = f"{exact.numerator}" + (f"/{exact.denominator}" if exact.denominator > 1 else "")
    return text.replace("-", "\N{MINUS SIGN}")
