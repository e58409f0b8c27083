"""One run at a time of a script that takes long and rewrites a file of results."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout


@contextmanager
def only_run(script: str, file: Path) -> Iterator[None]:
    """Refuse a second run that would write the same file; one that ends, or is killed, lets go.

    Parameters
    ----------
    script : str
        Name of the script, for the message.
    file : Path
        What both would write.

    Raises
    ------
    RuntimeError
        If another run is at work.
    """
    place = file.with_name(f"{file.name}.lock")
    lock = FileLock(place, timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise RuntimeError(
            f"{script}: another run is at work on {file.name}, and each would write over what the "
            f"other one found; wait until it has ended, then start again."
        ) from error
    try:
        yield
    finally:
        with suppress(OSError):  # Windows keeps a file that is open; the next run uses it
            place.unlink()
        lock.release()
