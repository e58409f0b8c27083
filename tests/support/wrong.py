"""Wrong functions and what is said of them: questions with few cases, and reports made quickly."""

import functools

import numpy as np

from cnnlab.operations import Call
from cnnlab.tutor.answers import Answer
from cnnlab.tutor.assignments import question_named
from cnnlab.tutor.comparing import difference
from cnnlab.tutor.diagnosis.evidence import numbers, same
from cnnlab.tutor.diagnosis.known import function_of, known, subject
from cnnlab.tutor.judging import Outcome, Report, visible_cases
from cnnlab.tutor.plain import copied, plain
from cnnlab.tutor.problems import problem_of
from cnnlab.tutor.questions import Case

LEFT_OUT = "edges", "manners", "one sample", "without b"


@functools.cache
def tried(name):
    """A question, and its cases with the right answers: all of "values", one of each option."""
    question = question_named(name, "tried")
    seen, found = set(), []
    for case in visible_cases(question) + list(_equal_sizes(question)):
        if case.item == "values" or case.item not in (*LEFT_OUT, *seen):
            seen.add(case.item)
            expected = question.right(*case.call.arguments, **case.call.options)
            found.append((case, plain(expected)))
    return question, found


def _equal_sizes(question):
    """Cases in which some mistakes do not stop: as many patterns as depths, and square."""
    draw = np.random.default_rng(7).standard_normal
    calls = {
        "conv2d": ((2, 3, 4, 5), (3, 3, 2, 2)),
        "conv2d_dX": ((2, 3, 3, 4), (3, 3, 2, 2), (2, 3, 4, 5)),
        "conv2d_dw": ((2, 3, 3, 4), (2, 3, 4, 5), (3, 3, 2, 2)),
        "dense": ((2, 3), (3, 3)),
        "dense_dX": ((2, 3), (3, 3)),
    }
    if question.name in calls:
        first, second, *shape = calls[question.name]
        yield Case("values", "equal sizes", Call((draw(first), draw(second), *shape), {}))


def reported(name, function):
    """What comes of a function: a report without points."""
    question, cases = tried(name)
    outcomes = []
    for case, expected in cases:
        try:
            with np.errstate(all="ignore"):
                value = function(*copied(case.call.arguments), **case.call.options)
            answer = Answer(plain(value))
        except Exception as error:
            answer = Answer(problem=problem_of(error))
            outcomes.append(Outcome(case, answer, expected, "problem", answer.problem.words))
            continue
        outcomes.append(Outcome(case, answer, expected, *difference(answer.value, expected)))
    return Report(name, question, outcomes, [])


def mistakes(name):
    """The catalogue of a question."""
    question, _ = tried(name)
    return [edit for edit in known(subject(question.operation, question.function)) if edit.plain]


def with_mistakes(name, *edits):
    """The function of a question, with some mistakes in it."""
    question, _ = tried(name)
    wrong = function_of(subject(question.operation, question.function), edits)

    def function(*arguments, **options):
        call = Call(arguments, options)
        if question.to_operation is not None:
            call = question.to_operation(call)
        result = wrong(*call.arguments, **call.options)
        return question.from_operation(result) if question.from_operation else result

    return function


def answers(name, function):
    """What a function gives, case by case: lists of arrays; None where it stops."""
    found = []
    for outcome in reported(name, function).outcomes:
        stops = outcome.answer.problem is not None
        found.append(None if stops else numbers(outcome.answer.value))
    return found


def alike(one, other):
    """Whether two functions cannot be told apart by their answers."""
    return all(
        (mine is None) == (theirs is None) and (mine is None or same(mine, theirs, mine))
        for mine, theirs in zip(one, other, strict=True)
    )
