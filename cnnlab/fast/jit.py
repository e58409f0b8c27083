"""Compilation by Numba: the options of every kernel, and the layout in which it meets its arrays.

Compiled kernels are kept in `__pycache__`. Numba compiles one again when its own file has changed,
and does not see changes in files whose kernels or constants it uses: after editing a file of
`cnnlab/fast` that others of the folder import from (`jit`, `tiles`, `layout`, `elementary`,
`activations`), delete `cnnlab/fast/__pycache__`.
"""

import numba
import numpy as np

# Sums may be reordered and contracted, so that they fill vector registers. NaN and infinity in an
# array keep their meaning: plain fastmath=True would fold tests for them to False. Only what
# overflows on the way may end as another NaN or infinity than in the loops. Divisions stay
# divisions (no "arcp"): a mean is then the same to the bit as in the loops.
FASTMATH = {"reassoc", "contract", "nsz"}

# Compiled code computes with infinity and NaN and says nothing; so it shall when interpreted.
SILENT = np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore")


def kernel(function):
    """Compile a kernel; other threads of Python run beside it."""
    return _compile(function, fastmath=FASTMATH)


def kernel_in_order(function):
    """Compile a kernel that computes as it is written.

    For formulas that are arranged against cancellation: Z - largest - log(total) is not
    Z - (largest + log(total)) when the scores are large.
    """
    return _compile(function)


def _compile(function, **options):
    if numba.config.DISABLE_JIT:
        return SILENT(function)
    return numba.njit(cache=True, error_model="numpy", nogil=True, **options)(function)


def contiguous(array):
    """Return the array in the one layout that kernels are compiled for; copy only if it differs."""
    if array.flags.carray:  # C-contiguous, aligned and writable
        return array
    return np.require(array, requirements=["C_CONTIGUOUS", "ALIGNED", "WRITEABLE"])
