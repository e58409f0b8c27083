"""The training that a page does, done by cnnlab: its digits, its starting values, its numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from cnnlab import data, fast
from cnnlab.model import Sequential
from cnnlab.optimizers import SGD
from cnnlab.presets import preset

DIGITS = 200
#: Pixels of a side: each is the mean of four of the original.
SIDE = 14
#: Digits of a step; they come in their order, again and again.
BATCH = 20
STEPS = 300
#: A pattern is called dead when no place of no digit of a step has a slope Y (1 - Y) above this.
DEAD = 0.01


class Step(NamedTuple):
    """What is known after a step."""

    loss: float
    #: How many digits of the batch were read, before the step.
    right: int
    #: Which patterns no gradient reaches.
    dead: list[bool]
    #: The patterns after the step, and how large they are together.
    w: np.ndarray
    norm: float


def digits() -> tuple[np.ndarray, np.ndarray]:
    """Return the first digits of the course, small and as bytes, and their labels."""
    X, labels, *_ = data.mnist_subset()
    fours = X[:DIGITS].reshape(DIGITS, 1, SIDE, 2, SIDE, 2).mean(axis=(3, 5))
    return np.round(255 * fours).astype(np.uint8), labels[:DIGITS]


def network() -> Sequential:
    """Make the network; its starting values are exact in float32, and it computes in float64."""
    model = preset("post", input_shape=(1, SIDE, SIDE), dtype=np.float64)
    for parameter in model.parameters():
        parameter.value[...] = parameter.value.astype(np.float32)
    return model


def train(rate: float, steps: int = STEPS) -> Iterator[Step]:
    """Train from the start.

    Parameters
    ----------
    rate : float
        Learning rate of plain gradient descent.
    steps : int
        How many batches.
    """
    images, labels = digits()
    model, optimizer = network(), SGD(rate)
    patterns = model.layers[0].parameters
    for step in range(steps):
        batch = (np.arange(BATCH) + BATCH * step) % DIGITS
        X = images[batch] / 255
        scores = model.forward(X)
        Y = fast.sigmoid(fast.conv2d(X, patterns["w"], patterns["b"]))
        loss, gradient = fast.cross_entropy(scores, labels[batch])
        model.backward(gradient)
        optimizer.step(model)
        w = patterns["w"]
        slopes = (Y * (1 - Y)).max(axis=(0, 2, 3))
        yield Step(
            loss,
            int((scores.argmax(axis=1) == labels[batch]).sum()),
            (slopes < DEAD).tolist(),
            w.copy(),
            float(np.sqrt((w**2).sum())),
        )
