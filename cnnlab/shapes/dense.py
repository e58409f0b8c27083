"""Argument checks of dense layers: `dense` and its gradients."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnlab.shapes import words
from cnnlab.shapes.numbers import (
    add_vector_batch_axis,
    as_array,
    as_arrays,
    as_biases,
    as_layer_arrays,
)

__all__ = [
    "check_dense",
    "check_dense_dX",
    "check_dense_dw",
    "check_dense_db",
]


def check_dense(
    X: Any, w: Any, b: Any, *, keep_complex: bool = False
) -> tuple[np.ndarray, np.ndarray, np.ndarray, bool]:
    """Check the arguments of `dense`; return X (B, I), w (O, I), b (O,) and `single`."""
    X, w, b = as_layer_arrays("dense", X, w, b, keep_complex)
    X, single = add_vector_batch_axis(X, "dense", "X")
    _check_dense_weights("dense", w)
    if X.shape[1] != w.shape[1]:
        raise ValueError(
            f"dense: X has I={X.shape[1]} inputs but w expects {w.shape[1]} "
            f"(X.shape={X.shape[single:]}, w.shape={w.shape}); {words.agree(single)}."
        )
    b = as_biases("dense", b, w, len(w), "O", "output")
    return X, w, b, single


def check_dense_dX(
    dZ: Any, w: Any, *, keep_complex: bool = False
) -> tuple[np.ndarray, np.ndarray, bool]:
    """Check the arguments of `dense_dX`; return dZ (B, O), w (O, I) and `single`."""
    dZ, w = as_arrays("dense_dX", keep_complex=keep_complex, dZ=dZ, w=w)
    dZ, single = add_vector_batch_axis(dZ, "dense_dX", "dZ")
    _check_dense_weights("dense_dX", w)
    if dZ.shape[1] != w.shape[0]:
        raise ValueError(
            f"dense_dX: dZ has O={dZ.shape[1]} outputs but w has {w.shape[0]} "
            f"(dZ.shape={dZ.shape[single:]}, w.shape={w.shape}); "
            f"axis {1 - single} of dZ and axis 0 of w must agree."
        )
    return dZ, w, single


def check_dense_dw(dZ: Any, X: Any, *, keep_complex: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Check the arguments of `dense_dw`; return dZ (B, O) and X (B, I)."""
    dZ, X = as_arrays("dense_dw", keep_complex=keep_complex, dZ=dZ, X=X)
    dZ, single_dZ = add_vector_batch_axis(dZ, "dense_dw", "dZ")
    X, single_X = add_vector_batch_axis(X, "dense_dw", "X")
    if single_dZ != single_X or len(dZ) != len(X):
        raise ValueError(
            f"dense_dw: dZ and X hold different batches "
            f"(dZ.shape={dZ.shape[single_dZ:]}, X.shape={X.shape[single_X:]}); "
            f"both need one row per sample."
        )
    if 0 in (dZ.shape[1], X.shape[1]):
        raise ValueError(
            f"dense_dw: a sample of size zero "
            f"(dZ.shape={dZ.shape[single_dZ:]}, X.shape={X.shape[single_X:]}); "
            f"the last axis of both must be at least 1 (only the batch may be empty)."
        )
    return dZ, X


def check_dense_db(dZ: Any, *, keep_complex: bool = False) -> np.ndarray:
    """Check the argument of `dense_db`; return dZ (B, O)."""
    array = as_array(dZ, "dense_db", "dZ", keep_complex=keep_complex)
    dZ, _ = add_vector_batch_axis(array, "dense_db", "dZ")
    if dZ.shape[1] == 0:
        raise ValueError(
            f"dense_db: dZ.shape={array.shape} has no outputs; the last axis must be at least 1 "
            f"(only the batch may be empty)."
        )
    return dZ


def _check_dense_weights(function: str, w: np.ndarray) -> None:
    if w.ndim != 2 or 0 in w.shape:
        raise ValueError(
            f"{function}: w.shape={w.shape}, but w needs two axes of at least 1: (outputs, inputs)."
        )
