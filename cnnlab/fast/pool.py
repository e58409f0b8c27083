"""Pooling, compiled.

Small windows have kernels of their own, which do many windows at a time (`cnnlab.fast.lines`). For
them, `lay_out_rows` writes the pixels under rows of windows anew: with the padding around them,
and, where windows are two columns apart, even and odd columns in two lines. Neighboring windows
then look at neighboring numbers.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnlab import shapes
from cnnlab.fast.addresses import copy_rows, largest_tile, total_tile
from cnnlab.fast.addresses import largest as largest_of_lines
from cnnlab.fast.addresses import total as total_of_lines
from cnnlab.fast.elementary import largest
from cnnlab.fast.jit import contiguous, kernel, kernel_in_order, part_of_kernel
from cnnlab.fast.lines import TOGETHER
from cnnlab.fast.threads import share
from cnnlab.results import MaxPool
from cnnlab.typing import Array, ArrayLike, Flag, Padding, Pair, Shape

__all__ = [
    "max_pool2d",
    "max_pool2d_dX",
    "avg_pool2d",
    "avg_pool2d_dX",
]

# The most entries of a window, and columns from one window to the next, for a kernel of its own.
SMALL = 16
NEAR = 4

# Of small windows so many, or one row, are done at once: their pixels stay in the first cache.
SLOTS = 256

# Rows are made up to a multiple of this: what is left over of a loop that fills vectors is slow.
VECTOR = 8

# Indices in kernels are of this type where they are never negative. The test for those that count
# from the end would be in the way of vectors.
at = np.uintp


# ------------------------------------------------------------------------------- maximum


def max_pool2d(
    X: ArrayLike,
    size: Pair,
    *,
    stride: Pair | None = None,
    padding: Padding = 0,
    dilation: Pair = 1,
    ceil_mode: Flag = False,
) -> MaxPool:
    """As `cnnlab.reference.max_pool2d`, compiled; complex numbers are refused."""
    X, size, geometry, single = shapes.check_max_pool2d(
        X, size, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil_mode
    )
    Y = np.empty((*X.shape[:2], *geometry.positions), X.dtype)
    argmax = np.empty(Y.shape, np.int64)
    windows, _ = lay_down(X.shape, size, geometry)
    pool, given = _max_pool2d, geometry.dilation
    if given == (1, 1) and is_small(windows):
        pool, given = _small_max_pool2d, largest_tile(X.dtype)
    share(
        pool,
        items_of(X, windows),
        Y.size * (2 + size[0] * size[1] / 8),
        windows,
        given,
        contiguous(X).reshape(-1),
        Y.reshape(-1),
        argmax.reshape(-1),
    )
    return MaxPool(Y[0], argmax[0]) if single else MaxPool(Y, argmax)


@kernel_in_order
def _max_pool2d(first, last, windows, dilation, X, Y, argmax):
    # An item is a row of windows of one plane.
    image, size, stride, corner, (rows, columns) = windows
    pixels = image[0] * image[1]
    for item in range(first, last):
        plane = item // rows * pixels
        top = item % rows * stride[0] - corner[0]
        for j in range(columns):
            left = j * stride[1] - corner[1]
            place = item * columns + j
            Y[place], argmax[place] = _largest_of(X, plane, image, size, dilation, top, left)


@kernel_in_order
def _largest_of(X, plane, image, size, dilation, top, left):
    """Return the largest pixel of a window and its place; -inf and -1 if it has none."""
    M, N = image
    u_begin, u_end = on_image(top, size[0], dilation[0], M)
    v_begin, v_end = on_image(left, size[1], dilation[1], N)
    best, winner = X.dtype.type(-np.inf), -1
    for u in range(u_begin, u_end):
        place = plane + (top + u * dilation[0]) * N + left + v_begin * dilation[1]
        if dilation[1] == 1 and v_begin < v_end:
            # First how large the largest is, which fills vectors; where it stands, if it wins.
            pixel = largest(X, place, place + v_end - v_begin)
            if winner == -1 or _beats(pixel, best):
                if pixel == pixel:
                    while X[at(place)] < pixel:
                        place += 1
                else:
                    while X[at(place)] == X[at(place)]:
                        place += 1
                best, winner = X[at(place)], place - plane
        else:
            for _ in range(v_begin, v_end):
                pixel = X[at(place)]
                if winner == -1 or _beats(pixel, best):
                    best, winner = pixel, place - plane
                place += dilation[1]
    return best, winner


@kernel_in_order
def _beats(pixel, best):
    """Whether a pixel is larger than the best before it; NaN is larger than every number."""
    return (not pixel <= best) & (best == best)


@kernel_in_order
def _small_max_pool2d(first, last, windows, tile, X, Y, argmax):
    # An item is a row of windows of one plane.
    (_, N), (m, n), stride, corner, (rows, columns) = windows
    step = stride[1]
    many, segment, count, length = slots_of(windows)
    empty = X.dtype.type(-np.inf)
    lines = np.full(m * step * length, empty)
    offsets, reach = find_entries(windows, length), np.empty(m * n, np.int64)
    for entry in range(m * n):  # how far from the corner of a window it is in X
        reach[entry] = entry // n * N + entry % n
    best, winner = np.empty(count, X.dtype), np.empty(count, np.int32)
    for begin in range(first, last, many):
        end = min(begin + many, last)
        lay_out_rows(tile, windows, X, begin, end, empty, lines, length, segment)
        largest_of_lines(tile, lines, offsets, m * n, count, best, winner)
        for item in range(begin, end):
            slot, place, doubtful = (item - begin) * segment, item * columns, 0
            corner_at = (item % rows * stride[0] - corner[0]) * N - corner[1]
            for j in range(columns):
                Y[at(place + j)] = best[at(slot + j)]
                doubtful += best[at(slot + j)] == empty
            for j in range(columns):
                argmax[at(place + j)] = corner_at + j * step + reach[at(winner[at(slot + j)])]
            if doubtful:  # -inf may be a pixel or the padding
                _max_pool2d(item, item + 1, windows, (1, 1), X, Y, argmax)


def max_pool2d_dX(dY: ArrayLike, argmax: ArrayLike, X_shape: Shape) -> Array:
    """As `cnnlab.reference.max_pool2d_dX`, compiled; complex numbers are refused."""
    dY, argmax, X_shape, single = shapes.check_max_pool2d_dX(dY, argmax, X_shape)
    B, D, M, N = X_shape
    dX = np.zeros(X_shape, dY.dtype)
    share(
        _max_pool2d_dX,
        B * D,
        0.4 * dY.size + 0.05 * dX.size,
        dY.shape[2] * dY.shape[3],
        M * N,
        contiguous(dY).reshape(-1),
        contiguous(argmax).reshape(-1),
        dX.reshape(-1),
    )
    return dX[0] if single else dX


@kernel
def _max_pool2d_dX(first, last, windows, pixels, dY, argmax, dX):
    # An item is a plane: windows that overlap add to the same pixel.
    for plane in range(first, last):
        for window in range(plane * windows, (plane + 1) * windows):
            if argmax[at(window)] >= 0:
                dX[at(plane * pixels + argmax[at(window)])] += dY[at(window)]


# ------------------------------------------------------------------------------- mean


def avg_pool2d(
    X: ArrayLike,
    size: Pair,
    *,
    stride: Pair | None = None,
    padding: Padding = 0,
    ceil_mode: Flag = False,
    count_include_pad: Flag = True,
) -> Array:
    """As `cnnlab.reference.avg_pool2d`, compiled; complex numbers are refused.

    Sums are taken in float64 and rounded once.
    """
    X, size, geometry, count_include_pad, single = shapes.check_avg_pool2d(
        X,
        size,
        stride=stride,
        padding=padding,
        ceil_mode=ceil_mode,
        count_include_pad=count_include_pad,
    )
    Y = np.empty((*X.shape[:2], *geometry.positions), X.dtype)
    windows, margins = lay_down(X.shape, size, geometry)
    pool: Any = _avg_pool2d
    given: tuple[Any, ...] = ()
    if is_small(windows):
        pool, given = _small_avg_pool2d, (total_tile(X.dtype),)
    share(
        pool,
        items_of(X, windows),
        Y.size * (2 + size[0] * size[1] / 8),
        windows,
        margins if count_include_pad else NO_MARGINS,
        *given,
        contiguous(X).reshape(-1),
        Y.reshape(-1),
    )
    return Y[0] if single else Y


@kernel
def _avg_pool2d(first, last, windows, margins, X, Y):
    # An item is a row of windows of one plane.
    (M, N), size, stride, corner, (rows, columns) = windows
    for item in range(first, last):
        top = item % rows * stride[0] - corner[0]
        height = overlap(top, size[0], margins[0], M)
        for j in range(columns):
            left = j * stride[1] - corner[1]
            count = height * overlap(left, size[1], margins[1], N)
            begin, end = max(left, 0), min(left + size[1], N)
            total = 0.0
            for p in range(max(top, 0), min(top + size[0], M)):
                row = (item // rows * M + p) * N
                for q in range(row + begin, row + end):
                    total += np.float64(X[at(q)])
            Y[item * columns + j] = total / max(count, 1)


@kernel
def _small_avg_pool2d(first, last, windows, margins, tile, X, Y):
    # An item is a row of windows of one plane.
    (M, N), (m, n), stride, corner, (rows, columns) = windows
    many, segment, count, length = slots_of(windows)
    empty = X.dtype.type(0)
    lines = np.full(m * stride[1] * length, empty)
    offsets = find_entries(windows, length)
    totals, widths = np.empty(count), np.empty(columns)
    for j in range(columns):
        widths[j] = overlap(j * stride[1] - corner[1], n, margins[1], N)
    for begin in range(first, last, many):
        end = min(begin + many, last)
        lay_out_rows(tile, windows, X, begin, end, empty, lines, length, segment)
        total_of_lines(tile, lines, offsets, m * n, count, totals)
        for item in range(begin, end):
            slot = (item - begin) * segment
            top = item % rows * stride[0] - corner[0]
            height = overlap(top, m, margins[0], M)
            for j in range(columns):
                Y[at(item * columns + j)] = totals[at(slot + j)] / max(height * widths[at(j)], 1.0)


def avg_pool2d_dX(
    dY: ArrayLike,
    X_shape: Shape,
    size: Pair,
    *,
    stride: Pair | None = None,
    padding: Padding = 0,
    ceil_mode: Flag = False,
    count_include_pad: Flag = True,
) -> Array:
    """As `cnnlab.reference.avg_pool2d_dX`, compiled; complex numbers are refused."""
    dY, X_shape, size, geometry, count_include_pad, single = shapes.check_avg_pool2d_dX(
        dY,
        X_shape,
        size,
        stride=stride,
        padding=padding,
        ceil_mode=ceil_mode,
        count_include_pad=count_include_pad,
    )
    dX = np.zeros(X_shape, dY.dtype)
    windows, margins = lay_down(X_shape, size, geometry)
    share(
        _small_avg_pool2d_dX if is_small(windows) else _avg_pool2d_dX,
        X_shape[0] * X_shape[1],
        2 * dY.size + 0.1 * dX.size,
        windows,
        margins if count_include_pad else NO_MARGINS,
        contiguous(dY).reshape(-1),
        dX.reshape(-1),
    )
    return dX[0] if single else dX


@kernel
def _avg_pool2d_dX(first, last, windows, margins, dY, dX):
    # An item is a plane: windows that overlap add to the same pixel.
    (M, N), size, stride, corner, (rows, columns) = windows
    for plane in range(first, last):
        for i in range(rows):
            top = i * stride[0] - corner[0]
            height = overlap(top, size[0], margins[0], M)
            for j in range(columns):
                left = j * stride[1] - corner[1]
                count = max(height * overlap(left, size[1], margins[1], N), 1)
                part = dY[(plane * rows + i) * columns + j] / dY.dtype.type(count)
                begin, end = max(left, 0), min(left + size[1], N)
                for p in range(max(top, 0), min(top + size[0], M)):
                    row = (plane * M + p) * N
                    for q in range(row + begin, row + end):
                        dX[at(q)] += part


@kernel
def _small_avg_pool2d_dX(first, last, windows, margins, dY, dX):
    # An item is a plane: windows that overlap add to the same pixel.
    (M, N), (m, n), stride, corner, (rows, columns) = windows
    step = stride[1]
    more = (n - 1) // step  # so many windows before the one that begins at a column reach it
    count = max(-(-(columns + more) // VECTOR) * VECTOR, 0)
    parts = np.zeros(more + count, dY.dtype)  # nothing before the first and after the last
    line = np.zeros(count * step, dY.dtype)
    widths = np.empty(columns, dY.dtype)
    for j in range(columns):
        widths[j] = overlap(j * step - corner[1], n, margins[1], N)
    begin, end = corner[1], min(corner[1] + N, count * step)
    for plane in range(first, last):
        for i in range(rows):
            top = i * stride[0] - corner[0]
            height = dY.dtype.type(overlap(top, m, margins[0], M))
            for j in range(columns):
                count_of = max(height * widths[at(j)], dY.dtype.type(1))
                parts[at(more + j)] = dY[at((plane * rows + i) * columns + j)] / count_of
            # What this row of windows has for a column, the same in all its rows of pixels.
            for rest in range(step):
                if rest < n:
                    for j in range(count):
                        line[at(j * step + rest)] = parts[at(more + j)]
                for v in range(rest + step, n, step):
                    for j in range(count):
                        line[at(j * step + rest)] += parts[at(more - v // step + j)]
            for p in range(max(top, 0), min(top + m, M)):
                row = (plane * M + p) * N - corner[1]
                for q in range(begin, end):
                    dX[at(row + q)] += line[at(q)]


# ------------------------------------------------------------------------------- windows


NO_MARGINS = ((0, 0), (0, 0))


def lay_down(X_shape, size, geometry):
    """Return where windows are, as kernels read it, and the margins: all of it numbers in pairs.

    Where they are: image, size, stride, (top, left) and positions. Windows as wide as the image
    become windows on one long row, because the pixels of such a window stand in a row.
    """
    (M, N), (m, n), (down, _) = X_shape[2:], size, geometry.stride
    margins = (top, bottom), (left, right) = geometry.padding
    if n == N and left == right == 0 and geometry.dilation == (1, 1):
        windows = (1, M * N), (1, m * N), (1, down * N), (0, top * N), (1, geometry.positions[0])
        return windows, ((0, 0), (top * N, bottom * N))
    return ((M, N), size, geometry.stride, (top, left), geometry.positions), margins


def items_of(X, windows):
    """Return how many rows of windows there are in all."""
    return X.shape[0] * X.shape[1] * windows[4][0]


def is_small(windows):
    """Return whether windows are small and many in a row: they have a kernel of their own."""
    _, (m, n), (_, step), _, (_, columns) = windows
    return m * n <= SMALL and step <= NEAR and 2 * columns >= VECTOR


@kernel
def on_image(start, length, dilation, size):
    """Return begin and end of the entries of a window whose pixels are on the image."""
    if dilation == 1:  # said apart, because divisions are slow
        return max(-start, 0), min(size - start, length)
    return max(-(start // dilation), 0), min((size - 1 - start) // dilation + 1, length)


@kernel
def overlap(begin, length, margin, size):
    """Return how many of `length` pixels from `begin` on lie on the image and its margins."""
    return max(min(begin + length, size + margin[1]) - max(begin, -margin[0]), 0)


@part_of_kernel
def slots_of(windows):
    """Return how many rows of windows are done at once, and how many slots they take.

    There is one slot for each window, and some for the pixels that only the last ones of a row
    see. Returned are the number of rows, the slots of one and of all, and the length of a line.
    """
    _, (_, n), (_, step), _, (_, columns) = windows
    more = (n - 1) // step
    segment = columns + more
    many = max(SLOTS // segment, 1)
    count = max(many * segment, TOGETHER)
    return many, segment, count, count + more


@part_of_kernel
def find_entries(windows, length):
    """Return where the entries of the first window are in the lines."""
    _, (m, n), (_, step), _, _ = windows
    offsets = np.empty(m * n, np.intp)
    for u in range(m):
        for v in range(n):
            offsets[u * n + v] = (u * step + v % step) * length + v // step
    return offsets


@part_of_kernel
def lay_out_rows(tile, windows, X, begin, end, empty, lines, length, segment):
    """Write the pixels under rows of windows into the lines, a segment for each of them.

    There is one line for each of the m rows of pixels and each rest of the column by the step.
    Beside the image, what the lines hold stays; a row of pixels above or below it is `empty`.
    """
    (M, N), (m, _), (down, step), (above, left), (rows, _) = windows
    if above == 0 and m <= down and rows * down == M:
        rows, M = end, end * down  # the windows of all planes follow each other, as in one
    for rest in range(step):
        first = max(-((rest - left) // step), 0)
        count = max(min(-((rest - left - N) // step), segment) - first, 0)
        item = begin
        while item < end:  # those of one plane at a time
            plane, i = item // rows, item % rows
            last = min(rows, i + end - item)
            slot = (item - begin) * segment + first
            for u in range(m):
                on = min(max(-((u - above) // down), i), last)
                off = max(min(-((u - above - M) // down), last), on)
                line = (u * step + rest) * length + slot
                for beside in range(i, on):
                    clear(lines, line + (beside - i) * segment, count, empty)
                for beside in range(off, last):
                    clear(lines, line + (beside - i) * segment, count, empty)
                corner = (plane * M + on * down - above + u) * N - left + rest + first * step
                line += (on - i) * segment
                if step <= 2:
                    copy_rows(
                        tile, X, corner, down * N, step, lines, line, segment, off - on, count
                    )
                    continue
                for row in range(off - on):
                    for c in range(count):
                        pixel = X[at(corner + row * down * N + c * step)]
                        lines[at(line + row * segment + c)] = pixel
            item += last - i


@part_of_kernel
def clear(lines, begin, count, empty):
    """Write `empty` into some slots."""
    for slot in range(begin, begin + count):
        lines[at(slot)] = empty
