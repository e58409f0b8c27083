"""Execute notebooks and write them in one normal form.

``python -m tools.run_notebooks`` runs every notebook below ``book/``, each in a fresh kernel of the
environment that runs this script, and writes it so that a second run gives the same bytes.
``python -m tools.run_notebooks book/images.ipynb`` runs one.
``--check`` runs too, but compares with what is on disk and writes nothing.

A notebook that fails is left as it was. The exit code is 0 when all is well, 1 when a notebook
failed or differs, and 2 when the command line makes no sense.

The rules, and the message that each has when it is broken, are in `check_sources` and
`check_outputs`. Tags that matter here:

``remove-stderr``
    The cell may write to stderr (a progress bar); what it writes is not kept. The website drops
    it by the same tag. Strict nbval still compares it, so the cell needs ``nbval-ignore-output``
    too, and nbval then compares nothing of that cell.
``raises-exception``
    The cell must raise.
"""

from __future__ import annotations

import argparse
import difflib
import os
import re
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parent.parent
BOOK = ROOT / "book"

CELL_TIMEOUT = 600  # seconds
LONGEST_CELL = 25  # lines
LONGEST_ID = 64  # characters, a limit of the notebook format

KEPT_NOTEBOOK_METADATA = ("mystnb", "myst")
KEPT_CELL_METADATA = ("tags", "mystnb")
KERNEL_METADATA = {
    "kernelspec": {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    },
    "language_info": {"name": "python"},
}

TERMINAL_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
# Python writes "<object at 0x7f...>"; the second form finds a bare address and still lets
# pass the bits of a 32-bit (8 digits) or 64-bit number (16 digits).
MEMORY_ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]{6,}|\b0x[0-9a-fA-F]{9,12}\b")
# The kernel's name for a cell's source holds its process number.
KERNEL_FILE = re.compile(r"\bipykernel_\d+\b")


class NotebookError(Exception):
    """What is wrong with a notebook, one entry for each problem.

    Parameters
    ----------
    problems : list of str
        Each names the cell and the next step.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


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
        If a path is a file of another kind, or two notebooks have one name.
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
        other = seen.setdefault(notebook.stem, notebook)
        if other != notebook:
            raise ValueError(
                f"run_notebooks: {other} and {notebook} have one name, so their cells would have "
                "the same ids; rename one."
            )
    return notebooks


def cell_name(cell: NotebookNode, number: int) -> str:
    """Name a cell the way a reader finds it.

    Parameters
    ----------
    cell : NotebookNode
        The cell.
    number : int
        Its position in the notebook, the first is 1.

    Returns
    -------
    name : str
        Such as ``cell 5 (In [3])``, or ``cell 4`` for a cell of text.
    """
    if cell.cell_type == "code" and cell.get("execution_count"):
        return f"cell {number} (In [{cell.execution_count}])"
    return f"cell {number}"


def named_cells(notebook: NotebookNode) -> Iterator[tuple[str, NotebookNode]]:
    """Go through the cells with their names.

    Parameters
    ----------
    notebook : NotebookNode
        The notebook.

    Yields
    ------
    name : str
        As `cell_name` gives it.
    cell : NotebookNode
        The cell.
    """
    for number, cell in enumerate(notebook.cells, start=1):
        yield cell_name(cell, number), cell


def tags_of(cell: NotebookNode) -> list[str]:
    """Get the tags of a cell.

    Parameters
    ----------
    cell : NotebookNode
        The cell.

    Returns
    -------
    tags : list of str
        Empty when it has none.
    """
    return list(cell.metadata.get("tags", []))


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
        # Missing or doubled ids: `normalise` gives every cell a new one.
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


def prepare(notebook: NotebookNode, stem: str) -> None:
    """Bring everything but the outputs into the normal form, in place.

    Execution counts run from 1 to the number of code cells, which is also what a fresh
    kernel counts. Ids come from the name of the file and the position, so that they are the same
    in every run and unique over a book in which no two files have one name.

    Parameters
    ----------
    notebook : NotebookNode
        The notebook.
    stem : str
        Name of its file without the suffix.

    Raises
    ------
    NotebookError
        If the name is too long to be part of an id.
    """
    slug = re.sub(r"[^A-Za-z0-9_-]+", "-", stem)
    longest = len(f"{slug}-{len(notebook.cells):02d}")
    if longest > LONGEST_ID:
        raise NotebookError(
            [f"cell ids would have {longest} characters of {LONGEST_ID}; shorten the file's name."]
        )

    kept = {
        key: notebook.metadata[key] for key in KEPT_NOTEBOOK_METADATA if key in notebook.metadata
    }
    notebook.metadata = nbformat.from_dict({**kept, **KERNEL_METADATA})
    notebook.nbformat, notebook.nbformat_minor = 4, 5

    executions = 0
    for number, cell in enumerate(notebook.cells, start=1):
        cell.id = f"{slug}-{number:02d}"
        cell.source = cell.source.strip("\n")
        cell.metadata = nbformat.from_dict(
            {key: cell.metadata[key] for key in KEPT_CELL_METADATA if cell.metadata.get(key)}
        )
        if cell.cell_type == "code":
            executions += 1
            cell.execution_count = executions
            cell.outputs = []


def check_sources(notebook: NotebookNode) -> list[str]:
    """Look for what can be seen before a cell runs.

    Parameters
    ----------
    notebook : NotebookNode
        A prepared notebook.

    Returns
    -------
    problems : list of str
        Empty cells; code cells that are too long, that end with a semicolon, or whose stderr is
        removed here and compared by nbval.
    """
    problems = []
    for name, cell in named_cells(notebook):
        lines = len(cell.source.splitlines())
        if not cell.source.strip():
            problems.append(f"{name} is empty; delete it.")
        elif cell.cell_type == "code" and lines > LONGEST_CELL:
            problems.append(
                f"{name} has {lines} lines, at most {LONGEST_CELL} are allowed; "
                "split it, or move code into the package."
            )
        elif cell.cell_type == "code" and cell.source.rstrip().endswith(";"):
            problems.append(
                f"{name} ends with a semicolon, which hides its value from Jupyter but not from "
                "nbval; write an assignment instead, such as `ax = ...`."
            )
        elif "remove-stderr" in tags_of(cell) and "nbval-ignore-output" not in tags_of(cell):
            problems.append(
                f"{name} is tagged remove-stderr alone, but nbval compares stderr; add the tag "
                "nbval-ignore-output, and print what must be verified in another cell."
            )
    return problems


def execute(notebook: NotebookNode, folder: Path, timeout: int = CELL_TIMEOUT) -> None:
    """Run every code cell in a fresh kernel and put the outputs in place.

    Parameters
    ----------
    notebook : NotebookNode
        A prepared notebook; gets the outputs.
    folder : Path
        Where the kernel runs.
    timeout : int
        Seconds that one cell may take.

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
            "PYTHONHASHSEED": "0",  # a printed set has one order
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
    notebook = read(path)
    prepare(notebook, path.stem)
    if problems := check_sources(notebook):
        raise NotebookError(problems)
    execute(notebook, path.resolve().parent, timeout)
    normalise_outputs(notebook)
    if problems := check_outputs(notebook):
        raise NotebookError(problems)
    return notebook


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
            f"{path}: differs from what its cells give; run python -m tools.run_notebooks {path}",
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
        prog="run_notebooks", description="Execute notebooks and write them in one normal form."
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
        "--timeout", type=int, default=CELL_TIMEOUT, help="seconds per cell (default: %(default)s)"
    )
    options = parser.parse_args(arguments)
    try:
        notebooks = find_notebooks(options.paths)
    except (FileNotFoundError, ValueError) as error:
        parser.error(str(error))  # exits with 2

    results = [process(path, check=options.check, timeout=options.timeout) for path in notebooks]
    failures = results.count(False)
    if failures:
        print(f"run_notebooks: {failures} of {len(results)} notebooks failed", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
