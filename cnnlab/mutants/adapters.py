"""What stands around the body of every mutant: checks, padding, groups, and the loop."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import numpy as np

from cnnlab import reference, shapes
from cnnlab.operations import OPERATIONS
from cnnlab.reference.pool import count_pixels
from cnnlab.results import BatchNormGradients, Loss


def meetings(
    maps: Any, patterns: Any, stride: Any = (1, 1), dilation: Any = (1, 1)
) -> Iterator[tuple[int, ...]]:
    """Yield k, c, i, j, u, v, p, q: entry u, v of a window at i, j lies on the pixel p, q.

    Equation (eq-geometry) without padding.
    """
    P, depth, m, n = patterns
    for k, c, i, j, u, v in np.ndindex(P, depth, *maps[2:], m, n):
        yield k, c, i, j, u, v, i * stride[0] + u * dilation[0], j * stride[1] + v * dilation[1]


def _images(
    body: Any,
    dZ: Any,
    w: Any,
    X_shape: Any,
    *,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: Any = 1,
) -> np.ndarray:
    """Call the body of a wrong `conv2d_dX` for each group, on padded images."""
    dZ, w, X_shape, geometry, single = shapes.check_conv2d_dX(
        dZ, w, X_shape, stride=stride, padding=padding, dilation=dilation, groups=groups
    )
    stride, padding, dilation, _, groups = geometry
    if "padding" in inspect.signature(body).parameters:
        dX = body(dZ, w, X_shape, stride, padding, dilation, groups)
    else:
        dX = _image_groups(body, dZ, w, X_shape, stride, padding, dilation, groups)
    return dX[0] if single else dX


def _image_groups(
    body: Any, dZ: Any, w: Any, X_shape: Any, stride: Any, padding: Any, dilation: Any, groups: int
) -> np.ndarray:
    (top, bottom), (left, right) = padding
    B, D, M, N = X_shape
    part = (B, D // groups, M + top + bottom, N + left + right)
    pairs = zip(np.split(dZ, groups, axis=1), np.split(w, groups), strict=True)
    parts = [body(dZ_part, w_part, part, stride, dilation) for dZ_part, w_part in pairs]
    return np.concatenate(parts, axis=1)[:, :, top : top + M, left : left + N].copy()


def right_dX(
    dZ: Any, w: Any, X_shape: Any, stride: Any, padding: Any, dilation: Any, groups: int = 1
) -> np.ndarray:
    """Return the right `conv2d_dX`, all samples at once."""

    def body(dZ: Any, w: Any, X_shape: Any, stride: Any, dilation: Any) -> np.ndarray:
        dX = np.zeros(X_shape, dZ.dtype)
        for k, c, i, j, u, v, p, q in meetings(dZ.shape, w.shape, stride, dilation):
            dX[:, c, p, q] += dZ[:, k, i, j] * w[k, c, u, v]
        return dX

    return _image_groups(body, dZ, w, X_shape, stride, padding, dilation, groups)


def _patterns(
    body: Any,
    dZ: Any,
    X: Any,
    w_shape: Any,
    *,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: Any = 1,
) -> np.ndarray:
    """Call the body of a wrong `conv2d_dw` for each group, on padded images."""
    dZ, X, w_shape, geometry = shapes.check_conv2d_dw(
        dZ, X, w_shape, stride=stride, padding=padding, dilation=dilation, groups=groups
    )
    stride, padding, dilation, _, groups = geometry
    if "padding" in inspect.signature(body).parameters:
        return body(dZ, X, w_shape, stride, padding, dilation, groups)
    return _pattern_groups(body, dZ, X, w_shape, stride, padding, dilation, groups)


def _pattern_groups(
    body: Any, dZ: Any, X: Any, w_shape: Any, stride: Any, padding: Any, dilation: Any, groups: int
) -> np.ndarray:
    X = np.pad(X, [(0, 0), (0, 0), *padding])
    part = (w_shape[0] // groups, *w_shape[1:])
    pairs = zip(np.split(dZ, groups, axis=1), np.split(X, groups, axis=1), strict=True)
    return np.concatenate([body(*pair, part, stride, dilation) for pair in pairs])


def right_dw(
    dZ: Any, X: Any, w_shape: Any, stride: Any, padding: Any, dilation: Any, groups: int = 1
) -> np.ndarray:
    """Return the right `conv2d_dw`, all samples at once."""

    def body(dZ: Any, X: Any, w_shape: Any, stride: Any, dilation: Any) -> np.ndarray:
        dw = np.zeros(w_shape, dZ.dtype)
        for k, c, i, j, u, v, p, q in meetings(dZ.shape, w_shape, stride, dilation):
            dw[k, c, u, v] += dZ[:, k, i, j] @ X[:, c, p, q]
        return dw

    return _pattern_groups(body, dZ, X, w_shape, stride, padding, dilation, groups)


def _biases(body: Any, dZ: Any) -> np.ndarray:
    return body(shapes.check_conv2d_db(dZ))


def _slope(name: str) -> Any:
    def adapter(body: Any, dY: Any, Y: Any, **options: Any) -> np.ndarray:
        return body(*shapes.check_same_shape(name, dY=dY, Y=Y), **options)

    return adapter


def _dense_inputs(body: Any, dZ: Any, w: Any) -> np.ndarray:
    dZ, w, single = shapes.check_dense_dX(dZ, w)
    dX = body(dZ, w)
    return dX[0] if single else dX


def _dense_weights(body: Any, dZ: Any, X: Any) -> np.ndarray:
    return body(*shapes.check_dense_dw(dZ, X))


def _dense_biases(body: Any, dZ: Any) -> np.ndarray:
    return body(shapes.check_dense_db(dZ))


def _max_pool(body: Any, dY: Any, argmax: Any, X_shape: Any) -> np.ndarray:
    dY, argmax, X_shape, single = shapes.check_max_pool2d_dX(dY, argmax, X_shape)
    dX = body(dY, argmax, X_shape)
    return dX[0] if single else dX


def _avg_pool(
    body: Any,
    dY: Any,
    X_shape: Any,
    size: Any,
    *,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: Any = False,
    count_include_pad: Any = True,
) -> np.ndarray:
    """Call the body of a wrong `avg_pool2d_dX` with the number of pixels in every window."""
    dY, X_shape, size, geometry, include, single = shapes.check_avg_pool2d_dX(
        dY,
        X_shape,
        size,
        stride=stride,
        padding=padding,
        ceil_mode=ceil_mode,
        count_include_pad=count_include_pad,
    )
    count = np.zeros(geometry.positions)
    for i, j in np.ndindex(geometry.positions):
        # A window that counts nothing has no pixel to give anything to.
        count[i, j] = count_pixels(i, j, X_shape[2:], size, geometry, include) or 1
    dX = body(dY, X_shape, size, geometry.stride, geometry.padding, count)
    return dX[0] if single else dX


def _batch_norm_images(
    body: Any, dY: Any, X: Any, w: Any, mean: Any, scale: Any, *, fixed: Any = False
) -> np.ndarray:
    """Call the body of a wrong `batch_norm2d_dX` with normalized images."""
    (dY, X, w, mean, scale), fixed, single = shapes.check_batch_norm2d_dX(
        "batch_norm2d_dX", dY, X, w, mean, scale, fixed
    )
    normalized = (X - mean[:, np.newaxis, np.newaxis]) * scale[:, np.newaxis, np.newaxis]
    dX = body(dY, normalized, w, scale, fixed).astype(X.dtype)
    return dX[0] if single else dX


def _batch_norm_spreads(body: Any, dY: Any, X: Any, mean: Any, scale: Any) -> np.ndarray:
    dY, X, mean, scale = shapes.check_batch_norm2d_dw(dY, X, mean, scale)
    return body(dY, X, mean, scale).astype(X.dtype)


def _batch_norm_means(body: Any, dY: Any) -> np.ndarray:
    return body(shapes.check_batch_norm2d_db(dY))


def batch_norm_gradients(
    ops: Any, dY: Any, X: Any, w: Any, mean: Any, scale: Any, *, fixed: Any = False
) -> BatchNormGradients:
    """Return all gradients at once from functions for one each: one of them may be wrong."""
    return BatchNormGradients(
        ops.batch_norm2d_dX(dY, X, w, mean, scale, fixed=fixed),
        ops.batch_norm2d_dw(dY, X, mean, scale),
        ops.batch_norm2d_db(dY),
    )


def _dropout(body: Any, dY: Any, kept: Any, *, rate: Any = 0.5) -> np.ndarray:
    return body(*shapes.check_dropout("dropout_dX", "dY", dY, kept, rate))


def _squared_error(body: Any, Y: Any, T: Any) -> Loss:
    loss = reference.squared_error(Y, T)
    Y, T, single = shapes.check_squared_error(Y, T)
    dY = body(Y, T)
    return Loss(loss.L, dY[0] if single else dY)


def _cross_entropy(body: Any, Z: Any, labels: Any) -> Loss:
    loss = reference.cross_entropy(Z, labels)
    Z, labels, single = shapes.check_cross_entropy(Z, labels)
    truth = np.zeros(Z.shape, Z.dtype)
    truth[np.arange(len(Z)), labels] = 1
    dZ = body(reference.softmax(Z), truth)
    return Loss(loss.L, dZ[0] if single else dZ)


ADAPTERS: dict[str, Any] = {
    "conv2d_dX": _images,
    "conv2d_dw": _patterns,
    "conv2d_db": _biases,
    "dense_dX": _dense_inputs,
    "dense_dw": _dense_weights,
    "dense_db": _dense_biases,
    "max_pool2d_dX": _max_pool,
    "avg_pool2d_dX": _avg_pool,
    "batch_norm2d_dX": _batch_norm_images,
    "batch_norm2d_dw": _batch_norm_spreads,
    "batch_norm2d_db": _batch_norm_means,
    "dropout_dX": _dropout,
    "squared_error": _squared_error,
    "cross_entropy": _cross_entropy,
}
for operation in OPERATIONS:
    if operation.entrywise is not None:
        ADAPTERS |= {name: _slope(name) for name in operation.functions[1:]}
