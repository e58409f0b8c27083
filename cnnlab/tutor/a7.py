"""Assignment A7: the search and two of its gradients, right first and then fast."""

# The docstrings of mistakes say what is wrong, not what to do.
# ruff: noqa: D401

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from cnnlab import reference
from cnnlab.operations import Call
from cnnlab.tutor.cases import ConvSizes, Draw, conv_cases
from cnnlab.tutor.mistakes import mistake
from cnnlab.tutor.questions import Assignment, Case, Item, Question
from cnnlab.tutor.speed import race, speed_items

__all__ = ["ASSIGNMENT"]


def _search_call(sizes: ConvSizes, draw: Draw, options: dict[str, Any]) -> Call:
    return Call((draw(sizes.X_shape), draw(sizes.w_shape), draw((sizes.P,))), options)


def _dX_call(sizes: ConvSizes, draw: Draw, options: dict[str, Any]) -> Call:
    return Call((draw(sizes.Z_shape()), draw(sizes.w_shape), sizes.X_shape), options)


def _dw_call(sizes: ConvSizes, draw: Draw, options: dict[str, Any]) -> Call:
    return Call((draw(sizes.Z_shape()), draw(sizes.X_shape), sizes.w_shape), options)


# The example of the notebook.
EXAMPLE = "the example of the notebook"
X = np.array([[[[2.0, 1, 3], [0, 1, 1]]]])
W = np.array([[[[1.0, -1], [2, 0]]]])
DZ = np.array([[[[1.0, 3]]]])


def _search_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield Case("values", EXAMPLE, Call((X, W, np.array([5.0])), {}))
    yield from conv_cases(_search_call, rng, first="X", empty=True)


def _dX_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield Case("values", EXAMPLE, Call((DZ, W, X.shape), {}))
    yield from conv_cases(_dX_call, rng, first="dZ", empty=True)


def _dw_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield Case("values", EXAMPLE, Call((DZ, X, W.shape), {}))
    yield from conv_cases(_dw_call, rng, first="dZ", empty=True)


def _searched(X: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Return the products of all windows and patterns. Shape (B, M', N', P)."""
    windows = sliding_window_view(X, w.shape[2:], axis=(2, 3))
    return np.tensordot(windows, w, axes=((1, 4, 5), (1, 2, 3)))


@mistake("eq-im2col")
def product_reshaped(X: np.ndarray, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The numbers are right and in the wrong places: an axis was reshaped, not moved.

    The matrix product has the patterns in its last axis; ``reshape(B, P, M', N')`` does not put
    them into the second.
    """
    Z = _searched(X, w) + b
    B, rows, columns, P = Z.shape
    return Z.reshape(B, P, rows, columns)


@mistake("eq-offsets")
def nonsense_kept(X: np.ndarray, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    """From the second row on, windows begin too early: the first of them at the end of a row.

    The planes were taken as one long row, and the n - 1 numbers between two rows were not dropped.
    """
    (B, D, M, N), (P, _, m, n) = X.shape, w.shape
    rows, columns = M - m + 1, N - n + 1
    lines, length = X.reshape(B, D, M * N), rows * columns
    Z = np.zeros((B, P, length), X.dtype) + b[:, None]
    for u, v in np.ndindex(m, n):
        Z += w[:, :, u, v] @ lines[:, :, u * N + v : u * N + v + length]
    return Z.reshape(B, P, rows, columns)


@mistake("eq-pattern-search")
def biases_forgotten(X: np.ndarray, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The biases are missing.

    The matrix product was returned as it is.
    """
    return np.ascontiguousarray(_searched(X, w).transpose(0, 3, 1, 2))


_BUFFERS: dict[Any, np.ndarray] = {}


@mistake("eq-pattern-search")
def buffer_reused(X: np.ndarray, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Every call writes into the same array, and changes what the last one returned.

    The result was allocated once, to spare the time.
    """
    Z = reference.conv2d(X, w, b)
    buffer = _BUFFERS.setdefault((Z.shape, Z.dtype), Z)
    buffer[...] = Z
    return buffer


@mistake("eq-pattern-search")
def single_precision(X: np.ndarray, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The result is float32, also for float64.

    Half the bytes are twice as fast, but the type of the numbers is not for the function to choose.
    """
    return reference.conv2d(X, w, b).astype(np.float32)


SEARCH = (product_reshaped, nonsense_kept, biases_forgotten, buffer_reused, single_precision)

VALUES = "right values for every number of samples, depths and patterns"
EDGES = "patterns as large as the image, one pixel, one row, an empty batch"
MANNERS = "arguments unchanged, a new array each time, dtype kept"


def _items(values: float, speed: tuple[float, ...]) -> tuple[Item, ...]:
    right = Item("values", values, VALUES), Item("edges", 2, EDGES), Item("manners", 2, MANNERS)
    return (*right, *speed_items(speed))


ASSIGNMENT = Assignment(
    name="A7",
    title="Make it fast",
    chapter="performance",
    seconds=180.0,
    alone=True,
    questions=(
        Question(
            name="conv2d",
            function="conv2d",
            signature="(X, w, b)",
            words="Search images for patterns, right first and then fast.",
            items=_items(14, (8, 7, 7)),
            cases=_search_cases,
            right=reference.conv2d,
            returns=("Z",),
            equation="eq-pattern-search",
            page="seven-algorithms",
            operation="conv2d",
            mistakes=SEARCH,
            trials=race("conv2d", _search_call),
        ),
        Question(
            name="conv2d_dX",
            function="conv2d_dX",
            signature="(dZ, w, X_shape)",
            words="The gradient of the images, right first and then fast.",
            items=_items(10, (6, 5, 5)),
            cases=_dX_cases,
            right=reference.conv2d_dX,
            returns=("dX",),
            equation="eq-dX",
            page="input-gradient",
            operation="conv2d_dX",
            trials=race("conv2d_dX", _dX_call),
        ),
        Question(
            name="conv2d_dw",
            function="conv2d_dw",
            signature="(dZ, X, w_shape)",
            words="The gradient of the patterns, right first and then fast.",
            items=_items(10, (6, 5, 5)),
            cases=_dw_cases,
            right=reference.conv2d_dw,
            returns=("dw",),
            equation="eq-dw",
            page="weight-gradient",
            operation="conv2d_dw",
            trials=race("conv2d_dw", _dw_call),
        ),
    ),
)
