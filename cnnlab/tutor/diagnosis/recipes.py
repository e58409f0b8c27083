"""Activations, softmax and losses as recipes of a few steps: the right computation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from cnnlab import reference, shapes
from cnnlab.operations import Call
from cnnlab.results import Loss

__all__ = ["RECIPES", "Recipe", "Step"]

# What puts a mistake in the place of a step.
Step = Callable[[str, Callable[..., Any]], Callable[..., Any]]
Recipe = Callable[[Call, Step], Any]


def _forward(name: str) -> Recipe:
    """Return the recipe of a function of each entry: one step, the function."""

    def recipe(call: Call, step: Step) -> Any:
        return step("function", getattr(reference, name))(*call.arguments, **call.options)

    return recipe


def _backward(slope: Callable[..., np.ndarray]) -> Recipe:
    """Return the recipe of dY times a slope."""

    def recipe(call: Call, step: Step) -> Any:
        dY, Y = (np.asarray(array) for array in call.arguments)
        upstream = step("upstream", lambda dY: dY)(dY)
        factor = step("slope", slope)(Y, **call.options)
        return step("product", lambda dY, slope, Y: dY * slope)(upstream, factor, Y)

    return recipe


def _softmax(call: Call, step: Step) -> Any:
    (Z,) = call.arguments
    Z = np.asarray(Z)
    shifted = step("shift", lambda Z: Z - Z.max(axis=-1, keepdims=True))(Z)
    powers = step("power", np.exp)(shifted)
    total = step("total", lambda powers: powers.sum(axis=-1, keepdims=True))(powers)
    return step("share", lambda powers, total: powers / total)(powers, total)


def _log_softmax(call: Call, step: Step) -> Any:
    return step("logarithm", np.log)(_softmax(call, step))


def _softmax_back(call: Call, step: Step) -> Any:
    """Write dZ = Y (dY - sum of dY Y): the Jacobian of the softmax is not diagonal."""
    dY, Y = (np.asarray(array) for array in call.arguments)
    upstream = step("upstream", lambda dY: dY)(dY)
    products = step("products", lambda dY, Y: dY * Y)(upstream, Y)
    inner = step("total", lambda products: products.sum(axis=-1, keepdims=True))(products)
    return step("product", lambda dY, Y, inner: Y * (dY - inner))(upstream, Y, inner)


def _squared_error(call: Call, step: Step) -> Any:
    Y, T, single = shapes.check_squared_error(*call.arguments)
    B = step("batch", lambda Y: max(len(Y), 1))(Y)
    L = step("loss", lambda Y, T, B: 0.5 * ((Y - T) ** 2).sum() / B)(Y, T, B)
    dY = step("gradient", lambda Y, T, B: (Y - T) / B)(Y, T, B)
    return Loss(float(L), dY[0] if single else dY)


def _cross_entropy(call: Call, step: Step) -> Any:
    Z, labels, single = shapes.check_cross_entropy(*call.arguments)
    p = step("probabilities", reference.softmax)(Z)
    truth = np.zeros(Z.shape, Z.dtype)
    truth[np.arange(len(Z)), labels] = 1
    B = step("batch", lambda Z: max(len(Z), 1))(Z)
    L = step("loss", lambda p, truth, B: -np.log((p * truth).sum(axis=1)).sum() / B)(p, truth, B)
    dZ = step("gradient", lambda p, truth, B: (p - truth) / B)(p, truth, B)
    return Loss(float(L), dZ[0] if single else dZ)


def _max_pool_split_back(call: Call, step: Step) -> Any:
    """Hand dY to the largest pixels of each window in equal shares."""
    dY, X, size, stride = call.arguments
    shape = X.shape
    X, dY = X.reshape(-1, *shape[-2:]), dY.reshape(-1, *dY.shape[-2:])
    m, n = step("size", lambda size, stride: size)(size, stride)
    down, right = step("stride", lambda size, stride: stride)(size, stride)
    winners = step("winners", lambda window, plane: window == window.max())
    number = step("number", lambda mask, window: mask.sum())
    share = step("share", lambda window, mask, number: mask / max(number, 1))
    put = step("put", lambda there, share: there + share)
    dX = np.zeros_like(X)
    for s, i, j in np.ndindex(dY.shape):
        rows, columns = slice(i * down, i * down + m), slice(j * right, j * right + n)
        window = X[s, rows, columns]
        if window.size:
            mask = winners(window, X[s])
            given = share(window, mask, number(mask, window)) * dY[s, i, j]
            dX[s, rows, columns] = put(dX[s, rows, columns], given)
    return dX.reshape(shape)


RECIPES: dict[str, Recipe] = {
    **{name: _forward(name) for name in ("sigmoid", "tanh", "relu", "leaky_relu")},
    "sigmoid_dZ": _backward(lambda Y: Y * (1 - Y)),
    "tanh_dZ": _backward(lambda Y: 1 - Y**2),
    "relu_dZ": _backward(lambda Y: (Y > 0).astype(Y.dtype)),
    "leaky_relu_dZ": _backward(lambda Y, slope=0.01: np.where(Y > 0, 1, slope).astype(Y.dtype)),
    "softmax": _softmax,
    "log_softmax": _log_softmax,
    "softmax_dZ": _softmax_back,
    "squared_error": _squared_error,
    "cross_entropy": _cross_entropy,
    "max_pool2d_dX_split": _max_pool_split_back,
}
