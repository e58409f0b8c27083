"""Convolutional layer, compiled."""

import numpy as np
from numba import prange

from cnnlab import shapes
from cnnlab.fast.jit import contiguous, kernel, parallel_kernel


def conv2d(X, w, b=None, *, stride=1, padding=0, dilation=1, groups=1):
    """As `cnnlab.reference.conv2d`, compiled; complex numbers are refused."""
    geometry = stride, padding, dilation, groups
    X, w, b, single = shapes.check_conv2d(X, w, b, geometry)
    Z = np.empty(shapes.conv2d_output_shape("conv2d", X.shape, w.shape), X.dtype)
    _conv2d(contiguous(X), contiguous(w), contiguous(b), Z)
    return Z[0] if single else Z


@parallel_kernel
def _conv2d(X, w, b, Z):
    # A thread owns whole response maps Z[s, k]. Pattern offsets are outside and rows inside, so
    # that the inner loop runs along memory.
    B, P, rows, columns = Z.shape
    _, D, m, n = w.shape
    for plane in prange(B * P):
        s = plane // P
        k = plane % P
        Z[s, k] = b[k]
        for c in range(D):
            for i in range(rows):
                for u in range(m):
                    for v in range(n):
                        for j in range(columns):
                            Z[s, k, i, j] += X[s, c, i + u, j + v] * w[k, c, u, v]


def conv2d_dX(dZ, w, X_shape, *, stride=1, padding=0, dilation=1, groups=1):
    """As `cnnlab.reference.conv2d_dX`, compiled; complex numbers are refused."""
    geometry = stride, padding, dilation, groups
    dZ, w, X_shape, single = shapes.check_conv2d_dX(dZ, w, X_shape, geometry)
    dX = np.zeros(X_shape, dZ.dtype)
    _conv2d_dX(contiguous(dZ), contiguous(w), dX)
    return dX[0] if single else dX


@parallel_kernel
def _conv2d_dX(dZ, w, dX):
    # A thread owns whole planes dX[s, c]. Each entry of dZ is handed to the pixels that its window
    # saw: the same products as in the equation, and no test at the border.
    B, P, rows, columns = dZ.shape
    _, D, m, n = w.shape
    for plane in prange(B * D):
        s = plane // D
        c = plane % D
        for k in range(P):
            for i in range(rows):
                for u in range(m):
                    for v in range(n):
                        for j in range(columns):
                            dX[s, c, i + u, j + v] += dZ[s, k, i, j] * w[k, c, u, v]


def conv2d_dw(dZ, X, w_shape, *, stride=1, padding=0, dilation=1, groups=1):
    """As `cnnlab.reference.conv2d_dw`, compiled; complex numbers are refused.

    Rows are summed in the dtype of the arrays, and the row sums in float64.
    """
    geometry = stride, padding, dilation, groups
    dZ, X, w_shape = shapes.check_conv2d_dw(dZ, X, w_shape, geometry)
    dw = np.empty(w_shape, dZ.dtype)
    _conv2d_dw(contiguous(dZ), contiguous(X), dw)
    return dw


@parallel_kernel
def _conv2d_dw(dZ, X, dw):
    # A thread owns whole planes dw[k, c].
    P, D, m, n = dw.shape
    B, _, rows, columns = dZ.shape
    for plane in prange(P * D):
        k = plane // D
        c = plane % D
        for u in range(m):
            for v in range(n):
                total = 0.0
                for s in range(B):
                    for i in range(rows):
                        row_sum = dZ.dtype.type(0)
                        for j in range(columns):
                            row_sum += dZ[s, k, i, j] * X[s, c, i + u, j + v]
                        total += np.float64(row_sum)
                dw[k, c, u, v] = total


def conv2d_db(dZ):
    """As `cnnlab.reference.conv2d_db`, compiled; complex numbers are refused.

    Rows are summed in the dtype of `dZ`, and the row sums in float64.
    """
    dZ, _ = shapes.as_batch(dZ, "conv2d_db", "dZ")
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
