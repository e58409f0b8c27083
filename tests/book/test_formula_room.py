"""The room of a formula is about as wide as the formula; a browser test sees to the rest."""

import importlib.util

import pytest
from support.book import ROOT

SPEC = importlib.util.spec_from_file_location(
    "formula_room", ROOT / "book" / "_ext" / "formula_room.py"
)
MODULE = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(MODULE)

# As MathJax sets them, in em of the text around.
WIDTHS = {
    "w": 0.76,
    "-2": 1.35,
    "(9,0,0)": 3.36,
    r"0 \cdot 1 + 0 \cdot 1 = 0": 6.89,
    r"2 \cdot 3": 1.82,
    r"\frac{\partial L}{\partial X}": 1.53,
    r"\tilde c = c": 2.4,
    r"M' = M - m + 1 = 3": 9.6,
    r"w[0,0] = 1": 4.7,
}


@pytest.mark.parametrize("tex", WIDTHS)
def test_about_as_wide(tex):
    assert MODULE.width_of(tex) == pytest.approx(WIDTHS[tex], abs=0.5)


def test_braces_and_room_for_nothing():
    assert MODULE.width_of("") == 0
    assert MODULE.width_of(r"{}\left\right") == 0
