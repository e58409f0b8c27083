"""A submission as steps."""

import json

import pytest
from support.failures import each

from cnnlab.grading import loading
from cnnlab.grading.loading import (
    BrokenNotebookError,
    code_cells,
    plain_python,
    steps_of,
    without_outputs,
    write_files,
)


def notebook(*cells):
    return json.dumps({"cells": [{"cell_type": "code", "source": cell} for cell in cells]}).encode()


def run(files):
    space, errors = {}, []
    for step in steps_of(files):
        if step.error is not None:
            errors.append((step.place, type(step.error)))
            continue
        try:
            exec(step.code, space)
        except Exception as error:
            errors.append((step.place, type(error)))
    return space, errors


def test_a_statement_that_fails_costs_no_other(tmp_path):
    text = b"a = 1\nb = 1 / 0\nc = 3\nif True:\n    d = 4\n"
    space, errors = run(write_files("student.py", text, tmp_path))
    assert (space["a"], space["c"], space["d"]) == (1, 3, 4)
    assert errors == [("student.py", ZeroDivisionError)]


def test_a_cell_that_is_no_python_costs_no_other(tmp_path):
    files = write_files("s.ipynb", notebook("a = 1", "def (", ["b = 2\n", "c = 3"]), tmp_path)
    space, errors = run(files)
    assert (space["a"], space["b"], space["c"]) == (1, 2, 3)
    assert errors == [("cell 2", SyntaxError)]
    assert (tmp_path / "cell_3.py").read_text() == "b = 2\nc = 3"


def test_cells_are_counted_with_those_that_hold_words(tmp_path):
    cells = [{"cell_type": "markdown", "source": "# x"}, {"cell_type": "code", "source": "1 / 0"}]
    files = write_files("s.ipynb", json.dumps({"cells": cells}).encode(), tmp_path)
    assert run(files)[1] == [("cell 2", ZeroDivisionError)]


def test_what_a_file_says_of_the_language_holds_for_all_of_it(tmp_path):
    text = b"from __future__ import annotations\ndef f(x: unknown): pass\n"
    space, errors = run(write_files("s.py", text, tmp_path))
    assert errors == []
    assert space["f"].__annotations__ == {"x": "unknown"}


def test_lines_keep_their_numbers(tmp_path):
    code = [step.code for step in steps_of(write_files("s.py", b"\n\na = 1\n\nb = 2\n", tmp_path))]
    assert [max(line or 0 for *_, line in one.co_lines()) for one in code] == [3, 5]


@each(
    pair=[
        ("%matplotlib inline\na = 1", "pass\na = 1"),
        ("if True:\n    !pip install x", "if True:\n    pass"),
        ("files = !ls", "files = None"),
        ("a, b = %who", "a, b = None"),
        ("print?", "pass"),
        ("?print", "pass"),
        ("%time a = 1", "a = 1"),
        ("%timeit f(1)", "pass"),
        ("%%time\na = 1", "\na = 1"),
        ("%%capture out\na = 1", "\na = 1"),
        ("%%bash\nrm -rf x", "\n"),
        ("a = 5 % 3\ntext = '''\n%x\n'''", "a = 5 % 3\ntext = '''\n%x\n'''"),
        ("x = 7\ny = (x\n% 4)", "x = 7\ny = (x\n% 4)"),
        ("def (", "def ("),
        ("", ""),
    ]
)
def test_what_only_a_notebook_knows_is_left_out(pair):
    cell, plain = pair
    assert plain_python(cell) == plain


@each(
    source={
        "cut": b'{"cells": [',
        "list": b"[]",
        "deep": b"[" * 100_000,
        "numbers": b'{"cells": [1, 2]}',
        "sources": b'{"cells": [{"cell_type": "code", "source": 3}]}',
        "bytes": b"\xff\xfe",
    }
)
def test_a_notebook_that_is_none_is_refused(source, tmp_path):
    with pytest.raises(BrokenNotebookError, match="it is no notebook"):
        write_files("s.ipynb", source, tmp_path)


def test_very_much_code_is_refused(tmp_path):
    with pytest.raises(BrokenNotebookError, match="letters of code"):
        write_files("s.py", b"#" * (loading.LETTERS + 1), tmp_path)
    assert not (tmp_path / "s.py").exists()


def test_what_defines_is_known(tmp_path):
    text = b"import a\nfrom b import c\ndef f(): pass\nclass G: pass\nx = 1\nf()\n"
    steps = steps_of(write_files("s.py", text, tmp_path))
    assert [step.defines for step in steps] == [True] * 4 + [False] * 2


def test_of_a_notebook_its_code_is_left_with_the_numbers_of_its_cells():
    cells = [
        {"cell_type": "markdown", "source": "text"},
        {"cell_type": "code", "source": ["x = 'ü'\n", "y"], "outputs": ["much"]},
    ]
    left = without_outputs("a.IPYNB", json.dumps({"cells": cells, "more": 1}).encode())
    assert code_cells(left) == [(2, "x = 'ü'\ny")]
    assert b"much" not in left
    assert b"text" not in left
    for name, kept in ("a.py", b"x = 1"), ("a.ipynb", b"no notebook"):
        assert without_outputs(name, kept) == kept
