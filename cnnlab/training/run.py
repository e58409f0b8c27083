"""A training under way: epochs, steps, and where it stands between two of them."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
from tqdm import tqdm

from cnnlab import shapes, weights
from cnnlab.model import Sequential
from cnnlab.optimizers import Optimizer
from cnnlab.schedules import Schedule, rate_at
from cnnlab.training import finite, gradients, samples
from cnnlab.training.augmentation import augmented
from cnnlab.training.evaluation import Evaluation, measure
from cnnlab.training.history import Epoch, History
from cnnlab.training.interrupts import Interrupt
from cnnlab.training.samples import LossFunction, Samples
from cnnlab.training.stopping import EarlyStopping
from cnnlab.training.weighting import WeightedCrossEntropy

PAUSE = 60.0  # seconds after which a checkpoint is written within an epoch, too


@dataclass(frozen=True, eq=False)
class Plan:
    """What `fit` was called with, checked."""

    train: Samples
    validation: Samples | None
    epochs: int
    batch_size: int
    drop_last: bool
    loss: LossFunction
    weighted: WeightedCrossEntropy | None
    schedule: Schedule | None
    clip_norm: float | None
    clip_value: float | None
    augment: Callable[[np.ndarray, np.random.Generator], np.ndarray] | None
    early_stopping: EarlyStopping | None
    on_epoch: tuple[Callable[[Epoch], Any], ...]

    @property
    def steps(self) -> int:
        """How many steps an epoch has."""
        if self.drop_last:
            return len(self.train) // self.batch_size
        return shapes.ceil_div(len(self.train), self.batch_size)


class Run:
    """A training under way.

    Between two steps `place`, the history, the best state and the states of model and optimizer
    are all that it is: who puts them back goes on as if nothing had happened.
    """

    def __init__(self, plan: Plan, model: Sequential, optimizer: Any, rng: np.random.Generator):
        self.plan, self.model, self.optimizer, self.rng = plan, model, optimizer, rng
        self.history = History()
        self.best: dict[str, Any] | None = None
        self._drawer: np.random.Generator | None = None  # draws for `augment`, anew in each epoch
        self._begun: Any = rng.bit_generator.state  # that of `rng` before this epoch
        self._order = np.zeros(0, np.int64)
        self._before: dict[str, Any] = {}  # the last good state of the model,
        self._good = ""  # and what its parameters are
        self._generators = finite.generators_of(model)
        self._spoilt = finite.spoilt_parameters(model)  # before any step
        self._untold = False  # an epoch has ended of which `on_epoch` has not heard
        self._reset_sums()

    # --- Where it stands --------------------------------------------------------------------------

    def _reset_sums(self) -> None:
        self.done = 0  # steps of this epoch
        self._loss_sum = self._weight_sum = self._hits = self._seconds = 0.0
        self._visited = 0

    def place(self) -> dict[str, Any]:
        """Return where the run stands, as JSON has it."""
        drawer = self._drawer
        return {
            "epochs": self.model.epochs,
            "done": self.done,
            "sums": [self._loss_sum, self._weight_sum, self._hits, self._seconds, self._visited],
            "untold": self._untold,
            "options": self._numbers_of_optimizer(),
            "rng": self._begun,
            "drawer": None if drawer is None or not self.done else drawer.bit_generator.state,
        }

    def go_on(self, place: dict[str, Any], history: History, best: dict[str, Any]) -> None:
        """Stand where another run stood; the model and the optimizer do so already."""
        self.history, self.best = history, best or None
        vars(self.model)["epochs"] = place["epochs"]
        self.rng.bit_generator.state = place["rng"]
        self._untold = place["untold"]
        for name, value in place["options"].items():
            setattr(self.optimizer, name, value)
        if place["done"]:
            self._begin_epoch()
            self._good = "those of the checkpoint"
            self.done = place["done"]
            *sums, self._visited = place["sums"]
            self._loss_sum, self._weight_sum, self._hits, self._seconds = sums
            if self._drawer is not None:
                self._drawer.bit_generator.state = place["drawer"]

    def _numbers_of_optimizer(self) -> dict[str, Any]:
        """Return the options of the optimizer that are numbers: `on_epoch` may change them."""
        given = vars(self.optimizer) if hasattr(self.optimizer, "__dict__") else {}
        return {
            name: value.item() if isinstance(value, np.generic) else value
            for name, value in given.items()
            if isinstance(value, float | int | np.floating | np.integer)
            and not isinstance(value, bool)
            and not name.startswith("_")
            and name != "steps"
        }

    # --- Going ------------------------------------------------------------------------------------

    def go(self, keep: Callable[[], None], progress: bool) -> None:
        """Train until all epochs are over, or it ends before; `keep` writes a checkpoint."""
        steps = self.plan.epochs * self.plan.steps
        begin = len(self.history.step_losses)
        bar = tqdm(total=steps, initial=begin, desc="training", unit="step", disable=not progress)
        with Interrupt() as interrupt, bar:
            if begin == 0:
                keep()  # whatever cannot be kept is told before the first step
            self._told(keep)
            while len(self.history.losses) < self.plan.epochs and not self.history.stopped:
                if self.done == 0:
                    self._begin_epoch()
                self._steps(keep, interrupt, bar)
                self._check_parameters()
                if not interrupt.came:
                    self._end_epoch()
                    self._told(keep)
                keep()
                if interrupt.came:
                    break
        self.history.interrupted = interrupt.came
        if self.best is not None and not interrupt.came:
            weights.put_back(self.model, self.best)

    def _begin_epoch(self) -> None:
        """Draw the order of the samples, and set the rate if it is one for each epoch."""
        plan, self._begun = self.plan, self.rng.bit_generator.state
        self._reset_sums()
        self._order = plan.train.places[self.rng.permutation(len(plan.train))]
        if plan.augment is not None:
            self._drawer = np.random.default_rng(self.rng.integers(2**63))
        if plan.schedule is not None:
            self.optimizer.learning_rate = rate_at(plan.schedule, self.model.epochs, "fit")
        self._before, self._good = self.model.state(), "those from before this epoch"

    def _steps(self, keep: Callable[[], None], interrupt: Interrupt, bar: Any) -> None:
        """Take the steps that are left of an epoch, or those until Ctrl-C."""
        kept = began = time.perf_counter()
        epoch = f"{len(self.history.losses) + 1}/{self.plan.epochs}"
        for number in range(self.done, self.plan.steps):
            L = self._step(self._order[number * self.plan.batch_size :][: self.plan.batch_size])
            self.done = number + 1
            bar.set_postfix(epoch=epoch, loss=f"{L:.4f}", refresh=False)
            bar.update()
            now = time.perf_counter()
            self._seconds, began = self._seconds + now - began, now
            if interrupt.came:
                return
            if now - kept > PAUSE:
                self._check_parameters()
                keep()
                kept = time.perf_counter()

    def _step(self, batch: np.ndarray) -> float:
        """Run the four lines on a batch; return its loss."""
        plan, model = self.plan, self.model
        X, targets = plan.train.X[batch], plan.train.targets[batch]
        if self._drawer is not None:
            X = augmented(plan.augment, X, self._drawer)
        drawn = [(one, one.bit_generator.state) for one in self._generators]
        Y = model.forward(X, training=True)
        L, dY = samples.loss_of(plan.weighted or plan.loss, Y, targets, "fit")
        if not math.isfinite(L):
            self._stop(f"the loss became {L}", X, targets, batch, drawn)
        model.backward_to_parameters(dY)
        if not gradients.are_finite(model):
            self._stop("a gradient became NaN or infinite", X, targets, batch, drawn)
        gradients.clip(model, plan.clip_norm, plan.clip_value)
        rate = float(getattr(self.optimizer, "current_learning_rate", math.nan))
        self.optimizer.step(model)
        self.history.step_losses.append(L)
        self.history.learning_rates.append(rate)
        weight = float(plan.weighted.weights[targets].sum()) if plan.weighted else len(batch)
        self._loss_sum += L * weight
        self._weight_sum += weight
        self._hits += samples.hits(Y, targets)
        self._visited += len(batch)
        return L

    def _end_epoch(self) -> None:
        """Measure, and record what the epoch came to."""
        plan, began = self.plan, time.perf_counter()
        result = None
        if plan.validation is not None:
            result = measure(self.model, plan.validation, plan.loss, "fit")
        self.model.epochs += 1
        loss = self._loss_sum / self._weight_sum if self._weight_sum else 0.0
        seconds = self._seconds + time.perf_counter() - began
        self.history._end_epoch(loss, self._hits / self._visited, result, seconds)
        self._begun = self.rng.bit_generator.state
        self._reset_sums()
        if plan.early_stopping is not None:
            best, since = plan.early_stopping.judge(self.history)
            self.history.best_epoch = best or None
            if best and since == 0:
                self.best = self.model.state()
            self.history.stopped = since >= plan.early_stopping.patience
        self._untold = bool(plan.on_epoch)

    def _told(self, keep: Callable[[], None]) -> None:
        """Tell all functions of `on_epoch` of an epoch; one of them may end training."""
        if not self._untold:
            return
        history = self.history
        validation = None
        if self.plan.validation is not None:
            validation = Evaluation(
                history.validation_losses[-1], history.validation_accuracies[-1]
            )
        epoch = Epoch(
            len(history.losses),
            history.losses[-1],
            history.accuracies[-1],
            validation,
            history.learning_rates[-1],
            history.seconds[-1],
            self.model,
            history,
        )
        try:
            for function in self.plan.on_epoch:
                answer = function(epoch)
                if isinstance(answer, bool | np.bool_) and answer:
                    history.stopped = True
        except Exception:
            keep()  # going on begins with telling them again
            raise
        self._untold = False

    # --- Stopping ---------------------------------------------------------------------------------

    def _check_parameters(self) -> None:
        """Stop if a step left a parameter that is no number, which no loss has told yet."""
        for name in finite.spoilt_parameters(self.model):
            was_so = name in self._spoilt
            words = f"in {name}" + (", which held NaN or infinity before" if was_so else "")
            origin = finite.Origin(words, name.rpartition(".")[0], None, not was_so)
            hint = finite.SPOILT if was_so else finite.RATE
            self._raise("a parameter is NaN or infinite", origin, hint, None)
        kept = self.optimizer.state() if isinstance(self.optimizer, Optimizer) else {}
        for name, value in kept.items():
            if not gradients.is_finite(np.asarray(value)):
                layer = name.rpartition(".")[0].rpartition(".")[0]
                origin = finite.Origin(f"in {name} of the optimizer", layer, None, True)
                self._raise("what the optimizer keeps is infinite", origin, finite.RATE, None)

    def _stop(
        self, what: str, X: np.ndarray, targets: np.ndarray, batch: np.ndarray, drawn: Any
    ) -> NoReturn:
        """Look for where a number stopped being finite, and say it."""
        loss = self.plan.weighted or self.plan.loss
        origin = finite.find(self.model, X, targets, loss, drawn)
        step = len(self.history.step_losses) + 1
        hint = finite.advice(self.model, X, origin, step)
        sample = None if origin.row is None else int(batch[origin.row])
        self._raise(what, origin, hint, sample)

    def _raise(self, what: str, origin: finite.Origin, hint: str, sample: int | None) -> NoReturn:
        """Put the last good state back, and raise the error."""
        weights.put_back(self.model, self._before)
        steps = len(self.history.step_losses)
        made_by_step = origin.of_step and steps > 0
        step, number = (steps, self.done) if made_by_step else (steps + 1, self.done + 1)
        epoch = len(self.history.losses) + 1
        words = origin.words + (", in the step of the optimizer" if made_by_step else "")
        words += "" if sample is None else f", with sample X[{sample}]"
        raise finite.NotFiniteError(
            f"fit: {what} at step {step} (epoch {epoch}, batch {number}); training stopped. It "
            f"began {words}. {hint}; the parameters are again {self._good}, and the history is in "
            f"error.history.",
            self.history,
            origin.layer,
            step,
            epoch,
            number,
            sample,
        )
