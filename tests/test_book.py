"""What holds the book and the package together: labels, notebooks, hygiene."""

import re
from pathlib import Path

import nbformat
import pytest

import cnnlab
from cnnlab import reference

ROOT = Path(__file__).parents[1]
PAGES = [
    path.relative_to(ROOT)
    for path in sorted((ROOT / "book").rglob("*"))
    if path.suffix in (".ipynb", ".md") and ".ipynb_checkpoints" not in path.parts
]
NOTEBOOKS = [ROOT / path for path in PAGES if path.suffix == ".ipynb"]

# An equation's label stands behind it, as in `$$ ... $$ (eq-dw)`, or in a math directive.
DEFINED = re.compile(r"^\s*\$\$\s*\((eq-[\w-]+)\)\s*$|^\s*:label:\s*(eq-[\w-]+)\s*$", re.MULTILINE)
CITED_IN_DOCSTRING = re.compile(r"\((eq-[\w-]+)\)")
CITED_IN_TEXT = re.compile(r"\{eq\}`(eq-[\w-]+)`")


def markdown(path):
    notebook = nbformat.read(path, as_version=4)
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def labels_of_the_book():
    found = [
        label for path in NOTEBOOKS for pair in DEFINED.findall(markdown(path)) for label in pair
    ]
    return [label for label in found if label]


def test_there_is_a_book():
    toc = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    named = set(re.findall(r"(?:root|file): (book/\S+)", toc))
    assert named == {path.with_suffix("").as_posix() for path in PAGES}


def test_every_label_is_defined_once():
    labels = labels_of_the_book()
    assert labels
    assert sorted(labels) == sorted(set(labels))


@pytest.mark.parametrize("name", reference.__all__)
def test_every_loop_cites_an_equation_of_the_book(name):
    cited = CITED_IN_DOCSTRING.findall(getattr(reference, name).__doc__)
    assert cited, f"the docstring of {name} cites no equation"
    assert set(cited) <= set(labels_of_the_book())


def test_every_citation_of_an_equation_is_defined():
    cited = {label for path in NOTEBOOKS for label in CITED_IN_TEXT.findall(markdown(path))}
    for path in (ROOT / "cnnlab").rglob("*.py"):
        cited |= set(CITED_IN_DOCSTRING.findall(path.read_text(encoding="utf-8")))
    assert cited <= set(labels_of_the_book())


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_was_executed_and_is_readable(path):
    """nbval never compares a cell without an execution count, so none may be without."""
    code = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    counts = [cell.execution_count for cell in code]
    assert counts == list(range(1, len(code) + 1))
    assert max(len(cell.source.splitlines()) for cell in code) <= 25
    for cell in code:
        figure = cell.metadata.get("mystnb", {}).get("figure")
        if figure is not None:
            assert figure["caption"].strip()
            assert cell.metadata["mystnb"]["image"]["alt"].strip()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_picture_has_a_caption_and_an_alternative_text(path):
    for cell in nbformat.read(path, as_version=4).cells:
        pictures = [
            output
            for output in cell.get("outputs", [])
            if "image/png" in output.get("data", {}) or "image/svg+xml" in output.get("data", {})
        ]
        if pictures:
            assert "figure" in cell.metadata.get("mystnb", {}), cell.source
            assert cell.metadata["mystnb"]["image"]["alt"].strip(), cell.source


def test_changelog_names_this_version():
    assert f"## {cnnlab.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
