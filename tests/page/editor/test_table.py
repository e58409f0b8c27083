"""The table: right answers are right, and every known mistake is named as itself."""

import functools
import sys
import types

import numpy as np
import pytest

from cnnlab import mutants, reference
from cnnlab.page.editor.judging import answer, argument, judge
from cnnlab.page.editor.loops import LOOPS
from cnnlab.page.editor.table import table
from cnnlab.tutor.diagnosis.known import function_of, known

# Gather and scatter have one table.
OPERATIONS = [name for name in LOOPS if hasattr(reference, name)]
# Two names of one mistake.
MISSED = {"conv2d": {"conv-sum-of-biases": ["conv-biases-added-up"]}}
# A mistake is run as a reader's code: it gets arrays of the page, and returns lists.
CALL = """\
def {function}(*given):
    import numpy
    given = [numpy.array(one.tolist()) if hasattr(one, "tolist") else one for one in given]
    return wrong(*given).tolist()
"""


@pytest.fixture
def asked(monkeypatch):
    """Return the names that are found for a function of Python with NumPy."""

    def ask(name, wrong):
        loop, found = LOOPS[name], table(name)
        module = types.ModuleType("mistaken")
        module.wrong = wrong
        monkeypatch.setitem(sys.modules, "mistaken", module)
        source = "from mistaken import wrong\n" + CALL.format(function=loop.function)
        rows = "\n".join(row.answers for row in found.rows)
        verdict, _ = judge(source, loop.function, list(loop.results), found.cases, rows)
        numbers = verdict[3].split() if len(verdict) > 3 else []
        return [one for row in numbers for one in found.rows[int(row)].names]

    return ask


def is_seen(name, wrong):
    """Tell whether a mistake is one on the cases; many are of options that there are not."""
    answers = []
    for case, right in zip(LOOPS[name].cases, rights(name), strict=True):
        try:
            answers.append(np.array_equal(wrong(*case), right))
        except (IndexError, ValueError):
            answers.append(None)
    return False in answers or (None in answers and True in answers)


@functools.cache
def rights(name):
    """Return the right answers."""
    return [LOOPS[name].right(*case) for case in LOOPS[name].cases]


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_mutant_is_named_as_itself(name, asked):
    found = {
        mutant.name: asked(name, mutant.function)
        for mutant in mutants.catalogue()
        if mutant.operation == name and is_seen(name, mutant.function)
    }
    assert all(found[name] == [name] for name in found), found
    least = {"conv2d": 0, "conv2d_dw": 12, "conv2d_db": 8, "conv2d_dX": 17, "max_pool2d_dX": 5}
    assert len(found) >= least[name]


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_mistake_of_the_tutor_is_named_as_itself(name, asked):
    found = {
        edit.name: asked(name, wrong)
        for edit in known(name)
        if edit.plain and is_seen(name, wrong := function_of(name, (edit,)))
    }
    missed = {name: names for name, names in found.items() if name not in names}
    assert missed == MISSED.get(name, {})
    assert len(found) >= 9


@pytest.mark.parametrize("name", LOOPS)
def test_cases_are_written_as_they_are(name):
    loop = LOOPS[name]
    for case, line in zip(loop.cases, table(name).cases.splitlines(), strict=True):
        *given, right = line.split("|")
        for text, argument_name, value in zip(given, loop.arguments, case, strict=True):
            written, _, rest = text.partition("=")
            read = argument(rest)
            assert written == argument_name
            if isinstance(value, np.ndarray):
                np.testing.assert_array_equal(read.tolist(), value)
            else:
                assert read == value
        rights = loop.right(*case)
        rights = rights if isinstance(rights, tuple) else (rights,)
        for (shape, values), array in zip(answer(right), rights, strict=True):
            assert shape == array.shape
            np.testing.assert_allclose(values, array.ravel(), rtol=1e-6)


@pytest.mark.parametrize("name", LOOPS)
def test_no_two_rows_give_the_same_answers(name):
    answers = [row.answers for row in table(name).rows]
    assert len(set(answers)) == len(answers)
    rights = [line.split("|")[-1].split(";") for line in table(name).cases.splitlines()]
    right = "|".join(";".join(part.rpartition(":")[2] for part in parts) for parts in rights)
    assert right not in answers
    for row in table(name).rows:
        assert len(row.names) == len(row.mistakes) == len(set(row.names))


def test_what_looks_the_same_is_told_together():
    """With two rows of positions, the first left out and the last alone are one."""
    rows = table("conv2d_dX").rows
    [row] = [row for row in rows if "dX-first-row-positions-missed" in row.names]
    assert row.names == ["dX-first-row-positions-missed", "dX-last-row-positions-only"]
