"""From the markup of the website to what every Jupyter shows, and what is refused."""

import re

import pytest
from support.failures import each
from support.pages import BOOK, PAIRS

from tools.notebooks.myst import to_myst
from tools.notebooks.plain import left_over, to_plain


def plain(text, page="images"):
    return to_plain(text, page, BOOK)


@each(pair=PAIRS)
def test_both_ways(pair):
    myst, expected = pair
    assert plain(myst) == expected
    assert to_myst(expected, BOOK) == myst
    assert left_over(expected) == []


@each(
    pair={
        "a page": ("[](images)", "[Images as arrays](images.ipynb)"),
        "a page with a suffix": ("[here](images.ipynb)", "[here](images.ipynb)"),
        "a heading": ("[x](images#why-2-d)", "[x](images.ipynb#Why-2-D?)"),
        "a heading of this page": ("[x](#why-2-d)", "[x](#Why-2-D?)"),
        "an address": ("[x](https://example.org/images)", "[x](https://example.org/images)"),
        "an index in a formula": ("$f[i](images)$ `a[i](x)`", "$f[i](images)$ `a[i](x)`"),
        "backticks around a hint": (
            "```{dropdown} Hint\nx\n```",
            "<details>\n<summary>Hint</summary>\n\nx\n\n</details>",
        ),
        "a target above a heading": ("(here)=\n## Here", "## Here"),
    }
)
def test_other_forms_of_a_writer(pair):
    myst, expected = pair
    if "$f" not in myst:
        assert plain(myst) == expected
    assert left_over(expected) == []


def test_a_second_time_changes_nothing_but_old_numbers():
    text = plain("\n\n".join(myst for myst, _ in PAIRS.values() if "eq-a)" not in myst))
    assert plain(to_myst(text, BOOK)) == text
    old = re.sub(r"1\.1", "7.3", text)
    assert old != text
    assert plain(to_myst(old, BOOK)) == text


def test_a_formula_in_an_exercise_has_one_line():
    """JupyterLab takes formulas out first, and would show the marks of the quotation in them."""
    text = plain(":::{exercise}\n:label: ex-images-1\n\n$$\nx \\\\\ny\n$$\n:::")
    assert "> $$ x \\\\ y $$" in text.split("\n")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("{numref}`fig-a`", "a role"),
        ("{eq}`eq-unknown`", "a role"),
        ("{term}`unknown`", "a role"),
        ("{cite}`unknown2020`", "a role"),
        ("```{tip}\nx\n```", "a directive"),
        (":::{exercise} No label\nx\n:::", "a directive"),
        ("x\n\n:::\n", "a fence of colons"),
        ("(name)=\nText", "a target"),
        ("[](unknown)", "a link without words"),
        ("text[^1]", "a footnote"),
        ("{{ name }}", "a substitution"),
    ],
)
def test_what_plain_jupyter_shows_raw_is_found(text, kind):
    found = left_over(plain(text) if kind != "a target" else text)
    assert found
    assert found[0].startswith(kind)


def test_a_fold_that_is_never_closed_is_named():
    with pytest.raises(ValueError, match="never closed: <summary>Hint"):
        to_myst("<details>\n<summary>Hint</summary>\n\nx", BOOK)
