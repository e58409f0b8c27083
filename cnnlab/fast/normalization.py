"""Batch normalization, compiled.

An item of a kernel is a depth, or some depths whose planes are small; whoever does it owns all
pixels of it. Small planes are laid out one behind the other first, because short loops are slow.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnlab import shapes
from cnnlab.fast.jit import contiguous, kernel, kernel_in_order
from cnnlab.fast.threads import share
from cnnlab.results import BatchNorm, BatchNormGradients
from cnnlab.typing import Array, ArrayLike, Flag, Number

__all__ = [
    "batch_norm2d",
    "batch_norm2d_dX",
    "batch_norm2d_dw",
    "batch_norm2d_db",
    "batch_norm2d_backward",
]

# Planes of fewer pixels are laid out, several depths at a time until so many pixels are together.
SMALL = 16

at = np.uintp  # without a test for indices that count from the end


def batch_norm2d(
    X: ArrayLike,
    w: ArrayLike,
    b: ArrayLike,
    *,
    epsilon: Number = 1e-5,
    mean: ArrayLike | None = None,
    variance: ArrayLike | None = None,
) -> BatchNorm:
    """As `cnnlab.reference.batch_norm2d`, compiled; complex numbers are refused."""
    (X, w, b), given, epsilon, single = shapes.check_batch_norm2d(X, w, b, epsilon, mean, variance)
    D = X.shape[1]
    mean, variance = np.zeros((2, D)) if given is None else map(np.array, given)
    scale, Y = np.empty(D), np.empty(X.shape, X.dtype)
    arrays = (contiguous(array).reshape(-1) for array in (X, w, b, Y))
    run, items, layout = _lay_down(_batch_norm2d, _batch_norm2d_of_small_planes, X.shape)
    share(run, items, 0.5 * X.size, layout, given is None, epsilon, *arrays, mean, variance, scale)
    return BatchNorm(Y[0] if single else Y, mean, variance, scale)


def _lay_down(large, small, shape):
    """Return the kernel for these images, its number of items, and what it needs of the shape.

    That is: samples, depths, pixels of a plane and depths of an item.
    """
    B, D, M, N = shape
    many = 1 if M * N >= SMALL else max(min(SMALL // (M * N), D // 8), 1)
    return large if M * N >= SMALL else small, -(-D // many), (B, D, M * N, many)


@kernel
def _batch_norm2d(first, last, layout, own, epsilon, X, w, b, Y, mean, variance, scale):
    # An item is a depth.
    B, D, K, _ = layout
    for c in range(first, last):
        places = c * K, D * K, B, K
        if own:
            mean[c], variance[c] = statistics_of(X, places)
        scale[c] = 1 / np.sqrt(variance[c] + epsilon)
        normalize(X, Y, places, mean[c], w[c] * scale[c], np.float64(b[c]))


@kernel
def _batch_norm2d_of_small_planes(
    first, last, layout, own, epsilon, X, w, b, Y, mean, variance, scale
):
    # An item is some depths.
    B, D, K, many = layout
    line = np.empty(many * B * K, X.dtype)
    for item in range(first, last):
        begin, end = item * many, min((item + 1) * many, D)
        lay_out(X, line, layout, begin, end)
        for c in range(begin, end):
            places = (c - begin) * B * K, 0, 1, B * K
            if own:
                mean[c], variance[c] = statistics_of(line, places)
            scale[c] = 1 / np.sqrt(variance[c] + epsilon)
            normalize(line, line, places, mean[c], w[c] * scale[c], np.float64(b[c]))
        put_back(line, Y, layout, begin, end)


@kernel
def lay_out(images, line, layout, begin, end):
    """Write the planes of the depths from `begin` to `end` into a line, all of a depth together."""
    B, D, K, _ = layout
    for s in range(B):
        for c in range(begin, end):
            source, target = (s * D + c) * K, ((c - begin) * B + s) * K
            for r in range(K):
                line[at(target + r)] = images[at(source + r)]


@kernel
def put_back(line, images, layout, begin, end):
    """Write such a line into the planes."""
    B, D, K, _ = layout
    for s in range(B):
        for c in range(begin, end):
            source, target = ((c - begin) * B + s) * K, (s * D + c) * K
            for r in range(K):
                images[at(target + r)] = line[at(source + r)]


@kernel
def statistics_of(X, places):
    """Return mean and variance of the pixels in those places, in float64.

    `places` is the first one, the step from one row of pixels to the next, the number of rows, and
    how many pixels are in one.
    """
    begin, step, rows, length = places
    count = max(rows * length, 1)
    total, squares = 0.0, 0.0
    for row in range(rows):
        x = X[begin + row * step : begin + row * step + length]
        for r in range(length):
            total += np.float64(x[r])
    mean = total / count
    for row in range(rows):
        x = X[begin + row * step : begin + row * step + length]
        for r in range(length):
            distance = np.float64(x[r]) - mean
            squares += distance * distance
    return mean, squares / count


@kernel_in_order
def normalize(X, Y, places, mean, slope, b):
    """Write slope * (X - mean) + b, computed in float64."""
    begin, step, rows, length = places
    for row in range(rows):
        x = X[begin + row * step : begin + row * step + length]
        y = Y[begin + row * step : begin + row * step + length]
        for r in range(length):
            y[r] = (np.float64(x[r]) - mean) * slope + b


# ------------------------------------------------------------------------------- backward


def batch_norm2d_dX(
    dY: ArrayLike,
    X: ArrayLike,
    w: ArrayLike,
    mean: ArrayLike,
    scale: ArrayLike,
    *,
    fixed: Flag = False,
) -> Array:
    """As `cnnlab.reference.batch_norm2d_dX`, compiled; complex numbers are refused."""
    arrays, fixed, single = shapes.check_batch_norm2d_dX(
        "batch_norm2d_dX", dY, X, w, mean, scale, fixed
    )
    dX = _all_gradients(*arrays, fixed=fixed).dX
    return dX[0] if single else dX


def batch_norm2d_dw(dY: ArrayLike, X: ArrayLike, mean: ArrayLike, scale: ArrayLike) -> Array:
    """As `cnnlab.reference.batch_norm2d_dw`, compiled; complex numbers are refused."""
    dY, X, mean, scale = shapes.check_batch_norm2d_dw(dY, X, mean, scale)
    return _all_gradients(dY, X, None, mean, scale).dw


def batch_norm2d_db(dY: ArrayLike) -> Array:
    """As `cnnlab.reference.batch_norm2d_db`, compiled; complex numbers are refused."""
    dY = shapes.check_batch_norm2d_db(dY)
    nothing = np.zeros(dY.shape[1])
    return _all_gradients(dY, dY, None, nothing, nothing).db


def batch_norm2d_backward(
    dY: ArrayLike,
    X: ArrayLike,
    w: ArrayLike,
    mean: ArrayLike,
    scale: ArrayLike,
    *,
    fixed: Flag = False,
) -> BatchNormGradients:
    """As `cnnlab.reference.batch_norm2d_backward`, compiled; complex numbers are refused."""
    arrays, fixed, single = shapes.check_batch_norm2d_dX(
        "batch_norm2d_backward", dY, X, w, mean, scale, fixed
    )
    dX, dw, db = _all_gradients(*arrays, fixed=fixed)
    return BatchNormGradients(dX[0] if single else dX, dw, db)


def _all_gradients(
    dY: Any, X: Any, w: Any, mean: Any, scale: Any, *, fixed: bool = False
) -> BatchNormGradients:
    """Return all gradients; without w, that of the images is empty."""
    dX = np.empty(0 if w is None else X.shape, X.dtype)
    w = np.zeros(X.shape[1], X.dtype) if w is None else w
    dw, db = np.empty((2, X.shape[1]), X.dtype)
    arrays = (contiguous(array).reshape(-1) for array in (dY, X, w, mean, scale, dX))
    run, items, layout = _lay_down(_backward, _backward_of_small_planes, X.shape)
    share(run, items, 0.6 * X.size, layout, fixed, *arrays, dw, db)
    return BatchNormGradients(dX, dw, db)


@kernel
def _backward(first, last, layout, fixed, dY, X, w, mean, scale, dX, dw, db):
    # An item is a depth.
    B, D, K, _ = layout
    for c in range(first, last):
        places = c * K, D * K, B, K
        dw[c], db[c] = go_back(dY, X, dX, places, fixed, w[c], mean[c], scale[c])


@kernel
def _backward_of_small_planes(first, last, layout, fixed, dY, X, w, mean, scale, dX, dw, db):
    # An item is some depths.
    B, D, K, many = layout
    line, upstream = np.empty(many * B * K, X.dtype), np.empty(many * B * K, X.dtype)
    result = line[: min(len(dX), len(line))]
    for item in range(first, last):
        begin, end = item * many, min((item + 1) * many, D)
        lay_out(X, line, layout, begin, end)
        lay_out(dY, upstream, layout, begin, end)
        for c in range(begin, end):
            places = (c - begin) * B * K, 0, 1, B * K
            dw[c], db[c] = go_back(upstream, line, result, places, fixed, w[c], mean[c], scale[c])
        if len(dX):
            put_back(line, dX, layout, begin, end)


@kernel
def go_back(dY, X, dX, places, fixed, w, mean, scale):
    """Write the gradient of one depth into dX, unless that is empty; return dw and db."""
    dw, db = sums_of(dY, X, places, mean)
    dw, slope, count = dw * scale, w * scale, max(places[2] * places[3], 1)
    if len(dX):
        if fixed:
            normalize(dY, dX, places, 0.0, slope, 0.0)
        else:
            spread(dY, X, dX, places, mean, slope, slope * db / count, slope * scale * dw / count)
    return dw, db


@kernel
def sums_of(dY, X, places, mean):
    """Return the sums of dY * (X - mean) and of dY, in float64."""
    begin, step, rows, length = places
    product, total = 0.0, 0.0
    for row in range(rows):
        x = X[begin + row * step : begin + row * step + length]
        dy = dY[begin + row * step : begin + row * step + length]
        for r in range(length):
            product += np.float64(dy[r]) * (np.float64(x[r]) - mean)
            total += np.float64(dy[r])
    return product, total


@kernel_in_order
def spread(dY, X, dX, places, mean, slope, level, bend):
    """Write slope * dY - level - bend * (X - mean), computed in float64."""
    begin, step, rows, length = places
    for row in range(rows):
        x = X[begin + row * step : begin + row * step + length]
        dy = dY[begin + row * step : begin + row * step + length]
        dx = dX[begin + row * step : begin + row * step + length]
        for r in range(length):
            dx[r] = slope * np.float64(dy[r]) - level - bend * (np.float64(x[r]) - mean)
