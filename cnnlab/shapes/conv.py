"""Argument checks of convolutions: `conv2d`, its gradients, `conv_transpose2d`."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnlab.shapes import words
from cnnlab.shapes.cache import remember
from cnnlab.shapes.geometry import (
    Geometry,
    as_geometry,
    as_padding,
    check_image_shape,
    check_same_batching,
    window_extent,
)
from cnnlab.shapes.numbers import (
    add_batch_axis,
    as_arrays,
    as_batch,
    as_biases,
    as_count,
    as_counts,
    as_layer_arrays,
    as_pair,
    as_shape,
    check_addressable,
)

__all__ = [
    "check_conv2d",
    "check_conv2d_dX",
    "check_conv2d_dw",
    "check_conv2d_db",
    "check_conv_transpose2d",
    "conv2d_geometry",
    "conv_transpose2d_geometry",
]


def check_conv2d(
    X: Any,
    w: Any,
    b: Any,
    *,
    keep_complex: bool = False,
    **options: Any,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, Geometry, bool]:
    """Check the arguments of `conv2d`.

    Returns
    -------
    X : ndarray
        Shape (B, D, M, N).
    w : ndarray
        Shape (P, D // groups, m, n).
    b : ndarray
        Shape (P,); zeros when `b` was None.
    geometry : Geometry
        `positions` are (M', N').
    single : bool
        Whether `X` came without a batch axis.
    """
    X, w, b = as_layer_arrays("conv2d", X, w, b, keep_complex)
    X, single = add_batch_axis(X, "conv2d", "X")
    geometry = conv2d_geometry("conv2d", X.shape[single:], w.shape, **options)
    b = as_biases("conv2d", b, w, len(w), "P", "pattern")
    return X, w, b, geometry, single


def check_conv2d_dX(
    dZ: Any,
    w: Any,
    X_shape: Any,
    *,
    keep_complex: bool = False,
    **options: Any,
) -> tuple[np.ndarray, np.ndarray, tuple[int, ...], Geometry, bool]:
    """Check the arguments of `conv2d_dX`.

    Returns
    -------
    dZ : ndarray
        Shape (B, P, M', N').
    w : ndarray
        Shape (P, D // groups, m, n).
    X_shape : tuple of int
        (B, D, M, N).
    geometry : Geometry
        `positions` are (M', N').
    single : bool
        Whether `dZ` and `X_shape` came without a batch axis.
    """
    dZ, w = as_arrays("conv2d_dX", keep_complex=keep_complex, dZ=dZ, w=w)
    shape = as_shape(X_shape, "conv2d_dX", "X_shape", (3, 4))
    check_same_batching("conv2d_dX", "dZ", dZ.ndim, "X_shape", len(shape))
    dZ, single = add_batch_axis(dZ, "conv2d_dX", "dZ")
    geometry = conv2d_geometry("conv2d_dX", shape, w.shape, **options)
    _check_gradient("conv2d_dX", dZ.shape[single:], shape, w.shape, geometry)
    return dZ, w, (1, *shape)[-4:], geometry, single


def check_conv2d_dw(
    dZ: Any,
    X: Any,
    w_shape: Any,
    *,
    keep_complex: bool = False,
    **options: Any,
) -> tuple[np.ndarray, np.ndarray, tuple[int, ...], Geometry]:
    """Check the arguments of `conv2d_dw`.

    Returns
    -------
    dZ : ndarray
        Shape (B, P, M', N').
    X : ndarray
        Shape (B, D, M, N).
    w_shape : tuple of int
        (P, D // groups, m, n).
    geometry : Geometry
        `positions` are (M', N').
    """
    dZ, X = as_arrays("conv2d_dw", keep_complex=keep_complex, dZ=dZ, X=X)
    shape = as_shape(w_shape, "conv2d_dw", "w_shape", (4,))
    check_same_batching("conv2d_dw", "dZ", dZ.ndim, "X", X.ndim)
    dZ, _ = add_batch_axis(dZ, "conv2d_dw", "dZ")
    X, single = add_batch_axis(X, "conv2d_dw", "X")
    geometry = conv2d_geometry("conv2d_dw", X.shape[single:], shape, **options)
    _check_gradient("conv2d_dw", dZ.shape[single:], X.shape[single:], shape, geometry)
    return dZ, X, shape, geometry


def check_conv2d_db(dZ: Any, *, keep_complex: bool = False) -> np.ndarray:
    """Check the argument of `conv2d_db`; return dZ (B, P, M', N')."""
    dZ, single = as_batch(dZ, "conv2d_db", "dZ", keep_complex=keep_complex)
    check_image_shape("conv2d_db", "dZ", dZ.shape[single:])
    return dZ


def check_conv_transpose2d(
    X: Any,
    w: Any,
    b: Any,
    *,
    keep_complex: bool = False,
    **options: Any,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, tuple[int, ...], Geometry, bool]:
    """Check the arguments of `conv_transpose2d`.

    Returns
    -------
    X : ndarray
        Shape (B, D, M, N).
    w : ndarray
        Shape (D, P // groups, m, n).
    b : ndarray
        Shape (P,); zeros when `b` was None.
    Z_shape : tuple of int
        Shape of the result with its batch axis.
    geometry : Geometry
        That of the convolution from Z to X: its `positions` are (M, N).
    single : bool
        Whether `X` came without a batch axis.
    """
    function = "conv_transpose2d"
    X, w, b = as_layer_arrays(function, X, w, b, keep_complex)
    X, single = add_batch_axis(X, function, "X")
    Z_shape, geometry = conv_transpose2d_geometry(function, X.shape[single:], w.shape, **options)
    b = as_biases(function, b, w, Z_shape[1], "P", "pattern")
    return X, w, b, Z_shape, geometry, single


@remember
def conv2d_geometry(
    function: str,
    X_shape: tuple[int, ...],
    w_shape: tuple[int, ...],
    *,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: Any = 1,
) -> Geometry:
    """Return where the patterns are searched, or explain why they cannot be (eq-geometry-size).

    Parameters
    ----------
    function : str
        The function that an error message names.
    X_shape : tuple of int
        (B, D, M, N) or (D, M, N).
    w_shape : tuple of int
        (P, D // groups, m, n).
    stride, padding, dilation, groups : object
        What the user passed.

    Returns
    -------
    geometry : Geometry
        Z has shape (B, P) + `geometry.positions`.

    Raises
    ------
    ValueError
        If the shapes do not have four axes each, if a size is zero (an empty batch is legal), if
        the depths do not agree, if the groups do not divide them, or if the pattern does not fit
        into the image.
    TypeError
        If an option is of a wrong type.
    """
    came = f"(X.shape={X_shape}, w.shape={w_shape})"
    check_image_shape(function, "X", X_shape, came)
    _check_pattern_shape(function, came, w_shape, "P patterns, depth, height, width")
    groups = as_count(groups, function, "groups")
    (B, D, M, N), P = (1, *X_shape)[-4:], w_shape[0]
    if D % groups or P % groups:
        raise ValueError(
            f"{function}: groups={groups} does not divide depth D={D} and P={P} patterns {came}; "
            f"pass a common divisor of both."
        )
    if w_shape[1] != D // groups:
        agree = words.agree(len(X_shape) == 3) if groups == 1 else "axis 1 of w must be D // groups"
        if groups == 1 and X_shape[-1] == w_shape[1]:
            agree = words.depth_first_hint("X", len(X_shape))
        split = "" if groups == 1 else f", in groups={groups} of {D // groups},"
        raise ValueError(
            f"{function}: X has depth D={D}{split} but w expects {w_shape[1]} {came}; {agree}."
        )
    geometry = as_geometry(
        function,
        (M, N),
        (w_shape[2], w_shape[3]),
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=groups,
        came=came,
    )
    check_addressable(function, "the result of shape ", (B, P, *geometry.positions), words.SMALLER)
    return geometry


@remember
def conv_transpose2d_geometry(
    function: str,
    X_shape: tuple[int, ...],
    w_shape: tuple[int, ...],
    *,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    dilation: Any = 1,
    groups: Any = 1,
) -> tuple[tuple[int, ...], Geometry]:
    """Return the shape of Z and where X lays its patterns on it (eq-transpose-size).

    Parameters
    ----------
    function : str
        The function that an error message names.
    X_shape : tuple of int
        (B, D, M, N) or (D, M, N).
    w_shape : tuple of int
        (D, P // groups, m, n).
    stride, padding, output_padding, dilation, groups : object
        What the user passed.

    Returns
    -------
    Z_shape : tuple of int
        (B, P, rows, columns).
    geometry : Geometry
        That of the convolution from Z to X: its `positions` are (M, N).

    Raises
    ------
    ValueError
        If the shapes or options do not suit each other, or nothing of Z is left.
    TypeError
        If an option is of a wrong type.
    """
    came = f"(X.shape={X_shape}, w.shape={w_shape})"
    check_image_shape(function, "X", X_shape, came)
    _check_pattern_shape(function, came, w_shape, "depth, P // groups patterns, height, width")
    groups = as_count(groups, function, "groups")
    B, D, M, N = (1, *X_shape)[-4:]
    if w_shape[0] != D:
        agree = f"axis {len(X_shape) - 3} of X and axis 0 of w must agree"
        if X_shape[-1] == w_shape[0]:
            agree = words.depth_first_hint("X", len(X_shape))
        raise ValueError(
            f"{function}: X has depth D={D} but w expects {w_shape[0]} {came}; {agree}."
        )
    if D % groups:
        raise ValueError(
            f"{function}: groups={groups} does not divide depth D={D} {came}; pass a divisor."
        )
    stride = as_counts(stride, function, "stride")
    dilation = as_counts(dilation, function, "dilation")
    extra = as_pair(output_padding, function, "output_padding", least=0)
    extent = window_extent((w_shape[2], w_shape[3]), dilation)
    largest = max(stride[0], dilation[0]) - 1, max(stride[1], dilation[1]) - 1
    if extra[0] > largest[0] or extra[1] > largest[1]:
        raise ValueError(
            f"{function}: output_padding={extra}, but it must be smaller than stride={stride} or "
            f"dilation={dilation}; pass at most {largest}."
        )
    if isinstance(padding, str) and padding == "same":
        if extra != (0, 0):
            raise ValueError(
                f'{function}: output_padding={extra} came with padding="same", which already '
                f"makes the result stride times as large; leave one of the two out."
            )
        # The largest image that gives (M, N) positions, however small the pattern is.
        rows, columns = M * stride[0], N * stride[1]
        margin = as_padding(padding, function, (rows, columns), extent, stride)
    else:
        spread = (M - 1) * stride[0] + extent[0], (N - 1) * stride[1] + extent[1]
        margin = as_padding(padding, function, (M, N), extent, stride)
        rows = spread[0] - sum(margin[0]) + extra[0]
        columns = spread[1] - sum(margin[1]) + extra[1]
    if rows < 1 or columns < 1:
        raise ValueError(
            f"{function}: padding={padding!r} cuts off more than there is: the result "
            f"would be {words.by((rows, columns))} {came}; use less padding."
        )
    Z_shape = (B, w_shape[1] * groups, rows, columns)
    check_addressable(function, "the result of shape ", Z_shape, words.SMALLER)
    return Z_shape, Geometry(stride, margin, dilation, (M, N), groups)


def _check_pattern_shape(function: str, came: str, w_shape: tuple[int, ...], axes: str) -> None:
    if len(w_shape) != 4:
        hint = "for one pattern pass w[np.newaxis]" if len(w_shape) == 3 else "reshape it"
        raise ValueError(
            f"{function}: w has {words.axes(len(w_shape))} {came}, but needs 4: ({axes}); {hint}."
        )
    if 0 in w_shape:
        raise ValueError(
            f"{function}: w has a size of zero {came}; every axis of w must be at least 1."
        )


def _check_gradient(
    function: str,
    dZ_shape: tuple[int, ...],
    X_shape: tuple[int, ...],
    w_shape: tuple[int, ...],
    geometry: Geometry,
) -> None:
    needed = (*X_shape[:-3], w_shape[0], *geometry.positions)
    if dZ_shape != needed:
        raise ValueError(
            f"{function}: dZ.shape={dZ_shape}, but images of shape {X_shape} searched for patterns "
            f"of shape {w_shape} give Z of shape {needed}; dZ must have the shape of Z."
        )
