"""What a layer must be and return, one of your own too.

A model checks it once when it is made, and by a few comparisons whenever an array goes from one
layer to the next.
"""

from __future__ import annotations

import inspect
import operator
import warnings
from typing import Any

import numpy as np

from cnnlab.layers.base import Layer, as_layer
from cnnlab.layers.conv import Conv2D
from cnnlab.layers.normalization import BatchNorm2D
from cnnlab.layers.pool import AvgPool2D, GlobalAvgPool2D, MaxPool2D
from cnnlab.shapes import words

# Layers whose input is images, depth first.
IMAGES = (Conv2D, MaxPool2D, AvgPool2D, GlobalAvgPool2D, BatchNorm2D)

# How each method is called, and how it is written.
METHODS = {
    "build": (((1,), None, None), {}, "build(self, input_shape, rng, dtype)"),
    "forward": ((None,), {"training": None}, "forward(self, X, *, training=None)"),
    "backward": ((None,), {}, "backward(self, dY)"),
}


def check_layer(layer: Layer) -> None:
    """Refuse a layer that was not set up, or has no method that a model can call."""
    if "parameters" not in vars(layer):
        raise TypeError(
            f"{layer.name}: __init__ did not set up the layer; begin it with super().__init__()."
        )
    for name, (arguments, options, written) in METHODS.items():
        method = getattr(layer, name)
        if getattr(type(layer), name) is getattr(Layer, name) and name != "build":
            raise TypeError(layer._lacks(written))
        try:
            inspect.signature(method).bind(*arguments, **options)
        except ValueError:
            continue  # no signature is known
        except TypeError as error:
            raise TypeError(
                f"{layer.name}: {name} cannot be called as a model calls it ({error}); "
                f"write def {written}."
            ) from None


def check_built(layer: Layer, shape: Any) -> tuple[int, ...]:
    """Return the shape that a layer was built for, and look at its parameters."""
    method = "output_shape" if type(layer).build is Layer.build else "build"
    try:
        sizes = tuple(operator.index(size) for size in shape)
    except TypeError:
        sizes = (-1,)
    if min(sizes, default=0) < 0:
        raise TypeError(
            f"{layer.name}.{method} returned {words.brief(shape)}, but the shape of one output is "
            f"needed, a tuple of integers; where that is the shape of one input, end it with "
            f"return input_shape."
        )
    for name, value in layer.parameters.items():
        if not isinstance(value, np.ndarray) or value.dtype.kind != "f":
            raise TypeError(
                f'{layer.name}: parameters["{name}"] is {words.brief(value)}, but an array of '
                f'floats is needed; write self.parameters["{name}"] = np.array(..., dtype).'
            )
    return sizes


def check_output(layer: Layer, X: np.ndarray, Y: Any, shape: tuple[int, ...] | None) -> None:
    """Refuse what is no batch of outputs, as `build` or `output_shape` announced them."""
    if type(Y) is np.ndarray and Y.shape[1:] == shape and len(Y) == len(X):
        return
    _check_array(layer, "forward", Y)
    needed = len(X), *(() if shape is None else shape)
    if Y.shape != needed:
        # A layer that was put into the list later says itself what it returns.
        needed = len(X), *layer.output_shape(X.shape[1:])
    if Y.shape != needed:
        raise ValueError(
            f"{layer.name}.forward returned shape {Y.shape} for X of shape {X.shape}, but "
            f"{needed} was announced; return that, or correct output_shape."
        )


def check_gradient(layer: Layer, dX: Any, shape: tuple[int, ...]) -> None:
    """Refuse what is no gradient with respect to the input of a layer."""
    if type(dX) is np.ndarray and dX.shape == shape:
        return
    _check_array(layer, "backward", dX)
    if dX.shape != shape:
        raise ValueError(
            f"{layer.name}.backward returned shape {dX.shape}, but dX must have the shape of X, "
            f"{shape}; return the gradient of every entry of X."
        )


def _check_array(layer: Layer, method: str, value: Any) -> None:
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "fiub":
        what = "Y" if method == "forward" else "dX"
        raise TypeError(
            f"{layer.name}.{method} returned {words.brief(value)}, but an array of numbers is "
            f"needed; end it with return {what}."
        )


def warn_of_depth_last(part: Any, shape: tuple[int, ...]) -> None:
    """Say what a shape such as (32, 32, 3) means, which may be meant. It is no error."""
    first = as_layer(part)
    while rows := first._rows():
        first = as_layer(rows[""].layers[0])
    if not isinstance(first, IMAGES) or len(shape) != 3 or shape[2] not in (1, 3):
        return
    D, M, N = shape
    if D == M > N or (N == 3 and min(D, M) >= 16):
        warnings.warn(
            f"Sequential: input_shape={shape} means images of {M} x {N} pixels with a depth of "
            f"{D}. If their depth comes last, pass input_shape={(N, D, M)} and "
            f"X.transpose(0, 3, 1, 2); if not, silence this by "
            f'warnings.filterwarnings("ignore", "Sequential: input_shape").',
            UserWarning,
            stacklevel=3,
        )
