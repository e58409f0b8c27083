"""Outputs in the normal form, and a message for each that must not be saved."""

import sys
from pathlib import Path

import pytest
from nbformat.v4 import new_output
from support.notebooks import executed, ran, result, stream

from tools.notebooks.cells import NotebookError
from tools.notebooks.outputs import ROOT, check_outputs
from tools.notebooks.sources import check_sources


def test_streams_are_merged_and_counts_follow_the_cell():
    notebook = executed(ran([stream("a"), stream("b\n"), result(text_plain="1"), stream("c")]))
    outputs = notebook.cells[0].outputs
    assert [output.get("text") for output in outputs] == ["ab\n", None, "c"]
    assert outputs[1].execution_count == 1


def test_removed_stderr_is_not_kept():
    notebook = executed(
        ran(
            [stream("a"), stream("50 %", "stderr"), stream("b")],
            tags=["remove-stderr", "nbval-ignore-output"],
        )
    )
    assert notebook.cells[0].outputs == [stream("ab")]
    assert check_sources(notebook) == []
    assert check_outputs(notebook) == []


@pytest.mark.parametrize(
    ("outputs", "message"),
    [
        ([result(text_plain="<function f at 0x7f17e0df4150>")], "address 'at 0x7f17e0df4150'"),
        ([stream("id 0x10d3f4150")], "memory address '0x10d3f4150'; end the cell"),
        ([result(text_html="<b>0x7f17e0df4150</b>")], "memory address"),
        ([stream(f"read {ROOT}/x")], "path .* of this machine; print a part"),
        ([stream(str(Path.home() / "x"))], "path .* of this machine"),
        ([stream(f"{sys.prefix}/lib")], "path .* of this machine"),
        ([stream("/anywhere/ipykernel_123/4.py")], "process number 'ipykernel_123'"),
        ([stream("a warning", "stderr")], "writes to stderr: 'a warning'; repair the cause"),
        (
            [new_output("error", ename="E", evalue="at 0x7f17e0df4150", traceback=[])],
            "memory address",
        ),
    ],
)
def test_output(outputs, message):
    notebook = executed(ran([stream("fine")]), ran(outputs))
    problems = check_outputs(notebook)
    assert problems
    assert "cell 2 (In [2])" in problems[0]
    with pytest.raises(NotebookError, match=message):
        raise NotebookError(problems)


@pytest.mark.parametrize(
    "text",
    [
        "0x3fb999999999999a",  # bits of a 64-bit number
        "0x3dcccccd",  # and of a 32-bit one
        "0x1.999999999999ap-4",  # float.hex
        f"{ROOT}-else",  # another folder
        "1/2",
    ],
)
def test_harmless_text_passes(text):
    assert check_outputs(executed(ran([stream(text)]))) == []


def test_pictures_are_not_searched():
    notebook = executed(ran([result(image_png="at 0x7f17e0df4150")]))
    assert check_outputs(notebook) == []


def test_tag_without_its_exception():
    error = new_output("error", ename="ValueError", evalue="no", traceback=["ValueError: no"])
    raised = executed(ran([error], tags=["raises-exception"]))
    assert check_outputs(raised) == []
    silent = executed(ran([stream("fine")], tags=["raises-exception"]))
    assert "raised nothing; remove the tag" in check_outputs(silent)[0]
