"""Convolutional layer: the pattern search and its three gradients, one loop per index."""

import numpy as np

from cnnlab import shapes
from cnnlab.reference.ieee import IEEE


@IEEE
def conv2d(X, w, b=None, *, stride=1, padding=0, dilation=1, groups=1):
    """Search images for patterns: the 3-D cross-correlation of X with every pattern, plus a bias.

    Equation (eq-pattern-search)::

        Z[s,k,i,j] = b[k] + sum_{c,u,v} X[s, c, i+u, j+v] w[k,c,u,v]

    Parameters
    ----------
    X : array_like
        Images. Shape (B, D, M, N), or (D, M, N) for one image.
    w : array_like
        Patterns. Shape (P, D, m, n) with m <= M and n <= N.
    b : array_like, optional
        One bias per pattern. Shape (P,). Zeros when left out.
    stride, padding, dilation, groups : optional
        Only the defaults are available in this version.

    Returns
    -------
    Z : ndarray
        How well each pattern fits at each position. Shape (B, P, M - m + 1, N - n + 1), without
        the first axis for one image.

    Raises
    ------
    ValueError
        If the shapes do not fit together.
    TypeError
        If an argument does not hold numbers.
    NotImplementedError
        If stride, padding, dilation or groups is not the default.

    Examples
    --------
    >>> X = np.array([[[1.0, 2.0, 0.0], [0.0, 1.0, 3.0]]])
    >>> w = np.array([[[[1.0, 2.0], [0.0, 1.0]]]])
    >>> conv2d(X, w, [10.0])
    array([[[16., 15.]]])
    """
    geometry = stride, padding, dilation, groups
    X, w, b, single = shapes.check_conv2d(X, w, b, geometry, keep_complex=True)
    B, D, M, N = X.shape
    P, _, m, n = w.shape
    Z = np.zeros((B, P, M - m + 1, N - n + 1), X.dtype)
    for s in range(B):
        for k in range(P):
            for i in range(M - m + 1):
                for j in range(N - n + 1):
                    Z[s, k, i, j] = b[k]
                    for c in range(D):
                        for u in range(m):
                            for v in range(n):
                                Z[s, k, i, j] += X[s, c, i + u, j + v] * w[k, c, u, v]
    return Z[0] if single else Z


@IEEE
def conv2d_dX(dZ, w, X_shape, *, stride=1, padding=0, dilation=1, groups=1):
    """Gradient of the loss with respect to the images.

    Equation (eq-dX), the entries of dZ outside its borders being absent (eq-border)::

        dX[s,c,p,q] = sum_{k,u,v} dZ[s, k, p-u, q-v] w[k,c,u,v]

    Parameters
    ----------
    dZ : array_like
        Gradient of the loss with respect to `Z`. Shape (B, P, M - m + 1, N - n + 1), or without
        the first axis for one image.
    w : array_like
        The patterns. Shape (P, D, m, n).
    X_shape : tuple of int
        Shape of the images, (B, D, M, N) or (D, M, N).
    stride, padding, dilation, groups : optional
        Only the defaults are available in this version.

    Returns
    -------
    dX : ndarray
        Shape `X_shape`.

    Raises
    ------
    ValueError
        If the shapes do not fit together.
    TypeError
        If an argument does not hold numbers, or `X_shape` is not a tuple of integers.
    NotImplementedError
        If stride, padding, dilation or groups is not the default.

    Examples
    --------
    >>> dZ = np.array([[[1.0, 2.0]]])
    >>> w = np.array([[[[1.0, 2.0], [0.0, 1.0]]]])
    >>> conv2d_dX(dZ, w, (1, 2, 3))
    array([[[1., 4., 4.],
            [0., 1., 2.]]])
    """
    geometry = stride, padding, dilation, groups
    dZ, w, X_shape, single = shapes.check_conv2d_dX(dZ, w, X_shape, geometry, keep_complex=True)
    B, D, M, N = X_shape
    P, _, m, n = w.shape
    dX = np.zeros(X_shape, dZ.dtype)
    for s in range(B):
        for c in range(D):
            for p in range(M):
                for q in range(N):
                    for k in range(P):
                        for u in range(m):
                            for v in range(n):
                                if 0 <= p - u < M - m + 1 and 0 <= q - v < N - n + 1:
                                    dX[s, c, p, q] += dZ[s, k, p - u, q - v] * w[k, c, u, v]
    return dX[0] if single else dX


@IEEE
def conv2d_dw(dZ, X, w_shape, *, stride=1, padding=0, dilation=1, groups=1):
    """Gradient of the loss with respect to the patterns.

    Equation (eq-dw), with a sum over the batch::

        dw[k,c,u,v] = sum_{s,i,j} dZ[s,k,i,j] X[s, c, i+u, j+v]

    Parameters
    ----------
    dZ : array_like
        Gradient of the loss with respect to `Z`. Shape (B, P, M - m + 1, N - n + 1), or without
        the first axis for one image.
    X : array_like
        The images. Shape (B, D, M, N), or (D, M, N) for one image.
    w_shape : tuple of int
        Shape of the patterns, (P, D, m, n).
    stride, padding, dilation, groups : optional
        Only the defaults are available in this version.

    Returns
    -------
    dw : ndarray
        Shape `w_shape`.

    Raises
    ------
    ValueError
        If the shapes do not fit together.
    TypeError
        If an argument does not hold numbers, or `w_shape` is not a tuple of integers.
    NotImplementedError
        If stride, padding, dilation or groups is not the default.

    Examples
    --------
    >>> dZ = np.array([[[1.0, 2.0]]])
    >>> X = np.array([[[1.0, 2.0, 0.0], [0.0, 1.0, 3.0]]])
    >>> conv2d_dw(dZ, X, (1, 1, 2, 2))
    array([[[[5., 2.],
             [2., 7.]]]])
    """
    geometry = stride, padding, dilation, groups
    dZ, X, w_shape = shapes.check_conv2d_dw(dZ, X, w_shape, geometry, keep_complex=True)
    P, D, m, n = w_shape
    B, _, rows, columns = dZ.shape
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


@IEEE
def conv2d_db(dZ):
    """Gradient of the loss with respect to the biases.

    Equation (eq-db), with a sum over the batch::

        db[k] = sum_{s,i,j} dZ[s,k,i,j]

    Parameters
    ----------
    dZ : array_like
        Gradient of the loss with respect to `Z`. Shape (B, P, M', N'), or (P, M', N') for one
        image.

    Returns
    -------
    db : ndarray
        Shape (P,).

    Raises
    ------
    ValueError
        If `dZ` has neither 3 nor 4 axes.
    TypeError
        If `dZ` does not hold numbers.

    Examples
    --------
    >>> conv2d_db(np.array([[[[1.0, 2.0]], [[3.0, 4.0]]]]))
    array([3., 7.])
    """
    dZ, _ = shapes.as_batch(dZ, "conv2d_db", "dZ", keep_complex=True)
    B, P, rows, columns = dZ.shape
    db = np.zeros(P, dZ.dtype)
    for k in range(P):
        for s in range(B):
            for i in range(rows):
                for j in range(columns):
                    db[k] += dZ[s, k, i, j]
    return db
