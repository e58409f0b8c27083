"""One process of a submission, as the grader sees it: started, spoken with, ended."""

from __future__ import annotations

import contextlib
import functools
import glob
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from cnnlab.grading.channel import Channel, Closed, Overdue, WrongMessage
from cnnlab.grading.folders import TemporaryPlace
from cnnlab.grading.limits import Limits
from cnnlab.grading.package import PACKAGE, write_allowed, write_inside
from cnnlab.grading.rooms import FIRST_USER, hide_memory

__all__ = ["ROOMS", "Process", "System", "system"]

#: How a process can be kept apart, the best first.
ROOMS = ("namespaces", "user", "same")
#: Packages that would solve an assignment in one line.
ABSENT = ("jax", "keras", "mlx", "mxnet", "paddle", "tensorflow", "theano", "tinygrad", "torch")
START = 20.0  # seconds in which a process must have started
END = 3.0  # seconds in which it must have ended
ONE_THREAD = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "NUMBA", "VECLIB_MAXIMUM", "BLIS")
LAST_WORDS = 4096  # bytes of what a process says at its end


class Process:
    """A process in which a submission is asked.

    Parameters
    ----------
    allowed : tuple of str
        Modules of `cnnlab` that are there.
    limits : Limits
        What it may use.
    hidden : sequence of str
        Folders that it must not see.
    room : str
        One of `ROOMS`.

    Attributes
    ----------
    barred, fenced : bool
        Whether calls of the kernel are barred in it, and whether it is kept to its folders;
        known when it is ready.

    Raises
    ------
    OSError
        If it does not start.
    """

    def __init__(
        self, allowed: tuple[str, ...], limits: Limits, hidden: Sequence[str], room: str
    ) -> None:
        if room == "same" and sys.platform == "linux":
            hide_memory()
        self.barred = self.fenced = False
        self._mark = secrets.token_hex(16)
        self._keeper: subprocess.Popen[bytes] | None = None
        self._words = tempfile.TemporaryFile()  # noqa: SIM115 - closed in `end`
        self._place = TemporaryPlace()
        self._work = str(self._place.path / "work")
        self._socket, other = socket.socketpair()
        self.channel = Channel(self._socket, limits.answer)
        try:
            os.mkdir(self._work, 0o700)
            self._place.path.chmod(0o711)  # others may go through it
            settings = _settings(allowed, limits, hidden, room, self._work)
            self._keeper = self._started(settings["inside"], other)
            self._socket.sendall(json.dumps(settings).encode() + b"\n")
        except BaseException:
            self.end()
            raise
        finally:
            other.close()

    def _started(self, inside: str, other: socket.socket) -> subprocess.Popen[bytes]:
        """Start the keeper with its end of the sockets."""
        code = f"import sys; sys.path.insert(0, {inside!r}); "
        code += f"from cnnlab.grading.keeper import main; main({other.fileno()})"
        return subprocess.Popen(
            [sys.executable, "-I", "-S", "-B", "-X", "utf8", "-c", code],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._words,
            cwd=self._work,
            env=self._environment(),
            pass_fds=(other.fileno(),),
            start_new_session=True,
        )

    def wait_until_ready(self) -> None:
        """Wait for the first message.

        Raises
        ------
        OSError
            If it does not come.
        """
        try:
            header, _ = self.channel.receive(time.monotonic() + START)
            ready = header.get("kind") == "ready"
            self.barred = header.get("barred") is True
            self.fenced = header.get("fenced") is True
        except (Closed, Overdue, WrongMessage):
            ready = False
        if not ready:
            raise OSError(f"the process of a submission did not start: {self.end() or 'no words'}")

    def end(self) -> str:
        """Kill it with all that it started; return what was said of its end, as "signal 11"."""
        if self._keeper is not None:
            self._keeper.terminate()
            try:
                self._keeper.wait(END)
            except subprocess.TimeoutExpired:
                self._keeper.kill()
                self._keeper.wait()
        self._socket.close()
        _sweep(self._mark)
        self._words.seek(0, os.SEEK_END)
        self._words.seek(max(0, self._words.tell() - LAST_WORDS))
        words = self._words.read(LAST_WORDS).decode(errors="replace")
        self._words.close()
        self._place.remove()
        told = re.findall(r"^ended (.*)$", words, re.M)
        before = re.sub(r"^ended .*$", "", words, flags=re.M).strip()
        return before or (told[-1] if told else "")

    def wait_for_end(self) -> None:
        """Give it a moment to end by itself, so that what is said of its end is the cause."""
        if self._keeper is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._keeper.wait(1)

    def _environment(self) -> dict[str, str]:
        """Return all of its environment: nothing of the grader's."""
        work = self._work
        threads = {f"{name}_NUM_THREADS": "1" for name in ONE_THREAD}
        folders = dict.fromkeys(("HOME", "TMPDIR", "NUMBA_CACHE_DIR", "XDG_CACHE_HOME"), work)
        return {
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "MPLBACKEND": "agg",
            "MPLCONFIGDIR": work,
            "CNNLAB_GRADED": self._mark,
            **threads,
            **folders,
        }


def _settings(
    allowed: tuple[str, ...], limits: Limits, hidden: Sequence[str], room: str, work: str
) -> dict[str, Any]:
    """Return what the keeper and the worker are told."""
    libraries = _libraries()
    inside, offered = str(write_inside()), str(write_allowed(allowed))
    python = {sys.prefix, sys.base_prefix, os.path.dirname(os.__file__), *libraries}
    absent = [os.path.join(folder, name) for folder in libraries for name in ABSENT]
    return {
        "room": room,
        "work": work,
        "files": _font_lists(),
        "inside": inside,
        "allowed": offered,
        "libraries": libraries,
        "readable": sorted({*python, inside, offered}),
        "covered": [str(PACKAGE), *_beside_the_package(), *hidden, *absent],
        "absent": ABSENT,
        "user": FIRST_USER + secrets.randbelow(100_000_000),
        "limits": limits.in_the_process(),
    }


@functools.cache
def _libraries() -> list[str]:
    """Return the folders of installed packages."""
    numpy = os.path.dirname(os.path.dirname(np.__file__))
    names = ("site-packages", "dist-packages")
    return list(dict.fromkeys([numpy, *(p for p in sys.path if os.path.basename(p) in names)]))


def _beside_the_package() -> list[str]:
    """Return what stands beside the package where its sources are: solutions and tests."""
    root = PACKAGE.parent
    if not (root / "pyproject.toml").is_file():
        return []
    return [str(root / name) for name in ("assignments", "book", "tests", "tools", "benchmarks")]


@functools.cache
def _font_lists() -> list[str]:
    """Return what matplotlib knows of the fonts here, so that it need not look for them again."""
    own = os.environ.get("MPLCONFIGDIR")
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    places = [own] if own else [os.path.join(cache, "matplotlib")]
    return [path for place in places for path in glob.glob(f"{place}/fontlist-v*.json")]


def _sweep(mark: str) -> None:
    """Kill what still has the environment of a process that is to be at its end."""
    if sys.platform != "linux":
        return
    for _ in range(20):
        left = [pid for pid in os.listdir("/proc") if pid.isdigit() and _is_marked(pid, mark)]
        for pid in left:
            with contextlib.suppress(OSError):
                os.kill(int(pid), signal.SIGKILL)
        if not left:
            return
        time.sleep(0.01)


def _is_marked(pid: str, mark: str) -> bool:
    try:
        return mark.encode() in Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return False


class System(NamedTuple):
    """What this system allows.

    Attributes
    ----------
    room : str
        The best of `ROOMS`.
    barred : bool
        Whether calls of the kernel are barred, see `cnnlab.grading.syscalls`.
    fenced : bool
        Whether it is kept to its folders, see `cnnlab.grading.fence`; namespaces need no fence.
    """

    room: str
    barred: bool
    fenced: bool


@functools.cache
def system(wanted: tuple[str, ...] = ROOMS) -> System:
    """Return what this system allows: each of some `ROOMS` is tried once, the best first.

    Raises
    ------
    OSError
        If not even a process of the same user can be kept.
    """
    if os.name != "posix":
        raise OSError(
            f"Isolated: submissions are not run on {sys.platform}, which knows no limits of a "
            "process; grade on Linux or macOS, in WSL 2, or in a container."
        )
    reason = "none of its ways is known here"
    for room in wanted:
        if room != "same" and (sys.platform != "linux" or (room == "user" and os.geteuid())):
            continue
        try:
            process = Process((), Limits(), (), room)
            process.wait_until_ready()
        except OSError as error:
            reason = str(error)
        else:
            process.end()
            return System(room, process.barred, process.fenced)
    raise OSError(
        f"Isolated: no submission can be kept apart here ({reason}); grade on another machine, or "
        f"in a container."
    )
