"""The pattern search and two of its gradients: the loops of their equations and nothing more.

For reading. A chapter prints these three below their equations; `cnnlab.reference` has the same
three with a stride, padding, dilation and groups, and the page *The operations* their equations.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from cnnlab import shapes
from cnnlab.reference.ieee import IEEE
from cnnlab.typing import Array, Shape

__all__ = ["conv2d", "conv2d_dX", "conv2d_dw"]

DEFAULTS = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1}


def _checked(check: Callable[..., Any]) -> Callable[..., Any]:
    """Let loops that know batches alone take what the operation of their name takes."""

    def decorate(loops: Callable[..., Array]) -> Callable[..., Array]:
        signature = inspect.signature(loops)

        @functools.wraps(loops)
        def plain(*arguments: Any, **named: Any) -> Array:
            given = signature.bind(*arguments, **named)
            given.apply_defaults()
            *three, last = check(*given.args, **DEFAULTS, keep_complex=True)
            result = IEEE(loops)(*three[:3])
            return result[0] if last is True else result

        return plain

    return decorate


@_checked(shapes.check_conv2d)
def conv2d(X: Array, w: Array, b: Any = None) -> Array:
    """Search images for patterns, one pixel from window to window.

    Equation (eq-pattern-search)::

        Z[s,k,i,j] = b[k] + sum_{c,u,v} X[s, c, i+u, j+v] w[k,c,u,v]

    Parameters
    ----------
    X : array_like
        Images. Shape (B, D, M, N), or (D, M, N) for one image.
    w : array_like
        Patterns. Shape (P, D, m, n).
    b : array_like, optional
        One bias per pattern. Shape (P,). Zeros when left out.

    Returns
    -------
    Z : ndarray
        As `cnnlab.reference.conv2d` without options. Shape (B, P, M', N') with M' = M - m + 1 and
        N' = N - n + 1, without the first axis for one image.

    Raises
    ------
    ValueError
        If the shapes do not fit together.
    TypeError
        If an argument does not hold numbers.

    Examples
    --------
    >>> conv2d([[[1, 2, 0], [0, 1, 3]]], [[[[1, 2], [0, 1]]]], [10])
    array([[[16., 15.]]])
    """
    B, D, M, N = X.shape
    P, D, m, n = w.shape
    rows, columns = M - m + 1, N - n + 1  # M' and N'
    Z = np.zeros((B, P, rows, columns), X.dtype)
    for s in range(B):
        for k in range(P):
            for i in range(rows):
                for j in range(columns):
                    Z[s, k, i, j] = b[k]
                    for c in range(D):
                        for u in range(m):
                            for v in range(n):
                                Z[s, k, i, j] += X[s, c, i + u, j + v] * w[k, c, u, v]
    return Z


@_checked(shapes.check_conv2d_dX)
def conv2d_dX(dZ: Array, w: Array, X_shape: Shape) -> Array:
    """Gradient of the loss with respect to the images, for windows one pixel apart.

    Equation (eq-dX)::

        dX[s,c,p,q] = sum_{k,u,v} dZ[s, k, p-u, q-v] w[k,c,u,v]

    with no term where dZ has no entry.

    Parameters
    ----------
    dZ : array_like
        Gradient of the loss with respect to `Z`. Shape (B, P, M', N'), or (P, M', N') for one
        image.
    w : array_like
        The patterns. Shape (P, D, m, n).
    X_shape : tuple of int
        Shape of the images, (B, D, M, N) or (D, M, N).

    Returns
    -------
    dX : ndarray
        As `cnnlab.reference.conv2d_dX` without options. Shape `X_shape`.

    Raises
    ------
    ValueError
        If the shapes do not fit together.
    TypeError
        If an argument does not hold numbers, or `X_shape` is not a tuple of integers.

    Examples
    --------
    >>> conv2d_dX([[[1, 2]]], [[[[1, 2], [0, 1]]]], (1, 2, 3))
    array([[[1., 4., 4.],
            [0., 1., 2.]]])
    """
    B, D, M, N = X_shape
    P, D, m, n = w.shape
    rows, columns = dZ.shape[2:]  # M' and N'
    dX = np.zeros(X_shape, dZ.dtype)
    for s in range(B):
        for c in range(D):
            for p in range(M):
                for q in range(N):
                    for k in range(P):
                        for u in range(m):
                            for v in range(n):
                                if 0 <= p - u < rows and 0 <= q - v < columns:
                                    dX[s, c, p, q] += dZ[s, k, p - u, q - v] * w[k, c, u, v]
    return dX


@_checked(shapes.check_conv2d_dw)
def conv2d_dw(dZ: Array, X: Array, w_shape: Shape) -> Array:
    """Gradient of the loss with respect to the patterns, for windows one pixel apart.

    Equation (eq-dw)::

        dw[k,c,u,v] = sum_{s,i,j} dZ[s,k,i,j] X[s, c, i+u, j+v]

    Parameters
    ----------
    dZ : array_like
        Gradient of the loss with respect to `Z`. Shape (B, P, M', N'), or (P, M', N') for one
        image.
    X : array_like
        The images. Shape (B, D, M, N), or (D, M, N) for one image.
    w_shape : tuple of int
        Shape of the patterns, (P, D, m, n).

    Returns
    -------
    dw : ndarray
        As `cnnlab.reference.conv2d_dw` without options. Shape `w_shape`.

    Raises
    ------
    ValueError
        If the shapes do not fit together.
    TypeError
        If an argument does not hold numbers, or `w_shape` is not a tuple of integers.

    Examples
    --------
    >>> conv2d_dw([[[1, 2]]], [[[1, 2, 0], [0, 1, 3]]], (1, 1, 2, 2))
    array([[[[5., 2.],
             [2., 7.]]]])
    """
    P, D, m, n = w_shape
    B, P, rows, columns = dZ.shape  # M' and N'
    dw = np.zeros(w_shape, dZ.dtype)
    for k in range(P):
        for c in range(D):
            for u in range(m):
                for v in range(n):
                    for s in range(B):
                        for i in range(rows):
                            for j in range(columns):
                                dw[k, c, u, v] += dZ[s, k, i, j] * X[s, c, i + u, j + v]
    return dw
