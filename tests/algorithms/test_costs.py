"""What the algorithms cost: operations and bytes, as an execution shows them."""

import importlib
import tracemalloc

import numpy as np
import pytest
from numba.core.config import DISABLE_JIT
from support.algorithms import DTYPES, EVERY, SQUARE, arrays, noise, pairs
from support.cases import Conv
from support.counting import counted
from support.failures import each


@each(pair=pairs(EVERY, "loops", "toeplitz", "im2col", "offsets", "winograd"))
def test_operations_are_those_of_an_execution(pair):
    algorithm, case = pair
    cost = algorithm.cost(case.X_shape, case.w_shape, 8)
    assert (cost.multiplications, cost.additions) == counted(algorithm, case)
    assert cost.operation_count == cost.multiplications + cost.additions


# ------------------------------------------------------------------------------- bytes


@each(pair=pairs(EVERY))
def test_necessary_bytes_are_those_of_the_arrays(pair, rng):
    algorithm, case = pair
    X, w, b = arrays(case, rng, np.float32)
    cost = algorithm.cost(X.shape, w.shape, X.itemsize)
    Z = algorithm.conv2d(X, w, b)
    assert cost.necessary_bytes == X.nbytes + w.nbytes + b.nbytes + Z.nbytes
    assert cost.intensity == cost.operation_count / cost.necessary_bytes
    moved = cost.necessary_bytes + 2 * cost.temporary_bytes
    assert cost.intensity_with_temporaries == cost.operation_count / moved
    double = algorithm.cost(X.shape, w.shape, 8)
    assert double == (*cost[:2], *(2 * size for size in cost[2:]))
    if case.B == 1:
        assert algorithm.cost(X.shape[1:], w.shape, 4) == cost


class Traced(np.ndarray):
    """An array that notes in `Traced.made` the bytes of every array that is made from it."""

    made = 0

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **options):
        if out is not None:
            options["out"] = tuple(plain(array) for array in out)
        result = getattr(ufunc, method)(*map(plain, inputs), **options)
        return note(result) if out is None else result.view(Traced)

    def __array_function__(self, function, types, arguments, options):
        return note(function(*map(plain, arguments), **options), self)

    def reshape(self, *shape):
        return note(super().reshape(*shape), self)

    def copy(self):
        return note(super().copy())


def plain(value):
    """Return an array, or a list of arrays, that is not traced."""
    if isinstance(value, list):
        return [plain(entry) for entry in value]
    return value.view(np.ndarray) if isinstance(value, Traced) else value


def note(array, source=None):
    """Note an array, unless it is a view of its source."""
    if source is None or not np.may_share_memory(plain(array), plain(source)):
        Traced.made += array.nbytes
    return array.view(Traced)


class TracedNumPy:
    """NumPy, whose new arrays are traced."""

    def __getattr__(self, name):
        original = getattr(np, name)
        if name in ("empty", "zeros"):
            return lambda *arguments: note(original(*arguments))
        return original


SMALL = Conv("small images", 16, 1, 20, 24, 3, 3, 3)
LARGE = [
    Conv("gray images", 16, 1, 40, 60, 6, 5, 5),
    Conv("colour", 4, 3, 40, 52, 5, 3, 3),
    Conv("wide", 2, 32, 21, 23, 32, 3, 3),
    Conv("large and few images", 1, 40, 9, 8, 60, 3, 3),
    Conv("depths become one", 8, 16, 30, 31, 1, 3, 3),
]


@each(
    pair=pairs(LARGE, "im2col", "offsets", "winograd")
    | pairs(EVERY, "loops", "toeplitz", "offsets")
    | pairs(SQUARE[2:], "winograd")
)
def test_temporary_bytes_are_those_of_an_execution(pair, rng):
    algorithm, case = pair
    X, w, b = (array.view(Traced) for array in arrays(case, rng))
    module = importlib.import_module(f"cnnlab.algorithms.{algorithm.name}")
    Traced.made = 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "np", TracedNumPy())
        Z = algorithm.conv2d.__wrapped__(X, w, b)
    cost = algorithm.cost(X.shape, w.shape, X.itemsize)
    assert cost.temporary_bytes == Traced.made - Z.nbytes


FAST_ENOUGH = ["im2col", "offsets", "fft", "winograd", *([] if DISABLE_JIT else ["direct"])]


@pytest.mark.slow
@each(pair=pairs([SMALL], "loops", "toeplitz") | pairs(LARGE, *FAST_ENOUGH), dtype=DTYPES)
def test_peak_of_memory(pair, dtype, rng):
    """NumPy tells tracemalloc of every array. It buffers up to 16,384 numbers beside them."""
    algorithm, case = pair
    X, w, b = noise(rng, dtype, case.X_shape, case.w_shape, (case.P,))
    cost = algorithm.cost(X.shape, w.shape, X.itemsize)
    algorithm.conv2d(X, w, b)  # what is made once is no cost of a call
    tracemalloc.start()
    algorithm.conv2d(X, w, b)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert cost.peak_bytes <= peak
    if algorithm.name == "direct":  # and a copy of the patterns, or of the images with borders
        assert peak <= cost.peak_bytes + 2 * (X.nbytes + w.nbytes) + 2**20
    else:
        assert peak <= cost.peak_bytes + 16_384 * X.itemsize + 4_096
