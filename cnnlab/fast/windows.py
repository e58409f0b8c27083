"""Few positions: the windows of some images become rows of a matrix (the field says: im2col).

Where an image has few positions, they fill no tile of the search, and all weights are read once for
each image. As rows of one matrix, the windows of many images share them: the layer is a dense one
(`cnnlab.fast.dense`). The price is that every pixel is written once for each window it lies in.
"""

import math

import numpy as np

from cnnlab.fast.dense import rows_by_rows, weighted_rows
from cnnlab.fast.jit import kernel, part_of_kernel
from cnnlab.fast.layout import steps
from cnnlab.fast.threads import share

# With more positions, or fewer weights for each position, the search is as fast. (Measured.)
POSITIONS = 64
WEIGHTS = 2**11
PATTERNS = 8

# So many entries of windows are written at a time.
ENTRIES = 2**21


def are_few(positions, w_shape, geometry):
    """Return whether the windows at these positions are better made rows of a matrix."""
    count, groups = positions[0] * positions[1], geometry.groups
    spread = math.prod(map(_extent, positions, geometry.stride, w_shape[2:], geometry.dilation))
    return (
        groups == 1
        and 0 < count <= POSITIONS
        and w_shape[0] >= PATTERNS
        and math.prod(w_shape) >= WEIGHTS * count
        and spread * w_shape[1] <= ENTRIES  # which is written with zeros first
    )


def _extent(positions, stride, entries, dilation):
    """Return how many rows (or columns) of an image all windows take together."""
    return (positions - 1) * stride + (entries - 1) * dilation + 1


def search_few(X, w, b, geometry, Z):
    """Write the response maps of a search."""
    for images in _portions(Z.shape, w.shape):
        rows = rows_by_rows(_unfold(X[images], w.shape, geometry), w.reshape(len(w), -1), b)
        some = Z[images]
        some[...] = np.moveaxis(rows.reshape(len(some), *some.shape[2:], len(w)), 3, 1)


def lay_few(source, w, b, geometry, target):
    """Lay patterns on the target, each times an entry of the source."""
    target[...] = b[:, np.newaxis, np.newaxis]
    for images in _portions(source.shape, w.shape):
        windows = weighted_rows(_as_rows(source[images]), w.reshape(len(w), -1))
        some = target[images]
        at = *steps(geometry), w.shape[2:], source.shape[2:]
        share(fold, len(some), windows.size, windows.reshape(-1), *at, some)


def correlate_few(dZ, X, w_shape, geometry):
    """Return dL/dw, in float64 if it is the sum of several portions."""
    dw = None
    for images in _portions(dZ.shape, w_shape):
        rows = _as_rows(dZ[images]).T.copy()
        part = weighted_rows(rows, _unfold(X[images], w_shape, geometry))
        dw = part if dw is None else np.add(dw, part, dtype=np.float64)
    return np.zeros(w_shape) if dw is None else dw.reshape(w_shape)


def _portions(shape, w_shape):
    """Yield slices of a batch of maps of that shape."""
    B, _, rows, columns = shape
    images = max(ENTRIES // (rows * columns * math.prod(w_shape[1:])), 1)
    return (slice(begin, begin + images) for begin in range(0, B, images))


def _as_rows(maps):
    """Return maps as a matrix with a row for each position of each image."""
    return np.ascontiguousarray(np.moveaxis(maps, 1, 3)).reshape(-1, maps.shape[1])


def _unfold(X, w_shape, geometry):
    """Return the windows of images as rows of a matrix."""
    rows = len(X) * math.prod(geometry.positions)
    windows = np.empty((rows, math.prod(w_shape[1:])), X.dtype)
    at = *steps(geometry), w_shape[2:], geometry.positions
    share(unfold, len(X), windows.size, X, *at, windows.reshape(-1))
    return windows


@kernel
def unfold(first, last, X, stride, corner, dilation, window, positions, windows):
    """Write the windows of images one after the other."""
    # An item is an image. With zeros around it, all its windows look alike.
    _, depth, height, width = X.shape
    rows, columns, offsets = framed(stride, dilation, window, positions, depth)
    image = np.zeros(depth * rows * columns, X.dtype)
    above, beside = max(corner[0], 0), max(corner[1], 0)
    for s in range(first, last):
        for c in range(depth):
            for p in range(min(height, rows - above)):
                start = (c * rows + above + p) * columns + beside
                for q in range(min(width, columns - beside)):
                    image[start + q] = X[s, c, p, q]
        place = s * positions[0] * positions[1] * len(offsets)
        for i in range(positions[0]):
            for j in range(positions[1]):
                start = i * stride[0] * columns + j * stride[1]
                for tap in range(len(offsets)):
                    windows[place + tap] = image[start + offsets[tap]]
                place += len(offsets)


@kernel
def fold(first, last, windows, stride, corner, dilation, window, positions, target):
    """Add windows to the images in their places; what lies outside is dropped."""
    # An item is an image.
    _, depth, height, width = target.shape
    rows, columns, offsets = framed(stride, dilation, window, positions, depth)
    image = np.empty(depth * rows * columns, target.dtype)
    above, beside = max(corner[0], 0), max(corner[1], 0)
    for s in range(first, last):
        image[:] = 0
        place = s * positions[0] * positions[1] * len(offsets)
        for i in range(positions[0]):
            for j in range(positions[1]):
                start = i * stride[0] * columns + j * stride[1]
                for tap in range(len(offsets)):
                    image[start + offsets[tap]] += windows[place + tap]
                place += len(offsets)
        for c in range(depth):
            for p in range(min(height, rows - above)):
                start = (c * rows + above + p) * columns + beside
                for q in range(min(width, columns - beside)):
                    target[s, c, p, q] += image[start + q]


@part_of_kernel
def framed(stride, dilation, window, positions, depth):
    """Return how many rows and columns all windows take, and where their entries lie there."""
    m, n = window
    rows = (positions[0] - 1) * stride[0] + (m - 1) * dilation[0] + 1
    columns = (positions[1] - 1) * stride[1] + (n - 1) * dilation[1] + 1
    offsets = np.empty(depth * m * n, np.intp)
    tap = 0
    for c in range(depth):
        for u in range(m):
            for v in range(n):
                offsets[tap] = (c * rows + u * dilation[0]) * columns + v * dilation[1]
                tap += 1
    return rows, columns, offsets
