"""Of the theme's style sheets only what a page can use is published.

A rule stays if each class and each id that it asks for stands on some page, or is a word of a
script, which may set it. The icons of the theme are left out: `icons.css` draws those that are
seen.
"""

import re
import shutil
from pathlib import Path

SHEETS = ("styles/pydata-sphinx-theme.css", "styles/sphinx-book-theme.css", "basic.css")
UNUSED = ("scripts/fontawesome.js*", "scripts/bootstrap.js*", "scripts/*.map", "styles/*.map")
MARKED = re.compile(r'\b(?:class|id)="([^"]*)"')
WORD = re.compile(r"[A-Za-z_][\w-]*")
ASKED = re.compile(r"[.#]([A-Za-z_][\w-]*)")
WITHIN = re.compile(r"\([^()]*\)")  # as of :not and :is, which may hold whatever they hold
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# A comma that separates selectors, and is not within parentheses.
COMMA = re.compile(r",(?![^()]*\))")


def words_of(site):
    """Collect the classes and ids of all pages, and all words of small scripts."""
    words = set()
    for page in site.rglob("*.html"):
        for names in MARKED.findall(page.read_text(encoding="utf-8")):
            words.update(names.split())
    for script in [*site.glob("_static/*.js"), *site.glob("_static/scripts/*-theme.js")]:
        words.update(WORD.findall(script.read_text(encoding="utf-8")))
    return words


def blocks(css):
    """Split a style sheet into heads and what stands between the braces behind them."""
    start = 0
    while (opening := css.find("{", start)) >= 0:
        head = css[start:opening].strip()
        depth, end = 1, opening + 1
        while depth:
            depth += {"{": 1, "}": -1}.get(css[end], 0)
            end += 1
        # Statements without a block, as @charset, come before the head.
        *statements, head = head.split(";")
        yield from ((f"{statement};", None) for statement in statements)
        yield head.strip(), css[opening + 1 : end - 1]
        start = end


def lean(css, words):
    """Keep the rules that can apply where these words are classes and ids."""
    kept = []
    for head, body in blocks(css):
        if body is None:
            kept.append(head)
        elif head.startswith(("@media", "@supports")):
            if inner := lean(body, words):
                kept.append(f"{head}{{{inner}}}")
        elif head.startswith("@"):
            if "Font Awesome" not in body:
                kept.append(f"{head}{{{body}}}")
        else:
            selectors = [part for part in COMMA.split(head) if can_apply(part, words)]
            if selectors:
                kept.append(f"{','.join(selectors)}{{{body}}}")
    return "\n".join(kept)


def can_apply(selector, words):
    """Say whether all that a selector asks for exists."""
    return all(name in words for name in ASKED.findall(WITHIN.sub("", selector)))


def write_lean_styles(app, exception):
    """Rewrite the style sheets of the theme, and take away what no page asks for."""
    if exception is not None or app.builder.name != "html":
        return
    site = Path(app.outdir)
    for pattern in UNUSED:
        for path in (site / "_static").glob(pattern):
            path.unlink()
    shutil.rmtree(site / "_static" / "vendor", ignore_errors=True)
    words = words_of(site)
    for name in SHEETS:
        path = site / "_static" / name
        css = COMMENT.sub("", path.read_text(encoding="utf-8"))
        path.write_text(lean(css, words), encoding="utf-8")


def setup(app):
    """Register with Sphinx."""
    app.connect("build-finished", write_lean_styles, priority=950)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
