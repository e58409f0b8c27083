"""Dense layer, the whole of a vanilla network: a weighted sum per output, one loop per index."""

from __future__ import annotations

import numpy as np

from cnnlab import shapes
from cnnlab.reference.ieee import IEEE
from cnnlab.typing import Array, ArrayLike

__all__ = [
    "dense",
    "dense_dX",
    "dense_dw",
    "dense_db",
]


@IEEE
def dense(X: ArrayLike, w: ArrayLike, b: ArrayLike | None = None) -> Array:
    """Weighted sums of the inputs, one per output, plus a bias.

    Equation (eq-vanilla)::

        Z[s,o] = b[o] + sum_i w[o,i] X[s,i]

    Parameters
    ----------
    X : array_like
        Inputs. Shape (B, I), or (I,) for one vector.
    w : array_like
        Weights. Shape (O, I).
    b : array_like, optional
        One bias per output. Shape (O,). Zeros when left out.

    Returns
    -------
    Z : ndarray
        Shape (B, O), or (O,) for one vector.

    Raises
    ------
    ValueError
        If the shapes do not fit together.
    TypeError
        If an argument does not hold numbers.

    Examples
    --------
    >>> dense([1.0, 2.0], [[1.0, 10.0], [3.0, 0.0]], [0.5, 0.0])
    array([21.5,  3. ])
    """
    X, w, b, single = shapes.check_dense(X, w, b, keep_complex=True)
    B, inputs = X.shape
    outputs = len(w)
    Z = np.zeros((B, outputs), X.dtype)
    for s in range(B):
        for o in range(outputs):
            Z[s, o] = b[o]
            for i in range(inputs):
                Z[s, o] += w[o, i] * X[s, i]
    return Z[0] if single else Z


@IEEE
def dense_dX(dZ: ArrayLike, w: ArrayLike) -> Array:
    """Gradient of the loss with respect to the inputs of a dense layer.

    Equation (eq-vanilla-dX)::

        dX[s,i] = sum_o dZ[s,o] w[o,i]

    Parameters
    ----------
    dZ : array_like
        Gradient of the loss with respect to `Z`. Shape (B, O), or (O,) for one vector.
    w : array_like
        Weights. Shape (O, I).

    Returns
    -------
    dX : ndarray
        Shape (B, I), or (I,) for one vector.

    Raises
    ------
    ValueError
        If the shapes do not fit together.
    TypeError
        If an argument does not hold numbers.

    Examples
    --------
    >>> dense_dX([1.0, 2.0], [[1.0, 10.0], [3.0, 0.0]])
    array([ 7., 10.])
    """
    dZ, w, single = shapes.check_dense_dX(dZ, w, keep_complex=True)
    B, outputs = dZ.shape
    inputs = w.shape[1]
    dX = np.zeros((B, inputs), dZ.dtype)
    for s in range(B):
        for i in range(inputs):
            for o in range(outputs):
                dX[s, i] += dZ[s, o] * w[o, i]
    return dX[0] if single else dX


@IEEE
def dense_dw(dZ: ArrayLike, X: ArrayLike) -> Array:
    """Gradient of the loss with respect to the weights of a dense layer.

    Equation (eq-vanilla-dw), with a sum over the batch::

        dw[o,i] = sum_s dZ[s,o] X[s,i]

    Parameters
    ----------
    dZ : array_like
        Gradient of the loss with respect to `Z`. Shape (B, O), or (O,) for one vector.
    X : array_like
        Inputs. Shape (B, I), or (I,) for one vector.

    Returns
    -------
    dw : ndarray
        Shape (O, I).

    Raises
    ------
    ValueError
        If the shapes do not fit together.
    TypeError
        If an argument does not hold numbers.

    Examples
    --------
    >>> dense_dw([1.0, 2.0], [3.0, 4.0])
    array([[3., 4.],
           [6., 8.]])
    """
    dZ, X = shapes.check_dense_dw(dZ, X, keep_complex=True)
    B, outputs = dZ.shape
    inputs = X.shape[1]
    dw = np.zeros((outputs, inputs), dZ.dtype)
    for o in range(outputs):
        for i in range(inputs):
            for s in range(B):
                dw[o, i] += dZ[s, o] * X[s, i]
    return dw


@IEEE
def dense_db(dZ: ArrayLike) -> Array:
    """Gradient of the loss with respect to the biases of a dense layer.

    Equation (eq-vanilla-db), with a sum over the batch::

        db[o] = sum_s dZ[s,o]

    Parameters
    ----------
    dZ : array_like
        Gradient of the loss with respect to `Z`. Shape (B, O), or (O,) for one vector.

    Returns
    -------
    db : ndarray
        Shape (O,).

    Raises
    ------
    ValueError
        If `dZ` has neither 1 nor 2 axes.
    TypeError
        If `dZ` does not hold numbers.

    Examples
    --------
    >>> dense_db([[1.0, 2.0], [3.0, 4.0]])
    array([4., 6.])
    """
    dZ = shapes.check_dense_db(dZ, keep_complex=True)
    B, outputs = dZ.shape
    db = np.zeros(outputs, dZ.dtype)
    for o in range(outputs):
        for s in range(B):
            db[o] += dZ[s, o]
    return db
