"""The command: what it prints, what it keeps, how it ends."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tomllib
from functools import partial

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from support.book import ROOT
from support.failures import each
from support.handwriting import Style, draw
from support.interrupts import usual_ctrl_c
from support.soak import SOAK
from support.terminals import seen_on_terminal

import cnnlab
from cnnlab import data, runs, training
from cnnlab.cli import main
from cnnlab.model import Sequential
from cnnlab.presets import preset

TINY = ("--samples", "60", "--epochs", "2", "--model", "post")


def run(*arguments):
    """Run the command in this process."""
    return CliRunner().invoke(main, [str(one) for one in arguments])


def done(*arguments):
    """Run the command, which must succeed; return what it printed."""
    result = run(*arguments)
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    return result.stdout


def failed(code, *arguments):
    """Run the command, which must fail with that code and one line; return the line."""
    result = run(*arguments)
    assert result.exit_code == code, result.output
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.output
    return result.stderr.rstrip("\n")


def started(*arguments, **options):
    """Begin the command in another process."""
    program = [sys.executable, "-m", "cnnlab", *map(str, arguments)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with usual_ctrl_c():  # which a process inherits
        return subprocess.Popen(program, **{**pipes, **options})


def state_in(folder):
    return Sequential.load(folder / runs.MODEL).state()


def assert_same(one, other):
    for name, value in one.items():
        np.testing.assert_array_equal(value, other[name])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a training in it, whose name has a space and letters that are not English."""
    place = tmp_path_factory.mktemp("Läufe") / "erster Lauf"
    done("train", *TINY, "--out", place)
    return place


@pytest.fixture(scope="module")
def seven(tmp_path_factory):
    """A picture of a seven."""
    path = tmp_path_factory.mktemp("pictures") / "eine 7 ü.png"
    draw(7, Style(), np.random.default_rng(0)).save(path)
    return path


class TestTrain:
    """What is kept, and how it goes on."""

    def test_lines_and_files(self, tmp_path):
        out = tmp_path / "new" / "run"
        lines = done("train", *TINY, "--seed", 3, "--out", out).splitlines()
        assert [line.split(":")[0] for line in lines] == [
            "epoch 1/2",
            "epoch 2/2",
            f"the model is in {out / 'model.safetensors'}",
            "accuracy on 60 test images",
        ]
        names = ["checkpoint.safetensors", "history.csv", "model.safetensors", "run.json"]
        assert sorted(path.name for path in out.iterdir()) == names
        begun = json.loads((out / "run.json").read_text("utf-8"))
        assert [begun[name] for name in ("data", "model", "epochs", "seed", "augment")] == [
            "mnist-subset", "post", 2, 3, False]  # fmt: skip
        assert begun["versions"]["cnnlab"] == cnnlab.__version__
        assert len((out / "history.csv").read_text("utf-8").splitlines()) == 3

    def test_the_seed_decides(self, folder, tmp_path):
        for seed in (0, 1):
            done("train", *TINY, "--seed", seed, "--out", tmp_path / str(seed))
        assert_same(state_in(tmp_path / "0"), state_in(folder))
        other = state_in(tmp_path / "1")
        assert not np.array_equal(other["0.Conv2D.w"], state_in(folder)["0.Conv2D.w"])

    def test_it_is_what_fit_does(self, folder):
        digits = data.mnist_subset(dtype=np.float32)
        model = preset("post")
        training.fit(
            model,
            digits.X_train[:60],
            digits.labels_train[:60],
            optimizer=cnnlab.optimizers.Adam(0.002),
            schedule=cnnlab.schedules.StepDecay(0.002, every=1, factor=0.9),
            epochs=2,
            progress=False,
        )
        assert_same(model.state(), state_in(folder))

    def test_a_folder_with_a_training_is_refused_and_goes_on(self, folder, tmp_path):
        line = failed(1, "train", *TINY, "--out", folder)
        assert f'go on with `cnnlab train --resume --out "{folder}"`' in line
        longer = tmp_path / "longer"
        done("train", *TINY, "--out", longer)
        more = done("train", "--resume", "--epochs", 4, "--out", longer)
        assert [line[:10] for line in more.splitlines()[:2]] == ["epoch 3/4:", "epoch 4/4:"]
        assert "epoch" not in done("train", "--resume", "--out", longer)
        straight = tmp_path / "straight"
        done("train", *TINY, "--epochs", 4, "--out", straight)
        assert_same(state_in(longer), state_in(straight))
        assert (longer / runs.MODEL).read_bytes() == (straight / runs.MODEL).read_bytes()

    def test_resume_begins_where_nothing_is(self, folder, tmp_path):
        text = done("train", *TINY, "--resume", "--out", tmp_path / "new")
        assert text.startswith(f"there is no training in {tmp_path / 'new'} yet: it begins\n")
        assert_same(state_in(tmp_path / "new"), state_in(folder))

    def test_a_model_is_not_overwritten_where_the_checkpoint_is_gone(self, folder, tmp_path):
        place = shutil.copytree(folder, tmp_path / "run")
        (place / runs.CHECKPOINT).unlink()
        before = {path.name: path.read_bytes() for path in place.iterdir()}
        for options in ((), ("--resume",), ("--resume", "--epochs", 4)):
            line = failed(1, "train", *TINY, *options, "--out", place)
            assert "a model is not overwritten; begin anew with --out and another folder" in line
            assert f"`cnnlab evaluate {place}` uses the model" in line
        assert {path.name: path.read_bytes() for path in place.iterdir()} == before

    @each(files=[(runs.MODEL,), (runs.MODEL, runs.CHECKPOINT), (runs.CHECKPOINT,)])
    def test_advice_is_no_circle_where_files_are_gone(self, folder, tmp_path_factory, files):
        place = tmp_path_factory.mktemp("gone")
        for name in files:
            shutil.copy(folder / name, place)
        line = failed(1, "train", *TINY, "--out", place)
        assert failed(1, "train", *TINY, "--resume", "--out", place) == line
        assert "begin anew with --out and another folder" in line
        assert "go on with" not in line
        assert ("--data mnist-subset` uses the model" in line) == (runs.MODEL in files)
        assert sorted(path.name for path in place.iterdir()) == sorted(files)

    @each(
        option=[
            *(("--learning-rate", number) for number in ("nan", "inf", "-1", 0)),
            *(("--decay", number) for number in ("nan", "inf", 2)),
            ("--validation", "nan"),
        ]
    )
    def test_numbers_that_cannot_be_leave_no_folder(self, tmp_path, option):
        line = failed(2, "train", *TINY, *option, "--out", tmp_path / "run")
        assert f"Invalid value for '{option[0]}': {option[1]}" in line
        assert not (tmp_path / "run").exists()

    @each(
        options={
            "nothing is left to train with": ("--samples", 1, "--validation", 0.5),
            "steps that are too long": ("--optimizer", "sgd", "--learning-rate", 1e38),
        }
    )
    def test_the_folder_of_what_cannot_be_trained_is_free(self, tmp_path_factory, options):
        out = tmp_path_factory.mktemp("free") / "run"
        with np.errstate(all="ignore"):
            failed(1, "train", *TINY, *options, "--out", out)
        assert not out.exists()
        done("train", *TINY, "--out", out)

    def test_a_training_without_a_step_begins_anew_or_as_it_was_begun(self, folder, tmp_path):
        tiny = {"samples": 60, "epochs": 2, "model": "post"}
        runs.begin(tmp_path, runs.Settings(**tiny, learning_rate=0.002, augment=False, seed=1))
        assert "train --resume" in failed(1, "evaluate", tmp_path)
        begun = (tmp_path / runs.SETTINGS).read_bytes()
        assert "no training in" in done("train", "--resume", "--out", tmp_path)
        assert (tmp_path / runs.SETTINGS).read_bytes() == begun
        for path in tmp_path.iterdir():
            if path.name != runs.SETTINGS:
                path.unlink()
        done("train", *TINY, "--out", tmp_path)
        assert_same(state_in(tmp_path), state_in(folder))

    @each(option=[("--seed", 1), ("--model", "dense"), ("--epochs", 1), ("--augment",)])
    def test_resume_with_other_options(self, folder, option):
        before = (folder / runs.SETTINGS).read_bytes()
        line = failed(1, "train", "--resume", *option, "--out", folder)
        assert f"was begun with {option[0]}" in line
        assert "leave it out, or begin anew with --out and another folder" in line
        assert (folder / runs.SETTINGS).read_bytes() == before

    def test_options_reach_fit(self, tmp_path, monkeypatch):
        seen = {}
        fit = training.fit

        def spy(*arguments, **options):
            seen.update(options)
            return fit(*arguments, **options)

        monkeypatch.setattr(training, "fit", spy)
        options = ("--optimizer", "sgd", "--learning-rate", 0.02, "--decay", 0.5, "--augment")
        options += ("--batch-size", 16, "--validation", 0.2, "--early-stopping", 1)
        text = done("train", *TINY, *options, "--epochs", 3, "--out", tmp_path / "run")
        assert "validation loss" in text
        optimizer = seen["optimizer"]
        assert (type(optimizer).__name__, optimizer.momentum) == ("SGD", 0.9)
        assert [seen["schedule"](epoch) for epoch in range(3)] == [0.02, 0.01, 0.005]
        assert seen["augment"] == training.Augmentation(shift=2, rotation=10)
        assert (seen["batch_size"], seen["validation"], seen["early_stopping"]) == (16, 0.2, 1)

    def test_adamw(self, tmp_path, monkeypatch):
        seen = {}
        fit = training.fit

        def spy(*arguments, **options):
            seen.update(options)
            return fit(*arguments, **options)

        monkeypatch.setattr(training, "fit", spy)
        done("train", *TINY, "--optimizer", "adamw", "--out", tmp_path / "run")
        assert type(seen["optimizer"]) is cnnlab.optimizers.AdamW
        assert seen["schedule"](0) == 0.002
        assert "epoch 3/3" in done("train", "--resume", "--epochs", 3, "--out", tmp_path / "run")

    def test_early_stopping_keeps_the_best(self, tmp_path):
        options = ("--validation", 0.3, "--early-stopping", 2, "--learning-rate", 0.05)
        text = done("train", *TINY, *options, "--epochs", 30, "--out", tmp_path / "run")
        number = int(text.partition("stopped early; the best epoch was ")[2].partition("\n")[0])
        epochs = (tmp_path / "run" / "history.csv").read_text("utf-8").splitlines()[1:]
        losses = [float(line.split(",")[3]) for line in epochs]
        assert number == 1 + int(np.argmin(losses))
        assert len(epochs) == number + 2

    @each(
        case={
            "no folder": (("train",), "train: Missing option '--out'."),
            "a slip": (("trian",), "No such command 'trian'."),
            "an unknown network": (("train", "--model", "resnet", "--out", "x"), "'post'"),
            "unknown data": (("train", "--data", "cifar", "--out", "x"), "'fashion-mnist'"),
            "no epochs": (("train", "--epochs", 0, "--out", "x"), "0 is not in the range x>=1"),
            "no validation": (
                ("train", "--early-stopping", 2, "--out", "x"),
                "--early-stopping needs --validation, for example --validation 0.1.",
            ),
            "an unknown option": (("evaluate", "x", "--quick"), "No such option"),
            "no picture": (("predict", "x"), "Missing argument 'IMAGE...'"),
            "maps of two": (("predict", "x", "a", "b", "--features", "m.png"), "takes one IMAGE"),
            "maps as PDF": (("predict", "x", "a", "--features", "m.pdf"), "ends in .png"),
        }
    )
    def test_wrong_use(self, case):
        arguments, words = case
        line = failed(2, *arguments)
        assert words in line
        assert "--help`." in line

    def test_folders_that_cannot_be(self, tmp_path, monkeypatch):
        file = tmp_path / "file"
        file.touch()
        assert "is a file; pass --out FOLDER" in failed(1, "train", *TINY, "--out", file)
        line = failed(1, "train", *TINY, "--out", file / "run")
        assert "run cannot be written (Not a directory)" in line

        def full(*arguments, **options):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(cnnlab.weights, "write_whole", full)
        line = failed(1, "train", *TINY, "--out", tmp_path / "full")
        assert "No space left on device" in line
        assert "checkpoint.safetensors cannot be written" in line

    def test_data_that_is_not_there_leaves_no_folder(self, tmp_path, monkeypatch):
        monkeypatch.setenv("CNNLAB_DATA", str(tmp_path))
        line = failed(1, "train", "--data", "mnist", "--out", tmp_path / "run")
        assert "copy the file into it, or unset CNNLAB_DATA" in line
        assert not (tmp_path / "run").exists()

    def test_a_fault_that_nobody_thought_of_is_one_line(self, tmp_path, monkeypatch):
        def broken(*arguments, **options):
            raise KeyError("two\nlines")

        monkeypatch.setattr(training, "fit", broken)
        assert failed(1, "train", *TINY, "--out", tmp_path / "run").startswith("cnnlab: KeyError: ")

        def greedy(*arguments, **options):
            raise MemoryError

        monkeypatch.setattr(training, "fit", greedy)
        assert "not enough memory" in failed(1, "train", *TINY, "--out", tmp_path / "other")


def no_epoch(path):
    with runs.begun(path, runs.Settings()):
        pass


class TestEvaluate:
    """How well a network reads."""

    def test_accuracy_comes_last(self, folder):
        lines = done("evaluate", folder, "--samples", 50).splitlines()
        assert lines[0].startswith("50 test images of mnist-subset, ")
        assert lines[1].split() == ["class", "precision", "recall", "F1", "samples", "predicted"]
        assert len(lines) == 15
        model, digits = Sequential.load(folder / runs.MODEL), data.mnist_subset(dtype=np.float32)
        wanted = training.evaluate(model, digits.X_test[:50], digits.labels_test[:50])
        assert lines[-2:] == [f"loss {wanted.loss:.4f}", f"accuracy {wanted.accuracy:.4f}"]

    def test_json(self, folder):
        result = json.loads(done("evaluate", folder, "--json"))
        assert [*result][-1] == "accuracy"
        assert (result["run"], result["data"], result["samples"]) == (
            str(folder),
            "mnist-subset",
            1000,
        )
        assert [row["class"] for row in result["classes"]] == list(range(10))
        assert [row["counts"] for row in result["classes"]] == [100] * 10
        never = [row for row in result["classes"] if row["predicted"] == 0]
        assert all(row["precision"] is None for row in never)

    def test_a_file_of_a_model_alone(self, folder):
        text = done("evaluate", folder / runs.MODEL, "--samples", 50)
        assert text.splitlines()[-1] == done("evaluate", folder, "--samples", 50).splitlines()[-1]

    def test_a_folder_that_does_not_say_what_it_learned_from(self, folder, seven, tmp_path):
        shutil.copy(folder / runs.MODEL, tmp_path)
        for content in (None, "hello"):
            if content:
                (tmp_path / runs.SETTINGS).write_text(content, "utf-8")
            line = failed(1, "evaluate", tmp_path)
            assert "run.json is missing or broken" in line
            assert "with --data mnist-subset, mnist or fashion-mnist" in line
            text = done("evaluate", tmp_path, "--data", "mnist-subset", "--samples", 50)
            assert (
                text.splitlines()[1:]
                == (done("evaluate", folder, "--samples", 50).splitlines()[1:])
            )
            assert done("predict", tmp_path, seven) == done("predict", folder, seven)

    def test_the_test_part_alone_is_enough(self, folder, tmp_path, monkeypatch):
        digits = data.mnist_subset()
        asked = []

        def mnist(part, dtype):
            asked.append(part)
            return data.LabeledImages(digits.X_test.astype(dtype), digits.labels_test)

        monkeypatch.setattr(data, "mnist", mnist)
        assert "accuracy" in done("evaluate", folder, "--data", "mnist")
        assert asked == ["test"]

    @each(
        case={
            "nothing": (lambda path: None, "there is no folder"),
            "an empty folder": (lambda path: path.mkdir(), "there is no training in"),
            "no epoch": (no_epoch, "has no model yet"),
            "another file": (lambda path: path.write_text("hello"), "cannot be read as a model"),
        }
    )
    def test_no_training(self, tmp_path_factory, case):
        make, words = case
        place = tmp_path_factory.mktemp("none") / "run"
        make(place)
        assert words in failed(1, "evaluate", place)


class TestPredict:
    """What a network reads in pictures."""

    def test_words(self, folder, seven):
        lines = done("predict", folder, seven).splitlines()
        prepared = data.digit(seven, dtype=np.float32)
        model = Sequential.load(folder / runs.MODEL)
        label = int(model.predict(prepared.X))
        assert lines[0].startswith(f"{seven}: {label} (")
        assert [part.split(":")[0] for part in lines[1].split("  ") if part] == list("0123456789")
        assert lines[2] == f"    {prepared}"

    def test_json(self, folder, seven):
        (answer,) = json.loads(done("predict", folder, seven, "--json"))
        assert answer["image"] == str(seven)
        assert sum(answer["probabilities"]) == pytest.approx(1)
        assert answer["probabilities"][answer["class"]] == max(answer["probabilities"])
        assert answer["prepared"]["inverted"] is True
        assert len(answer["prepared"]["box"]) == 4

    def test_one_wrong_picture_does_not_stop_the_others(self, folder, seven, tmp_path):
        Image.new("L", (30, 30), 255).save(tmp_path / "blank.png")
        result = run("predict", folder, tmp_path / "blank.png", tmp_path / "none.png", seven)
        assert result.exit_code == 1
        assert result.stdout.startswith(f"{seven}: ")
        first, second = result.stderr.splitlines()
        assert "there is no digit in" in first
        assert "there is no file" in second
        result = run("predict", folder, tmp_path / "blank.png", seven, "--json")
        wrong, right = json.loads(result.stdout)
        assert set(wrong) == {"image", "error"}
        assert right["image"] == str(seven)
        assert result.exit_code == 1

    def test_features_are_saved(self, folder, seven, tmp_path):
        maps = tmp_path / "maps.png"
        done("predict", folder, seven, "--features", maps)
        with Image.open(maps) as picture:
            assert picture.format == "PNG"
            assert picture.width > 800

    def test_features_that_cannot_be(self, folder, seven, tmp_path):
        preset("dense").save(tmp_path / "dense.safetensors")
        line = failed(
            1, "predict", tmp_path / "dense.safetensors", seven, "--features", tmp_path / "m.png"
        )
        assert "this network has no convolution" in line
        line = failed(1, "predict", folder, seven, "--features", tmp_path / "none" / "m.png")
        assert "m.png cannot be written" in line

    def test_networks_that_read_no_digits(self, folder, seven, tmp_path):
        preset("post", classes=3).save(tmp_path / "three.safetensors")
        assert "reads no digits" in failed(1, "predict", tmp_path / "three.safetensors", seven)
        clothes = tmp_path / "clothes"
        clothes.mkdir()
        runs.begin(clothes, runs.Settings(data="fashion-mnist"))
        preset("post").save(clothes / runs.MODEL)
        assert "reads no digits" in failed(1, "predict", clothes, seven)


class TestHelp:
    """What can be read before anything is done."""

    @each(command=["train", "evaluate", "predict", "info"])
    def test_examples(self, command):
        text = done(command, "--help")
        examples = text.partition("\nExamples:\n")[2].splitlines()
        assert all(f"cnnlab {command}" in line for line in examples)
        assert len(examples) >= 2
        assert done(command, "-h") == text

    def test_commands_and_exit_codes(self):
        text = done("--help")
        assert all(name in text for name in ("train", "evaluate", "predict", "info"))
        assert "130 Ctrl-C" in text
        assert all("..." not in line for line in text.partition("Commands:")[2].splitlines())

    def test_no_command(self):
        result = run()
        assert result.exit_code == 2
        assert result.stdout == ""
        assert result.stderr == done("--help")

    def test_the_script_is_installed_under_its_name(self):
        project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
        assert project["scripts"] == {"cnnlab": "cnnlab.cli:main"}
        with started("--version") as process:
            assert process.communicate(timeout=60) == (f"cnnlab {cnnlab.__version__}\n", "")

    def test_version(self):
        assert done("--version") == f"cnnlab {cnnlab.__version__}\n"

    def test_info(self):
        text, found = done("info"), json.loads(done("info", "--json"))
        assert f"    cnnlab: {cnnlab.__version__}\n" in text
        assert set(found) == {
            "versions", "system", "processor", "processors", "threads", "caches", "data"
        }  # fmt: skip
        assert all(f"{title}:" in text for title in found)

    def test_it_is_quick(self):
        script = (
            "import sys, cnnlab.cli\ntry: cnnlab.cli.main(['train', '--help'])\n"
            "except SystemExit: pass\n"
            "print(sorted({'numba', 'matplotlib', 'numpy', 'PIL', 'tqdm'} & set(sys.modules)))"
        )
        shown = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True
        )
        assert shown.stdout.splitlines()[-1] == "[]"


class TestProcess:
    """A process of its own: signals, pipes, terminals."""

    @pytest.mark.slow
    def test_ctrl_c_and_resume_give_the_same_weights(self, tmp_path):
        options = ("train", "--samples", "250", "--epochs", "8")
        cut, whole = tmp_path / "cut", tmp_path / "whole"
        with started(*options, "--out", cut) as process:
            process.stdout.readline()  # the first epoch is over
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=120)
        assert process.returncode == 130
        assert errors.count("\n") == 1
        assert errors.endswith(f"; go on with `cnnlab train --resume --out {cut}`.\n")
        assert not [path for path in cut.iterdir() if "unfinished" in path.name]
        assert "accuracy" in done("evaluate", cut, "--samples", 20)
        done("train", "--resume", "--out", cut)
        done(*options, "--out", whole)
        assert (cut / runs.MODEL).read_bytes() == (whole / runs.MODEL).read_bytes()

    def test_a_pipe_that_closes_early_is_no_error(self, folder):
        read, write = os.pipe()
        os.close(read)
        with started("evaluate", folder, "--samples", 20, stdout=write) as process:
            os.close(write)
            _, errors = process.communicate(timeout=120)
        assert (process.returncode, errors) == (0, "")

    def test_letters_that_the_terminal_does_not_have(self, folder):
        western = {**os.environ, "PYTHONIOENCODING": "latin-1"}
        path = folder / "\N{LATIN CAPITAL LETTER L WITH STROKE}"
        with started("evaluate", path, env=western, encoding="latin-1") as process:
            _, errors = process.communicate(timeout=120)
        assert process.returncode == 1
        assert "Läufe" in errors
        assert "\\u0141 (seen from" in errors

    @pytest.mark.skipif(not hasattr(os, "openpty"), reason="this system has no terminals to open")
    def test_a_terminal_sees_a_bar_and_no_lines(self, tmp_path):
        code, seen = seen_on_terminal(partial(started, "train", *TINY, "--out", tmp_path / "run"))
        assert code == 0
        assert b"training: 100%" in seen
        assert b"epoch 1/2:" not in seen
        assert b"accuracy on 60 test images" in seen


@pytest.mark.slow
@each(seed=range(5) if SOAK else [0])
def test_lenet_reads_the_held_out_digits(tmp_path, seed):
    """96 % with the defaults, and nearly as much after a few epochs, whatever the luck."""
    epochs, least = (20, 0.96) if SOAK else (4, 0.93)
    text = done("train", "--seed", seed, "--epochs", epochs, "--out", tmp_path / str(seed))
    assert float(text.rpartition(": ")[2]) >= least
