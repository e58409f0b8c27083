"""Somebody's function, called in this process; what comes back is plain data at once."""

from __future__ import annotations

import contextlib
import inspect
import os
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from cnnlab.gradcheck.guard import is_same
from cnnlab.operations import Call
from cnnlab.tutor.answers import Answer, Problem
from cnnlab.tutor.comparing import difference
from cnnlab.tutor.plain import ForeignError, arrays_in, copied, plain
from cnnlab.tutor.problems import problem_of
from cnnlab.tutor.words import cleaned, text_of

__all__ = ["InThisProcess"]

QUICK = 0.02  # seconds: what is slower is called once only
WARNINGS = 5  # so many are kept of one call


class InThisProcess:
    """Asks functions of this process: an `Ask`.

    Every call gets copies of its arguments. A quick function is called twice with the same ones:
    the second answer must be the same, in another array.

    Parameters
    ----------
    functions : dict of str to callable
        By the names that questions give them.
    told : callable, optional
        Gets what a call gave as soon as it is there, before the function is called again.

    Examples
    --------
    >>> ask = InThisProcess({"double": lambda X: 2 * X})
    >>> ask("double", Call((np.ones(2),), {})).value
    array([2., 2.])
    >>> ask("treble", Call((), {})).problem.words
    'there is no function treble'
    """

    def __init__(
        self,
        functions: Mapping[str, Callable[..., Any]],
        told: Callable[[Any], None] = lambda value: None,
    ) -> None:
        self._functions = dict(functions)
        self._told = told

    def __call__(self, function: str, call: Call) -> Answer:
        """Call a function.

        Parameters
        ----------
        function : str
            Its name.
        call : Call
            Arguments and options.

        Returns
        -------
        answer : Answer
            Whatever happens; but Ctrl-C passes through.
        """
        if function not in self._functions:
            return Answer(problem=Problem("missing", f"there is no function {function}"))
        body = self._functions[function]
        with warnings.catch_warnings(record=True) as caught, np.errstate(all="warn"):
            warnings.simplefilter("always")
            answer = _ask(body, call, self._told)
        words = (cleaned(text_of(warning.message)) for warning in caught)
        return replace(answer, warned=tuple(dict.fromkeys(words))[:WARNINGS])


def _ask(body: Callable[..., Any], call: Call, told: Callable[[Any], None]) -> Answer:
    given, options = copied(call.arguments), copied(call.options)
    _soil_memory()
    start = time.perf_counter()
    try:
        returned = body(*given, **options)
        seconds = time.perf_counter() - start
        answer = _answer(returned)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # whatever it is, it is told; sys.exit() ends nothing here
        return Answer(problem=problem_of(error), seconds=time.perf_counter() - start)
    answer = replace(answer, seconds=seconds)
    if answer.problem is not None:
        return answer
    told(answer.value)
    named = _by_name(body, given, options)
    before = [*call.arguments, *call.options.values()]
    changed = (
        name for (name, value), old in zip(named, before, strict=True) if not _is_same(value, old)
    )
    shared = (name for name, value in named if _overlap(returned, value))
    answer = replace(answer, changed=tuple(changed), shared=tuple(shared))
    return _again(body, call, answer, returned) if seconds < QUICK else answer


def _is_same(value: Any, old: Any) -> bool:
    """Compare an argument with what it was; in a list there may be anything by now."""
    try:
        return is_same(value, old)
    except KeyboardInterrupt:
        raise
    except BaseException:
        return False


def _answer(returned: Any) -> Answer:
    if returned is Ellipsis or returned is NotImplemented:
        return Answer(problem=Problem("not written", f"it returns {returned!r}"))
    try:
        return Answer(plain(returned))
    except ForeignError as error:
        return Answer(problem=Problem("foreign", f"{error} came back"))


def _again(body: Callable[..., Any], call: Call, answer: Answer, returned: Any) -> Answer:
    """Call it once more; see whether it gives the same, and not in the same memory."""
    _soil_memory()
    try:
        # What it prints has been seen.
        with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
            second = body(*copied(call.arguments), **copied(call.options))
        # Not to the bit: a sum on several threads may be added up in another order.
        same = not difference(plain(second), answer.value).fault
        reused = _overlap(returned, second)
    except KeyboardInterrupt:
        raise
    except BaseException:  # the first time it did not
        return replace(answer, unsteady=True)
    return replace(answer, unsteady=not same, reused=reused)


def _by_name(
    body: Callable[..., Any], given: tuple[Any, ...], options: dict[str, Any]
) -> list[tuple[str, Any]]:
    """Return arguments and options with their names, or with places where none are known."""
    try:
        parameters = list(inspect.signature(body).parameters.values())
    except KeyboardInterrupt:
        raise
    except BaseException:  # some have none, and an object may fail when it is looked at
        parameters = []
    kinds = inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD
    names = [parameter.name for parameter in parameters if parameter.kind in kinds][: len(given)]
    names += [f"argument {place + 1}" for place in range(len(names), len(given))]
    return [*zip(names, given, strict=True), *options.items()]


def _overlap(one: Any, other: Any) -> bool:
    """Tell whether two values have an array each that uses the same memory."""
    return any(
        np.may_share_memory(first, second)
        for first in arrays_in(one)
        for second in arrays_in(other)
    )


def _soil_memory() -> None:
    """Leave NaN where `numpy.empty` will find the memory of a small array.

    NumPy keeps the memory of arrays below a kilobyte, by their sizes, and hands out the last first.
    So an array that is not filled is wrong every time, and not only on somebody else's machine.
    """
    soiled = [np.full(size, np.nan) for size in range(1, 128)]
    del soiled
