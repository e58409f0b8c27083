"""Records of the pooling operations."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from cnnlab import layers, shapes
from cnnlab.operations.record import Call, Draw, Example, Operation, Special
from cnnlab.results import MaxPool


def _pool_calls(draw: Draw, **uneven: Any) -> list[Call]:
    X = draw((2, 3, 5, 4))
    unequal = {"stride": (2, 1), "padding": ((1, 0), (2, 1)), **uneven}
    # With so much padding, some windows see no pixel at all.
    wide = {"stride": 2, "padding": 3}
    return [Call((X, (2, 3)), options) for options in ({"stride": 1}, unequal, wide)]


def _plain_pool(draw: Draw) -> Call:
    return Call((draw((1, 1, 4, 4)), 2), {})


def _window_counts(given: Mapping[str, Any]) -> int:
    """Return a number that every count of pixels in a window divides."""
    # A window that hangs over the border counts fewer rows, fewer columns, or both.
    m, n = shapes.as_counts(given["size"], "avg_pool2d", "size")
    return math.lcm(*range(1, m + 1)) * math.lcm(*range(1, n + 1))


OPERATIONS = [
    Operation(
        name="max_pool2d",
        equations=("eq-max-pool", "eq-pool-size"),
        gradients={"X": "eq-max-pool-dX"},
        pytorch="torch.nn.functional.max_pool2d",
        linear=("X",),
        layer=layers.MaxPool2D,
        returns=MaxPool,
        example=Example(
            {"X": [[[1, 4, 2, 4], [3, 4, 0, 9]]], "size": 2},
            ([[[4, 9]]], [[[1, 7]]]),
            [[[5, 6]]],
            {"X": [[[0, 5, 0, 0], [0, 0, 0, 6]]]},
        ),
        special=(
            Special(
                "of equal pixels the first wins",
                {"X": [[[3, 3, 1]]], "size": (1, 3)},
                ([[[3]]], [[[0]]]),
            ),
            Special("NaN wins", {"X": [[[1, np.nan, 2]]], "size": (1, 3)}, ([[[np.nan]]], [[[1]]])),
            Special(
                "a window wholly on padding has no winner",
                {"X": [[[7]]], "size": 1, "stride": 1, "padding": (0, 1)},
                ([[[-np.inf, 7, -np.inf]]], [[[-1, 0, -1]]]),
            ),
        ),
        calls=_pool_calls,
        plain=_plain_pool,
    ),
    Operation(
        name="avg_pool2d",
        equations=("eq-avg-pool", "eq-pool-size"),
        gradients={"X": "eq-avg-pool-dX"},
        pytorch="torch.nn.functional.avg_pool2d",
        linear=("X",),
        layer=layers.AvgPool2D,
        example=Example(
            {"X": [[[1, 2, 3, 6], [3, 2, 5, 2]]], "size": 2},
            [[[2, 4]]],
            [[[4, 8]]],
            {"X": [[[1, 1, 2, 2], [1, 1, 2, 2]]]},
        ),
        special=(
            Special(
                "the mean of no pixel is 0",
                {"X": [[[7]]], "size": 1, "padding": (0, 1), "count_include_pad": False},
                [[[0, 7, 0]]],
            ),
            Special(
                "padding counts, unless it is left out",
                {"X": [[[6]]], "size": (1, 3), "padding": (0, 1)},
                [[[2]]],
            ),
        ),
        calls=lambda draw: _pool_calls(draw, count_include_pad=False),
        plain=_plain_pool,
        divisor=_window_counts,
    ),
]
