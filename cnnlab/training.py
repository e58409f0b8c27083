"""Training: the four lines, repeated over batches and epochs, and a record of how it went."""

from __future__ import annotations

import signal
import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import numpy as np
from tqdm import tqdm

from cnnlab import shapes, weights
from cnnlab.model import Sequential, check_sequential
from cnnlab.optimizers import Optimizer
from cnnlab.shapes import words
from cnnlab.typing import ArrayLike, Integer, Seed

__all__ = ["Evaluation", "History", "confusion_matrix", "evaluate", "fit"]

# Scores of which a loss still makes a number, whatever it does with them.
LARGE = 1e6

# What returns a `Loss`, or a plain pair (L, dY).
LossFunction = Callable[[Any, Any], tuple[Any, Any]]


class MakesSteps(Protocol):
    """What moves the parameters of a model: a `cnnlab.optimizers.Optimizer`, or one of your own."""

    def step(self, model: Any, /) -> Any:
        """Move every parameter of the model, in place, by one step."""


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


@dataclass
class History:
    """What `fit` saw.

    Attributes
    ----------
    step_losses : list of float
        Loss of every batch, before the step that it led to.
    losses, accuracies : list of float
        One value per epoch: mean over the epoch's training batches, each taken before its step.
    validation_losses, validation_accuracies : list of float
        One value per epoch, on the validation set after the epoch. Empty without such a set.
    """

    step_losses: list[float] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    accuracies: list[float] = field(default_factory=list)
    validation_losses: list[float] = field(default_factory=list)
    validation_accuracies: list[float] = field(default_factory=list)

    def _end_epoch(self, loss: float, accuracy: float, validation: Evaluation | None) -> None:
        """Add what an epoch came to."""
        self.losses.append(loss)
        self.accuracies.append(accuracy)
        if validation is not None:
            self.validation_losses.append(validation.loss)
            self.validation_accuracies.append(validation.accuracy)

    def plot(self) -> Any:
        """Draw loss and accuracy against the epoch; before one has ended, the loss of the steps.

        Returns
        -------
        axes : ndarray of matplotlib Axes
            See `cnnlab.plots.plot_losses`.
        """
        from cnnlab import plots  # here, so that training does not load matplotlib

        if not self.losses and not self.step_losses:
            raise ValueError(
                "History.plot: there is nothing to draw, for the loss was not finite in the first "
                "step; see what fit said of it, and train again."
            )
        if not self.losses:  # no epoch ended
            return plots.plot_losses(self.step_losses, steps="step")
        return plots.plot_losses(
            self.losses,
            self.validation_losses or None,
            self.validation_accuracies or None,
            train_accuracy=self.accuracies,
        )


def fit(
    model: Sequential,
    X: ArrayLike,
    targets: ArrayLike,
    *,
    optimizer: MakesSteps,
    epochs: Integer = 1,
    batch_size: Integer = 32,
    loss: LossFunction | None = None,
    validation: tuple[ArrayLike, ArrayLike] | list[Any] | None = None,
    seed: Seed = 0,
    progress: bool = True,
) -> History:
    """Train a model.

    Every epoch visits the samples in a new random order, `batch_size` at a time; the last batch
    holds the rest. Each batch runs the four lines: forward, loss, backward, step.

    Parameters
    ----------
    model : Sequential
        Trained in place.
    X : array_like
        Samples. Shape (S,) + `model.input_shape`.
    targets : array_like
        What the loss compares with: class numbers of shape (S,) for `cross_entropy`.
    optimizer : Optimizer
        Makes the step, for example `cnnlab.optimizers.SGD` or `cnnlab.optimizers.Adam`. It goes on
        where it is, so that training can be continued with the same one.
    epochs : int
        How often every sample is visited.
    batch_size : int
        Samples per step.
    loss : callable, optional
        ``loss(Y, targets) -> Loss(L, dY)``, or a pair (L, dY): L the mean over the samples, dY of
        the shape of Y. `cnnlab.fast.cross_entropy` when left out.
    validation : pair of array_like, optional
        Samples and targets to evaluate the model on after each epoch.
    seed : int or numpy.random.Generator
        Decides the order of the samples. A model that goes on with the same seed gets the orders
        that follow those it has seen: ``epochs=1`` three times is ``epochs=3``.
    progress : bool
        Whether a progress bar is written to standard error.

    Returns
    -------
    history : History
        Losses and accuracies. When a loss stops being finite, training ends with a warning:
        `history` holds what came before, and the parameters and the state of the layers are again
        those from before the epoch. Ctrl-C ends training in the same way after the step under way;
        the model is that after this step. A second Ctrl-C ends at once.

    Raises
    ------
    ValueError
        If there are no samples, if samples and targets differ in number, if their shapes do not
        suit the model, the model does not suit the loss, a sample holds NaN or infinity, or an
        option is outside its range.
    TypeError
        If `model` is none, samples or class numbers are not numbers, `optimizer` makes no steps,
        `loss` is no function or returns no pair, `validation` is no pair, or an option is of a
        wrong type.

    Examples
    --------
    >>> from cnnlab.layers import Dense
    >>> from cnnlab.optimizers import SGD
    >>> model = Sequential([Dense(2)], input_shape=(1,))
    >>> history = fit(model, [[-1.0], [1.0]], [0, 1], optimizer=SGD(1.0), epochs=9, progress=False)
    >>> history.accuracies[-1]
    1.0
    """
    check_sequential(model, "fit")
    loss = _as_loss(loss, "fit")
    _check_optimizer(optimizer)
    X, targets = _check_samples(model, X, targets, loss, "fit", "X")
    if validation is not None:
        validation = _check_samples(model, *_as_pair(validation), loss, "fit", "validation")
    epochs = shapes.as_count(epochs, "fit", "epochs")
    batch_size = shapes.as_count(batch_size, "fit", "batch_size")
    progress = shapes.as_flag(progress, "fit", "progress")
    rng = _orders_after(model, seed, len(X))
    history = History()
    steps = epochs * shapes.ceil_div(len(X), batch_size)
    bar = tqdm(total=steps, desc="training", unit="step", disable=not progress)
    with _Interrupt() as interrupt, bar:
        for epoch in range(epochs):
            order, before = rng.permutation(len(X)), model.state()
            loss_sum, hits = 0.0, 0.0
            for start in range(0, len(X), batch_size):
                batch = order[start : start + batch_size]
                Y = model.forward(X[batch], training=True)
                L, dY = _loss_of(loss, Y, targets[batch], "fit")
                if not np.isfinite(L):
                    step = len(history.step_losses) + 1
                    hint = _why_not_finite(model, X[batch], Y, step)
                    weights.put_back(model, before)
                    _warn(f"the loss became {L} at step {step} (epoch {epoch + 1})", hint)
                    return history
                model.backward_to_parameters(dY)
                optimizer.step(model)
                history.step_losses.append(L)
                loss_sum += L * len(batch)
                hits += _hits(Y, targets[batch])
                bar.set_postfix(epoch=f"{epoch + 1}/{epochs}", loss=f"{L:.4f}", refresh=False)
                bar.update()
                if interrupt.came:
                    _warn(f"was interrupted after step {len(history.step_losses)}", _INTERRUPTED)
                    return history
            if not _is_finite(model):
                weights.put_back(model, before)
                _warn(f"a parameter became NaN or infinite in epoch {epoch + 1}", _RATE)
                return history
            model.epochs += 1
            result = _measure(model, *validation, loss, "fit") if validation else None
            history._end_epoch(loss_sum / len(X), hits / len(X), result)
    return history


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
    loss = _as_loss(loss, "evaluate")
    X, targets = _check_samples(model, X, targets, loss, "evaluate", "X")
    batch_size = shapes.as_count(batch_size, "evaluate", "batch_size")
    return _measure(model, X, targets, loss, "evaluate", batch_size)


def _measure(
    model: Sequential,
    X: np.ndarray,
    targets: np.ndarray,
    loss: LossFunction,
    function: str,
    batch_size: int = 256,
) -> Evaluation:
    """Return what `evaluate` does, of arguments that were checked."""
    loss_sum, hits = 0.0, 0.0
    for start in range(0, len(X), batch_size):
        T = targets[start : start + batch_size]
        Y = model(X[start : start + batch_size])
        loss_sum += _loss_of(loss, Y, T, function)[0] * len(T)
        hits += _hits(Y, T)
    return Evaluation(loss_sum / len(X), hits / len(X))


def confusion_matrix(labels: ArrayLike, predictions: ArrayLike, *, classes: int) -> np.ndarray:
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
    """
    classes = shapes.as_count(classes, "confusion_matrix", "classes")
    labels, predictions = (
        shapes.as_labels(one, "confusion_matrix", classes=classes, more="classes={}")
        for one in (labels, predictions)
    )
    if len(labels) != len(predictions):
        raise ValueError(
            f"confusion_matrix: {len(labels)} labels but {len(predictions)} predictions came; "
            f"pass one of each per sample."
        )
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (labels, predictions), 1)
    return counts


def _orders_after(model: Sequential, seed: Any, samples: int) -> np.random.Generator:
    """Return what draws the orders; a seed begins anew, with those that the model has seen."""
    rng = shapes.as_generator(seed, "fit")
    for _ in range(0 if rng is seed else model.epochs):
        rng.permutation(samples)
    return rng


def _as_loss(loss: Any, function: str) -> LossFunction:
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


def _loss_of(
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


def _warn(what: str, hint: str) -> None:
    """Say why `fit` returns before its time."""
    warnings.warn(f"fit: {what}; training stopped. {hint}", RuntimeWarning, stacklevel=3)


_RATE = (
    "Try a smaller learning_rate and a new optimizer; the parameters are again those from before "
    "this epoch."
)
_INTERRUPTED = "The model is as after that step; call fit again to go on, or once more Ctrl-C."


class _Interrupt:
    """Ctrl-C while a model is trained: noticed between two steps, so that no step is half done.

    A second one ends at once. Where somebody else takes care of Ctrl-C, or in another thread,
    nothing is changed.
    """

    def __init__(self) -> None:
        self.came = False
        self._ours = False

    def __enter__(self) -> _Interrupt:
        main = threading.current_thread() is threading.main_thread()
        if main and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            self._ours = True
            signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, *error: Any) -> None:
        if self._ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    def _note(self, number: int, frame: Any) -> None:
        if self.came:
            raise KeyboardInterrupt
        self.came = True


def _is_finite(model: Sequential) -> bool:
    return all(np.isfinite(parameter.value).all() for parameter in model.parameters())


def _why_not_finite(model: Sequential, X: np.ndarray, Y: np.ndarray, step: int) -> str:
    """Say what to do about a loss that is no number: before the first step, no rate is to blame."""
    for parameter in model.parameters():
        if step == 1 and not np.isfinite(parameter.value).all():
            return f"{parameter.name} held NaN or infinity before: begin with a new model."
    if step > 1:
        return _RATE
    if np.abs(Y).max() < LARGE:
        return "What the model returned is finite: look for log(0) or a division by 0 in the loss."
    largest = float(np.abs(np.asarray(X, np.float64)).max())
    return (
        f"No step was taken yet, so the inputs or the starting weights are too large: X goes up "
        f"to {largest:.3g}; scale it, X / np.abs(X).max(), or draw smaller weights."
    )


def _check_optimizer(optimizer: Any) -> None:
    """Refuse what makes no steps: a name, a class in the place of an object, one not set up."""
    if isinstance(optimizer, type):
        name = optimizer.__name__
        raise TypeError(f"fit: optimizer={name} is a class; pass an object, {name}(0.001).")
    if not callable(getattr(optimizer, "step", None)):
        raise TypeError(
            f"fit: optimizer={words.brief(optimizer)} came, but an object with a method "
            f"step(model) is needed; pass cnnlab.optimizers.Adam(0.001)."
        )
    if isinstance(optimizer, Optimizer):
        optimizer._check_own()


def _as_pair(validation: Any) -> tuple[Any, Any]:
    """Return the samples and targets to validate with."""
    if not isinstance(validation, (tuple, list)) or len(validation) != 2:
        raise TypeError(
            f"fit: validation={words.brief(validation)} came, but a pair of samples and targets "
            f"is needed; keep some back, for example validation=(X[-100:], targets[-100:]), and "
            f"train with the others."
        )
    samples, targets = validation
    return samples, targets


def _check_samples(
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
    ours = getattr(loss, "__module__", "").startswith("cnnlab.")
    kind = getattr(loss, "__name__", "") if ours else ""
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


def _hits(Y: np.ndarray, targets: np.ndarray) -> float:
    """Count the samples whose highest score is that of the true class; NaN without classes."""
    if targets.ndim != 1 or targets.dtype.kind not in "ui" or Y.ndim != 2:
        return np.nan
    return float((Y.argmax(axis=-1) == targets).sum())
