"""Wrong gradients of the losses."""

# The bodies are loops like those of `cnnlab.reference`, which carry no types either, and their
# docstrings say what is wrong, not what to do.
# mypy: allow-untyped-defs
# ruff: noqa: D401

import numpy as np

from cnnlab.mutants.registry import instead_of


@instead_of("squared_error", "eq-squared-error")
def squared_error_factor_two(Y, T):
    """The gradient is twice as large as it should be.

    The 2 of the derivative of a square was kept, and the 1/2 before the square forgotten.
    """
    return 2 * (Y - T) / max(len(Y), 1)


@instead_of("squared_error", "eq-squared-error")
def squared_error_mean_of_all(Y, T):
    """The gradient is divided by the number of entries, not of samples.

    ``np.mean`` takes the mean over everything; the loss takes it over the batch alone.
    """
    return (Y - T) / max(Y.size, 1)


@instead_of("cross_entropy", "eq-cross-entropy-dZ")
def cross_entropy_not_a_mean(p, truth):
    """The gradient is that of the sum over the batch.

    The loss was made a mean, and its gradient was not.
    """
    return p - truth


@instead_of("cross_entropy", "eq-cross-entropy-dZ")
def cross_entropy_sign_flipped(p, truth):
    """The gradient points the wrong way.

    "Truth minus answer" is what has to be added; the step subtracts the gradient.
    """
    return (truth - p) / max(len(p), 1)


@instead_of("cross_entropy", "eq-cross-entropy-dZ")
def cross_entropy_one_class(p, truth):
    """Only the score of the true class gets a gradient.

    The loss looks at one probability, but that one contains all scores.
    """
    return np.where(truth == 1, p - 1, 0) / max(len(p), 1)


@instead_of("cross_entropy", "eq-cross-entropy-dZ")
def cross_entropy_slope_twice(p, truth):
    """The slope of a sigmoid is multiplied onto a gradient that has it already.

    p - truth is the gradient for the scores; it was taken for the one for the probabilities.
    """
    return (p - truth) * p * (1 - p) / max(len(p), 1)


@instead_of("cross_entropy", "eq-cross-entropy-dZ")
def cross_entropy_epsilon(p, truth):
    """The gradient of the true class is a little too small where its probability is.

    It was derived for log(p + 0.001), which never becomes infinite; the loss is log(p).
    """
    weight = (truth * p / (p + 0.001)).sum(axis=1, keepdims=True)
    return weight * (p - truth) / max(len(p), 1)
