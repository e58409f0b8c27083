"""Code of the website: letters have their colors, comments can go below."""

import importlib.util
import re
from html import unescape

import pytest

pytest.importorskip("sphinx", reason="Sphinx is not installed: the extra is `book`")
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from support.book import ROOT


def load(name):
    """Import an extension of the website."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "book" / "_ext" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def page_of(code):
    """Write code as a page holds it."""
    return highlight(code, PythonLexer(), HtmlFormatter(nowrap=False))


def text_of(html):
    """What is seen, and copied."""
    return unescape(re.sub(r"<[^>]*>", "", html))


def test_exact_names_alone_have_a_color():
    code = 'Z = f(X, w=w) + b  # X and w\nXs = "X"\nlayer.dw = dZ\n'
    marked = re.findall(r'class="n letter-(\w+)">(\w+)<', load("listings").listings(page_of(code)))
    assert marked == [(name, name) for name in ("Z", "X", "w", "w", "b", "dw", "dZ")]


def test_a_long_line_may_put_its_comment_below():
    code = "\n".join(
        [
            "# a comment alone, which is long enough to be wrapped by itself, may not",
            "for k in range(P):",
            "    Z[k] = correlate(X, w[k])  # (M - m + 1, N - n + 1)",
            "short = 1  # stays",
            'text = "a # within a string that is long enough to be looked at"',
            "",
        ]
    )
    html = load("listings").listings(page_of(code))
    found = re.findall(r'<span class="beside"( style="[^"]*")?>(.*?)\n</span>', html)
    assert [(style, text_of(text).strip()) for style, text in found] == [
        (' style="--indent: 4ch"', "# (M - m + 1, N - n + 1)")
    ]
    assert text_of(html) == text_of(page_of(code))


@pytest.mark.parametrize(
    ("css", "kept"),
    [
        (".here{a:b}.gone{a:b}", ".here{a:b}"),
        (".here .gone,.here:not(.gone) p{a:b}", ".here:not(.gone) p{a:b}"),
        (":is(.gone,p) a,#gone{a:b}", ":is(.gone,p) a{a:b}"),
        ("@media print{.gone{a:b}}@media screen{.here{a:b}}", "@media screen{.here{a:b}}"),
        ('@charset "x";p{a:b}', '@charset "x";\np{a:b}'),
        ("@font-face{font-family:Font Awesome 6}@keyframes x{0%{a:b}}", "@keyframes x{0%{a:b}}"),
    ],
)
def test_only_rules_that_can_apply_are_published(css, kept):
    assert load("lean_styles").lean(css, {"here"}) == kept
