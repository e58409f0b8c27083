"""Hostile submissions: none gets a point, none harms, all end within their limit."""

import dataclasses
import os
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from grading import hostile
from grading.submissions import (
    SHORT,
    ask_once,
    asked_for,
    assignment,
    function,
    isolated,
    points,
    written,
)

from cnnlab.grading.isolation import Isolated
from cnnlab.grading.package import write_allowed
from cnnlab.grading.process import system
from cnnlab.operations import Call
from cnnlab.tutor.judging import judge, visible_cases

#: Where nothing can be found: namespaces, and what is fenced in without them.
ROOMS = [
    room
    for room in dict.fromkeys([system().room, "same"])
    if room == "namespaces" or (system((room,)).barred and system((room,)).fenced)
]
RIGHT = "\n\ndef right(X):\n    return 2 * X\n"
#: Functions that are asked in one process, until one of them ends it.
GROUPS = 3


@pytest.fixture
def world(tmp_path, monkeypatch):
    """What could be harmed: results, another submission, a process, and what is secret."""
    monkeypatch.setenv("TEACHER", "SECRET")
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "results.json").write_text("{}")
    (tmp_path / "submissions").mkdir()
    (tmp_path / "submissions" / "SECRET.py").write_text("def twice(X):\n    return 2 * X\n")
    write_allowed(assignment().allowed)  # is written once, and stays
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    victim = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(600)"])
    yield tmp_path
    assert victim.poll() is None, "another process was killed"
    victim.kill()
    victim.wait()
    assert (tmp_path / "results" / "results.json").read_text() == "{}"
    assert sorted(path.name for path in (tmp_path / "results").iterdir()) == ["results.json"]
    assert not list((tmp_path / "temporary").iterdir()), "a folder was left"
    assert not remains(tmp_path), "something outlives its grading"


def remains(folder):
    """Return the processes that know of a folder, in their environment or by their words."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            words = (place / "cmdline").read_bytes() + (place / "environ").read_bytes()
        except OSError:
            continue
        if int(place.name) != os.getpid() and bytes(folder) in words:
            found.append(place.name)
    return found


def filled(text, world):
    return text.replace("VICTIM", str(world / "results"))


def test_nothing_at_the_top_of_a_file_earns_a_point_or_goes_on(world):
    """Those that end are asked afterwards, and have the wrong function that stands below."""
    begin = time.monotonic()

    def graded(name):
        text = f"{filled(hostile.AT_THE_TOP[name], world)}\n"
        folder = world / "submissions" / name.replace(" ", "-")
        folder.mkdir()
        path = written(folder, "", "student.py")
        below = function("return np.zeros_like(X)") + RIGHT
        path.write_text(f"import numpy as np\n{textwrap.dedent(text)}\n{below}")
        with isolated(path) as ask:
            return points(ask)

    with ThreadPoolExecutor(4) as pool:
        earned = dict(zip(hostile.AT_THE_TOP, pool.map(graded, hostile.AT_THE_TOP), strict=True))
    assert earned == dict.fromkeys(hostile.AT_THE_TOP, 0)
    assert time.monotonic() - begin < 30


def test_nothing_in_a_call_earns_a_point_or_hinders_the_next(world):
    """What is right is so after each of them."""
    names = list(hostile.IN_THE_CALL)
    functions = {name: f"twice_{place}" for place, name in enumerate(names)}
    text = "".join(
        function(filled(hostile.IN_THE_CALL[name], world).replace("twice(", f"{one}("), one)
        for name, one in functions.items()
    )
    path = written(world / "submissions", text + RIGHT)

    # What is right may have to run beside a thread that an earlier call has left behind.
    limits = dataclasses.replace(SHORT, call=1.0, total=90.0)

    def graded(part):
        with Isolated(path, assignment(seconds=90.0), limits) as ask:
            earned = {name: (points(ask, functions[name]), points(ask, "right")) for name in part}
        return earned

    with ThreadPoolExecutor(GROUPS) as pool:
        earned = list(pool.map(graded, [names[place::GROUPS] for place in range(GROUPS)]))
    assert {**earned[0], **earned[1], **earned[2]} == dict.fromkeys(names, (0, 100))


@pytest.mark.parametrize("room", ROOMS)
def test_there_is_nothing_to_find(world, room):
    """Neither files, nor processes, nor the package, nor the network."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        package = str(Path(__file__).parents[2])
        texts = {
            name.replace(" ", "_"): body.replace("PORT", port).replace("PACKAGE", package)
            for name, body in hostile.SPIES.items()
        }
        text = "".join(function(body, name) for name, body in texts.items())
        path = written(world / "submissions", text)
        limits = dataclasses.replace(SHORT, call=20.0)
        with isolated(path, limits, room=room) as ask:
            found = {name: ask(name, Call((np.ones(2),), {})) for name in texts}
    assert {name: answer.value for name, answer in found.items()} == {name: [] for name in texts}


def test_answers_that_were_learned_by_heart_are_no_answers(world):
    """Those of the cases that everybody sees."""
    seen = {case.call.arguments[0].tobytes(): 0 for case in visible_cases(asked_for("twice"))}
    text = f"SEEN = {seen}\n" + function("if X.tobytes() in SEEN: return 2 * X\nreturn X")
    with isolated(written(world / "submissions", text)) as ask:
        assert judge("T1.twice", asked_for("twice"), ask).points == 100
        assert points(ask) == 0


def test_a_message_is_cleaned(world):
    text = function(hostile.IN_THE_CALL["escapes"])
    problem = ask_once(written(world / "submissions", text)).problem
    assert problem.kind == "raised"
    assert problem.words.isprintable()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("broken.ipynb", b'{"cells": [{"cell_type": "code", "source": ["1"'),
        ("nested.ipynb", b"[" * 100_000),
        ("no-cells.ipynb", b"[1, 2]"),
        ("bytes.ipynb", b"\xff\xfe\x00\x00"),
        ("zeros.py", bytes(1000)),
        ("nested.py", b"x = " + b"(" * 100_000),
        ("minus.py", b"x = " + b"-" * 300_000 + b"1"),
        ("long.py", b"x = 1\n" * 500_000),
    ],
)
def test_what_is_no_program_is_told(tmp_path, name, data):
    path = tmp_path / name
    path.write_bytes(data)
    problem = ask_once(path).problem
    assert problem.kind in ("raised", "missing", "died", "memory"), problem
    assert problem.words


def test_what_is_no_file_is_not_read(tmp_path):
    """Links, folders, pipes, nothing at all, and what is too long."""
    (tmp_path / "folder.py").mkdir()
    os.symlink(__file__, tmp_path / "link.py")
    os.mkfifo(tmp_path / "pipe.py")
    with open(tmp_path / "long.py", "wb") as file:
        file.truncate(100_000_000)
    for name in ("folder", "link", "pipe", "long", "nothing"):
        problem = ask_once(tmp_path / f"{name}.py").problem
        assert problem.kind == "missing"
        assert problem.words.startswith("the submission ")
