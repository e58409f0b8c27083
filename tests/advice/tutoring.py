"""Wrong calls of the tutor, and files that are no assignment, with the advice that answers them."""

import tempfile
from pathlib import Path

from cnnlab import reference, tutor

SOUND = """
from cnnlab.operations import Call
from cnnlab.tutor import Assignment, Case, Item, Question

def half(X):
    return X / 2

def cases(rng):
    yield Case("values", "three", Call((rng.standard_normal(3),), {}))

ITEM = Item("values", 100, "right values")
HALF = Question("half", "half", "(X)", "Half.", (ITEM,), cases, half, ("Y",), "eq-dX", "images")
ASSIGNMENT = Assignment("B1", "Halves", "images", (HALF,))
"""


def loaded(text, name="B1.py"):
    """Read an assignment from a file with this text."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / name
        file.write_text(text)
        return tutor.load(file).name


class Answer:
    """Something with a method that answers."""

    def gradient(self, dZ, w):
        return reference.dense_dX(dZ, w)


def right(question, function):
    """Tell whether a function is right."""
    return tutor.check(question, function).right


CASES = {
    "a question that is misspelt": (
        lambda: tutor.check("A4.gahter", reference.conv2d_dX),
        "choose A4.gather, the nearest of",
        lambda: right("A4.gather", reference.conv2d_dX),
        lambda: True,
    ),
    "an assignment for a question": (
        lambda: tutor.check("A4", reference.conv2d_dX),
        "choose one of A4.gather, A4.scatter",
        lambda: right("A4.scatter", reference.conv2d_dX),
        lambda: True,
    ),
    "a function that is not there": (
        lambda: tutor.find("dense_DX"),
        "choose dense_dX, the nearest of",
        lambda: tutor.find("dense_dX").function == "dense_dX",
        lambda: True,
    ),
    "arguments in another order": (
        lambda: tutor.check(reference.dense_dX, "dense_dX"),
        'write check("A4.gather", my_function)',
        lambda: right("dense_dX", reference.dense_dX),
        lambda: True,
    ),
    "arguments of diagnose in another order": (
        lambda: tutor.diagnose("dense_dX", reference.dense_dX),
        'write diagnose(my_function, "A4.gather")',
        lambda: len(tutor.diagnose(reference.dense_dX, "dense_dX").findings),
        lambda: 0,
    ),
    "what was returned instead of what returns it": (
        lambda: tutor.check("dense_dX", reference.dense_dX([[1.0]], [[2.0]])),
        "pass it without calling it",
        lambda: right("dense_dX", reference.dense_dX),
        lambda: True,
    ),
    "a class": (
        lambda: tutor.check("dense_dX", Answer),
        "pass one of its methods",
        lambda: right("dense_dX", Answer().gradient),
        lambda: True,
    ),
    "a file without an assignment": (
        lambda: loaded(SOUND.replace("ASSIGNMENT =", "B1 =")),
        "write ASSIGNMENT = Assignment(...) into it",
        lambda: loaded(SOUND) == "B1",
        lambda: True,
    ),
    "an assignment of 90 points": (
        lambda: loaded(SOUND.replace("100", "90")),
        "its questions have 90 points, and not 100 in all",
        lambda: loaded(SOUND) == "B1",
        lambda: True,
    ),
    "a file that stops": (
        lambda: loaded(f"{SOUND}\nprint(B1)"),
        "mend that line",
        lambda: loaded(f"{SOUND}\nB1 = ASSIGNMENT") == "B1",
        lambda: True,
    ),
    "a file of another kind": (
        lambda: loaded(SOUND, "B1.txt"),
        "pass one whose name ends in .py",
        lambda: loaded(SOUND, "B1.py") == "B1",
        lambda: True,
    ),
}
