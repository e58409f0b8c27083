"""Layers of one's own: what is wrong with one is said in its name, before a step is made."""

import timeit

import numpy as np
import pytest
from support.failures import each

from cnnlab import fast
from cnnlab.layers import Conv2D, Dense, Flatten, Layer, contract
from cnnlab.model import Sequential
from cnnlab.optimizers import SGD
from cnnlab.training import fit

X, T = np.random.default_rng(0).standard_normal((2, 6, 4))
LABELS = [0, 1, 2, 3, 2, 1]


class Scale(Layer):
    """One factor for each entry: a right layer, in which the wrong ones change one thing."""

    def build(self, input_shape, rng, dtype=np.float64):
        self.parameters["w"] = np.ones(input_shape, dtype)
        return input_shape

    def forward(self, X, *, training=None):
        self._remembered = X
        return X * self.parameters["w"]

    def backward(self, dY):
        self.gradients["w"] = (dY * self._remembered).sum(axis=0)
        return dY * self.parameters["w"]


def with_method(name, method, base=Scale):
    return type("Mine", (base,), {name: method})


def fitted(kind):
    """Make a model with the layer in the middle, and train it."""
    model = Sequential([Dense(4), kind(), Dense(4)], input_shape=(4,))
    return fit(model, X, LABELS, optimizer=SGD(0.1), progress=False)


def test_a_right_layer_of_ones_own_is_trained():
    assert len(fitted(Scale).step_losses) == 1


def set_w(value):
    def build(self, input_shape, rng, dtype=np.float64):
        self.parameters["w"] = value
        return input_shape

    return build


AT_BUILD = {
    "no super().__init__()": (
        with_method("__init__", lambda self: None),
        r"__init__ did not set up the layer; begin it with super\(\).__init__\(\)\.",
    ),
    "no forward": (
        type("Mine", (Layer,), {}),
        r"the class has no method forward; write def forward\(self, X, \*, training=None\) in it",
    ),
    "no backward": (
        type("Mine", (Layer,), {"forward": Scale.forward}),
        r"the class has no method backward; write def backward\(self, dY\) in it\.",
    ),
    "no training": (
        with_method("forward", lambda self, X: X),
        r"forward cannot be called .* write def forward\(self, X, \*, training=None\)\.",
    ),
    "two gradients": (
        with_method("backward", lambda self, dY, Y: dY),
        r"backward cannot be called .*'Y'.* write def backward\(self, dY\)\.",
    ),
    "build without a generator": (
        with_method("build", lambda self, input_shape: input_shape),
        r"build cannot be called .* write def build\(self, input_shape, rng, dtype\)\.",
    ),
    "build without a shape": (
        with_method("build", lambda self, input_shape, rng, dtype: None),
        r"build returned NoneType None, but .* end it with return input_shape\.",
    ),
    "build with numbers that are no sizes": (
        with_method("build", lambda self, input_shape, rng, dtype: (2.5,)),
        r"build returned tuple \(2.5,\), but the shape of one output is needed",
    ),
    "a size below zero": (
        with_method("build", lambda self, input_shape, rng, dtype: (-4,)),
        r"build returned tuple \(-4,\), but the shape of one output is needed",
    ),
    "output_shape without a shape": (
        with_method("output_shape", lambda self, input_shape: None, Flatten),
        r"output_shape returned NoneType None",
    ),
    "a parameter that is no array": (
        with_method("build", set_w(1.0)),
        r'parameters\["w"\] is float 1.0, but an array of floats is needed; write',
    ),
    "a parameter of integers": (
        with_method("build", set_w(np.ones(4, int))),
        r'parameters\["w"\] is an array of dtype int64 and shape \(4,\), but an array of floats',
    ),
}


@each(case=AT_BUILD)
def test_a_model_refuses_it_when_it_is_made(case):
    kind, words = case
    with pytest.raises(TypeError, match=f"^Mine[:.] ?{words}"):
        Sequential([Dense(4), kind(), Dense(4)], input_shape=(4,))


def no_gradient(self, dY):
    return dY


def wrong_gradient(gradient):
    def backward(self, dY):
        self.gradients["w"] = gradient
        return dY

    return backward


IN_THE_FIRST_STEP = {
    "forward without return": (
        with_method("forward", lambda self, X, training: None),
        TypeError,
        "Mine.forward returned NoneType None, but an array of numbers is needed; end it with "
        "return Y",
    ),
    "forward that returns a list": (
        with_method("forward", lambda self, X, training: X.tolist()),
        TypeError,
        "Mine.forward returned list",
    ),
    "forward of text": (
        with_method("forward", lambda self, X, training: X.astype(str)[:, :2]),
        TypeError,
        "Mine.forward returned an array of dtype <U",
    ),
    "forward of another shape": (
        with_method("forward", lambda self, X, training: X[:, :2]),
        ValueError,
        r"Mine.forward returned shape \(6, 2\) for X of shape \(6, 4\), but \(6, 4\) was announced",
    ),
    "forward of fewer samples": (
        with_method("forward", lambda self, X, training: X[:2]),
        ValueError,
        r"Mine.forward returned shape \(2, 4\) for X of shape \(6, 4\)",
    ),
    "backward without return": (
        with_method("backward", lambda self, dY: None),
        TypeError,
        "Mine.backward returned NoneType None, but an array of numbers is needed; end it with "
        "return dX",
    ),
    "backward of another shape": (
        with_method("backward", lambda self, dY: dY[:, :1]),
        ValueError,
        r"Mine.backward returned shape \(6, 1\), but dX must have the shape of X, \(6, 4\); return",
    ),
    "a gradient that is never set": (
        with_method("backward", no_gradient),
        RuntimeError,
        r'SGD.step: 1.Mine.w has no gradient yet; .* let backward set self.gradients\["w"\]',
    ),
    "a gradient for every sample": (
        with_method("backward", wrong_gradient(np.ones((6, 4)))),
        ValueError,
        r"SGD.step: the gradient of 1.Mine.w is an array of dtype float64 and shape \(6, 4\), but "
        r"1.Mine.w has shape \(4,\); both must have the same shape: let backward sum over",
    ),
    "a gradient that is a number": (
        with_method("backward", wrong_gradient(1.0)),
        ValueError,
        "SGD.step: the gradient of 1.Mine.w is float 1.0, but 1.Mine.w has shape",
    ),
}


@each(case=IN_THE_FIRST_STEP)
def test_the_first_step_refuses_it(case):
    kind, error, words = case
    with pytest.raises(error, match=f"^{words}"):
        fitted(kind)


def test_the_first_layer_is_looked_at_too():
    model = Sequential([with_method("backward", lambda self, dY: dY[:1])()], input_shape=(4,))
    model.forward(X)
    with pytest.raises(ValueError, match=r"^Mine.backward returned shape \(1, 4\), but dX"):
        model.backward(T)


def test_layers_may_be_exchanged_later():
    """A new head: what it returns it says itself."""
    model = Sequential([Dense(4), Dense(4)], input_shape=(4,))
    head, more = Dense(2), Dense(3)
    head.build((4,), np.random.default_rng(0))
    more.build((2,), np.random.default_rng(0))
    model.layers[1] = head
    model.layers.append(more)
    assert model(X).shape == model.forward(X).shape == (6, 3)
    assert model.backward(np.ones((6, 3))).shape == (6, 4)


def test_the_checks_of_a_step_take_no_time():
    """A microsecond for each layer, on a machine that does other things at the same time."""
    layer, batch = Scale(), np.zeros((8, 4))

    def check():
        contract.check_output(layer, batch, batch, (4,))
        contract.check_gradient(layer, batch, (8, 4))

    assert min(timeit.repeat(check, number=1000, repeat=5)) < 20e-3


@each(
    kind={
        "Dense": (lambda i: Dense(3, initializer=i), (4,)),
        "Conv2D": (lambda i: Conv2D(3, 2, initializer=i), (1, 4, 4)),
    }
)
def test_an_initializer_of_ones_own(kind):
    make, shape = kind
    with pytest.raises(TypeError, match=r"initializer=str 'he_normal' came, but a function init"):
        make("he_normal")
    with pytest.raises(ValueError, match=r"\.build: initializer returned an array .* needed; let"):
        Sequential([make(lambda shape, rng: rng.random(3))], input_shape=shape)
    model = Sequential([make(lambda shape, rng: rng.normal(0, 0.1, shape))], input_shape=shape)
    assert 0 < np.abs(model.layers[0].parameters["w"]).max() < 1
    assert model.layers[0].ops is fast
