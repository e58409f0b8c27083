"""The page *For instructors*: what is typed there, and what it shows."""

import json
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.classes import BLOCKS, FILES, PAGE, STUDENTS, hand_in

from cnnlab.cli import main
from cnnlab.tutor import load

CONSOLE = [text for _, kind, text in BLOCKS if kind == "console"]


def shown(text):
    """Return lines without what differs from run to run: seconds, and what a system offers."""
    text = re.sub(r"\b\d+\.\d+ s$", "0.0 s", text, flags=re.M)
    text = re.sub(r"(?<=,)\d+\.\d+(?=,student-\d+\.py$)", "0.0", text, flags=re.M)
    return re.sub(r"^In force: .*$", "In force: ...", text, flags=re.M).splitlines()


def typed(command):
    """Do what a line says; return what it prints."""
    words = shlex.split(command)
    if words[0] == "cat":
        return Path(words[1]).read_text("utf-8")
    assert words[0] == "cnnlab"
    result = CliRunner().invoke(main, words[1:])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Go to a folder with the files of the page."""
    monkeypatch.chdir(tmp_path)
    for name, code in FILES.items():
        if name not in STUDENTS:
            (tmp_path / name).write_text(code, encoding="utf-8")
    hand_in(tmp_path / "submissions", **{name[:-3]: code for name, code in STUDENTS.items()})
    return tmp_path


def test_what_is_typed_shows_what_stands_there(folder):
    assert len(CONSOLE) >= 4
    for text in CONSOLE:
        command, _, output = text.partition("\n")
        assert shown(typed(command.removeprefix("$ "))) == shown(output), command
    files = sorted(path.name for path in (folder / "results").iterdir())
    pages = [f"{name[:-3]}.{ending}" for name in STUDENTS for ending in ("html", "json")]
    assert files == ["class.csv", "index.html", *pages]
    record = json.loads((folder / "results" / "student-004.json").read_text("utf-8"))
    assert record["score"] == 90


def test_points_are_changed(folder):
    assert sum(question.points for question in load("A4-mine.py").questions) == 100


def test_the_container_has_no_network_and_cannot_write_submissions():
    (line,) = [text for _, kind, text in BLOCKS if kind == "sh" and " run " in text]
    words = shlex.split(line)
    assert words[words.index("--network") + 1] == "none"
    assert "--read-only" in words
    command = words[words.index("cnnlab") + 1 :]
    assert command == ["grade", "A4", "/submissions", "--out", "/results"]
    assert any(word.endswith(":/submissions:ro") for word in words)


def test_what_a_score_does_not_prove_is_said():
    assert "Similarity is not judged" in PAGE
    assert "not a container" in PAGE
