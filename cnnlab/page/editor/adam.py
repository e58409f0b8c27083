"""One step of Adam, and its mistakes: each does one or two parts of the step in another way."""

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from cnnlab.model import Parameter
from cnnlab.optimizers import Adam

LABEL = "eq-adam"


class Slip(NamedTuple):
    """A mistake: its name, what is wrong, how it comes about, and what is done instead."""

    name: str
    words: str
    misreading: str
    parts: Mapping[str, Callable[..., Any]]
    equation: str = LABEL


def right(
    w: Any, dw: Any, a: Any, u: Any, t: int,
    learning_rate: float, beta1: float, beta2: float, epsilon: float,
) -> tuple[Any, Any, Any]:  # fmt: skip
    """Take the step with `cnnlab.optimizers.Adam`; return the new w, a and u."""
    adam = Adam(learning_rate, beta1=beta1, beta2=beta2, epsilon=epsilon)
    adam.set_state({"steps": t - 1, "w.first_moment": a, "w.second_moment": u})
    parameter = Parameter("w", w.copy(), dw)
    adam.step(SimpleNamespace(parameters=lambda: [parameter]))
    state = adam.state()
    return parameter.value, state["w.first_moment"], state["w.second_moment"]


def wrong(given: tuple[Any, ...], slips: tuple[Slip, ...]) -> tuple[Any, Any, Any]:
    """Take the step with mistakes in it."""
    w, g, a, u, t, rate, beta1, beta2, epsilon = given
    do = dict(PARTS)
    for slip in slips:
        do.update(slip.parts)
    # In the page a division by 0 stops, and a root of a negative number is NaN.
    with np.errstate(all="ignore", divide="raise"):
        a, u = do["a"](a, g, beta1, beta2), do["u"](u, g, a, beta2, beta1)
        a_hat, u_hat = do["a_hat"](a, beta1, t), do["u_hat"](u, beta2, t)
        move = do["move"](a_hat, u_hat, epsilon, g)
        return (do["w"](w, rate, move), *do["kept"](a, u, a_hat, u_hat, given))


#: The step of equation (eq-adam), part by part.
PARTS: dict[str, Callable[..., Any]] = {
    "a": lambda a, g, beta1, beta2: beta1 * a + (1 - beta1) * g,
    "u": lambda u, g, a, beta2, beta1: beta2 * u + (1 - beta2) * g**2,
    "a_hat": lambda a, beta1, t: a / (1 - beta1**t),
    "u_hat": lambda u, beta2, t: u / (1 - beta2**t),
    "move": lambda a_hat, u_hat, epsilon, g: a_hat / (np.sqrt(u_hat) + epsilon),
    "w": lambda w, rate, move: w - rate * move,
    "kept": lambda a, u, a_hat, u_hat, given: (a, u),
}


def _slip(name: str, words: str, misreading: str = "", **parts: Any) -> Slip:
    label = "eq-bias-correction" if set(parts) <= {"a_hat", "u_hat"} else LABEL
    return Slip(f"adam-{name}", words, misreading, parts, label)


def _corrected(change: Callable[[Any, float, int], Any]) -> dict[str, Callable[..., Any]]:
    return {"a_hat": change, "u_hat": change}


SLIPS = (
    _slip("no-correction", "The two means are not divided by 1 - beta ** t.",
          "They start at 0, and in the first steps they are too small.",
          **_corrected(lambda mean, beta, t: mean)),
    _slip("first-not-corrected", "a is not divided by 1 - beta1 ** t.", "",
          a_hat=lambda a, beta1, t: a),
    _slip("second-not-corrected", "u is not divided by 1 - beta2 ** t.", "",
          u_hat=lambda u, beta2, t: u),
    _slip("correction-of-first-step", "The means are divided by 1 - beta, in every step.",
          "The power t is missing.", **_corrected(lambda mean, beta, t: mean / (1 - beta))),
    _slip("correction-times-t", "The means are divided by 1 - beta * t.",
          "A product was written for the power.",
          **_corrected(lambda mean, beta, t: mean / (1 - beta * t))),
    _slip("steps-from-0", "The means are divided by 1 - beta ** (t - 1).",
          "The steps were counted from 0; t is 1 in the first step, where this divides by 0.",
          **_corrected(lambda mean, beta, t: mean / (1 - np.float64(beta) ** (t - 1)))),
    _slip("one-step-further", "The means are divided by 1 - beta ** (t + 1).",
          "1 was added to t, which is 1 already in the first step.",
          **_corrected(lambda mean, beta, t: mean / (1 - beta ** (t + 1)))),
    _slip("correction-multiplied", "The means are multiplied by 1 - beta ** t, not divided.", "",
          **_corrected(lambda mean, beta, t: mean * (1 - beta**t))),
    _slip("first-weights-swapped", "a is (1 - beta1) * a + beta1 * dw.",
          "The two weights of the mean have changed places.",
          a=lambda a, g, beta1, beta2: (1 - beta1) * a + beta1 * g),
    _slip("second-weights-swapped", "u is (1 - beta2) * u + beta2 * dw ** 2.",
          "The two weights of the mean have changed places.",
          u=lambda u, g, a, beta2, beta1: (1 - beta2) * u + beta2 * g**2),
    _slip("betas-swapped", "beta1 and beta2 have changed places in the two means.", "",
          a=lambda a, g, beta1, beta2: beta2 * a + (1 - beta2) * g,
          u=lambda u, g, a, beta2, beta1: beta1 * u + (1 - beta1) * g**2),
    _slip("first-without-weight", "a is beta1 * a + dw.",
          "That is a velocity, as of momentum; a mean has weights that add up to 1.",
          a=lambda a, g, beta1, beta2: beta1 * a + g),
    _slip("second-without-weight", "u is beta2 * u + dw ** 2.",
          "A mean has weights that add up to 1.",
          u=lambda u, g, a, beta2, beta1: beta2 * u + g**2),
    _slip("first-forgets", "a is (1 - beta1) * dw: what it was before is lost.", "",
          a=lambda a, g, beta1, beta2: (1 - beta1) * g),
    _slip("second-forgets", "u is (1 - beta2) * dw ** 2: what it was before is lost.", "",
          u=lambda u, g, a, beta2, beta1: (1 - beta2) * g**2),
    _slip("not-squared", "u is a mean of dw, not of its square.", "",
          u=lambda u, g, a, beta2, beta1: beta2 * u + (1 - beta2) * g),
    _slip("absolute-value", "u is a mean of the absolute values of dw, not of the squares.", "",
          u=lambda u, g, a, beta2, beta1: beta2 * u + (1 - beta2) * np.abs(g)),
    _slip("weight-squared", "The weight 1 - beta2 is squared together with dw.",
          "The bracket closes too late.",
          u=lambda u, g, a, beta2, beta1: beta2 * u + ((1 - beta2) * g) ** 2),
    _slip("square-of-mean", "u is a mean of the squares of a, not of dw.",
          "The mean of squares is not the square of a mean.",
          u=lambda u, g, a, beta2, beta1:
          beta2 * u + (1 - beta2) * (beta1 * a + (1 - beta1) * g) ** 2),
    _slip("no-root", "The step is divided by u, not by its root.", "",
          move=lambda a_hat, u_hat, epsilon, g: a_hat / (u_hat + epsilon)),
    _slip("epsilon-inside", "epsilon is added under the root.", "",
          move=lambda a_hat, u_hat, epsilon, g: a_hat / np.sqrt(u_hat + epsilon)),
    _slip("no-epsilon", "epsilon is not added.", "",
          move=lambda a_hat, u_hat, epsilon, g: a_hat / np.sqrt(u_hat)),
    _slip("epsilon-after", "epsilon is added to the quotient, not to the root.",
          "Brackets around the sum below the line are missing.",
          move=lambda a_hat, u_hat, epsilon, g: a_hat / np.sqrt(u_hat) + epsilon),
    _slip("gradient-for-mean", "The step goes along dw, and not along its mean a.", "",
          move=lambda a_hat, u_hat, epsilon, g: g / (np.sqrt(u_hat) + epsilon)),
    _slip("not-divided", "The step is not divided by the root of u.", "",
          move=lambda a_hat, u_hat, epsilon, g: a_hat),
    _slip("multiplied-by-root", "The step is multiplied by the root of u, not divided.", "",
          move=lambda a_hat, u_hat, epsilon, g: a_hat * (np.sqrt(u_hat) + epsilon)),
    _slip("uphill", "The step goes up: + for -.", "", w=lambda w, rate, move: w + rate * move),
    _slip("no-learning-rate", "The step is not multiplied by the learning rate.", "",
          w=lambda w, rate, move: w - move),
    _slip("step-for-weight", "The step is returned in the place of the new w.", "",
          w=lambda w, rate, move: rate * move),
    _slip("w-not-moved", "w is returned as it came.", "", w=lambda w, rate, move: w),
    _slip("corrected-kept", "The corrected means are kept for the next step.",
          "Divided anew in every step, they grow without reason: keep a and u as they are.",
          kept=lambda a, u, a_hat, u_hat, given: (a_hat, u_hat)),
    _slip("means-not-kept", "a and u come back as they were: the next step knows nothing of this.",
          "", kept=lambda a, u, a_hat, u_hat, given: given[2:4]),
)  # fmt: skip
