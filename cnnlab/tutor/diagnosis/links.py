"""The mistakes in each step of the network of A5, see `chains`.

Those of the operations that it is made of are not listed: they can be made in every step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations, permutations
from typing import Any

import numpy as np

from cnnlab import reference
from cnnlab.operations import Call
from cnnlab.tutor import networks
from cnnlab.tutor.diagnosis.chains import Moment, batches, flattened
from cnnlab.tutor.diagnosis.edits import Edit

__all__ = ["LINKS"]

NAMES = ("w", "b", "W", "c")
AXES = ("patterns", "rows", "columns")
MOMENTUM = 0.9


def _edit(name: str, words: str, misreading: str, equation: str, stage: str, change: Any,
          **more: Any) -> Edit:  # fmt: skip
    return Edit(name, words, misreading, equation, stage, change, **more)


def _orders() -> Iterator[tuple[tuple[int, ...], str]]:
    """Yield each wrong order of the axes of a map, and words for it."""
    for order in permutations((1, 2, 3)):
        if order != (1, 2, 3):
            yield order, ", ".join(AXES[axis - 1] for axis in order)


def _flat_in(order: tuple[int, ...]) -> Callable[[np.ndarray], np.ndarray]:
    return lambda Y: flattened(Y.transpose(0, *order))


def _put_back_in(order: tuple[int, ...]) -> Callable[..., np.ndarray]:
    def change(flat: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
        moved = flat.reshape(shape[0], *(shape[axis] for axis in order))
        return moved.transpose(0, *(1 + order.index(axis) for axis in (1, 2, 3)))

    return change


def _bias_behind(parameters: Any, X: np.ndarray) -> Any:
    w, b, W, c = (parameters[name] for name in NAMES)
    Y = reference.sigmoid(reference.conv2d(X, w)) + b[:, np.newaxis, np.newaxis]
    return Y, flattened(Y) @ W.T + c


def _unfilled(rows: int, columns: int) -> Callable[..., np.ndarray]:
    """Search, and leave the last row or column 0."""

    def change(X: np.ndarray, w: np.ndarray, b: np.ndarray) -> np.ndarray:
        Z = reference.conv2d(X, w, b)
        inside = np.zeros(Z.shape[2:])
        inside[: Z.shape[2] - rows, : Z.shape[3] - columns] = 1
        return Z * inside

    return change


#: What stands in the place of the sigmoid, or is applied to the scores.
CURVES: list[tuple[str, str, Callable[..., Any]]] = [
    ("relu", "a ReLU", reference.relu),
    ("tanh", "tanh", np.tanh),
    ("softmax", "a softmax", reference.softmax),
]


#: The mistakes of `forward`.
FORWARD: list[Edit] = [
    *(
        _edit(f"forward-{name}-for-sigmoid", f"Y is the output of {words}, not of the sigmoid.",
              "Two activations were mixed up.", "eq-sigmoid", "sigmoid", change)
        for name, words, change in CURVES
    ),
    *(
        _edit(f"forward-{name}-of-scores", f"The scores went through {words}.",
              "The loss expects the scores as the dense layer makes them.", "eq-vanilla", "scores",
              change)
        for name, words, change in CURVES
    ),
    *(
        _edit(f"forward-flattened-{''.join(map(str, order))}", "The maps are flattened in another "
              f"order: {words}, the last changing fastest.", "Axes were moved before the reshape.",
              "eq-flatten", "flatten", _flat_in(order))
        for order, words in _orders()
    ),
    _edit("forward-flattened-by-columns", "The maps are flattened in the order of Fortran.",
          'order="F" was written.', "eq-flatten", "flatten",
          lambda Y: Y.reshape(len(Y), int(np.prod(Y.shape[1:])), order="F")),
    *(
        _edit(f"forward-last-{name}-never-filled", f"The last {words} of the response is never "
              "filled: 0 goes into the sigmoid there.", "A range ends one step too early.",
              "eq-pattern-search", "search", _unfilled(rows, columns))
        for name, words, rows, columns in (
            ("row", "row", 1, 0), ("column", "column", 0, 1),
            ("row-and-column", "row and the last column", 1, 1))
    ),
    _edit("forward-bias-behind-sigmoid", "The biases b are added behind the sigmoid.",
          "They belong to the search, within the brackets.", "eq-pattern-search", "whole",
          _bias_behind),
]  # fmt: skip


def _of_one(at: int) -> Callable[[Call], Call]:
    """Go back with one sample alone."""

    def change(call: Call) -> Call:
        parameters, *arrays = call.arguments
        one = slice(at, at + 1 or None)
        return Call((parameters, *(array[one] for array in arrays)), call.options)

    return change


def _through_sigmoid(dscores: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Go back through a sigmoid that the scores never went through."""
    return dscores * reference.sigmoid(scores) * (1 - reference.sigmoid(scores))


def _through_softmax(dscores: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Go back through the softmax, which the loss has done already."""
    p = reference.softmax(scores)
    return p * (dscores - (dscores * p).sum(axis=1, keepdims=True))


#: The mistakes of `backward`.
BACKWARD: list[Edit] = [
    _edit("backward-last-sample-only", "Only the last sample of the batch counts.", "``=`` was "
          "written for ``+=`` in the loop over the samples.", "eq-dw", "call", _of_one(-1)),
    _edit("backward-scores-through-sigmoid", "The gradient of the scores went back through a "
          "sigmoid.", "The scores never went through one.", "eq-vanilla-dX", "upstream",
          _through_sigmoid),
    _edit("backward-scores-through-softmax", "The softmax of the scores was gone back through.",
          "In dscores it has been gone back through already.", "eq-cross-entropy-dZ", "upstream",
          _through_softmax),
    _edit("backward-not-a-mean", "All gradients are multiplied by the number of samples.",
          "The division by B, which is in dscores, was undone.", "eq-cross-entropy-dZ", "upstream",
          lambda dscores, scores: dscores * len(dscores)),
    *(
        _edit(f"backward-unflattened-{''.join(map(str, order))}", "The gradient of the flat "
              f"numbers is put back in another order: {words}.", "It was reshaped to another "
              "shape, and its axes moved.", "eq-flatten", "unflatten", _put_back_in(order))
        for order, words in _orders()
    ),
    *(
        _edit(f"backward-flattened-{''.join(map(str, order))}", "For the gradient of W the maps "
              f"are flattened in another order: {words}.", "The flat numbers of `forward` were "
              "not used again.", "eq-flatten", "flatten", _flat_in(order))
        for order, words in _orders()
    ),
]  # fmt: skip


Move = Callable[[np.ndarray, np.ndarray, float], np.ndarray]

#: What is done with a parameter p, its gradient g and the rate: name, words, change.
MOVES: list[tuple[str, str, Move]] = [
    ("uphill", "p + rate g: it moves along the gradient", lambda p, g, r: p + r * g),
    ("rate-forgotten", "p - g, without the rate", lambda p, g, r: p - g),
    ("uphill-rate-forgotten", "p + g: along the gradient, and without the rate",
     lambda p, g, r: p + g),
    ("rate-divides", "p - g / rate", lambda p, g, r: p - g / r),
    ("rate-squared", "p - rate rate g: the rate counts twice", lambda p, g, r: p - r * r * g),
    ("rate-of-both", "rate (p - g): the rate is multiplied with both",
     lambda p, g, r: r * (p - g)),
    ("rate-of-parameter", "rate p - g: the rate is multiplied with p",
     lambda p, g, r: r * p - g),
    ("turned-round", "rate g - p: the two have changed places", lambda p, g, r: r * g - p),
    ("move-only", "- rate g: p itself is missing", lambda p, g, r: -r * g),
    ("gradient-only", "the gradient", lambda p, g, r: g),
    ("multiplied", "p (1 - rate g): p is multiplied, and not moved",
     lambda p, g, r: p * (1 - r * g)),
    ("times-parameter", "p rate g", lambda p, g, r: p * r * g),
    ("sign-only", "p - rate sign(g): only the sign of the gradient counts",
     lambda p, g, r: p - r * np.sign(g)),
    ("absolute", "p - rate |g|: the signs of the gradient are lost",
     lambda p, g, r: p - r * np.abs(g)),
    ("squared", "p - rate g g: the gradient is squared", lambda p, g, r: p - r * g * g),
    ("clipped", "p less the rate times a gradient that is cut off at -1 and 1",
     lambda p, g, r: p - r * np.clip(g, -1, 1)),
    ("unit", "p less the rate times a gradient of length 1",
     lambda p, g, r: p - r * g / np.linalg.norm(g)),
    ("by-mean", "p less the rate times the mean of its gradient, all entries alike",
     lambda p, g, r: p - r * g.mean()),
    ("by-sum", "p less the rate times the sum of its gradient, all entries alike",
     lambda p, g, r: p - r * g.sum()),
    ("divided-by-size", "p less the rate times its gradient, divided by the number of entries",
     lambda p, g, r: p - r * g / g.size),
    ("decayed", "p - rate (g + p): it is drawn to 0 as well, a weight decay",
     lambda p, g, r: p - r * (g + p)),
    ("half", "p - rate g / 2: it moves by half", lambda p, g, r: p - r * g / 2),
    ("twice", "p - 2 rate g: it moves twice", lambda p, g, r: p - 2 * r * g),
]  # fmt: skip

#: Which parameters are moved so: the step, its words, whether it is looked for alone only.
GROUPS = [
    ("move", "Every parameter p", False),
    ("move weights", "Each of w and W, called p here,", True),
    ("move biases", "Each of b and c, called p here,", True),
    *((f"move {name}", f"{name}, called p here,", True) for name in NAMES),
]


def _still() -> Iterator[Edit]:
    """Yield the mistakes that some parameters stay where they are."""
    for count in range(1, len(NAMES) + 1):
        for chosen in combinations(NAMES, count):
            words = " and ".join(chosen)
            yield _edit(
                f"step-{'-'.join(chosen)}-still", f"{words} {'do' if count > 1 else 'does'} not "
                "move.", "Not all names were listed in the step.", "eq-update-w", "still",
                lambda chosen=chosen: chosen,
            )  # fmt: skip


#: The mistakes of `step`.
STEP: list[Edit] = [
    *(
        _edit(f"step-{name}{stage.removeprefix('move').replace(' ', '-')}",
              f"{whose} becomes {words}.",
              "It should be p - rate g.", "eq-update-w", stage, change, rare=rare)
        for stage, whose, rare in GROUPS
        for name, words, change in MOVES
    ),
    *_still(),
]  # fmt: skip


# How a training goes wrong


def _loops_exchanged(parameters: Any, X: Any, labels: Any, rate: float, batch: int,
                     epochs: int) -> Any:  # fmt: skip
    for rows in batches(len(X), batch):
        part = X[rows], labels[rows]
        parameters = networks.train(parameters, *part, rate, len(rows), epochs)
    return parameters


def _frozen(*names: str) -> Callable[..., Any]:
    def change(past: list[Any], moment: Moment) -> Any:
        return {name: g * (name not in names) for name, g in past[-1].items()}

    return change


def _summed(past: list[Any], first: int = 0) -> Any:
    return {name: sum(one[name] for one in past[first:]) for name in past[-1]}


def _of_epoch(past: list[Any], moment: Moment) -> Any:
    steps = -(-moment.samples // moment.batch)
    return _summed(past, moment.number // steps * steps)


def _with_momentum(share: float) -> Callable[..., Any]:
    """Return the gradients with those of before, each step counting less."""

    def change(past: list[Any], moment: Moment) -> Any:
        kept: Any = None
        for one in past:
            kept = {n: share * g + (MOMENTUM * kept[n] if kept else 0) for n, g in one.items()}
        return kept

    return change


#: What an epoch goes through: name, words, why, change.
BATCHES: list[tuple[str, str, str, Callable[[int, int], list[np.ndarray]]]] = [
    ("first-batch-skipped", "The first batch of every epoch is left out.",
     "The range begins with ``batch``.", lambda n, b: batches(n, b)[1:]),
    ("last-batch-skipped", "The last batch of every epoch is left out, also if it is full.",
     "A range ends one batch too early.", lambda n, b: [r for r in batches(n, b) if r[0] < n - b]),
    ("last-step-skipped", "The last batch of every epoch is left out, full or not.",
     "A range ends one batch too early.", lambda n, b: batches(n, b)[:-1]),
    ("first-step-only", "Every epoch has one step, with the first batch.",
     "A return, a break or a step stands in the wrong loop.", lambda n, b: batches(n, b)[:1]),
    ("last-step-only", "Every epoch has one step, with the last batch.",
     "The step stands behind the loop over the batches.", lambda n, b: batches(n, b)[-1:]),
    ("batch-is-a-count", "``batch`` is used as the number of batches, not as their size.",
     "The images were divided into so many parts.",
     lambda n, b: batches(n, max(1, n // b))),
    ("parts-of-equal-size", "The images are divided into parts of nearly equal size.",
     "np.array_split was used.", lambda n, b: np.array_split(np.arange(n), -(-n // b))),
    ("parts-of-equal-size-fewer", "The images are divided into len(X) // batch parts.",
     "np.array_split was used.", lambda n, b: np.array_split(np.arange(n), max(n // b, 1))),
    ("sample-by-sample", "Every image is a step by itself, whatever the size of the batches.",
     "``batch`` was not used.", lambda n, b: batches(n, 1)),
    ("batches-backward", "The batches come in reverse order.", "The range runs down.",
     lambda n, b: batches(n, b)[::-1]),
    ("images-backward", "The images come in reverse order.", "X[::-1] was taken.",
     lambda n, b: [n - 1 - rows for rows in batches(n, b)]),
    ("images-apart", "A batch holds images that are far from each other, not the next ones.",
     "``X[i::steps]`` was written, or a reshape with the axes the other way round.",
     lambda n, b: [np.arange(at, n, -(-n // b)) for at in range(-(-n // b))]),
    ("one-image-too-few", "Every batch lacks its last image.", "``first + batch - 1`` was written.",
     lambda n, b: [rows[:-1] if len(rows) == b > 1 else rows for rows in batches(n, b)]),
    ("one-image-too-many", "Every batch holds the first image of the next one, too.",
     "``first + batch + 1`` was written.",
     lambda n, b: [np.arange(rows[0], min(rows[0] + b + 1, n)) for rows in batches(n, b)]),
]  # fmt: skip

#: What the rate becomes.
RATES: list[tuple[str, str, Callable[[float, Moment], float]]] = [
    ("times-samples", "The gradients are sums over the batch, not means: they are as many times "
     "too large as there are images in it.", lambda r, at: r * at.here),
    ("divided-by-samples", "The gradients are divided by the number of images of the batch; in the "
     "loss they have been already.", lambda r, at: r / at.here),
    ("divided-by-batch", "The learning rate is divided by ``batch``.", lambda r, at: r / at.batch),
    ("times-batch", "The learning rate is multiplied by ``batch``.", lambda r, at: r * at.batch),
    ("divided-by-all", "The learning rate is divided by the number of all images.",
     lambda r, at: r / at.samples),
    ("share-of-all", "Each batch counts by its share of all images.",
     lambda r, at: r * at.here / at.samples),
    ("divided-by-epochs", "The learning rate is divided by the number of epochs.",
     lambda r, at: r / at.epochs),
    ("divided-by-steps", "The learning rate falls from step to step: it is divided by 1, 2, 3 and "
     "so on.", lambda r, at: r / (1 + at.number)),
    ("times-9-tenths", "The learning rate falls to 9 tenths from epoch to epoch.",
     lambda r, at: r * 0.9**at.epoch),
    ("times-95-hundredths", "The learning rate falls to 95 hundredths from epoch to epoch.",
     lambda r, at: r * 0.95**at.epoch),
    ("halved", "The learning rate is halved from epoch to epoch.", lambda r, at: r * 0.5**at.epoch),
]  # fmt: skip

#: Which labels the images of a batch meet.
LABELS: list[tuple[str, str, Callable[[np.ndarray, int], np.ndarray]]] = [
    ("last-labels", "Every batch meets the last labels.",
     lambda rows, n: np.arange(n - len(rows), n)),
    ("next-labels", "Every image meets the label of the next one.",
     lambda rows, n: np.minimum(rows + 1, n - 1)),
    ("previous-labels", "Every image meets the label of the one before.",
     lambda rows, n: np.maximum(rows - 1, 0)),
    ("labels-backward", "The labels come in reverse order.", lambda rows, n: n - 1 - rows),
    ("batch-labels-backward", "The labels of each batch come in reverse order.",
     lambda rows, n: rows[::-1]),
]  # fmt: skip

#: Which gradients are used.
GRADIENTS: list[tuple[str, str, Callable[..., Any]]] = [
    ("sum-of-all", "Gradients add up from step to step, and are never set back to 0.",
     lambda past, at: _summed(past)),
    ("sum-of-epoch", "Gradients add up within an epoch; only there are they set back to 0.",
     _of_epoch),
    ("momentum", "The steps have a momentum: 9 tenths of the one before are added.",
     _with_momentum(1.0)),
    ("running-mean", "The gradients are a running mean: 9 tenths of the one before, and a tenth.",
     _with_momentum(1 - MOMENTUM)),
    ("first-gradients", "The gradients of the very first step are used in all steps.",
     lambda past, at: past[0]),
    ("gradients-one-late", "Each step uses the gradients of the one before.",
     lambda past, at: past[max(len(past) - 2, 0)]),
    ("dense-layer-only", "Only the dense layer learns; w and b stay.", _frozen("w", "b")),
    ("search-only", "Only w and b learn; the dense layer stays.", _frozen("W", "c")),
]  # fmt: skip


def _training(name: str, words: str, why: str, stage: str, change: Any) -> Edit:
    return _edit(f"train-{name}", words, why, "eq-update-w", stage, change)


#: The mistakes of `train`.
TRAIN: list[Edit] = [
    *(_training(name, words, why, "batches", change) for name, words, why, change in BATCHES),
    *(_training(name, words, "The rate is the same in every step, and the mean is taken in the "
                "loss.", "rate", change) for name, words, change in RATES),
    *(_training(name, words, "The labels were not cut as the images are.", "labels", change)
      for name, words, change in LABELS),
    *(_training(name, words, "Every step has its own gradients, those of all four parameters.",
                "gradients", change) for name, words, change in GRADIENTS),
    _training("starts-again", "Every epoch begins with the parameters of the very start.",
              "They were copied within the loop over the epochs.", "begin",
              lambda parameters, start: start),
    _training("one-epoch", "The images are gone through once, whatever the number of epochs.",
              "A return stands in the loop.", "epochs", lambda epochs: min(epochs, 1)),
    _training("no-epoch", "The parameters come back as they were.", "No loop is entered, or the "
              "result of the step is not kept.", "epochs", lambda epochs: 0),
    _training("gradients-returned", "The last gradients come back, and not the parameters.",
              "Another name stands behind return.", "returned", lambda parameters, past: past[-1]),
    _training("arguments-exchanged", "``batch`` and ``epochs`` have changed places.",
              "They were taken in the other order.", "call",
              lambda call: Call((*call.arguments[:4], *call.arguments[:3:-1]), call.options)),
    _training("loops-exchanged", "Each batch has all of its epochs before the next one comes.",
              "The two loops stand the wrong way round.", "whole", _loops_exchanged),
]  # fmt: skip

LINKS: dict[str, tuple[str, str, list[Edit]]] = {
    "network_forward": ("forward", "eq-pattern-search", FORWARD),
    "network_backward": ("backward", "eq-dZ", BACKWARD),
    "network_step": ("step", "eq-update-w", STEP),
    "network_train": ("train", "eq-update-w", TRAIN),
}
