"""Assignment A4: the gradient of the images, gathered, scattered, and as a full convolution."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from cnnlab import reference
from cnnlab.operations import Call
from cnnlab.tutor.cases import ConvSizes, Draw, conv_cases
from cnnlab.tutor.planes import led_by
from cnnlab.tutor.questions import Assignment, Case, Item, Question

__all__ = ["ASSIGNMENT"]


# What the notebook works by hand: what came back to two maps, and two patterns of two planes.
DZ = np.array([[[[2.0, -1, 0], [1, 3, -2]], [[1, 0, -1], [0, 2, 1]]]])
W = np.array(
    [
        [[[1.0, 2], [-1, 3]], [[0, 1], [1, 0]]],
        [[[0.0, 1], [2, 1]], [[2, 0], [0, -1]]],
    ]
)


def _call(sizes: ConvSizes, draw: Draw, options: dict[str, Any]) -> Call:
    return Call((draw(sizes.Z_shape(**options)), draw(sizes.w_shape), sizes.X_shape), options)


def _cases(rng: np.random.Generator) -> Iterator[Case]:
    return led_by(Call((DZ, W, (1, 2, 3, 4)), {}), conv_cases(_call, rng, first="dZ"))


def _full_call(sizes: ConvSizes, draw: Draw, options: dict[str, Any]) -> Call:
    return Call((draw(sizes.Z_shape()), draw(sizes.w_shape)), options)


def _full_cases(rng: np.random.Generator) -> Iterator[Case]:
    return led_by(Call((DZ, W), {}), conv_cases(_full_call, rng, first="dZ"))


def _with_X_shape(call: Call) -> Call:
    """Write a call of `dX_full` as one of `conv2d_dX`: no row or column is left over."""
    dZ, w = call.arguments
    (B, _, rows, columns), (_, D, m, n) = dZ.shape, w.shape
    return Call((dZ, w, (B, D, rows + m - 1, columns + n - 1)), {})


def _full(dZ: np.ndarray, w: np.ndarray) -> np.ndarray:
    return reference.conv2d_dX(*_with_X_shape(Call((dZ, w), {})).arguments)


def _option_cases(rng: np.random.Generator) -> Iterator[Case]:
    cases = conv_cases(_call, rng, first="dZ", options=("stride", "padding"))
    yield from led_by(Call((DZ, W, (1, 2, 3, 4)), {}), cases)
    plane = Call((DZ[:, :1], W[:1, :1], (1, 1, 3, 4)), {"stride": 2, "padding": 1})
    yield Case("together", "the example of the notebook", plane)


VALUES = "right values for every number of samples, depths and patterns"
EDGES = "patterns as large as the image, images of one pixel or one row"
MANNERS = "arguments unchanged, a new array each time, float32 kept"

ASSIGNMENT = Assignment(
    name="A4",
    title="Input gradient, gather and scatter",
    chapter="input-gradient",
    questions=(
        Question(
            name="gather",
            function="dX_gather",
            signature="(dZ, w, X_shape)",
            words="Collect, pixel by pixel, the gradient of every window that holds the pixel.",
            items=(
                Item("values", 17, VALUES),
                Item("edges", 5, EDGES),
                Item("manners", 3, MANNERS),
            ),
            cases=_cases,
            right=reference.conv2d_dX,
            returns=("dX",),
            equation="eq-dX",
            page="input-gradient",
            operation="conv2d_dX",
        ),
        Question(
            name="scatter",
            function="dX_scatter",
            signature="(dZ, w, X_shape)",
            words="Let every window hand its gradient back to the pixels that it holds.",
            items=(
                Item("values", 17, VALUES),
                Item("edges", 5, EDGES),
                Item("manners", 3, MANNERS),
            ),
            cases=_cases,
            right=reference.conv2d_dX,
            returns=("dX",),
            equation="eq-dX",
            page="input-gradient",
            operation="conv2d_dX",
        ),
        Question(
            name="full",
            function="dX_full",
            signature="(dZ, w)",
            words="Put zeros around dZ and search it for the turned patterns.",
            items=(
                Item("values", 13, VALUES),
                Item("edges", 4, EDGES),
                Item("manners", 3, MANNERS),
            ),
            cases=_full_cases,
            right=_full,
            returns=("dX",),
            equation="eq-dX-3d",
            page="input-gradient",
            operation="conv2d_dX",
            to_operation=_with_X_shape,
        ),
        Question(
            name="conv2d_dX",
            function="conv2d_dX",
            signature="(dZ, w, X_shape, stride=1, padding=0)",
            words="The gradient of the images for any stride and any ring of zeros.",
            items=(
                Item("values", 10, VALUES),
                Item("stride", 6, "a stride, the same both ways or not, rows left over"),
                Item("padding", 5, "a ring of zeros, as wide on all sides or not"),
                Item("together", 3, "a stride and a ring of zeros at once"),
                Item("edges", 3, EDGES),
                Item("manners", 3, MANNERS),
            ),
            cases=_option_cases,
            right=reference.conv2d_dX,
            returns=("dX",),
            equation="eq-geometry-dX",
            page="geometry",
            operation="conv2d_dX",
        ),
    ),
)
