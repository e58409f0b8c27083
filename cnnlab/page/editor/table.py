"""The table that an answer is compared with: right answers, and those of every known mistake."""

import functools
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from cnnlab.operations import Call
from cnnlab.page.editor import adam
from cnnlab.page.editor.loops import LOOPS, Loop
from cnnlab.tutor.comparing import wrong_entries
from cnnlab.tutor.diagnosis.edits import Edit
from cnnlab.tutor.diagnosis.known import computed, known, meet

STOPS = "!"
FEW = 32  # so many mistakes: the answers of all pairs of them are in the table as well


class Row(NamedTuple):
    """Mistakes that give the same answers on all cases: one, as a rule.

    Attributes
    ----------
    mistakes : list of tuple
        For each what is wrong, how it comes about, and the label of its equation.
    names : list of str
        Their names in the catalogue; of two at once both.
    answers : str
        Their answers, as `judging` reads them.
    """

    mistakes: list[tuple[str, str, str]]
    names: list[str]
    answers: str


class Table(NamedTuple):
    """What `judging.judge` is given: a line for each case, and the known mistakes."""

    cases: str
    rows: list[Row]


@functools.cache
def table(name: str) -> Table:
    """Compute the table of a loop.

    Parameters
    ----------
    name : str
        As in `cnnlab.page.editor.loops.LOOPS`.
    """
    loop = LOOPS[name]
    rights = [_parts(loop.right(*case)) for case in loop.cases]
    lines = []
    for case, right in zip(loop.cases, rights, strict=True):
        given = zip(loop.arguments, case, strict=True)
        lines.append("|".join([*(f"{one}={_argument(value)}" for one, value in given),
                               _answer(right)]))  # fmt: skip
    return Table("\n".join(lines), _rows(loop, rights))


def _rows(loop: Loop, rights: Sequence[Sequence[np.ndarray]]) -> list[Row]:
    """Put together what gives the same answers; the likeliest of it is named."""
    found: dict[str, tuple[int, Row]] = {}
    source = _adam_mistakes(loop) if loop.function == "adam_step" else _known_mistakes(loop)
    for rank, name, mistake, answers in source:
        if not _differs(answers, rights):
            continue
        key = "|".join(
            STOPS if one is None else _answer(one, right)
            for one, right in zip(answers, rights, strict=True)
        )
        if key not in found:
            found[key] = rank, Row([mistake], [name], key)
        elif found[key][0] == rank and mistake not in found[key][1].mistakes:
            found[key][1].mistakes.append(mistake)
            found[key][1].names.append(name)
    return [row for _, row in found.values()]


def _differs(answers: Sequence[Any], rights: Sequence[Any]) -> bool:
    """Tell whether it is a mistake on these cases, and answers one of them at least."""
    pairs = [pair for pair in zip(answers, rights, strict=True) if pair[0] is not None]
    return bool(pairs) and (len(pairs) < len(rights) or any(
        one.shape != other.shape or wrong_entries(one, other).any()
        for answer, right in pairs
        for one, other in zip(answer, right, strict=True)
    ))  # fmt: skip


Known = tuple[int, str, tuple[str, str, str], list[Any]]


def _known_mistakes(loop: Loop) -> Iterator[Known]:
    """Yield the tutor's mistakes, those of the catalogue first, and pairs where they are few."""
    edits = sorted(known(loop.function), key=_rank)
    for edit in edits:
        mistake = edit.words, edit.misreading, edit.equation
        yield _rank(edit), edit.name, mistake, _answers(loop, (edit,))
    listed = [edit for edit in edits if _rank(edit) == 0]
    if len(listed) > FEW:
        return
    for one, other in combinations(listed, 2):
        for pair in ((one, other), (other, one)):
            if meet(*pair):
                words = _both(one.words, other.words), "", one.equation
                yield 4, f"{one.name} + {other.name}", words, _answers(loop, pair)


def _rank(edit: Edit) -> int:
    return (0 if edit.plain else 2) + edit.rare


def _answers(loop: Loop, edits: tuple[Edit, ...]) -> list[Any]:
    with np.errstate(all="ignore"):
        given = [computed(loop.function, Call(case, {}), edits) for case in loop.cases]
    return [None if one is None else _parts(one) for one in given]


def _adam_mistakes(loop: Loop) -> Iterator[Known]:
    for slip in adam.SLIPS:
        mistake = slip.words, slip.misreading, slip.equation
        yield 0, slip.name, mistake, _stepped(loop, (slip,))
    for one, other in combinations(adam.SLIPS, 2):
        if not set(one.parts) & set(other.parts):
            words = _both(one.words, other.words), "", one.equation
            yield 4, f"{one.name} + {other.name}", words, _stepped(loop, (one, other))


def _stepped(loop: Loop, slips: tuple[adam.Slip, ...]) -> list[Any]:
    answers: list[Any] = []
    for case in loop.cases:
        try:
            answers.append(_parts(adam.wrong(case, slips)))
        except FloatingPointError:
            answers.append(None)
    return answers


def _both(one: str, other: str) -> str:
    return f"Two mistakes at once. {one} {other}"


def _parts(value: Any) -> list[np.ndarray]:
    values = value if isinstance(value, tuple) else (value,)
    return [np.asarray(part) for part in values]


def _argument(value: Any) -> str:
    return _array(value) if isinstance(value, np.ndarray) else str(value)


def _answer(parts: Sequence[np.ndarray], like: Sequence[np.ndarray] | None = None) -> str:
    """Write arrays; without shapes where these are those of other arrays."""
    if like is not None and [part.shape for part in parts] == [part.shape for part in like]:
        return ";".join(_numbers(part) for part in parts)
    return ";".join(map(_array, parts))


def _array(array: np.ndarray) -> str:
    return f"{','.join(map(str, array.shape))}:{_numbers(array)}"


def _numbers(array: np.ndarray) -> str:
    return " ".join(f"{value + 0.0:.7g}" for value in array.ravel().tolist())
