"""Records of batch normalization."""

from __future__ import annotations

import numpy as np

from cnnlab import layers
from cnnlab.operations.record import Call, Draw, Example, Operation, Special
from cnnlab.results import BatchNorm, BatchNormGradients

# Two images of one row; mean 3, variance 4, and 1 / sqrt(4 + 12) = 1/4.
PIXELS = [[[[5, 1]]], [[[5, 1]]]]
UPSTREAM = [[[[8, 0]]], [[[0, 4]]]]
DX = [[[[2.375, -1.375]]], [[[-1.625, 0.625]]]]


def _batch_norms(draw: Draw) -> list[Call]:
    given = draw((2, 3, 2, 4)), draw((3,)), draw((3,))
    known = {"mean": np.array([0.5, -1, 2]), "variance": np.array([1, 4, 0.25])}
    return [Call(given, {"epsilon": 0.25, **known}), Call(given, {"epsilon": 0.5}), Call(given, {})]


def _plain_batch_norm(draw: Draw) -> Call:
    return Call((draw((1, 1, 4, 4)), np.ones(1), np.zeros(1)), {})


def _backwards(draw: Draw) -> list[Call]:
    given = [draw(shape) for shape in ((2, 3, 2, 4), (2, 3, 2, 4), (3,), (3,), (3,))]
    return [Call(tuple(given), options) for options in ({"fixed": True}, {})]


def _plain_backward(draw: Draw) -> Call:
    X, dY = draw((1, 1, 4, 4)), draw((1, 1, 4, 4))
    return Call((dY, X, np.ones(1), np.zeros(1), np.ones(1)), {})


OPERATIONS = [
    Operation(
        name="batch_norm2d",
        equations=("eq-batch-norm",),
        gradients={
            "X": "eq-batch-norm-dX",
            "w": "eq-batch-norm-dw",
            "b": "eq-batch-norm-db",
        },
        pytorch="torch.nn.functional.batch_norm",
        layer=layers.BatchNorm2D,
        returns=BatchNorm,
        example=Example(
            {"X": PIXELS, "w": [2], "b": [7], "epsilon": 12},
            ([[[[8, 6]]], [[[8, 6]]]], [3], [4], [0.25]),
            UPSTREAM,
            {"X": DX, "w": [2], "b": [12]},
        ),
        special=(
            Special(
                "a depth that is the same everywhere becomes b",
                {"X": [[[5, 5]]], "w": [2], "b": [7], "epsilon": 0.25},
                ([[[7, 7]]], [5], [0], [2]),
            ),
            Special(
                "a given mean and variance take the place of those of the batch",
                {"X": [[[5, 1]]], "w": [2], "b": [7], "epsilon": 1, "mean": [1], "variance": [3]},
                ([[[11, 7]]], [1], [3], [0.5]),
            ),
            Special(
                "an empty batch has mean and variance 0",
                {"X": np.ones((0, 1, 1, 2)), "w": [2], "b": [7], "epsilon": 0.25},
                (np.ones((0, 1, 1, 2)), [0], [0], [2]),
            ),
            Special(
                "one NaN spoils its depth",
                {"X": [[[1, np.nan]], [[3, 3]]], "w": [2, 1], "b": [7, 8], "epsilon": 0.25},
                ([[[np.nan, np.nan]], [[8, 8]]], [np.nan, 3], [np.nan, 0], [np.nan, 2]),
            ),
        ),
        calls=_batch_norms,
        plain=_plain_batch_norm,
    ),
    Operation(
        name="batch_norm2d_backward",
        equations=("eq-batch-norm-dX", "eq-batch-norm-dw", "eq-batch-norm-db"),
        gradients={},
        pytorch="torch.ops.aten.native_batch_norm_backward",
        returns=BatchNormGradients,
        example=Example(
            {"dY": UPSTREAM, "X": PIXELS, "w": [2], "mean": [3], "scale": [0.25]}, (DX, [2], [12])
        ),
        special=(
            Special(
                "a mean and a variance that were given do not move with X",
                {
                    "dY": [[[8, 4]]],
                    "X": [[[5, 1]]],
                    "w": [2],
                    "mean": [3],
                    "scale": [0.25],
                    "fixed": True,
                },
                ([[[4, 2]]], [2], [12]),
            ),
            Special(
                "an empty batch gives zeros",
                {
                    "dY": np.ones((0, 1, 1, 2)),
                    "X": np.ones((0, 1, 1, 2)),
                    "w": [2],
                    "mean": [3],
                    "scale": [0.25],
                },
                (np.ones((0, 1, 1, 2)), [0], [0]),
            ),
        ),
        calls=_backwards,
        plain=_plain_backward,
    ),
]
