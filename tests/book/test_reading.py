"""What a reader meets on a page: how much there is to read, and marks that mean one thing."""

import re

import pytest
from support.book import NOTEBOOKS, ROOT, read

WORDS_OF_A_CHAPTER = 4500
LONGER = {"input-gradient"}  # nobody else has written that chapter: it takes the room it needs
CHAPTERS = re.findall(
    r"(?:root|file): book/(\S+)",
    (ROOT / "_toc.yml").read_text("utf-8").split("caption: Reference")[0],
)
# A fence with a name in braces is a directive; those that open closed are folded.
FENCE = re.compile(r"^(?P<fence>`{3,}|:{3,})\{(?P<name>[\w-]+)\}.*?^(?P=fence)\s*$", re.M | re.S)
QUIZ = re.compile(r"^## Quiz\n.*?(?=^## |\Z)", re.M | re.S)
FORMULA = re.compile(r"\$\$.+?\$\$|\$[^$]+\$", re.S)
IN_LINE = re.compile(r"(?<![$\\])\$[^$\n]+\$(?!\$)")
PRIME = re.compile(r"([A-Za-z}\])]+)'")


def is_folded(directive):
    """Tell whether a directive is closed until somebody opens it."""
    return directive["name"] == "dropdown" or ":class: dropdown" in directive[0]


def unfolded(text):
    """Return the text without what is folded away."""
    return FENCE.sub(lambda match: "" if is_folded(match) else match[0], text)


def words(path):
    """Count the words of a page: what stands between two spaces, and a formula within a line.

    The quiz is left out: its questions are answered one by one, and each chapter has three.
    """
    cells = [cell.source for cell in read(path).cells if cell.cell_type == "markdown"]
    return counted(unfolded(QUIZ.sub("", "\n\n".join(cells))))


def counted(text):
    """Count a formula within a line as one word: its spaces cost nothing."""
    return len(IN_LINE.sub("formula", text).split())


def test_the_spaces_of_a_formula_within_a_line_are_no_words():
    assert counted("so $a = 1$, and $b$") == counted("so $a=1$, and $b$") == 4
    assert counted("so\n\n$$\na = 1\n$$ (eq-a)\n\nand $b$") == 9


def test_folded_parts_are_not_counted():
    text = "one\n\n```{dropdown} Hint\ntwo three\n```\n\n````{solution} ex-a\n:class: dropdown\n\n"
    text += "```python\nfour\n```\n````\n\n:::{dropdown} `five`\nNo.\n:::\n\n```{note}\nsix\n```\n"
    assert re.findall("one|two|three|four|five|six", unfolded(text)) == ["one", "six"]


def test_a_quiz_ends_where_the_next_section_begins():
    assert QUIZ.sub("", "one\n\n## Quiz\n\ntwo\n\n### three\n\n## Four\n") == "one\n\n## Four\n"
    assert QUIZ.sub("", "one\n\n## Quiz\n\ntwo") == "one\n\n"


@pytest.mark.parametrize(
    "path",
    [path for path in NOTEBOOKS if path.stem in set(CHAPTERS) - LONGER],
    ids=lambda path: path.stem,
)
def test_a_chapter_is_not_too_long(path):
    assert words(path) <= WORDS_OF_A_CHAPTER, "shorten what bores, or fold it"


def test_what_may_be_longer_is_longer():
    assert {path.stem for path in NOTEBOOKS if words(path) > WORDS_OF_A_CHAPTER} >= LONGER


def with_a_prime(text):
    """Return what bears a prime in the formulas of a text."""
    return {name for formula in FORMULA.findall(text) for name in PRIME.findall(formula)}


def test_primes_are_found():
    assert with_a_prime(r"the page's $M'$ and $\sum_{k'} f'(x)$ for $w[u']'$") == {
        *("M", "k", "f", "u", "]")
    }


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_prime_is_the_size_of_a_result(path):
    """A second index has a tilde, a derivative is f^{(1)}."""
    for cell in read(path).cells:
        if cell.cell_type == "markdown":
            assert with_a_prime(cell.source) <= {"M", "N"}, cell.source


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_checks_and_drawing_code_are_folded_in_jupyterlab_too(path):
    for cell in read(path).cells:
        tags = cell.metadata.get("tags", [])
        folded = cell.metadata.get("jupyter", {})
        assert folded.get("source_hidden", False) == bool({"hide-cell", "hide-input"} & set(tags))
        assert folded.get("outputs_hidden", False) == ("hide-cell" in tags)


@pytest.mark.parametrize(
    "path", [path for path in NOTEBOOKS if path.stem in CHAPTERS], ids=lambda path: path.stem
)
def test_a_chapter_ends_with_a_line_that_leads_on(path):
    """It has a link, unless nothing comes after."""
    last = read(path).cells[-1]
    assert last.cell_type == "markdown"
    line = last.source.strip().splitlines()[-1]
    assert "](" in line or path.stem == CHAPTERS[-1], line
