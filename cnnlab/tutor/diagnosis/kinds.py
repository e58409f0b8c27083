"""Kinds of mistakes that any sum can have, written for its own letters.

The catalogue has the mistakes with a story. These have none, but hold for every axis of every
array: read from the wrong end, only the first, one too few, a mean for a sum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np

from cnnlab.tutor.diagnosis.edits import (
    Edit,
    by_coverage,
    divide,
    fix,
    miss,
    only,
    overwrite,
    refill,
    regroup,
    rewindow,
    shift,
    swap,
    turn,
)
from cnnlab.tutor.terms import Table

#: What each letter counts: one and several.
WORDS = {
    "s": ("image", "images"),
    "k": ("pattern", "patterns"),
    "c": ("depth", "depths"),
    "i": ("row of positions", "rows of positions"),
    "j": ("column of positions", "columns of positions"),
    "u": ("row of the pattern", "rows of the pattern"),
    "v": ("column of the pattern", "columns of the pattern"),
    "p": ("row of pixels", "rows of pixels"),
    "q": ("column of pixels", "columns of pixels"),
    "ij": ("position", "positions"),
    "uv": ("entry of the window", "entries of the window"),
    "pq": ("pixel", "pixels"),
}
DENSE = {"s": ("sample", "samples"), "k": ("output", "outputs"), "c": ("input", "inputs")}
SIDES = {"i": "rows", "u": "rows", "p": "rows", "j": "columns", "v": "columns", "q": "columns"}


def kinds(operation: str, prefix: str, equation: str, table: Table) -> list[Edit]:
    """Return the mistakes of every kind that a sum can have.

    Parameters
    ----------
    operation : str
        As "conv2d_dX".
    prefix : str
        How their names begin, as "dX".
    equation : str
        Label of the equation.
    table : Table
        Of any call: its letters count, not its numbers.
    """
    words = WORDS | (DENSE if operation.startswith("dense") else {})
    found = [*_sums(table, words), *_results(table, words)]
    rare = [
        *_scales(table, words, times=False),
        *_scales(table, words, times=True),
        *_running(table, words),
        *_late(table, words),
        *_reordered_windows(table),
    ]
    for kind, role in table.roles.items():
        if kind != table.result:
            found += _factors(kind, role.name, role.letters, words)
        verb = "is put" if kind == table.result else "is read"
        for group in _groups(role.letters):
            if set(group) <= set("ijuvpq"):
                rare += _shifts(kind, role.name, group, words, verb)
    found += ((name, said, "result", change) for name, said, change in RESULTS)
    return [
        Edit(f"{prefix}-{name}", said, "", equation, stage, change, plain=False, rare=group is rare)
        for group in (found, rare)
        for name, said, stage, change in group
    ]


Found = Iterator[tuple[str, str, str, Callable[..., Any]]]


def _running(table: Table, words: Any) -> Found:
    """Yield sums that are not set back to 0."""
    name, letters = table.outer.name, table.outer.letters
    yield (
        "of-whole-numbers",
        "All arguments lose what stands behind their point before they are multiplied.",
        "table",
        _whole_numbers,
    )
    why = "the sum is not set back to 0 before the next."
    yield (
        "total-runs-on",
        f"Every entry of {name} holds all entries before it as well: {why}",
        "result",
        lambda result: np.cumsum(result).reshape(result.shape),
    )
    for axis, letter in enumerate(letters):
        one, many = words[letter]
        yield (
            f"{_slug(many)}-run-on",
            f"Each {one} of {name} holds the {many} before it as well: {why}",
            "result",
            partial(np.cumsum, axis=axis - len(letters)),
        )


def _whole_numbers(table: Table) -> Table:
    """Cut every argument to whole numbers."""
    for kind, role in table.roles.items():
        if role.array is not None:
            table = table.change(kind, role.holding(np.trunc(role.array)))
    return table if table.start is None else replace(table, start=np.trunc(table.start))


def _late(table: Table, words: Any) -> Found:
    """Yield arguments of which samples, patterns or depths are read one off."""
    for kind, role in table.roles.items():
        for letter in sorted(set(role.letters) & set("skc")) if kind != table.result else ():
            for by, which in ((1, "next"), (-1, "previous")):
                yield (
                    f"{role.name}-{which}-{_slug(words[letter][0])}",
                    f"{role.name} is read at the {which} {words[letter][0]}: each meets one that "
                    "is not its own.",
                    "table",
                    shift(kind, letter, by, wrap=True),
                )


#: Orders in which windows are written, and those in which they meet a matrix.
WINDOWS = ("scijuv", "sijcuv", "scuvij", "cuvsij", "uvscij", "sijuvc")
MATRICES = ("sijcuv", "scuvij", "cuvsij")


def _reordered_windows(table: Table) -> Found:
    """Yield windows that were reshaped to a matrix, where their axes had to be moved first."""
    role = table.roles.get("X")
    if role is None or role.letters != "scpq" or not set("scijuv") <= set(table.loops):
        return
    for before in WINDOWS:
        for after in MATRICES:
            if before != after:
                orders = f"({', '.join(before)}) to ({', '.join(after)})"
                yield (
                    f"windows-reshaped-{before}-{after}",
                    f"The windows are brought from the order {orders} with a reshape, which moves "
                    "no axis but mixes up the entries.",
                    "table",
                    rewindow(before, after),
                )


def _groups(letters: str) -> list[str]:
    """Return the letters one by one, and rows and columns together."""
    found = [*letters]
    return found + [two for two in ("ij", "uv", "pq") if set(two) <= set(letters)]


def _slug(words: str) -> str:
    return words.replace(" of the ", "-").replace(" of ", "-").replace(" ", "-")


def _sums(table: Table, words: Any) -> Found:
    """Yield what can be wrong with the loops that add up."""
    letters = table.summed
    for group in _groups(letters):
        one, many = words[group]
        for end in ("first", "last"):
            yield (
                f"{end}-{_slug(one)}-only",
                f"Only the {end} {one} counts.",
                "table",
                only(group, end),
            )
            yield (
                f"{end}-{_slug(one)}-missed",
                f"The {end} {one} is left out of the sum."
                if len(group) == 1
                else f"The {end} row and column of the {many} are left out of the sum.",
                "table",
                miss(group, end),
            )
        yield (
            f"{_slug(many)}-overwrite",
            f"Each {one} overwrites what the one before has given: ``=`` stands for ``+=``.",
            "table",
            overwrite(group),
        )
    yield (
        "overwritten",
        "Only the last term of every sum counts: ``=`` stands for ``+=``.",
        ("table"),
        overwrite(),
    )
    if "p" in table.outer.letters:
        yield (
            "mean-over-coverage",
            "Each pixel gets the mean over the windows that lie on it, where the sum is due.",
            "table",
            by_coverage,
        )


def _scales(table: Table, words: Any, *, times: bool) -> Found:
    """Yield what a sum can be divided by, or multiplied."""
    blocks = [block for block in ("s", "k", "c", "ij", "uv") if set(block) <= set(table.loops)]
    for count in range(1, len(blocks) + 1):
        for chosen in combinations(blocks, count):
            many = " times ".join(words[block][1] for block in chosen)
            slug = "-and-".join(_slug(words[block][1]) for block in chosen)
            yield (
                f"{'times' if times else 'mean-over'}-{slug}",
                f"The sum is {'multiplied' if times else 'divided'} by the number of {many}.",
                "table",
                divide("".join(chosen), times=times),
            )


def _results(table: Table, words: Any) -> Found:
    """Yield what can be wrong with where the sums are put."""
    name, letters = table.outer.name, table.outer.letters
    for group in _groups(letters):
        one, many = words[group]
        for end in ("first", "last"):
            if len(group) == 1:
                yield (
                    f"{end}-{_slug(one)}-filled",
                    f"Only the {end} {one} of {name} is filled, the others are 0.",
                    "table",
                    only(group, end),
                )
                yield (
                    f"{end}-{_slug(one)}-left-empty",
                    f"The {end} {one} of {name} stays 0.",
                    "table",
                    miss(group, end),
                )
        yield (
            f"{_slug(many)}-reversed",
            f"The {many} of {name} stand in reverse order.",
            "table",
            turn(table.result, group),
        )
    for axis, letter in enumerate(letters):
        yield (
            f"sum-over-{_slug(words[letter][1])}-for-all",
            f"Every {words[letter][0]} of {name} gets the sum over all of them.",
            "result",
            _total(axis - len(letters)),
        )
    yield from _swaps(table.result, name, letters, words, "written")


def _factors(kind: str, name: str, letters: str, words: Any) -> Found:
    """Yield what can be wrong with how an argument is read."""
    for group in _groups(letters):
        one, many = words[group]
        yield (
            f"{name}-{_slug(many)}-reversed",
            f"The {many} of {name} are read in reverse order.",
            "table",
            turn(kind, group),
        )
        for end in ("first", "last"):
            yield (
                f"{name}-{end}-{_slug(one)}-for-all",
                f"The {end} {one} of {name} is used for all {many}.",
                "table",
                fix(kind, group, end),
            )
    yield from _swaps(kind, name, letters, words, "read")
    axes = range(len(letters))
    orders = {
        (1, 0, *axes[2:]),
        (0, *axes[2:], 1),
        (*axes[1:], 0),
        (0, axes[-1], *axes[1:-1]),
    }
    for order in sorted(orders):
        if len(order) == len(letters) and order != tuple(axes):
            shape = ", ".join(letters[axis] for axis in order)
            yield (
                f"{name}-reshaped-{''.join(letters[axis] for axis in order)}",
                f"The axes of {name} are brought into the order ({shape}) with a reshape, which "
                "moves no axis but mixes up the entries.",
                "table",
                regroup(kind, order),
            )
    yield (
        f"{name}-by-columns",
        f"{name} is read down its columns, and what it meets along the rows: one of the two was "
        'flattened in another order, as with flatten("F").',
        "table",
        refill(kind, _by_columns),
    )
    yield (
        f"{name}-forgotten",
        f"{name} is not in the sum, as if all of its entries were 1.",
        "table",
        refill(kind, np.ones_like),
    )
    yield f"{name}-absolute", f"{name} is taken without its signs.", "table", refill(kind, np.abs)
    yield f"{name}-squared", f"{name} is squared.", "table", refill(kind, np.square)


def _by_columns(array: np.ndarray) -> np.ndarray:
    return array.swapaxes(-1, -2).reshape(array.shape)


def _swaps(kind: str, name: str, letters: str, words: Any, verb: str) -> Found:
    for one, other in combinations(letters, 2):
        yield (
            f"{name}-{one}{other}-swapped",
            f"{name} is {verb} with two indices in each other's place: [{other}, {one}] for "
            f"[{one}, {other}], {words[other][1]} for {words[one][1]}.",
            "table",
            swap(kind, one, other),
        )


def _shifts(kind: str, name: str, group: str, words: Any, verb: str) -> Found:
    along = SIDES[group] if len(group) == 1 else "rows and columns"
    for by, where in ((1, "too far"), (-1, "too early")):
        yield (
            f"{name}-{_slug(words[group][0])}-one-{_slug(where)}",
            f"{name} {verb} one entry {where} along its {along}.",
            "table",
            shift(kind, group, by),
        )
        yield (
            f"{name}-{_slug(words[group][0])}-rolled-{_slug(where)}",
            f"{name} {verb} one entry {where} along its {along}; what falls off comes in again "
            "at the other end.",
            "table",
            shift(kind, group, by, wrap=True),
        )


def _total(axis: int) -> Callable[[np.ndarray], np.ndarray]:
    def change(result: np.ndarray) -> np.ndarray:
        return np.broadcast_to(result.sum(axis=axis, keepdims=True), result.shape).copy()

    return change


def _reordered(order: tuple[int, ...]) -> Callable[[np.ndarray], np.ndarray]:
    """Leave the axes of a result where they came out, and give it its shape with a reshape."""

    def change(result: np.ndarray) -> np.ndarray:
        axes = [axis for axis in order if axis >= -result.ndim]
        rest = [axis for axis in range(-result.ndim, 0) if axis not in axes]
        return result.transpose([*rest, *axes]).reshape(result.shape)

    return change


#: Changes of any result: name, words, change.
RESULTS: list[tuple[str, str, Callable[[np.ndarray], np.ndarray]]] = [
    ("sign-flipped", "Every entry has the wrong sign.", lambda result: -result),
    ("doubled", "Every entry is twice the right one.", lambda result: 2 * result),
    ("halved", "Every entry is half of the right one.", lambda result: result / 2),
    ("zero", "Every entry is 0: the result was made, and never filled.", np.zeros_like),
    ("absolute", "The signs are lost: every entry is an absolute value.", np.abs),
    ("squared", "Every entry is the square of the right one.", np.square),
    ("rectified", "Negative entries became 0.", lambda result: np.maximum(result, 0)),
    ("rounded-down", "Every entry is rounded down, as ``//`` does.", np.floor),
    ("rounded", "Every entry is rounded to a whole number.", np.round),
    ("cut-to-integer", "Every entry has lost what stands behind its point.", np.trunc),
    ("clipped-to-1", "What is larger than 1 became 1.", lambda result: np.clip(result, -1, 1)),
    ("clipped-to-10", "What is larger than 10 became 10.", lambda result: np.clip(result, -10, 10)),
    (
        "normalized",
        "The result is divided by its length, the root of the sum of its squares.",
        lambda result: result / np.linalg.norm(result),
    ),
    ("divided-by-100", "Every entry is a hundredth of the right one.", lambda result: result / 100),
    (
        "rounded-to-three-digits",
        "The numbers are kept with three digits: in half precision.",
        lambda result: result.astype(np.float16).astype(result.dtype),
    ),
    ("last-row-and-column-cut", "The last row and column of the result are missing: a size "
     "lacks its + 1.", lambda result: result[..., :-1, :-1]),
    ("rows-and-columns-swapped", "Rows and columns of the result have changed places.",
     lambda result: result.swapaxes(-1, -2)),
    (
        "reshaped-last-axis-first",
        "The result came out with its last axis elsewhere, and a reshape mixed it up.",
        _reordered((-1, -3, -2)),
    ),
    (
        "reshaped-depth-last",
        "The result came out with its patterns or depths last, and a reshape mixed it up.",
        _reordered((-2, -1, -3)),
    ),
    (
        "reshaped-columns-first",
        "Rows and columns came out the other way round, and a reshape mixed them up.",
        _reordered((-1, -2)),
    ),
    (
        "reshaped-batch-second",
        "The first two axes came out the other way round, and a reshape mixed them up.",
        _reordered((-3, -4, -2, -1)),
    ),
]  # fmt: skip


def _rounded(digits: int) -> Callable[[np.ndarray], np.ndarray]:
    return lambda result: np.round(result, digits)


#: Changes of what is computed entry by entry, as `RESULTS`.
ENTRIES: list[tuple[str, str, Callable[[np.ndarray], np.ndarray]]] = [
    *RESULTS,
    *(
        (f"rounded-to-{digits}-digits", f"Every entry is rounded to {digits} digits behind the "
         "point.", _rounded(digits))
        for digits in (1, 2, 3, 4, 5)
    ),
    ("divided-by-batch", "Every entry is divided by the number of samples.",
     lambda result: result / max(len(result), 1)),
    ("summed-over-samples", "Every sample gets the sum over all samples.", _total(0)),
    ("summed-over-last-axis", "Every entry of a row gets the sum over the row.", _total(-1)),
    ("mean-over-samples", "Every sample gets the mean over all samples.",
     lambda result: np.broadcast_to(result.mean(0), result.shape).copy()),
    ("total-runs-on", "Every entry holds all entries before it as well: the sum is not set back "
     "to 0.", lambda result: np.cumsum(result).reshape(result.shape)),
    ("first-sample-only", "Only the first sample is filled, the others are 0.",
     lambda result: np.concatenate([result[:1], np.zeros_like(result[1:])])),
    ("last-sample-left-empty", "The last sample stays 0.",
     lambda result: np.concatenate([result[:-1], np.zeros_like(result[-1:])])),
    ("last-column-left-empty", "The last entry of every row stays 0.",
     lambda result: np.concatenate([result[..., :-1], np.zeros_like(result[..., -1:])], -1)),
    ("first-sample-for-all", "Every sample gets the entries of the first.",
     lambda result: np.broadcast_to(result[:1], result.shape).copy()),
]  # fmt: skip
