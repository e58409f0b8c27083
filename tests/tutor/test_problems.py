"""An exception is told with the student's own line, and never with one of ours."""

import sys
import types

import numpy as np

import cnnlab
from cnnlab import reference
from cnnlab.tutor import problems
from cnnlab.tutor.problems import problem_of


def caught(function):
    try:
        function()
    except BaseException as error:
        return problem_of(error)
    raise AssertionError("it raises nothing")


def reads_too_far():
    return np.zeros(3)[3]


def test_the_innermost_line_of_the_student_is_told():
    problem = caught(lambda: [reads_too_far() for _ in range(2)])
    assert problem.kind == "raised"
    assert problem.words == "IndexError: index 3 is out of bounds for axis 0 with size 3"
    assert problem.exception == "IndexError"
    assert problem.line == "return np.zeros(3)[3]"
    assert problem.place == "test_problems.py"
    assert problem.number == reads_too_far.__code__.co_firstlineno + 1


def test_lines_of_numpy_and_of_ours_are_not_told():
    def calls_numpy():
        return np.tensordot(np.ones(2), np.ones(3), 1)  # NumPy has frames of its own

    def calls_ours():
        return reference.conv2d(np.ones(2), np.ones(3))

    assert caught(calls_numpy).line.startswith("return np.tensordot(")
    assert caught(calls_ours).line.startswith("return reference.conv2d(")
    assert caught(calls_ours).words.startswith("ValueError: conv2d: X has 1 axis")


def test_a_folder_that_begins_as_ours_is_not_ours():
    folder = cnnlab.__path__[0]
    assert problems._is_students(f"{folder}_of_mine/answer.py")
    assert not problems._is_students(f"{folder}/tutor/asking.py")


def test_a_slip_is_told_with_the_line_that_python_cannot_read(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text("def f(x):\n    y = (x\n    return y\n")
    problem = caught(lambda: compile(file.read_text(), str(file), "exec"))
    assert (problem.exception, problem.line, problem.number) == ("SyntaxError", "y = (x", 2)
    assert problem.words == "SyntaxError: '(' was never closed"
    assert problem.place == "mine.py"
    problem = caught(lambda: compile("def f(x):\n  y = x\n    return y\n", "mine.py", "exec"))
    assert problem.words == "IndentationError: unexpected indent"
    assert problem.line == "return y"


def test_a_cell_is_named_by_the_number_in_front_of_it(monkeypatch):
    names = {"/tmp/ipykernel_1/77.py": 4}
    shell = types.SimpleNamespace(compile=types.SimpleNamespace(_filename_map=names))
    module = types.SimpleNamespace(get_ipython=lambda: shell)
    monkeypatch.setitem(sys.modules, "IPython", module)
    space = {}
    exec(compile("def f():\n    return {}['a']", "/tmp/ipykernel_1/77.py", "exec"), space)
    monkeypatch.setattr(
        "linecache.getline", lambda file, number: "    return {}['a']\n" if "77" in file else ""
    )
    problem = caught(space["f"])
    assert (problem.place, problem.number, problem.line) == ("cell 4", 2, "return {}['a']")


def test_kinds():
    def of(error):
        def function():
            raise error

        return caught(function).kind

    assert of(NotImplementedError) == "not written"
    assert of(MemoryError()) == "memory"
    assert of(SystemExit(0)) == "raised"
    assert of(RecursionError("deep")) == "raised"


def test_words_of_somebody_s_own_are_cleaned():
    class OddError(Exception):
        def __str__(self):
            raise ValueError("not even this")

    def odd():
        raise OddError

    def loud():
        raise ValueError("\x1b[31m<b>red</b>\n" + "x" * 10**6)

    assert caught(odd).words == "OddError"
    assert caught(loud).words.startswith("ValueError: <b>red</b> xxx")
    assert len(caught(loud).words) < 250


def test_an_exception_without_a_line_of_theirs_has_none():
    problem = problem_of(TypeError("f() takes 1 positional argument"))
    assert (problem.line, problem.number, problem.place) == ("", 0, "")
