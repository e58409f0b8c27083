"""Formulas and letters within lines.

Browsers may break a line between a formula and the full stop after it, because
MathJax draws a formula as a box: they are kept on one line. A letter that has a color in
formulas (`math.js`) has it as code, too.
"""

import re

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

LETTERS = {name for letter in ("X", "w", "b", "Z", "Y") for name in (letter, f"d{letter}")}
CLOSING = re.compile(r"^[.,;:!?)\]]+|^[-'\u2019][\w-]+[.,;:!?)]*")


class KeepPunctuation(SphinxPostTransform):
    """Wrap each inline formula and its punctuation into one unbreakable span."""

    default_priority = 500
    formats = ("html",)

    def run(self, **kwargs):
        """Look at the text that follows each formula."""
        for formula in list(self.document.findall(nodes.math)):
            after = formula.next_node(descend=False, siblings=True)
            found = CLOSING.match(after) if isinstance(after, nodes.Text) else None
            if found is None:
                continue
            parent = formula.parent
            # By identity: two texts that read the same are equal.
            place = next(i for i, child in enumerate(parent.children) if child is formula)
            together = nodes.inline(classes=["nobreak"])
            parent[place : place + 2] = [together, nodes.Text(after[found.end() :])]
            together += [formula, nodes.Text(found[0])]


class ColorLetters(SphinxPostTransform):
    """Give a letter that stands alone as code the class of its color."""

    default_priority = 500
    formats = ("html",)

    def run(self, **kwargs):
        """Look at each piece of code within lines."""
        for code in self.document.findall(nodes.literal):
            if code.astext() in LETTERS:
                code["classes"].append(f"cnn-{code.astext()}")


def setup(app):
    """Register with Sphinx."""
    app.add_post_transform(ColorLetters)
    app.add_post_transform(KeepPunctuation)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
