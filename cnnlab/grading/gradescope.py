"""Gradescope: the zip that makes it grade an assignment, and the program that runs there.

The zip holds this package as a wheel, a script that installs it and one that grades. What the wheel
stands on comes from the package index that Gradescope's machines use, in the versions of this one.
The same package and the same settings give the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
import sys
import zipfile
from contextlib import suppress
from dataclasses import asdict
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from io import BytesIO
from pathlib import Path
from typing import Any

import cnnlab
from cnnlab.files import write_whole
from cnnlab.grading.collection import CollectionError, Submission, collect
from cnnlab.grading.grading import Content, Handout, grade_one, opened
from cnnlab.grading.limits import Limits
from cnnlab.grading.results import as_json, shown_as

__all__ = ["grade_there", "write_zip"]

SETTINGS, CONSTRAINTS = "settings.json", "constraints.txt"
DATE = (1980, 1, 1, 0, 0, 0)  # the first that a zip can hold
PLAIN, EXECUTABLE = 0o100644, 0o100755
WHEEL = "Wheel-Version: 1.0\nGenerator: cnnlab\nRoot-Is-Purelib: true\nTag: py3-none-any\n"

SETUP = """\
#!/bin/sh
# Makes an environment beside this folder, and installs cnnlab from the wheel in it.
set -eu
source=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
venv=$source/../venv

suits() {  # a Python 3.11 to 3.13 that can make an environment
    "$1" -c 'import ensurepip, sys, venv
sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1
}

find_python() {
    for name in python3.13 python3.12 python3.11 python3; do
        if suits "$name"; then command -v "$name"; return; fi
    done
    return 1
}

if ! python=$(find_python); then
    apt-get update -qq
    for version in 3.13 3.12 3.11; do
        apt-get install -y -qq "python$version" "python$version-venv" >/dev/null 2>&1 && break
    done
    python=$(find_python) || {
        echo "cnnlab needs Python 3.11, 3.12 or 3.13: choose a newer base image." >&2
        exit 1
    }
fi
"$python" -m venv "$venv"
"$venv/bin/python" -m pip install --no-compile -c "$source/constraints.txt" "$source"/cnnlab-*.whl
"""

RUN = """\
#!/bin/sh
# Grades what is in submission/ beside this file, and writes results/results.json there.
set -eu
root=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
exec "$root/venv/bin/python" -P -m cnnlab.grading.gradescope "$root"
"""


# --- The zip --------------------------------------------------------------------------------------


def write_zip(handout: Handout, out: Path, *, limits: Limits, visibility: str) -> None:
    """Write the zip for Gradescope.

    Parameters
    ----------
    handout : Handout
        The assignment.
    out : Path
        The zip. One that is there is replaced.
    limits : Limits
        What a submission may use.
    visibility : str
        When students see what rests on hidden cases.

    Raises
    ------
    ValueError
        If the package is not installed, or another version of it.
    """
    opened(handout)
    package = _installed()
    settings = {
        "name": handout.name,
        "questions": list(handout.questions),
        "visibility": visibility,
        "limits": asdict(limits),
    }
    members = {
        "setup.sh": (SETUP.encode(), EXECUTABLE),
        "run_autograder": (RUN.encode(), EXECUTABLE),
        SETTINGS: ((json.dumps(settings, indent=1) + "\n").encode(), PLAIN),
        CONSTRAINTS: (_constraints(package).encode(), PLAIN),
        f"cnnlab-{package.version}-py3-none-any.whl": (wheel(package), PLAIN),
    }
    if handout.source is not None:
        members[handout.name] = (handout.source, PLAIN)
    write_whole(out, _zipped(members))


def _installed() -> Distribution:
    """Return what is known of this package where it is installed."""
    try:
        package = distribution("cnnlab")
    except PackageNotFoundError:
        package = None
    if package is None or package.version != cnnlab.__version__:
        there = package.version if package else "not"
        raise ValueError(
            f"grade: cnnlab {cnnlab.__version__} runs, but {there} is installed, so that no wheel "
            f"can be made; install this one with `pip install .` in its folder, and run the "
            f"command again."
        )
    return package


def wheel(package: Distribution) -> bytes:
    """Return the files of this package as a wheel, from wherever they are."""
    root = Path(cnnlab.__file__).parent
    members = {
        f"cnnlab/{path.relative_to(root).as_posix()}": (path.read_bytes(), PLAIN)
        for path in sorted(root.rglob("*"))
        if path.is_file() and not _is_cache(path.relative_to(root))
    }
    info = f"cnnlab-{package.version}.dist-info"
    for name in ("METADATA", "entry_points.txt"):
        members[f"{info}/{name}"] = ((package.read_text(name) or "").encode(), PLAIN)
    members[f"{info}/WHEEL"] = (WHEEL.encode(), PLAIN)
    lines = [
        f"{name},sha256={_digest(content)},{len(content)}\n"
        for name, (content, _) in members.items()
    ]
    record = f"{info}/RECORD"
    members[record] = ("".join([*lines, f"{record},,\n"]).encode(), PLAIN)
    return _zipped(members)


def _is_cache(path: Path) -> bool:
    """Tell whether a file was made by running the package."""
    hidden = any(part.startswith(".") for part in path.parts)
    return hidden or "__pycache__" in path.parts or path.suffix == ".pyc"


def _digest(content: bytes) -> str:
    """Return a digest as a wheel writes it."""
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def _constraints(package: Distribution) -> str:
    """Return the versions of what the package stands on, here and so there."""
    found: dict[str, str] = {}
    waiting = [package]
    while waiting:
        for needed in waiting.pop().requires or ():
            name = re.split(r"[^\w.-]", needed, maxsplit=1)[0]
            if name in found or "extra ==" in needed:
                continue
            with suppress(PackageNotFoundError):  # it is for another system
                waiting.append(distribution(name))
                found[name] = waiting[-1].version.split("+")[0]
    return "".join(f"{name}=={version}\n" for name, version in sorted(found.items()))


def _zipped(members: dict[str, tuple[bytes, int]]) -> bytes:
    """Return a zip that depends on its members alone."""
    written = BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, (content, mode) in members.items():
            info = zipfile.ZipInfo(name, DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system, info.external_attr = 3, mode << 16
            archive.writestr(info, content)
    return written.getvalue()


# --- There ----------------------------------------------------------------------------------------


def grade_there(root: Path) -> None:
    """Grade the submission of one student on Gradescope's machine.

    Parameters
    ----------
    root : Path
        The folder that is ``/autograder`` there. The zip is unpacked in its folder ``source``.
    """
    source = root / "source"
    settings = json.loads((source / SETTINGS).read_text("utf-8"))
    own = source / settings["name"]
    handout = Handout(
        settings["name"],
        own.read_bytes() if own.suffix == ".py" else None,
        tuple(settings["questions"]),
    )
    limits = Limits(**settings["limits"])
    try:
        one = _only(root / "submission")
        content = Content(one.file, one.read())
    except (CollectionError, OSError) as error:
        record: dict[str, Any] = {"score": 0, "output": str(error), "tests": []}
    else:
        graded = grade_one(handout, "submission", content, secrets.randbits(48), limits)
        record = shown_as(graded.record, settings["visibility"])
        if not record["extra_data"]["graded"]:
            sys.exit(
                "; ".join(record["extra_data"]["problems"])
            )  # and no score: Gradescope tells the staff
    results = root / "results"
    results.mkdir(parents=True, exist_ok=True)
    write_whole(results / "results.json", as_json(record))


def _only(folder: Path) -> Submission:
    """Return the one file that was handed in."""
    found: list[Submission] = []
    with suppress(CollectionError):  # whose words are for who grades a class
        found = collect(folder).submissions
    if len(found) != 1:
        names = ", ".join(one.file for one in found) or "none"
        raise CollectionError(f"Hand in one notebook or .py file; what came is {names}.")
    return found[0]


if __name__ == "__main__":
    grade_there(Path(sys.argv[1]))
