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
    for look in (_exchanged, _miscounted, _of_another_call, _added_up, _in_another_order):
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


#: How windows may be counted along one side: length, size of a window, stride, zeros at both ends.
COUNTS: list[tuple[str, Callable[[int, int, int, int], int]]] = [
    ("(M - m) // stride, without its + 1", lambda M, m, s, z: (M + z - m) // s),
    ("M - m + 1, whatever the stride", lambda M, m, s, z: M + z - m + 1),
    ("(M - m) // stride + 1, whatever the padding", lambda M, m, s, z: (M - m) // s + 1),
    ("as many as begin on the image, those that hang over its end among them",
     lambda M, m, s, z: -(-(M + z - m) // s) + 1),
    ("M, as many as there are rows: the map is as large as the image", lambda M, m, s, z: M),
    ("M // stride", lambda M, m, s, z: (M + z) // s),
    ("M // stride, rounded up", lambda M, m, s, z: -(-(M + z) // s)),
    ("M // m, as if the windows stood side by side", lambda M, m, s, z: (M + z) // m),
    ("M - m, without its + 1", lambda M, m, s, z: M + z - m),
    ("M - m + 2", lambda M, m, s, z: M + z - m + 2),
    ("M + m - 1: every window that touches the image", lambda M, m, s, z: M + z + m - 1),
]  # fmt: skip


def _miscounted(question: Question, wrong: Sequence[Evidence], every: Sequence[Evidence]) -> Found:
    """Look for another number of windows than there are."""
    if question.operation not in ("conv2d", "max_pool2d"):
        return
    shapes = [(one.given[0].shape, one.expected[0].shape) for one in wrong]
    if any(came[:-2] != needed[:-2] for came, needed in shapes) or all(
        came == needed for came, needed in shapes
    ):
        return
    sides = [side for one in every if one.size_expected for side in _sides(one)]
    for words, count in COUNTS:
        if sides and all(given == count(*side) for given, side in sides):
            came, needed = next(pair for pair in shapes if pair[0] != pair[1])
            yield Finding(
                "shape",
                "windows miscounted",
                f"The number of rows of windows is {words}; so it is with the columns. It should "
                f"be (M - m) // stride + 1, M with its padding: shape {came} came, {needed} is "
                "needed.",
            )
            return


def _sides(one: Evidence) -> Iterator[tuple[int, tuple[int, int, int, int]]]:
    """Yield how many rows and columns came, and what decides how many there should be."""
    assert one.call is not None
    X, second = one.call.arguments[:2]
    size = second if isinstance(second, tuple) else np.shape(second)[-2:]
    stride, padding = (
        one.call.options.get(name, default) for name, default in (("stride", 1), ("padding", 0))
    )
    for axis in (-2, -1):
        zeros = padding if np.ndim(padding) == 0 else padding[axis]
        both = sum(zeros) if np.ndim(zeros) else 2 * zeros
        step = stride if np.ndim(stride) == 0 else stride[axis]
        given = one.given[0]
        if given.ndim >= 2:
            yield given.shape[axis], (X.shape[axis], size[axis], step, both)


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
        _, X, _, _, batch, epochs = one.outcome.case.call.arguments
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
