"""The command, and the pictures that it reads, with the advice that answers what is wrong."""

import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from click.testing import CliRunner
from PIL import Image

from cnnlab import data, runs
from cnnlab.cli import main
from cnnlab.presets import preset

FOLDER = tempfile.TemporaryDirectory(prefix="advice-")
PAGE = np.full((30, 40, 3), 255, np.uint8)
PAGE[5:25, 18:21] = 0
BLANK = Image.new("RGB", (40, 30))
TINY = ("train", "--samples", "20", "--epochs", "1", "--model", "post")


def place(*names):
    """Return a path in the folder of these cases; the folder that it is in is there."""
    path = Path(FOLDER.name, *names)
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def page(kind="PNG", name="page", **options):
    """Write the page into a file; return its path."""
    path = place(name)
    Image.fromarray(PAGE).save(path, kind, **options)
    return path


def file(content, name="odd"):
    """Write bytes into a file; return its path."""
    path = place(name)
    path.write_bytes(content)
    return path


def wrong(*arguments):
    """Run the command as a function, so that its error comes out."""
    main([str(one) for one in arguments], standalone_mode=False)


def right(*arguments):
    """Run the command, which must succeed; return its exit code."""
    result = CliRunner().invoke(main, [str(one) for one in arguments])
    assert result.exit_code == 0, result.output
    return result.exit_code


def trained(name):
    """Return a folder with a training; the same one for the same name."""
    folder = place("runs", name)
    if not folder.exists():
        right(*TINY, "--out", folder)
    return folder


def parts(name, *files):
    """Return a folder with some of the files of a training."""
    folder = place("runs", name)
    folder.mkdir(exist_ok=True)
    for file in files:
        shutil.copy(trained("first") / file, folder)
    return folder


def busy(name):
    """Begin a training in a folder where another one is at work."""
    folder = place("runs", name)
    with runs.begun(folder, runs.Settings()), ThreadPoolExecutor(1) as other:
        other.submit(wrong, "train", "--resume", "--out", folder).result()


def begun(name, **changes):
    """Return a folder with a training of which there is no more than how it was begun."""
    folder = place("runs", name)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    runs.begin(folder, runs.Settings(samples=20, epochs=1, model="post", **changes))
    return folder


def saved(name, **options):
    """Write a new network into a file; return its path."""
    path = place(f"{name}.safetensors")
    preset(name, **options).save(path)
    return path


PICTURES = {
    "a picture that is a folder": (
        lambda: data.image(FOLDER.name),
        "pass the path of a PNG or JPEG picture",
        lambda: data.image(page()).shape,
        lambda: (3, 30, 40),
    ),
    "a GIF": (
        lambda: data.image(page("GIF", "a.gif")),
        "save the picture as PNG and pass that file",
        lambda: data.image(page()).shape,
        lambda: (3, 30, 40),
    ),
    "a picture that is cut off": (
        lambda: data.image(file(page().read_bytes()[:-20])),
        "save or download the picture again",
        lambda: data.image(page()).shape,
        lambda: (3, 30, 40),
    ),
    "a picture that moves": (
        lambda: data.image(page(name="moves", save_all=True, append_images=[BLANK])),
        "save one of them as PNG",
        lambda: data.image(page()).shape,
        lambda: (3, 30, 40),
    ),
    "a background in words": (
        lambda: data.image(page(), background="white"),
        "pass 0 for black or 1 for white",
        lambda: data.image(page(), background=1).shape,
        lambda: (3, 30, 40),
    ),
    "a page without ink": (
        lambda: data.digit(np.ones((30, 40))),
        "draw one digit with one pen",
        lambda: data.digit(PAGE.transpose(2, 0, 1)).box,
        lambda: (5, 18, 20, 3),
    ),
    "a page with its depth last": (
        lambda: data.digit(PAGE),
        "picture.transpose(2, 0, 1)",
        lambda: data.digit(PAGE.transpose(2, 0, 1)).box,
        lambda: (5, 18, 20, 3),
    ),
    "a page of large numbers": (
        lambda: data.digit(PAGE.transpose(2, 0, 1).astype(float)),
        "divide it by the largest possible value",
        lambda: data.digit(PAGE.transpose(2, 0, 1) / 255).box,
        lambda: (5, 18, 20, 3),
    ),
}  # fmt: skip

CASES = PICTURES | {
    "early stopping without validation": (
        lambda: wrong(*TINY, "--early-stopping", 2, "--out", place("never")),
        "for example --validation 0.1",
        lambda: right(
            *TINY, "--early-stopping", 2, "--validation", 0.1, "--out", place("early")
        ),
    ),
    "a file in the place of a folder": (
        lambda: wrong(*TINY, "--out", page(name="file")),
        "pass --out FOLDER with another name",
        lambda: right(*TINY, "--out", place("another")),
    ),
    "a folder that cannot be made": (
        lambda: wrong(*TINY, "--out", page(name="file") / "run"),
        "pass --out FOLDER with a folder that takes files",
        lambda: right(*TINY, "--out", place("takes", "files")),
    ),
    "a folder with a training": (
        lambda: wrong(*TINY, "--out", trained("first")),
        "go on with `cnnlab train --resume --out ",
        lambda: right("train", "--resume", "--out", trained("first")),
    ),
    "a model without a checkpoint": (
        lambda: wrong("train", "--resume", "--out", parts("model", runs.MODEL, runs.SETTINGS)),
        f"`cnnlab evaluate {runs.quoted(place('runs', 'model'))}` uses the model",
        lambda: (right(*TINY, "--out", place("instead")),
                 right("evaluate", place("runs", "model"), "--samples", 9)),
    ),
    "a checkpoint and a model alone": (
        lambda: wrong(*TINY, "--out", parts("two", runs.CHECKPOINT, runs.MODEL)),
        f"`cnnlab evaluate {runs.quoted(place('runs', 'two'))} --data mnist-subset` uses the model",
        lambda: (right(*TINY, "--out", place("in place")),
                 right("evaluate", place("runs", "two"), "--data", "mnist-subset")),
    ),
    "nothing says what it learned from": (
        lambda: wrong("evaluate", parts("alone", runs.MODEL)),
        "with --data mnist-subset, mnist or fashion-mnist",
        lambda: right("evaluate", place("runs", "alone"), "--data", "mnist-subset"),
    ),
    "a learning rate that is no number": (
        lambda: wrong(*TINY, "--learning-rate", "nan", "--out", place("rate")),
        "pass one as 0.1",
        lambda: right(*TINY, "--learning-rate", 0.1, "--out", place("rate")),
    ),
    "another seed on the way": (
        lambda: wrong("train", "--resume", "--seed", 1, "--out", trained("first")),
        "leave it out",
        lambda: right("train", "--resume", "--out", trained("first")),
    ),
    "no run": (
        lambda: wrong("evaluate", place("none")),
        "pass the folder that `cnnlab train --out FOLDER` made",
        lambda: right("evaluate", trained("first"), "--samples", 9),
    ),
    "a folder of something else": (
        lambda: wrong("evaluate", FOLDER.name),
        "pass the folder that `cnnlab train --out FOLDER` made",
        lambda: right("evaluate", trained("first"), "--samples", 9),
    ),
    "a run that is none": (
        lambda: runs.settings_of(file(b"hello", f"other/{runs.SETTINGS}").parent),
        "begin anew with --out and another folder",
        lambda: right(*TINY, "--out", place("anew")),
    ),
    "a run without an epoch": (
        lambda: wrong("evaluate", begun("early")),
        "go on with `cnnlab train --resume --out ",
        lambda: (right("train", "--resume", "--out", begun("early")),
                 right("evaluate", place("runs", "early"), "--samples", 9)),
    ),
    "a folder where another training is at work": (
        lambda: busy("busy"),
        "or pass --out and another folder",
        lambda: right(*TINY, "--out", place("runs", "not-busy")),
    ),
    "a network of three classes": (
        lambda: wrong("predict", saved("post", classes=3), page()),
        "pass one that was trained with --data mnist-subset or mnist",
        lambda: right("predict", trained("first"), page()),
    ),
    "maps of two pictures": (
        lambda: wrong("predict", trained("first"), page(), page(), "--features", "maps.png"),
        "takes one IMAGE",
        lambda: right("predict", trained("first"), page(), "--features", place("maps.png")),
    ),
    "maps as a PDF": (
        lambda: wrong("predict", trained("first"), page(), "--features", "maps.pdf"),
        "pass a name that ends in .png",
        lambda: right("predict", trained("first"), page(), "--features", place("maps.png")),
    ),
    "maps of dense layers": (
        lambda: wrong("predict", saved("dense"), page(), "--features", place("maps.png")),
        "pass a RUN of --model post, lenet or modern",
        lambda: right("predict", trained("first"), page(), "--features", place("maps.png")),
    ),
    "maps in a folder that is not there": (
        lambda: wrong("predict", trained("first"), page(), "--features", place() / "no" / "m.png"),
        "pass the path of a file in a folder that exists",
        lambda: right("predict", trained("first"), page(), "--features", place("m.png")),
    ),
}  # fmt: skip
