"""Pages of results: one for each student and one for the class. Each is a file that needs no other.

Whatever came from a student is escaped here or where it was made.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files
from typing import Any
from urllib.parse import quote

from cnnlab.grading.collection import LeftOut, result_name
from cnnlab.tutor.questions import Assignment
from cnnlab.tutor.words import cleaned

__all__ = ["class_page", "report_page"]

ELSEWHERE = re.compile(r'<a href="\.\./[^"]*">(.*?)</a>')  # to the course, which is not beside it
MOST = 20  # diagnoses that the page of a class shows
NOTICE = "Limits of a process are not a container. The guide for instructors says how to use one."


def report_page(record: dict[str, Any], assignment: Assignment, told: Sequence[str]) -> str:
    """Return the page of a student.

    Parameters
    ----------
    record : dict
        What `cnnlab.grading.results.record_of` returns.
    assignment : Assignment
        What was asked.
    told : sequence of str
        For each question its diagnosis in HTML.

    Returns
    -------
    page : str
        A whole document, in HTML.
    """
    extra = record["extra_data"]
    parts = [
        f"<h1>{_shown(extra['student'])}</h1>",
        f"<p>{escape(assignment.name)} {escape(assignment.title)}</p>",
        f'<p class="score"><strong>{record["score"]:g}</strong> of {extra["of"]:g} points</p>',
    ]
    parts += [f'<p class="wrong">{_shown(problem)}</p>' for problem in extra["problems"]]
    for question, diagnosis in zip(assignment.questions, told, strict=False):
        name = f"{assignment.name}.{question.name}"
        points, of = (extra["questions"][name][key] for key in ("points", "of"))
        code = escape(question.function + question.signature)
        parts.append(f"<h2>{escape(name)}: {points:g} of {of:g}</h2>")
        parts.append(f"<p><code>{code}</code><br>{escape(question.words)}</p>")
        parts.append(_items(name, [t for t in record["tests"] if t["name"].startswith(f"{name} ")]))
        parts.append(ELSEWHERE.sub(r"\1", diagnosis))
    isolation = "; ".join(extra["isolation"])
    versions = ", ".join(f"{name} {version}" for name, version in extra["versions"].items())
    parts.append(
        f"<footer><p>{_shown(extra['file'])}, SHA-256 {extra['made_from']['submission'][:16]}, "
        f"graded in {record['execution_time']:.1f} s with {escape(versions)}.</p>"
        f"<p>{escape(isolation)}. {NOTICE}</p></footer>"
    )
    return _page(f"{assignment.name}: {extra['student']}", parts)


def _items(name: str, tests: Iterable[dict[str, Any]]) -> str:
    """Return the items of a question as a table."""
    rows = []
    for test in tests:
        right = test["status"] == "passed"
        words = "<br>".join(map(escape, test["output"].split("\n")))
        kind, sign = ("right", "✓") if right else ("wrong", "✗")
        rows.append(
            f'<tr><td class="mark {kind}">{sign} {kind}'
            f"</td><td><strong>{escape(test['name'].removeprefix(name + ' '))}</strong><br>{words}"
            f'</td><td class="number">{test["score"]:g} of {test["max_score"]:g}</td></tr>'
        )
    head = '<tr><th></th><th>item</th><th class="number">points</th></tr>'
    return f'<div class="wide"><table>{head}{"".join(rows)}</table></div>'


def class_page(records: Sequence[dict[str, Any]], left_out: Iterable[LeftOut]) -> str:
    """Return the page of a class: what to explain again, and each student with a link."""
    parts = ["<h1>The class</h1>"]
    graded = [record for record in records if record["extra_data"]["graded"]]
    if graded:
        extra = graded[0]["extra_data"]
        scores = sorted(record["score"] for record in graded)
        middle = (scores[(len(scores) - 1) // 2] + scores[len(scores) // 2]) / 2
        parts.append(
            f"<p>{escape(extra['assignment'])}: {len(graded)} graded, from {scores[0]:g} to "
            f"{scores[-1]:g} of {extra['of']:g} points, the median is {middle:g}.</p>"
        )
        parts += [_diagnoses(graded), _earned(graded)]
    parts.append(_students(records, left_out))
    parts.append(f"<footer><p>{NOTICE}</p></footer>")
    return _page("The class", parts)


def _diagnoses(records: Sequence[dict[str, Any]]) -> str:
    """Return what is wrong most often."""
    students: Counter[tuple[str, str]] = Counter()
    questions: dict[tuple[str, str], list[str]] = defaultdict(list)
    for record in records:
        found = set()
        for name, one in record["extra_data"]["questions"].items():
            for finding in one["findings"][:1]:  # the surest
                key = finding["name"], finding["words"]
                found.add(key)
                if name not in questions[key]:
                    questions[key].append(name)
        students.update(found)
    if not students:
        return ""
    ordered = sorted(students, key=lambda key: (-students[key], key))
    rows = [
        f'<tr><td class="number">{students[key]}</td><td>{escape(key[1])}<br>'
        f"{escape(', '.join(questions[key]))}</td></tr>"
        for key in ordered[:MOST]
    ]
    head = '<tr><th class="number">students</th><th>diagnosis, and where</th></tr>'
    table = f'<div class="wide"><table>{head}{"".join(rows)}</table></div>'
    return f"<h2>What to explain again</h2>{table}"


def _earned(records: Sequence[dict[str, Any]]) -> str:
    """Return how many earned each item."""
    rows = []
    for test in records[0]["tests"]:
        if not test["max_score"]:
            continue
        name = test["name"]
        passed = sum(
            other["status"] == "passed"
            for record in records
            for other in record["tests"]
            if other["name"] == name
        )
        rows.append(
            f'<tr><td>{escape(name)}</td><td class="number">{passed} of {len(records)}</td><td>'
            f'<meter max="{len(records)}" value="{passed}">{passed}</meter></td></tr>'
        )
    head = '<tr><th>item</th><th class="number">earned by</th><th></th></tr>'
    table = f'<div class="wide"><table>{head}{"".join(rows)}</table></div>'
    return f"<h2>Who earned what</h2>{table}"


def _students(records: Sequence[dict[str, Any]], left_out: Iterable[LeftOut]) -> str:
    """Return a row for each student, and then what was left out."""
    rows = []
    for record in records:
        extra = record["extra_data"]
        address = quote(result_name(extra["student"]) + ".html", errors="backslashreplace")
        problems = _shown("; ".join(extra["problems"]))
        score = f"{record['score']:g}" if extra["graded"] else "-"
        rows.append(
            f'<tr><td><a href="./{address}">{_shown(extra["student"])}</a></td>'
            f'<td class="number">{score}</td><td>{problems}</td></tr>'
        )
    for one in left_out:
        who = one.student or one.place
        reason = f"{one.place}: {one.reason}" if one.student else one.reason
        rows.append(
            f'<tr><td>{_shown(who)}</td><td class="number">-</td><td>{_shown(reason)}</td></tr>'
        )
    head = '<tr><th>student</th><th class="number">score</th><th>problems</th></tr>'
    table = f'<div class="wide"><table>{head}{"".join(rows)}</table></div>'
    return f"<h2>Students</h2>{table}"


def _shown(text: str) -> str:
    """Return words that may hold a name of somebody's own: cleaned as for a terminal, escaped."""
    return escape(cleaned(text, 2000))


def _page(title: str, parts: Iterable[str]) -> str:
    """Return a whole document."""
    style = files("cnnlab.grading").joinpath("pages.css").read_text("utf-8")
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'; img-src data:\">\n"
        f"<title>{_shown(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(filter(None, parts))
        + "\n</main>\n</body>\n</html>\n"
    )
