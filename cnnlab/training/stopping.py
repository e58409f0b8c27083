"""Early stopping: when a training has become no better for long enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

import numpy as np

from cnnlab import shapes
from cnnlab.shapes import words

# What is watched, by its name: where the history has it, and whether more is better.
MONITORS = {
    "validation_loss": ("validation_losses", False),
    "validation_accuracy": ("validation_accuracies", True),
    "loss": ("losses", False),
    "accuracy": ("accuracies", True),
}


@dataclass(frozen=True)
class EarlyStopping:
    """End a training that becomes no better, and give the model back as it was at its best.

    An epoch is better if what is watched is below the best value before by more than `min_delta`
    (above, for an accuracy); NaN is never better. After `patience` epochs in a row that are not
    better, training ends. However it ends, but for Ctrl-C and errors, the model is then given the
    state after its best epoch: parameters, running statistics and generators.

    Parameters
    ----------
    patience : int
        How many epochs in a row may be no better before training ends, at least 1.
    min_delta : float
        By how much an epoch must be better, at least 0, in the units of what is watched (an
        accuracy goes from 0 to 1).
    monitor : str
        What is watched: "validation_loss", "validation_accuracy", "loss" or "accuracy". The last
        two are those of the samples that are trained with.

    Raises
    ------
    ValueError
        If `patience` is below 1, `min_delta` below 0, or there is no such `monitor`.
    TypeError
        If `patience` is no integer.

    Examples
    --------
    >>> EarlyStopping(patience=3)
    EarlyStopping(patience=3, min_delta=0.0, monitor='validation_loss')
    """

    patience: int
    _: KW_ONLY
    min_delta: float = 0.0
    monitor: str = "validation_loss"

    def __post_init__(self) -> None:
        """Check the options."""
        patience = shapes.as_count(self.patience, "EarlyStopping", "patience")
        min_delta = shapes.as_number(
            self.min_delta,
            "EarlyStopping",
            "min_delta",
            within=shapes.NOT_NEGATIVE,
            hint="try 0.001",
        )
        object.__setattr__(self, "patience", patience)
        object.__setattr__(self, "min_delta", min_delta)
        shapes.as_choice(self.monitor, "EarlyStopping", "monitor", MONITORS)

    def judge(self, history: Any) -> tuple[int, int]:
        """Return the number of the best epoch (from 1; 0 for none) and how many came after it."""
        name, more = MONITORS[self.monitor]
        values: Sequence[float] = getattr(history, name)
        best, number = None, 0
        for epoch, value in enumerate(values, start=1):
            gain = value if best is None else (value - best if more else best - value)
            better = gain == gain if best is None else gain > self.min_delta
            if better:
                best, number = value, epoch
        return number, len(values) - number


def as_early_stopping(value: Any) -> EarlyStopping | None:
    """Return how training is stopped early; an integer says how many epochs are waited."""
    if value is None or isinstance(value, EarlyStopping):
        return value
    if not isinstance(value, int | np.integer) or isinstance(value, bool):
        raise TypeError(
            f"fit: early_stopping={words.brief(value)} came, but an EarlyStopping or a number "
            f"of epochs is needed; pass early_stopping=EarlyStopping(patience=3)."
        )
    return EarlyStopping(shapes.as_count(value, "fit", "early_stopping"))
