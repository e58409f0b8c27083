"""In which cases a mistake shows: what a test must have that is to find it.

Nothing is known here of how a mistake is made. It is called in many cases, and with each trait of
these taken away: if it never shows without one, it is that which a test needs.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from cnnlab import reference
from cnnlab.operations import Call
from cnnlab.tutor.plain import copied

__all__ = ["needed"]

ROUNDING = 1e-9  # of the largest entry: so far apart are right ones at most
FINE = 0.01  # of the largest entry: what is less wrong needs a close comparison


class Shape(NamedTuple):
    """A case: sizes, options, and which numbers the arrays hold."""

    B: int = 2
    D: int = 2
    M: int = 5
    N: int = 7
    P: int = 3
    m: int = 2
    n: int = 3
    stride: tuple[int, int] = (1, 1)
    padding: tuple[tuple[int, int], tuple[int, int]] = ((0, 0), (0, 0))
    plain: bool = False  # patterns that look the same however they are turned
    steady: bool = False  # an upstream gradient that is the same everywhere
    large: bool = True  # images with numbers in the thousands
    alone: bool = False  # of max-pooling: no pixel wins twice
    won: bool = False  # and no window is without a winner


BASES = (
    Shape(),
    Shape(stride=(2, 3), m=3, n=3),
    Shape(padding=((1, 1), (2, 2))),
    Shape(stride=(2, 1), padding=((1, 0), (2, 1)), m=3, n=2),
    Shape(stride=(2, 2), padding=((0, 1), (1, 0)), M=4, N=6),
)


def _without_rest(shape: Shape) -> Shape:
    """Return the case with as many rows and columns as the windows need."""
    sizes = []
    for length, size, step, pad in zip((shape.M, shape.N), (shape.m, shape.n), shape.stride,
                                       shape.padding, strict=True):  # fmt: skip
        sizes.append(length - (length + sum(pad) - size) % step)
    return shape._replace(M=sizes[0], N=sizes[1])


def _square(shape: Shape) -> Shape:
    return shape._replace(M=shape.N, n=shape.m, padding=(shape.padding[0],) * 2,
                          stride=(shape.stride[0],) * 2)  # fmt: skip


NONE = ((0, 0), (0, 0))

#: What a case may have, and the case without it.
TRAITS: list[tuple[str, Callable[[Shape], Shape]]] = [
    ("several samples", lambda one: one._replace(B=1)),
    ("several depths", lambda one: one._replace(D=1)),
    ("several patterns", lambda one: one._replace(P=1)),
    ("P different from D", lambda one: one._replace(P=one.D)),
    ("a stride above 1", lambda one: one._replace(stride=(1, 1))),
    ("another stride for rows than for columns",
     lambda one: one._replace(stride=(one.stride[0],) * 2)),
    ("a padding", lambda one: one._replace(padding=NONE)),
    ("another padding for rows than for columns",
     lambda one: one._replace(padding=(one.padding[0],) * 2)),
    ("another padding at one end than at the other",
     lambda one: one._replace(padding=((one.padding[0][0],) * 2, (one.padding[1][0],) * 2))),
    ("rows or columns left over behind the last window", _without_rest),
    ("patterns of more than one pixel", lambda one: one._replace(m=1, n=1)),
    ("rows that differ in number from columns", _square),
    ("patterns that are not alike, and look different when they are turned",
     lambda one: one._replace(plain=True)),
    ("an upstream gradient with different entries", lambda one: one._replace(steady=True)),
    ("pixels that win several windows", lambda one: one._replace(alone=True)),
    ("windows in which no pixel wins", lambda one: one._replace(won=True)),
    ("more than one plane", lambda one: one._replace(B=1, D=1)),
    ("images with numbers in the thousands", lambda one: one._replace(large=False)),
]  # fmt: skip

#: Which of them an operation can have: by their place above.
OF = {
    "conv2d_dX": range(14),
    "conv2d_dw": (*range(12), 13, 17),
    "conv2d_db": (0, 2, 11, 13),
    "max_pool2d_dX": (0, 1, 11, 13, 14, 15, 16),
}


@functools.cache
def needed(operation: str, implementation: Callable[..., Any]) -> tuple[str, ...]:
    """Return what a case must have in which an implementation is seen to be wrong.

    Parameters
    ----------
    operation : str
        As "conv2d_dX".
    implementation : callable
        A wrong one. It is called as the operation.

    Returns
    -------
    traits : tuple of str
        As ("a stride above 1",). Empty if it shows in nearly every case.
    """
    if operation not in OF:
        return ()
    error = max((_error(operation, implementation, base) for base in BASES), default=0.0)
    if not error:
        return ()
    found = [
        words
        for words, without in (TRAITS[at] for at in OF[operation])
        if not any(_error(operation, implementation, without(base)) for base in BASES)
    ]
    if error < FINE:
        found.append("a comparison to many digits, of numbers that are large enough")
    return tuple(found)


def _error(operation: str, implementation: Callable[..., Any], shape: Shape) -> float:
    """Return how far the worst entry is off, in units of the largest right one; 0 if all agree."""
    call, right = _case(operation, shape)
    try:
        given = implementation(*copied(call.arguments), **call.options)
    except AssertionError:
        return 1.0
    if given.shape != right.shape:
        return 1.0
    off = float(np.abs(given - right).max(initial=0.0))
    off /= max(float(np.abs(right).max(initial=0.0)), 1.0)
    return off if off > ROUNDING else 0.0


@functools.cache
def _case(operation: str, shape: Shape) -> tuple[Call, np.ndarray]:
    """Return a call, and what is right."""
    call = _call(operation, shape, np.random.default_rng(0))
    return call, getattr(reference, operation)(*copied(call.arguments), **call.options)


def _call(operation: str, shape: Shape, rng: np.random.Generator) -> Call:
    if operation == "max_pool2d_dX":
        return _pool_call(shape, rng)
    B, D, M, N, P, m, n, stride, padding, plain, steady, large, *_ = shape
    options: dict[str, Any] = {"stride": stride, "padding": padding}
    X = rng.integers(-9, 10, (B, D, M, N)).astype(float)
    w = np.ones((P, D, m, n)) if plain else rng.integers(-9, 10, (P, D, m, n)).astype(float)
    maps = reference.conv2d(X, w, **options).shape
    dZ = np.ones(maps) if steady else rng.integers(-9, 10, maps).astype(float)
    if operation == "conv2d_dX":
        return Call((dZ, w, X.shape), options)
    if operation == "conv2d_dw":
        return Call((dZ, 1000 * X + 1 if large else X, w.shape), options)
    return Call((dZ,), {})


def _pool_call(shape: Shape, rng: np.random.Generator) -> Call:
    B, D, M, N, _, m, n, *_ = shape
    rows, columns = M - m + 1, N - n + 1
    places = rng.integers(0, M * N, (B, D, rows, columns))
    if shape.alone:
        places = rng.permuted(np.tile(np.arange(M * N), (B * D, 1)), axis=1)
        places = places[:, : rows * columns].reshape(B, D, rows, columns)
    if not shape.won:
        places.reshape(-1)[::3] = -1
    dY = rng.integers(-9, 10, places.shape).astype(float)
    return Call((np.ones(places.shape) if shape.steady else dY, places, (B, D, M, N)), {})
