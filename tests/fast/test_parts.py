"""Parts of kernels: machine code is made of what Python calls, and only there."""

import numba
import numpy as np
import pytest

from cnnlab.fast.jit import FASTMATH, kernel_in_order, part_of_kernel

pytestmark = pytest.mark.skipif(numba.config.DISABLE_JIT, reason="nothing is compiled")


def sum_of(numbers):
    total = numbers.dtype.type(0)
    for number in numbers:
        total += number
    return total


def code_of(function, numbers):
    """Return how a function is called inside LLVM, and whether there is machine code of it."""
    version = function.overloads[(numba.typeof(numbers),)]
    name = version.fndesc.llvm_func_name
    return version.library, version.library.codegen._engine.is_symbol_defined(name)


def test_a_part_has_no_machine_code_but_its_caller_has():
    part = part_of_kernel(sum_of)
    caller = numba.njit(fastmath=FASTMATH)(lambda numbers: 2 * part(numbers))
    numbers = np.arange(10.0)
    assert caller(numbers) == 90
    library, runs = code_of(part, numbers)
    assert not runs
    assert "fadd" in library.get_llvm_str()
    assert code_of(caller, numbers)[1]


def test_a_part_is_optimized_with_its_caller():
    """Sums that may be reordered fill vector registers there."""
    part = part_of_kernel(sum_of)
    caller = numba.njit(fastmath=FASTMATH)(lambda numbers: part(numbers))
    numbers = np.arange(10, dtype=np.float32)
    caller(numbers)
    assert " x float>" in code_of(caller, numbers)[0].get_llvm_str()
    assert " x float>" not in code_of(part, numbers)[0].get_llvm_str()


def test_a_part_keeps_its_own_rules_for_sums():
    """What must be computed as it is written is so inside a caller that may reorder, too."""
    in_order = kernel_in_order(sum_of)
    caller = numba.njit(fastmath=FASTMATH)(lambda numbers: in_order(numbers))
    numbers = np.arange(10, dtype=np.float32)
    caller(numbers)
    assert "fadd reassoc" not in code_of(caller, numbers)[0].get_llvm_str()
