"""The Python that runs in a browser: Brython, the arrays and the judge, as one script."""

import ast
import json
from importlib import metadata, resources

SOURCES = {"numpy": "arrays.py", "judging": "judging.py"}


def python_text(name: str) -> str:
    """Read a Python file of this folder, without what is there for readers.

    Parameters
    ----------
    name : str
        As "judging.py". What it imports of this folder is called as in the browser.
    """
    text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    text = text.replace("from cnnlab.page.editor import arrays as numpy", "import numpy")
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module) and ast.get_docstring(
            node
        ):
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)


def python_script() -> bytes:
    """Return the script that brings Python into a page."""
    brython = metadata.distribution("brython").locate_file("brython/data/brython.js")
    with open(str(brython), encoding="utf-8") as file:
        parts = {"brython": file.read()}
    parts["sources"] = {name: python_text(file) for name, file in SOURCES.items()}  # type: ignore
    return f"cnnEditor.python={json.dumps(parts)};\n".encode()
