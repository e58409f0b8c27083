"""Records of the convolutional operations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from cnnlab import layers
from cnnlab.layers.conv import conv_transpose2d_gradients
from cnnlab.operations.record import Call, Draw, Example, Gradients, Operation, Special
from cnnlab.typing import Backend

SIDES = ((0, 2), (3, 0))


def _conv2d_calls(draw: Draw) -> list[Call]:
    layer = draw((3, 2, 4, 6)), draw((4, 2, 2, 3)), draw(4)
    larger = draw((3, 2, 7, 8)), draw((4, 2, 2, 3)), draw(4)
    grouped = draw((3, 4, 4, 6)), draw((6, 2, 2, 3)), draw(6)
    every = {"stride": (3, 2), "padding": SIDES, "dilation": (2, 1), "groups": 2}
    return [
        Call(layer, {}),
        Call(larger, {"stride": (2, 3)}),
        Call(layer, {"padding": SIDES}),
        Call(larger, {"dilation": (2, 3)}),
        Call(grouped, {"groups": 2}),
        Call(grouped, every),
    ]


def _conv_transpose2d_calls(draw: Draw) -> list[Call]:
    layer = draw((3, 2, 4, 3)), draw((2, 4, 2, 3)), draw(4)
    grouped = draw((3, 4, 2, 3)), draw((4, 3, 2, 3)), draw(6)
    every = {"stride": (3, 2), "padding": ((0, 1), (2, 0)), "dilation": (2, 1), "groups": 2}
    return [
        Call(layer, {}),
        Call(layer, {"stride": (2, 3), "output_padding": (1, 2)}),
        Call(layer, {"padding": ((0, 1), (2, 0))}),
        Call(layer, {"dilation": (2, 3)}),
        Call(grouped, {"groups": 2}),
        Call(grouped, {**every, "output_padding": (2, 1)}),
    ]


def _conv_transpose2d_back(ops: Backend, dZ: np.ndarray, given: Mapping[str, Any]) -> Gradients:
    options = {name: value for name, value in given.items() if name not in ("X", "w", "b")}
    dX, dw = conv_transpose2d_gradients(ops, dZ, given["X"], given["w"], **options)
    return {"X": dX, "w": dw, "b": ops.conv2d_db(dZ)}


OPERATIONS = [
    Operation(
        name="conv2d",
        equations=("eq-geometry", "eq-geometry-size"),
        gradients={"X": "eq-geometry-dX", "w": "eq-geometry-dw", "b": "eq-db"},
        pytorch="torch.nn.functional.conv2d",
        linear=("X", "w"),
        layer=layers.Conv2D,
        example=Example(
            {"X": [[[1, 2, 3], [4, 5, 6]]], "w": [[[[1, 10]]]], "b": [100]},
            [[[121, 132], [154, 165]]],
            [[[1, 2], [3, 4]]],
            {"X": [[[1, 12, 20], [3, 34, 40]]], "w": [[[[37, 47]]]], "b": [10]},
        ),
        special=(
            Special(
                "a window wholly on padding gives the bias",
                {"X": [[[7]]], "w": [[[[2]]]], "b": [5], "padding": 1},
                [[[5, 5, 5], [5, 19, 5], [5, 5, 5]]],
            ),
            Special(
                "a pattern larger than the image, if padding makes room",
                {"X": [[[7]]], "w": [[[[0, 1, 2], [3, 4, 5], [6, 7, 8]]]], "padding": 1},
                [[[28]]],
            ),
        ),
        calls=_conv2d_calls,
        plain=lambda draw: Call((draw((1, 1, 4, 4)), draw((1, 1, 3, 3)), draw(1)), {}),
    ),
    Operation(
        name="conv_transpose2d",
        equations=("eq-transpose", "eq-transpose-size"),
        gradients={"X": "", "w": "", "b": ""},
        pytorch="torch.nn.functional.conv_transpose2d",
        linear=("X", "w"),
        layer=layers.ConvTranspose2D,
        example=Example(
            {"X": [[[1, 2]]], "w": [[[[1, 10]]]], "b": [100], "stride": 2},
            [[[101, 110, 102, 120]]],
            [[[1, 2, 3, 4]]],
            {"X": [[[21, 43]]], "w": [[[[7, 10]]]], "b": [10]},
        ),
        special=(
            Special(
                "padding takes away what lies there",
                {"X": [[[1, 2]]], "w": [[[[1, 10]]]], "stride": 2, "padding": (0, 1)},
                [[[10, 2]]],
            ),
            Special(
                "more than the patterns reach is the bias",
                {"X": [[[1]]], "w": [[[[2]]]], "b": [5], "stride": 2, "output_padding": (0, 1)},
                [[[7, 5]]],
            ),
        ),
        calls=_conv_transpose2d_calls,
        plain=lambda draw: Call((draw((1, 1, 3, 3)), draw((1, 1, 2, 2)), draw(1)), {}),
        backward=_conv_transpose2d_back,
    ),
]
