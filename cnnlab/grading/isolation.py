"""A submission in a process of its own, which is asked function by function.

The process is a fresh interpreter with an empty environment, a folder of its own, and the limits
of `cnnlab.grading.limits.Limits`. It gets inputs and gives answers; right answers, wrong versions
and cases that were not asked yet never enter it. Where Linux allows namespaces it sees no network,
no other process, and only the folders of Python: neither `cnnlab`, nor solutions, tests, results
or other submissions. Elsewhere less is in force: `isolation_words` says what.

Limits of processes are not a container. What a kernel has wrong, or a machine's owner left open to
everybody, they do not mend: grade submissions of people whom you do not know in a container or a
virtual machine that is thrown away.
"""

from __future__ import annotations

import math
import os
import re
import secrets
import signal
import stat
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Any

import numpy as np

from cnnlab.grading.channel import Closed, Overdue, WrongMessage
from cnnlab.grading.limits import Limits
from cnnlab.grading.process import Process, System, system
from cnnlab.grading.values import pack, unpack
from cnnlab.operations import Call
from cnnlab.tutor.answers import KINDS, Answer, Problem
from cnnlab.tutor.plain import ForeignError, plain
from cnnlab.tutor.questions import Assignment
from cnnlab.tutor.words import cleaned

__all__ = ["Isolated", "isolation_words"]

GRACE = 0.5  # seconds in which a process may say that its time is over
SKIPPED = 3  # statements that ended the process and are left out
SLOW = 1000  # statements that were stopped for their time
OVER = "the time for the whole submission is over"
LARGEST = 100  # integer in a call of a function that stays here
FEW = 8  # entries of an array that may stand for integers
WORK = 4_000_000  # entries of the two largest arrays of such a call, multiplied

FORCE = {
    "namespaces": (
        "a file system of its own with Python and nothing else to read, no network, no sight of "
        "other processes, limits on memory, time, processes and files",
        "",
    ),
    "user": (
        "a user of its own, limits on memory, time, processes and files",
        "a file system and a sight of processes of its own: the system allows no namespaces",
    ),
    "same": (
        "limits on memory, time and the size of files; processes are counted",
        "a file system and a sight of processes of its own: the system allows no namespaces, and "
        "this user cannot become another",
    ),
}
REACH = {
    "fenced": ("only Python can be read and only its own folder written", "files"),
    "barred": ("no network, no signals to others", "the network and other processes"),
}


def isolation_words() -> str:
    """Say in a few words what keeps a submission apart on this system, and what does not.

    Examples
    --------
    >>> isolation_words().startswith("In force: ")
    True
    """
    return words_of(system())


def words_of(allowed: System) -> str:
    """Say it of what a system allows."""
    force, missing = FORCE[allowed.room]
    if allowed.room != "namespaces":
        for name, (kept, reached) in REACH.items():
            if getattr(allowed, name):
                force += f"; {kept}"
            else:
                missing += f"; compiled code reaches {reached}"
    return f"In force: {force}." + (f" Not in force: {missing}." if missing else "")


class Isolated:
    """Asks the functions of one submission in a process of its own: a context manager and an `Ask`.

    A call that ends the process, or takes too long, costs its own answer; what is asked next is
    asked in a new process. The process and all that it started are killed at the end.

    Parameters
    ----------
    path : str or os.PathLike
        The submission, a file of Python or a notebook.
    assignment : Assignment
        What it is an answer to: its `allowed` modules are there, and its `seconds` are a limit.
    limits : Limits, optional
        What it may use.
    hidden : sequence of str, optional
        Further folders that it must not see, as that of the results. The folder of the submission
        is hidden anyway.
    room : str, optional
        "namespaces", "user" or "same"; the best that the system allows if it is not given.

    Attributes
    ----------
    in_force : tuple of str
        What keeps the submission apart, in words.

    Raises
    ------
    OSError
        If no process can be started here. What is wrong with the submission raises nothing: it is
        the answer to everything that is asked.

    Examples
    --------
    ::

        with Isolated("student-001.ipynb", find("A4"), Limits()) as ask:
            answer = ask("dX_gather", Call((dZ, w, (1, 2, 4, 5)), {}))
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        assignment: Assignment,
        limits: Limits | None = None,
        *,
        hidden: Sequence[str] = (),
        room: str | None = None,
    ) -> None:
        self._path = os.fspath(path)
        self._allowed = tuple(assignment.allowed)
        questions = len(assignment.questions)
        self._limits = (limits or Limits()).shared(assignment.seconds, questions)
        self._hidden = [
            os.path.dirname(os.path.realpath(self._path)),
            *map(os.path.realpath, hidden),
        ]
        allowed = system((room,)) if room else system()
        self._room = allowed.room
        self._left = self._limits.total
        self._until = 0.0
        self._source = b""
        self._refused: Problem | None = None
        self._process: Process | None = None
        self._starts = 0
        self._skip: dict[int, Problem] = {}
        self._deadly = 0
        self.in_force = (words_of(allowed),)

    def __enter__(self) -> Isolated:
        """Read the submission; its process is started when something is asked."""
        try:
            self._source = _content(self._path, self._limits.source)
        except OSError as error:
            self._refused = Problem("missing", str(error))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End its process."""
        self._end()

    def __call__(self, function: str, call: Call) -> Answer:
        """Call a function of the submission.

        Parameters
        ----------
        function : str
            Its name.
        call : Call
            Arguments and options. Functions among them are called here.

        Returns
        -------
        answer : Answer
            Whatever happens. Its `seconds` are measured here, from before the arguments are sent
            until the value has come.
        """
        self._until = time.monotonic() + self._left
        try:
            problem = self._refused or self._start()
            if problem is not None:
                return Answer(problem=problem)
            return self._asked(function, call)
        finally:
            self._left = self._until - time.monotonic()

    def _start(self) -> Problem | None:
        """Have a process in which the submission is loaded; say why there is none."""
        while self._process is None:
            if time.monotonic() >= self._until:
                return Problem("time", OVER)
            if self._starts > self._limits.starts:
                return Problem("died", f"its process ended {self._starts} times; that is enough")
            self._starts += 1
            self._process = Process(self._allowed, self._limits, self._hidden, self._room)
            try:
                self._process.wait_until_ready()
            except OSError:
                self._process = None
                raise
            self._load()
        return self._refused

    def _load(self) -> None:
        """Load the submission; what ends the process is left out the next time."""
        assert self._process is not None
        channel, limits = self._process.channel, self._limits
        number, step = secrets.token_hex(8), -1
        until = min(self._until, time.monotonic() + limits.loading + limits.step)
        header = {
            "kind": "load",
            "id": number,
            "name": _plain_name(self._path),
            "skip": {str(place): vars(problem) for place, problem in self._skip.items()},
        }
        try:
            channel.send(header, self._source, until)
            while True:
                told, _ = channel.receive(min(until, time.monotonic() + limits.step + GRACE))
                if told.get("id") != number:
                    raise WrongMessage
                if told.get("kind") == "loaded":
                    self._skip_slow(told.get("slow"))
                    return
                step = _number(told.get("step"))
        except (Closed, Overdue, WrongMessage) as error:
            problem = self._ended(error, limits.step)
            self._deadly += 1
            if step < 0 or step in self._skip or self._deadly > SKIPPED:
                self._refused = problem
            self._skip[step] = problem

    def _skip_slow(self, told: Any) -> None:
        """Leave out what was stopped for its time, if the submission is loaded again."""
        if type(told) is not list or len(told) > SLOW:
            raise WrongMessage
        words = f"it was stopped after {self._limits.step:g} seconds"
        self._skip |= {_number(step): Problem("time", words) for step in told}

    def _asked(self, function: str, call: Call) -> Answer:
        assert self._process is not None
        channel, limits = self._process.channel, self._limits
        number, here = secrets.token_hex(8), []  # type: ignore[var-annotated]
        tree, data = pack((tuple(call.arguments), dict(call.options)), 1 << 40, here)
        header = {"kind": "call", "id": number, "function": function, "call": tree}
        begin = time.monotonic()
        until = min(self._until, begin + limits.call + GRACE)
        conversation = _Conversation(number, here, limits, until)
        answer = Answer()
        try:
            # The clock runs already: who is sent a large array may work while it comes.
            channel.send(header, data, until)
            while True:
                told, data = channel.receive(until)
                if told.get("id") != number:
                    raise WrongMessage
                kind = told.get("kind")
                if kind == "ask":
                    channel.send(*conversation.reply(told, data), until)
                elif kind == "value" and not answer.seconds:
                    value = _value(told, data)
                    answer = Answer(value, seconds=time.monotonic() - begin)
                    until = min(self._until, time.monotonic() + limits.call + GRACE)
                elif kind == "answer":
                    return _answer(answer, told, time.monotonic() - begin)
                else:
                    raise WrongMessage
        except (Closed, Overdue, WrongMessage) as error:
            seconds = time.monotonic() - begin
            return Answer(problem=self._ended(error, limits.call), seconds=seconds)

    def _ended(self, error: Exception, seconds: float) -> Problem:
        """End the process, and say what was the matter."""
        assert self._process is not None
        if isinstance(error, Closed):
            self._process.wait_for_end()
        words = self._end()
        if isinstance(error, WrongMessage):
            return Problem("died", "its process sent a message that is none")
        if isinstance(error, Overdue):
            over = time.monotonic() >= self._until
            return Problem("time", OVER if over else f"it was stopped after {seconds:g} seconds")
        return _cause(words, self._limits)

    def _end(self) -> str:
        process, self._process = self._process, None
        return process.end() if process is not None else ""


def _content(path: str, longest: int) -> bytes:
    """Return what is in a submission.

    Raises
    ------
    OSError
        If it is no plain file, or too long.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        raise OSError(f"the submission cannot be read ({error.strerror})") from error
    about = os.fstat(descriptor)
    if not stat.S_ISREG(about.st_mode):
        os.close(descriptor)
        raise OSError("the submission is no file")
    with os.fdopen(descriptor, "rb") as file:
        if about.st_size > longest:
            raise OSError(f"the submission has {about.st_size} bytes; {longest} are the limit")
        return file.read(longest)


def _plain_name(path: str) -> str:
    """Return a name for the submission in its own folder, with its ending."""
    stem, ending = os.path.splitext(os.path.basename(path))
    ending = ".ipynb" if ending.lower() == ".ipynb" else ".py"
    return (re.sub(r"[^\w-]", "_", stem, flags=re.ASCII)[:60] or "submission") + ending


def _value(told: dict[str, Any], data: bytes) -> Any:
    """Return what a function gave, as the tutor has it in its own process."""
    try:
        return plain(unpack(told.get("value"), data))
    except ForeignError as error:
        raise WrongMessage from error


def _answer(answer: Answer, told: dict[str, Any], seconds: float) -> Answer:
    """Return an answer with what was told beside its value."""
    if told.get("problem") is not None:
        return Answer(problem=_problem(told["problem"]), seconds=seconds)
    if not answer.seconds:
        raise WrongMessage
    return replace(
        answer,
        changed=_texts(told.get("changed")),
        shared=_texts(told.get("shared")),
        reused=told.get("reused") is not False,
        unsteady=told.get("unsteady") is not False,
        warned=_texts(told.get("warned")),
    )


def _problem(told: Any) -> Problem:
    if type(told) is not dict or told.get("kind") not in KINDS:
        raise WrongMessage
    texts = {name: told.get(name) for name in ("words", "exception", "line", "place")}
    if any(type(text) is not str for text in texts.values()):
        raise WrongMessage
    cut = {name: cleaned(str(text), 300) for name, text in texts.items()}
    return Problem(kind=told["kind"], number=_number(told.get("number")), **cut)


def _number(told: Any) -> int:
    if type(told) is not int or not 0 <= told < 1_000_000_000:
        raise WrongMessage
    return told


def _texts(told: Any) -> tuple[str, ...]:
    if type(told) is not list or len(told) > 50 or any(type(text) is not str for text in told):
        raise WrongMessage
    return tuple(cleaned(text) for text in told)


def _cause(words: str, limits: Limits) -> Problem:
    """Say why a process ended."""
    kind, _, number = words.partition(" ")
    if kind == "memory":
        return Problem("memory", f"its processes held more than {limits.memory} bytes")
    if kind == "processes":
        return Problem("died", f"it had more than {limits.processes} processes and threads")
    if kind == "folder":
        return Problem("died", f"it wrote more than {limits.folder} bytes or too many files")
    if kind == "signal" and number == str(int(getattr(signal, "SIGXCPU", 0))):
        return Problem("time", f"it used more than {limits.cpu:g} seconds of a processor")
    if kind == "signal":
        name = {4: "SIGILL", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE", 9: "SIGKILL", 11: "SIGSEGV"}
        return Problem("died", f"its process crashed ({name.get(int(number), words)})")
    return Problem("died", f"it ended its process ({cleaned(words, 60) or 'without a word'})")


class _Conversation:
    """Functions that stay here and are called from there: how often, how large, how long."""

    def __init__(
        self, number: str, functions: list[Callable[..., Any]], limits: Limits, until: float
    ) -> None:
        self._number, self._functions = number, functions
        self._limits, self._until = limits, until
        self._asked = 0

    def reply(self, told: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
        """Call a function with what came, and return what is sent back."""
        self._asked += 1
        place = _number(told.get("function"))
        called = unpack(told.get("call"), data)
        if place >= len(self._functions) or type(called) is not tuple or len(called) != 2:
            raise WrongMessage
        arguments, options = called
        if type(arguments) is not tuple or type(options) is not dict:
            raise WrongMessage
        try:
            if self._asked > self._limits.questions:
                raise ValueError(f"one test may call it {self._limits.questions} times")
            check_size([*arguments, *options.values()], self._limits.entries)
            value, more = pack(self._functions[place](*arguments, **options), self._limits.answer)
        except Exception as error:  # an implementation may raise what it likes
            words = cleaned(str(error), 300)
            return {"id": self._number, "raised": type(error).__name__, "words": words}, b""
        if time.monotonic() > self._until:
            raise Overdue
        return {"id": self._number, "value": value}, more


def _single(value: Any) -> Any:
    """Return the number that an array without axes holds."""
    return value.item() if isinstance(value, np.ndarray) and value.ndim == 0 else value


def check_size(values: Sequence[Any], entries: int) -> None:
    """Refuse a call whose arrays, or whose shapes, would cost the grader too much.

    Raises
    ------
    ValueError
        If they do.
    """
    sizes, numbers = [1, 1], []
    left = list(values)
    while left:
        value = left.pop()
        if isinstance(value, np.ndarray):
            sizes.append(value.size)
            if value.ndim <= 2 and value.size <= FEW:  # it may stand for a shape or a stride
                left.append(value.tolist())
        elif isinstance(value, tuple | list):
            value = [_single(entry) for entry in value]
            whole = [abs(int(entry)) for entry in value if isinstance(entry, int | np.integer)]
            numbers.append(math.prod(whole))
            left += value
        elif isinstance(value, dict):
            left += value.values()
        elif isinstance(value, int | np.integer) and abs(int(value)) > LARGEST:
            raise ValueError(f"a test may use integers up to {LARGEST} here; {value} came")
    largest = sorted([*sizes, *numbers])[-2:]
    if sum(sizes) > entries or max([0, *numbers]) > entries or math.prod(largest) > WORK:
        raise ValueError(
            f"a test may use arrays of {entries} entries in all; smaller ones show as much"
        )
