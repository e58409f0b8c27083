"""The record of a training: losses, accuracies, rates and times, to show, draw and keep."""

from __future__ import annotations

import csv
import io
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from cnnlab import shapes
from cnnlab.files import write_whole
from cnnlab.tables import as_html
from cnnlab.training.evaluation import Evaluation

# The columns of a table of epochs, and the lists they come from.
COLUMNS = {
    "loss": "losses",
    "accuracy": "accuracies",
    "validation_loss": "validation_losses",
    "validation_accuracy": "validation_accuracies",
    "seconds": "seconds",
}
SHOWN = 20  # epochs of which a table in a notebook or in a terminal has a row


class Epoch(NamedTuple):
    """An epoch that has just ended, as functions of `on_epoch` are given it.

    Attributes
    ----------
    number : int
        Which epoch of this training it was, from 1.
    loss, accuracy : float
        Mean over its training batches, as in `History`.
    validation : Evaluation or None
        How the model does on the validation set; None without one.
    learning_rate : float
        That of its last step.
    seconds : float
        How long it took, with its validation.
    model : Sequential
        The model as it is now. It is that of `fit` itself, and no copy.
    history : History
        All that was recorded so far, this epoch included. It is that of `fit` itself.
    """

    number: int
    loss: float
    accuracy: float
    validation: Evaluation | None
    learning_rate: float
    seconds: float
    model: Any
    history: History


@dataclass(repr=False)
class History:
    """What `fit` saw. Histories can be copied, pickled, and added: ``before + after``.

    Attributes
    ----------
    step_losses : list of float
        Loss of every batch, before the step that it led to.
    learning_rates : list of float
        Learning rate of every step. NaN for an optimizer of your own that does not say it, as
        `current_learning_rate`.
    losses, accuracies : list of float
        One value per epoch: mean over the epoch's training batches, each taken before its step.
    validation_losses, validation_accuracies : list of float
        One value per epoch, on the validation set after the epoch. Empty without such a set.
    seconds : list of float
        How long each epoch took, with its validation. Not compared by ``==``.
    epoch_steps : list of int
        How many steps each epoch had.
    interrupted : bool
        Whether Ctrl-C ended training.
    stopped : bool
        Whether early stopping or a function of `on_epoch` ended training.
    best_epoch : int or None
        With early stopping: the number of the epoch after which the model was best, from 1.
    """

    step_losses: list[float] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    accuracies: list[float] = field(default_factory=list)
    validation_losses: list[float] = field(default_factory=list)
    validation_accuracies: list[float] = field(default_factory=list)
    learning_rates: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list, compare=False)
    epoch_steps: list[int] = field(default_factory=list)
    interrupted: bool = False
    stopped: bool = False
    best_epoch: int | None = None

    def _end_epoch(
        self, loss: float, accuracy: float, validation: Evaluation | None, seconds: float
    ) -> None:
        """Add what an epoch came to."""
        self.losses.append(loss)
        self.accuracies.append(accuracy)
        self.seconds.append(seconds)
        self.epoch_steps.append(len(self.step_losses) - sum(self.epoch_steps))
        if validation is not None:
            self.validation_losses.append(validation.loss)
            self.validation_accuracies.append(validation.accuracy)

    def __add__(self, later: Any) -> History:
        """Return the history of a training and of one that went on with its model.

        Where only one of them has a validation set, NaN stands for the other. Epochs are numbered
        on; steps of an epoch that did not end count as steps of the next.
        """
        if not isinstance(later, History):
            return NotImplemented
        both = History()
        for name in ("step_losses", "learning_rates"):
            setattr(both, name, getattr(self, name) + getattr(later, name))
        has_any = self.validation_losses or later.validation_losses
        for name in COLUMNS.values():
            lists = [
                [*_padded(getattr(one, name), len(one.losses))]
                if has_any or not name.startswith("validation")
                else []
                for one in (self, later)
            ]
            setattr(both, name, lists[0] + lists[1])
        left = len(self.step_losses) - sum(self.epoch_steps)
        steps = [*later.epoch_steps]
        if steps:
            steps[0] += left
        both.epoch_steps = self.epoch_steps + steps
        both.interrupted, both.stopped = later.interrupted, later.stopped
        if later.best_epoch is not None:
            both.best_epoch = len(self.losses) + later.best_epoch
        return both

    def _table(self) -> Iterator[list[Any]]:
        """Yield the number of each epoch and its values; NaN where something was not recorded."""
        lists = [[*_padded(getattr(self, name), len(self.losses))] for name in COLUMNS.values()]
        ends, steps = [], 0
        for count in _padded(self.epoch_steps, len(self.losses), 0):
            steps += int(count)
            ends.append(steps)
        rates = [
            self.learning_rates[end - 1] if 0 < end <= len(self.learning_rates) else math.nan
            for end in ends
        ]
        for number, (*values, rate) in enumerate(zip(*lists, rates, strict=True), start=1):
            yield [number, *values, rate]

    def to_csv(self, path: str | os.PathLike[str]) -> None:
        """Write one row per epoch: number, losses, accuracies, seconds, learning rate.

        The columns are epoch, loss, accuracy, validation_loss, validation_accuracy, seconds and
        learning_rate (that of the last step of the epoch). Numbers are written in full, so that
        reading them gives the same ones; what was not recorded is left empty. The file is written
        as a whole, or what was there before stays.

        Parameters
        ----------
        path : str or path
            For example ``"history.csv"``. Its folder must exist.

        Raises
        ------
        OSError
            If the file cannot be written.
        TypeError
            If `path` is no path.
        """
        place = shapes.as_path(path, "History.to_csv", "history.csv")
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["epoch", *COLUMNS, "learning_rate"])
        for number, *values in self._table():
            writer.writerow([number, *("" if math.isnan(v) else repr(float(v)) for v in values)])
        try:
            write_whole(place, text.getvalue().encode())
        except (OSError, ValueError) as error:
            raise OSError(
                f"History.to_csv: {place} cannot be written ({error}); pass the path of a file in "
                f"a folder that exists."
            ) from error

    def _rows(self) -> tuple[list[str], list[list[str]]]:
        """Return head and rows of a table: the last epochs, without columns that say nothing."""
        head = ["epoch", *COLUMNS, "learning_rate"]
        table = [*self._table()][-SHOWN:]
        used = [
            place
            for place in range(len(head))
            if any(not math.isnan(row[place]) for row in table) or place < 2
        ]
        rows = [[_as_text(head[place], row[place]) for place in used] for row in table]
        return [head[place].replace("_", " ") for place in used], rows

    def __repr__(self) -> str:
        """Return the table of the epochs as text, with a line above it."""
        head, rows = self._rows()
        lines = [self._in_words()]
        if rows:
            widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
            lines += [
                "  ".join(f"{cell:>{width}}" for cell, width in zip(row, widths, strict=True))
                for row in (head, *rows)
            ]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """Return the table of the epochs, for a notebook."""
        head, rows = self._rows()
        table = as_html(head, rows, numbers=range(len(head))) if rows else ""
        return f"<p>{self._in_words()}</p>{table}"

    def _in_words(self) -> str:
        """Say in a line how far training went, and how it ended."""
        epochs, steps = len(self.losses), len(self.step_losses)
        text = f"History of {_counted(epochs, 'epoch')} and {_counted(steps, 'step')}"
        if self.interrupted:
            text += ", interrupted"
        if self.stopped:
            text += ", stopped early"
        if self.best_epoch is not None:
            text += f", best after epoch {self.best_epoch}"
        return text + (f"; the last {SHOWN}:" if epochs > SHOWN else "")

    def plot(self) -> Any:
        """Draw loss and accuracy against the epoch; before one has ended, the loss of the steps.

        Returns
        -------
        axes : ndarray of matplotlib Axes
            See `cnnlab.plots.plot_losses`. ``axes[0].figure.savefig("history.png")`` keeps them.

        Raises
        ------
        ValueError
            If nothing was recorded.
        """
        from cnnlab import plots  # here, so that training does not load matplotlib

        if not self.losses and not self.step_losses:
            raise ValueError(
                "History.plot: there is nothing to draw, for the loss was not finite in the first "
                "step; see what fit said of it, and train again."
            )
        if not self.losses:  # no epoch ended
            return plots.plot_losses(self.step_losses, steps="step")
        accuracies = [a for a in (self.accuracies, self.validation_accuracies) if _says_some(a)]
        return plots.plot_losses(
            self.losses,
            self.validation_losses or None,
            self.validation_accuracies if self.validation_losses and accuracies else None,
            train_accuracy=self.accuracies if accuracies else None,
            names=("training", "validation"),
        )


def _padded(values: list[Any], length: int, missing: float = math.nan) -> Iterator[Any]:
    """Yield so many values; what was not recorded is `missing`."""
    yield from values[:length]
    yield from [missing] * (length - len(values))


def _says_some(values: list[float]) -> bool:
    return any(not math.isnan(value) for value in values)


def _counted(count: int, word: str) -> str:
    return f"{count} {word}" + ("" if count == 1 else "s")


def _as_text(column: str, value: float) -> str:
    """Return a value as a table shows it."""
    if column == "epoch":
        return str(value)
    if math.isnan(value):
        return ""
    if "accuracy" in column:
        return f"{value:.1%}"
    return f"{value:.1f}" if column == "seconds" else f"{value:.4g}"
