"""Records of the losses."""

from __future__ import annotations

import numpy as np

from cnnlab.operations.record import Call, Example, Operation, Special
from cnnlab.results import Loss

OPERATIONS = [
    Operation(
        name="squared_error",
        equations=("eq-squared-error",),
        gradients={"Y": ""},
        pytorch="torch.nn.functional.mse_loss",
        returns=Loss,
        example=Example(
            {"Y": [[1, 2], [3, 4]], "T": [[0, 2], [5, 1]]},
            (3.5, [[0.5, 0], [-1, 1.5]]),
            gradients={"Y": [[0.5, 0], [-1, 1.5]]},
        ),
        special=(
            Special(
                "an empty batch costs nothing",
                {"Y": np.ones((0, 2)), "T": np.ones((0, 2))},
                (0.0, np.ones((0, 2))),
            ),
        ),
        calls=lambda draw: [Call((draw((3, 4)), draw((3, 4))), {})],
        plain=lambda draw: Call((draw((1, 3)), draw((1, 3))), {}),
    ),
    Operation(
        name="cross_entropy",
        equations=("eq-cross-entropy",),
        gradients={"Z": "eq-cross-entropy-dZ"},
        pytorch="torch.nn.functional.cross_entropy",
        returns=Loss,
        example=Example({"Z": [1000, 0], "labels": 1}, (1000.0, [1, -1]), gradients={"Z": [1, -1]}),
        special=(
            Special(
                "an empty batch costs nothing",
                {"Z": np.ones((0, 2)), "labels": []},
                (0.0, np.ones((0, 2))),
            ),
        ),
        calls=lambda draw: [Call((draw((3, 4)), np.array([2, 0, 3])), {})],
        plain=lambda draw: Call((draw((1, 3)), np.array([2])), {}),
    ),
]
