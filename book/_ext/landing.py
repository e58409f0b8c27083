"""The start page: a layer at work, equation, loop, twin and test side by side, chapters as cards.

The notebook `intro` holds all of it as plain sections, tables and cells, which every Jupyter shows;
here they are laid out for the website. `layer.js` and `band.js` make them move and answer.
"""

import json
import re
from html import escape
from pathlib import Path

import numpy as np
from course import chapters
from docutils import nodes
from drawing import MINUS, PLUS, color
from opening_pictures import opening_picture
from reading import name_of, raw

from cnnlab import reference

START = "book/intro"
NETWORK = "One digit, all the way"
BAND = "One equation, one loop, one twin, one test"
MAP = "Map of the course"
# The first picture of the layer at work, before its script has run.
SHOWN_PATTERN, SHOWN_CELLS = 2, 9 * 24 + 14
DATA = re.compile(r'<script type="application/json">(.*)</script>', re.DOTALL)
CAPTION = (
    "One of the {count} patterns that this network has found in digits slides over a digit that it "
    "has never seen. The map <i>Z</i> is red where the pattern fits, blue where its opposite does."
)
MARKS = """
<div class="marks" hidden><p><span class="count"></span> of {of} chapters done</p>
<button type="button" class="clear-marks">Clear all marks</button></div>
"""


def section_of(doctree, title):
    """Find the section with a title."""
    for section in doctree.findall(nodes.section):
        if section[0].astext() == title:
            return section
    raise ValueError(f"the start page has no section {title!r}")


def is_cell(node):
    """Tell whether a node is a cell of the notebook."""
    return isinstance(node, nodes.container) and "cell" in node["classes"]


# --- The layer at work -----------------------------------------------------------


def square(i, j, at, value, top):
    """Return one signed entry of a grid as an SVG element."""
    x, y, size = at
    return (
        f'<rect x="{x + size * j:g}" y="{y + size * i:g}" width="{size:g}" height="{size:g}" '
        f'fill="{PLUS if value > 0 else MINUS}" fill-opacity="{abs(value) / top:.2f}"/>'
    )


def still(values):
    """Draw the layer in the middle of its work."""
    X, w = np.array(values["X"]) / 255, np.array(values["w"])
    Z = reference.conv2d(X[np.newaxis], w[:, np.newaxis], np.array(values["b"]))
    k, (i, j) = SHOWN_PATTERN, divmod(SHOWN_CELLS, Z.shape[2])
    top = np.abs(Z).max()
    image = "".join(
        f'<rect x="{1 + q}" y="{4 + p}" width="1" height="1" fill-opacity="{X[p, q]:.2f}"/>'
        for p, q in np.argwhere(X > 0.02)
    )
    pattern = "".join(
        square(*place, (31, 9, 2), value, np.abs(w).max()) for place, value in np.ndenumerate(w[k])
    )
    entries = "".join(
        square(*divmod(n, Z.shape[2]), (43, 6, 1), Z[k].flat[n], top)
        for n in range(SHOWN_CELLS + 1)
    )
    names = "".join(
        f'<text x="{x}" y="{y}" fill="{color(name)}">{name}</text>'
        for name, x, y in (("X", 15, 2.6), ("w", 36, 7.6), ("Z", 55, 4.6))
    )
    outlines = "".join(
        f'<rect class="outline" x="{x}" y="{y}" width="{size}" height="{size}"/>'
        for x, y, size in ((1, 4, 28), (31, 9, 10), (43, 6, 24))
    )
    return (
        '<svg viewBox="0 0 68 33" role="img" aria-label="A handwritten digit, a pattern of five '
        'by five numbers that slides over it, and the map of its responses.">'
        f'<g class="image" fill="{color("ink")}">{image}</g><g class="pattern">{pattern}</g>'
        f'<g class="map">{entries}</g>{outlines}{names}'
        f'<rect class="window" x="{1 + j}" y="{4 + i}" width="5" height="5"/>'
        f'<rect class="entry" x="{43 + j}" y="{6 + i}" width="1" height="1"/></svg>',
        f"Z[{k}, {i}, {j}] = {Z[k, i, j]:.2f}",
    )


def at_work(doctree):
    """Take the numbers of the network off the page, and return the figure made from them."""
    for node in doctree.findall(nodes.raw):
        if found := DATA.search(node.astext()):
            break
    else:
        raise ValueError("the start page shows no numbers of a network")
    node.parent.remove(node)
    values = json.loads(found[1])
    drawn, number = still(values)
    numbers = escape(json.dumps(values, separators=(",", ":")))
    buttons = (
        '<button type="button" class="play" hidden>Pause</button>'
        '<button type="button" class="next" hidden>Next pattern</button>'
    )
    return (
        f'<figure class="layer-at-work" data-layer="{numbers}">{drawn}'
        f'<div class="controls">{buttons}'
        f'<span class="number" aria-hidden="true">{number}</span></div>'
        f"<figcaption>{CAPTION.format(count=len(values['w']))}</figcaption></figure>"
    )


def lay_out_hero(doctree, known):
    """Put promise, start and the layer at work side by side."""
    section = next(doctree.findall(nodes.section))
    promise, about, ways = section.children[1:4]
    start = next(ways.findall(nodes.reference))
    first = next(iter(known.values()))
    hours = round(sum(chapter.minutes for chapter in known.values()) / 60)
    left = nodes.container("", promise, about, classes=["promise"])
    promise["classes"].append("lead")
    left += raw(
        f'<p class="ways"><a class="start" href="{escape(start["refuri"])}">Start</a> '
        f'<a class="continue" href="{first.name}.html" hidden>Continue</a></p>'
        f'<p class="extent">{len(known)} chapters, about {hours} hours. '
        '<a href="#map-of-the-course">Map of the course</a></p>'
    )
    hero = nodes.container("", left, raw(at_work(doctree)), classes=["hero"])
    folded = [child for child in section.children[4:] if is_cell(child)]
    section.children = [section[0], hero, *(c for c in section.children[4:] if c not in folded)]
    hero.parent = section
    # What trains the network is drawn at the top, and told where the whole network is shown.
    network = section_of(doctree, NETWORK)
    first_cell = next(place for place, child in enumerate(network) if is_cell(child))
    network.children[first_cell:first_cell] = folded
    for cell in folded:
        cell.parent = network


# --- Equation, loop, twin, test --------------------------------------------------


def indices_of(table):
    """Read the table of the letters: what each counts."""
    rows = next(table.findall(nodes.tbody)).children
    return {row[0].astext(): row[1].astext() for row in rows}


def chips(indices):
    """Return a button for each letter."""
    buttons = "".join(
        f'<button type="button" class="index-chip" data-index="{letter}" aria-pressed="false">'
        f"<code>{letter}</code> {escape(what)}</button>"
        for letter, what in indices.items()
    )
    return f'<div class="index-chips" role="group" aria-label="Indices">{buttons}</div>'


def with_classes(formula, letters):
    """Give each of the letters of a formula a class that a script finds."""
    name = rf"(?<![A-Za-z\\{{])([{letters}])(?![A-Za-z])"
    return re.sub(name, r"\\class{index-\1}{\1}", formula)


def narrowed(code):
    """Return code with half of its indentation."""
    return re.sub(r"^( +)", lambda found: found[1][::2], code, flags=re.MULTILINE)


def lay_out_band(doctree):
    """Put the four parts side by side, without what only shows them in a notebook."""
    section = section_of(doctree, BAND)
    table = next(section.findall(nodes.table))
    indices = indices_of(table)
    letters = "".join(indices)
    parts = [child for child in section.children if isinstance(child, nodes.section)]
    after = parts[-1].children
    for part in parts:
        for formula in part.findall(nodes.math_block):
            text = with_classes(formula.astext(), letters)
            formula.children = [nodes.Text(text)]
        for cell in filter(is_cell, part.children):
            pieces = {kind: found for found in cell.children for kind in found["classes"]}
            if {"cell_input", "cell_output"} <= pieces.keys():
                cell.remove(pieces["cell_input"])
        for listing in list(part.findall(nodes.literal_block)):
            code = narrowed(listing.astext())
            listing.replace_self(nodes.literal_block(code, code, language="python"))
    rest = [child for child in after[1:] if isinstance(child, nodes.paragraph)]
    for child in rest:
        parts[-1].remove(child)
    place = section.index(table)
    band = nodes.container("", raw(chips(indices)), classes=["band"])
    four = nodes.container("", *parts, classes=["band-parts"])
    band += four
    section.children = [*section.children[:place], band, *rest]
    for child in section.children:
        child.parent = section


# --- Cards -----------------------------------------------------------------------


def card(row, known):
    """Make a card of a row of the map."""
    cells = list(row.findall(nodes.entry))
    target = next(cells[0].findall(nodes.reference))
    name = name_of(target.get("refuri", "").removesuffix(".html"))
    chapter = known.get(name)
    item = nodes.list_item(classes=["card-of-page"])
    meta = []
    if chapter:
        item += raw(f'<div class="card-picture">{opening_picture(name)[0]}</div>')
        meta.append(f"{chapter.minutes} min")
    number = f"{chapter.number}. " if chapter else ""
    title = nodes.paragraph("", classes=["card-title"])
    target.children = [nodes.Text(number + target.astext())]
    target.children[0].parent = target
    title += target
    item += title
    question = next(cells[1].findall(nodes.paragraph))
    question["classes"].append("card-question")
    item += question
    if len(cells) > 2 and cells[2].astext():
        meta.append(f"builds on {cells[2].astext()}")
    if meta:
        words = escape(", ".join(meta), quote=False)
        item += raw(f'<p class="card-meta" data-page="{name}">{words}</p>')
    return item


def lay_out_map(doctree, known):
    """Make cards of the tables of the map."""
    section = section_of(doctree, MAP)
    for table in list(section.findall(nodes.table)):
        rows = next(table.findall(nodes.tbody)).children
        cards = (card(row, known) for row in rows)
        table.replace_self(nodes.bullet_list("", *cards, classes=["cards"]))
    section.insert(1, raw(MARKS.format(of=len(known))))


def lay_out(app, doctree, docname):
    """Lay out the start page."""
    if docname != START or app.builder.format != "html":
        return
    known = chapters(Path(app.srcdir))
    lay_out_hero(doctree, known)
    lay_out_band(doctree)
    lay_out_map(doctree, known)


def add_files(app, pagename, templatename, context, doctree):
    """Load the style and the scripts of the start page, on it alone."""
    if pagename == START:
        app.add_css_file("landing.css")
        for script in ("layer.js", "band.js"):
            app.add_js_file(script, defer="defer")


def setup(app):
    """Register with Sphinx."""
    app.connect("html-page-context", add_files)
    app.connect("doctree-resolved", lay_out)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
