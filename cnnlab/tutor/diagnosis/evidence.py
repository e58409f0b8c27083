"""What the answers to a question say: numbers beside numbers, case by case."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np

from cnnlab.operations import Call
from cnnlab.tutor.comparing import LARGEST, TOLERANCE, wrong_entries
from cnnlab.tutor.diagnosis.known import subject
from cnnlab.tutor.judging import Outcome, Report
from cnnlab.tutor.questions import Question
from cnnlab.tutor.tables import MOST, Written, has_sums, written

__all__ = ["Evidence", "evidence_of", "numbers", "same"]

LARGE = 50.0  # exp of larger numbers, and its quotients, may overflow
CLOSE = 1e-7  # of the largest entry: the same sum in another order, in double precision


@dataclass(frozen=True, eq=False)
class Evidence:
    """One case that was answered, or stopped with an exception.

    Attributes
    ----------
    outcome : Outcome
        The case.
    call : Call or None
        It as a call of the operation; None if there is none.
    sums : Written or None
        It as sums, if the operation is written so.
    given, expected : list of ndarray
        The parts of the answer and of the right one. `given` is empty if no numbers came.
    """

    outcome: Outcome
    call: Call | None
    sums: Written | None
    given: list[np.ndarray]
    expected: list[np.ndarray]

    @functools.cached_property
    def _bounds(self) -> list[float]:
        return [_bound(*pair) for pair in zip(self.given, self.expected, strict=False)]

    def is_given(self, value: Any) -> bool:
        """Tell whether the answer is this one, but for rounding."""
        other = numbers(value)
        return len(self.given) == len(other) and all(
            (mine.shape == theirs.shape and _near(mine, theirs, bound))
            or not (mine.size or theirs.size)  # np.array([]) of no rows has lost its columns
            for mine, theirs, bound in zip(self.given, other, self._bounds, strict=False)
        )

    @functools.cached_property
    def wrong(self) -> bool:
        """Whether numbers came, and wrong ones."""
        return bool(self.given) and self.outcome.fault in ("values", "shape", "not finite")

    @property
    def large(self) -> bool:
        """Whether the call has numbers so large that exp of them may overflow."""
        arrays = [array for array in numbers(self.outcome.case.call.arguments) if array.size]
        return any(array.dtype.kind == "f" and np.abs(array).max() > LARGE for array in arrays)

    @property
    def raised(self) -> bool:
        """Whether it stopped with an exception."""
        problem = self.outcome.answer.problem
        return problem is not None and problem.kind == "raised"

    @property
    def masks(self) -> list[np.ndarray]:
        """Which entries are wrong, part by part; all of a part that has another shape."""
        return [
            wrong_entries(mine, right) if mine.shape == right.shape else np.ones(right.shape, bool)
            for mine, right in zip(self.given, self.expected, strict=False)
        ]

    @property
    def size_expected(self) -> int:
        """How many numbers there are in the right answer: of none, nothing can be told."""
        return sum(array.size for array in self.expected)

    @property
    def size(self) -> int:
        """How many numbers there are in the call and its result."""
        arrays = [*numbers(self.outcome.case.call.arguments), *self.expected]
        return sum(array.size for array in arrays)

    @property
    def steps(self) -> int:
        """How long it takes to compute: its numbers, as often as its integers say, as of epochs."""
        whole = [value for value in self.outcome.case.call.arguments if isinstance(value, int)]
        return self.size * max([1, *whole[-1:]])


def numbers(value: Any) -> list[np.ndarray]:
    """Return the arrays of numbers in an answer, in their order; of a dict by its names."""
    if isinstance(value, dict):
        return [part for name in sorted(value, key=str) for part in numbers(value[name])]
    if isinstance(value, tuple | list):
        return [part for entry in value for part in numbers(entry)]
    if isinstance(value, bool | int | float | np.number):
        large = isinstance(value, int) and abs(value) > LARGEST
        return [np.asarray(np.inf if large else value, float)]
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        return [value]
    return []


def same(given: list[np.ndarray], other: list[np.ndarray], expected: list[np.ndarray]) -> bool:
    """Tell whether two answers are the same but for rounding.

    Parameters
    ----------
    given, other : list of ndarray
        What came, and what is thought to have come.
    expected : list of ndarray
        The right answer, from which the rounding is judged.
    """
    return len(given) == len(other) and all(
        mine.shape == np.shape(theirs) and _near(mine, theirs, _bound(mine, right))
        for mine, theirs, right in zip(given, other, expected, strict=False)
    )


def _bound(given: np.ndarray, right: np.ndarray) -> float:
    """Return how far apart rounding can bring two ways to compute the same numbers."""
    largest = max(
        float(np.abs(array[np.isfinite(array)]).max(initial=0.0)) for array in (given, right)
    )
    return (TOLERANCE if given.dtype.itemsize < 8 else CLOSE) * largest


def _near(given: np.ndarray, other: np.ndarray, bound: float) -> bool:
    if not given.size:
        return True
    with np.errstate(all="ignore"):  # infinity less infinity
        difference = np.abs(given - np.asarray(other, float))
    most = difference.max()
    if most <= bound:
        return True
    if np.isfinite(most):
        return False
    alike = (given == other) | (np.isnan(given) & np.isnan(other)) | (difference <= bound)
    return bool(alike.all())


def evidence_of(report: Report) -> list[Evidence]:
    """Return what the cases of a report say, in their order: the smallest first."""
    found = []
    for outcome in report.outcomes:
        value = numbers(outcome.answer.value) if outcome.answer.problem is None else []
        call = _operation_call(report.question, outcome.case.call)
        sums, fits = _sums(report.question, call)
        expected = numbers(outcome.expected)
        found.append(Evidence(outcome, call if fits else None, sums, value, expected))
    return found


def _operation_call(question: Question, call: Call) -> Call | None:
    if not subject(question.operation, question.function):
        return None
    if question.to_operation is None:
        return call
    try:
        return question.to_operation(call)
    except Exception:  # an instructor's own function, for a call that it does not know
        return None


def _sums(question: Question, call: Call | None) -> tuple[Written | None, bool]:
    """Write a call as sums; tell whether it can be computed at all."""
    operation = question.operation
    if call is None or not has_sums(operation):
        arrays = numbers(call.arguments) if call is not None else []
        return None, sum(array.size for array in arrays) <= MOST
    try:
        return written(operation, call), True
    except (ValueError, TypeError):
        return None, False
