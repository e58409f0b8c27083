"""A site that needs no network.

MathJax comes from the package ``sphinx-mathjax-offline``; of its 24 MB only the
one script that is used and its fonts are copied. Scripts that extensions add
twice are added once, and what extensions add for parts that no page has is left
out: `code.css` and `boxes.css` say what is needed of it. The start page names its icon,
or browsers ask for another.
"""

from html import escape
from importlib.metadata import distribution
from pathlib import Path

from sphinx.util.fileutil import copy_asset

MATHJAX = "mathjax/tex-chtml-full.js"
FONTS = "mathjax/output/chtml/fonts/woff-v2"
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


def use_local_mathjax(app, config):
    """Point the pages to the copy of MathJax beside them."""
    config.mathjax_path = MATHJAX


def copy_mathjax(app, exception):
    """Copy the script and its fonts into the site."""
    if exception is not None or app.builder.format != "html":
        return
    package = distribution("sphinx-mathjax-offline").locate_file("sphinx-mathjax-offline")
    static = Path(app.outdir) / "_static"
    copy_asset(str(package / "static" / MATHJAX), str(static / "mathjax"))
    copy_asset(str(package / "static" / FONTS), str(static / FONTS))


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
    app.connect("config-inited", use_local_mathjax, priority=900)
    app.connect("build-finished", copy_mathjax)
    app.connect("build-finished", write_start_page, priority=900)
    app.connect("html-page-context", drop_doubles, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
