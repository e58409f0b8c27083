"""How a pooling was computed, found out from its numbers: winners, places, windows, divisors.

A pooling has few choices, and each can be made wrong in some ways. All of them are tried together,
so that nothing here is a list of whole mistakes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from cnnlab.operations import Call
from cnnlab.tutor.diagnosis.edits import pair
from cnnlab.tutor.diagnosis.evidence import Evidence, same
from cnnlab.tutor.findings import Finding
from cnnlab.tutor.questions import Question

__all__ = ["pooled"]

CLOSE = 1e-6
LEAST = (0.0, -1.0, -100.0, -1e3, -1e6, -1e9, -1e10)  # what a search for the largest may begin with


def pooled(question: Question, evidence: Sequence[Evidence]) -> list[Finding]:
    """Return how a pooling was computed; nothing if the question asks for none.

    Parameters
    ----------
    question : Question
    evidence : sequence of Evidence
        All cases in which numbers came.
    """
    usable = [
        one
        for one in evidence
        if one.call is not None and one.size_expected and set(one.call.options) == {"stride"}
    ]
    wrong = [one for one in usable if one.wrong]
    if not wrong or len(usable) < sum(one.size_expected > 0 for one in evidence):
        return []
    if question.operation == "max_pool2d":
        return [*_winners(wrong)]
    if question.operation == "avg_pool2d_dX":
        return [*_spread(wrong)]
    return []


class Windows(NamedTuple):
    """The windows of a call of max-pooling.

    Attributes
    ----------
    flat : ndarray
        The pixels of each, row by row. Shape (B, D, M', N', m n).
    p, q : ndarray
        Where each begins. Shapes (M', 1) and (1, N').
    m, n, M, N : int
        Sizes of a window and of a plane.
    """

    flat: np.ndarray
    p: np.ndarray
    q: np.ndarray
    m: int
    n: int
    M: int
    N: int


def _windows(call: Call, change: Callable[[np.ndarray], np.ndarray]) -> Windows:
    X, (m, n) = change(np.asarray(call.arguments[0], float)), pair(call.arguments[1])
    down, right = pair(call.options["stride"])
    seen = sliding_window_view(X, (m, n), axis=(2, 3))[:, :, ::down, ::right]
    rows, columns = seen.shape[2:4]
    p, q = np.arange(rows)[:, None] * down, np.arange(columns) * right
    return Windows(seen.reshape(*seen.shape[:4], m * n), p, q, m, n, *X.shape[2:])


def _largest_of(axis: int) -> Callable[[np.ndarray], np.ndarray]:
    return lambda X: np.broadcast_to(X.max(axis=axis, keepdims=True), X.shape)


#: What may have been done with the image before.
IMAGES: list[tuple[str, Callable[[np.ndarray], np.ndarray]]] = [
    ("", lambda X: X),
    ("the largest pixel of all depths is taken", _largest_of(1)),
    ("the largest pixel of all samples is taken", _largest_of(0)),
    ("NaN and infinity became numbers, as by np.nan_to_num", np.nan_to_num),
    ("NaN became 0", lambda X: np.where(np.isnan(X), 0, X)),
    ("NaN became minus infinity", lambda X: np.where(np.isnan(X), -np.inf, X)),
    ("NaN became infinity", lambda X: np.where(np.isnan(X), np.inf, X)),
]

#: What NaN does in the search for the largest: words, and the numbers that are compared instead.
GAPS: list[tuple[str, Callable[[np.ndarray], np.ndarray]]] = [
    ("", lambda flat: np.where(np.isnan(flat), np.inf, flat)),
    ("NaN is stepped over", lambda flat: np.where(np.isnan(flat), -np.inf, flat)),
    ("NaN wins where it comes first, and is stepped over elsewhere",
     lambda flat: np.where(np.isnan(flat[..., :1]), np.arange(flat.shape[-1]) == 0,
                           np.where(np.isnan(flat), -np.inf, flat))),
    ("where a window has NaN its first pixel is named",
     lambda flat: np.where(np.isnan(flat).any(axis=-1, keepdims=True),
                           np.arange(flat.shape[-1]) == 0, flat)),
]  # fmt: skip


def _by_columns(keys: np.ndarray, m: int, n: int, *, last: bool) -> np.ndarray:
    turned = keys.reshape(*keys.shape[:-1], m, n).swapaxes(-1, -2).reshape(keys.shape)
    at = _last(turned) if last else turned.argmax(axis=-1)
    return at % m * n + at // m


def _last(keys: np.ndarray) -> np.ndarray:
    return keys.shape[-1] - 1 - keys[..., ::-1].argmax(axis=-1)


#: Which of equal pixels wins.
TIES: list[tuple[str, Callable[[np.ndarray, int, int], np.ndarray]]] = [
    ("", lambda keys, m, n: keys.argmax(axis=-1)),
    ("of equal pixels the last one wins", lambda keys, m, n: _last(keys)),
    ("of equal pixels the first one down the columns wins",
     lambda keys, m, n: _by_columns(keys, m, n, last=False)),
    ("of equal pixels the last one down the columns wins",
     lambda keys, m, n: _by_columns(keys, m, n, last=True)),
]  # fmt: skip

#: The value of a window: that of its winner, or found by itself.
VALUES: list[tuple[str, Callable[[np.ndarray, np.ndarray], np.ndarray]]] = [
    ("", lambda flat, at: np.take_along_axis(flat, at[..., None], -1)[..., 0]),
    ("the value is NaN where the window has one", lambda flat, at: flat.max(axis=-1)),
    ("the value is the largest of the numbers beside NaN",
     lambda flat, at: np.where(np.isnan(flat), -np.inf, flat).max(axis=-1)),
]  # fmt: skip


def _winners(wrong: Sequence[Evidence]) -> Iterator[Finding]:
    """Look for how the largest pixel and its place were found."""
    place = next(_formulas(wrong), None)
    for image, gap, tie, value in product(IMAGES, GAPS, TIES, VALUES):
        rule = image[1], gap[1], tie[1], value[1]
        words = [part[0] for part in (image, gap, tie, value) if part[0]]
        for empty, begin in (("", None), *_beginnings()):
            said = [*words, *([empty] if empty else []), *([place[0]] if place else [])]
            if said and all(_gives(one, rule, begin, place) for one in wrong):
                yield Finding("mistake", "max-pool-computed-so", _sentence(said))
                return


def _sentence(parts: Sequence[str]) -> str:
    words = "; ".join(parts)
    return f"{words[:1].upper()}{words[1:]}."


def _beginnings() -> Iterator[tuple[str, tuple[float, str]]]:
    """Yield with which number the search may begin, and which place a window without a winner has.

    The number is minus infinity if the search was right but for that place.
    """
    places = {"first": "of its first pixel", "zero": "0", "none": "-1"}
    lowest = float(np.finfo(np.float64).min)
    for least in (-np.inf, *LEAST, lowest):
        number = "minus infinity" if least == -np.inf else f"{least:g}"
        for kind, words in places.items():
            said = f"where no pixel is larger than {number} the value is {number}, and the place "
            yield said + f"{words}", (least, kind)


Formula = tuple[str, Callable[[Windows, np.ndarray], np.ndarray]]


def _gives(one: Evidence, rule: Any, begin: Any, place: Formula | None) -> bool:
    """Tell whether a way to find the winners gives an answer."""
    assert one.call is not None
    image, gap, tie, value = rule
    windows = _windows(one.call, image)
    keys = gap(windows.flat)
    at = tie(keys, windows.m, windows.n)
    Y = value(windows.flat, at)
    places = (place or RIGHT)[1](windows, at)
    if begin is not None:
        least, kind = begin
        largest = np.where(np.isnan(windows.flat), -np.inf, windows.flat).max(axis=-1)
        none = (largest <= least) & ~((gap is GAPS[0][1]) & np.isnan(windows.flat).any(axis=-1))
        corner = np.broadcast_to(windows.p * windows.N + windows.q, places.shape)
        instead: dict[str, Any] = {"first": corner, "zero": 0, "none": -1}
        places = np.where(none, instead[kind], places)
        Y = np.where(none, least, Y)
    return len(one.given) == 2 and one.is_given((Y, places))


# What is added up to a place: words, and a function of the windows and the winner in each
ROWS: list[tuple[str, Callable[[Windows, np.ndarray], Any]]] = [
    ("p", lambda w, at: w.p + at // w.n),
    ("u", lambda w, at: at // w.n),
    ("(first row of the window)", lambda w, at: w.p + 0 * at),
    ("(i + u)", lambda w, at: np.arange(len(w.p))[:, None] + at // w.n),
    ("i", lambda w, at: np.arange(len(w.p))[:, None] + 0 * at),
]
COLUMNS: list[tuple[str, Callable[[Windows, np.ndarray], Any]]] = [
    ("q", lambda w, at: w.q + at % w.n),
    ("v", lambda w, at: at % w.n),
    ("(first column of the window)", lambda w, at: w.q + 0 * at),
    ("(j + v)", lambda w, at: np.arange(len(w.q)) + at % w.n),
    ("j", lambda w, at: np.arange(len(w.q)) + 0 * at),
    ("q + u n + v less v", lambda w, at: w.q + at),
    ("u n + v", lambda w, at: at),
]
WIDTHS: list[tuple[str, Callable[[Windows], int]]] = [
    ("N", lambda w: w.N),
    ("M", lambda w: w.M),
    ("n", lambda w: w.n),
    ("m", lambda w: w.m),
    ("N'", lambda w: len(w.q)),
    ("M'", lambda w: len(w.p)),
    ("0", lambda w: 0),
]
RIGHT: Formula = ("", lambda w, at: (w.p + at // w.n) * w.N + w.q + at % w.n)


def _formulas(wrong: Sequence[Evidence]) -> Iterator[Formula]:
    """Yield the wrong formulas that give all places where the largest pixels are right."""
    usable = [one for one in wrong if len(one.given) == 2 and not one.masks[0].any()]
    cases = []
    for one in usable:
        assert one.call is not None
        windows = _windows(one.call, IMAGES[0][1])
        cases.append((one, windows, GAPS[0][1](windows.flat).argmax(axis=-1)))
    if not cases:
        return
    for (row, first), (width, times), (column, second), by_row, more in product(
        ROWS, WIDTHS, COLUMNS, (True, False), (0, 1, -1)
    ):
        formula = _formula(first, times, second, by_row, more)
        if all(same([one.given[1]], [formula(w, at)], [one.expected[1]]) for one, w, at in cases):
            sum_of = f"{row} {width} + {column}" if by_row else f"{column} {width} + {row}"
            tail = {0: "", 1: " + 1", -1: " - 1"}[more]
            said = f"the place is {sum_of}{tail}, where p N + q is needed"
            yield said.replace("q + u n + v less v", "q + u n + v"), formula


def _formula(
    row: Any, width: Any, column: Any, by_row: bool, more: int
) -> Callable[[Windows, np.ndarray], np.ndarray]:
    def formula(windows: Windows, at: np.ndarray) -> np.ndarray:
        r, c, times = row(windows, at), column(windows, at), width(windows)
        return np.asarray((r * times + c if by_row else c * times + r) + more)

    return formula


# The way back of the mean


class Spread(NamedTuple):
    """How an entry is spread: the size of its block, the steps, where it begins, how it is put."""

    size: str
    step: str
    begin: str
    put: str
    share: str


SIZES: dict[str, Callable[[Any, Any], tuple[int, int]]] = {
    "": lambda size, stride: size,
    "height and width of the window have changed places": lambda size, stride: (size[1], size[0]),
    "the window is as large as the stride": lambda size, stride: stride,
    "the last row and column of the window are left out": lambda size, stride: (
        size[0] - 1,
        size[1] - 1,
    ),
    "the last row of the window is left out": lambda size, stride: (size[0] - 1, size[1]),
    "the last column of the window is left out": lambda size, stride: (size[0], size[1] - 1),
    "the window has a row and a column too many": lambda size, stride: (size[0] + 1, size[1] + 1),
    "the window has one pixel": lambda size, stride: (1, 1),
    "the window is a square of its height": lambda size, stride: (size[0], size[0]),
    "the window is a square of its width": lambda size, stride: (size[1], size[1]),
}
STEPS: dict[str, Callable[[Any, Any], tuple[int, int]]] = {
    "": lambda size, stride: stride,
    "the strides of rows and columns have changed places":
        lambda size, stride: (stride[1], stride[0]),
    "the windows stand side by side": lambda size, stride: size,
    "the windows stand one pixel apart": lambda size, stride: (1, 1),
    "the stride of the rows is used for both": lambda size, stride: (stride[0], stride[0]),
    "the stride of the columns is used for both": lambda size, stride: (stride[1], stride[1]),
}  # fmt: skip
BEGINS: dict[str, Callable[[Any], tuple[int, int]]] = {
    "": lambda size: (0, 0),
    "the window lies around its pixel, not behind it": lambda size: (size[0] // 2, size[1] // 2),
    "the window begins one pixel too late": lambda size: (-1, -1),
    "the window begins one pixel too early": lambda size: (1, 1),
}
PUTS = ("", "where windows overlap the last one counts")
SHARES: dict[str, Callable[[np.ndarray, int], np.ndarray]] = {
    "": lambda dY, number: dY / number,
    "the shares are cut to whole numbers": lambda dY, number: np.trunc(dY / number),
    "the shares are rounded down": lambda dY, number: np.floor(dY / number),
    "the shares are rounded to whole numbers": lambda dY, number: np.round(dY / number),
    "dY is left out": lambda dY, number: np.ones_like(dY) / number,
}

#: By what a sum may have been divided.
DIVISORS: dict[str, Callable[[Any, Any, Any, Any], int]] = {
    "m n": lambda size, stride, maps, image: size[0] * size[1],
    "m + n": lambda size, stride, maps, image: size[0] + size[1],
    "1": lambda size, stride, maps, image: 1,
    "m": lambda size, stride, maps, image: size[0],
    "n": lambda size, stride, maps, image: size[1],
    "m m": lambda size, stride, maps, image: size[0] ** 2,
    "n n": lambda size, stride, maps, image: size[1] ** 2,
    "the product of the strides": lambda size, stride, maps, image: stride[0] * stride[1],
    "the number of windows": lambda size, stride, maps, image: maps[0] * maps[1],
    "the number of pixels": lambda size, stride, maps, image: image[0] * image[1],
    "m n - 1": lambda size, stride, maps, image: size[0] * size[1] - 1,
    "(m - 1) (n - 1)": lambda size, stride, maps, image: (size[0] - 1) * (size[1] - 1),
}


def _spread(wrong: Sequence[Evidence]) -> Iterator[Finding]:
    """Look for how the gradient of a mean was spread."""
    for divisor, number in DIVISORS.items():
        for chosen in product(SIZES, STEPS, BEGINS, PUTS, SHARES):
            way = Spread(*chosen)
            if divisor != "m n" and way.share:
                continue
            if not all(_is_spread(one, way, number) for one in wrong):
                continue
            said = [*way]
            if divisor != "m n":
                said.append(f"the sum is divided by {divisor}, where m n is needed")
            parts = [part for part in said if part]
            if parts:
                yield Finding("mistake", "avg-pool-spread-so", _sentence(parts))
                return


def _is_spread(one: Evidence, way: Spread, divisor: Callable[..., int]) -> bool:
    assert one.call is not None
    dY, shape, size = one.call.arguments[:3]
    size, stride = pair(size), pair(one.call.options["stride"])
    (a, b), (down, right) = SIZES[way.size](size, stride), STEPS[way.step](size, stride)
    top, left = BEGINS[way.begin](size)
    number = divisor(size, stride, dY.shape[2:], shape[2:])
    if not number or not one.given or one.given[0].shape != tuple(shape):
        return False
    share, dX = SHARES[way.share](dY, number), np.zeros(shape)
    for i, j in np.ndindex(dY.shape[2:]):
        p, q = i * down - top, j * right - left
        here = np.s_[:, :, max(p, 0) : max(p + a, 0), max(q, 0) : max(q + b, 0)]
        if way.put:
            dX[here] = share[:, :, i, j, None, None]
        else:
            dX[here] += share[:, :, i, j, None, None]
    return one.is_given(dX)
