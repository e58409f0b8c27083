"""Losses: how wrong the network is, as one number, and the gradient that starts the way back."""

from __future__ import annotations

import numpy as np

from cnnlab import shapes
from cnnlab.reference.activations import log_softmax
from cnnlab.reference.ieee import IEEE
from cnnlab.results import Loss
from cnnlab.typing import ArrayLike

__all__ = [
    "squared_error",
    "cross_entropy",
]


@IEEE
def squared_error(Y: ArrayLike, T: ArrayLike) -> Loss:
    """Half the squared distance to the targets, a mean over the batch.

    Equation (eq-squared-error)::

        L = 1/B sum_s 1/2 sum_o (Y[s,o] - T[s,o])^2
        dY[s,o] = (Y[s,o] - T[s,o]) / B

    Parameters
    ----------
    Y : array_like
        What the network gave. Shape (B, O) or (B, D, M, N); (O,) or (D, M, N) for one sample.
    T : array_like
        Targets. Shape of `Y`.

    Returns
    -------
    L : float
        The loss; 0 for an empty batch.
    dY : ndarray
        Its gradient with respect to `Y`. Shape of `Y`.

    Raises
    ------
    ValueError
        If the shapes differ, or are none of those above.
    TypeError
        If an argument does not hold numbers.

    Examples
    --------
    >>> L, dY = squared_error([[1.0, 4.0]], [[1.0, 2.0]])
    >>> L
    2.0
    >>> dY
    array([[0., 2.]])
    """
    Y, T, single = shapes.check_squared_error(Y, T, keep_complex=True)
    B = len(Y)
    # Summed in double precision: the sum has many more terms than any entry of the gradient.
    L = np.zeros((), np.result_type(Y.dtype, np.float64))
    dY = np.zeros(Y.shape, Y.dtype)
    for index in np.ndindex(Y.shape):
        L += 0.5 * L.dtype.type(Y[index] - T[index]) ** 2 / B
        dY[index] = (Y[index] - T[index]) / B
    return Loss(L.item(), dY[0] if single else dY)


@IEEE
def cross_entropy(Z: ArrayLike, labels: ArrayLike) -> Loss:
    """Surprise at the true classes, the scores read as probabilities; a mean over the batch.

    Equations (eq-cross-entropy) and (eq-cross-entropy-dZ), with the softmax inside::

        L = -1/B sum_s log(softmax(Z[s])[labels[s]])
        dZ[s,o] = (softmax(Z[s])[o] - [o == labels[s]]) / B

    Parameters
    ----------
    Z : array_like
        Scores. Shape (B, C), or (C,) for one sample.
    labels : array_like of int
        Class numbers, 0 to C - 1. Shape (B,), or one integer for one sample.

    Returns
    -------
    L : float
        The loss in nats; 0 for an empty batch.
    dZ : ndarray
        Its gradient with respect to `Z`. Shape of `Z`.

    Raises
    ------
    ValueError
        If the shapes do not fit together, or a label is no class number.
    TypeError
        If the scores are not numbers or the labels not integers.

    Examples
    --------
    >>> L, dZ = cross_entropy([[0.0, 0.0]], [1])
    >>> round(L, 4)
    0.6931
    >>> dZ
    array([[ 0.5, -0.5]])
    """
    Z, labels, single = shapes.check_cross_entropy(Z, labels, keep_complex=True)
    B, classes = Z.shape
    L = np.zeros((), np.result_type(Z.dtype, np.float64))
    dZ = np.zeros(Z.shape, Z.dtype)
    log_probability = log_softmax(Z)
    for s in range(B):
        L -= log_probability[s, labels[s]] / B
        for o in range(classes):
            dZ[s, o] = (np.exp(log_probability[s, o]) - (o == labels[s])) / B
    return Loss(L.item(), dZ[0] if single else dZ)
