"""Parts of a page that answer.

A notebook names the place of one in a line of its own,

    <div class="living" data-part="editor" data-of="conv2d">What a notebook says instead.</div>

and the website puts the element there that `cnnlab.page.editor.part("conv2d")` returns, with the
files that it needs: scripts and style sheets once for a page, and only on pages that need them.
An element names an equation by its label, `<a data-equation="eq-conv"></a>`, and the website writes
its number there and where it stands.
"""

import re
from importlib import import_module
from pathlib import Path

from docutils import nodes
from equation_links import number_of
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.osutil import relative_uri

PLACE = re.compile(
    r'<div class="living" data-part="([a-z-]+)" data-of="([\w.-]*)">.*?</div>\s*', re.DOTALL
)
EQUATION = re.compile(r'<a data-equation="([\w-]+)"></a>')
FOLDER = "_static/living"


class LivingParts(SphinxPostTransform):
    """Put the parts that a page names into it."""

    default_priority = 400
    formats = ("html",)

    def run(self, **kwargs):
        """Look at each piece of HTML of the page."""
        loaded = set()
        for node in list(self.document.findall(nodes.raw)):
            if 'class="living"' not in node.astext():
                continue
            name, of = named(node.astext(), self.env.docname)
            part = import_module(f"cnnlab.page.{name.replace('-', '_')}").part(of)
            for later, content in part.later.items():
                self.write(later, content)
            styles = "".join(
                f'<link rel="stylesheet" href="{self.write(style, text.encode())}">\n'
                for style, text in part.styles.items()
                if not (style in loaded or loaded.add(style))
            )
            scripts = "".join(
                f'<script defer src="{self.write(script, text.encode())}"></script>\n'
                for script, text in part.scripts.items()
                if not (script in loaded or loaded.add(script))
            )
            html = f"{styles}{EQUATION.sub(self.linked, part.html)}\n{scripts}"
            node.replace_self(nodes.raw("", html, format="html"))

    def linked(self, found):
        """Write the number of an equation, and where it stands."""
        page, _ = self.env.get_domain("math").equations[found[1]]
        address = self.app.builder.get_relative_uri(self.env.docname, page)
        return (
            f'<a data-equation="{found[1]}" href="{address}#equation-{nodes.make_id(found[1])}">'
            f"({number_of(self.env, found[1])})</a>"
        )

    def write(self, name, content):
        """Write a file of a part; return its address."""
        path = Path(self.app.outdir) / FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return relative_uri(self.app.builder.get_target_uri(self.env.docname), f"{FOLDER}/{name}")


def named(html, page):
    """Return which part stands in a place, and of what."""
    found = PLACE.fullmatch(html)
    if found is None:
        raise ValueError(
            f"{page}: {html!r} is no place of a living part. Write a line of its own, as in "
            '<div class="living" data-part="editor" data-of="conv2d">In a notebook ...</div>.'
        )
    return found.groups()


def setup(app):
    """Register with Sphinx."""
    app.add_post_transform(LivingParts)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
