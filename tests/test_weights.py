"""All that a model is: copied, put back, written to a file, read from one or refused."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import safetensors.numpy
from support.failures import each
from support.layers import LAYERS
from support.networks import every_layer, snapshot

from cnnlab import fast, reference, weights
from cnnlab.data import mnist_subset
from cnnlab.initializers import he_normal
from cnnlab.layers import BatchNorm2D, Conv2D, Dense, Dropout, Flatten, Layer, ReLU
from cnnlab.model import Sequential
from cnnlab.optimizers import SGD
from cnnlab.training import fit
from cnnlab.weights import MissingModelError, ModelFileError


def trained(dtype=np.float64):
    """Return a model with every layer that has seen some images."""
    model = every_layer(fast, dtype=dtype)
    rng = np.random.default_rng(0)
    train(model, rng.random((8, 1, 6, 7)), rng.integers(0, 2, 8))
    return model


def train(model, X, labels):
    return fit(model, X, labels, optimizer=SGD(0.1), batch_size=4, progress=False).step_losses


X, LABELS = np.random.default_rng(1).random((8, 1, 6, 7)), np.arange(8) % 2


def test_equal_models_make_equal_files(tmp_path):
    model = trained()
    for name in "abcdefgh":  # the library writes the words in an order by chance
        model.save(tmp_path / name)
    assert len({path.read_bytes() for path in tmp_path.iterdir()}) == 1


class Told(Layer):
    """A layer of one's own with an option of any kind."""

    def __init__(self, option, *, ops=None):
        super().__init__(ops=ops)
        self.option = option

    def forward(self, X, *, training=None):
        return X

    def backward(self, dY):
        return dY


@each(option=[{1: 2.0}, {"layer": 1}, np.ones(3), (1, [np.ones(2)]), {"a": {None: 1}}])
def test_an_option_that_a_file_would_change_is_refused(option, tmp_path_factory):
    path = tmp_path_factory.mktemp("options") / "model"
    message = "Told has an option option that is or holds .*; use numbers, words and tuples"
    with pytest.raises(ValueError, match=rf"^Sequential.save: {message}"):
        Sequential([Told(option)], input_shape=(2,)).save(path)
    assert not path.exists()


@each(option=[{"a": (1, 2.5)}, "word", (True, None, ("x",)), 1e-300, np.float64(0.1), {}])
def test_other_options_come_back(option, tmp_path_factory):
    path = tmp_path_factory.mktemp("options") / "model"
    Sequential([Told(option)], input_shape=(2,)).save(path)
    assert Sequential.load(path, layers=[Told])[0].option == option


# ----------------------------------------------------------------------------------- a state


def test_a_state_is_all_that_training_changes(rng):
    model = trained()
    state, kept = model.state(), snapshot(model)
    losses = train(model, X, LABELS)
    assert snapshot(model) != kept
    arrays = [parameter.value for parameter in model.parameters()]
    model.set_state(state)
    assert snapshot(model) == kept
    assert all(p.value is array for p, array in zip(model.parameters(), arrays, strict=True))
    model.epochs -= 1
    assert train(model, X, LABELS) == losses


def test_a_state_says_where_its_values_sit():
    model = Sequential([Conv2D(2, 3), BatchNorm2D(), Flatten(), Dropout(0.5), Dense(2)],
                       input_shape=(1, 4, 5))  # fmt: skip
    assert list(model.state()) == [
        *("0.Conv2D.w", "0.Conv2D.b"),
        *("1.BatchNorm2D.w", "1.BatchNorm2D.b", "1.BatchNorm2D.mean", "1.BatchNorm2D.variance"),
        *("3.Dropout.generator", "4.Dense.w", "4.Dense.b"),
    ]


def test_a_state_is_a_copy():
    model = trained()
    kept = snapshot(model)
    for value in model.state().values():
        if isinstance(value, np.ndarray):
            value[...] = 7
        else:
            value.random(3)
    assert snapshot(model) == kept


def without(state, name):
    return {key: value for key, value in state.items() if key != name}


W = "0.Conv2D.w"
STATES = {
    "no dict": (lambda s: [*s.values()], TypeError, "a dict is needed"),
    "a value less": (lambda s: without(s, W), ValueError, f"lacks {W}; pass"),
    "a value more": (lambda s: s | {"mine": np.ones(3)}, ValueError, "has also mine; pass"),
    "another name": (
        lambda s: without(s, W) | {"mine": s[W]},
        ValueError,
        f"lacks {W} and has also mine",
    ),
    "another shape": (lambda s: s | {W: s[W][:1]}, ValueError, r"shape \(1, 1, 3, 3\)"),
    "complex numbers": (lambda s: s | {W: s[W] * 1j}, ValueError, "dtype complex128"),
    "text": (lambda s: s | {W: "w"}, ValueError, "dtype <U1"),
    "another dtype": (lambda s: s | {W: s[W].astype("f4")}, ValueError, "dtype float32"),
    "another generator": (
        lambda s: s | {"8.Dropout.generator": np.random.Generator(np.random.MT19937(0))},
        TypeError,
        "pass what model.state",
    ),
    "NaN": (lambda s: s | {W: s[W] * np.nan}, ValueError, "NaN or infinity"),
    "no generator": (lambda s: s | {"8.Dropout.generator": 3}, TypeError, "int 3, but Generator"),
}


@each(case=STATES)
def test_a_state_that_does_not_fit_changes_nothing(case):
    change, kind, says = case
    model = trained()
    kept = snapshot(model)
    wrong = change(model.state())
    with pytest.raises(kind, match=f"(?s)^Sequential.set_state: .*{says}"):
        model.set_state(wrong)
    assert snapshot(model) == kept


# ------------------------------------------------------------------------------------ a file


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_what_is_read_is_what_was_written(dtype, tmp_path):
    model = trained(dtype)
    model.save(tmp_path / "model.safetensors")
    read = Sequential.load(str(tmp_path / "model.safetensors"))
    assert repr(read) == repr(model)
    assert snapshot(read) == snapshot(model)
    assert read.epochs == model.epochs
    np.testing.assert_array_equal(read(X), model(X), strict=True)
    assert train(read, X, LABELS) == train(model, X, LABELS)
    assert snapshot(read) == snapshot(model)
    assert [path.name for path in tmp_path.iterdir()] == ["model.safetensors"]


@pytest.mark.parametrize("case", LAYERS, ids=lambda case: case.name)
def test_every_layer_keeps_its_options(case, tmp_path):
    model = case.model(fast)
    model.save(tmp_path / "model")
    read = Sequential.load(tmp_path / "model")
    assert repr(read) == repr(model)
    assert snapshot(read) == snapshot(model)


def test_initializers_and_backends(tmp_path):
    layers = [
        Dense(3, initializer=he_normal),
        Dense(2, initializer=lambda shape, rng: np.ones(shape)),
    ]
    model = Sequential(layers, input_shape=(4,))
    model.save(tmp_path / "model")
    read = Sequential.load(tmp_path / "model", ops=reference)
    assert read[0].initializer is he_normal
    assert all(layer.ops is reference for layer in read)
    np.testing.assert_array_equal(read(np.ones(4)), model(np.ones(4)))


class Scale(Layer):
    """A layer of one's own."""

    def __init__(self, factor, *, ops=None):
        super().__init__(ops=ops)
        self.factor = factor

    def forward(self, X, *, training=None):
        return self.factor * X

    def backward(self, dY):
        return self.factor * dY


class Forgetful(Scale):
    """A layer that does not keep its option."""

    def __init__(self, times, *, ops=None):
        super().__init__(times, ops=ops)


class Loose(Scale):
    """A layer whose options have no names."""

    def __init__(self, *args):
        super().__init__(*args)


def test_layers_of_ones_own(tmp_path):
    model = Sequential([Scale(np.float32(0.5)), Dense(2)], input_shape=(4,))
    model.save(tmp_path / "model")
    with pytest.raises(
        ModelFileError, match=r"a layer Scale that .* pass its class, layers=\[Scale\]"
    ):
        Sequential.load(tmp_path / "model")
    read = Sequential.load(tmp_path / "model", layers=[Scale])
    np.testing.assert_array_equal(read(np.ones(4)), model(np.ones(4)))
    with pytest.raises(
        ValueError, match=r"^Sequential.save: Forgetful .* write self.times = times"
    ):
        Sequential([Forgetful(2)], input_shape=(4,)).save(tmp_path / "model")
    for option in ({1}, np.sin):
        with pytest.raises(ValueError, match=r"^Sequential.save: an option is .*use numbers, word"):
            Sequential([Scale(option)], input_shape=(4,)).save(tmp_path / "model")
    with pytest.raises(ValueError, match=r"^Sequential.save: Loose takes \*args, .* one by one"):
        Sequential([Loose(2)], input_shape=(4,)).save(tmp_path / "model")
    with pytest.raises(TypeError, match=r"^Sequential.load: layers holds .*pass the class"):
        Sequential.load(tmp_path / "model", layers=[Scale(1)])
    assert Sequential.load(tmp_path / "model", layers=Scale).output_shape == (2,)
    assert Sequential.load(tmp_path / "model", layers=iter([Scale])).output_shape == (2,)


def test_a_layer_of_ones_own_that_is_called_like_another(tmp_path):
    own = type("ReLU", (Scale,), {"__init__": Scale.__init__})
    Sequential([own(7)], input_shape=(4,)).save(tmp_path / "model")
    with pytest.raises(ModelFileError, match=r"a layer ReLU that is not of cnnlab; pass its class"):
        Sequential.load(tmp_path / "model")
    assert Sequential.load(tmp_path / "model", layers=[own])(np.ones(4))[0] == 7


class Block(Layer):
    """A layer of one's own that holds others, and leaves their parameters to them."""

    def build(self, input_shape, rng, dtype=np.float64):
        self.norm = BatchNorm2D()
        self.norm.build(input_shape, rng, dtype)
        self.parameters = self.norm.parameters
        self.parameters["scalar"] = np.array(2.0)
        return input_shape

    def forward(self, X, *, training=None):
        return self.parameters["scalar"] * self.norm.forward(X, training=training)

    def backward(self, dY):
        self.gradients["scalar"] = np.array(0.0)
        dX = self.norm.backward(self.parameters["scalar"] * dY)
        self.gradients |= self.norm.gradients
        return dX


def test_layers_within_layers(tmp_path):
    model = Sequential([Block()], input_shape=(1, 6, 7))
    model.forward(X + 3, training=True)
    assert "0.Block.norm.mean" in model.state()
    model.save(tmp_path / "model")
    read = Sequential.load(tmp_path / "model", layers=[Block])
    np.testing.assert_array_equal(read(X), model(X), strict=True)


def test_generators_that_a_file_does_not_hold(tmp_path):
    seed = np.random.Generator(np.random.MT19937(0))
    model = Sequential([Dropout(0.5)], input_shape=(4,), seed=seed)
    with pytest.raises(ValueError, match=r"0.Dropout.generator holds .*np.random.default_rng"):
        model.save(tmp_path / "model")


def test_rights_and_links_stay(written):
    written.chmod(0o640)
    link = written.with_name("link")
    link.symlink_to(written)
    small().save(link)
    assert link.is_symlink()
    assert written.stat().st_mode & 0o777 == 0o640


def test_another_type_of_numbers_in_the_head_is_noticed(written):
    content = written.read_bytes()
    for kind in b"F32", b"I64":
        written.write_bytes(content.replace(b'"F64"', b'"' + kind + b'"', 1))
        with pytest.raises(ModelFileError):
            Sequential.load(written)


def small():
    return Sequential([Conv2D(2, 3), BatchNorm2D(), ReLU(), Flatten(), Dense(2)],
                      input_shape=(1, 4, 5))  # fmt: skip


@pytest.fixture
def written(tmp_path):
    """Write a small model; return its path."""
    small().save(tmp_path / "model")
    return tmp_path / "model"


def test_cut_off_anywhere(written):
    content = written.read_bytes()
    for length in range(0, len(content), 3):
        written.write_bytes(content[:length])
        with pytest.raises(ModelFileError, match=r"^Sequential.load: .*(model.save|again)"):
            Sequential.load(written)


def test_every_flipped_bit_is_noticed_or_changes_nothing(written):
    content, model = written.read_bytes(), small()
    for place in range(0, len(content), 3):
        changed = bytearray(content)
        changed[place] ^= 1 << place % 8
        written.write_bytes(changed)
        try:
            read = Sequential.load(written)
        except ModelFileError:
            continue
        assert (repr(read), snapshot(read)) == (repr(model), snapshot(model))


def deep(depth):
    """Return lists in lists."""
    found = []
    for _ in range(depth):
        found = [found]
    return found


def forged(change):
    """Return the bytes of a file whose words and arrays belong together and make no sense."""
    content = {
        "input_shape": [4],
        "dtype": "float64",
        "epochs": 0,
        "layers": [["Dense", False, {"outputs": 2}]],
        "generators": {},
    }
    arrays = {"0.Dense.w": np.ones((2, 4)), "0.Dense.b": np.zeros(2)}
    content, arrays = change(content, arrays) or (content, arrays)
    text = json.dumps(content)
    metadata = {"kind": weights.MODEL.mark, "model": text, "digest": weights._digest(text, arrays)}
    return safetensors.numpy.save(arrays, metadata)


FORGED = {
    "nothing wrong": lambda c, a: None,
    "a layer without an option": lambda c, a: c.update(layers=[["Dense", False, {}]]),
    "an unknown option": lambda c, a: c.update(layers=[["Dense", False, {"outputs": 2, "x": 1}]]),
    "an unknown layer": lambda c, a: c.update(layers=[["system", False, {}]]),
    "the base of all layers": lambda c, a: c.update(layers=[["Layer", False, {}]]),
    "an unknown initializer": lambda c, a: c.update(
        layers=[["Dense", False, {"outputs": 2, "initializer": "system"}]]
    ),
    "no layers": lambda c, a: c.update(layers=[]),
    "layers that are no list": lambda c, a: c.update(layers=7),
    "more memory than there is": lambda c, a: c.update(
        layers=[["Dense", False, {"outputs": 2**55}]]
    ),
    "another shape": lambda c, a: c.update(input_shape=[5]),
    "a shape that is none": lambda c, a: c.update(input_shape="x"),
    "another dtype": lambda c, a: c.update(dtype="complex128"),
    "epochs that are none": lambda c, a: c.update(epochs="many"),
    "endless epochs": lambda c, a: c.update(epochs=float("inf")),
    "epochs below 0": lambda c, a: c.update(epochs=-5),
    "an array less": lambda c, a: (c, {"0.Dense.w": a["0.Dense.w"]}),
    "NaN": lambda c, a: (c, a | {"0.Dense.b": np.full(2, np.nan)}),
    "a generator that is none": lambda c, a: c.update(generators={"0.Dense.g": {"x": 1}}),
    "a list": lambda c, a: ([1, 2], a),
    "a model of no layers": lambda c, a: c.update(
        layers=[["Dense", False, {"outputs": 2}], ["Sequential", False, {"layers": []}]]
    ),
    "a layer that is none, further in": lambda c, a: c.update(
        layers=[["Residual", False, {"layers": [{"layer": ["system", False, {}]}]}]]
    ),
    "a layer in the place of a number": lambda c, a: c.update(
        layers=[["Dense", False, {"outputs": {"layer": ["Flatten", False, {}]}}]]
    ),
    "layers without end": lambda c, a: c.update(layers=[["Dense", False, {"outputs": deep(700)}]]),
}


@pytest.mark.parametrize("case", FORGED)
def test_what_cannot_be_is_refused(case, tmp_path):
    (tmp_path / "model").write_bytes(forged(FORGED[case]))
    if case == "nothing wrong":
        assert Sequential.load(tmp_path / "model").output_shape == (2,)
        return
    with pytest.raises(ModelFileError, match=r"^Sequential.load: "):
        Sequential.load(tmp_path / "model")


def test_other_files(tmp_path):
    for content, says in {
        safetensors.numpy.save({"w": np.ones(3)}): "no model of this version",
        b"\x80\x04K\x01.": "cannot be read as a model",
        b"<!doctype html>": "cannot be read as a model",
        b"": "cannot be read as a model",
    }.items():
        (tmp_path / "model").write_bytes(content)
        with pytest.raises(ModelFileError, match=f"^Sequential.load: .*{says}"):
            Sequential.load(tmp_path / "model")
    with pytest.raises(MissingModelError, match=r"^Sequential.load: there is no file"):
        Sequential.load(tmp_path / "nothing")
    with pytest.raises(ModelFileError, match="cannot be read as a model"):
        Sequential.load(tmp_path)
    for call in (Sequential.load, small().save):
        with pytest.raises(TypeError, match=r"path=int 3 came.*pass a string"):
            call(3)


def test_what_is_not_finite_replaces_no_file(written):
    before = written.read_bytes()
    model = small()
    model[4].parameters["w"][0, 0] = np.inf
    with pytest.raises(ValueError, match=r"^Sequential.save: 4.Dense.w holds NaN or infinity"):
        model.save(written)
    assert written.read_bytes() == before


def test_a_full_disk_replaces_no_file(written, monkeypatch):
    before = written.read_bytes()

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=r"^Sequential.save: .*No space left.*is still there; pass"):
        small().save(written)
    assert written.read_bytes() == before
    assert [path.name for path in written.parent.iterdir()] == ["model"]
    with pytest.raises(OSError, match=r"^Sequential.save: .*cannot be written"):
        small().save(written / "within")


SAVE_AGAIN_AND_AGAIN = """
import sys
from cnnlab.layers import Dense
from cnnlab.model import Sequential

models = [Sequential([Dense(200)], input_shape=(300,), seed=seed) for seed in range(2)]
print("begun", flush=True)
while True:
    for model in models:
        model.save(sys.argv[1])
"""


@pytest.mark.slow
def test_a_kill_leaves_a_whole_file(tmp_path):
    path = tmp_path / "model"
    models = [Sequential([Dense(200)], input_shape=(300,), seed=seed) for seed in range(2)]
    expected = [snapshot(model) for model in models]
    models[0].save(path)
    command = [sys.executable, "-c", SAVE_AGAIN_AND_AGAIN, str(path)]
    for seconds in np.random.default_rng(0).uniform(0.02, 0.2, 5):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            process.stdout.readline()
            time.sleep(seconds)
            process.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
        assert snapshot(Sequential.load(path)) in expected


def test_digits_after_a_night(tmp_path):
    """Running statistics are kept, too: the accuracy of a model with batch normalization."""
    digits = mnist_subset(dtype=np.float32)
    some, labels = digits.X_train[:256], digits.labels_train[:256]
    model = Sequential(
        [Conv2D(4, 5, stride=2), BatchNorm2D(), ReLU(), Flatten(), Dense(10)],
        input_shape=(1, 28, 28),
        dtype=np.float32,
    )
    fit(model, some, labels, optimizer=SGD(0.1), progress=False)
    model.save(tmp_path / "digits.safetensors")
    read = Sequential.load(tmp_path / "digits.safetensors")
    np.testing.assert_array_equal(read(digits.X_test), model(digits.X_test))
