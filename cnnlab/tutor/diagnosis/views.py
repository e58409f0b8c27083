"""One array of the answers beside the right one, in every case, with the words for its axes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cnnlab.tutor.diagnosis.entries import part_names
from cnnlab.tutor.diagnosis.evidence import Evidence, same
from cnnlab.tutor.diagnosis.kinds import DENSE, WORDS
from cnnlab.tutor.questions import Question

__all__ = ["View", "equal", "views_of"]


@dataclass(frozen=True, eq=False)
class View:
    """A part of an answer, in one case.

    Attributes
    ----------
    evidence : Evidence
        The case.
    given, right : ndarray
        What came and what was expected; perhaps in different shapes.
    wrong : ndarray of bool
        Which entries are wrong; all if the shapes differ.
    axes : tuple of (str, str)
        What each axis of the right array counts: one and several.
    sizes : dict of str to int
        By their letters, as "B" or "m n".
    """

    evidence: Evidence
    given: np.ndarray
    right: np.ndarray
    wrong: np.ndarray
    axes: tuple[tuple[str, str], ...]
    sizes: dict[str, int]

    @property
    def fits(self) -> bool:
        """Whether the shape is right."""
        return self.given.shape == self.right.shape


def equal(view: View, other: np.ndarray, given: np.ndarray | None = None) -> bool:
    """Tell whether what came, or a part of it, is another array, but for rounding."""
    return same([view.given if given is None else given], [other], [view.right])


def views_of(question: Question, evidence: Sequence[Evidence]) -> list[tuple[str, list[View]]]:
    """Return the parts of the answers that are wrong somewhere, each in all cases."""
    found: dict[str, list[View]] = {}
    for one in evidence:
        names = part_names(question, one)
        parts = zip(names, one.given, one.expected, one.masks, strict=False)
        for name, given, right, wrong in parts:
            if given.dtype.kind == "b":  # which NumPy does not subtract
                given = given.astype(float)
            axes = _axes(one, right.ndim)
            view = View(one, given, right, wrong, axes, _sizes(question, one))
            found.setdefault(name, []).append(view)
    return [
        (name, views)
        for name, views in found.items()
        if any(view.wrong.any() or not view.fits for view in views)
    ]


def _axes(one: Evidence, count: int) -> tuple[tuple[str, str], ...]:
    if one.sums is None or count > len(one.sums.tables[0].outer.letters):
        return tuple((f"index of axis {axis}", f"indices of axis {axis}") for axis in range(count))
    table = one.sums.tables[0]
    words: Any = WORDS | (DENSE if "i" not in table.sizes else {})
    return tuple(words[letter] for letter in table.outer.letters[len(table.outer.letters) - count:]
                 )  # fmt: skip


def _sizes(question: Question, one: Evidence) -> dict[str, int]:
    """Return the sizes of a case by the letters of the book, or by their argument and axis."""
    if one.sums is None:
        found: dict[str, int] = {}
        names = re.findall(r"\w+", re.sub(r"=[^,)]*(\([^)]*\))?", "", question.signature))
        for name, value in zip(names, one.outcome.case.call.arguments, strict=False):
            if isinstance(value, np.ndarray):
                found |= {f"{name}.shape[{axis}]": n for axis, n in enumerate(value.shape)}
                found[f"{name}.size"] = value.size
        return found
    table, sizes = one.sums.tables[0], one.sums.tables[0].sizes
    dense = "i" not in sizes and table.result != "b"
    letters = {"s": "B", "k": "O" if dense else "P", "c": "I" if dense else "D"}
    found = {name: sizes[letter] for letter, name in letters.items() if letter in sizes}
    blocks = {"m n": "uv", "m": "u", "n": "v", "M' N'": "ij", "M'": "i", "N'": "j"}
    for name, block in blocks.items():
        if set(block) <= set(sizes):
            found[name] = int(np.prod([sizes[letter] for letter in block]))
    if all(table.image):
        found["M N"] = table.image[0] * table.image[1]
    return found
