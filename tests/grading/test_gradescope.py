"""The zip for Gradescope: unpacked, set up and run in a folder that plays theirs."""

import hashlib
import json
import os
import subprocess
import sys
import zipfile
from importlib import metadata

import pytest
from support.book import ROOT
from support.classes import B1, RIGHT, STUDENTS

import cnnlab
from cnnlab.grading import gradescope
from cnnlab.grading.gradescope import grade_there, write_zip
from cnnlab.grading.grading import Handout
from cnnlab.grading.limits import Limits

OPTIONS = {"limits": Limits(total=30), "visibility": "hidden"}


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    path = tmp_path_factory.mktemp("zip") / "B1.zip"
    write_zip(B1, path, **OPTIONS)
    return path


@pytest.fixture
def autograder(archive, tmp_path):
    """Unpack the zip as Gradescope does."""
    root = tmp_path / "autograder of a course"
    (root / "submission").mkdir(parents=True)
    with zipfile.ZipFile(archive) as zipped:
        zipped.extractall(root / "source")
    (root / "run_autograder").write_bytes((root / "source" / "run_autograder").read_bytes())
    return root


def test_what_is_in_it(archive):
    with zipfile.ZipFile(archive) as zipped:
        modes = {info.filename: info.external_attr >> 16 for info in zipped.infolist()}
        lines = zipped.read("constraints.txt").decode().splitlines()
    name = f"cnnlab-{cnnlab.__version__}-py3-none-any.whl"
    assert set(modes) == {
        "setup.sh", "run_autograder", "settings.json", "constraints.txt", "B1.py", name
    }  # fmt: skip
    assert [name for name, mode in modes.items() if mode & 0o111] == ["setup.sh", "run_autograder"]
    assert f"numpy=={metadata.version('numpy')}" in lines
    assert not [line for line in lines if "://" in line]


def test_the_same_bytes_each_time(archive, tmp_path):
    write_zip(B1, tmp_path / "again.zip", **OPTIONS)
    assert (tmp_path / "again.zip").read_bytes() == archive.read_bytes()


def test_the_wheel_is_one(autograder):
    (path,) = (autograder / "source").glob("*.whl")
    with zipfile.ZipFile(path) as wheel:
        names = wheel.namelist()
        record = next(name for name in names if name.endswith(".dist-info/RECORD"))
        rows = [line.rsplit(",", 2) for line in wheel.read(record).decode().splitlines()]
        assert [row[0] for row in rows] == names
        for name, digest, size in rows[:-1]:
            content = wheel.read(name)
            assert len(content) == int(size)
            kind, _, expected = digest.partition("=")
            found = hashlib.new(kind, content).digest()
            import base64

            assert base64.urlsafe_b64encode(found).decode().rstrip("=") == expected
    assert "cnnlab/fast/conv.py" in names
    assert "cnnlab/grading/pages.css" in names
    tracked = ["git", "ls-files", "cnnlab"]
    files = subprocess.run(tracked, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert set(files.split()) <= set(names)
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc")]


def test_without_an_installed_package_it_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr(cnnlab, "__version__", "9.9")
    with pytest.raises(ValueError, match="cnnlab 9.9 runs, but .* is installed.*`pip install .`"):
        write_zip(B1, tmp_path / "B1.zip", **OPTIONS)


# What setup.sh finds on its path: it makes an environment of the packages that are here, and
# installs a wheel by unpacking it.
STAND_IN = """
import os, sys, zipfile
if sys.argv[1] == "-c":
    sys.exit(0)
if sys.argv[1:3] == ["-m", "venv"]:
    os.makedirs(sys.argv[3] + "/bin")
    os.symlink("{command}", sys.argv[3] + "/bin/python")
elif sys.argv[1:3] == ["-m", "pip"]:
    assert sys.argv[3:6] == ["install", "--no-compile", "-c"], sys.argv
    assert open(sys.argv[6]).read().count("==") > 5
    zipfile.ZipFile(sys.argv[7]).extractall("{place}")
else:
    os.environ["PYTHONPATH"] = "{place}"
    os.execv("{python}", ["{python}", *sys.argv[1:]])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Gradescope's machines have a shell")
def test_it_sets_up_and_grades(autograder, tmp_path):
    stand_in = tmp_path / "bin" / "python3.13"
    stand_in.parent.mkdir()
    script = stand_in.with_suffix(".py")
    places = {"python": sys.executable, "place": tmp_path / "installed", "command": stand_in}
    script.write_text(STAND_IN.format(**places))
    # A shell, because the way to Python may hold a space, which "#!" does not allow.
    stand_in.write_text(f'#!/bin/sh\nexec "{sys.executable}" -S "{script}" "$@"\n')
    stand_in.chmod(0o755)
    environment = {**os.environ, "PATH": f"{stand_in.parent}:{os.environ['PATH']}"}
    environment.pop("PYTHONPATH", None)
    (autograder / "submission" / "Anna.py").write_text(RIGHT)
    for script in ("source/setup.sh", "run_autograder"):
        command = ["sh", str(autograder / script)]
        done = subprocess.run(command, cwd="/", env=environment, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
    results = json.loads((autograder / "results" / "results.json").read_text("utf-8"))
    assert results["score"] == 100
    assert {test["visibility"] for test in results["tests"]} == {"visible", "hidden"}
    limits = results["extra_data"]["made_from"]["limits"]
    assert limits["total"] == 30


def graded(root):
    grade_there(root)
    return json.loads((root / "results" / "results.json").read_text("utf-8"))


def test_one_file_is_needed(autograder):
    words = "Hand in one notebook or .py file; what came is none."
    assert graded(autograder)["output"] == words
    for name in ("a.py", "b.py"):
        (autograder / "submission" / name).write_text(STUDENTS["student-002.py"])
    assert graded(autograder)["output"].endswith("what came is a.py, b.py.")
    assert graded(autograder)["score"] == 0


def test_what_cannot_be_graded_has_no_score(autograder, monkeypatch):
    def broken(*given):
        raise RuntimeError("a fault of ours")

    (autograder / "submission" / "a.py").write_text(RIGHT)
    monkeypatch.setattr("cnnlab.grading.grading.Isolated", broken)
    with pytest.raises(SystemExit, match="could not be graded: RuntimeError: a fault of ours"):
        grade_there(autograder)
    assert not (autograder / "results" / "results.json").exists()


def test_one_of_the_course(tmp_path):
    write_zip(Handout("A4"), tmp_path / "A4.zip", **OPTIONS)
    with zipfile.ZipFile(tmp_path / "A4.zip") as zipped:
        assert json.loads(zipped.read("settings.json"))["name"] == "A4"
        assert "A4" not in zipped.namelist()


def test_the_names_are_those_of_gradescope():
    assert "/autograder" not in gradescope.RUN
    assert "results/results.json" in gradescope.RUN
