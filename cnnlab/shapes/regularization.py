"""Argument checks of dropout and its gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnlab.shapes.numbers import BELOW_ONE, as_array, as_number

__all__ = ["check_dropout"]


def check_dropout(
    function: str, name: str, array: Any, kept: Any, rate: Any, *, keep_complex: bool = False
) -> tuple[np.ndarray, np.ndarray, float]:
    """Check the arguments of `dropout` and of its gradient.

    Parameters
    ----------
    function, name : str
        The function, and what it calls its array, for an error message.

    Returns
    -------
    array : ndarray
        Any shape.
    kept : ndarray of bool
        The same shape.
    factor : float
        1 / (1 - rate).
    """
    array = as_array(array, function, name, keep_complex=keep_complex)
    if type(kept) is not np.ndarray or kept.dtype != bool:
        numbers = as_array(kept, function, "kept")
        kept = numbers == 1
        others = numbers[~kept & (numbers != 0)]
        if others.size:
            raise ValueError(
                f"{function}: kept holds {others[0]}, but truth values are needed; pass "
                f"rng.random({name}.shape) >= rate."
            )
    if kept.shape != array.shape:
        raise ValueError(
            f"{function}: {name}.shape={array.shape} but kept.shape={kept.shape}; both must have "
            f"the same shape."
        )
    rate = as_number(rate, function, "rate", within=BELOW_ONE, hint="try 0.5")
    return array, kept, 1 / (1 - rate)
