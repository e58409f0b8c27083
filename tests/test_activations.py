"""Activations and softmax: both backends, against SciPy."""

import numpy as np
import pytest
from cases import SHAPES
from scipy import special

from cnnlab import gradcheck, reference

DTYPES = [np.float32, np.float64]


def close(result, expected, dtype):
    """Within a few rounding errors, and of the same shape and dtype."""
    assert result.dtype == dtype
    assert result.flags.c_contiguous
    assert result.flags.writeable
    few = 8 * np.finfo(dtype).eps
    np.testing.assert_allclose(result, expected, rtol=few, atol=few)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_scipy_agrees(shape, dtype, ops, rng):
    Z = (4 * rng.standard_normal(shape)).astype(dtype)
    close(ops.sigmoid(Z), special.expit(Z), dtype)
    close(ops.softmax(Z), special.softmax(Z, axis=-1), dtype)
    close(ops.log_softmax(Z), special.log_softmax(Z, axis=-1), dtype)


@pytest.mark.parametrize("shape", SHAPES)
def test_sigmoid_dZ_is_dY_times_the_slope(shape, ops, rng):
    Y, dY = rng.random(shape), rng.standard_normal(shape)
    np.testing.assert_allclose(ops.sigmoid_dZ(dY, Y), dY * Y * (1 - Y), rtol=1e-15)


@pytest.mark.parametrize("method", ["central", "complex"])
def test_sigmoid_dZ_is_the_derivative_of_sigmoid(method, rng):
    (report,) = gradcheck.check_gradients(
        reference.sigmoid,
        lambda dY, Z: [reference.sigmoid_dZ(dY, reference.sigmoid(Z))],
        [3 * rng.standard_normal((3, 4))],
        method=method,
    )
    assert report.passed, report


def test_extreme_scores(ops):
    Z = np.array([-1e308, -1000.0, 0.0, 1000.0, 1e308])
    np.testing.assert_array_equal(ops.sigmoid(Z), [0, 0, 0.5, 1, 1])
    np.testing.assert_array_equal(ops.sigmoid([-np.inf, np.inf, np.nan]), [0, 1, np.nan])
    np.testing.assert_array_equal(ops.softmax([1000.0, -1000.0, 1000.0]), [0.5, 0, 0.5])
    np.testing.assert_array_equal(ops.log_softmax([0.0, -np.inf]), [0, -np.inf])
    np.testing.assert_array_equal(ops.softmax([0.0, np.nan]), [np.nan, np.nan])


def test_softmax_works_on_each_row_alone(ops, rng):
    Z = rng.standard_normal((2, 3, 4))
    np.testing.assert_array_equal(ops.softmax(Z)[1, 2], ops.softmax(Z[1, 2]), strict=True)
    np.testing.assert_array_equal(ops.log_softmax(Z)[1, 2], ops.log_softmax(Z[1, 2]), strict=True)
