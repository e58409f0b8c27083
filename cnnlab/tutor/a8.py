"""Assignment A8: tests, judged by the mistakes that they find and the right code they accuse."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from cnnlab import reference
from cnnlab.operations import Call
from cnnlab.tutor.a6 import OVERLAP, PLANES, different
from cnnlab.tutor.cases import ConvSizes, integers
from cnnlab.tutor.implementations import Implementation, right_ones, wrong_ones
from cnnlab.tutor.questions import Assignment, Case, Item, Question

__all__ = ["ASSIGNMENT"]

# What one mistake may be worth: all of them have the same number of points, without a rest.
STEPS = (0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 2.5, 3)

AGAIN = 3  # times that each right one comes once more in grading, among the wrong ones

LEAST = 5  # points for a test that passes what is right and finds the first mistake

# Nothing is square, and no sizes are equal, so that every mistake of the catalogue shows; the last
# two have a row left over, and a ring of zeros that differs.
SIZES: tuple[tuple[ConvSizes, dict[str, Any]], ...] = (
    (ConvSizes(2, 3, 4, 6, 4, 2, 3), {}),
    (ConvSizes(3, 2, 6, 7, 4, 3, 3), {"stride": (2, 3)}),
    (ConvSizes(2, 2, 3, 5, 3, 3, 2), {"padding": (1, 2)}),
    (ConvSizes(2, 3, 5, 6, 3, 3, 2), {"stride": 2, "padding": ((1, 0), (2, 1))}),
)


def _maps(sizes: ConvSizes, options: dict[str, Any]) -> tuple[int, ...]:
    patterns = np.zeros(sizes.w_shape)
    return reference.conv2d(np.zeros(sizes.X_shape), patterns, **options).shape


def _calls(operation: str) -> Iterator[Call]:
    """Yield calls on which each of the mistakes gives something wrong."""
    if operation == "max_pool2d_dX":
        yield from _pool_calls()
        return
    draw = integers(np.random.default_rng(0))
    for sizes, options in SIZES:
        dZ = draw(_maps(sizes, options))
        if operation == "conv2d_dX":
            yield Call((dZ, draw(sizes.w_shape), sizes.X_shape), options)
        elif operation == "conv2d_dw":
            # Entries above 2048 are no longer whole numbers in half precision.
            yield Call((dZ, 1000 * draw(sizes.X_shape) + 1, sizes.w_shape), options)
        else:
            yield Call((dZ,), {})


def _pool_calls() -> Iterator[Call]:
    rng = np.random.default_rng(0)
    for sizes in (PLANES, *OVERLAP):
        X, draw = different(rng)(sizes.X_shape), integers(rng)
        argmax = reference.max_pool2d(X, sizes.size, stride=sizes.stride).argmax
        argmax.reshape(-1)[0] = -1
        yield Call((draw(sizes.Y_shape), argmax, sizes.X_shape), {})


@functools.cache
def _is_wrong(operation: str, implementation: Callable[..., Any]) -> bool:
    """Compare an implementation with the loops; once, since it stays what it is."""
    for call in _calls(operation):
        right = getattr(reference, operation)(*call.arguments, **call.options)
        try:
            given = implementation(*call.arguments, **call.options)
        except AssertionError:
            return True
        if np.abs(given - right).max() > 1e-9 * np.abs(right).max():
            return True
    return False


def _test(operation: str) -> Callable[[Callable[..., Any]], None]:
    """Return a right test of an operation."""

    def test(implementation: Callable[..., Any]) -> None:
        assert not _is_wrong(operation, implementation)

    return test


def _parted(operation: str) -> tuple[list[Implementation], list[Implementation]]:
    """Return the mistakes that are told by name, and those that are hidden."""
    wrong = wrong_ones(operation)
    return list(wrong[::2]), list(wrong[1::2])


def _cases(operation: str) -> Callable[[np.random.Generator], Iterable[Case]]:
    def cases(rng: np.random.Generator) -> Iterator[Case]:
        for one in right_ones(operation):
            yield Case("values", f"a right one: {one.words}", Call((one,), {}))
        for one in AGAIN * right_ones(operation):
            yield Case("values", f"a right one: {one.words}", Call((one,), {}), hidden=True)
        told, hidden = _parted(operation)
        yield Case("values", f"{told[0].name}: {told[0].words}", Call((told[0],), {}))
        for one in told[1:]:
            yield Case(one.name, f"{one.name}: {one.words}", Call((one,), {}))
        for number, one in enumerate(hidden, 1):
            words = f"a mistake that is not told; it violates ({one.equation})"
            yield Case(f"hidden-{number}", words, Call((one,), {}), hidden=True)

    return cases


def _items(operation: str, points: float) -> tuple[Item, ...]:
    told, hidden = _parted(operation)
    count = len(told) - 1 + len(hidden)
    each = max(step for step in STEPS if step * count <= points - LEAST)
    first = f"no right implementation is accused, and {told[0].name} is found"
    return (
        Item("values", points - each * count, first),
        *(Item(one.name, each, f"it finds: {one.words}") for one in told[1:]),
        *(
            Item(f"hidden-{number}", each, f"it finds a mistake that violates ({one.equation})")
            for number, one in enumerate(hidden, 1)
        ),
    )


def _question(name: str, operation: str, points: float, words: str) -> Question:
    return Question(
        name=name,
        function=f"test_{operation}",
        signature=f"({operation})",
        words=words,
        items=_items(operation, points),
        cases=_cases(operation),
        right=_test(operation),
        returns=(),
        equation="eq-adjoint",
        page="gradient-checks",
        shuffled=True,
    )


ASSIGNMENT = Assignment(
    name="A8",
    title="Write the tests",
    chapter="gradient-checks",
    questions=(
        _question(
            "test_dX",
            "conv2d_dX",
            36,
            "Raise an AssertionError for every wrong gradient of the images, and for no right one.",
        ),
        _question(
            "test_dw",
            "conv2d_dw",
            28,
            "Raise an AssertionError for every wrong gradient of the patterns, and for no right "
            "one.",
        ),
        _question(
            "test_db",
            "conv2d_db",
            15,
            "Raise an AssertionError for every wrong gradient of the biases, and for no right one.",
        ),
        _question(
            "test_pool",
            "max_pool2d_dX",
            21,
            "Raise an AssertionError for every wrong gradient of max-pooling, and for no right "
            "one.",
        ),
    ),
)
