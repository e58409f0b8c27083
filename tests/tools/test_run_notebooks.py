"""The command: the same bytes twice, and no file touched that must not be."""

import json
import subprocess
import sys

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell
from support.book import ROOT
from support.notebooks import result, save

from tools import run_notebooks


@pytest.fixture
def folders(monkeypatch):
    """Evaluate cells here: what is tested is what happens before a kernel and after it."""
    seen = []

    def execute(notebook, folder, timeout):
        seen.append(folder)
        for cell in notebook.cells:
            value = eval(cell.source)
            cell.outputs = [] if value is None else [result(text_plain=repr(value))]

    monkeypatch.setattr(run_notebooks, "execute", execute)
    return seen


def test_second_run_gives_the_same_bytes(tmp_path, capsys, monkeypatch):
    # A shell that asks for another backend must not take the pictures away.
    monkeypatch.setenv("MPLBACKEND", "agg")
    path = save(
        tmp_path / "tiny.ipynb",
        new_markdown_cell("# Tiny\n"),
        "print('one')\nprint('two')\n\n",
        new_code_cell("{'b', 'a', 'c', 'd'}", metadata={"tags": ["hide-input"]}),
        "import matplotlib.pyplot as plt\nlines = plt.plot([0, 2, 1])",
        metadata={"widgets": {"state": 1}, "myst": {"html_meta": {"description": "Tiny."}}},
    )
    assert run_notebooks.main([str(path)]) == 0
    first = path.read_bytes()
    assert "3 code cells" in capsys.readouterr().out

    assert run_notebooks.main([str(path)]) == 0
    assert path.read_bytes() == first
    assert "as on disk" in capsys.readouterr().out

    notebook = json.loads(first)
    cells = notebook["cells"]
    assert [cell["id"] for cell in cells] == ["tiny-01", "tiny-02", "tiny-03", "tiny-04"]
    assert [cell.get("execution_count") for cell in cells] == [None, 1, 2, 3]
    assert cells[1]["source"] == ["print('one')\n", "print('two')"]
    assert cells[1]["outputs"] == [
        {"name": "stdout", "output_type": "stream", "text": ["one\n", "two\n"]}
    ]
    assert cells[2]["metadata"] == {"tags": ["hide-input"], "jupyter": {"source_hidden": True}}
    assert "image/png" in cells[3]["outputs"][0]["data"]
    assert set(notebook["metadata"]) == {"kernelspec", "language_info", "myst"}
    assert notebook["metadata"]["language_info"] == {"name": "python"}
    assert first.endswith(b"}\n")
    assert first == (json.dumps(notebook, indent=1, sort_keys=True) + "\n").encode()
    assert list(tmp_path.iterdir()) == [path]


def test_failing_cell_leaves_the_file(tmp_path, capsys):
    path = save(
        tmp_path / "broken.ipynb",
        new_markdown_cell("Text."),
        "x = 0",
        new_code_cell("int('q')", metadata={"tags": ["raises-exception"]}),
        "y = 1\ny / x",
        "print('never')",
    )
    before = path.read_bytes()
    assert run_notebooks.main([str(path)]) == 1
    captured = capsys.readouterr()
    assert "FAILED" in captured.out
    assert "cell 4 (In [3]) raised ZeroDivisionError" in captured.err
    assert "    y / x" in captured.err
    assert "ZeroDivisionError: division by zero" in captured.err
    assert "\x1b" not in captured.err
    assert "1 of 1 notebooks failed" in captured.err
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_every_problem_is_named(tmp_path, capsys):
    path = save(tmp_path / "two.ipynb", "", "f(x);")
    before = path.read_bytes()
    assert run_notebooks.main([str(path)]) == 1
    complaints = capsys.readouterr().err
    assert "cell 1" in complaints
    assert "cell 2" in complaints
    assert path.read_bytes() == before


@pytest.mark.usefixtures("folders")
def test_output_that_must_not_be_saved_leaves_the_file(tmp_path, capsys):
    path = save(tmp_path / "address.ipynb", "'at 0x7f17e0df4150'")
    before = path.read_bytes()
    assert run_notebooks.main([str(path)]) == 1
    assert "contains the memory address" in capsys.readouterr().err
    assert path.read_bytes() == before


@pytest.mark.usefixtures("folders")
def test_check_finds_a_changed_number(tmp_path, capsys):
    path = save(tmp_path / "sum.ipynb", "20 + 22")
    assert run_notebooks.main([str(path)]) == 0
    assert run_notebooks.main([str(path), "--check"]) == 0
    changed = path.read_text().replace('"42"', '"43"')
    path.write_text(changed)
    capsys.readouterr()

    assert run_notebooks.main([str(path), "--check"]) == 1
    captured = capsys.readouterr()
    assert "DIFFERS" in captured.out
    assert '-       "43"' in captured.err
    assert '+       "42"' in captured.err
    assert f"run .venv/bin/python -m tools.run_notebooks {path}" in captured.err
    assert path.read_text() == changed


@pytest.mark.usefixtures("folders")
def test_edit_during_the_run_is_not_lost(tmp_path, capsys):
    path = tmp_path / "edited.ipynb"
    save(path, f"__import__('pathlib').Path({str(path)!r}).write_text('edited') and None")
    assert run_notebooks.main([str(path)]) == 1
    assert "was edited while it ran" in capsys.readouterr().err
    assert path.read_text() == "edited"


def test_later_notebooks_run_after_a_failure(tmp_path, capsys, folders):
    save(tmp_path / "a.ipynb", "")
    save(tmp_path / "b.ipynb", "20 + 22")
    assert run_notebooks.main([str(tmp_path)]) == 1
    assert "1 of 2 notebooks failed" in capsys.readouterr().err
    assert '"42"' in (tmp_path / "b.ipynb").read_text()
    assert folders == [tmp_path]  # where the notebook lies


def test_wrong_path_ends_with_2(tmp_path, capsys):
    with pytest.raises(SystemExit) as stop:
        run_notebooks.main([str(tmp_path / "missing.ipynb")])
    assert stop.value.code == 2
    assert "run_notebooks: " in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "not JSON", "[]", '{"cells": 1, "nbformat": 4}'])
def test_not_a_notebook(tmp_path, capsys, text):
    path = tmp_path / "broken.ipynb"
    path.write_text(text)
    assert run_notebooks.main([str(path)]) == 1
    assert "not a notebook of format 4" in capsys.readouterr().err
    assert path.read_text() == text


def test_help_names_the_environment():
    command = [sys.executable, "-m", "tools.run_notebooks", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert ".venv/bin/python -m tools.run_notebooks book/NAME.ipynb" in done.stdout
