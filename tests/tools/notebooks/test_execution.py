"""Kernels: the one of this environment, a slow one, a dead one."""

import json
import sys

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tools.notebooks.cells import NotebookError
from tools.notebooks.execution import execute
from tools.notebooks.sources import prepare


def run(folder, source, **options):
    """Execute one cell and return it."""
    notebook = new_notebook(cells=[new_code_cell(source)])
    prepare(notebook, "sample")
    execute(notebook, folder, **options)
    return notebook.cells[0]


def test_kernel_is_this_interpreter(tmp_path, monkeypatch):
    folder = tmp_path / "jupyter" / "kernels" / "python3"
    folder.mkdir(parents=True)
    other = {"argv": ["no-such-program"], "display_name": "Other", "language": "python"}
    (folder / "kernel.json").write_text(json.dumps(other))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    # Nor does a start-up file of the person who runs it.
    startup = tmp_path / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00.py").write_text("mine = 1")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))

    cell = run(
        tmp_path,
        "import os, sys\n"
        f"sys.executable == {sys.executable!r}, 'mine' in globals(), "
        f"sys.flags.hash_randomization, os.path.samefile(os.getcwd(), {str(tmp_path)!r})",
    )
    assert cell.outputs[0].data["text/plain"] == "(True, False, 0, True)"


def test_slow_cell(tmp_path):
    with pytest.raises(NotebookError, match=r"cell 1 .* took longer than 1 s"):
        run(tmp_path, "import time\ntime.sleep(60)", timeout=1)


def test_dead_kernel(tmp_path):
    with pytest.raises(NotebookError, match=r"cell 1 .* ended the kernel"):
        run(tmp_path, "import os\nos._exit(3)")
