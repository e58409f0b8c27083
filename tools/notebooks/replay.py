"""nbval compares what `make book` executed: a kernel that answers with what that run gave."""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from tools.notebooks import record


def replay(notebooks: Iterable[Any]) -> None:
    """Let nbval execute only what no run is known of, for the present state of all it depends on.

    Parameters
    ----------
    notebooks : iterable of nbval.plugin.IPyNbFile
        The files that pytest collected.
    """
    state = record.state()
    for notebook in notebooks:
        cells = record.find(notebook.path, state)
        if cells is not None:
            notebook.setup = functools.partial(_set_up, notebook, cells)


def summary(paths: Collection[Path]) -> str:
    """Say how many of some notebooks were not executed, and why.

    Parameters
    ----------
    paths : collection of Path
        The notebooks that were tested.

    Returns
    -------
    text : str
        A sentence.
    """
    state = record.state()
    known = sum(record.find(path, state) is not None for path in paths)
    return (
        f"{known} of {len(paths)} notebooks were compared as `make book` executed them: nothing "
        "has changed since. The others were executed."
    )


def _set_up(notebook: Any, cells: list[dict[str, Any]]) -> None:
    """Do what nbval does before the first cell, but for the kernel."""
    notebook.kernel = Replay(cells)
    notebook.setup_sanitize_files()


class Replay:
    """A kernel, as far as nbval knows one, that answers each cell with what the run gave."""

    def __init__(self, cells: list[dict[str, Any]]) -> None:
        """Begin before the first cell."""
        self.cells = iter(cells)
        self.messages: deque[dict[str, Any]] = deque()

    def execute_cell_input(self, source: str, allow_stdin: bool | None = None) -> str:
        """Have the answer to this cell ready; cells between may have been left out."""
        outputs = next(cell["outputs"] for cell in self.cells if cell["source"] == source)
        self.messages.extend(
            {"msg_type": output["output_type"], "content": output, "parent_header": {"msg_id": ""}}
            for output in outputs
        )
        idle = {"execution_state": "idle"}
        self.messages.append(
            {"msg_type": "status", "content": idle, "parent_header": {"msg_id": ""}}
        )
        return ""

    def get_message(self, stream: str, timeout: float | None = None) -> dict[str, Any]:
        """Return the next message."""
        return self.messages.popleft()

    def await_reply(self, msg_id: str, timeout: float | None = None) -> None:
        """Return at once: all of the answer is there."""

    def await_idle(self, msg_id: str, timeout: float | None = None) -> None:
        """Leave out what is left of the answer."""
        self.messages.clear()

    def is_alive(self) -> bool:
        """Say that it has not crashed."""
        return True

    def stop(self) -> None:
        """End nothing."""
