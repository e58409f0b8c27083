"""What a student calls: a function is tried, and told what is wrong with it."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cnnlab import shapes
from cnnlab.operations import Call
from cnnlab.tutor.answers import Answer, Ask
from cnnlab.tutor.asking import InThisProcess
from cnnlab.tutor.assignments import question_named
from cnnlab.tutor.diagnosis import explain
from cnnlab.tutor.display import html, terminal
from cnnlab.tutor.findings import Diagnosis, Finding
from cnnlab.tutor.judging import Report, judge, visible_cases
from cnnlab.tutor.questions import Question
from cnnlab.tutor.words import sentence

__all__ = ["Checked", "check", "diagnose"]

SLOW = 5.0  # seconds of one call after which it is told


@dataclass(frozen=True, repr=False)
class Checked:
    """What `check` found. It shows itself in a terminal and in a notebook.

    Attributes
    ----------
    report : Report
        Every case and every item.
    diagnosis : Diagnosis
        What is wrong, and where.
    """

    report: Report
    diagnosis: Diagnosis

    @property
    def right(self) -> bool:
        """Whether nothing is wrong."""
        return self.report.right

    def __repr__(self) -> str:
        """Say it in lines of text."""
        return terminal(self.report, self.diagnosis)

    def _repr_html_(self) -> str:
        return html(self.report, self.diagnosis)


def check(question: str | Question, function: Callable[..., Any]) -> Checked:
    """Try a function on the visible cases of a question, and say what is wrong with it.

    Parameters
    ----------
    question : str
        As "A4.gather", or the name of a function of the contract, as "conv2d_dX". A `Question` of
        one's own works, too.
    function : callable
        The answer. It is called with copies.

    Returns
    -------
    checked : Checked
        Shows itself. ``checked.right`` tells whether nothing is wrong.

    Raises
    ------
    ValueError
        If there is no question of that name; the message lists those that there are.
    TypeError
        If `function` is no function.

    Examples
    --------
    >>> check("conv2d_db", lambda dZ: dZ.sum(axis=(0, 2, 3))).right
    False
    >>> check("dense_dX", lambda dZ, w: dZ @ w).right
    True
    """
    name, asked = _question(question, function, "check")
    report = _report(name, asked, function)
    return Checked(report, _explained(report))


def diagnose(function: Callable[..., Any], question: str | Question) -> Diagnosis:
    """Return what is wrong with a function, for programs.

    Parameters
    ----------
    function : callable
        The answer. It is called with copies.
    question : str
        As `check` takes it.

    Returns
    -------
    diagnosis : Diagnosis
        Without findings and without an entry if nothing is wrong.

    Raises
    ------
    ValueError, TypeError
        As `check` does.

    Examples
    --------
    >>> diagnose(lambda dZ, w: dZ @ w, "dense_dX").findings
    ()
    """
    name, asked = _question(question, function, "diagnose")
    return _explained(_report(name, asked, function))


def _question(question: Any, function: Any, caller: str) -> tuple[str, Question]:
    """Return the question and its name, if both arguments are what they should be."""
    kind = type(function)  # the object itself may fail when it is looked at
    if issubclass(kind, str | Question) and callable(question):
        order = '"A4.gather", my_function' if caller == "check" else 'my_function, "A4.gather"'
        raise TypeError(
            f"{caller}: question and function have changed places; write {caller}({order})."
        )
    if not isinstance(question, Question):
        name, asked = f"{question}", question_named(question, caller)
    else:
        name, asked = question.name, question
    if issubclass(kind, type):
        raise TypeError(
            f"{caller}: function={function.__name__} came, which is a class, but a function is "
            f"needed that is called as {asked.function}{asked.signature}; pass one of its methods."
        )
    needed = f"that is called as {asked.function}{asked.signature}"
    shapes.as_function(function, caller, "function", needed, "pass it without calling it")
    return name, asked


def _report(name: str, question: Question, function: Callable[..., Any]) -> Report:
    ask = InThisProcess({question.function: function})
    return judge(name, question, _Patient(ask, name, len(visible_cases(question))))


class _Patient:
    """Waits for each answer, and says so when that takes long."""

    def __init__(self, ask: Ask, name: str, cases: int) -> None:
        self._ask, self._name, self._left = ask, name, cases

    def __call__(self, function: str, call: Call) -> Answer:
        timer = threading.Timer(SLOW, self._tell)
        timer.daemon = True
        timer.start()
        try:
            return self._ask(function, call)
        finally:
            timer.cancel()
            self._left -= 1

    def _tell(self) -> None:
        others = f", and {self._left - 1} after it" if self._left > 1 else ""
        print(
            f"{self._name}: no answer for {SLOW:g} s. I am waiting for this case{others}; "
            f"Ctrl-C stops it (in Jupyter: Kernel, Interrupt).",
            file=sys.stderr,
        )


def _explained(report: Report) -> Diagnosis:
    """Explain a report; if that fails, say so, and throw nothing of ours at a student."""
    try:
        return explain(report)
    except Exception as error:
        outcome = next(outcome for outcome in report.outcomes if outcome.fault)
        kind = type(error).__name__
        wrong = sentence(f"Something is wrong: {outcome.words}")
        words = f"{wrong} Why, I cannot say: I failed myself, {kind}."
        question = report.question
        finding = Finding("exception", "the tutor's own", words)
        return Diagnosis((finding,), None, outcome.case.words, question.equation, question.page)
