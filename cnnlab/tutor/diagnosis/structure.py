"""What an answer is as a whole, whatever the question: another result, or that of another call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, permutations
from typing import Any

import numpy as np

from cnnlab.operations import Call
from cnnlab.tutor.diagnosis.chains import batches
from cnnlab.tutor.diagnosis.entries import part_names
from cnnlab.tutor.diagnosis.evidence import Evidence, numbers, same
from cnnlab.tutor.diagnosis.known import computed
from cnnlab.tutor.findings import Finding
from cnnlab.tutor.questions import Question

__all__ = ["as_a_whole"]

FEW = 4  # samples whose orders can all be tried


def as_a_whole(question: Question, evidence: Sequence[Evidence]) -> list[Finding]:
    """Return what is true of the answers as they are.

    Parameters
    ----------
    question : Question
    evidence : sequence of Evidence
        All cases in which numbers came, some of them wrong.

    Returns
    -------
    findings : list of Finding
        One at most.
    """
    wrong = [one for one in evidence if one.wrong]
    for look in (_exchanged, _of_another_call, _added_up, _in_another_order):
        for finding in look(question, wrong, evidence):
            return [finding]
    return []


Found = Iterator[Finding]


def _exchanged(question: Question, wrong: Sequence[Evidence], every: Sequence[Evidence]) -> Found:
    """Look for results that stand in each other's place."""
    count = len(wrong[0].expected)
    for order in permutations(range(count)):
        if order != tuple(range(count)) and all(
            same(one.given, [one.expected[at] for at in order], [one.expected[at] for at in order])
            for one in wrong
        ):
            names = part_names(question, wrong[0])
            moved = [name for at, name in enumerate(names) if order[at] != at]
            words = " and ".join(moved)
            yield Finding("axis", "results exchanged", f"{words} are in each other's place.")
            return


def _of_another_call(
    question: Question, wrong: Sequence[Evidence], every: Sequence[Evidence]
) -> Found:
    """Look for answers that are right for a call of before."""
    for one in wrong:
        before = every[: every.index(one)]
        if not any(
            one.size_expected and same(one.given, other.expected, other.expected)
            for other in before
        ):
            return
    yield Finding(
        "unsteady",
        "answer of another call",
        "It gives the answer to an earlier call: something is kept from one call to the next, "
        "perhaps found again by the shapes alone.",
    )


def _added_up(question: Question, wrong: Sequence[Evidence], every: Sequence[Evidence]) -> Found:
    """Look for an argument that was added up along other axes than it must be."""
    arrays = [one.outcome.case.call.arguments for one in wrong]
    if len(wrong[0].expected) != 1 or len(arrays[0]) != 1:
        return
    count = np.ndim(arrays[0][0])
    ways: dict[str, Callable[..., Any]] = {"added up": np.sum, "averaged": np.mean}
    for many in range(1, count + 1):
        for chosen in combinations(range(count), many):
            for verb, way in ways.items():
                for keep in (False, True):
                    if all(
                        same(one.given, [way(array, axis=chosen, keepdims=keep)], one.given)
                        for one, (array,) in zip(wrong, arrays, strict=True)
                    ):
                        name = question.signature.strip("()")
                        kept = ", and they are kept with length 1" if keep else ""
                        right = _right_axes(wrong[0], arrays[0][0])
                        yield Finding(
                            "axis",
                            f"{verb} over axis {', '.join(map(str, chosen))}",
                            f"{name} is {verb} over its axes {_listed(chosen)}{kept}{right}.",
                        )
                        return


def _listed(axes: Sequence[int]) -> str:
    return f"({', '.join(map(str, axes))})"


def _right_axes(one: Evidence, array: np.ndarray) -> str:
    """Say over which axes an argument should be added up, if that is what is asked for."""
    for many in range(1, array.ndim + 1):
        for chosen in combinations(range(array.ndim), many):
            if same(one.expected, [array.sum(axis=chosen)], one.expected):
                return f"; it must be added up over {_listed(chosen)}"
    return ""


def _in_another_order(
    question: Question, wrong: Sequence[Evidence], every: Sequence[Evidence]
) -> Found:
    """Look for a training in which the images come in another order."""
    if question.operation != "network_train":
        return
    orders = None
    for one in wrong:
        _, X, labels, _, batch, epochs = one.outcome.case.call.arguments
        if epochs == 1 and len(X) <= FEW:
            orders = _order_of(one, len(X), batch)
            if orders is None:
                return
    if orders is not None:
        words = ", then ".join(" and ".join(map(str, rows)) for rows in orders)
        yield Finding(
            "mistake",
            "train-shuffled",
            "The images do not come in their order: in a case of one epoch the batches hold the "
            f"images {words}, counted from 0. Nothing is to be shuffled.",
        )


def _order_of(one: Evidence, samples: int, batch: int) -> list[np.ndarray] | None:
    """Return the batches in which all images of an epoch must have come; None if there are none."""
    parameters, X, labels, *rest = one.outcome.case.call.arguments
    for order in permutations(range(samples)):
        rows = np.array(order)
        call = Call((parameters, X[rows], labels[rows], *rest), {})
        if one.is_given(numbers(computed("network_train", call, ()))):
            return [rows[at] for at in batches(samples, batch)]
    return None
