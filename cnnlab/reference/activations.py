"""Activations, entry by entry, and the softmax over the last axis."""

import numpy as np

from cnnlab import shapes
from cnnlab.reference.ieee import IEEE


@IEEE
def sigmoid(Z):
    """Squash every entry into the interval from 0 to 1.

    Equation (eq-sigmoid)::

        Y = 1 / (1 + exp(-Z))

    Below zero the equal form exp(Z) / (1 + exp(Z)) is taken, because exp(-Z) would overflow.

    Parameters
    ----------
    Z : array_like
        Any shape.

    Returns
    -------
    Y : ndarray
        Shape of `Z`.

    Raises
    ------
    TypeError
        If `Z` does not hold numbers.

    Examples
    --------
    >>> sigmoid([0.0, -1000.0, 1000.0])
    array([0.5, 0. , 1. ])
    """
    Z = shapes.as_array(Z, "sigmoid", "Z", keep_complex=True)
    Y = np.zeros(Z.shape, Z.dtype)
    for index in np.ndindex(Z.shape):
        if Z[index].real < 0:
            Y[index] = np.exp(Z[index]) / (1 + np.exp(Z[index]))
        else:
            Y[index] = 1 / (1 + np.exp(-Z[index]))
    return Y


@IEEE
def sigmoid_dZ(dY, Y):
    """Gradient of the loss with respect to the input of a sigmoid.

    Equation (eq-dZ), the slope of the sigmoid written with its output::

        dZ = dY * Y * (1 - Y)

    Parameters
    ----------
    dY : array_like
        Gradient of the loss with respect to `Y`. Shape of `Y`.
    Y : array_like
        What `sigmoid` returned. Any shape.

    Returns
    -------
    dZ : ndarray
        Shape of `Y`.

    Raises
    ------
    ValueError
        If the shapes differ.
    TypeError
        If an argument does not hold numbers.

    Examples
    --------
    >>> sigmoid_dZ([8.0, 8.0], [0.5, 1.0])
    array([2., 0.])
    """
    dY, Y = shapes.check_same_shape("sigmoid_dZ", dY=dY, Y=Y, keep_complex=True)
    dZ = np.zeros(Y.shape, Y.dtype)
    for index in np.ndindex(Y.shape):
        dZ[index] = dY[index] * Y[index] * (1 - Y[index])
    return dZ


@IEEE
def softmax(Z):
    """Turn the scores along the last axis into probabilities.

    Equation (eq-softmax)::

        Y[o] = exp(Z[o]) / sum_t exp(Z[t])

    The largest score is subtracted first: it cancels, and no exponential overflows.

    Parameters
    ----------
    Z : array_like
        Scores. Shape (..., C) with C >= 1 classes.

    Returns
    -------
    Y : ndarray
        Probabilities, each row summing to 1. Shape of `Z`.

    Raises
    ------
    ValueError
        If there is no last axis or it is empty.
    TypeError
        If `Z` does not hold numbers.

    Examples
    --------
    >>> softmax([1000.0, 1000.0])
    array([0.5, 0.5])
    """
    Z = shapes.check_softmax("softmax", Z, keep_complex=True)
    Y = np.zeros(Z.shape, Z.dtype)
    for row in np.ndindex(Z.shape[:-1]):
        largest = largest_entry(Z[row])
        total = Z.dtype.type(0)
        for o in range(Z.shape[-1]):
            total += np.exp(Z[row][o] - largest)
        for o in range(Z.shape[-1]):
            Y[row][o] = np.exp(Z[row][o] - largest) / total
    return Y


@IEEE
def log_softmax(Z):
    """Logarithms of the probabilities that `softmax` gives, without the detour over them.

    Equation (eq-log-softmax)::

        Y[o] = Z[o] - log(sum_t exp(Z[t]))

    The largest score is subtracted first: it cancels, and no exponential overflows.

    Parameters
    ----------
    Z : array_like
        Scores. Shape (..., C) with C >= 1 classes.

    Returns
    -------
    Y : ndarray
        Log-probabilities, in nats. Shape of `Z`.

    Raises
    ------
    ValueError
        If there is no last axis or it is empty.
    TypeError
        If `Z` does not hold numbers.

    Examples
    --------
    >>> log_softmax([5.0, 5.0]).round(4)
    array([-0.6931, -0.6931])
    """
    Z = shapes.check_softmax("log_softmax", Z, keep_complex=True)
    Y = np.zeros(Z.shape, Z.dtype)
    for row in np.ndindex(Z.shape[:-1]):
        largest = largest_entry(Z[row])
        total = Z.dtype.type(0)
        for o in range(Z.shape[-1]):
            total += np.exp(Z[row][o] - largest)
        for o in range(Z.shape[-1]):
            Y[row][o] = Z[row][o] - largest - np.log(total)
    return Y


def largest_entry(scores):
    """Return the entry of a vector with the largest real part."""
    largest = scores[0]
    for o in range(1, len(scores)):
        if scores[o].real > largest.real:
            largest = scores[o]
    return largest
