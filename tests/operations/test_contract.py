"""What the contract promises of every operation: layouts, dtypes, inputs, threads."""

import inspect
import subprocess
import sys

import numba
import numpy as np
import pytest
from support.cases import CONV, integers, layouts

import cnnlab
from cnnlab import fast, reference
from cnnlab.fast import tiles

CASE = CONV[2]
X = integers(np.random.default_rng(1), CASE.X_shape)
W = integers(np.random.default_rng(2), CASE.w_shape)
B = integers(np.random.default_rng(3), (CASE.P,))
DZ = integers(np.random.default_rng(4), CASE.Z_shape)
ROWS = integers(np.random.default_rng(5), (3, 4))
WEIGHTS = integers(np.random.default_rng(6), (2, 4))
DROWS = integers(np.random.default_rng(7), (3, 2))
LABELS = [0, 3, 1]
TRANSPOSED = integers(np.random.default_rng(9), (CASE.D, 3, 2, 3))
POOLED = integers(np.random.default_rng(10), (CASE.B, CASE.D, 2, 3))
WINNERS = np.array([[0, 2, 5], [34, 30, -1]]) + np.zeros(POOLED.shape, int)

# Every operation with arguments that suit it; arrays first, then what is no array of numbers.
CALLS = {
    "avg_pool2d": ([X], [(2, 3)]),
    "avg_pool2d_dX": ([POOLED], [CASE.X_shape, 2]),
    "conv2d": ([X, W, B], []),
    "conv2d_dX": ([DZ, W], [CASE.X_shape]),
    "conv2d_dw": ([DZ, X], [CASE.w_shape]),
    "conv2d_db": ([DZ], []),
    "conv_transpose2d": ([X, TRANSPOSED, B], []),
    "max_pool2d": ([X], [(2, 3)]),
    "max_pool2d_dX": ([POOLED], [WINNERS, CASE.X_shape]),
    "relu": ([X], []),
    "relu_dZ": ([X, X], []),
    "tanh": ([X], []),
    "tanh_dZ": ([X, X], []),
    "dense": ([ROWS, WEIGHTS, WEIGHTS[:, 0]], []),
    "dense_dX": ([DROWS, WEIGHTS], []),
    "dense_dw": ([DROWS, ROWS], []),
    "dense_db": ([DROWS], []),
    "sigmoid": ([X], []),
    "sigmoid_dZ": ([X, X], []),
    "softmax": ([ROWS], []),
    "log_softmax": ([ROWS], []),
    "squared_error": ([ROWS, -ROWS], []),
    "cross_entropy": ([ROWS], [LABELS]),
}

every_operation = pytest.mark.parametrize("name", CALLS)


def call(ops, name, change=lambda array: array, **options):
    """Call an operation with its arrays changed; return its arrays and numbers as a list."""
    arrays, others = CALLS[name]
    result = getattr(ops, name)(*[change(array) for array in arrays], *others, **options)
    return list(result) if isinstance(result, tuple) else [result]


def real_arrays(results):
    """Leave out the indices that max-pooling returns."""
    return [array for array in results if isinstance(array, np.ndarray) and array.dtype != np.int64]


def assert_same(results, expected):
    for result, other in zip(results, expected, strict=True):
        np.testing.assert_array_equal(result, other)
        assert np.asarray(result).dtype == np.asarray(other).dtype


def test_every_operation_is_here():
    assert set(CALLS) == set(fast.__all__) == set(reference.__all__)


@every_operation
def test_signatures_are_the_same(name):
    assert inspect.signature(getattr(fast, name)) == inspect.signature(getattr(reference, name))


@every_operation
def test_every_layout_gives_the_same_bits(name, ops):
    expected = call(ops, name)
    for layout in layouts(X):
        assert_same(call(ops, name, lambda array, layout=layout: layouts(array)[layout]), expected)


@every_operation
def test_inputs_are_not_modified_and_outputs_are_new(name, ops):
    arrays, others = CALLS[name]
    given = [array.copy() for array in arrays]
    results = getattr(ops, name)(*given, *others)
    for array, before in zip(given, arrays, strict=True):
        np.testing.assert_array_equal(array, before, strict=True)
    for result in results if isinstance(results, tuple) else [results]:
        if isinstance(result, np.ndarray):
            assert result.flags.c_contiguous
            assert result.flags.writeable
            assert not any(np.shares_memory(result, array) for array in given)


@every_operation
@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (np.float32, np.float32),
        (np.float64, np.float64),
        (np.float16, np.float32),
        (np.int8, np.float64),
        (np.int64, np.float64),
        (">f4", np.float32),
        (">f8", np.float64),
    ],
)
def test_dtypes_are_kept_or_widened(name, given, kept, ops):
    results = call(ops, name, lambda array: array.astype(given))
    expected = call(ops, name, lambda array: array.astype(kept))
    assert_same(results, expected)
    assert real_arrays(results)
    assert all(array.dtype == kept for array in real_arrays(results))


@every_operation
def test_booleans_and_unsigned_integers_are_numbers(name, ops):
    for dtype in (bool, np.uint8):
        results = call(ops, name, lambda array, dtype=dtype: np.abs(array).astype(dtype))
        expected = call(
            ops, name, lambda array, dtype=dtype: np.abs(array).astype(dtype).astype(float)
        )
        assert_same(results, expected)


def test_mixed_dtypes_become_the_wider(ops):
    assert ops.conv2d(X.astype(np.float32), W, B.astype(np.float32)).dtype == np.float64


@every_operation
def test_what_is_no_number_is_refused(name, ops):
    masked = np.ma.masked_equal
    refused = {
        "is a masked array": lambda array: masked(array, 0),
        "has dtype object": lambda array: array.astype(object),
        "has dtype <U": lambda array: array.astype(str),
        "has dtype datetime64": lambda array: array.astype("datetime64[s]"),
        "has dtype float128": lambda array: array.astype(np.longdouble),
        "integers beyond 2": lambda array: np.full(array.shape, 2**53 + 1),
    }
    for words, change in refused.items():
        with pytest.raises(TypeError, match=f"^{name}: .*{words}"):
            call(ops, name, change)


@every_operation
def test_complex_numbers_are_for_the_loops_alone(name):
    results = call(reference, name, lambda array: array.astype(complex))
    for result, expected in zip(results, call(reference, name), strict=True):
        np.testing.assert_allclose(result, expected, atol=1e-15)
    assert all(np.iscomplexobj(result) for result in real_arrays(results))
    assert np.iscomplexobj(results[0])
    with pytest.raises(TypeError, match=f"^{name}: .*has dtype complex128"):
        call(fast, name, lambda array: array.astype(complex))


@every_operation
def test_same_bits_for_every_thread_count(name):
    change = np.random.default_rng(8)
    noise = {id(array): change.standard_normal(array.shape) for array in CALLS[name][0]}
    results = []
    most = numba.config.NUMBA_NUM_THREADS
    for threads in sorted({1, most}):
        numba.set_num_threads(threads)
        results.append(call(fast, name, lambda array: array + noise[id(array)]))
    numba.set_num_threads(most)
    for result in results[1:]:
        assert_same(result, results[0])


def modules_behind(function):
    """Return the module of a function and all of `cnnlab.fast` that it imports from, and so on."""
    found, waiting = [], [inspect.getmodule(function)]
    while waiting:
        module = waiting.pop()
        if module not in found and module.__name__.startswith("cnnlab.fast."):
            found.append(module)
            values = [value for value in vars(module).values() if hasattr(value, "__module__")]
            waiting += filter(None, map(inspect.getmodule, values))
    return found


@pytest.mark.skipif(tiles.LOOPS, reason="tiles are loops, with a version for each of their sizes")
@every_operation
def test_few_versions_are_compiled(name):
    for layout in layouts(X):
        call(fast, name, lambda array, layout=layout: layouts(array)[layout].copy())
    modules = modules_behind(inspect.unwrap(getattr(fast, name)))
    kernels = [v for module in modules for v in vars(module).values() if hasattr(v, "signatures")]
    assert kernels
    for kernel in kernels:  # what kernels call may have a version with a constant besides
        assert len(kernel.signatures) <= 4, kernel


def test_import_is_lazy():
    """`import cnnlab` and the loops load neither Numba nor matplotlib."""
    code = (
        "import sys, cnnlab; loaded = set(sys.modules);"
        "assert not loaded & {'numpy', 'numba', 'matplotlib'}, loaded;"
        "from cnnlab import reference, layers, model, training, gradcheck;"
        "layers.Conv2D(1, 2, ops=reference);"
        "assert not set(sys.modules) & {'numba', 'matplotlib'}"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_submodule_is_reachable():
    for name in cnnlab.__all__:
        assert inspect.ismodule(getattr(cnnlab, name))
