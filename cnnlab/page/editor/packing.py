"""The Python that runs in a browser: Brython, the arrays and the judge, as one script."""

import ast
import functools
import json
from importlib import metadata, resources
from pathlib import Path

# It asks for its own address, and has none in a worker that is made from a text.
WHERE = 'globalThis.__BRYTHON__ = {brython_path: "file:///"};\n'
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


@functools.cache
def python_script() -> bytes:
    """Return the script that brings Python into a page."""
    path = metadata.distribution("brython").locate_file("brython/data/brython.js")
    parts = {
        "brython": WHERE + Path(str(path)).read_text(encoding="utf-8"),
        "sources": {name: python_text(file) for name, file in SOURCES.items()},
    }
    return f"cnnEditor.python={json.dumps(parts)};\n".encode()
