"""A wrong call, the advice that answers it, and where in the package the message stands."""

import ast
import functools
import traceback
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
import numpy as np
import pytest
from support.book import ROOT

PACKAGE = ROOT / "cnnlab"


class Case(NamedTuple):
    """What is wrong, the words of the advice, what it leads to, and what that must be.

    Without `meant` the advice leads to something that has no other way to it: it must be accepted.
    """

    wrong: Any
    advice: str
    followed: Any
    meant: Any = None


def refusal(wrong):
    """Return the error that a wrong call ends in; warnings are errors in tests."""
    with pytest.raises((Exception, Warning)) as refused:
        wrong()
    return refused.value


def follow(case):
    """See that the advice is given, and that it leads to what was meant."""
    message = str(refusal(case.wrong))
    assert case.advice in message, message
    result = case.followed()
    plt.close("all")
    if case.meant is not None:
        np.testing.assert_allclose(result, case.meant(), rtol=1e-12)


class Message(NamedTuple):
    """A message of the package: the file and the function it stands in, and its lines."""

    file: str
    function: str
    first: int
    last: int

    def __str__(self):
        return f"{self.file} {self.function}, line {self.first}"


# Exceptions by which one part of the tutor tells another to go on with the next mistake.
SIGNALS = {"ImpossibleError", "TooLargeError"}


@functools.cache
def messages():
    """Return every message that somebody reads: an error or a warning with words of its own."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        file = str(path.relative_to(PACKAGE))
        _collect(ast.parse(path.read_text(encoding="utf-8")), file, "", found)
    return found


def _collect(node, file, function, found):
    for child in ast.iter_child_nodes(node):
        inner = function
        if isinstance(child, ast.FunctionDef | ast.ClassDef):
            inner = f"{function}.{child.name}".removeprefix(".")
        raised = child.exc if isinstance(child, ast.Raise) else child
        warned = isinstance(child, ast.Call) and ast.unparse(child.func) == "warnings.warn"
        if (isinstance(child, ast.Raise) or warned) and isinstance(raised, ast.Call):
            name = ast.unparse(raised.func)
            words, own = raised.args[:1], not name.startswith("_") and name not in SIGNALS
            if own and words and isinstance(words[0], ast.JoinedStr | ast.Constant | ast.Call):
                found.append(Message(file, function, child.lineno, child.end_lineno))
        _collect(child, file, inner, found)


def place_of(error):
    """Return the file and the line of the package in which an error was raised."""
    inside = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename.startswith(str(PACKAGE))
    ]
    if not inside:
        return "", 0
    return inside[-1].filename.removeprefix(f"{PACKAGE}/"), inside[-1].lineno


def message_of(error, known):
    """Return the message of the package that an error is, or None."""
    file, line = place_of(error)
    return next((m for m in known if m.file == file and m.first <= line <= m.last), None)
