"""Notebooks for the tests of the tool that runs them."""

import nbformat
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tools.notebooks.outputs import normalise_outputs
from tools.notebooks.sources import prepare


def save(path, *cells, metadata=None):
    """Write a notebook as an editor might: random ids, no outputs. Text stands for a code cell."""
    cells = [new_code_cell(cell) if isinstance(cell, str) else cell for cell in cells]
    nbformat.write(new_notebook(cells=cells, metadata=metadata or {}), path)
    return path


def executed(*cells):
    """Make a notebook in memory as if it had run."""
    notebook = new_notebook(cells=[cell for cell, outputs in cells])
    prepare(notebook, "sample")
    for cell, outputs in cells:
        cell.outputs = outputs
    normalise_outputs(notebook)
    return notebook


def ran(outputs, tags=()):
    """Make a code cell and its outputs for `executed`."""
    return new_code_cell("1", metadata={"tags": list(tags)}), outputs


def stream(text, name="stdout"):
    """Make the output of a print."""
    return new_output("stream", name=name, text=text)


def result(**data):
    """Make the value of a cell; `text_plain` stands for text/plain."""
    return new_output(
        "execute_result",
        data={kind.replace("_", "/", 1): value for kind, value in data.items()},
        execution_count=7,
    )
