"""A site that needs no network.

Scripts that extensions add twice are added once (`local_mathjax` brings MathJax), and what
extensions add for parts that no page has is left out: `code.css` and `boxes.css` say what is needed
of it. The start page names its icon, or browsers ask for another.
"""

from html import escape
from pathlib import Path

UNUSED = ("design-tabs", "exercise.css", "mystnb.", "pygments.css", "sphinx-design")

START = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>{title}</title>
    <link rel="icon" href="_static/logo.svg">
    <meta http-equiv="refresh" content="0; url={page}">
  </head>
  <body>
    <a href="{page}">{title}</a>
  </body>
</html>
"""


def write_start_page(app, exception):
    """Lead from index.html to the first page of the book."""
    if exception is None and app.builder.name == "html" and app.config.root_doc != "index":
        page = app.builder.get_target_uri(app.config.root_doc)
        start = START.format(title=escape(app.config.html_title), page=page)
        (Path(app.outdir) / "index.html").write_text(start, encoding="utf-8")


def drop_doubles(app, pagename, templatename, context, doctree):
    """Keep the first of each script and style sheet of a page that it needs."""
    for kind in ("script_files", "css_files"):
        seen, kept = set(), []
        for asset in context.get(kind, []):
            inline = getattr(asset, "attributes", {}).get("body", "")
            what = (getattr(asset, "filename", asset), inline)
            unused = what[0] is not None and Path(what[0]).name.startswith(UNUSED)
            if what not in seen and not unused:
                seen.add(what)
                kept.append(asset)
        context[kind] = kept


def setup(app):
    """Register with Sphinx."""
    app.connect("build-finished", write_start_page, priority=900)
    app.connect("html-page-context", drop_doubles, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
