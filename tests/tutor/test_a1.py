"""A1: every wrong search loses exactly the items that it should."""

import numpy as np
from support.assignments import lost, own_mistakes, questions, solutions
from support.failures import each

QUESTIONS = questions("A1")
ALL = {name: [item.name for item in question.items] for name, question in QUESTIONS.items()}
# What breaks an option loses the option; all others lose the question.
OPTIONS = {
    "Z-stride-ignored": ["stride", "together"],
    "Z-stride-columns-first": ["stride", "together"],
    "Z-padding-columns-first": ["padding", "together"],
    "Z-padding-repeats-the-border": ["padding", "together"],
    "Z-padding-on-one-side": ["padding", "together"],
}


@each(name=list(QUESTIONS))
def test_a_mistake_loses_the_items_that_it_should(name):
    question = QUESTIONS[name]
    for mistake, function in own_mistakes(question).items():
        wanted = OPTIONS.get(mistake, ALL[name])
        assert lost(question, function, seed=None) == wanted, mistake


def test_every_search_is_asked_with_one_axis_more_than_the_last():
    counts = [len(question.mistakes) for question in QUESTIONS.values()]
    assert counts == sorted(counts)
    first = [next(iter(q.cases(np.random.default_rng(0)))) for q in QUESTIONS.values()]
    assert [case.call.arguments[0].ndim for case in first] == [2, 3, 3, 4]


def test_a_batch_that_is_forgotten_is_found():
    one_image = solutions("A1")["search"]

    def conv2d(X, w, b, stride=1, padding=0):
        return one_image(X[0], w, b)[None]

    assert lost(QUESTIONS["conv2d"], conv2d, seed=None) == ALL["conv2d"]


def test_what_comes_back_as_another_type_loses_its_manners():
    right = solutions("A1")["search2d"]
    wider = lost(QUESTIONS["search2d"], lambda X, w: right(X.astype(float), w))
    assert wider == ["manners"]
