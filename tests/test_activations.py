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
    close(ops.tanh(Z), np.tanh(Z), dtype)
    close(ops.relu(Z), Z.clip(0), dtype)
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


@pytest.mark.parametrize("shape", SHAPES)
def test_tanh_dZ_and_relu_dZ_are_dY_times_the_slope(shape, ops, rng):
    Z, dY = rng.standard_normal(shape), rng.standard_normal(shape)
    Y = np.tanh(Z)
    np.testing.assert_allclose(ops.tanh_dZ(dY, Y), dY * (1 - Y**2), rtol=1e-13)
    np.testing.assert_array_equal(ops.relu_dZ(dY, Z.clip(0)), np.where(Z > 0, dY, 0), strict=True)


def test_tanh_keeps_its_digits_far_out(ops):
    """1 - Y**2 would be 0 for these, or would lose half its digits."""
    Y = np.array([1 - 2.0**-53, 1 - 2.0**-30])
    expected = [2.0**-52 * (1 - 2.0**-54), 2.0**-29 * (1 - 2.0**-31)]
    np.testing.assert_allclose(ops.tanh_dZ(np.ones(2), Y), expected, rtol=4e-16)
    np.testing.assert_array_equal(
        ops.tanh([-1e3, 1e-300, np.inf]), [-1.0, 1e-300, 1.0], strict=True
    )


def test_relu_at_its_edges(ops):
    """Zero has no slope, -0.0 becomes 0.0, NaN and infinity pass."""
    Y = ops.relu([-np.inf, -1.0, -0.0, 0.0, 5e-324, np.inf, np.nan])
    np.testing.assert_array_equal(Y, [0, 0, 0, 0, 5e-324, np.inf, np.nan])
    assert not np.signbit(Y).any()
    dY = [np.inf, 1.0, np.nan, 7.0, 2.0]
    dZ = ops.relu_dZ(dY, [0.0, -3.0, 0.0, np.nan, np.inf])
    np.testing.assert_array_equal(dZ, [0.0, 0.0, 0.0, 7.0, 2.0], strict=True)


@pytest.mark.parametrize("name", ["tanh", "relu"])
@pytest.mark.parametrize("method", ["central", "complex"])
def test_gradient_is_the_derivative(name, method, rng):
    (report,) = gradcheck.check_gradients(
        getattr(reference, name),
        lambda dY, Z: [getattr(reference, f"{name}_dZ")(dY, getattr(reference, name)(Z))],
        [rng.standard_normal((2, 5))],
        method=method,
    )
    assert report.passed, report


def test_softmax_over_many_classes(ops, rng):
    """A float32 total of so many terms would be wrong in the sixth digit."""
    Z = rng.standard_normal(10**5).astype(np.float32)
    exact = special.softmax(Z.astype(np.float64))
    u = np.finfo(np.float32).eps / 2
    # Rounding Z - max(Z) counts most: it is at most 16 here, half a unit in its last place.
    np.testing.assert_allclose(ops.softmax(Z), exact, rtol=12 * u)
    assert abs(ops.softmax(Z).sum(dtype=np.float64) - 1) < u
    np.testing.assert_allclose(ops.log_softmax(Z), np.log(exact), rtol=2 * u)
