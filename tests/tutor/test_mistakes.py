"""A mistake is written as a function whose docstring says what is wrong."""

import numpy as np

from cnnlab.tutor import assignments
from cnnlab.tutor.mistakes import mistake


def test_a_function_becomes_a_mistake():
    @mistake("eq-dw")
    def sign_flipped(dZ):
        """The gradient points the wrong way.

        It was subtracted
        twice.
        """
        return -dZ

    assert sign_flipped.name == "sign-flipped"
    assert sign_flipped.words == "The gradient points the wrong way."
    assert sign_flipped.misreading == "It was subtracted twice."
    assert sign_flipped.equation == "eq-dw"
    np.testing.assert_array_equal(sign_flipped.function(np.ones(2)), [-1, -1])


def test_every_mistake_says_what_is_wrong_and_how_it_comes_about():
    listed = [one for a in assignments() for question in a.questions for one in question.mistakes]
    assert all(one.words.endswith(".") and one.misreading.endswith(".") for one in listed)
    assert len({(one.name, one.words) for one in listed}) == len({one.name for one in listed})
