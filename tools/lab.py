"""Open the course in JupyterLab, which asks nothing and changes nothing by itself.

``python -m tools.lab`` is what ``make lab`` runs; what follows goes to JupyterLab.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from ipykernel.ipkernel import IPythonKernel
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager
from jupyterlab.labapp import LabApp

from tools.notebooks.sources import KERNEL_METADATA

TOOLS = Path(__file__).resolve().parent
OPTIONS = [
    f"--ServerApp.root_dir={TOOLS.parent / 'book'}",
    "--LabApp.default_url=/lab/tree/intro.ipynb",
    # No box that asks about news: overrides.json holds other defaults than JupyterLab's.
    f"--LabApp.app_settings_dir={TOOLS / 'jupyterlab'}",
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
    "--ServerApp.contents_manager_class=tools.lab.Notebooks",
    # Not in the list of files: what only the website needs.
    "--ContentsManager.hide_globs=['_*', '*.bib', '.*', 'api']",
]


class Notebooks(AsyncLargeFileManager):
    """Notebooks with the version of Python that JupyterLab would add.

    As soon as a kernel runs, JupyterLab writes the language of that kernel into the notebook, which
    then counts as changed. Here it finds that language in it already, and the files never hold it.
    """

    async def get(self, path: str, *arguments: Any, **options: Any) -> dict[str, Any]:
        """Read a file or folder; a notebook gets the language of the kernel."""
        model: dict[str, Any] = await super().get(path, *arguments, **options)
        if model["type"] == "notebook" and model["content"] is not None:
            model["content"]["metadata"]["language_info"] = dict(IPythonKernel.language_info)
        return model

    async def save(self, model: dict[str, Any], path: str = "") -> dict[str, Any]:
        """Write a file or folder; a notebook without the version of this Python."""
        if model.get("type") == "notebook" and model.get("content"):
            model["content"]["metadata"]["language_info"] = dict(KERNEL_METADATA["language_info"])
        saved: dict[str, Any] = await super().save(model, path)
        return saved


if __name__ == "__main__":
    sys.exit(LabApp.launch_instance([*OPTIONS, *sys.argv[1:]]))
