"""Convolutional layer: the pattern search, its three gradients, and its transpose, as loops."""

from __future__ import annotations

import numpy as np

from cnnlab import shapes
from cnnlab.reference.ieee import IEEE
from cnnlab.typing import Array, ArrayLike, Integer, Padding, Pair, Shape

__all__ = [
    "conv2d",
    "conv2d_dX",
    "conv2d_dw",
    "conv2d_db",
    "conv_transpose2d",
]


@IEEE
def conv2d(
    X: ArrayLike,
    w: ArrayLike,
    b: ArrayLike | None = None,
    *,
    stride: Pair = 1,
    padding: Padding = 0,
    dilation: Pair = 1,
    groups: Integer = 1,
) -> Array:
    """Search images for patterns: the 3-D cross-correlation of X with every pattern, plus a bias.

    Equation (eq-pattern-search)::

        Z[s,k,i,j] = b[k] + sum_{c,u,v} X[s, c, i+u, j+v] w[k,c,u,v]

    With the options, equation (eq-geometry), i+u becomes p = i stride + u dilation - top, j+v
    becomes q in the same way, and pixels (p, q) outside the image add nothing.

    Parameters
    ----------
    X : array_like
        Images. Shape (B, D, M, N), or (D, M, N) for one image.
    w : array_like
        Patterns. Shape (P, D // groups, m, n).
    b : array_like, optional
        One bias per pattern. Shape (P,). Zeros when left out.
    stride, dilation : int or pair of int
        Pixels from one window to the next, and from one entry of a window to the next; rows first.
    padding : int, pair, pair of pairs, "valid", "same" or "full"
        Rows and columns of zeros around the image: one number, (rows, columns) or
        ((top, bottom), (left, right)). "same", equation (eq-same), makes M' = M / stride, rounded
        up, and gives an odd row or column to the bottom or right; "full" lets every entry of a
        pattern reach every pixel; "valid" is none.
    groups : int
        Into how many parts depths and patterns are split; each part searches on its own.

    Returns
    -------
    Z : ndarray
        How well each pattern fits at each position. Shape (B, P, M', N'), without the first axis
        for one image. Without options M' = M - m + 1 and N' = N - n + 1; in general
        M' = (M + top + bottom - dilation (m - 1) - 1) // stride + 1, equation (eq-geometry-size).

    Raises
    ------
    ValueError
        If the shapes do not fit together.
    TypeError
        If an argument does not hold numbers.

    Examples
    --------
    >>> X = np.array([[[1.0, 2.0, 0.0], [0.0, 1.0, 3.0]]])
    >>> w = np.array([[[[1.0, 2.0], [0.0, 1.0]]]])
    >>> conv2d(X, w, [10.0])
    array([[[16., 15.]]])
    """
    X, w, b, geometry, single = shapes.check_conv2d(
        X, w, b, stride=stride, padding=padding, dilation=dilation, groups=groups, keep_complex=True
    )
    stride, ((top, _), (left, _)), dilation, (rows, columns), groups = geometry
    B, _, M, N = X.shape
    P, depth, m, n = w.shape
    Z = np.zeros((B, P, rows, columns), X.dtype)
    for s in range(B):
        for k in range(P):
            first = k // (P // groups) * depth  # the first depth that pattern k sees
            for i in range(rows):
                for j in range(columns):
                    Z[s, k, i, j] = b[k]
                    for c in range(depth):
                        for u in range(m):
                            for v in range(n):
                                p = i * stride[0] + u * dilation[0] - top
                                q = j * stride[1] + v * dilation[1] - left
                                if 0 <= p < M and 0 <= q < N:
                                    Z[s, k, i, j] += X[s, first + c, p, q] * w[k, c, u, v]
    return Z[0] if single else Z


@IEEE
def conv2d_dX(
    dZ: ArrayLike,
    w: ArrayLike,
    X_shape: Shape,
    *,
    stride: Pair = 1,
    padding: Padding = 0,
    dilation: Pair = 1,
    groups: Integer = 1,
) -> Array:
    """Gradient of the loss with respect to the images.

    Equation (eq-dX), the entries of dZ outside its borders being absent (eq-border)::

        dX[s,c,p,q] = sum_{k,u,v} dZ[s, k, p-u, q-v] w[k,c,u,v]

    With the options, equation (eq-geometry-dX), p-u becomes i = (p - u dilation + top) / stride
    and q-v becomes j in the same way; where the division leaves a rest, no window has its entry
    (u, v) on this pixel.

    Parameters
    ----------
    dZ : array_like
        Gradient of the loss with respect to `Z`. Shape (B, P, M', N'), or (P, M', N') for one
        image.
    w : array_like
        The patterns. Shape (P, D // groups, m, n).
    X_shape : tuple of int
        Shape of the images, (B, D, M, N) or (D, M, N).
    stride, padding, dilation, groups : optional
        As in the `conv2d` that gave `Z`.

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

    Examples
    --------
    >>> dZ = np.array([[[1.0, 2.0]]])
    >>> w = np.array([[[[1.0, 2.0], [0.0, 1.0]]]])
    >>> conv2d_dX(dZ, w, (1, 2, 3))
    array([[[1., 4., 4.],
            [0., 1., 2.]]])
    """
    dZ, w, X_shape, geometry, single = shapes.check_conv2d_dX(
        dZ,
        w,
        X_shape,
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=groups,
        keep_complex=True,
    )
    stride, ((top, _), (left, _)), dilation, (rows, columns), groups = geometry
    B, D, M, N = X_shape
    P, depth, m, n = w.shape
    dX = np.zeros(X_shape, dZ.dtype)
    for s in range(B):
        for c in range(D):
            first = c // depth * (P // groups)  # the first pattern that sees depth c
            for p in range(M):
                for q in range(N):
                    for k in range(first, first + P // groups):
                        for u in range(m):
                            for v in range(n):
                                i, rest_i = divmod(p - u * dilation[0] + top, stride[0])
                                j, rest_j = divmod(q - v * dilation[1] + left, stride[1])
                                met = rest_i == 0 and rest_j == 0
                                if met and 0 <= i < rows and 0 <= j < columns:
                                    dX[s, c, p, q] += dZ[s, k, i, j] * w[k, c % depth, u, v]
    return dX[0] if single else dX


@IEEE
def conv2d_dw(
    dZ: ArrayLike,
    X: ArrayLike,
    w_shape: Shape,
    *,
    stride: Pair = 1,
    padding: Padding = 0,
    dilation: Pair = 1,
    groups: Integer = 1,
) -> Array:
    """Gradient of the loss with respect to the patterns.

    Equation (eq-dw), with a sum over the batch::

        dw[k,c,u,v] = sum_{s,i,j} dZ[s,k,i,j] X[s, c, i+u, j+v]

    With the options, equation (eq-geometry-dw), i+u becomes p = i stride + u dilation - top, j+v
    becomes q in the same way, and pixels (p, q) outside the image add nothing.

    Parameters
    ----------
    dZ : array_like
        Gradient of the loss with respect to `Z`. Shape (B, P, M', N'), or (P, M', N') for one
        image.
    X : array_like
        The images. Shape (B, D, M, N), or (D, M, N) for one image.
    w_shape : tuple of int
        Shape of the patterns, (P, D // groups, m, n).
    stride, padding, dilation, groups : optional
        As in the `conv2d` that gave `Z`.

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

    Examples
    --------
    >>> dZ = np.array([[[1.0, 2.0]]])
    >>> X = np.array([[[1.0, 2.0, 0.0], [0.0, 1.0, 3.0]]])
    >>> conv2d_dw(dZ, X, (1, 1, 2, 2))
    array([[[[5., 2.],
             [2., 7.]]]])
    """
    dZ, X, w_shape, geometry = shapes.check_conv2d_dw(
        dZ,
        X,
        w_shape,
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=groups,
        keep_complex=True,
    )
    stride, ((top, _), (left, _)), dilation, (rows, columns), groups = geometry
    B, _, M, N = X.shape
    P, depth, m, n = w_shape
    dw = np.zeros(w_shape, dZ.dtype)
    for k in range(P):
        first = k // (P // groups) * depth  # the first depth that pattern k sees
        for c in range(depth):
            for u in range(m):
                for v in range(n):
                    for s in range(B):
                        for i in range(rows):
                            for j in range(columns):
                                p = i * stride[0] + u * dilation[0] - top
                                q = j * stride[1] + v * dilation[1] - left
                                if 0 <= p < M and 0 <= q < N:
                                    dw[k, c, u, v] += dZ[s, k, i, j] * X[s, first + c, p, q]
    return dw


@IEEE
def conv2d_db(dZ: ArrayLike) -> Array:
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
        If `dZ` has neither 3 nor 4 axes, or depth, height or width is zero.
    TypeError
        If `dZ` does not hold numbers.

    Examples
    --------
    >>> conv2d_db(np.array([[[[1.0, 2.0]], [[3.0, 4.0]]]]))
    array([3., 7.])
    """
    dZ = shapes.check_conv2d_db(dZ, keep_complex=True)
    B, P, rows, columns = dZ.shape
    db = np.zeros(P, dZ.dtype)
    for k in range(P):
        for s in range(B):
            for i in range(rows):
                for j in range(columns):
                    db[k] += dZ[s, k, i, j]
    return db


@IEEE
def conv_transpose2d(
    X: ArrayLike,
    w: ArrayLike,
    b: ArrayLike | None = None,
    *,
    stride: Pair = 1,
    padding: Padding = 0,
    output_padding: Pair = 0,
    dilation: Pair = 1,
    groups: Integer = 1,
) -> Array:
    """Lay every pattern on a larger image wherever it is called for: the transpose of `conv2d`.

    Equation (eq-transpose): every X[s,c,i,j] adds its multiple of the pattern w[c,k]::

        Z[s,k,p,q] = b[k] + sum_{c,u,v} X[s,c,i,j] w[c,k,u,v],
        p = i stride + u dilation - top,  q = j stride + v dilation - left

    Without the bias it is `conv2d_dX` with `X` in the place of dZ.

    Parameters
    ----------
    X : array_like
        How strongly each pattern is called for at each position. Shape (B, D, M, N), or (D, M, N)
        for one image.
    w : array_like
        Patterns. Shape (D, P // groups, m, n).
    b : array_like, optional
        One bias per plane of the result. Shape (P,). Zeros when left out.
    stride, dilation : int or pair of int
        Pixels of the result from one window to the next, and from one entry of a window to the
        next; rows first.
    padding : int, pair, pair of pairs, "valid", "same" or "full"
        Rows and columns that are cut off the result: the padding of the convolution that goes the
        other way. "same" makes the result stride times as large as `X`.
    output_padding : int or pair of int
        Rows and columns added at the bottom and right, of which the convolution that goes the
        other way leaves no trace. Smaller than stride or dilation.
    groups : int
        Into how many parts depths and patterns are split; each part works on its own.

    Returns
    -------
    Z : ndarray
        Shape (B, P, rows, columns), without the first axis for one image, where
        rows = (M - 1) stride - top - bottom + dilation (m - 1) + 1 + output_padding, equation
        (eq-transpose-size), and columns in the same way.

    Raises
    ------
    ValueError
        If the shapes do not fit together, or the padding leaves nothing.
    TypeError
        If an argument does not hold numbers.

    Examples
    --------
    >>> X = np.array([[[1.0, 2.0]]])
    >>> w = np.array([[[[1.0, 2.0], [0.0, 1.0]]]])
    >>> conv_transpose2d(X, w)
    array([[[1., 4., 4.],
            [0., 1., 2.]]])
    >>> conv_transpose2d(X, w, stride=2)
    array([[[1., 2., 2., 4.],
            [0., 1., 0., 2.]]])
    """
    X, w, b, Z_shape, geometry, single = shapes.check_conv_transpose2d(
        X,
        w,
        b,
        stride=stride,
        padding=padding,
        output_padding=output_padding,
        dilation=dilation,
        groups=groups,
        keep_complex=True,
    )
    stride, ((top, _), (left, _)), dilation, (M, N), groups = geometry
    B, P, rows, columns = Z_shape
    D, per_group, m, n = w.shape
    Z = np.zeros(Z_shape, X.dtype)
    for s in range(B):
        for k in range(P):
            first = k // per_group * (D // groups)  # the first depth that calls for plane k
            for p in range(rows):
                for q in range(columns):
                    Z[s, k, p, q] = b[k]
            for c in range(first, first + D // groups):
                for i in range(M):
                    for j in range(N):
                        for u in range(m):
                            for v in range(n):
                                p = i * stride[0] + u * dilation[0] - top
                                q = j * stride[1] + v * dilation[1] - left
                                if 0 <= p < rows and 0 <= q < columns:
                                    Z[s, k, p, q] += X[s, c, i, j] * w[c, k % per_group, u, v]
    return Z[0] if single else Z
