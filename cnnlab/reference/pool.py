"""Pooling: the largest or the mean of every window, and the way back, one loop per index."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnlab import shapes
from cnnlab.reference.ieee import IEEE
from cnnlab.results import MaxPool
from cnnlab.typing import Array, ArrayLike, Flag, Padding, Pair, Shape

__all__ = [
    "max_pool2d",
    "max_pool2d_dX",
    "avg_pool2d",
    "avg_pool2d_dX",
]


@IEEE
def max_pool2d(
    X: ArrayLike,
    size: Pair,
    *,
    stride: Pair | None = None,
    padding: Padding = 0,
    dilation: Pair = 1,
    ceil_mode: Flag = False,
) -> MaxPool:
    """Keep the largest pixel of every window, and remember where it stood.

    Equation (eq-max-pool)::

        Y[s,c,i,j] = max_{u,v} X[s,c,p,q],
        p = i stride + u dilation - top,  q = j stride + v dilation - left

    Pixels outside the image take no part. Among equals the first in row-major order wins, and NaN
    wins against every number. A window without a pixel gives -inf and the index -1.

    Parameters
    ----------
    X : array_like
        Images. Shape (B, D, M, N), or (D, M, N) for one image.
    size : int or pair of int
        Height m and width n of a window.
    stride : int or pair of int, optional
        Pixels from one window to the next; rows first. `size` when left out.
    padding : int, pair, pair of pairs, "valid", "same" or "full"
        As for `conv2d`, but nothing is added: a window may reach over the border by so much.
    dilation : int or pair of int
        Pixels from one entry of a window to the next.
    ceil_mode : bool
        Whether a last window may hang over the end. It must start before the padding there.

    Returns
    -------
    Y : ndarray
        Shape (B, D, M', N'), without the first axis for one image; M' and N' as for `conv2d`,
        rounded up with `ceil_mode`, equation (eq-pool-size).
    argmax : ndarray of int64
        Where each entry of `Y` stood, p * N + q. Shape of `Y`.

    Raises
    ------
    ValueError
        If an option has a wrong value or a window does not fit into the padded image.
    TypeError
        If `X` does not hold numbers or an option is of a wrong type.

    Examples
    --------
    >>> Y, argmax = max_pool2d([[[1.0, 5.0, 2.0, 0.0], [3.0, 5.0, 1.0, 7.0]]], 2)
    >>> Y
    array([[[5., 7.]]])
    >>> argmax
    array([[[1, 7]]])
    """
    X, (m, n), geometry, single = shapes.check_max_pool2d(
        X,
        size,
        stride=stride,
        padding=padding,
        dilation=dilation,
        ceil_mode=ceil_mode,
        keep_complex=True,
    )
    stride, ((top, _), (left, _)), dilation, (rows, columns), _ = geometry
    B, D, M, N = X.shape
    Y = np.zeros((B, D, rows, columns), X.dtype)
    argmax = np.zeros((B, D, rows, columns), np.int64)
    for s in range(B):
        for c in range(D):
            for i in range(rows):
                for j in range(columns):
                    Y[s, c, i, j] = -np.inf
                    argmax[s, c, i, j] = -1
                    for u in range(m):
                        for v in range(n):
                            p = i * stride[0] + u * dilation[0] - top
                            q = j * stride[1] + v * dilation[1] - left
                            if 0 <= p < M and 0 <= q < N:
                                pixel = X[s, c, p, q]
                                if argmax[s, c, i, j] == -1 or _beats(pixel, Y[s, c, i, j]):
                                    Y[s, c, i, j] = pixel
                                    argmax[s, c, i, j] = p * N + q
    return MaxPool(Y[0], argmax[0]) if single else MaxPool(Y, argmax)


def _beats(pixel: Any, largest: Any) -> bool:
    """Whether a pixel is larger than the largest before it; NaN is larger than any number."""
    return not np.isnan(largest) and (np.isnan(pixel) or pixel.real > largest.real)


@IEEE
def max_pool2d_dX(dY: ArrayLike, argmax: ArrayLike, X_shape: Shape) -> Array:
    """Gradient of the loss with respect to the images.

    Equation (eq-max-pool-dX): each dY[s,c,i,j] goes to the one pixel that won its window::

        dX[s,c,p,q] = sum_{i,j} dY[s,c,i,j] [argmax[s,c,i,j] == p N + q]

    Parameters
    ----------
    dY : array_like
        Gradient of the loss with respect to `Y`. Shape (B, D, M', N'), or (D, M', N') for one
        image.
    argmax : array_like of int
        What `max_pool2d` returned. Shape of `dY`. The index -1 sends its gradient nowhere.
    X_shape : tuple of int
        Shape of the images, (B, D, M, N) or (D, M, N).

    Returns
    -------
    dX : ndarray
        Shape `X_shape`.

    Raises
    ------
    ValueError
        If the shapes do not fit together, or an index lies outside the plane.
    TypeError
        If `dY` does not hold numbers, or `argmax` no integers.

    Examples
    --------
    >>> max_pool2d_dX([[[10.0, 20.0]]], [[[1, 7]]], (1, 2, 4))
    array([[[ 0., 10.,  0.,  0.],
            [ 0.,  0.,  0., 20.]]])
    """
    dY, argmax, X_shape, single = shapes.check_max_pool2d_dX(dY, argmax, X_shape, keep_complex=True)
    B, D, rows, columns = dY.shape
    N = X_shape[3]
    dX = np.zeros(X_shape, dY.dtype)
    for s in range(B):
        for c in range(D):
            for i in range(rows):
                for j in range(columns):
                    if argmax[s, c, i, j] != -1:
                        p, q = divmod(argmax[s, c, i, j], N)
                        dX[s, c, p, q] += dY[s, c, i, j]
    return dX[0] if single else dX


@IEEE
def avg_pool2d(
    X: ArrayLike,
    size: Pair,
    *,
    stride: Pair | None = None,
    padding: Padding = 0,
    ceil_mode: Flag = False,
    count_include_pad: Flag = True,
) -> Array:
    """Mean of every window.

    Equation (eq-avg-pool)::

        Y[s,c,i,j] = 1 / count[i,j] sum_{u,v} X[s,c,p,q],
        p = i stride + u - top,  q = j stride + v - left

    Pixels outside the image add nothing. `count` is how many entries of the window lie on the
    image or its padding, or on the image alone. What hangs over the padding with `ceil_mode` never
    counts. A window that counts nothing gives 0.

    Parameters
    ----------
    X : array_like
        Images. Shape (B, D, M, N), or (D, M, N) for one image.
    size : int or pair of int
        Height m and width n of a window.
    stride : int or pair of int, optional
        Pixels from one window to the next; rows first. `size` when left out.
    padding : int, pair, pair of pairs, "valid", "same" or "full"
        As for `conv2d`.
    ceil_mode : bool
        Whether a last window may hang over the end. It must start before the padding there.
    count_include_pad : bool
        Whether padding counts.

    Returns
    -------
    Y : ndarray
        Shape (B, D, M', N'), without the first axis for one image; M' and N' as for
        `max_pool2d`, equation (eq-pool-size).

    Raises
    ------
    ValueError
        If an option has a wrong value or a window does not fit into the padded image.
    TypeError
        If `X` does not hold numbers or an option is of a wrong type.

    Examples
    --------
    >>> avg_pool2d([[[1.0, 5.0, 2.0, 0.0], [3.0, 5.0, 1.0, 7.0]]], 2)
    array([[[3.5, 2.5]]])
    """
    X, (m, n), geometry, count_include_pad, single = shapes.check_avg_pool2d(
        X,
        size,
        stride=stride,
        padding=padding,
        ceil_mode=ceil_mode,
        count_include_pad=count_include_pad,
        keep_complex=True,
    )
    stride, ((top, _), (left, _)), _, (rows, columns), _ = geometry
    B, D, M, N = X.shape
    Y = np.zeros((B, D, rows, columns), X.dtype)
    for s in range(B):
        for c in range(D):
            for i in range(rows):
                for j in range(columns):
                    for u in range(m):
                        for v in range(n):
                            p = i * stride[0] + u - top
                            q = j * stride[1] + v - left
                            if 0 <= p < M and 0 <= q < N:
                                Y[s, c, i, j] += X[s, c, p, q]
                    count = count_pixels(i, j, (M, N), (m, n), geometry, count_include_pad)
                    if count > 0:
                        Y[s, c, i, j] /= count
    return Y[0] if single else Y


@IEEE
def avg_pool2d_dX(
    dY: ArrayLike,
    X_shape: Shape,
    size: Pair,
    *,
    stride: Pair | None = None,
    padding: Padding = 0,
    ceil_mode: Flag = False,
    count_include_pad: Flag = True,
) -> Array:
    """Gradient of the loss with respect to the images.

    Equation (eq-avg-pool-dX): each dY[s,c,i,j] is shared out evenly among its window::

        dX[s,c,p,q] = sum_{i,j,u,v} dY[s,c,i,j] / count[i,j] [i stride + u - top == p]
                                                            [j stride + v - left == q]

    Parameters
    ----------
    dY : array_like
        Gradient of the loss with respect to `Y`. Shape (B, D, M', N'), or (D, M', N') for one
        image.
    X_shape : tuple of int
        Shape of the images, (B, D, M, N) or (D, M, N).
    size, stride, padding, ceil_mode, count_include_pad : optional
        As in the `avg_pool2d` that gave `Y`.

    Returns
    -------
    dX : ndarray
        Shape `X_shape`.

    Raises
    ------
    ValueError
        If the shapes do not fit together.
    TypeError
        If `dY` does not hold numbers or an option is of a wrong type.

    Examples
    --------
    >>> avg_pool2d_dX([[[4.0, 8.0]]], (1, 2, 4), 2)
    array([[[1., 1., 2., 2.],
            [1., 1., 2., 2.]]])
    """
    dY, X_shape, (m, n), geometry, count_include_pad, single = shapes.check_avg_pool2d_dX(
        dY,
        X_shape,
        size,
        stride=stride,
        padding=padding,
        ceil_mode=ceil_mode,
        count_include_pad=count_include_pad,
        keep_complex=True,
    )
    stride, ((top, _), (left, _)), _, (rows, columns), _ = geometry
    B, D, M, N = X_shape
    dX = np.zeros(X_shape, dY.dtype)
    for s in range(B):
        for c in range(D):
            for i in range(rows):
                for j in range(columns):
                    count = count_pixels(i, j, (M, N), (m, n), geometry, count_include_pad)
                    for u in range(m):
                        for v in range(n):
                            p = i * stride[0] + u - top
                            q = j * stride[1] + v - left
                            if 0 <= p < M and 0 <= q < N:
                                dX[s, c, p, q] += dY[s, c, i, j] / count
    return dX[0] if single else dX


def count_pixels(
    i: int,
    j: int,
    image: tuple[int, int],
    size: tuple[int, int],
    geometry: shapes.Geometry,
    count_include_pad: bool,
) -> int:
    """Count the entries of a window that lie on the image or, if asked for, on its padding."""
    stride, ((top, bottom), (left, right)), _, _, _ = geometry
    if not count_include_pad:
        first, end = (0, 0), image
    else:
        first, end = (-top, -left), (image[0] + bottom, image[1] + right)
    count = 0
    for u in range(size[0]):
        for v in range(size[1]):
            p = i * stride[0] + u - top
            q = j * stride[1] + v - left
            if first[0] <= p < end[0] and first[1] <= q < end[1]:
                count += 1
    return count
