"""What is seen without a catalogue, each with a mistake that is in none."""

import numpy as np
import pytest
from support.failures import each

from cnnlab import reference
from cnnlab.operations import Call
from cnnlab.tutor import find
from cnnlab.tutor.asking import InThisProcess
from cnnlab.tutor.diagnosis import explain
from cnnlab.tutor.judging import judge
from cnnlab.tutor.questions import Case, Item, Question


def cases(rng):
    for shape in [(2, 3, 4), (3, 4, 5), (3, 2, 6)]:
        yield Case("values", f"{shape}", Call((rng.standard_normal(shape),), {}))
    for factor in (2, 3):
        options = {"factor": factor}
        yield Case("factor", f"factor {factor}", Call((rng.standard_normal((2, 4, 3)),), options))


def right(X, factor=1):
    """Something that no catalogue knows."""
    return factor * (X**2 * np.cos(X) - X)


QUESTION = Question(
    name="bent",
    function="bent",
    signature="(X, factor=1)",
    words="Bend every number.",
    items=(Item("values", 1, ""), Item("factor", 1, ""), Item("manners", 1, "")),
    cases=cases,
    right=right,
    returns=("Y",),
    equation="eq-activation",
    page="pattern-search",
)


def told(function, question=QUESTION, name="bent"):
    report = judge(name, question, InThisProcess({question.function: function}))
    return explain(report)


def changed(way):
    return lambda X, factor=1: way(right(X, factor))


def first_filled(Y):
    filled = np.zeros_like(Y)
    filled[0] = Y[0]
    return filled


def border_halved(Y):
    Y = Y.copy()
    Y[:, 0] /= 2
    return Y


def with_nan(Y):
    Y = Y.copy()
    Y[0, 0, 0] = np.nan
    return Y


def some_signs(Y):
    return np.where(np.arange(Y.shape[-1]) % 2, -Y, Y)


SEEN = {
    "1/3": (lambda Y: Y / 3, "ratio", "Every entry of Y is 1/3 of the right one."),
    "a size": (lambda Y: Y / Y.shape[2], "ratio", "Every entry of Y is 1/4 of the right one, and "
               "X.shape[2] = 4. It is so in every case."),
    "a product": (lambda Y: Y * Y.shape[0] * Y.shape[1], "ratio", "6 times the right one, and "
                  "X.shape[0] X.shape[1] = 6"),
    "odd": (lambda Y: 1.37 * Y, "ratio", "1.37 times the right one, in every case"),
    "sign": (lambda Y: -Y, "sign", "Every entry of Y has the wrong sign."),
    "no sign": (np.abs, "sign", "have lost their signs"),
    "some signs": (some_signs, "sign", "have the wrong sign; all have the right size"),
    "zero": (np.zeros_like, "ratio", "Every entry of Y is 0"),
    "mean": (lambda Y: np.full_like(Y, Y.mean()), "ratio", "the mean of the right ones"),
    "NaN": (with_nan, "ratio", "5 entries of Y are NaN"),
    "offset": (lambda Y: Y + 0.25, "bias", "off by the same number, 0.25 in the case below"),
    "offsets": (lambda Y: Y + np.arange(1, 1 + Y.shape[1])[:, np.newaxis], "bias",
                "off by one number for each index of axis 1"),
    "reversed": (lambda Y: Y[:, ::-1], "axis", "the indices of axis 1 in reverse order"),
    "turned": (lambda Y: Y[:, ::-1, ::-1], "axis",
               "the indices of axis 1 and indices of axis 2 in reverse order"),
    "rolled": (lambda Y: np.roll(Y, 1, 2), "axis", "moved by one, what falls off coming in"),
    "shifted": (lambda Y: np.pad(Y, ((0, 0), (1, 0), (0, 0)))[:, :-1], "axis", "zeros where"),
    "reshaped": (lambda Y: Y.transpose(2, 0, 1).reshape(Y.shape), "axis", "before a reshape"),
    "sorted": (lambda Y: np.sort(Y, axis=None).reshape(Y.shape), "axis", "in another order"),
    "all the same": (lambda Y: np.broadcast_to(Y[:1], Y.shape).copy(), "axis",
                     "All indices of axis 0 of Y have the same numbers, those of the first"),
    "first only": (first_filled, "first only", "right for the first index of axis 0 only; the "
                   "other indices of axis 0 are 0"),
    "border": (border_halved, "border", "right inside and wrong at its border, at the top"),
    "floor": (np.floor, "dtype", "rounded down, as // does"),
    "int": (np.trunc, "dtype", "cut to whole numbers"),
    "half": (lambda Y: Y.astype(np.float16).astype(float), "dtype", "somewhere stands float16"),
    "transposed": (lambda Y: Y.transpose(1, 0, 2), "shape", "its axes stand in another order"),
    "flat": (np.ravel, "shape", "but it is flat: shape (24,) came, (2, 3, 4) is needed"),
    "summed": (lambda Y: Y.sum(axis=0), "shape", "its indices of axis 0 are added up"),
    "one less": (lambda Y: Y[:, :, :-1], "shape", "its last row or column is missing"),
    "two more": (lambda Y: np.ones((Y.shape[0], Y.shape[1] + 2, Y.shape[2])), "shape",
                 "2 indices of axis 1 too many, in every case"),
    "dtype": (lambda Y: Y.astype(np.float32), "dtype",
        "of another type: float32 came, float64 is needed"),
    "complex": (lambda Y: Y + 1j, "type", "Complex numbers came"),
    "type": (lambda Y: "Y", "type", "A str came, an array is needed"),
}  # fmt: skip


@each(case=SEEN)
def test_what_is_seen_is_said(case):
    way, kind, words = case
    findings = told(changed(way)).findings
    assert [finding.kind for finding in findings][:1] == [kind], findings
    assert words in findings[0].words


def test_an_option_that_is_ignored_is_told():
    diagnosis = told(lambda X, factor=1: right(X))
    assert diagnosis.findings[0][:2] == ("option", "factor ignored")
    diagnosis = told(lambda X, factor=1: right(X) + factor - 1)
    assert diagnosis.findings[0].words == "It is right without factor, and wrong with it."


def test_an_argument_from_its_other_end_is_told():
    question = Question(
        **{
            **QUESTION.__dict__,
            "right": lambda X, factor=1: factor * np.cumsum(X, axis=1),
        }
    )
    function = lambda X, factor=1: factor * np.cumsum(X[:, ::-1], axis=1)  # noqa: E731
    (finding,) = told(function, question).findings
    assert finding.words == "It is right for argument 0 with its axis 1 in reverse order."


def in_place(X, factor=1):
    result = right(X, factor)
    X *= 2
    return result


def buffered(X, factor=1, kept={}):  # noqa: B006 - the mistake
    store = kept.setdefault(X.shape, np.empty_like(X))
    store[...] = right(X, factor)
    return store


def drifting(X, factor=1, calls=[]):  # noqa: B006 - the mistake
    calls.append(1)
    return right(X, factor) + len(calls)


@each(
    case={
        "changed": (in_place, "It changes its argument X: work on a copy"),
        "reused": (buffered, "It returns the same array each time"),
        "unsteady": (drifting, "A second call with the same arguments gives something else"),
    }
)
def test_manners_are_told(case):
    function, words = case
    assert any(words in finding.words for finding in told(function).findings)


def test_a_view_of_the_input_is_told():
    question = Question(**{**QUESTION.__dict__, "right": lambda X, factor=1: X.copy()})
    (finding,) = told(lambda X, factor=1: X[...], question).findings
    assert finding.words == "What it returns is a view of its argument X: return a new array."


def operation(name, function):
    return told(function, find(name), name)


def test_a_bias_that_lacks_or_is_there_twice_is_told():
    question = Question(
        **{
            **QUESTION.__dict__,
            "right": lambda X, b: np.cos(X) + b[:, np.newaxis],
            "cases": lambda rng: iter(
                [Case("values", f"{n}", Call((rng.standard_normal((n, 4)), rng.standard_normal(n)),
                                             {})) for n in (2, 3)]
            ),
        }
    )  # fmt: skip
    assert "Y lacks what" in told(lambda X, b: np.cos(X), question).findings[0].words
    twice = told(lambda X, b: np.cos(X) + 2 * b[:, np.newaxis], question)
    assert "Y has twice what" in twice.findings[0].words


def test_overlapping_windows_are_seen():
    def halved_where_windows_meet(dZ, w, X_shape, **options):
        dX = reference.conv2d_dX(dZ, w, X_shape, **options)
        ones = np.ones_like(dZ[:, :1]), np.ones_like(w[:1, : w.shape[1]])
        options = {**options, "groups": 1}
        windows = reference.conv2d_dX(*ones, (*X_shape[:-3], w.shape[1], *X_shape[-2:]), **options)
        return np.where(windows.max(axis=-3, keepdims=True) > 1, dX**2, dX)

    findings = operation("conv2d_dX", halved_where_windows_meet).findings
    assert findings[0].kind == "overlap"
    assert "right where one window lies on a pixel" in findings[0].words


def test_overflow_is_told_from_a_division_by_zero():
    with np.errstate(all="ignore"):

        def overflows(Z):
            with np.errstate(all="ignore"):
                powers = np.exp(Z)
                return powers / powers.sum(axis=-1, keepdims=True)

        (finding,) = operation("softmax", overflows).findings
    assert "exp overflows" in finding.words


@pytest.mark.parametrize("power", [2, 3])
def test_a_factor_too_many_is_counted(power):
    findings = operation("sigmoid_dZ", lambda dY, Y: dY * Y * (1 - Y) ** power).findings
    assert f"1 - Y {power} times" in findings[0].words


def test_what_is_not_known_is_not_claimed():
    def odd(X, factor=1):
        return right(X, factor) + np.sin(np.arange(X.size) * 7).reshape(X.shape)

    diagnosis = told(odd)
    assert diagnosis.findings == ()
    assert diagnosis.entry.wrong == 23  # sin(0) is 0
    assert diagnosis.entry.entries == 24
