"""A2: every mistake loses exactly the items that it should."""

import numpy as np
from support.assignments import from_catalogue, lost, own_mistakes, questions, solutions
from support.failures import each

from cnnlab import mutants, reference
from cnnlab.tutor import a2

QUESTIONS = questions("A2")
ALL = {name: [item.name for item in question.items] for name, question in QUESTIONS.items()}


@each(name=list(QUESTIONS))
def test_a_mistake_loses_the_items_that_it_should(name):
    question = QUESTIONS[name]
    wrong = own_mistakes(question)
    for mutant in mutants.catalogue():
        if mutant.operation == question.operation:
            wrong[mutant.name] = from_catalogue(question, mutant.name)
    assert len(wrong) >= 4
    for mistake, function in wrong.items():
        wanted = ["edges"] if mistake == "sigmoid-of-large-numbers" else ALL[name]
        assert lost(question, function, seed=None) == wanted, mistake


def test_the_gradient_of_the_softmax_is_its_jacobian():
    """Measured with complex steps, row by row; no formula is used."""
    rng = np.random.default_rng(0)
    scores, dY = rng.normal(size=(3, 5)), rng.normal(size=(3, 5))

    def chances(z):
        return np.exp(z) / np.exp(z).sum()

    measured = [
        [dY[s] @ np.imag(chances(scores[s] + 1e-20j * unit)) / 1e-20 for unit in np.eye(5)]
        for s in range(3)
    ]
    found = a2.softmax_dZ(dY, reference.softmax(scores))
    np.testing.assert_allclose(found, measured, rtol=0, atol=1e-14)


def test_writing_into_what_came_loses_the_manners():
    def relu(Z):
        Z[Z < 0] = 0
        return Z

    assert lost(QUESTIONS["relu"], relu) == ["manners"]


def test_a_slope_of_one_at_the_kink_is_found():
    wrong = lost(QUESTIONS["relu_dZ"], lambda dY, Y: dY * (Y >= 0))
    assert wrong == ALL["relu_dZ"]
    assert lost(QUESTIONS["relu_dZ"], solutions("A2")["relu_dZ"]) == []
