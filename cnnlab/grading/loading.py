"""A submission as steps: the statements of a file, or those of the cells of a notebook.

A statement that fails, or takes too long, is noted, and the next one goes on: an experiment at the
top of a file costs no function below it. Nothing here imports NumPy, nor anything of the package.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import CodeType
from typing import NamedTuple

__all__ = [
    "LETTERS",
    "BrokenNotebookError",
    "Step",
    "plain_python",
    "steps_of",
    "without_outputs",
    "write_files",
]

#: Lines that IPython knows and Python does not: magics, commands of the shell, questions.
MAGIC = re.compile(r"\s*(?:[%!?]|.*\?\s*$|[\w.,\s]+=\s*[%!])")
TIMED = re.compile(r"(\s*)%time\s+(?=\S)")
RUN_AS_PYTHON = ("%%time", "%%capture", "%%prun")  # cell magics whose cell is Python as well
ATTEMPTS = 100  # lines of one cell that are made plain Python
LETTERS = 2_000_000  # of all code: the limit for the size of a submission
DEFINITIONS = ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef


class BrokenNotebookError(ValueError):
    """A notebook that is none."""


class Step(NamedTuple):
    """One statement.

    Attributes
    ----------
    place : str
        The file, or the cell as "cell 4".
    code : CodeType or None
        What is run. None if it is no Python: `error` says why.
    error : SyntaxError or ValueError or None
        Why there is no code.
    defines : bool
        Whether it imports something, or defines a function or a class.
    """

    place: str
    code: CodeType | None
    error: Exception | None = None
    defines: bool = False


class File(NamedTuple):
    """A piece of a submission: where it stands, its file, and its text."""

    place: str
    path: Path
    text: bytes


def write_files(name: str, source: bytes, folder: Path) -> list[File]:
    """Write a submission into a folder, each cell of a notebook as a file of its own.

    Compilers that keep what they compiled, and those who look up a line, find it there.

    Raises
    ------
    BrokenNotebookError
        If a notebook is no JSON, or has no cells.
    """
    if name.endswith(".ipynb"):
        cells = code_cells(source)
        files = [
            File(f"cell {place}", folder / f"cell_{place}.py", plain_python(text).encode())
            for place, text in cells
        ]
    else:
        files = [File(name, folder / name, source)]
    if sum(len(file.text) for file in files) > LETTERS:
        raise BrokenNotebookError(f"more than {LETTERS} letters of code")
    for file in files:
        file.path.write_bytes(file.text)
    return files


def without_outputs(name: str, source: bytes) -> bytes:
    """Return a submission; of a notebook only its code, each cell under its number.

    What is no notebook stays what it is: it is told when it is loaded.
    """
    if not name.lower().endswith(".ipynb"):
        return source
    try:
        code = dict(code_cells(source))
    except BrokenNotebookError:
        return source
    cells = [
        {"cell_type": "code", "source": code[place]}
        if place in code
        else {"cell_type": "markdown", "source": ""}
        for place in range(1, max(code, default=0) + 1)
    ]
    return json.dumps({"cells": cells}, ensure_ascii=False).encode()


def code_cells(source: bytes) -> list[tuple[int, str]]:
    """Return the code of a notebook, with the number of each cell among all cells, from 1."""
    try:
        cells = json.loads(source)["cells"]
        found = [
            (place, "".join(cell["source"]))
            for place, cell in enumerate(cells, 1)
            if cell["cell_type"] == "code"
        ]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BrokenNotebookError(f"it is no notebook ({type(error).__name__})") from error
    return [(place, text.encode(errors="replace").decode()) for place, text in found]


def plain_python(cell: str) -> str:
    """Return a cell without what only IPython knows; lines keep their numbers.

    Only lines at which Python stumbles are touched: a ``%`` inside a string stays.
    """
    lines = cell.split("\n")
    first = next((place for place, line in enumerate(lines) if line.strip()), 0)
    if lines[first].startswith("%%"):
        if not lines[first].startswith(RUN_AS_PYTHON):
            return "\n" * (len(lines) - 1)
        lines[first] = ""
    for _ in range(ATTEMPTS):
        try:
            ast.parse("\n".join(lines))
        except SyntaxError as error:
            place = (error.lineno or 0) - 1
            if not (0 <= place < len(lines) and MAGIC.match(lines[place])):
                break
            lines[place] = _without_magic(lines[place])
        except (ValueError, RecursionError, MemoryError):
            break
        else:
            break
    return "\n".join(lines)


def _without_magic(line: str) -> str:
    timed = TIMED.match(line)
    if timed:
        return timed[1] + line[timed.end() :]
    indent = line[: len(line) - len(line.lstrip())]
    assigned = re.match(r"\s*([\w.,\s]+=)\s*[%!]", line)
    return f"{indent}{assigned[1]} None" if assigned else f"{indent}pass"


def steps_of(files: list[File]) -> Iterator[Step]:
    """Yield the statements in their order, each compiled when it is asked for."""
    for file in files:
        try:
            tree = ast.parse(file.text, str(file.path))
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            yield Step(file.place, None, error)
            continue
        # What a file says of the language holds for all of its statements.
        flags = [one for one in tree.body if _of_the_future(one)]
        for statement in tree.body:
            body = [*(() if statement in flags else flags), statement]
            try:
                code = compile(ast.Module(body, []), str(file.path), "exec", dont_inherit=True)
            except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
                yield Step(file.place, None, error)
            else:
                yield Step(file.place, code, defines=isinstance(statement, DEFINITIONS))


def _of_the_future(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
