"""Two runs of a script that rewrites a file of results: the second one is refused."""

import subprocess
import sys

import pytest
from support.book import ROOT

from tools import store_answers, train_mutants
from tools.one_run import only_run

HOLDS = """
import sys
from pathlib import Path
from tools.one_run import only_run
with only_run("tools.first", Path(sys.argv[1])):
    print("holds", flush=True)
    sys.stdin.read()
"""


def test_a_second_run_is_refused_until_the_first_has_ended(tmp_path):
    file = tmp_path / "results.json"
    command = [sys.executable, "-c", HOLDS, str(file)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=ROOT, **pipes) as first:
        assert first.stdout.readline() == "holds\n"
        with (
            pytest.raises(
                RuntimeError, match=r"^tools.second: another run .* on results.json, .*; wait"
            ),
            only_run("tools.second", file),
        ):
            pass
        with pytest.raises(RuntimeError, match="^tools.train_mutants: another run"):
            train_mutants.main(["relu-leaks"], file)
        first.kill()
    with only_run("tools.second", file):  # whoever is killed lets go
        assert not file.exists()
    assert list(tmp_path.iterdir()) == []


def test_answers_are_asked_for_by_one_run_at_a_time(tmp_path, monkeypatch):
    stored = tmp_path / "answers.safetensors"
    monkeypatch.setattr(store_answers.answers, "STORED", stored)
    monkeypatch.setattr(store_answers.modules, "load", lambda function: None)
    monkeypatch.setattr(sys, "argv", ["store_answers"])
    with (
        only_run("tools.first", stored),
        pytest.raises(RuntimeError, match=r"^tools.store_answers: another run is at work"),
    ):
        store_answers.main()
    assert list(tmp_path.iterdir()) == []
