"""A training in a folder: how it was begun, and where its model and its history are.

``run.json`` says how it was begun; `cnnlab.training.fit` keeps ``checkpoint.safetensors`` there;
``model.safetensors`` is the model to use, ``history.csv`` has a row for each epoch.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, fields, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from cnnlab.files import forget_unfinished, unfinished, write_whole
from cnnlab.model import Sequential
from cnnlab.shapes import words
from cnnlab.training.checkpoints import LOCK, CheckpointError, only_training
from cnnlab.training.checkpoints import NAME as CHECKPOINT

__all__ = ["RunError", "Settings"]

KIND = "cnnlab run 1"  # of run.json; another number, where older programs cannot read it
SETTINGS, MODEL, HISTORY = "run.json", "model.safetensors", "history.csv"
TYPES = {  # of what JSON holds, by those of the settings
    "str": (str,),
    "bool": (bool,),
    "int": (int,),
    "int | None": (int, type(None)),
    "float": (float, int),
    "float | None": (float, type(None)),
}
PACKAGES = ("numpy", "numba", "safetensors")


class RunError(ValueError):
    """A folder does not hold the training that it should; the message says what to do."""


@dataclass(frozen=True)
class Settings:
    """How a training is begun: the options of ``cnnlab train``, by their names there."""

    data: str = "mnist-subset"
    model: str = "lenet"
    epochs: int = 20
    seed: int = 0
    batch_size: int = 32
    optimizer: str = "adam"
    learning_rate: float = 0.002
    decay: float = 0.9
    augment: bool = True
    validation: float | None = None
    early_stopping: int | None = None
    samples: int | None = None


@contextmanager
def begun(folder: Path, settings: Settings) -> Iterator[None]:
    """Write how a training is begun, and take it back if nothing of it can go on.

    That is one that fails before its first checkpoint, or whose numbers are not finite in the first
    epoch, as they would be again. Ctrl-C is no failure.
    """
    there, written = folder.exists(), (folder / SETTINGS).exists()
    with _only_training(folder):
        begin(folder, settings)
        try:
            yield
        except Exception as error:
            again = isinstance(error, ArithmeticError) and not (folder / MODEL).exists()
            if not written and (again or not (folder / CHECKPOINT).exists()):
                with suppress(OSError):
                    (folder / CHECKPOINT).unlink(missing_ok=True)
                    (folder / SETTINGS).unlink()
                    if not there:
                        (folder / LOCK).unlink()
                        folder.rmdir()
            raise


@contextmanager
def _only_training(folder: Path) -> Iterator[None]:
    """Make the folder, and keep other trainings out of it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _not_written(folder, error) from error
    with ExitStack() as held:
        try:
            held.enter_context(only_training(folder))
        except CheckpointError as error:
            raise RunError(
                f"another training is at work in {folder}; wait until it has ended, or pass --out "
                f"and another folder."
            ) from error
        yield


def _not_written(place: Path, error: OSError) -> OSError:
    return OSError(
        f"train: {place} cannot be written ({error.strerror or error}); pass --out FOLDER with a "
        f"folder that takes files."
    )


def begin(folder: Path, settings: Settings) -> None:
    """Write how a training is begun into a folder."""
    versions = {"cnnlab": version_of("cnnlab"), "python": platform.python_version()}
    versions |= {name: version_of(name) for name in PACKAGES}
    content = {"kind": KIND, **asdict(settings), "versions": versions}
    try:
        for name in (SETTINGS, MODEL, HISTORY):  # what a killed process left
            forget_unfinished(folder, unfinished(folder / name), age=0)
        write_whole(folder / SETTINGS, (json.dumps(content, indent=2) + "\n").encode(), sync=True)
    except OSError as error:
        raise _not_written(folder / SETTINGS, error) from error


def settings_of(folder: Path) -> Settings:
    """Return how the training in a folder was begun."""
    place = folder / SETTINGS
    try:
        content = json.loads(place.read_text("utf-8"))
        if content["kind"] != KIND:
            raise KeyError(content["kind"])
        return _checked(Settings(**{field.name: content[field.name] for field in fields(Settings)}))
    except FileNotFoundError as error:
        raise RunError(
            f"there is no training in {folder}, for it has no {SETTINGS}; pass the folder that "
            f"`cnnlab train --out FOLDER` made."
        ) from error
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise RunError(
            f"{place} is not what `cnnlab train` wrote ({type(error).__name__}: {error}); begin "
            f"anew with --out and another folder."
        ) from error


def _checked(settings: Settings) -> Settings:
    """Return settings from a file, each of which is of its kind."""
    for field in fields(Settings):
        value = getattr(settings, field.name)
        if type(value) not in TYPES[str(field.type)]:
            raise TypeError(f"{field.name} is {words.brief(value)}")
    return settings


def goes_on(folder: Path, resume: bool) -> bool:
    """Tell whether the training in a folder goes on; if not, one begins.

    What is in the way of either is refused: a model is never overwritten by another training.
    """
    if folder.exists() and not folder.is_dir():
        raise RunError(f"train: {folder} is a file; pass --out FOLDER with another name.")
    begun, step, model = ((folder / name).exists() for name in (SETTINGS, CHECKPOINT, MODEL))
    data = "" if begun else " --data mnist-subset"
    use = f"; `cnnlab evaluate {quoted(folder)}{data}` uses the model" if model else ""
    if model and not step:
        raise RunError(
            f"train: {folder} holds {MODEL} but no {CHECKPOINT}, without which no training goes "
            f"on, and a model is not overwritten; begin anew with --out and another folder{use}."
        )
    if step and not begun:
        raise RunError(
            f"train: {folder} holds {CHECKPOINT} but no {SETTINGS}, which says how the training "
            f"was begun, so that it cannot go on; begin anew with --out and another folder{use}."
        )
    if step and not resume:
        raise RunError(
            f"train: {folder} holds a training already; go on with `cnnlab train --resume --out "
            f"{quoted(folder)}`, or begin anew with --out and another folder."
        )
    return resume and begun


def gone_on(settings: Settings, changes: dict[str, Any], folder: Path) -> Settings:
    """Return the settings of a training that goes on; more epochs may be asked for."""
    for name, value in changes.items():
        there = getattr(settings, name)
        if value != there and not (name == "epochs" and value > there):
            option = f"--{name.replace('_', '-')}"
            raise RunError(
                f"train: the training in {folder} was begun with {option} {there}, but {option} "
                f"{value} came, and only more epochs are possible; leave it out, or begin anew "
                f"with --out and another folder."
            )
    return replace(settings, epochs=changes.get("epochs", settings.epochs))


def model_in(place: Path) -> Sequential:
    """Return the model of a training, or that of a file of `Sequential.save`."""
    if place.is_file():
        return Sequential.load(place)
    if not place.is_dir():
        raise RunError(
            f"there is no folder {place} (seen from {Path.cwd()}); pass the folder that `cnnlab "
            f"train --out FOLDER` made."
        )
    if not (place / MODEL).exists():
        settings_of(place)  # says it if there is no training at all
        raise RunError(
            f"the training in {place} has no model yet, for no epoch has ended; go on with "
            f"`cnnlab train --resume --out {quoted(place)}`."
        )
    return Sequential.load(place / MODEL)


def data_of(place: Path) -> str:
    """Return whose test images the model of a training reads, or a model that is a file."""
    if not place.is_dir():
        return Settings.data
    try:
        return settings_of(place).data
    except RunError as error:
        raise RunError(
            f"evaluate: nothing says what the model in {place} was trained with, for its "
            f"{SETTINGS} is missing or broken; say whose test images it is to read, with --data "
            f"mnist-subset, mnist or fashion-mnist."
        ) from error


def reader_in(place: Path) -> Sequential:
    """Return the model of a training that reads digits; nothing but the model is needed."""
    model = model_in(place)
    fits = model.input_shape == (1, 28, 28) and model.output_shape == (10,)
    with suppress(RunError):  # where nothing says what it learned from, it may read
        fits = fits and data_of(place) != "fashion-mnist"
    if not fits:
        raise RunError(
            f"predict: the network in {place} reads no digits: pictures become images of shape (1, "
            f"28, 28) with one of 10 digits; pass one that was trained with --data mnist-subset or "
            f"mnist."
        )
    return model


def quoted(place: Path) -> str:
    """Return a path as it is written in a command."""
    text = str(place)
    return f'"{text}"' if any(not (c.isalnum() or c in "/\\._-~:+,@") for c in text) else text


def version_of(package: str) -> str:
    """Return the version of a package; "not installed" if there is none."""
    if package == "cnnlab":
        from cnnlab import __version__

        return __version__
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
