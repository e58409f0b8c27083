"""What every page of the book has in common: its first cell, and text that every Jupyter shows."""

from __future__ import annotations

import nbformat
from nbformat import NotebookNode

from tools.notebooks.book import Book
from tools.notebooks.cells import named_cells, tags_of
from tools.notebooks.ids import give_ids
from tools.notebooks.myst import page_to_myst, to_myst
from tools.notebooks.plain import left_over, to_plain

# For a notebook that is opened by itself. Where all is there, as in the environment of the project,
# it looks for nine names and does nothing. The website leaves it out, JupyterLab folds it.
FIRST_CELL = """\
# Installs what this notebook needs and this Python lacks. If nothing is missing, it does nothing.
import importlib.util
import subprocess
import sys
from pathlib import Path

wanted = "cnnlab matplotlib mlxtend PIL pooch scipy sklearn sympy threadpoolctl".split()
if not all(map(importlib.util.find_spec, wanted)):
    here = Path.cwd()
    copies = [*here.glob("cnnlab-*.whl")]  # beside the notebook; or the project around it
    copies += [up for up in (here, *here.parents) if (up / "cnnlab" / "reference").is_dir()]
    package = f"{copies[0] if copies else 'cnnlab'}[notebooks]"
    command = [sys.executable, "-m", "pip", "install", package]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise ModuleNotFoundError(
            f"pip could not install {package}:\\n{done.stderr[-600:]}\\nIf no index has it, "
            "put its wheel, cnnlab-....whl, beside this notebook (in Colab: upload it), or install "
            'from a copy of the project: %pip install "/path/to/the/copy[notebooks]". '
            "Then run this cell again."
        )
    importlib.invalidate_caches()"""
FIRST_TAGS = ["hide-cell", "remove-cell"]
CAPTION_TAGS = ["remove-cell"]


def refresh(notebook: NotebookNode, page: str, book: Book) -> list[str]:
    """Give a notebook its first cell, captions and the text that every Jupyter shows, in place.

    Parameters
    ----------
    notebook : NotebookNode
        A notebook of the book.
    page : str
        Name of its file without the suffix, from the folder of the book: ``images``,
        ``assignments/A1``.
    book : Book
        The pages that it may name.

    Returns
    -------
    problems : list of str
        What has no plain form, one entry for each.
    """
    first = notebook.cells[0] if notebook.cells else None
    if first is None or "remove-cell" not in tags_of(first):
        first = nbformat.v4.new_code_cell()
        notebook.cells.insert(0, first)
        first.id = ""  # `give_ids` makes one
    first.source = FIRST_CELL
    first.metadata.tags = list(FIRST_TAGS)
    notebook.cells = with_captions(notebook.cells)

    problems = []
    for name, cell in named_cells(notebook):
        if cell.cell_type == "markdown":
            try:
                cell.source = plain(cell.source, page, book)
            except ValueError as error:
                problems.append(f"{name}: {error}")
                continue
            problems += [f"{name} has {problem}; {HOW}" for problem in left_over(cell.source)]
    return problems


def with_captions(cells: list[NotebookNode]) -> list[NotebookNode]:
    """Put a cell with its caption below each figure.

    A caption is written in the metadata of the cell that draws. The website takes it from there,
    and leaves these cells out; no Jupyter shows it otherwise.
    """
    found = []
    for cell, below in zip(cells, [*cells[1:], None], strict=True):
        if is_caption(cell):
            continue
        found.append(cell)
        caption = cell.metadata.get("mystnb", {}).get("figure", {}).get("caption")
        if caption and "hide-cell" not in tags_of(cell):
            if below is None or not is_caption(below):
                below = nbformat.v4.new_markdown_cell()
                below.id = ""  # `give_ids` makes one
            below.source = f"**Figure.** {caption}"
            below.metadata.tags = list(CAPTION_TAGS)
            found.append(below)
    return found


def is_caption(cell: NotebookNode) -> bool:
    """Tell whether a cell repeats the caption of the figure above it."""
    return bool(cell.cell_type == "markdown" and tags_of(cell) == CAPTION_TAGS)


HOW = (
    "write what CONTRIBUTING.md names under Notebooks, with a label, word, source or page that "
    "the book has."
)


def plain(text: str, page: str, book: Book) -> str:
    """Write text of a page in the plain form, with the numbers of today."""
    return to_plain(to_myst(text, book), page, book)


def plain_file(text: str, page: str, book: Book) -> str:
    """Write a page that is a file of Markdown in the plain form."""
    return to_plain(page_to_myst(text, page, book), page, book)


def renumber(notebook: NotebookNode, page: str) -> None:
    """Count the code cells anew, in place: what they show stays.

    Parameters
    ----------
    notebook : NotebookNode
        An executed notebook, to which cells without outputs were added.
    page : str
        Name of its file without the suffix.
    """
    give_ids(notebook, page)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for count, cell in enumerate(code, start=1):
        cell.execution_count = count
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = count
