"""What an assignment asks: questions, the items that have points, and the cases that are tried."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cnnlab.operations import Call

if TYPE_CHECKING:  # it is made of questions
    from cnnlab.tutor.judging import Outcome

__all__ = ["Assignment", "Case", "Item", "Mistake", "Question"]


class Item(NamedTuple):
    """A part of a question that has points of its own: all of its cases must be right.

    Attributes
    ----------
    name : str
        As "values", "stride", "edges" or "manners". The first item of a question is "values"; the
        others have no points while it is not right.
    points : float
        What it is worth.
    words : str
        What it asks for, in one line, as "right values on every shape".
    """

    name: str
    points: float
    words: str


class Case(NamedTuple):
    """One call of the function that was asked for.

    Attributes
    ----------
    item : str
        Name of the item that it belongs to.
    words : str
        Which case it is, as "two samples, three depths, patterns of 2 x 3".
    call : Call
        Arguments by position and options by name. Arrays are plain NumPy arrays; beside them
        integers, floats, bools, strings, None, tuples, lists and dicts of these. A function among
        them stays with the judge: what is called elsewhere asks it by messages.
    hidden : bool
        Whether it is tried in grading only, and its arrays are not told.
    """

    item: str
    words: str
    call: Call
    hidden: bool = False


class Mistake(NamedTuple):
    """A wrong way to write the function of a question.

    Attributes
    ----------
    name : str
        As "dX-pattern-not-turned". For two at once, both names with " + " between them.
    words : str
        What is wrong, in one sentence, as "The pattern is laid on the image turned by half a turn."
    misreading : str
        How it comes about.
    equation : str
        Label of the equation that it violates.
    function : callable
        The wrong function, called as the question's.
    """

    name: str
    words: str
    misreading: str
    equation: str
    function: Callable[..., Any]


@dataclass(frozen=True)
class Question:
    """A function to be written.

    Attributes
    ----------
    name : str
        As "gather"; with its assignment in front, "A4.gather".
    function : str
        Name of the function that a submission defines, as "dX_gather".
    signature : str
        As "(dZ, w, X_shape)".
    words : str
        What it must do, in one sentence.
    items : tuple of Item
        What has points. The first is "values".
    cases : callable
        ``cases(rng)`` yields what is tried, the smallest first. Called with a fixed seed for those
        that everybody sees, and with secret ones for those that are hidden.
    right : callable
        The right answer; called as the question's function, it may return an array, a number, or a
        tuple or dict of them. Where it raises an AssertionError, the answer must do so, too.
    returns : tuple of str
        Names of what is returned, as ("dX",).
    equation : str
        Label of the equation that is asked for, as "eq-dX".
    page : str
        The chapter where it stands, as "input-gradient".
    operation : str
        The function of `cnnlab.reference` that it is, perhaps with fewer axes or options. Its
        wrong versions in `cnnlab.mutants` are those of the question. Empty if there is none.
    to_operation : callable, optional
        ``to_operation(call)`` writes a call of the question as one of the operation. Not needed
        where they are called alike.
    from_operation : callable, optional
        ``from_operation(result)`` gives a result of the operation the axes that the question asks
        for.
    mistakes : tuple of Mistake
        Wrong versions that the catalogue does not have.
    trials : callable, optional
        For what one right answer cannot tell: how fast, how well it has learned, which mistakes it
        finds. ``trials(ask, rng, hidden)`` yields outcomes beside those of the cases; ``ask(call)``
        calls the function, `hidden` says whether it is graded, and `rng` is secret then. It is
        called once, after the cases, if all of "values" are right.
    shuffled : bool
        Whether the cases are asked in a secret order when it is graded: so nothing is learned from
        how often the function was called before.
    """

    name: str
    function: str
    signature: str
    words: str
    items: tuple[Item, ...]
    cases: Callable[[np.random.Generator], Iterable[Case]] = field(repr=False)
    right: Callable[..., Any] = field(repr=False)
    returns: tuple[str, ...]
    equation: str
    page: str
    operation: str = ""
    to_operation: Callable[[Call], Call] | None = field(default=None, repr=False)
    from_operation: Callable[[Any], Any] | None = field(default=None, repr=False)
    mistakes: tuple[Mistake, ...] = field(default=(), repr=False)
    trials: Callable[..., Iterable[Outcome]] | None = field(default=None, repr=False)
    shuffled: bool = False

    @property
    def points(self) -> float:
        """What all of it is worth."""
        return sum(item.points for item in self.items)


@dataclass(frozen=True)
class Assignment:
    """Questions that are handed out together.

    Attributes
    ----------
    name : str
        As "A4".
    title : str
        As "Input gradient, gather and scatter".
    chapter : str
        File name of the chapter that it belongs to, as "input-gradient".
    questions : tuple of Question
        In the order of the notebook. Their points are 100 in all.
    allowed : tuple of str
        Modules of `cnnlab` that a submission may import when it is graded. All others are not
        there: they hold what is asked for.
    seconds : float
        How long all of one submission may take when it is graded.
    alone : bool
        Whether submissions are graded one after another, because times are compared.
    """

    name: str
    title: str
    chapter: str
    questions: tuple[Question, ...]
    allowed: tuple[str, ...] = ("data", "plots", "typing")
    seconds: float = 60.0
    alone: bool = False

    @property
    def points(self) -> float:
        """What all of it is worth."""
        return sum(question.points for question in self.questions)
