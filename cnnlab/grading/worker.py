"""Inside the process of one submission: loads it, calls its functions, and tells what they gave.

Everything here is in the hands of the submission once that is loaded: it is a convenience of the
grader and no guard. What comes out of this process is checked by the grader; no right answer, and
no case that was not asked yet, ever comes in.
"""

from __future__ import annotations

import builtins
import contextlib
import importlib.machinery
import linecache
import os
import re
import signal
import socket
import sys
import time
import types
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, NoReturn

from cnnlab.grading.channel import Channel, Closed
from cnnlab.grading.loading import BrokenNotebookError, Step, steps_of, write_files
from cnnlab.grading.values import TooMuchError, pack, unpack
from cnnlab.operations import Call
from cnnlab.tutor.answers import Answer, Problem
from cnnlab.tutor.asking import InThisProcess
from cnnlab.tutor.plain import ForeignError, plain
from cnnlab.tutor.problems import problem_of

__all__ = ["main"]

NOTES = 20  # failed statements that are remembered
MANY = 1000  # slow statements that are told


class OvertimeError(BaseException):
    """Raised where a statement or a call has taken its time; no `except Exception` stops it."""


def main(end: socket.socket, settings: dict[str, Any]) -> NoReturn:
    """Answer what the grader asks until it ends this process.

    Parameters
    ----------
    end : socket.socket
        The socket to the grader.
    settings : dict
        `libraries`, `allowed`, `absent`, `hidden` and `limits`.
    """
    _show_what_is_allowed(settings)
    worker = Worker(Channel(end, 1 << 40), settings["limits"])
    signal.signal(signal.SIGALRM, _stop)
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    force = {name: settings.get(name, False) for name in ("barred", "fenced")}
    worker.channel.send({"kind": "ready", **force})
    with contextlib.suppress(Closed):
        while True:
            worker.serve()
    os._exit(0)


def _stop(number: int, frame: Any) -> None:
    raise OvertimeError


@contextlib.contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _show_what_is_allowed(settings: dict[str, Any]) -> None:
    """Take away what only this process needs: a submission sees what is allowed."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "cnnlab"]:
        del sys.modules[name]
    sys.path[:] = [settings["allowed"], *sys.path[1:]]
    importlib.invalidate_caches()
    sys.meta_path.insert(0, Absent(settings["allowed"], settings["absent"]))
    importlib.import_module("cnnlab")
    if settings["room"] != "namespaces" and not settings.get("fenced"):
        sys.addaudithook(guard(settings["covered"]))


class Absent:
    """Refuses to import what is not there in grading, and says so.

    Parameters
    ----------
    folder : str
        Where the allowed part of `cnnlab` stands.
    names : sequence of str
        Packages that are not there.
    """

    def __init__(self, folder: str, names: Sequence[str]) -> None:
        self._folder = folder
        self._names = frozenset(names)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: Any = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return where a module of `cnnlab` stands; None of others: elsewhere they are found."""
        package = name.partition(".")[0]
        if package != "cnnlab" and package not in self._names:
            return None
        spec = None
        if package == "cnnlab":
            places = [self._folder] if name == "cnnlab" else path
            spec = importlib.machinery.PathFinder.find_spec(name, places)
        if spec is None:
            raise ModuleNotFoundError(
                f"{name} is not there while this is graded; write what you need of it yourself, "
                f"with NumPy.",
                name=name,
            )
        return spec


def guard(hidden: Sequence[str]) -> Callable[[str, tuple[Any, ...]], None]:
    """Return an audit hook that refuses to open what lies in hidden folders.

    For systems with neither namespaces nor a fence. It binds the functions of Python alone:
    compiled code goes around it.
    """
    folders = tuple(os.path.join(os.path.realpath(folder), "") for folder in hidden)
    files = {"open", "os.listdir", "os.scandir", "os.chdir", "os.symlink", "os.link", "os.rename"}
    programs = {"os.system", "os.exec", "os.posix_spawn", "os.spawn", "subprocess.Popen"}
    real, join, kinds = os.path.realpath, os.path.join, (str, bytes)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in programs:
            raise PermissionError("no other program is started while this is graded")
        if event in files and arguments and isinstance(arguments[0], kinds):
            path = arguments[0]
            text = path if isinstance(path, str) else os.fsdecode(path)
            if join(real(text), "").startswith(folders):
                raise PermissionError(f"{text} is not there while this is graded")

    return hook


class Worker:
    """Loads a submission and calls its functions, as it is told by messages.

    Parameters
    ----------
    channel : Channel
        Where the messages come from.
    limits : dict
        The fields of `cnnlab.grading.limits.Limits`.
    """

    def __init__(self, channel: Channel, limits: dict[str, Any]) -> None:
        self.channel = channel
        self.limits = limits
        self.functions: dict[str, Any] = {}
        self.notes: list[Problem] = []
        self.broken: Problem | None = None

    def serve(self) -> None:
        """Do what the next message says."""
        header, data = self.channel.receive()
        if header["kind"] == "load":
            self.load(header, data)
        else:
            self.call(header, data)

    def load(self, header: dict[str, Any], source: bytes) -> None:
        """Run the statements of a submission; the place of each is told before it runs."""
        folder = Path.cwd()
        space = self._module(header["name"])
        left, slow = self.limits["loading"], []
        try:
            files = write_files(header["name"], source, folder)
        except (BrokenNotebookError, OSError) as error:
            self.broken = Problem("raised", str(error), type(error).__name__)
            files = []
        for file in files:
            linecache.getlines(str(file.path))
        for number, step in enumerate(steps_of(files)):
            if str(number) in header["skip"]:
                self.notes.append(Problem(**header["skip"][str(number)]))
                continue
            self.channel.send({"kind": "step", "id": header["id"], "step": number})
            begin = time.monotonic()
            if left > 0 or step.defines:
                self._run(step, space, max(min(self.limits["step"], left), 0.1))
            left -= time.monotonic() - begin
            if time.monotonic() - begin >= self.limits["step"]:
                slow.append(number)
        names = {name: value for name, value in space.items() if not name.startswith("__")}
        self.functions = {name: value for name, value in names.items() if callable(value)}
        self.channel.send({"kind": "loaded", "id": header["id"], "slow": slow[:MANY]})

    def _module(self, name: str) -> dict[str, Any]:
        """Return the names of a new module, in which the submission runs."""
        notebook = name.endswith(".ipynb")
        module = types.ModuleType("__main__" if notebook else "submission")
        sys.modules[module.__name__] = module
        sys.argv[:] = [name]
        if notebook:
            vars(module).update(display=_nothing, get_ipython=Nothing)
        else:
            module.__file__ = str(Path.cwd() / name)
        return vars(module)

    def _run(self, step: Step, space: dict[str, Any], seconds: float) -> None:
        try:
            if step.code is None:
                raise step.error  # type: ignore[misc]
            with _at_most(seconds):
                exec(step.code, space)
        except BaseException as error:  # SystemExit too: what follows may define more
            problem = _told(error, f"it was stopped after {seconds:g} seconds")
            if len(self.notes) < NOTES:
                self.notes.append(problem)
            if isinstance(step.error, SyntaxError) and self.broken is None:
                self.broken = problem

    def call(self, header: dict[str, Any], data: bytes) -> None:
        """Call a function; tell what it gave at once, and then how it treats its arguments."""
        number, name = header["id"], header["function"]
        if name not in self.functions:
            self._answer(number, Answer(problem=self._missing(name)))
            return

        def told(value: Any) -> None:
            signal.setitimer(signal.ITIMER_REAL, 0)
            tree, data = pack(value, self.limits["answer"])
            self.channel.send({"kind": "value", "id": number, "value": tree}, data)
            signal.setitimer(signal.ITIMER_REAL, self.limits["call"])

        stub = Stubs(self.channel, number, self.limits["answer"])
        arguments, options = unpack(header["call"], data, stub)
        ask = InThisProcess({name: self.functions[name]}, told)
        try:
            with _at_most(self.limits["call"]):
                answer = ask(name, Call(arguments, options))
        except TooMuchError as error:
            answer = Answer(problem=Problem("foreign", f"{error} came back"))
        except BaseException as error:
            answer = Answer(problem=problem_of(error))
        if answer.problem is not None and answer.problem.exception == OvertimeError.__name__:
            words = f"it was stopped after {self.limits['call']:g} seconds"
            answer = Answer(problem=replace(answer.problem, kind="time", words=words, exception=""))
        self._answer(number, answer)

    def _answer(self, number: str, answer: Answer) -> None:
        problem = None if answer.problem is None else asdict(_placed(answer.problem))
        fields = {
            "problem": problem,
            "changed": answer.changed,
            "shared": answer.shared,
            "reused": answer.reused,
            "unsteady": answer.unsteady,
            "warned": answer.warned,
        }
        self.channel.send({"kind": "answer", "id": number, **fields})

    def _missing(self, name: str) -> Problem:
        """Say why there is no such function."""
        if self.broken is not None:
            return self.broken
        words = f"there is no function {name}"
        if self.notes:
            note = self.notes[0]
            where = f"{note.place}, line {note.number}: " if note.number else ""
            words += f"; what was stopped first: {where}{note.words}"
        return Problem("missing", words)


def _told(error: BaseException, overtime: str) -> Problem:
    problem = _placed(problem_of(error))
    return (
        replace(problem, words=overtime, exception="")
        if isinstance(error, OvertimeError)
        else problem
    )


def _placed(problem: Problem) -> Problem:
    """Return a problem with the cell in the place of the file that the cell was written into."""
    place = re.sub(r"^cell_(\d+)\.py$", r"cell \1", problem.place)
    return replace(problem, place=place)


class Stubs:
    """Makes functions that ask the grader: what they are called with goes there by a message."""

    def __init__(self, channel: Channel, number: str, longest: int) -> None:
        self._channel, self._number, self._longest = channel, number, longest

    def __call__(self, place: int) -> Callable[..., Any]:
        """Return the function of that number."""

        def asked(*arguments: Any, **options: Any) -> Any:
            try:
                tree, data = pack((plain(arguments), plain(options)), self._longest)
            except ForeignError as error:
                raise TypeError(f"{error} came as an argument, but arrays are needed") from None
            header = {"kind": "ask", "id": self._number, "function": place, "call": tree}
            self._channel.send(header, data)
            answer, data = self._channel.receive()
            if "raised" in answer:
                kind = getattr(builtins, answer["raised"], RuntimeError)
                raise kind(answer["words"])
            return unpack(answer["value"], data)

        return asked


def _nothing(*arguments: Any, **options: Any) -> None:
    """Stand for what shows something in a notebook."""


class Nothing:
    """Stands for the shell of a notebook."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name.startswith("__"):
            raise AttributeError(name)
        return _nothing
