"""Vector pictures on paper: LaTeX takes no SVG, so each becomes a PDF, in light colors.

A picture of a figure that answers on the website, its still picture, becomes one too.
"""

import re
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.transforms.post_transforms.images import ImageConverter
from sphinx.util import logging

from cnnlab import palette

LOGGER = logging.getLogger(__name__)
STILL = "data:image/svg+xml,"
DEFINED = re.compile(r"(--[\w-]+)\s*:\s*([^;{}]+)")
# The innermost first: a fallback may be a variable itself.
USED = re.compile(r"var\(\s*(--[\w-]+)\s*(?:,\s*([^()]*(?:\([^()]*\)[^()]*)*))?\)")
DARK = re.compile(r"@media[^{]*prefers-color-scheme:\s*dark[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")


def without_variables(svg):
    """Put values in place of the variables of a style sheet, which converters do not know."""
    svg = DARK.sub("", svg)
    values = {f"--cnn-{name}": value for name, value in palette.colors("light").items()}
    values |= {name: value.strip() for name, value in DEFINED.findall(svg)}
    before = None
    while svg != before:
        before = svg
        svg = USED.sub(lambda found: values.get(found[1], found[2] or "currentColor"), svg)
    return svg


def write_pdf(svg, path):
    """Write the picture of a text in SVG as a PDF."""
    import cairosvg  # installed for `make pdf` alone, and it needs a library of the system

    cairosvg.svg2pdf(bytestring=without_variables(svg).encode(), write_to=str(path))


class SvgToPdf(ImageConverter):
    """Convert the SVG files that pages and outputs show."""

    conversion_rules = [("image/svg+xml", "application/pdf")]  # noqa: RUF012 (as Sphinx has it)

    def is_available(self):
        """Say what is missing, or pictures would be missing without a word."""
        try:
            import cairosvg  # noqa: F401
        except (ImportError, OSError) as error:  # the package, or the library of the system
            LOGGER.warning("pictures in SVG are left out: %s", error)
            return False
        return True

    def convert(self, _from, _to):
        """Convert one file."""
        write_pdf(Path(_from).read_text(encoding="utf-8"), _to)
        return True


class StillPictures(HTMLParser):
    """Find the still picture of a figure, and what it says in words."""

    def __init__(self):
        """Start with nothing."""
        super().__init__()
        self.found = None

    def handle_starttag(self, tag, attrs):
        """Remember the first picture that is its own address."""
        attributes = dict(attrs)
        source = attributes.get("src") or ""
        if tag == "img" and self.found is None and source.startswith(STILL):
            self.found = unquote(source.removeprefix(STILL)), attributes.get("alt") or ""


def still_picture(html):
    """Return the still picture of a figure as SVG, and its words; None if there is none."""
    parser = StillPictures()
    parser.feed(html)
    return parser.found


class StillFigures(SphinxPostTransform):
    """Put the still picture in place of a figure that answers."""

    default_priority = 3  # before MyST-NB chooses among the forms of an output
    formats = ("latex",)

    def run(self, **kwargs):
        """Look at each output that has HTML."""
        folder = Path(self.app.doctreedir) / "still"
        for html in list(self.document.findall(nodes.raw)):
            bundle = html.parent.parent if html.parent else None
            found = still_picture(html.astext()) if "html" in html.get("format", "") else None
            if found is None or bundle is None:
                continue
            svg, words = found
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"{sha256(svg.encode()).hexdigest()[:16]}.svg"
            path.write_text(svg, encoding="utf-8")
            self.env.images.add_file(self.env.docname, str(path))
            picture = nodes.image(uri=str(path), candidates={"image/svg+xml": str(path)}, alt=words)
            picture["align"] = "center"
            bundle.replace_self(picture)


def setup(app):
    """Register with Sphinx."""
    app.add_post_transform(SvgToPdf)
    app.add_post_transform(StillFigures)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
