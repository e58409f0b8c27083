"""What the tests of A8 are tried on: right ones are right, the catalogue has the wrong ones."""

import numpy as np
import pytest
from support.assignments import given_by, questions
from support.failures import each

from cnnlab import mutants, reference
from cnnlab.tutor.implementations import BEYOND, right_ones, wrong_ones

OPERATIONS = [question.function.removeprefix("test_") for question in questions("A8").values()]


@each(operation=OPERATIONS)
def test_the_catalogue_is_used_up_to_what_is_beyond_the_contract(operation):
    names = {one.name for one in wrong_ones(operation)}
    assert names >= {
        mutant.name
        for mutant in mutants.catalogue()
        if mutant.operation == operation and mutant.name not in BEYOND
    }
    assert not names & set(BEYOND)


def test_right_ones_are_right_within_what_the_notebook_allows():
    for one in right_ones("conv2d_dX"):
        for kind, allowed in (np.float64, 1e-12), (np.float32, 1e-5):
            dZ, w, shape = given_by((2, 2, 4, 6))
            dZ, w = dZ.astype(kind), w.astype(kind)
            dX = one(dZ, w, shape, stride=1, padding=0)
            right = reference.conv2d_dX(dZ.astype(float), w.astype(float), shape)
            assert dX.dtype == kind
            assert dX is not one(dZ, w, shape)
            assert np.abs(dX - right).max() <= allowed * np.abs(right).max()


def test_what_a_wrong_one_stumbles_over_is_an_assertion_error():
    transposed = next(one for one in wrong_ones("conv2d_dX") if one.name == "dX-pattern-transposed")
    with pytest.raises(AssertionError, match="the implementation raised IndexError"):
        transposed(*given_by((1, 1, 3, 5)))
    with pytest.raises(ValueError, match="conv2d_dX"):
        right_ones("conv2d_dX")[0](np.ones((1, 1, 2, 2)), np.ones((1, 2, 2, 2)), (1, 1, 3, 3))
    assert repr(transposed) == "<an implementation>"


@each(operation=OPERATIONS)
@each(
    call={
        "without arguments": ((), {}),
        "too many": ((1, 2, 3, 4, 5, 6, 7, 8), {}),
        "an unknown option": ((np.ones((1, 1, 2, 2)),), {"speed": 1}),
        "text": (("a", "b", "c"), {}),
        "shapes": ((np.ones((1, 1, 2, 2)), np.ones((3, 2, 2, 2)), (1, 1, 3, 3)), {}),
        "five axes": ((np.ones((1,) * 5), np.ones((1,) * 5), (1,) * 5), {}),
        "complex": ((np.ones((1, 1, 1, 1)) * 1j, np.ones((1, 1, 1, 1)) * 1j, (1, 1, 1, 1)), {}),
    }
)
def test_a_call_that_does_not_fit_is_refused_by_right_and_wrong_ones_alike(operation, call):
    arguments, options = call
    told = set()
    for one in (*right_ones(operation), *wrong_ones(operation)):
        with pytest.raises((TypeError, ValueError)) as caught:
            one(*arguments, **options)
        told.add((caught.type, str(caught.value)))
    assert len(told) == 1
