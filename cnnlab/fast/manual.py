"""What `help` says of a compiled function: its own words, and everything that holds for the loops.

Both have the same parameters, results and errors, and `cnnlab/reference` is where these are written
down. They are read there as text, because neither of the two packages imports the other.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

LOOPS = Path(__file__).parents[1] / "reference"

#: What the file of each function says of it, by name.
OWN_WORDS: dict[str, str] = {}


def complete_docstrings(functions: Iterable[Callable[..., Any]]) -> None:
    """Put what the loops say around the words of each function, but for the examples.

    Where the loops are not to be read (in an archive, or without sources), and where Python was
    told to drop docstrings, the functions keep what they have.
    """
    read = cache(Path.read_text)
    for function in functions:
        own = function.__doc__
        if own is None:
            return
        OWN_WORDS[function.__name__] = own
        file = LOOPS / f"{function.__module__.rpartition('.')[2]}.py"
        with suppress(OSError, IndexError):
            code = read(file, "utf-8").split(f"\ndef {function.__name__}(")[1]
            manual = inspect.cleandoc(code.split('"""')[1].split("    Examples\n")[0])
            summary, rest = manual.split("\n\n", 1)
            function.__doc__ = "\n\n".join([summary, inspect.cleandoc(own), rest])
