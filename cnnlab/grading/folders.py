"""Temporary folders that are deleted by the next grader if theirs was killed.

A folder holds a file that its grader has locked. The kernel lets go of a lock when its process is
dead, however it died: so who gets the lock has the proof that the folder is nobody's any more.
"""

from __future__ import annotations

import functools
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows, where no submission is run
    fcntl = None  # type: ignore[assignment]

__all__ = ["TemporaryPlace", "forget_dead", "temporary_folder"]

PREFIX = "cnnlab-"
LOCK = "owner.lock"


class TemporaryPlace:
    """A new folder that is this process's own until it is removed.

    Parameters
    ----------
    prefix : str
        How its name begins.

    Attributes
    ----------
    path : Path
        Where it is.
    """

    def __init__(self, prefix: str = PREFIX) -> None:
        _forget_once()
        self.path = Path(tempfile.mkdtemp(prefix=prefix)).resolve()
        self._lock = -1
        if fcntl is not None:
            # It gets its name when it is locked: nobody can find it unlocked before.
            unnamed = self.path / f"{LOCK}-new"
            self._lock = os.open(unnamed, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            unnamed.rename(self.path / LOCK)

    def remove(self) -> None:
        """Delete it with all that is in it; a second time does nothing."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


@contextmanager
def temporary_folder(prefix: str = PREFIX) -> Iterator[Path]:
    """Make a folder, and delete it at the end."""
    place = TemporaryPlace(prefix)
    try:
        yield place.path
    finally:
        place.remove()


@functools.cache
def _forget_once() -> None:
    forget_dead()


def forget_dead() -> list[str]:
    """Delete the folders of graders that are dead; of this user only.

    Returns
    -------
    names : list of str
        Of the folders that were deleted.
    """
    if fcntl is None:
        return []
    root = Path(tempfile.gettempdir())
    return [
        path.name for path in sorted(root.glob(f"{PREFIX}*")) if _is_own(path) and _forgotten(path)
    ]


def _is_own(path: Path) -> bool:
    """Tell whether it is a folder of this user, and no link to one."""
    with suppress(OSError):
        about = path.lstat()
        return stat.S_ISDIR(about.st_mode) and about.st_uid == os.geteuid()
    return False


def _forgotten(path: Path) -> bool:
    """Delete a folder if its lock can be had: then its grader is dead."""
    try:
        lock = os.open(path / LOCK, os.O_RDWR | os.O_NOFOLLOW)
    except OSError:  # none of a grader, or none of ours
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    else:
        shutil.rmtree(path, ignore_errors=True)
        return True
    finally:
        os.close(lock)
