"""One run at a time of a script that takes long and rewrites a file of results."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from cnnlab.files import BusyError, held


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
    with ExitStack() as stack:
        try:
            stack.enter_context(held(file.with_name(f"{file.name}.lock")))
        except BusyError as error:
            raise RuntimeError(
                f"{script}: another run is at work on {file.name}, and each would write over what "
                f"the other one found; wait until it has ended, then start again."
            ) from error
        yield
