"""Notebook files: which are meant, reading them, writing them, comparing their texts."""

from __future__ import annotations

import difflib
import os
import warnings
from collections.abc import Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tools.notebooks.cells import NotebookError
from tools.notebooks.ids import slug_of


def find_notebooks(paths: Sequence[Path]) -> list[Path]:
    """List the notebooks that the paths stand for.

    Parameters
    ----------
    paths : sequence of Path
        Notebooks, and folders that stand for every notebook below them. Hidden folders
        and build folders (names that start with ``.`` or ``_``) are left out.

    Returns
    -------
    notebooks : list of Path
        Each notebook once; a folder's in sorted order.

    Raises
    ------
    FileNotFoundError
        If a path does not exist, or a folder has no notebook.
    ValueError
        If a path is a file of another kind, or two notebooks would have the same cell ids.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            below = sorted(
                notebook
                for notebook in path.rglob("*.ipynb")
                if not any(part[0] in "._" for part in notebook.relative_to(path).parts)
            )
            if not below:
                raise FileNotFoundError(
                    f"run_notebooks: no notebook (*.ipynb) below {path}; name another folder, "
                    "or a file."
                )
            found += below
        elif not path.exists():
            raise FileNotFoundError(
                f"run_notebooks: {path} does not exist; name a notebook or a folder."
            )
        elif path.suffix != ".ipynb":
            raise ValueError(
                f"run_notebooks: {path} is not a notebook; needed a file that ends in .ipynb."
            )
        else:
            found.append(path)
    notebooks = list(dict.fromkeys(found))

    seen: dict[str, Path] = {}
    for notebook in notebooks:
        other = seen.setdefault(slug_of(notebook.stem), notebook)
        if other != notebook:
            raise ValueError(
                f"run_notebooks: {other} and {notebook} have one name (but for "
                "special characters), so their cells would have the same ids; rename one."
            )
    return notebooks


def read(path: Path) -> NotebookNode:
    """Read a notebook.

    Parameters
    ----------
    path : Path
        A file in the notebook format, version 4.

    Returns
    -------
    notebook : NotebookNode
        As on disk; cell ids may be missing.

    Raises
    ------
    NotebookError
        If the file is not a notebook.
    """
    with warnings.catch_warnings():
        # Missing or doubled ids: `give_ids` mends them.
        warnings.simplefilter("ignore")
        try:
            notebook: NotebookNode = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
            nbformat.validate(notebook)
        except Exception as error:
            first_line = (str(error) or type(error).__name__).splitlines()[0]
            raise NotebookError(
                [f"not a notebook of format 4 ({first_line}); save it again from Jupyter."]
            ) from error
    return notebook


def to_text(notebook: NotebookNode) -> str:
    """Write a notebook as the text of its file.

    Parameters
    ----------
    notebook : NotebookNode
        A notebook in the normal form.

    Returns
    -------
    text : str
        JSON with sorted keys, indented by 1, with a newline at the end.

    Raises
    ------
    NotebookError
        If the notebook breaks the notebook format.
    """
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        raise NotebookError(
            [f"breaks the notebook format ({error.message}); repair that cell."]
        ) from error
    text: str = nbformat.writes(notebook)  # sorts the keys and indents by 1
    return text.rstrip("\n") + "\n"


def write_atomically(path: Path, text: str) -> None:
    """Replace a file in one step, so that nobody ever reads half of it.

    Parameters
    ----------
    path : Path
        The file.
    text : str
        What it holds afterwards.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        partial.write_text(text, encoding="utf-8", newline="\n")
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def short_diff(old: str, new: str, lines: int = 40, width: int = 160) -> str:
    """Compare two texts for a reader who wants to see what changed, not everything that did.

    Parameters
    ----------
    old, new : str
        The texts.
    lines : int
        How many lines of the comparison to keep.
    width : int
        How many characters of a line to keep; a picture is one long line.

    Returns
    -------
    diff : str
        In the unified form.
    """
    diff = list(
        difflib.unified_diff(
            old.splitlines(), new.splitlines(), "on disk", "executed", n=2, lineterm=""
        )
    )
    cut = [line if len(line) <= width else f"{line[:width]}..." for line in diff[:lines]]
    if len(diff) > lines:
        cut.append(f"... and {len(diff) - lines} lines more")
    return "\n".join(cut)
