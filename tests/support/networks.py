"""Networks that several test files build, and what can be seen of them."""

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
    ReLU,
    Residual,
    Sigmoid,
    Tanh,
)
from cnnlab.layers.base import layers_within
from cnnlab.model import Sequential
from cnnlab.operations import OPERATIONS


def every_layer(ops, **options):
    """Build a network with every kind of layer, for gray images of 6 x 7 in 2 classes."""
    kinds = [
        Conv2D(4, 3, padding="same", ops=ops),
        BatchNorm2D(ops=ops),
        ReLU(ops=ops),
        MaxPool2D(2, ceil_mode=True, ops=ops),
        ConvTranspose2D(4, 3, groups=2, ops=ops),
        Tanh(ops=ops),
        AvgPool2D((2, 3), stride=(1, 2), ops=ops),
        Residual(
            [Flatten(ops=ops), Dense(8, ops=ops)],
            shortcut=[GlobalAvgPool2D(ops=ops), Dense(8, bias=False, ops=ops)],
        ),
        Dropout(0.2, ops=ops),
        Dense(8, ops=ops),
        Sequential([Sigmoid(ops=ops), Dense(8, ops=ops)]),
        *(operation.layer(ops=ops) for operation in OPERATIONS if _is_new(operation)),
        Dense(2, ops=ops),
    ]
    return Sequential(kinds, input_shape=(1, 6, 7), **options)


def _is_new(operation):
    """Tell an activation that has no place of its own in the network of every layer."""
    return operation.entrywise and operation.layer not in (ReLU, Tanh, Sigmoid)


def layers_of(model):
    """Return all layers, those in other layers, too."""
    return list(layers_within(model).values())


def snapshot(model):
    """Return all that training changes, in a form that can be compared."""
    return [
        value.bit_generator.state if name == "generator" else value.tolist()
        for layer in layers_of(model)
        for name, value in [*layer.parameters.items(), *layer.state.items()]
    ]
