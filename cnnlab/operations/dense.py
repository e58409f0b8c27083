"""Record of the dense operation."""

from __future__ import annotations

import numpy as np

from cnnlab import layers
from cnnlab.operations.record import Call, Example, Operation, Special

OPERATIONS = [
    Operation(
        name="dense",
        equations=("eq-vanilla",),
        gradients={"X": "eq-vanilla-dX", "w": "eq-vanilla-dw", "b": "eq-vanilla-db"},
        pytorch="torch.nn.functional.linear",
        linear=("X", "w"),
        layer=layers.Dense,
        example=Example(
            {"X": [1, 2, 3], "w": [[1, 10, 100], [0, 1, -1]], "b": [1000, 2000]},
            [1321, 1999],
            [1, 2],
            {"X": [1, 12, 98], "w": [[1, 2, 3], [2, 4, 6]], "b": [1, 2]},
        ),
        special=(
            Special(
                "an empty batch", {"X": np.ones((0, 3)), "w": np.ones((2, 3))}, np.ones((0, 2))
            ),
        ),
        calls=lambda draw: [Call((draw((3, 4)), draw((2, 4)), draw(2)), {})],
        plain=lambda draw: Call((draw((1, 3)), draw((3, 3)), draw(3)), {}),
    ),
]
