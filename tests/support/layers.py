"""Every kind of layer with its options, and layers used alone."""

import copy
from typing import NamedTuple

import numpy as np

from cnnlab import fast
from cnnlab.layers import (
    AvgPool2D,
    BatchNorm2D,
    Conv2D,
    ConvTranspose2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool2D,
    MaxPool2D,
    Residual,
    Tanh,
)
from cnnlab.layers.base import layers_within
from cnnlab.model import Sequential
from cnnlab.operations import OPERATIONS


class Case(NamedTuple):
    """A layer with its options, and the shape of one input."""

    name: str
    kind: type
    arguments: tuple
    options: dict
    input_shape: tuple

    def layer(self, **options):
        # Copies, because layers made of layers are given some.
        return self.kind(*copy.deepcopy(self.arguments), **copy.deepcopy(self.options), **options)

    def model(self, ops, **options):
        return Sequential([self.layer(ops=ops)], input_shape=self.input_shape, **options)


def nested(layers, *, ops=None):
    """Return a model that is to stand in another one, with all its layers from one backend."""
    model = Sequential(layers)
    for layer in layers_within(model).values():
        layer.ops = fast if ops is None else ops
    return model


SPREAD = {"stride": (2, 1), "padding": ((1, 0), (0, 2)), "dilation": (1, 2), "groups": 2}
LAYERS = [
    Case("Conv2D", Conv2D, (4, (2, 3)), {}, (2, 4, 5)),
    Case("Conv2D spread", Conv2D, (4, (2, 3)), SPREAD, (2, 5, 6)),
    Case("Conv2D same", Conv2D, (3, 3), {"stride": (2, 3), "padding": "same"}, (1, 5, 4)),
    Case("Conv2D without biases", Conv2D, (4, 2), {"bias": False}, (2, 4, 5)),
    Case("ConvTranspose2D without biases", ConvTranspose2D, (3, 2), {"bias": False}, (2, 3, 4)),
    Case("ConvTranspose2D", ConvTranspose2D, (3, (2, 3)), {}, (2, 3, 4)),
    Case("ConvTranspose2D spread", ConvTranspose2D, (6, (2, 3)), SPREAD, (4, 3, 4)),
    Case(
        "ConvTranspose2D same",
        ConvTranspose2D,
        (3, (3, 2)),
        {"stride": (2, 3), "padding": "same"},
        (2, 3, 2),
    ),
    Case(
        "ConvTranspose2D full",
        ConvTranspose2D,
        (2, (2, 3)),
        {"stride": 2, "padding": "full", "output_padding": (0, 1)},
        (2, 3, 4),
    ),
    Case(
        "ConvTranspose2D with more rest than a stride",
        ConvTranspose2D,
        (2, (2, 3)),
        {"stride": (1, 2), "padding": (1, 0), "output_padding": (2, 1), "dilation": (3, 1)},
        (2, 2, 3),
    ),
    Case(
        "ConvTranspose2D of which only the rest is left",
        ConvTranspose2D,
        (2, 1),
        {"padding": ((2, 0), (0, 0)), "output_padding": 2, "dilation": 3},
        (2, 1, 2),
    ),
    Case("MaxPool2D", MaxPool2D, (2,), {}, (2, 4, 5)),
    Case(
        "MaxPool2D spread",
        MaxPool2D,
        ((2, 3),),
        {"stride": (1, 2), "padding": 1, "dilation": (2, 1), "ceil_mode": True},
        (2, 4, 6),
    ),
    Case("AvgPool2D", AvgPool2D, ((2, 3),), {}, (2, 4, 6)),
    Case(
        "AvgPool2D spread",
        AvgPool2D,
        (2,),
        {"stride": (1, 3), "padding": (1, 0), "ceil_mode": True, "count_include_pad": False},
        (2, 4, 6),
    ),
    Case("Flatten", Flatten, (), {}, (2, 3, 4)),
    Case("Dense", Dense, (3,), {}, (4,)),
    Case("Dense without biases", Dense, (3,), {"bias": False}, (4,)),
    Case("GlobalAvgPool2D", GlobalAvgPool2D, (), {}, (3, 4, 5)),
    Case("Residual", Residual, ([Dense(4), Tanh()],), {}, (4,)),
    Case(
        "Residual with a shortcut",
        Residual,
        ([Conv2D(3, 3, stride=2, padding=1), BatchNorm2D(), Dropout(0.3)],),
        {"shortcut": Conv2D(3, 1, stride=2, bias=False)},
        (2, 4, 5),
    ),
    Case(
        "Residual with two rows",
        Residual,
        ([Flatten(), Dense(3)],),
        {"shortcut": [GlobalAvgPool2D(), Sequential([Dense(3), Tanh()])]},
        (2, 2, 3),
    ),
    Case("Sequential", nested, ([Dense(3), Dropout(0.4), Sequential([Tanh()])],), {}, (4,)),
    *(
        Case(f"{o.layer.__name__} {options}", o.layer, (), options, (2, 3, 4))
        for o in OPERATIONS
        if o.entrywise
        for _, options in o.calls(np.ones)
    ),
    Case("Tanh of a vector", Tanh, (), {}, (5,)),
    Case("Dropout", Dropout, (0.4,), {}, (2, 3, 4)),
    Case("BatchNorm2D", BatchNorm2D, (), {"momentum": 0.3, "epsilon": 0.01}, (2, 3, 4)),
]


def built(layer, input_shape, seed=0, **options):
    """Return a layer with its starting values."""
    layer.build(input_shape, np.random.default_rng(seed), **options)
    return layer


def backward_with(layer, X_shape, dY_shape):
    """Send zeros of these shapes through a layer, there and back."""
    built(layer, X_shape[1:]).forward(np.zeros(X_shape), training=True)
    layer.backward(np.zeros(dY_shape))
