"""What the kernels are handed: arrays in one layout, without a copy where none is needed."""

import warnings

import numba
import numpy as np
import pytest

from cnnlab.fast import jit
from cnnlab.fast.jit import contiguous


def layouts():
    array = np.arange(120.0).reshape(2, 3, 4, 5)
    read_only = array.copy()
    read_only.flags.writeable = False
    odd_address = np.zeros(array.nbytes + 1, np.uint8)[1:].view(array.dtype).reshape(array.shape)
    return {
        "as kernels want it": array,
        "empty": array[:0],
        "one image of a batch": array[1:],
        "every second row": array[:, :, ::2],
        "backwards": array[:, :, ::-1],
        "Fortran order": np.asfortranarray(array),
        "transposed": array.transpose(1, 0, 2, 3),
        "one pixel, repeated": np.broadcast_to(np.ones(1), array.shape),
        "read-only": read_only,
        "at an odd address": odd_address,
    }


@pytest.mark.parametrize("name", layouts())
def test_one_layout_for_kernels(name):
    array = layouts()[name]
    laid_out = contiguous(array)
    suits = name in ("as kernels want it", "empty", "one image of a batch")
    assert (laid_out is array) == suits
    assert laid_out.flags.c_contiguous
    assert laid_out.flags.aligned
    assert laid_out.flags.writeable
    np.testing.assert_array_equal(laid_out, array)


def double(x):
    return x + x


def test_who_loads_a_kernel_again_is_told_to_restart(monkeypatch):
    """As IPython's %autoreload does: what is compiled already stays as it is."""
    monkeypatch.setattr(double, "__module__", "cnnlab.fast.trial")
    monkeypatch.setattr(jit, "LOADED", set())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        jit.part_of_kernel(double)
    with pytest.warns(RuntimeWarning, match="cnnlab.fast.trial was loaded again.*Restart Python"):
        jit.part_of_kernel(double)


def test_who_tries_something_is_not_told():
    """A cell of a notebook defines a kernel of its own, and is run again."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(2):
            jit.part_of_kernel(double)


@pytest.mark.skipif(numba.config.DISABLE_JIT, reason="nothing is compiled")
def test_a_part_of_a_kernel_refuses_a_caller_from_python():
    with pytest.raises(TypeError, match=r"^double: a part of a kernel cannot be called .*share"):
        jit.part_of_kernel(double)(1)
