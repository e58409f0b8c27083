"""How good a model is on a set of samples: loss, accuracy, and what it says of each class."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cnnlab import shapes
from cnnlab.model import Sequential, check_sequential
from cnnlab.tables import as_html
from cnnlab.training import samples
from cnnlab.training.samples import LossFunction, Samples
from cnnlab.typing import ArrayLike, Integer


class Evaluation(NamedTuple):
    """How a model does on a set of samples.

    Attributes
    ----------
    loss : float
        Mean loss per sample, in the units of the loss function (nats for cross-entropy).
    accuracy : float
        Fraction of samples whose highest score is that of the true class, 0 to 1. NaN when the
        targets are not class numbers.
    """

    loss: float
    accuracy: float


def evaluate(
    model: Sequential,
    X: ArrayLike,
    targets: ArrayLike,
    *,
    loss: LossFunction | None = None,
    batch_size: Integer = 256,
) -> Evaluation:
    """Measure the loss and the accuracy of a model, which stays as it is (``training=False``).

    Parameters
    ----------
    model : Sequential
    X : array_like
        Samples. Shape (S,) + `model.input_shape`.
    targets : array_like
        As for `fit`.
    loss : callable, optional
        As for `fit`.
    batch_size : int
        How many samples go through the network at once; it bounds the memory taken.

    Returns
    -------
    evaluation : Evaluation
        Loss and accuracy.

    Raises
    ------
    ValueError
        If there are no samples, if samples and targets differ in number, if their shapes do not
        suit the model, or if a sample holds NaN or infinity.
    TypeError
        If samples or class numbers are not numbers, or `loss` is no function.
    """
    check_sequential(model, "evaluate")
    loss = samples.as_loss(loss, "evaluate")
    X, targets = samples.check_samples(model, X, targets, loss, "evaluate", "X")
    batch_size = shapes.as_count(batch_size, "evaluate", "batch_size")
    return measure(model, samples.all_of(X, targets), loss, "evaluate", batch_size)


def measure(
    model: Sequential,
    some: Samples,
    loss: LossFunction,
    function: str,
    batch_size: int = 256,
) -> Evaluation:
    """Return what `evaluate` does, of arguments that were checked."""
    loss_sum, hits = 0.0, 0.0
    for X, targets in some.batches(batch_size):
        Y = model(X)
        loss_sum += samples.loss_of(loss, Y, targets, function)[0] * len(targets)
        hits += samples.hits(Y, targets)
    return Evaluation(loss_sum / len(some), hits / len(some))


def confusion_matrix(labels: ArrayLike, predictions: ArrayLike, *, classes: Integer) -> np.ndarray:
    """Count how often each class was taken for each other.

    Parameters
    ----------
    labels, predictions : array_like of int
        True and predicted class numbers. Shape (S,) each.
    classes : int
        C, how many classes there are.

    Returns
    -------
    counts : ndarray of int
        Shape (C, C). Row: the true class. Column: the predicted one.

    Raises
    ------
    ValueError
        If the two differ in length, or a number is outside 0 to C - 1.
    TypeError
        If they are not integers.
    """
    return _count(labels, predictions, classes, "confusion_matrix")


def _count(
    labels: ArrayLike, predictions: ArrayLike, classes: Integer, function: str
) -> np.ndarray:
    classes = shapes.as_count(classes, function, "classes")
    true, predicted = (
        shapes.as_labels(one, function, classes=classes, more="classes={}")
        for one in (labels, predictions)
    )
    if len(true) != len(predicted):
        raise ValueError(
            f"{function}: {len(true)} labels but {len(predicted)} predictions came; "
            f"pass one of each per sample."
        )
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (true, predicted), 1)
    return counts


class ClassReport(NamedTuple):
    """What a model says of each class, as `class_report` returns it. A notebook shows a table.

    Where nothing can be said, because the class never came or was never predicted, stands NaN.

    Attributes
    ----------
    precision : ndarray
        Which part of those that were taken for the class are of it. Shape (C,), 0 to 1. NaN where
        none was taken for it.
    recall : ndarray
        Which part of those of the class were found. Shape (C,), 0 to 1. NaN where there are none.
    f1 : ndarray
        Their harmonic mean, ``2 * hits / (counts + predicted)``. Shape (C,), 0 to 1. NaN where the
        class neither came nor was predicted.
    counts : ndarray of int
        How many samples are of the class. Shape (C,).
    predicted : ndarray of int
        How many were taken for it. Shape (C,).
    accuracy : float
        Which part of all samples was recognised, 0 to 1. NaN without samples.
    """

    precision: np.ndarray
    recall: np.ndarray
    f1: np.ndarray
    counts: np.ndarray
    predicted: np.ndarray
    accuracy: float

    def _rows(self) -> list[tuple[str, ...]]:
        """Return the table: a head, a row for each class, and one for all."""
        shares = zip(self.precision, self.recall, self.f1, strict=True)
        numbers = zip(self.counts, self.predicted, strict=True)
        rows = [
            (str(c), *(f"{share:.3f}" for share in three), *(f"{count}" for count in two))
            for c, (three, two) in enumerate(zip(shares, numbers, strict=True))
        ]
        head = ("class", "precision", "recall", "F1", "samples", "predicted")
        total = f"{self.counts.sum()}"
        return [head, *rows, ("all", "", f"{self.accuracy:.3f}", "", total, total)]

    def __repr__(self) -> str:
        """Return the table as text; the recall of all is the accuracy."""
        return "\n".join(
            "".join(
                f"{cell:>{width}}" for cell, width in zip(row, (5, 11, 8, 7, 9, 11), strict=True)
            )
            for row in self._rows()
        )

    def _repr_html_(self) -> str:
        """Return the table, for a notebook."""
        head, *rows = self._rows()
        return as_html(head, rows, numbers=range(1, 6))


def class_report(labels: ArrayLike, predictions: ArrayLike, *, classes: Integer) -> ClassReport:
    """Say of each class how far its predictions can be trusted, and how many of it were found.

    Parameters
    ----------
    labels, predictions : array_like of int
        True and predicted class numbers. Shape (S,) each.
    classes : int
        C, how many classes there are.

    Returns
    -------
    report : ClassReport
        Precision, recall, F1 and counts of each class. It prints as a table.

    Raises
    ------
    ValueError
        If the two differ in length, or a number is outside 0 to C - 1.
    TypeError
        If they are not integers.

    Examples
    --------
    >>> report = class_report([0, 1, 1, 1], [0, 1, 1, 0], classes=2)
    >>> report
    class  precision  recall     F1  samples  predicted
        0      0.500   1.000  0.667        1          2
        1      1.000   0.667  0.800        3          2
      all              0.750              4          4
    """
    matrix = _count(labels, predictions, classes, "class_report")
    right, counts, predicted = matrix.diagonal(), matrix.sum(axis=1), matrix.sum(axis=0)
    return ClassReport(
        _share(right, predicted),
        _share(right, counts),
        _share(2 * right, counts + predicted),
        counts,
        predicted,
        float(_share(right.sum(), counts.sum())),
    )


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Return part / whole, NaN of nothing."""
    return np.where(whole > 0, part / np.maximum(whole, 1), np.nan)
