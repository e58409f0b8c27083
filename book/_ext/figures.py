"""Drawings become part of the page: in the font and the colors of the website, light or dark.

The SVG of an output (`cnnlab.plots` writes it) replaces its picture. What it holds of pixels
becomes files, each once, however many figures show it.
"""

import base64
import hashlib
import html
import io
import re
from pathlib import Path

from docutils import nodes
from PIL import Image
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.osutil import relative_uri

PAPER = re.compile(r'<rect class="paper"[^>]*/>\n?')
SIZE = re.compile(r'^<svg[^>]*? viewBox="0 0 ([\d.]+) [\d.]+"')
HEAD = re.compile(r"^<svg[^>]*>")
PIXELS = re.compile(r'(?<=href=")data:image/(png|jpeg);base64,([^"]+)')
NAMED = re.compile(r'(\sid="|href="#|url\(#)(?=[\w-])')
IMAGE_ID = re.compile(r'(<image[^>]*?)\sid="[^"]*"')
LARGE = 3000  # characters, from which on pixels are a file
LARGEST = 1.5  # pixels for a point: letters of 12.5 points stay below 19 pixels


class InlineFigures(SphinxPostTransform):
    """Put drawings of outputs into the page itself."""

    default_priority = 400
    formats = ("html",)

    def run(self, **kwargs):
        """Look at each picture of the page."""
        for place, image in enumerate(list(self.document.findall(nodes.image))):
            svg = drawing(self.env, image["uri"])
            if svg is None:
                continue
            svg = PIXELS.sub(self.write_pixels, svg)
            source = inline(svg, image.get("alt", ""), f"f{place}-")
            image.replace_self(nodes.raw("", source, format="html"))

    def write_pixels(self, found):
        """Write embedded pixels as a file beside the other pictures; return its address."""
        kind, text = found.groups()
        if len(text) < LARGE:
            return found[0]
        data = base64.b64decode(text)
        name = hashlib.sha256(data).hexdigest()[:16]
        if kind == "jpeg":
            kind, data = "webp", as_webp(data)
        name = f"_images/{name}.{kind}"
        path = Path(self.app.outdir) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return relative_uri(self.app.builder.get_target_uri(self.env.docname), name)


def as_webp(data):
    """Return a photograph in the format that weighs least."""
    smaller = io.BytesIO()
    with Image.open(io.BytesIO(data)) as photograph:
        photograph.save(smaller, "WEBP", quality=80)
    return smaller.getvalue()


def drawing(env, uri):
    """Return the source of a drawing of ours; None of any other picture."""
    path = Path(env.srcdir) / uri
    if path.suffix != ".svg" or not path.is_file():
        return None
    svg = path.read_text(encoding="utf-8").strip()
    return svg if PAPER.search(svg) and SIZE.match(svg) else None


def inline(svg, alt, prefix):
    """Make an SVG a part of a page: transparent, with words for it and with ids of its own."""
    wide = float(SIZE.match(svg)[1])
    svg = IMAGE_ID.sub(r"\1", svg)  # nothing refers to it, and equal pixels have equal ones
    svg = NAMED.sub(lambda found: found[0] + prefix, PAPER.sub("", svg))
    box = re.search(r'viewBox="[^"]*"', svg)[0]
    head = (
        f'<svg class="cnn-figure" role="img" aria-label="{html.escape(alt)}" {box} '
        f'style="max-width:{wide * LARGEST:.0f}px">'
    )
    return HEAD.sub(lambda found: head, svg, count=1)


def setup(app):
    """Register with Sphinx."""
    app.add_post_transform(InlineFigures)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
