"""Execute notebooks and write them in one normal form.

``.venv/bin/python -m tools.run_notebooks`` runs every notebook below ``book/``, each in a fresh
kernel of the environment that runs this script, and writes it so that a second run gives the same
bytes. ``.venv/bin/python -m tools.run_notebooks book/images.ipynb`` runs one.
``--check`` runs too, but compares with what is on disk and writes nothing. ``--text`` runs nothing:
it writes the text alone, after the numbers of equations or exercises changed on another page;
that of the sources in ``assignments/``, too.

A notebook that fails is left as it was. The exit code is 0 when all is well, 1 when a notebook
failed or differs, and 2 when the command line makes no sense.

The rules, and the message that each has when it is broken, are in `check_sources` and
`check_outputs`. The text of the pages of the book is written in a form that every Jupyter shows,
see `tools.notebooks.plain`. Tags that matter here:

``remove-stderr``
    The cell may write to stderr (a progress bar); what it writes is not kept. The website drops
    it by the same tag. Strict nbval still compares it, so the cell needs ``nbval-ignore-output``
    too, and nbval then compares nothing of that cell.
``raises-exception``
    The cell must raise.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from nbformat import NotebookNode

from tools.notebooks.book import Book, find_page, read_book
from tools.notebooks.cells import NotebookError
from tools.notebooks.execution import CELL_TIMEOUT, execute
from tools.notebooks.files import find_notebooks, read, short_diff, to_text, write_atomically
from tools.notebooks.outputs import check_outputs, normalise_outputs
from tools.notebooks.pages import plain_file, refresh, renumber
from tools.notebooks.sources import check_sources, prepare, tidy

BOOK = Path(__file__).resolve().parents[1] / "book"
SOURCES = BOOK.parent / "assignments"
COMMAND = ".venv/bin/python -m tools.run_notebooks"


def run(path: Path, timeout: int = CELL_TIMEOUT) -> NotebookNode:
    """Execute one notebook; the file is only read.

    Parameters
    ----------
    path : Path
        The notebook.
    timeout : int
        Seconds that one cell may take.

    Returns
    -------
    notebook : NotebookNode
        Executed, in the normal form.

    Raises
    ------
    NotebookError
        If a cell fails or breaks a rule.
    """
    return finish(read(path), path, timeout)


def finish(notebook: NotebookNode, path: Path, timeout: int = CELL_TIMEOUT) -> NotebookNode:
    """Execute a notebook that is to become the file `path`, and bring it into the normal form.

    Parameters
    ----------
    notebook : NotebookNode
        The notebook; changed in place.
    path : Path
        Its file, which need not exist.
    timeout : int
        Seconds that one cell may take.

    Returns
    -------
    notebook : NotebookNode
        The same.

    Raises
    ------
    NotebookError
        If a cell fails or breaks a rule.
    """
    page = page_of(path)
    problems = refresh(notebook, page, read_book(BOOK.parent)) if page else []
    prepare(notebook, path.stem)
    if problems := [*problems, *check_sources(notebook)]:
        raise NotebookError(problems)
    execute(notebook, path.resolve().parent, timeout)
    normalise_outputs(notebook)
    if problems := check_outputs(notebook):
        raise NotebookError(problems)
    return notebook


def page_of(path: Path) -> str:
    """Give the place of a page from the folder of the book; empty if it is none.

    The sources of the assignments, which are beside the book, are written like its pages.
    """
    folder = path.resolve().parent
    places = {BOOK: "", BOOK / "assignments": "assignments/", SOURCES: "../assignments/"}
    return f"{places[folder]}{path.stem}" if folder in places else ""


def rewrite(path: Path, book: Book, *, check: bool) -> bool:
    """Write the text of one page anew, run nothing, and print what is to be said.

    Parameters
    ----------
    path : Path
        A notebook or a file of Markdown in the book.
    book : Book
        The pages that it may name.
    check : bool
        Compare instead of writing.

    Returns
    -------
    fine : bool
        False if something has no plain form, or if it differs from the file and `check` is set.
    """
    before, problems = path.read_text(encoding="utf-8"), []
    if path.suffix == ".md":
        text = plain_file(before, page_of(path) or path.stem, book)
    else:
        notebook = read(path)
        problems = refresh(notebook, page_of(path) or path.stem, book)
        tidy(notebook)
        renumber(notebook, path.stem)
        text = to_text(notebook)
    if problems:
        print("".join(f"{path}: {problem}\n" for problem in problems), end="", file=sys.stderr)
    elif text != before and check:
        print(f"{path}: its text is not the plain one; run {COMMAND} --text", file=sys.stderr)
    elif text != before:
        write_atomically(path, text)
        print(f"{path}  written", flush=True)
    return not problems and (text == before or not check)


def pages_of_text(paths: Sequence[Path]) -> list[Path]:
    """Choose the files whose text is written: those that were named, or all there are."""
    if list(paths) != [BOOK]:
        return find_notebooks(paths)
    words = [find_page(BOOK, name) for name in ("glossary", "bibliography")]
    sources = find_notebooks([SOURCES]) if SOURCES.is_dir() else []
    return [*find_notebooks(paths), *sources, *(path for path in words if path is not None)]


def process(path: Path, *, check: bool, timeout: int) -> bool:
    """Run one notebook, write or compare it, and print one line (more if it failed).

    Parameters
    ----------
    path : Path
        The notebook.
    check : bool
        Compare instead of writing.
    timeout : int
        Seconds that one cell may take.

    Returns
    -------
    fine : bool
        False if it failed, or if it differs from the file and `check` is set.
    """
    print(f"{path}  ", end="", flush=True)
    start = time.perf_counter()
    # Bytes, because reading as text would hide other line ends.
    before = path.read_bytes()
    try:
        notebook = run(path, timeout)
        text = to_text(notebook)
        if path.read_bytes() != before:
            raise NotebookError(
                ["was edited while it ran, and the edit would be lost; run it once more."]
            )
    except NotebookError as error:
        print(f"FAILED after {time.perf_counter() - start:.1f} s", flush=True)
        for problem in error.problems:
            print(f"{path}: {problem}", file=sys.stderr, flush=True)
        return False

    same = before == text.encode()
    if same:
        verdict = "as on disk"
    elif check:
        verdict = "DIFFERS"
    else:
        write_atomically(path, text)
        verdict = "written"
    codes = sum(cell.cell_type == "code" for cell in notebook.cells)
    print(f"{codes} code cells, {time.perf_counter() - start:.1f} s, {verdict}", flush=True)
    if check and not same:
        print(short_diff(before.decode(), text), file=sys.stderr)
        print(
            f"{path}: differs from what its cells give; run {COMMAND} {path}",
            file=sys.stderr,
            flush=True,
        )
        return False
    return True


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments : sequence of str, optional
        What follows the name of the script; by default taken from the command line.

    Returns
    -------
    exit_code : int
        0 if every notebook is fine, otherwise 1.
    """
    parser = argparse.ArgumentParser(
        prog=COMMAND,
        description="Execute notebooks and write them in one normal form.",
        epilog=f"After an edit: {COMMAND} book/NAME.ipynb",
    )
    parser.add_argument(
        "paths",
        nargs="*",
        type=Path,
        default=[BOOK],
        help="notebooks, or folders that hold some (default: book)",
    )
    parser.add_argument(
        "--check", action="store_true", help="compare with the files, write nothing"
    )
    parser.add_argument(
        "--text", action="store_true", help="write references and numbers anew, run nothing"
    )
    parser.add_argument(
        "--timeout", type=int, default=CELL_TIMEOUT, help="seconds per cell (default: %(default)s)"
    )
    options = parser.parse_args(arguments)
    try:
        notebooks = pages_of_text(options.paths) if options.text else find_notebooks(options.paths)
    except (FileNotFoundError, ValueError) as error:
        parser.error(str(error))  # exits with 2

    if options.text:
        book = read_book(BOOK.parent)
        results = [rewrite(path, book, check=options.check) for path in notebooks]
    else:
        results = [
            process(path, check=options.check, timeout=options.timeout) for path in notebooks
        ]
    failures = results.count(False)
    if failures:
        print(f"run_notebooks: {failures} of {len(results)} notebooks failed", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
