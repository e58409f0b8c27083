"""All that a model is, as one state: to copy, to keep in a file, to read from one.

A file is one of safetensors: arrays by name, and words. The words hold the layers and their
options, so that a file alone is enough to make the model again; no code is in it, and none is run
to read it.
"""

from __future__ import annotations

import copy
import hashlib
import inspect
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
import safetensors
import safetensors.numpy

from cnnlab import initializers, layers, shapes
from cnnlab.files import write_whole
from cnnlab.layers import Layer
from cnnlab.layers.base import AsLayer, is_own, layers_within
from cnnlab.shapes import words
from cnnlab.typing import Backend

__all__ = ["MissingModelError", "ModelFileError"]

GENERATOR = "PCG64"  # that of np.random.default_rng
EXAMPLE = "model.safetensors"
PART = "layer"  # how a layer is marked that is an option of another one
State = dict[str, Any]
Model = TypeVar("Model")  # `cnnlab.model.Sequential`, which imports this file


class ModelFileError(ValueError):
    """A file does not hold the model that it should; the message says what to do."""


class MissingModelError(ModelFileError, FileNotFoundError):
    """There is no such file."""


class FileKind(NamedTuple):
    """One kind of file, and how messages speak of it: who reads it, what to do when it is none."""

    mark: str  # of the kind, in the file; another number, where older programs cannot read it
    thing: str
    reader: str
    error: type[ValueError]
    otherwise: str
    again: str


class _Entry(NamedTuple):
    """One value of a state: where it stands, and what it is called."""

    name: str
    values: dict[str, Any]
    key: str


def _entries(model: Any) -> Iterator[_Entry]:
    for where, layer in layers_within(model).items():
        for values in (layer.parameters, layer.state):
            for key in list(values):
                kept_twice = values is layer.state and key in layer.parameters
                yield _Entry(f"{where}.{key}{'.state' if kept_twice else ''}", values, key)


MODEL = FileKind(
    mark="cnnlab model 1",
    thing="model",
    reader="Sequential.load",
    error=ModelFileError,
    otherwise="pass a file that model.save wrote, or save the model again",
    again="save the model again",
)


# --- A state --------------------------------------------------------------------------------------


def state(model: Any) -> State:
    """Return copies of all that training changes in a model; see `Sequential.state`."""
    return {entry.name: copy.deepcopy(entry.values[entry.key]) for entry in _entries(model)}


def set_state(model: Any, given: Mapping[str, Any]) -> None:
    """Give a model a state, all of it or nothing; see `Sequential.set_state`."""
    entries = {entry.name: entry for entry in _entries(model)}
    same = "a model with the same layers"
    shapes.check_state_names("Sequential.set_state", given, entries, owner="model", same=same)
    put_back(model, {name: _fitting(name, given[name], entries[name]) for name in entries})


def put_back(model: Any, before: Mapping[str, Any]) -> None:
    """Give a model a state of its own, whatever numbers are in it."""
    for name, values, key in _entries(model):
        if name not in before:  # it came since
            del values[key]
        elif isinstance(values[key], np.ndarray):
            values[key][...] = before[name]  # others may hold the array, too
        elif isinstance(values[key], np.random.Generator):
            values[key].bit_generator.state = before[name].bit_generator.state
        else:
            values[key] = copy.deepcopy(before[name])


def _fitting(name: str, value: Any, entry: _Entry) -> Any:
    """Return a value that may stand in the place of the one that is there."""
    own = entry.values[entry.key]
    if isinstance(own, np.ndarray):
        same = "a model with the same layers, input_shape and dtype"
        return shapes.as_stored_array(
            value, "Sequential.set_state", name, own.shape, own.dtype, same=same
        )
    if not isinstance(value, type(own)) or _kind(value) != _kind(own):
        raise TypeError(
            f"Sequential.set_state: {name} is {words.brief(value)}, but {words.brief(own)} is "
            f"needed; pass what model.state() returned."
        )
    return value


def _kind(value: Any) -> str:
    """Return how a generator draws; nothing of what is none."""
    is_generator = isinstance(value, np.random.Generator)
    return str(value.bit_generator.state["bit_generator"]) if is_generator else ""


# --- To a file ------------------------------------------------------------------------------------


def save(model: Any, path: str | os.PathLike[str]) -> None:
    """Write a model to a file; see `Sequential.save`."""
    place = shapes.as_path(path, "Sequential.save", EXAMPLE)
    arrays, generators = pack(state(model), "Sequential.save", "save")
    text = json.dumps(
        {
            "input_shape": model.input_shape,
            "dtype": model.dtype.name,
            "epochs": model.epochs,
            "layers": [_written(part)[PART] for part in model.layers],
            "generators": generators,
        },
        default=_as_plain,
    )
    write_file(place, MODEL, text, arrays, "Sequential.save")


def pack(
    given: State, function: str, verb: str
) -> tuple[dict[str, np.ndarray], dict[str, dict[str, Any]]]:
    """Return the arrays of a state and what its generators are made of; refuse all else."""
    arrays: dict[str, np.ndarray] = {}
    generators: dict[str, dict[str, Any]] = {}
    for name, value in given.items():
        numbers = isinstance(value, np.ndarray) and value.dtype.kind in "fiub"
        if _kind(value) == GENERATOR:
            generators[name] = value.bit_generator.state
        elif numbers and value.dtype.itemsize <= 8 and np.isfinite(value).all():
            arrays[name] = np.array(value, order="C")
        else:
            what = "NaN or infinity" if numbers else words.brief(value)
            raise ValueError(
                f"{function}: {name} holds {what}, which is not kept in a file; {verb} a model "
                f"of finite numbers, arrays of them and generators of np.random.default_rng."
            )
    return arrays, generators


def write_file(
    place: Path, kind: FileKind, text: str, arrays: Mapping[str, np.ndarray], function: str
) -> None:
    """Write words and arrays, with their digest, to a file that is whole or not there."""
    metadata = {"kind": kind.mark, kind.thing: text, "digest": _digest(text, arrays)}
    content = _in_order(safetensors.numpy.save(dict(arrays), metadata))
    try:
        write_whole(place, content, sync=True)
    except (OSError, ValueError) as error:
        raise OSError(
            f"{function}: {place} cannot be written ({error}), and what was there "
            f"before is still there; pass the path of a file in a folder that exists and takes "
            f"{len(content):,} bytes.",
        ) from error


def _in_order(content: bytes) -> bytes:
    """Return a file of safetensors with its words in order, so that equal models make equal files.

    Before the arrays stands their description in JSON, and before that its length in eight bytes.
    """
    end = 8 + int.from_bytes(content[:8], "little")
    head = json.loads(content[8:end])
    head["__metadata__"] = dict(sorted(head["__metadata__"].items()))
    text = json.dumps(head, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # so that the arrays begin at a multiple of eight
    return len(text).to_bytes(8, "little") + text + content[end:]


def _written(part: Any) -> dict[str, Any]:
    """Return a layer, or a model within another one, as JSON has it."""
    return {PART: [type(part).__name__, is_own(part), _options(part)]}


def _options(layer: Any) -> dict[str, Any]:
    """Return with which options a layer was made."""
    found: dict[str, Any] = {}
    if isinstance(layer, AsLayer):
        return layer._written()
    for name, parameter in inspect.signature(type(layer).__init__).parameters.items():
        if name in ("self", "ops"):
            continue
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise ValueError(
                f"Sequential.save: {layer.name} takes {parameter}, which has no names to keep; "
                f"write its options one by one in its __init__."
            )
        kept = getattr(layer, "options", {})
        if not hasattr(layer, name) and name not in kept:
            raise ValueError(
                f"Sequential.save: {layer.name} does not keep its option {name}, so that it could "
                f"not be made again; write self.{name} = {name} in its __init__."
            )
        value: Any = getattr(layer, name, kept.get(name))
        if name == "initializer":  # its work is done; those of the package have names
            known = getattr(value, "__name__", "")
            if getattr(initializers, known, None) is not value:
                continue
            value = known
        if is_own(layer):
            _check_kept(value, f"{layer.name} has an option {name} that")
        found[name] = value
    return found


def _check_kept(value: Any, what: str) -> None:
    """Refuse an option that would come back from a file as something else."""
    if isinstance(value, list | tuple):
        for one in value:
            _check_kept(one, what)
    if isinstance(value, dict):
        for one in value.values():
            _check_kept(one, what)
    keys = isinstance(value, dict) and (
        any(not isinstance(key, str) for key in value) or list(value) == [PART]
    )
    if keys or isinstance(value, np.ndarray):
        kind = f"a dict with a key that is no word, or {PART!r} alone" if keys else "an array"
        raise ValueError(
            f"Sequential.save: {what} is or holds {kind}, {words.brief(value)}, which would come "
            f"back from a file as something else; use numbers, words and tuples of them, or keep "
            f"arrays in self.state."
        )


def _as_plain(value: Any) -> Any:
    """Return a layer, or a number or an array of NumPy, as JSON has them."""
    if isinstance(value, Layer | AsLayer):
        return _written(value)
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise ValueError(
        f"Sequential.save: an option is {words.brief(value)}, which is not kept in a file; use "
        f"numbers, words and tuples of them."
    )


def _digest(text: str, arrays: Mapping[str, np.ndarray]) -> str:
    """Return the SHA-256 of all that a file says."""
    digest = hashlib.sha256(text.encode())
    for name in sorted(arrays):
        digest.update(f"{name} {arrays[name].dtype.str} {arrays[name].shape}".encode())
        digest.update(arrays[name].data)
    return digest.hexdigest()


# --- From a file ----------------------------------------------------------------------------------


def load(
    kind: Callable[..., Model],
    path: str | os.PathLike[str],
    own: Iterable[type[Layer]],
    ops: Backend | None,
) -> Model:
    """Read a model from a file; see `Sequential.load`."""
    place = shapes.as_path(path, "Sequential.load", EXAMPLE, MissingModelError)
    kinds = _Kinds(place, kind, _as_classes(own), ops)
    text, arrays = read_file(place, MODEL)
    try:
        content = json.loads(text)
        epochs = shapes.as_integer(content["epochs"], "Sequential.load", "epochs", least=0)
        model = kind(
            [kinds.make(*one) for one in content["layers"]],
            input_shape=content["input_shape"],
            dtype=content["dtype"],
        )
        given = {**arrays, **unpack(content["generators"])}
        set_state(model, given)
        vars(model)["epochs"] = epochs
    except ModelFileError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, MemoryError, RecursionError) as error:
        raise ModelFileError(
            f"Sequential.load: the parts of {place} do not belong together ({error}); save the "
            f"model again."
        ) from error
    return model


def read_file(place: Path, kind: FileKind) -> tuple[str, dict[str, np.ndarray]]:
    """Return the words and the arrays of a file of ours."""
    try:
        with safetensors.safe_open(place, "np") as file:
            metadata = file.metadata() or {}
            if metadata.get("kind") != kind.mark:
                raise kind.error(
                    f"{kind.reader}: {place} is no {kind.thing} of this version of cnnlab (its "
                    f"kind is {metadata.get('kind')!r}, not {kind.mark!r}); read its arrays with "
                    f"safetensors.numpy.load_file."
                )
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, safetensors.SafetensorError) as error:
        raise kind.error(
            f"{kind.reader}: {place} cannot be read as a {kind.thing} ({error}); {kind.otherwise}."
        ) from error
    text = metadata.get(kind.thing, "")
    if metadata.get("digest") != _digest(text, arrays):
        raise kind.error(
            f"{kind.reader}: {place} was changed after it was written (its SHA-256 is another "
            f"one); {kind.again}."
        )
    return text, arrays


def _as_classes(own: Any) -> list[type[Layer]]:
    """Return the classes of layers of one's own."""
    classes = list(own) if isinstance(own, Iterable) else [own]
    for one in classes:
        if not (isinstance(one, type) and issubclass(one, Layer | AsLayer)):
            raise TypeError(
                f"Sequential.load: layers holds {words.brief(one)}, but classes of layers are "
                f"needed; pass the classes, as in layers=[MyLayer]."
            )
    return classes


class _Kinds:
    """Makes the layers of a file: those of the package, and of classes that were handed over."""

    def __init__(
        self, place: Path, model: Any, own: list[type[Layer]], ops: Backend | None
    ) -> None:
        self._place, self._ops = place, ops
        self._own: dict[str, Any] = {kind.__name__: kind for kind in own}
        ours: list[Any] = [getattr(layers, name) for name in layers.__all__]
        ours += [kind for kind in model.__mro__ if kind.__module__ == "cnnlab.model"]
        self._ours = {kind.__name__: kind for kind in ours}

    def make(self, name: str, handed_over: bool, options: dict[str, Any]) -> Any:
        """Make a layer with its options, some of which may be layers, too."""
        kinds = self._own if handed_over else self._ours
        if name not in kinds:
            raise ModelFileError(
                f"Sequential.load: {self._place} has a layer {name} that is not of cnnlab; pass "
                f"its class, layers=[{name}]."
            )
        given = {key: self._as_option(value) for key, value in options.items()}
        if "initializer" in given:
            given["initializer"] = initializers.zeros  # the values come from the file
        layer = kinds[name](**given)
        for inner in layers_within(layer).values():
            inner.ops = inner.ops if self._ops is None else self._ops
        if "initializer" in options:
            vars(layer)["initializer"] = getattr(initializers, str(options["initializer"]))
        return layer

    def _as_option(self, value: Any) -> Any:
        """Return what an option was: a layer, or of a list of JSON the tuple."""
        if isinstance(value, dict) and list(value) == [PART]:
            return self.make(*value[PART])
        if isinstance(value, dict):
            return {key: self._as_option(one) for key, one in value.items()}
        return tuple(map(self._as_option, value)) if isinstance(value, list) else value


def unpack(generators: Mapping[str, Any]) -> dict[str, np.random.Generator]:
    """Return generators in the states that they were in."""
    return {name: generator_in(state) for name, state in generators.items()}


def generator_in(state: Any) -> np.random.Generator:
    """Return a generator in the state that it was in."""
    generator = np.random.default_rng(0)
    generator.bit_generator.state = state
    return generator
