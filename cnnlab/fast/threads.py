"""A pool of threads that take portions in turn: how the work of a kernel is shared.

A kernel does the items `first` to `last` of its work, in one thread and without Python's lock.
What an item is, its wrapper says: an image, a plane, a block of rows. An item owns its outputs, and
its sums do not depend on which thread takes it, so the results are the same bits for every number
of threads.
"""

import os
import threading

import numba
from numba.np.ufunc import parallel

# Less than this is done before another thread has woken up. It would not have to be waited for, but
# a thread that is always too late sleeps deeper; one that is waited for is awake the next time.
WORTH_SHARING = 300_000  # nanoseconds

# Several portions for each thread: one that other programs hold up then has less to do. But none
# so small that preparing it would take longer than doing it.
PORTIONS = 4
PORTION = 30_000  # nanoseconds


def share(kernel, items, nanoseconds, *arguments):
    """Run `kernel(first, last, *arguments)` until all `items` are done.

    `nanoseconds` is a guess of what one thread would need for all of it.
    """
    threads = min(thread_count(), items) if nanoseconds > WORTH_SHARING else 1
    # One call at a time has helpers; others that come meanwhile do their work themselves.
    if threads < 2 or not _helpers_are_free.acquire(blocking=False):
        kernel(0, items, *arguments)
        return
    try:
        portions = min(max(int(nanoseconds // PORTION), threads), PORTIONS * threads)
        size = -(-items // portions)
        begins = iter(range(0, items, size))  # threads take from it in turn

        def work():
            for first in begins:
                kernel(first, min(first + size, items), *arguments)

        while len(_helpers) < threads - 1:
            _helpers.append(Helper())
        helpers = _helpers[: threads - 1]
        for helper in helpers:
            helper.start(work)
        try:
            work()
        finally:
            errors = [helper.finish() for helper in helpers]
        for error in filter(None, errors):
            raise error
    finally:
        _helpers_are_free.release()


def thread_count():
    """Return how many threads a kernel may use: what `numba.set_num_threads` said last.

    Until it was called, the environment variable NUMBA_NUM_THREADS, or else every processor.
    """
    # Asking numba.get_num_threads() before would start threads of Numba's that nobody needs.
    return numba.get_num_threads() if parallel._is_initialized else numba.config.NUMBA_NUM_THREADS


class Helper:
    """A thread that sleeps until it gets work, and says when it is done.

    With two locks and nothing else, because waking it this way takes a third of the time that a
    pool of threads from the standard library takes, and a small layer takes no longer itself.
    """

    def __init__(self):
        self._begin, self._end = threading.Lock(), threading.Lock()
        self._begin.acquire()
        self._end.acquire()
        threading.Thread(target=self._run, name="cnnlab", daemon=True).start()

    def start(self, work):
        """Begin to call `work()`."""
        self._work, self._error = work, None
        self._begin.release()

    def finish(self):
        """Wait until the call has ended; return the exception it ended with, if any."""
        self._end.acquire()
        error, self._work, self._error = self._error, None, None
        return error

    def _run(self):
        while True:
            self._begin.acquire()
            try:
                self._work()
            except BaseException as error:  # it is raised in the thread that called
                self._error = error
            self._end.release()


_helpers = []
_helpers_are_free = threading.Lock()


def _after_fork_in_child():
    """Forget the helpers: a forked process has none of its parent's threads."""
    global _helpers, _helpers_are_free
    _helpers, _helpers_are_free = [], threading.Lock()


if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(after_in_child=_after_fork_in_child)
