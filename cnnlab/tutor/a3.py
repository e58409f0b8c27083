"""Assignment A3: the gradient of the patterns, from one plane to a layer, and of a dense layer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from cnnlab import reference
from cnnlab.operations import Call
from cnnlab.tutor.cases import ConvSizes, DenseSizes, Draw, conv_cases, dense_cases
from cnnlab.tutor.planes import OneImage, fewer_axes, image_cases, led_by
from cnnlab.tutor.questions import Assignment, Case, Item, Question

__all__ = ["ASSIGNMENT"]

# What the notebook works by hand: an image of two planes, and what has come back to one map.
X = np.array(
    [
        [[1.0, 0, 2, 1], [3, 1, 0, 2], [0, 2, 1, 1]],
        [[2.0, 1, 0, 0], [0, 1, 1, 3], [1, 0, 2, 0]],
    ]
)
DZ = np.array([[2.0, -1, 0], [1, 3, -2]])


def _call(sizes: OneImage, draw: Draw, options: dict[str, Any]) -> Call:
    return Call((draw(sizes.Z_shape), draw(sizes.X_shape)), options)


def _cases_2d(rng: np.random.Generator) -> Iterator[Case]:
    return led_by(Call((DZ, X[0]), {}), image_cases(_call, rng, first="dZ"))


def _cases_3d(rng: np.random.Generator) -> Iterator[Case]:
    return led_by(Call((DZ, X), {}), image_cases(_call, rng, first="dZ", axes="D"))


def _w_shape(dZ: np.ndarray, X: np.ndarray) -> tuple[int, int, int, int]:
    """Return the shape of patterns that lay at every position, one step apart."""
    (_, P, rows, columns), (_, D, M, N) = dZ.shape, X.shape
    return P, D, M - rows + 1, N - columns + 1


def _of_planes(call: Call) -> Call:
    dZ, X = (array[None, None] for array in call.arguments)
    return Call((dZ, X, _w_shape(dZ, X)), {})


def _of_depths(call: Call) -> Call:
    dZ, X = call.arguments
    dZ, X = dZ[None, None], X[None]
    return Call((dZ, X, _w_shape(dZ, X)), {})


def _plane(dw: np.ndarray) -> np.ndarray:
    return dw[0, 0]


def _pattern(dw: np.ndarray) -> np.ndarray:
    return dw[0]


def _layer_call(sizes: ConvSizes, draw: Draw, options: dict[str, Any]) -> Call:
    return Call((draw(sizes.Z_shape(**options)), draw(sizes.X_shape), sizes.w_shape), options)


def _layer_cases(rng: np.random.Generator) -> Iterator[Case]:
    cases = conv_cases(_layer_call, rng, first="dZ", options=("stride", "padding"))
    maps = np.array([[DZ, 2 * DZ], [-DZ, DZ]])
    yield from led_by(Call((maps, np.stack([X, X[::-1]]), (2, 2, 2, 2)), {}), cases)
    strided = Call((DZ[None, None], X[None, :1], (1, 1, 2, 2)), {"stride": 2, "padding": 1})
    yield Case("together", "the example of the notebook", strided)


def _dense_call(sizes: DenseSizes, draw: Draw, options: dict[str, Any]) -> Call:
    return Call((draw((sizes.B, sizes.outputs)), draw((sizes.B, sizes.inputs))), options)


def _dense_cases(rng: np.random.Generator) -> Iterator[Case]:
    example = Call((np.array([[1.0, -2], [3, 0]]), np.array([[2.0, 0, 1], [1, 4, -1]])), {})
    return led_by(example, dense_cases(_dense_call, rng, first="dZ"))


VALUES = "right values for every size of image and pattern"
EDGES = "patterns as large as the image, images of one pixel or one row"
MANNERS = "arguments unchanged, a new array each time, float32 kept"


def _items(values: int, edges: int, manners: int, words: str = EDGES) -> tuple[Item, ...]:
    return (
        Item("values", values, VALUES),
        Item("edges", edges, words),
        Item("manners", manners, MANNERS),
    )


ASSIGNMENT = Assignment(
    name="A3",
    title="Weight gradient",
    chapter="weight-gradient",
    questions=(
        fewer_axes(
            reference.conv2d_dw,
            (),
            name="dw2d",
            function="dw2d",
            signature="(dZ, X)",
            words="Say what each weight of one plane did to the loss.",
            items=_items(14, 3, 3),
            cases=_cases_2d,
            to_operation=_of_planes,
            from_operation=_plane,
            returns=("dw",),
            equation="eq-dw",
            page="weight-gradient",
        ),
        fewer_axes(
            reference.conv2d_dw,
            (),
            name="dw3d",
            function="dw3d",
            signature="(dZ, X)",
            words="Say it for one pattern that is as deep as the image.",
            items=_items(14, 3, 3),
            cases=_cases_3d,
            to_operation=_of_depths,
            from_operation=_pattern,
            returns=("dw",),
            equation="eq-dw",
            page="weight-gradient",
        ),
        Question(
            name="conv2d_dw",
            function="conv2d_dw",
            signature="(dZ, X, w_shape, stride=1, padding=0)",
            words="Say it for all patterns and a batch, with any stride and any ring of zeros.",
            items=(
                Item("values", 14, "right values for every number of samples, depths and patterns"),
                Item("stride", 8, "a stride, the same both ways or not, rows left over"),
                Item("padding", 7, "a ring of zeros, as wide on all sides or not"),
                Item("together", 4, "a stride and a ring of zeros at once"),
                Item("edges", 4, EDGES),
                Item("manners", 3, MANNERS),
            ),
            cases=_layer_cases,
            right=reference.conv2d_dw,
            returns=("dw",),
            equation="eq-geometry-dw",
            page="geometry",
            operation="conv2d_dw",
        ),
        Question(
            name="dense_dw",
            function="dense_dw",
            signature="(dZ, X)",
            words="The same for a dense layer, where every weight has one pixel only.",
            items=(
                Item("values", 14, "right values for every number of samples, inputs and outputs"),
                Item("edges", 3, "one input and one output, more outputs than inputs"),
                Item("manners", 3, MANNERS),
            ),
            cases=_dense_cases,
            right=reference.dense_dw,
            returns=("dw",),
            equation="eq-vanilla-dw",
            page="vanilla-network",
            operation="dense_dw",
        ),
    ),
)
