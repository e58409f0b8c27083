"""Ids of cells: kept where they are valid, numbered where they are new."""

import json

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from support.book import NOTEBOOKS
from support.notebooks import save

from tools.notebooks.cells import NotebookError
from tools.notebooks.files import read, to_text
from tools.notebooks.ids import give_ids


def numbered(ids, stem="tiny"):
    """Give ids to cells that have these, and return what they have then."""
    notebook = new_notebook(cells=[new_code_cell(str(place)) for place in range(len(ids))])
    for cell, old in zip(notebook.cells, ids, strict=True):
        if old is None:
            del cell["id"]
        else:
            cell.id = old
    give_ids(notebook, stem)
    return [cell.id for cell in notebook.cells]


def test_new_notebook_is_numbered_by_position():
    assert numbered(["8f3a61c0", None, "b0"]) == ["tiny-01", "tiny-02", "tiny-03"]
    assert numbered([]) == []


@pytest.mark.parametrize("place", range(4))
def test_inserted_cell_leaves_the_others_alone(place):
    ids = ["tiny-01", "tiny-02", "tiny-03"]
    ids.insert(place, "8f3a61c0")
    expected = ["tiny-01", "tiny-02", "tiny-03"]
    expected.insert(place, "tiny-04")
    assert numbered(ids) == expected
    assert numbered(expected) == expected


def test_moved_and_deleted_cells_leave_the_others_alone():
    assert numbered(["tiny-03", "tiny-01", "tiny-07"]) == ["tiny-03", "tiny-01", "tiny-07"]


def test_number_of_a_deleted_cell_is_not_given_again():
    assert numbered(["tiny-01", "new", "tiny-03"]) == ["tiny-01", "tiny-04", "tiny-03"]


def test_copied_cell_gets_a_new_id():
    """The first keeps it."""
    ids = ["tiny-01", "tiny-02", "tiny-01", "tiny-02", "tiny-03"]
    assert numbered(ids) == ["tiny-01", "tiny-02", "tiny-04", "tiny-05", "tiny-03"]


def test_copied_cell_in_a_file_gets_a_new_id(tmp_path):
    path = save(tmp_path / "tiny.ipynb", "1", "2", "3")
    text = json.loads(path.read_text())
    for cell, number in zip(text["cells"], ["01", "01", "02"], strict=True):
        cell["id"] = f"tiny-{number}"
    path.write_text(json.dumps(text))
    notebook = read(path)
    give_ids(notebook, path.stem)
    assert [cell.id for cell in notebook.cells] == ["tiny-01", "tiny-03", "tiny-02"]


@pytest.mark.parametrize(
    "other", ["tiny-1", "tiny-00", "tiny-001", "tiny-01x", "big-01", "tiny-big-01", "Tiny-01", ""]
)
def test_ids_of_another_form_or_another_notebook_are_not_kept(other):
    assert numbered(["tiny-05", other]) == ["tiny-05", "tiny-06"]


def test_more_than_99_cells():
    assert numbered([None] * 101)[98:] == ["tiny-99", "tiny-100", "tiny-101"]
    assert numbered(["tiny-100", None]) == ["tiny-100", "tiny-101"]


def test_ids_are_valid_and_derived_from_the_name():
    notebook = new_notebook(cells=[new_code_cell("1"), new_markdown_cell("Text.")])
    give_ids(notebook, "ein Übungsblatt 1")
    assert [cell.id for cell in notebook.cells] == ["ein-bungsblatt-1-01", "ein-bungsblatt-1-02"]
    nbformat.validate(notebook)
    with pytest.raises(NotebookError, match=r"would have 83 characters of 64; shorten"):
        give_ids(notebook, "n" * 80)


def test_ids_of_the_book_are_valid_and_unique():
    seen = set()
    for path in NOTEBOOKS:
        notebook = read(path)
        ids = {cell.id for cell in notebook.cells}
        assert len(ids) == len(notebook.cells)
        assert not seen & ids
        seen |= ids
        give_ids(notebook, path.stem)
        assert to_text(notebook) == path.read_text(encoding="utf-8")
