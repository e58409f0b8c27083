"""The quiz of each chapter: three questions, three or four options each, exactly one right."""

import json
import re
import sys

import pytest
import yaml
from support.book import ROOT

pytest.importorskip("sphinx_exercise", reason="the extra `book` is not installed")
sys.path.insert(0, str(ROOT / "book" / "_ext"))

from docutils import nodes
from quiz import gathered

PARTS = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))["parts"]
CHAPTERS = [
    chapter["file"].rpartition("/")[2]
    for part in PARTS
    if part.get("numbered")
    for chapter in part["chapters"]
]
OPTION = re.compile(r"<details>\n<summary>(.+?)</summary>\n\n(.+?)\n\n</details>", re.DOTALL)
QUESTION = re.compile(r"^\*\*(\d)\.\*\* ", re.MULTILINE)


def quiz_of(name):
    """Return the questions of a chapter: the text of each, and its options with their answers."""
    cells = json.loads((ROOT / "book" / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
    text = "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    section = re.search(r"^## Quiz\n\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)[1]
    before, *pieces = QUESTION.split(section)
    assert before == ""
    assert pieces[::2] == [str(number + 1) for number in range(len(pieces) // 2)]
    return [asked(piece) for piece in pieces[1::2]]


def asked(piece):
    """Return what is asked, and the options; between these nothing stands, or it is read late."""
    text, *_ = re.split("(?=<details>)", piece, maxsplit=1)
    whole = piece[: piece.rindex("</details>") + len("</details>")]
    assert OPTION.sub("", whole).strip() == text.strip()
    return text, OPTION.findall(piece)


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_quiz_has_three_questions_with_one_right_option_each(name):
    questions = quiz_of(name)
    assert len(questions) == 3
    for text, options in questions:
        assert text.strip()
        assert len(options) in (3, 4), text
        assert len({option for option, _ in options}) == len(options)
        # A radio button whose label is a formula has no name for those who listen.
        assert not any(re.fullmatch(r"\$[^$]*\$", option) for option, _ in options)
        words = [answer.partition(" ")[0].rstrip(".,:") for _, answer in options]
        assert sorted(words) == ["No"] * (len(options) - 1) + ["Yes"], text


def test_right_options_are_neither_at_one_place_nor_the_longest():
    """Who knows nothing must not be right more often than by chance, give or take."""
    questions = [options for name in CHAPTERS for _, options in quiz_of(name)]
    rights = [
        next(at for at, (_, answer) in enumerate(options) if answer.startswith("Yes"))
        for options in questions
    ]
    longest = [
        max(range(len(options)), key=lambda at, options=options: len(options[at][0]))
        for options in questions
    ]
    assert max(map(rights.count, range(4))) < 0.4 * len(questions)
    same = sum(right == at for right, at in zip(rights, longest, strict=True))
    assert same < 0.4 * len(questions)


def paragraph(*words):
    """Make a paragraph as MyST does: it begins with no words."""
    return nodes.paragraph("", "", nodes.Text(""), *words)


def option(title, answer):
    """Make a folded part."""
    part = nodes.container("", design_component="dropdown")
    part += nodes.rubric("", title)
    part += paragraph(nodes.Text(answer))
    return part


def section(*answers):
    """Make what stands below the title of a quiz: a question, its options, and a last word."""
    options = [option(f"option {at}", answer) for at, answer in enumerate(answers)]
    first = paragraph(nodes.strong("", "2."), nodes.Text(" Which?"))
    return [paragraph(nodes.Text("Before.")), first, *options, paragraph(nodes.Text("Behind."))]


def test_a_question_holds_what_is_asked_and_its_options():
    before, question, behind = gathered(section("No. It is 3.", "Yes. It is 4."), "book/images")
    assert (before.astext(), behind.astext()) == ("Before.", "Behind.")
    asked, *options = question.children
    assert asked.astext() == "2. Which?"
    kinds = [part["classes"][-1] for part in options]
    assert kinds == ["answer-wrong", "answer-right"]
    assert options[1][1].astext() == "Yes. It is 4."


def test_the_name_of_a_question_changes_with_its_words():
    """Else a browser would show the answer to what was asked before."""
    names = [
        list(gathered(section("No. It is 3.", last), "book/images"))[1]["name"]
        for last in ("Yes. It is 4.", "Yes. It is 4.", "Yes. It is 5.")
    ]
    assert names[0].startswith("images-2-")
    assert names[0] == names[1] != names[2]


def test_an_option_without_a_verdict_is_told():
    with pytest.raises(ValueError, match="'option 1' begins neither with Yes nor with No"):
        list(gathered(section("No. It is 3.", "Perhaps."), "book/images"))
