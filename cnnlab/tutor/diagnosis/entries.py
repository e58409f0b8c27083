"""The first wrong entry of an answer, and the sum that it should be."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import NamedTuple

import numpy as np

from cnnlab.operations import Call
from cnnlab.tutor.diagnosis.edits import Edit
from cnnlab.tutor.diagnosis.evidence import Evidence
from cnnlab.tutor.findings import Term, WrongEntry
from cnnlab.tutor.questions import Question
from cnnlab.tutor.terms import ImpossibleError, Role, Table

__all__ = ["first_wrong_entry", "part_names"]

CLOSE = 1e-6
SEARCHED = 24  # terms: of more, which of them are missing cannot be told
CHANGES = 3  # so many terms may be missing or doubled
WITNESSES = 3  # other cases, and wrong entries of each, that must allow it as well


def part_names(question: Question, one: Evidence) -> list[str]:
    """Return what the parts of an answer are called."""
    expected = one.outcome.expected
    if isinstance(expected, dict):
        names = sorted(expected, key=str)
    else:
        names = list(getattr(expected, "_fields", question.returns))
    if len(names) == len(one.expected):
        return [str(name) for name in names]
    return [f"result {position}" for position in range(len(one.expected))]


def first_wrong_entry(
    question: Question, evidence: Sequence[Evidence], edits: Sequence[Edit] = (), *, told: bool
) -> tuple[WrongEntry, Evidence] | None:
    """Return the first wrong entry of the first case that has one, and the case.

    Parameters
    ----------
    question : Question
    evidence : sequence of Evidence
        All cases, the smallest first.
    edits : sequence of Edit
        The mistake, if it is known: then it tells which terms are in the student's sum.
    told : bool
        Whether a mistake is named, so that nothing is to be guessed from one entry.

    Returns
    -------
    entry, one : WrongEntry and Evidence, or None
        None if no part has the right shape and a wrong entry.
    """
    for one in evidence:
        if not one.wrong:
            continue
        parts = zip(part_names(question, one), one.given, one.expected, one.masks, strict=False)
        for position, (name, given, right, wrong) in enumerate(parts):
            if given.shape != right.shape or not wrong.any():
                continue
            index = tuple(int(at) for at in np.argwhere(wrong)[0])
            place = name + (f"[{','.join(map(str, index))}]" if index else "")
            terms: tuple[Term, ...] = ()
            if position == 0:
                terms = _terms(question, one, index)
                counts = _counts_of_mistake(one, index, edits) if terms else None
                if counts is None and terms and not told and one.sums is not None:
                    counts = _counted(question, evidence, terms, float(given[index]))
                terms = _with(terms, counts)
            return WrongEntry(
                place, given[index].item(), right[index].item(), int(wrong.sum()), wrong.size,
                terms,
            ), one  # fmt: skip
    return None


def _with(terms: tuple[Term, ...], counts: list[int | None] | None) -> tuple[Term, ...]:
    """Return the terms with how often each is counted; a bias in front is not."""
    if counts is None:
        return terms
    bias = len(terms) - len(counts)
    counted = [
        term._replace(counted=count) for term, count in zip(terms[bias:], counts, strict=True)
    ]
    return (*terms[:bias], *counted)


def _counted(
    question: Question, evidence: Sequence[Evidence], terms: tuple[Term, ...], yours: float
) -> list[int | None] | None:
    """Return how often each term seems to be in a sum; None if other wrong entries deny it."""
    if len(terms) > SEARCHED:
        return None
    found = _counts([term.value for term in terms], yours)
    if len(found) != 1:
        return None
    others = [one for one in evidence if one.wrong and one.sums is not None][-WITNESSES:]
    for one in others:
        given, right, wrong = one.given[0], one.expected[0], one.masks[0]
        if given.shape != right.shape or not wrong.any():
            continue
        for at in np.argwhere(wrong)[-WITNESSES:]:
            index = tuple(int(place) for place in at)
            values = [term.value for term in _terms(question, one, index)]
            if 0 < len(values) <= SEARCHED and not _counts(values, float(given[index])):
                return None
    return found[0]


def _terms(question: Question, one: Evidence, index: tuple[int, ...]) -> tuple[Term, ...]:
    """Write the sum of an entry out; nothing if it is not a sum, or not the one expected."""
    if question.operation == "softmax" or question.function == "softmax_dZ":
        return _softmax_terms(question, one.outcome.case.call, index)
    found = _sum_of(one, index)
    if found is None or found.whole.reduce != "add":
        return ()
    table, start, terms = found.table, 0.0, []
    values = table.values
    if table.start is not None:
        start = float(table.start[tuple(found.place[letter] for letter in table.outer.letters)])
        k = found.place["k"] + found.group * table.sizes["k"]
        terms.append(Term(f"b[{k}]", _number(start), start))
    expected = float(one.expected[0][index])
    if abs(values.sum() + start - expected) > CLOSE * max(
        np.abs(values).sum() + abs(start), 1e-300
    ):
        return ()
    symbols = _symbols(question, one, found)
    factors = [role.array.reshape(-1)[role.flat] for role in table.factors
               if role.array is not None]  # fmt: skip
    weight = np.broadcast_to(table.weight, values.shape)
    for at, value in enumerate(values):
        numbers = " * ".join(_number(factor[at]) for factor in factors)
        if weight[at] != 1:
            numbers += f" / {_number(1 / weight[at])}"
        terms.append(Term(symbols[at], numbers, float(value)))
    return tuple(terms)


def _number(value: float) -> str:
    return f"{float(value):.5g}"


class _Sum(NamedTuple):
    """The sum that an entry is: its group, the sums of all of it, its own terms, its place."""

    group: int
    whole: Table
    table: Table
    place: dict[str, int]


def _sum_of(one: Evidence, index: tuple[int, ...]) -> _Sum | None:
    """Return the sum of an entry; axes that the question does not have are 0."""
    if one.sums is None:
        return None
    tables, axis = one.sums.tables, one.sums.axis
    letters = tables[0].outer.letters
    if len(index) > len(letters):
        return None
    full = list((0,) * (len(letters) - len(index)) + index)
    group, full[axis] = divmod(full[axis], tables[0].outer.shape[axis])
    place = dict(zip(letters, full, strict=True))
    return _Sum(group, tables[group], tables[group].on_image().terms_of(place), place)


def _symbols(question: Question, one: Evidence, found: _Sum) -> list[str]:
    """Write the factors of each term, as "dZ[0,1,0,2] w[1,0,0,1]"."""
    axes = _axes(question, one.outcome.case.call)
    columns = []
    for role in found.table.factors:
        letters = role.letters[-axes.get(role.name, len(role.letters)) :]
        index = [_shown(role, letter, found.table, found.group) for letter in letters]
        places = zip(*index, strict=True)
        columns.append([f"{role.name}[{','.join(map(str, place))}]" for place in places])
    return [" ".join(parts) for parts in zip(*columns, strict=True)]


def _shown(role: Role, letter: str, table: Table, group: int) -> np.ndarray:
    """Return an index as the student sees it: without padding, across all groups."""
    at = role.index[letter]
    if letter in "pq":
        return at - table.place["pq".index(letter)]
    grouped = letter == "k" or (letter == "c" and "p" in role.letters)
    return at + group * table.sizes[letter] if grouped and group else at


def _axes(question: Question, call: Call) -> dict[str, int]:
    """Return how many axes the arguments of a question have, by their names."""
    names = re.findall(r"\w+", re.sub(r"=[^,)]*(\([^)]*\))?", "", question.signature))
    return {
        name: value.ndim
        for name, value in zip(names, call.arguments, strict=False)
        if isinstance(value, np.ndarray)
    }


def _counts_of_mistake(
    one: Evidence, index: tuple[int, ...], edits: Sequence[Edit]
) -> list[int | None] | None:
    """Return how often each term is in the sum of a known mistake.

    None if the mistake does something else than leaving terms out or counting them twice.
    """
    found = _sum_of(one, index)
    if found is None or not edits or any(edit.stage != "table" for edit in edits):
        return None
    changed, table = replace(found.whole, start=None), found.table
    try:
        for edit in edits:
            changed = edit.change(changed)
        there = changed.on_image().terms_of(found.place)
        if there.product != "times" or not np.array_equal(
            np.unique(there.weight), np.unique(table.weight)
        ):
            return None
        mine = list(zip(*(role.flat for role in there.factors), strict=True))
        right = list(zip(*(role.flat for role in table.factors), strict=True))
    except (ImpossibleError, AssertionError, IndexError):
        return None
    if not set(mine) <= set(right) or len(set(right)) != len(right):
        return None
    counts: list[int | None] = [mine.count(term) for term in right]
    return None if all(count == 1 for count in counts) else counts


#: How often every term is counted at first, what that adds up to, and how a count may change.
_Start = tuple[int, float, tuple[int, ...]]


def _counts(values: Sequence[float], yours: float) -> list[list[int | None]]:
    """Return how often each term may be in a sum; two answers are as good as more.

    The fewest changes count: terms that are missing or doubled, or all but one or two missing;
    where neither explains the sum, a term that is subtracted.
    """
    count, array = len(values), np.asarray(values)
    bound = CLOSE * max(np.abs(array).sum(), 1e-300)
    if not count or not np.isfinite(yours):
        return []
    if abs(yours) <= bound:
        return [[0] * count]
    all_of: _Start = (1, float(array.sum()), (-1, 1))
    left: _Start = (0, 0.0, (1,))
    levels: list[tuple[int, list[_Start]]] = [
        (level, [all_of, left] if level <= min(2, count - CHANGES - 1) else [all_of])
        for level in range(1, CHANGES + 1)
    ]
    levels.append((1, [(1, all_of[1], (-2,))]))
    for level, starts in levels:
        found: list[list[int | None]] = []
        for base, total, steps in starts:
            for places, added in _solutions(array, yours - total, steps, level, bound):
                counts: list[int | None] = [base] * count
                for place, change in zip(places, added, strict=True):
                    counts[place] = base + change
                found.append(counts)
        if found:
            return found
    return []


def _solutions(
    values: np.ndarray, missing: float, steps: tuple[int, ...], changes: int, bound: float
) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Return places and changes that add up to what is missing; two are enough."""
    found = []
    grid = np.array(np.meshgrid(*[steps] * changes)).reshape(changes, -1)
    for places in combinations(range(len(values)), changes):
        sums = values[list(places)] @ grid
        for hit in np.flatnonzero(np.abs(sums - missing) <= bound):
            found.append((places, tuple(int(change) for change in grid[:, hit])))
            if len(found) > 1:
                return found
    return found


def _softmax_terms(question: Question, call: Call, index: tuple[int, ...]) -> tuple[Term, ...]:
    """Write an entry of the gradient of a softmax as a sum over the Jacobian.

    Of the softmax itself the terms are those of the sum below the line.
    """
    row, at = index[:-1], index[-1]
    prefix = "".join(f"{axis}," for axis in row)
    if question.function != "softmax_dZ":
        Z = np.asarray(call.arguments[0], float)[row]
        return tuple(
            Term(f"exp(Z[{prefix}{j}] - Z[{prefix}{at}]) below the line",
                 f"exp({_number(Z[j] - Z[at])})", float(np.exp(Z[j] - Z[at])))
            for j in range(len(Z))
        )  # fmt: skip
    dY, Y = (np.asarray(array, float)[row] for array in call.arguments)
    terms = []
    for j in range(len(Y)):
        same = "1 - " if j == at else "-"
        slope = Y[at] * ((j == at) - Y[j])
        terms.append(Term(
            f"dY[{prefix}{j}] Y[{prefix}{at}] ({same}Y[{prefix}{j}])",
            f"{_number(dY[j])} * {_number(Y[at])} * {_number((j == at) - Y[j])}",
            float(dY[j] * slope),
        ))  # fmt: skip
    return tuple(terms)
