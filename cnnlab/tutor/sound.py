"""Whether an assignment holds together: points, names, cases, right answers, listed mistakes."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from cnnlab.tutor.asking import InThisProcess
from cnnlab.tutor.judging import judge, visible_cases
from cnnlab.tutor.problems import problem_of
from cnnlab.tutor.questions import Assignment, Case, Item, Question

__all__ = ["faults_of"]

POINTS = 100
HIDDEN = 1  # a seed: hidden cases are tried as well


def faults_of(assignment: Assignment) -> list[str]:
    """Return what is wrong with an assignment, in words.

    Parameters
    ----------
    assignment : Assignment
        Of this package, or of an instructor.

    Returns
    -------
    faults : list of str
        Empty if it is sound.
    """
    found = []
    if not assignment.questions:
        return [f"{assignment.name} has no questions"]
    if abs(assignment.points - POINTS) > 1e-9:
        found.append(f"its questions have {assignment.points:g} points, and not {POINTS} in all")
    for kind in ("name", "function"):
        names = [getattr(question, kind) for question in assignment.questions]
        found += [f"two questions have the {kind} {name!r}" for name in _twice(names)]
    for question in assignment.questions:
        words = [*_form(question)]
        found += [f"{question.name}: {word}" for word in words or _content(question)]
    return found


def _twice(names: Sequence[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})


def _form(question: Question) -> Iterator[str]:
    """Yield what is wrong with names, points and the signature."""
    items = [item.name for item in question.items if isinstance(item, Item)]
    if not items or items[0] != "values":
        yield 'the first of its items is not "values"'
    yield from (f"two items have the name {name!r}" for name in _twice(items))
    if any(item.points < 0 for item in question.items):
        yield "an item has less than 0 points"
    try:
        ast.parse(f"def {question.function}{question.signature}: ...")
    except SyntaxError:
        yield f"def {question.function}{question.signature} is no Python"


def _content(question: Question) -> Iterator[str]:
    """Yield what is wrong with cases, the right answer, and the listed mistakes."""
    untimed = replace(question, trials=None)  # what is right need not be fast
    try:
        cases = visible_cases(question)
        hidden = judge(question.name, untimed, _ask(question, question.right), seed=HIDDEN)
    except Exception as error:  # whatever an instructor wrote
        problem = problem_of(error)
        yield f"its cases do not run, in line {problem.number}: {problem.words}"
        return
    if not all(isinstance(case, Case) for case in cases):
        yield "cases(rng) yields something else than a Case"
        return
    tried = {outcome.case.item for outcome in hidden.outcomes}
    names = {item.name for item in question.items}
    yield from (f"there is no item {name!r}, of a case" for name in sorted(tried - names))
    if question.trials is None:
        unasked = sorted(names - tried - {"manners"})
        yield from (f"no case has the item {name!r}" for name in unasked)
    for outcome in hidden.outcomes:
        if outcome.fault:
            yield f"the right answer is judged wrong: {outcome.words} ({outcome.case.words})"
            return
    for mistake in question.mistakes:
        report = judge(question.name, untimed, _ask(question, mistake.function), seed=HIDDEN)
        if report.right:
            yield f"the mistake {mistake.name} costs nothing"


def _ask(question: Question, function: Any) -> InThisProcess:
    return InThisProcess({question.function: function})
