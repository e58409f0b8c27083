"""The Python that comes into a page: Brython as it is, and two files without what readers need."""

import ast
import json
from importlib import metadata

from cnnlab.page.editor import part
from cnnlab.page.editor.packing import SOURCES, python_text


def test_brython_is_that_of_the_package_with_its_license():
    later = part("conv2d_db").later
    brython = metadata.distribution("brython").locate_file("brython/data/brython.js")
    parts = json.loads(later["editor-python.js"].decode().removeprefix("cnnEditor.python=")[:-2])
    assert parts["brython"].endswith(brython.read_text("utf-8"))
    assert b"Pierre Quentel" in later["brython-license.txt"]


def test_python_for_the_browser_imports_the_arrays_alone():
    for name, file in SOURCES.items():
        tree = ast.parse(python_text(file))
        imports = [ast.unparse(node) for node in ast.walk(tree)
                   if isinstance(node, ast.Import | ast.ImportFrom)]  # fmt: skip
        assert imports == (["import numpy"] if name == "judging" else [])
