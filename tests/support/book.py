"""Where the book is, and the labels of its equations."""

import functools
from pathlib import Path

import nbformat
from equations import proofs

ROOT = Path(__file__).parents[2]
SITE = ROOT / "_build" / "html"
PAGES = [
    path.relative_to(ROOT)
    for path in sorted((ROOT / "book").rglob("*"))
    if path.suffix in (".ipynb", ".md") and ".ipynb_checkpoints" not in path.parts
]
NOTEBOOKS = [ROOT / path for path in PAGES if path.suffix == ".ipynb"]


@functools.cache
def read(path):
    """Return a notebook; whoever changes it changes it for all."""
    return nbformat.read(path, as_version=4)


def labels_of_the_book():
    """Return the label of every equation, in the order of the pages' names."""
    return [label for path in NOTEBOOKS for label in proofs.defined(read(path))]
