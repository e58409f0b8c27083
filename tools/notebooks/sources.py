"""Before a run: the normal form of everything but the outputs, and the rules for sources."""

from __future__ import annotations

import nbformat
from nbformat import NotebookNode

from tools.notebooks.cells import named_cells, tags_of
from tools.notebooks.ids import give_ids

LONGEST_CELL = 25  # lines

KEPT_NOTEBOOK_METADATA = ("mystnb", "myst")
KEPT_CELL_METADATA = ("tags", "mystnb")
# What the website folds by a tag, JupyterLab folds by metadata of its own.
FOLDED = {
    "hide-cell": {"source_hidden": True, "outputs_hidden": True},
    "hide-input": {"source_hidden": True},
}
KERNEL_METADATA = {
    "kernelspec": {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    },
    "language_info": {"name": "python"},
}


def prepare(notebook: NotebookNode, stem: str) -> None:
    """Bring everything but the outputs into the normal form, in place.

    Cells that the website folds are folded in JupyterLab, too. Execution counts run from 1 to the
    number of code cells, which is also what a fresh kernel counts.

    Parameters
    ----------
    notebook : NotebookNode
        The notebook.
    stem : str
        Name of its file without the suffix.

    Raises
    ------
    NotebookError
        If the name is too long to be part of an id.
    """
    give_ids(notebook, stem)
    tidy(notebook)
    executions = 0
    for cell in notebook.cells:
        if cell.cell_type == "code":
            executions += 1
            cell.execution_count = executions
            cell.outputs = []


def tidy(notebook: NotebookNode) -> None:
    """Keep the metadata that matter, and fold what is to be folded, in place.

    Parameters
    ----------
    notebook : NotebookNode
        The notebook; outputs stay.
    """
    kept = {
        key: notebook.metadata[key] for key in KEPT_NOTEBOOK_METADATA if key in notebook.metadata
    }
    notebook.metadata = nbformat.from_dict({**kept, **KERNEL_METADATA})
    notebook.nbformat, notebook.nbformat_minor = 4, 5

    for cell in notebook.cells:
        cell.source = cell.source.strip("\n")
        cell.metadata = nbformat.from_dict(
            {key: cell.metadata[key] for key in KEPT_CELL_METADATA if cell.metadata.get(key)}
        )
        if cell.cell_type == "code":
            for tag in tags_of(cell):
                if tag in FOLDED:
                    cell.metadata.jupyter = nbformat.from_dict(FOLDED[tag])


def check_sources(notebook: NotebookNode) -> list[str]:
    """Look for what can be seen before a cell runs.

    Parameters
    ----------
    notebook : NotebookNode
        A prepared notebook.

    Returns
    -------
    problems : list of str
        Empty cells; code cells that are too long, that end with a semicolon, or whose stderr is
        removed here and compared by nbval.
    """
    problems = []
    for name, cell in named_cells(notebook):
        lines = len(cell.source.splitlines())
        if not cell.source.strip():
            problems.append(f"{name} is empty; delete it.")
        elif cell.cell_type == "code" and lines > LONGEST_CELL:
            problems.append(
                f"{name} has {lines} lines, at most {LONGEST_CELL} are allowed; "
                "split it, or move code into the package."
            )
        elif cell.cell_type == "code" and cell.source.rstrip().endswith(";"):
            problems.append(
                f"{name} ends with a semicolon, which hides its value from Jupyter but not from "
                "nbval; write an assignment instead, such as `ax = ...`."
            )
        elif "remove-stderr" in tags_of(cell) and "nbval-ignore-output" not in tags_of(cell):
            problems.append(
                f"{name} is tagged remove-stderr alone, but nbval compares stderr; add the tag "
                "nbval-ignore-output, and print what must be verified in another cell."
            )
    return problems
