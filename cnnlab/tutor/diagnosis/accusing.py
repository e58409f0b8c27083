"""What is said of a test: whom it accuses without a reason, and what it lets pass."""

from __future__ import annotations

from collections.abc import Sequence

from cnnlab.tutor.answers import Problem
from cnnlab.tutor.causes import likely_cause
from cnnlab.tutor.findings import Diagnosis, Finding
from cnnlab.tutor.implementations import Implementation
from cnnlab.tutor.judging import Outcome, Report
from cnnlab.tutor.showing import needed
from cnnlab.tutor.words import sentence

__all__ = ["explain_test", "is_test", "kinds_missing"]

WHERE = "Where they show, and so which case is missing or compared too loosely."
EVERYWHERE = "in nearly every case; is each entry compared, with its place and its sign"

TOLERANCE = (
    "Sums in another order are rounded otherwise: compare with a tolerance, measured against the "
    "largest entry."
)


def is_test(report: Report) -> bool:
    """Tell whether the question asked for a test: somewhere an exception is the right answer.

    Parameters
    ----------
    report : Report
        What was judged.

    Returns
    -------
    answer : bool
    """
    return any(isinstance(outcome.expected, Problem) for outcome in report.outcomes)


def explain_test(report: Report) -> Diagnosis:
    """Say what is wrong with a test.

    Parameters
    ----------
    report : Report
        Of a question that asks for a test.

    Returns
    -------
    diagnosis : Diagnosis
        The false alarms first, then the mistakes that it lets pass, the told ones by their names.
    """
    faulty = [outcome for outcome in report.outcomes if outcome.fault]
    accused = [outcome for outcome in faulty if not isinstance(outcome.expected, Problem)]
    missed = [outcome for outcome in faulty if isinstance(outcome.expected, Problem)]
    tried = sum(isinstance(outcome.expected, Problem) for outcome in report.outcomes)
    question = report.question
    findings = [*_accusing(report, accused), *_missing(missed, tried)]
    case = accused[0].case.words if accused else ""
    findings += kinds_missing(report)
    return Diagnosis(tuple(findings), None, case, question.equation, question.page)


def kinds_missing(report: Report) -> list[Finding]:
    """Say of each mistake that a test lets pass in which cases it shows.

    Parameters
    ----------
    report : Report
        Of a question that asks for a test.

    Returns
    -------
    findings : list of Finding
        One at most. How a hidden mistake is made is not said.
    """
    kinds: dict[tuple[str, ...], list[str]] = {}
    hidden: dict[tuple[str, ...], int] = {}
    for outcome in report.outcomes:
        tested = next(iter(outcome.case.call.arguments), None)
        passed = outcome.fault and isinstance(outcome.expected, Problem)
        if not passed or not isinstance(tested, Implementation):
            continue
        traits = needed(tested.operation, tested)
        kinds.setdefault(traits, [])
        if outcome.case.hidden:
            hidden[traits] = hidden.get(traits, 0) + 1
        else:
            kinds[traits].append(tested.name)
    lines = []
    for traits, names in kinds.items():
        many = hidden.get(traits, 0)
        who = [*names, *([f"{many} that {'is' if many == 1 else 'are'} not told"] if many else [])]
        where = f"with {', and '.join(traits)}" if traits else EVERYWHERE
        lines.append(f"{', '.join(who)}: {where}.")
    if not lines:
        return []
    words = f"{WHERE} {' '.join(line[:1].upper() + line[1:] for line in lines)}"
    return [Finding("missed", "kinds", words)]


def _accusing(report: Report, accused: Sequence[Outcome]) -> list[Finding]:
    """Speak of the first false alarm."""
    if not accused:
        return []
    outcome = accused[0]
    problem = outcome.answer.problem
    if problem is None:
        words = "It returns something; a test returns nothing, and raises an AssertionError."
        return [Finding("accused", "returned", words)]
    place = f" in line {problem.number}" if problem.number else ""
    place += f" of {problem.place}" if problem.place and problem.number else ""
    said = sentence(f"{problem.words}{place}{f': {problem.line}' if problem.line else ''}")
    if problem.exception == "AssertionError":
        words = f"It accuses an implementation that is right. {said} {TOLERANCE}"
        return [Finding("accused", "right", words)]
    cause = likely_cause(problem, outcome.case.call, report.question)
    words = f"It fails by itself, also where the implementation is right. {said} {cause}"
    return [Finding("accused", problem.exception or problem.kind, words.strip())]


def _missing(missed: Sequence[Outcome], tried: int) -> list[Finding]:
    """Speak of the first mistake that gets away, and list the others."""
    if not missed:
        return []
    first, *others = (outcome.case for outcome in missed)
    words = f"It lets pass {len(missed)} of {tried} mistakes. The first: {first.words}"
    findings = [Finding("missed", first.item, sentence(words))]
    told = [case.words.partition(":")[0] for case in others if not case.hidden]
    hidden = sum(case.hidden for case in others)
    more = [*told, *([f"{hidden} that are not told"] if hidden else [])]
    if more:
        findings.append(Finding("missed", "others", f"Then: {', '.join(more)}."))
    return findings
