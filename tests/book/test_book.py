"""What holds the book and the package together: labels, notebooks, hygiene."""

import re

import nbformat
import pytest
from equations import proofs
from support.book import (
    BOOK,
    NOTEBOOKS,
    PAGES,
    ROOT,
    labels_of_the_book,
    markdown,
    read,
    text_of,
)

import cnnlab
from cnnlab import reference

CITED_IN_TEXT = re.compile(r"\{eq\}`(eq-[\w-]+)`")


def labels_that_code_computes():
    modules = (path.read_text(encoding="utf-8") for path in (ROOT / "cnnlab").rglob("*.py"))
    return set().union(*map(proofs.cited_in_docstrings, modules))


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
    cited = proofs.CITED.findall(getattr(reference, name).__doc__)
    assert cited, f"the docstring of {name} cites no equation"
    assert set(cited) <= set(labels_of_the_book())


def test_every_citation_of_an_equation_is_defined():
    cited = {label for path in NOTEBOOKS for label in CITED_IN_TEXT.findall(markdown(path))}
    for path in (ROOT / "cnnlab").rglob("*.py"):
        cited |= set(proofs.CITED.findall(path.read_text(encoding="utf-8")))
    assert cited <= set(labels_of_the_book())


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_label_has_its_check(path):
    assert proofs.problems(read(path)) == []


# Steps of a derivation, and what a chapter states on the way: no function computes them.
COMPUTED_BY_NOTHING = {
    "eq-Z-shifted",
    "eq-Z-shifted-terms",
    "eq-calibration-sum",
    "eq-channels-last",
    "eq-conv-cost",
    "eq-convolution",
    "eq-correlation",
    "eq-cross-correlation",
    "eq-dX-3d",
    "eq-dX-chain",
    "eq-dX-conv",
    "eq-dZ-dX",
    "eq-dZ-db",
    "eq-dZ-dw",
    "eq-db-chain",
    "eq-delta",
    "eq-depth",
    "eq-dw-3d",
    "eq-dw-chain",
    "eq-dw-slice",
    "eq-dense-cost",
    "eq-flatten-last",
    "eq-gray",
    "eq-intensity",
    "eq-likelihood",
    "eq-long-row",
    "eq-max-pool-argmax",
    "eq-max-pool-slope",
    "eq-max-pool-sum",
    "eq-momentum-keras",
    "eq-mse",
    "eq-occlusion-linear",
    "eq-odds",
    "eq-output-size",
    "eq-overlap",
    "eq-phases",
    "eq-pool-adjoint",
    "eq-quadratic",
    "eq-reach",
    "eq-receptive-field",
    "eq-relabel",
    "eq-roofline",
    "eq-rounded-sum",
    "eq-search-last",
    "eq-shift",
    "eq-shift-pool",
    "eq-tile-loads",
    "eq-two-orders",
    "eq-wrong-below",
    "eq-wrong-descent",
    "eq-wrong-factor",
}


def test_every_other_label_is_cited_by_the_function_that_computes_it():
    assert set(labels_of_the_book()) - labels_that_code_computes() == COMPUTED_BY_NOTHING


def page_with_a_check(text="$$\na = b\n$$ (eq-a)", code="assert 1 + 1 == 2", tags=("hide-cell",)):
    v4 = nbformat.v4
    check = v4.new_code_cell(f"# Check equation (eq-a)\n{code}", metadata={"tags": list(tags)})
    return v4.new_notebook(cells=[v4.new_markdown_cell(text), check])


def test_a_good_check_is_accepted():
    assert proofs.problems(page_with_a_check()) == []


@pytest.mark.parametrize(
    ("notebook", "problem"),
    [
        (page_with_a_check(code="a = 1 == 1\nprint(a)"), "compares nothing"),
        (page_with_a_check(code="assert True"), "compares nothing"),
        (page_with_a_check(code="np.allclose(a, b)\nc"), "compares nothing"),
        (page_with_a_check(tags=()), "not folded"),
        (page_with_a_check(text="$$\na = b\n$$"), "not defined here"),
        (page_with_a_check(text="$$\na\n$$ (eq-a)\n\n$$\nb\n$$ (eq-b)"), "eq-b has no"),
    ],
)
def test_a_bad_check_is_refused(notebook, problem):
    (found,) = proofs.problems(notebook)
    assert problem in found


def test_a_second_check_is_refused():
    notebook = page_with_a_check()
    notebook.cells.append(notebook.cells[1])
    assert proofs.problems(notebook) == ["eq-a has 2 checks"]


def test_words_behind_a_label_are_refused():
    notebook = page_with_a_check()
    notebook.cells[1].source = notebook.cells[1].source.replace("(eq-a)", "(eq-a), in prose")
    with pytest.raises(ValueError, match="not in the form"):
        proofs.problems(notebook)


def test_labels_are_found_in_docstrings_alone():
    source = '"""See (eq-a)."""\n\ndef f():\n    """As (eq-b)."""\n    return "(eq-c)"  # (eq-d)\n'
    assert proofs.cited_in_docstrings(source) == {"eq-a", "eq-b"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_was_executed_and_is_readable(path):
    """nbval never compares a cell without an execution count, so none may be without."""
    code = [cell for cell in read(path).cells if cell.cell_type == "code"]
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
    for cell in read(path).cells:
        pictures = [
            output
            for output in cell.get("outputs", [])
            if "image/png" in output.get("data", {}) or "image/svg+xml" in output.get("data", {})
        ]
        if pictures:
            assert "figure" in cell.metadata.get("mystnb", {}), cell.source
            assert cell.metadata["mystnb"]["image"]["alt"].strip(), cell.source


def test_every_word_of_the_glossary_is_linked_from_a_chapter():
    letters = re.findall(r"```\{glossary\}\n(.*?)```", text_of("book/glossary.md"), re.DOTALL)
    words = set(re.findall(r"^(\w.*)$", "\n".join(letters).lower(), re.MULTILINE))
    linked = {
        (target or text).strip().lower()
        for path in NOTEBOOKS
        for text, target in re.findall(r"\{term\}`([^<`]*)(?:<([^>]*)>)?`", markdown(path))
    }
    assert len(words) > 30
    assert linked == words


def test_every_source_is_cited():
    sources = set(BOOK.sources)
    cited = {
        key.strip()
        for page in PAGES
        for keys in re.findall(r"\{cite(?::t)?\}`([^`]+)`", text_of(page))
        for key in keys.split(",")
    }
    assert sources
    assert cited == sources


def test_changelog_names_this_version():
    assert f"## {cnnlab.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
