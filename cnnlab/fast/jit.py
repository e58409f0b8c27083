"""Compilation by Numba: the options of every kernel, and the layout in which it meets arrays."""

import warnings

import numba
import numpy as np
from numba.core.ccallback import CFunc

from cnnlab.fast.cache import KernelCache
from cnnlab.fast.parts import PartCompiler, PartOfKernel

# Sums may be reordered and contracted, so that they fill vector registers. NaN and infinity in an
# array keep their meaning: plain fastmath=True would fold tests for them to False. Only what
# overflows on the way may end as another NaN or infinity than in the loops. Divisions stay
# divisions (no "arcp"): a mean is then the same to the bit as in the loops.
FASTMATH = {"reassoc", "contract", "nsz"}

# Compiled code computes with infinity and NaN and says nothing; so it shall when interpreted.
SILENT = np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore")

OPTIONS = {"error_model": "numpy", "nogil": True}


def kernel(function):
    """Compile a kernel: it does items of its work, and is run by `cnnlab.fast.threads.share`."""
    return part_of_kernel(function)


def kernel_in_order(function):
    """Compile a kernel that computes as it is written.

    For formulas that are arranged against cancellation: Z - largest - log(total) is not
    Z - (largest + log(total)) when the scores are large.
    """
    return _part(function, fastmath=False)  # said, or it would be as in what calls it


def part_as_written(function):
    """Compile a part in whose formulas nothing is reordered, but a product and a sum may be one."""
    return _part(function, fastmath={"contract"})


def part_of_kernel(function):
    """Compile a function that kernels call, and Python never does."""
    return _part(function, fastmath=FASTMATH)


def _part(function, **options):
    compiled = _compile(function, no_cpython_wrapper=True, pipeline_class=PartCompiler, **options)
    if not numba.config.DISABLE_JIT:
        compiled.__class__ = PartOfKernel
    return compiled


def function_of_python(function):
    """Compile a function that Python calls itself, in one thread."""
    return compile_kernel(function, name_of(function), fastmath=FASTMATH)


def compile_kernel(function, name, **options):
    """Compile what Python calls, and keep it under that name."""
    compiled = _compile(function, **options)
    if not numba.config.DISABLE_JIT:
        compiled._cache = KernelCache(name)
    return compiled


def _compile(function, **options):
    _warn_if_loaded_again(function)
    if numba.config.DISABLE_JIT:
        return SILENT(function)
    return numba.njit(no_cfunc_wrapper=True, **OPTIONS, **options)(function)


def name_of(function):
    """Return a name for the compiled versions of a function, with the numbers it closes over."""
    numbers = [str(int(cell.cell_contents)) for cell in function.__closure__ or ()]
    name = f"{function.__module__}.{function.__qualname__.replace('<locals>.', '')}"
    return "-".join([name, *numbers])


def _warn_if_loaded_again(function):
    """Say that kernels in memory stay as they are (IPython's %autoreload loads modules again)."""
    if "<locals>" in function.__qualname__ or not function.__module__.startswith(PACKAGE):
        return  # made anew in every call, or by somebody who tries something
    name = name_of(function)
    if name in LOADED:
        warnings.warn(
            f"{function.__module__} was loaded again; kernels that are compiled already keep the "
            f"code they have. Restart Python to run the new code.",
            RuntimeWarning,
            stacklevel=4,
        )
    LOADED.add(name)


PACKAGE = "cnnlab.fast."
LOADED: set[str] = set()


def callback(function, arguments, name):
    """Return the address of a function without a result, compiled for arguments of these types."""
    compiled = CFunc(function, (arguments, numba.types.void), {}, {"fastmath": FASTMATH, **OPTIONS})
    compiled._cache = KernelCache(name)
    compiled.compile()
    CALLBACKS.append(compiled)  # its machine code lives as long as it does
    return compiled.address


CALLBACKS: list[CFunc] = []


def contiguous(array: np.ndarray) -> np.ndarray:
    """Return the array in the one layout that kernels are compiled for; copy only if it differs."""
    if array.flags.carray:  # C-contiguous, aligned and writable
        return array
    return np.require(array, requirements=["C_CONTIGUOUS", "ALIGNED", "WRITEABLE"])
