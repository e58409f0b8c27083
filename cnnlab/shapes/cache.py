"""A cache for checks: the same shapes and options as the last time get the same answer.

What makes a call cheap must not change what it accepts: only what cannot be taken for something
else is looked up.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any, ParamSpec, TypeVar, cast

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def remember(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Look up what `function` returned for the same shapes and options the last time.

    A model asks the same in every step, and for a small layer the answer takes longer than the
    kernel. Errors are not remembered.
    """
    remembered = cast(
        "Callable[Arguments, Result]", functools.lru_cache(maxsize=512, typed=True)(function)
    )

    @functools.wraps(function)
    def look_up(*arguments: Arguments.args, **options: Arguments.kwargs) -> Result:
        plain = _are_plain(arguments) and _are_plain(options.values())
        return (remembered if plain else function)(*arguments, **options)

    return look_up


def _are_plain(values: Iterable[Any]) -> bool:
    """Tell whether all `values` can be looked up: text, None, integers and tuples of integers.

    True, 1.0 and np.int64(1) equal 1, so a dictionary takes one for the other. `typed=True` keeps
    arguments of different types apart, but not the entries of tuples.
    """
    for value in values:
        kind = type(value)
        if kind is tuple:
            if not _are_integers(value):
                return False
        elif not (kind is int or kind is str or kind is bool or value is None):
            return False
    return True


def _are_integers(values: tuple[Any, ...]) -> bool:
    """Tell whether a tuple holds Python integers alone, or such tuples."""
    for value in values:
        kind = type(value)
        if kind is not int and not (kind is tuple and _are_integers(value)):
            return False
    return True
