"""How every kernel is compiled, and in which layout it meets its arrays."""

import contextlib
import functools
import os
import threading

# Threads that wait must sleep. By default they spin, and on a machine with other work to do the
# spinning takes the processor from the thread they wait for: training became ten times slower.
# The OpenMP library reads this when it is loaded, so it is set before Numba; a setting of the
# user's own stands.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import numba
import numpy as np

# Sums may be reordered and contracted, so that they fill vector registers. NaN and infinity in an
# array keep their meaning: plain fastmath=True would fold tests for them to False. Only what
# overflows on the way may end as another NaN or infinity than in the loops. Divisions stay
# divisions (no "arcp"): a mean is then the same to the bit as in the loops.
FASTMATH = {"reassoc", "contract", "nsz"}

# An exception inside a parallel loop is lost, so bounds are checked in serial kernels.
PARALLEL = not numba.config.BOUNDSCHECK


def kernel(function):
    """Compile a kernel that works in one thread."""
    return numba.njit(cache=True, error_model="numpy", fastmath=FASTMATH)(function)


def kernel_in_order(function):
    """Compile a kernel that works in one thread and computes as it is written.

    For formulas that are arranged against cancellation: Z - largest - log(total) is not
    Z - (largest + log(total)) when the scores are large.
    """
    return numba.njit(cache=True, error_model="numpy")(function)


class OneAtATime:
    """A parallel kernel that Python threads enter one after the other.

    Each call uses all processors anyway, and `workqueue`, the way to share loops among threads
    where OpenMP is missing, ends the process when two calls overlap.
    """

    _turn = threading.Lock()  # one for all kernels
    _stranded = False  # in a process forked from one in which OpenMP has threads

    def __init__(self, compiled):
        self.compiled = compiled
        functools.update_wrapper(self, compiled)

    def __call__(self, *arguments):
        """Run the kernel when no other is running."""
        if self._stranded:
            raise RuntimeError(
                f"cnnlab.fast: this process was forked after a compiled operation had run, and "
                f"OpenMP would end it at {self.compiled.__name__}; start processes with "
                f'multiprocessing.get_context("spawn").'
            )
        with self._turn:
            self.compiled(*arguments)

    @property
    def signatures(self):
        """Types that the kernel has been compiled for."""
        return self.compiled.signatures


def _after_fork_in_child():
    OneAtATime._turn = threading.Lock()  # another thread may have held it
    with contextlib.suppress(ValueError):  # no parallel kernel has run
        OneAtATime._stranded = numba.threading_layer() == "omp"


if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(after_in_child=_after_fork_in_child)


def parallel_kernel(function):
    """Compile a kernel whose `prange` loops are shared among threads."""
    return OneAtATime(
        numba.njit(cache=True, error_model="numpy", fastmath=FASTMATH, parallel=PARALLEL)(function)
    )


def contiguous(array):
    """Return the array in the one layout that kernels are compiled for; copy only if it differs."""
    return np.require(array, requirements=["C_CONTIGUOUS", "ALIGNED", "WRITEABLE"])
