"""Argument checks of pooling: the maximum and the mean of windows, and their gradients."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnlab.shapes import words
from cnnlab.shapes.cache import remember
from cnnlab.shapes.geometry import (
    Geometry,
    as_geometry,
    check_image_shape,
    check_same_batching,
)
from cnnlab.shapes.numbers import (
    add_batch_axis,
    as_array,
    as_batch,
    as_counts,
    as_flag,
    as_shape,
    check_addressable,
)

__all__ = [
    "check_max_pool2d",
    "check_max_pool2d_dX",
    "check_avg_pool2d",
    "check_avg_pool2d_dX",
    "pool_geometry",
]


def check_max_pool2d(
    X: Any,
    size: Any,
    *,
    keep_complex: bool = False,
    **options: Any,
) -> tuple[np.ndarray, tuple[int, int], Geometry, bool]:
    """Check the arguments of `max_pool2d`.

    Returns
    -------
    X : ndarray
        Shape (B, D, M, N).
    size : pair of int
        (m, n).
    geometry : Geometry
        `positions` are (M', N').
    single : bool
        Whether `X` came without a batch axis.
    """
    X, single = as_batch(X, "max_pool2d", "X", keep_complex=keep_complex)
    size, geometry = pool_geometry("max_pool2d", X.shape[single:], size, **options)
    return X, size, geometry, single


def check_max_pool2d_dX(
    dY: Any, argmax: Any, X_shape: Any, *, keep_complex: bool = False
) -> tuple[np.ndarray, np.ndarray, tuple[int, ...], bool]:
    """Check the arguments of `max_pool2d_dX`.

    Returns
    -------
    dY : ndarray
        Shape (B, D, M', N').
    argmax : ndarray of int64
        Shape of `dY`, entries from -1 to M * N - 1.
    X_shape : tuple of int
        (B, D, M, N).
    single : bool
        Whether `dY` and `X_shape` came without a batch axis.
    """
    function = "max_pool2d_dX"
    dY = as_array(dY, function, "dY", keep_complex=keep_complex)
    shape = as_shape(X_shape, function, "X_shape", (3, 4))
    check_same_batching(function, "dY", dY.ndim, "X_shape", len(shape))
    try:
        winners = np.asarray(argmax)
    except (ValueError, TypeError, RuntimeError):
        winners = np.asarray(None)
    if isinstance(argmax, np.ma.MaskedArray) or winners.dtype.kind not in "ui":
        raise TypeError(
            f"{function}: argmax={words.brief(argmax)} came, but integers are needed; "
            f"pass the argmax that max_pool2d returned."
        )
    if winners.shape != dY.shape:
        raise ValueError(
            f"{function}: dY.shape={dY.shape} but argmax.shape={winners.shape}; both must have "
            f"the shape of what max_pool2d returned."
        )
    dY, single = add_batch_axis(dY, function, "dY")
    check_image_shape(function, "X", shape)
    check_image_shape(function, "dY", dY.shape[single:])
    _check_pooled_shape(function, dY.shape[single:], shape, (*shape[:-2], *dY.shape[-2:]))
    winners, shape = winners.reshape(dY.shape), (1, *shape)[-4:]
    pixels = shape[2] * shape[3]
    winners = winners.astype(np.int64, copy=False) if winners.dtype.kind == "i" else winners
    if winners.size and not (
        # Seen as numbers without a sign, -1 is larger than any index: one look is often enough.
        (winners.dtype == np.int64 and winners.view(np.uint64).max() < pixels)
        or -1 <= int(winners.min()) <= int(winners.max()) < pixels
    ):
        raise ValueError(
            f"{function}: argmax holds {winners.min()} to {winners.max()}, but planes of "
            f"{words.by(shape[2:])} have the indices 0 to {pixels - 1} (-1 for a window without a "
            f"pixel); pass the argmax and the X_shape of the same max_pool2d."
        )
    return dY, winners.astype(np.int64, copy=False), shape, single


def check_avg_pool2d(
    X: Any,
    size: Any,
    *,
    count_include_pad: Any,
    keep_complex: bool = False,
    **options: Any,
) -> tuple[np.ndarray, tuple[int, int], Geometry, bool, bool]:
    """Check the arguments of `avg_pool2d`.

    Returns
    -------
    X : ndarray
        Shape (B, D, M, N).
    size : pair of int
        (m, n).
    geometry : Geometry
        `positions` are (M', N').
    count_include_pad : bool
        As it came.
    single : bool
        Whether `X` came without a batch axis.
    """
    X, single = as_batch(X, "avg_pool2d", "X", keep_complex=keep_complex)
    size, geometry = pool_geometry("avg_pool2d", X.shape[single:], size, **options)
    count_include_pad = as_flag(count_include_pad, "avg_pool2d", "count_include_pad")
    return X, size, geometry, count_include_pad, single


def check_avg_pool2d_dX(
    dY: Any,
    X_shape: Any,
    size: Any,
    *,
    count_include_pad: Any,
    keep_complex: bool = False,
    **options: Any,
) -> tuple[np.ndarray, tuple[int, ...], tuple[int, int], Geometry, bool, bool]:
    """Check the arguments of `avg_pool2d_dX`.

    Returns
    -------
    dY : ndarray
        Shape (B, D, M', N').
    X_shape : tuple of int
        (B, D, M, N).
    size : pair of int
        (m, n).
    geometry : Geometry
        `positions` are (M', N').
    count_include_pad : bool
        As it came.
    single : bool
        Whether `dY` and `X_shape` came without a batch axis.
    """
    function = "avg_pool2d_dX"
    dY = as_array(dY, function, "dY", keep_complex=keep_complex)
    shape = as_shape(X_shape, function, "X_shape", (3, 4))
    check_same_batching(function, "dY", dY.ndim, "X_shape", len(shape))
    dY, single = add_batch_axis(dY, function, "dY")
    size, geometry = pool_geometry(function, shape, size, **options)
    _check_pooled_shape(function, dY.shape[single:], shape, (*shape[:-2], *geometry.positions))
    count_include_pad = as_flag(count_include_pad, function, "count_include_pad")
    return dY, (1, *shape)[-4:], size, geometry, count_include_pad, single


@remember
def pool_geometry(
    function: str,
    X_shape: tuple[int, ...],
    size: Any,
    *,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: Any = False,
) -> tuple[tuple[int, int], Geometry]:
    """Return the size of the windows and where they stand (eq-pool-size).

    Parameters
    ----------
    function : str
        The function that an error message names.
    X_shape : tuple of int
        (B, D, M, N) or (D, M, N).
    size, stride, padding, dilation, ceil_mode : object
        What the user passed. `stride` None stands for `size`.

    Returns
    -------
    size : pair of int
        (m, n).
    geometry : Geometry
        Y has shape (B, D) + `geometry.positions`.

    Raises
    ------
    ValueError
        If the images are empty or a window does not fit.
    TypeError
        If an option is of a wrong type.
    """
    check_image_shape(function, "X", X_shape)
    window = as_counts(size, function, "size")
    geometry = as_geometry(
        function,
        (X_shape[-2], X_shape[-1]),
        window,
        stride=window if stride is None else stride,
        padding=padding,
        dilation=dilation,
        ceil_mode=as_flag(ceil_mode, function, "ceil_mode"),
        kind="window",
        came=f"(X.shape={X_shape})",
    )
    check_addressable(
        function, "the result of shape ", (*X_shape[:-2], *geometry.positions), words.SMALLER
    )
    return window, geometry


def _check_pooled_shape(
    function: str, dY_shape: tuple[int, ...], X_shape: tuple[int, ...], needed: tuple[int, ...]
) -> None:
    if dY_shape != needed:
        raise ValueError(
            f"{function}: dY.shape={dY_shape}, but pooling images of shape {X_shape} gives Y of "
            f"shape {needed}; dY must have the shape of Y."
        )
