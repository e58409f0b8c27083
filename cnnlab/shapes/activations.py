"""Argument checks of activations.

Most take an array of any shape, which is `as_array`, and their gradients two of one shape, which
is `check_same_shape`, both in `cnnlab.shapes.numbers`. The softmax needs classes, the leaky ReLU a
slope.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnlab.shapes.numbers import UP_TO_ONE, as_array, as_number

__all__ = [
    "check_slope",
    "check_softmax",
]


def check_slope(function: str, slope: Any) -> float:
    """Return the slope of a leaky ReLU; with it, the output has the sign of the input."""
    return as_number(slope, function, "slope", within=UP_TO_ONE, hint="try 0.01")


def check_softmax(function: str, Z: Any, *, keep_complex: bool = False) -> np.ndarray:
    """Return scores as an array; the last axis, the classes, must not be empty."""
    array = as_array(Z, function, "Z", keep_complex=keep_complex)
    if array.ndim == 0 or array.shape[-1] == 0:
        raise ValueError(
            f"{function}: Z.shape={array.shape} has no classes; "
            f"the last axis must hold one score per class, at least 1."
        )
    return array
