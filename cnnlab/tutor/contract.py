"""Every function of the contract of the operations as a question, all options as items."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Iterator
from typing import Any

import numpy as np

from cnnlab import reference
from cnnlab.gradcheck.against import call_of, variants
from cnnlab.gradcheck.guard import is_same
from cnnlab.operations import OPERATIONS, Call, Operation
from cnnlab.tutor.cases import Draw, integers, normal
from cnnlab.tutor.pages import PAGES
from cnnlab.tutor.plain import arrays_in
from cnnlab.tutor.questions import Case, Item, Question

__all__ = ["FUNCTIONS", "question_of"]

#: The operation that each function of the contract belongs to.
FUNCTIONS = {function: operation for operation in OPERATIONS for function in operation.functions}

LARGE = 1000  # where exp overflows: an example of such numbers shows that nothing else does

# Options that no call of the record has alone, with sizes that they matter for.
_MORE_OPTIONS: dict[str, list[dict[str, Any]]] = {
    "conv_transpose2d": [{"stride": (2, 3)}],
    "max_pool2d": [{"padding": 1}, {"dilation": (2, 1)}, {"stride": 2, "ceil_mode": True}],
    "avg_pool2d": [{"padding": 1}, {"stride": 2, "ceil_mode": True}],
}

_ITEMS = {
    "values": "right values on every shape",
    "without b": "without biases, which are then 0",
    "together": "several options at once",
    "one sample": "one sample without a batch axis, one result",
    "edges": "an empty batch, and what somebody may doubt",
    "manners": "arguments unchanged, a new array each time, float32 kept",
}


@functools.cache
def question_of(name: str) -> Question:
    """Return the question that a function of the contract is.

    Parameters
    ----------
    name : str
        As "conv2d_dX".

    Returns
    -------
    question : Question
        Each of its items has one point.

    Raises
    ------
    KeyError
        If there is no such function.

    Examples
    --------
    >>> [item.name for item in question_of("conv_transpose2d").items][2:5]
    ['stride', 'padding', 'dilation']
    """
    operation, function = FUNCTIONS[name], getattr(reference, name)
    letter = name.removeprefix(f"{operation.name}_d") if name != operation.name else ""
    label = operation.gradients.get(letter) or operation.equations[0]
    met = {case.item for case in _cases(operation, name, np.random.default_rng(0))}
    words = {option: f"the option {option}" for option in _options(name)}
    words = {"values": "", "without b": "", **words, **_ITEMS}
    return Question(
        name=name,
        function=name,
        signature=_signature(name),
        words=(inspect.getdoc(function) or "").splitlines()[0],
        items=tuple(Item(item, 1, text) for item, text in words.items() if item in met),
        cases=functools.partial(_cases, operation, name),
        right=function,
        returns=_returns(operation, letter),
        equation=label,
        page=PAGES[label],
        operation=name,
    )


def _options(name: str) -> list[str]:
    """Return the options of a function, in their order."""
    parameters = inspect.signature(getattr(reference, name)).parameters.values()
    return [one.name for one in parameters if one.kind is one.KEYWORD_ONLY]


def _signature(name: str) -> str:
    """Write the signature of a function without types."""
    signature = inspect.signature(getattr(reference, name))
    parameters = [
        parameter.replace(annotation=parameter.empty) for parameter in signature.parameters.values()
    ]
    empty = inspect.Signature.empty
    return str(signature.replace(parameters=parameters, return_annotation=empty))


def _returns(operation: Operation, letter: str) -> tuple[str, ...]:
    if letter:
        return (f"d{letter}",)
    fields = getattr(operation.returns, "_fields", ())
    return fields or ("Z" if operation.linear and "w" in operation.linear else "Y",)


def _cases(operation: Operation, name: str, rng: np.random.Generator) -> Iterator[Case]:
    """Yield the cases of a function, the smallest first."""

    def case(words: str, given: dict[str, Any], draw: Draw, item: str = "", dY: Any = None) -> Case:
        call = call_of(operation, name, given, draw, dY)
        return Case(item or _item(name, call), words, call)

    given, dY = _by_hand(operation)
    large = name == operation.name and np.abs(given.get("Z", 0)).max() >= LARGE
    yield case("by hand", given, normal(rng), "edges" if large else "", dY)
    for kind, draw in (("small integers", integers(rng)), ("", normal(rng))):
        for given in _calls(operation, draw):
            options = {key: given[key] for key in _options(operation.name) if key in given}
            words = ", ".join(f"{key}={_short(value)}" for key, value in options.items())
            yield case("; ".join(filter(None, [kind, words])) or "normal numbers", given, draw)
    given = next(_calls(operation, normal(rng)))
    yield case("other numbers", given, normal(rng), "values")
    for words, variant in variants(given).items():
        item = {"one sample": "one sample", "empty batch": "edges", "float32": "manners"}[words]
        yield case(words, variant, normal(rng), item)
    if name != operation.name:
        return
    if "b" in given and operation.parameters["b"].default is None:
        without = {key: value for key, value in given.items() if key != "b"}
        yield case("no biases", without, normal(rng), "without b")
    for special in operation.special:
        yield case(special.words, operation.bind(**special.given), normal(rng), "edges")


def _by_hand(operation: Operation) -> tuple[dict[str, Any], Any]:
    """Return the example of an operation, with a batch axis, and what is handed down to it."""
    given, dY = operation.bind(**operation.example.given), operation.example.dY
    batch = next(_calls(operation, normal(np.random.default_rng(0))))
    for name, value in given.items():
        one = batch.get(name)
        if isinstance(one, np.ndarray) and np.ndim(value) == one.ndim - 1:
            given[name] = [value] if isinstance(value, list | int) else value[np.newaxis]
            dY = [operation.example.dY] if dY is not None else None
    return given, dY


def _calls(operation: Operation, draw: Draw) -> Iterator[dict[str, Any]]:
    """Yield calls of an operation: without options, with each alone, with several."""
    calls = [operation.bind(*call.arguments, **call.options) for call in operation.calls(draw)]
    options = _options(operation.name)
    plain = [given for given in calls if not set(options) & set(given)]
    stripped = {key: value for key, value in calls[0].items() if key not in options}
    yield from plain[:1] or [stripped]
    yield from ({**stripped, **more} for more in _MORE_OPTIONS.get(operation.name, ()))
    yield from (given for given in calls if set(options) & set(given))


def _item(name: str, call: Call) -> str:
    """Return the item that a call belongs to, by the options that differ from their defaults."""
    parameters = inspect.signature(getattr(reference, name)).parameters
    used = [
        option
        for option, value in call.options.items()
        if not is_same(value, parameters[option].default)
    ]
    integers = [array for array in arrays_in(call.arguments) if array.dtype.kind == "i"]
    if any((array < 0).any() for array in integers):
        return "edges"  # argmax of a window that lies wholly on padding
    if not used:
        return "values"
    return used[0] if len(used) == 1 else "together"


def _short(value: Any) -> str:
    return str(value.tolist() if isinstance(value, np.ndarray) else value)
