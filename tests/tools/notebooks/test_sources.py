"""Sources in the normal form, and a message for each that must not be run."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tools.notebooks.cells import NotebookError
from tools.notebooks.sources import check_sources, prepare


def test_kept_and_dropped_metadata():
    figure = {
        "figure": {"caption": "It rises.", "name": "fig-rise"},
        "image": {"alt": "A line"},
    }
    cell = new_code_cell(
        "1",
        metadata={
            "tags": ["hide-input"],
            "mystnb": figure,
            "collapsed": True,
            "scrolled": False,
            "execution": {"iopub.execute_input": "2020-01-01"},
            "vscode": {"languageId": "python"},
        },
    )
    notebook = new_notebook(cells=[cell, new_code_cell("2", metadata={"tags": []})])
    prepare(notebook, "sample")
    folded = {"source_hidden": True}
    assert notebook.cells[0].metadata == {
        "tags": ["hide-input"],
        "mystnb": figure,
        "jupyter": folded,
    }
    assert notebook.cells[1].metadata == {}


def test_what_the_website_folds_is_folded_in_jupyterlab():
    both, opened = {"source_hidden": True, "outputs_hidden": True}, {"jupyter": {"x": True}}
    notebook = new_notebook(
        cells=[new_code_cell("1", metadata={"tags": ["hide-cell"]}), new_code_cell("2")]
    )
    notebook.cells[1].metadata = opened
    prepare(notebook, "sample")
    assert notebook.cells[0].metadata["jupyter"] == both
    assert "jupyter" not in notebook.cells[1].metadata


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        (new_code_cell(" \n"), "cell 1 .In .1.. is empty; delete it"),
        (new_markdown_cell(""), "cell 1 is empty"),
        (new_code_cell("x = 1\n" * 26), "has 26 lines, at most 25 are allowed; split it"),
        (new_code_cell("f(x);"), "ends with a semicolon.*nbval; write an assignment"),
        (
            new_code_cell("1", metadata={"tags": ["remove-stderr"]}),
            "tagged remove-stderr alone.*add the tag nbval-ignore-output",
        ),
    ],
    ids=["empty", "empty text", "long", "semicolon", "remove-stderr alone"],
)
def test_source(cell, message):
    notebook = new_notebook(cells=[cell])
    prepare(notebook, "sample")
    with pytest.raises(NotebookError, match=message):
        raise NotebookError(check_sources(notebook))


def test_source_at_the_limit_passes():
    notebook = new_notebook(cells=[new_code_cell("x = 1\n" * 25)])
    prepare(notebook, "sample")
    assert check_sources(notebook) == []
