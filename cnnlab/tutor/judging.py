"""Right or wrong, case by case and item by item."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from cnnlab.gradcheck.guard import is_same
from cnnlab.operations import Call
from cnnlab.tutor.answers import Answer, Ask, Problem
from cnnlab.tutor.comparing import Difference, difference
from cnnlab.tutor.plain import copied, plain
from cnnlab.tutor.problems import problem_of
from cnnlab.tutor.questions import Case, Item, Question

__all__ = ["LATER", "MANNERS", "Outcome", "Report", "Scored", "judge", "visible_cases"]

SEED = 0  # of the cases that everybody sees

#: What is said of an item that only hidden cases belong to, until it is graded.
LATER = "is tried when it is graded"

#: Faults of a function whose values are right: they cost the item "manners", and no other.
MANNERS = ("dtype", "changed", "shared", "reused")

# After these nothing is asked any more: the next answer would be the same, or never come.
_LAST = ("missing", "not written", "time", "died")


class Outcome(NamedTuple):
    """A case, what came back, and what is wrong with it.

    Attributes
    ----------
    case : Case
        What was called.
    answer : Answer
        What came back.
    expected : object
        The right answer.
    fault : str
        Empty if it is right. Else which kind of wrong it is: "problem" (no value came back),
        "type", "dtype", "shape", "not finite", "values", "changed", "shared", "reused",
        "unsteady", or a kind of the question's own, as "slow".
    words : str
        The same in one line, as "3 of 24 entries are wrong", or "3.1 times as slow as asked for".
    """

    case: Case
    answer: Answer
    expected: Any
    fault: str
    words: str = ""


class Scored(NamedTuple):
    """An item, and whether its points were earned.

    Attributes
    ----------
    item : Item
        What was asked.
    points : float
        What was earned.
    words : str
        Why not all, in one line; empty if all.
    """

    item: Item
    points: float
    words: str


@dataclass(frozen=True)
class Report:
    """All that is said of one answer to one question.

    Attributes
    ----------
    name : str
        As "A4.gather".
    question : Question
        What was asked.
    outcomes : list of Outcome
        All cases, in their order.
    items : list of Scored
        All items, in their order.
    """

    name: str
    question: Question
    outcomes: list[Outcome]
    items: list[Scored]

    @property
    def points(self) -> float:
        """What was earned."""
        return sum(scored.points for scored in self.items)

    @property
    def right(self) -> bool:
        """Whether nothing is wrong."""
        return all(not outcome.fault for outcome in self.outcomes)


def judge(name: str, question: Question, ask: Ask, *, seed: Any = None) -> Report:
    """Ask all cases of a question, compare the answers, and score the items.

    Parameters
    ----------
    name : str
        As "A4.gather".
    question : Question
        What is asked.
    ask : callable
        An `Ask`. It gets the call of a case and nothing else; what is right is computed after it
        has answered.
    seed : int or sequence of int, optional
        Secret numbers that hidden cases are drawn from. Without them those are left out.

    Returns
    -------
    report : Report
        Of all cases, or of those up to one after which no further answer can be expected.
    """
    cases = visible_cases(question)
    if seed is not None:
        cases += _hidden_cases(question, seed, cases)
    asked = list(range(len(cases)))
    if question.shuffled and seed is not None:
        asked = np.random.default_rng(seed).permutation(len(cases)).tolist()
    found: dict[int, Outcome] = {}
    for number in asked:
        case = cases[number]
        found[number] = _outcome(question, case, ask(question.function, case.call))
        problem = found[number].answer.problem
        if problem is not None and problem.kind in _LAST:
            break
    outcomes = [found[number] for number in sorted(found)]
    untried = {case.item for number, case in enumerate(cases) if number not in found}
    first = question.items[0]
    if question.trials is not None and not untried and not _wrong(first, _own(first, outcomes)):
        rng = np.random.default_rng(SEED if seed is None else seed)
        outcomes += question.trials(partial(ask, question.function), rng, seed is not None)
    return Report(name, question, outcomes, _score(question, outcomes, untried))


def visible_cases(question: Question) -> list[Case]:
    """Return the cases that everybody sees.

    Parameters
    ----------
    question : Question
        What is asked.

    Returns
    -------
    cases : list of Case
        The smallest first.
    """
    return [case for case in question.cases(np.random.default_rng(SEED)) if not case.hidden]


def _hidden_cases(question: Question, seed: Any, seen: list[Case]) -> Iterator[Case]:
    """Yield the cases that a secret seed draws, as far as they have not been seen."""
    calls = [case.call for case in seen]
    for case in question.cases(np.random.default_rng(seed)):
        if case.hidden or not any(is_same(case.call, call) for call in calls):
            yield case._replace(hidden=True)


def _expected(question: Question, call: Call) -> Any:
    """Return the right answer; a `Problem` where it is an AssertionError, as of a test."""
    try:
        return plain(question.right(*copied(call.arguments), **copied(call.options)))
    except AssertionError as error:
        return problem_of(error)


def _outcome(question: Question, case: Case, answer: Answer) -> Outcome:
    expected = _expected(question, case.call)
    nothing = answer.value is None and answer.problem is None
    if nothing and not (expected is None or isinstance(expected, Problem)):
        answer = replace(answer, problem=Problem("not written", "it returns None"))
    return Outcome(case, answer, expected, *_fault(question, case, answer, expected))


def _fault(question: Question, case: Case, answer: Answer, expected: Any) -> Difference:
    """Return the worst that is wrong with an answer, and words for it."""
    problem = answer.problem
    if isinstance(expected, Problem):
        if problem is not None and problem.exception == expected.exception:
            return Difference()
        words = f"no {expected.exception}" if problem is None else problem.words
        return Difference("values", f"{words} came, {expected.exception} is needed")
    if problem is not None:
        unwritten = problem.kind == "not written"
        return Difference("problem", "not written yet" if unwritten else problem.words)
    found = difference(answer.value, expected, question.returns)
    if found.fault not in ("", "dtype"):
        return found
    if answer.unsteady:
        return Difference("unsteady", "a second call with the same arguments gave something else")
    asked = any(item.name == "manners" for item in question.items)
    return _manners(answer, found) if asked else Difference()


def _manners(answer: Answer, found: Difference) -> Difference:
    """Return what is wrong with an answer whose values are right."""
    if found.fault:
        return found
    if answer.changed:
        return Difference(
            "changed", f"the call changed its argument {' and '.join(answer.changed)}"
        )
    if answer.shared:
        words = f"what is returned uses the memory of {' and '.join(answer.shared)}"
        return Difference("shared", words)
    if answer.reused:
        return Difference("reused", "two calls returned the same memory")
    return Difference()


def _score(question: Question, outcomes: list[Outcome], untried: set[str]) -> list[Scored]:
    """Return the items; those behind the first have points only if the first is right."""
    scored: list[Scored] = []
    for item in question.items:
        own = _own(item, outcomes)
        words = _wrong(item, own)
        if not words and scored and scored[0].words:
            words = f'has points once "{question.items[0].name}" is right'
        elif not words and (item.name in untried or (untried and item.name == "manners")):
            words = f"not tried, after this: {outcomes[-1].words}"
        elif not words and not own:
            words = LATER
        scored.append(Scored(item, 0 if words else item.points, words))
    return scored


def _own(item: Item, outcomes: list[Outcome]) -> list[Outcome]:
    """Return the outcomes that an item depends on: of its cases, or of all for the manners."""
    if item.name == "manners":
        return outcomes
    return [outcome for outcome in outcomes if outcome.case.item == item.name]


def _wrong(item: Item, own: list[Outcome]) -> str:
    """Say how many outcomes cost an item its points, and the first; empty if none does."""
    bad = [
        outcome
        for outcome in own
        if (outcome.fault in MANNERS and item.name == "manners")
        or (outcome.fault not in ("", *MANNERS) and item.name == outcome.case.item)
    ]
    if not bad:
        return ""
    return f"{len(bad)} of {len(own)} wrong: {bad[0].words} ({bad[0].case.words})"
