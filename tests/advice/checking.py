"""Wrong calls of gradient checks, with the advice that answers them."""

from types import SimpleNamespace

import numpy as np

from cnnlab import gradcheck, mutants, operations, reference
from cnnlab.layers import BatchNorm2D, Dense, Sigmoid
from cnnlab.model import Sequential

RNG = np.random.default_rng(0)
X, W, x = RNG.standard_normal((2, 2, 4, 4)), RNG.standard_normal((3, 2, 2, 2)), RNG.random(3)
NORMALIZED = Sequential([BatchNorm2D(ops=reference)], input_shape=(2, 4, 4))
A = np.array([[1.0, 2.0, 0.0], [0.0, 3.0, 1.0]])


def verdicts(reports):
    """Return whether each gradient was found right."""
    return [report.passed for report in reports]


def square(dY, x):
    return [2 * dY * x]


def check(forward=np.square, backward=square, inputs=(x,), **options):
    return verdicts(gradcheck.check_gradients(forward, backward, inputs, **options))


def operation(name="conv2d", ops=reference, given=(X, W), **options):
    return verdicts(gradcheck.check_operation(ops, name, *given, **options))


def adjoint(linear=lambda x: A @ x, back=lambda g: A.T @ g, shape=(3,), **options):
    return gradcheck.check_adjoint(linear, back, shape, **options).passed


def against(mine=reference.tanh, name="tanh", **options):
    return all(verdicts(gradcheck.check_against(mine, name, **options)))


def model(layers=None, **options):
    layers = layers or [Sigmoid(ops=reference), Dense(2, ops=reference)]
    network = Sequential(layers, input_shape=(3,))
    return verdicts(gradcheck.check_model(network, np.ones((2, 3)), **options))


def numerical(function=lambda x: (x**2).sum(), at=x, **options):
    return gradcheck.numerical_gradient(function, at, method="complex", **options)


def one():
    return [True]


def two():
    return [True, True]


FUNCTIONS = {
    "the value of forward": (
        lambda: check(np.square(x)),
        "pass it without calling it",
        lambda: check(np.square),
        one,
    ),
    "the value of backward": (
        lambda: check(backward=2 * x),
        "pass it without calling it",
        lambda: check(backward=square),
        one,
    ),
    "the value of a function": (
        lambda: numerical(3.0),
        "pass it without calling it",
        lambda: numerical(),
        lambda: 2 * x,
    ),
    "the value of an adjoint": (
        lambda: adjoint(back=A.T),
        "pass it without calling it",
        lambda: adjoint(),
        lambda: True,
    ),
    "a value of one's own": (
        lambda: against(reference.tanh(x)),
        "pass it without calling it",
        lambda: against(reference.tanh),
        lambda: True,
    ),
    "a batch instead of a list": (
        lambda: check(inputs=np.stack([x, x])),
        "as [X] for one",
        lambda: check(inputs=[np.stack([x, x])]),
        one,
    ),
    "inputs in words": (
        lambda: check(inputs=["x"]),
        "pass what has a gradient here",
        lambda: check(inputs=[x]),
        one,
    ),
    "more names than inputs": (
        lambda: check(names=["x", "y"]),
        "pass one each",
        lambda: check(names=["x"]),
        one,
    ),
    "forward with two results": (
        lambda: check(lambda x: "result"),
        "return the one array that the loss depends on",
        lambda: check(lambda x: x**2),
        one,
    ),
    "a gradient without a list": (
        lambda: check(backward=lambda dY, x: 2 * dY * x),
        "write return [gradient]",
        lambda: check(backward=lambda dY, x: [2 * dY * x]),
        one,
    ),
    "one gradient more": (
        lambda: check(backward=lambda dY, x: [2 * dY * x, dY]),
        "it must return one per input, in order",
        lambda: check(backward=lambda dY, x: [2 * dY * x]),
        one,
    ),
    "None for a gradient": (
        lambda: check(lambda x, y: x**2, lambda dY, x, y: [2 * dY * x, None], [x, x]),
        "return zeros where nothing depends on the input",
        lambda: check(lambda x, y: x**2, lambda dY, x, y: [2 * dY * x, 0 * y], [x, x]),
        two,
    ),
    "a gradient of another shape": (
        lambda: check(backward=lambda dY, x: [(2 * dY * x)[:2]]),
        "a gradient has the shape of its input",
        lambda: check(backward=lambda dY, x: [2 * dY * x]),
        one,
    ),
    "an adjoint that returns nothing": (
        lambda: adjoint(back=lambda g: None),
        "return the result alone",
        lambda: adjoint(back=lambda g: A.T @ g),
        lambda: True,
    ),
    "a function that takes no complex numbers": (
        lambda: check(lambda x: np.array([float(entry) ** 2 for entry in x]), method="complex"),
        'choose method="central"',
        lambda: check(lambda x: np.array([float(entry) ** 2 for entry in x]), method="central"),
        one,
    ),
    "text for an array": (
        lambda: numerical(at=["a"]),
        "pass numbers",
        lambda: numerical(at=[1.0]),
        lambda: [2.0],
    ),
}

OPTIONS = {
    "another method": (
        lambda: check(method="exact"),
        'choose "central" or "complex"',
        lambda: check(method="central") + check(method="complex"),
        two,
    ),
    "a step of 0": (lambda: check(step=0), "try 1e-5", lambda: check(step=1e-5), one),
    "a tolerance below 0": (
        lambda: check(tolerance=-1),
        "try 1e-6",
        lambda: check(tolerance=1e-6),
        one,
    ),
    "half a direction": (
        lambda: check(by="direction", directions=0.5),
        "pass 1 or more",
        lambda: check(by="direction", directions=1),
        one,
    ),
    "a seed in words": (
        lambda: check(seed="x"),
        "pass 0, or np.random.default_rng()",
        lambda: check(seed=0) + check(seed=np.random.default_rng()),
        two,
    ),
    "a seed in words, against": (
        lambda: against(seed="x"),
        "pass 0, or np.random.default_rng()",
        lambda: against(seed=0),
        lambda: True,
    ),
    "a seed in words, adjoint": (
        lambda: adjoint(seed="x"),
        "pass 0, or np.random.default_rng()",
        lambda: adjoint(seed=0),
        lambda: True,
    ),
    "layers in the place of a model": (
        lambda: gradcheck.check_model([Dense(2)], x),
        "pass Sequential([...], input_shape=X.shape[1:])",
        lambda: model([Dense(2, ops=reference)]),
        lambda: [True] * 3,
    ),
    "training in words": (
        lambda: model(training="yes"),
        "True or False is needed; pass one",
        lambda: model(training=True),
        lambda: [True] * 3,
    ),
}


def without(*names):
    """Return a backend that lacks something."""
    kept = {n: getattr(reference, n) for n in reference.__all__ if n not in names}
    return SimpleNamespace(**kept)


LACKS = without("conv2d")

NAMES = {
    "an operation that is misspelt": (
        lambda: operation("conv2"),
        "choose conv2d, the nearest of",
        lambda: operation("conv2d"),
        two,
    ),
    "an operation that there is not": (
        lambda: operation("embedding", given=(x,)),
        "choose one of conv2d",
        lambda: operation("conv2d"),
        two,
    ),
    "softmax": (
        lambda: operation("softmax", given=(x,)),
        'check "cross_entropy"',
        lambda: operation("cross_entropy", given=(x, 1)),
        one,
    ),
    "all gradients at once": (
        lambda: operation("batch_norm2d_backward", given=(X, X, x[:2], x[:2], x[:2])),
        'check "batch_norm2d", and its layer with check_model',
        lambda: [
            *operation("batch_norm2d", given=(X, x[:2], x[:2])),
            *verdicts(gradcheck.check_model(NORMALIZED, X)),
        ],
        lambda: [True] * 6,
    ),
    "the adjoint of what is not linear": (
        lambda: operation("tanh", given=(x,), method="adjoint"),
        'choose method="central" or "complex"',
        lambda: operation("tanh", given=(x,), method="central"),
        one,
    ),
    "an operation without its arguments": (
        lambda: operation(given=(X,)),
        "pass the arguments and options of conv2d",
        lambda: operation(given=(X, W)),
        two,
    ),
    "text for an image": (
        lambda: operation(given=("X", W)),
        "pass numbers",
        lambda: operation(),
        two,
    ),
    "a backend without the operation": (
        lambda: operation(ops=LACKS),
        "take it from cnnlab.reference (conv2d = reference.conv2d)",
        lambda: operation(ops=SimpleNamespace(**vars(LACKS), conv2d=reference.conv2d)),
        two,
    ),
    "a function that is misspelt": (
        lambda: against(name="tan"),
        "choose tanh, the nearest of",
        lambda: against(name="tanh"),
        lambda: True,
    ),
    "a case that there is not": (
        lambda: against(cases=["alone"]),
        'choose of "by hand"',
        lambda: against(cases=["by hand"]),
        lambda: True,
    ),
    "a record that is misspelt": (
        lambda: operations.find("convd"),
        "choose conv2d, the nearest of",
        lambda: operations.find("conv2d").name == "conv2d",
        lambda: True,
    ),
    "a wrong gradient that is misspelt": (
        lambda: mutants.find("db-mean-over-position"),
        "choose db-mean-over-positions, the nearest of",
        lambda: mutants.find("db-mean-over-positions").equation == "eq-db",
        lambda: True,
    ),
}

CASES = FUNCTIONS | OPTIONS | NAMES
