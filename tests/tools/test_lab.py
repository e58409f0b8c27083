"""What `make lab` starts: a stand-in for JupyterLab, which only its own extra installs."""

import ast
import asyncio
import copy
import importlib
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatch
from types import ModuleType

import pytest
from ipykernel.ipkernel import IPythonKernel
from support.book import ROOT

PLAIN = {"name": "python"}


def finished(call):
    """Return what an asynchronous call returns; tests of the site leave a loop in this thread."""
    with ThreadPoolExecutor(1) as other:
        return other.submit(asyncio.run, call).result()


@pytest.fixture
def lab(monkeypatch):
    """Import `tools.lab` beside a manager of files that holds one notebook in memory."""

    class Files:
        def __init__(self):
            self.model = {
                "type": "notebook",
                "content": {"metadata": {"language_info": dict(PLAIN)}, "cells": []},
            }

        async def get(self, path, content=True):
            model = copy.deepcopy(self.model)
            return model if content else {**model, "content": None}

        async def save(self, model, path=""):
            self.model = copy.deepcopy(model)
            return {"path": path}

    class LabApp:
        """Nothing of it is called here."""

    names = "jupyter_server.services.contents.largefilemanager", "jupyterlab.labapp"
    for name, holds in zip(
        names, (("AsyncLargeFileManager", Files), ("LabApp", LabApp)), strict=True
    ):
        module = ModuleType(name)
        setattr(module, *holds)
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.delitem(sys.modules, "tools.lab", raising=False)
    yield importlib.import_module("tools.lab")
    sys.modules.pop("tools.lab")


def test_a_notebook_has_what_jupyterlab_would_add(lab):
    """It is equal to the language of the kernel, so nothing changes when the kernel starts."""
    model = finished(lab.Notebooks().get("a.ipynb"))
    assert model["content"]["metadata"]["language_info"] == IPythonKernel.language_info
    assert finished(lab.Notebooks().get("a.ipynb", content=False))["content"] is None


def test_a_saved_notebook_does_not_hold_it(lab):
    files = lab.Notebooks()
    model = finished(files.get("a.ipynb"))
    finished(files.save(model, "a.ipynb"))
    assert files.model["content"]["metadata"]["language_info"] == PLAIN
    finished(files.save({"type": "file", "content": "text"}, "a.txt"))
    assert files.model["content"] == "text"


def test_it_opens_the_intro_and_asks_nothing(lab):
    options = dict(option.removeprefix("--").split("=", 1) for option in lab.OPTIONS)
    assert options["ServerApp.root_dir"] == str(ROOT / "book")
    page = options["LabApp.default_url"].rpartition("/")[2]
    assert (ROOT / "book" / page).exists()
    defaults = ROOT / "tools" / "jupyterlab" / "overrides.json"
    assert options["LabApp.app_settings_dir"] == str(defaults.parent)
    news = json.loads(defaults.read_text("utf-8"))["@jupyterlab/apputils-extension:notification"]
    assert news == {"fetchNews": "false", "checkForUpdates": False}
    assert "python -m tools.lab" in (ROOT / "Makefile").read_text("utf-8")


def test_its_list_of_files_holds_pages_and_their_whole_names(lab):
    options = dict(option.removeprefix("--").split("=", 1) for option in lab.OPTIONS)
    hidden = ast.literal_eval(options["ContentsManager.hide_globs"])
    names = [path.name for path in (ROOT / "book").iterdir()]
    shown = {name for name in names if not any(fnmatch(name, pattern) for pattern in hidden)}
    pages = {name for name in names if name.endswith((".ipynb", ".md"))}
    assert shown == pages | {"assignments"}
    defaults = json.loads((ROOT / "tools" / "jupyterlab" / "overrides.json").read_text("utf-8"))
    browser = defaults["@jupyterlab/filebrowser-extension:browser"]
    assert browser == {"showLastModifiedColumn": False}  # it would cut the names short
