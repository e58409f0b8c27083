"""A4: every mistake of the catalogue loses exactly the items that it should."""

import numpy as np
from support.failures import each

from cnnlab import mutants, reference
from cnnlab.tutor import find, judge
from cnnlab.tutor.asking import InThisProcess
from cnnlab.tutor.judging import visible_cases

QUESTIONS = find("A4").questions
ALL = [item.name for item in QUESTIONS[3].items]
MISTAKES = {
    "dX-pattern-not-turned": ALL,
    "dX-last-pattern-only": ALL,
    "dX-first-sample-for-all": ALL,
    "dX-interior-only": ALL,
    "dX-patterns-for-depths": ALL,  # stops with an IndexError
    # What the question does not ask for is no mistake there.
    "dX-dilation-ignored": [],
    "dX-padding-sides-swapped": [],
    "dX-stride-ignored": ["stride", "together"],
    "dX-spread-too-far": ["stride", "together"],
    "dX-padding-left-on": ["padding", "together"],
}


def lost(question, function, seed=7):
    report = judge(question.name, question, InThisProcess({question.function: function}), seed=seed)
    return [scored.item.name for scored in report.items if scored.points < scored.item.points]


def test_points_are_a_hundred():
    assert [question.points for question in QUESTIONS] == [25, 25, 20, 30]


def test_the_right_answers_lose_nothing():
    for question in QUESTIONS:
        assert lost(question, question.right) == []


@each(name=list(MISTAKES))
def test_a_mistake_loses_the_items_that_it_should(name):
    assert lost(QUESTIONS[3], mutants.find(name).function, seed=None) == MISTAKES[name]


def test_a_mistake_that_is_made_in_place_loses_the_manners():
    question = QUESTIONS[3]
    assert lost(question, mutants.find("dX-stride-ignored").in_place) == [
        "stride",
        "together",
        "manners",
    ]


def test_dX_full_is_asked_without_the_shape_of_the_images():
    question = QUESTIONS[2]
    wrong = mutants.find("dX-pattern-not-turned").function

    def function(dZ, w):
        shape = len(dZ), w.shape[1], *(a + b - 1 for a, b in zip(dZ.shape[2:], w.shape[2:]))  # noqa: B905
        return wrong(dZ, w, shape)

    assert lost(question, function) == ["values", "edges", "manners"]
    for case in visible_cases(question):
        operation = question.to_operation(case.call)
        right = reference.conv2d_dX(*operation.arguments, **operation.options)
        np.testing.assert_array_equal(right, question.right(*case.call.arguments))


def test_one_right_function_is_right_under_each_name_that_calls_it_so():
    """The page allows that one function calls another: what is judged is what comes out."""
    gather, scatter, full, options = QUESTIONS
    for question in (gather, scatter, options):
        assert lost(question, reference.conv2d_dX) == []
    # It needs the shape of the images, which the full convolution is not given.
    assert lost(full, reference.conv2d_dX) == [item.name for item in full.items]


def test_one_wrong_function_is_wrong_under_each_name():
    gather, scatter, full, options = QUESTIONS

    def forward(dZ, w, X_shape=None, **more):
        return reference.conv2d(dZ, w)

    for question in QUESTIONS:
        assert lost(question, forward) == [item.name for item in question.items]
    # The full convolution, under the name of one that gets a shape.
    for question in (gather, scatter, options):
        assert lost(question, full.right) == [item.name for item in question.items]
    # One that knows no options is right where none are asked for.
    plain = [item for item in ALL if item in ("stride", "padding", "together", "manners")]
    assert lost(gather, lambda dZ, w, X_shape: reference.conv2d_dX(dZ, w, X_shape)) == []
    assert lost(options, lambda dZ, w, X_shape: reference.conv2d_dX(dZ, w, X_shape)) == plain[:3]
