"""From the outcomes of a report to what is said of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cnnlab.operations import Call
from cnnlab.tutor.causes import likely_cause
from cnnlab.tutor.diagnosis.accusing import explain_test, is_test
from cnnlab.tutor.diagnosis.detectors import placed, told
from cnnlab.tutor.diagnosis.edits import Edit
from cnnlab.tutor.diagnosis.entries import first_wrong_entry
from cnnlab.tutor.diagnosis.evidence import Evidence, evidence_of, numbers, same
from cnnlab.tutor.diagnosis.pooling import pooled
from cnnlab.tutor.diagnosis.search import Suspect, named, named_of_a_kind
from cnnlab.tutor.diagnosis.structure import as_a_whole
from cnnlab.tutor.diagnosis.views import views_of
from cnnlab.tutor.findings import Diagnosis, Finding
from cnnlab.tutor.judging import Outcome, Report
from cnnlab.tutor.pages import page_of
from cnnlab.tutor.questions import Question
from cnnlab.tutor.words import sentence

__all__ = ["explain"]

ENDINGS = {
    "missing": "There is no function of that name.",
    "not written": "It is not written yet, or ends without a return.",
    "time": "It took too long, and was stopped: is there a loop that never ends?",
    "memory": "It asked for more memory than it may have.",
    "died": "The process ended in the middle: nothing may exit or crash in there.",
}

# What came back is no plain data: words that name it, and what to do.
FOREIGN = {
    "a generator": "No entry is computed yet: is there a yield, or a (... for ...)? Fill an array "
    "and return it.",
    "a coroutine": "The function begins with async def: write def.",
    "of torch": "Return an array of NumPy: with .detach().numpy() at its end.",
    "a masked array": "Return a plain array: with .filled(0) at its end.",
    "of numpy.ndarray": "Return a plain array: np.asarray(...).",
    "a subclass of": "Return a plain array or a plain number.",
    "dtype object": "It holds something else than numbers, or rows of several lengths: make it "
    "with np.zeros and the shape that is needed.",
    "": "Return an array of numbers.",
}


def explain(report: Report) -> Diagnosis:
    """Say what is wrong, from the answers alone.

    Parameters
    ----------
    report : Report
        Every case with what came and what was expected. No function of the student is called.

    Returns
    -------
    diagnosis : Diagnosis
        Without findings and without an entry if nothing is wrong.
    """
    question = report.question
    faulty = [outcome for outcome in report.outcomes if outcome.fault]
    if not faulty:
        return Diagnosis()
    for kind in ("missing", "not written"):
        ended = [
            o for o in faulty if o.answer.problem is not None and o.answer.problem.kind == kind
        ]
        if ended:
            finding = _unwritten(kind, ended)
            return Diagnosis((finding,), case=ended[0].case.words, equation=question.equation,
                             page=question.page)  # fmt: skip
    if is_test(report):
        return explain_test(report)
    evidence = evidence_of(report)
    suspects, values = _values(question, evidence)
    stopped = _exceptions(question, faulty)
    if faulty[0].answer.problem is not None and not suspects:
        values, stopped = stopped, values
    manners = _manners(faulty)
    unsteady = [finding for finding in manners if finding.kind == "unsteady"]
    if unsteady and not suspects:
        values = []  # what is seen in numbers that change is chance
    others = [finding for finding in manners if finding.kind != "unsteady"]
    findings = [*unsteady, *values, *stopped, *_types(faulty), *others]
    return _diagnosis(question, faulty, evidence, suspects, findings)


def _unwritten(kind: str, ended: Sequence[Outcome]) -> Finding:
    """Say that there is no answer; one that works in place has only forgotten to return it."""
    changed = next((o.answer.changed for o in ended if o.answer.changed), ())
    if changed:
        words = f"It returns None, and changes its argument {' and '.join(changed)}: leave "
        return Finding("changed", "nothing returned", f"{words}that as it is, and return a new one."
                       )  # fmt: skip
    return Finding(kind if kind == "not written" else "exception", kind, ENDINGS[kind])


def _diagnosis(
    question: Question, faulty: Sequence[Outcome], evidence: Sequence[Evidence],
    suspects: Sequence[Suspect], findings: Sequence[Finding],
) -> Diagnosis:  # fmt: skip
    edits = suspects[0].edits if suspects else ()
    found = first_wrong_entry(question, evidence, edits, told=bool(suspects))
    entry, case = None, faulty[0].case.words
    if found is not None:
        entry, case = found[0], found[1].outcome.case.words
    equation = suspects[0].equation if suspects else ""
    equation = equation or question.equation
    return Diagnosis(
        tuple(findings), entry, case, equation, page_of(equation, question.page)
    )  # fmt: skip


def _mistakes(suspects: Sequence[Suspect]) -> list[Finding]:
    """Say which mistake it is; if several of the catalogue agree, say so."""
    if not suspects:
        return []
    first, *others = suspects
    words = first.own.words if first.own else _sentence(first.edits)
    why = first.own.misreading if first.own else " ".join(
        edit.misreading for edit in first.edits if edit.misreading
    )  # fmt: skip
    others = [other for other in others if other.plain and other.name != first.name]
    if others and not first.own:
        names = " or ".join(other.name for other in others[:2])
        why += f" (On these cases {names} would look the same.)"
    return [Finding("mistake", first.name, f"{words} {why}".strip())]


def _sentence(edits: Sequence[Edit]) -> str:
    """Say one mistake, or two at once, in one sentence."""
    if len(edits) == 1:
        return edits[0].words
    first, second = (_inside(edit.words) for edit in edits)
    return f"Two mistakes at once: {first.rstrip('.')}; and {second}"


def _inside(sentence: str) -> str:
    """Return a sentence as a part of another: it begins with a small letter."""
    word = sentence.partition(" ")[0]
    return sentence[0].lower() + sentence[1:] if word.istitle() or word == "A" else sentence


def _exceptions(question: Question, faulty: Sequence[Outcome]) -> list[Finding]:
    """Say where it stopped, and why, most likely."""
    stopped = [o for o in faulty if o.answer.problem is not None]
    if not stopped:
        return []
    outcome = stopped[0]
    problem = outcome.answer.problem
    assert problem is not None
    if problem.kind == "foreign":
        step = next(step for words, step in FOREIGN.items() if words in problem.words)
        words = f"{problem.words[:1].upper()}{sentence(problem.words[1:])} {step}"
        return [Finding("exception", "foreign", words)]
    if problem.kind != "raised":
        return [Finding("time" if problem.kind == "time" else "exception", problem.kind,
                        ENDINGS.get(problem.kind, problem.words))]  # fmt: skip
    place = f" in line {problem.number}" if problem.number else ""
    place += f" of {problem.place}" if problem.place and problem.number else ""
    line = f": {problem.line}" if problem.line else ""
    cause = likely_cause(problem, outcome.case.call, question)
    return [Finding(
        "exception", problem.exception or "exception",
        sentence(f"{problem.words}{place}{line}") + (f" {cause}" if cause else ""),
    )]  # fmt: skip


def _values(
    question: Question, evidence: Sequence[Evidence]
) -> tuple[list[Suspect], list[Finding]]:
    """Say what is wrong with the numbers: what is simpler to say is said.

    A mistake, or two of the catalogue; then what tells all without a catalogue, as a ratio; then a
    mistake and another of some kind; then where the wrong numbers lie.
    """
    suspects = named(question, evidence)
    if suspects or not any(one.wrong for one in evidence):
        return suspects, _mistakes(suspects)
    given = [one for one in evidence if one.given]
    with np.errstate(all="ignore"):
        views = views_of(question, given)
        found = as_a_whole(question, given) or _option(question, given) or pooled(question, given)
        found = found or [finding for name, part in views for finding in told(name, part)]
        if not found:
            suspects = named_of_a_kind(question, evidence)
            found = _mistakes(suspects)
        found = found or _arguments(question, given)
        if not found:
            found = [finding for name, part in views for finding in placed(name, part)]
        return suspects, found


def _option(question: Question, evidence: Sequence[Evidence]) -> list[Finding]:
    """Look for an option without which all is right."""
    options = {name for one in evidence for name in one.outcome.case.call.options}
    plain = [one for one in evidence if not one.outcome.case.call.options]
    if not plain or any(one.wrong for one in plain):
        return []
    for name in sorted(options):
        wrong = [one for one in evidence if one.wrong]
        if not all(name in one.outcome.case.call.options for one in wrong):
            continue
        ignored = all(_is_without(question, one, name) for one in wrong)
        words = (
            f"The option {name} is ignored: what comes is right for a call without it."
            if ignored
            else f"It is right without {name}, and wrong with it."
        )
        return [Finding("option", f"{name} ignored" if ignored else name, words)]
    return []


def _is_without(question: Question, one: Evidence, name: str) -> bool:
    call = one.outcome.case.call
    options = {key: value for key, value in call.options.items() if key != name}
    return _gives(question, one, Call(call.arguments, options))


def _gives(question: Question, one: Evidence, call: Call) -> bool:
    """Tell whether the right function gives this answer to another call."""
    try:
        value = question.right(*call.arguments, **call.options)
    except Exception:  # the call may make no sense
        return False
    return same(one.given, numbers(value), one.expected)


def _arguments(question: Question, evidence: Sequence[Evidence]) -> list[Finding]:
    """Look for an argument that was read from its other end, or in the place of another."""
    wrong = [one for one in evidence if one.wrong]
    if wrong[0].sums is not None:
        return []  # the search has looked for that
    for position, value in enumerate(wrong[0].outcome.case.call.arguments):
        for axis in range(np.ndim(value) if isinstance(value, np.ndarray) else 0):
            if all(_gives(question, one, _flipped(one, position, axis)) for one in wrong):
                words = (
                    f"It is right for argument {position} with its axis {axis} in reverse order."
                )
                return [Finding("axis", f"argument {position} reversed", words)]
    for first, second in ((0, 1), (1, 2), (0, 2)):
        if all(_gives(question, one, _exchanged(one, first, second)) for one in wrong):
            words = f"It is right for the arguments {first} and {second} in each other's place."
            return [Finding("axis", f"arguments {first}, {second} exchanged", words)]
    return []


def _flipped(one: Evidence, position: int, axis: int) -> Call:
    call = one.outcome.case.call
    arguments = list(call.arguments)
    if isinstance(arguments[position], np.ndarray) and arguments[position].ndim > axis:
        arguments[position] = np.flip(arguments[position], axis)
    return Call(tuple(arguments), call.options)


def _exchanged(one: Evidence, first: int, second: int) -> Call:
    call = one.outcome.case.call
    arguments = list(call.arguments)
    if second < len(arguments):
        arguments[first], arguments[second] = arguments[second], arguments[first]
    return Call(tuple(arguments), call.options)


def _types(faulty: Sequence[Outcome]) -> list[Finding]:
    """Say what came where an array or a number was needed, and which dtype."""
    found = []
    for kind in ("type", "dtype"):
        outcome = next((o for o in faulty if o.fault == kind), None)
        if outcome is not None:
            lead = "Where the numbers are right, they are of another type: "
            lead = lead if kind == "dtype" else ""
            words = f"{lead}{outcome.words}."
            found.append(Finding(kind, kind, f"{words[0].upper()}{words[1:]}"))
    if any(_is_complex(outcome.answer.value) for outcome in faulty):
        words = "Complex numbers came: of an FFT or a root the real part is wanted, np.real."
        found.append(Finding("type", "complex", words))
    return found


def _is_complex(value: Any) -> bool:
    if isinstance(value, dict | tuple | list):
        return any(map(_is_complex, value.values() if isinstance(value, dict) else value))
    return isinstance(value, complex | np.complexfloating | np.ndarray) and np.iscomplexobj(value)


MANNERS = {
    "changed": "It changes its argument{names}: work on a copy, or put the result elsewhere.",
    "shared": "What it returns is a view of its argument{names}: return a new array.",
    "reused": "It returns the same array each time, so that a second call changes what the first "
    "one gave: make a new array in every call.",
    "unsteady": "A second call with the same arguments gives something else: something in "
    "it is random, or is kept from one call to the next.",
}


def _manners(faulty: Sequence[Outcome]) -> list[Finding]:
    """Say what a call does beside its answer."""
    found = []
    for kind, words in MANNERS.items():
        for outcome in faulty:
            held = getattr(outcome.answer, kind)
            if held:
                names = " " + " and ".join(held) if isinstance(held, tuple) else ""
                found.append(Finding(kind, kind, words.format(names=names)))
                break
    return found
