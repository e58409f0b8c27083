"""A8: good tests find every mistake, weak ones what they can, and nobody right is accused."""

import time

import numpy as np
from support.assignments import given_by, judged, lost, questions, solutions

from cnnlab import reference
from cnnlab.tutor import check, judge
from cnnlab.tutor.answers import Answer

QUESTIONS = questions("A8")
DX = QUESTIONS["test_dX"]
OPERATIONS = [question.function.removeprefix("test_") for question in QUESTIONS.values()]


def found(question, test, seed=7):
    """Return the names of the mistakes for which a test has points."""
    lacking = lost(question, test, seed)
    return [item.name for item in question.items if item.name not in lacking]


def close(given, right):
    assert np.abs(given - right).max() <= 1e-9 * np.abs(right).max()


def test_the_solutions_find_every_mistake_and_accuse_nobody():
    for question in QUESTIONS.values():
        report = judged(question, solutions("A8")[question.function])
        assert report.points == question.points, report.items


def test_what_raises_for_everything_or_nothing_has_no_points():
    def everything(implementation):
        raise AssertionError

    for question in QUESTIONS.values():
        assert judged(question, everything).points == 0
        assert judged(question, lambda implementation: None).points == 0


def test_calls_that_do_not_fit_tell_nothing():
    def without_arguments(implementation):
        try:
            implementation()
        except AssertionError:
            raise
        except Exception:
            pass

    for question in QUESTIONS.values():
        assert judged(question, without_arguments).points == 0


def test_who_counts_calls_has_no_points():
    called = []

    def the_first_are_right(conv2d_db):
        called.append(0)
        time.sleep(0.021)  # so it is not called twice
        assert len(called) <= 4

    assert judged(QUESTIONS["test_db"], the_first_are_right).points == 0


def test_the_order_is_secret_and_the_same_for_one_seed():
    def order(seed):
        asked = []

        def ask(function, call):
            asked.append(call.arguments[0].name)
            return Answer(None)

        judge("A8.test_dX", DX, ask, seed=seed)
        return asked

    first = order(1)
    assert first == order(1) != order(2)
    right = [place for place, name in enumerate(first) if name in ("loops", "parts", "fft")]
    assert len(right) == 12
    assert right[-1] > len(first) / 2
    assert order(None)[:3] == ["loops", "parts", "fft"]


def test_one_false_alarm_costs_the_question():
    def exact(conv2d_dX):
        arguments = given_by((2, 2, 4, 6))
        np.testing.assert_array_equal(conv2d_dX(*arguments), reference.conv2d_dX(*arguments))

    report = judged(DX, exact)
    assert report.points == 0
    assert "a right one: " in report.items[0].words


def test_zeros_that_are_compared_without_a_scale_are_false_alarms():
    def relative(conv2d_dX):
        dZ, w, shape = given_by((1, 1, 3, 5))
        dZ[..., 1:] = 0
        right = reference.conv2d_dX(dZ, w, shape)
        np.testing.assert_allclose(conv2d_dX(dZ, w, shape), right, rtol=1e-6)

    assert judged(DX, relative).points == 0


def test_without_options_their_mistakes_get_away():
    def plain(conv2d_dX):
        arguments = given_by((2, 2, 4, 6))
        close(conv2d_dX(*arguments), reference.conv2d_dX(*arguments))

    missed = {
        outcome.case.call.arguments[0].name
        for outcome in judged(DX, plain).outcomes
        if outcome.fault
    }
    assert missed == {
        "dX-stride-ignored",
        "dX-spread-too-far",
        "dX-padding-left-on",
        "dX-padding-sides-swapped",
    }


def test_the_sum_of_the_outputs_as_loss_misses_what_turns():
    def sums(conv2d_dX):
        dZ, w, shape = given_by((2, 2, 5, 6))
        # The loss is the sum of all Z: dZ is 1 everywhere.
        right = reference.conv2d_dX(np.ones_like(dZ), w, shape)
        assert (
            abs(conv2d_dX(np.ones_like(dZ), w, shape).sum() - right.sum())
            <= 1e-9 * abs(right).sum()
        )

    missed = {
        outcome.case.call.arguments[0].name
        for outcome in judged(DX, sums).outcomes
        if outcome.fault
    }
    assert {"dX-pattern-not-turned", "dX-dZ-turned", "dX-turned-in-rows-only"} <= missed
    assert judged(DX, sums).points == 0  # the first mistake of all is among them


def test_golden_values_of_one_square_pattern_find_what_they_can():
    def golden(conv2d_dX):
        dX = conv2d_dX(
            np.array([[[[1.0, 3], [0, 2]]]]), np.array([[[[1.0, 2], [3, 5]]]]), (1, 1, 3, 3)
        )
        close(dX, np.array([[[[1.0, 5, 6], [3, 16, 19], [0, 6, 10]]]]))

    names = found(DX, golden)
    assert "values" in names
    assert "dX-windows-overwrite" in names
    assert not {"dX-last-pattern-only", "dX-first-depth-for-all", "dX-padding-sides-swapped"} & set(
        names
    )


def test_each_mistake_has_the_same_points_and_its_own_item():
    for question in QUESTIONS.values():
        each_one = {item.points for item in question.items[1:]}
        assert len(each_one) == 1
        assert question.items[0].points >= 5
        cases = list(question.cases(np.random.default_rng(0)))
        named = [case for case in cases if case.item != "values"]
        assert [case.item for case in named] == [item.name for item in question.items[1:]]
        assert all(case.hidden == case.item.startswith("hidden") for case in named)


def test_a_hidden_mistake_is_told_by_its_equation_alone():
    for question in QUESTIONS.values():
        items = {item.name: item.words for item in question.items}
        for case in question.cases(np.random.default_rng(0)):
            if case.item.startswith("hidden"):
                implementation = case.call.arguments[0]
                told = case.words + items[case.item]
                assert implementation.name not in told
                assert implementation.words not in told
                assert f"({implementation.equation})" in told


def test_what_is_tried_later_is_not_called_lost():
    checked = check("A8.test_db", solutions("A8")["test_conv2d_db"])
    assert checked.right
    assert "10 of 15 points; 4 items are tried when it is graded." in repr(checked)
    assert "lost" not in repr(checked)
