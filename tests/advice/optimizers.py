"""Wrong optimizers and schedules, with the advice for each."""

from types import SimpleNamespace

import numpy as np

from advice.layers import X, own
from cnnlab import reference
from cnnlab.layers import Dense
from cnnlab.model import Sequential
from cnnlab.optimizers import SGD, Adam, Optimizer
from cnnlab.schedules import CosineDecay, StepDecay, WarmUp
from cnnlab.training import fit


def moved(optimizer, model=None, **parameters):
    """Make one step with parameters of one's own, gradients being ones."""
    if model is None:
        found = [
            SimpleNamespace(name=name, value=np.array(value), gradient=np.ones(np.shape(value)))
            for name, value in parameters.items()
        ]
        model = SimpleNamespace(parameters=lambda: found)
    optimizer.step(model)
    return [parameter.value for parameter in model.parameters()]


def with_gradient(gradient):
    """Return a model of one parameter, zeros, that has this gradient."""
    w = SimpleNamespace(name="w", value=np.zeros(2), gradient=np.array(gradient))
    return SimpleNamespace(parameters=lambda: [w])


def same_names(first, second):
    one, other = (
        SimpleNamespace(name=name, value=np.zeros(2), gradient=np.ones(2))
        for name in (first, second)
    )
    return moved(SGD(0.1), SimpleNamespace(parameters=lambda: [one, other]))


def model_after_backward(outputs=2):
    model = Sequential([Dense(outputs, ops=reference)], input_shape=(4,))
    model.backward(np.ones_like(model.forward(X)))
    return model


def two_models(first, second):
    moved(first, model_after_backward(2))
    return moved(second, model_after_backward(3))[0]


def plain(self, gradient, kept):
    return gradient


class Halves(Optimizer):
    """Goes half as far; the first version is not set up."""

    def __init__(self):
        self.part = 0.5

    def direction(self, gradient, kept):
        return self.part * gradient


class HalvesSetUp(Halves):
    def __init__(self):
        Optimizer.__init__(self, 0.1)
        self.part = 0.5


def fitted_by(make):
    model = Sequential([Dense(2, ops=reference)], input_shape=(4,))
    fit(model, X, [0, 1] * 3, optimizer=make(), loss=reference.cross_entropy, progress=False)
    return model(X)


def goes_on_with(state):
    """Give a new optimizer a state; return where its next step leads."""
    optimizer = SGD(0.1, momentum=0.9)
    optimizer.set_state(state)
    return moved(optimizer, w=[1.0])


def after_a_step(optimizer):
    moved(optimizer, w=[0.0])
    return optimizer


def two_steps():
    return moved(after_a_step(SGD(0.1, momentum=0.9)), w=[1.0])


ADAM = Adam(0.1)

OPTIMIZERS = {
    "a complex gradient": (
        lambda: moved(SGD(0.1), with_gradient([1 + 0j, 2])),
        "give it the dtype of w",
        lambda: moved(SGD(0.1), with_gradient([1.0, 2])),
        lambda: [[-0.1, -0.2]],
    ),
    "layers in the place of a model": (
        lambda: SGD(0.1).step([Dense(2)]),
        "pass the Sequential that is trained",
        lambda: moved(SGD(0.1), model_after_backward())[0],
    ),
    "no gradient yet": (
        lambda: SGD(0.1).step(Sequential([Dense(2)], input_shape=(4,))),
        "call model.forward, the loss and model.backward first",
        lambda: moved(SGD(0.1), model_after_backward())[0],
    ),
    "integers to move": (
        lambda: moved(SGD(0.1), w=[1, 2]),
        "put a writable copy in float32 or float64 there",
        lambda: moved(SGD(0.1), w=np.array([1, 2], np.float64)),
        lambda: [[0.9, 1.9]],
    ),
    "one name for two": (
        lambda: same_names("w", "w"),
        "give each its own",
        lambda: same_names("w", "v"),
        lambda: [[-0.1, -0.1]] * 2,
    ),
    "one optimizer for two models": (
        lambda: two_models(ADAM, ADAM),
        "make a new Adam for each model",
        lambda: two_models(Adam(0.1), Adam(0.1)),
    ),
    "a state that is a list": (
        lambda: goes_on_with([1]),
        "pass what optimizer.state() returned",
        lambda: goes_on_with(after_a_step(SGD(0.1, momentum=0.9)).state()),
        two_steps,
    ),
    "the state of another optimizer": (
        lambda: goes_on_with(after_a_step(Adam(0.1)).state()),
        "pass the state of another SGD with the same options",
        lambda: goes_on_with(after_a_step(SGD(0.1, momentum=0.9)).state()),
        two_steps,
    ),
    "the state of an optimizer that keeps nothing": (
        lambda: goes_on_with(after_a_step(SGD(0.1)).state()),
        "pass the state of another SGD with the same options",
        lambda: goes_on_with(after_a_step(SGD(0.1, momentum=0.9)).state()),
        two_steps,
    ),
    "an optimizer that was not set up": (
        lambda: fitted_by(Halves),
        "begin it with super().__init__(learning_rate)",
        lambda: fitted_by(HalvesSetUp),
        lambda: fitted_by(lambda: SGD(0.05)),
    ),
    "an optimizer without a direction": (
        lambda: fitted_by(lambda: Optimizer(0.1)),
        "let it return gradient for plain descent",
        lambda: fitted_by(lambda: own(Optimizer, direction=plain)(0.1)),
        lambda: fitted_by(lambda: SGD(0.1)),
    ),
    "a direction that is not returned": (
        lambda: fitted_by(lambda: own(Optimizer, direction=lambda self, gradient, kept: None)(0.1)),
        "let it return an array of the shape of the gradient",
        lambda: fitted_by(lambda: own(Optimizer, direction=plain)(0.1)),
        lambda: fitted_by(lambda: SGD(0.1)),
    ),
    "Nesterov without momentum": (
        lambda: SGD(0.1, nesterov=True),
        "try momentum=0.9",
        lambda: moved(SGD(0.1, nesterov=True, momentum=0.9), w=[1.0]),
        lambda: [[1 - 0.1 * 1.9]],
    ),
    "a rate below zero": (
        lambda: SGD(-1),
        "try 0.1 or a schedule",
        lambda: moved(SGD(0.1), w=[1.0]),
        lambda: [[0.9]],
    ),
    "a momentum of 1": (
        lambda: SGD(0.1, momentum=1),
        "try 0.9",
        lambda: SGD(0.1, momentum=0.9).momentum,
        lambda: 0.9,
    ),
    "the class of a schedule": (
        lambda: SGD(StepDecay),
        "write StepDecay(...)",
        lambda: moved(SGD(StepDecay(0.1, every=1, factor=0.5)), w=[1.0]),
        lambda: [[0.9]],
    ),
    "a schedule that takes no step": (
        lambda: SGD(lambda: 0.1),
        "give it one argument, as lambda step: 0.1",
        lambda: moved(SGD(lambda step: 0.1), w=[1.0]),
        lambda: [[0.9]],
    ),
    "a schedule that returns None": (
        lambda: moved(SGD(lambda step: None), w=[1.0]),
        "correct the schedule",
        lambda: moved(SGD(lambda step: 0.1), w=[1.0]),
        lambda: [[0.9]],
    ),
    "a decay that rises": (
        lambda: CosineDecay(0.1, steps=2, final=0.2),
        "make final the smaller one",
        lambda: CosineDecay(0.2, steps=2, final=0.1)(2),
        lambda: 0.1,
    ),
    "a decay in words": (
        lambda: StepDecay(0.1, every="epoch", factor=0.5),
        "pass 1 or more",
        lambda: StepDecay(0.1, every=1, factor=0.5)(1),
        lambda: 0.05,
    ),
    "a factor above 1": (
        lambda: StepDecay(0.1, every=1, factor=2),
        "try 0.5",
        lambda: StepDecay(0.1, every=1, factor=0.5)(1),
        lambda: 0.05,
    ),
    "half a step": (
        lambda: WarmUp(0.1, steps=3)(0.5),
        "call it once for each step",
        lambda: [WarmUp(0.1, steps=1)(step) for step in range(2)],
        lambda: [0.05, 0.1],
    ),
}


CASES = OPTIMIZERS
