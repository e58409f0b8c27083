"""One submission is graded: what goes in and comes out is plain data."""

import json
import pickle

import pytest
from support.classes import B1, RIGHT, content

import cnnlab
from cnnlab.grading.grading import Content, Handout, grade_one, made_from, opened
from cnnlab.grading.limits import Limits


def test_what_goes_in_and_comes_out_can_be_sent():
    task = pickle.loads(pickle.dumps((grade_one, B1, "a", content(RIGHT), 7, Limits())))
    graded = task[0](*task[1:])
    assert pickle.loads(pickle.dumps(graded)) == graded
    assert json.loads(json.dumps(graded.record)) == graded.record
    assert graded.record["score"] == 100
    assert "100</strong> of 100 points" in graded.page
    extra = graded.record["extra_data"]
    assert (extra["seed"], extra["student"], extra["graded"]) == (7, "a", True)
    assert extra["versions"]["cnnlab"] == cnnlab.__version__
    assert extra["isolation"]
    assert len(extra["made_from"]["submission"]) == 64


def test_a_broken_file_is_graded():
    for name, data in {"a.py": b"\xff\xfe\x00def f(:", "a.ipynb": b"{"}.items():
        graded = grade_one(B1, "a", Content(name, data), 1, Limits())
        assert graded.record["score"] == 0
        assert graded.record["extra_data"]["graded"]


def test_a_fault_of_ours_is_told_and_is_no_grade(monkeypatch):
    def broken(*given):
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr("cnnlab.grading.grading.Isolated", broken)
    record = grade_one(B1, "a", content(RIGHT), 1, Limits()).record
    assert not record["extra_data"]["graded"]
    assert record["extra_data"]["problems"] == [
        "could not be graded: RuntimeError: a fault of ours"
    ]


def test_points_stay_where_a_diagnosis_fails(monkeypatch):
    def broken(*given):
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr("cnnlab.grading.grading.explain", broken)
    record = grade_one(B1, "a", content(RIGHT), 1, Limits()).record
    assert (record["score"], record["extra_data"]["graded"]) == (100, True)
    words = "B1.columns has no diagnosis: RuntimeError: a fault of ours"
    assert record["extra_data"]["problems"] == [words]


def test_questions_that_count():
    one = opened(Handout("A4", None, ("scatter", "A4.gather", "scatter")))
    assert [question.name for question in one.questions] == ["scatter", "gather"]
    with pytest.raises(ValueError, match="grade: no --question 'gater'; choose gather"):
        opened(Handout("A4", None, ("gater",)))
    with pytest.raises(ValueError, match="grade: no assignment 'A4.gather'; choose (one of )?A"):
        opened(Handout("A4.gather"))


def test_what_a_result_depends_on():
    origin = made_from(B1, "0", Limits())
    others = [
        made_from(B1, "1", Limits()),
        made_from(B1, "0", Limits(total=1)),
        made_from(B1._replace(source=B1.source + b"\n"), "0", Limits()),
        made_from(B1._replace(questions=("columns",)), "0", Limits()),
        made_from(Handout("A4"), "0", Limits()),
    ]
    assert all(other != origin for other in others)
    assert made_from(B1, "0", Limits()) == origin
