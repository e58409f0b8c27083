"""Checkpoints: all that a training is, in one file, so that it goes on as if nothing had happened.

The file is one of safetensors, as that of a model: arrays by name, and words in JSON. No code is in
it, and none is run to read it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from cnnlab import weights
from cnnlab.files import BusyError, forget_unfinished, held, unfinished
from cnnlab.shapes import words
from cnnlab.training.history import History
from cnnlab.weights import GENERATOR, FileKind

NAME = "checkpoint.safetensors"
LOCK = "checkpoint.lock"  # there while a training is at work, and held by its process


class CheckpointError(ValueError):
    """A training cannot go on from its checkpoint; the message says what to do."""


CHECKPOINT = FileKind(
    mark="cnnlab checkpoint 1",
    thing="checkpoint",
    reader="fit",
    error=CheckpointError,
    otherwise="begin anew in another folder, or pass the folder of another training",
    again="begin anew in another folder, or pass the folder of another training",
)


class Checkpoint:
    """The file of one training: where it is, and of which training it must be."""

    def __init__(self, place: Path, options: dict[str, str]) -> None:
        self.place, self.options = place, options

    def write(self, run: Any) -> None:
        """Write where a run stands, over what was written before."""
        model, generators = weights.pack(run.model.state(), "fit", "train")
        best, best_generators = weights.pack(run.best or {}, "fit", "train")
        optimizer, numbers = _apart(run.optimizer)
        record, ends = _of_history(run.history)
        parts = {"model": model, "best": best, "optimizer": optimizer, "history": record}
        arrays = {f"{part}.{name}": a for part, held in parts.items() for name, a in held.items()}
        text = json.dumps(
            {
                "options": self.options,
                "place": run.place(),
                "generators": {"model": generators, "best": best_generators},
                "optimizer": numbers,
                "history": ends,
            }
        )
        weights.write_file(self.place, CHECKPOINT, text, arrays, "fit")

    def read(self, run: Any) -> bool:
        """Bring a run to where it stood; return whether there was anything to read."""
        # Nobody else trains in this folder, so that what is unfinished is left from a kill.
        forget_unfinished(self.place.parent, unfinished(self.place), age=0)
        if not self.place.exists():
            return False
        text, arrays = weights.read_file(self.place, CHECKPOINT)
        before = run.model.state()
        try:
            content = json.loads(text)
            self._check(content["options"])
            parts = _parts(arrays)
            generators = content["generators"]
            model = parts["model"] | weights.unpack(generators["model"])
            best = parts["best"] | weights.unpack(generators["best"])
            history = _as_history(parts["history"], content["history"])
            self._check_epochs(len(history.losses), content["place"]["done"], run.plan.epochs)
            run.model.set_state(model)
            run.optimizer.set_state(parts["optimizer"] | content["optimizer"])
            run.go_on(content["place"], history, best)
        except CheckpointError:
            raise
        except (ValueError, TypeError, KeyError, AttributeError, RuntimeError) as error:
            weights.put_back(run.model, before)
            raise CheckpointError(
                f"fit: the parts of {self.place} do not belong together, or to this model and "
                f"optimizer ({error}); begin anew in another folder, or pass the folder of another "
                f"training."
            ) from error
        return True

    def _check(self, options: Mapping[str, str]) -> None:
        """Refuse the checkpoint of a training that was called otherwise."""
        for name, value in self.options.items():
            if options[name] != value:
                shown = f" ({name}={options[name]} there, {name}={value} here)"
                what = name + (shown if len(shown) < 120 else "")
                raise CheckpointError(
                    f"fit: {self.place} is the checkpoint of a training with another {what}, and "
                    f"would not become what it was to be; go on with all that it began with, or "
                    f"begin anew in another folder."
                )

    def _check_epochs(self, over: int, steps: int, epochs: int) -> None:
        """Refuse to end a training before where it stands."""
        begun = over + (steps > 0)
        if begun > epochs:
            raise CheckpointError(
                f"fit: epochs={epochs}, but {self.place} is of epoch {begun}; epochs counts those "
                f"before the checkpoint, too: pass epochs={begun} or more."
            )


def as_checkpoint(
    checkpoint: Any, resume: bool, optimizer: Any, rng: np.random.Generator
) -> Path | None:
    """Return the place of the file, in a folder that is there; the folder is made if it is not."""
    if checkpoint is None:
        if resume:
            raise ValueError(
                "fit: resume=True came without checkpoint; pass the folder of the training that "
                'is to go on, as checkpoint="run".'
            )
        return None
    if not isinstance(checkpoint, str | os.PathLike):
        raise TypeError(
            f"fit: checkpoint={words.brief(checkpoint)} came, but the path of a folder is needed; "
            f'pass a string, for example checkpoint="run".'
        )
    missing = [
        name for name in ("state", "set_state") if not callable(getattr(optimizer, name, None))
    ]
    if missing:
        raise TypeError(
            f"fit: checkpoint came with an optimizer {type(optimizer).__name__} that has no method "
            f"{missing[0]}; give it state(), which returns a dict of arrays and numbers, and "
            f"set_state(state), or use one of cnnlab.optimizers."
        )
    kind = type(rng.bit_generator).__name__
    if kind != GENERATOR:
        raise TypeError(
            f"fit: checkpoint came with a seed that is a generator of {kind}, which is not kept in "
            f"a file; pass an integer, or np.random.default_rng(0)."
        )
    place = Path(checkpoint).absolute() / NAME
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        there = place.exists()
    except (OSError, ValueError) as error:
        raise OSError(
            f"fit: the folder checkpoint={str(checkpoint)!r} cannot be made ({error}); pass the "
            f"path of a folder, and not of a file."
        ) from error
    if there and not resume:
        raise CheckpointError(
            f"fit: {place} holds the checkpoint of a training already; pass resume=True to go on "
            f"with it, or another folder to begin anew."
        )
    return place


@contextmanager
def only_training(folder: Path) -> Iterator[None]:
    """Keep other trainings out of a folder; what is held, a process that ends lets go."""
    with ExitStack() as stack:
        try:
            # `cnnlab train` holds it before `fit` does.
            stack.enter_context(held(folder / LOCK, again=True))
        except BusyError as error:
            raise CheckpointError(
                f"fit: another training is at work in {folder}, and each would write over what the "
                f"other one keeps; wait until it has ended, and pass resume=True to go on with it, "
                f"or pass another folder."
            ) from error
        except OSError as error:
            raise OSError(
                f"fit: nothing can be written into the folder {folder} "
                f"({error.strerror or error}); pass a folder that takes files."
            ) from error
        yield


def in_words(value: Any) -> str:
    """Return an option as a text that is the same in every process."""
    if isinstance(value, np.random.Generator):
        return "a generator"
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, type) or hasattr(value, "__qualname__"):
        return f"{value.__module__}.{value.__qualname__}"
    return re.sub(r" at 0x[0-9a-fA-F]+", "", repr(value))


def optimizer_in_words(optimizer: Any, *, with_rate: bool) -> str:
    """Return the kind and the options of an optimizer, without what changes from step to step."""
    changing = {"steps", "state", *(() if with_rate else ("learning_rate",))}
    options = {
        name: in_words(value)
        for name, value in sorted(vars(optimizer).items() if hasattr(optimizer, "__dict__") else ())
        if not name.startswith("_")
        and name not in changing
        and (isinstance(value, str | bool | int | float) or callable(value))
    }
    return f"{type(optimizer).__qualname__}({', '.join(f'{n}={v}' for n, v in options.items())})"


def _apart(optimizer: Any) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Return the arrays and the numbers of the state of an optimizer."""
    arrays: dict[str, np.ndarray] = {}
    numbers: dict[str, Any] = {}
    state = optimizer.state()
    for name, value in state.items() if isinstance(state, Mapping) else [("state()", state)]:
        if isinstance(value, np.ndarray) and value.dtype.kind in "fiub":
            arrays[str(name)] = np.array(value, order="C")
        elif isinstance(value, bool | int | float | np.bool_ | np.integer | np.floating):
            numbers[str(name)] = value.item() if isinstance(value, np.generic) else value
        else:
            raise TypeError(
                f"fit: the state of the optimizer {type(optimizer).__name__} holds {name}, "
                f"{words.brief(value)}, which is not kept in a file; let state() return a dict of "
                f"arrays and numbers."
            )
    return arrays, numbers


def _of_history(history: History) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Return the lists of a history as arrays, and all else."""
    lists, others = {}, {}
    for field in fields(history):
        value = getattr(history, field.name)
        if isinstance(value, list):
            lists[field.name] = np.array(value, np.float64)
        elif field.name != "interrupted":
            others[field.name] = value
    return lists, others


def _as_history(lists: Mapping[str, np.ndarray], others: Mapping[str, Any]) -> History:
    """Return the history that was taken apart."""
    history = History(**{name: array.tolist() for name, array in lists.items()}, **others)
    history.epoch_steps = [int(steps) for steps in history.epoch_steps]
    return history


def _parts(arrays: Mapping[str, np.ndarray]) -> dict[str, dict[str, np.ndarray]]:
    """Return arrays by the part they belong to, and by their names in it."""
    parts: dict[str, dict[str, np.ndarray]] = {
        part: {} for part in ("model", "best", "optimizer", "history")
    }
    for name, array in arrays.items():
        part, _, rest = name.partition(".")
        parts[part][rest] = array
    return parts
