"""A5: gradients are judged one by one, mistakes lose their items, digits are really read."""

import numpy as np
from support.assignments import from_catalogue, judged, lost, own_mistakes, questions, solutions
from support.failures import each

from cnnlab import mutants
from cnnlab.tutor import networks
from cnnlab.tutor.a5 import small_digits
from cnnlab.tutor.asking import InThisProcess
from cnnlab.tutor.judging import judge

QUESTIONS = questions("A5")
ALL = {name: [item.name for item in question.items] for name, question in QUESTIONS.items()}
LESS = {
    ("forward", "sigmoid-of-two-infinities"): ["edges"],
    ("cross_entropy", "largest-of-batch-subtracted"): ["large"],
    ("cross_entropy", "number-added-in-logarithm"): ["large"],
    ("cross_entropy", "logarithm-of-zero"): ["large"],
    ("step", "moved-in-place"): ["manners"],
    ("train", "last-batch-dropped"): ["rest"],
    ("train", "rest-divided-by-batch"): ["rest"],
    ("train", "last-batch-filled-up"): ["rest"],
    ("train", "last-batch-from-the-end"): ["rest"],
}
OWN = [(name, mistake) for name, asked in QUESTIONS.items() for mistake in own_mistakes(asked)]


def test_right_answers_lose_nothing():
    for name, question in QUESTIONS.items():
        if name != "learn":  # the notebook runs it
            assert lost(question, question.right) == []
            assert lost(question, solutions("A5")[question.function]) == []


@each(case=OWN)
def test_a_mistake_of_the_questions_loses_the_items_that_it_should(case):
    name, mistake = case
    function = own_mistakes(QUESTIONS[name])[mistake]
    assert lost(QUESTIONS[name], function, seed=None) == LESS.get(case, ALL[name])


def test_a_mistake_of_the_catalogue_loses_its_question():
    for question in QUESTIONS.values():
        found = [one for one in mutants.catalogue() if one.operation == question.operation]
        # Those of the search are tried with A3 and A4, on the same cases.
        for mutant in found[:1] if question.name in ("conv2d_dw", "conv2d_dX") else found:
            function = from_catalogue(question, mutant.name)
            assert lost(question, function, seed=None) == ALL[question.name], mutant.name


def test_an_exception_in_one_gradient_costs_no_other_its_points():
    def broken(*arguments):
        raise IndexError("index 3 is out of bounds")

    functions = {question.function: question.right for question in QUESTIONS.values()}
    ask = InThisProcess({**functions, "conv2d_dX": broken})
    points = {
        name: judge(name, question, ask).points
        for name, question in QUESTIONS.items()
        if name.startswith(("dense", "sigmoid", "conv2d"))
    }
    assert points.pop("conv2d_dX") == 0
    assert all(points[name] == QUESTIONS[name].points for name in points)


def test_a_short_training_reads_enough_for_the_first_goal_only():
    def learn(X, labels):
        rng = np.random.default_rng(0)
        start = {
            "w": rng.uniform(-1, 1, (4, 1, 5, 5)),
            "b": np.zeros(4),
            "W": rng.uniform(-0.05, 0.05, (10, 400)),
            "c": np.zeros(10),
        }
        return networks.train(start, X, labels, 0.2, 20, 2)

    report = judged(QUESTIONS["learn"], learn)
    assert [scored.points for scored in report.items] == [5, 0]
    assert "85% are asked" in report.items[1].words


def test_the_digits_of_a_grading_are_others():
    seen = []

    def learn(X, labels):
        seen.append(X)
        raise ValueError

    for seed in None, 1, 2:
        judged(QUESTIONS["learn"], learn, seed)
    assert [X.shape for X in seen] == [(2000, 1, 14, 14)] * 3
    assert not (np.array_equal(seen[0], seen[1]))
    assert not (np.array_equal(seen[1], seen[2]))


def test_nobody_is_judged_on_digits_to_learn_from():
    X, _, X_test, _ = small_digits(5)
    known = {image.tobytes() for image in X}
    assert sum(image.tobytes() in known for image in X_test) == 0


def answer(**others):
    right = {"w": np.zeros((2, 1, 5, 5)), "b": np.zeros(2), "W": np.zeros((10, 200))}
    return {**right, "c": np.zeros(10), **others}


UNUSABLE = {
    "nothing": (None, "problem", "not written"),
    "a tuple": ((1, 2), "type", "w, b, W and c"),
    "a key more": (answer(z=np.zeros(1)), "type", "w, b, W and c"),
    "integers": (answer(b=np.zeros(2, int)), "type", "arrays of floats"),
    "color": (answer(w=np.zeros((2, 3, 5, 5))), "shape", "(P, 1, m, n)"),
    "weights": (answer(W=np.zeros((10, 100))), "shape", "(10, 100)"),
    "NaN": (answer(c=np.full(10, np.nan)), "not finite", "NaN"),
    "a guess": (answer(), "accuracy", "10.0%"),
}


@each(case=UNUSABLE)
def test_parameters_that_cannot_be_used_are_explained(case):
    returned, fault, words = case
    report = judged(QUESTIONS["learn"], lambda X, labels: returned, seed=None)
    assert report.points == 0
    assert report.outcomes[0].fault == fault
    assert words in report.items[0].words
