"""Batch normalization of images and its gradients."""

from __future__ import annotations

import numpy as np

from cnnlab import shapes
from cnnlab.reference.ieee import IEEE
from cnnlab.results import BatchNorm, BatchNormGradients
from cnnlab.typing import Array, ArrayLike, Flag, Number

__all__ = [
    "batch_norm2d",
    "batch_norm2d_dX",
    "batch_norm2d_dw",
    "batch_norm2d_db",
    "batch_norm2d_backward",
]


@IEEE
def batch_norm2d(
    X: ArrayLike,
    w: ArrayLike,
    b: ArrayLike,
    *,
    epsilon: Number = 1e-5,
    mean: ArrayLike | None = None,
    variance: ArrayLike | None = None,
) -> BatchNorm:
    """Give every depth the mean b and the spread w, over the batch and all pixels.

    Equation (eq-batch-norm), with K = B M N pixels in a depth::

        mean[c]     = 1/K sum_{s,i,j} X[s,c,i,j]
        variance[c] = 1/K sum_{s,i,j} (X[s,c,i,j] - mean[c])^2
        Y[s,c,i,j]  = w[c] (X[s,c,i,j] - mean[c]) / sqrt(variance[c] + epsilon) + b[c]

    Images in float32 are computed in float64 and rounded once, and so are their gradients.

    Parameters
    ----------
    X : array_like
        Shape (B, D, M, N), or (D, M, N) for one image.
    w, b : array_like
        Shape (D,).
    epsilon : float
        Greater than 0. Keeps a depth that is the same everywhere from a division by 0.
    mean, variance : array_like, optional
        What takes the place of the mean and the variance of the batch, as for a network in use.
        Shape (D,). Both or neither.

    Returns
    -------
    Y : ndarray
        Shape of `X`.
    mean, variance : ndarray
        Those that were used. Shape (D,), float64; zeros for an empty batch.
    scale : ndarray
        1 / sqrt(variance + epsilon), which the gradients want. Shape (D,), float64.

    Raises
    ------
    ValueError
        If shapes do not fit, `epsilon` is not greater than 0, or a mean came without a variance.
    TypeError
        If an array does not hold numbers.

    Examples
    --------
    >>> X = [[[[5.0, 1.0]]], [[[5.0, 1.0]]]]
    >>> Y, mean, variance, scale = batch_norm2d(X, [2.0], [7.0], epsilon=12.0)
    >>> print(Y.ravel(), mean, variance, scale)
    [8. 6. 8. 6.] [3.] [4.] [0.25]
    """
    (X, w, b), given, epsilon, single = shapes.check_batch_norm2d(
        X, w, b, epsilon, mean, variance, keep_complex=True
    )
    mean, variance = _statistics(X) if given is None else map(np.array, given)
    scale = 1 / np.sqrt(variance + epsilon)
    Y = np.zeros(X.shape, X.dtype)
    B, D, M, N = X.shape
    for c in range(D):
        for s in range(B):
            for i in range(M):
                for j in range(N):
                    Y[s, c, i, j] = w[c] * ((X[s, c, i, j] - mean[c]) * scale[c]) + b[c]
    return BatchNorm(Y[0] if single else Y, mean, variance, scale)


def _statistics(X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    B, D, M, N = X.shape
    K = max(B * M * N, 1)  # an empty batch has sums of 0
    mean, variance = np.zeros((2, D), np.result_type(X, np.float64))
    for c in range(D):
        for s in range(B):
            for i in range(M):
                for j in range(N):
                    mean[c] += X[s, c, i, j]
        mean[c] /= K
        for s in range(B):
            for i in range(M):
                for j in range(N):
                    variance[c] += (X[s, c, i, j] - mean[c]) ** 2
        variance[c] /= K
    return mean, variance


@IEEE
def batch_norm2d_dX(
    dY: ArrayLike,
    X: ArrayLike,
    w: ArrayLike,
    mean: ArrayLike,
    scale: ArrayLike,
    *,
    fixed: Flag = False,
) -> Array:
    """Gradient of the loss with respect to the images of a batch normalization.

    Equation (eq-batch-norm-dX), with dw and db from (eq-batch-norm-dw) and (eq-batch-norm-db)::

        x           = (X[s,c,i,j] - mean[c]) scale[c]
        dX[s,c,i,j] = w[c] scale[c] (dY[s,c,i,j] - db[c] / K - x dw[c] / K)

    Every pixel moves the mean and the variance of all. Where they were given, they stay, and the
    last two terms are not there.

    Parameters
    ----------
    dY : array_like
        Gradient of the loss with respect to `Y`. Shape of `X`.
    X : array_like
        As given to `batch_norm2d`. Shape (B, D, M, N), or (D, M, N) for one image.
    w : array_like
        As given to `batch_norm2d`. Shape (D,).
    mean, scale : array_like
        As `batch_norm2d` returned them. Shape (D,).
    fixed : bool
        Whether mean and variance were given to `batch_norm2d`, and do not depend on X.

    Returns
    -------
    dX : ndarray
        Shape of `X`.

    Raises
    ------
    ValueError
        If shapes do not fit.
    TypeError
        If an array does not hold numbers, or `fixed` is neither True nor False.

    Examples
    --------
    >>> X, dY = [[[5.0, 1.0, 5.0, 1.0]]], [[[8.0, 0.0, 0.0, 0.0]]]
    >>> print(batch_norm2d_dX(dY, X, [2.0], [3.0], [0.25]))
    [[[ 2.75 -0.75 -1.25 -0.75]]]
    """
    (dY, X, w, mean, scale), fixed, single = shapes.check_batch_norm2d_dX(
        "batch_norm2d_dX", dY, X, w, mean, scale, fixed, keep_complex=True
    )
    B, D, M, N = X.shape
    K = max(B * M * N, 1)
    dw, db = _sums(dY, X, mean, scale)
    dX = np.zeros(X.shape, X.dtype)
    for c in range(D):
        for s in range(B):
            for i in range(M):
                for j in range(N):
                    change = dY[s, c, i, j]
                    if not fixed:
                        x = (X[s, c, i, j] - mean[c]) * scale[c]
                        change = change - db[c] / K - x * dw[c] / K
                    dX[s, c, i, j] = w[c] * scale[c] * change
    return dX[0] if single else dX


def _sums(
    dY: np.ndarray, X: np.ndarray, mean: np.ndarray, scale: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    B, D, M, N = X.shape
    dw, db = np.zeros((2, D), np.result_type(X, np.float64))
    for c in range(D):
        for s in range(B):
            for i in range(M):
                for j in range(N):
                    dw[c] += dY[s, c, i, j] * ((X[s, c, i, j] - mean[c]) * scale[c])
                    db[c] += dY[s, c, i, j]
    return dw, db


@IEEE
def batch_norm2d_dw(dY: ArrayLike, X: ArrayLike, mean: ArrayLike, scale: ArrayLike) -> Array:
    """Gradient of the loss with respect to the spreads of a batch normalization.

    Equation (eq-batch-norm-dw)::

        dw[c] = sum_{s,i,j} dY[s,c,i,j] (X[s,c,i,j] - mean[c]) scale[c]

    Parameters
    ----------
    dY : array_like
        Gradient of the loss with respect to `Y`. Shape of `X`.
    X : array_like
        As given to `batch_norm2d`. Shape (B, D, M, N), or (D, M, N) for one image.
    mean, scale : array_like
        As `batch_norm2d` returned them. Shape (D,).

    Returns
    -------
    dw : ndarray
        Shape (D,).

    Raises
    ------
    ValueError
        If shapes do not fit.
    TypeError
        If an array does not hold numbers.

    Examples
    --------
    >>> print(batch_norm2d_dw([[[8.0, 2.0]]], [[[5.0, 1.0]]], [3.0], [0.25]))
    [3.]
    """
    dY, X, mean, scale = shapes.check_batch_norm2d_dw(dY, X, mean, scale, keep_complex=True)
    return _sums(dY, X, mean, scale)[0].astype(X.dtype)


@IEEE
def batch_norm2d_db(dY: ArrayLike) -> Array:
    """Gradient of the loss with respect to the means of a batch normalization.

    Equation (eq-batch-norm-db)::

        db[c] = sum_{s,i,j} dY[s,c,i,j]

    Parameters
    ----------
    dY : array_like
        Gradient of the loss with respect to `Y`. Shape (B, D, M, N), or (D, M, N) for one image.

    Returns
    -------
    db : ndarray
        Shape (D,).

    Raises
    ------
    ValueError
        If `dY` has neither 3 nor 4 axes.
    TypeError
        If `dY` does not hold numbers.

    Examples
    --------
    >>> print(batch_norm2d_db([[[8.0, 2.0]]]))
    [10.]
    """
    dY = shapes.check_batch_norm2d_db(dY, keep_complex=True)
    nothing = np.zeros(dY.shape[1], dY.dtype)
    return _sums(dY, dY, nothing, nothing)[1].astype(dY.dtype)


def batch_norm2d_backward(
    dY: ArrayLike,
    X: ArrayLike,
    w: ArrayLike,
    mean: ArrayLike,
    scale: ArrayLike,
    *,
    fixed: Flag = False,
) -> BatchNormGradients:
    """All gradients of a batch normalization at once, which is faster than one after the other.

    Equations (eq-batch-norm-dX), (eq-batch-norm-dw) and (eq-batch-norm-db).

    Parameters
    ----------
    dY, X, w, mean, scale, fixed
        As for `batch_norm2d_dX`.

    Returns
    -------
    dX : ndarray
        Shape of `X`, as from `batch_norm2d_dX`.
    dw, db : ndarray
        Shape (D,), as from `batch_norm2d_dw` and `batch_norm2d_db`.

    Raises
    ------
    ValueError
        If shapes do not fit.
    TypeError
        If an array does not hold numbers, or `fixed` is neither True nor False.

    Examples
    --------
    >>> dX, dw, db = batch_norm2d_backward([[[8.0, 2.0]]], [[[5.0, 1.0]]], [2.0], [3.0], [0.25])
    >>> print(dX, dw, db)
    [[[ 1.125 -1.125]]] [3.] [10.]
    """
    (dY, X, w, mean, scale), fixed, single = shapes.check_batch_norm2d_dX(
        "batch_norm2d_backward", dY, X, w, mean, scale, fixed, keep_complex=True
    )
    dX = batch_norm2d_dX(dY, X, w, mean, scale, fixed=fixed)
    dw, db = batch_norm2d_dw(dY, X, mean, scale), batch_norm2d_db(dY)
    return BatchNormGradients(dX[0] if single else dX, dw, db)
