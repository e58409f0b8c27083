"""Wrong names, data sets and algorithms, with the advice that answers them."""

import numpy as np

from cnnlab import algorithms, data, reference, source

RNG = np.random.default_rng(0)
X, W = RNG.standard_normal((2, 3, 6, 5)), RNG.standard_normal((2, 3, 2, 2))
LARGE = np.zeros((1, 3, 427, 640), np.float32)


def made_up():
    """Return a function without a file."""
    space = {}
    exec("def made_up(x):\n    return x", space)
    return space["made_up"]


CASES = {
    "an algorithm that is misspelt": (
        lambda: algorithms.find("im2cool"),
        "choose im2col, the nearest of",
        lambda: algorithms.find("im2col").conv2d(X, W),
        lambda: algorithms.im2col.conv2d(X, W),
    ),
    "a matrix that is too large": (
        lambda: algorithms.toeplitz.conv2d(LARGE, W.astype(np.float32)),
        "use a smaller image or another algorithm",
        lambda: algorithms.toeplitz.conv2d(LARGE[..., :6, :5], W.astype(np.float32)),
    ),
    "winograd with another pattern": (
        lambda: algorithms.winograd.conv2d(X, W),
        "use another algorithm for other sizes",
        lambda: algorithms.im2col.conv2d(X, W),
        lambda: reference.conv2d(X, W),
    ),
    "a photograph that is misspelt": (
        lambda: data.photo("flowers"),
        "choose flower, the nearest of",
        lambda: data.photo("flower").shape,
        lambda: (3, 427, 640),
    ),
    "a seed for the digits in words": (
        lambda: data.mnist_subset(seed="x"),
        "pass 0 or more",
        lambda: data.mnist_subset(seed=0).labels_test[:3],
        lambda: data.mnist_subset().labels_test[:3],
    ),
    "digits of integers": (
        lambda: data.mnist_subset(dtype=np.uint8),
        "pass np.float32 or np.float64",
        lambda: data.mnist_subset(dtype=np.float32).X_test[0],
        lambda: data.mnist_subset(dtype=np.float64).X_test[0].astype(np.float32),
    ),
    "the loops of a function in C": (
        lambda: source.loops(len),
        "pass a function or method written in Python",
        lambda: len(source.loops(reference.conv2d).code) > 0,
        lambda: True,
    ),
    "the loops of a lambda": (
        lambda: source.loops(lambda x: x),
        "give the function a name with def",
        lambda: "def made" in source.loops(made).code,
        lambda: True,
    ),
    "the loops of what was made by exec": (
        lambda: source.loops(made_up()),
        "define the function in a file or a notebook cell",
        lambda: "def made" in source.loops(made).code,
        lambda: True,
    ),
}


def made(x):
    """Return x."""
    return x
