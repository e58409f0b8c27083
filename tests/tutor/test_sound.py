"""What is not sound in an assignment is named."""

import dataclasses

import numpy as np
from support.failures import each

from cnnlab.operations import Call
from cnnlab.tutor import (
    Answer,
    Assignment,
    Case,
    Item,
    Mistake,
    Outcome,
    Question,
    assignments,
)
from cnnlab.tutor.sound import faults_of


def half(X):
    return X / 2


def cases(rng):
    yield Case("values", "normal", Call((rng.standard_normal(3),), {}))
    yield Case("edges", "none", Call((np.zeros(0),), {}))


QUESTION = Question(
    name="half",
    function="half",
    signature="(X)",
    words="Half of the numbers.",
    items=(Item("values", 70, ""), Item("edges", 20, ""), Item("manners", 10, "")),
    cases=cases,
    right=half,
    returns=("Y",),
    equation="eq-dX",
    page="input-gradient",
    mistakes=(Mistake("not-halved", "It is not halved.", "", "eq-dX", np.copy),),
)
ASSIGNMENT = Assignment("B1", "Halves", "images", (QUESTION,))


def with_question(**fields):
    return dataclasses.replace(ASSIGNMENT, questions=(dataclasses.replace(QUESTION, **fields),))


def stops(rng):
    yield next(cases(rng))
    raise KeyError("no such size")


def other_item(rng):
    yield from cases(rng)
    yield Case("speed", "fast", Call((np.ones(2),), {}))


TWICE = dataclasses.replace(ASSIGNMENT, questions=(QUESTION, QUESTION))
UNSOUND = {
    "nothing": (dataclasses.replace(ASSIGNMENT, questions=()), "B1 has no questions"),
    "points": (
        with_question(items=(*QUESTION.items[:2], Item("manners", 11, ""))),
        "its questions have 101 points, and not 100 in all",
    ),
    "names": (TWICE, "two questions have the name 'half'"),
    "functions": (TWICE, "two questions have the function 'half'"),
    "values are not first": (
        with_question(items=QUESTION.items[::-1]),
        'half: the first of its items is not "values"',
    ),
    "no items": (with_question(items=()), 'half: the first of its items is not "values"'),
    "an item twice": (
        with_question(items=(Item("values", 50, ""), Item("values", 50, ""))),
        "half: two items have the name 'values'",
    ),
    "less than nothing": (
        with_question(items=(Item("values", 110, ""), Item("edges", -10, ""))),
        "half: an item has less than 0 points",
    ),
    "no Python": (with_question(signature="(X"), "half: def half(X is no Python"),
    "cases stop": (with_question(cases=stops), "half: its cases do not run, in line "),
    "no case": (
        with_question(cases=lambda rng: list(cases(rng))[:1]),
        "half: no case has the item 'edges'",
    ),
    "no item": (with_question(cases=other_item), "half: there is no item 'speed', of a case"),
    "something else": (with_question(cases=lambda rng: [1]), "half: "),
    "right is wrong": (
        with_question(right=lambda X: X),
        "half: the right answer is judged wrong: what is returned uses the memory of X (normal)",
    ),
    "right cannot": (with_question(right=lambda X: X[0]), "half: its cases do not run, in line "),
    "a mistake that is right": (
        with_question(mistakes=(Mistake("halved", "", "", "", half),)),
        "half: the mistake halved costs nothing",
    ),
}


def test_a_sound_assignment_has_no_faults():
    assert faults_of(ASSIGNMENT) == []


@each(case=UNSOUND)
def test_what_is_not_sound_is_named(case):
    assignment, words = case
    assert any(fault.startswith(words) for fault in faults_of(assignment)), faults_of(assignment)


def test_what_is_right_need_not_be_fast():
    def trials(ask, rng, hidden):
        yield Outcome(Case("edges", "fast", Call((), {})), Answer(), None, "slow", "too slow")

    assert faults_of(with_question(trials=trials)) == []


@each(assignment={one.name: one for one in assignments()})
def test_the_assignments_of_this_package_are_sound(assignment):
    """But for their mistakes, which have tests of their own."""
    questions = [dataclasses.replace(question, mistakes=()) for question in assignment.questions]
    assert faults_of(dataclasses.replace(assignment, questions=tuple(questions))) == []
