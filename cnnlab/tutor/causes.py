"""Why somebody's code stopped, most likely: from the words of the exception and the call.

The table at the end of this file is read from top to bottom; the first row that fits speaks.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from cnnlab.operations import Call
from cnnlab.tutor.answers import Problem
from cnnlab.tutor.questions import Question

__all__ = ["likely_cause"]

# What the axes of an array are called, the last ones if it has fewer.
_AXES = {
    "X": ("B", "D", "M", "N"),
    "w": ("P", "D", "m", "n"),
    "Z": ("B", "P", "M'", "N'"),
    "Y": ("B", "D", "M'", "N'"),
    "b": ("P",),
}
_DENSE = {"X": ("B", "I"), "w": ("O", "I"), "Z": ("B", "O"), "b": ("O",)}


def likely_cause(problem: Problem, call: Call, question: Question) -> str:
    """Say what most likely led to an exception.

    Parameters
    ----------
    problem : Problem
        What was raised.
    call : Call
        What the function was called with.
    question : Question
        What was asked.

    Returns
    -------
    words : str
        One or two sentences; empty if nothing is known of such an exception.

    Examples
    --------
    >>> from cnnlab.tutor import find
    >>> problem = Problem("raised", "NameError: name 'np' is not defined", "NameError")
    >>> likely_cause(problem, Call((), {}), find("conv2d_dX"))
    'NumPy is not imported where the function stands: import numpy as np.'
    """
    given = _Given(problem, call, question)
    for row in _TABLE:
        found = re.search(row.pattern, problem.words)
        if problem.exception in row.exceptions.split() and found:
            return row.words if isinstance(row.words, str) else row.words(found, given)
    return ""


class _Cause(NamedTuple):
    """A row of the table: names of exceptions, words they have, and what to say."""

    exceptions: str
    pattern: str
    words: str | Callable[[re.Match[str], _Given], str]


class _Given:
    """What is known of a call: the sizes of the arguments, and the letters they go by."""

    def __init__(self, problem: Problem, call: Call, question: Question) -> None:
        self.problem, self.question, self.options = problem, question, call.options
        names = re.findall(r"\w+", re.sub(r"=[^,]*(\([^)]*\))?", "", question.signature))
        self.names = names
        self.shapes: dict[str, tuple[int, ...]] = {}
        for name, value in zip(names, call.arguments, strict=False):
            if isinstance(value, np.ndarray):
                self.shapes[name] = value.shape
            elif name.endswith("_shape") and isinstance(value, tuple):
                self.shapes[name] = value

    def letters(self, size: int) -> str:
        """Say which sizes of the call a number may be, as "P or M"."""
        axes = _DENSE if self.question.operation.startswith("dense") else _AXES
        found = []
        for name, shape in self.shapes.items():
            letters = axes.get(name.removesuffix("_shape").removeprefix("d"), ())[-len(shape) :]
            found += [
                letter for letter, known in zip(letters, shape, strict=False) if known == size
            ]
        return " or ".join(dict.fromkeys(found))

    def named(self, size: int) -> str:
        """Write a size with its letters, as "4 (P or M)"."""
        letters = self.letters(size)
        return f"{size} ({letters})" if letters else f"{size}"

    def owners(self, fits: Callable[[tuple[int, ...]], bool]) -> str:
        """Name the arguments whose shape fits."""
        return " or ".join(name for name, shape in self.shapes.items() if fits(shape))

    @property
    def head(self) -> str:
        """The first line that the function should have."""
        return f"def {self.question.function}{self.question.signature}:"

    @property
    def pair(self) -> str:
        """An option of the call that is a pair, as "stride=(2, 3)"; empty if none is."""
        pairs = (f"{k}={v}" for k, v in self.options.items() if isinstance(v, tuple))
        return next(pairs, "")


def _out_of_bounds(found: re.Match[str], given: _Given) -> str:
    index, axis, size = (int(number) for number in found.groups())
    owners = given.owners(lambda shape: axis < len(shape) and shape[axis] == size)
    words = f"Axis {axis} ends at index {size - 1}" + (f", as that of {owners}" if owners else "")
    if index < 0:
        return f"{words}. An index such as p - u is below 0 beyond the border: leave that term out."
    if given.question.operation.endswith("_dX"):
        return (
            f"{words}. Where p - u is M' or more, there is no window: leave that term out. The "
            f"same holds for columns."
        )
    if index == size:
        return (
            f"{words}: this is one step too far. Does the + 1 of M' = M - m + 1 stand where it "
            f"should, and only there?"
        )
    return f"{words}. The window reaches beyond the border: leave out the terms that lie there."


def _too_many_indices(found: re.Match[str], given: _Given) -> str:
    axes, indices = int(found[1]), int(found[2])
    owners = given.owners(lambda shape: len(shape) == axes)
    few = f"{indices} indices, and the array has {axes} axes" + (f", as {owners}" if owners else "")
    return f"{few}. Was an axis summed or indexed away before, or is the batch left out?"


def _not_broadcast(found: re.Match[str], given: _Given) -> str:
    first, second = (tuple(map(int, re.findall(r"\d+", text))) for text in found.groups()[:2])
    if first != second and sorted(first) == sorted(second):
        return f"{first} and {second} are the same sizes in another order: two axes are exchanged."
    pairs = list(zip(first[::-1], second[::-1], strict=False))
    differing = [pair for pair in pairs if pair[0] != pair[1] and 1 not in pair]
    if not differing:
        return f"{first} does not fit into {second}: an axis more or fewer."
    one, other = differing[0]
    if len(first) == len(second) and pairs[2:] == [(a, a) for a, _ in pairs[2:]]:
        return (
            f"Windows of different sizes meet, {first} and {second}: a slice that reaches beyond "
            f"the border is cut short, or one of the two ends one step too early or too late."
        )
    return (
        f"{given.named(one)} meets {given.named(other)}. Are the axes of one of the two exchanged, "
        f"or does an axis of size 1 lack?"
    )


def _mismatch(found: re.Match[str], given: _Given) -> str:
    one, other = (given.named(int(number)) for number in found.groups()[-2:])
    return (
        f"A product of matrices sums over the last axis of the first and the last but one of the "
        f"second: {one} and {other} meet there. Transpose one of them, or name the axes with "
        f"np.einsum."
    )


def _not_reshaped(found: re.Match[str], given: _Given) -> str:
    size, wanted = int(found[1]), math.prod(int(number) for number in re.findall(r"\d+", found[2]))
    if "newaxis" in found[2] or "-1" in found[2]:
        return f"{size} entries are no multiple of {wanted}: a size is wrong, or one lacks."
    return f"{found[2]} has {wanted} entries, and there are {size}: a size is wrong, or one lacks."


def _not_unpacked(found: re.Match[str], given: _Given) -> str:
    expected = int(found[1])
    shapes = ", ".join(f"{name} has {len(shape)}" for name, shape in given.shapes.items())
    return f"{expected} names stand on the left. Of axes, {shapes}."


def _no_option(found: re.Match[str], given: _Given) -> str:
    if given.problem.line:
        return f"What is called in that line has no argument {found[1]}."
    return f"The function has no option {found[1]}. Its first line must be: {given.head}"


def _head(found: re.Match[str], given: _Given) -> str:
    if given.problem.line:  # the call that failed is one of theirs
        return "A function is called with too many or too few arguments in that line."
    return f"The first line of the function must be: {given.head}"


def _pair(found: re.Match[str], given: _Given) -> str:
    if given.pair:
        return f"An option may be a pair, rows and columns, as {given.pair} here."
    return "A shape or another tuple stands where one number is needed: take one of its entries."


def _not_a_pair(found: re.Match[str], given: _Given) -> str:
    return (
        "A number has no entries. An option may be one integer for both directions, as well as a "
        "pair."
    )


def _undefined(found: re.Match[str], given: _Given) -> str:
    name = found[1]
    if name == "np":
        return "NumPy is not imported where the function stands: import numpy as np."
    words = "The function reads a name that is not there"
    if name in given.names:
        return f"{words}. {name} is an argument: {given.head}"
    return (
        f"{words}: it is written otherwise elsewhere, or it stood in a cell that was not run. All "
        f"that a function needs comes in as an argument."
    )


_FLOAT = "Division with / gives a float, even where nothing is left over; // gives an integer."
_NO_VALUE = (
    "Something is None: a function of yours ends without return, or returns in one case only."
)
_SLOT = "One entry takes one number, and an array stands on the right: sum it up, or take a slice."

_TABLE = (
    _Cause(
        "IndexError",
        r"index (-?\d+) is out of bounds for axis (\d+) with size (\d+)",
        _out_of_bounds,
    ),
    _Cause("IndexError", r"array is (\d+)-dimensional, but (\d+) were indexed", _too_many_indices),
    _Cause("IndexError", r"only integers, slices|must be of integer", _FLOAT),
    _Cause(
        "IndexError",
        r"(tuple|list) index out of range",
        "A shape or a list has fewer entries than that: is the batch counted, and the depth?",
    ),
    _Cause(
        "ValueError",
        r"could not be broadcast together with (?:remapped )?shapes (?:\[[^\]]*\]: )?"
        r"(\([\d,]*\))[^(]*(\([\d,]*\))",
        _not_broadcast,
    ),
    _Cause(
        "ValueError",
        r"broadcast input array from shape (\([\d,]*\)) into shape (\([\d,]*\))",
        _not_broadcast,
    ),
    _Cause("ValueError", r"\(size (\d+) is different from (\d+)\)", _mismatch),
    _Cause("ValueError", r"not aligned: (\d+) \(dim \d+\) != (\d+)", _mismatch),
    _Cause(
        "ValueError", r"cannot reshape array of size (\d+) into shape (\([-\w, ]*\))", _not_reshaped
    ),
    _Cause("ValueError", r"values to unpack \(expected (\d+)", _not_unpacked),
    _Cause(
        "ValueError",
        "negative dimensions",
        "A size has become negative: is it M - m + 1, with the larger of the two first?",
    ),
    _Cause(
        "ValueError TypeError",
        "array element with a sequence|length-1 array|0-dimensional arr",
        _SLOT,
    ),
    _Cause(
        "ValueError",
        "shape-mismatch for sum",
        "The axes that np.tensordot sums over differ in size: name those of both in one order.",
    ),
    _Cause(
        "ValueError",
        "zero-size array",
        "An array without entries has no maximum: an empty batch, or a slice that starts too late.",
    ),
    _Cause(
        "ValueError",
        "truth value of an array",
        "An array stands where yes or no is asked: use np.where, or .any() or .all().",
    ),
    _Cause(
        "ValueError",
        "einstein|operand|subscript|output",
        "The letters of np.einsum: one for each axis of each array, and one size for each letter.",
    ),
    _Cause(
        "ValueError AxisError",
        "axes don't match|axis -?\\d+ is out of bounds",
        "The array has fewer or more axes than are named there: count the batch, and the depth.",
    ),
    _Cause("TypeError", r"unexpected keyword argument '(\w+)'", _no_option),
    _Cause("TypeError", r"\w*\(\) (takes|missing|got multiple values)", _head),
    _Cause("TypeError", "'float' object cannot be interpreted as an integer", _FLOAT),
    _Cause("TypeError AttributeError", "NoneType", _NO_VALUE),
    _Cause(
        "TypeError",
        "Cannot interpret '.*' as a data type",
        "A shape is one tuple: np.zeros((rows, columns)), with two pairs of brackets.",
    ),
    _Cause(
        "TypeError",
        "'tuple' (object cannot|and)|and 'tuple'|concatenate tuple",
        _pair,
    ),
    _Cause(
        "TypeError", r"'int' object is not (subscriptable|iterable)|non-iterable int", _not_a_pair
    ),
    _Cause(
        "TypeError",
        "object is not callable",
        "Round brackets call a function, square brackets take an entry.",
    ),
    _Cause(
        "TypeError UFuncTypeError _UFuncOutputCastingError",
        "Cannot cast ufunc",
        "The array that is added to holds integers: np.zeros(shape) holds floats.",
    ),
    _Cause(
        "UnboundLocalError",
        r"variable '(\w+)'",
        "It is used before anything was assigned to it in this function: start with zeros.",
    ),
    _Cause("NameError", r"name '(\w+)' is not defined", _undefined),
    _Cause(
        "AttributeError",
        r"'(tuple|list|int|float)' object has no attribute",
        "It is no array: X_shape is a shape already; np.asarray makes an array of a list.",
    ),
    _Cause(
        "AttributeError",
        r"module '\w+' has no attribute",
        "There is no function of that name in that module: a slip of the pen?",
    ),
    _Cause(
        "ZeroDivisionError",
        "",
        "Something is divided by a size that is 0 here: an empty batch, or an empty range.",
    ),
    _Cause(
        "RecursionError",
        "",
        "The function calls itself without an end: was another one of the same name meant?",
    ),
    _Cause(
        "ModuleNotFoundError ImportError",
        "",
        "That module is not there. An answer gets along with NumPy and what the assignment allows.",
    ),
    _Cause(
        "IndentationError TabError",
        "",
        "Lines of one block begin in one column, with spaces only.",
    ),
    _Cause(
        "SyntaxError",
        "",
        "Python cannot read the line: look for a bracket or a colon there, and in the line before.",
    ),
    _Cause(
        "TypingError UnsupportedError LoweringError NumbaError",
        "",
        "Numba cannot compile the function for these arguments: try it without @njit first.",
    ),
    _Cause(
        "MemoryError _ArrayMemoryError",
        "",
        "An array is far larger than the result: does a product of shapes stand where a sum is?",
    ),
)
