"""Networks by name: those of the course, ready to be trained."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cnnlab import shapes
from cnnlab.initializers import glorot_uniform_sigmoid, he_normal
from cnnlab.layers import (
    BatchNorm2D,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Layer,
    MaxPool2D,
    ReLU,
    Sigmoid,
)
from cnnlab.model import Sequential
from cnnlab.typing import DTypeLike, Integer, Seed, Shape

__all__ = ["PRESETS", "preset"]


def _dense(classes: int) -> list[Layer]:
    wide = glorot_uniform_sigmoid
    return [Flatten(), Dense(30, initializer=wide), Sigmoid(), Dense(classes, initializer=wide)]


def _post(classes: int) -> list[Layer]:
    return [Conv2D(8, 5, initializer=glorot_uniform_sigmoid), Sigmoid(), Flatten(), Dense(classes)]


def _lenet(classes: int) -> list[Layer]:
    return [
        *(Conv2D(6, 5, padding=2), ReLU(), MaxPool2D(2)),
        *(Conv2D(16, 5), ReLU(), MaxPool2D(2), Flatten()),
        *(Dense(120), ReLU(), Dense(84), ReLU(), Dense(classes)),
    ]


def _modern(classes: int) -> list[Layer]:
    return [
        *(Conv2D(16, 3, padding=1, initializer=he_normal), BatchNorm2D(), ReLU(), MaxPool2D(2)),
        *(Conv2D(32, 3, padding=1, initializer=he_normal), BatchNorm2D(), ReLU(), MaxPool2D(2)),
        *(Flatten(), Dropout(0.25), Dense(classes)),
    ]


MAKERS: dict[str, Callable[[int], list[Layer]]] = {
    "dense": _dense,
    "post": _post,
    "lenet": _lenet,
    "modern": _modern,
}

#: What each network is, by its name.
PRESETS = {
    "dense": "two dense layers with a sigmoid between them",
    "post": "eight patterns of 5 x 5, a sigmoid, one dense layer",
    "lenet": "LeNet-5 with ReLU and max-pooling",
    "modern": "twice convolution, batch normalization, ReLU, max-pooling; dropout, dense",
}


def preset(
    name: str,
    *,
    input_shape: Shape = (1, 28, 28),
    classes: Integer = 10,
    seed: Seed = 0,
    dtype: DTypeLike = np.float32,
) -> Sequential:
    """Make a network of the course, with new starting values.

    Parameters
    ----------
    name : str
        A name of `PRESETS`: ``"dense"`` (the network of *The vanilla network*), ``"post"`` (that of
        *Learning*), ``"lenet"`` or ``"modern"``.
    input_shape : tuple of int
        Shape of one image, (D, M, N).
    classes : int
        How many scores come out: one for each class.
    seed : int or numpy.random.Generator
        Where the starting values come from. The same seed gives the same network.
    dtype : dtype
        Of the parameters: float32 or float64.

    Returns
    -------
    model : Sequential
        Its last layer returns scores, as `cnnlab.fast.cross_entropy` takes them. Its
        `output_shape` is (classes,).

    Raises
    ------
    ValueError
        If there is no network of that name, the images are too small for it, or an argument is
        outside its range.
    TypeError
        If an argument is of a wrong type.

    Examples
    --------
    >>> model = preset("post")
    >>> model.output_shape
    (10,)
    """
    layers = MAKERS[shapes.as_choice(name, "preset", "network", PRESETS)]
    classes = shapes.as_count(classes, "preset", "classes")
    shape = shapes.as_shape(input_shape, "preset", "input_shape", (3,))
    return Sequential(layers(classes), input_shape=shape, seed=seed, dtype=dtype)
