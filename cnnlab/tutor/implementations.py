"""What the tests of A8 are tried on: right implementations of an operation, and wrong ones."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from cnnlab import mutants, reference, shapes
from cnnlab.tutor.pool_gradients import TESTED

__all__ = ["Implementation", "right_ones", "wrong_ones"]

Function = Callable[..., Any]

# They differ from the right function in options that A8 does not ask for.
BEYOND = (
    "dX-dilation-ignored",
    "dX-groups-ignored",
    "dw-groups-ignored",
    "dw-stride-for-dilation",
)


class Implementation:
    """A function to be tested, and what is known of it.

    Parameters
    ----------
    function : callable
        Called as the operation.
    operation : str
        As "conv2d_dX".
    name : str
        In the catalogue, or in words.
    words : str
        What is wrong, or what is special about it.
    equation : str
        Label of the equation that it violates; empty if it is right.
    """

    def __init__(
        self, function: Function, operation: str, name: str, words: str, equation: str = ""
    ) -> None:
        self.name, self.words, self.equation = name, words, equation
        self._function, self.operation = function, operation

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """Call it; what a wrong one stumbles over in a right call is an AssertionError.

        Raises
        ------
        TypeError, ValueError
            If the call is not one of the operation: the same for right and for wrong ones.
        """
        inspect.signature(getattr(reference, self.operation)).bind(*arguments, **options)
        getattr(shapes, f"check_{self.operation}")(*arguments, **options)
        try:
            return self._function(*arguments, **options)
        except Exception as error:
            if not self.equation:
                raise
            what = f"the implementation raised {type(error).__name__}: {error}"
            raise AssertionError(what) from None

    def __repr__(self) -> str:
        """Tell nothing."""
        return "<an implementation>"


@functools.cache
def wrong_ones(operation: str) -> tuple[Implementation, ...]:
    """Return the wrong implementations of an operation: the catalogue's and those of A6.

    Parameters
    ----------
    operation : str
        As "conv2d_dX".

    Returns
    -------
    implementations : tuple of Implementation
        The same objects each time.
    """
    found = [
        Implementation(one.function, operation, one.name, one.mistake, one.equation)
        for one in mutants.catalogue()
        if one.operation == operation and one.name not in BEYOND
    ]
    if operation == "max_pool2d_dX":
        found += [
            Implementation(one.function, operation, one.name, one.words, one.equation)
            for one in TESTED
        ]
    return tuple(found)


@functools.cache
def right_ones(operation: str) -> tuple[Implementation, ...]:
    """Return right implementations of an operation that is linear in its first argument.

    They differ where the contract leaves room: in the order of sums, and so in rounding.

    Parameters
    ----------
    operation : str
        As "conv2d_dX".

    Returns
    -------
    implementations : tuple of Implementation
        The same objects each time.
    """
    loops = getattr(reference, operation)
    functions = {
        "loops": (loops, "the loops of the equation"),
        "parts": (_in_two_parts(loops), "sums that are added up in two parts"),
        "fft": (_rounded_as_fft(loops), "rounded as by a Fourier transform"),
        "double": (_in_double(loops), "sums in float64, also for float32"),
    }
    return tuple(
        Implementation(function, operation, name, words)
        for name, (function, words) in functions.items()
    )


def _in_two_parts(loops: Function) -> Function:
    def function(upstream: Any, *others: Any, **options: Any) -> np.ndarray:
        even = np.array(upstream)
        odd = even.copy()
        even.reshape(-1)[1::2] = 0
        odd.reshape(-1)[::2] = 0
        return loops(odd, *others, **options) + loops(even, *others, **options)

    return function


def _rounded_as_fft(loops: Function) -> Function:
    """Return a function whose entries, zeros too, are off by some roundings of the largest one."""

    def function(upstream: Any, *others: Any, **options: Any) -> np.ndarray:
        right = loops(upstream, *others, **options)
        noise = np.random.default_rng(right.size).uniform(-8, 8, right.shape)
        largest = np.abs(right).max(initial=0.0)
        return (right + noise * np.finfo(right.dtype).eps * largest).astype(right.dtype)

    return function


def _in_double(loops: Function) -> Function:
    def function(upstream: Any, *others: Any, **options: Any) -> np.ndarray:
        array = np.asarray(upstream)
        kind = array.dtype if array.dtype.kind == "f" else np.dtype(np.float64)
        return loops(array.astype(np.float64), *others, **options).astype(kind)

    return function
