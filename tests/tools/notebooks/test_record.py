"""nbval compares what `make book` executed; where anything changed since, it executes."""

import re
import shutil
import subprocess
import sys

import pytest
from nbformat.v4 import new_code_cell, new_output
from support.book import ROOT
from support.notebooks import save, stream

from tools.notebooks import record
from tools.notebooks.files import read
from tools.notebooks.replay import summary


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A project of a few files."""
    for folder in "cnnlab", "tools/notebooks":
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "cnnlab" / "sums.py").write_text("ONE = 1")
    (tmp_path / "tools" / "notebooks" / "execution.py").write_text("run()")
    monkeypatch.setattr(record, "ROOT", tmp_path)
    return tmp_path


class Installed:
    """A distribution."""

    def __init__(self, name, version, files):
        """Say what importlib.metadata says."""
        self.name, self.version, self.files = name, version, files

    def read_text(self, name):
        """Return the list of its files."""
        return self.files if name == "RECORD" else None


def edit(path, text):
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)


CHANGES = {
    "a file of the package": lambda place, patch: edit(place / "cnnlab" / "sums.py", "ONE = 2"),
    "another name of it": lambda place, patch: shutil.move(
        place / "cnnlab" / "sums.py", place / "cnnlab" / "terms.py"
    ),
    "a new file of data": lambda place, patch: edit(place / "cnnlab" / "data" / "a.bin", "1"),
    "how notebooks are executed": lambda place, patch: edit(
        place / "tools" / "notebooks" / "execution.py", "run(1)"
    ),
    "a version": lambda place, patch: patch.setattr(
        record.metadata, "distributions", lambda: [Installed("numpy", "3", "a,1")]
    ),
    "a build of the same version": lambda place, patch: patch.setattr(
        record.metadata, "distributions", lambda: [Installed("numpy", "2", "a,2")]
    ),
    "one more distribution": lambda place, patch: patch.setattr(
        record.metadata,
        "distributions",
        lambda: [Installed("numpy", "2", "a,1"), Installed("torch", "2", "b,1")],
    ),
    "the Python": lambda place, patch: patch.setattr(record.sys, "version", "3.14"),
    "another environment": lambda place, patch: patch.setattr(record.sys, "executable", "/b"),
    "the system": lambda place, patch: patch.setattr(record.platform, "platform", lambda: "BeOS"),
    "the processor": lambda place, patch: patch.setattr(
        record.llvmlite.binding, "get_host_cpu_name", lambda: "generic"
    ),
    "what the processor can do": lambda place, patch: patch.setattr(
        record.llvmlite.binding, "get_host_cpu_features", lambda: Features("-avx2")
    ),
    "a processor that Numba is told": lambda place, patch: patch.setenv(
        "NUMBA_CPU_NAME", "generic"
    ),
    "a folder of data": lambda place, patch: patch.setenv("CNNLAB_DATA", "/data"),
}


class Features:
    """What a processor can do."""

    def __init__(self, text):
        """Take it as text."""
        self.text = text

    def flatten(self):
        """Return it as text."""
        return self.text


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_a_run_depends_on_is_seen(place, monkeypatch, change):
    monkeypatch.setattr(record.metadata, "distributions", lambda: [Installed("numpy", "2", "a,1")])
    before = record.state()
    assert record.state() == before
    CHANGES[change](place, monkeypatch)
    assert record.state() != before


@pytest.mark.parametrize("name", record.FREE)
def test_what_no_result_depends_on_is_free(place, monkeypatch, name):
    before = record.state()
    monkeypatch.setenv(name, "3")
    assert record.state() == before


def test_a_wheel_of_the_project_that_is_built_beside_it_changes_nothing(place, monkeypatch):
    before = record.state()
    installed = [*record.metadata.distributions(), Installed("cnnlab", "1", None)]
    monkeypatch.setattr(record.metadata, "distributions", lambda: installed)
    assert record.state() == before


def test_compiled_python_is_no_source(place):
    before = record.state()
    edit(place / "cnnlab" / "__pycache__" / "sums.pyc", "1")
    assert record.state() == before


def test_only_what_is_the_same_to_the_byte_is_found(place, monkeypatch):
    path = save(place / "one.ipynb", "print(1)")
    state = record.state()
    where = record.place_of("one", place / "_build")
    assert record.find(path, state) is None  # nothing is known
    record.keep(read(path), record.fingerprint(path, state), where)
    assert [cell["source"] for cell in record.find(path, state)] == ["print(1)"]
    assert record.find(path, "another state") is None
    assert record.find(ROOT / "book" / "intro.ipynb", state) is None  # not of this project
    known = "1 of 2 notebooks were compared as `make book` executed them"
    monkeypatch.setattr(record, "state", lambda: state)
    assert summary([path, save(place / "two.ipynb", "2")]).startswith(known)
    path.write_bytes(path.read_bytes() + b"\n")
    assert record.find(path, state) is None


# --- Together with nbval --------------------------------------------------------------------------

PLUGIN = """
import sys
from pathlib import Path

sys.path.insert(0, {root!r})
from tools.notebooks import record
from tools.notebooks.replay import replay

record.ROOT = Path({place!r})
record.state = lambda: "a state"


def pytest_collection_modifyitems(items):
    replay({{item.parent for item in items}})
"""

OUTPUTS = {
    "print(7)": [stream("7\n")],
    "7": [new_output("execute_result", {"text/plain": "7"}, execution_count=2)],
    "1 / 0": [new_output("error", ename="ZeroDivisionError", evalue="of 1", traceback=[])],
    "display(table)": [new_output("display_data", {"text/html": "<b>7</b>", "image/png": "AA"})],
    "clock()": [stream("8 s\n")],
}
TAGS = {"1 / 0": ["raises-exception"], "clock()": ["nbval-ignore-output"]}


def notebook(outputs=OUTPUTS):
    """Make the cells of a notebook that was executed; no kernel could give these outputs."""
    return [
        new_code_cell(
            source,
            outputs=outputs[source],
            execution_count=number,
            metadata={"tags": TAGS.get(source, [])},
        )
        for number, source in enumerate(outputs, start=1)
    ]


@pytest.fixture
def judged(tmp_path):
    """Let nbval judge notebooks beside what is known of a run of them: names of what failed."""
    (tmp_path / "conftest.py").write_text(PLUGIN.format(root=str(ROOT), place=str(tmp_path)))
    (tmp_path / "pytest.ini").write_text("[pytest]\n")

    def judge(**gave):
        for name, outputs in gave.items():
            path = save(tmp_path / f"{name}.ipynb", *notebook())
            ran = read(path)
            ran.cells = notebook(outputs)
            mark = record.fingerprint(path, "a state")
            record.keep(ran, mark, record.place_of(name, tmp_path / "_build"))
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbval",
             "--nbval-current-env", "."],
            cwd=tmp_path, capture_output=True, text=True, encoding="utf-8",
        )  # fmt: skip
        assert "passed" in done.stdout, done.stdout + done.stderr
        return set(re.findall(r"^FAILED (\S+)\.ipynb::Cell (\d)", done.stdout, re.MULTILINE))

    return judge


def test_nbval_compares_every_output_of_the_run(judged):
    other = {
        "text": ("print(7)", [stream("8\n")]),
        "nothing": ("print(7)", []),
        "warning": ("print(7)", [stream("7\n"), stream("careful", name="stderr")]),
        "value": ("7", [new_output("execute_result", {"text/plain": "8"}, execution_count=2)]),
        "message": (
            "1 / 0",
            [new_output("error", ename="ZeroDivisionError", evalue="of 2", traceback=[])],
        ),
        "raised": ("7", [new_output("error", ename="E", evalue="e", traceback=["at 7"])]),
        "html": ("display(table)", [new_output("display_data", {"text/html": "<b>8</b>"})]),
        "time": ("clock()", [stream("9 s\n")]),
        "pixels": (
            "display(table)",
            [new_output("display_data", {"text/html": "<b>7</b>", "image/png": "BB"})],
        ),
    }
    cells = list(OUTPUTS)
    wrong = {
        (name, str(cells.index(source)))
        for name, (source, _) in other.items()
        if name not in ("time", "pixels")
    }
    changed = {name: OUTPUTS | {source: gave} for name, (source, gave) in other.items()}
    assert judged(same=OUTPUTS, **changed) == wrong


def test_what_no_run_is_known_of_is_executed(judged, tmp_path):
    save(
        tmp_path / "new.ipynb",
        *notebook({"print(7)": OUTPUTS["print(7)"], "7": OUTPUTS["print(7)"]}),
    )
    assert judged(same=OUTPUTS) == {("new", "1")}  # 7 prints nothing
