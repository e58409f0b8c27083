"""The network of A5 as chains of steps, each of which is an operation or a piece of one.

A chain is a recipe, see `recipes`: its own mistakes stand in `links`, and every mistake that is
known of an operation can be made in the step that calls it, see `PARTS`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from cnnlab import reference
from cnnlab.operations import Call
from cnnlab.tutor import networks
from cnnlab.tutor.diagnosis.recipes import Recipe, Step

__all__ = ["CHAINS", "PARTS", "Part"]


class Part(NamedTuple):
    """A step of a chain that is an operation by itself.

    Attributes
    ----------
    operation : str
        As "conv2d_dw".
    place : str
        Where that is, in words, as "In the gradient of w".
    """

    operation: str
    place: str


PARTS: dict[str, dict[str, Part]] = {
    "network_forward": {
        "sigmoid": Part("sigmoid", "In the sigmoid"),
        "search": Part("conv2d", "In the search"),
        "dense": Part("dense", "In the dense layer"),
    },
    "network_backward": {
        "W": Part("dense_dw", "In the gradient of W"),
        "c": Part("dense_db", "In the gradient of c"),
        "through": Part("dense_dX", "On the way back through the dense layer"),
        "sigmoid": Part("sigmoid_dZ", "On the way back through the sigmoid"),
        "w": Part("conv2d_dw", "In the gradient of w"),
        "b": Part("conv2d_db", "In the gradient of b"),
    },
    "network_train": {
        "forward": Part("network_forward", "In the forward pass"),
        "loss": Part("cross_entropy", "In the loss"),
        "backward": Part("network_backward", "In the backward pass"),
        "step": Part("network_step", "In the step"),
    },
}


def flattened(Y: np.ndarray) -> np.ndarray:
    """Return the maps of each sample as one row."""
    return Y.reshape(len(Y), int(np.prod(Y.shape[1:])))


def _dense(X: np.ndarray, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    return X @ w.T + b


def _forward(call: Call, step: Step) -> Any:
    parameters, X = call.arguments
    w, b, W, c = (parameters[name] for name in ("w", "b", "W", "c"))
    Z = step("search", reference.conv2d)(X, w, b)
    Y = step("sigmoid", reference.sigmoid)(Z)
    flat = step("flatten", flattened)(Y)
    scores = step("dense", _dense)(flat, W, c)
    return Y, step("scores", lambda scores: scores)(scores)


def _backward(call: Call, step: Step) -> Any:
    parameters, X, Y, dscores = call.arguments
    w, W = parameters["w"], parameters["W"]
    flat = step("flatten", flattened)(Y)
    upstream = step("upstream", lambda dscores, scores: dscores)
    dscores = upstream(dscores, _dense(flattened(Y), W, parameters["c"]))
    gradients = {
        "W": step("W", reference.dense_dw)(dscores, flat),
        "c": step("c", reference.dense_db)(dscores),
    }
    dflat = step("through", lambda dZ, w: dZ @ w)(dscores, W)
    dY = step("unflatten", np.reshape)(dflat, Y.shape)
    dZ = step("sigmoid", reference.sigmoid_dZ)(dY, Y)
    gradients["w"] = step("w", reference.conv2d_dw)(dZ, X, w.shape)
    gradients["b"] = step("b", reference.conv2d_db)(dZ)
    return gradients


def _step(call: Call, step: Step) -> Any:
    parameters, gradients, rate = call.arguments
    still = step("still", lambda: ())()
    moved = {}
    for name, old in parameters.items():
        # The step of one name alone, or of weights or biases, stands before that of all.
        kind = "weights" if name in "wW" else "biases"
        move = step(f"move {name}", step(f"move {kind}", step("move", _moved)))
        moved[name] = old.copy() if name in still else move(old, gradients[name], rate)
    return moved


def _moved(old: np.ndarray, gradient: np.ndarray, rate: float) -> np.ndarray:
    return old - rate * gradient


class Moment(NamedTuple):
    """Where a training stands: what a wrong rate or a wrong gradient may depend on."""

    epoch: int
    number: int  # of the step, counted through all epochs
    here: int  # samples of this batch
    batch: int
    samples: int
    epochs: int


def batches(samples: int, batch: int) -> list[np.ndarray]:
    """Return which samples are in each batch of an epoch."""
    return [np.arange(at, min(at + batch, samples)) for at in range(0, samples, batch)]


def _train(call: Call, step: Step) -> Any:
    start, X, labels, rate, batch, epochs = call.arguments
    parameters, past, number = start, [], 0
    for epoch in range(step("epochs", int)(epochs)):
        parameters = step("begin", lambda parameters, start: parameters)(parameters, start)
        for rows in step("batches", batches)(len(X), batch):
            named = step("labels", lambda rows, samples: rows)(rows, len(X))
            Y, scores = step("forward", networks.forward)(parameters, X[rows])
            _, dscores = step("loss", reference.cross_entropy)(scores, labels[named])
            gradients = step("backward", networks.backward)(parameters, X[rows], Y, dscores)
            past.append(gradients)
            moment = Moment(epoch, number, len(rows), batch, len(X), epochs)
            used = step("gradients", lambda past, moment: past[-1])(past, moment)
            own = step("rate", lambda rate, moment: rate)(rate, moment)
            parameters = step("step", networks.step)(parameters, used, own)
            number += 1
    return step("returned", lambda parameters, past: parameters)(parameters, past)


CHAINS: dict[str, Recipe] = {
    "network_forward": _forward,
    "network_backward": _backward,
    "network_step": _step,
    "network_train": _train,
}
