"""What somebody's code raised: which of their own lines it was, and in what words."""

from __future__ import annotations

import linecache
import os
import sys
import sysconfig
import traceback
from typing import Any

from cnnlab.tutor.answers import Problem
from cnnlab.tutor.words import class_name, cleaned, text_of

__all__ = ["problem_of"]


def _folders(*folders: str) -> tuple[str, ...]:
    return tuple({os.path.join(folder, "") for folder in folders})


# Where nothing stands that a student wrote: this package, all others, and Python itself.
_FOREIGN = _folders(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
    os.path.dirname(os.__file__),
    *(sysconfig.get_path(name) for name in ("purelib", "platlib", "stdlib")),
)


def problem_of(error: BaseException) -> Problem:
    """Return what is to be told of an exception that a student's function ended in.

    Parameters
    ----------
    error : BaseException
        What was caught.

    Returns
    -------
    problem : Problem
        With the innermost line that the student wrote, if there is one. Of kind "not written" for
        a `NotImplementedError`, "memory" for a `MemoryError`, else "raised".
    """
    name = cleaned(class_name(error), 60)
    try:
        return _problem(error, name)
    except KeyboardInterrupt:
        raise
    except BaseException:  # a class of somebody's own may break whatever is asked of it
        return Problem("raised", name, name)


def _problem(error: BaseException, name: str) -> Problem:
    message = cleaned(text_of(error.msg if isinstance(error, SyntaxError) else error))
    kind = "raised"
    if isinstance(error, NotImplementedError):
        kind = "not written"
    elif isinstance(error, MemoryError):
        kind = "memory"
    line, number, place = _slip(error) if isinstance(error, SyntaxError) else _line(error)
    words = f"{name}: {message}" if message else name
    return Problem(kind, words, name, cleaned(line), number, place)


def _slip(error: SyntaxError) -> tuple[str, int, str]:
    """Return the line that Python cannot read."""
    file, number, text = error.filename, error.lineno, error.text
    if type(file) is not str or type(number) is not int or not file or not number:
        return _line(error)
    line = text if type(text) is str and text else linecache.getline(file, number)
    return line.strip(), number, _place(file)


def _line(error: BaseException) -> tuple[str, int, str]:
    """Return the innermost line of the student's, its number, and where it stands."""
    own = [
        (frame.f_code.co_filename, number)
        for frame, number in traceback.walk_tb(error.__traceback__)
        if _is_students(frame.f_code.co_filename)
    ]
    # What `exec` ran has no line that could be shown.
    shown = [(file, number) for file, number in own if linecache.getline(file, number).strip()]
    for file, number in reversed(shown or own):
        return linecache.getline(file, number).strip(), number, _place(file)
    return "", 0, ""


def _is_students(file: str) -> bool:
    """Tell whether a file, or a cell, may have been written by the student."""
    if file.startswith("<frozen") or file == "<__array_function__ internals>":
        return False
    return not file.startswith(_FOREIGN) and "site-packages" not in file


def _place(file: str) -> str:
    """Name a file, or a cell of a notebook by the number in front of it."""
    number = _cell_number(file)
    if number is not None:
        return f"cell {number}"
    if file.startswith("<"):
        return (
            "what was typed" if file in ("<stdin>", "<string>") else cleaned(file.strip("<>"), 60)
        )
    return cleaned(os.path.basename(file), 60)


def _cell_number(file: str) -> Any:
    """Return the number of the cell that IPython compiled under this name; None if it did not."""
    module = sys.modules.get("IPython")
    shell = module.get_ipython() if module is not None else None
    return getattr(getattr(shell, "compile", None), "_filename_map", {}).get(file)
