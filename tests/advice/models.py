"""Models in files, states of models, with the advice that answers what is wrong with them."""

import json
import tempfile
from pathlib import Path

import numpy as np
import safetensors.numpy

from cnnlab import weights
from cnnlab.layers import Dense, Dropout, Layer
from cnnlab.model import Sequential

FOLDER = tempfile.TemporaryDirectory(prefix="advice-")
SAVED = Path(FOLDER.name, "model.safetensors")
VECTOR = np.arange(3.0)
OTHER = safetensors.numpy.save({"w": VECTOR})


class Double(Layer):
    """A layer of one's own; what it is told is kept under another name."""

    def __init__(self, times=2, *, ops=None):
        super().__init__(ops=ops)
        self.factor = times

    def forward(self, X, *, training=None):
        return self.factor * X

    def backward(self, dY):
        return self.factor * dY


class Kept(Double):
    """The same, with what it is told under the name it has."""

    def __init__(self, times=2, *, ops=None):
        super().__init__(times, ops=ops)
        self.times = times


class Loose(Double):
    """The same, with options that have no names."""

    def __init__(self, *args):
        super().__init__(*args)


def model(*layers, spoilt=False):
    """Return a model of vectors, with a number that is none if it is spoilt."""
    made = Sequential([*layers, Dense(2)], input_shape=(3,))
    if spoilt:
        made[-1].parameters["b"][0] = np.nan
    return made


def answer():
    """Return what the plain model makes of the vector."""
    return model()(VECTOR)


def kept(made=None, path=SAVED, **options):
    """Write a model and read it again; return what it makes of the vector."""
    made = model() if made is None else made
    made.save(path)
    return Sequential.load(path, **options)(VECTOR)


def write(content):
    """Write bytes to another file; return its path."""
    path = SAVED.with_name("another.safetensors")
    path.write_bytes(content)
    return path


def saved(change=lambda content: content):
    """Read a model whose file was changed; return what it makes of the vector."""
    model().save(SAVED)
    return Sequential.load(write(change(SAVED.read_bytes())))(VECTOR)


def with_three_outputs(content):
    """Return the bytes of a model of which layers and arrays do not belong together."""
    length = int.from_bytes(content[:8], "little")
    text = json.loads(content[8 : 8 + length])["__metadata__"]["model"]
    text = json.dumps(json.loads(text) | {"layers": [["Dense", False, {"outputs": 3}]]})
    arrays = safetensors.numpy.load(content)
    metadata = {"kind": weights.MODEL.mark, "model": text, "digest": weights._digest(text, arrays)}
    return safetensors.numpy.save(arrays, metadata)


def put(state, *layers):
    """Give a new model a state; return what it makes of the vector."""
    made = Sequential([*layers, Dense(2)], input_shape=(3,), seed=1)
    made.set_state(state)
    return made(VECTOR)


def right():
    """Give a new model the state of the plain one."""
    return put(model().state())


CASES = {
    "a state that is a list": (
        lambda: put([1, 2]),
        "pass what model.state() returned",
        right,
        answer,
    ),
    "the state of another model": (
        lambda: put({}),
        "pass the state of a model with the same layers",
        right,
        answer,
    ),
    "the state of a larger model": (
        lambda: put({"0.Dense.w": np.ones((3, 3)), "0.Dense.b": np.ones(3)}),
        "pass the state of a model with the same layers, input_shape and dtype",
        right,
        answer,
    ),
    "a state with NaN": (
        lambda: put(model(spoilt=True).state()),
        "pass a state from before",
        right,
        answer,
    ),
    "a number in the place of a generator": (
        lambda: put(model(Dropout(0.5)).state() | {"0.Dropout.generator": 3}, Dropout(0.5)),
        "pass what model.state() returned",
        lambda: put(model(Dropout(0.5)).state(), Dropout(0.5)),
        lambda: model(Dropout(0.5))(VECTOR),
    ),
    "a model with NaN": (
        lambda: kept(model(spoilt=True)),
        "save a model of finite numbers",
        kept,
        answer,
    ),
    "a number for a path": (
        lambda: kept(path=3),
        'pass a string, for example "model.safetensors"',
        kept,
        answer,
    ),
    "a number for a path to read": (
        lambda: Sequential.load(3),
        'pass a string, for example "model.safetensors"',
        kept,
        answer,
    ),
    "a folder that is missing": (
        lambda: kept(path=Path(FOLDER.name, "nowhere", "model")),
        "pass the path of a file in a folder that exists",
        kept,
        answer,
    ),
    "a layer that does not keep its option": (
        lambda: kept(model(Double(3)), layers=[Double]),
        "write self.times = times in its __init__",
        lambda: kept(model(Kept(3)), layers=[Kept]),
        lambda: model(Double(3))(VECTOR),
    ),
    "an option that is a set": (
        lambda: kept(model(Kept({3})), layers=[Kept]),
        "use numbers, words and tuples of them",
        lambda: kept(model(Kept(3)), layers=[Kept]),
        lambda: model(Kept(3))(VECTOR),
    ),
    "an option that is an array": (
        lambda: kept(model(Kept(np.ones(3))), layers=[Kept]),
        "use numbers, words and tuples of them",
        lambda: kept(model(Kept(1.0)), layers=[Kept]),
        lambda: model(Double(1.0))(VECTOR),
    ),
    "a layer with options that have no names": (
        lambda: kept(model(Loose(3)), layers=[Loose]),
        "write its options one by one in its __init__",
        lambda: kept(model(Kept(3)), layers=[Kept]),
        lambda: model(Loose(3))(VECTOR),
    ),
    "an object in the place of a class": (
        lambda: kept(model(Kept(3)), layers=[Kept(3)]),
        "pass the classes, as in layers=[MyLayer]",
        lambda: kept(model(Kept(3)), layers=[Kept]),
        lambda: model(Kept(3))(VECTOR),
    ),
    "a layer of one's own": (
        lambda: kept(model(Kept(3))),
        "pass its class, layers=[Kept]",
        lambda: kept(model(Kept(3)), layers=[Kept]),
        lambda: model(Kept(3))(VECTOR),
    ),
    "no file": (
        lambda: Sequential.load(SAVED.with_name("nothing")),
        "check the path",
        kept,
        answer,
    ),
    "a file of other arrays": (
        lambda: Sequential.load(write(OTHER)),
        "read its arrays with safetensors.numpy.load_file",
        lambda: safetensors.numpy.load_file(write(OTHER))["w"],
        lambda: VECTOR,
    ),
    "a model that is cut off": (
        lambda: saved(lambda content: content[:-1]),
        "pass a file that model.save wrote",
        saved,
        answer,
    ),
    "a model that was changed": (
        lambda: saved(lambda content: content[:-1] + b"\1"),
        "save the model again",
        saved,
        answer,
    ),
    "a model whose parts do not belong together": (
        lambda: saved(with_three_outputs),
        "save the model again",
        saved,
        answer,
    ),
}
