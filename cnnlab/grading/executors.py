"""Who grades: processes of this machine, or Dask's workers on this and others.

All of them are executors as `concurrent.futures` has them: ``submit(function, *arguments)`` returns
a future. Each is opened by ``with``, and ends at once what it does when an exception leaves that.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any

from cnnlab import __version__

__all__ = ["cluster", "here", "processes"]

SECONDS = 10  # in which a scheduler must answer
GRACE = 3  # seconds that a worker has to end a submission when its grader is gone


class _Here(Executor):
    """Does what it is given, at once, where it is called."""

    def submit(self, function: Callable[..., Any], /, *args: Any, **options: Any) -> Future[Any]:
        """Call the function; return a future that is done."""
        future: Future[Any] = Future()
        try:
            future.set_result(function(*args, **options))
        except Exception as error:
            future.set_exception(error)
        return future


@contextmanager
def here() -> Iterator[Executor]:
    """Grade in this process, one after another."""
    yield _Here()


@contextmanager
def processes(count: int) -> Iterator[Executor]:
    """Grade in so many processes of this machine."""
    before = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(
        count, mp_context=multiprocessing.get_context("spawn"), initializer=_begin
    )
    try:
        yield pool
    except BaseException:
        for worker in set(multiprocessing.active_children()) - before:
            worker.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _begin() -> None:
    """Let Ctrl-C to whoever started this process, who ends it, and end when that one is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _end)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end(number: int, frame: Any) -> None:
    # The pool takes the exception for the result of its task, and begins the next one.
    threading.Thread(target=_end_soon, daemon=True).start()
    raise SystemExit(128 + number)  # through every `with`: the submission's process ends too


def _end_soon() -> None:
    time.sleep(GRACE)
    os._exit(1)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)  # what is graded ends, and its process
        _end_soon()


@contextmanager
def cluster(address: str | None, count: int) -> Iterator[Executor]:
    """Grade on Dask's workers.

    Parameters
    ----------
    address : str or None
        That of a scheduler, as "tcp://10.0.0.1:8786". None starts a cluster on this machine.
    count : int
        So many workers the cluster on this machine has.

    Raises
    ------
    ImportError
        If Dask is not installed.
    OSError
        If no scheduler answers.
    ValueError
        If a worker has another version of cnnlab, or none.
    """
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise ImportError(
            "grade: a cluster needs dask.distributed, which is not installed; install it with "
            'pip install "cnnlab[cluster]", or ".[cluster]" in a copy of the project.'
        ) from error
    if address is None:
        with (
            LocalCluster(
                n_workers=count, threads_per_worker=1, dashboard_address=None, memory_limit=0
            ) as local,
            Client(local) as client,
        ):
            yield client.get_executor(pure=False)
        return
    try:
        client = Client(address, timeout=SECONDS)
    except (OSError, ValueError, TimeoutError) as error:
        raise OSError(
            f"grade: no scheduler answers at {address} ({error}); start one with `dask scheduler` "
            f"and workers with `dask worker ADDRESS`, and pass the address that it prints."
        ) from error
    with client:
        _same_everywhere(client)
        yield client.get_executor(pure=False)


def _same_everywhere(client: Any) -> None:
    """Refuse workers that would grade otherwise."""
    found = client.run(_version, on_error="return")
    other = {worker: version for worker, version in found.items() if version != __version__}
    for worker, version in other.items():
        raise ValueError(
            f"grade: the worker {worker} has {version!r} where cnnlab {__version__} is needed; "
            f"install that version on it and start it again."
        )
    if not found:
        raise ValueError(
            "grade: the scheduler has no workers; start some with `dask worker ADDRESS`, and grade "
            "again."
        )


def _version() -> str:
    return __version__
