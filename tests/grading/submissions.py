"""A small question, and submissions to it as files: what the tests of grading ask."""

import textwrap

import numpy as np

from cnnlab.grading.isolation import Isolated
from cnnlab.grading.limits import Limits
from cnnlab.operations import Call
from cnnlab.tutor.judging import judge
from cnnlab.tutor.questions import Assignment, Case, Item, Question

#: Long enough for what is honest, short enough for a test.
SHORT = Limits(
    call=0.4,
    step=0.4,
    loading=1.0,
    total=30.0,
    memory=2**30,
    folder=2**24,
    file=2**22,
    files=500,
    starts=40,
)


def cases(rng):
    """Yield what is asked: one array to see, others as they are drawn."""
    for shape in ((3,), (2, 3), (4,)):
        yield Case("values", f"shape {shape}", Call((rng.integers(-9, 9, shape) * 0.5,), {}))


def asked_for(function):
    return Question(
        name=function,
        function=function,
        signature="(X)",
        words="Twice each number.",
        items=(Item("values", 100.0, "right values"),),
        cases=cases,
        right=lambda X: 2 * X,
        returns=("Y",),
        equation="eq-dX",
        page="input-gradient",
    )


def assignment(*functions, seconds=30.0):
    questions = tuple(asked_for(function) for function in functions or ("twice",))
    return Assignment("T1", "Twice", "input-gradient", questions, seconds=seconds)


def points(ask, function="twice"):
    """Return what a judge gives for a function, hidden cases included."""
    return judge(f"T1.{function}", asked_for(function), ask, seed=[7, 7]).points


def function(body, name="twice"):
    """Return the text of a function."""
    return f"def {name}(X):\n{textwrap.indent(textwrap.dedent(body).strip(), '    ')}\n"


def written(folder, text, name="student-001.py"):
    """Write a submission; NumPy is there as np."""
    path = folder / name
    path.write_text(f"import numpy as np\n{textwrap.dedent(text)}", encoding="utf-8")
    return path


def isolated(path, limits=SHORT, **options):
    return Isolated(path, assignment(), limits, **options)


def ask_once(path, function="twice", X=(1.0, 2.0, 3.0), **options):
    """Return what one function of a submission gives."""
    with isolated(path, **options) as ask:
        return ask(function, Call((np.array(X),), {}))
