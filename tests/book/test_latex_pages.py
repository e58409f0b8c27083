"""The book for LaTeX: numbers of the website, nothing folded, answers last, vector pictures."""

import re
import shutil
import subprocess

import pytest

pytest.importorskip("sphinx_exercise", reason="the extra `book` is not installed")
pytest.importorskip("cairosvg", reason="the extra `pdf` is not installed")
from support.book import ROOT
from support.small_book import SQUARE, build

from cnnlab import palette
from tools import latex_log

EXTENSIONS = ("equation_links", "latex_pages", "vector_pictures")
NAME = "convolutional-networks"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return build(tmp_path_factory.mktemp("latex"), "latex", EXTENSIONS)


@pytest.fixture(scope="module")
def text(folder):
    return (folder / f"{NAME}.tex").read_text(encoding="utf-8")


def test_parts_and_chapters_are_those_of_the_website(text):
    order = [
        r"\chapter{The course}",
        r"\section{A section}",
        r"\part{First part}",
        r"\setcounter{secnumdepth}{-1}",
        r"\chapter{Prose \& more}",
        r"\part{Second part}",
        r"\setcounter{secnumdepth}{0}\setcounter{chapter}{0}",
        r"\chapter{A chapter}",
    ]
    places = [text.index(piece, text.index(r"\sphinxtableofcontents")) for piece in order[:3]]
    places += [text.index(piece, places[2]) for piece in order[3:5]]
    places += [text.index(piece, places[-1]) for piece in order[5:]]
    assert places == sorted(places)


def test_equations_and_figures_have_the_numbers_of_the_website(text):
    assert r"\label{equation:chapter:eq-sum}\tag{1.1}" in text
    assert re.search(r"\\setcounter\{figure\}\{0\}\s+\\begin\{figure\}", text)


def test_what_is_folded_is_left_out(text):
    assert "checked" not in text
    assert "drawn = 2" not in text.replace(r"\PYG{o}{=}", "=")
    assert "what was drawn" in text


def test_answers_come_at_the_end_of_the_chapter(text):
    body, answers = text.split(r"\section{Answers}")
    for words in ("Count them.", "There are seven.", "Yes. It is right.", "No. It is wrong."):
        assert words not in body
        assert words in answers
    assert "Exercise 1.1: Hint" in answers
    assert "a) This one" in body
    assert "Quiz 1, a)" in answers
    assert "Quiz 1, b)" in answers


def test_a_figure_that_answers_is_printed_as_its_still_picture(text, folder):
    pictures = re.findall(r"\\sphinxincludegraphics(?:\[.*?\])?\{\{(.*?)\}\.pdf\}", text)
    assert len(pictures) == 2  # the figure in SVG, and the still picture
    assert all((folder / f"{name}.pdf").read_bytes().startswith(b"%PDF") for name in pictures)
    assert "<Figure>" not in text


def test_variables_of_a_style_sheet_are_replaced(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "book" / "_ext"))
    from vector_pictures import without_variables

    svg = without_variables(SQUARE)
    assert "var(" not in svg
    assert f"fill: {palette.colors('light')['X']}" in svg
    assert "stroke-width: 2" in svg
    assert "stroke: red" in svg
    dark = "<style>a { b: c } @media (prefers-color-scheme: dark) { a { b: d } } e { f: g }</style>"
    assert without_variables(dark) == "<style>a { b: c }  e { f: g }</style>"


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("latexmk") is None, reason="LaTeX (latexmk) is not installed")
def test_latex_sets_the_book(folder):
    command = ["latexmk", "-xelatex", "-interaction=nonstopmode", "-halt-on-error", f"{NAME}.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    assert latex_log.faults((folder / f"{NAME}.log").read_text("utf-8", "replace")) == []
