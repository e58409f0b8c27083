"""The cells that check the labelled equations: each label has one, on its own page."""

import ast
import re

FIRST_LINE = re.compile(r"# Check equation (.*)")
PART = re.compile(r"\((eq-[\w-]+)\)")
# An equation's label stands behind it, as in `$$ ... $$ (eq-dw)`, or in a math directive.
DEFINED = re.compile(r"^\s*\$\$\s*\((eq-[\w-]+)\)\s*$|^\s*:label:\s*(eq-[\w-]+)\s*$", re.MULTILINE)
CITED = re.compile(r"\((eq-[\w-]+)\)")
COMPARING = {"array_equal", "allclose", "all", "equals"}


def defined(notebook):
    """Return the labels that the Markdown cells of a notebook define, in their order."""
    text = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return [label for pair in DEFINED.findall(text) for label in pair if label]


def cited_in_docstrings(source):
    """Return the labels that the docstrings of a module cite."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, documented)]
    return {label for node in nodes for label in CITED.findall(ast.get_docstring(node) or "")}


def proofs(notebook):
    """Return (labels, cell) of every cell that checks equations."""
    found = []
    for cell in notebook.cells:
        first = FIRST_LINE.match(cell.source) if cell.cell_type == "code" else None
        if first:
            parts = [PART.fullmatch(part.strip()) for part in first[1].split(";")]
            if not all(parts):
                raise ValueError(f"not in the form of a check: {first[0]}")
            found.append(([part[1] for part in parts], cell))
    return found


def compares(code):
    """Tell whether a cell would notice a difference: it asserts, or its value is a comparison."""
    tree = ast.parse(code)
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert) and not isinstance(node.test, ast.Constant):
            return True
        if isinstance(node, ast.Call) and _called(node).startswith("assert_"):
            return True
    last = tree.body[-1]
    parts = list(ast.walk(last)) if isinstance(last, ast.Expr) else []
    return any(
        isinstance(part, ast.Compare) or (isinstance(part, ast.Call) and _called(part) in COMPARING)
        for part in parts
    )


def _called(call):
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def problems(notebook):
    """Return what is wrong with the checks of a notebook, a line for each."""
    labels, checked, found = defined(notebook), [], []
    for checks, cell in proofs(notebook):
        first = cell.source.splitlines()[0]
        if "hide-cell" not in cell.metadata.get("tags", []):
            found.append(f"not folded: {first}")
        if not compares(cell.source):
            found.append(f"compares nothing: {first}")
        checked += checks
    found += [f"{label} has no check" for label in labels if label not in checked]
    found += [
        f"{label} has {checked.count(label)} checks" for label in labels if checked.count(label) > 1
    ]
    found += [
        f"{label} is checked, but not defined here" for label in checked if label not in labels
    ]
    return found
