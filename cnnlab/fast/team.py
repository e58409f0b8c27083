"""A team of threads in compiled code: how the items of one call of a kernel are shared.

All of it is one array of integers, the *job*, that is read and written by atomic operations alone.
The caller writes down what there is to do and opens the job. Whoever of the helpers is awake takes
a seat, and from then on all take portions in turn until none is left. The caller closes the job and
waits for those who took a seat; nobody else is ever waited for. Waiting is done here, in compiled
code, where no exception of Python (an interrupt, an alarm) can come between.
"""

import ctypes
import functools
import sys

import numpy as np

from cnnlab.fast import atomics
from cnnlab.fast.jit import compile_kernel, function_of_python, name_of, part_of_kernel

# Slots of the job, each in a cache line of its own where threads write at the same time.
STATE, NEXT, OWNER = 0, 16, 32  # who takes part; the next item; whether a call uses the team
ITEMS, SIZE, CODE, DATA, FAILED, WORKED, WAITED = 48, 49, 50, 51, 52, 53, 54
STOP, YIELD = 64, 65  # written once: whether helpers shall end; where `_yield_address` is
SLOTS = 80

# The state counts threads that take part in its low bits, free seats in the next, and above them
# the jobs there were, so that nobody takes a seat in a job that is over.
SEAT, EPOCH = 2**16, 2**32
TAKING_PART, FREE_SEATS = SEAT - 1, EPOCH - SEAT

# So often a caller pauses before it lets other programs run, one of which may hold a helper up.
PAUSES_BEFORE_YIELD = 200


def new_job():
    """Return a job that nobody has opened."""
    job = np.zeros(SLOTS, np.int64)
    job[YIELD] = _yield_address()
    return job


def _yield_address():
    """Return where the function of the operating system is that lets other programs run."""
    if sys.platform == "win32":
        function = ctypes.WinDLL("kernel32").SwitchToThread
    else:
        function = ctypes.CDLL(None).sched_yield
    return ctypes.cast(function, ctypes.c_void_p).value


@functools.cache
def driver(kernel):
    """Return the compiled function that runs a kernel with the team, or alone if it is taken.

    ``drive(job, items, size, seats, *arguments)`` does all items, `size` of them at a
    time, with at most `seats` helpers, and returns whether memory ran out.
    """

    def drive(job, items, size, seats, *arguments):
        # One call at a time has helpers; others that come meanwhile do their work themselves.
        if seats < 1 or not atomics.replace(job, OWNER, 0, 1):
            kernel(0, items, *arguments)
            return False
        code, data = atomics.hand_out(kernel, arguments)
        begin = atomics.ticks()
        open_job(job, items, size, seats, code, data)
        take_portions(job)
        end = atomics.ticks()
        close_job(job)
        atomics.store(job, WORKED, end - begin)
        atomics.store(job, WAITED, atomics.ticks() - end)
        failed = atomics.load(job, FAILED) != 0
        atomics.store(job, OWNER, 0)
        return failed

    return compile_kernel(drive, name_of(kernel.py_func))


@part_of_kernel
def open_job(job, items, size, seats, code, data):
    """Write down what there is to do; then helpers may take a seat."""
    atomics.store(job, ITEMS, items)
    atomics.store(job, SIZE, size)
    atomics.store(job, CODE, code)
    atomics.store(job, DATA, data)
    atomics.store(job, FAILED, 0)
    atomics.store(job, NEXT, 0)
    epoch = atomics.load(job, STATE) // EPOCH % (EPOCH // 4) + 1
    atomics.store(job, STATE, epoch * EPOCH + seats * SEAT)


@part_of_kernel
def close_job(job):
    """Let nobody in any more, and wait for those who are at work."""
    atomics.keep_bits(job, STATE, ~FREE_SEATS)
    pauses = 0
    while atomics.load(job, STATE) & TAKING_PART:
        pauses += 1
        if pauses < PAUSES_BEFORE_YIELD:
            atomics.pause()
        else:
            atomics.call_system(job[YIELD])


@part_of_kernel
def take_portions(job):
    """Do portions of the job until none is left."""
    items, size = atomics.load(job, ITEMS), atomics.load(job, SIZE)
    code, data = atomics.load(job, CODE), atomics.load(job, DATA)
    first = atomics.add(job, NEXT, size)
    while first < items:
        if atomics.do_items(code, data, first, min(first + size, items)) != 0:
            atomics.store(job, FAILED, 1)
        first = atomics.add(job, NEXT, size)


@function_of_python
def serve(job, alert, drowsy):
    """Take part in jobs until there was none for a while; return in how many.

    The while is so many pauses, in which the thread is `alert`, and then so many turns that it
    leaves to any other program that wants them, `drowsy`.
    """
    pauses, done, jobs = 0, -1, 0
    while pauses < alert + drowsy and atomics.load(job, STOP) == 0:
        state = atomics.load(job, STATE)
        if state & FREE_SEATS and state // EPOCH != done:
            if atomics.replace(job, STATE, state, state - SEAT + 1):
                done = state // EPOCH
                take_portions(job)
                atomics.add(job, STATE, -1)
                pauses = 0
                jobs += 1
        else:
            pauses += 1
            if pauses < alert:
                atomics.pause()
            else:
                atomics.call_system(job[YIELD])
    return jobs
