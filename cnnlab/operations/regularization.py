"""Record of dropout."""

from __future__ import annotations

import numpy as np

from cnnlab import layers
from cnnlab.operations.record import Call, Draw, Example, Operation, Special

KEPT = np.array([True, False, True])


def _dropouts(draw: Draw) -> list[Call]:
    X = draw((2, 3, 4))
    kept = np.arange(X.size).reshape(X.shape) % 5 % 2 == 0
    return [Call((X, kept), options) for options in ({}, {"rate": 0.25}, {"rate": 0})]


def _plain_dropout(draw: Draw) -> Call:
    return Call((draw((1, 3)), KEPT[np.newaxis]), {})


OPERATIONS = [
    Operation(
        name="dropout",
        equations=("eq-dropout",),
        gradients={"X": "eq-dropout-dX"},
        pytorch="torch.nn.functional.dropout",
        linear=("X",),
        layer=layers.Dropout,
        example=Example(
            {"X": [1, 2, 3], "kept": KEPT, "rate": 0.75}, [4, 0, 12], [5, 6, 7], {"X": [20, 0, 28]}
        ),
        special=(
            Special(
                "a rate of 0 keeps the size", {"X": [1, 2, 3], "kept": KEPT, "rate": 0}, [1, 0, 3]
            ),
            Special(
                "NaN and infinity that are dropped become NaN",
                {"X": [np.inf, np.inf, np.nan], "kept": KEPT},
                [np.inf, np.nan, np.nan],
            ),
        ),
        calls=_dropouts,
        plain=_plain_dropout,
    ),
]
