"""Arguments of every operation: arrays, shapes, integers, numbers and flags, each in one form.

``as_<form>(value, function, name)`` returns what the user passed in the form that the package
works with, or refuses it; `function` and `name` are what an error message names.
"""

from __future__ import annotations

import math
import operator
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from numbers import Real
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np

from cnnlab.shapes import words
from cnnlab.shapes.cache import remember

# Beyond 2**53 neighboring integers share one float64, so a conversion would change values.
LARGEST_EXACT_INTEGER = 2**53

# Sums of products of two such numbers stay within the integers that kernels compute with.
LARGEST_COUNT = 2**31 - 1


class Range(NamedTuple):
    """A range of numbers: how an error message says it, and the check. NaN lies in none."""

    words: str
    holds: Callable[[float], bool]


POSITIVE = Range("greater than 0", lambda number: 0 < number < math.inf)
NOT_NEGATIVE = Range("of at least 0", lambda number: 0 <= number < math.inf)
BELOW_ONE = Range("of at least 0 and below 1", lambda number: 0 <= number < 1)
UP_TO_ONE = Range("greater than 0 and at most 1", lambda number: 0 < number <= 1)

FLOATS = np.dtype(np.float32), np.dtype(np.float64)


def as_array(value: Any, function: str, name: str, *, keep_complex: bool = False) -> np.ndarray:
    """Return `value` as an array of float32 or float64 whose entries are exactly those of `value`.

    float32 and float64 are kept, in native byte order. float16 becomes float32; integers and
    booleans become float64. Whatever would lose something is refused.

    Parameters
    ----------
    value : array_like
        What the user passed.
    function, name : str
        The function and the argument that an error message names.
    keep_complex : bool
        Accept complex numbers and return them as complex128, for the complex-step check.

    Returns
    -------
    array : ndarray
        Never a subclass. Shares memory with `value` where no conversion was needed.

    Raises
    ------
    TypeError
        If the entries are not numbers, if `value` is a masked array, or if float64 cannot hold
        its entries.
    ValueError
        If `value` is a ragged list.
    """
    if type(value) is np.ndarray and value.dtype in FLOATS:
        return value
    if _is_masked(value):
        what = "is" if isinstance(value, np.ma.MaskedArray) else "holds"
        raise TypeError(
            f"{function}: {name} {what} a masked array, and its mask would be ignored; "
            f"fill it first, for example with np.ma.filled({name}, 0)."
        )
    try:
        array = np.asarray(value)
    except (ValueError, TypeError, RuntimeError) as error:
        raise ValueError(
            f"{function}: {name} cannot be read as an array ({error}); "
            f"pass an array, or a nested list whose rows are equally long."
        ) from None
    kind, size = array.dtype.kind, array.dtype.itemsize
    if kind == "f" and size in (4, 8):
        return array.astype(array.dtype.newbyteorder("="), copy=False)
    if kind == "f" and size == 2:
        return array.astype(np.float32)
    if kind in "bui":
        largest = max(-int(array.min()), int(array.max())) if array.size else 0
        if largest > LARGEST_EXACT_INTEGER:
            raise TypeError(
                f"{function}: {name} holds integers beyond 2**53, which float64 cannot hold "
                f"exactly; scale them down first."
            )
        return array.astype(np.float64)
    if kind == "c" and keep_complex:
        return array.astype(np.complex128)
    raise TypeError(
        f"{function}: {name} has dtype {array.dtype}, but float32 or float64 is needed "
        f"(float16, integers and booleans are converted without loss); "
        f"{words.numbers_hint(array, name)}."
    )


def as_samples(value: Any, function: str, name: str) -> np.ndarray:
    """Return samples as an array that `as_array` takes batch by batch.

    Converted at once, a large set of bytes would take eight times its memory.
    """
    if isinstance(value, np.ndarray) and not isinstance(value, np.ma.MaskedArray):
        kind, size = value.dtype.kind, value.dtype.itemsize
        if (kind in "bui" and size < 8) or (kind == "f" and size == 2):
            return np.asarray(value)
    return as_array(value, function, name)


def _is_masked(value: Any, depth: int = 5) -> bool:
    """Look into nested lists too, as deep as arrays go here."""
    if isinstance(value, (list, tuple)):
        return depth > 0 and any(
            _is_masked(entry, depth - 1)
            for entry in value
            if isinstance(entry, (list, tuple, np.ndarray))
        )
    return isinstance(value, np.ma.MaskedArray)


def as_arrays(function: str, *, keep_complex: bool = False, **values: Any) -> list[np.ndarray]:
    """Return all `values` as arrays of one dtype, the widest among them (see `as_array`)."""
    arrays = [
        as_array(value, function, name, keep_complex=keep_complex) for name, value in values.items()
    ]
    if len({array.dtype for array in arrays}) > 1:
        dtype = np.result_type(*arrays)
        arrays = [array.astype(dtype, copy=False) for array in arrays]
    return arrays


def check_same_shape(
    function: str, *, keep_complex: bool = False, **values: Any
) -> list[np.ndarray]:
    """Return two arrays of one dtype; they must have the same shape (nothing is broadcast)."""
    first, second = as_arrays(function, keep_complex=keep_complex, **values)
    if first.shape != second.shape:
        name, other = values
        raise ValueError(
            f"{function}: {name}.shape={first.shape} but {other}.shape={second.shape}; "
            f"both must have the same shape."
        )
    return [first, second]


def as_layer_arrays(
    function: str, X: Any, w: Any, b: Any, keep_complex: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Return X, w and, unless it was left out, b in one dtype."""
    if b is None:
        X, w = as_arrays(function, keep_complex=keep_complex, X=X, w=w)
        return X, w, None
    X, w, b = as_arrays(function, keep_complex=keep_complex, X=X, w=w, b=b)
    return X, w, b


def as_biases(
    function: str, b: np.ndarray | None, w: np.ndarray, count: int, letter: str, thing: str
) -> np.ndarray:
    """Return one bias per output of a layer; zeros where none were given."""
    if b is None:
        return np.zeros(count, w.dtype)
    if b.shape != (count,):
        raise ValueError(
            f"{function}: b.shape={b.shape} but w holds {letter}={count} {thing}s "
            f"(w.shape={w.shape}); b needs one number per {thing}, shape {(count,)}."
        )
    return b


def as_batch(
    value: Any, function: str, name: str, *, keep_complex: bool = False
) -> tuple[np.ndarray, bool]:
    """Return images as a batch of shape (B, D, M, N), and whether one single image came."""
    array = as_array(value, function, name, keep_complex=keep_complex)
    return add_batch_axis(array, function, name)


def add_batch_axis(array: np.ndarray, function: str, name: str) -> tuple[np.ndarray, bool]:
    """Give one image (D, M, N) a batch axis; leave a batch (B, D, M, N) as it is."""
    if array.ndim not in (3, 4):
        raise ValueError(
            f"{function}: {name} has {words.axes(array.ndim)} ({name}.shape={array.shape}), but "
            f"needs 3 (one image: depth, height, width) or 4 (a batch of images); "
            f"{words.reshape_hint(array, name)}."
        )
    return (array[np.newaxis], True) if array.ndim == 3 else (array, False)


def add_vector_batch_axis(array: np.ndarray, function: str, name: str) -> tuple[np.ndarray, bool]:
    """Give one vector (I,) a batch axis; leave a batch (B, I) as it is."""
    if array.ndim not in (1, 2):
        raise ValueError(
            f"{function}: {name} has {words.axes(array.ndim)} ({name}.shape={array.shape}), but "
            f"needs 1 (one vector) or 2 (a batch of vectors); flatten each sample first, "
            f"for example with {name}.reshape(len({name}), -1)."
        )
    return (array[np.newaxis], True) if array.ndim == 1 else (array, False)


@remember
def as_shape(value: Any, function: str, name: str, lengths: Sequence[int]) -> tuple[int, ...]:
    """Return a shape as a tuple of Python ints; its length must be one of `lengths`."""
    try:
        if any(isinstance(size, (bool, np.bool_)) for size in value):
            raise TypeError
        shape = tuple(operator.index(size) for size in value)
    except TypeError:
        raise TypeError(
            f"{function}: {name} must be a tuple of integers, not {words.brief(value)}; "
            f"pass {words.shape_hint(name)}."
        ) from None
    if len(shape) not in lengths:
        raise ValueError(
            f"{function}: {name}={words.short(shape)} has length {len(shape)}, but needs "
            f"{' or '.join(map(str, lengths))}; pass {words.shape_hint(name)}."
        )
    if min(shape, default=0) < 0:
        raise ValueError(
            f"{function}: {name}={words.short(shape)} has a negative size; "
            f"pass {words.shape_hint(name)}."
        )
    check_addressable(function, f"{name}=", shape, f"pass {words.shape_hint(name)}")
    return shape


def check_addressable(function: str, name: str, shape: tuple[int, ...], hint: str) -> None:
    """Refuse a shape with more entries than an array can have."""
    # An empty batch takes no memory, but NumPy refuses its shape all the same.
    if math.prod(max(size, 1) for size in shape) > sys.maxsize // 8:
        raise ValueError(
            f"{function}: {name}{words.short(shape)} has more entries than any memory holds; "
            f"{hint}."
        )


def as_number(
    value: Any, function: str, name: str, *, within: Range, hint: str, came: str = ""
) -> float:
    """Return a number as a Python float, which leaves float32 arrays float32.

    Parameters
    ----------
    value : float
        What the user passed.
    function, name : str
        The function and the argument that an error message names.
    within : Range
        Where the number must lie.
    hint : str
        How an error message ends: the next step.
    came : str
        What an error message says instead of ``name=value``, where a value came otherwise.

    Returns
    -------
    number : float

    Raises
    ------
    ValueError
        If `value` is no real number (NaN, a bool and text are none), or outside the range.
    """
    try:
        is_real = isinstance(value, Real) and not isinstance(value, bool)
        number = float(value) if is_real else math.nan
    except OverflowError:  # an integer beyond the largest float
        number = math.inf
    if not within.holds(number):
        came = came or f"{name}={value!r}"
        raise ValueError(f"{function}: {came}, but a number {within.words} is needed; {hint}.")
    return number


def as_integer(
    value: Any, function: str, name: str, *, least: int, most: float = LARGEST_COUNT
) -> int:
    """Return an integer from `least` to `most`. Truth values are none."""
    try:
        if isinstance(value, (bool, np.bool_)):
            raise TypeError
        number = operator.index(value)
    except TypeError:
        raise TypeError(
            f"{function}: {name}={words.brief(value)} came, but an integer is needed; "
            f"pass {least} or more."
        ) from None
    if number < least:
        raise ValueError(
            f"{function}: {name}={words.short(number)}, but at least {least} is needed; "
            f"pass {least} or more."
        )
    if number > most:
        raise ValueError(
            f"{function}: {name}={words.short(number)}, but at most {most} is possible; "
            f"pass a smaller one."
        )
    return number


def as_generator(value: Any, function: str, name: str = "seed") -> np.random.Generator:
    """Return a generator that goes on where it is, or a new one that starts from an integer."""
    if isinstance(value, np.random.Generator):
        return value
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool):
        raise TypeError(
            f"{function}: {name}={words.brief(value)} came, but an integer of at least 0 or a "
            f"numpy.random.Generator is needed; pass 0, or np.random.default_rng() for other "
            f"numbers in every run."
        )
    return np.random.default_rng(as_integer(value, function, name, least=0, most=math.inf))


def as_path(path: Any, function: str, example: str, missing: type[Exception] | None = None) -> Path:
    """Return a path; if an error is named, of something that is there."""
    if not isinstance(path, str | os.PathLike):
        raise TypeError(
            f"{function}: path={words.brief(path)} came, but the path of a file is needed; pass a "
            f'string, for example "{example}".'
        )
    place = Path(path)
    if missing is None:
        return place
    try:
        there = place.exists()
    except (OSError, ValueError):  # a name that is too long, or none
        there = False
    if not there:
        raise missing(
            f"{function}: there is no file {place} (seen from {Path.cwd()}); check the path."
        )
    return place


def as_count(value: Any, function: str, name: str) -> int:
    """Return an integer of at least 1."""
    return as_integer(value, function, name, least=1)


def as_counts(value: Any, function: str, name: str) -> tuple[int, int]:
    """Return a pair of integers of at least 1, rows first; one integer stands for both."""
    return as_pair(value, function, name, least=1)


def as_pair(value: Any, function: str, name: str, *, least: int) -> tuple[int, int]:
    """Return a pair of integers of at least `least`, rows first; one integer stands for both."""
    if not is_sequence(value):
        number = as_integer(value, function, name, least=least)
        return number, number
    if len(value) != 2:
        raise ValueError(
            f"{function}: {name}={words.short(value)} has {len(value)} entries, but needs 2; "
            f"pass (rows, columns), or one integer for both."
        )
    first, second = (as_integer(entry, function, name, least=least) for entry in value)
    return first, second


def is_sequence(value: Any) -> bool:
    """Tell a tuple, a list or an array with axes from a single value."""
    return isinstance(value, (tuple, list)) or (isinstance(value, np.ndarray) and value.ndim > 0)


def as_flag(value: Any, function: str, name: str) -> bool:
    """Return True or False; nothing else passes for one of them."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(
            f"{function}: {name}={words.brief(value)} came, but True or False is needed; pass one."
        )
    return bool(value)


def as_function(value: Any, function: str, name: str, needed: str, hint: str) -> Callable[..., Any]:
    """Return a function, which `needed` describes, or anything else that can be called."""
    if not callable(value):
        raise TypeError(
            f"{function}: {name}={words.brief(value)} came, but a function {needed} is needed; "
            f"{hint}."
        )
    return cast("Callable[..., Any]", value)


def as_choice(value: Any, function: str, kind: str, choices: Iterable[str]) -> str:
    """Return the name of something; one that nothing has is told the nearest that there is."""
    known = list(choices)
    if not isinstance(value, str) or value not in known:
        raise ValueError(
            f"{function}: no {kind} {words.short(value)}; {words.choice_hint(value, known)}."
        )
    return value


def check_finite(array: np.ndarray, function: str, name: str, *, hint: str) -> None:
    """Refuse samples that hold NaN or infinity, and name the first of them."""
    if array.dtype.kind != "f":
        return
    odd = np.flatnonzero(~np.isfinite(array).all(axis=tuple(range(1, array.ndim))))
    if odd.size:
        raise ValueError(
            f"{function}: {name}[{odd[0]}] holds NaN or infinity ({odd.size} of {len(array)} "
            f"samples do); {hint}."
        )


def as_float_dtype(value: Any, function: str) -> np.dtype:
    """Return float32 or float64 as a dtype."""
    try:
        dtype = np.dtype(value)
    except TypeError:
        dtype = None
    if dtype not in (np.float32, np.float64):
        raise TypeError(
            f"{function}: dtype={value!r}, but float32 or float64 is needed; "
            f"pass np.float32 or np.float64."
        )
    return np.dtype(dtype)


def ceil_div(count: int, size: int) -> int:
    """Return how many parts of `size` hold `count` things: the quotient, rounded up."""
    return -(-count // size)
