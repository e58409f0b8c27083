"""What `make book` executed: kept beside the website, with a fingerprint of all that it came from.

`make test` lets nbval compare it with the files instead of executing everything once more. A record
is taken for what a run would give only while nothing has changed that can change an output: the
notebook, any file of the package, how notebooks are executed, the Python, every installed
distribution, the processor, and the settings in the environment. In doubt a notebook is executed.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import llvmlite.binding
from nbformat import NotebookNode

from cnnlab.files import write_whole

ROOT = Path(__file__).resolve().parents[2]
FOLDER = "executed"  # in _build, beside the website

SETTINGS = ("CNNLAB_", "NUMBA_", "PYTHON")  # how variables begin that can change an output
# Results depend on none of these. One run has more threads than the other, and each kernel hashes
# with a seed of its own, so that a page that depends on them fails sooner or later.
FREE = ("NUMBA_CACHE_DIR", "NUMBA_NUM_THREADS", "PYTHONHASHSEED")


def state() -> str:
    """Take the fingerprint of all that a run depends on, but for the notebook itself.

    Returns
    -------
    state : str
        A word that is another one when anything of it changed.
    """
    digest = hashlib.sha256()
    for part in _parts():
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()


def _parts() -> Iterator[bytes]:
    for folder in "cnnlab", "tools/notebooks":
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path.relative_to(ROOT).as_posix().encode()
                yield path.read_bytes()
    yield repr((sys.version, sys.executable, platform.platform())).encode()
    yield llvmlite.binding.get_host_cpu_name().encode()
    yield llvmlite.binding.get_host_cpu_features().flatten().encode()
    # RECORD holds the digest of every installed file. What is installed of the project are links
    # to its files, which are all above; to build its wheel changes nothing.
    yield from sorted(
        {
            f"{one.name} {one.version} {one.read_text('RECORD')}".encode()
            for one in metadata.distributions()
            if one.name != "cnnlab"
        }
    )
    yield from sorted(
        f"{name}={value}".encode()
        for name, value in os.environ.items()
        if name.startswith(SETTINGS) and name not in FREE
    )


def fingerprint(path: Path, state: str) -> str:
    """Take the fingerprint of a notebook in a state of all else."""
    return hashlib.sha256(state.encode() + path.read_bytes()).hexdigest()


def keep(notebook: NotebookNode, mark: str, record: Path) -> None:
    """Write what a run gave, every output as it came.

    Parameters
    ----------
    notebook : NotebookNode
        After the run.
    mark : str
        Its fingerprint, taken before the run.
    record : Path
        The file to be written.
    """
    cells = [
        {"source": cell.source, "outputs": cell.outputs}
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]
    record.parent.mkdir(parents=True, exist_ok=True)
    write_whole(record, json.dumps({"fingerprint": mark, "cells": cells}).encode())


def place_of(page: str, build: Path) -> Path:
    """Name the record of a page, such as `book/lenet`, in the folder of what is built."""
    return build / FOLDER / f"{page}.json"


def find(path: Path, state: str) -> list[dict[str, Any]] | None:
    """Return what a run of a notebook gave, if it is known for this state of all else.

    Parameters
    ----------
    path : Path
        The notebook.
    state : str
        From `state()`.

    Returns
    -------
    cells : list of dict, or None
        Source and outputs of each cell of code.
    """
    if not path.is_relative_to(ROOT):
        return None
    page = path.relative_to(ROOT).with_suffix("").as_posix()
    record = place_of(page, ROOT / "_build")
    if not record.is_file():
        return None
    kept = json.loads(record.read_text(encoding="utf-8"))
    cells: list[dict[str, Any]] = kept["cells"]
    return cells if kept["fingerprint"] == fingerprint(path, state) else None
