"""Class weights: a rare class counts more, or one that matters."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from cnnlab import shapes
from cnnlab.results import Loss
from cnnlab.shapes import words
from cnnlab.training.samples import LossFunction, kind_of


class WeightedCrossEntropy:
    """Cross-entropy in which each sample counts as its class does.

    With v[s] = weights[labels[s]], and L[s] the cross-entropy of sample s alone::

        L = sum_s v[s] * L[s] / sum_s v[s]

    as PyTorch's ``CrossEntropyLoss(weight=...)``. A batch of weight 0 has the loss 0.
    """

    def __init__(self, weights: np.ndarray, loss: LossFunction) -> None:
        self.weights, self.loss = weights, loss
        backend = importlib.import_module(loss.__module__.rpartition(".")[0])
        self.log_softmax = backend.log_softmax

    def __call__(self, Z: np.ndarray, labels: np.ndarray) -> Loss:
        """Return the weighted mean of the losses of a batch, and its gradient."""
        dZ = self.loss(Z, labels)[1]
        weight = self.weights[labels]
        total = weight.sum()
        if total == 0:
            return Loss(0.0, np.zeros_like(dZ))
        each = -self.log_softmax(Z)[np.arange(len(Z)), labels]
        factor = weight * (len(Z) / total)  # dZ is that of a mean over len(Z)
        return Loss(
            float((weight * each).sum() / total), dZ * factor[:, np.newaxis].astype(dZ.dtype)
        )


def as_weighted(
    class_weights: Any, loss: LossFunction, labels: np.ndarray, classes: int
) -> WeightedCrossEntropy | None:
    """Return the loss with class weights; nothing where there are none."""
    if class_weights is None:
        return None
    if kind_of(loss) != "cross_entropy":
        raise ValueError(
            "fit: class_weights came with a loss that is not cross_entropy of cnnlab, and only "
            "there is it known how a class counts; leave class_weights out, or weigh the samples "
            "inside your loss."
        )
    if isinstance(class_weights, str):
        if class_weights != "balanced":
            raise ValueError(
                f"fit: class_weights={class_weights!r} came, but one weight for each class is "
                f'needed; pass a dict, an array of {classes}, or "balanced".'
            )
        counts = np.bincount(labels, minlength=classes)
        weights = len(labels) / ((counts > 0).sum() * np.maximum(counts, 1))
    elif isinstance(class_weights, Mapping):
        for key in class_weights:
            if not isinstance(key, int | np.integer) or not 0 <= key < classes:
                raise ValueError(
                    f"fit: class_weights holds the class {words.short(key)}, but the classes are "
                    f"the numbers 0 to {classes - 1}; leave it out, or name it by its number."
                )
        each = [class_weights.get(number, 1) for number in range(classes)]
        weights = shapes.as_array(each, "fit", "class_weights")
    else:
        weights = shapes.as_array(class_weights, "fit", "class_weights")
    weights = weights.astype(np.float64)
    _check(weights, classes)
    return WeightedCrossEntropy(weights, loss)


def _check(weights: np.ndarray, classes: int) -> None:
    """Refuse weights that are none."""
    if weights.shape != (classes,):
        raise ValueError(
            f"fit: class_weights has shape {weights.shape}, but one weight for each of {classes} "
            f"classes is needed; pass an array of shape ({classes},), or a dict of those that are "
            f"not 1."
        )
    if not (np.isfinite(weights).all() and (weights >= 0).all() and (weights > 0).any()):
        raise ValueError(
            f"fit: class_weights={words.short(weights.tolist())}, but numbers of at least 0, not "
            f'all 0, are needed; pass class_weights="balanced" to weigh by how rare a class is.'
        )
