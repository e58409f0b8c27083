"""What came back of one call of somebody's function: plain data, and nothing of theirs in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:  # a process that gets calls and gives answers loads none of the operations
    from cnnlab.operations import Call

__all__ = ["Answer", "Ask", "Problem"]

#: What can go wrong with a call, before anything is compared.
KINDS = (
    "missing",  # there is no function of that name
    "not written",  # it raises NotImplementedError, or returns None or an Ellipsis
    "raised",  # an exception
    "foreign",  # something else than arrays, numbers, and tuples or dicts of them came back
    "time",  # it was stopped after its time
    "memory",  # it asked for more memory than it may have
    "died",  # the process ended: os._exit, a crash, a signal
)


@dataclass(frozen=True)
class Problem:
    """Why a call gave no answer.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    words : str
        What happened, in one line, as "IndexError: index 3 is out of bounds for axis 1".
    exception : str
        Name of the exception's class, as "IndexError"; empty if there was none.
    line : str
        The line of the student where it happened, without the spaces in front.
    number : int
        Number of that line in its file or cell, from 1; 0 if it is not known.
    place : str
        The file, or the cell as "cell 4", that it stands in.
    """

    kind: str
    words: str
    exception: str = ""
    line: str = ""
    number: int = 0
    place: str = ""


@dataclass(frozen=True)
class Answer:
    """What one call gave.

    Attributes
    ----------
    value : object
        What was returned: an array, a number, a string, None, or a tuple, list or dict of these.
        Arrays are exactly `numpy.ndarray`, C-contiguous copies with their dtype and shape.
    problem : Problem, optional
        Why there is no value.
    changed : tuple of str
        Names (or places, as "argument 2") of the arguments whose entries the call changed.
    shared : tuple of str
        The same of those whose memory what was returned uses: a view, or the argument itself.
    reused : bool
        Whether a second call, with other numbers, changed what the first had returned.
    unsteady : bool
        Whether a second call with the same arguments gave something else.
    seconds : float
        How long the call took, as measured by who asked.
    warned : tuple of str
        What Python and NumPy warned of, each warning once, as "overflow encountered in exp".
    """

    value: Any = None
    problem: Problem | None = None
    changed: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    reused: bool = False
    unsteady: bool = False
    seconds: float = 0.0
    warned: tuple[str, ...] = ()


class Ask(Protocol):
    """How somebody's function is called: in this process, or in one of its own.

    ``ask("dX_gather", call)`` calls it and returns an `Answer`, whatever happens. Arguments are
    copies each time.
    """

    def __call__(self, function: str, call: Call) -> Answer:
        """Call the function of that name."""
        ...
