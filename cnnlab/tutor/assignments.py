"""All assignments that there are, found by name; and those of an instructor, read from a file."""

from __future__ import annotations

import functools
import importlib
import importlib.util
import pkgutil
import re
import sys
from pathlib import Path
from typing import Any

from cnnlab import shapes
from cnnlab.tutor.contract import FUNCTIONS, question_of
from cnnlab.tutor.problems import problem_of
from cnnlab.tutor.questions import Assignment, Question
from cnnlab.tutor.sound import faults_of

__all__ = ["assignments", "find", "load", "question_named"]


@functools.cache
def assignments() -> tuple[Assignment, ...]:
    """Return all assignments of this package.

    Each stands in a module of its own, ``a1.py`` and so on, which defines ``ASSIGNMENT``.

    Returns
    -------
    assignments : tuple of Assignment
        In the order of their numbers.

    Examples
    --------
    >>> "A4" in [assignment.name for assignment in assignments()]
    True
    """
    names = [module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)])]
    numbers = sorted(int(name[1:]) for name in names if re.fullmatch(r"a\d+", name))
    modules = (importlib.import_module(f"cnnlab.tutor.a{number}") for number in numbers)
    return tuple(module.ASSIGNMENT for module in modules)


def _questions() -> dict[str, Question]:
    """Return all questions of all assignments by their names."""
    return {
        f"{assignment.name}.{question.name}": question
        for assignment in assignments()
        for question in assignment.questions
    }


def find(name: str) -> Assignment | Question:
    """Return an assignment or a question by its name.

    Parameters
    ----------
    name : str
        As "A4", "A4.gather", or the name of any function of the contract of the operations, as
        "conv2d_dX".

    Returns
    -------
    found : Assignment or Question

    Raises
    ------
    ValueError
        If there is none of this name; the message lists those that there are.

    Examples
    --------
    >>> find("A4.gather").function
    'dX_gather'
    >>> find("A4").title
    'Input gradient, gather and scatter'
    """
    known = {assignment.name: assignment for assignment in assignments()}
    if isinstance(name, str) and name in known:
        return known[name]
    return question_named(name, "find")


def question_named(name: Any, caller: str) -> Question:
    """Return a question by its name; an error speaks in the name of the caller."""
    if isinstance(name, str) and name in FUNCTIONS:
        return question_of(name)
    questions = _questions()
    # To "A4" and "A4.gahter" those of A4 are the answer.
    front = f"{name}".partition(".")[0].lower() + "."
    own = [known for known in questions if known.lower().startswith(front)]
    return questions[shapes.as_choice(name, caller, "question", own or [*questions, *FUNCTIONS])]


def load(path: str | Path) -> Assignment:
    """Read an assignment of one's own from a file, and see whether it is sound.

    Parameters
    ----------
    path : str or path
        A Python file that defines ``ASSIGNMENT``. It is executed.

    Returns
    -------
    assignment : Assignment

    Raises
    ------
    ValueError
        If the file does not define an assignment, or if that is not sound: points that are not 100
        in all, names that appear twice, cases that do not run, an item without a case, a right
        answer that is judged wrong, a listed mistake that costs nothing. All that was found is
        listed.
    FileNotFoundError
        If there is no such file.
    """
    file = shapes.as_path(path, "load", "B1.py", FileNotFoundError)
    assignment = getattr(_module(file), "ASSIGNMENT", None)
    if not isinstance(assignment, Assignment):
        raise ValueError(
            f"load: {file.name} defines no ASSIGNMENT; write ASSIGNMENT = Assignment(...) into it, "
            f"of cnnlab.tutor."
        )
    found = faults_of(assignment)
    if found:
        raise ValueError(f"load: {file.name}: {'; '.join(found)}.")
    return assignment


def _module(file: Path) -> Any:
    """Execute a file as a module."""
    name = f"cnnlab_assignment_{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ValueError(f"load: {file.name} is no Python file; pass one whose name ends in .py.")
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:  # whatever stands in the file
        problem = problem_of(error)
        raise ValueError(
            f"load: {file.name} stops in line {problem.number}, {problem.line!r}: {problem.words}; "
            f"mend that line."
        ) from error
    return module
