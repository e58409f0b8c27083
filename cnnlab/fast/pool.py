"""Pooling, compiled."""

import numpy as np
from numba import prange

from cnnlab import shapes
from cnnlab.fast.conv import steps
from cnnlab.fast.jit import contiguous, kernel, parallel_kernel
from cnnlab.results import MaxPool


def max_pool2d(X, size, *, stride=None, padding=0, dilation=1, ceil_mode=False):
    """As `cnnlab.reference.max_pool2d`, compiled; complex numbers are refused."""
    X, size, geometry, single = shapes.check_max_pool2d(
        X, size, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil_mode
    )
    Y = np.empty((*X.shape[:2], *geometry.positions), X.dtype)
    argmax = np.empty(Y.shape, np.int64)
    _max_pool2d(contiguous(X), size, *steps(geometry), Y, argmax)
    return MaxPool(Y[0], argmax[0]) if single else MaxPool(Y, argmax)


@parallel_kernel
def _max_pool2d(X, size, stride, corner, dilation, Y, argmax):
    # A thread owns whole planes Y[s, c].
    B, D, M, N = X.shape
    _, _, rows, columns = Y.shape
    for plane in prange(B * D):
        s = plane // D
        c = plane % D
        for i in range(rows):
            top = i * stride[0] - corner[0]
            u_begin, u_end = on_image(top, size[0], dilation[0], M)
            for j in range(columns):
                left = j * stride[1] - corner[1]
                v_begin, v_end = on_image(left, size[1], dilation[1], N)
                largest = X.dtype.type(-np.inf)
                winner = -1
                for u in range(u_begin, u_end):
                    p = top + u * dilation[0]
                    for v in range(v_begin, v_end):
                        q = left + v * dilation[1]
                        pixel = X[s, c, p, q]
                        # NaN is larger than every number, and no comparison says so.
                        new_nan = np.isnan(pixel) and not np.isnan(largest)
                        if winner == -1 or pixel > largest or new_nan:
                            largest = pixel
                            winner = p * N + q
                Y[s, c, i, j] = largest
                argmax[s, c, i, j] = winner


def max_pool2d_dX(dY, argmax, X_shape):
    """As `cnnlab.reference.max_pool2d_dX`, compiled; complex numbers are refused."""
    dY, argmax, X_shape, single = shapes.check_max_pool2d_dX(dY, argmax, X_shape)
    B, D, M, N = X_shape
    flat = B * D, dY.shape[2] * dY.shape[3]
    dX = np.zeros(X_shape, dY.dtype)
    _max_pool2d_dX(
        contiguous(dY).reshape(flat), contiguous(argmax).reshape(flat), dX.reshape(B * D, M * N)
    )
    return dX[0] if single else dX


@parallel_kernel
def _max_pool2d_dX(dY, argmax, dX):
    # A thread owns whole planes: windows that overlap add to the same pixel.
    planes, windows = dY.shape
    for plane in prange(planes):
        for window in range(windows):
            if argmax[plane, window] >= 0:
                dX[plane, argmax[plane, window]] += dY[plane, window]


def avg_pool2d(X, size, *, stride=None, padding=0, ceil_mode=False, count_include_pad=True):
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
    margins = geometry.padding if count_include_pad else NO_MARGINS
    _avg_pool2d(contiguous(X), size, *steps(geometry)[:2], *margins, Y)
    return Y[0] if single else Y


@parallel_kernel
def _avg_pool2d(X, size, stride, corner, row_margin, column_margin, Y):
    # A thread owns whole planes Y[s, c].
    B, D, M, N = X.shape
    _, _, rows, columns = Y.shape
    for plane in prange(B * D):
        s = plane // D
        c = plane % D
        for i in range(rows):
            top = i * stride[0] - corner[0]
            height = overlap(top, size[0], row_margin, M)
            for j in range(columns):
                left = j * stride[1] - corner[1]
                count = height * overlap(left, size[1], column_margin, N)
                total = np.float64(0)
                for p in range(max(top, 0), min(top + size[0], M)):
                    for q in range(max(left, 0), min(left + size[1], N)):
                        total += X[s, c, p, q]
                Y[s, c, i, j] = total / max(count, 1)


def avg_pool2d_dX(
    dY, X_shape, size, *, stride=None, padding=0, ceil_mode=False, count_include_pad=True
):
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
    margins = geometry.padding if count_include_pad else NO_MARGINS
    _avg_pool2d_dX(contiguous(dY), size, *steps(geometry)[:2], *margins, dX)
    return dX[0] if single else dX


@parallel_kernel
def _avg_pool2d_dX(dY, size, stride, corner, row_margin, column_margin, dX):
    # A thread owns whole planes dX[s, c]: windows that overlap add to the same pixel.
    B, D, M, N = dX.shape
    _, _, rows, columns = dY.shape
    for plane in prange(B * D):
        s = plane // D
        c = plane % D
        for i in range(rows):
            top = i * stride[0] - corner[0]
            height = overlap(top, size[0], row_margin, M)
            for j in range(columns):
                left = j * stride[1] - corner[1]
                count = height * overlap(left, size[1], column_margin, N)
                share = dY[s, c, i, j] / dY.dtype.type(max(count, 1))
                for p in range(max(top, 0), min(top + size[0], M)):
                    for q in range(max(left, 0), min(left + size[1], N)):
                        dX[s, c, p, q] += share


@kernel
def on_image(start, length, dilation, size):
    """Return begin and end of the entries of a window whose pixels are on the image."""
    return max(-(start // dilation), 0), min((size - 1 - start) // dilation + 1, length)


NO_MARGINS = ((0, 0), (0, 0))


@kernel
def overlap(begin, length, margin, size):
    """Return how many of `length` pixels from `begin` on lie on the image and its margins."""
    return max(min(begin + length, size + margin[1]) - max(begin, -margin[0]), 0)
