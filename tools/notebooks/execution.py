"""The run: every code cell in a fresh kernel of this environment."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from tools.notebooks.cells import NotebookError, cell_name
from tools.notebooks.outputs import TERMINAL_COLOUR

CELL_TIMEOUT = 600  # seconds


def execute(
    notebook: NotebookNode, folder: Path, timeout: int = CELL_TIMEOUT, hash_seed: str = "0"
) -> None:
    """Run every code cell in a fresh kernel and put the outputs in place.

    Parameters
    ----------
    notebook : NotebookNode
        A prepared notebook; gets the outputs.
    folder : Path
        Where the kernel runs.
    timeout : int
        Seconds that one cell may take.
    hash_seed : str
        As PYTHONHASHSEED: with a number, a set that is printed has one order.

    Raises
    ------
    NotebookError
        If a cell raises, takes too long or ends the kernel; no later cell runs.
    """
    # Without folders to search, the manager is left with the kernel of this interpreter: a kernel
    # of the same name that somebody installed for another environment is never found.
    manager = AsyncKernelManager(
        kernel_name="python3", kernel_spec_manager=KernelSpecManager(kernel_dirs=[])
    )
    client = NotebookClient(
        notebook,
        km=manager,
        timeout=timeout,
        record_timing=False,
        store_widget_state=False,
        # Kernels on this machine talk over its own loopback; the warning about that is noise.
        extra_arguments=["--log-level=ERROR"],
    )
    with tempfile.TemporaryDirectory(prefix="run-notebooks-") as settings:
        environment = {
            **os.environ,
            "PYTHONHASHSEED": hash_seed,
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",  # whatever the shell says
            "IPYTHONDIR": settings,  # no start-up files, no history
        }
        with client.setup_kernel(cwd=str(folder), env=environment, cleanup_kc=True):
            for index, cell in enumerate(notebook.cells):
                try:
                    client.execute_cell(cell, index)
                except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
                    name = cell_name(cell, index + 1)
                    raise NotebookError([describe_failure(name, cell, error, timeout)]) from error


def describe_failure(name: str, cell: NotebookNode, error: Exception, timeout: int) -> str:
    """Say which cell failed, what is in it and what happened.

    Parameters
    ----------
    name : str
        Name of the cell.
    cell : NotebookNode
        The cell.
    error : Exception
        What nbclient raised.
    timeout : int
        Seconds that the cell was given.

    Returns
    -------
    message : str
        Several lines.
    """
    if isinstance(error, CellExecutionError):
        headline = f"{name} raised {error.ename}:"
        details = TERMINAL_COLOUR.sub("", error.traceback)
    elif isinstance(error, CellTimeoutError):
        headline = f"{name} took longer than {timeout} s; make it do less:"
        details = ""
    else:
        headline = f"{name} ended the kernel (out of memory, or a crash in compiled code):"
        details = ""
    source = "\n".join(f"    {line}" for line in cell.source.splitlines())
    return f"{headline}\n{source}\n{details}".rstrip()
