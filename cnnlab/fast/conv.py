"""Convolutional layer, compiled: what stands around the kernels, and the sums for the biases.

The forward pass, the gradient with respect to the images and the transposed convolution are one
computation, `cnnlab.fast.search`: every entry of a target is a sum of weighted, shifted entries of
a source. The gradient with respect to the patterns, `cnnlab.fast.correlate`, sums over positions
instead. Both are products of matrices that are never written down as such (implicit GEMM), and work
in the same moves.

1. Lay out (the field says: pack): rows of the source are written one after the other into a short
   array, padding included, so that a weight meets the pixels of a whole run of positions side by
   side (`cnnlab.fast.layout`).
2. Add up: tiles of sums stay in the registers of the processor (`cnnlab.fast.tiles`). What fills no
   tile or no vector is a rest (a tail, a remainder).
3. Put down (store): the sums go to their places in the result.

Small images go other ways, if these are shorter (`cnnlab.fast.ways`): `cnnlab.fast.blocked` and
`cnnlab.fast.windows`. Weights that are not finite must not meet padding: `cnnlab.fast.absent`.
"""

from __future__ import annotations

import numpy as np

from cnnlab import shapes
from cnnlab.fast.absent import NO_PADDING, finite, visit_all
from cnnlab.fast.blocked import correlate_blocked, lay_blocked, search_blocked
from cnnlab.fast.correlate import run_correlate
from cnnlab.fast.jit import contiguous, kernel
from cnnlab.fast.search import run_search
from cnnlab.fast.threads import share
from cnnlab.fast.ways import BLOCKS, ROWS, WINDOWS, way
from cnnlab.fast.windows import correlate_few, lay_few, search_few
from cnnlab.typing import Array, ArrayLike, Integer, Padding, Pair, Shape

__all__ = [
    "conv2d",
    "conv2d_dX",
    "conv_transpose2d",
    "conv2d_dw",
    "conv2d_db",
]


def conv2d(
    X: ArrayLike,
    w: ArrayLike,
    b: ArrayLike | None = None,
    *,
    stride: Pair = 1,
    padding: Padding = 0,
    dilation: Pair = 1,
    groups: Integer = 1,
) -> Array:
    """As `cnnlab.reference.conv2d`, compiled; complex numbers are refused.

    Products are added up in parts of at most 64, and the parts one after the other; in layers of
    few positions and many weights, vector by vector.
    """
    X, w, b, geometry, single = shapes.check_conv2d(
        X, w, b, stride=stride, padding=padding, dilation=dilation, groups=groups
    )
    X, w, b = contiguous(X), contiguous(w), contiguous(b)
    Z = np.empty((len(X), len(w), *geometry.positions), X.dtype)
    if geometry.padding != NO_PADDING and not finite(w):
        Z[:] = visit_all(X, w, Z, geometry, "Z") + b[:, np.newaxis, np.newaxis]
    else:
        route = way("forward", X.shape, w.shape, Z.shape, geometry, X.itemsize)
        if route == BLOCKS:
            search_blocked(X, w, b, geometry, Z)
        elif route == WINDOWS:
            search_few(X, w, b, geometry, Z)
        else:
            run_search(X, w, b, geometry, False, Z)
    return Z[0] if single else Z


def conv2d_dX(
    dZ: ArrayLike,
    w: ArrayLike,
    X_shape: Shape,
    *,
    stride: Pair = 1,
    padding: Padding = 0,
    dilation: Pair = 1,
    groups: Integer = 1,
) -> Array:
    """As `cnnlab.reference.conv2d_dX`, compiled; complex numbers are refused.

    Products are added up in parts of at most 64, and the parts one after the other.
    """
    dZ, w, X_shape, geometry, single = shapes.check_conv2d_dX(
        dZ, w, X_shape, stride=stride, padding=padding, dilation=dilation, groups=groups
    )
    dX = np.empty(X_shape, dZ.dtype)
    run_transposed(contiguous(dZ), contiguous(w), np.zeros(X_shape[1], dZ.dtype), geometry, dX)
    return dX[0] if single else dX


def conv_transpose2d(
    X: ArrayLike,
    w: ArrayLike,
    b: ArrayLike | None = None,
    *,
    stride: Pair = 1,
    padding: Padding = 0,
    output_padding: Pair = 0,
    dilation: Pair = 1,
    groups: Integer = 1,
) -> Array:
    """As `cnnlab.reference.conv_transpose2d`, compiled; complex numbers are refused.

    Products are added up in parts of at most 64, and the parts one after the other.
    """
    X, w, b, Z_shape, geometry, single = shapes.check_conv_transpose2d(
        X,
        w,
        b,
        stride=stride,
        padding=padding,
        output_padding=output_padding,
        dilation=dilation,
        groups=groups,
    )
    Z = np.empty(Z_shape, X.dtype)
    run_transposed(contiguous(X), contiguous(w), contiguous(b), geometry, Z)
    return Z[0] if single else Z


def run_transposed(source, w, b, geometry, target):
    """Lay patterns on the target, each times an entry of the source."""
    if not finite(w):
        target[:] = visit_all(target, w, source, geometry, "X") + b[:, np.newaxis, np.newaxis]
        return
    route = way("dX", target.shape, w.shape, source.shape, geometry, w.itemsize)
    if route == BLOCKS:
        lay_blocked(source, w, b, geometry, target)
    elif route == WINDOWS:
        lay_few(source, w, b, geometry, target)
    else:
        run_search(source, w, b, geometry, True, target)


def conv2d_dw(
    dZ: ArrayLike,
    X: ArrayLike,
    w_shape: Shape,
    *,
    stride: Pair = 1,
    padding: Padding = 0,
    dilation: Pair = 1,
    groups: Integer = 1,
) -> Array:
    """As `cnnlab.reference.conv2d_dw`, compiled; complex numbers are refused.

    Products of at most 1,024 positions are added up in the dtype of the arrays, vector by vector;
    the sums of images in float64. In layers of small images, products are added up in parts of at
    most 64, and the parts of at most 4,096 products one after the other.
    """
    dZ, X, w_shape, geometry = shapes.check_conv2d_dw(
        dZ, X, w_shape, stride=stride, padding=padding, dilation=dilation, groups=groups
    )
    dZ, X = contiguous(dZ), contiguous(X)
    route = way("dw", X.shape, w_shape, dZ.shape, geometry, X.itemsize)
    correlates = {ROWS: run_correlate, BLOCKS: correlate_blocked, WINDOWS: correlate_few}
    dw = correlates[route](dZ, X, w_shape, geometry)
    if geometry.padding != NO_PADDING and not finite(dw):
        dw = visit_all(X, dw, dZ, geometry, "w")
    return dw.astype(dZ.dtype, copy=False)


def conv2d_db(dZ: ArrayLike) -> Array:
    """As `cnnlab.reference.conv2d_db`, compiled; complex numbers are refused.

    Rows are summed in the dtype of `dZ`, and the row sums in float64.
    """
    dZ = shapes.check_conv2d_db(dZ)
    db = np.empty(dZ.shape[1], dZ.dtype)
    share(sum_maps, len(db), 0.2 * dZ.size, contiguous(dZ), db)
    return db


@kernel
def sum_maps(first, last, dZ, db):
    """Write the biases `first` to `last` of db."""
    B, _, rows, columns = dZ.shape
    for k in range(first, last):
        total = 0.0
        for s in range(B):
            for i in range(rows):
                row_sum = dZ.dtype.type(0)
                for j in range(columns):
                    row_sum += dZ[s, k, i, j]
                total += np.float64(row_sum)
        db[k] = total
