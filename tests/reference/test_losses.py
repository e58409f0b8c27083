"""Losses and the gradients that start the way back."""

import numpy as np
from scipy import special
from support.failures import each

from cnnlab import fast, gradcheck, reference
from cnnlab.fast import losses, threads

DTYPES = [np.float32, np.float64]


@each(dtype=DTYPES, B=[1, 4])
def test_cross_entropy_against_scipy(dtype, B, ops, rng):
    Z = (3 * rng.standard_normal((B, 5))).astype(dtype)
    labels = rng.integers(0, 5, B)
    L, dZ = ops.cross_entropy(Z, labels)
    rows = np.arange(B)
    expected = special.softmax(Z.astype(np.float64), axis=1)
    rtol = 10 * np.finfo(dtype).eps
    np.testing.assert_allclose(L, -np.log(expected[rows, labels]).mean(), rtol=rtol)
    expected[rows, labels] -= 1
    np.testing.assert_allclose(dZ, expected / B, rtol=rtol, atol=rtol)
    assert dZ.dtype == dtype
    assert isinstance(L, float)


@each(dtype=DTYPES, shape=[(3, 4), (2, 3, 4, 5)])
def test_squared_error_against_numpy(dtype, shape, ops, rng):
    Y, T = rng.random((2, *shape)).astype(dtype)
    L, dY = ops.squared_error(Y, T)
    np.testing.assert_allclose(
        L, 0.5 * ((Y - T).astype(np.float64) ** 2).sum() / len(Y), rtol=4 * np.finfo(dtype).eps
    )
    np.testing.assert_allclose(dY, (Y - T) / len(Y), rtol=4 * np.finfo(dtype).eps)
    assert dY.dtype == dtype
    assert isinstance(L, float)


@each(method=["central", "complex"])
def test_gradients_are_the_derivatives(method, rng):
    labels, T = rng.integers(0, 5, 3), rng.random((3, 5))
    losses = {
        "cross_entropy": lambda Z: reference.cross_entropy(Z, labels),
        "squared_error": lambda Y: reference.squared_error(Y, T),
    }
    for name, loss in losses.items():
        Z = rng.standard_normal((3, 5))
        numerical = gradcheck.numerical_gradient(lambda x, f=loss: f(x).L, Z, method=method)
        np.testing.assert_allclose(loss(Z).dY, numerical, rtol=1e-7, atol=1e-8, err_msg=name)


def test_one_sample_is_a_batch_of_one(ops, rng):
    Z = rng.standard_normal(4)
    L, dZ = ops.cross_entropy(Z, 2)
    batch = ops.cross_entropy(Z[np.newaxis], [2])
    assert batch.L == L
    np.testing.assert_array_equal(dZ, batch.dZ[0], strict=True)
    for shape in [(4,), (2, 3, 4)]:
        Y, T = rng.random((2, *shape))
        L, dY = ops.squared_error(Y, T)
        batch = ops.squared_error(Y[np.newaxis], T[np.newaxis])
        assert batch.L == L
        np.testing.assert_array_equal(dY, batch.dY[0], strict=True)


def test_empty_batch_has_a_loss_of_zero(ops):
    L, dZ = ops.cross_entropy(np.zeros((0, 3)), [])
    assert (L, dZ.shape) == (0.0, (0, 3))
    L, dY = ops.squared_error(np.zeros((0, 3)), np.zeros((0, 3)))
    assert (L, dY.shape) == (0.0, (0, 3))


def test_sure_and_wrong_is_finite(ops):
    L, dZ = ops.cross_entropy([[1000.0, 0.0]], [1])
    assert L == 1000.0
    np.testing.assert_array_equal(dZ, [[1.0, -1.0]])


@each(shape=[(1300, 10), (90, 101), (3, 5000)], dtype=DTYPES)
def test_cross_entropy_of_several_blocks_of_rows(shape, dtype, rng):
    """Blocks end within the batch; a row may be longer than a block."""
    B, classes = shape
    Z, labels = (3 * rng.standard_normal((B, classes))).astype(dtype), rng.integers(0, classes, B)
    L, dZ = fast.cross_entropy(Z, labels)
    rows, rtol = np.arange(B), 10 * np.finfo(dtype).eps
    log_Y = special.log_softmax(Z.astype(np.float64), axis=1)
    np.testing.assert_allclose(L, -log_Y[rows, labels].mean(), rtol=rtol)
    expected = np.exp(log_Y)
    expected[rows, labels] -= 1
    np.testing.assert_allclose(dZ, expected / B, rtol=rtol, atol=rtol / B)


@each(dtype=DTYPES)
def test_squared_error_of_several_blocks(dtype, rng):
    """Integers: whatever is summed first, the sum is the same."""
    Y, T = rng.integers(-9, 10, (2, 3, 5003)).astype(dtype)
    L, dY = fast.squared_error(Y, T)
    assert L == (0.5 * (Y - T).astype(np.float64) ** 2).sum() / 3
    np.testing.assert_array_equal(dY, (Y - T) / dtype(3), strict=True)


def test_the_squared_error_does_not_depend_on_where_arrays_are():
    """A sum in a loop that also writes is made vectors of only where the arrays are far apart."""
    room, sums = np.zeros(2000), set()
    Y, T, L = room[:12], room[1000:1012], np.empty(1)
    Y[:], T[:] = np.random.default_rng(8).standard_normal((2, 12))
    for begin in range(12, 200):
        threads.share(losses._squared_error, 1, 0, Y, T, room[begin : begin + 12], 1.0, L)
        sums.add(L[0])
    assert len(sums) == 1
