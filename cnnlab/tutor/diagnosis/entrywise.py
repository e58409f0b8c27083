"""The mistakes in each step of activations, softmax and losses, see `recipes`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from cnnlab import reference
from cnnlab.operations import Call
from cnnlab.tutor.diagnosis.edits import Edit, argument, twin
from cnnlab.tutor.diagnosis.sharing import MAX_POOL_SPLIT_BACK


def _edit(name: str, words: str, misreading: str, equation: str, stage: str,
          change: Any) -> Edit:  # fmt: skip
    return Edit(name, words, misreading, equation, stage, change)


def _total(**axes: Any) -> Any:
    return lambda products: products.sum(**axes)


def _epsilon(p: Any, truth: Any, B: Any) -> Any:
    weight = (truth * p / (p + 0.001)).sum(axis=1, keepdims=True)
    return weight * (p - truth) / B


def _floored(least: float, way: Any) -> Any:
    return lambda p, truth, B: -np.log(way((p * truth).sum(axis=1), least)).sum() / B


def _logarithm(log: Any) -> Any:
    return lambda p, truth, B: -log((p * truth).sum(axis=1)).sum() / B


# The mistakes


def _of_first(array: np.ndarray) -> np.ndarray:
    """Give every sample the numbers of the first one."""
    return np.broadcast_to(array[:1], array.shape).copy()


def _without(at: int) -> Any:
    """Put 0 for one entry of every row."""

    def change(array: np.ndarray) -> np.ndarray:
        array = np.array(array, float)
        array[..., at] = 0
        return array

    return change


def _slopes(equation: str, prefix: str) -> list[Edit]:
    """Return mistakes that every slope can have."""
    one: Any = lambda Y, **options: np.ones_like(Y)  # noqa: E731
    return [
        _edit(f"{prefix}-slope-left-out", "dY is handed back as it came, without the slope.",
              "The activation was left out on the way back.", equation, "slope", one),
        _edit(f"{prefix}-slope-added", "The slope is added to dY, not multiplied.",
              "A product became a sum.", equation, "product", lambda dY, slope, Y: dY + slope),
        _edit(f"{prefix}-divided-by-slope", "dY is divided by the slope.", "The chain rule was "
              "turned round.", equation, "product", lambda dY, slope, Y: dY / slope),
        _edit(f"{prefix}-slope-squared", "The slope is multiplied twice.", "It was in dY already, "
              "or came in twice.", equation, "product", lambda dY, slope, Y: dY * slope * slope),
        _edit(f"{prefix}-output-multiplied", "The output Y is multiplied as well.", "Y was taken "
              "for a part of the chain.", equation, "product", lambda dY, slope, Y: dY * slope * Y),
        _edit(f"{prefix}-output-of-first-sample", "The slopes of the first sample are used for "
              "all samples.", "Y[0] was written for Y[s].", equation, "call",
              argument(1, _of_first)),
        _edit(f"{prefix}-gradient-of-first-sample", "The first sample of dY is used for all "
              "samples.", "dY[0] was written for dY[s].", equation, "call",
              argument(0, _of_first)),
        _edit(f"{prefix}-arguments-swapped", "dY and Y have changed places.", "The arguments were "
              "taken in the other order.", equation, "call",
              lambda call: Call((call.arguments[1], call.arguments[0]), call.options)),
    ]  # fmt: skip


def _powers(prefix: str, equation: str, low: Any, high: Any, words: tuple[str, str]) -> list[Edit]:
    """Return slopes in which a factor is missing, or there twice or three times."""
    edits = []
    for a, b in np.ndindex(4, 4):
        if (a, b) != (1, 1):
            change: Any = lambda Y, a=a, b=b: low(Y) ** a * high(Y) ** b  # noqa: E731
            edits.append(Edit(
                f"{prefix}-slope-{a}-{b}",
                f"In the slope the factor {words[0]} stands {a} times and "
                f"{words[1]} {b} times; each belongs there once.", "", equation, "slope", change,
                plain=False, rare=True,
            ))  # fmt: skip
    return edits


def _upstream_forgotten(name: str, own: str = "") -> Edit:
    """Return the mistake that the slope itself is handed back."""
    if own:
        return twin(own, np.ones_like, "upstream")
    return _edit(f"{name}-upstream-forgotten", "The slope itself is handed back, whatever dY.",
                 "The derivative of the function was written, and not the chain rule.",
                 "eq-dZ", "upstream", np.ones_like)  # fmt: skip


#: The mistakes of `sigmoid_dZ`.
SIGMOID_BACK: list[Edit] = [
    twin("sigmoid-slope-of-output", argument(1, reference.sigmoid), "call"),
    twin("sigmoid-factor-dropped", lambda Y: Y, "slope"),
    twin("sigmoid-sign-flipped", lambda dY, slope, Y: -dY * slope, "product"),
    twin("sigmoid-never-flat", lambda dY, slope, Y: dY * (slope + 0.01), "product"),
    _upstream_forgotten("sigmoid", "sigmoid-upstream-forgotten"),
    _edit("sigmoid-other-factor-dropped", "The slope is 1 - Y, and Y is missing.",
          "One of the two factors was lost.", "eq-dZ", "slope", lambda Y: 1 - Y),
    _edit("sigmoid-as-tanh", "The slope is that of tanh, 1 - Y squared.", "Both curves have the "
          "same form, so the same formula was used for both.", "eq-dZ", "slope",
          lambda Y: 1 - Y**2),
    _edit("sigmoid-plus-for-minus", "The slope is Y (1 + Y).", "A sign was changed when the "
          "formula was copied.", "eq-dZ", "slope", lambda Y: Y * (1 + Y)),
    _edit("sigmoid-precedence", "A bracket is missing: it is dY Y less Y.", "dY * Y * 1 - Y "
          "is (dY * Y * 1) - Y: a product binds more tightly than a minus.", "eq-dZ", "product",
          lambda dY, slope, Y: dY * Y - Y),
    _edit("sigmoid-function-applied", "The sigmoid itself was applied to the gradient.",
          "Forward and backward were confused.", "eq-dZ", "upstream", reference.sigmoid),
    *_slopes("eq-dZ", "sigmoid"),
    *_powers("sigmoid", "eq-dZ", lambda Y: Y, lambda Y: 1 - Y, ("Y", "1 - Y")),
]  # fmt: skip


#: The mistakes of `tanh_dZ`.
TANH_BACK: list[Edit] = [
    twin("tanh-square-forgotten", lambda Y: 1 - Y, "slope"),
    twin("tanh-as-sigmoid", lambda Y: Y * (1 - Y), "slope"),
    _upstream_forgotten("tanh"),
    _edit("tanh-slope-of-output", "The slope is taken at Y, not at Z.", "1 - tanh(Z) squared "
          "was called with Y for Z.", "eq-tanh-dZ", "call", argument(1, np.tanh)),
    _edit("tanh-precedence", "A bracket is missing: it is dY less Y squared.", "dY * 1 - Y**2 is "
          "(dY * 1) - Y**2: a product binds more tightly than a minus.", "eq-tanh-dZ", "product",
          lambda dY, slope, Y: dY - Y**2),
    _edit("tanh-plus-for-minus", "The slope is 1 + Y squared.", "A sign was changed when the "
          "formula was copied.", "eq-tanh-dZ", "slope", lambda Y: 1 + Y**2),
    *_slopes("eq-tanh-dZ", "tanh"),
    *_powers("tanh", "eq-tanh-dZ", lambda Y: 1 - Y, lambda Y: 1 + Y, ("1 - Y", "1 + Y")),
]  # fmt: skip


#: The mistakes of `relu_dZ`.
RELU_BACK: list[Edit] = [
    twin("relu-at-least-zero", lambda Y: (Y >= 0).astype(Y.dtype), "slope"),
    twin("relu-leaks", lambda Y: np.where(Y > 0, 1, 0.01), "slope"),
    twin("relu-of-gradient", lambda dY, slope, Y: np.where(dY > 0, dY, 0), "product"),
    twin("relu-drops-negative", lambda dY: np.where(dY > 0, dY, 0), "upstream"),
    twin("relu-keeps-output", lambda Y: Y, "slope"),
    _upstream_forgotten("relu"),
    _edit("relu-turned-round", "The gradient passes where nothing passed forward.",
          "The condition was turned round.", "eq-relu-dZ", "slope",
          lambda Y: (Y <= 0).astype(Y.dtype)),
    _edit("relu-output-above-zero-only", "Only outputs above 1 let the gradient pass.",
          "Y > 1 was asked for Y > 0.", "eq-relu-dZ", "slope", lambda Y: (Y > 1).astype(Y.dtype)),
    _edit("relu-half-at-zero", "Where Y is 0, half of the gradient passes.", "The slope at 0 was "
          "taken to be the mean of 0 and 1, as with np.sign or np.heaviside.", "eq-relu-dZ",
          "slope", lambda Y: np.heaviside(Y, 0.5)),
    _edit("relu-whole-rows", "A whole row passes if any of its outputs is positive.",
          "The condition was asked with `any`, and not of each entry.", "eq-relu-dZ", "slope",
          lambda Y: np.broadcast_to((Y > 0).any(-1, keepdims=True), Y.shape).astype(float)),
    _edit("relu-rows-all-positive", "A whole row passes if all of its outputs are positive, and "
          "else nothing of it.", "The condition was asked with `all`, and not of each entry.",
          "eq-relu-dZ", "slope",
          lambda Y: np.broadcast_to((Y > 0).all(-1, keepdims=True), Y.shape).astype(float)),
    *_slopes("eq-relu-dZ", "relu")[1:4],
    *_slopes("eq-relu-dZ", "relu")[5:7],
]  # fmt: skip


#: The mistakes of `leaky_relu_dZ`.
LEAKY_RELU_BACK: list[Edit] = [
    twin("leaky-relu-closed", lambda Y, slope=0.01: (Y > 0).astype(Y.dtype), "slope"),
    twin("leaky-relu-slope-forgotten", lambda Y, slope=0.01: np.where(Y > 0, 1, 0.01), "slope"),
    _upstream_forgotten("leaky-relu"),
    *_slopes("eq-leaky-relu-dZ", "leaky-relu"),
]  # fmt: skip


#: The mistakes of `softmax_dZ`.
SOFTMAX_BACK: list[Edit] = [
    _edit("softmax-diagonal-only", "Only the diagonal of the Jacobian is used: Y (1 - Y).",
          "The slope of the sigmoid was written; but every output of a softmax depends on "
          "every input.", "eq-dZ-jacobian", "product",
          lambda dY, Y, inner: dY * Y * (1 - Y)),
    _edit("softmax-sum-forgotten", "The sum that the outputs share is missing: dY Y alone.",
          "All outputs have one divisor, and its derivative was forgotten.", "eq-dZ-jacobian",
          "product", lambda dY, Y, inner: dY * Y),
    _edit("softmax-sum-over-everything", "The sum runs over all samples, not over one.",
          "``sum()`` without an axis.", "eq-dZ-jacobian", "total", _total()),
    _edit("softmax-sum-over-samples", "The sum runs over the first axis, not over the last.",
          "axis=0 was written for axis=-1.", "eq-dZ-jacobian", "total",
          lambda products: products.sum(axis=0, keepdims=True)),
    _edit("softmax-sum-of-gradient", "The sum is of dY, without Y.", "One factor was lost.",
          "eq-dZ-jacobian", "products", lambda dY, Y: dY),
    _edit("softmax-mean-for-sum", "The mean of dY Y is taken, not the sum.",
          "``mean`` was written for ``sum``.", "eq-dZ-jacobian", "total",
          lambda products: products.mean(axis=-1, keepdims=True)),
    _edit("softmax-output-forgotten", "The factor Y in front is missing: dY less the sum.",
          "One factor was lost.", "eq-dZ-jacobian", "product", lambda dY, Y, inner: dY - inner),
    _edit("softmax-sum-not-multiplied", "The sum is subtracted without the factor Y.",
          "A bracket was forgotten: Y dY - sum.", "eq-dZ-jacobian", "product",
          lambda dY, Y, inner: Y * dY - inner),
    _edit("softmax-sign-of-sum", "The sum is added, not subtracted.", "A sign was lost.",
          "eq-dZ-jacobian", "product", lambda dY, Y, inner: Y * (dY + inner)),
    _edit("softmax-off-diagonal-only", "The diagonal of the Jacobian is missing.",
          "The case of equal indices was left out.", "eq-dZ-jacobian", "product",
          lambda dY, Y, inner: Y * (dY * Y - inner)),
    _edit("softmax-upstream-forgotten", "The slope of each output is handed back, whatever dY.",
          "The derivative was written, and not the chain rule.", "eq-dZ-jacobian", "product",
          lambda dY, Y, inner: Y * (1 - Y)),
    _edit("softmax-columns-summed", "The entries of each column of the Jacobian are added, "
          "whatever dY.", "dY was taken to be 1 everywhere.", "eq-dZ-jacobian", "upstream",
          np.ones_like),
    _edit("softmax-slope-forgotten", "dY is handed back as it came.", "The activation was left "
          "out on the way back.", "eq-dZ-jacobian", "product", lambda dY, Y, inner: dY),
    _edit("softmax-applied-again", "The softmax of Y is used, not Y.", "Y was taken for Z.",
          "eq-dZ-jacobian", "call", argument(1, reference.softmax)),
    *(
        _edit(f"softmax-{end}-class-missed{more}", f"The {end} class is left out of the sum{words}",
              "A range stops one step too early or begins one too late.", "eq-dZ-jacobian", stage,
              change)
        for end, at in (("last", -1), ("first", 0))
        for more, words, stage, change in (
            ("", ".", "upstream", _without(at)),
            ("-in-bracket", " that is subtracted.", "products",
             lambda dY, Y, at=at: _without(at)(dY * Y)))
    ),
    _edit("softmax-output-of-first-sample", "The Jacobian of the first sample is used for all "
          "samples.", "Y[0] was written for Y[s].", "eq-dZ-jacobian", "call",
          argument(1, _of_first)),
    _edit("softmax-minus-one-hot", "dZ = Y - dY.", "The gradient of softmax and cross-entropy "
          "together was written.", "eq-dZ-jacobian", "product", lambda dY, Y, inner: Y - dY),
]  # fmt: skip


def _function(name: str, words: str, misreading: str, equation: str, change: Any) -> Edit:
    return _edit(name, words, misreading, equation, "function", change)


def _treated(function: Callable[..., Any]) -> Any:
    """Apply a function to the first sample alone."""

    def change(Z: Any) -> np.ndarray:
        Y = np.array(Z, float)
        Y[:1] = function(Y[:1])
        return Y

    return change


def _of_all(name: str, function: Callable[..., Any]) -> list[Edit]:
    """Return what can go wrong with any function of each entry."""
    equation = f"eq-{name}"
    return [
        _function(f"{name}-first-sample-only", "Only the first sample is treated, the others pass "
                  "as they are.", "Z[0] was written, or the loop ends after one sample.", equation,
                  _treated(function)),
        _function(f"{name}-of-absolute", "Negative numbers get the value of positive ones.",
                  "The form with |Z|, which is safe from overflow, was used for both signs.",
                  equation, lambda Z: function(np.abs(Z))),
        *(
            _function(f"{name}-clipped-at-{end}", f"Z is cut off at -{end} and {end} before the "
                      "function is applied.", "It was to keep exp from overflowing, and "
                      "cuts off far too early.", equation,
                      lambda Z, end=end: function(np.clip(Z, -end, end)))
            for end in (1, 2, 3, 4, 5, 6, 8, 10)
        ),
    ]  # fmt: skip


with_signs: list[tuple[str, str, str, Any]] = [
    ("sigmoid-sign-of-exponent", "The exponent has the wrong sign: the curve falls.",
     "exp(Z) was written for exp(-Z).", lambda Z: 1 / (1 + np.exp(Z))),
    ("sigmoid-is-tanh", "It is tanh.", "Two curves of one form were mixed up.", np.tanh),
    ("sigmoid-one-forgotten", "It is exp(Z), or 1 / exp(-Z).", "The 1 below the line is "
     "missing.", np.exp),
    ("sigmoid-minus-for-plus", "The divisor is 1 - exp(-Z).", "A sign was changed when the "
     "formula was copied.", lambda Z: 1 / (1 - np.exp(-Z))),
    ("sigmoid-is-its-slope", "It is the slope of the sigmoid, not the sigmoid.",
     "Function and derivative were mixed up.",
     lambda Z: reference.sigmoid(Z) * (1 - reference.sigmoid(Z))),
    ("sigmoid-twice", "The sigmoid is applied twice.", "It was applied in a helper already.",
     lambda Z: reference.sigmoid(reference.sigmoid(Z))),
    ("sigmoid-is-softmax", "It is the softmax.", "Two activations were mixed up.",
     reference.softmax),
    ("sigmoid-of-half", "It is (1 + tanh(Z)) / 2: the curve is twice as steep.",
     "tanh(Z / 2) stands in the formula.", lambda Z: (1 + np.tanh(Z)) / 2),
    ("sigmoid-precedence", "It is 1 + exp(-Z).", "Brackets are missing: 1 / 1 + exp(-Z) divides "
     "the 1 alone.", lambda Z: 1 + np.exp(-Z)),
    ("sigmoid-nan-hidden", "Where Z is large, 0 stands for 1.", "exp(Z) / (1 + exp(Z)) is not a "
     "number there, and nan_to_num has made it 0.",
     lambda Z: np.nan_to_num(np.exp(Z) / (1 + np.exp(Z)))),
    ("sigmoid-hard", "It is a straight line, cut off at 0 and 1.", "An approximation was "
     "written.", lambda Z: np.clip(Z / 4 + 0.5, 0, 1)),
]  # fmt: skip


#: The mistakes of `sigmoid`.
SIGMOID: list[Edit] = [
    *(_function(name, words, why, "eq-sigmoid", change) for name, words, why, change in with_signs),
    *_of_all("sigmoid", reference.sigmoid),
]  # fmt: skip


#: The mistakes of `tanh`.
TANH: list[Edit] = [
    _function("tanh-is-sigmoid", "It is the sigmoid.", "Two curves of one form were mixed up.",
              "eq-tanh", reference.sigmoid),
    _function("tanh-half-as-steep", "It is tanh(Z / 2).", "2 sigmoid(2 Z) - 1 was written "
              "without the inner 2.", "eq-tanh", lambda Z: np.tanh(np.asarray(Z) / 2)),
    _function("tanh-is-tan", "It is the tangent.", "np.tan was written for np.tanh.", "eq-tanh",
              np.tan),
    _function("tanh-turned-over", "The curve falls.", "A sign was changed.", "eq-tanh",
              lambda Z: np.tanh(-np.asarray(Z))),
    *_of_all("tanh", np.tanh)[:7],
]  # fmt: skip


#: The mistakes of `relu`.
RELU: list[Edit] = [
    _function("relu-absolute", "Negative entries changed their sign.", "|Z| was taken for "
              "max(Z, 0).", "eq-relu", np.abs),
    _function("relu-negative-kept", "Negative entries are kept, and positive ones became 0.",
              "``minimum`` was written for ``maximum``.", "eq-relu",
              lambda Z: np.minimum(Z, 0)),
    _function("relu-leaky", "Negative entries are made smaller, not 0.", "It is the leaky "
              "ReLU.", "eq-relu", lambda Z: np.where(np.asarray(Z) > 0, Z, 0.01 * np.asarray(Z))),
    _function("relu-step", "Positive entries became 1.", "The slope was written, not the "
              "function.", "eq-relu", lambda Z: (np.asarray(Z) > 0).astype(float)),
    _function("relu-nothing", "Nothing was done: Z came back.", "The result was not kept.",
              "eq-relu", lambda Z: np.array(Z)),
    _function("relu-at-most-one", "Entries above 1 became 1.", "Both ends were cut.", "eq-relu",
              lambda Z: np.clip(Z, 0, 1)),
    _function("relu-above-one-only", "Only what is above 1 passes.", "Z > 1 was asked for Z > 0.",
              "eq-relu", lambda Z: np.where(np.asarray(Z) > 1, Z, 0)),
    _function("relu-softplus", "It is log(1 + exp(Z)), the softplus.", "That is the smooth "
              "relative of the ReLU.", "eq-relu", lambda Z: np.logaddexp(0, Z)),
    *_of_all("relu", reference.relu)[:1],
    _function("relu-at-least-one", "Entries below 1 became 1.", "max(Z, 1) was written for "
              "max(Z, 0).", "eq-relu", lambda Z: np.maximum(Z, 1)),
    _function("relu-largest-entry", "It is the largest entry, everywhere.", "``max`` of the "
              "array was taken, not of each entry and 0.", "eq-relu",
              lambda Z: np.full_like(Z, max(np.max(Z), 0))),
]  # fmt: skip


#: The mistakes of `softmax`.
SOFTMAX: list[Edit] = [
    _edit("softmax-sum-over-everything", "The sum runs over all samples: all entries of the "
          "batch add up to 1.", "``sum()`` without an axis.", "eq-softmax", "total",
          lambda powers: powers.sum()),
    _edit("softmax-sum-over-samples", "The sum runs over the first axis, not over the last.",
          "axis=0 was written for axis=-1.", "eq-softmax", "total",
          lambda powers: powers.sum(axis=0, keepdims=True)),
    _edit("softmax-not-divided", "The powers are not divided by their sum.", "The last step is "
          "missing.", "eq-softmax", "share", lambda powers, total: powers),
    _edit("softmax-exponential-forgotten", "The scores themselves are divided by their sum.",
          "exp is missing.", "eq-softmax", "power", lambda Z: Z),
    _edit("softmax-of-two", "The powers are of 2, not of e.", "``2 ** Z`` was written for exp.",
          "eq-softmax", "power", np.exp2),
    _edit("softmax-divided-by-mean", "The powers are divided by their mean.", "``mean`` was "
          "written for ``sum``.", "eq-softmax", "total",
          lambda powers: powers.mean(axis=-1, keepdims=True)),
    _edit("softmax-of-negative", "The signs of the scores are turned.", "exp(-Z) of the sigmoid "
          "was written.", "eq-softmax", "call", argument(0, lambda Z: -np.asarray(Z))),
    _edit("softmax-as-sigmoid", "Every score has a sigmoid of its own.", "Two activations were "
          "mixed up.", "eq-softmax", "share",
          lambda powers, total: 1 / (1 + 1 / powers)),
    _edit("softmax-one-added", "The divisor has a 1 in it.", "The divisor of the sigmoid was "
          "in mind.", "eq-softmax", "total",
          lambda powers: 1 + powers.sum(axis=-1, keepdims=True)),
]  # fmt: skip


#: The mistakes of `log_softmax`.
LOG_SOFTMAX: list[Edit] = [
    _edit("log-softmax-logarithm-forgotten", "It is the softmax.", "The logarithm is missing.",
          "eq-log-softmax", "logarithm", lambda Y: Y),
    _edit("log-softmax-of-two", "The logarithm is to the base 2.", "np.log2 was written.",
          "eq-log-softmax", "logarithm", np.log2),
    _edit("log-softmax-of-ten", "The logarithm is to the base 10.", "np.log10 was written.",
          "eq-log-softmax", "logarithm", np.log10),
    *SOFTMAX,
]  # fmt: skip


#: The mistakes of `squared_error`.
SQUARED_ERROR: list[Edit] = [
    twin("squared-error-factor-two", lambda Y, T, B: 2 * (Y - T) / B, "gradient"),
    twin("squared-error-mean-of-all", lambda Y, T, B: (Y - T) / max(Y.size, 1), "gradient"),
    _edit("squared-error-half-forgotten", "The loss is twice as large: the 1/2 is missing.",
          "The mean of squares was written.", "eq-squared-error", "loss",
          lambda Y, T, B: ((Y - T) ** 2).sum() / B),
    _edit("squared-error-loss-mean-of-all", "The loss is divided by the number of entries.",
          "``np.mean`` takes the mean over everything.", "eq-squared-error", "loss",
          lambda Y, T, B: 0.5 * ((Y - T) ** 2).mean()),
    _edit("squared-error-not-a-mean", "Loss and gradient are sums over the batch.",
          "The division by B is missing.", "eq-squared-error", "batch", lambda Y: 1),
    _edit("squared-error-gradient-not-a-mean", "The gradient is that of the sum over the "
          "batch.", "The loss was made a mean, and its gradient was not.", "eq-squared-error",
          "gradient",
          lambda Y, T, B: Y - T),
    _edit("squared-error-loss-a-sum", "The loss is a sum over the batch.", "The division by B "
          "is missing.", "eq-squared-error", "loss", lambda Y, T, B: 0.5 * ((Y - T) ** 2).sum()),
    _edit("squared-error-sign-flipped", "The gradient points the wrong way.", "T - Y was "
          "written for Y - T.", "eq-squared-error", "gradient", lambda Y, T, B: (T - Y) / B),
    _edit("squared-error-root", "The loss is the root of what it should be.", "A distance was "
          "taken, not its square.", "eq-squared-error", "loss",
          lambda Y, T, B: np.sqrt(((Y - T) ** 2).sum() / B)),
    _edit("squared-error-absolute", "The loss is of absolute values.", "The square was "
          "forgotten.", "eq-squared-error", "loss", lambda Y, T, B: np.abs(Y - T).sum() / B),
]  # fmt: skip


#: The mistakes of `cross_entropy`.
CROSS_ENTROPY: list[Edit] = [
    twin("cross-entropy-not-a-mean", lambda p, truth, B: p - truth, "gradient"),
    twin("cross-entropy-sign-flipped", lambda p, truth, B: (truth - p) / B, "gradient"),
    twin("cross-entropy-one-class",
         lambda p, truth, B: np.where(truth == 1, p - 1, 0) / B, "gradient"),
    twin("cross-entropy-slope-twice",
         lambda p, truth, B: (p - truth) * p * (1 - p) / B, "gradient"),
    twin("cross-entropy-epsilon", _epsilon, "gradient"),
    _edit("cross-entropy-truth-forgotten", "The gradient is the probabilities alone.",
          "The 1 of the true class was not subtracted.", "eq-cross-entropy-dZ", "gradient",
          lambda p, truth, B: p / B),
    _edit("cross-entropy-of-probability", "The gradient is that for the probabilities, -1/p.",
          "The softmax was not gone back through.", "eq-cross-entropy-dZ", "gradient",
          lambda p, truth, B: -truth / np.where(p == 0, 1, p) / B),
    _edit("cross-entropy-both-sums", "Loss and gradient are sums over the batch.",
          "The division by B is missing.", "eq-cross-entropy", "batch", lambda Z: 1),
    _edit("cross-entropy-loss-a-sum", "The loss is a sum over the batch.",
          "The division by B is missing.", "eq-cross-entropy", "loss",
          lambda p, truth, B: -np.log((p * truth).sum(axis=1)).sum()),
    _edit("cross-entropy-loss-sign", "The loss has the wrong sign.", "The minus in front is "
          "missing.", "eq-cross-entropy", "loss", lambda p, truth,
          B: np.log((p * truth).sum(axis=1)).sum() / B),
    _edit("cross-entropy-loss-in-bits", "The loss is in bits, not in nats.", "np.log2 was "
          "written for np.log.", "eq-cross-entropy", "loss", _logarithm(np.log2)),
    _edit("cross-entropy-loss-of-ten", "The logarithm is to the base 10.", "np.log10 was "
          "written for np.log.", "eq-cross-entropy", "loss", _logarithm(np.log10)),
    _edit("cross-entropy-loss-without-logarithm", "The loss is the probability, without "
          "logarithm.", "The logarithm is missing.", "eq-cross-entropy", "loss",
          lambda p, truth, B: -(p * truth).sum() / B),
    _edit("cross-entropy-all-classes", "The loss counts the other classes as well.",
          "The binary form, with log(1 - p), was used.", "eq-cross-entropy", "loss",
          lambda p, truth, B: -np.where(truth == 1, np.log(p), np.log1p(-p)).sum() / B),
    _edit("cross-entropy-softmax-forgotten", "The scores are taken for probabilities.",
          "The softmax inside is missing.", "eq-cross-entropy", "probabilities", np.array),
    _edit("cross-entropy-softmax-of-samples", "The softmax runs over the samples, and not over the "
          "classes.", "axis=0 was written for axis=1.", "eq-cross-entropy", "probabilities",
          lambda Z: reference.softmax(Z.T).T),
    _edit("cross-entropy-of-answer", "In the gradient the 1 is subtracted at the class with the "
          "highest score, and not at the label.", "argmax was used for the label.",
          "eq-cross-entropy-dZ", "gradient",
          lambda p, truth, B: (p - (np.arange(p.shape[1]) == p.argmax(1)[:, None])) / B),
    _edit("cross-entropy-sum-forgotten", "The loss is minus the shifted score: the logarithm of "
          "the sum is missing.", "log p is the score less the logarithm of the sum of all powers.",
          "eq-cross-entropy", "loss",
          lambda p, truth, B: -np.log((p * truth).sum(axis=1) / p.max(axis=1)).sum() / B),
    _edit("cross-entropy-all-labels-subtracted", "In the gradient the 1 is subtracted for every "
          "label of the batch in every sample.", "dZ[:, labels] was written for "
          "dZ[np.arange(B), labels].", "eq-cross-entropy-dZ", "gradient",
          lambda p, truth, B: (p - truth.any(axis=0)) / B),
    _edit("cross-entropy-of-every-class", "The loss adds up the logarithms of all classes.",
          "The true class was not picked out.", "eq-cross-entropy", "loss",
          lambda p, truth, B: -np.log(p).sum() / B),
    *(
        _edit(f"cross-entropy-label-{way}", f"The class {side} the label is taken for the true "
              "one.", "Labels were counted from 1, or from -1.", "eq-cross-entropy", "call",
              lambda call, by=by: Call(
                  (call.arguments[0], (call.arguments[1] + by) % np.shape(call.arguments[0])[-1]),
                  call.options))
        for way, side, by in (("minus-one", "before", -1), ("plus-one", "behind", 1))
    ),
    _edit("cross-entropy-truth-added", "The 1 of the true class is added in the gradient, and not "
          "subtracted.", "A sign was lost.", "eq-cross-entropy-dZ", "gradient",
          lambda p, truth, B: (p + truth) / B),
    _edit("cross-entropy-squares", "The loss is a sum of squares, as for the squared error.",
          "Two losses were mixed up.", "eq-cross-entropy", "loss",
          lambda p, truth, B: ((p - truth) ** 2).sum() / B),
    _edit("cross-entropy-twice-gradient", "The gradient is twice the right one.", "The 2 of a "
          "squared error was written.", "eq-cross-entropy-dZ", "gradient",
          lambda p, truth, B: 2 * (p - truth) / B),
    _edit("cross-entropy-mean-over-classes", "The gradient is divided by the number of classes as "
          "well.", "``mean`` was taken over all entries.", "eq-cross-entropy-dZ", "gradient",
          lambda p, truth, B: (p - truth) / B / p.shape[1]),
    *(
        _edit(f"cross-entropy-{kind}-1e-{digits}", f"The probabilities are {words} 1e-{digits} "
              "before their logarithm is taken.", "It keeps the logarithm finite, and makes every "
              "loss of an unlikely class too small.", "eq-log-softmax", "loss",
              _floored(10.0**-digits, way))
        for digits in (5, 6, 7, 8, 9, 12, 15)
        for kind, words, way in (("at-least", "raised to", np.maximum), ("plus", "raised by",
                                                                          np.add))
    ),
    _edit("cross-entropy-softmax-twice", "The softmax is applied twice.", "The scores were "
          "taken for probabilities, and made such again.", "eq-cross-entropy", "probabilities",
          lambda Z: reference.softmax(reference.softmax(Z))),
]  # fmt: skip


#: For each operation how the names of its mistakes begin, the equation, and the mistakes.
ENTRYWISE: dict[str, tuple[str, str, Any]] = {
    "sigmoid": ("sigmoid", "eq-sigmoid", SIGMOID),
    "sigmoid_dZ": ("sigmoid-dZ", "eq-dZ", SIGMOID_BACK),
    "tanh": ("tanh", "eq-tanh", TANH),
    "tanh_dZ": ("tanh-dZ", "eq-tanh-dZ", TANH_BACK),
    "relu": ("relu", "eq-relu", RELU),
    "relu_dZ": ("relu-dZ", "eq-relu-dZ", RELU_BACK),
    "leaky_relu_dZ": ("leaky-relu-dZ", "eq-leaky-relu-dZ", LEAKY_RELU_BACK),
    "softmax": ("softmax", "eq-softmax", SOFTMAX),
    "log_softmax": ("log-softmax", "eq-log-softmax", LOG_SOFTMAX),
    "softmax_dZ": ("softmax-dZ", "eq-dZ-jacobian", SOFTMAX_BACK),
    "squared_error": ("squared-error", "eq-squared-error", SQUARED_ERROR),
    "cross_entropy": ("cross-entropy", "eq-cross-entropy", CROSS_ENTROPY),
    "max_pool2d_dX_split": ("split", "eq-subgradient", MAX_POOL_SPLIT_BACK),
}
