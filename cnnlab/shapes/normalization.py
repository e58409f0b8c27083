"""Argument checks of batch normalization and its gradients."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnlab.shapes.geometry import check_image_shape
from cnnlab.shapes.numbers import POSITIVE, add_batch_axis, as_array, as_arrays, as_flag, as_number

__all__ = [
    "check_batch_norm2d",
    "check_batch_norm2d_dX",
    "check_batch_norm2d_dw",
    "check_batch_norm2d_db",
]


def check_batch_norm2d(
    X: Any,
    w: Any,
    b: Any,
    epsilon: Any,
    mean: Any,
    variance: Any,
    *,
    keep_complex: bool = False,
) -> tuple[list[np.ndarray], list[np.ndarray] | None, float, bool]:
    """Check the arguments of `batch_norm2d`.

    Returns
    -------
    arrays : list of ndarray
        X (B, D, M, N), w and b (D,).
    statistics : list of ndarray, optional
        Mean and variance (D,), at least float64; None for those of the batch.
    epsilon : float
        Greater than 0.
    single : bool
        Whether `X` came without a batch axis.
    """
    function = "batch_norm2d"
    arrays = as_arrays(function, keep_complex=keep_complex, X=X, w=w, b=b)
    arrays[0], single = _as_images(function, "X", arrays[0])
    _check_per_depth(function, arrays[0], ("w", arrays[1]), ("b", arrays[2]))
    epsilon = as_number(epsilon, function, "epsilon", within=POSITIVE, hint="try 1e-5")
    if (mean is None) != (variance is None):
        came, other = ("mean", "variance") if variance is None else ("variance", "mean")
        raise ValueError(
            f"{function}: {came} came without {other}; pass both, or neither for those of the "
            f"batch."
        )
    if mean is None:
        return arrays, None, epsilon, single
    mean = _as_statistic(function, "mean", mean, keep_complex)
    variance = _as_statistic(function, "variance", variance, keep_complex)
    _check_per_depth(function, arrays[0], ("mean", mean), ("variance", variance))
    return arrays, [mean, variance], epsilon, single


def check_batch_norm2d_dX(
    function: str,
    dY: Any,
    X: Any,
    w: Any,
    mean: Any,
    scale: Any,
    fixed: Any,
    *,
    keep_complex: bool = False,
) -> tuple[list[np.ndarray], bool, bool]:
    """Check the arguments of `batch_norm2d_dX` and of `batch_norm2d_backward`.

    Returns
    -------
    arrays : list of ndarray
        dY and X (B, D, M, N), w (D,), mean and scale (D,) in float64.
    fixed : bool
        Whether mean and variance do not depend on X.
    single : bool
        Whether `dY` and `X` came without a batch axis.
    """
    arrays, single = _check_both(function, dY, X, keep_complex, mean, scale, w=w)
    return arrays, as_flag(fixed, function, "fixed"), single


def check_batch_norm2d_dw(
    dY: Any, X: Any, mean: Any, scale: Any, *, keep_complex: bool = False
) -> list[np.ndarray]:
    """Check the arguments of `batch_norm2d_dw`; return dY and X (B, D, M, N), mean and scale."""
    return _check_both("batch_norm2d_dw", dY, X, keep_complex, mean, scale)[0]


def check_batch_norm2d_db(dY: Any, *, keep_complex: bool = False) -> np.ndarray:
    """Check the argument of `batch_norm2d_db`; return dY (B, D, M, N)."""
    dY = as_array(dY, "batch_norm2d_db", "dY", keep_complex=keep_complex)
    return _as_images("batch_norm2d_db", "dY", dY)[0]


def _check_both(
    function: str, dY: Any, X: Any, keep_complex: bool, mean: Any, scale: Any, **w: Any
) -> tuple[list[np.ndarray], bool]:
    """Return dY, X, perhaps w, mean and scale; whether images came without a batch axis."""
    arrays = as_arrays(function, keep_complex=keep_complex, dY=dY, X=X, **w)
    if arrays[0].shape != arrays[1].shape:
        raise ValueError(
            f"{function}: dY.shape={arrays[0].shape} but X.shape={arrays[1].shape}; both must have "
            f"the same shape."
        )
    arrays[0], single = _as_images(function, "dY", arrays[0])
    arrays[1] = arrays[1].reshape(arrays[0].shape)
    mean = _as_statistic(function, "mean", mean, keep_complex)
    scale = _as_statistic(function, "scale", scale, keep_complex)
    _check_per_depth(
        function, arrays[1], *zip(w, arrays[2:], strict=True), ("mean", mean), ("scale", scale)
    )
    return [*arrays, mean, scale], single


def _as_statistic(function: str, name: str, value: Any, keep_complex: bool) -> np.ndarray:
    """Return an array in float64, whatever the dtype of the images; complex ones stay so."""
    array = as_array(value, function, name, keep_complex=keep_complex)
    return array.astype(np.float64) if array.dtype == np.float32 else array


def _as_images(function: str, name: str, array: np.ndarray) -> tuple[np.ndarray, bool]:
    """Return a batch of images that have pixels, and whether one came without a batch axis."""
    array, single = add_batch_axis(array, function, name)
    check_image_shape(function, name, array.shape[single:])
    return array, single


def _check_per_depth(function: str, X: np.ndarray, *arrays: tuple[str, np.ndarray]) -> None:
    """Refuse arrays that do not hold one number for each depth of the images."""
    needed = X.shape[1:2]
    for letter, array in arrays:
        if array.shape != needed:
            raise ValueError(
                f"{function}: {letter}.shape={array.shape} but X has depth D={X.shape[1]} "
                f"(X.shape={X.shape}); {letter} needs one number per depth, shape {needed}."
            )
