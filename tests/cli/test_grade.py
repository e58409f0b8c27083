"""The command that grades: what it tells, how it ends. What it prints is seen with its guide."""

import json
import os
import signal
import sys
from functools import partial

import pytest
from cli.test_command import done, failed, run, started
from support.classes import B1, RIGHT, hand_in
from support.failures import each
from support.terminals import seen_on_terminal

MB = 1024 * 1024


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Go to a folder that holds the assignment of the guide, and one submission."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / B1.name).write_bytes(B1.source)
    hand_in(tmp_path / "submissions", anna=RIGHT)
    return tmp_path


def test_options_arrive_and_who_has_no_score_is_told(own):
    (own / "submissions" / "empty").mkdir()
    (own / "submissions" / "notes.txt").touch()
    (own / "submissions" / "\x1b[31mred.txt").touch()
    options = ("--question", "columns", "--seed", 12, "--memory", 500, "--seconds", 20)
    result = run("grade", "B1.py", "submissions", "--out", "results", *options)
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "cnnlab grade: red.txt: is neither a notebook nor a .py file",
        "cnnlab grade: empty: holds no notebook and no .py file",
        "cnnlab grade: notes.txt: is neither a notebook nor a .py file",
    ]
    assert "\n1 graded; 1 without a score\n" in result.stdout
    extra = json.loads((own / "results" / "anna.json").read_text("utf-8"))["extra_data"]
    assert (extra["seed"], extra["of"]) == (12, 100)
    assert extra["made_from"]["questions"] == ["columns"]
    limits = extra["made_from"]["limits"]
    assert (limits["memory"], limits["total"]) == (500 * MB, 20)


@each(
    wrong={
        "no submissions": (2, "Missing argument 'SUBMISSIONS'", "B1.py", "--out", "r"),
        "no such folder": (1, "there is no folder", "B1.py", "no", "--out", "r"),
        "nothing in it": (1, "there is no submission in", "B1.py", "nothing", "--out", "r"),
        "no such assignment": (
            1, "no assignment 'A44'; choose A4", "A44", "submissions", "--out", "r"
        ),
        "no such file": (1, "B2.py", "B2.py", "submissions", "--out", "r"),
        "no such question": (
            1, "choose one of columns", "B1.py", "submissions", "--out", "r", "--question", "x"
        ),
        "two clusters": (
            2, "pass either", "B1.py", "submissions", "--out", "r", "--cluster", "--scheduler", "x"
        ),
        "Gradescope and submissions": (
            2, "leave the submissions out", "B1.py", "submissions", "--out", "r", "--gradescope"
        ),
        "no time": (2, "--seconds", "B1.py", "submissions", "--out", "r", "--seconds", "0"),
    }
)  # fmt: skip
def test_wrong_commands_are_one_line(own, wrong):
    code, words, *arguments = wrong
    (own / "nothing").mkdir(exist_ok=True)
    assert words in failed(code, "grade", *arguments)


def test_gradescope(own):
    text = done("grade", "--gradescope", "B1.py", "--out", "B1.zip", "--hidden-cases", "hidden")
    assert text.startswith("B1.zip is there; on Gradescope")
    assert (own / "B1.zip").read_bytes().startswith(b"PK")


def test_help_says_what_the_limits_are_not():
    text = " ".join(done("grade", "--help").split())
    assert "That is not a container" in text
    assert "podman run --rm --network none" in text


SLOW = "import time\ntime.sleep(60)\n"


@pytest.mark.skipif(sys.platform == "win32", reason="signals are those of Unix")
def test_ctrl_c_leaves_whole_files_and_the_same_command_goes_on(own):
    out = own / "results"
    hand_in(own / "submissions", zoe=SLOW)
    arguments = ("grade", "B1.py", "submissions", "--out", out, "--jobs", 2)
    with started(*arguments) as process:
        assert process.stdout.readline().startswith("1/2 anna: 100 of 100, ")
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors == (
        f"cnnlab grade: interrupted; what is graded is in {out}, and the same command goes on.\n"
    )
    names = sorted(path.name for path in out.iterdir())
    assert names == ["anna.html", "anna.json", "class.csv", "index.html"]
    (own / "submissions" / "zoe.py").write_text(RIGHT)
    assert "2 graded, 1 of them before; 0 without a score" in done(*arguments)


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="this system has no terminals to open")
def test_a_terminal_sees_a_bar_and_no_lines(own):
    arguments = ("grade", "B1.py", "submissions", "--out", "results")
    code, seen = seen_on_terminal(partial(started, *arguments))
    assert code == 0
    assert b"grading: 100%" in seen
    assert b"anna: " not in seen
    assert b"1 graded" in seen
