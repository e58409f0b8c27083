"""Argument checks of losses: scores or outputs, and what they should have been."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from cnnlab.shapes import words
from cnnlab.shapes.numbers import (
    add_vector_batch_axis,
    as_array,
    as_arrays,
    check_finite,
    check_same_shape,
)

__all__ = [
    "check_squared_error",
    "as_measured",
    "check_cross_entropy",
    "as_labels",
]


def check_squared_error(
    Y: Any, T: Any, *, keep_complex: bool = False
) -> tuple[np.ndarray, np.ndarray, bool]:
    """Check the arguments of `squared_error`; return Y, T with a batch axis, and `single`.

    One vector (O,) or one image (D, M, N) is a single sample; (B, O) and (B, D, M, N) are batches.
    """
    Y, T = as_arrays("squared_error", keep_complex=keep_complex, Y=Y, T=T)
    if Y.shape == (*T.shape, 1) and T.ndim == 1:
        raise ValueError(
            f"squared_error: Y.shape={Y.shape} but T.shape={T.shape}; both must have the same "
            f"shape: make T a column, T[:, np.newaxis]."
        )
    Y, T = check_same_shape("squared_error", keep_complex=keep_complex, Y=Y, T=T)
    if Y.ndim not in (1, 2, 3, 4) or 0 in Y.shape[Y.ndim % 2 == 0 :]:
        raise ValueError(
            f"squared_error: Y.shape={Y.shape}, but Y needs 1 axis (one vector), 2 (a batch of "
            f"vectors), 3 (one image) or 4 (a batch of images), of at least 1 each but the batch."
        )
    single = Y.ndim % 2 == 1
    return (Y[np.newaxis], T[np.newaxis], True) if single else (Y, T, False)


def as_measured(
    targets: Any, function: str, *, samples: int, outputs: tuple[int, ...]
) -> np.ndarray:
    """Return measured values for `squared_error`: an output for each of so many samples."""
    array = as_array(targets, function, "targets")
    needed = (samples, *outputs)
    if array.shape != needed:
        if outputs == (1,) and array.ndim == 1:
            hint = "make them a column, targets[:, np.newaxis]"
        elif len(outputs) == 1 and array.shape == (samples,):
            hint = f"from class numbers make a row for each sample, np.eye({outputs[0]})[targets]"
        elif array.size == math.prod(needed):
            hint = f"reshape them, targets.reshape{needed}"
        else:
            hint = "pass one of the shape of the output for each sample"
        raise ValueError(
            f"{function}: targets.shape={array.shape}, but squared_error needs the shape of what "
            f"the model returns, {needed}; {hint}."
        )
    check_finite(array, function, "targets", hint="leave those samples and their targets out")
    return array


def check_cross_entropy(
    Z: Any, labels: Any, *, keep_complex: bool = False
) -> tuple[np.ndarray, np.ndarray, bool]:
    """Check the arguments of `cross_entropy`; return Z (B, C), labels (B,) and `single`."""
    Z = as_array(Z, "cross_entropy", "Z", keep_complex=keep_complex)
    if Z.ndim == 4:
        raise ValueError(
            f"cross_entropy: Z.shape={Z.shape}, but a row of scores is needed for each label; with "
            f"one label for each sample flatten first, Z.reshape(len(Z), -1); with a map of them "
            f"give every pixel a row, Z.transpose(0, 2, 3, 1).reshape(-1, {Z.shape[1]}), and pass "
            f"labels.ravel()."
        )
    Z, single = add_vector_batch_axis(Z, "cross_entropy", "Z")
    if Z.shape[1] == 0:
        raise ValueError(
            f"cross_entropy: Z.shape={Z.shape[single:]} has no classes; "
            f"the last axis must hold one score per class, at least 1."
        )
    labels = as_labels(labels, "cross_entropy", classes=Z.shape[1], axes=0 if single else 1)
    labels = labels[np.newaxis] if single else labels
    if len(labels) != len(Z):
        raise ValueError(
            f"cross_entropy: Z holds {len(Z)} samples but labels {len(labels)} "
            f"(Z.shape={Z.shape}, labels.shape={labels.shape}); pass one label per sample."
        )
    return Z, labels, single


def as_labels(
    labels: Any,
    function: str,
    *,
    classes: int,
    axes: int = 1,
    more: str = "scores of Dense({})",
) -> np.ndarray:
    """Return class numbers as an int64 array with `axes` axes (1 for a batch, 0 for one sample).

    `more` says where more classes come from, {} being their number.

    Raises
    ------
    TypeError
        If the labels are not integers (NaN is no integer).
    ValueError
        If they have another number of axes, or one lies outside 0 ... `classes` - 1.
    """
    try:
        array = np.asarray(labels)
    except ValueError as error:
        raise ValueError(
            f"{function}: labels cannot be read as an array ({error}); pass one integer per sample."
        ) from None
    if array.size == 0 and array.ndim == 1 and isinstance(labels, (list, tuple)):
        array = array.astype(np.int64)  # an empty list carries no dtype of its own
    if isinstance(labels, np.ma.MaskedArray) or array.dtype.kind not in "ui":
        raise TypeError(
            f"{function}: labels are {words.brief(labels)}, but integers are needed, "
            f"the class numbers 0 to {classes - 1}; {_integers_hint(labels, array)}."
        )
    if array.ndim != axes:
        hint = "a batch needs one class number per sample, shape (B,)"
        if array.ndim == 2 and array.shape[1] == 1:
            hint += "; from one column take labels.ravel()"
        elif array.ndim == 2:
            hint += "; from one row per sample take labels.argmax(axis=1)"
        if axes == 0:
            hint = "one sample needs one class number, not an array of them"
        raise ValueError(f"{function}: labels.shape={array.shape}; {hint}.")
    wrong = np.flatnonzero((array < 0) | (array >= classes))
    if wrong.size:
        raise ValueError(
            f"{function}: labels[{wrong[0]}]={array.ravel()[wrong[0]]} is outside 0 to "
            f"{classes - 1} ({wrong.size} of {array.size} labels are); there "
            f"{'is 1 class' if classes == 1 else f'are {classes} classes'}, numbered from 0; "
            f"{_range_hint(array, classes, more)}."
        )
    return array.astype(np.int64, copy=False)


def _range_hint(array: np.ndarray, classes: int, more: str) -> str:
    """Say how labels outside of the classes come inside."""
    low, high = int(array.min()), int(array.max())
    if (low, high) == (1, classes) and classes > 1:
        return "if yours begin at 1, subtract 1: labels - 1"
    if low < 0 or high > max(999, 2 * classes):
        return "number them first: classes, labels = np.unique(labels, return_inverse=True)"
    return f"for class numbers up to {high} pass {more.format(high + 1)}"


def _integers_hint(labels: Any, array: np.ndarray) -> str:
    """Say how labels that are no integers become class numbers."""
    if isinstance(labels, np.ma.MaskedArray):
        return "leave the masked samples out, for example with labels.compressed()"
    if array.dtype.kind == "f" and np.isnan(array).any():
        return f"{np.isnan(array).sum()} of them are NaN: leave those samples out"
    if array.ndim == 2 and array.shape[1] > 1 and array.dtype.kind in "bf":
        return "from one row per sample take np.asarray(labels).argmax(axis=1)"
    if array.dtype.kind in "US" and not np.char.isdigit(array).all():
        return "number them first: classes, labels = np.unique(labels, return_inverse=True)"
    if array.dtype.kind == "f" and (array != np.round(array)).any():
        return "measured values are for squared_error, as targets of the shape of the outputs"
    column = ".ravel()" if array.ndim == 2 else ""
    return f"convert them first, for example with np.asarray(labels){column}.astype(int)"
