"""Records as Gradescope reads them, and the table of the class."""

import csv
import io
import json

import numpy as np
import pytest
from support.failures import each

from cnnlab.grading import results
from cnnlab.grading.collection import LeftOut
from cnnlab.grading.results import Judged, as_json, record_of, shown_as, write_class
from cnnlab.operations import Call
from cnnlab.tutor.answers import Answer
from cnnlab.tutor.findings import Diagnosis, Finding
from cnnlab.tutor.judging import judge
from cnnlab.tutor.questions import Case, Item, Question

FINDING = Finding("sign", "minus", "Every entry has the wrong sign.")


def cases(rng):
    yield Case("values", "two numbers", Call((np.array([1.0, 2.0]),), {}))
    yield Case("values", "five numbers", Call((rng.standard_normal(5),), {}))
    yield Case("edges", "no numbers", Call((np.zeros(0),), {}))
    yield Case("edges", "many numbers", Call((rng.standard_normal(9),), {}))


QUESTION = Question(
    name="total",
    function="total",
    signature="(X)",
    words="The sum of X.",
    items=(Item("values", 60, "right sums"), Item("edges", 2.5, "none and many")),
    cases=cases,
    right=lambda X: float(X.sum()),
    returns=("S",),
    equation="",
    page="",
)


def judged(function, diagnosis=Diagnosis((FINDING,))):  # noqa: B008
    def ask(name, call):
        return Answer(function(*call.arguments))

    report = judge("T1.total", QUESTION, ask, seed=1)
    from dataclasses import replace

    seen = replace(report, outcomes=[o for o in report.outcomes if not o.case.hidden])
    return Judged(report, seen, diagnosis, "what the tutor says")


def memorized(X):
    """Right for what everybody sees."""
    known = [case.call.arguments[0] for case in cases(np.random.default_rng(SEEN))]
    return float(X.sum()) if any(np.array_equal(X, one) for one in known) else -float(X.sum())


def record(*functions, **extra):
    given = {"student": "a", "file": "a.py", "problems": [], "made_from": {}, "graded": True}
    return record_of(
        [judged(function) for function in functions],
        of=62.5,
        head="T1",
        seconds=1.23456,
        extra=given | extra,
    )


def shown(record):
    return {test["name"]: test for test in record["tests"]}


from cnnlab.tutor.judging import SEED as SEEN  # noqa: E402


def test_right():
    one = record(lambda X: float(X.sum()))
    assert one["score"] == 62.5
    assert one["execution_time"] == 1.235
    tests = shown(one)
    assert [(test["score"], test["max_score"], test["status"]) for test in one["tests"]] == [
        (0, 0, "passed"), (60, 60, "passed"), (2.5, 2.5, "passed")
    ]  # fmt: skip
    assert tests["T1.total: total(X)"]["output"] == "what the tutor says"
    assert tests["T1.total values"]["visibility"] == "after_due_date"
    assert tests["T1.total values"]["output"] == "right sums"


def test_every_test_has_what_gradescope_reads():
    one = json.loads(as_json(record(lambda X: 1.0)))
    keys = {"name", "score", "max_score", "status", "output", "output_format", "visibility"}
    assert all(set(test) == keys for test in one["tests"])
    assert one["score"] == sum(test["score"] for test in one["tests"])
    assert {"score", "execution_time", "output", "tests", "extra_data"} <= set(one)


def test_what_is_seen_to_be_wrong_is_shown_at_once():
    tests = shown(record(lambda X: 0.0))
    assert tests["T1.total: total(X)"]["status"] == "failed"
    assert tests["T1.total values"]["visibility"] == "visible"
    assert "two numbers" in tests["T1.total values"]["output"]


def test_hidden_cases_are_not_told():
    one = record(memorized)
    tests = shown(one)
    assert tests["T1.total: total(X)"]["status"] == "passed"
    values = tests["T1.total values"]
    assert (values["score"], values["visibility"]) == (0, "after_due_date")
    assert values["output"] == (
        "right sums\nwrong in a case that is not shown\nEvery entry has the wrong sign."
    )
    assert tests["T1.total edges"]["score"] == 0


@each(visibility=["after_due_date", "after_published", "hidden", "visible"])
def test_when_hidden_cases_are_shown_is_chosen(visibility):
    tests = shown(shown_as(record(memorized), visibility))
    assert tests["T1.total values"]["visibility"] == visibility
    assert tests["T1.total: total(X)"]["visibility"] == "visible"


@pytest.fixture
def table(tmp_path):
    """Write the table of a class; return its rows."""

    def rows(records, left_out=()):
        write_class(tmp_path, records, left_out)
        text = (tmp_path / results.CLASS).read_bytes().decode()
        assert text.count("\r\n") == text.count("\n")
        return list(csv.DictReader(io.StringIO(text, newline="")))

    return rows


def test_the_table_has_a_row_for_each_student(table):
    right = record(lambda X: float(X.sum()), student="b", file="b.py")
    left_out = [LeftOut("c", "holds no notebook", "c"), LeftOut("x", "")]
    rows = table([right, record(memorized)], left_out)
    assert list(rows[0]) == [
        "student", "score", "of", "T1.total", "T1.total values", "T1.total edges", "problems",
        "seconds", "file",
    ]  # fmt: skip
    assert [row["student"] for row in rows] == ["a", "b", "c"]
    assert [row["score"] for row in rows] == ["0", "62.5", ""]
    assert [row["T1.total edges"] for row in rows] == ["0", "2.5", ""]
    assert [row["problems"] for row in rows] == ["T1.total: minus", "", "c: holds no notebook"]


@each(start=["=", "+", "-", "@", "\t", "\r", "\n", "  =", "\N{FULLWIDTH EQUALS SIGN}"])
def test_a_spreadsheet_computes_nothing(table, start):
    name = f"{start}cmd|' /C calc'!A0"
    (row,) = table([record(memorized, student=name, problems=[name], file=name)])
    for cell in (row["student"], row["problems"], row["file"]):
        assert cell.startswith("'") == (not start.isspace())
        assert cell.removeprefix("'") == cell.strip().lstrip("'")
        assert "cmd|" in cell


def test_letters_of_no_alphabet(table):
    (row,) = table([record(memorized, student="\udcff", file="\0.py")])
    assert (row["student"], row["file"]) == ("\\udcff", ".py")


def test_who_could_not_be_graded_has_no_score(table):
    failed = record(student="0", graded=False, problems=["could not be graded"])
    rows = table([failed, record(memorized)])
    assert [row["score"] for row in rows] == ["", "0"]
    assert [row["T1.total values"] for row in rows] == ["", "0"]


def test_nobody(table):
    assert table([], [LeftOut("a", "holds no notebook", "a")])[0]["student"] == "a"
