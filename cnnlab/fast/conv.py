"""Convolutional layer, compiled."""

import numpy as np
from numba import prange

from cnnlab import shapes
from cnnlab.fast.jit import contiguous, kernel, parallel_kernel


def conv2d(X, w, b=None, *, stride=1, padding=0, dilation=1, groups=1):
    """As `cnnlab.reference.conv2d`, compiled; complex numbers are refused.

    Sums are taken in float64 and rounded once.
    """
    X, w, b, geometry, single = shapes.check_conv2d(
        X, w, b, stride=stride, padding=padding, dilation=dilation, groups=groups
    )
    Z = np.empty((len(X), len(w), *geometry.positions), X.dtype)
    _conv2d(contiguous(X), contiguous(w), contiguous(b), *steps(geometry), geometry.groups, Z)
    return Z[0] if single else Z


@parallel_kernel
def _conv2d(X, w, b, stride, corner, dilation, groups, Z):
    # A thread owns whole response maps Z[s, k]. Entry (u, v) of the pattern meets a rectangle of
    # pixels; pattern entries are outside, so that the inner loops run over the rectangle.
    B, P, rows, columns = Z.shape
    _, depth, m, n = w.shape
    M, N = X.shape[2:]
    for plane in prange(B * P):
        s = plane // P
        k = plane % P
        first = k // (P // groups) * depth
        total = np.full((rows, columns), np.float64(b[k]))
        for c in range(depth):
            for u in range(m):
                top, i, height = meeting(u, stride[0], corner[0], dilation[0], M, rows)
                for v in range(n):
                    left, j, width = meeting(v, stride[1], corner[1], dilation[1], N, columns)
                    weight = np.float64(w[k, c, u, v])
                    for row in range(height):
                        p = top + row * stride[0]
                        if stride[1] == 1:  # said apart, so that this loop fills vectors
                            for column in range(width):
                                pixel = X[s, first + c, p, left + column]
                                total[i + row, j + column] += pixel * weight
                        else:
                            for column in range(width):
                                pixel = X[s, first + c, p, left + column * stride[1]]
                                total[i + row, j + column] += pixel * weight
        Z[s, k] = total


def conv2d_dX(dZ, w, X_shape, *, stride=1, padding=0, dilation=1, groups=1):
    """As `cnnlab.reference.conv2d_dX`, compiled; complex numbers are refused.

    Sums are taken in float64 and rounded once.
    """
    dZ, w, X_shape, geometry, single = shapes.check_conv2d_dX(
        dZ, w, X_shape, stride=stride, padding=padding, dilation=dilation, groups=groups
    )
    dX = np.empty(X_shape, dZ.dtype)
    zeros = np.zeros(X_shape[1], dZ.dtype)
    _lay_patterns(contiguous(dZ), contiguous(w), zeros, *steps(geometry), geometry.groups, dX)
    return dX[0] if single else dX


@parallel_kernel
def _lay_patterns(dZ, w, b, stride, corner, dilation, groups, dX):
    # A thread owns whole planes dX[s, c]. Each entry of dZ is handed to the pixels that its window
    # saw: the same products as in the equation, and no division by the stride.
    B, P, rows, columns = dZ.shape
    _, depth, m, n = w.shape
    _, D, M, N = dX.shape
    for plane in prange(B * D):
        s = plane // D
        c = plane % D
        first = c // depth * (P // groups)
        total = np.full((M, N), np.float64(b[c]))
        for k in range(first, first + P // groups):
            for u in range(m):
                top, i, height = meeting(u, stride[0], corner[0], dilation[0], M, rows)
                for v in range(n):
                    left, j, width = meeting(v, stride[1], corner[1], dilation[1], N, columns)
                    weight = np.float64(w[k, c % depth, u, v])
                    for row in range(height):
                        p = top + row * stride[0]
                        if stride[1] == 1:
                            for column in range(width):
                                gradient = dZ[s, k, i + row, j + column]
                                total[p, left + column] += gradient * weight
                        else:
                            for column in range(width):
                                gradient = dZ[s, k, i + row, j + column]
                                total[p, left + column * stride[1]] += gradient * weight
        dX[s, c] = total


def conv2d_dw(dZ, X, w_shape, *, stride=1, padding=0, dilation=1, groups=1):
    """As `cnnlab.reference.conv2d_dw`, compiled; complex numbers are refused.

    Rows are summed in the dtype of the arrays, and the row sums in float64.
    """
    dZ, X, w_shape, geometry = shapes.check_conv2d_dw(
        dZ, X, w_shape, stride=stride, padding=padding, dilation=dilation, groups=groups
    )
    dw = np.empty(w_shape, dZ.dtype)
    _conv2d_dw(contiguous(dZ), contiguous(X), *steps(geometry), geometry.groups, dw)
    return dw


@parallel_kernel
def _conv2d_dw(dZ, X, stride, corner, dilation, groups, dw):
    # A thread owns whole planes dw[k, c].
    P, depth, m, n = dw.shape
    B, _, rows, columns = dZ.shape
    M, N = X.shape[2:]
    for plane in prange(P * depth):
        k = plane // depth
        c = plane % depth
        first = k // (P // groups) * depth
        for u in range(m):
            top, i, height = meeting(u, stride[0], corner[0], dilation[0], M, rows)
            for v in range(n):
                left, j, width = meeting(v, stride[1], corner[1], dilation[1], N, columns)
                total = 0.0
                for s in range(B):
                    for row in range(height):
                        p = top + row * stride[0]
                        row_sum = dZ.dtype.type(0)
                        if stride[1] == 1:
                            for column in range(width):
                                gradient = dZ[s, k, i + row, j + column]
                                row_sum += gradient * X[s, first + c, p, left + column]
                        else:
                            for column in range(width):
                                gradient = dZ[s, k, i + row, j + column]
                                row_sum += gradient * X[s, first + c, p, left + column * stride[1]]
                        total += np.float64(row_sum)
                dw[k, c, u, v] = total


def conv2d_db(dZ):
    """As `cnnlab.reference.conv2d_db`, compiled; complex numbers are refused.

    Rows are summed in the dtype of `dZ`, and the row sums in float64.
    """
    dZ = shapes.check_conv2d_db(dZ)
    db = np.empty(dZ.shape[1], dZ.dtype)
    _conv2d_db(contiguous(dZ), db)
    return db


@kernel
def _conv2d_db(dZ, db):
    B, P, rows, columns = dZ.shape
    for k in range(P):
        total = 0.0
        for s in range(B):
            for i in range(rows):
                row_sum = dZ.dtype.type(0)
                for j in range(columns):
                    row_sum += dZ[s, k, i, j]
                total += np.float64(row_sum)
        db[k] = total


def conv_transpose2d(X, w, b=None, *, stride=1, padding=0, output_padding=0, dilation=1, groups=1):
    """As `cnnlab.reference.conv_transpose2d`, compiled; complex numbers are refused.

    Sums are taken in float64 and rounded once.
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
    _lay_patterns(contiguous(X), contiguous(w), contiguous(b), *steps(geometry), geometry.groups, Z)
    return Z[0] if single else Z


def steps(geometry):
    """Return stride, (top, left) and dilation: what a kernel needs to find a pixel."""
    (top, _), (left, _) = geometry.padding
    return geometry.stride, (top, left), geometry.dilation


@kernel
def meeting(offset, stride, corner, dilation, size, positions):
    """Return where one row (or column) of a pattern meets the image.

    Returned are the first pixel on the image, the first position that has it there, and how many
    positions do. None is negative, and the compiler must see that: it then leaves out the test for
    indices that count from the end, and the loops fill vectors.
    """
    shift = offset * dilation - corner
    begin = min(max(-(shift // stride), 0), positions)
    end = min((size - 1 - shift) // stride + 1, positions)
    return max(begin * stride + shift, 0), max(begin, 0), max(end - begin, 0)
