"""Where the book is, and the labels of its equations."""

import functools
from pathlib import Path

import nbformat
import yaml
from equations import proofs

from tools.notebooks.book import read_book
from tools.notebooks.myst import page_to_myst, to_myst
from tools.notebooks.pages import is_caption

ROOT = Path(__file__).parents[2]
SITE = ROOT / "_build" / "html"
PAGES = [
    path.relative_to(ROOT)
    for path in sorted((ROOT / "book").rglob("*"))
    if path.suffix in (".ipynb", ".md") and ".ipynb_checkpoints" not in path.parts
]
NOTEBOOKS = [ROOT / path for path in PAGES if path.suffix == ".ipynb"]


BOOK = read_book(ROOT)


def chapters():
    """List the documents that _toc.yml names, in its order."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))

    def named(entries):
        for entry in entries:
            yield entry["file"]
            yield from named(entry.get("sections", []))

    return [toc["root"], *(name for part in toc["parts"] for name in named(part["chapters"]))]


def pages_of_site():
    """List all pages of the website: also those that Sphinx adds."""
    return [*chapters(), "genindex", "search"]


@functools.cache
def read(path):
    """Return a notebook with its text as the website reads it; whoever changes it does for all."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if not is_caption(cell)]
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = to_myst(cell.source, BOOK)
    return notebook


def markdown(path):
    """Return the text of a notebook as the website reads it."""
    return "\n\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")


def text_of(page):
    """Return the text of a page, given from the root, as the website reads it."""
    path = ROOT / page
    if path.suffix == ".ipynb":
        return markdown(path)
    return page_to_myst(path.read_text(encoding="utf-8"), path.stem, BOOK)


def labels_of_the_book():
    """Return the label of every equation, in the order of the pages' names."""
    return [label for path in NOTEBOOKS for label in proofs.defined(read(path))]
