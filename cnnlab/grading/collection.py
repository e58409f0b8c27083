"""Who handed in what: one notebook or Python file for each student, found in a folder.

Nothing in such a folder is trusted: neither names nor links nor kinds of files. What is not graded
is told, with the reason, and stops nothing.
"""

from __future__ import annotations

import hashlib
import os
import stat
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from cnnlab.grading.loading import LETTERS, without_outputs
from cnnlab.shapes import words

__all__ = ["Collected", "CollectionError", "LeftOut", "Submission", "collect"]

KINDS = (".py", ".ipynb")
LARGEST = 200_000_000  # bytes of a file that is looked into; a notebook may hold large outputs
LONGEST = 150  # bytes of the name of a result, to which ".html" comes
ELSEWHERE = set('/\\:*?"<>|')  # what some system takes for more than a letter
DEVICES = {
    "con",
    "prn",
    "aux",
    "nul",
    *(f"{name}{k}" for name in ("com", "lpt") for k in range(10)),
}
OURS = {"index"}  # results that are about all students
TOOLS = ("__pycache__", "__MACOSX")  # folders that tools leave


class CollectionError(ValueError):
    """There is nothing to grade; the message says what to pass."""


class TooLargeError(CollectionError):
    """A submission that is too large; the message says how large it is."""


class Submission(NamedTuple):
    """What one student handed in.

    Attributes
    ----------
    student : str
        The name of the file without its ending, or that of the folder that it is in.
    file : str
        The file, as seen from the folder of all submissions.
    path : Path
        Where it is.
    digest : str
        SHA-256 of its bytes, in hexadecimal digits.
    """

    student: str
    file: str
    path: Path
    digest: str

    def read(self) -> bytes:
        """Return its bytes, which must still be those that were collected."""
        content = _content(self.path)
        if hashlib.sha256(content).hexdigest() != self.digest:
            raise CollectionError(
                f"grade: {self.file} is not what it was when grading began; see who writes into "
                f"the folder of the submissions, and grade again."
            )
        return content


class LeftOut(NamedTuple):
    """What is not graded, and why.

    Attributes
    ----------
    place : str
        The file or folder, as seen from the folder of all submissions.
    reason : str
        Why, and what would help.
    student : str
        Who has no score because of it; empty if nobody is concerned.
    """

    place: str
    reason: str
    student: str = ""


class Collected(NamedTuple):
    """All that was found in a folder.

    Attributes
    ----------
    submissions : list of Submission
        One for each student, by name.
    left_out : list of LeftOut
        Everything else.
    """

    submissions: list[Submission]
    left_out: list[LeftOut]


def collect(place: Path, *, apart_from: Path | None = None) -> Collected:
    """Find the submissions in a folder.

    A notebook or Python file is named after its student; so is a folder that holds one such file,
    however deep. Hidden files, folders of checkpoints and links are left out.

    Parameters
    ----------
    place : Path
        The folder, or the file of one student.
    apart_from : Path, optional
        A folder that may be in it and holds no submissions: that of the results.

    Returns
    -------
    collected : Collected
        Submissions, and what was left out.

    Raises
    ------
    CollectionError
        If there is no such folder, or no submission in it.
    """
    if not place.exists():
        raise CollectionError(
            f"grade: there is no folder {words.brief(str(place))} (seen from {Path.cwd()}); pass "
            f"the folder that holds the notebooks and .py files of the students."
        )
    results = os.path.realpath(apart_from) if apart_from else None
    if os.path.realpath(place) == results:
        raise CollectionError(
            f"grade: {words.brief(str(place))} holds the submissions, and results would lie among "
            f"them; pass another folder for the results, as results/."
        )
    found: dict[str, list[tuple[str, Path]]] = defaultdict(list)
    left_out: list[LeftOut] = []
    top = place if place.is_dir() else place.parent
    for path in sorted(place.iterdir()) if place.is_dir() else [place]:
        if os.path.realpath(path) == results:
            continue
        reason = _no_submission(path)
        if reason:
            left_out.append(LeftOut(path.name, reason))
            continue
        student = path.name if path.is_dir() else path.stem
        files = list(_files_in(path, left_out)) if path.is_dir() else [path]
        if not files:
            reason = "holds no notebook and no .py file"
            left_out.append(LeftOut(path.name, reason, student.strip()))
        found[_alike(student)] += [(student.strip(), file.relative_to(top)) for file in files]
    submissions = [one for files in found.values() for one in _of_student(top, files, left_out)]
    if not submissions and not any(one.student for one in left_out):
        raise CollectionError(
            f"grade: there is no submission in {words.brief(str(place))}; pass a folder that holds "
            f"a notebook or a .py file for each student, as student-001.ipynb."
        )
    return Collected(sorted(submissions), left_out)


def _no_submission(path: Path) -> str:
    """Return why a file or folder is none; nothing if it may be one."""
    if path.name.startswith("."):
        return "is hidden"
    if path.name in TOOLS:
        return "was left by a tool"
    if path.is_symlink():
        return "is a link, and links are not followed; put the file itself there"
    if path.is_dir():
        return ""
    if not path.is_file():
        return "is no regular file"
    if path.suffix.lower() not in KINDS:
        return "is neither a notebook nor a .py file"
    return "" if path.stem.strip() else "has no name; name it after its student"


def _files_in(folder: Path, left_out: list[LeftOut]) -> Iterator[Path]:
    """Go through the notebooks and Python files in the folder of a student."""
    for place, folders, files in os.walk(folder):
        here = Path(place)
        for name in sorted(folders + files):
            reason = _no_submission(here / name)
            if reason:
                left_out.append(LeftOut(str((here / name).relative_to(folder.parent)), reason))
            elif name in files:
                yield here / name
        folders[:] = sorted(name for name in folders if not _no_submission(here / name))


def _alike(student: str) -> str:
    """Return what two names have in common that some systems do not tell apart."""
    return unicodedata.normalize("NFC", student.strip()).casefold()


def _of_student(
    top: Path, files: list[tuple[str, Path]], left_out: list[LeftOut]
) -> Iterator[Submission]:
    """Give the one submission of a student; of several none, for nobody can say which counts."""
    if len(files) > 1:
        student = files[0][0]
        names = ", ".join(str(file) for _, file in files)
        reason = f"{len(files)} files of one student; leave the one that counts"
        left_out.append(LeftOut(names, reason, student))
        return
    for student, file in files:
        try:
            content = _content(top / file)
            _check_size(len(without_outputs(file.name, content)), LETTERS, " without its outputs")
        except TooLargeError as error:
            left_out.append(LeftOut(str(file), str(error), student))
            continue
        except (OSError, CollectionError) as error:
            why = getattr(error, "strerror", None) or str(error)
            left_out.append(LeftOut(str(file), f"cannot be read: {why}", student))
            continue
        digest = hashlib.sha256(content).hexdigest()
        yield Submission(student, str(file), top / file, digest)


def _content(path: Path) -> bytes:
    """Return the bytes of a regular file that is not too large."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise CollectionError("it is no regular file")
        _check_size(found.st_size, LARGEST)
        return file.read(LARGEST + 1)


def _check_size(size: int, most: int, of: str = "") -> None:
    if size > most:
        raise TooLargeError(
            f"no score, too large: it has {size / 1e6:,.1f} MB{of}, and a submission may have "
            f"{most / 1e6:g} MB"
        )


def result_name(student: str) -> str:
    """Return how the results of a student are called, without an ending.

    It is the student's name wherever every system takes that for the name of a file, and nothing
    but a name. Else letters are replaced, and a piece of a digest keeps it apart from others.
    """
    plain = "".join("_" if _odd(letter) else letter for letter in student)
    plain = plain.lstrip(".").rstrip(". ") or "_"
    while len(plain.encode()) > LONGEST:
        plain = plain[:-1]
    stem = plain.partition(".")[0].strip().casefold()
    if plain == student and stem not in DEVICES and _alike(plain) not in OURS:
        return student
    digest = hashlib.sha256(student.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{plain}-{digest[:8]}"


def _odd(letter: str) -> bool:
    """Tell whether a character has no place in the name of a file."""
    return letter in ELSEWHERE or unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp")
