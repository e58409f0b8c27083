"""A function of one's own beside the loops of `cnnlab.reference`, over a table of cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from cnnlab import reference, shapes
from cnnlab.gradcheck.guard import call, changed_words, failure_words, real_numbers
from cnnlab.gradcheck.reports import CaseReport, Reports
from cnnlab.operations import OPERATIONS, Call, Operation
from cnnlab.typing import Seed

# How far entries may be from those of the loops, in units of the largest: many roundings, in
# whatever order, and still far from any mistake.
TOLERANCES = {"float64": 1e-10, "float32": 2e-5}


class _Case(NamedTuple):
    """What an operation is called with, and what is handed down to its gradients, if not noise."""

    name: str
    given: Mapping[str, Any]
    dY: Any = None


def check_against(
    mine: Callable[..., Any],
    name: str,
    *,
    cases: str | Sequence[str] | None = None,
    seed: Seed = 0,
) -> list[CaseReport]:
    """Compare a function of yours with the loops of `cnnlab.reference`, case by case.

    The cases come from the record of the operation: nothing in them is square, the batch, the
    depths and the patterns differ in number, and every option is used, alone and with others. One
    image, an empty batch and float32 belong to them, and for an operation itself what happens at
    the edges, as ties and NaN.

    Parameters
    ----------
    mine : callable
        Called as the function of `cnnlab.reference` of that name is, arguments by position, and
        options by name where they differ from their defaults. It is given copies, and may not
        change them.
    name : str
        An operation or a gradient, as "conv2d" or "conv2d_dX"; a wrong name is answered with the
        list.
    cases : str or sequence of str, optional
        Names of the cases to run. All of them when left out; a wrong name is answered with the
        list.
    seed : int or numpy.random.Generator
        Where the numbers in the arrays come from.

    Returns
    -------
    reports : list of CaseReport
        One per case, the smallest first: the first that fails is the one to look at. Shows itself
        as lines in a terminal, and as a table in a notebook.

    Raises
    ------
    ValueError
        If there is no function or no case of that name.
    TypeError
        If `mine` is no function.

    Examples
    --------
    >>> check_against(lambda dZ: dZ.sum(axis=(0, 2, 3)), "conv2d_db", cases=["no options"])
    ok    no options
    >>> check_against(lambda dZ: dZ.sum(axis=(2, 3))[0], "conv2d_db", cases=["no options"])[0].wrong
    1.0
    """
    operation = operation_of(name)
    shapes.as_function(
        mine, "check_against", "mine", f"that is called as {name} is", "pass it without calling it"
    )
    rng = shapes.as_generator(seed, "check_against")
    table = {case.name: case for case in _cases(operation, name, rng)}
    cases = [cases] if isinstance(cases, str) else cases
    for wanted in cases if cases is not None else ():
        if wanted not in table:
            known = ", ".join(f'"{case}"' for case in table)
            raise ValueError(f"check_against: no case {wanted!r} of {name}; choose of {known}.")
    chosen = list(table if cases is None else dict.fromkeys(cases))
    prepared = [(case, *_prepare(operation, name, table[case], rng)) for case in chosen]
    prepared.sort(key=lambda row: sum(np.size(value) for value in row[1]))
    return Reports(_compare(mine, name, *row) for row in prepared)


def operation_of(name: str) -> Operation:
    """Return the operation that a function belongs to, as conv2d for "conv2d_dX"."""
    owners = {function: operation for operation in OPERATIONS for function in operation.functions}
    return owners[shapes.as_choice(name, "check_against", "function", owners)]


def _cases(operation: Operation, name: str, rng: np.random.Generator) -> Iterator[_Case]:
    """Yield all cases of an operation; of a gradient, those in which there is one."""
    yield _Case("by hand", operation.bind(**operation.example.given), operation.example.dY)
    plain = operation.plain(rng.standard_normal)
    yield _Case("small and square", operation.bind(*plain.arguments, **plain.options))
    calls = operation.calls(rng.standard_normal)
    for place, (arguments, options) in enumerate(calls):
        given = operation.bind(*arguments, **options)
        words = ", ".join(f"{key}={_plain(value)}" for key, value in options.items())
        words = words or "no options"
        yield _Case(words, given)
        if place in (0, len(calls) - 1):
            for what, variant in variants(given).items():
                yield _Case(f"{what}, {words}", variant)
    optional = "b" in operation.parameters and operation.parameters["b"].default is None
    if "b" in given and optional and name == operation.name:
        yield _Case(
            f"no biases, {words}", {key: value for key, value in given.items() if key != "b"}
        )
    if name == operation.name:
        for special in operation.special:
            yield _Case(special.words, operation.bind(**special.given))


def variants(given: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return a call with one sample, with none, and in float32."""
    batched = {key for key in given if key in ("X", "Z", "Y", "T", "dY", "kept", "labels")}

    def changed(change: Callable[[str, np.ndarray], Any]) -> dict[str, Any]:
        return {
            key: change(key, value) if isinstance(value, np.ndarray) else value
            for key, value in given.items()
        }

    return {
        "one sample": changed(lambda key, x: x[0] if key in batched else x),
        "empty batch": changed(lambda key, x: x[:0] if key in batched else x),
        "float32": changed(lambda key, x: x.astype(np.float32) if x.dtype.kind == "f" else x),
    }


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray) else value


def _prepare(
    operation: Operation, name: str, case: _Case, rng: np.random.Generator
) -> tuple[tuple[Any, ...], dict[str, Any], Any]:
    """Return arguments and options of the function, and what the loops make of them."""
    arguments, options = call_of(operation, name, case.given, rng.standard_normal, case.dY)
    return arguments, options, getattr(reference, name)(*arguments, **options)


def call_of(
    operation: Operation,
    name: str,
    given: Mapping[str, Any],
    draw: Callable[..., Any],
    dY: Any = None,
) -> Call:
    """Return the call of an operation, or of one of its gradients, that belongs to a call of it.

    Lists become arrays. What is handed down to a gradient is `dY`, or drawn.
    """
    given = {
        key: np.array(value, int if key == "labels" else float)
        if isinstance(value, list)
        else value
        for key, value in given.items()
    }
    if name != operation.name:
        Y = operation.output(reference, given)
        dY = np.asarray(draw(Y.shape) if dY is None else dY).astype(Y.dtype)
        return operation.gradient_call(reference, name, dY, given)
    optional = {
        key
        for key, parameter in operation.parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY
    }
    arguments = tuple(value for key, value in given.items() if key not in optional)
    return Call(arguments, {key: value for key, value in given.items() if key in optional})


def _compare(
    mine: Callable[..., Any],
    name: str,
    case: str,
    arguments: tuple[Any, ...],
    options: dict[str, Any],
    expected: Any,
) -> CaseReport:
    """Call the function, and compare what it returns."""
    try:
        called = call(mine, arguments, options)
    except Exception as error:  # whatever it is, it is said in the report
        return CaseReport(case, False, note=failure_words("your function", error))
    notes = [changed_words("your function", argument) for argument in called.changed]
    parts = _parts(called.result, expected)
    if isinstance(parts, str):
        return CaseReport(case, False, note="; ".join([parts, *notes]))
    report = CaseReport(case, True)
    single = any(getattr(value, "dtype", None) == np.float32 for value in arguments)
    tolerance = TOLERANCES["float32" if single else "float64"]
    for label, given, right in parts:
        if given.shape != right.shape:
            notes.insert(0, f"{label}has shape {given.shape}, but {right.shape} is needed")
            continue
        if given.dtype != right.dtype:
            notes.append(f"{label}has dtype {given.dtype}, but {right.dtype} is needed")
        if report.wrong == 0:
            report, words = _beside(report, label, given, right, tolerance)
            notes = words + notes
    passed = report.wrong == 0 and not notes
    return report._replace(passed=passed, note="; ".join(notes))


def _parts(result: Any, expected: Any) -> list[tuple[str, np.ndarray, np.ndarray]] | str:
    """Pair what came with what was expected, with words in front; or say what is no array."""
    if not isinstance(expected, tuple):
        pairs = [("the result ", result, expected)]
    else:
        fields = expected._fields  # type: ignore[attr-defined]
        if not isinstance(result, list | tuple) or len(result) != len(fields):
            return f"a {type(result).__name__} came, but {', '.join(fields)} are needed, in a tuple"
        pairs = [
            (f"{field} ", *pair) for field, *pair in zip(fields, result, expected, strict=True)
        ]
    parts = []
    for label, came, needed in pairs:
        array = real_numbers(came)
        if array is None:
            return f"{label}is {came!r}, but an array of numbers is needed; return it"
        parts.append((label, array, np.asarray(needed)))
    return parts


def _beside(
    report: CaseReport, label: str, given: np.ndarray, right: np.ndarray, tolerance: float
) -> tuple[CaseReport, list[str]]:
    """Compare two arrays of the same shape, entry by entry."""
    finite = right[np.isfinite(right)]
    allowed = 0.0 if right.dtype.kind in "iu" else tolerance
    allowed *= float(np.abs(finite).max(initial=0.0))
    with np.errstate(invalid="ignore"):
        same = (given == right) | (np.isnan(given) & np.isnan(right))
        wrong = ~(same | (np.abs(given - right) <= allowed))
    if not wrong.any():
        return report, []
    where = tuple(int(index) for index in np.argwhere(wrong)[0])
    words = [] if label == "the result " else [f"in {label.strip()}"]
    return report._replace(
        wrong=float(wrong.mean()),
        where=where,
        given=float(given[where]),
        expected=float(right[where]),
    ), words
