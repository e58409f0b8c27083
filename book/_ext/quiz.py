"""The quiz at the end of a chapter.

A question begins with a paragraph `**1.** ...`, its options are folded parts whose text begins
with "Yes." or "No.". The page has them as ``<div class="quiz">`` with ``<details>``, which open
without a script; `quiz.js` makes a card with radio buttons of each.
"""

import re
import zlib

from docutils import nodes
from folds import folded, section_of
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx_design.shared import is_component

NUMBER = re.compile(r"(\d)\.")
VERDICT = re.compile(r"(Yes|No)\b[.,:]?")
NAMES = {"Yes": "right", "No": "wrong"}


class question(nodes.General, nodes.Element):  # noqa: N801 (nodes have the names of their tags)
    """A question with its options."""


def visit_question(self, node):
    """Open the question; its name is that under which a browser keeps the answer."""
    self.body.append(self.starttag(node, "div", **{"data-name": node["name"]}))


def depart_question(self, node):
    """Close it."""
    self.body.append("</div>\n")


def number_of_question(node):
    """Return the number that a paragraph begins a question with, or None."""
    if not isinstance(node, nodes.paragraph):
        return None
    first = next((child for child in node if child.astext()), None)  # MyST begins with no words
    found = NUMBER.fullmatch(first.astext()) if isinstance(first, nodes.strong) else None
    return int(found[1]) if found else None


class GatherQuestions(SphinxPostTransform):
    """Put each question and its options into one part."""

    default_priority = 197  # before `folds` folds what is left
    formats = ("html",)

    def run(self, **kwargs):
        """Look at each section that is a quiz."""
        for section in list(self.document.findall(nodes.section)):
            if section_of(section) == "quiz":
                section.children = list(gathered(section.children, self.env.docname))
                for child in section.children:
                    child.parent = section


def gathered(children, page):
    """Give what stands in a quiz, with questions as parts.

    The name of a question has a checksum of its words: an answer to other words is not its answer.
    """
    starts = [at for at, child in enumerate(children) if number_of_question(child)]
    ends = [*starts, len(children)]
    yield from children[: ends[0]]
    for at, following in zip(starts, ends[1:], strict=True):
        options = [
            place for place in range(at, following) if is_component(children[place], "dropdown")
        ]
        first, end = (options[0], options[-1] + 1) if options else (following, following)
        words = "".join(child.astext() for child in children[at:end])
        number, mark = number_of_question(children[at]), zlib.crc32(words.encode())
        part = question(classes=["quiz"], name=f"{page.rpartition('/')[2]}-{number}-{mark:08x}")
        part += nodes.container("", *children[at:first], classes=["quiz-asked"])
        part += [answer(child) for child in children[first:end]]
        yield part
        yield from children[end:following]


def answer(dropdown):
    """Make an option of a folded part; a class says whether it is right, as its first word does."""
    part = folded("answer", dropdown[0].children, dropdown.children[1:], ids=dropdown[0]["ids"])
    word = next(text for text in part[1].findall(nodes.Text) if text.astext())
    found = VERDICT.match(word)
    if found is None:
        raise ValueError(f"The option {part[0].astext()!r} begins neither with Yes nor with No.")
    part["classes"].append(f"answer-{NAMES[found[1]]}")
    verdict = nodes.inline("", found[0], classes=["verdict"])
    word.parent.replace(word, [verdict, nodes.Text(word[found.end() :])])
    return part


def add_files(app, pagename, templatename, context, doctree):
    """Let a page with a quiz load what makes cards of it."""
    if doctree is not None and next(iter(doctree.findall(question)), None) is not None:
        app.add_css_file("quiz.css")
        app.add_js_file("quiz.js", defer="defer")


def setup(app):
    """Register with Sphinx."""
    app.add_node(question, html=(visit_question, depart_question))
    app.add_post_transform(GatherQuestions)
    app.connect("html-page-context", add_files)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
