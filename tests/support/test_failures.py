"""A test over many cases must fail for each of them, and say which."""

import inspect

import numpy as np
import pytest
from support.cases import CONV
from support.failures import LINES, by_words, each


def message_of(test, *values, **fixtures):
    with pytest.raises(AssertionError) as failed:
        test(*values, **fixtures)
    return str(failed.value)


def test_every_failing_case_is_named_and_the_others_run():
    seen = []

    @each(number=[1, 2, 3, 4])
    def odd(number):
        seen.append(number)
        assert number % 2, f"{number} is even"

    message = message_of(odd)
    assert seen == [1, 2, 3, 4]
    assert message.startswith("2 of 4 cases failed\n- number=2\n    AssertionError: 2 is even\n")
    assert "- number=4\n    AssertionError: 4 is even\n" in message
    assert "number=1" not in message
    assert "number=3" not in message


def test_nothing_is_said_where_nothing_fails():
    @each(number=[1, 3], dtype=[np.float32, np.float64])
    def odd(number, dtype):
        assert dtype(number) % 2

    odd()


def test_the_first_failure_is_the_cause():
    @each(number=[1, 0, -1])
    def fails(number):
        assert 1 / number > 0

    with pytest.raises(AssertionError) as failed:
        fails()
    assert isinstance(failed.value.__cause__, ZeroDivisionError)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: 1 / 0, "ZeroDivisionError: division by zero"),
        (lambda: pytest.fail("no words"), "Failed: no words"),
        (lambda: pytest.skip("not here"), "Skipped: not here"),
        (lambda: np.testing.assert_array_equal([1, 2], [1, 3]), "Mismatched elements: 1 / 2"),
    ],
)
def test_whatever_goes_wrong_is_a_failure_of_its_case(wrong, words):
    @each(case=[1, 2])
    def fails(case):
        if case == 2:
            wrong()

    message = message_of(fails)
    assert message.startswith("1 of 2 cases failed\n- case=2\n")
    assert words in message


def test_an_exception_that_was_not_raised_is_a_failure():
    @each(number=[0, 1])
    def divides(number):
        with pytest.raises(ZeroDivisionError):
            1 / number

    assert "- number=1\n    Failed: DID NOT RAISE" in message_of(divides)


def test_an_interrupt_ends_the_test():
    seen = []

    @each(number=[1, 2])
    def interrupted(number):
        seen.append(number)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert seen == [1]


def test_every_combination_is_a_case_with_the_names_of_its_values():
    @each(case=CONV[:2], dtype=[np.float32, np.float64], way={"plain": {}, "odd": {"padding": 1}})
    def fails(case, dtype, way):
        raise AssertionError

    message = message_of(fails)
    assert message.startswith("8 of 8 cases failed")
    assert "- case=one pattern, one depth, dtype=float32, way=odd\n" in message


def test_a_long_message_is_cut():
    @each(number=[1])
    def fails(number):
        raise AssertionError("\n".join(map(str, range(100))))

    assert len(message_of(fails).splitlines()) == 2 + LINES + 1


def test_random_numbers_start_anew_for_each_case():
    drawn = []

    @each(number=[1, 2])
    def draws(number, rng):
        drawn.append(rng.random())

    draws()
    assert drawn == [np.random.default_rng(0).random()] * 2


def test_fixtures_and_parameters_of_pytest_are_handed_on():
    @each(number=[1, 2])
    def test(self, number, ops, rng):
        assert (self, ops) == (3, "fast") or number == 1

    assert list(inspect.signature(test).parameters) == ["self", "ops"]
    test(3, ops="fast")
    assert message_of(test, 3, ops="loops").startswith("1 of 2 cases failed\n- number=2\n")


def test_rows_with_the_same_words_are_all_there():
    rows = [(1, "wrong"), (2, "wrong")]
    assert by_words(rows) == {"0: wrong": rows[0], "1: wrong": rows[1]}


def test_no_cases_are_refused():
    with pytest.raises(ValueError, match="^each: no cases for case, dtype$"):
        each(case=[], dtype=[np.float32])
