"""Batch normalization, compiled.

An item of a kernel is some depths, and whoever does it owns all their pixels. They are visited in
the order in which they lie in memory: sample by sample, and in each sample depth by depth.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnlab import shapes
from cnnlab.fast.jit import contiguous, kernel, part_as_written, part_of_kernel
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

# So many pixels of a sample are visited one after the other, so that small planes are no detours.
PIXELS = 1024

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
    items, layout = _lay_down(X.shape)
    options = layout, given is None, epsilon
    share(_batch_norm2d, items, 0.5 * X.size, *options, *arrays, mean, variance, scale)
    return BatchNorm(Y[0] if single else Y, mean, variance, scale)


def _lay_down(shape):
    """Return the number of items, and samples, depths, pixels of a plane and depths of an item."""
    B, D, M, N = shape
    many = max(min(PIXELS // (M * N), D // 8), 1)
    return -(-D // many), (B, D, M * N, many)


@kernel
def _batch_norm2d(first, last, layout, own, epsilon, X, w, b, Y, mean, variance, scale):
    for item in range(first, last):
        depths = item * layout[3], min((item + 1) * layout[3], layout[1])
        if own:
            find_statistics(X, layout, depths, mean, variance)
        for c in range(depths[0], depths[1]):
            scale[c] = 1 / np.sqrt(variance[c] + epsilon)
        normalize(X, Y, layout, depths, mean, w, scale, b)


@part_of_kernel
def find_statistics(X, layout, depths, mean, variance):
    """Write mean and variance of the pixels of some depths, all of it in float64."""
    B, D, K, _ = layout
    begin, end = depths
    mean[begin:end] = 0
    variance[begin:end] = 0
    for s in range(B):
        for c in range(begin, end):
            place, total = (s * D + c) * K, 0.0
            for r in range(K):
                total += np.float64(X[at(place + r)])
            mean[c] += total
    for c in range(begin, end):
        mean[c] /= max(B * K, 1)
    for s in range(B):
        for c in range(begin, end):
            place, squares, middle = (s * D + c) * K, 0.0, mean[c]
            for r in range(K):
                distance = np.float64(X[at(place + r)]) - middle
                squares += distance * distance
            variance[c] += squares
    for c in range(begin, end):
        variance[c] /= max(B * K, 1)


@part_as_written
def normalize(X, Y, layout, depths, mean, w, scale, b):
    """Write w * (X - mean) * scale + b, computed in float64."""
    B, D, K, _ = layout
    begin, end = depths
    for s in range(B):
        for c in range(begin, end):
            place, slope = (s * D + c) * K, w[c] * scale[c]
            middle, term = mean[c], np.float64(b[c])
            for r in range(K):
                Y[at(place + r)] = (np.float64(X[at(place + r)]) - middle) * slope + term


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
    items, layout = _lay_down(X.shape)
    share(_backward, items, 0.6 * X.size, layout, fixed, *arrays, dw, db)
    return BatchNormGradients(dX, dw, db)


@kernel
def _backward(first, last, layout, fixed, dY, X, w, mean, scale, dX, dw, db):
    _, D, _, many = layout
    products, totals = np.empty((2, many))
    for item in range(first, last):
        begin, end = item * many, min((item + 1) * many, D)
        add_up(dY, X, layout, (begin, end), mean, products, totals)
        for c in range(begin, end):
            products[c - begin] *= scale[c]
            dw[c], db[c] = products[c - begin], totals[c - begin]
            if fixed:
                products[c - begin] = totals[c - begin] = 0
        if len(dX):
            spread(dY, X, dX, layout, (begin, end), w, mean, scale, products, totals)


@part_of_kernel
def add_up(dY, X, layout, depths, mean, products, totals):
    """Write the sums of dY * (X - mean) and of dY of some depths, in float64."""
    B, D, K, _ = layout
    begin, end = depths
    products[:] = 0
    totals[:] = 0
    for s in range(B):
        for c in range(begin, end):
            place, middle = (s * D + c) * K, mean[c]
            product, total = 0.0, 0.0
            for r in range(K):
                dy = np.float64(dY[at(place + r)])
                product += dy * (np.float64(X[at(place + r)]) - middle)
                total += dy
            products[c - begin] += product
            totals[c - begin] += total


@part_as_written
def spread(dY, X, dX, layout, depths, w, mean, scale, dw, db):
    """Write w scale (dY - db / K - (X - mean) scale dw / K), computed in float64.

    dw and db are those of the depths.
    """
    B, D, K, many = layout
    begin, end = depths
    pixels = max(B * K, 1)
    bends, terms = np.empty((2, many))
    for c in range(begin, end):
        bends[c - begin] = w[c] * scale[c] * scale[c] * dw[c - begin] / pixels
        terms[c - begin] = w[c] * scale[c] * db[c - begin] / pixels
    for s in range(B):
        for c in range(begin, end):
            place, slope, middle = (s * D + c) * K, w[c] * scale[c], mean[c]
            bend, term = bends[c - begin], terms[c - begin]
            for r in range(K):
                d = np.float64(X[at(place + r)]) - middle
                dX[at(place + r)] = np.float64(dY[at(place + r)]) * slope - d * bend - term
