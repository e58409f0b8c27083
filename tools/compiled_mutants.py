"""Mutants of the convolution whose loop is compiled, so that training with one takes seconds.

The body of a mutant is compiled as it is written, with a compiled `meetings`. It is used only where
Numba can compile it, and where it gives the same as the loop on integers, to the bit.
"""

from __future__ import annotations

import dataclasses
import inspect
import types
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numba
import numpy as np

from cnnlab import fast, mutants
from cnnlab.mutants.adapters import ADAPTERS


@numba.njit
def meetings(
    maps: Any, patterns: Any, stride: Any = (1, 1), dilation: Any = (1, 1)
) -> Iterator[tuple[int, ...]]:
    """Yield what `cnnlab.mutants.adapters.meetings` yields, in the same order."""
    for k in range(patterns[0]):
        for c in range(patterns[1]):
            for i in range(maps[2]):
                for j in range(maps[3]):
                    for u in range(patterns[2]):
                        for v in range(patterns[3]):
                            p, q = i * stride[0] + u * dilation[0], j * stride[1] + v * dilation[1]
                            yield k, c, i, j, u, v, p, q


def compiled(mutant: mutants.Mutant) -> mutants.Mutant:
    """Return the mutant with a compiled loop, or as it is if that cannot be had."""
    body = inspect.unwrap(mutant.function)
    if mutant.forward != "conv2d" or "meetings" not in body.__code__.co_names:
        return mutant
    names = {**body.__globals__, "meetings": meetings}
    quick = numba.njit(types.FunctionType(body.__code__, names, body.__name__))

    def function(*arguments: Any, **options: Any) -> np.ndarray:
        return ADAPTERS[mutant.operation](quick, *arguments, **options)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", numba.NumbaPerformanceWarning)
        same = gives_the_same(mutant, function)
    return dataclasses.replace(mutant, function=function) if same else mutant


def gives_the_same(mutant: mutants.Mutant, function: Callable[..., np.ndarray]) -> bool:
    """Compare with the loop, for every call of the catalogue, on integers: sums are exact there."""
    rng = np.random.default_rng(0)
    square = np.zeros((3, 4, 6, 6)), np.zeros((4, 4, 3, 3)), np.zeros(4)  # for what needs it
    for (X, w, _), options in [*mutants.calls("conv2d"), (square, {})]:
        X, w = (rng.integers(-9, 10, array.shape).astype(float) for array in (X, w))
        dZ = rng.integers(-9, 10, fast.conv2d(X, w, **options).shape).astype(float)
        arguments = (dZ, w, X.shape) if mutant.operation == "conv2d_dX" else (dZ, X, w.shape)
        try:
            expected = mutant.function(*arguments, **options)
        except (IndexError, ValueError):
            continue
        try:
            if not np.array_equal(function(*arguments, **options), expected):
                return False
        except (numba.NumbaError, NotImplementedError):  # it has no float16, for example
            return False
    return True
