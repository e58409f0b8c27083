"""What the contract promises of every operation: layouts, dtypes, inputs, threads."""

import copy
import inspect
import subprocess
import sys

import numpy as np
import pytest
from support.cases import integers, layouts
from support.everything import drivers

import cnnlab
from cnnlab import fast, reference
from cnnlab.fast import tiles
from cnnlab.operations import OPERATIONS, Call

RNG = np.random.default_rng(1)


def is_real(value):
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"


def whole(value):
    """Put integers into the place of real numbers: no conversion of a dtype changes them."""
    return integers(RNG, value.shape) if is_real(value) else value


def every_call():
    """Return what each function of the contract is called with: with every option at once."""
    found = {}
    for operation in OPERATIONS:
        arguments, options = operation.calls(RNG.standard_normal)[-1]
        given = operation.bind(*map(whole, arguments), **options)
        found[operation.name] = Call(tuple(map(whole, arguments)), options)
        dY = integers(RNG, operation.output(reference, given).shape)
        for name in operation.functions[1:]:
            arguments, options = operation.gradient_call(reference, name, dY, given)
            found[name] = Call(tuple(map(whole, arguments)), options)
    return found


CALLS = every_call()
every_operation = pytest.mark.parametrize("name", CALLS)


def call(ops, name, change=lambda array: array):
    """Call an operation with its real arrays changed; return its arrays and numbers as a list."""
    arguments, options = CALLS[name]
    given = [change(value) if is_real(value) else value for value in arguments]
    result = getattr(ops, name)(*given, **options)
    return list(result) if isinstance(result, tuple) else [result]


def real_arrays(name, results):
    """Leave out the indices that max-pooling returns, and the statistics, always in float64."""
    results = results[:1] if name == "batch_norm2d" else results
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
    for layout in layouts(np.ones((2, 3))):
        assert_same(call(ops, name, lambda array, layout=layout: layouts(array)[layout]), expected)


@every_operation
def test_inputs_are_not_modified_and_outputs_are_new(name, ops):
    arguments, options = CALLS[name]
    given = copy.deepcopy(arguments)
    results = getattr(ops, name)(*given, **options)
    for value, before in zip(given, arguments, strict=True):
        np.testing.assert_array_equal(value, before)
    for result in results if isinstance(results, tuple) else [results]:
        if isinstance(result, np.ndarray):
            assert result.flags.c_contiguous
            assert result.flags.writeable
            assert not any(np.may_share_memory(result, np.asarray(value)) for value in given)


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
    assert real_arrays(name, results)
    assert all(array.dtype == kept for array in real_arrays(name, results))


@every_operation
def test_booleans_and_unsigned_integers_are_numbers(name, ops):
    for dtype in (bool, np.uint8):
        results = call(ops, name, lambda array, dtype=dtype: np.abs(array).astype(dtype))
        expected = call(
            ops, name, lambda array, dtype=dtype: np.abs(array).astype(dtype).astype(float)
        )
        assert_same(results, expected)


def test_mixed_dtypes_become_the_wider(ops):
    X, w, b = CALLS["conv2d"].arguments
    options = CALLS["conv2d"].options
    Z = ops.conv2d(X.astype(np.float32), w, b.astype(np.float32), **options)
    assert Z.dtype == np.float64


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
    assert all(np.iscomplexobj(result) for result in real_arrays(name, results))
    assert np.iscomplexobj(results[0])
    with pytest.raises(TypeError, match=f"^{name}: .*has dtype complex128"):
        call(fast, name, lambda array: array.astype(complex))


@every_operation
def test_same_bits_for_every_thread_count(name, threads):
    change = np.random.default_rng(8)
    noise = {id(array): change.standard_normal(np.shape(array)) for array in CALLS[name].arguments}
    results = []
    for count in (1, 2):
        threads(count)
        results.append(call(fast, name, lambda array: array + noise[id(array)]))
    for result in results[1:]:
        assert_same(result, results[0])


@pytest.mark.skipif(tiles.LOOPS, reason="tiles are loops, with a version for each of their sizes")
def test_few_versions_are_compiled():
    for name in CALLS:
        for layout in layouts(np.ones((2, 3))):
            call(fast, name, lambda array, layout=layout: layouts(array)[layout])
    # To find the drivers takes a second: they are counted once, when all have been called.
    for driver in drivers():
        versions = [[getattr(kind, "dtype", kind) for kind in kinds] for kinds in driver.signatures]
        assert len(versions) <= 2  # float32 and float64
        assert versions[0] != versions[-1] or len(versions) == 1, driver.signatures


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
