"""Openings, ends and the place in the course, for those who read on the website.

A chapter opens with its place, its question as a lead, a picture and its goals; it ends with a
button that marks it as done. On a phone each page has a bar with its place and its neighbors. Marks
are made, kept and shown by `reading.js`, in the reader's browser alone.
"""

import re
from html import escape
from pathlib import Path

from course import GOALS, chapters
from docutils import nodes
from opening_pictures import opening_picture

END = """
<section class="chapter-end" aria-label="Mark this chapter" hidden>
<button type="button" class="mark-done" data-page="{name}"
 data-title="Chapter {number}">Mark chapter {number} as done</button>
<p>Marks stay in this browser. <a href="intro.html#map-of-the-course">All of them</a></p>
</section>
"""
BAR = """
<nav class="course-bar" aria-label="Place in the course" data-page="{page}" data-title="{title}">
{previous}<p><span class="part">{part}</span> <span class="place">{place}</span></p>{next}
</nav>
<div class="reading-progress" aria-hidden="true"></div>
"""


def raw(html):
    """Return HTML as a node."""
    return nodes.raw("", html, format="html")


def name_of(docname):
    """Return the name of a page without its folders."""
    return docname.rpartition("/")[2]


def place_in_words(chapter, of):
    """Say where a chapter stands and how long it takes."""
    return f"Chapter {chapter.number} of {of}, {chapter.minutes} min"


def open_chapter(app, doctree, docname):
    """Lay out the first cell of a chapter."""
    known = chapters(Path(app.srcdir))
    chapter = known.get(name_of(docname))
    if chapter is None or app.builder.format != "html":
        return
    section = next(doctree.findall(nodes.section))
    question, sentence, goals = section.children[1:4]
    if question.astext() != chapter.question or sentence.astext() != GOALS:
        raise ValueError(f"{docname}: the page does not open as its notebook")
    drawn, shows = opening_picture(chapter.name)
    figure = f'<div class="opening-figure" role="img" aria-label="{escape(shows)}">{drawn}</div>'
    place = (
        f'<p class="chapter-place"><span class="part">{escape(chapter.part)}</span> '
        f"{place_in_words(chapter, len(known))}</p>"
    )
    question["classes"].append("question")
    opening = nodes.container("", question, raw(figure), classes=["opening"])
    opening += nodes.container("", sentence, goals, classes=["goals"])
    section.children[1:4] = [raw(place), opening]
    for child in section.children[1:3]:
        child.parent = section


def link(neighbor, rel, sign):
    """Return a link to the page before or after."""
    if not neighbor:
        return '<span class="neighbor"></span>'
    title = re.sub(r"<[^>]*>", "", neighbor["title"])
    words = f"{rel.capitalize()}: {title}"
    return (
        f'<a class="neighbor" rel="{"prev" if rel == "previous" else rel}" '
        f'href="{neighbor["link"]}" aria-label="{escape(words)}">{sign}</a>'
    )


def add_end_and_bar(app, pagename, templatename, context, doctree):
    """Write the button at the end of a chapter, and the bar of a page of the book."""
    if doctree is None or not pagename.startswith("book/") or app.builder.format != "html":
        return
    known = chapters(Path(app.srcdir))
    name = name_of(pagename)
    chapter = known.get(name)
    title = re.sub(r"<[^>]*>", "", context.get("title", ""))
    if chapter:
        context["body"] += END.format(name=name, number=chapter.number)
        part, place = chapter.part, f"Chapter {chapter.number} of {len(known)}"
        title = f"{chapter.number}. {chapter.title}"
    else:
        part, place = "", "Start page" if pagename == app.config.root_doc else title
    context["body"] += BAR.format(
        page=name if chapter else "",
        title=escape(title),
        part=escape(part),
        place=escape(place, quote=False) if chapter else place,
        previous=link(context.get("prev"), "previous", "\N{LEFTWARDS ARROW}"),
        next=link(context.get("next"), "next", "\N{RIGHTWARDS ARROW}"),
    )


def setup(app):
    """Register with Sphinx."""
    app.connect("doctree-resolved", open_chapter)
    app.connect("html-page-context", add_end_and_bar)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
