"""The process above that of a submission: makes its room, starts it, watches it, ends all of it.

It is a fresh interpreter that the grader starts; it knows paths and limits, and no answers. Where
namespaces are allowed it is the first process of its own, and what it started ends with it.
Elsewhere it is the parent of every process whose own parent ends, and so finds all of them.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import signal
import socket
import sys
import time
from collections.abc import Iterator
from typing import Any, NoReturn

__all__ = ["main"]

PAUSE = 0.05  # seconds between two looks
LOOKS = 5  # after so many the folder is looked at


def main(descriptor: int) -> NoReturn:
    """Make the room that is asked for, start the submission's process in it, and watch.

    Parameters
    ----------
    descriptor : int
        The socket to the grader. A first line of JSON says what is asked for.
    """
    end = socket.socket(fileno=descriptor)
    keeper = Keeper(_first_line(end))
    try:
        status = keeper.keep(end)
    except OSError as error:
        status = f"none {error}"
    with contextlib.suppress(OSError):
        os.write(2, f"\nended {status}\n".encode(errors="replace"))
    os._exit(0)


def _first_line(end: socket.socket) -> dict[str, Any]:
    line = bytearray()
    while not line.endswith(b"\n"):
        letter = end.recv(1)
        if not letter:
            os._exit(0)
        line += letter
    settings: dict[str, Any] = json.loads(line)
    return settings


def _contents(paths: list[str]) -> dict[str, bytes]:
    """Return what is in some files, by their names: they are copied into the new folder."""
    files = {}
    for path in paths:
        with contextlib.suppress(OSError), open(path, "rb") as file:
            files[os.path.basename(path)] = file.read()
    return files


class Bell:
    """Rings when a process has ended, or when this one is told to."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        os.set_blocking(self._write, False)
        signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        for number in (signal.SIGCHLD, signal.SIGTERM):
            signal.signal(number, _ignore)

    def wait(self, seconds: float) -> bool:
        """Wait until it rings, or so long; tell whether this process is to stop."""
        ready, _, _ = select.select([self._read], [], [], seconds)
        return bool(ready) and signal.SIGTERM in os.read(self._read, 1024)

    def take_down(self) -> None:
        """Hear no more: for a process that was started by this one."""
        signal.set_wakeup_fd(-1)
        for descriptor in (self._read, self._write):
            os.close(descriptor)
        for number in (signal.SIGCHLD, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)


def _ignore(number: int, frame: Any) -> None:
    """Be heard by the bell alone."""


class Keeper:
    """Keeps one process of a submission.

    Parameters
    ----------
    settings : dict
        `room` ("namespaces", "user" or "same"), `work`, `files` that are copied into it,
        `readable`, `covered`, `limits`, and what the submission's process is told.
    """

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings
        self.limits = settings["limits"]
        self.apart = settings["room"] == "namespaces"
        self.parent = os.getppid()
        self.worker = 0
        self.bell = Bell()
        self.files = _contents(settings["files"])
        self.user: int | None = None
        if os.geteuid() == 0 and settings["room"] != "same":
            self.user = settings["user"]

    def keep(self, end: socket.socket) -> str:
        """Run the submission's process until its end, or that of the grader; say how it ended."""
        if sys.platform == "linux":
            from cnnlab.grading import rooms

            if self.apart:
                rooms.enter_namespaces()
                return self._first_of_namespace(end)
            rooms.set_subreaper()
            rooms.hide_memory()
        if self.user is not None:
            os.chown(self.settings["work"], self.user, self.user)
        self._start(end)
        return self._watch()

    def _first_of_namespace(self, end: socket.socket) -> str:
        """Let the first process of the namespace keep, and end it with the grader."""
        first = os.fork()
        if first:
            end.close()
            while True:
                stopped = self.bell.wait(PAUSE)
                ended, _ = os.waitpid(first, os.WNOHANG)
                if ended:
                    os._exit(0)
                if stopped or os.getppid() != self.parent:
                    os.kill(first, signal.SIGKILL)
        from cnnlab.grading import rooms

        rooms.set_death_signal(signal.SIGKILL)
        self.bell = Bell()
        settings, limits = self.settings, self.limits
        owner = os.geteuid() if self.user is None else self.user
        rooms.build_root(
            settings["work"],
            settings["readable"],
            settings["covered"],
            size=limits["folder"],
            files=limits["files"],
            owner=owner,
        )
        self._start(end)
        return self._watch()

    def _start(self, end: socket.socket) -> None:
        self.worker = os.fork()
        if self.worker:
            end.close()
            return
        try:
            self.bell.take_down()
            os.setsid()
            self._narrow()
            sys.path += self.settings["libraries"]
            from cnnlab.grading import worker

            worker.main(end, self.settings)
        except BaseException as error:
            os.write(2, f"{type(error).__name__}: {error}"[:500].encode(errors="replace"))
        finally:
            os._exit(70)

    def _narrow(self) -> None:
        """Set all limits of this process, for good."""
        limits = self.limits
        bounds = [
            ("RLIMIT_CPU", max(1, round(limits["cpu"]))),
            ("RLIMIT_CORE", 0),
            ("RLIMIT_AS", limits["memory"]),
            ("RLIMIT_FSIZE", limits["file"]),
            ("RLIMIT_NOFILE", 64),
        ]
        if self.apart or self.user is not None:  # else all processes of this user would count
            bounds.append(("RLIMIT_NPROC", limits["processes"]))
        for name, bound in bounds:
            if sys.platform == "darwin" and name == "RLIMIT_AS":
                continue  # is refused there
            kind = getattr(resource, name)
            highest = resource.getrlimit(kind)[1]
            if highest == resource.RLIM_INFINITY:
                highest = bound + 1
            bound = min(bound, highest)  # nobody can raise it
            # The lower limit of two sends a signal, which says that it was the processor's time.
            hard = min(bound + 1, highest) if name == "RLIMIT_CPU" else bound
            resource.setrlimit(kind, (bound, hard))
        if sys.platform == "linux":
            self._fence()
        os.chdir(self.settings["work"])
        os.umask(0o077)
        for name, content in self.files.items():
            with open(name, "wb") as file:
                file.write(content)

    def _fence(self) -> None:
        """Give up rights, on Linux, and say in the settings what is in force."""
        from cnnlab.grading import fence, rooms, syscalls

        settings = self.settings
        rooms.give_up_privileges(self.user)
        rooms.set_death_signal(signal.SIGKILL)
        if not self.apart:
            folders = settings["work"], settings["readable"], settings["covered"]
            settings["fenced"] = fence.fence_in(*folders)
        settings["barred"] = syscalls.bar_calls(self.apart)

    def _watch(self) -> str:
        """Look again and again whether it has ended, or has to."""
        looks = 0
        while True:
            stopped = self.bell.wait(PAUSE)
            status = self._reap()
            looks += 1
            if not status and (stopped or (not self.apart and os.getppid() != self.parent)):
                status = "stopped"
            status = status or self._excess(folder=looks % LOOKS == 0)
            if status:
                self._end_all()
                return status

    def _reap(self) -> str:
        """Take leave of all that ended; say how the submission's process did, if it did."""
        status = ""
        with contextlib.suppress(ChildProcessError):
            while True:
                ended, code = os.waitpid(-1, os.WNOHANG)
                if not ended:
                    break
                if ended == self.worker:
                    signaled = os.WIFSIGNALED(code)
                    number = os.WTERMSIG(code) if signaled else os.WEXITSTATUS(code)
                    status = f"{'signal' if signaled else 'exit'} {number}"
        return status

    def _excess(self, folder: bool) -> str:
        """Say what there is too much of."""
        threads = memory = 0
        for process in self._processes():
            with contextlib.suppress(OSError, IndexError, ValueError):
                with open(f"/proc/{process}/stat", "rb") as file:
                    fields = file.read().rpartition(b")")[2].split()
                threads += int(fields[17])
                memory += int(fields[21]) * resource.getpagesize()
        if threads > self.limits["processes"]:
            return "processes"
        if memory > self.limits["memory"]:
            return "memory"
        if folder and not self.apart and self._folder_is_full():
            return "folder"
        return ""

    def _folder_is_full(self) -> bool:
        size = files = 0
        begin = time.monotonic()
        for place, _, names in os.walk(self.settings["work"]):
            files += len(names) + 1
            for name in names:
                with contextlib.suppress(OSError):
                    size += os.lstat(os.path.join(place, name)).st_blocks * 512
            if files > self.limits["files"] or time.monotonic() - begin > 1:
                return True
        return size > self.limits["folder"]

    def _processes(self) -> Iterator[int]:
        """Yield all processes that the submission has, its own first."""
        if sys.platform != "linux":
            return
        if self.apart:
            yield from (int(name) for name in os.listdir("/proc") if name.isdigit() and name != "1")
            return
        left, seen = [os.getpid()], set()
        while left:
            process = left.pop()
            for child in children(process):
                if child not in seen:
                    seen.add(child)
                    left.append(child)
                    yield child

    def _end_all(self) -> None:
        """Kill everything, until nothing is left."""
        if self.apart:
            with contextlib.suppress(ProcessLookupError):
                os.kill(-1, signal.SIGKILL)
            return
        until = time.monotonic() + 2
        while time.monotonic() < until:
            alive = list(self._processes()) if sys.platform == "linux" else [self.worker]
            for number in (signal.SIGSTOP, signal.SIGKILL):
                for process in alive:
                    with contextlib.suppress(OSError):
                        os.kill(process, number)
            if sys.platform != "linux":
                with contextlib.suppress(OSError):
                    os.killpg(self.worker, signal.SIGKILL)
            self._reap()
            if not alive or sys.platform != "linux":
                return
            time.sleep(0.005)


def children(process: int) -> list[int]:
    """Return the children of a process, those of all its threads."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{process}/task"):
            with open(f"/proc/{process}/task/{thread}/children", "rb") as file:
                found += map(int, file.read().split())
    return found


if __name__ == "__main__":
    main(int(sys.argv[1]))
