"""Grade one submission: one function, which any executor can run wherever it likes.

What goes in and what comes out is plain data, so that it can be sent to another process or machine.
"""

from __future__ import annotations

import functools
import hashlib
import importlib
import inspect
import platform
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any, NamedTuple

import numpy as np

from cnnlab import __version__, shapes
from cnnlab.grading.folders import temporary_folder
from cnnlab.grading.isolation import Isolated
from cnnlab.grading.limits import Limits
from cnnlab.grading.loading import without_outputs
from cnnlab.grading.pages import report_page
from cnnlab.grading.results import Judged, record_of
from cnnlab.tutor.assignments import assignments, load
from cnnlab.tutor.diagnosis import explain
from cnnlab.tutor.diagnosis.accusing import is_test, kinds_missing
from cnnlab.tutor.display import html, terminal
from cnnlab.tutor.findings import Diagnosis, Finding
from cnnlab.tutor.judging import Report, judge
from cnnlab.tutor.questions import Assignment

__all__ = ["Content", "Graded", "Handout", "grade_one"]

NOT_SHOWN = "a case that is not shown"


class Handout(NamedTuple):
    """Which assignment is graded, as it is told to another process or machine.

    Attributes
    ----------
    name : str
        As "A4"; or the name of an instructor's own file, as "B1.py".
    source : bytes, optional
        What is in that file; None for an assignment of the course.
    questions : tuple of str
        Names of the questions that count, as ("gather",). Empty for all.
    """

    name: str
    source: bytes | None = None
    questions: tuple[str, ...] = ()


class Content(NamedTuple):
    """The file of a student.

    Attributes
    ----------
    file : str
        Its name, which is told and never opened.
    data : bytes
        What is in it.
    """

    file: str
    data: bytes


class Graded(NamedTuple):
    """What is said of a submission.

    Attributes
    ----------
    record : dict
        What ``NAME.json`` holds.
    page : str
        What ``NAME.html`` holds.
    """

    record: dict[str, Any]
    page: str


@functools.lru_cache(maxsize=8)
def opened(handout: Handout) -> Assignment:
    """Return an assignment with the questions that count.

    Raises
    ------
    ValueError
        If there is none of that name, or no such question in it.
    """
    if handout.source is None:
        there = {assignment.name: assignment for assignment in assignments()}
        assignment = there[shapes.as_choice(handout.name, "grade", "assignment", list(there))]
    else:
        with temporary_folder() as folder:
            path = Path(folder, PurePath(handout.name).name)
            path.write_bytes(handout.source)
            assignment = load(path)
    if not handout.questions:
        return assignment
    known = {question.name: question for question in assignment.questions}
    asked = dict.fromkeys(name.removeprefix(f"{assignment.name}.") for name in handout.questions)
    questions = [known[shapes.as_choice(name, "grade", "--question", known)] for name in asked]
    return replace(assignment, questions=tuple(questions))


def made_from(handout: Handout, digest: str, limits: Limits) -> dict[str, Any]:
    """Return all that a result depends on but the hidden cases: if it is the same, it stays."""
    source = handout.source
    if source is None:
        module = importlib.import_module(f"cnnlab.tutor.{handout.name.lower()}")
        source = inspect.getsource(module).encode()
    return {
        "submission": digest,
        "assignment": handout.name,
        "assignment_file": hashlib.sha256(source).hexdigest(),
        "questions": list(handout.questions),
        "limits": limits.in_the_process(),
        "cnnlab": __version__,
    }


def grade_one(
    handout: Handout, student: str, content: Content, seed: int, limits: Limits
) -> Graded:
    """Grade the submission of one student, in a process of its own.

    Parameters
    ----------
    handout : Handout
        The assignment.
    student : str
        Who handed in.
    content : Content
        What was handed in.
    seed : int
        Decides the hidden cases. Secret until all have handed in.
    limits : Limits
        What the process of the submission may use.

    Returns
    -------
    graded : Graded
        The record and the page. Whatever the submission does, there is one; what goes wrong on our
        side is told in it, and then its `extra_data` has `graded` False.
    """
    begin = time.perf_counter()
    assignment = opened(handout)
    problems: list[str] = []
    graded = False
    in_force: Sequence[str] = ()
    reports: list[Report] = []
    try:
        with temporary_folder() as folder:
            path = Path(folder, "submission" + PurePath(content.file).suffix.lower())
            path.write_bytes(without_outputs(content.file, content.data))
            with Isolated(path, replace(assignment, seconds=limits.total), limits) as ask:
                in_force = tuple(ask.in_force)
                for question in assignment.questions:
                    name = f"{assignment.name}.{question.name}"
                    reports.append(judge(name, question, ask, seed=seed))
        graded = True
    except Exception as error:  # of ours: a submission's own are answers
        reports = []
        problems.append(f"could not be graded: {type(error).__name__}: {error}")
    judged = [_judged(report, problems) for report in reports]
    record = record_of(
        judged,
        of=assignment.points,
        head=_head(assignment, reports, problems),
        seconds=time.perf_counter() - begin,
        extra={
            "student": student,
            "file": content.file,
            "assignment": assignment.name,
            "graded": graded,
            "problems": problems,
            "seed": seed,
            "isolation": list(in_force),
            "versions": _versions(),
            "made_from": made_from(handout, hashlib.sha256(content.data).hexdigest(), limits),
        },
    )
    return Graded(record, report_page(record, assignment, [one.block for one in judged]))


def _judged(report: Report, problems: list[str]) -> Judged:
    """Explain the cases that everybody sees; if these are right, the others without numbers.

    An answer that has its points keeps them, whatever it does to those who explain it.
    """
    outcomes = [outcome for outcome in report.outcomes if not outcome.case.hidden]
    seen = replace(report, outcomes=outcomes)
    try:
        diagnosis = explain(seen)
        if seen.right and not report.right:
            found = explain(report)
            diagnosis = found._replace(
                findings=tuple(map(_without_numbers, found.findings)), entry=None, case=NOT_SHOWN
            )
        if is_test(report) and not report.right:
            told = [finding for finding in diagnosis.findings if finding.name != "kinds"]
            diagnosis = diagnosis._replace(findings=(*told, *kinds_missing(report)))
        words, block = terminal(seen, diagnosis), html(seen, diagnosis)
    except Exception as error:
        problems.append(f"{report.name} has no diagnosis: {type(error).__name__}: {error}")
        return Judged(report, seen, Diagnosis(), f"{report.name}: no diagnosis.", "")
    if seen.right:
        words = f"{report.name}: right in all cases that everybody sees."
    return Judged(report, seen, diagnosis, words, block)


def _without_numbers(finding: Finding) -> Finding:
    """Return a finding about a hidden case; an exception may print its arrays."""
    if finding.kind != "exception":
        return finding
    return finding._replace(words=f"It raises an exception in {NOT_SHOWN}.")


def _head(assignment: Assignment, reports: Sequence[Report], problems: Sequence[str]) -> str:
    """Return what is said above all."""
    points = sum(report.points for report in reports)
    line = f"{assignment.name} {assignment.title}: {points:g} of {assignment.points:g} points."
    return "\n".join([line, *problems])


def _versions() -> dict[str, str]:
    return {
        "cnnlab": __version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }
