"""How much a submission may use while it is graded."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import Any

__all__ = ["Limits"]

KB = 1024
MB = 1024 * KB
GB = 1024 * MB


@dataclass(frozen=True)
class Limits:
    """How much one submission may use. What goes beyond is stopped, and has no answer.

    Attributes
    ----------
    memory : int
        Bytes: the address space of one process, and what all its processes hold together.
        Below 400 MB Numba and matplotlib do not start.
    cpu : float
        Seconds of processor time of one process.
    processes : int
        Processes and threads at once.
    file : int
        Bytes of one file that it writes.
    folder : int
        Bytes of all files in its folder.
    files : int
        Files in its folder. Of these 64 may be open at once.
    source : int
        Bytes of the submission. A longer one is not read.
    step : float
        Seconds for one statement of the submission while it is loaded, as for a training at the
        end of a notebook. It is stopped then, and the next statement goes on.
    loading : float
        Seconds until the submission is loaded.
    call : float
        Seconds for one call.
    total : float
        Seconds for all of it. `cnnlab.tutor.questions.Assignment.seconds` if that is less.
        `shared` keeps some of them for each question.
    answer : int
        Bytes of the arrays in one answer.
    questions : int
        How often one call may call a function that stays with the grader.
    entries : int
        Entries of all arrays in such a call.
    starts : int
        How often its process is started again after it ended: what follows is asked there.

    Raises
    ------
    ValueError
        If one of them is not a positive number.
    """

    memory: int = 2 * GB
    cpu: float = 60.0
    processes: int = 32
    file: int = 16 * MB
    folder: int = 64 * MB
    files: int = 4096
    source: int = 32 * MB
    step: float = 15.0
    loading: float = 40.0
    call: float = 20.0
    total: float = 120.0
    answer: int = 32 * MB
    questions: int = 500
    entries: int = 20_000
    starts: int = 8

    def __post_init__(self) -> None:
        """Refuse what is no limit."""
        for name, value in asdict(self).items():
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if not (number and value > 0 and math.isfinite(value)):
                raise ValueError(
                    f"Limits: {name}={value!r} is no limit; pass a number above 0, "
                    f"as {name}={getattr(type(self), name)}."
                )

    def shared(self, seconds: float, questions: int) -> Limits:
        """Return limits under which no question takes the time of another.

        Half of the time is for calls, as much for each question; a quarter is for loading, and half
        of that for one statement. What is left is for a new start.

        Parameters
        ----------
        seconds : float
            For all of the submission, if that is less than `total`.
        questions : int
            How many there are.
        """
        total = min(self.total, seconds)
        return replace(
            self,
            total=total,
            step=min(self.step, total / 8),
            loading=min(self.loading, total / 4),
            call=min(self.call, total / 2 / max(1, questions)),
        )

    def in_the_process(self) -> dict[str, Any]:
        """Return them by name, as the process of a submission is told."""
        return asdict(self)
