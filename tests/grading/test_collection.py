"""What is found in a folder of submissions, and what is left out and told."""

import json
import os
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from support.failures import each

from cnnlab.grading import collection
from cnnlab.grading.collection import CollectionError, collect, result_name

STRANGE = {
    "leading dashes": "--out",
    "spaces and umlauts": "Jörg van der Ä",
    "a formula": "=1+1",
    "a dollar": "$(reboot)",
    "another alphabet": "名前",
}


def folder(place, *names):
    """Write an empty submission under each of these names."""
    for name in names:
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# {name}\n", encoding="utf-8")
    return place


def new(place):
    """Make one more folder in a folder."""
    one = place / str(len(list(place.iterdir())))
    one.mkdir()
    return one


def reasons(collected):
    return {one.place: (one.reason, one.student) for one in collected.left_out}


def test_notebooks_files_and_folders_are_named_after_their_student(tmp_path):
    folder(tmp_path, "a.py", "b.ipynb", "c/anything.ipynb", "d/deep/er/x.PY")
    found = collect(tmp_path)
    assert [(one.student, one.file) for one in found.submissions] == [
        ("a", "a.py"), ("b", "b.ipynb"), ("c", "c/anything.ipynb"), ("d", "d/deep/er/x.PY")
    ]  # fmt: skip
    assert found.left_out == []
    assert found.submissions[0].read() == b"# a.py\n"


def test_one_file_may_be_given_alone(tmp_path):
    (one,) = collect(folder(tmp_path, "a.py", "b.py") / "a.py").submissions
    assert (one.student, one.file) == ("a", "a.py")


@each(name=STRANGE)
def test_names_stay_as_they_are(tmp_path, name):
    (one,) = collect(folder(new(tmp_path), f"{name}.py")).submissions
    assert one.student == name
    assert result_name(name) == name


def test_what_is_no_submission_is_told(tmp_path):
    folder(
        tmp_path, "a.py", ".b.py", "notes.txt", "c/__pycache__/c.py", "c/c.ipynb", "__MACOSX/d.py"
    )
    folder(tmp_path, ".ipynb_checkpoints/a-checkpoint.ipynb", "c/.ipynb_checkpoints/c.ipynb")
    (tmp_path / "empty").mkdir()
    found = collect(tmp_path)
    assert [one.student for one in found.submissions] == ["a", "c"]
    assert reasons(found) == {
        ".b.py": ("is hidden", ""),
        ".ipynb_checkpoints": ("is hidden", ""),
        "__MACOSX": ("was left by a tool", ""),
        "c/.ipynb_checkpoints": ("is hidden", ""),
        "c/__pycache__": ("was left by a tool", ""),
        "empty": ("holds no notebook and no .py file", "empty"),
        "notes.txt": ("is neither a notebook nor a .py file", ""),
    }


@each(
    names={
        "in a folder": ("a/x.py", "a/y.ipynb"),
        "side by side": ("a.py", "a.ipynb"),
        "a file and a folder": ("a.py", "a/x.py"),
        "another case": ("a.py", "A.py"),
        "composed in another way": ("ä.py", "a\N{COMBINING DIAERESIS}.py"),
    }
)
def test_of_two_files_of_a_student_none_is_graded(tmp_path, names):
    found = collect(folder(new(tmp_path), *names, "b.py"))
    assert [one.student for one in found.submissions] == ["b"]
    (left,) = found.left_out
    assert left.student
    assert left.reason == "2 files of one student; leave the one that counts"
    assert all(name in left.place for name in names)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_links_and_pipes_are_not_opened(tmp_path):
    secret = folder(tmp_path / "elsewhere", "secret.py") / "secret.py"
    place = folder(tmp_path / "here", "a.py")
    (place / "link.py").symlink_to(secret)
    (place / "loop").symlink_to(place / "loop")
    (place / "linked").symlink_to(secret.parent)
    os.mkfifo(place / "pipe.py")
    found = collect(place)
    assert [one.student for one in found.submissions] == ["a"]
    told = {place: reason for place, (reason, _) in reasons(found).items()}
    assert told.pop("pipe.py") == "is no regular file"
    assert set(told) == {"link.py", "loop", "linked"}
    assert all(reason.startswith("is a link") for reason in told.values())


def test_what_cannot_be_read_is_told(tmp_path, monkeypatch):
    folder(tmp_path, "a.py", "large.py")
    (tmp_path / "large.py").write_bytes(b"#" * 100)
    monkeypatch.setattr(collection, "LARGEST", 50)
    found = collect(tmp_path)
    assert [one.student for one in found.submissions] == ["a"]
    reason, student = reasons(found)["large.py"]
    assert student == "large"
    assert reason.startswith("no score, too large: it has ")


def test_a_notebook_is_measured_without_its_outputs(tmp_path):
    folder(tmp_path, "code.py")
    (tmp_path / "code.py").write_bytes(b"#" * 2_000_001)
    for name, long in ("outputs", "x = 1"), ("long", "#" * 2_000_001):
        output = {"output_type": "stream", "name": "stdout", "text": ["x" * 3_000_000]}
        cell = {"cell_type": "code", "source": [long], "outputs": [output]}
        (tmp_path / f"{name}.ipynb").write_text(json.dumps({"cells": [cell]}))
    found = collect(tmp_path)
    assert [one.student for one in found.submissions] == ["outputs"]
    told = "no score, too large: it has 2.0 MB without its outputs, and a submission may have 2 MB"
    assert {reason for reason, _ in reasons(found).values()} == {told}
    assert {student for _, student in reasons(found).values()} == {"code", "long"}


def test_the_results_are_no_submissions(tmp_path):
    folder(tmp_path, "a.py", "results/a.py")
    found = collect(tmp_path, apart_from=tmp_path / "results")
    assert [one.file for one in found.submissions] == ["a.py"]


def test_a_submission_that_changes_is_not_graded(tmp_path):
    (one,) = collect(folder(tmp_path, "a.py")).submissions
    (tmp_path / "a.py").write_text("other")
    with pytest.raises(CollectionError, match="is not what it was when grading began"):
        one.read()


def test_nothing_to_grade(tmp_path):
    with pytest.raises(CollectionError, match="there is no folder"):
        collect(tmp_path / "no")
    with pytest.raises(CollectionError, match="results would lie among them"):
        collect(tmp_path, apart_from=tmp_path)
    with pytest.raises(CollectionError, match="there is no submission in"):
        collect(folder(tmp_path, "notes.txt"))


@each(
    student={
        "upward": "../../x",
        "another drive": "c:\\x",
        "index": "Index",
        "a device": "nul.x",
        "dots": "..",
        "hidden": ".bashrc",
        "a line": "a\nb",
        "an escape": "\x1b[31m",
        "right to left": "a\N{RIGHT-TO-LEFT OVERRIDE}b",
        "no letters of this system": "\udcff",
        "long": "ä" * 300,
        "empty": "",
    }
)
def test_the_name_of_a_result_is_never_a_path(student):
    name = result_name(student)
    for kind in (PurePosixPath, PureWindowsPath):
        path = kind("results") / f"{name}.json"
        assert path.parent == kind("results")
        assert path.name == f"{name}.json"
    assert not name.startswith(".")
    assert len(f".{name}.json-unfinished-12345678".encode()) < 255
    assert name.encode()
    assert result_name(f"{student}x") != name
    assert name.casefold() not in ("index", "nul.x")


def test_names_that_become_alike_stay_apart(tmp_path):
    names = [result_name(name) for name in ("a/b", "a:b", "a_b", "a\nb")]
    assert len(set(names)) == 4
    for name in names:
        Path(tmp_path, name).touch()
