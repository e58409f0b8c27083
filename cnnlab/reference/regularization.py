"""Dropout and its gradient."""

from __future__ import annotations

import numpy as np

from cnnlab import shapes
from cnnlab.reference.ieee import IEEE
from cnnlab.typing import Array, ArrayLike, Number

__all__ = [
    "dropout",
    "dropout_dX",
]


@IEEE
def dropout(X: ArrayLike, kept: ArrayLike, *, rate: Number = 0.5) -> Array:
    """Set the entries that are not kept to zero and enlarge the others to make up.

    Equation (eq-dropout)::

        Y = X * kept / (1 - rate)

    Who draws `kept` so that an entry is False with the probability `rate` gets Y with the mean X
    over all draws. NaN and infinity that are dropped become NaN, as 0 times them is.

    Parameters
    ----------
    X : array_like
        Any shape.
    kept : array_like
        Which entries stay: truth values, or numbers 0 and 1. Shape of `X`.
    rate : float
        Which part is dropped: at least 0, below 1.

    Returns
    -------
    Y : ndarray
        Shape of `X`.

    Raises
    ------
    ValueError
        If the shapes differ, `kept` holds other numbers, or `rate` is no such number.
    TypeError
        If an array does not hold numbers.

    Examples
    --------
    >>> print(dropout([1.0, 2.0, 3.0], [True, False, True], rate=0.75))
    [ 4.  0. 12.]
    """
    X, kept, factor = shapes.check_dropout("dropout", "X", X, kept, rate, keep_complex=True)
    return _where_kept(X, kept, factor)


def _where_kept(array: np.ndarray, kept: np.ndarray, factor: float) -> np.ndarray:
    result = np.zeros(array.shape, array.dtype)
    enlarged = array.real.dtype.type(factor)
    for index in np.ndindex(array.shape):
        result[index] = array[index] * (enlarged * kept[index])
    return result


@IEEE
def dropout_dX(dY: ArrayLike, kept: ArrayLike, *, rate: Number = 0.5) -> Array:
    """Gradient of the loss with respect to the input of a dropout.

    Equation (eq-dropout-dX)::

        dX = dY * kept / (1 - rate)

    Parameters
    ----------
    dY : array_like
        Gradient of the loss with respect to `Y`. Any shape.
    kept : array_like
        As given to `dropout`. Shape of `dY`.
    rate : float
        As given to `dropout`.

    Returns
    -------
    dX : ndarray
        Shape of `dY`.

    Raises
    ------
    ValueError
        If the shapes differ, `kept` holds other numbers, or `rate` is no such number.
    TypeError
        If an array does not hold numbers.

    Examples
    --------
    >>> print(dropout_dX([1.0, 2.0, 3.0], [True, False, True], rate=0.75))
    [ 4.  0. 12.]
    """
    dY, kept, factor = shapes.check_dropout("dropout_dX", "dY", dY, kept, rate, keep_complex=True)
    return _where_kept(dY, kept, factor)
