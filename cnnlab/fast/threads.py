"""Threads: when a second one is worth it, who helps, and who sleeps.

A kernel does the items `first` to `last` of its work, in one thread and without Python's lock.
What an item is, its wrapper says: an image, a plane, a block of rows. An item owns its outputs, and
its sums do not depend on which thread takes it, so the results are the same bits for every number
of threads. How they share a call is in `cnnlab.fast.team`.

Helpers are threads of Python that are inside compiled code while they are awake. After a call they
stay awake for a while, because the next call often comes at once; then they sleep until they are
called. A call never waits for somebody to wake up.
"""

import atexit
import os
import threading
import time
from contextlib import suppress

import numba
from numba.np.ufunc import parallel

from cnnlab.fast import team

# Less than this is done before a helper has seen that there is something to do.
WORTH_SHARING = 15_000  # nanoseconds

# Less than this is done before a helper that sleeps has woken up.
WORTH_WAKING = 60_000

# So long a helper looks out for work, and so long again it still does where no other program wants
# its processor. Then it sleeps.
ALERT = 1_000_000
DROWSY = 8_000_000

# A helper that found nothing to do looks out for a shorter time after it is woken again.
SHORTER = 4
SHORTEST = 256  # times shorter

# So many calls at most go without helpers after they had to wait for one.
LONGEST_PENALTY = 31

# So long the end of Python waits for a helper: on a busy machine it may still be loading its code.
LAST_WORDS = 10  # seconds

# Several portions for each thread: one that other programs hold up then has less to do. But none
# so small that preparing it would take longer than doing it.
PORTIONS = 4
PORTION = 10_000


def share(kernel, items, nanoseconds, *arguments):
    """Run `kernel(first, last, *arguments)` until all `items` are done.

    `nanoseconds` is a guess of what one thread would need for all of it.
    """
    if numba.config.DISABLE_JIT:
        kernel(0, items, *arguments)
        return
    seats, size = 0, items
    if nanoseconds > WORTH_SHARING:
        threads = min(thread_count(), items)
        portions = min(max(int(nanoseconds // PORTION), threads), PORTIONS * threads)
        size = -(-items // portions) if items else 1
        seats = crew.call(threads - 1, nanoseconds)
    drive = team.driver(kernel)
    failed = drive(crew.job, items, size, seats, *arguments)
    if seats > 0:
        crew.learn()
    if failed:
        raise MemoryError(
            f"{kernel.py_func.__name__}: no memory for what a thread lays out; "
            f"pass fewer samples at a time."
        )


def thread_count():
    """Return how many threads a kernel may use: what `numba.set_num_threads` said last.

    Until it was called, the environment variable NUMBA_NUM_THREADS, or else every processor.
    """
    # Asking numba.get_num_threads() before would start threads of Numba's that nobody needs.
    return numba.get_num_threads() if parallel._is_initialized else numba.config.NUMBA_NUM_THREADS


class Crew:
    """The helpers of a process, and the job in which they take part."""

    def __init__(self):
        self.job = team.new_job()
        self.helpers = []
        self.alone, self.penalty = 0, 0  # so many calls go without helpers, now and the next time

    def call(self, count, nanoseconds):
        """Return how many helpers may take part, and wake them if that is worth it."""
        if self.alone > 0:
            self.alone -= 1
            return 0
        if nanoseconds < WORTH_WAKING:
            return count
        while len(self.helpers) < count:
            self.helpers.append(Helper(self.job))
        for helper in self.helpers[:count]:
            if helper.asleep:
                helper.wake()
        return count

    def learn(self):
        """Go without helpers for some calls, after one that had to wait for a helper too long.

        Then other programs have the processor that the helper would need.
        """
        if self.job[team.WAITED] > self.job[team.WORKED]:
            self.penalty = min(2 * self.penalty + 1, LONGEST_PENALTY)
            self.alone = self.penalty
        else:
            self.penalty = max(self.penalty - 1, 0)

    def dismiss(self):
        """End all helpers: they must not look into memory that the end of Python takes away."""
        self.job[team.STOP] = 1
        for helper in self.helpers:
            helper.wake()
        for helper in self.helpers:
            helper.thread.join(LAST_WORDS)


class Helper:
    """A thread that looks out for work for a while, then sleeps until it is woken."""

    def __init__(self, job):
        self.job, self.bell, self.asleep = job, threading.Lock(), False
        self.bell.acquire()
        self.thread = threading.Thread(target=self._run, name="cnnlab", daemon=True)
        self.thread.start()

    def wake(self):
        """End the sleep, or the next one."""
        with suppress(RuntimeError):  # somebody else has rung just before
            self.bell.release()

    def _run(self):
        pauses, turns = how_often(ALERT, 1, 0), how_often(DROWSY, 0, 1)
        shorter = 1
        while not self.job[team.STOP]:
            jobs = team.serve(self.job, max(pauses // shorter, 1), turns // shorter)
            shorter = 1 if jobs else min(SHORTER * shorter, SHORTEST)
            self.asleep = True
            self.bell.acquire()
            self.asleep = False


def how_often(nanoseconds, alert, drowsy, trial=1000):
    """Return how many pauses (alert) or turns (drowsy) of a helper take that time."""
    shortest, job = nanoseconds, team.new_job()
    for _ in range(9):  # the first call loads code; in others, the thread may be held up
        begin = time.perf_counter_ns()
        team.serve(job, alert * trial, drowsy * trial)
        shortest = min(shortest, time.perf_counter_ns() - begin)
    return nanoseconds * trial // max(shortest, 1)


crew = Crew()
atexit.register(lambda: crew.dismiss())


def _after_fork_in_child():
    """Forget the helpers: a forked process has none of its parent's threads."""
    global crew
    crew = Crew()


if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(after_in_child=_after_fork_in_child)
