"""A chapter on paper: A4, light, numbered, complete, and the answers last."""

import re

import numpy as np
import pytest

pdfium = pytest.importorskip("pypdfium2", reason="pypdfium2 is not installed: the extra is `test`")

CHAPTER = "book/input-gradient"
A4 = (595, 842)  # points
DARK = 96  # of 255: a color below is ink
TINT = 225  # the tint of a box is paler
TITLE = "Convolutional networks, equation by equation"


@pytest.fixture(scope="module")
def printed(site, tab):
    """Print a chapter from a dark screen; give the paper, and the page before and after."""
    page = tab.page
    page.emulate_media(color_scheme="dark")
    tab.open(
        f"{site.as_uri()}/{CHAPTER}.html", {"width": 1440, "height": 900}, within=site.as_uri()
    )
    page.evaluate("() => window.MathJax?.startup?.promise")
    page.wait_for_function("() => document.documentElement.dataset.theme === 'dark'")
    before = page.evaluate("() => document.querySelector('article.bd-article').outerHTML")
    options = {"prefer_css_page_size": True, "print_background": True}
    document = pdfium.PdfDocument(page.pdf(**options))
    after = page.evaluate("() => document.querySelector('article.bd-article').outerHTML")
    theme = page.evaluate("() => document.documentElement.dataset.theme")
    yield document, (before, after, theme)
    page.emulate_media(color_scheme="light")
    document.close()


def words(document):
    """Return the text of each page."""
    return [page.get_textpage().get_text_bounded() for page in document]


def test_pages_are_a4_and_numbered_and_know_their_chapter(printed):
    document, _ = printed
    assert {tuple(map(round, page.get_size())) for page in document} == {A4}
    texts = words(document)
    for number, text in enumerate(texts, start=1):
        assert f"{number} / {len(texts)}" in text
        assert TITLE in text
        assert "7. Input gradient" in text
    assert len(texts) <= 30


def test_nothing_dark_is_printed_from_a_dark_screen(printed):
    """Also not as a picture, as code or as a formula; and white is white."""
    document, _ = printed
    for number, page in enumerate(document, start=1):
        picture = page.render(scale=0.5, grayscale=True).to_numpy().squeeze()
        assert picture[:4].min() == 255, f"page {number} has a tinted edge"
        assert (picture < DARK).mean() < 0.12, f"page {number} has a dark slab"
        # The paper of a figure for the dark, made brighter by nobody: one gray, and much of it.
        counts = np.bincount(picture.ravel(), minlength=256)[:TINT]
        assert counts.max() / picture.size < 0.1, (
            f"page {number} has a slab of gray {counts.argmax()}"
        )


def test_answers_come_last(printed):
    document, _ = printed
    text = "\n".join(words(document))
    body, answers = re.split(r"\nAnswers\s", text, maxsplit=1)
    assert "Solution to" not in body
    assert "Solution to Exercise 7.1" in " ".join(answers.split())
    assert "Hint" not in body
    assert "Exercise 7.1: Hint" in answers
    assert "It gives 18." not in body  # an answer of the quiz
    assert "It gives 18." in " ".join(answers.split())
    assert "Quiz 1, a)" in answers


def test_what_a_screen_needs_is_left_out(printed):
    document, _ = printed
    text = "\n".join(words(document))
    for absent in (
        "Check equation",
        "Show code",
        "Hide code",
        "Copy",
        "Contents",
        "arrow keys too",
    ):
        assert absent not in text, absent
    assert "One pixel collects." in text  # what the explorer says, as it stands
    assert "The same with every step on a line of its own" in text  # folded, and part of the text


def test_no_box_of_code_is_empty(printed):
    """A tinted box begins and ends with the text that is in it."""
    document, _ = printed
    for number, page in enumerate(document, start=1):
        picture = page.render(grayscale=True).to_numpy().squeeze()
        inside = picture[:, A4[0] // 10 : -A4[0] // 10]
        tinted = ((inside > TINT) & (inside < 255)).all(axis=1)
        runs = "".join("x" if row else " " for row in tinted).split()
        assert max(map(len, runs), default=0) < 40, f"page {number} has an empty box"


def test_the_page_is_as_it_was(printed):
    _, (before, after, theme) = printed
    assert after == before
    assert theme == "dark"
