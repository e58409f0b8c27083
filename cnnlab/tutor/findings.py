"""What a diagnosis says: the mistake by its name, the first wrong entry, the sum it should be."""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = ["Diagnosis", "Finding", "Term", "WrongEntry"]


class Finding(NamedTuple):
    """Something that was seen, and is true of all answers.

    Attributes
    ----------
    kind : str
        "mistake" (one of the catalogue or of the question, or two of them), "ratio", "axis",
        "border", "overlap", "first only", "sign", "bias", "option", "changed", "shared", "reused",
        "unsteady", "dtype", "shape", "type", "exception", "not written", "time";
        of a test "accused" and "missed".
    name : str
        For a mistake its name, or both names; else which of its kind, as "axis 2 reversed".
    words : str
        What is said to the student, in one or two sentences.
    """

    kind: str
    name: str
    words: str


class Term(NamedTuple):
    """One term of the sum that an entry is.

    Attributes
    ----------
    symbols : str
        As "dZ[0,1,0,2] w[1,0,0,1]".
    numbers : str
        As "3 * -2".
    value : float
        As -6.0.
    counted : int or None
        How often it seems to be in the student's sum: 0 it is missing, 2 it is doubled. None if
        that cannot be told.
    """

    symbols: str
    numbers: str
    value: float
    counted: int | None = None


class WrongEntry(NamedTuple):
    """The first wrong entry of the smallest case that fails.

    Attributes
    ----------
    place : str
        As "dX[1,0,1,3]".
    yours, expected : float
        The two numbers.
    wrong, entries : int
        How many entries are wrong, and how many there are.
    terms : tuple of Term
        The sum that it should be; empty if the question has none.
    """

    place: str
    yours: Any
    expected: Any
    wrong: int
    entries: int
    terms: tuple[Term, ...] = ()


class Diagnosis(NamedTuple):
    """What is wrong with an answer to a question.

    Attributes
    ----------
    findings : tuple of Finding
        The surest first. Empty with `entry` None: nothing is wrong. Empty with an entry: it is
        wrong, and the tutor does not know why, and says so.
    entry : WrongEntry or None
        The first wrong entry, if values are wrong.
    case : str
        The case that is spoken of, in words.
    equation : str
        Label of the equation to look at.
    page : str
        The chapter where it stands.
    """

    findings: tuple[Finding, ...] = ()
    entry: WrongEntry | None = None
    case: str = ""
    equation: str = ""
    page: str = ""
