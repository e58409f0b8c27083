"""All mistakes that are known of an operation, and what it gives with one or two of them."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from cnnlab import mutants, reference
from cnnlab.operations import Call
from cnnlab.results import MaxPool
from cnnlab.tutor.diagnosis.chains import CHAINS, PARTS, Part
from cnnlab.tutor.diagnosis.convolution import CONVOLUTION
from cnnlab.tutor.diagnosis.edits import Edit
from cnnlab.tutor.diagnosis.entrywise import ENTRYWISE
from cnnlab.tutor.diagnosis.kinds import ENTRIES, kinds
from cnnlab.tutor.diagnosis.layers import LAYERS
from cnnlab.tutor.diagnosis.links import LINKS
from cnnlab.tutor.diagnosis.recipes import RECIPES as SINGLE
from cnnlab.tutor.tables import Written, has_sums, written
from cnnlab.tutor.terms import ImpossibleError, Table

__all__ = ["RECIPES", "computed", "function_of", "known", "meet", "subject"]

CATALOGUES = CONVOLUTION | LAYERS | ENTRYWISE | LINKS
RECIPES = SINGLE | CHAINS

# What a call that does not fit, or an index beyond the end, ends in.
ERRORS = (ImpossibleError, ValueError, TypeError, IndexError, ZeroDivisionError, KeyError)


def subject(operation: str, function: str) -> str:
    """Return under which name the mistakes of a question are known."""
    if operation:
        return operation
    return function if function in CATALOGUES else ""


@functools.cache
def known(operation: str) -> tuple[Edit, ...]:
    """Return the mistakes of an operation: those of the catalogue first, then the kinds.

    Parameters
    ----------
    operation : str
        As "conv2d_dX"; "" for none.

    Returns
    -------
    edits : tuple of Edit
        A mutant that no change of a sum or of a step stands for is one by itself, of the stage
        "whole".
    """
    prefix, equation, catalogue = CATALOGUES.get(operation, (operation, "", []))
    edits = [*catalogue]
    names = {edit.name for edit in edits}
    for mutant in mutants.catalogue():
        if mutant.operation == operation and mutant.name not in names:
            edits.append(Edit(
                mutant.name, mutant.mistake, mutant.misreading, mutant.equation,
                "whole", mutant.function,
            ))  # fmt: skip
    if has_sums(operation):
        more = kinds(operation, prefix, equation, _sample(operation))
    else:
        more = [
            Edit(f"{prefix}-{name}", words, "", equation, "result", change, plain=False)
            for name, words, change in ENTRIES
        ]
    more += _lifted(operation)
    names = {edit.name for edit in edits}
    return (*edits, *(edit for edit in more if edit.name not in names))


def _lifted(operation: str, *, stories: bool = False) -> list[Edit]:
    """Return the mistakes of the parts of a chain; of parts of parts the catalogue's alone."""
    found = []
    for stage, part in PARTS.get(operation, {}).items():
        inner = [edit for edit in known(part.operation) if edit.plain]
        if part.operation in PARTS:
            inner += _lifted(part.operation, stories=True)
        elif not stories:
            inner = [*known(part.operation)]
        found += [_within(stage, part, edit) for edit in inner]
    return found


def _within(stage: str, part: Part, edit: Edit) -> Edit:
    """Return a mistake of an operation as one of the chain that it is a part of."""

    def change(*arguments: Any) -> Any:
        value = computed(part.operation, Call(arguments, {}), (edit,))
        if value is None:
            raise ImpossibleError(f"{edit.name} stops")
        return value

    words = edit.words[:1].lower() + edit.words[1:] if edit.words[1:2].islower() else edit.words
    return Edit(
        f"{stage}: {edit.name}", f"{part.place}: {words}", edit.misreading, edit.equation, stage,
        change, plain=False, rare=True,
    )  # fmt: skip


def _sample(operation: str) -> Table:
    """Return the table of any call of an operation."""
    ones = np.ones
    calls: dict[str, tuple[Any, ...]] = {
        "conv2d": (ones((1, 1, 2, 2)), ones((1, 1, 1, 1))),
        "conv2d_dX": (ones((1, 1, 2, 2)), ones((1, 1, 1, 1)), (1, 1, 2, 2)),
        "conv2d_dw": (ones((1, 1, 2, 2)), ones((1, 1, 2, 2)), (1, 1, 1, 1)),
        "conv2d_db": (ones((1, 1, 2, 2)),),
        "dense": (ones((1, 1)), ones((1, 1))),
        "dense_dX": (ones((1, 1)), ones((1, 1))),
        "dense_dw": (ones((1, 1)), ones((1, 1))),
        "dense_db": (ones((1, 1)),),
        "max_pool2d": (ones((1, 1, 2, 2)), 1),
        "max_pool2d_dX": (ones((1, 1, 1, 1)), np.zeros((1, 1, 1, 1), int), (1, 1, 1, 1)),
        "avg_pool2d": (ones((1, 1, 2, 2)), 1),
        "avg_pool2d_dX": (ones((1, 1, 2, 2)), (1, 1, 2, 2), 1),
    }
    return written(operation, Call(calls[operation], {})).tables[0]


def meet(one: Edit, other: Edit) -> bool:
    """Tell whether two mistakes can be made at once, in this order."""
    if "whole" in (one.stage, other.stage):
        return {one.stage, other.stage} <= {"whole", "call", "result"} and one.stage != other.stage
    if other.first:
        return False
    return one.stage != other.stage or one.stage in ("call", "table", "result")


def computed(
    operation: str, call: Call, edits: Sequence[Edit], start: Written | None = None
) -> Any:
    """Return what an operation gives with some mistakes in it.

    Parameters
    ----------
    operation : str
        As "conv2d_dX".
    call : (arguments, options)
    edits : sequence of Edit
        At most one for each step of a recipe; of the others those that are named first are made
        first.
    start : Written, optional
        The call as sums, if it is at hand.

    Returns
    -------
    result : object
        As of the operation. None if such a function would stop with an error.
    """
    try:
        return _computed(operation, call, edits, start)
    except ERRORS:
        return None


def _computed(operation: str, call: Call, edits: Sequence[Edit], start: Written | None) -> Any:
    for edit in edits:
        if edit.stage == "call":
            given, call = call, edit.change(call)
            start = start if call is given else None
    steps = {edit.stage: edit.change for edit in edits}
    if "whole" in steps:
        result = steps["whole"](*call.arguments, **call.options)
    elif has_sums(operation):
        sums = start or written(operation, call)
        for edit in edits:
            if edit.stage == "table":
                sums = sums.changed(edit.change)
        result = _max_pooled(sums, steps) if operation == "max_pool2d" else sums.result()
    elif operation in RECIPES:
        result = RECIPES[operation](call, lambda name, default: steps.get(name, default))
    else:
        result = getattr(reference, operation)(*call.arguments, **call.options)
    for edit in edits:
        if edit.stage == "result":
            result = _in_result(result, edit.change)
    return result


def _in_result(result: Any, change: Callable[[np.ndarray], np.ndarray]) -> Any:
    """Change an array; of a loss its gradient, of a pooling both results."""
    if isinstance(result, MaxPool):
        return MaxPool(change(result.Y), result.argmax) if result.Y.ndim else result
    if isinstance(result, dict):
        return {name: change(value) for name, value in result.items()}
    if isinstance(result, tuple):
        *rest, last = result
        return (*rest, change(last))
    return change(result)


def _max_pooled(sums: Written, steps: dict[str, Any]) -> MaxPool:
    """Return the largest pixels and where they stood."""
    table = sums.tables[0].on_image()
    flat, values = table.outer.flat, table.values
    keys = np.abs(values) if steps.get("winner") == "absolute" else values
    keys = -keys if table.reduce == "min" else keys
    keys = np.where(np.isnan(values), np.inf, keys)
    turns = np.arange(len(flat))
    order = np.lexsort((-turns if steps.get("winner") == "last" else turns, -keys, flat))
    first = np.ones(len(order), bool)
    first[1:] = np.diff(flat[order]) != 0
    best = order[first]
    size = int(np.prod(table.outer.shape))
    Y, argmax = np.full(size, -np.inf), np.full(size, -1)
    Y[flat[best]] = values[best]
    argmax[flat[best]] = _index(table, steps.get("index"))[best]
    if table.reduce == "add":
        Y = table.evaluate().reshape(-1)
    Y = steps.get("largest", np.asarray)(Y)
    shape = table.outer.shape[1:] if sums.single else table.outer.shape
    return MaxPool(Y.reshape(shape).astype(sums.dtype), argmax.reshape(shape))


def _index(table: Table, kind: str | None) -> np.ndarray:
    """Return for each term the index that its pixel has in argmax."""
    role, (M, N) = table.roles["X"], table.image
    p, q = role.index["p"] - table.place[0], role.index["q"] - table.place[1]
    if kind == "window":
        return table.loops["u"] * table.sizes["v"] + table.loops["v"]
    if kind == "columns":
        return q * M + p
    if kind == "map":
        return p * table.sizes["j"] + q
    inner = p * N + q
    if kind == "whole":
        return (role.index["s"] * table.sizes["c"] + role.index["c"]) * M * N + inner
    return inner


def function_of(operation: str, edits: Sequence[Edit]) -> Callable[..., Any]:
    """Return an operation with mistakes in it as a function, called as the operation.

    Parameters
    ----------
    operation : str
        As "conv2d_dX".
    edits : sequence of Edit
        As for `computed`.
    """
    return functools.partial(_called, operation, tuple(edits))


def _called(operation: str, edits: tuple[Edit, ...], *arguments: Any, **options: Any) -> Any:
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return _computed(operation, Call(arguments, options), edits, None)
        except ImpossibleError as error:
            raise IndexError(f"{error}") from error
