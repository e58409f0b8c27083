"""Grading a class, with the advice that answers what is wrong."""

import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from support.classes import B1, RIGHT, hand_in

import cnnlab
from advice.command import right, wrong
from cnnlab.grading import classroom, gradescope
from cnnlab.grading.collection import collect
from cnnlab.grading.grading import Handout, opened
from cnnlab.grading.limits import Limits

FOLDER = tempfile.TemporaryDirectory(prefix="advice-")


def place(*names: str) -> Path:
    """Return a path in the folder of these cases; the folder that it is in is there."""
    path = Path(FOLDER.name, *names)
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def submissions() -> Path:
    """Return a folder with one submission."""
    return hand_in(place("submissions"), anna=RIGHT)


def assignment() -> Path:
    """Return the file of an assignment."""
    place("B1.py").write_bytes(B1.source)
    return place("B1.py")


def empty() -> Path:
    """Return a folder without submissions."""
    place("empty").mkdir(exist_ok=True)
    return place("empty")


def changed() -> None:
    """Change a submission that was collected."""
    folder = hand_in(place("changing"), anna=RIGHT)
    (one,) = collect(folder).submissions
    hand_in(folder, anna="other")
    one.read()


def busy() -> None:
    """Begin a grading in a folder where another one is at work."""
    with classroom.only_grading(place("busy")), ThreadPoolExecutor(1) as other:
        other.submit(lambda: classroom.only_grading(place("busy")).__enter__()).result()


def without_package(call: Callable[..., Any]) -> None:
    """Call something while another version of the package runs than is installed."""
    version, cnnlab.__version__ = cnnlab.__version__, "9.9"
    try:
        call()
    finally:
        cnnlab.__version__ = version


def zipped() -> bool:
    """Write the zip for Gradescope."""
    gradescope.write_zip(B1, place("B1.zip"), limits=Limits(), visibility="hidden")
    return place("B1.zip").exists()


def used(folder: str) -> bool:
    """Hold a folder of results for a moment."""
    with classroom.only_grading(place(folder)):
        return True


def taken() -> bool:
    """Hold a folder of results where a file is in the way."""
    place("file").touch()
    with classroom.only_grading(place("file") / "results"):
        return True


CASES = {
    "no folder of submissions": (
        lambda: collect(place("no", "such")),
        "pass the folder that holds the notebooks and .py files of the students",
        lambda: len(collect(submissions()).submissions),
        lambda: 1,
    ),
    "results among submissions": (
        lambda: collect(submissions(), apart_from=submissions()),
        "pass another folder for the results",
        lambda: len(collect(submissions(), apart_from=place("results")).submissions),
        lambda: 1,
    ),
    "an empty folder": (
        lambda: collect(empty()),
        "pass a folder that holds a notebook or a .py file for each student",
        lambda: len(collect(submissions()).submissions),
        lambda: 1,
    ),
    "a submission that changes": (
        changed,
        "grade again",
        lambda: len(collect(place("changing")).submissions[0].read()),
        lambda: 5,
    ),
    "a question that there is not": (
        lambda: opened(Handout("A4", None, ("gater",))),
        "choose gather",
        lambda: len(opened(Handout("A4", None, ("gather",))).questions),
        lambda: 1,
    ),
    "two gradings in a folder": (
        busy,
        "wait until it has ended, or pass --out and another folder",
        lambda: used("busy") and used("another"),
    ),
    "results where a file is": (
        taken,
        "pass --out FOLDER with a folder that takes files",
        lambda: used("another"),
    ),
    "another version than is installed": (
        lambda: without_package(zipped),
        "install this one with `pip install .` in its folder, and run the command again",
        zipped,
    ),
    "no submissions": (
        lambda: wrong("grade", assignment(), "--out", place("r")),
        "Missing argument 'SUBMISSIONS', the folder of the submissions",
        lambda: right("grade", assignment(), submissions(), "--out", place("r")),
    ),
    "submissions for Gradescope": (
        lambda: wrong(
            "grade", assignment(), submissions(), "--out", place("B1.zip"), "--gradescope"
        ),
        "leave the submissions out",
        lambda: right("grade", assignment(), "--out", place("B1.zip"), "--gradescope"),
    ),
    "two clusters": (
        lambda: wrong(
            *("grade", assignment(), submissions(), "--out", place("r")),
            *("--cluster", "--scheduler", "x"),
        ),
        "--cluster starts a cluster, --scheduler uses one: pass either",
        lambda: right("grade", assignment(), submissions(), "--out", place("r")),
    ),
}  # fmt: skip
