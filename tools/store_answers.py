"""Ask PyTorch all that the chapter *The same in PyTorch* asks, and keep its answers.

``.venv/bin/python -m tools.store_answers`` runs the cells of the chapter, with PyTorch, and writes
``cnnlab/pytorch/answers.safetensors``. Needed after a change of a question in the chapter, or of
what it is about. With ``--check`` nothing is written: the answers of now are compared with the
stored ones, which the chapter does, too, whenever PyTorch is installed.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
import nbformat
import safetensors.numpy

from cnnlab.files import write_whole
from cnnlab.pytorch import answers, modules
from tools.one_run import only_run

CHAPTER = Path(__file__).resolve().parents[1] / "book" / "same-in-pytorch.ipynb"


def run_cells(path: Path = CHAPTER) -> dict[str, Any]:
    """Run the code cells of a notebook in this process.

    Parameters
    ----------
    path : Path
        The notebook. Its cells have no magic commands.

    Returns
    -------
    names : dict of str to object
        What the cells defined.
    """
    names: dict[str, Any] = {"__name__": "__main__"}
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            exec(compile(cell.source, cell.id, "exec"), names)
    return names


def main() -> int:
    """Run the command line; return 0, for what fails ends in an error."""
    parser = argparse.ArgumentParser(prog="python -m tools.store_answers", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    check = parser.parse_args().check
    torch = modules.load("tools.store_answers")
    mpl.use("agg")
    if check:
        run_cells()
        return 0
    with only_run("tools.store_answers", answers.STORED):
        with answers.recording() as kept:
            run_cells()
        write_whole(answers.STORED, safetensors.numpy.save(kept, answers.origin(torch)))
    print(f"{len(kept)} arrays, {answers.STORED.stat().st_size} bytes: {answers.STORED.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
