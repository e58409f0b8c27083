"""Batch normalization: by hand, beside NumPy, and its facts."""

import numpy as np
import pytest
from support.failures import each

SHAPES = [(4, 3, 5, 6), (5, 20, 3, 2), (7, 2, 1, 1), (1, 3, 2, 9), (0, 2, 3, 4)]


def drawn(rng, shape, dtype=np.float64):
    X, dY = rng.standard_normal((2, *shape)).astype(dtype)
    return X, dY, *rng.standard_normal((2, shape[1])).astype(dtype)


def per_depth(array):
    return array[:, np.newaxis, np.newaxis]


def test_two_depths_by_hand(ops):
    # Means 2 and 10, variances 1 and 0; with epsilon 3 the roots are 2 and sqrt(3).
    X = np.array([[[[1.0, 3.0]], [[10.0, 10.0]]], [[[1.0, 3.0]], [[10.0, 10.0]]]])
    Y, mean, variance, scale = ops.batch_norm2d(X, [4, 5], [10, 20], epsilon=3)
    np.testing.assert_array_equal(Y[0], [[[8, 12]], [[20, 20]]])
    np.testing.assert_array_equal(Y[1], Y[0])
    np.testing.assert_array_equal([mean, variance], [[2, 10], [1, 0]])
    # dY = 8, 0, 0, 0: db = 8, dw = 8 * (-1/2) = -4; x = -1/2, 1/2, -1/2, 1/2
    # dX = 4/2 (dY - 2 + x) = 2 (5.5, -1.5, -2.5, -1.5)
    dY = np.zeros(X.shape)
    dY[0, 0, 0, 0] = 8
    dX = ops.batch_norm2d_dX(dY, X, [4, 5], mean, scale)
    np.testing.assert_array_equal(dX[:, 0].ravel(), [11, -3, -5, -3])
    np.testing.assert_array_equal(dX[:, 1], 0)
    np.testing.assert_array_equal(ops.batch_norm2d_dw(dY, X, mean, scale), [-4, 0])
    np.testing.assert_array_equal(ops.batch_norm2d_db(dY), [8, 0])


@each(shape=SHAPES)
def test_as_numpy_has_it(shape, ops, rng):
    X, dY, w, b = drawn(rng, shape)
    Y, mean, variance, scale = ops.batch_norm2d(X, w, b, epsilon=0.01)
    if len(X):
        np.testing.assert_allclose(mean, np.mean(X, (0, 2, 3)), atol=1e-15)
        np.testing.assert_allclose(variance, np.var(X, (0, 2, 3)), rtol=1e-14)
    np.testing.assert_allclose(scale, (variance + 0.01) ** -0.5, rtol=1e-15)
    normal = (X - per_depth(mean)) * per_depth(scale)
    np.testing.assert_allclose(Y, per_depth(w) * normal + per_depth(b), rtol=1e-13, atol=1e-13)
    dX, dw, db = ops.batch_norm2d_backward(dY, X, w, mean, scale)
    np.testing.assert_allclose(dw, np.einsum("scij,scij->c", dY, normal), atol=1e-13)
    np.testing.assert_allclose(db, np.einsum("scij->c", dY), atol=1e-13)
    # What a shift or a stretch of all pixels does to the loss is nothing, but for epsilon.
    np.testing.assert_allclose(dX.sum((0, 2, 3)), 0, atol=1e-12)


@each(shape=SHAPES, fixed=[False, True], dtype=[np.float32, np.float64])
def test_all_gradients_at_once_are_those_one_by_one(shape, fixed, dtype, ops, rng):
    X, dY, w, _ = drawn(rng, shape, dtype)
    mean, scale = rng.standard_normal((2, shape[1]))
    together = ops.batch_norm2d_backward(dY, X, w, mean, scale, fixed=fixed)
    alone = (
        ops.batch_norm2d_dX(dY, X, w, mean, scale, fixed=fixed),
        ops.batch_norm2d_dw(dY, X, mean, scale),
        ops.batch_norm2d_db(dY),
    )
    for one, other in zip(together, alone, strict=True):
        np.testing.assert_array_equal(one, other, strict=True)


def test_one_image_is_a_batch_of_one(ops, rng):
    X, dY, w, b = drawn(rng, (1, 3, 4, 5))
    Y, mean, variance, scale = ops.batch_norm2d(X[0], w, b)
    batch = ops.batch_norm2d(X, w, b)
    np.testing.assert_array_equal(Y, batch.Y[0], strict=True)
    for one, other in zip((mean, variance, scale), batch[1:], strict=True):
        np.testing.assert_array_equal(one, other, strict=True)
    alone = ops.batch_norm2d_backward(dY[0], X[0], w, mean, scale)
    together = ops.batch_norm2d_backward(dY, X, w, mean, scale)
    np.testing.assert_array_equal(alone.dX, together.dX[0], strict=True)
    np.testing.assert_array_equal(alone.dw, together.dw, strict=True)
    np.testing.assert_array_equal(ops.batch_norm2d_db(dY[0]), together.db, strict=True)


def test_a_given_mean_and_variance_are_left_alone(ops, rng):
    X, dY, w, b = drawn(rng, (4, 3, 5, 6))
    mean, variance = rng.standard_normal(3), rng.random(3)
    Y, *used, scale = ops.batch_norm2d(X, w, b, mean=mean, variance=variance)
    for one, given in zip(used, (mean, variance), strict=True):
        np.testing.assert_array_equal(one, given, strict=True)
        assert not np.shares_memory(one, given)
    right = per_depth(w) * (X - per_depth(mean)) / per_depth(np.sqrt(variance + 1e-5)) + per_depth(
        b
    )
    np.testing.assert_allclose(Y, right, rtol=1e-13, atol=1e-13)
    # No sample depends on another.
    alone = ops.batch_norm2d(X[:1], w, b, mean=mean, variance=variance).Y
    np.testing.assert_array_equal(alone, Y[:1], strict=True)
    dX = ops.batch_norm2d_dX(dY, X, w, mean, scale, fixed=True)
    np.testing.assert_allclose(dX, per_depth(w * scale) * dY, rtol=1e-15)


@pytest.mark.parametrize("shape", [(8, 2, 9, 9), (40, 9, 3, 2)])
def test_small_differences_of_large_numbers_are_kept(shape, ops, rng):
    X = (1e4 + 0.01 * rng.standard_normal(shape)).astype(np.float32)
    one = np.ones(shape[1], np.float32)
    results = ops.batch_norm2d(X, one, one, epsilon=1e-12)
    exact = ops.batch_norm2d(X.astype(np.float64), one, one, epsilon=1e-12)
    for result, right in zip(results, exact, strict=True):
        np.testing.assert_allclose(result, right, rtol=1e-7)
    assert (np.abs(results.Y.std((0, 2, 3)) - 1) < 1e-5).all()
