"""The build of the website executes what is to be read, and compares it with the files."""

import importlib.util
import json
from types import SimpleNamespace

import pytest

pytest.importorskip("sphinx", reason="Sphinx is not installed: the extra is `book`")
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from sphinx.errors import ExtensionError
from support.book import ROOT
from support.notebooks import save

from tools.notebooks.cells import NotebookError

PATH = ROOT / "book" / "_ext" / "execution.py"


@pytest.fixture
def extension():
    """Load the extension, as Sphinx does."""
    spec = importlib.util.spec_from_file_location("execution", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Site:
    """As much of Sphinx as the extension asks for."""

    def __init__(self, folder):
        """Build from a folder."""
        self.folder = folder
        self.config = SimpleNamespace(nb_execution_mode="force", nb_execution_timeout=9)
        self.builder = SimpleNamespace(format="html")
        self.outdir = folder / "_build" / "html"
        self.handlers = {}

    def connect(self, event, handler):
        """Remember who is to be called."""
        self.handlers[event] = handler

    def doc2path(self, name):
        """Find the file of a document."""
        (path,) = self.folder.glob(f"{name}.*")
        return str(path)

    def build(self, *names):
        """Execute what is to be read."""
        self.handlers["env-before-read-docs"](self, self, list(names))

    def read(self, name):
        """Return a page as it is parsed."""
        source = [(self.folder / f"{name}.ipynb").read_text(encoding="utf-8")]
        self.handlers["source-read"](self, name, source)
        return json.loads(source[0])


@pytest.fixture
def site(tmp_path, extension, monkeypatch):
    """A site whose cells print 7 when they are executed; their source stands for a failure."""

    def execute(notebook, folder, timeout, hash_seed):
        assert (folder, timeout, hash_seed) == (tmp_path, 9, "random")
        started.append(notebook.cells[0].source)
        for number, cell in enumerate(notebook.cells, start=1):
            if cell.cell_type != "code":
                continue
            if cell.source == "fails":
                raise NotebookError([f"cell {number} raised"])
            cell.outputs = [new_output("stream", text="7\n")]
            cell.execution_count = number

    started, said = [], []
    monkeypatch.setattr(extension, "execute", execute)
    monkeypatch.setattr(
        extension.LOGGER, "warning", lambda text, location: said.append((location, text))
    )
    site = Site(tmp_path)
    site.started, site.said = started, said
    extension.take_over(site, site.config)
    return site


def printed(text, source="print(x)"):
    return new_code_cell(
        source, execution_count=1, outputs=[new_output("stream", text=f"{text}\n")]
    )


def test_pages_show_what_the_run_gave(site, tmp_path):
    save(tmp_path / "one.ipynb", printed(7))
    save(tmp_path / "two.ipynb", new_markdown_cell("text"), printed(8))
    (tmp_path / "words.md").write_text("# Words")
    site.build("one", "two", "words")
    assert site.config.nb_execution_mode == "off"  # MyST-NB executes nothing once more
    ((name, problem),) = site.said
    assert name == "two"
    assert problem.startswith("cell 2 (In [2]) gives another stdout than the file")
    shown = site.read("two")["cells"][1]["outputs"][0]["text"]
    assert "".join(shown) == "7\n"


def test_a_cell_that_fails_ends_the_build_when_all_have_run(site, tmp_path):
    save(tmp_path / "bad.ipynb", printed(7), printed(7, "fails"))
    save(tmp_path / "worse.ipynb", printed(7, "fails"))
    save(tmp_path / "one.ipynb", printed(8))
    with pytest.raises(ExtensionError) as raised:
        site.build("bad", "one", "worse")
    assert str(raised.value).splitlines() == [
        "bad: cell 2 raised",
        "worse: cell 1 raised",
    ]
    assert len(site.said) == 1


def kept(tmp_path):
    folder = tmp_path / "_build" / "executed"
    return {path.stem: json.loads(path.read_text("utf-8")) for path in folder.glob("*.json")}


def test_what_the_run_gave_is_kept_with_its_fingerprint(site, tmp_path, extension):
    one = save(tmp_path / "one.ipynb", new_markdown_cell("text"), printed(8))
    save(tmp_path / "bad.ipynb", printed(7, "fails"))
    with pytest.raises(ExtensionError):
        site.build("one", "bad")
    (record,) = kept(tmp_path).values()  # nothing of a notebook that failed
    assert record["fingerprint"] == extension.record.fingerprint(one, extension.record.state())
    ((source, outputs),) = ((cell["source"], cell["outputs"]) for cell in record["cells"])
    assert source == "print(x)"
    assert [output["text"] for output in outputs] == ["7\n"]
    save(tmp_path / "two.ipynb", printed(7))
    site.build("two")
    assert list(kept(tmp_path)) == ["two"]  # nothing of an earlier build


def test_nothing_is_kept_where_something_changed_meanwhile(site, tmp_path, extension, monkeypatch):
    save(tmp_path / "one.ipynb", printed(7))
    states = iter(["before", "after"])
    monkeypatch.setattr(extension.record, "state", lambda: next(states))
    site.build("one")
    assert kept(tmp_path) == {}


def test_the_longest_begin(site, tmp_path, extension, monkeypatch):
    monkeypatch.setattr(extension, "AT_MOST", 1)
    names = ["bias-gradient", "performance", "lenet", "words"]
    for name in names:
        save(tmp_path / f"{name}.ipynb", printed(7, name))
    site.build(*names)
    assert site.started == ["lenet", "performance", "bias-gradient", "words"]


def test_nothing_is_executed_where_that_is_not_wanted(tmp_path, extension):
    site = Site(tmp_path)
    site.config.nb_execution_mode = "off"
    extension.take_over(site, site.config)
    assert site.handlers == {}


def test_a_pdf_shows_what_the_files_hold(site, tmp_path):
    save(tmp_path / "one.ipynb", printed(8))
    site.builder.format = "latex"
    site.build("one")
    assert site.started == []
