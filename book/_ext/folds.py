"""Folded parts look like what they are.

Hints, solutions, checks of equations, the code of a figure and the imports of a chapter become
``<details class="fold fold-KIND">``, each with a title that says what is below.
A click on any word of it opens it, without a script, too. The code of a figure comes after it.
"""

import re

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx_design.shared import is_component
from sphinx_exercise.nodes import solution_node

IMPORT = re.compile(r"^(?:import|from) \w", re.MULTILINE)
UNTITLED = "Show code cell {type}"  # what MyST-NB says of every cell


class fold(nodes.General, nodes.Element):  # noqa: N801 (nodes have the names of their tags)
    """What is seen when its title is clicked; a title comes first."""


class fold_title(nodes.General, nodes.TextElement):  # noqa: N801
    """What is clicked."""


def visit_fold(self, node):
    """Open the part."""
    self.body.append(self.starttag(node, "details"))


def depart_fold(self, node):
    """Close it and its body."""
    self.body.append("</div>\n</details>\n")


def visit_fold_title(self, node):
    """Open the title."""
    self.body.append('<summary><span class="fold-title">')


def depart_fold_title(self, node):
    """Close the title; the body begins."""
    self.body.append('</span></summary>\n<div class="fold-body">\n')


def folded(kind, title, children, **attributes):
    """Make a folded part of nodes, which leave where they were."""
    part = fold(classes=["fold", f"fold-{kind}"], **attributes)
    part += fold_title("", "", *title)
    part += children
    return part


class FoldCells(SphinxPostTransform):
    """Title the folded cells by what they hold."""

    default_priority = 198  # before MyST-NB folds what is left
    formats = ("html",)

    def run(self, **kwargs):
        """Look at each cell that is folded, or is the first with imports."""
        cells = [
            cell
            for cell in self.document.findall(nodes.container)
            if cell.get("nb_element") == "cell_code"
            and cell.children
            and cell[0].get("nb_element") == "cell_code_source"
        ]
        imports = [cell for cell in cells if IMPORT.search(cell[0].astext())][:1]
        for cell in cells:
            mode = cell.get("hide_mode")
            shown = isinstance(cell[-1], nodes.Element) and len(cell.children) > 1
            if cell in imports and not shown and mode in (None, "all"):
                title = [nodes.Text("Setup")]
                cell.children = [folded("setup", title, list(cell.children))]
            elif mode == "all":
                cell.children = [folded(*self.kind_of(cell, shown), list(cell.children))]
            elif mode == "input" and shown:
                source, *output = cell.children
                title = [nodes.Text("Code of this figure")]
                cell.children = [*output, folded("code", title, [source])]
            elif cell in imports and mode is None:
                source, *output = cell.children
                cell.children = [folded("setup", [nodes.Text("Setup")], [source]), *output]
            else:
                continue
            cell["hide_mode"] = None
            for child in cell.children:
                child.parent = cell

    def kind_of(self, cell, shown):
        """Name the kind and the title of a cell that is folded as a whole."""
        if cell["prompt_show"] != UNTITLED:
            return "check", [nodes.Text(cell["prompt_show"])]
        if section_of(cell) in ("quiz", "exercises"):
            return "check", [nodes.Text("Check of the answers")]
        if shown:
            return "check", [nodes.Text("Check by numbers")]
        return "code", [nodes.Text("Code that is used below")]


class FoldParts(SphinxPostTransform):
    """Fold hints, solutions and steps."""

    default_priority = 198
    formats = ("html",)

    def run(self, **kwargs):
        """Look at what can be folded."""
        for node in list(self.document.findall(lambda node: is_component(node, "dropdown"))):
            title, body = node[0].children, node.children[1:]
            kind = "hint" if node[0].astext().startswith("Hint") else "steps"
            node.replace_self(folded(kind, title, body, ids=node[0]["ids"]))
        for node in list(self.document.findall(solution_node)):
            # The name of the exercise is a link, which would lead away from what is opened.
            title = [nodes.Text(node[0].astext())]
            part = folded("solution", title, node.children[1:], ids=node["ids"])
            node["classes"] = []
            node.replace_self(part)


def section_of(node):
    """Name the section that a node stands in."""
    while not isinstance(node, nodes.section):
        node = node.parent
        if node is None:
            return ""
    return node["ids"][0].rstrip("0123456789-") if node["ids"] else ""


def setup(app):
    """Register with Sphinx."""
    app.add_node(fold, html=(visit_fold, depart_fold))
    app.add_node(fold_title, html=(visit_fold_title, depart_fold_title))
    app.add_post_transform(FoldCells)
    app.add_post_transform(FoldParts)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
