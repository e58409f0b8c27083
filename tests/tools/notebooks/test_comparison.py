"""What a run gave, beside what is in the file."""

import pytest
from nbformat.v4 import new_output
from support.notebooks import executed, ran, result, stream

from tools.notebooks.comparison import differences


def failed(message, line=3):
    return new_output("error", ename="ValueError", evalue=message, traceback=[f"line {line}"])


def compare(new, old, **options):
    first = ran([])
    return differences(executed(first, ran(new, **options)), executed(first, ran(old, **options)))


@pytest.mark.parametrize(
    ("new", "old", "kind"),
    [
        ([stream("0.25\n")], [stream("0.26\n")], "stdout"),
        ([stream("0.25\n")], [], "stdout"),
        ([], [stream("0.25\n")], "stdout"),
        ([result(text_plain="1")], [result(text_plain="2")], "text/plain"),
        ([result(text_plain="1")], [result(text_plain="1"), result(text_plain="1")], "text/plain"),
        ([result(text_html="<b>1</b>")], [result(text_html="<b>2</b>")], "text/html"),
        ([result(image_svg="x")], [result(image_svg="y")], "image/svg"),
        ([failed("long")], [failed("short")], "error"),
    ],
)
def test_another_output_is_named(new, old, kind):
    (problem,) = compare(new, old)
    assert problem.startswith(f"cell 2 (In [2]) gives another {kind} than the file; ")
    assert "write it with .venv/bin/python -m tools.run_notebooks" in problem


def test_the_lines_that_differ_are_shown():
    (problem,) = compare([stream("a\n0.25\n")], [stream("a\n0.26\n")])
    assert "\n-0.26\n+0.25" in problem


@pytest.mark.parametrize(
    ("new", "old"),
    [
        (
            [stream("a"), result(text_plain="1"), stream("b")],
            [stream("ab"), result(text_plain="1")],
        ),
        ([result(text_plain="1", image_png="iVB")], [result(text_plain="1", image_png="iVC")]),
        (
            [result(image_svg='<svg a="1">\n<rect class="paper"/>1</svg>')],
            [result(image_svg='<svg a="2">\n<rect class="paper"/>2</svg>')],
        ),
        ([failed("long")], [failed("long", 4)]),
    ],
)
def test_pieces_pixels_and_tracebacks_are_not_compared(new, old):
    assert compare(new, old) == []


def test_a_tag_says_that_a_cell_differs_from_run_to_run():
    assert compare([stream("1 s")], [stream("2 s")], tags=["nbval-ignore-output"]) == []
    assert len(compare([stream("1 s")], [stream("2 s")], tags=["hide-cell"])) == 1
