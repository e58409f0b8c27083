"""The grader is graded: with solutions, notebooks as handed out, mistakes, slow answers."""

import dataclasses
import pickle

import numpy as np
import pytest
from support.assignments import from_catalogue
from support.book import ROOT
from support.failures import each

from cnnlab import mutants
from cnnlab.grading.grading import Content, Handout, grade_one
from cnnlab.grading.limits import Limits
from cnnlab.tutor import assignments, find, judge
from cnnlab.tutor.asking import InThisProcess
from cnnlab.tutor.diagnosis import explain
from cnnlab.tutor.speed import speed_items

SPEED = [item.name for item in speed_items((1, 1, 1))]
SOURCES, HANDED_OUT = ROOT / "assignments", ROOT / "book" / "assignments"


def grade(handout, file, data):
    """Grade a file in a process of its own; return its record, and the tests that it failed."""
    record = grade_one(handout, "somebody", Content(file, data), 20261130, Limits()).record
    assert record["extra_data"]["graded"]
    return record, [test["name"] for test in record["tests"] if test["status"] != "passed"]


@pytest.mark.slow
@each(name=[assignment.name for assignment in assignments()])
def test_the_solution_scores_100(name):
    data = (SOURCES / f"{name}.ipynb").read_bytes()
    for _ in range(3 if name == "A7" else 1):  # other programs may disturb a race
        record, failed = grade(Handout(name), f"{name}.ipynb", data)
        assert all(one.partition(" ")[2] in SPEED for one in failed if one.count(".") == 1), failed
        if record["score"] == 100:
            break
    assert (failed, record["score"]) == ([], 100)


@pytest.mark.slow
@each(name=["A4", "A8"])
def test_the_notebook_as_handed_out_scores_0(name):
    data = (HANDED_OUT / f"{name}.ipynb").read_bytes()
    record, _ = grade(Handout(name), f"{name}.ipynb", data)
    assert record["score"] == 0
    questions = record["extra_data"]["questions"]
    assert {one["problem"] for one in questions.values()} == {"not written"}


def remembering(question):
    """Return a question whose right answers are computed once."""
    known = {}

    def right(*arguments, **options):
        key = pickle.dumps((arguments, options))
        if key not in known:
            known[key] = question.right(*arguments, **options)
        return known[key].copy()

    return dataclasses.replace(question, right=right)


def should_lose(report):
    """Return the items with a case that NumPy finds wrong; all of them if that is the first."""
    wrong = {
        outcome.case.item
        for outcome in report.outcomes
        if np.shape(outcome.answer.value) != outcome.expected.shape
        or not np.allclose(outcome.answer.value, outcome.expected, rtol=1e-5, atol=1e-6)
    }
    items = [scored.item.name for scored in report.items]
    return items if items[0] in wrong else [name for name in items if name in wrong]


QUESTION = remembering(find("A4.conv2d_dX"))
MISTAKES = [one.name for one in mutants.catalogue() if one.operation == QUESTION.operation]


@each(name=MISTAKES)
def test_each_mistake_loses_exactly_the_right_items_and_is_named(name):
    ask = InThisProcess({QUESTION.function: from_catalogue(QUESTION, name)})
    report = judge("A4.conv2d_dX", QUESTION, ask)
    lost = [scored.item.name for scored in report.items if scored.points < scored.item.points]
    assert lost == should_lose(report)
    findings = explain(report).findings
    if lost:  # some name another one, and say that this one looks the same
        assert name in f"{findings[0].name} {findings[0].words}"
    else:
        assert not findings


SLOW = """
import numpy as np


def conv2d(X, w, b):
    (B, D, M, N), (P, _, m, n) = X.shape, w.shape
    Z = np.zeros((B, P, M - m + 1, N - n + 1), X.dtype)
    for s, k, i, j in np.ndindex(Z.shape):
        total = b[k]
        for c, u, v in np.ndindex(D, m, n):
            total += X[s, c, i + u, j + v] * w[k, c, u, v]
        Z[s, k, i, j] = total
    return Z
"""


@pytest.mark.slow
def test_slow_but_right_keeps_its_other_points():
    record, failed = grade(Handout("A7", None, ("conv2d",)), "slow.py", SLOW.encode())
    assert set(failed) - {"A7.conv2d: conv2d(X, w, b)"} == {f"A7.conv2d {name}" for name in SPEED}
    items = find("A7.conv2d").items
    assert record["score"] == sum(item.points for item in items if item.name not in SPEED)
