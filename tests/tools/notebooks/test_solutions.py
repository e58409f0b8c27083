"""Marks, stubs, and what is found where a solution would be handed out."""

import textwrap

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from support.failures import each

from tools.notebooks.cells import NotebookError
from tools.notebooks.solutions import cut, hand_out, traces

SOURCE = textwrap.dedent('''\
    def double(x):
        """Twice x."""
        # BEGIN SOLUTION
        doubled = 2 * x
        return doubled
        # END SOLUTION
    ''').rstrip()
STUB = textwrap.dedent('''\
    def double(x):
        """Twice x."""
        raise NotImplementedError("double is not written yet")''')
CASES = {
    "a function": (SOURCE, STUB),
    "as nbgrader writes it": (SOURCE.replace("# ", "### "), STUB),
    "no function around it": ("# BEGIN SOLUTION\nx = 3\n# END SOLUTION\nprint(x)", "...\nprint(x)"),
    "behind a function": (
        "def f():\n    return 1\n\n# BEGIN SOLUTION\nx = f()\n# END SOLUTION",
        "def f():\n    return 1\n\n...",
    ),
    "a method": (
        "class A:\n    def f(\n        self,\n    ):\n"
        "        # BEGIN SOLUTION\n        return 1\n        # END SOLUTION",
        "class A:\n    def f(\n        self,\n    ):\n"
        '        raise NotImplementedError("f is not written yet")',
    ),
    "within a loop": (
        "def f(x):\n    for y in x:\n        # BEGIN SOLUTION\n        y += 1\n"
        "        # END SOLUTION\n    return x",
        "def f(x):\n    for y in x:\n"
        '        raise NotImplementedError("f is not written yet")\n    return x',
    ),
    "no prompt": (
        "a = 1\n# BEGIN SOLUTION NO PROMPT\nb = 2\n# END SOLUTION\nc = 3",
        "a = 1\nc = 3",
    ),
    "a prompt": (
        "def f():\n    # BEGIN SOLUTION NO PROMPT\n    return 5\n    # END SOLUTION\n"
        '    """ # BEGIN PROMPT\n    five = ...\n    return five\n    """; # END PROMPT',
        "def f():\n    five = ...\n    return five",
    ),
    "the whole cell": ("# BEGIN SOLUTION NO PROMPT\nx = 3\n# END SOLUTION", ""),
    "two": (
        "# BEGIN SOLUTION\nx = 3\n# END SOLUTION\n# BEGIN SOLUTION\ny = 3\n# END SOLUTION",
        "...\n...",
    ),
    "nothing to take out": ("x = 1\n\ny = 2  # the solution of x + 1", None),
}


@each(name=list(CASES))
def test_what_is_left_of_a_cell(name):
    source, wanted = CASES[name]
    rest, solutions, problems = cut(source)
    assert problems == []
    assert rest == (source if wanted is None else wanted)
    assert bool(solutions) == (wanted is not None)


def test_a_written_answer_is_asked_for():
    text = "Why?\n\n<!-- BEGIN SOLUTION -->\nBecause.\n<!-- END SOLUTION -->"
    assert cut(text, text=True)[:2] == ("Why?\n\n*Write your answer here.*", ["Because."])
    text = "Why?\n\n# BEGIN SOLUTION\nBecause.\n# END SOLUTION"
    assert cut(text, text=True).rest == "Why?\n\n*Write your answer here.*"


WRONG = {
    "never closed": ("x = 1\n# BEGIN SOLUTION\ny = 2", "line 2: never closed; the solution"),
    "never opened": ("x = 1\ny = 2\n# END SOLUTION", "line 3: '# END SOLUTION' does not fit"),
    "nested": (
        "# BEGIN SOLUTION\nx = 1\n# BEGIN SOLUTION\ny = 2\n# END SOLUTION",
        "line 3: '# BEGIN SOLUTION' does not fit, the solution of line 1 is open: "
        "write # END SOLUTION below its last line",
    ),
    "closed twice": (
        "# BEGIN SOLUTION\nx = 1\n# END SOLUTION\n# END SOLUTION",
        "line 4: '# END SOLUTION' does not fit, nothing is open here: write # BEGIN SOLUTION above",
    ),
    "small letters": ("# begin solution\nx = 1\n# end solution", "line 1: '# begin solution' is"),
    "behind code": ("x = 1  # SOLUTION", "line 1: 'x = 1  # SOLUTION' is not a mark"),
    "begins behind code": ("x = 1  # BEGIN SOLUTION\n# END SOLUTION", "line 1"),
    "another word": ("# BEGIN SOLUTIONS\nx = 1\n# END SOLUTIONS", "is not a mark; write # BEGIN"),
    "no space": ("#BEGIN SOLUTION\nx = 1\n#END SOLUTION", "line 1: '#BEGIN SOLUTION' is not"),
    "other graders": ("### BEGIN HIDDEN TESTS\nx\n### END HIDDEN TESTS", "line 1"),
    "a prompt never closed": ('""" # BEGIN PROMPT\nx = 1', 'write """ # END PROMPT below'),
    "a prompt within": (
        '# BEGIN SOLUTION\n""" # BEGIN PROMPT\nx\n""" # END PROMPT\n# END SOLUTION',
        'line 2: \'""" # BEGIN PROMPT\' does not fit',
    ),
}


@each(name=list(WRONG))
def test_a_mark_that_does_not_fit_is_named_with_its_line(name):
    source, words = WRONG[name]
    problems = cut(source).problems
    assert any(words in problem for problem in problems), problems


def notebook(*cells):
    return new_notebook(
        cells=[new_code_cell(cell) if isinstance(cell, str) else cell for cell in cells]
    )


def test_students_get_cells_without_what_tells():
    source = notebook(
        new_markdown_cell("# Title"),
        SOURCE,
        "# BEGIN SOLUTION NO PROMPT\nassert double(2) == 4\n# END SOLUTION",
        'check("A9.double", double)',
    )
    source.cells[1].outputs = [{"output_type": "stream", "name": "stdout", "text": "4"}]
    student, solutions = hand_out(source)
    assert [cell.source for cell in student.cells] == ["# Title", STUB, source.cells[3].source]
    assert [cell.id for cell in student.cells] == ["", "", ""]
    assert all(cell.get("outputs", []) == [] for cell in student.cells)
    assert solutions == ["    doubled = 2 * x\n    return doubled", "assert double(2) == 4"]
    assert len(source.cells) == 4
    assert source.cells[1].outputs


def problems_of(*cells):
    with pytest.raises(NotebookError) as found:
        hand_out(notebook(*cells))
    return found.value.problems


def test_problems_name_the_cell_and_the_line():
    found = problems_of("x = 1", SOURCE + "\n# END SOLUTION", "y\n# BEGIN SOLUTION")
    assert [problem.split(":")[0] for problem in found] == ["cell 2, line 7", "cell 3, line 2"]


def test_a_function_that_is_checked_and_has_no_mark_is_named():
    forgotten = "import numpy\n\ndef double(x):\n    return 2 * x"
    (found,) = problems_of(forgotten, 'check("A9.double", double)', SOURCE.replace("double", "f"))
    assert found.startswith("cell 1, line 3: double answers A9.double, and no part of it is marked")


def test_a_notebook_without_solutions_is_refused():
    (found,) = problems_of("x = 1")
    assert found.startswith("has no # BEGIN SOLUTION")


def test_what_nothing_looks_through_is_refused():
    cell = new_markdown_cell("Look: ![](attachment:a.png)", attachments={"a.png": {}})
    (found,) = problems_of(SOURCE, cell)
    assert found.startswith("cell 2 has attachments")


PLACES = {
    "code": lambda cell: cell.update(source="doubled = 2 * x"),
    "within a comment": lambda cell: cell.update(source="1  # doubled = 2 * x"),
    "an output": lambda cell: cell.update(
        outputs=[{"output_type": "stream", "name": "stdout", "text": "a\ndoubled = 2 * x\n"}]
    ),
    "metadata": lambda cell: cell.metadata.update(note={"deep": ["doubled = 2 * x"]}),
    "the name of metadata": lambda cell: cell.metadata.update({"doubled = 2 * x": 1}),
    "an id": lambda cell: cell.update(id="doubled = 2 * x"),
}


@each(name=list(PLACES))
def test_a_line_of_a_solution_is_found_wherever_it_is(name):
    student, solutions = hand_out(notebook(SOURCE, "double(1)"))
    assert traces(student, solutions) == []
    PLACES[name](student.cells[1])
    (found,) = traces(student, solutions)
    assert found.startswith("cell 2 holds the line 'doubled = 2 * x' of a solution")
