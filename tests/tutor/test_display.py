"""A diagnosis in a terminal and on a page: what is wrong first, short, cleaned, escaped, marked."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest
from support import wrong
from support.failures import each

from cnnlab import reference
from cnnlab.tutor import find
from cnnlab.tutor.asking import InThisProcess
from cnnlab.tutor.diagnosis import explain
from cnnlab.tutor.display import html, terminal
from cnnlab.tutor.judging import judge


def tried(name, function):
    question = find(name)
    report = judge(name, question, InThisProcess({question.function: function}))
    return report, explain(report)


def with_mistakes(operation, *names):
    edits = [edit for name in names for edit in wrong.mistakes(operation) if edit.name == name]
    assert len(edits) == len(names)
    return wrong.with_mistakes(operation, *edits)


def border(dZ, w, X_shape):
    dX = reference.conv2d_dX(dZ, w, X_shape)
    dX[..., 0, :] = 7
    return dX


EVIL = "\x1b[31m<script>alert(1)</script> & \u202e \ud800 \0" + "x" * 5000


def evil(dZ, w, X_shape):
    raise ValueError(EVIL)


def odd(dZ, w, X_shape):
    dX = reference.conv2d_dX(dZ, w, X_shape)
    return dX + np.sin(7.0 * np.arange(dX.size)).reshape(dX.shape) * (dX.shape[0] > 2)


FUNCTIONS = {
    "a mistake": with_mistakes("conv2d_dX", "dX-first-pattern-only"),
    "two": with_mistakes("conv2d_dX", "dX-pattern-not-turned", "dX-windows-overwrite"),
    "border": border,
    "evil": evil,
    "unknown": odd,
    "stub": lambda dZ, w, X_shape: None,
    "right": reference.conv2d_dX,
}


@pytest.fixture(scope="module")
def seen():
    """Return the report and the diagnosis of each function."""
    return {name: tried("A4.gather", function) for name, function in FUNCTIONS.items()}


@each(name=list(FUNCTIONS))
def test_a_terminal_shows_few_short_lines_of_ascii(name, seen):
    text = terminal(*seen[name])
    assert text.isascii()
    assert text.isprintable() or "\n" in text
    assert not set(text) - {"\n"} & set(map(chr, range(32)))
    lines = text.splitlines()
    assert len(lines) <= 20
    assert max(map(len, lines)) <= 80
    assert lines[0].startswith("A4.gather: ")


def test_the_first_line_says_what_is_wrong(seen):
    first = {name: terminal(*found).splitlines()[0] for name, found in seen.items()}
    assert first["a mistake"] == "A4.gather: Only the first pattern hands something back."
    assert first["two"].startswith("A4.gather: Two mistakes at once: the pattern is laid on")
    assert first["border"] == "A4.gather: dX is right inside and wrong at its border, at the top."
    assert first["unknown"].startswith("A4.gather: The values are wrong, and I cannot name")
    assert first["stub"] == terminal(*seen["stub"]) == "A4.gather: not written yet."
    assert first["right"] == terminal(*seen["right"]) == "A4.gather: right, 25 of 25 points."


def test_the_sum_and_its_missing_terms_are_written_out(seen):
    text = terminal(*seen["a mistake"])
    assert re.search(r"dX\[0,0,0,1\] = \S+, expected \S+ \(\d+ of 24 entries wrong\)", text)
    assert re.search(r"dZ\[0,1,0,0\] w\[1,0,0,1\] +\S+ \* \S+ = \S+  <- missing", text)
    assert "See equation (eq-dX) in the chapter Input gradient." in text
    assert text.endswith("0 of 25 points; lost: values, edges, manners.")


def test_what_is_not_known_is_said_with_what_is(seen):
    text = terminal(*seen["unknown"])
    assert re.search(r"It is right in \d+ of \d+ cases, as: ", text)


def test_many_terms_are_counted_where_they_are_not_shown():
    report, diagnosis = tried("conv2d", with_mistakes("conv2d", "conv-first-depth-only"))
    assert "more terms, 6 of 13 missing or counted wrongly" in terminal(report, diagnosis)
    assert "1 more term<" in html(report, diagnosis)


class Page(HTMLParser):
    """Checks that tags are closed, and collects them."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.text = [], [], ""

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data if self.open[-1] != "style" else ""


def page_of(name, seen):
    page = Page()
    page.feed(html(*seen[name]))
    assert page.open == []
    return page


@each(name=list(FUNCTIONS))
def test_a_page_is_well_formed_and_says_the_same(name, seen):
    page = page_of(name, seen)
    assert page.tags[0][0] == "div"
    first = terminal(*seen[name]).splitlines()[0]
    assert " ".join(page.text.split()).startswith(first[:60])
    assert ("right" in page.tags[0][1]["class"].split()) == (name == "right")


def test_what_somebody_raised_is_text_and_no_more(seen):
    page = page_of("evil", seen)
    assert "script" not in {tag for tag, _ in page.tags}
    assert "<script>alert(1)</script> & xxx" in page.text
    assert not set(page.text) & set("\x1b\0\u202e\ud800")
    assert len(page.text) < 1500


def test_wrong_entries_and_missing_terms_are_marked(seen):
    page = page_of("a mistake", seen)
    marked = [attributes for tag, attributes in page.tags if attributes.get("class") == "wrong"]
    given, right = seen["a mistake"][0].outcomes[0][1:3]
    wrong_entries = int((given.value[0, 0] != right[0, 0]).sum())
    assert len(marked) == 2 * wrong_entries > 0
    labels = [attributes.get("aria-label", "") for _, attributes in page.tags]
    assert sum(label.startswith("wrong: ") for label in labels) == 2 * wrong_entries
    assert sum(attributes.get("class") == "off" for _, attributes in page.tags) == 2
    assert "in yours" in page.text
    assert "in yours" not in page_of("two", seen).text  # nothing to mark there
    scopes = [attributes.get("scope") for tag, attributes in page.tags if tag == "th"]
    assert set(scopes) == {"col", "row"}
    assert [tag for tag, _ in page.tags].count("caption") == 3


def test_the_equation_has_a_link_to_its_page(seen):
    (link,) = [attributes["href"] for tag, attributes in page_of("two", seen).tags if tag == "a"]
    assert link == "../input-gradient.html#equation-eq-dx"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_can_be_read(theme, seen):
    text = html(*seen["a mistake"])
    block = re.search(rf"\[data-theme={theme}\] \.cnnlab-tutor[^{{]*{{([^}}]*)}}", text)[1]
    colour = dict(re.findall(r"--([\w-]+):(#\w+)", block))
    for ink, ground in (
        ("ink", "ground"),
        ("soft", "ground"),
        ("bad", "bad-ground"),
        ("link", "ground"),
    ):
        assert contrast(colour[ink], colour[ground]) >= 4.5, (ink, ground)


def contrast(one, other):
    light, dark = sorted(map(luminance, (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour):
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))
