"""The likely cause of an exception: each row of the table speaks of its own kind."""

import re

import numpy as np
from support.failures import each

from cnnlab.operations import Call
from cnnlab.tutor import Problem, causes, find
from cnnlab.tutor.asking import InThisProcess
from cnnlab.tutor.causes import likely_cause

rng = np.random.default_rng(0)
DZ, W, X_SHAPE = rng.random((2, 5, 3, 4)), rng.random((5, 3, 2, 3)), (2, 3, 4, 6)
QUESTION = find("A4.conv2d_dX")


def cause(function, **options):
    call = Call((DZ, W, X_SHAPE), options)
    problem = InThisProcess({"f": function})("f", call).problem
    return likely_cause(problem, call, QUESTION)


def set_entry(array, value):
    array[:] = value


def unassigned(dZ, w, X_shape):
    dX += dZ  # noqa: F821 - the mistake
    return dX


def endless(dZ, w, X_shape):
    return endless(dZ, w, X_shape)


def unpacks(dZ, w, X_shape):
    B, P, rows = dZ.shape
    return B, P, rows


def adds_to_integers(dZ, w, X_shape):
    dX = np.zeros(3, int)
    dX += np.ones(3)
    return dX


def call_inside(dZ, w, X_shape):
    return np.sum(dZ, where_is_it=1)


HEAD = "def conv2d_dX(dZ, w, X_shape, stride=1, padding=0):"
CAUSES = {
    "one too far": (
        lambda dZ, w, S: dZ[0, 0, 3],
        "Axis 2 ends at index 2, as that of dZ. Where p - u is",
    ),
    "below 0": (lambda dZ, w, S: dZ[0, 0, -4], "p - u is below 0"),
    "too many": (lambda dZ, w, S: w[0][0, 0, 0, 0], "4 indices, and the array has 3 axes"),
    "a float": (lambda dZ, w, S: dZ[4 / 2], "// gives an integer"),
    "a short shape": (lambda dZ, w, S: S[4], "fewer entries"),
    "axes exchanged": (
        lambda dZ, w, S: dZ[:, :, 0, 0] * w[0, :, 0, 0],
        "5 (P) meets 3 (M' or D or n)",
    ),
    "same sizes": (lambda dZ, w, S: np.ones((2, 3)) + np.ones((3, 2)), "another order: two axes"),
    "window cut": (
        lambda dZ, w, S: np.ones((3, 2, 3)) * np.ones((3, 2, 2)),
        "a slice that reaches beyond the border is cut short",
    ),
    "window cut, assigned": (
        lambda dZ, w, S: set_entry(np.ones((3, 2, 3)), np.ones((3, 1, 2))),
        "is cut short",
    ),
    "P against D": (lambda dZ, w, S: dZ[..., 0, 0] @ w[0, :, 0], "5 (P) meet there"),
    "dot": (lambda dZ, w, S: np.dot(dZ[..., 0, 0], w[0, :, 0]), "meet there"),
    "tensordot": (lambda dZ, w, S: np.tensordot(dZ, w, (1, 1)), "np.tensordot sums over differ"),
    "reshaped": (lambda dZ, w, S: dZ.reshape(2, 7), "(2,7) has 14 entries, and there are 120"),
    "reshaped, the rest": (lambda dZ, w, S: dZ.reshape(7, -1), "120 entries are no multiple of 7"),
    "unpacked": (unpacks, "3 names stand on the left. Of axes, dZ has 4, w has 4"),
    "negative": (lambda dZ, w, S: np.zeros((2, -1)), "is it M - m + 1"),
    "an array for an entry": (lambda dZ, w, S: set_entry(np.zeros((1, 1)), [[dZ]]), ""),
    "a sequence": (lambda dZ, w, S: np.zeros(3).__setitem__(0, dZ), "One entry takes one number"),
    "maximum of nothing": (lambda dZ, w, S: dZ[:0].max(), "without entries has no maximum"),
    "yes or no": (lambda dZ, w, S: 1 if dZ > 0 else 0, "use np.where"),
    "einsum": (lambda dZ, w, S: np.einsum("ski,kcuv->sc", dZ, w), "The letters of np.einsum"),
    "no such axis": (lambda dZ, w, S: dZ.sum(axis=5), "fewer or more axes"),
    "transposed": (lambda dZ, w, S: dZ.transpose(0, 1, 2), "fewer or more axes"),
    "an argument lacks": (lambda dZ, w: 1, HEAD),
    "an argument too much": (lambda dZ, w, S, more: 1, HEAD),
    "of what is called": (call_inside, "has no argument where_is_it"),
    "a float as a size": (lambda dZ, w, S: range(4 / 2), "// gives an integer"),
    "nothing came": (lambda dZ, w, S: print(end="").shape, "ends without return"),
    "shape in one bracket": (lambda dZ, w, S: np.zeros(2, 3), "two pairs of brackets"),
    "a shape for a number": (lambda dZ, w, S: S - 1, "take one of its entries"),
    "a shape for a range": (lambda dZ, w, S: range(S), "take one of its entries"),
    "a number for a pair": (lambda dZ, w, S: S[0][0], "as well as a pair"),
    "round brackets": (lambda dZ, w, S: dZ(1), "square brackets take an entry"),
    "integers": (adds_to_integers, "np.zeros(shape) holds floats"),
    "unassigned": (unassigned, "start with zeros"),
    "not imported": (lambda dZ, w, S: eval("np.ones", {}), "import numpy as np"),
    "another cell": (lambda dZ, w, S: patterns, "a cell that was not run"),  # noqa: F821
    "an argument": (lambda dZ, w, S: X_shape, f"X_shape is an argument: {HEAD}"),  # noqa: F821
    "no array": (lambda dZ, w, S: S.shape, "X_shape is a shape already"),
    "a slip": (lambda dZ, w, S: np.zeroes(3), "a slip of the pen"),
    "divided by nothing": (lambda dZ, w, S: 1 // len(dZ[:0]), "a size that is 0"),
    "endless": (endless, "calls itself without an end"),
    "not there": (lambda dZ, w, S: __import__("nonsense_of_mine"), "That module is not there"),
    "no Python": (lambda dZ, w, S: eval("(1"), "Python cannot read the line"),
    "no block": (lambda dZ, w, S: exec("if 1:\nx = 1"), "begin in one column"),
    "far too large": (lambda dZ, w, S: np.zeros((10**6, 10**6)), "far larger than the result"),
}


@each(case=CAUSES)
def test_a_cause_is_named(case):
    function, words = case
    assert words in cause(function)


def test_options_are_known():
    assert cause(lambda dZ, w, X_shape: 1, stride=2) == (
        f"The function has no option stride. Its first line must be: {HEAD}"
    )
    assert cause(lambda dZ, w, X_shape, stride: X_shape[0] // stride, stride=(2, 3)) == (
        "An option may be a pair, rows and columns, as stride=(2, 3) here."
    )
    assert "as well as a pair" in cause(lambda dZ, w, X_shape, stride: stride[0], stride=2)


def test_an_index_too_far_is_told_by_what_is_asked():
    for index, words in ((3, "this is one step too far. Does the + 1"), (7, "beyond the border")):
        error = f"IndexError: index {index} is out of bounds for axis 2 with size 3"
        call = Call((np.ones((1, 1, 3, 4)), W), {})
        problem = Problem("raised", error, "IndexError")
        said = likely_cause(problem, call, find("conv2d"))
        assert said.startswith("Axis 2 ends at index 2, as that of X")
        assert words in said


def test_nothing_is_said_of_what_is_not_known():
    def own(dZ, w, X_shape):
        raise KeyError("of mine")

    assert cause(own) == ""
    for words in ("IndexError: (((", "ValueError: ", "TypeError: \\"):
        assert likely_cause(Problem("raised", words, words[:9]), Call((), {}), QUESTION) == ""


def test_sizes_of_a_dense_layer_have_its_letters():
    call = Call((np.ones((3, 2)), np.ones((2, 4))), {})
    problem = Problem(
        "raised",
        "ValueError: shapes (3,2) and (4,2) not aligned: 2 (dim 1) != 4 (dim 0)",
        "ValueError",
    )
    assert "2 (O) and 4 (I) meet" in likely_cause(problem, call, find("dense_dX"))


def test_every_row_is_met():
    met = set()
    for function, words in CAUSES.values():
        call = Call((DZ, W, X_SHAPE), {})
        problem = InThisProcess({"f": function})("f", call).problem
        met |= {row.pattern for row in causes._TABLE if problem and words and _fits(row, problem)}
    unmet = {row.pattern for row in causes._TABLE} - met
    assert unmet == {r"unexpected keyword argument '(\w+)'"} - met


def _fits(row, problem):
    return problem.exception in row.exceptions.split() and re.search(row.pattern, problem.words)
