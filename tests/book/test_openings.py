"""What the openings of chapters say, once for the website and for every Jupyter."""

import importlib.util
import re
import sys

import pytest
from support.book import BOOK, ROOT, markdown

sys.path.insert(0, str(ROOT / "book" / "_ext"))

import course

CHAPTERS = course.chapters(ROOT)
by_name = pytest.mark.parametrize("chapter", CHAPTERS.values(), ids=lambda chapter: chapter.name)
# Of the map: | [Title](page.ipynb) | The question? | Builds on |
ROW = re.compile(
    r"^\| \[(?P<title>[^\]]+)\]\((?P<page>[\w-]+)\.ipynb\) \| (?P<question>.+?) \|", re.M
)


def test_all_numbered_pages_open_in_one_form():
    """A chapter without question and three goals is refused."""
    assert len(CHAPTERS) == 18
    assert [chapter.number for chapter in CHAPTERS.values()] == list(range(1, 19))


@pytest.mark.parametrize(
    "wrong",
    [
        "# A title\n\nThe question?\n\nAfter this chapter you can:\n\n- a;\n- b;\n- c.",
        "# A title\n\n**No question.**\n\nAfter this chapter you can:\n\n- a;\n- b;\n- c.",
        "# A title\n\n**The question?**\n\nAfter this chapter you can:\n\n- a;\n- b.",
        "# A title\n\n**The question?**\n\nYou will:\n\n- a;\n- b;\n- c.",
    ],
)
def test_another_form_is_refused(wrong):
    assert course.OPENING.match(wrong) is None


@by_name
def test_an_opening_is_short(chapter):
    assert len(chapter.question) <= 110
    assert all(len(re.sub(r"\]\([^)]*\)", "]", goal)) <= 120 for goal in chapter.goals)


@by_name
def test_the_map_of_the_course_asks_the_question_of_the_chapter(chapter):
    rows = {row["page"]: row for row in ROW.finditer(markdown(ROOT / "book" / "intro.ipynb"))}
    row = rows[chapter.name]
    assert (row["title"], row["question"]) == (BOOK.titles[chapter.name], chapter.question)


def test_minutes_are_counted():
    """Words of prose, formulas, cells and exercises; what is folded costs nothing."""
    prose = ("markdown", "word " * 2000, [])
    assert course.minutes([prose]) == 10
    assert course.minutes([prose] + [("markdown", "$$\na\n$$", [])] * 25) == 15
    assert course.minutes([prose] + [("code", "f()", [])] * 25) == 15
    assert course.minutes([prose] + [("code", "f()", ["hide-cell"])] * 25) == 10
    assert (
        course.minutes([prose] + [("markdown", '> <a id="ex-a"></a>**Exercise 1.1**', [])] * 5)
        == 20
    )
    assert course.minutes([prose, ("markdown", f"<details>{'w ' * 2000}</details>", [])]) == 10


@pytest.mark.skipif(importlib.util.find_spec("docutils") is None, reason="the extra is `book`")
@by_name
def test_every_chapter_has_a_picture(chapter):
    from opening_pictures import opening_picture

    drawn, shows = opening_picture(chapter.name)
    assert drawn.startswith("<svg")
    assert drawn.count("<svg") == drawn.count("</svg>") == 1
    assert shows.endswith(".")
    assert len(shows) > 40
    sizes = [float(size) for size in re.findall(r'font-size="([\d.]+)"', drawn)]
    assert all(size >= 16 for size in sizes)
    colors = set(re.findall(r"#[0-9a-f]{3,6}\b", drawn))
    assert colors == set(), "colors are those of the palette"
    assert len(drawn) < 10_000
