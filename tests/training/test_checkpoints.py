"""Checkpoints: a training that was interrupted at any moment ends as one that was not."""

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import safetensors.numpy
from support.bars import IMAGES, LABELS, bars_model, fit_bars
from support.book import ROOT
from support.failures import each
from support.interrupts import usual_ctrl_c
from support.killed import everything
from support.networks import every_layer, snapshot
from support.soak import SOAK

from cnnlab import fast
from cnnlab.layers import BatchNorm2D, Dense, Flatten
from cnnlab.model import Sequential
from cnnlab.optimizers import SGD, Adam
from cnnlab.training import Augmentation, CheckpointError, EarlyStopping, fit, run
from cnnlab.training.checkpoints import LOCK

NAME = "checkpoint.safetensors"


def files(folder):
    return sorted(path.name for path in folder.iterdir())


@usual_ctrl_c()
def test_a_training_goes_on_to_the_same_bits_wherever_ctrl_c_came(tmp_path):
    plain, expected = everything()
    assert len(expected.step_losses) == 4 * 6
    moves, calls = Augmentation(shift=1, rotation=5), []

    def augment(X, rng):
        calls.append(len(X))
        if len(calls) == at:
            signal.raise_signal(signal.SIGINT)
        return moves(X, rng)

    for at in (1, 5, 6, 7, 24):  # in the first epoch, at its end, in the second, at the very end
        calls.clear()
        folder = tmp_path / f"{at}"
        with pytest.warns(RuntimeWarning, match=f"interrupted after step {at};"):
            _, cut = everything(folder, augment=augment)
        assert cut.interrupted
        assert len(cut.step_losses) == at
        assert files(folder) == [NAME]
        model, went_on = everything(folder, augment=augment)
        assert snapshot(model) == snapshot(plain)
        assert went_on == expected
        assert model.epochs == plain.epochs == 4


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills processes that it forks")
def test_killed_at_random_moments_a_training_ends_as_one_that_was_let_be():
    """Half by Ctrl-C, half by SIGKILL; 50 with CNNLAB_SOAK=1. No half file is ever there."""
    done = subprocess.run(
        [sys.executable, "-m", "support.killed", "50" if SOAK else "4"],
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"},
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "wrong: 0" in done.stdout


def small(folder=None, **options):
    """Train a small model; return what became of it and the history."""
    model = options.pop("model", None) or Sequential(
        [BatchNorm2D(), Flatten(), Dense(2)], input_shape=(1, 6, 7)
    )
    given = {"optimizer": SGD(0.1, momentum=0.9), "progress": False}
    if folder is not None:
        given |= {"checkpoint": folder}
    X, labels = options.pop("X", IMAGES), options.pop("labels", LABELS)
    history = fit(model, X, labels, **given | options)
    return snapshot(model), history


def test_a_training_that_is_over_goes_on_with_more_epochs(tmp_path):
    small(tmp_path, epochs=2)
    again, history = small(tmp_path, epochs=2, resume=True)
    assert again == small(epochs=2)[0]
    assert len(history.losses) == 2
    more, history = small(tmp_path, epochs=5, resume=True)
    whole, expected = small(epochs=5)
    assert more == whole
    assert history == expected
    assert len(history.seconds) == 5


def test_a_seed_that_is_a_generator_goes_on_too(tmp_path):
    small(tmp_path, epochs=2, seed=np.random.default_rng(8))
    rng, other = np.random.default_rng(8), np.random.default_rng(8)
    more, _ = small(tmp_path, epochs=4, seed=rng, resume=True)
    assert more == small(epochs=4, seed=other)[0]
    assert rng.bit_generator.state == other.bit_generator.state


def test_a_folder_without_a_checkpoint_begins_a_training(tmp_path):
    first, history = small(tmp_path / "new" / "run", resume=True)
    assert first == small()[0]
    assert len(history.losses) == 1
    assert files(tmp_path / "new" / "run") == [NAME]


def test_what_a_kill_left_is_taken_away(tmp_path):
    small(tmp_path)
    (tmp_path / f".{NAME}-unfinished-abc").write_bytes(b"half")
    (tmp_path / "mine").write_bytes(b"")
    small(tmp_path, epochs=2, resume=True)
    assert files(tmp_path) == [NAME, "mine"]


def test_best_weights_are_remembered(tmp_path):
    """The rate is so large that the first epochs are better than the last."""
    options = {"optimizer": SGD(3.0), "validation": 0.3, "early_stopping": EarlyStopping(50)}
    whole, expected = small(epochs=8, **options)
    assert expected.best_epoch < 8
    for epochs in (3, 6, 8):
        more, history = small(tmp_path, epochs=epochs, resume=True, **options)
    assert (more, history) == (whole, expected)


def test_a_training_that_was_stopped_early_stays_so(tmp_path):
    options = {"optimizer": SGD(3.0), "validation": 0.3, "early_stopping": EarlyStopping(1)}
    stopped, history = small(tmp_path, epochs=20, **options)
    assert history.stopped
    assert len(history.losses) < 20
    assert small(tmp_path, epochs=30, resume=True, **options) == (stopped, history)


def test_within_a_long_epoch_a_checkpoint_is_written_too(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "PAUSE", 0.0)
    seen = []

    def loss(Y, labels):
        content = safetensors.safe_open(tmp_path / NAME, "np").metadata()["checkpoint"]
        seen.append(json.loads(content)["place"]["done"])
        if len(seen) == 4:
            raise MemoryError
        return fast.cross_entropy(Y, labels)

    with pytest.raises(MemoryError):
        small(tmp_path, loss=loss, batch_size=8)
    assert seen == [0, 1, 2, 3]
    seen[:] = range(9)
    more, history = small(tmp_path, loss=loss, batch_size=8, resume=True)
    assert more == small(batch_size=8)[0]
    assert len(history.step_losses) == 8


def test_an_error_in_on_epoch_is_no_loss(tmp_path):
    """Who goes on, is told of the epoch again, and does not train it again."""
    told, steps = [], []

    def tell(epoch):
        told.append(epoch.number)
        if told == [1, 2]:
            raise OSError("disk full")

    def loss(Y, labels):
        steps.append(len(Y))
        return fast.cross_entropy(Y, labels)

    options = {"epochs": 3, "on_epoch": tell, "loss": loss}
    with pytest.raises(OSError, match="disk full"):
        small(tmp_path, **options)
    more, history = small(tmp_path, resume=True, **options)
    assert told == [1, 2, 2, 3]
    assert len(steps) == 3 * 2
    assert (more, history) == small(epochs=3)


def test_a_rate_that_was_changed_by_hand_is_remembered(tmp_path):
    def fit_and_halve(epochs, folder=None):
        optimizer = SGD(0.4)

        def halve(epoch):
            optimizer.learning_rate /= 2

        return small(
            folder, epochs=epochs, optimizer=optimizer, on_epoch=halve, resume=bool(folder)
        )

    fit_and_halve(2, tmp_path)
    more, history = fit_and_halve(4, tmp_path)
    assert history.learning_rates[::2] == [0.4, 0.2, 0.1, 0.05]
    assert (more, history) == fit_and_halve(4)


def test_options_that_were_changed_by_hand_are_remembered(tmp_path):
    for folder, changes in enumerate(
        [{"learning_rate": 1}, {"learning_rate": np.float32(0.3)}, {"momentum": 0.9}]
    ):

        def fit_and_change(epochs, changes=changes, **options):
            optimizer = SGD(0.4, momentum=0.5)

            def change(epoch):
                if epoch.number == 1:
                    vars(optimizer).update(changes)

            return small(epochs=epochs, optimizer=optimizer, on_epoch=change, **options)

        place = tmp_path / str(folder)
        fit_and_change(2, checkpoint=place)
        assert fit_and_change(3, checkpoint=place, resume=True) == fit_and_change(3)


def test_numbers_of_numpy_are_those_of_python(tmp_path):
    small(tmp_path, seed=np.int64(3), batch_size=np.int64(8), clip_norm=np.float32(0.5))
    small(tmp_path, seed=3, batch_size=8, clip_norm=0.5, resume=True)


def test_a_file_holds_no_code_and_is_written_whole(tmp_path):
    small(tmp_path)
    before = (tmp_path / NAME).read_bytes()
    assert set(safetensors.numpy.load(before)) > {"model.2.Dense.w", "history.step_losses"}
    assert b"pickle" not in before
    assert files(tmp_path) == [NAME]


# ------------------------------------------------------------------------------- what is refused


class Forgetful:
    """An optimizer of one's own without a state."""

    def step(self, model):
        raise AssertionError("no step may be taken")


class Odd(SGD):
    """One whose state is not kept in a file."""

    def state(self):
        return {"seen": {1, 2}}


OTHERS = {
    "samples": ({"X": IMAGES + 1e-9}, "another X or targets"),
    "labels": ({"labels": 1 - LABELS}, "another X or targets"),
    "fewer samples": ({"X": IMAGES[:50], "labels": LABELS[:50]}, "another X or targets"),
    "dtype": ({"X": IMAGES.astype(np.float32)}, "another X or targets"),
    "validation": ({"validation": (IMAGES, LABELS)}, "another validation"),
    "fraction": ({"validation": 0.25}, "another X or targets"),
    "batch_size": ({"batch_size": 16}, "batch_size=32 there, batch_size=16 here"),
    "drop_last": ({"drop_last": True}, "drop_last=False there, drop_last=True here"),
    "seed": ({"seed": 1}, "seed=0 there, seed=1 here"),
    "loss": ({"loss": lambda Y, T: fast.cross_entropy(Y, T)}, "another loss"),
    "weights": ({"class_weights": [1, 2]}, "another class_weights"),
    "clipping": ({"clip_norm": 1.0}, "clip_norm=None there, clip_norm=1.0 here"),
    "augmentation": ({"augment": Augmentation(shift=1)}, "another augment"),
    "stopping": ({"early_stopping": EarlyStopping(3, monitor="loss")}, "another early_stopping"),
    "rate": ({"optimizer": SGD(0.2, momentum=0.9)}, "another optimizer"),
    "optimizer": ({"optimizer": Adam(0.1)}, "another optimizer"),
    "model": ({"model": Sequential([Flatten(), Dense(2)], input_shape=(1, 6, 7))}, "another model"),
    "size": ({"model": every_layer(fast)}, "another model"),
    "fewer epochs": ({"epochs": 1}, "pass epochs=2 or more"),
}


def test_another_training_does_not_go_on(tmp_path):
    small(tmp_path, epochs=2)
    kept = (tmp_path / NAME).read_bytes()
    for name, (options, says) in OTHERS.items():
        model = options.get("model") or Sequential(
            [BatchNorm2D(), Flatten(), Dense(2)], input_shape=(1, 6, 7), seed=7
        )
        before = snapshot(model)
        with pytest.raises(CheckpointError, match=f"(?s)^fit: .*{says}"):
            small(tmp_path, **{"epochs": 3, "resume": True} | options | {"model": model})
        assert snapshot(model) == before, name
        assert (tmp_path / NAME).read_bytes() == kept, name


class Refuses(SGD):
    """An optimizer of one's own that takes no state."""

    def set_state(self, state):
        raise ValueError("not mine")


def test_an_optimizer_that_refuses_its_state_leaves_the_model_as_it_was(tmp_path):
    small(tmp_path, optimizer=Refuses(0.1))
    model = Sequential([BatchNorm2D(), Flatten(), Dense(2)], input_shape=(1, 6, 7), seed=7)
    before = snapshot(model)
    with pytest.raises(CheckpointError, match=r"do not belong together, or to this .*\(not mine\)"):
        small(tmp_path, optimizer=Refuses(0.1), model=model, resume=True, epochs=2)
    assert snapshot(model) == before
    assert model.epochs == 0


def cut(content):
    return content[: len(content) // 2]


BROKEN = {
    "empty": (lambda content: b"", "cannot be read as a checkpoint"),
    "cut off": (cut, "cannot be read as a checkpoint"),
    "a byte less": (lambda content: content[:-1], "cannot be read as a checkpoint"),
    "a bit changed": (lambda content: content[:-1] + bytes([content[-1] ^ 1]), "was changed"),
    "a word changed": (lambda content: content.replace(b"SGD", b"sgd"), "was changed"),
    "text": (lambda content: b"a checkpoint", "cannot be read as a checkpoint"),
    "other arrays": (
        lambda content: safetensors.numpy.save({"w": np.ones(3)}),
        "is no checkpoint of this version",
    ),
}


def test_a_file_that_is_no_checkpoint_is_refused(tmp_path):
    small(tmp_path)
    content = (tmp_path / NAME).read_bytes()
    for name, (change, says) in BROKEN.items():
        wrong = change(content)
        assert wrong != content, name
        (tmp_path / NAME).write_bytes(wrong)
        with pytest.raises(CheckpointError, match=f"^fit: .*{says}"):
            small(tmp_path, epochs=2, resume=True)
        assert (tmp_path / NAME).read_bytes() == wrong, name


def test_the_file_of_a_model_is_no_checkpoint(tmp_path):
    bars_model().save(tmp_path / NAME)
    with pytest.raises(CheckpointError, match="is no checkpoint of this version"):
        small(tmp_path, resume=True)
    small(tmp_path / "run")
    (tmp_path / "run" / NAME).rename(tmp_path / "model")
    with pytest.raises(ValueError, match="is no model of this version"):
        Sequential.load(tmp_path / "model")


REFUSED = {
    "a file": ({"checkpoint": __file__}, OSError, "cannot be made .* pass the path of a folder"),
    "a number": ({"checkpoint": 3}, TypeError, "the path of a folder is needed"),
    "resume alone": ({"resume": True}, ValueError, "without checkpoint"),
    "no state": ({"checkpoint": "", "optimizer": Forgetful()}, TypeError, "has no method state"),
    "an odd state": ({"checkpoint": "", "optimizer": Odd(0.1)}, TypeError, "holds seen, set"),
    "a generator": (
        {"checkpoint": "", "seed": np.random.Generator(np.random.MT19937(0))},
        TypeError,
        "a generator of MT19937",
    ),
    "resume in words": ({"checkpoint": "", "resume": "yes"}, TypeError, "True or False"),
}


@each(case=REFUSED)
def test_what_cannot_be_kept_is_told_before_any_work(case, tmp_path):
    options, kind, says = case
    model = bars_model()
    before = snapshot(model)
    if options.get("checkpoint") == "":
        options = options | {"checkpoint": tmp_path}
    with pytest.raises(kind, match=f"^fit: .*{says}"):
        fit_bars(model, **options)
    assert snapshot(model) == before
    assert files(tmp_path) == []


def test_a_training_is_not_written_over(tmp_path):
    small(tmp_path)
    kept = (tmp_path / NAME).read_bytes()
    with pytest.raises(CheckpointError, match="holds the checkpoint of a training already"):
        small(tmp_path)
    assert (tmp_path / NAME).read_bytes() == kept


@usual_ctrl_c()
def test_a_file_that_cannot_be_written_leaves_the_model_whole(tmp_path, monkeypatch):
    whole = bars_model()
    fit_bars(whole)

    def full(place, content, sync):
        if sizes:
            raise OSError(28, "No space left on device")
        sizes.append(len(content))

    sizes = []
    monkeypatch.setattr("cnnlab.weights.write_whole", full)
    model = bars_model()
    with pytest.raises(OSError, match="^fit: .*cannot be written .*No space left"):
        fit_bars(model, checkpoint=tmp_path, epochs=3)
    assert snapshot(model) == snapshot(whole)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_second_training_stays_out_of_the_folder(tmp_path):
    def try_another(epoch):
        with ThreadPoolExecutor(1) as other, pytest.raises(CheckpointError, match="is at work in"):
            other.submit(everything, tmp_path).result()

    model, _ = everything(tmp_path, on_epoch=try_another)
    assert files(tmp_path) == [NAME]
    assert snapshot(everything(tmp_path)[0]) == snapshot(model)


def test_a_training_that_was_killed_keeps_nobody_out(tmp_path):
    code = "import os, sys; from pathlib import Path; "
    code += "from cnnlab.training.checkpoints import only_training; "
    code += "held = only_training(Path(sys.argv[1])); held.__enter__(); os._exit(9)"
    killed = subprocess.run([sys.executable, "-c", code, tmp_path], cwd=ROOT)
    assert (killed.returncode, files(tmp_path)) == (9, [LOCK])
    everything(tmp_path)
    assert files(tmp_path) == [NAME]
