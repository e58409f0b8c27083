"""Assignment A2: what comes back through an activation, and to the biases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from cnnlab import reference
from cnnlab.operations import Call
from cnnlab.tutor.cases import (
    ConvSizes,
    Draw,
    Step,
    climb,
    conv_cases,
    entrywise_cases,
    normal,
    single,
    single_one,
)
from cnnlab.tutor.planes import led_by
from cnnlab.tutor.questions import Assignment, Case, Item, Mistake, Question

__all__ = ["ASSIGNMENT"]

# What the notebook works by hand: what one layer has handed on, and what has come back to it.
Z = np.array([[0.0, -2.0, 3.0]])
DY = np.array([[8.0, -5.0, 4.0]])
CHANCES = np.array([[0.5, 0.25, 0.25]])
DCHANCES = np.array([[4.0, 8.0, -4.0]])
DZ = np.array([[[[1.0, -2, 4], [0, 5, -1]], [[2, 2, -3], [1, 0, 6]]]])
LARGE = np.array([-1000.0, -3.0, 0.0, 3.0, 1000.0])


def softmax_dZ(dY: np.ndarray, Y: np.ndarray) -> np.ndarray:
    """Gradient of the loss with respect to the scores of a softmax over the last axis.

    Equation (eq-dZ-jacobian), with the Jacobian of the softmax. No matrix is made::

        dZ[s,c] = Y[s,c] (dY[s,c] - sum_{d} dY[s,d] Y[s,d])

    Parameters
    ----------
    dY, Y : ndarray
        Gradient of the loss with respect to the chances, and the chances. Shape (B, C).

    Returns
    -------
    dZ : ndarray
        Shape (B, C).
    """
    return Y * (dY - (dY * Y).sum(-1, keepdims=True))


# --- Mistakes: the catalogue has those of the other gradients -----------------

SIGMOID, RELU, MIXING = "eq-sigmoid", "eq-relu", "eq-dZ-jacobian"


def _mistakes(equation: str, *rows: tuple[str, str, str, Any]) -> tuple[Mistake, ...]:
    return tuple(
        Mistake(name, words, misreading, equation, function)
        for name, words, misreading, function in rows
    )


def _quietly(function: Any) -> Any:
    """Let a wrong function divide infinity by infinity without a warning."""

    def quiet(*arguments: Any) -> Any:
        with np.errstate(all="ignore"):
            return function(*arguments)

    return quiet


OF_SIGMOID = _mistakes(
    SIGMOID,
    (
        "sigmoid-minus-forgotten",
        "It falls where it should rise.",
        "exp(Z) was written for exp(-Z).",
        _quietly(lambda Z: 1 / (1 + np.exp(Z))),
    ),
    (
        "sigmoid-of-large-numbers",
        "It is right, but not a number where Z is large.",
        "exp(Z) / (1 + exp(Z)) is infinity divided by infinity there; 1 / (1 + exp(-Z)) is not.",
        _quietly(lambda Z: np.exp(Z) / (1 + np.exp(Z))),
    ),
    (
        "sigmoid-is-tanh",
        "It is the hyperbolic tangent, from -1 to 1.",
        "Both have the shape of an S.",
        np.tanh,
    ),
    (
        "sigmoid-is-slope",
        "It is the slope of the sigmoid and not the sigmoid.",
        "Y (1 - Y) belongs into the gradient.",
        lambda Z: reference.sigmoid(Z) * (1 - reference.sigmoid(Z)),
    ),
)
OF_RELU = _mistakes(
    RELU,
    ("relu-is-absolute", "Negative numbers lose their sign.", "abs was written.", np.abs),
    (
        "relu-keeps-negative",
        "The negative numbers are kept, and not the positive ones.",
        "The comparison is the wrong way round, or `minimum` was written for `maximum`.",
        lambda Z: np.minimum(Z, 0),
    ),
    (
        "relu-is-step",
        "It says whether Z is positive, and not how large it is.",
        "Z > 0 is the slope.",
        lambda Z: (Z > 0).astype(Z.dtype),
    ),
    (
        "relu-leaks",
        "Negative numbers pass as a hundredth of themselves.",
        "That is the leaky ReLU.",
        lambda Z: np.where(Z > 0, Z, 0.01 * Z).astype(Z.dtype),
    ),
)
OF_SOFTMAX = _mistakes(
    MIXING,
    (
        "softmax-diagonal-only",
        "Each entry looks only at its own chance.",
        "Y (1 - Y) is the diagonal of the Jacobian; the softmax has entries beside it.",
        lambda dY, Y: dY * Y * (1 - Y),
    ),
    (
        "softmax-sum-forgotten",
        "The part that all entries share is missing.",
        "Only [c = d] of the bracket was kept.",
        lambda dY, Y: dY * Y,
    ),
    (
        "softmax-sum-over-batch",
        "The sum runs over all samples, where each sample has one of its own.",
        "`.sum()` without an axis adds everything.",
        lambda dY, Y: Y * (dY - (dY * Y).sum()),
    ),
    (
        "softmax-sum-of-dY",
        "The sum adds dY alone, without the chances as factors.",
        "The factor Y[d] was lost when the sum over d was split.",
        lambda dY, Y: Y * (dY - dY.sum(-1, keepdims=True)),
    ),
    (
        "softmax-mean-for-sum",
        "The sum over the classes is divided by their number.",
        "`mean` was written for `sum`.",
        lambda dY, Y: Y * (dY - (dY * Y).sum(-1, keepdims=True) / Y.shape[-1]),
    ),
    (
        "softmax-sign-flipped",
        "Both parts have the wrong sign.",
        "The bracket was written the other way round, Y[d] - [c = d].",
        lambda dY, Y: Y * ((dY * Y).sum(-1, keepdims=True) - dY),
    ),
)

# --- Questions ----------------------------------------------------------------


def _one_array(shape: tuple[int, ...], draw: Draw, options: dict[str, Any]) -> Call:
    return Call((draw(shape),), options)


def _sigmoid_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield from led_by(Call((Z,), {}), entrywise_cases(_one_array, rng))
    yield Case("edges", "numbers as large as 1000", Call((LARGE,), {}))


def _relu_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield from led_by(Call((Z,), {}), entrywise_cases(_one_array, rng))
    yield Case("manners", "no negative entry", Call((np.abs(Z),), {}))


def _sigmoid_dZ_call(shape: tuple[int, ...], draw: Draw, options: dict[str, Any]) -> Call:
    return Call((draw(shape), reference.sigmoid(draw(shape))), options)


def _sigmoid_dZ_cases(rng: np.random.Generator) -> Iterator[Case]:
    example = Call((DY, np.array([[0.5, 0.25, 1.0]])), {})
    return led_by(example, entrywise_cases(_sigmoid_dZ_call, rng))


def _relu_dZ_call(shape: tuple[int, ...], draw: Draw, options: dict[str, Any]) -> Call:
    return Call((draw(shape), reference.relu(draw(shape))), options)


def _relu_dZ_cases(rng: np.random.Generator) -> Iterator[Case]:
    example = Call((DY, reference.relu(Z)), {})
    return led_by(example, entrywise_cases(_relu_dZ_call, rng))


def _softmax_dZ_call(shape: tuple[int, ...], draw: Draw, options: dict[str, Any]) -> Call:
    return Call((draw(shape), reference.softmax(draw(shape) / 4)), options)


def _softmax_dZ_cases(rng: np.random.Generator) -> Iterator[Case]:
    steps = [
        Step("values", (1, 2)),
        Step("values", (1, 4), single_one, words="a single 1 in dY"),
        Step("values", (3, 4)),
        Step("values", (3, 4), single_one, words="a single 1 in dY"),
        Step("values", (2, 5), normal),
        Step("values", (4, 3), normal),
        Step("edges", (3, 1), normal, words="a single class"),
        Step("edges", (0, 4), normal, words="an empty batch"),
        Step("manners", (3, 4), single, words="float32"),
    ]
    return led_by(Call((DCHANCES, CHANCES), {}), climb(steps, _softmax_dZ_call, rng))


def _bias_call(sizes: ConvSizes, draw: Draw, options: dict[str, Any]) -> Call:
    return Call((draw(sizes.Z_shape()),), options)


def _bias_cases(rng: np.random.Generator) -> Iterator[Case]:
    return led_by(Call((DZ,), {}), conv_cases(_bias_call, rng, first="dZ"))


SHAPES = "right values for every shape"
MANNERS = "arguments unchanged, a new array each time, float32 kept"


def _items(values: int, edges: int, manners: int, words: str) -> tuple[Item, ...]:
    return (
        Item("values", values, SHAPES),
        Item("edges", edges, words),
        Item("manners", manners, MANNERS),
    )


ASSIGNMENT = Assignment(
    name="A2",
    title="Activation and bias",
    chapter="delta-and-activation",
    questions=(
        Question(
            name="sigmoid",
            function="sigmoid",
            signature="(Z)",
            words="Press every entry between 0 and 1.",
            items=_items(7, 3, 2, "a single entry, an empty batch, numbers as large as 1000"),
            cases=_sigmoid_cases,
            right=reference.sigmoid,
            returns=("Y",),
            equation=SIGMOID,
            page="vanilla-network",
            operation="sigmoid",
            mistakes=OF_SIGMOID,
        ),
        Question(
            name="sigmoid_dZ",
            function="sigmoid_dZ",
            signature="(dY, Y)",
            words="Bring a gradient back through the sigmoid, from its output alone.",
            items=_items(13, 3, 2, "a single entry, an empty batch"),
            cases=_sigmoid_dZ_cases,
            right=reference.sigmoid_dZ,
            returns=("dZ",),
            equation="eq-dZ",
            page="delta-and-activation",
            operation="sigmoid_dZ",
        ),
        Question(
            name="relu",
            function="relu",
            signature="(Z)",
            words="Keep what is positive, and put 0 for the rest.",
            items=_items(7, 3, 2, "a single entry, an empty batch"),
            cases=_relu_cases,
            right=reference.relu,
            returns=("Y",),
            equation=RELU,
            page="delta-and-activation",
            operation="relu",
            mistakes=OF_RELU,
        ),
        Question(
            name="relu_dZ",
            function="relu_dZ",
            signature="(dY, Y)",
            words="Bring a gradient back through the ReLU, from its output alone.",
            items=_items(13, 3, 2, "a single entry, an empty batch"),
            cases=_relu_dZ_cases,
            right=reference.relu_dZ,
            returns=("dZ",),
            equation="eq-relu-dZ",
            page="delta-and-activation",
            operation="relu_dZ",
        ),
        Question(
            name="softmax_dZ",
            function="softmax_dZ",
            signature="(dY, Y)",
            words="Bring a gradient back through the softmax, which mixes the entries of a row.",
            items=_items(18, 4, 3, "a single class, an empty batch"),
            cases=_softmax_dZ_cases,
            right=softmax_dZ,
            returns=("dZ",),
            equation=MIXING,
            page="delta-and-activation",
            mistakes=OF_SOFTMAX,
        ),
        Question(
            name="bias",
            function="conv2d_db",
            signature="(dZ)",
            words="Add what every entry of a map says about its bias.",
            items=_items(10, 3, 2, "maps of one entry or one row"),
            cases=_bias_cases,
            right=reference.conv2d_db,
            returns=("db",),
            equation="eq-db",
            page="bias-gradient",
            operation="conv2d_db",
        ),
    ),
)
