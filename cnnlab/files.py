"""Files that are there as a whole or not at all."""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["OLD", "BusyError", "forget_unfinished", "held", "unfinished", "write_whole"]

OLD = 86_400  # seconds after which an unfinished file is nobody's any more


def write_whole(path: Path, content: bytes, *, sync: bool = False) -> None:
    """Write a file under another name beside its place, then give it its own.

    Whatever ends the process meanwhile, the file that was there before is still there. With `sync`
    it survives a machine that stops, too. Whoever may read the old file may read the new one.
    """
    path = Path(os.path.realpath(path))  # not the link, but what it leads to
    prefix = unfinished(path)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=prefix)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            if sync:
                file.flush()
                os.fsync(file.fileno())
        os.chmod(temporary, _mode(path))
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):  # it may have its own name already
            os.unlink(temporary)
        raise
    forget_unfinished(path.parent, prefix)


def unfinished(path: Path) -> str:
    """Return how the names of what is not yet this file begin."""
    return f".{path.name[:40]}-unfinished-"


def _mode(path: Path) -> int:
    """Return the rights of the old file, or those that new files get."""
    with suppress(OSError):
        return path.stat().st_mode & 0o7777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def forget_unfinished(folder: Path, prefix: str, *, age: float = OLD) -> None:
    """Delete what a process left that was killed, `age` seconds ago or more."""
    for path in folder.iterdir():
        if path.name.startswith(prefix):
            with suppress(OSError):
                if time.time() - path.stat().st_mtime >= age:
                    path.unlink()


class BusyError(Exception):
    """Somebody else is at work."""


@contextmanager
def held(place: Path, *, again: bool = False) -> Iterator[None]:
    """Keep others out as long as a file is locked; a process that ends, or is killed, lets go.

    With `again` who holds it may ask for it once more, in the same thread. Raises `BusyError` if
    another holds it, and OSError if it cannot be written.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(place, timeout=0, is_singleton=again)
    try:
        lock.acquire()
    except Timeout as error:
        raise BusyError from error
    try:
        yield
    finally:
        if lock.lock_counter == 1:
            with suppress(OSError):  # Windows keeps a file that is open; the next one uses it
                place.unlink()
        lock.release()
