"""Samples and targets: checked before any work, split for validation, taken batch by batch."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from cnnlab import shapes
from cnnlab.model import Sequential
from cnnlab.shapes import words
from cnnlab.typing import Seed

# What returns a `Loss`, or a plain pair (L, dY).
LossFunction = Callable[[Any, Any], tuple[Any, Any]]

HASHED = 1 << 20  # bytes of samples that are read at once


@dataclass(frozen=True, eq=False)
class Samples:
    """Some of the samples that somebody passed, by their places: nothing is copied but a batch.

    Attributes
    ----------
    X, targets : ndarray
        All that was passed.
    places : ndarray of int
        Which of them are meant, in any order.
    whole : bool
        Whether all are meant, in their order: then not even a batch is copied.
    """

    X: np.ndarray
    targets: np.ndarray
    places: np.ndarray
    whole: bool = False

    def __len__(self) -> int:
        """Return how many are meant."""
        return len(self.places)

    def batches(self, size: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield samples and targets, `size` at a time, the rest at the end."""
        for start in range(0, len(self.places), size):
            some = slice(start, start + size)
            batch = some if self.whole else self.places[some]
            yield self.X[batch], self.targets[batch]

    def fingerprint(self) -> str:
        """Return the SHA-256 of all that was passed and of which of it is meant."""
        digest = hashlib.sha256()
        for array in (self.X, self.targets, self.places):
            digest.update(f"{array.dtype.str} {array.shape}".encode())
            many = max(HASHED // max(array[:1].nbytes, 1), 1)
            for start in range(0, len(array), many):
                digest.update(np.ascontiguousarray(array[start : start + many]).data)
        return digest.hexdigest()


def all_of(X: np.ndarray, targets: np.ndarray) -> Samples:
    """Return all samples, in the order in which they came."""
    return Samples(X, targets, np.arange(len(X)), whole=True)


# --- Losses ---------------------------------------------------------------------------------------


def as_loss(loss: Any, function: str) -> LossFunction:
    """Return the loss, cross-entropy if none was said."""
    if loss is None:
        from cnnlab.fast import cross_entropy  # here, so that the loops can be used without Numba

        return cross_entropy
    return shapes.as_function(
        loss,
        function,
        "loss",
        "loss(Y, targets) -> Loss(L, dY)",
        "pass cnnlab.fast.cross_entropy or cnnlab.fast.squared_error",
    )


def loss_of(
    loss: LossFunction, Y: np.ndarray, targets: np.ndarray, function: str
) -> tuple[float, np.ndarray]:
    """Return L and dY of one batch; a loss of one's own may return any pair of them."""
    result: Any = loss(Y, targets)
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        raise TypeError(
            f"{function}: the loss returned {words.brief(result)}, but the loss and its gradient "
            f"are needed; let it end with return L, dY."
        )
    L, dY = result
    if np.ndim(L) != 0 or np.shape(dY) != Y.shape:
        raise ValueError(
            f"{function}: the loss returned L of shape {np.shape(L)} and dY of shape "
            f"{np.shape(dY)} for Y of shape {Y.shape}; let L be one number, the mean over the "
            f"samples, and give dY the shape of Y."
        )
    return float(L), dY


def kind_of(loss: LossFunction) -> str:
    """Return the name of a loss of the package; nothing of one's own, whatever it is called."""
    ours = getattr(loss, "__module__", "").startswith("cnnlab.")
    return getattr(loss, "__name__", "") if ours else ""


def hits(Y: np.ndarray, targets: np.ndarray) -> float:
    """Count the samples whose highest score is that of the true class; NaN without classes."""
    if not are_classes(targets) or Y.ndim != 2:
        return np.nan
    return float((Y.argmax(axis=-1) == targets).sum())


def are_classes(targets: np.ndarray) -> bool:
    """Tell class numbers from measured values."""
    return targets.ndim == 1 and targets.dtype.kind in "ui"


# --- Checks ---------------------------------------------------------------------------------------


def check_samples(
    model: Sequential, X: Any, targets: Any, loss: LossFunction, function: str, name: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return samples and targets as arrays, all of them checked before the first step."""
    X = shapes.as_samples(X, function, name)
    if X.ndim and len(X) == 0:
        raise ValueError(f"{function}: {name} holds no samples; pass at least one.")
    if X.shape[1:] != model.input_shape:
        needed = ", ".join(map(str, model.input_shape))
        raise ValueError(
            f"{function}: {name}.shape={X.shape}, but this model takes samples of shape "
            f"(S, {needed}); {words.samples_hint(X.shape, model.input_shape, name)}."
        )
    shapes.check_finite(
        X, function, name, hint="leave those samples and their targets out, or mend them"
    )
    targets = _as_targets(targets, loss, function, len(X), model.output_shape)
    if len(targets) != len(X):
        raise ValueError(
            f"{function}: {len(X)} samples but {len(targets)} targets came; pass one per sample."
        )
    return X, targets


def _as_targets(
    targets: Any, loss: LossFunction, function: str, samples: int, outputs: tuple[int, ...]
) -> np.ndarray:
    """Return targets as the loss takes them; only a loss of one's own knows what it takes."""
    kind = kind_of(loss)
    if kind == "cross_entropy" and len(outputs) > 1:
        raise ValueError(
            f"{function}: the model returns maps of shape {outputs}, but cross_entropy needs a row "
            f"of scores for each sample; put Flatten() and Dense(classes) at its end."
        )
    if kind == "squared_error":
        return shapes.as_measured(targets, function, samples=samples, outputs=outputs)
    array = np.asarray(targets)
    if kind == "cross_entropy":
        return shapes.as_labels(targets, function, classes=outputs[-1])
    if array.ndim == 0:
        raise ValueError(
            f"{function}: targets={words.brief(targets)} came, but one target for each sample is "
            f"needed; pass an array of {samples}."
        )
    return array


# --- Validation -----------------------------------------------------------------------------------


def split(
    model: Sequential, X: np.ndarray, targets: np.ndarray, validation: Any, loss: Any, seed: Seed
) -> tuple[Samples, Samples | None]:
    """Return what to train with, and what to validate with."""
    if validation is None:
        return all_of(X, targets), None
    if isinstance(validation, Real) and not isinstance(validation, bool):
        fraction = _as_fraction(validation, len(X))
        left, kept = split_places(targets, fraction, _splitter(seed))
        return Samples(X, targets, left), Samples(X, targets, kept)
    if not isinstance(validation, (tuple, list)) or len(validation) != 2:
        raise TypeError(
            f"fit: validation={words.brief(validation)} came, but a pair of samples and targets "
            f"or a fraction is needed; keep some back, for example validation=(X[-100:], "
            f"targets[-100:]), and train with the others, or pass validation=0.2."
        )
    pair = check_samples(model, validation[0], validation[1], loss, "fit", "validation")
    return all_of(X, targets), all_of(*pair)


def _as_fraction(validation: Any, samples: int) -> float:
    """Return which part of the samples is kept back."""
    fraction = float(validation)
    if not 0 < fraction < 1:
        raise ValueError(
            f"fit: validation={validation!r} came, but a fraction greater than 0 and below 1, or a "
            f"pair of samples and targets, is needed; pass validation=0.2 to keep every fifth "
            f"sample back, or leave validation out."
        )
    if samples < 2:
        raise ValueError(
            f"fit: validation={validation!r} came with {samples} sample, but both parts need one "
            f"at least; pass more samples, or leave validation out."
        )
    return fraction


def _splitter(seed: Seed) -> np.random.Generator:
    """Return what draws who is kept back: from one seed the same ones in every call."""
    if isinstance(seed, np.random.Generator):
        return seed
    return np.random.default_rng(np.random.SeedSequence(int(seed)).spawn(1)[0])


def split_places(
    targets: np.ndarray, fraction: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return the places of those to train with and of those kept back, each in rising order.

    Of class numbers, every class gives the same part of its samples, but for rounding, and at least
    one to either side if it has two.
    """
    groups = targets if are_classes(targets) else np.zeros(len(targets), np.int64)
    _, numbers, counts = np.unique(groups, return_inverse=True, return_counts=True)
    order = rng.permutation(len(targets))
    order = order[np.argsort(numbers[order], kind="stable")]  # class by class
    rank = np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts)
    is_kept = rank < np.repeat(_quotas(counts, fraction), counts)
    return np.sort(order[~is_kept]), np.sort(order[is_kept])


def _quotas(counts: np.ndarray, fraction: float) -> np.ndarray:
    """Return how many of each class are kept back; those of the largest rests are rounded up."""
    samples = int(counts.sum())
    exact = fraction * counts
    quotas = np.maximum(np.floor(exact), counts > 1).astype(np.int64)
    missing = min(max(round(fraction * samples), 1), samples - 1) - int(quotas.sum())
    can_give = quotas < np.maximum(counts - 1, 1)
    rests = np.argsort(np.where(can_give, quotas - exact, np.inf), kind="stable")
    quotas[rests[: max(min(missing, int(can_give.sum())), 0)]] += 1
    return quotas
