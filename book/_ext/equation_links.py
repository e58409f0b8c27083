"""Equations on the website.

- The number of an equation links to the function that computes it: the first one, loops before
  everything else, whose docstring cites the label as ``(eq-dw)``. `docstrings` makes the link back.
- A cell tagged ``hide-cell`` that begins with ``# Check equation (eq-dw)`` is folded under the
  title "Check equation (5.3)".
- A table whose head reads "Step" and "Why" is a derivation: the style sheet puts the reason
  beside the step, or below it where the page is narrow.
"""

import re
from html import escape

from docstrings import EQUATION
from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

LABEL = re.compile(r"\((eq-[\w-]+)\)")
PROOF = "# Check equation"
NUMBER = re.compile(r'<span class="eqno">(\([A-Z\d.]+\))(?=<a class="headerlink" href="#equation-)')
ANCHOR = re.compile(r'href="#equation-([\w-]+)"')


def collect_citations(app, what, name, obj, options, lines):
    """Remember which objects cite an equation, before its label becomes a link."""
    for found in EQUATION.finditer("\n".join(lines)):
        for label in found[1].split(","):
            functions_of(app.env).setdefault(label.strip(), set()).add(name)


def functions_of(env):
    """Give the names of the objects that cite each label."""
    if not hasattr(env, "functions_of_equations"):
        env.functions_of_equations = {}
    return env.functions_of_equations


def computed_by(env, label):
    """Choose one object that cites a label and is documented on a page, or None."""
    documented = env.get_domain("py").objects
    names = [name for name in functions_of(env).get(label, ()) if name in documented]
    return min(
        names, key=lambda name: (not name.startswith("cnnlab.reference."), name), default=None
    )


def number_of(env, label):
    """Give the number of an equation as the pages print it, as in 5.3."""
    page, number = env.get_domain("math").equations[label]
    numbers = env.toc_fignumbers.get(page, {}).get("displaymath", {})
    return ".".join(map(str, numbers.get(f"equation-{nodes.make_id(label)}", (number,))))


class NameProofs(SphinxPostTransform):
    """Title each folded proof by the number of its equation."""

    default_priority = 1  # before the cells are folded

    def run(self, **kwargs):
        """Look at the first line of each folded cell."""
        for cell in self.document.findall(nodes.container):
            code = next(iter(cell.findall(nodes.literal_block)), None)
            if cell.get("hide_mode") != "all" or code is None:
                continue
            first = code.astext().split("\n", 1)[0]
            if first.startswith(PROOF):
                numbers = [f"({number_of(self.env, label)})" for label in LABEL.findall(first)]
                many = "s" if len(numbers) > 1 else ""
                title = f"Check equation{many} {', '.join(numbers)}"
                cell["prompt_show"] = cell["prompt_hide"] = title


class MarkDerivations(SphinxPostTransform):
    """Give the tables of derivations a class of their own."""

    default_priority = 500

    def run(self, **kwargs):
        """Look at the head of each table."""
        for table in self.document.findall(nodes.table):
            head = next(iter(table.findall(nodes.thead)), None)
            if head is not None and head.astext().split() == ["Step", "Why"]:
                table["classes"].append("derivation")


def link_numbers(app, pagename, templatename, context, doctree):
    """Make the number of each equation of a page a link to its function."""
    if doctree is None or "body" not in context:
        return
    # Sphinx writes the anchors of labels in lower case.
    labels = {nodes.make_id(label): label for label in app.env.get_domain("math").equations}

    def linked(found):
        anchor = ANCHOR.search(found.string, found.end())
        name = computed_by(app.env, labels.get(anchor[1]))
        if name is None:
            return found[0]
        entry = app.env.get_domain("py").objects[name]
        page = app.builder.get_relative_uri(pagename, entry.docname)
        return (
            f'<span class="eqno"><a class="equation-code" href="{page}#{entry.node_id}"'
            f' title="{escape(name)} computes this">{found[1]}</a>'
        )

    context["body"] = NUMBER.sub(linked, context["body"])


def setup(app):
    """Register with Sphinx."""
    app.connect("autodoc-process-docstring", collect_citations, priority=300)
    app.add_post_transform(NameProofs)
    app.add_post_transform(MarkDerivations)
    app.connect("html-page-context", link_numbers)
    # The citations are kept in one process.
    return {"version": "1", "parallel_read_safe": False, "parallel_write_safe": True}
