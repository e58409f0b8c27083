"""A loss that is no number: the error that says so, and the search for where it began."""

from __future__ import annotations

import warnings
from contextlib import suppress
from typing import Any, NamedTuple

import numpy as np

from cnnlab.layers.base import layers_within
from cnnlab.model import Sequential
from cnnlab.training.gradients import is_finite
from cnnlab.training.samples import LossFunction, loss_of

LARGE = 1e6  # scores of which a loss still makes a number, whatever it does with them
RATE = "Try a smaller learning_rate and a new optimizer"
SPOILT = "Begin with a new model"
Generators = list[tuple[np.random.Generator, Any]]


class NotFiniteError(ArithmeticError):
    """A loss, a gradient or a parameter became NaN or infinite, and training stopped.

    The model is again as it was before the epoch: parameters, running statistics and generators.

    Attributes
    ----------
    history : History
        What came before.
    layer : str or None
        The first layer in which a number was not finite, as ``"0.Conv2D"``. None where it began
        outside of the layers: in the samples or in the loss.
    step : int
        In which step of the training it began, from 1.
    epoch, batch : int
        In which epoch of the training, and in which batch of it, from 1.
    sample : int or None
        The first sample of the batch for which it began: ``X[sample]`` as `fit` was given it. None
        where it was no single one, as in a step of the optimizer.
    """

    def __init__(
        self,
        message: str,
        history: Any = None,
        layer: str | None = None,
        step: int = 0,
        epoch: int = 0,
        batch: int = 0,
        sample: int | None = None,
    ) -> None:
        super().__init__(message)
        self.history, self.layer, self.sample = history, layer, sample
        self.step, self.epoch, self.batch = step, epoch, batch


class Origin(NamedTuple):
    """Where numbers stopped being finite: in words, by layer, and which row of the batch."""

    words: str
    layer: str | None = None
    row: int | None = None
    of_step: bool = False  # the step before made it, of gradients that were finite
    scores: float = 0.0  # the largest that the loss was given
    hint: str = ""  # what to do, where no rate is to blame


def generators_of(model: Sequential) -> list[np.random.Generator]:
    """Return all that draws in a model."""
    return [
        value
        for layer in layers_within(model).values()
        for value in layer.state.values()
        if isinstance(value, np.random.Generator)
    ]


def spoilt_parameters(model: Sequential) -> list[str]:
    """Return the names of parameters that hold NaN or infinity."""
    return [p.name for p in model.parameters() if not is_finite(p.value)]


def find(
    model: Sequential, X: np.ndarray, targets: np.ndarray, loss: LossFunction, drawn: Generators
) -> Origin:
    """Send a batch through the model again, and say where the first number is not finite.

    `drawn` holds the states that generators had before the batch: the same entries are dropped.
    """
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for generator, state in drawn:
            generator.bit_generator.state = state
        return _in_samples(model, X) or _in_layers(model, X, targets, loss) or Origin("in the loss")


def _in_samples(model: Sequential, X: np.ndarray) -> Origin | None:
    row = _first_row(np.asarray(X, np.float64))
    if row is not None:
        hint = "Let augment return numbers"
        return Origin("in the samples that augment returned", None, row, hint=hint)
    row = _first_row(np.asarray(X, model.dtype))
    if row is not None:
        hint = "Scale them, X / np.abs(X).max()"
        return Origin(f"in the samples, which {model.dtype} cannot hold", None, row, hint=hint)
    return None


def _in_layers(
    model: Sequential, X: np.ndarray, targets: np.ndarray, loss: LossFunction
) -> Origin | None:
    """Look for it on the way forward, in the loss, on the way back."""
    names = [f"{position}.{type(layer).__name__}" for position, layer in enumerate(model.layers)]
    spoilt = next(iter(spoilt_parameters(model)), None)
    Y = np.array(X, model.dtype)
    for name, layer in zip(names, model.layers, strict=True):
        Y = layer.forward(Y, training=True)
        row = _first_row(Y)
        if spoilt and spoilt.startswith(f"{name}."):
            return Origin(f"in {spoilt}, which held NaN or infinity before", name, row, True)
        if row is not None:
            return Origin(f"in the output of {name}", name, row)
    L, dY = loss_of(loss, Y, targets, "fit")
    scores = float(np.abs(Y).max())
    if not np.isfinite(L):
        return Origin("in the loss", None, _first_loss(loss, Y, targets), scores=scores)
    row = _first_row(dY)
    if row is not None:
        return Origin("in the gradient that the loss returned", None, row, scores=scores)
    for name, layer in zip(reversed(names), reversed(model.layers), strict=True):
        dY = layer.backward(np.asarray(dY, model.dtype))
        own = [p for p in model.parameters() if p.name.startswith(f"{name}.")]
        spoilt = next((p.name for p in own if not is_finite(p.gradient)), None)
        if spoilt:
            return Origin(f"in the gradient of {spoilt}", name, _first_row(dY))
        if _first_row(dY) is not None:
            return Origin(f"in the gradient that {name} handed back", name, _first_row(dY))
    return None


def _first_row(array: np.ndarray) -> int | None:
    """Return the first sample of a batch that holds NaN or infinity."""
    odd = np.flatnonzero(~np.isfinite(array).reshape(len(array), -1).all(axis=1))
    return int(odd[0]) if odd.size else None


def _first_loss(loss: LossFunction, Y: np.ndarray, targets: np.ndarray) -> int | None:
    """Return the first sample of a batch whose own loss is not finite."""
    for row in range(len(Y)):
        with suppress(Exception):  # a loss of one's own may take no batch of one
            if not np.isfinite(float(loss(Y[row : row + 1], targets[row : row + 1])[0])):
                return row
    return None


def advice(model: Sequential, X: np.ndarray, origin: Origin, step: int) -> str:
    """Say what to do about it: before the first step, no rate is to blame."""
    if origin.hint or step > 1:
        return origin.hint or RATE
    if origin.of_step:
        return SPOILT
    if origin.layer is None and origin.scores < LARGE:
        return "Look for log(0) or a division by 0 in the loss"
    largest = float(np.abs(np.asarray(X, np.float64)).max())
    return (
        f"No step was taken yet, so the inputs or the starting weights are too large: X goes up "
        f"to {largest:.3g}; scale it, X / np.abs(X).max(), or draw smaller weights"
    )
