"""A class is graded: each once, kept, gone on with, whatever happens meanwhile."""

import csv
import hashlib
import json
import os
import signal
import threading
from collections import Counter
from concurrent.futures import BrokenExecutor, ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from support.classes import B1, RIGHT, hand_in

from cnnlab.grading import classroom, executors
from cnnlab.grading.collection import collect
from cnnlab.grading.grading import Graded, made_from
from cnnlab.grading.limits import Limits

TEN = {f"student-{k:03}": RIGHT for k in range(1, 11)}


def graded(handout, student, content, seed, limits):
    """Stand for `grade_one`: a record without questions, at once."""
    origin = made_from(handout, hashlib.sha256(content.data).hexdigest(), limits)
    extra = {"student": student, "file": content.file, "assignment": "B1", "of": 100}
    extra |= {"graded": True, "problems": [], "isolation": [], "questions": {}, "seed": seed}
    record = {"score": 100, "execution_time": 0.1, "tests": [], "output": ""}
    return Graded({**record, "extra_data": {**extra, "made_from": origin}}, f"<p>{student}</p>")


@pytest.fixture
def counted(monkeypatch):
    """Count how often each student is graded, by something that takes no time."""
    count = Counter()

    def counting(handout, student, *rest):
        count[student] += 1
        return graded(handout, student, *rest)

    monkeypatch.setattr(classroom, "grade_one", counting)
    return count


def grade(folder, out, **options):
    given = {"executor": executors.here, "ahead": 2, "seed": 1, "limits": Limits(), **options}
    return classroom.grade_class(B1, collect(folder), out, **given)


def table(out):
    with open(out / "class.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def files(out):
    return sorted(path.name for path in out.iterdir())


def test_each_student_gets_a_record_and_a_page(tmp_path, counted):
    seen = []
    result = grade(
        hand_in(tmp_path / "in", a="1", b="2"),
        tmp_path / "out",
        ahead=1,
        told=lambda record, number, of: seen.append((record["extra_data"]["student"], number, of)),
    )
    assert seen == [("a", 1, 2), ("b", 2, 2)]
    assert [record["score"] for record in result.records] == [100, 100]
    assert files(tmp_path / "out") == [
        "a.html", "a.json", "b.html", "b.json", "class.csv", "index.html"
    ]  # fmt: skip
    assert json.loads((tmp_path / "out" / "a.json").read_text("utf-8")) == result.records[0]
    assert (tmp_path / "out" / "a.html").read_text("utf-8") == "<p>a</p>"


def test_what_is_the_same_is_kept(tmp_path, counted):
    place, out = hand_in(tmp_path / "in", a="1", b="2"), tmp_path / "out"
    grade(place, out)
    hand_in(place, b="3", c="4")
    result = grade(place, out, seed=2)
    assert (counted, result.kept) == ({"a": 1, "b": 2, "c": 1}, 1)
    assert [record["extra_data"]["seed"] for record in result.records] == [1, 2, 2]
    assert [row["student"] for row in table(out)] == ["a", "b", "c"]
    grade(place, out, again=True)
    assert counted == {"a": 2, "b": 3, "c": 2}


@pytest.mark.parametrize(
    ("change", "value"),
    [("limits", Limits(total=5)), ("visibility", "hidden")],
)
def test_what_was_graded_otherwise_is_graded_again(tmp_path, counted, change, value):
    place, out = hand_in(tmp_path / "in", a="1"), tmp_path / "out"
    grade(place, out)
    grade(place, out, **{change: value})
    grade(place, out, **{change: value})
    assert counted == {"a": 2}


@pytest.mark.parametrize("name", ["a.json", "a.html"])
@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", None])
def test_what_is_broken_is_graded_again(tmp_path, counted, name, content):
    place, out = hand_in(tmp_path / "in", a="1"), tmp_path / "out"
    grade(place, out)
    (out / name).unlink()
    if content is not None:
        (out / name).write_bytes(content)
    grade(place, out)
    assert counted["a"] == 2 or (name, content) in [("a.html", b"{}"), ("a.html", b"\xff")]


def test_another_assignment_is_graded_again(tmp_path, counted):
    place, out = hand_in(tmp_path / "in", a="1"), tmp_path / "out"
    grade(place, out)
    other = B1._replace(source=B1.source + b"\n# other\n")
    options = {"executor": executors.here, "ahead": 1, "seed": 1, "limits": Limits()}
    classroom.grade_class(other, collect(place), out, **options)
    assert counted == {"a": 2}


def test_an_interrupt_leaves_whole_files_and_goes_on(tmp_path, counted):
    place, out = hand_in(tmp_path / "in", a="1", b="2", c="3"), tmp_path / "out"

    def interrupt(record, number, of):
        if number == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        grade(place, out, ahead=1, told=interrupt)
    assert [row["student"] for row in table(out)] == ["a", "b"]
    (out / ".c.json-unfinished-x").touch()  # as from a process that was killed
    assert len(grade(place, out).records) == 3
    assert counted == {"a": 1, "b": 1, "c": 1}
    assert not [name for name in files(out) if "unfinished" in name or "lock" in name]


def test_one_grading_in_a_folder(tmp_path, counted):
    place, out = hand_in(tmp_path / "in", a="1"), tmp_path / "out"
    met = []

    def elsewhere():
        with pytest.raises(ValueError, match="another grading is at work in .*; wait until"):
            grade(place, out)
        met.append(True)

    with classroom.only_grading(out):
        other = threading.Thread(target=elsewhere)
        other.start()
        other.join()
    assert met
    assert len(grade(place, out).records) == 1


def test_a_folder_that_takes_no_files(tmp_path, counted):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="nothing can be written into .*; pass --out FOLDER"):
        grade(hand_in(tmp_path / "in", a="1"), tmp_path / "file" / "out")


def test_results_that_somebody_changes_are_written_again(tmp_path, counted):
    place, out = hand_in(tmp_path / "in", a="1", b="2"), tmp_path / "out"

    def forge(record, number, of):
        if number == 2:
            (out / "a.json").write_text('{"score": 1000}')
            (out / "b.html").unlink()

    result = grade(place, out, told=forge)
    assert sorted(result.changed) == ["a.json", "b.html"]
    assert json.loads((out / "a.json").read_text("utf-8"))["score"] == 100
    assert (out / "b.html").read_text("utf-8") == "<p>b</p>"


def test_a_submission_that_is_gone_stops_nobody(tmp_path, counted):
    place = hand_in(tmp_path / "in", a="1", b="2", c="3")
    found = collect(place)
    (place / "b.py").unlink()
    options = {"executor": executors.here, "ahead": 1, "seed": 1, "limits": Limits()}
    result = classroom.grade_class(B1, found, tmp_path / "out", **options)
    assert [record["extra_data"]["student"] for record in result.records] == ["a", "c"]
    assert [one.student for one in result.late] == ["b"]
    assert [row["score"] for row in table(tmp_path / "out")] == ["100", "", "100"]


@contextmanager
def fragile(poison):
    """Open an executor that breaks when it comes to a student, and takes all that wait along."""
    broken = threading.Event()

    def task(function, handout, student, *rest):
        if student == poison:
            broken.set()
        if broken.is_set():
            raise BrokenExecutor
        return function(handout, student, *rest)

    class Workers(ThreadPoolExecutor):
        def submit(self, *given):
            if broken.is_set():
                raise BrokenExecutor
            return super().submit(task, *given)

    with Workers(1) as workers:
        yield workers


def test_who_is_lost_is_graded_again_and_who_kills_is_left_out(tmp_path, counted):
    place, out = hand_in(tmp_path / "in", **TEN), tmp_path / "out"
    result = grade(place, out, executor=lambda: fragile("student-004"), ahead=3)
    assert [one.student for one in result.late] == ["student-004"]
    words = "was given to 3 workers, and none could grade it (BrokenExecutor())"
    assert result.late[0].reason == words
    others = sorted(set(TEN) - {"student-004"})
    assert [record["extra_data"]["student"] for record in result.records] == others
    assert counted == dict.fromkeys(others, 1)


@pytest.mark.slow
def test_a_cluster_loses_a_worker(tmp_path):
    """Each submission is graded once, although one of two workers is killed midway."""
    pytest.importorskip("distributed", reason="Dask is not installed: extra cluster")
    codes = {f"student-{k}": RIGHT for k in range(6)}
    place, out = hand_in(tmp_path / "in", **codes), tmp_path / "out"
    workers, killed, seen = [], [], Counter()

    @contextmanager
    def opened():
        with executors.cluster(None, 2) as executor:
            workers.append(executor.submit(os.getpid).result())
            yield executor

    def told(record, number, of):
        seen[record["extra_data"]["student"]] += 1
        if not killed:
            killed.append(workers[0])
            os.kill(killed[0], signal.SIGKILL)

    result = grade(place, out, executor=opened, ahead=6, told=told)
    assert killed
    assert seen == dict.fromkeys(codes, 1)
    assert [row["score"] for row in table(out)] == ["100"] * len(codes)
    assert not result.left_out
