"""What grading leaves: a file for each student, as Gradescope reads it, and one for the class."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from cnnlab.files import write_whole
from cnnlab.grading.collection import LeftOut, result_name
from cnnlab.tutor.findings import Diagnosis
from cnnlab.tutor.judging import Report, Scored
from cnnlab.tutor.words import cleaned

__all__ = ["AFTER_DUE_DATE", "Judged", "write_class"]

AFTER_DUE_DATE = "after_due_date"  # as Gradescope says it
CLASS = "class.csv"
FORMULA = "=+-@"  # how cells begin that a spreadsheet computes
LONGEST = 2000  # characters of a cell


class Judged(NamedTuple):
    """What is said of the answer to one question.

    Attributes
    ----------
    report : Report
        All cases and items.
    seen : Report
        The same without the hidden cases.
    diagnosis : Diagnosis
        Of the cases that everybody sees; if these are right, of the hidden ones, without numbers.
    words : str
        The diagnosis for a terminal.
    block : str
        The same in HTML.
    """

    report: Report
    seen: Report
    diagnosis: Diagnosis
    words: str
    block: str = ""


# --- One student ----------------------------------------------------------------------------------


def record_of(
    judged: Sequence[Judged], *, of: float, head: str, seconds: float, extra: dict[str, Any]
) -> dict[str, Any]:
    """Return what ``results.json`` of Gradescope holds, for one submission.

    Parameters
    ----------
    judged : sequence of Judged
        One for each question.
    of : float
        The points that there are.
    head : str
        What is said above all, in a line or a few.
    seconds : float
        How long grading took.
    extra : dict
        What we keep beside it.

    Returns
    -------
    record : dict
        Plain data. The scores of the tests are the score in all.
    """
    tests = [test for one in judged for test in _tests(one)]
    return {
        "score": _number(sum(test["score"] for test in tests)),
        "execution_time": round(seconds, 3),
        "output": head,
        "output_format": "text",
        "stdout_visibility": "hidden",
        "tests": tests,
        "extra_data": {
            **extra,
            "of": _number(of),
            "questions": {one.report.name: _in_short(one) for one in judged},
        },
    }


def _tests(judged: Judged) -> list[dict[str, Any]]:
    """Return the diagnosis of a question as a test without points, then each item with its own."""
    report = judged.report
    question = report.question
    first = {
        "name": f"{report.name}: {question.function}{question.signature}",
        "score": 0,
        "max_score": 0,
        "status": "passed" if judged.seen.right else "failed",
        "output": judged.words,
        "output_format": "text",
        "visibility": "visible",
    }
    return [first, *(_test(judged, scored) for scored in report.items)]


def _test(judged: Judged, scored: Scored) -> dict[str, Any]:
    """Return an item as a test; it is seen later if its points rest on hidden cases."""
    item, report = scored.item, judged.report
    lost = scored.points != item.points
    hidden = any(outcome.case.hidden for outcome in report.outcomes)
    hidden = hidden and not (lost and not judged.seen.right)
    output = [item.words, _why(report, scored)]
    if hidden and lost:
        output += [finding.words for finding in judged.diagnosis.findings]
    return {
        "name": f"{report.name} {item.name}",
        "score": _number(scored.points),
        "max_score": _number(item.points),
        "status": "failed" if lost else "passed",
        "output": "\n".join(filter(None, output)),
        "output_format": "text",
        "visibility": AFTER_DUE_DATE if hidden else "visible",
    }


def _why(report: Report, scored: Scored) -> str:
    """Return why an item has no points, without a word of what is in a hidden case."""
    for outcome in report.outcomes:
        if outcome.fault and outcome.words and outcome.words in scored.words:
            return "wrong in a case that is not shown" if outcome.case.hidden else scored.words
    return scored.words


def _in_short(judged: Judged) -> dict[str, Any]:
    """Return what the class is told of an answer."""
    report, found = judged.report, judged.diagnosis.findings
    problems = [o.answer.problem for o in report.outcomes if o.answer.problem is not None]
    return {
        "points": _number(report.points),
        "of": _number(report.question.points),
        "right": report.right,
        "problem": problems[0].kind if problems else "",
        "findings": [finding._asdict() for finding in found],
        "equation": judged.diagnosis.equation,
        "page": judged.diagnosis.page,
    }


def _number(points: float) -> float | int:
    """Return points as they are written: without a fraction if there is none."""
    return int(points) if float(points).is_integer() else round(float(points), 6)


def shown_as(record: dict[str, Any], visibility: str) -> dict[str, Any]:
    """Return a record in which what rests on hidden cases is seen when `visibility` says."""
    tests = [
        {**test, "visibility": visibility} if test["visibility"] == AFTER_DUE_DATE else test
        for test in record["tests"]
    ]
    extra = record["extra_data"]
    origin = {**extra["made_from"], "hidden_cases": visibility}
    return {**record, "tests": tests, "extra_data": {**extra, "made_from": origin}}


def as_json(record: dict[str, Any]) -> bytes:
    """Return a record as the bytes of a file."""
    return (json.dumps(record, indent=1, allow_nan=False) + "\n").encode()


def kept(out: Path, student: str, made_from: dict[str, Any]) -> dict[str, Any] | None:
    """Return the record of a student if it was made from the same, and its page is there."""
    place = out / result_name(student)
    try:
        record = json.loads(place.with_name(place.name + ".json").read_text("utf-8"))
        same = record["extra_data"]["made_from"] == made_from and record["extra_data"]["graded"]
        page = place.with_name(place.name + ".html").stat().st_size > 0
        _row(record, [])  # reads what the class is told
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return record if same and page and isinstance(record, dict) else None


# --- The class ------------------------------------------------------------------------------------


def write_class(out: Path, records: Sequence[dict[str, Any]], left_out: Iterable[LeftOut]) -> None:
    """Write the table of the class: a row for each student, also for those without a score."""
    first = fullest(records)
    names = [test["name"] for test in first["tests"] if test["max_score"]]
    questions = list(first["extra_data"]["questions"])
    columns: list[str] = []
    for question in questions:
        columns += [question, *(name for name in names if name.startswith(f"{question} "))]
    rows = [_row(record, columns) for record in records]
    for one in left_out:
        if one.student:
            empty = [""] * (len(columns) + 2)
            rows.append([one.student, *empty, f"{one.place}: {one.reason}", "", one.place])
    rows.sort(key=lambda row: str(row[0]))
    written = io.StringIO(newline="")
    table = csv.writer(written, lineterminator="\r\n")
    table.writerow(["student", "score", "of", *columns, "problems", "seconds", "file"])
    table.writerows([_safe(cell) for cell in row] for row in rows)
    write_whole(out / CLASS, written.getvalue().encode())


def fullest(records: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return a record with all tests; one that could not be graded has none."""
    none: dict[str, Any] = {"tests": [], "extra_data": {"questions": {}}}
    return max(records, key=lambda record: len(record["tests"]), default=none)


def _row(record: dict[str, Any], columns: Sequence[str]) -> list[Any]:
    extra = record["extra_data"]
    points = {test["name"]: test["score"] for test in record["tests"]}
    points |= {name: one["points"] for name, one in extra["questions"].items()}
    wrong = [
        f"{name}: {one['problem'] or (one['findings'] or [{'name': 'wrong'}])[0]['name']}"
        for name, one in extra["questions"].items()
        if not one["right"]
    ]
    return [
        extra["student"],
        record["score"] if extra["graded"] else "",
        extra["of"],
        *(points.get(column, "") for column in columns),
        "; ".join([*extra["problems"], *wrong]),
        record["execution_time"],
        extra["file"],
    ]


def _safe(cell: Any) -> Any:
    """Return a cell that a spreadsheet shows and does not compute."""
    if not isinstance(cell, str):
        return cell
    line = cleaned(cell, LONGEST) or ascii(cell)[1:-1]
    first = unicodedata.normalize("NFKC", line)[:1]
    return f"'{line}" if first in FORMULA and first else line
