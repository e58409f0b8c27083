"""What a link shows before it is followed: the equation, the word or the paper that it leads to.

All cards of the book are one file, ``preview-cards.js``, which `previews.js` loads when the first
is asked for: 18 kB on the wire. A file for each page would hold 3 kB, and all of them over three
times as much.
"""

import json
import re
from pathlib import Path

FILE = "preview-cards.js"
TITLE = re.compile(r'<h1>((?:(?!</h1>).)*)<a class="headerlink"')
EQUATION = re.compile(
    r'<div class="math[^"]*" id="(equation-[^"]+)">\s*'
    r'<span class="eqno">.*?(\([A-Z\d.]+\)).*?</span>(\\\[.*?\\\])</div>',
    re.DOTALL,
)
TERM = re.compile(
    r'<dt id="(term-[^"]+)">(.*?)<a class="headerlink".*?</dt>\s*<dd>(.*?)</dd>', re.DOTALL
)
PAPER = re.compile(
    r'<div class="citation" id="([^"]+)" role="listitem">\s*<span class="label">(.*?)</span>\s*'
    r"(<p>.*?</p>)\s*</div>",
    re.DOTALL,
)
TAG = re.compile(r"<[^>]+>")
# A card is read, and not used: no links; and of classes only those that its style sheet knows.
LINK = re.compile(r"</?a\b[^>]*>")
CLASSES = re.compile(r' class="([^"]*)"')
KNOWN = ("math", "nobreak", "other-words")


def read_page(html):
    """Collect the cards of a page, by the anchor that links lead to: head and content."""
    cards = {}
    for anchor, number, tex in EQUATION.findall(html):
        cards[anchor] = f"Equation {number}", f'<div class="math">{tex.strip()}</div>'
    for anchor, word, meaning in TERM.findall(html):
        cards[anchor] = TAG.sub("", word), plain(meaning)
    for anchor, label, paper in PAPER.findall(html):
        cards[anchor] = TAG.sub("", label), plain(paper)
    return cards


def plain(html):
    """Take links and the classes of the page from a piece of HTML."""

    def known(found):
        kept = " ".join(name for name in KNOWN if name in found[1].split())
        return f' class="{kept}"' if kept else ""

    return CLASSES.sub(known, LINK.sub("", html)).strip()


def write_cards(app, exception):
    """Read all pages that were written, and write their cards into one file."""
    if exception is not None or app.builder.name != "html":
        return
    out, pages = Path(app.outdir), {}
    for name in sorted(app.env.all_docs):
        address = app.builder.get_target_uri(name)
        html = (out / address).read_text(encoding="utf-8")
        if cards := read_page(html):
            pages[address] = TAG.sub("", TITLE.search(html)[1]), cards
    text = json.dumps(pages, ensure_ascii=False, separators=(",", ":"))
    (out / FILE).write_text(f"window.previewCards = {text};\n", encoding="utf-8")


def setup(app):
    """Register with Sphinx."""
    app.connect("build-finished", write_cards)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
