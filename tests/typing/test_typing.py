"""The types of the package, as mypy and pyright see them in programs that use it."""

import os
import re
import runpy
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import playwright
import pytest
from support.book import ROOT

HERE = Path(__file__).parent
RIGHT, WRONG = HERE / "right.py", HERE / "wrong.py"
MARKED = {
    number
    for number, line in enumerate(WRONG.read_text("utf-8").splitlines(), start=1)
    if line.endswith("# wrong")
}

# What the checkers say does not depend on the Python that runs them: one is enough.
once = pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="checked with Python 3.11")

CHECKERS = {
    # As somebody runs it who uses the package: pyproject.toml gives these two files the defaults.
    # All else has the options, and so the cache, that the package is checked with.
    "mypy": ["--no-error-summary", "--no-pretty", str(RIGHT), str(WRONG)],
    # [tool.pyright] of pyproject.toml says what it looks at.
    "pyright": [f"--project={ROOT}", f"--pythonpath={sys.executable}"],
}


def run(checker):
    """Return what a checker writes."""
    # Pyright needs node: that of the machine, or the one that comes with Playwright.
    node = Path(playwright.__file__).parent / "driver"
    path = os.pathsep.join([os.environ.get("PATH", ""), str(node)])
    done = subprocess.run(
        [sys.executable, "-m", checker, *CHECKERS[checker]],
        cwd=ROOT,
        env={**os.environ, "PATH": path, "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 1, done.stdout + done.stderr  # 1: slips were found
    return done.stdout


@pytest.fixture(scope="module")
def said():
    """All that the checkers write, each of them run once."""
    with ThreadPoolExecutor() as pool:
        return dict(zip(CHECKERS, pool.map(run, CHECKERS), strict=True))


def lines(text, file):
    """Return the numbers of the lines of a file in which an error was found."""
    return {
        int(number)
        for number in re.findall(rf"{file.name}:(\d+):(?:\d+)? (?:- )?(?:error|warning)", text)
    }


def test_right_programs_run(monkeypatch):
    monkeypatch.chdir(ROOT)
    runpy.run_path(str(RIGHT), run_name="__main__")


@once
@pytest.mark.parametrize("checker", CHECKERS)
def test_nothing_is_found_in_a_program_that_runs(said, checker):
    assert lines(said[checker], RIGHT) == set(), said[checker]


@once
@pytest.mark.parametrize("checker", CHECKERS)
def test_every_slip_is_found(said, checker):
    assert len(MARKED) > 50
    assert sorted(lines(said[checker], WRONG)) == sorted(MARKED), said[checker]


def test_types_are_announced():
    """Without this file a type checker takes no notice of the types of an installed package."""
    assert (ROOT / "cnnlab" / "py.typed").exists()
