"""Cells as a reader finds them, their tags, and the error that says what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator

from nbformat import NotebookNode


class NotebookError(Exception):
    """What is wrong with a notebook, one entry for each problem.

    Parameters
    ----------
    problems : list of str
        Each names the cell and the next step.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def cell_name(cell: NotebookNode, number: int) -> str:
    """Name a cell the way a reader finds it.

    Parameters
    ----------
    cell : NotebookNode
        The cell.
    number : int
        Its position in the notebook, the first is 1.

    Returns
    -------
    name : str
        Such as ``cell 5 (In [3])``, or ``cell 4`` for a cell of text.
    """
    if cell.cell_type == "code" and cell.get("execution_count"):
        return f"cell {number} (In [{cell.execution_count}])"
    return f"cell {number}"


def named_cells(notebook: NotebookNode) -> Iterator[tuple[str, NotebookNode]]:
    """Go through the cells with their names.

    Parameters
    ----------
    notebook : NotebookNode
        The notebook.

    Yields
    ------
    name : str
        As `cell_name` gives it.
    cell : NotebookNode
        The cell.
    """
    for number, cell in enumerate(notebook.cells, start=1):
        yield cell_name(cell, number), cell


def tags_of(cell: NotebookNode) -> list[str]:
    """Get the tags of a cell.

    Parameters
    ----------
    cell : NotebookNode
        The cell.

    Returns
    -------
    tags : list of str
        Empty when it has none.
    """
    return list(cell.metadata.get("tags", []))
