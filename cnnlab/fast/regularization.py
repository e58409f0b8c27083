"""Dropout, compiled. An item of a kernel is an entry; whoever does it owns that of the result."""

from __future__ import annotations

import numpy as np

from cnnlab import shapes
from cnnlab.fast.jit import contiguous, kernel_in_order
from cnnlab.fast.threads import share
from cnnlab.typing import Array, ArrayLike, Number

__all__ = [
    "dropout",
    "dropout_dX",
]


def dropout(X: ArrayLike, kept: ArrayLike, *, rate: Number = 0.5) -> Array:
    """As `cnnlab.reference.dropout`, compiled; complex numbers are refused."""
    return _where_kept(*shapes.check_dropout("dropout", "X", X, kept, rate))


def dropout_dX(dY: ArrayLike, kept: ArrayLike, *, rate: Number = 0.5) -> Array:
    """As `cnnlab.reference.dropout_dX`, compiled; complex numbers are refused."""
    return _where_kept(*shapes.check_dropout("dropout_dX", "dY", dY, kept, rate))


def _where_kept(array, kept, factor):
    result = np.empty(array.shape, array.dtype)
    arrays = (contiguous(given).reshape(-1) for given in (array, kept, result))
    share(_enlarge, result.size, 0.04 * result.nbytes, array.dtype.type(factor), *arrays)
    return result


@kernel_in_order
def _enlarge(first, last, factor, array, kept, result):
    array, kept, result = array[first:last], kept[first:last], result[first:last]
    zero = array.dtype.type(0)
    for index in range(len(array)):
        result[index] = array[index] * (factor if kept[index] else zero)
