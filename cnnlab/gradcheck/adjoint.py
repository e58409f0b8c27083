"""The adjoint test of a linear operation and its backward pass, exact on integers."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from cnnlab import shapes
from cnnlab.gradcheck.comparison import own_generator
from cnnlab.gradcheck.guard import (
    Failure,
    add_new,
    call,
    changed_result_words,
    changed_words,
    failure_words,
    is_same,
    real_numbers,
)
from cnnlab.gradcheck.reports import AdjointReport, check_shape, worst_entry
from cnnlab.typing import ArrayLike, Integer, Seed, Shape

# What rounding does to the sum of two halves is measured so often; the bound is so many times the
# largest that was seen.
HALVES = 3
SAFETY = 16.0

# A larger part of the outputs is no rounding error.
NOT_LINEAR = 1e-5


def check_adjoint(
    linear: Callable[[Any], ArrayLike],
    adjoint: Callable[[Any], ArrayLike],
    x_shape: Shape,
    *,
    multiple: Integer = 1,
    name: str = "adjoint",
    seed: Seed = 0,
) -> AdjointReport:
    """Check ``<linear(x), g> == <x, adjoint(g)>``, exactly where everything is an integer.

    This identity, equation (eq-adjoint), is what it means to be the backward pass of a linear
    operation. x and g are random integers. If all results are integers, too, every product and sum
    is exact in float64, so the two sides must be the same number, without any tolerance. If not
    (a weight is no integer), they may be as far apart as rounding explains: each function is given
    x in two parts as well, and what the sum of both results lacks is a rounding error.
    If the sides differ, each entry of ``adjoint(g)`` is compared with ``<linear(e), g>``, e being 1
    there and 0 elsewhere, and the worst is reported.
    One x and one g are drawn: sides that differ prove a mistake, sides that agree could do so by
    accident, the less likely the more entries there are.

    Parameters
    ----------
    linear : callable
        A linear operation: no bias.
    adjoint : callable
        Its backward pass: takes an array of the shape that `linear` returns, returns one of
        shape `x_shape`. Both are given copies. To change one of them is a finding of its own.
    x_shape : tuple of int
        Shape of the input of `linear`.
    multiple : int
        x and g are multiples of it. An operation that divides stays exact if its divisors divide
        this number.
    name : str
        Which adjoint, for the report.
    seed : int or numpy.random.Generator
        Where the integers come from.

    Returns
    -------
    report : AdjointReport
        It says whether the comparison was exact.

    Raises
    ------
    ValueError
        If `adjoint` returns an array of another shape than `x_shape`.
    TypeError
        If a function returns no array of real numbers.

    Examples
    --------
    >>> from cnnlab import reference
    >>> w = np.ones((2, 1, 2, 2))
    >>> check_adjoint(
    ...     lambda X: reference.conv2d(X, w),
    ...     lambda dZ: reference.conv2d_dX(dZ, w, (1, 1, 3, 4)),
    ...     (1, 1, 3, 4),
    ... ).passed
    True
    """
    for function, value in (("linear", linear), ("adjoint", adjoint)):
        shapes.as_function(
            value, "check_adjoint", function, "of one array", "pass it without calling it"
        )
    multiple = shapes.as_count(multiple, "check_adjoint", "multiple")
    x_shape = shapes.as_shape(x_shape, "check_adjoint", "x_shape", range(33))
    rng = shapes.as_generator(seed, "check_adjoint")
    # Many different x, so that two wrong entries hardly ever cancel.
    x = multiple * rng.integers(-999, 1000, x_shape).astype(np.float64)
    return _Sides(linear, adjoint, x, name).compare(multiple, rng)


class _Sides:
    """Both sides of the identity, for one x and one g."""

    def __init__(
        self, linear: Callable[..., Any], adjoint: Callable[..., Any], x: np.ndarray, name: str
    ) -> None:
        self._linear, self._adjoint, self._x, self._name = linear, adjoint, x, name
        self._found: list[str] = []

    def compare(self, multiple: int, rng: np.random.Generator) -> AdjointReport:
        called = call(self._linear, [self._x])
        self._find("linear", called.changed)
        y = self._as_numbers("linear", called.result)
        g = multiple * rng.integers(-9, 10, y.shape).astype(np.float64)
        try:
            back = self._back(g)
        except _RaisedError as error:
            return AdjointReport(
                *(False, math.nan, math.nan, (), math.nan, math.nan, self._name), note=str(error)
            )
        if not is_same(called.returned, called.result):
            self._found.append(changed_result_words("adjoint", "linear"))
        check_shape("check_adjoint", self._name, back.shape, self._x.shape)
        # NaN and infinity are findings here, and no reason to warn.
        with np.errstate(invalid="ignore", over="ignore"):
            left, right = float((y * g).sum()), float((self._x * back).sum())
            exact = _are_exact(y, g) and _are_exact(back, self._x)
            bound = 0.0
            if not exact or left != right:
                lacking = self._lacking(y, g, back)
                # Integers that are rounded on the way, as in float32, are not exact after all.
                exact = exact and not lacking > 0
                if not exact and math.isfinite(lacking):
                    sums = np.abs(y * g).sum() + np.abs(self._x * back).sum()
                    bound = SAFETY * lacking + 4 * max(_eps(y), _eps(back)) * float(sums)
        note = "; ".join(self._found)
        if math.isfinite(left) and abs(left - right) <= bound:
            passed = not self._found
            return AdjointReport(
                passed, left, right, name=self._name, exact=exact, bound=bound, note=note
            )
        return self._differ(AdjointReport(False, left, right, note=note), g, back, exact, bound)

    def _differ(
        self, report: AdjointReport, g: np.ndarray, back: np.ndarray, exact: bool, bound: float
    ) -> AdjointReport:
        """Find the worst entry."""
        zeros = np.zeros(self._x.shape)
        at_zero = self._forward(zeros)  # not zero where an operation is not linear
        expected, sizes = np.zeros(self._x.shape), np.zeros(self._x.shape)
        with np.errstate(invalid="ignore", over="ignore"):
            for index in np.ndindex(*self._x.shape):
                e = zeros.copy()
                e[index] = 1
                terms = (self._forward(e) - at_zero) * g
                expected[index], sizes[index] = terms.sum(), np.abs(terms).sum()
            errors = np.abs(back - expected)
            # Where all is not exact, one entry is as precise as the sides are.
            part = 0.0 if exact else bound / (np.abs(self._x * back).sum() or 1.0)
            wrong = ~(errors <= part * sizes)
        where = worst_entry(errors)
        given = float(back[where])
        return report._replace(
            where=where,
            given=given,
            expected=float(expected[where]) if wrong.any() else given,
            name=self._name,
            exact=exact,
            bound=bound,
            wrong=float(wrong.mean()),
        )

    def _lacking(self, y: np.ndarray, g: np.ndarray, back: np.ndarray) -> float:
        """Return by how much the results for two parts of x and of g miss those for the whole.

        Infinite for what is not linear.
        """
        rng, total = own_generator(0, "check_adjoint"), 0.0
        pairs = (self._forward, self._x, y, g), (self._back, g, back, self._x)
        for function, whole, result, weights in pairs:
            if function(np.zeros(whole.shape)).any():
                return math.inf
            lacking = np.zeros(result.shape)
            for _ in range(HALVES):
                part = np.floor(whole * rng.random(whole.shape))
                both = function(part) + function(whole - part)
                lacking = np.maximum(lacking, np.abs(both - result))
            if not lacking.sum() <= NOT_LINEAR * np.abs(result).sum():
                return math.inf
            total += float((lacking * np.abs(weights)).sum())
        return total

    def _forward(self, x: np.ndarray) -> np.ndarray:
        return self._as_numbers("linear", call(self._linear, [x]).result)

    def _back(self, g: np.ndarray) -> np.ndarray:
        try:
            called = call(self._adjoint, [g])
        except Exception as error:  # whatever it is, it is said in the report
            raise _RaisedError(failure_words(f"{self._name} (adjoint)", error)) from error
        self._find("adjoint", called.changed)
        if isinstance(called.result, Failure):
            raise _RaisedError(called.result.words)
        return self._as_numbers("adjoint", called.result)

    def _find(self, function: str, changed: list[str]) -> None:
        add_new(self._found, (changed_words(function, argument) for argument in changed))

    def _as_numbers(self, function: str, result: Any) -> np.ndarray:
        array = real_numbers(result)
        if array is None:
            raise TypeError(
                f"check_adjoint: {function} returned a {type(result).__name__} of dtype "
                f"{np.asarray(result).dtype}, but an array of real numbers is needed; return the "
                f"result alone."
            )
        return array


class _RaisedError(Exception):
    """The adjoint raised something, in words."""


def _eps(array: np.ndarray) -> float:
    return float(np.finfo(array.dtype if array.dtype.kind == "f" else np.float64).eps)


def _are_exact(array: np.ndarray, weights: np.ndarray) -> bool:
    """Tell whether all are integers, and their sums too small to be rounded."""
    return (
        bool((array == np.round(array)).all())
        and float(np.abs(array).max(initial=0)) <= 2 / _eps(array)
        and float(np.abs(array * weights).sum()) <= shapes.LARGEST_EXACT_INTEGER
    )
