"""A training in a folder: what is written of it, and what is refused."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import pytest
from support.failures import each

from cnnlab import runs
from cnnlab.files import unfinished
from cnnlab.presets import preset
from cnnlab.runs import RunError, Settings
from cnnlab.training.checkpoints import LOCK, only_training

OTHER = Settings("mnist", "post", 3, 7, 16, "sgd", 0.1, 1.0, False, 0.2, 4, 100)


@each(settings=[Settings(), OTHER])
def test_settings_come_back(tmp_path, settings):
    runs.begin(tmp_path, settings)
    assert runs.settings_of(tmp_path) == settings


FILES = {"S": runs.SETTINGS, "C": runs.CHECKPOINT, "M": runs.MODEL}
NO_CHECKPOINT = "holds model.safetensors but no checkpoint.safetensors"
NO_SETTINGS = "holds checkpoint.safetensors but no run.json"


@each(
    case=[
        ("", False, False),
        ("S", False, True),
        ("SC", "holds a training already", True),
        ("SCM", "holds a training already", True),
        ("SM", NO_CHECKPOINT, NO_CHECKPOINT),
        ("M", NO_CHECKPOINT, NO_CHECKPOINT),
        ("C", NO_SETTINGS, NO_SETTINGS),
        ("CM", NO_SETTINGS, NO_SETTINGS),
    ]
)
def test_what_a_folder_holds_decides_whether_its_training_goes_on(tmp_path_factory, case):
    letters, *wanted = case
    folder = tmp_path_factory.mktemp("run")
    (folder / "notes.txt").touch()
    for letter in letters:
        (folder / FILES[letter]).touch()
    for resume, one in enumerate(wanted):
        if isinstance(one, bool):
            assert runs.goes_on(folder, bool(resume)) is one
            continue
        with pytest.raises(RunError, match=one):
            runs.goes_on(folder, bool(resume))


def fail(folder, letters, error):
    """Begin a training that leaves some files, and ends with an error."""
    with runs.begun(folder, OTHER):
        assert runs.settings_of(folder) == OTHER
        for letter in letters:
            (folder / FILES[letter]).touch()
        raise error


@each(
    case={
        "a mistake": (ValueError, "", True),
        "a mistake on the way": (ValueError, "C", False),
        "not finite at once": (ArithmeticError, "C", True),
        "not finite later": (ArithmeticError, "CM", False),
        "Ctrl-C": (KeyboardInterrupt, "", False),
    }
)
def test_a_training_that_never_was_leaves_nothing(tmp_path_factory, case):
    error, letters, gone = case
    for folder in (tmp_path_factory.mktemp("there"), tmp_path_factory.mktemp("none") / "run"):
        there = folder.exists()
        with pytest.raises(error):
            fail(folder, letters, error)
        assert folder.exists() is (there or not gone)
        kept = {path.name for path in folder.iterdir()} if folder.exists() else set()
        assert kept == (set() if gone else {FILES[letter] for letter in f"S{letters}"})


def test_a_folder_takes_one_training_at_a_time(tmp_path):
    folder = tmp_path / "some" / "run"

    def begin_another():
        with runs.begun(folder, Settings()):
            return runs.settings_of(folder)

    with runs.begun(folder, OTHER), ThreadPoolExecutor(1) as other:
        with pytest.raises(RunError, match="another training is at work in .*run; wait until"):
            other.submit(begin_another).result()
        with only_training(folder):  # what `fit` asks for in its turn
            assert (folder / LOCK).exists()
        assert (folder / LOCK).exists()
        assert runs.settings_of(folder) == OTHER
    assert {path.name for path in folder.iterdir()} == {runs.SETTINGS}
    assert begin_another() == Settings()


def test_how_a_training_was_begun_before_is_not_taken_back(tmp_path):
    runs.begin(tmp_path, Settings())
    with pytest.raises(ArithmeticError):
        fail(tmp_path, "", ArithmeticError)
    assert (tmp_path / runs.SETTINGS).exists()


def test_what_a_killed_process_left_is_gone(tmp_path):
    for name in (runs.SETTINGS, runs.MODEL, runs.HISTORY):
        (tmp_path / f"{unfinished(tmp_path / name)}abc").touch()
    (tmp_path / "notes.txt").touch()
    runs.begin(tmp_path, Settings())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["notes.txt", runs.SETTINGS]


def altered(**changes):
    content = {"kind": runs.KIND, **asdict(Settings()), "versions": {}} | changes
    return json.dumps({name: value for name, value in content.items() if value != "gone"})


@each(
    text={
        "no JSON": "hello",
        "no object": "[1, 2]",
        "no text": "\udcff",
        "another kind": altered(kind="cnnlab run 9"),
        "a missing one": altered(seed="gone"),
        "a number of another kind": altered(epochs=2.5),
        "a truth value for a number": altered(batch_size=True),
        "text for a number": altered(learning_rate="0.1"),
    }
)
def test_what_is_no_run_is_refused(tmp_path, text):
    (tmp_path / runs.SETTINGS).write_text(text, "utf-8", errors="surrogateescape")
    with pytest.raises(RunError, match="is not what `cnnlab train` wrote .*begin anew with --out"):
        runs.settings_of(tmp_path)


def test_only_more_epochs_are_possible(tmp_path):
    assert runs.gone_on(OTHER, {"epochs": 5, "seed": 7}, tmp_path).epochs == 5
    assert runs.gone_on(OTHER, {}, tmp_path) == OTHER
    with pytest.raises(RunError, match="begun with --epochs 3, but --epochs 2 came"):
        runs.gone_on(OTHER, {"epochs": 2}, tmp_path)
    with pytest.raises(RunError, match="begun with --early-stopping 4, but --early-stopping 5"):
        runs.gone_on(OTHER, {"early_stopping": 5}, tmp_path)


def test_a_model_is_found_in_a_folder_and_as_a_file(tmp_path):
    model = preset("dense")
    model.save(tmp_path / runs.MODEL)
    runs.begin(tmp_path, Settings())
    for place in (tmp_path, tmp_path / runs.MODEL):
        assert runs.model_in(place).summary() == model.summary()
        assert runs.reader_in(place).summary() == model.summary()


def test_paths_are_quoted_where_a_shell_needs_it():
    assert runs.quoted(Path("runs/first-1")) == str(Path("runs/first-1"))
    assert runs.quoted(Path("my runs")) == '"my runs"'


def test_packages_that_are_not_there():
    assert runs.version_of("no-such-package") == "not installed"
