"""The package `cnnlab` as a submission sees it while it is graded: what is allowed, and no more.

Two folders are written once for each grader. One holds what runs a submission and is forgotten
before that is loaded; the other the modules that an assignment allows, with those that they import,
and a `tutor` whose `check` does nothing. Everything else is not there.
"""

from __future__ import annotations

import ast
import compileall
import functools
import shutil
from collections.abc import Iterable, Iterator
from multiprocessing.util import Finalize
from pathlib import Path

from cnnlab import __version__
from cnnlab.grading.folders import TemporaryPlace

__all__ = ["PACKAGE", "modules_of", "write_allowed", "write_inside"]

#: The folder of the package that grades.
PACKAGE = Path(__file__).resolve().parents[1]

ROOT = f'''"""What a submission may use of cnnlab while it is graded."""

import importlib

__version__ = "{__version__}"


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(f"module 'cnnlab' has no attribute {{name!r}}")
    return importlib.import_module(f"cnnlab.{{name}}")
'''

TUTOR = '''"""The tutor is silent while a submission is graded: its report comes afterwards."""


class Unchecked:
    """What `check` returns here: neither right nor wrong."""

    right = report = diagnosis = None

    def __repr__(self):
        return "not checked: this is graded"


def check(*arguments, **options):
    """Do nothing."""
    return Unchecked()


diagnose = check
'''

CALL = '''"""What a function is called with."""

from typing import Any, NamedTuple


class Call(NamedTuple):
    arguments: tuple[Any, ...]
    options: dict[str, Any]
'''


@functools.cache
def write_inside() -> Path:
    """Write what runs a submission, and return the folder."""
    files = modules_of(("grading.keeper", "grading.worker"), packages=False)
    return _written(files, {"operations/__init__.py": CALL})


@functools.cache
def write_allowed(allowed: tuple[str, ...]) -> Path:
    """Write what a submission sees, and return the folder.

    Parameters
    ----------
    allowed : tuple of str
        Modules as "data"; what they import comes with them.

    Raises
    ------
    ValueError
        If there is no module of that name.
    """
    texts = {"__init__.py": ROOT, "tutor/__init__.py": TUTOR}
    return _written(modules_of(allowed), texts)


def _written(files: Iterable[Path], texts: dict[str, str]) -> Path:
    own = TemporaryPlace("cnnlab-grading-")
    root = own.path
    # Where this process is one of a pool, `atexit` is not heard.
    Finalize(None, own.remove, exitpriority=0)
    folder = root / "site-packages"  # so it is none of the student's lines that are shown
    package = folder / "cnnlab"
    for path in sorted(files):
        copy = package / path.relative_to(PACKAGE)
        copy.parent.mkdir(parents=True, exist_ok=True)
        for file in path.parent.glob(f"{path.stem}.*"):  # a module, and data of its name
            shutil.copyfile(file, copy.with_name(file.name))
        if path.name == "__init__.py":
            _copy_data(path.parent, copy.parent)
    for name, text in texts.items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(text, encoding="utf-8")
    for place in [package, *(path for path in package.rglob("*") if path.is_dir())]:
        (place / "__init__.py").touch()
    compileall.compile_dir(folder, quiet=2)
    for path in [root, folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


def _copy_data(source: Path, target: Path) -> None:
    """Copy what is no Python, as the pictures of a package."""
    for path in source.iterdir():
        if path.is_file() and path.suffix != ".py":
            shutil.copyfile(path, target / path.name)
        elif path.is_dir() and path.name != "__pycache__" and not any(path.rglob("*.py")):
            shutil.copytree(path, target / path.name)


def modules_of(allowed: tuple[str, ...], *, packages: bool = True) -> set[Path]:
    """Return the files of some modules of cnnlab, and of all that they import of it.

    Parameters
    ----------
    allowed : tuple of str
        Modules as "data" or "grading.worker".
    packages : bool
        Whether the files of the packages that they stand in come too, with what these import.
    """
    found: set[Path] = set()
    left = [path for name in allowed for path in _files(name)]
    while left:
        path = left.pop()
        if path not in found and (packages or path.name != "__init__.py"):
            found.add(path)
            left += [file for name in _imports(path) for file in _imported(name)]
    return found


def _files(name: str) -> list[Path]:
    """Return all files of an allowed module."""
    place = PACKAGE.joinpath(*name.split("."))
    files = [place.with_suffix(".py")] if place.with_suffix(".py").is_file() else []
    files += sorted(place.rglob("*.py"))
    if not files:
        raise ValueError(
            f"Assignment: there is no module cnnlab.{name} that could be allowed; "
            'allow modules by their names, as allowed=("data", "plots").'
        )
    return files


def _imported(name: str) -> Iterator[Path]:
    """Yield the file of a module, with those of the packages that it stands in."""
    parts = name.split(".")
    for length in range(1, len(parts) + 1):
        place = PACKAGE.joinpath(*parts[:length])
        if place.with_suffix(".py").is_file():
            yield place.with_suffix(".py")
        elif (place / "__init__.py").is_file():
            yield place / "__init__.py"


def _imports(path: Path) -> Iterator[str]:
    """Yield what a file imports of cnnlab, without "cnnlab." in front."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        yield from (name.partition(".")[2] for name in names if name.startswith("cnnlab."))
