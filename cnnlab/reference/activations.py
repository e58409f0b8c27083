"""Activations, entry by entry, and the softmax over the last axis."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnlab import shapes
from cnnlab.reference.ieee import IEEE
from cnnlab.typing import Array, ArrayLike, Number

__all__ = [
    "sigmoid",
    "sigmoid_dZ",
    "tanh",
    "tanh_dZ",
    "relu",
    "relu_dZ",
    "leaky_relu",
    "leaky_relu_dZ",
    "softmax",
    "log_softmax",
]


@IEEE
def sigmoid(Z: ArrayLike) -> Array:
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
def sigmoid_dZ(dY: ArrayLike, Y: ArrayLike) -> Array:
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
def tanh(Z: ArrayLike) -> Array:
    """Squash every entry into the interval from -1 to 1.

    Equation (eq-tanh)::

        Y = (exp(Z) - exp(-Z)) / (exp(Z) + exp(-Z))

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
    >>> tanh([0.0, -1000.0, 1000.0])
    array([ 0., -1.,  1.])
    """
    Z = shapes.as_array(Z, "tanh", "Z", keep_complex=True)
    Y = np.zeros(Z.shape, Z.dtype)
    for index in np.ndindex(Z.shape):
        # NumPy's tanh is the equation, arranged so that it neither overflows nor cancels.
        Y[index] = np.tanh(Z[index])
    return Y


@IEEE
def tanh_dZ(dY: ArrayLike, Y: ArrayLike) -> Array:
    """Gradient of the loss with respect to the input of a tanh.

    Equation (eq-tanh-dZ), the slope of the tanh written with its output::

        dZ = dY * (1 - Y) * (1 + Y)

    Parameters
    ----------
    dY : array_like
        Gradient of the loss with respect to `Y`. Shape of `Y`.
    Y : array_like
        What `tanh` returned. Any shape.

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
    >>> tanh_dZ([8.0, 8.0], [0.5, 1.0])
    array([6., 0.])
    """
    dY, Y = shapes.check_same_shape("tanh_dZ", dY=dY, Y=Y, keep_complex=True)
    dZ = np.zeros(Y.shape, Y.dtype)
    for index in np.ndindex(Y.shape):
        dZ[index] = dY[index] * ((1 - Y[index]) * (1 + Y[index]))
    return dZ


@IEEE
def relu(Z: ArrayLike) -> Array:
    """Keep what is positive and replace the rest by 0.

    Equation (eq-relu)::

        Y = max(Z, 0)

    NaN stays NaN.

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
    >>> relu([-2.0, 0.0, 3.0])
    array([0., 0., 3.])
    """
    Z = shapes.as_array(Z, "relu", "Z", keep_complex=True)
    Y = np.zeros(Z.shape, Z.dtype)
    for index in np.ndindex(Z.shape):
        # Not "if Z > 0": that is false for NaN, which would vanish.
        Y[index] = 0 if Z[index].real <= 0 else Z[index]
    return Y


@IEEE
def relu_dZ(dY: ArrayLike, Y: ArrayLike) -> Array:
    """Gradient of the loss with respect to the input of a ReLU.

    Equation (eq-relu-dZ); at 0, where there is no slope, it is taken as 0::

        dZ = dY if Y > 0, else 0

    Where Y is NaN, dY is handed on.

    Parameters
    ----------
    dY : array_like
        Gradient of the loss with respect to `Y`. Shape of `Y`.
    Y : array_like
        What `relu` returned (its input will do as well). Any shape.

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
    >>> relu_dZ([8.0, 8.0], [0.0, 3.0])
    array([0., 8.])
    """
    dY, Y = shapes.check_same_shape("relu_dZ", dY=dY, Y=Y, keep_complex=True)
    dZ = np.zeros(Y.shape, Y.dtype)
    for index in np.ndindex(Y.shape):
        dZ[index] = 0 if Y[index].real <= 0 else dY[index]
    return dZ


@IEEE
def leaky_relu(Z: ArrayLike, *, slope: Number = 0.01) -> Array:
    """Keep what is positive and let a small part of the rest pass.

    Equation (eq-leaky-relu)::

        Y = max(Z, slope * Z)

    NaN stays NaN.

    Parameters
    ----------
    Z : array_like
        Any shape.
    slope : float
        Which part of a negative entry passes: greater than 0, at most 1.

    Returns
    -------
    Y : ndarray
        Shape of `Z`.

    Raises
    ------
    ValueError
        If `slope` is no such number.
    TypeError
        If `Z` does not hold numbers.

    Examples
    --------
    >>> leaky_relu([-2.0, 0.0, 3.0], slope=0.25)
    array([-0.5,  0. ,  3. ])
    """
    Z = shapes.as_array(Z, "leaky_relu", "Z", keep_complex=True)
    slope = shapes.check_slope("leaky_relu", slope)
    Y = np.zeros(Z.shape, Z.dtype)
    for index in np.ndindex(Z.shape):
        Y[index] = Z[index] if Z[index].real > 0 else slope * Z[index]
    return Y


@IEEE
def leaky_relu_dZ(dY: ArrayLike, Y: ArrayLike, *, slope: Number = 0.01) -> Array:
    """Gradient of the loss with respect to the input of a leaky ReLU.

    Equation (eq-leaky-relu-dZ); at 0, where there is no slope, it is taken as `slope`::

        dZ = dY if Y > 0, else slope * dY

    So it is where Y is NaN.

    Parameters
    ----------
    dY : array_like
        Gradient of the loss with respect to `Y`. Shape of `Y`.
    Y : array_like
        What `leaky_relu` returned (its input will do as well). Any shape.
    slope : float
        As it was for `leaky_relu`.

    Returns
    -------
    dZ : ndarray
        Shape of `Y`.

    Raises
    ------
    ValueError
        If the shapes differ, or if `slope` is no such number.
    TypeError
        If an argument does not hold numbers.

    Examples
    --------
    >>> leaky_relu_dZ([8.0, 8.0], [-0.5, 3.0], slope=0.25)
    array([2., 8.])
    """
    dY, Y = shapes.check_same_shape("leaky_relu_dZ", dY=dY, Y=Y, keep_complex=True)
    slope = shapes.check_slope("leaky_relu_dZ", slope)
    dZ = np.zeros(Y.shape, Y.dtype)
    for index in np.ndindex(Y.shape):
        dZ[index] = dY[index] if Y[index].real > 0 else slope * dY[index]
    return dZ


@IEEE
def softmax(Z: ArrayLike) -> Array:
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
        # In double precision: the sum of many small terms.
        total = np.result_type(Z.dtype, np.float64).type(0)
        for o in range(Z.shape[-1]):
            total += np.exp(Z[row][o] - largest)
        for o in range(Z.shape[-1]):
            Y[row][o] = np.exp(Z[row][o] - largest) / total
    return Y


@IEEE
def log_softmax(Z: ArrayLike) -> Array:
    """Logarithms of the probabilities that `softmax` gives, without the detour over them.

    Equation (eq-log-softmax)::

        Y[o] = Z[o] - log(sum_t exp(Z[t]))

    The largest score is subtracted first, equation (eq-score-shift): it cancels, and no exponential
    overflows.

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
        # In double precision: the sum of many small terms.
        total = np.result_type(Z.dtype, np.float64).type(0)
        for o in range(Z.shape[-1]):
            total += np.exp(Z[row][o] - largest)
        for o in range(Z.shape[-1]):
            Y[row][o] = Z[row][o] - largest - np.log(total)
    return Y


def largest_entry(scores: np.ndarray) -> Any:
    """Return the entry of a vector with the largest real part."""
    largest = scores[0]
    for o in range(1, len(scores)):
        if scores[o].real > largest.real:
            largest = scores[o]
    return largest
