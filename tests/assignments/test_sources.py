"""What the notebooks with solutions hold: right answers, and examples that come out as printed."""

import ast
import re

import numpy as np
from support.assignments import cells, judged, questions, solutions
from support.failures import each

from cnnlab.grading.process import ABSENT
from cnnlab.tutor import find
from cnnlab.tutor.comparing import TOLERANCE
from tools.notebooks.solutions import cut

NAMES = ["A1", "A2", "A3", "A4"]  # those of the others are long, and tried with their mistakes
ALL = [*NAMES, "A5", "A6", "A7", "A8"]
RULES = "## What you hand in, and what is there"
MATRIX = re.compile(r"\\begin\{pmatrix\}(.*?)\\end\{pmatrix\}", re.DOTALL)


@each(name=NAMES)
def test_the_solutions_have_all_points_with_other_numbers_too(name):
    for question in questions(name).values():
        report = judged(question, solutions(name)[question.function], seed=11)
        assert report.points == question.points, question.name
        assert report.right
        assert len({outcome.case.hidden for outcome in report.outcomes}) == 2


def planes(value):
    """Yield every plane of numbers in an array or in lists."""
    array = np.asarray(value)
    if array.dtype.kind in "if" and array.ndim:
        yield from np.atleast_2d(array).reshape(-1, *np.atleast_2d(array).shape[-2:]).tolist()


def literals(code):
    """Yield the planes that stand as lists in a piece of code."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.List):
            try:
                yield from planes(ast.literal_eval(node))
            except ValueError:
                continue  # names among the numbers, or rows of different lengths


@each(name=NAMES)
def test_a_matrix_of_the_text_stands_in_code_that_runs(name):
    """The cells with solutions assert that the functions give these very numbers."""
    code = "\n".join(cells(name))
    computed = list(literals(code))
    for text in cells(name, "markdown"):
        for found in MATRIX.findall(text):
            rows = [[float(cell) for cell in row.split("&")] for row in found.split(r"\\")]
            assert rows in computed, found


@each(name=NAMES)
def test_every_question_is_asserted_with_its_example(name):
    asserted = "\n".join(
        part for cell in cells(name) for part in cut(cell).solutions if "assert " in part
    )
    for question in questions(name).values():
        assert f"{question.function}(" in asserted, question.name


@each(name=NAMES)
def test_the_example_is_what_the_tutor_begins_with(name):
    """A student who tries the example by hand finds the tutor with the same numbers."""
    code = "\n".join(cells(name))
    known = list(literals(code))
    for question in questions(name).values():
        first = next(iter(question.cases(np.random.default_rng(0))))
        arrays = [array for array in first.call.arguments if isinstance(array, np.ndarray)]
        assert next(planes(arrays[0])) in known, question.name


@each(name=NAMES)
def test_the_table_of_each_question_has_its_items(name):
    text = "\n".join(cells(name, "markdown"))
    rows = re.findall(r"^\| ([a-z]+) \| ([\d.]+) \| ([^|]+) \|$", text, re.MULTILINE)
    items = [item for question in questions(name).values() for item in question.items]
    assert rows == [(item.name, f"{item.points:g}", item.words) for item in items]


def told(name):
    """Return what an assignment says of handing in, from its heading to the end of the cell."""
    (cell,) = (text for text in cells(name, "markdown") if RULES in text)
    return cell[cell.index(RULES) :]


@each(name=ALL)
def test_what_is_handed_in_and_what_is_there_is_told_once_in_the_same_words(name):
    assert told(name) == told("A1")
    elsewhere = "\n".join(cells(name, "markdown")).replace(told(name), "")
    assert not re.search(r"student-\d|your-name|NumPy[^.]* there|All cases of an item", elsewhere)


def test_what_is_told_is_what_grading_does():
    modules = re.search(r"of `cnnlab` the modules ([^.]*)\.", told("A1"))[1]
    for name in ALL:
        assert tuple(re.findall(r"`(\w+)`", modules)) == find(name).allowed
    assert {"torch", "jax", "tensorflow"} <= set(ABSENT)
    factor, power = re.search(r"\$(\d) \\cdot 10\^\{(-\d)\}\$", told("A1")).groups()
    assert float(f"{factor}e{power}") == TOLERANCE
