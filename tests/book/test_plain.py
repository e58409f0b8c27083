"""The pages as files hold them: what every Jupyter shows, without a website around it."""

import copy
import functools
import re

import nbformat
import pytest
from support.book import BOOK, NOTEBOOKS, ROOT

from tools.notebooks.book import HEADING, lab_fragment, text_of_page
from tools.notebooks.cells import tags_of
from tools.notebooks.pages import FIRST_CELL, plain_file, refresh
from tools.notebooks.plain import LINK
from tools.run_notebooks import page_of

COMMAND = ".venv/bin/python -m tools.run_notebooks --text"
PLAIN_FILES = [ROOT / "book" / f"{name}.md" for name in ("glossary", "bibliography")]
by_name = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def raw(path):
    return nbformat.read(path, as_version=4)


@by_name
def test_the_text_is_plain_and_its_numbers_are_those_of_today(path):
    """Roles, directives, links without words and old numbers; the first cell, the same in all."""
    before = raw(path)
    after = copy.deepcopy(before)
    assert refresh(after, page_of(path), BOOK) == []
    assert [cell.source for cell in after.cells] == [cell.source for cell in before.cells], COMMAND
    first = before.cells[0]
    assert (first.source, first.execution_count, first.outputs) == (FIRST_CELL, 1, [])
    assert first.metadata["jupyter"] == {"source_hidden": True, "outputs_hidden": True}


@pytest.mark.parametrize("path", PLAIN_FILES, ids=lambda path: path.stem)
def test_glossary_and_bibliography_are_plain(path):
    text = path.read_text(encoding="utf-8")
    assert plain_file(text, path.stem, BOOK) == text, COMMAND


@functools.cache
def places(path):
    """Return what a link may name on a page: its headings as JupyterLab calls them, its anchors."""
    text = text_of_page(path)
    anchors = set(re.findall(r'<(?:a|details) id="([\w-]+)"', text))
    return anchors | {lab_fragment(heading) for heading in HEADING.findall(text)}


@pytest.mark.parametrize("path", [*NOTEBOOKS, *PLAIN_FILES], ids=lambda path: path.stem)
def test_links_lead_to_a_file_and_a_place_in_it(path):
    wrong = []
    for words, target, fragment in LINK.findall(re.sub(r"\$[^$]*\$", "", text_of_page(path))):
        file = path.parent / target if target else path
        if target and not (file.is_file() and BOOK.files.get(file.stem, "").endswith(file.name)):
            wrong.append(f"[{words}]({target})")
        elif fragment and fragment not in places(file):
            wrong.append(f"[{words}]({target}#{fragment})")
    assert wrong == []


@by_name
def test_answers_are_hidden_until_somebody_asks(path):
    """Cells of solutions, and the cell under a quiz, are folded with what they print."""
    section = ""
    for cell in raw(path).cells:
        if cell.cell_type == "markdown":
            section = ([section, *re.findall(r"^## (.*)$", cell.source, re.MULTILINE)])[-1]
            assert cell.source.count("<details") == cell.source.count("</details>")
        elif section in ("Exercises", "Quiz"):
            assert "hide-cell" in tags_of(cell), cell.source


FILE_BESIDE = re.compile(r"""["'][\w./-]*\.(?:png|svg|jpg|json|npz|csv|css|bin|gz)["']""")


@by_name
def test_no_file_beside_a_notebook_is_needed(path):
    """A file that a cell names is one of the package, or one that the cell has written."""
    cells = raw(path).cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    assert re.findall(r"!\[|<img", text) == []
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    lines = [line for line in code.splitlines() if FILE_BESIDE.search(line)]
    assert [line for line in lines if "/ " not in line] == []
    assert "filename=" not in code
