"""Random models and operations that are right, with numbers of any size."""

import numpy as np

from cnnlab.layers import (
    AvgPool2D,
    BatchNorm2D,
    Conv2D,
    ConvTranspose2D,
    Dense,
    Dropout,
    Flatten,
    LeakyReLU,
    MaxPool2D,
    ReLU,
    Sigmoid,
    Tanh,
)
from cnnlab.model import Sequential
from cnnlab.operations import OPERATIONS

ACTIVATIONS = [ReLU, ReLU, LeakyReLU, Sigmoid, Tanh]


def pixels(rng, shape, size):
    """Images of one of the kinds that people have: noise, photographs, digits on black, steps."""
    kind = rng.integers(4)
    if kind == 0:
        X = rng.standard_normal(shape)
    elif kind == 1:
        X = rng.random(shape)
    elif kind == 2:  # black, but for a few pixels
        X = np.where(rng.random(shape) < 0.5, 0, rng.random(shape))
    else:  # as bytes are: equal pixels, which tie
        X = rng.integers(0, 6, shape) / 5
    return size * X


def model(rng, *, dtype=np.float64, ops):
    """A small network of random layers, some of their biases not zero."""
    layers, shape = [], (int(rng.integers(1, 3)), *map(int, rng.integers(3, 6, 2)))
    for _ in range(rng.integers(1, 3)):
        kind = rng.integers(3)
        if kind == 2:
            layers.append(ConvTranspose2D(2, (1, 2), ops=ops))
        else:
            layers.append(Conv2D(int(rng.integers(1, 3)), (2, 3), padding="same", ops=ops))
        if rng.random() < 0.5:
            layers.append(BatchNorm2D(ops=ops))
        layers.append(ACTIVATIONS[rng.integers(len(ACTIVATIONS))](ops=ops))
        if rng.random() < 0.6:
            pool = MaxPool2D if rng.random() < 0.7 else AvgPool2D
            layers.append(pool((2, 3), stride=(1, 2), padding=1, ops=ops))
    if rng.random() < 0.4:
        layers.append(Dropout(0.3, ops=ops))
    layers.append(Flatten(ops=ops))
    if rng.random() < 0.4:
        layers += [Dense(4, ops=ops), ACTIVATIONS[rng.integers(len(ACTIVATIONS))](ops=ops)]
    layers.append(Dense(2, ops=ops))
    network = Sequential(layers, input_shape=shape, seed=rng, dtype=dtype)
    if rng.random() < 0.5:
        for parameter in network.parameters():
            parameter.value[...] += 0.1 * rng.standard_normal(parameter.value.shape)
    return network


def operation(rng, size):
    """The name of an operation, and what it may be called with: its first array of that size."""
    with_gradient = [operation for operation in OPERATIONS if operation.gradients]
    chosen = with_gradient[rng.integers(len(with_gradient))]
    calls = chosen.calls(rng.standard_normal)
    (first, *rest), options = calls[rng.integers(len(calls))]
    return chosen.name, [pixels(rng, np.shape(first), size), *rest], options
