"""What is said of right and wrong loops, case by case."""

import pytest
from support.editor import VARIANTS

from cnnlab.page.editor.judging import judge
from cnnlab.page.editor.loops import LOOPS
from cnnlab.page.editor.table import table

ALL = [(name, number) for name in VARIANTS for number in range(len(VARIANTS[name]))]


def asked(source, name="conv2d_db"):
    """Judge code; return the verdict and what was printed."""
    loop, found = LOOPS[name], table(name)
    rows = "\n".join(row.answers for row in found.rows)
    return judge(source, loop.function, list(loop.results), found.cases, rows)


def names(verdict, name="conv2d_db"):
    """Return the names of the mistakes in a verdict."""
    rows = table(name).rows
    return [one for row in verdict[3].split() for one in rows[int(row)].names]


def bias(*lines):
    """Write a function for the gradient of the biases."""
    return "\n    ".join(["def conv2d_db(dZ):", *lines])


def test_there_are_enough_variants():
    assert sum(map(len, VARIANTS.values())) >= 25
    assert list(VARIANTS) == list(LOOPS)


@pytest.mark.parametrize(("name", "number"), ALL)
def test_right_loops_are_right(name, number):
    verdict, _ = asked(VARIANTS[name][number], name)
    assert verdict == ["right", str(len(LOOPS[name].cases))]


@pytest.mark.parametrize("name", LOOPS)
def test_a_skeleton_is_wrong_and_runs(name):
    verdict, _ = asked(LOOPS[name].skeleton, name)
    assert verdict[:3] == ["values", "0", f"0/{len(LOOPS[name].cases)}"]
    assert names(verdict, name)


@pytest.mark.parametrize(
    ("source", "kind", "said"),
    [
        ("return (dZ", "syntax", ["SyntaxError: '(' was never closed", "2"]),
        ("return dZ.sum(1)", "shape", ["db", "(1, 2, 3)", "(2,)"]),
        ("return 4", "shape", ["db", "()", "(2,)"]),
        ("db = 0", "nothing", []),
        ("return 'x'", "type", ["db", "'x' of type str came"]),
        ("return True", "type", ["db", "True of type bool came"]),
        ("return [1, [2]]", "type", None),
        ("return (-(dZ[0, :, 0, 0] ** 2)) ** 0.5", "type", None),
        ("return np.empty(dZ.shape[1])", "not finite", ["db[0]", "nan", "-2", "2", "2"]),
        ("return np.full(dZ.shape[1], np.inf)", "not finite", ["db[0]", "inf", "-2", "2", "2"]),
        ("yield 1", "type", None),
        ("1 / 0", "raised", ["ZeroDivisionError: division by zero", "2"]),
        ("raise SystemExit", "raised", ["SystemExit", "2"]),
        ("raise KeyError()", "raised", ["KeyError", "2"]),
    ],
)  # fmt: skip
def test_kinds_of_faults(source, kind, said):
    verdict, _ = asked(bias(source))
    assert verdict[0] == kind
    assert said is None or verdict[4:] == said


def test_a_function_that_is_not_there():
    assert asked("x = 1")[0] == ["missing"]
    assert asked("conv2d_db = 3")[0] == ["missing"]


def test_the_line_is_the_readers_own():
    verdict, _ = asked("\n\n" + bias("a = 1", "", "return dZ[5, 0]"))
    assert verdict[4:] == ["IndexError: index 5 is out of bounds for axis 0 with size 1", "6"]
    verdict, _ = asked("x = nothing\n")
    assert (verdict[0], verdict[5]) == ("raised", "1")


def test_changed_arguments_are_told_and_wrong_numbers_first():
    both = bias("db = dZ.sum((0, 2, 3))", "dZ[0] = 0", "return db")
    assert asked(both)[0][0::4] == ["changed", "dZ"]
    wrong = bias("db = 2.5 * dZ.sum((0, 2, 3))", "dZ[0] = 0", "return db")
    assert asked(wrong)[0][0] == "values"


def test_what_is_printed_is_that_of_the_case_that_is_shown():
    verdict, printed = asked(bias("print(dZ.shape, 1)", "return dZ[:1].sum((0, 2, 3))"))
    assert (verdict[:3], printed) == (["values", "1", "1/3"], ["(2, 3, 3, 4) 1"])
    assert names(verdict) == ["db-first-sample-only"]
    _, printed = asked(bias("for i in range(99):", "    print(i)", "return dZ.sum((0, 2, 3))"))
    assert len(printed) == 20


def test_nothing_is_guessed():
    verdict, _ = asked(bias("return dZ.sum((0, 2, 3)) + 1.5"))
    assert verdict == ["values", "0", "0/3", "", "db[0]", "-0.5", "-2", "2", "2"]


def test_rounding_is_no_mistake():
    assert asked(bias("return dZ.sum((0, 2, 3)) * (1 + 1e-9)"))[0][0] == "right"
    assert asked(bias("return dZ.sum((0, 2, 3)) * 1.001"))[0][0] == "values"


def test_two_mistakes_at_once_have_both_names():
    verdict, _ = asked(bias("return dZ[:1, :, -1, -1].sum(0)"))
    assert names(verdict) == ["db-first-sample-only + db-last-position-only"]


def test_a_mistake_that_stops_on_some_shapes_is_named_where_it_answers():
    source = VARIANTS["conv2d"][0].replace("w[k, c, u, v]", "w[k, c, v, u]")
    verdict, _ = asked(source, "conv2d")
    assert verdict[0] == "values"
    assert names(verdict, "conv2d") == ["conv-pattern-transposed"]


def test_one_result_of_several_is_wrong():
    step = VARIANTS["adam_step"][0]
    verdict, _ = asked(step.replace(", a, u\n", "\n").rsplit(", a, u", 1)[0], "adam_step")
    assert verdict[0] == "parts"
    verdict, _ = asked(step.replace("dw**2", "dw"), "adam_step")
    assert "adam-not-squared" in names(verdict, "adam_step")
    assert verdict[4][0] == "w"
