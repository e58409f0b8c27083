"""`fit`: the four lines, repeated over batches and epochs."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from cnnlab import shapes
from cnnlab.model import Sequential, check_sequential
from cnnlab.optimizers import Optimizer
from cnnlab.schedules import Schedule, as_learning_rate
from cnnlab.shapes import words
from cnnlab.training import samples
from cnnlab.training.augmentation import as_augment
from cnnlab.training.checkpoints import (
    Checkpoint,
    as_checkpoint,
    in_words,
    only_training,
    optimizer_in_words,
)
from cnnlab.training.history import Epoch, History
from cnnlab.training.run import Plan, Run
from cnnlab.training.samples import LossFunction
from cnnlab.training.stopping import MONITORS, EarlyStopping, as_early_stopping
from cnnlab.training.weighting import as_weighted
from cnnlab.typing import ArrayLike, Flag, Integer, Number, Seed

#: Weights by class number, one for each class, or a word that says how they follow from the labels.
ClassWeights: TypeAlias = (
    Mapping[int, Number] | Sequence[Number] | NDArray[Any] | Literal["balanced"]
)


class MakesSteps(Protocol):
    """What moves the parameters of a model: a `cnnlab.optimizers.Optimizer`, or one of your own."""

    def step(self, model: Any, /) -> Any:
        """Move every parameter of the model, in place, by one step."""


def fit(
    model: Sequential,
    X: ArrayLike,
    targets: ArrayLike,
    *,
    optimizer: MakesSteps,
    epochs: Integer = 1,
    batch_size: Integer = 32,
    drop_last: Flag = False,
    loss: LossFunction | None = None,
    class_weights: ClassWeights | None = None,
    validation: tuple[ArrayLike, ArrayLike] | list[Any] | Number | None = None,
    augment: Callable[[np.ndarray, np.random.Generator], np.ndarray] | None = None,
    schedule: Schedule | None = None,
    clip_norm: Number | None = None,
    clip_value: Number | None = None,
    early_stopping: EarlyStopping | Integer | None = None,
    on_epoch: Callable[[Epoch], Any] | Sequence[Callable[[Epoch], Any]] | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    resume: Flag = False,
    seed: Seed = 0,
    progress: Flag = True,
) -> History:
    """Train a model.

    Every epoch visits the samples in a new random order, `batch_size` at a time; the last batch
    holds the rest. Each batch runs the four lines: forward, loss, backward, step.

    Parameters
    ----------
    model : Sequential
        Trained in place.
    X : array_like
        Samples. Shape (S,) + `model.input_shape`. Images of bytes stay bytes until their batch.
    targets : array_like
        What the loss compares with: class numbers of shape (S,) for `cross_entropy`.
    optimizer : Optimizer
        Makes the step, for example `cnnlab.optimizers.SGD` or `cnnlab.optimizers.Adam`. It goes on
        where it is, so that training can be continued with the same one.
    epochs : int
        How often every sample is visited. With `resume`, those before the checkpoint count, too.
    batch_size : int
        Samples per step.
    drop_last : bool
        Whether a last batch of fewer samples is left out. The order being new in every epoch, it
        is other samples each time.
    loss : callable, optional
        ``loss(Y, targets) -> Loss(L, dY)``, or a pair (L, dY): L the mean over the samples, dY of
        the shape of Y. `cnnlab.fast.cross_entropy` when left out.
    class_weights : dict, array_like or "balanced", optional
        How much a sample of each class counts, for `cross_entropy` alone: at least 0 each. A dict
        by class number, where others are 1; an array of shape (C,); or "balanced", S / (K * count)
        for a class of that many of the S samples that are trained with, K classes of which there
        are any. The loss of a batch, and of an epoch, is the weighted mean, the sum of weight times
        loss divided by the sum of weights. Validation takes no notice of them.
    validation : pair of array_like, or float, optional
        Samples and targets to evaluate the model on after each epoch; or which part of `X` and
        `targets` is kept back for it, greater than 0 and below 1. It is drawn by `seed` alone, the
        same in every call; of class numbers each class gives the same part, but for rounding, and
        at least one of its samples to either side if it has two. A `seed` that is a generator draws
        another part in every call: then pass a pair.
    augment : callable, optional
        ``augment(X, rng) -> X``, called with every batch of images before it is used, as
        `Augmentation` is. What it draws from `rng` follows from `seed`. It may change the batch,
        which is a copy.
    schedule : callable, optional
        Learning rate by epoch, see `cnnlab.schedules`: before each epoch `optimizer.learning_rate`
        becomes ``schedule(model.epochs)``. A rate for every step is the optimizer's, as in
        ``SGD(StepDecay(...))``.
    clip_norm : float, optional
        Greater than 0: where the norm of all gradients together, the root of the sum of their
        squares, is above it, all are multiplied by clip_norm / norm.
    clip_value : float, optional
        Greater than 0: every entry of a gradient is brought into -clip_value to clip_value; before
        the norm is taken, if both are given.
    early_stopping : EarlyStopping or int, optional
        When training ends because it becomes no better; the model is then as it was at its best. An
        integer says after how many epochs, as ``EarlyStopping(patience=3)``.
    on_epoch : callable or list of them, optional
        Each is called after every epoch with an `Epoch`, in order; training ends if one of them
        returns True. An exception of theirs leaves the model as it is after the epoch, and the
        history with it.
    checkpoint : str or path, optional
        A folder, made if there is none. Its file ``checkpoint.safetensors`` holds all of the
        training: model, optimizer, generators, history, how far the epoch is. It is written as a
        whole at the begin, after each epoch, within one after each minute, and at Ctrl-C. The
        optimizer needs methods ``state()`` and ``set_state(state)``, as those of the package.
    resume : bool
        Whether to go on with the training in the folder, if there is one; otherwise it begins. Call
        `fit` as before: samples, model, optimizer and options must be what they were; only `epochs`
        may be more, and `on_epoch` and `progress` others. The weights in the end are those of a
        training without interruption, to the bit. A training that was stopped early stays so.
    seed : int or numpy.random.Generator
        Decides the order of the samples, and what `augment` draws. A model that goes on with the
        same seed gets the orders that follow those it has seen: ``epochs=1`` three times is
        ``epochs=3``.
    progress : bool
        Whether a progress bar is written to standard error.

    Returns
    -------
    history : History
        Losses, accuracies, rates and times. With `resume` that of the whole training. Ctrl-C ends
        training with a warning after the step under way: the model is that after this step, and
        `history.interrupted` is True. A second Ctrl-C ends at once.

    Raises
    ------
    ValueError
        If there are no samples, if samples and targets differ in number, if their shapes do not
        suit the model, the model does not suit the loss, a sample holds NaN or infinity, or an
        option is outside its range.
    TypeError
        If `model` is none, samples or class numbers are not numbers, `optimizer` makes no steps or
        has no state to keep, `loss` is no function or returns no pair, `validation` is neither a
        pair nor a fraction, or an option is of a wrong type.
    NotFiniteError
        If a loss, a gradient or a parameter is not finite. It says in which layer, step, batch and
        sample that began; parameters and state of the layers are again those from before the
        epoch, and ``error.history`` holds what came before. It is an ArithmeticError.
    CheckpointError
        If the folder holds a training and `resume` is False, or the file is cut off, changed,
        foreign, of a training with other samples, options or layers, or of one that is at work
        at this moment. It is a ValueError.
    OSError
        If the checkpoint cannot be written. The model is whole, and so is the file before.

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
    loss = samples.as_loss(loss, "fit")
    _check_optimizer(optimizer)
    X, targets = samples.check_samples(model, X, targets, loss, "fit", "X")
    shapes.as_generator(seed, "fit")
    train, kept_back = samples.split(model, X, targets, validation, loss, seed)
    plan = Plan(
        train=train,
        validation=kept_back,
        epochs=shapes.as_count(epochs, "fit", "epochs"),
        batch_size=shapes.as_count(batch_size, "fit", "batch_size"),
        drop_last=shapes.as_flag(drop_last, "fit", "drop_last"),
        loss=loss,
        weighted=as_weighted(class_weights, loss, targets[train.places], model.output_shape[-1]),
        schedule=_as_schedule(schedule, optimizer),
        clip_norm=_as_limit(clip_norm, "clip_norm"),
        clip_value=_as_limit(clip_value, "clip_value"),
        augment=as_augment(augment, model.input_shape),
        early_stopping=as_early_stopping(early_stopping),
        on_epoch=_as_functions(on_epoch),
    )
    _check_plan(plan, model)
    resume = shapes.as_flag(resume, "fit", "resume")
    progress = shapes.as_flag(progress, "fit", "progress")
    history = _carry_out(plan, model, optimizer, seed, checkpoint, resume, progress)
    if history.interrupted:
        warnings.warn(
            f"fit: was interrupted after step {len(history.step_losses)}; training stopped. The "
            f"model is as after that step; call fit again to go on, or once more Ctrl-C.",
            RuntimeWarning,
            stacklevel=2,
        )
    return history


def _carry_out(
    plan: Plan,
    model: Sequential,
    optimizer: Any,
    seed: Seed,
    checkpoint: Any,
    resume: bool,
    progress: bool,
) -> History:
    """Begin a training, or go on with one, and bring it to its end."""
    rng = _orders_after(model, seed, plan)
    place = as_checkpoint(checkpoint, resume, optimizer, rng)
    run = Run(plan, model, optimizer, rng)
    if place is None:
        run.go(_keep_nothing, progress)
    else:
        with only_training(place.parent):
            file = Checkpoint(place, _options(run, seed))
            file.read(run)
            run.go(lambda: file.write(run), progress)
    return run.history


def _keep_nothing() -> None:
    """Write no checkpoint."""


def _orders_after(model: Sequential, seed: Any, plan: Plan) -> np.random.Generator:
    """Return what draws the orders; a seed begins anew, with those that the model has seen."""
    rng = shapes.as_generator(seed, "fit")
    for _ in range(0 if rng is seed else model.epochs):
        rng.permutation(len(plan.train))
        if plan.augment is not None:
            rng.integers(2**63)
    return rng


def _options(run: Run, seed: Any) -> dict[str, str]:
    """Return all that a training must be called with again to become what it was to be."""
    plan, weighted = run.plan, run.plan.weighted
    return {
        "model": in_words(run.model),
        "X or targets": plan.train.fingerprint(),
        "validation": "" if plan.validation is None else plan.validation.fingerprint(),
        "optimizer": optimizer_in_words(run.optimizer, with_rate=plan.schedule is None),
        "loss": in_words(plan.loss),
        "class_weights": "" if weighted is None else repr(weighted.weights.tolist()),
        "seed": in_words(seed),
        **{
            name: in_words(getattr(plan, name))
            for name in ("batch_size", "drop_last", "clip_norm", "clip_value", "augment")
        },
        "schedule": in_words(plan.schedule),
        "early_stopping": in_words(plan.early_stopping),
    }


def _check_plan(plan: Plan, model: Sequential) -> None:
    """Refuse options that do not go together."""
    if plan.steps == 0:
        raise ValueError(
            f"fit: drop_last=True leaves no batch, for there are {len(plan.train)} samples to "
            f"train with and batch_size={plan.batch_size}; pass a smaller batch_size."
        )
    if plan.early_stopping is None:
        return
    monitor = plan.early_stopping.monitor
    if plan.validation is None and monitor.startswith("validation"):
        raise ValueError(
            f"fit: early_stopping watches {monitor}, but there is no validation; pass "
            f'validation=0.2, or EarlyStopping(..., monitor="loss").'
        )
    some = plan.validation if monitor.startswith("validation") else plan.train
    if MONITORS[monitor][1] and not (
        some is not None and samples.are_classes(some.targets) and len(model.output_shape) == 1
    ):
        raise ValueError(
            f"fit: early_stopping watches {monitor}, but the targets are no class numbers, so that "
            f"there is no accuracy; watch a loss, EarlyStopping(..., monitor="
            f'"{monitor.replace("accuracy", "loss")}").'
        )


def _as_limit(value: Any, name: str) -> float | None:
    """Return how long a gradient may be; nothing if there is no limit."""
    if value is None:
        return None
    return shapes.as_number(value, "fit", name, within=shapes.POSITIVE, hint="try 1.0")


def _as_schedule(schedule: Any, optimizer: Any) -> Schedule | None:
    """Return what says the rate of each epoch."""
    if schedule is None:
        return None
    if not callable(schedule):
        raise TypeError(
            f"fit: schedule={words.brief(schedule)} came, but a function epoch -> learning rate is "
            f"needed; pass one of cnnlab.schedules, as StepDecay(0.1, every=10, factor=0.5)."
        )
    as_learning_rate(schedule, "fit", "schedule", "")
    if not hasattr(optimizer, "learning_rate") or callable(optimizer.learning_rate):
        raise ValueError(
            f"fit: schedule came with an optimizer {type(optimizer).__name__} whose learning_rate "
            f"is {'a schedule itself' if hasattr(optimizer, 'learning_rate') else 'missing'}; give "
            f"it a number, as SGD(0.1), which the schedule then changes."
        )
    return schedule


def _as_functions(on_epoch: Any) -> tuple[Callable[[Epoch], Any], ...]:
    """Return what is called after each epoch, one by one."""
    functions = list(on_epoch) if isinstance(on_epoch, (list, tuple)) else [on_epoch]
    return tuple(
        shapes.as_function(
            function,
            "fit",
            "on_epoch",
            "on_epoch(epoch)",
            f"pass early_stopping={function!r}"
            if isinstance(function, EarlyStopping)
            else "pass one, or a list of them, as lambda epoch: print(epoch.loss)",
        )
        for function in functions
        if on_epoch is not None
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
