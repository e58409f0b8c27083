"""What is said of a test: whom it accuses without a reason, and what it lets pass."""

import numpy as np
from support.assignments import given_by, judged, questions, solutions

from cnnlab import reference
from cnnlab.tutor.diagnosis import explain
from cnnlab.tutor.diagnosis.accusing import kinds_missing
from cnnlab.tutor.implementations import right_ones, wrong_ones
from cnnlab.tutor.showing import needed

DX = questions("A8")["test_dX"]


def weak(conv2d_dX):
    w = np.array([[[[1.0, 2], [2, 1]]]])
    dX = conv2d_dX(np.ones((1, 1, 2, 2)), w, (1, 1, 3, 3))
    np.testing.assert_allclose(dX[0, 0], [[1, 3, 2], [3, 6, 3], [2, 3, 1]])


def test_a_test_is_told_what_it_lets_pass():
    diagnosis = explain(judged(DX, weak, seed=None))
    assert [finding.kind for finding in diagnosis.findings] == ["missed"] * 3
    assert (
        "lets pass 8 of 11 mistakes. The first: dX-pattern-not-turned"
        in diagnosis.findings[0].words
    )
    assert "dX-last-pattern-only" in diagnosis.findings[1].words
    assert "not told" not in diagnosis.findings[1].words
    graded = explain(judged(DX, weak)).findings[1].words
    assert "that are not told." in graded
    assert "dX-turned-in-rows-only" not in graded


def test_a_false_alarm_is_told_with_its_line():
    def exact(conv2d_dX):
        arguments = given_by((2, 2, 4, 6))
        assert np.array_equal(conv2d_dX(*arguments), reference.conv2d_dX(*arguments)), "they differ"

    finding = explain(judged(DX, exact)).findings[0]
    assert (finding.kind, finding.name) == ("accused", "right")
    assert "they differ" in finding.words
    assert "assert np.array_equal" in finding.words
    assert "tolerance" in finding.words


def test_a_test_that_fails_by_itself_is_no_false_alarm():
    finding = explain(judged(DX, lambda conv2d_dX: conv2d_dX(1, 2, 3)[4])).findings[0]
    assert finding.words.startswith("It fails by itself")


def test_a_test_that_returns_something_is_told_so():
    finding = explain(judged(DX, lambda conv2d_dX: True)).findings[0]
    assert finding.words.startswith("It returns something")


def test_of_a_good_test_nothing_is_said():
    question = questions("A8")["test_db"]
    assert explain(judged(question, solutions("A8")[question.function])).findings == ()


def kinds(function, seed=None):
    """What is said of the cases that are missing."""
    (found,) = [one for one in kinds_missing(judged(DX, function, seed=seed)) if one.words]
    return found.words


def test_it_is_said_which_kind_of_case_is_missing():
    def without_options(conv2d_dX):
        arguments = given_by((2, 2, 4, 6))
        right = reference.conv2d_dX(*arguments)
        np.testing.assert_allclose(conv2d_dX(*arguments), right, rtol=0, atol=1e-9 * 1000)

    words = kinds(without_options, seed=1)
    assert "that are not told: with a stride above 1" in words or "with a stride above 1." in words
    assert "with a padding" in words
    assert "several patterns" not in words
    assert "dX-turned-in-rows-only" not in words  # a hidden one has no name
    assert "with several patterns" in kinds(weak)


def test_of_a_mistake_it_is_known_in_which_cases_it_shows():
    def traits(operation, name):
        (one,) = (one for one in wrong_ones(operation) if one.name == name)
        return needed(operation, one)

    assert traits("conv2d_dX", "dX-stride-ignored") == ("a stride above 1",)
    assert traits("conv2d_dX", "dX-last-pattern-only") == ("several patterns",)
    ends = "another padding at one end than at the other"
    assert ends in traits("conv2d_dX", "dX-padding-sides-swapped")
    assert traits("conv2d_dX", "dX-off-by-one") == ()
    large = ("images with numbers in the thousands",)
    assert traits("conv2d_dw", "dw-half-precision") == large
    assert needed("conv2d_dX", right_ones("conv2d_dX")[0]) == ()
