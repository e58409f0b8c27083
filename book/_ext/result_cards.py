"""The main result of a chapter stands in a card: its equation, its loop and its check.

A cell of text with the tags ``result`` and ``eq-dw`` displays (eq-dw), and says that it is the
main result. The card links the function that computes it, and its folded check moves in.
"""

import re

from docutils import nodes
from equation_links import LABEL, PROOF, computed_by
from sphinx import addnodes
from sphinx.transforms.post_transforms import SphinxPostTransform

TAG = "result"
FRAME = ":::{div} result-card"
FORMULA = r"^\$\$(?:(?!\$\$).)*\$\$ \(LABEL\)$"


def framed(text, tags):
    """Put a frame around each equation that the tags of a cell name; given and returned in MyST."""
    for label in tags if TAG in tags else ():
        if label.startswith("eq-"):
            formula = FORMULA.replace("LABEL", re.escape(label))
            text, count = re.subn(
                formula,
                lambda found: f"{FRAME}\n{found[0]}\n:::",
                text,
                flags=re.MULTILINE | re.DOTALL,
            )
            if count != 1:
                raise ValueError(f"tag {label}: the cell displays {count} equations of that name.")
    return text


class FillCards(SphinxPostTransform):
    """Write the head and the links of each card, and fetch the check."""

    default_priority = 2  # checks have their titles, references are not yet resolved

    def run(self, **kwargs):
        """Look at each frame."""
        for card in list(self.document.findall(nodes.container)):
            if "result-card" not in card["classes"]:
                continue
            label = next(iter(card.findall(nodes.math_block)))["label"]
            card.insert(0, nodes.paragraph("", "Main result", classes=["result-title"]))
            name = computed_by(self.env, label)
            if name is not None:
                card += self.link(name)
            check = self.check_of(label)
            if check is not None:
                check.parent.remove(check)
                card += check

    def link(self, name):
        """Say which function computes it."""
        code = nodes.literal("", name.removeprefix("cnnlab."))
        reference = addnodes.pending_xref(
            "", code, refdomain="py", reftype="obj", reftarget=name, refexplicit=True
        )
        reference["refdoc"] = self.env.docname
        words = "As a loop: " if name.startswith("cnnlab.reference.") else "Computed by "
        return nodes.paragraph("", words, reference, classes=["result-links"])

    def check_of(self, label):
        """Find the folded cell that checks an equation, or None."""
        for cell in self.document.findall(nodes.container):
            code = next(iter(cell.findall(nodes.literal_block)), None)
            if cell.get("hide_mode") == "all" and code is not None:
                first = code.astext().split("\n", 1)[0]
                if first.startswith(PROOF) and label in LABEL.findall(first):
                    return cell
        return None


def setup(app):
    """Register with Sphinx."""
    app.add_post_transform(FillCards)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
