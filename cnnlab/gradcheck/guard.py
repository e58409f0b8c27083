"""Functions under test: copies of what they are given, what they changed, how they failed."""

from __future__ import annotations

import copy
import inspect
import os
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:  # what runs a submission loads this file, and none for type checkers
    from cnnlab.typing import Backend


class Failure(NamedTuple):
    """What stands in the place of a gradient that there is not, and why."""

    words: str


class Called(NamedTuple):
    """A call of a function under test.

    Attributes
    ----------
    result : object
        A copy of what it returned.
    changed : list of str
        The arguments that it changed.
    returned : object
        What it returned itself; compared with `result` it tells whether somebody changed it later.
    """

    result: Any
    changed: list[str]
    returned: Any


def call(
    function: Callable[..., Any],
    arguments: Sequence[Any],
    options: Mapping[str, Any] | None = None,
) -> Called:
    """Call a function with copies of all arguments; say which of them it changed."""
    given = [copied(value) for value in arguments]
    named = {name: copied(value) for name, value in (options or {}).items()}
    returned = function(*given, **named)
    places = [n for n, pair in enumerate(zip(given, arguments, strict=True)) if not is_same(*pair)]
    names = _names(function, len(given)) if places else []
    changed = [names[place] for place in places]
    changed += [name for name, value in named.items() if not is_same(value, (options or {})[name])]
    return Called(copied(returned), changed, returned)


def copied(value: Any) -> Any:
    """Return a deep copy; of arrays and numbers, which come by the thousand, without detours."""
    if type(value) is np.ndarray and not value.dtype.hasobject:
        return value.copy("K")
    if type(value) in (int, float, bool, str, type(None)):
        return value
    return copy.deepcopy(value)


def is_same(one: Any, other: Any) -> bool:
    """Tell whether two values are the same to the bit; NaN equals NaN."""
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return (
            one.shape == other.shape
            and one.dtype == other.dtype
            and (one.dtype == object or one.tobytes() == other.tobytes())
        )
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return False
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(is_same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(is_same(one[key], other[key]) for key in one)
    try:
        return bool(one == other) or one != one
    except (TypeError, ValueError):
        return True


def as_gradient(gradient: Any) -> Any:
    """Return a gradient as an array of real numbers, or a `Failure` that says what came instead."""
    if isinstance(gradient, Failure):
        return gradient
    array = real_numbers(gradient)
    if array is None:
        return Failure(f"{what(gradient)} came, but an array of real numbers is needed; return it")
    return array


def real_numbers(value: Any) -> np.ndarray | None:
    """Return what came as an array, or None if it holds no real numbers."""
    array = np.asarray(value)
    return array if array.dtype.kind in "fiub" else None


def add_new(known: list[str], words: Iterable[str]) -> None:
    """Add what was found, each finding once."""
    known += [word for word in dict.fromkeys(words) if word not in known]


def what(value: Any) -> str:
    """Say what came, in a few words."""
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape} and dtype {value.dtype}"
    return "None" if value is None else f"a {type(value).__name__}"


def changed_words(function: str, name: str) -> str:
    """Say that a function changed an argument, and what to write."""
    return f"{function} changed its argument {name}, copy it first: {name} = {name}.copy()"


def changed_result_words(function: str, maker: str) -> str:
    """Say that a function changed what another one had returned."""
    return (
        f"{function} changed the array that {maker} had returned, which others may hold; "
        f"write into a copy of it"
    )


def failure_words(function: str, error: Exception) -> str:
    """Say what was raised, and in which line."""
    message = " ".join(str(error).split())
    words = f"{function} raised {type(error).__name__}{': ' if message else ''}{message}"
    # The innermost line that is of no package: neither of this one nor of NumPy.
    frames = traceback.extract_tb(error.__traceback__)
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    own = [
        frame
        for frame in frames
        if not frame.filename.startswith(package) and "site-packages" not in frame.filename
    ]
    if own:
        words += f" (line {own[-1].lineno} of {os.path.basename(own[-1].filename)})"
    return words


def check_call(
    caller: str, name: str, function: Callable[..., Any], arguments: Sequence[Any], words: str
) -> None:
    """Refuse a function that cannot be called with so many arguments."""
    try:
        inspect.signature(function).bind(*arguments)
    except ValueError:
        return  # no signature is known
    except TypeError as error:
        raise TypeError(
            f"{caller}: {name} cannot be called with {words}, {len(arguments)} in all ({error}); "
            f"pass a list with one array per argument of the function, as [X] for one."
        ) from None


@contextmanager
def complex_numbers(caller: str, function: str) -> Iterator[None]:
    """Say what is missing where a function takes no complex numbers."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            yield
    except (TypeError, np.exceptions.ComplexWarning) as error:
        raise TypeError(
            f"{caller}: {function} takes no complex numbers, which the complex step needs "
            f"({error}); build it of functions that take them, as those of cnnlab.reference, or "
            f'choose method="central".'
        ) from error


class Guarded:
    """A backend whose functions get copies; what they change and raise is noted by their names."""

    def __init__(self, ops: Backend, caller: str, operation: str) -> None:
        self._ops, self._caller, self._operation = ops, caller, operation
        self._catching = False
        self.notes: dict[str, list[str]] = {}

    @contextmanager
    def catching(self) -> Iterator[None]:
        """For a while, let a function that raises return a `Failure`."""
        self._catching = True
        try:
            yield
        finally:
            self._catching = False

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Return the function of that name, guarded."""
        if name.startswith("__"):
            raise AttributeError(name)

        def guarded(*arguments: Any, **options: Any) -> Any:
            failed = [value for value in arguments if isinstance(value, Failure)]
            if failed:
                return failed[0]
            try:
                return self._call(name, arguments, options)
            except Exception as error:
                if not self._catching:
                    raise
                if isinstance(error, MissingFunctionError):
                    return Failure(f"{error}")
                return Failure(failure_words(name, error))

        return guarded

    def _call(self, name: str, arguments: Sequence[Any], options: Mapping[str, Any]) -> Any:
        try:
            function = getattr(self._ops, name)
        except AttributeError:
            raise MissingFunctionError(
                f"{self._caller}: the backend has no function {name!r}, which {self._operation} "
                f"needs; write it, or take it from cnnlab.reference ({name} = reference.{name})."
            ) from None
        called = call(function, arguments, options)
        words = (changed_words(name, argument) for argument in called.changed)
        add_new(self.notes.setdefault(name, []), words)
        return called.result


class MissingFunctionError(AttributeError):
    """A backend lacks a function."""


def _names(function: Callable[..., Any], count: int) -> list[str]:
    """Return the names of the arguments that are passed by position, as far as they are known."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    kinds = inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD
    names = [parameter.name for parameter in parameters if parameter.kind in kinds][:count]
    return [*names, *(f"number {place + 1}" for place in range(len(names), count))]
