"""What came beside what was expected: type, shape, finite numbers, values, dtype."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from cnnlab.tutor.words import cleaned, type_name

__all__ = ["TOLERANCE", "Difference", "difference", "wrong_entries"]

#: How far entries may be from the right ones, in units of the largest right one of their array.
#: Sums in float32, in any order or by way of an FFT, keep within it; no mistake does.
TOLERANCE = 2e-5

LARGEST = 2**1000  # an integer of Python may be larger than any float
NUMBERS = bool, int, float, complex, np.ndarray


class Difference(NamedTuple):
    """What is wrong with a value.

    Attributes
    ----------
    fault : str
        One of "type", "shape", "not finite", "values", "dtype"; empty if nothing is.
    words : str
        In one line.
    """

    fault: str = ""
    words: str = ""


# The worst first: a wrong dtype is told only where all else is right.
_ORDER = "type", "shape", "not finite", "values", "dtype", ""


def difference(value: Any, expected: Any, returns: tuple[str, ...] = ()) -> Difference:
    """Compare what came with what was expected.

    Parameters
    ----------
    value : object
        Plain data.
    expected : object
        The right answer: an array, a number, a string, None, or a tuple or dict of them. A tuple
        may have come as a list.
    returns : tuple of str
        Names of the parts of a tuple, for the words.

    Returns
    -------
    difference : Difference
        The worst there is.

    Examples
    --------
    >>> difference(np.ones(3), np.ones(2)).words
    'shape (3,) came, (2,) is needed'
    >>> difference(1 + 1e-9, 1.0).fault
    ''
    """
    if isinstance(expected, tuple | list):
        return _of_tuple(value, tuple(expected), returns)
    if isinstance(expected, dict):
        return _of_dict(value, expected)
    if isinstance(expected, np.ndarray) and expected.ndim > 0:
        return _of_array(value, expected)
    if isinstance(expected, NUMBERS):
        return _of_number(value, expected)
    if type(value) is type(expected) and value == expected:
        return Difference()
    return Difference("values", f"{cleaned(repr(value), 60)} came, {expected!r} is needed")


def wrong_entries(given: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Tell which entries of an array are wrong.

    Parameters
    ----------
    given, right : ndarray
        Of one shape.

    Returns
    -------
    wrong : ndarray of bool
        Whether an entry is further from the right one than `TOLERANCE` allows; integers must be
        equal. NaN equals NaN alone.
    """
    finite = right[np.isfinite(right)]
    largest = float(np.abs(finite).max(initial=0.0)) or 1.0
    allowed = 0.0 if right.dtype.kind in "iub" else TOLERANCE * largest
    kind = complex if given.dtype.kind == "c" else float
    with np.errstate(invalid="ignore", over="ignore"):
        same = (given == right) | (np.isnan(given) & np.isnan(right))
        return ~(same | (np.abs(given.astype(kind) - right.astype(float)) <= allowed))


def _of_tuple(value: Any, expected: tuple[Any, ...], returns: tuple[str, ...]) -> Difference:
    names = returns if len(returns) == len(expected) else ("",) * len(expected)
    needed = f"{len(expected)} results are needed" + (f", {', '.join(returns)}" if returns else "")
    if not isinstance(value, tuple | list):
        return Difference("type", f"{type_name(value)} came, {needed}")
    if len(value) != len(expected):
        return Difference("type", f"{len(value)} results came, {needed}")
    return _worst(zip(names, value, expected, strict=True))


def _of_dict(value: Any, expected: dict[str, Any]) -> Difference:
    if not isinstance(value, dict):
        return Difference("type", f"{type_name(value)} came, a dict is needed")
    missing = [name for name in expected if name not in value]
    if missing:
        return Difference("type", f"a dict without {', '.join(map(repr, missing))} came")
    return _worst((name, value[name], entry) for name, entry in expected.items())


def _worst(parts: Iterable[tuple[str, Any, Any]]) -> Difference:
    """Compare all parts; return the worst difference, with the name of its part in front."""
    found = []
    for name, value, expected in parts:
        fault, words = difference(value, expected)
        found.append(Difference(fault, f"{name}: {words}" if name and words else words))
    return min(found, key=lambda one: _ORDER.index(one.fault), default=Difference())


def _of_number(value: Any, expected: Any) -> Difference:
    if not isinstance(value, NUMBERS):
        return Difference("type", f"{type_name(value)} came, a number is needed")
    if isinstance(value, np.ndarray) and value.ndim > 0:
        return Difference("type", f"an array of shape {value.shape} came, a number is needed")
    if isinstance(value, int) and abs(value) > LARGEST:
        return Difference("values", f"an enormous integer came, {expected} is needed")
    found = _of_array(np.asarray(value), np.asarray(expected))
    if found.fault in ("values", "not finite"):
        return Difference(found.fault, f"{value} came, {expected} is needed")
    return Difference()  # a number of Python has no dtype


def _of_array(value: Any, expected: np.ndarray) -> Difference:
    if not isinstance(value, np.ndarray):
        return Difference("type", f"{type_name(value)} came, an array is needed")
    if value.shape != expected.shape:
        return Difference("shape", f"shape {value.shape} came, {expected.shape} is needed")
    odd = int((np.isfinite(expected) & ~np.isfinite(value)).sum())
    if odd:
        return Difference("not finite", f"{odd} of {value.size} entries are NaN or infinite")
    wrong = int(wrong_entries(value, expected).sum())
    if wrong:
        return Difference("values", f"{wrong} of {value.size} entries are wrong")
    integers = value.dtype.kind in "iu" and expected.dtype.kind in "iu"
    if value.dtype != expected.dtype and not integers:
        return Difference("dtype", f"{value.dtype} came, {expected.dtype} is needed")
    return Difference()
