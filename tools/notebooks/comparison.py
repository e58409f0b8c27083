"""What a run gave, beside what is in the file: by the rules of nbval."""

from __future__ import annotations

import re
from collections import defaultdict

from nbformat import NotebookNode

from tools.notebooks.cells import named_cells, tags_of
from tools.notebooks.files import short_diff

# The tag of a cell whose outputs differ from run to run.
IGNORED = "nbval-ignore-output"
# Pixels and drawings depend on the versions of libraries that draw; nbval leaves these out by
# drawings.cfg.
PIXELS = ("image/png", "image/jpeg")
DRAWING = re.compile(r'<svg[^>]*>\s*<rect class="paper"')


def differences(executed: NotebookNode, committed: NotebookNode) -> list[str]:
    """List the cells that gave something else than what the file shows.

    Parameters
    ----------
    executed : NotebookNode
        The notebook after a run, its outputs in the normal form.
    committed : NotebookNode
        The notebook as it is in the file, with the same cells.

    Returns
    -------
    problems : list of str
        Each names a cell, what differs, and the next step; empty where all is alike.
    """
    problems = []
    for (name, new), old in zip(named_cells(executed), committed.cells, strict=True):
        if new.cell_type != "code" or IGNORED in tags_of(new):
            continue
        was, now = compared(old), compared(new)
        problems += [
            f"{name} gives another {kind} than the file; repair the cause or, if the new one is "
            "right, write it with .venv/bin/python -m tools.run_notebooks book/NAME.ipynb\n"
            f"{short_diff(was.get(kind, ''), now.get(kind, ''))}"
            for kind in sorted(was.keys() | now.keys())
            if was.get(kind) != now.get(kind)
        ]
    return problems


def compared(cell: NotebookNode) -> dict[str, str]:
    """Collect what is compared of the outputs of a cell.

    Parameters
    ----------
    cell : NotebookNode
        A cell of code.

    Returns
    -------
    texts : dict of str to str
        Streams, the name and the message of an error, and data but for pixels and drawings; of
        each kind all texts, one after the other.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for output in cell.outputs:
        if output.output_type == "stream":
            found[output.name].append(output.text)
        elif output.output_type == "error":
            found["error"].append(f"{output.ename}: {output.evalue}")
        else:
            for kind, value in output.data.items():
                if kind not in PIXELS and not DRAWING.match(str(value)):
                    found[kind].append(str(value))
    # A stream comes in pieces; two values do not become one.
    return {
        kind: ("" if kind in ("stdout", "stderr") else "\n").join(texts)
        for kind, texts in found.items()
    }
