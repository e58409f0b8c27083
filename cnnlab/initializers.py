"""Starting values for weights, drawn from a seeded generator.

A weight array has its outputs on axis 0: (P, D, m, n) for a convolution, (O, I) for a dense
layer. `fan_in` counts the products in one entry of Z (D * m * n, or I); `fan_out` counts the
entries of Z that one input feeds (P * m * n, or O).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from cnnlab import shapes

__all__ = ["glorot_uniform", "glorot_uniform_sigmoid", "he_normal", "uniform_fan_in", "zeros"]

Initializer = Callable[[tuple[int, ...], np.random.Generator], np.ndarray]


def fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """Return (fan_in, fan_out) of a weight array.

    Parameters
    ----------
    shape : tuple of int
        At least two axes: (outputs, inputs, ...).

    Returns
    -------
    fan_in, fan_out : int
    """
    outputs, inputs, *window = shapes.as_shape(shape, "fans", "shape", (2, 3, 4, 5))
    return inputs * math.prod(window), outputs * math.prod(window)


def zeros(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Return zeros: fit for biases, and for showing why weights must not start equal."""
    return np.zeros(shape)


def uniform_fan_in(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Draw uniformly from -1/sqrt(fan_in) to 1/sqrt(fan_in)."""
    limit = 1 / math.sqrt(fans(shape)[0])
    return shapes.as_generator(rng, "uniform_fan_in", "rng").uniform(-limit, limit, shape)


def glorot_uniform(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Draw uniformly with variance 2 / (fan_in + fan_out), for tanh and for dense outputs.

    Between what keeps the size of numbers on the way forward, equation (eq-variance-forward), and
    that of gradients on the way back, equation (eq-variance-back). Source: Glorot and Bengio
    (2010), equation 16.
    """
    limit = math.sqrt(6 / sum(fans(shape)))
    return shapes.as_generator(rng, "glorot_uniform", "rng").uniform(-limit, limit, shape)


def glorot_uniform_sigmoid(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Draw as `glorot_uniform`, four times as wide: a sigmoid is four times flatter than tanh at 0.

    The slope at 0 is 1/4 for the sigmoid and 1 for tanh, for which the formula was derived.
    """
    return 4 * glorot_uniform(shape, rng)


def he_normal(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Draw from a normal distribution with variance 2 / fan_in, for ReLU.

    Equation (eq-variance-forward), where a ReLU keeps half of the mean square. Source: He, Zhang,
    Ren and Sun (2015), equation 10.
    """
    deviation = math.sqrt(2 / fans(shape)[0])
    return shapes.as_generator(rng, "he_normal", "rng").normal(0, deviation, shape)
