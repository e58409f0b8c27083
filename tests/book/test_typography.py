"""Formulas and the punctuation behind them, as the website sets them."""

import importlib.util

import pytest

pytest.importorskip("sphinx", reason="Sphinx is not installed: the extra is `book`")
from docutils import nodes, utils
from support.book import ROOT

PATH = ROOT / "book" / "_ext" / "typography.py"


def keep_punctuation(*children):
    """Run the extension over one paragraph and return it."""
    spec = importlib.util.spec_from_file_location("typography", PATH)
    typography = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(typography)
    document = utils.new_document("page")
    document += nodes.paragraph("", "", *children)
    typography.KeepPunctuation(document).run()
    return document[0]


def test_a_full_stop_stays_with_its_formula():
    paragraph = keep_punctuation(nodes.math("", "m"), nodes.Text(". And more"))
    assert [child.astext() for child in paragraph] == ["m.", " And more"]
    assert paragraph[0]["classes"] == ["nobreak"]


def test_text_that_reads_the_same_elsewhere_is_left_alone():
    reference = nodes.inline("", "(3)")
    paragraph = keep_punctuation(reference, nodes.Text("."), nodes.math("", "m"), nodes.Text("."))
    assert [child.astext() for child in paragraph] == ["(3)", ".", "m.", ""]


def test_a_formula_without_punctuation_is_left_alone():
    paragraph = keep_punctuation(nodes.math("", "m"), nodes.Text(" and more"))
    assert isinstance(paragraph[0], nodes.math)
