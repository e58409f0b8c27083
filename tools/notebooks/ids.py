"""Ids of cells: kept where they are valid, numbered where they are new."""

from __future__ import annotations

import re

from nbformat import NotebookNode

from tools.notebooks.cells import NotebookError

LONGEST_ID = 64  # characters, a limit of the notebook format


def slug_of(stem: str) -> str:
    """Turn the name of a file into what the ids of its cells begin with.

    Parameters
    ----------
    stem : str
        Name of the file without the suffix.

    Returns
    -------
    slug : str
        The name; what an id must not hold is a hyphen.
    """
    return re.sub(r"[^A-Za-z0-9_-]+", "-", stem)


def give_ids(notebook: NotebookNode, stem: str) -> None:
    """Give an id to every cell that has none of this notebook, in place.

    An id is the name of the file and a number, such as ``images-07``: unique over a book in which
    no two files have one name. A cell keeps such an id wherever it moves, so an inserted cell
    changes no other one. The first of two cells with one id keeps it. New cells, in order, get the
    numbers after the highest; in a new notebook these are the positions.

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
    slug = slug_of(stem)
    valid = re.compile(rf"{re.escape(slug)}-(0[1-9]|[1-9][0-9]+)")
    numbers: set[int] = set()
    new = []
    for cell in notebook.cells:
        found = valid.fullmatch(cell.get("id", ""))
        if found and int(found[1]) not in numbers:
            numbers.add(int(found[1]))
        else:
            new.append(cell)
    for number, cell in enumerate(new, start=max(numbers, default=0) + 1):
        cell.id = f"{slug}-{number:02d}"
    longest = max((len(cell.id) for cell in notebook.cells), default=0)
    if longest > LONGEST_ID:
        raise NotebookError(
            [f"cell ids would have {longest} characters of {LONGEST_ID}; shorten the file's name."]
        )
