"""Small changes of sums, of arguments and of results: what mistakes are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal, NamedTuple

import numpy as np

from cnnlab import mutants
from cnnlab.operations import Call
from cnnlab.tutor.terms import ImpossibleError, Role, Table

Change = Callable[[Table], Table]


class Edit(NamedTuple):
    """A mistake, as a change of the right computation.

    Attributes
    ----------
    name, words, misreading, equation : str
        As in `cnnlab.tutor.questions.Mistake`.
    stage : str
        What it changes: "call", "table", "result", or a step of a recipe by its name. Two
        mistakes can meet if they change different stages, or both the same of these three.
    change : callable
        From the call, the table or the result to the changed one; for a step of a recipe what
        takes its place.
    plain : bool
        Whether it is a mistake of the catalogue. The others are kinds that hold for any sum.
    first : bool
        Whether it writes the indices anew, so that it must be made before others.
    rare : bool
        Whether it is looked for alone only, and not as one of two.
    """

    name: str
    words: str
    misreading: str
    equation: str
    stage: str
    change: Callable[..., Any]
    plain: bool = True
    first: bool = False
    rare: bool = False


def twin(name: str, change: Callable[..., Any], stage: str = "table", **more: Any) -> Edit:
    """Return the edit that does what a mutant of that name does."""
    mutant = mutants.find(name)
    return Edit(
        name, mutant.mistake, mutant.misreading, mutant.equation, stage, change, **more
    )  # fmt: skip


# What an index is changed to


def _length(table: Table, role: Role, letter: str) -> int:
    """Return how far a letter runs in a role, padding left out."""
    if letter in "pq":
        return table.image["pq".index(letter)]
    return role.shape[role.letters.index(letter)]


def turn(kind: str, letters: str) -> Change:
    """Read or write an array from its other end along these axes."""

    def change(table: Table) -> Table:
        role, index = table.roles[kind], {}
        for letter in letters:
            at, length = role.index[letter], _length(table, role, letter)
            first = table.place["pq".index(letter)] if letter in "pq" else 0
            inside = (at >= first) & (at < first + length)
            index[letter] = np.where(inside, 2 * first + length - 1 - at, at)
        return table.change(kind, role.moved(**index))

    return change


def fix(kind: str, letters: str, at: Literal["first", "last"]) -> Change:
    """Read or write an array at the first or last index of these axes, whatever the loop says."""

    def change(table: Table) -> Table:
        role, index = table.roles[kind], {}
        for letter in letters:
            first = table.place["pq".index(letter)] if letter in "pq" else 0
            to = first if at == "first" else first + _length(table, role, letter) - 1
            index[letter] = np.full_like(role.index[letter], to)
        return table.change(kind, role.moved(**index))

    return change


def swap(kind: str, one: str, other: str) -> Change:
    """Let two indices of an array change places."""

    def change(table: Table) -> Table:
        role = table.roles[kind]
        moved = {one: role.index[other], other: role.index[one]}
        return table.change(kind, role.moved(**moved))

    return change


def shift(kind: str, letters: str, by: int, *, wrap: bool = False) -> Change:
    """Read or write an array `by` further along these axes; what falls off is lost, or wraps."""

    def change(table: Table) -> Table:
        role, index = table.roles[kind], {}
        inside = np.ones(len(table.outer.index[table.outer.letters[0]]), bool)
        for letter in letters:
            at = role.index[letter] + by
            length = role.shape[role.letters.index(letter)]
            index[letter] = at % length
            if not wrap:
                inside &= (at >= 0) & (at < length)
        return table.change(kind, role.moved(**index)).keep(inside)

    return change


def add_index(kind: str, letter: str, loop: str) -> Change:
    """Add a loop to an index that it has nothing to do with, modulo the length of the axis."""

    def change(table: Table) -> Table:
        role = table.roles[kind]
        length = role.shape[role.letters.index(letter)]
        return table.change(
            kind, role.moved(**{letter: (role.index[letter] + table.loops[loop]) % length})
        )

    return change


def steps(step: Callable[[Table], Any], spread: Callable[[Table], Any]) -> Change:
    """Lay the windows with another stride and dilation; what lies beyond the image is lost."""

    def change(table: Table) -> Table:
        role = table.roles["X"]
        (by_row, by_column), (row, column) = step(table), spread(table)
        index = {
            "p": table.loops["i"] * by_row + table.loops["u"] * row,
            "q": table.loops["j"] * by_column + table.loops["v"] * column,
        }
        inside = np.ones(len(index["p"]), bool)
        for letter, at in index.items():
            inside &= at < role.shape[role.letters.index(letter)]
        return table.change("X", role.moved(**index)).keep(inside)

    return change


# Which terms are there


def _ends(table: Table, letter: str) -> tuple[np.ndarray, int, int]:
    """Return the index of a loop or of the result, and its first and last value."""
    if letter in table.loops:
        return table.loops[letter], 0, table.sizes[letter] - 1
    first = table.place["pq".index(letter)]
    return table.outer.index[letter], first, first + table.image["pq".index(letter)] - 1


def only(letters: str, at: Literal["first", "last"]) -> Change:
    """Keep the first or last step of these loops."""

    def change(table: Table) -> Table:
        mask: Any = True
        for letter in letters:
            index, first, last = _ends(table, letter)
            mask = mask & (index == (first if at == "first" else last))
        return table.keep(np.asarray(mask))

    return change


def miss(letters: str, at: Literal["first", "last"]) -> Change:
    """Leave the first or last step of each of these loops out."""

    def change(table: Table) -> Table:
        mask: Any = True
        for letter in letters:
            index, first, last = _ends(table, letter)
            mask = mask & (index != (first if at == "first" else last))
        return table.keep(np.asarray(mask))

    return change


def overwrite(letters: str = "") -> Change:
    """Let each step of these loops overwrite the one before: ``=`` for ``+=``. All if none."""
    return lambda table: table.last(letters or table.summed + "uv")


# By what terms are multiplied


def divide(letters: str, *, times: bool = False) -> Change:
    """Divide by the number of steps of these loops, or multiply by it."""

    def change(table: Table) -> Table:
        number = float(np.prod([table.sizes[letter] for letter in letters])) or 1.0
        return replace(table, weight=table.weight * (number if times else 1 / number))

    return change


def by_coverage(table: Table) -> Table:
    """Divide by the number of windows that lie on a pixel."""
    if not table.outer.flat.size:
        return table
    number = np.bincount(table.outer.flat, minlength=int(np.prod(table.outer.shape)))
    windows = np.maximum(number // max(table.sizes.get("k", 1), 1), 1)
    return replace(table, weight=table.weight / windows[table.outer.flat])


def start(change: Callable[[np.ndarray, Table], np.ndarray]) -> Change:
    """Begin every sum with something else than the bias.

    Parameters
    ----------
    change : callable
        ``change(start, table)`` returns what the sums begin with.
    """

    def changed(table: Table) -> Table:
        if table.start is None:
            raise ImpossibleError("there is no bias")
        return replace(table, start=change(table.start, table))

    return changed


no_bias = start(lambda bias, table: np.zeros_like(bias))
sum_of_biases = start(lambda bias, table: np.broadcast_to(
    bias[:1].sum(axis=1, keepdims=True), bias.shape))  # fmt: skip
minus_bias = start(lambda bias, table: -bias)
bias_of_first = start(lambda bias, table: np.broadcast_to(bias[:, :1], bias.shape))


def bias_times(letters: str) -> Change:
    """Add the bias once for every step of some loops."""
    return start(lambda bias, table: bias * np.prod([table.sizes[letter] for letter in letters]))


# What the arrays hold


def refill(kind: str, fill: Callable[[np.ndarray], np.ndarray]) -> Change:
    """Change the numbers of an array; an image without its padding."""

    def change(table: Table) -> Table:
        role = table.roles[kind]
        assert role.array is not None
        if "p" not in role.letters:
            return table.change(kind, role.holding(fill(role.array)))
        array = np.zeros_like(role.array)
        where = _image(table)
        array[where] = fill(role.array[where])
        return table.change(kind, role.holding(array))

    return change


def regroup(kind: str, order: tuple[int, ...]) -> Change:
    """Regroup an array with a reshape where its axes had to be moved.

    The shape that ``transpose(order)`` has is reached with ``reshape``, and moved back.
    """

    def fill(array: np.ndarray) -> np.ndarray:
        shape = tuple(array.shape[axis] for axis in order)
        return array.reshape(shape).transpose(np.argsort(order))

    return refill(kind, fill)


def rewindow(before: str, after: str) -> Change:
    """Bring the windows of an image into another order of axes with a reshape.

    Parameters
    ----------
    before, after : str
        The letters of the axes, as "scijuv" and "sijcuv".
    """

    def change(table: Table) -> Table:
        lengths = {letter: table.sizes[letter] for letter in before}
        place = np.ravel_multi_index(
            tuple(table.loops[letter] for letter in after),
            tuple(lengths[letter] for letter in after),
        )
        found = np.unravel_index(place, tuple(lengths.values()))
        at = dict(zip(before, found, strict=True))
        p = at["i"] * table.step[0] + at["u"] * table.spread[0]
        q = at["j"] * table.step[1] + at["v"] * table.spread[1]
        return table.change("X", table.roles["X"].moved(s=at["s"], c=at["c"], p=p, q=q))

    return change


def _image(table: Table) -> Any:
    (top, left), (M, N) = table.place, table.image
    return (..., slice(top, top + M), slice(left, left + N))


def pad(mode: str) -> Change:
    """Continue the image beyond its border with other numbers than zeros.

    Parameters
    ----------
    mode : str
        Of `numpy.pad`; "ones" for ones.
    """

    def change(table: Table) -> Table:
        role = table.roles["X"]
        assert role.array is not None
        inner = role.array[_image(table)]
        (top, left), (M, N), (_, _, height, width) = table.place, table.image, role.shape
        margins = [(0, 0), (0, 0), (top, height - M - top), (left, width - N - left)]
        if mode == "ones":
            array = np.pad(inner, margins, constant_values=1)
        else:
            array = np.pad(inner, margins, mode=mode)  # type: ignore[call-overload]
        return table.change("X", role.holding(array))

    return change


def place(where: Callable[[int, int, int, int], tuple[int, int]]) -> Change:
    """Let the image begin elsewhere on the padded one.

    Parameters
    ----------
    where : callable
        ``where(top, bottom, left, right)`` returns row and column.
    """

    def change(table: Table) -> Table:
        role = table.roles["X"]
        (top, left), (M, N), (height, width) = table.place, table.image, role.shape[2:]
        to = where(top, height - M - top, left, width - N - left)
        if not (0 <= to[0] <= height - M and 0 <= to[1] <= width - N):
            raise ImpossibleError("the image does not fit")
        moved = replace(table, place=to)
        if role.array is None:
            return moved
        array = np.zeros_like(role.array)
        array[_image(moved)] = role.array[_image(table)]
        return moved.change("X", role.holding(array))

    return change


def gathered(beyond: Literal["wraps", "repeats", "circle", "floor"]) -> Change:
    """Write the sums of dX anew, from the pixels: which entries of dZ each of them meets.

    Parameters
    ----------
    beyond : {"wraps", "repeats", "circle", "floor"}
        Whether an index below zero counts from the end, the last entry goes on, or any index is
        taken modulo the length; "floor" does not ask whether the stride divides p - u.
    """

    def change(table: Table) -> Table:
        dX, dZ, w = (table.roles[kind] for kind in "XZw")
        B, D, height, width = dX.shape
        P, _, m, n = w.shape
        lengths = {"s": B, "c": D, "p": height, "q": width, "k": P, "u": m, "v": n}
        grids = np.indices(tuple(lengths.values())).reshape(7, -1)
        loops = dict(zip(lengths, grids, strict=True))
        met = np.ones(grids.shape[1], bool)
        for name, pixel, offset, axis in (("i", "p", "u", 0), ("j", "q", "v", 1)):
            at, rest = np.divmod(
                loops[pixel] - loops[offset] * table.spread[axis], table.step[axis]
            )
            length = dZ.shape[2 + axis]
            met &= (rest == 0) | (beyond == "floor")
            if beyond == "circle":
                at = at % length
            elif beyond == "repeats":
                at = np.clip(at, 0, length - 1)
            met &= (at >= (-length if beyond == "wraps" else 0)) & (at < length)
            loops[name] = at
        loops = {letter: at[met] for letter, at in loops.items()}
        roles = {
            kind: role.moved(**{letter: loops[letter] for letter in role.letters})
            for kind, role in (("X", dX), ("Z", dZ), ("w", w))
        }
        inner = {letter: loops[letter] for letter in "scijkuv"}
        return replace(table, roles=roles, loops=inner)

    return change


# Changes of the call and of the result


def option(name: str, to: Callable[[Any], Any]) -> Callable[[Call], Call]:
    """Change an option, where it was given."""

    def change(call: Call) -> Call:
        if name not in call.options:
            return call
        value = to(call.options[name])
        return call if value == call.options[name] else Call(
            call.arguments, call.options | {name: value}
        )  # fmt: skip

    return change


def argument(position: int, to: Callable[[Any], Any]) -> Callable[[Call], Call]:
    """Change an argument."""

    def change(call: Call) -> Call:
        if position >= len(call.arguments):
            return call
        arguments = list(call.arguments)
        arguments[position] = to(arguments[position])
        return Call(tuple(arguments), call.options)

    return change


def pair(value: Any) -> tuple[Any, Any]:
    """Return an option for rows and columns."""
    return (value, value) if np.ndim(value) == 0 else (value[0], value[1])


def compose(*changes: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Make one change after the other."""

    def change(thing: Any) -> Any:
        for one in changes:
            thing = one(thing)
        return thing

    return change
