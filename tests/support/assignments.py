"""What a function loses in a question, and the solutions that the notebooks hold."""

import functools
import json
import re
from pathlib import Path

import numpy as np

from cnnlab import mutants
from cnnlab.operations import Call
from cnnlab.tutor import find, judge
from cnnlab.tutor.asking import InThisProcess

SOURCES = Path(__file__).parents[2] / "assignments"


def judged(question, function, seed=7):
    ask = InThisProcess({question.function: function})
    return judge(question.name, question, ask, seed=seed)


def lost(question, function, seed=7):
    """Return the names of the items that a function has not all points of."""
    items = judged(question, function, seed).items
    return [scored.item.name for scored in items if scored.points < scored.item.points]


def questions(name):
    return {question.name: question for question in find(name).questions}


def from_catalogue(question, name):
    """Return a mistake of the catalogue, called as the question is."""
    wrong = mutants.find(name).function

    @functools.wraps(wrong)
    def function(*arguments, **options):
        call = Call(arguments, options)
        call = question.to_operation(call) if question.to_operation else call
        result = wrong(*call.arguments, **call.options)
        return question.from_operation(result) if question.from_operation else result

    return function


def given_by(shape, P=3, m=2, n=3, seed=0):
    """Return dZ, w and the shape of images, normal numbers."""
    rng = np.random.default_rng(seed)
    B, D, M, N = shape
    return (
        rng.standard_normal((B, P, M - m + 1, N - n + 1)),
        rng.standard_normal((P, D, m, n)),
        shape,
    )


def own_mistakes(question):
    return {mistake.name: mistake.function for mistake in question.mistakes}


@functools.cache
def cells(name, kind="code"):
    """Return the cells of an assignment with its solutions, the first one left out."""
    notebook = json.loads((SOURCES / f"{name}.ipynb").read_text(encoding="utf-8"))
    return ["".join(cell["source"]) for cell in notebook["cells"][1:] if cell["cell_type"] == kind]


@functools.cache
def solutions(name):
    """Return the functions that a notebook defines, by name; nothing else of it runs."""
    known = {}
    for cell in cells(name):
        if re.match(r"import|from|def |# BEGIN SOLUTION\n|# What all tests need", cell):
            exec(cell, known)
    return {key: value for key, value in known.items() if callable(value)}


def told_points(name):
    """Return what the first table of a notebook says: question, call, points."""
    return [
        (question, call, float(points))
        for question, call, points in re.findall(
            rf"\| {name}\.(\w+) \| `(.+?)` \| ([\d.]+) \|", cells(name, "markdown")[0]
        )
    ]
