"""Arguments and answers as text and raw bytes, without pickle, and back.

What is read is checked number by number: nothing is made because the other side says so.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from cnnlab.grading.channel import WrongMessage

__all__ = ["TooMuchError", "pack", "unpack"]

#: How the dtypes are written that an array may have.
DTYPES = frozenset(np.dtype(order + kind).str for kind in "?bBhHiIlLqQefdFD" for order in "<>")
DEEP = 8  # tuples in tuples
MANY = 20_000  # values in one message
LETTERS = 100_000  # of one string
DIGITS = 400  # of an integer
AXES = 32
EXTREME = 10 ** (DIGITS - 2)  # no integer beyond


class TooMuchError(ValueError):
    """A value that no message holds; the text says what it is."""


def pack(
    value: Any, longest: int, functions: list[Callable[..., Any]] | None = None
) -> tuple[Any, bytes]:
    """Write a value as lists of strings, and the bytes of its arrays one after the other.

    Parameters
    ----------
    value : object
        Arrays, numbers, strings, None, and tuples, lists and dicts of these: exactly, as
        `cnnlab.tutor.plain.plain` returns them.
    longest : int
        Bytes that its arrays may have together.
    functions : list, optional
        Functions in `value` are put here, and only their places are written.

    Returns
    -------
    tree : list
        The value in JSON.
    data : bytes
        What `unpack` reads beside it.

    Raises
    ------
    TooMuchError
        If it holds anything else, or too much; the message says what.
    """
    pieces: list[bytes] = []
    room, values = longest, MANY

    def written(value: Any, deep: int = 0) -> Any:
        nonlocal room, values
        kind, values = type(value), values - 1
        if deep > DEEP or values < 0:
            raise TooMuchError("a container with too much in it")
        if kind is np.ndarray or isinstance(value, np.generic):
            array = np.asarray(value)
            room -= array.nbytes
            if array.dtype.str not in DTYPES:
                raise TooMuchError(f"an array of dtype {array.dtype.name}")
            if room < 0:
                raise TooMuchError(f"an array of shape {array.shape}")
            pieces.append(array.tobytes())
            return ["array" if kind is np.ndarray else "scalar", array.dtype.str, [*array.shape]]
        if kind in (tuple, list):
            return [kind.__name__, [written(entry, deep + 1) for entry in value]]
        if kind is dict:
            return ["dict", [[_key(key), written(value[key], deep + 1)] for key in value]]
        if functions is not None and callable(value):
            functions.append(value)
            return ["function", str(len(functions) - 1)]
        return _plain_text(value)

    return written(value), b"".join(pieces)


def _key(key: Any) -> str:
    if type(key) is not str:
        raise TooMuchError("a dict whose keys are no strings")
    return key[:LETTERS]


def _plain_text(value: Any) -> list[str]:
    kind = type(value)
    if value is None:
        return ["none"]
    if kind is str:
        return ["str", value[:LETTERS]]
    if kind is float:
        return ["float", value.hex()]
    if kind is complex:
        return ["complex", value.real.hex(), value.imag.hex()]
    if kind in (bool, int) and abs(value) < EXTREME:
        return [kind.__name__, str(int(value))]
    raise TooMuchError("a very long integer" if kind is int else f"an object of {kind.__name__}")


def unpack(
    tree: Any, data: bytes, functions: Callable[[int], Callable[..., Any]] | None = None
) -> Any:
    """Return the value that `pack` wrote; arrays are writable copies.

    Parameters
    ----------
    tree : object
        What was read of the header: anything.
    data : bytes
        The bytes of the arrays.
    functions : callable, optional
        ``functions(n)`` gives the function of that number.

    Raises
    ------
    WrongMessage
        If they do not fit together.
    """
    unpacking = _Unpacking(data, functions)
    try:
        value = unpacking.value(tree, 0)
    except (ValueError, TypeError, OverflowError) as error:
        raise WrongMessage from error
    if unpacking.place != len(data):
        raise WrongMessage
    return value


class _Unpacking:
    """How far the bytes and the values of one message have been read."""

    def __init__(self, data: bytes, functions: Callable[[int], Any] | None) -> None:
        self.data = data
        self.functions = functions
        self.place = 0
        self.values = 0

    def value(self, tree: Any, deep: int) -> Any:
        self.values += 1
        if deep > DEEP or self.values > MANY or type(tree) is not list or not tree:
            raise WrongMessage
        kind, *rest = tree
        if kind in ("array", "scalar"):
            dtype, shape = rest
            array = self.array(dtype, shape)
            return array if kind == "array" else array.reshape(())[()]
        if kind in ("tuple", "list"):
            (items,) = rest
            made = [self.value(item, deep + 1) for item in _list(items)]
            return tuple(made) if kind == "tuple" else made
        if kind == "dict":
            (items,) = rest
            pairs = [_list(item) for item in _list(items)]
            return {_text(key): self.value(item, deep + 1) for key, item in pairs}
        if kind == "function" and self.functions is not None:
            (place,) = rest
            return self.functions(int(_text(place, 20)))
        return _plain_value(kind, rest)

    def array(self, dtype: Any, shape: Any) -> np.ndarray:
        if type(dtype) is not str or dtype not in DTYPES:
            raise WrongMessage
        sizes = _list(shape)
        if len(sizes) > AXES or any(type(size) is not int or size < 0 for size in sizes):
            raise WrongMessage
        length = math.prod(sizes) * np.dtype(dtype).itemsize
        if length > len(self.data) - self.place:
            raise WrongMessage
        piece = self.data[self.place : self.place + length]
        self.place += length
        return np.frombuffer(piece, dtype).reshape(sizes).copy()


def _plain_value(kind: Any, rest: list[Any]) -> Any:
    if kind == "none" and not rest:
        return None
    if kind == "complex":
        real, imaginary = (float.fromhex(_text(part, 50)) for part in rest)
        return complex(real, imaginary)
    (text,) = rest
    if kind == "str":
        return _text(text)
    if kind == "float":
        return float.fromhex(_text(text, 50))
    if kind in ("int", "bool"):
        number = int(_text(text, DIGITS))
        return bool(number) if kind == "bool" else number
    raise WrongMessage


def _text(value: Any, longest: int = LETTERS) -> str:
    if type(value) is not str or len(value) > longest:
        raise WrongMessage
    return value


def _list(value: Any) -> list[Any]:
    if type(value) is not list:
        raise WrongMessage
    return value
