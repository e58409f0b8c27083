"""Sums written out: every term of every entry, so that one can be looked at, moved or left out.

An operation such as equation (eq-dX) is a sum of products. `Table` holds all of them at once: for
each term which entry of the result it adds to, and which entries of the arguments it multiplies.
A mistake is then a small change of these indices.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np

__all__ = ["ImpossibleError", "Reduce", "Role", "Table"]

Reduce: TypeAlias = Literal["add", "max", "min", "half"]


class ImpossibleError(Exception):
    """What was asked of a table does not exist, as an index beyond the end of an axis."""


def _with(thing: Any, **fields: Any) -> Any:
    """Return a copy with other fields: `dataclasses.replace`, in a tenth of its time."""
    copy = object.__new__(type(thing))
    copy.__dict__.update(thing.__dict__)
    copy.__dict__.update(fields)
    return copy


@dataclass(frozen=True, eq=False)
class Role:
    """An array of an operation, and where in it each term reads or adds.

    Attributes
    ----------
    name : str
        As "dZ".
    letters : str
        One letter for each axis, as "skij".
    shape : tuple of int
        Lengths of the axes.
    index : dict of str to ndarray
        For each letter the index of each term. Shape (terms,).
    array : ndarray or None
        The numbers; None for the result.
    """

    name: str
    letters: str
    shape: tuple[int, ...]
    index: dict[str, np.ndarray]
    array: np.ndarray | None = None
    _kept: dict[str, np.ndarray] = field(default_factory=dict, repr=False)

    @property
    def flat(self) -> np.ndarray:
        """Index of each term in the flat array; below 0 it counts from the end, as in Python."""
        if "" not in self._kept:
            flat: Any = 0
            for letter, length in zip(self.letters, self.shape, strict=True):
                flat = flat * length + self._within(letter, length)
            self._kept[""] = flat
        return self._kept[""]

    def _within(self, letter: str, length: int) -> np.ndarray:
        """Return an index of each term, counted from the start."""
        if letter not in self._kept:
            at = self.index[letter]
            if at.size and (least := at.min()) < 0:
                if least < -length:
                    raise ImpossibleError(f"{letter} is before the start of {self.name}")
                at = np.where(at < 0, at + length, at)
            if at.size and at.max() >= length:
                raise ImpossibleError(f"{letter} is beyond the end of {self.name}")
            self._kept[letter] = at
        return self._kept[letter]

    def moved(self, **index: np.ndarray) -> Role:
        """Return it with other indices for some letters."""
        kept = {letter: at for letter, at in self._kept.items() if letter and letter not in index}
        return _with(self, index=self.index | index, _kept=kept)

    def holding(self, array: np.ndarray) -> Role:
        """Return it with other numbers, in the same places."""
        kept = self._kept if array.shape == self.shape else {}
        return _with(self, array=array, shape=array.shape, _kept=kept)

    def keep(self, mask: np.ndarray) -> Role:
        """Return it with those terms only for which the mask is true."""
        index = {letter: at[mask] for letter, at in self.index.items()}
        kept = {
            letter: index[letter] if at is self.index.get(letter) else at[mask]
            for letter, at in self._kept.items()
        }
        return _with(self, index=index, _kept=kept)


@dataclass(frozen=True, eq=False)
class Table:
    """All terms of an operation.

    Attributes
    ----------
    result : str
        Which of the roles is the sum.
    roles : dict of str to Role
        By their kind: "Z" for maps and their gradients, "X" for images, "w" for patterns.
    loops : dict of str to ndarray
        The index of each loop of the equation for each term, in the order of the loops. They stay
        what they were when the terms are changed.
    sizes : dict of str to int
        How far each letter runs.
    weight : ndarray or float
        What each product is multiplied by.
    start : ndarray or None
        What the sum begins with, in the shape of the result: the bias.
    place : pair of int
        Row and column of the padded image where the image begins.
    image : pair of int
        Rows and columns of the image; (0, 0) if there is none.
    step, spread : pair of int
        Stride and dilation.
    reduce : {"add", "max", "min", "half"}
        How terms become an entry; "half" adds in half precision.
    product : {"times", "plus", "minus", "square"}
        How two factors become a term.
    """

    result: str
    roles: dict[str, Role]
    loops: dict[str, np.ndarray]
    sizes: dict[str, int]
    weight: Any = 1.0
    start: np.ndarray | None = None
    place: tuple[int, int] = (0, 0)
    image: tuple[int, int] = (0, 0)
    step: tuple[int, int] = (1, 1)
    spread: tuple[int, int] = (1, 1)
    reduce: Reduce = "add"
    product: Literal["times", "plus", "minus", "square"] = "times"

    @property
    def summed(self) -> str:
        """Letters of the loops that do not name an axis of the result, in their order."""
        mine = self.roles[self.result].letters
        hidden = {"p": "iu", "q": "jv"}
        named = set(mine)
        if "p" in mine:  # of a pixel, one of i and u follows from the other
            named |= {letter for name in "pq" for letter in hidden[name][1]}
        return "".join(letter for letter in self.loops if letter not in named)

    @property
    def factors(self) -> list[Role]:
        """The roles that hold numbers."""
        return [role for kind, role in self.roles.items() if kind != self.result]

    @property
    def outer(self) -> Role:
        """The role that is the sum."""
        return self.roles[self.result]

    def change(self, kind: str, role: Role) -> Table:
        """Return it with another role of that kind."""
        return _with(self, roles=self.roles | {kind: role})

    def keep(self, mask: np.ndarray) -> Table:
        """Return it with those terms only for which the mask is true."""
        if mask.all():
            return self
        roles = {kind: role.keep(mask) for kind, role in self.roles.items()}
        loops = {letter: at[mask] for letter, at in self.loops.items()}
        weight = self.weight[mask] if isinstance(self.weight, np.ndarray) else self.weight
        return _with(self, roles=roles, loops=loops, weight=weight)

    def last(self, letters: str) -> Table:
        """Return it with the terms that stay when each step of some loops overwrites the last.

        Parameters
        ----------
        letters : str
            Of loops, as "ij"; what the other loops add stays a sum.
        """
        rank: Any = 0
        for letter in self.loops:
            if letter in letters:
                rank = rank * self.sizes[letter] + self.loops[letter]
        flat = self.outer.flat
        most = np.full(math.prod(self.outer.shape), -1)
        np.maximum.at(most, flat, rank)
        return self.keep(rank == most[flat])

    @property
    def values(self) -> np.ndarray:
        """The value of each term. Shape (terms,)."""
        numbers = []
        for role in self.factors:
            assert role.array is not None
            numbers.append(role.array.reshape(-1)[role.flat])
        if not numbers:
            return np.ones_like(self.outer.flat) * self.weight
        first, *rest = numbers
        for other in rest:
            if self.product == "times":
                first = first * other
            elif self.product == "plus":
                first = first + other
            else:
                first = first - other
        if self.product == "square":
            first = first * first
        return first if isinstance(self.weight, float) and self.weight == 1 else first * self.weight

    def evaluate(self) -> np.ndarray:
        """Return what the terms add up to, as an array in the shape of the result.

        Raises
        ------
        ImpossibleError
            If a term reads or adds beyond the end of an array.
        """
        result = self.outer
        size = math.prod(result.shape)
        flat, values = result.flat, self.values
        if self.reduce == "add":
            total = np.bincount(flat, values, minlength=size)
            if self.start is not None:
                total = total + self.start.reshape(-1)
        elif self.reduce == "half":
            total = self._in_half(flat, values, size)
        else:
            sign = 1 if self.reduce == "max" else -1
            total = np.full(size, -np.inf)
            np.maximum.at(total, flat, sign * values)
            total *= sign
        return self.cut(total.reshape(result.shape))

    def _in_half(self, flat: np.ndarray, values: np.ndarray, size: int) -> np.ndarray:
        """Add the samples of each position, and the positions one by one in half precision."""
        rank: Any = 0
        for letter in self.summed.replace("s", ""):
            rank = rank * self.sizes[letter] + self.loops[letter]
        _, rank = np.unique(np.broadcast_to(rank, flat.shape), return_inverse=True)
        steps = int(rank.max(initial=-1)) + 1
        sums = np.bincount(rank * size + flat, values, minlength=steps * size)
        total = np.zeros(size, np.float16)
        for step in sums.reshape(steps, size):
            total = (total + step).astype(np.float16)
        return total

    def cut(self, array: np.ndarray) -> np.ndarray:
        """Leave the padding of an image out."""
        if "p" not in self.outer.letters:
            return array
        (top, left), (M, N) = self.place, self.image
        return array[..., top : top + M, left : left + N]

    def on_image(self) -> Table:
        """Return it with those terms only that lie on the image, not on its padding."""
        role = next((role for role in self.roles.values() if "p" in role.letters), None)
        if role is None:
            return self
        inside = np.ones(len(next(iter(self.loops.values()))), bool)
        for letter, first, length in zip("pq", self.place, self.image, strict=True):
            at = role.index[letter]
            inside &= (at >= first) & (at < first + length)
        return self.keep(inside)

    def terms_of(self, place: Mapping[str, int]) -> Table:
        """Return it with the terms of one entry.

        Parameters
        ----------
        place : dict of str to int
            Index of the entry for each letter of the result, counted from the first pixel of the
            image, not of its padding.
        """
        mask = np.ones(len(next(iter(self.loops.values()))), bool)
        for letter, at in place.items():
            shift = dict(zip("pq", self.place, strict=True)).get(letter, 0)
            mask &= self.outer.index[letter] == at + shift
        return self.keep(mask)
