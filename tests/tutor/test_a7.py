"""A7: what is slow but right loses speed alone, and what is fast and wrong loses all."""

from dataclasses import replace

from support.assignments import judged, lost, own_mistakes, questions, solutions
from support.failures import each

QUESTIONS = questions("A7")
ALL = ["values", "edges", "manners"]

OWN = {
    "product-reshaped": ALL,
    "nonsense-kept": ALL,
    "biases-forgotten": ALL,
    "buffer-reused": ["manners"],
    "single-precision": ["manners"],
}


def test_the_solutions_are_right_and_fast():
    for name, question in QUESTIONS.items():
        report = judged(question, solutions("A7")[question.function])
        assert report.points == question.points, report.items
        assert name in question.operation


@each(mistake=list(OWN))
def test_a_mistake_loses_the_items_that_it_should(mistake):
    question = QUESTIONS["conv2d"]
    function = own_mistakes(question)[mistake]
    unraced = replace(question, items=question.items[:3], trials=None)
    assert lost(unraced, function, seed=None) == OWN[mistake]
