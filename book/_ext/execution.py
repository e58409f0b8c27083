"""Notebooks are executed while the site is built: several side by side, and compared.

The pages show what this run gave; a PDF, what the files hold. What differs from the outputs in the
file is a warning that names notebook and cell; a cell that fails ends the build. Nothing is
remembered from one build to the next, for a change of the package would not be seen; what the run
gave is kept for `make test`, with the fingerprint of what it came from.
"""

import copy
import json
import os
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sphinx.errors import ExtensionError
from sphinx.util import logging

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tools.notebooks import LONGEST, record
from tools.notebooks.cells import NotebookError
from tools.notebooks.comparison import differences
from tools.notebooks.execution import execute
from tools.notebooks.files import read
from tools.notebooks.outputs import check_outputs, normalise_outputs

LOGGER = logging.getLogger(__name__)
AT_MOST = 4  # side by side; each kernel has threads of its own


def take_over(app, config):
    """Execute in place of MyST-NB, where it is told to execute everything."""
    app.executed = {}
    if config.nb_execution_mode == "force":
        config.nb_execution_mode = "off"
        app.connect("env-before-read-docs", execute_all)
        app.connect("source-read", show_outputs)


def execute_all(app, env, docnames):
    """Execute the notebooks among the documents, the longest first."""
    if app.builder.format != "html":
        return
    paths = {name: Path(env.doc2path(name)) for name in docnames}
    names = sorted(
        (name for name, path in paths.items() if path.suffix == ".ipynb"),
        key=lambda name: (*LONGEST, paths[name].stem).index(paths[name].stem),
    )
    timeout = app.config.nb_execution_timeout
    build = Path(app.outdir).parent
    shutil.rmtree(build / record.FOLDER, ignore_errors=True)
    state = record.state()
    failed, gave = [], {}
    with ThreadPoolExecutor(min(AT_MOST, os.cpu_count() or 1)) as pool:
        runs = pool.map(lambda name: run(paths[name], timeout, state), names)
        for name, (notebook, problems, changes, kept) in zip(names, runs, strict=True):
            LOGGER.info("executed %s", name)
            failed += [f"{name}: {problem}" for problem in problems]
            app.executed[name] = notebook
            gave |= {name: kept} if kept else {}
            for change in changes:
                LOGGER.warning(change, location=name)
    if record.state() == state:  # or nobody knows which package a notebook has met
        for name, kept in gave.items():
            record.keep(*kept, record.place_of(name, build))
    if failed:
        raise ExtensionError("\n".join(failed))


def run(path, timeout, state):
    """Execute one notebook; return it, what went wrong, what differs from the file, what to keep.

    A set that is printed has another order in each run: it is found here, not by readers.
    """
    mark = record.fingerprint(path, state)
    committed = read(path)
    notebook = copy.deepcopy(committed)
    try:
        execute(notebook, path.parent, timeout, hash_seed="random")
    except NotebookError as error:
        return notebook, error.problems, [], None
    kept = copy.deepcopy(notebook), mark
    normalise_outputs(notebook)
    return notebook, check_outputs(notebook), differences(notebook, committed), kept


def show_outputs(app, docname, source):
    """Put what the run gave in place of what is in the file."""
    if docname not in app.executed:
        return
    page = json.loads(source[0])
    for cell, run_cell in zip(page["cells"], app.executed[docname].cells, strict=True):
        if cell["cell_type"] == "code":
            cell["outputs"] = run_cell.outputs
            cell["execution_count"] = run_cell.execution_count
    source[0] = json.dumps(page)


def setup(app):
    """Register with Sphinx."""
    app.connect("config-inited", take_over)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
