"""What somebody's function returned, as plain data: exactly arrays, numbers and tuples of them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from cnnlab.tutor.words import type_name

__all__ = ["ForeignError", "arrays_in", "as_integer", "copied", "plain"]

LARGEST = 50_000_000  # entries of an array: 400 MB of float64
DEEPEST = 6  # containers in containers
MOST = 10_000  # values in all containers

# What NumPy's scalars become, by the kind of their dtype.
NUMBERS: dict[str, Any] = {"b": bool, "i": int, "u": int, "f": float, "c": complex}


class ForeignError(Exception):
    """What came is something else than plain data; the message says what."""


def plain(value: Any) -> Any:
    """Return a copy in which nothing is left of the one who made it.

    Parameters
    ----------
    value : object
        What a function returned.

    Returns
    -------
    copy : object
        An array is exactly `numpy.ndarray`, C-contiguous, with its dtype and shape. NumPy's scalars
        become numbers of Python, named tuples become tuples. Beside them there are strings, None,
        lists, tuples, and dicts whose keys are strings.

    Raises
    ------
    ForeignError
        If it is anything else: a subclass of `numpy.ndarray`, an array of objects, a generator.

    Examples
    --------
    >>> plain((np.float32(0.5), [1, None]))
    (0.5, [1, None])
    """
    left = MOST  # a container may hold itself

    def copy(value: Any, depth: int = 0) -> Any:
        nonlocal left
        left -= 1
        if depth > DEEPEST or left < 0:
            raise ForeignError("a container with too much in it")
        kind = type(value)
        if kind is int:
            return as_integer(value)
        if kind in (bool, float, complex, str, type(None)):
            return value
        if kind is np.ndarray:
            return _array(value)
        if isinstance(value, np.generic) and value.dtype.kind in NUMBERS:
            return NUMBERS[value.dtype.kind](value)
        if isinstance(value, tuple):
            return tuple(copy(entry, depth + 1) for entry in tuple.__iter__(value))
        if kind is list:
            return [copy(entry, depth + 1) for entry in value]
        if kind is dict and all(type(key) is str for key in value):
            return {key: copy(entry, depth + 1) for key, entry in value.items()}
        raise ForeignError(_what(value))

    return copy(value)


def as_integer(number: int) -> int | float:
    """Return an integer; one that no array of integers holds as a float, perhaps infinite.

    Examples
    --------
    >>> as_integer(3), as_integer(-(10**390))
    (3, -inf)
    """
    if -(2**63) <= number < 2**63:
        return number
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def _array(array: np.ndarray) -> np.ndarray:
    if array.dtype.kind not in NUMBERS:
        raise ForeignError(f"an array of dtype {array.dtype.name}")
    if array.size > LARGEST:
        raise ForeignError(f"an array of shape {array.shape}")
    return np.array(array, order="C")


def _what(value: Any) -> str:
    """Name what came, with the class that it is derived from."""
    if isinstance(value, np.ma.MaskedArray):
        return "a masked array"
    name = type_name(value)
    if type(value).__module__ == "torch":
        return f"{name} of torch"
    bases = (np.ndarray, dict, list, str, int, float, complex)
    base = next((base for base in bases if isinstance(value, base)), None)
    if base is None or base is type(value):
        return name
    return f"{name}, a subclass of {'numpy.ndarray' if base is np.ndarray else base.__name__}"


def copied(value: Any) -> Any:
    """Return arguments in which all arrays, lists, tuples and dicts are copies.

    Arrays become C-contiguous and writable. A function stays what it is.
    """
    if isinstance(value, np.ndarray):
        return np.array(value, order="C")
    if isinstance(value, list):
        return [copied(entry) for entry in value]
    if type(value) is tuple:
        return tuple(copied(entry) for entry in value)
    if isinstance(value, dict):
        return {key: copied(entry) for key, entry in value.items()}
    return value


def arrays_in(value: Any, depth: int = 0) -> Iterator[np.ndarray]:
    """Yield the arrays in a value: itself, or those in its lists, tuples and dicts."""
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, dict | list | tuple) and depth <= DEEPEST:
        for entry in _entries(value):
            yield from arrays_in(entry, depth + 1)


def _entries(value: dict[Any, Any] | list[Any] | tuple[Any, ...]) -> Iterator[Any]:
    """Go through a container as Python does, whatever a class of somebody's own would do."""
    if isinstance(value, dict):
        return iter(dict.values(value))
    return tuple.__iter__(value) if isinstance(value, tuple) else list.__iter__(value)
