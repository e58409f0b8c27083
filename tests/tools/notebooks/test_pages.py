"""The first cell of every page, and its text."""

import subprocess
import sys
import time
from types import SimpleNamespace

import nbformat
import pytest
from support.pages import BOOK

from tools.notebooks.pages import FIRST_CELL, plain_file, refresh, renumber
from tools.notebooks.sources import tidy


def small():
    v4 = nbformat.v4
    value = v4.new_output("execute_result", data={"text/plain": "2"}, execution_count=1)
    return v4.new_notebook(
        cells=[
            v4.new_markdown_cell("# A\n\n{eq}`eq-a`", id="images-01"),
            v4.new_code_cell("1 + 1", id="images-02", execution_count=1, outputs=[value]),
        ]
    )


def test_a_page_gets_its_first_cell_and_its_text():
    notebook = small()
    assert refresh(notebook, "images", BOOK) == []
    tidy(notebook)
    renumber(notebook, "images")
    first, text, code = notebook.cells
    assert (first.source, first.execution_count, first.outputs) == (FIRST_CELL, 1, [])
    assert first.metadata["jupyter"] == {"source_hidden": True, "outputs_hidden": True}
    assert first.metadata["tags"] == ["hide-cell", "remove-cell"]
    assert [cell.id for cell in notebook.cells] == ["images-03", "images-01", "images-02"]
    assert text.source == "# A\n\n[(1.1)](#eq-a)"
    assert (code.execution_count, code.outputs[0].execution_count) == (2, 2)
    assert code.outputs[0].data == {"text/plain": "2"}

    first.source = "an older one"
    refresh(notebook, "images", BOOK)
    assert [cell.source for cell in notebook.cells][:1] == [FIRST_CELL]
    assert len(notebook.cells) == 3


def test_a_figure_has_its_caption_below_it():
    """In a cell that the website leaves out, and that has the same id whenever it is written."""
    notebook = small()
    notebook.cells[1].metadata["mystnb"] = {"figure": {"caption": "By {eq}`eq-a`."}}
    for _ in range(2):
        assert refresh(notebook, "images", BOOK) == []
        tidy(notebook)
        renumber(notebook, "images")
        assert [cell.id[-2:] for cell in notebook.cells] == ["03", "01", "02", "04"]
        assert notebook.cells[3].source == "**Figure.** By [(1.1)](#eq-a)."
        assert notebook.cells[3].metadata == {"tags": ["remove-cell"]}

    notebook.cells[2].metadata["tags"] = ["hide-cell"]  # a picture that is folded away
    refresh(notebook, "images", BOOK)
    assert [cell.id[-2:] for cell in notebook.cells] == ["03", "01", "02"]


def test_what_has_no_plain_form_is_named():
    notebook = small()
    notebook.cells[0].source = "See {numref}`fig-a`."
    (problem,) = refresh(notebook, "images", BOOK)
    assert problem.startswith("cell 2 has a role that plain Jupyter shows raw, '{numref}`fig-a`'")
    assert "CONTRIBUTING.md" in problem

    notebook.cells[1].source = "<details>\n<summary>Hint</summary>"
    (problem,) = refresh(notebook, "images", BOOK)
    assert problem == "cell 2: <details> is never closed: <summary>Hint</summary>"


def test_a_glossary_and_a_bibliography_are_plain_both_ways():
    words = "response map\n  Of {eq}`eq-a`.\n\nToeplitz matrix\n  M."
    glossary = f"# Glossary\n\n```{{glossary}}\n{words}\n```\n"
    plain = plain_file(glossary, "glossary", BOOK)
    assert plain == (
        "# Glossary\n\n### response map\n\nOf [(1.1)](images.ipynb#eq-a).\n\n"
        "### Toeplitz matrix\n\nM.\n"
    )
    assert plain_file(plain, "glossary", BOOK) == plain
    plain = plain_file("## References\n\n```{bibliography}\n```\n", "bibliography", BOOK)
    assert plain.splitlines()[2:] == [
        '- <a id="lecun1998"></a>Yann LeCun, Léon Bottou, Yoshua Bengio, Patrick Haffner: '
        "*Gradient-based learning*. Proceedings, 1998. <https://doi.org/10.1109/5.726791>",
        '- <a id="squire1998"></a>William Squire, George Trapp: *Complex variables*. 1998. '
        "<https://example.org>",
    ]
    assert plain_file(plain, "bibliography", BOOK) == plain


# --- The first cell, run ------------------------------------------------------


@pytest.fixture
def pip(monkeypatch, tmp_path):
    """Nothing but the standard library is there; pip is replaced. Returns what it was asked for."""
    calls = []
    answer = SimpleNamespace(returncode=0, stderr="ERROR: No matching distribution")

    def run(command, **options):
        calls.append(command)
        return answer

    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.chdir(tmp_path)
    return SimpleNamespace(calls=calls, answer=answer)


def test_where_all_is_there_it_does_nothing(capfd, monkeypatch):
    def never(*arguments, **options):
        raise AssertionError("pip was called")

    monkeypatch.setattr(subprocess, "run", never)
    begun = time.process_time()
    exec(FIRST_CELL, {})
    assert time.process_time() - begun < 0.2
    assert capfd.readouterr() == ("", "")


def test_what_is_missing_is_installed_into_this_python(pip):
    exec(FIRST_CELL, {})
    assert pip.calls == [[sys.executable, "-m", "pip", "install", "cnnlab[notebooks]"]]


def test_a_wheel_beside_it_comes_first(pip, tmp_path):
    wheel = tmp_path / "cnnlab-1.0-py3-none-any.whl"
    wheel.touch()
    exec(FIRST_CELL, {})
    assert pip.calls[0][-1] == f"{wheel}[notebooks]"


def test_a_copy_of_the_project_around_it_is_found(pip, tmp_path, monkeypatch):
    (tmp_path / "cnnlab" / "reference").mkdir(parents=True)
    (tmp_path / "book").mkdir()
    monkeypatch.chdir(tmp_path / "book")
    exec(FIRST_CELL, {})
    assert pip.calls[0][-1] == f"{tmp_path}[notebooks]"


def test_a_failure_says_what_pip_said_and_names_the_way_from_a_copy(pip):
    pip.answer.returncode = 1
    with pytest.raises(ModuleNotFoundError, match="No matching distribution") as caught:
        exec(FIRST_CELL, {})
    assert "put its wheel, cnnlab-....whl, beside this notebook" in str(caught.value)
    assert '%pip install "/path/to/the/copy[notebooks]"' in str(caught.value)
