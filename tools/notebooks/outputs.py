"""After a run: the normal form of the outputs, and the rules for them."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from nbformat import NotebookNode

from tools.notebooks.cells import named_cells, tags_of

ROOT = Path(__file__).resolve().parents[2]

TERMINAL_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
# Python writes "<object at 0x7f...>"; the second form finds a bare address and still lets
# pass the bits of a 32-bit (8 digits) or 64-bit number (16 digits).
MEMORY_ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]{6,}|\b0x[0-9a-fA-F]{9,12}\b")
# The kernel's name for a cell's source holds its process number.
KERNEL_FILE = re.compile(r"\bipykernel_\d+\b")


def normalise_outputs(notebook: NotebookNode) -> None:
    """Bring the outputs into the normal form, in place.

    The number of pieces in which a text arrives depends on timing, so neighbouring pieces
    of one stream become one.

    Parameters
    ----------
    notebook : NotebookNode
        An executed notebook.
    """
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        outputs: list[NotebookNode] = []
        for output in cell.outputs:
            is_stream = output.output_type == "stream"
            if is_stream and output.name == "stderr" and "remove-stderr" in tags_of(cell):
                continue
            previous = outputs[-1] if outputs else None
            if is_stream and previous is not None and previous.get("name") == output.name:
                previous.text += output.text
            else:
                outputs.append(output)
            if output.output_type == "execute_result":
                output.execution_count = cell.execution_count
        cell.outputs = outputs


def check_outputs(notebook: NotebookNode) -> list[str]:
    """Look for outputs that would be different elsewhere, or that a reader should not see.

    Parameters
    ----------
    notebook : NotebookNode
        An executed notebook with normalised outputs.

    Returns
    -------
    problems : list of str
        Text on stderr, memory addresses, paths of this machine, process numbers, and cells that
        were to raise but did not.
    """
    advice = {
        MEMORY_ADDRESS: "the memory address {!r}; end the cell with a value, or an assignment.",
        machine_paths(): "the path {!r} of this machine; print a part of it, or only the error.",
        KERNEL_FILE: "the process number {!r}; print only the error.",
    }
    problems = []
    for name, cell in named_cells(notebook):
        if cell.cell_type != "code":
            continue
        raised = False
        for output in cell.outputs:
            raised = raised or output.output_type == "error"
            text = text_of(output)
            if output.get("name") == "stderr":
                problems.append(
                    f"{name} writes to stderr: {text.strip()[:300]!r}; repair the cause, or tag a "
                    "progress bar remove-stderr and nbval-ignore-output."
                )
            for pattern, words in advice.items():
                if match := pattern.search(text):
                    problems.append(f"the output of {name} contains {words.format(match.group())}")
        if "raises-exception" in tags_of(cell) and not raised:
            problems.append(
                f"{name} is tagged raises-exception but raised nothing; remove the tag."
            )
    return problems


def text_of(output: NotebookNode) -> str:
    """Get all text that an output would put into the file, pictures left out.

    Parameters
    ----------
    output : NotebookNode
        An output of a cell.

    Returns
    -------
    text : str
        Streams, tracebacks, and data of every text-like type (SVG and HTML among them).
    """
    if output.output_type == "stream":
        return str(output.text)
    if output.output_type == "error":
        return TERMINAL_COLOUR.sub("", "\n".join([output.evalue, *output.traceback]))
    binary = ("image/png", "image/jpeg", "image/gif", "application/pdf")
    return "\n".join(str(value) for kind, value in output.data.items() if kind not in binary)


def machine_paths() -> re.Pattern[str]:
    """Make the pattern that finds folders of this machine.

    Returns
    -------
    pattern : re.Pattern
        Matches the repository, the environment and the home folder, as prefixes too.
    """
    folders = {str(ROOT), sys.prefix, str(Path.home())}
    # In a container the home folder may be "/", which is in every path and every fraction.
    longest_first = sorted((folder for folder in folders if len(folder) > 1), key=len, reverse=True)
    return re.compile(rf"(?:{'|'.join(map(re.escape, longest_first))})(?![\w-])")
