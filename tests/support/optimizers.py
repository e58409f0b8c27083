"""Optimizers to try, and parameters without a network for them."""

import copy

import numpy as np
import pytest

from cnnlab.model import Parameter
from cnnlab.optimizers import SGD, Adam, Optimizer

STEPS = 20


class Arrays:
    """Parameters without a network: what an optimizer sees, with gradients of our choice."""

    def __init__(self, **values):
        self.values = {name: np.array(value) for name, value in values.items()}
        self.gradients = {}

    def parameters(self):
        for name, value in self.values.items():
            yield Parameter(name, value, self.gradients.get(name))


def walk(optimizer, start, gradients):
    """Step one number through a row of gradients; return where it was after each."""
    model, places = Arrays(w=[float(start)]), []
    for gradient in gradients:
        model.gradients["w"] = np.array([float(gradient)])
        optimizer.step(model)
        places.append(model.values["w"].item())
    return places


def two_arrays(dtype=np.float64):
    rng = np.random.default_rng(1)
    return Arrays(
        w=rng.standard_normal((3, 2, 2)).astype(dtype), b=rng.standard_normal(3).astype(dtype)
    )


def random_steps(optimizer, model, *, first=0, last=STEPS):
    """Step with the gradients of the steps `first` to `last`, each from a seed of its own."""
    for step in range(first, last):
        rng = np.random.default_rng(step)
        for name, value in model.values.items():
            model.gradients[name] = rng.standard_normal(value.shape).astype(value.dtype)
        optimizer.step(model)


def kept_arrays(optimizer):
    return {name: value for name, value in optimizer.state().items() if name != "steps"}


def assert_same_state(state, expected):
    assert list(state) == list(expected)
    for name, value in expected.items():
        np.testing.assert_array_equal(state[name], value, strict=True)


# How each is made, and what PyTorch calls it.
OPTIMIZERS = {
    "plain": (lambda rate: SGD(rate), "SGD", {}),
    "weight decay": (lambda rate: SGD(rate, weight_decay=0.1), "SGD", {"weight_decay": 0.1}),
    "momentum": (lambda rate: SGD(rate, momentum=0.9), "SGD", {"momentum": 0.9}),
    "momentum and weight decay": (
        lambda rate: SGD(rate, momentum=0.9, weight_decay=0.1),
        "SGD",
        {"momentum": 0.9, "weight_decay": 0.1},
    ),
    "Nesterov": (
        lambda rate: SGD(rate, momentum=0.7, nesterov=True, weight_decay=0.1),
        "SGD",
        {"momentum": 0.7, "nesterov": True, "weight_decay": 0.1},
    ),
    "Adam": (lambda rate: Adam(rate), "Adam", {}),
    "Adam with everything": (
        lambda rate: Adam(rate, beta1=0.8, beta2=0.95, epsilon=0.01, weight_decay=0.1),
        "Adam",
        {"betas": (0.8, 0.95), "eps": 0.01, "weight_decay": 0.1},
    ),
}

MAKE = {name: row[0] for name, row in OPTIMIZERS.items()}


class Averaged(Optimizer):
    """One of one's own: against the mean of this gradient and what is left of the earlier ones."""

    def __init__(self, learning_rate):
        super().__init__(learning_rate, keeps=["mean"])

    def direction(self, gradient, kept):
        kept["mean"] += (gradient - kept["mean"]) / self.steps
        return kept["mean"]


MAKE_ALL = MAKE | {"one's own": Averaged}


def assert_nothing_happens(optimizer, model, kind, words):
    """Call step, which must fail with these words and leave everything as it was."""
    values, state = copy.deepcopy(model.values), optimizer.state()
    with pytest.raises(kind, match=f"^{words}"):
        optimizer.step(model)
    assert_same_state(optimizer.state(), state)
    for name, value in values.items():
        np.testing.assert_array_equal(model.values[name], value, strict=True)
