"""How every kernel is compiled, and in which layout it meets its arrays."""

import os

# Threads that wait must sleep. By default they spin, and on a machine with other work to do the
# spinning takes the processor from the thread they wait for: training became ten times slower.
# The OpenMP library reads this when it is loaded, so it is set before Numba; a setting of the
# user's own stands.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import numba
import numpy as np

# Sums may be reordered and contracted, so that they fill vector registers. NaN and infinity keep
# their meaning: plain fastmath=True would fold tests for them to False.
FASTMATH = {"reassoc", "contract", "arcp", "nsz"}

# An exception inside a parallel loop is lost, so bounds are checked in serial kernels.
PARALLEL = not numba.config.BOUNDSCHECK


def kernel(function):
    """Compile a kernel that works in one thread."""
    return numba.njit(cache=True, error_model="numpy", fastmath=FASTMATH)(function)


def parallel_kernel(function):
    """Compile a kernel whose `prange` loops are shared among threads."""
    return numba.njit(cache=True, error_model="numpy", fastmath=FASTMATH, parallel=PARALLEL)(
        function
    )


def contiguous(array):
    """Return the array in the one layout that kernels are compiled for; copy only if it differs."""
    return np.require(array, requirements=["C_CONTIGUOUS", "ALIGNED", "WRITEABLE"])
