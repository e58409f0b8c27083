"""Sums written out are the operations, and the terms of an entry are what it adds up."""

import dataclasses

import numpy as np
import pytest
from support import wrong
from support.failures import each

from cnnlab import reference
from cnnlab.operations import OPERATIONS, Call
from cnnlab.tutor import find
from cnnlab.tutor.asking import InThisProcess
from cnnlab.tutor.diagnosis import explain
from cnnlab.tutor.judging import judge
from cnnlab.tutor.tables import MOST, has_sums, written
from cnnlab.tutor.terms import ImpossibleError


def calls():
    """Every call of the records of operations, and of their gradients, as far as they are sums."""
    rng = np.random.default_rng(3)

    def draw(shape):
        return rng.integers(-9, 10, shape).astype(float)

    for operation in OPERATIONS:
        if has_sums(operation.name):
            for call in operation.calls(draw):
                given = operation.bind(*call.arguments, **call.options)
                yield operation.name, call
                dY = draw(operation.output(reference, given).shape)
                for name in operation.functions[1:]:
                    yield name, operation.gradient_call(reference, name, dY, given)


SUMS = [(name, call) for name, call in calls() if name != "max_pool2d"]


@each(case={f"{place}: {name}": (name, call) for place, (name, call) in enumerate(SUMS)})
def test_sums_are_the_operation(case):
    name, call = case
    right = getattr(reference, name)(*call.arguments, **call.options)
    np.testing.assert_allclose(written(name, call).result(), right, rtol=1e-12, atol=1e-12)


def test_every_linear_operation_of_the_assignments_is_a_sum():
    names = {name for name, _ in SUMS}
    assert {"conv2d", "conv2d_dX", "conv2d_dw", "conv2d_db", "dense", "dense_dX"} <= names
    assert {"max_pool2d_dX", "avg_pool2d", "avg_pool2d_dX", "dense_dw", "dense_db"} <= names


def test_an_index_beyond_the_end_is_refused():
    sums = written("conv2d_db", Call((np.ones((1, 2, 3, 4)),), {}))
    role = sums.tables[0].roles["Z"]
    for index, words in (
        (role.index["j"] + 1, "beyond the end of dZ"),
        (role.index["j"] - 9, "before the start of dZ"),
    ):
        with pytest.raises(ImpossibleError, match=words):
            _ = role.moved(j=index).flat
    # As in Python, -1 is the last.
    np.testing.assert_array_equal(role.moved(j=role.index["j"] - 4).flat, role.flat)


def test_large_calls_are_left_alone():
    with pytest.raises(ValueError, match=f"more than {MOST} terms"):
        written("conv2d_db", Call((np.ones((10, 10, 30, 30)),), {}))


def entry_of(name, function):
    question = find(name)
    return explain(judge(name, question, InThisProcess({question.function: function}))).entry


def test_missing_terms_are_marked_where_a_mistake_is_known():
    first = wrong.with_mistakes("conv2d_dX", *named("conv2d_dX", "dX-first-pattern-only"))
    diagnosis = explain(wrong.reported("conv2d_dX", first))
    entry = diagnosis.entry
    assert entry.place.startswith("dX[")
    assert entry.expected == sum(term.value for term in entry.terms)
    assert entry.yours == sum(term.value * term.counted for term in entry.terms)
    assert {term.counted for term in entry.terms} == {0, 1}
    for term in entry.terms:
        assert ("w[0," in term.symbols) == (term.counted == 1)
        left, _, right = term.numbers.partition(" * ")
        assert float(left) * float(right) == term.value


def named(operation, *names):
    return [edit for name in names for edit in wrong.mistakes(operation) if edit.name == name]


def test_missing_terms_are_marked_where_they_alone_explain_the_entry():
    def corner_left_out(dZ):
        return dZ.sum((0, 2, 3)) - dZ[0, :, 0, 1] if dZ.ndim == 4 else dZ.sum((1, 2)) - dZ[:, 0, 1]

    diagnosis = explain(wrong.reported("conv2d_db", corner_left_out))
    assert diagnosis.findings == ()
    counted = {term.symbols: term.counted for term in diagnosis.entry.terms}
    assert counted == {"dZ[0,0,0,0]": 1, "dZ[0,0,0,1]": 0, "dZ[0,0,1,0]": 1, "dZ[0,0,1,1]": 1}


def test_nothing_is_marked_where_it_is_a_coincidence():
    def larger(dZ):
        db = dZ.sum((0, 2, 3) if dZ.ndim == 4 else (1, 2))
        return db - np.where(db == 10, 2, 0.3 * db**2)  # 10 = 1 + 2 + 3 + 4, by hand

    entry = explain(wrong.reported("conv2d_db", larger)).entry
    assert entry.expected == 10
    assert [term.counted for term in entry.terms] == [None] * 4


def test_the_terms_have_the_axes_of_the_question():
    dw2d = find("A3.dw2d").right
    entry = entry_of("A3.dw2d", lambda dZ, X: 1.3 * dw2d(dZ, X))
    assert entry.terms[0].symbols == "dZ[0,0] X[0,0]"
    entry = entry_of("conv2d", lambda *a, **o: 1.3 * reference.conv2d(*a, **o))
    assert [term.symbols for term in entry.terms][:2] == ["b[0]", "X[0,0,0,0] w[0,0,0,0]"]


def test_options_move_the_terms():
    def wrong_with_options(dZ, X, w_shape, **options):
        dw = reference.conv2d_dw(dZ, X, w_shape, **options)
        return (
            dw + 0.3 * dw**2 if set(options) == {"stride", "padding", "dilation", "groups"} else dw
        )

    report = wrong.reported("conv2d_dw", wrong_with_options)
    together = [one for one in report.outcomes if one.case.item == "together"]
    entry = explain(dataclasses.replace(report, outcomes=together)).entry
    assert entry.expected == pytest.approx(sum(term.value for term in entry.terms))
    for term in entry.terms:
        assert "-" not in term.symbols, "a pixel of the padding is no term"


@each(name=["avg_pool2d_dX", "avg_pool2d", "max_pool2d_dX", "dense", "dense_dw"])
def test_other_layers_are_sums_too(name):
    right = wrong.tried(name)[0].right
    entry = explain(wrong.reported(name, lambda *a, **o: 1.3 * right(*a, **o))).entry
    assert entry.terms
    assert entry.expected == pytest.approx(sum(term.value for term in entry.terms))


def test_an_average_is_divided():
    right = reference.avg_pool2d_dX
    entry = entry_of("avg_pool2d_dX", lambda *a, **o: 1.3 * right(*a, **o))
    assert entry.terms[0].numbers.count(" / ") == 1


def test_the_jacobian_of_the_softmax_is_written_out():
    right = find("A2.softmax_dZ").right
    entry = entry_of("A2.softmax_dZ", lambda dY, Y: right(dY, Y) + 0.3 * right(dY, Y) ** 2)
    assert entry.expected == pytest.approx(sum(term.value for term in entry.terms))
    assert "(1 - Y[" in entry.terms[0].symbols
    assert "(-Y[" in entry.terms[1].symbols


def test_below_the_line_of_a_softmax_stand_all_scores():
    right = reference.softmax
    entry = entry_of("softmax", lambda Z: right(Z) ** 2 + 0.1)
    assert 1 / sum(term.value for term in entry.terms) == pytest.approx(entry.expected)
