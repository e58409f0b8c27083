"""Make the assignments that students get from the notebooks that hold the solutions.

``.venv/bin/python -m tools.make_assignments`` reads ``assignments/*.ipynb`` and writes
``book/assignments/*.ipynb``, without the solutions and executed as they are handed out.
``.venv/bin/python -m tools.make_assignments A4`` makes one. ``--check`` runs and writes nothing: it
says which of them are not what their sources give.

What marks a solution, and what comes in its place, is in `tools.notebooks.solutions`. The source
itself is executed by ``.venv/bin/python -m tools.run_notebooks assignments/A4.ipynb``.

The exit code is 0 when all is well, 1 when a notebook failed or is not what its source gives, and 2
when the command line makes no sense.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tools.notebooks.book import read_book
from tools.notebooks.cells import NotebookError
from tools.notebooks.files import read, to_text, write_atomically
from tools.notebooks.pages import refresh
from tools.notebooks.solutions import hand_out, traces
from tools.notebooks.sources import prepare
from tools.run_notebooks import BOOK, SOURCES, finish

HANDED_OUT = BOOK / "assignments"
OVERVIEW = "overview.ipynb"
COMMAND = ".venv/bin/python -m tools.make_assignments"


def make(source: Path, target: Path) -> NotebookNode:
    """Make what students get and execute it; no file is written.

    Parameters
    ----------
    source : Path
        The notebook with the solutions.
    target : Path
        Where the student version is to be.

    Returns
    -------
    student : NotebookNode
        In the normal form.

    Raises
    ------
    NotebookError
        If a mark is wrong, a cell fails, or a line of a solution is left.
    """
    student, solutions = hand_out(read(source))
    finish(student, target)
    if problems := traces(student, solutions):
        raise NotebookError(problems)
    return student


def is_current(source: Path, target: Path) -> bool:
    """Tell whether a student version is what its source gives, apart from outputs.

    Raises
    ------
    NotebookError
        If a mark is wrong.
    """
    student, _ = hand_out(read(source))
    refresh(student, f"{HANDED_OUT.name}/{target.stem}", read_book(BOOK.parent))
    prepare(student, target.stem)
    return target.exists() and to_text(student) == to_text(without_outputs(read(target)))


def without_outputs(notebook: NotebookNode) -> NotebookNode:
    """Return a notebook with the outputs of its cells removed."""
    notebook = nbformat.from_dict(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    return notebook


def process(source: Path, target: Path, *, check: bool) -> bool:
    """Make or compare one student version, and print what came of it.

    Parameters
    ----------
    source, target : Path
        The notebook with the solutions, and that of the students.
    check : bool
        Compare instead of writing.

    Returns
    -------
    fine : bool
        False if it failed, or if it is not what its source gives and `check` is set.
    """
    try:
        if check:
            fine = is_current(source, target)
            if not fine:
                command = f"{COMMAND} {source.stem}"
                print(f"{target}: not what {source} gives; run {command}", file=sys.stderr)
            return fine
        write_atomically(target, to_text(make(source, target)))
    except NotebookError as error:
        print(
            "".join(f"{source}: {problem}\n" for problem in error.problems), end="", file=sys.stderr
        )
        return False
    print(f"{target}  written", flush=True)
    return True


def without_source() -> list[Path]:
    """Find student versions whose source is gone; the overview beside them has none."""
    names = {OVERVIEW, *(path.name for path in SOURCES.glob("*.ipynb"))}
    return [path for path in sorted(HANDED_OUT.glob("*.ipynb")) if path.name not in names]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments : sequence of str, optional
        What follows the name of the script; by default taken from the command line.

    Returns
    -------
    exit_code : int
        0 if every student version is fine, otherwise 1.
    """
    parser = argparse.ArgumentParser(
        prog=COMMAND,
        description="Make the assignments that students get: without the solutions, executed.",
        epilog=f"After an edit of assignments/A4.ipynb: {COMMAND} A4",
    )
    parser.add_argument("names", nargs="*", help="as A4 (default: all in assignments/)")
    parser.add_argument(
        "--check", action="store_true", help="compare with the files; run and write nothing"
    )
    options = parser.parse_args(arguments)
    names = options.names or [path.stem for path in sorted(SOURCES.glob("*.ipynb"))]
    sources = [SOURCES / f"{name}.ipynb" for name in names]
    for path in sources:
        if not path.exists():
            parser.error(f"{path} does not exist; name one of {SOURCES}, as A4.")
    HANDED_OUT.mkdir(exist_ok=True)
    results = [process(source, HANDED_OUT / source.name, check=options.check) for source in sources]
    if not options.names:
        for path in without_source():
            print(f"{path}: has no source in {SOURCES}; delete it, or write one.", file=sys.stderr)
            results.append(False)
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
