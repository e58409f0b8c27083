"""MathJax without a network, and no more of it than the book uses.

The package ``sphinx-mathjax-offline`` holds MathJax in parts: 15 MB. The parts that set the TeX of
the book are written one behind the other into one file, half of what the ready-made file weighs. It
has no menu, so that formulas are no tab stops, and nothing in it asks for another part.
``math.js`` tells MathJax how, before it; ``math-reading.js`` is for readers who copy or scroll.
"""

from importlib.metadata import distribution
from pathlib import Path

from sphinx.util.fileutil import copy_asset

# `startup` comes first and waits; the others tell it that they are there.
PARTS = (
    "startup.js",
    "core.js",
    "input/tex-base.js",
    "input/tex/extensions/ams.js",
    "input/tex/extensions/html.js",
    "output/chtml.js",
    "output/chtml/fonts/tex.js",
    "a11y/assistive-mml.js",
)
FONTS = "output/chtml/fonts/woff-v2"
SCRIPT = "mathjax/mathjax.js"


def use_local_mathjax(app, config):
    """Point the pages to the copy of MathJax beside them; `math.js` holds its options."""
    config.mathjax_path = SCRIPT
    config.mathjax_options = {"defer": "defer"}
    config.mathjax3_config = None
    config.myst_update_mathjax = False


def add_scripts(app, pagename, templatename, context, doctree):
    """Load the scripts around MathJax where it is loaded."""
    if app.env.get_domain("math").has_equations(pagename):
        app.add_js_file("math.js", priority=190, loading_method="defer")
        app.add_js_file("math-reading.js", priority=900, loading_method="defer")


def write_mathjax(app, exception):
    """Write the parts into one file of the site, and copy the fonts."""
    if exception is not None or app.builder.format != "html":
        return
    package = distribution("sphinx-mathjax-offline").locate_file("sphinx-mathjax-offline")
    source = Path(str(package)) / "static" / "mathjax"
    script = Path(app.outdir) / "_static" / SCRIPT
    script.parent.mkdir(exist_ok=True)
    parts = [(source / part).read_text(encoding="utf-8") for part in PARTS]
    script.write_text("\n".join(parts), encoding="utf-8")
    copy_asset(str(source / FONTS), str(script.parent / "fonts"))


def setup(app):
    """Register with Sphinx."""
    app.connect("config-inited", use_local_mathjax, priority=900)
    app.connect("html-page-context", add_scripts)
    app.connect("build-finished", write_mathjax)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
