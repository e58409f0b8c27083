"""The places of living parts: what the notebooks name is there, and a slip is told."""

import importlib.util
import json
import sys

import pytest

pytest.importorskip("sphinx", reason="the extra `book` is not installed")
from support.book import ROOT

sys.path.insert(0, str(ROOT / "book" / "_ext"))
SPEC = importlib.util.spec_from_file_location("living", ROOT / "book" / "_ext" / "living.py")
MODULE = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(MODULE)

PLACE = '<div class="living" data-part="editor" data-of="conv2d">In a notebook, write a cell.</div>'


def test_a_place_names_a_part_and_what_it_is_of():
    assert MODULE.named(PLACE, "book/learning") == ("editor", "conv2d")
    assert MODULE.named(PLACE + "\n", "book/learning") == ("editor", "conv2d")


@pytest.mark.parametrize(
    "slip",
    [
        PLACE.replace(' data-of="conv2d"', ""),
        PLACE.replace('data-part="editor" data-of="conv2d"', 'data-of="conv2d" data-part="editor"'),
        PLACE.replace("</div>", ""),
        PLACE + " and more",
    ],
)
def test_a_slip_is_told(slip):
    """Else the page would show the notebook's sentence, and nobody would miss the part."""
    with pytest.raises(ValueError, match=r"book/learning: .* is no place of a living part"):
        MODULE.named(slip, "book/learning")


NOTEBOOKS = sorted((ROOT / "book").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_places_in_notebooks_stand_in_lines_of_their_own(path):
    """Inside of a paragraph Markdown takes a place apart, and the website never sees it."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    text = "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    lines = ["", *text.split("\n"), ""]
    for before, line, after in zip(lines, lines[1:], lines[2:], strict=False):
        if 'class="living"' in line:
            MODULE.named(line, path.stem)
            assert (before, after) == ("", ""), line
