"""Dropout: by hand, beside NumPy, and its facts."""

import numpy as np
from support.failures import each


def test_by_hand(ops):
    X, kept = [[1.0, 2.0], [3.0, -4.0]], [[True, False], [False, True]]
    np.testing.assert_array_equal(ops.dropout(X, kept, rate=0.75), [[4, 0], [0, -16]])
    np.testing.assert_array_equal(ops.dropout_dX(X, kept), [[2, 0], [0, -8]])
    np.testing.assert_array_equal(ops.dropout_dX(X, kept, rate=0), [[1, 0], [0, -4]])


@each(shape=[(), (0, 3), (5,), (2, 3, 4, 5), (7, 1000)], dtype=[np.float32, np.float64])
def test_as_numpy_has_it(shape, dtype, ops, rng):
    X, kept = np.asarray(rng.standard_normal(shape), dtype), np.asarray(rng.random(shape) >= 0.3)
    expected = X * (kept * dtype(1 / (1 - 0.3)))
    for result in (ops.dropout(X, kept, rate=0.3), ops.dropout_dX(X, kept, rate=0.3)):
        np.testing.assert_array_equal(result, expected)
        assert result.dtype == dtype
        assert not np.shares_memory(result, X)


def test_truth_values_may_be_numbers_and_lie_anywhere(ops, rng):
    X, kept = rng.standard_normal((2, 6, 8)), rng.random((6, 8)) >= 0.5
    expected = ops.dropout(X[0], kept)
    for other in (
        kept.astype(int),
        kept.astype(np.float32),
        kept.tolist(),
        np.asfortranarray(kept),
    ):
        np.testing.assert_array_equal(ops.dropout(X[0], other), expected, strict=True)


def test_what_is_dropped_and_not_finite_is_nan(ops):
    result = ops.dropout([np.inf, np.nan, np.inf, 1.0], [False, False, True, False])
    np.testing.assert_array_equal(result, [np.nan, np.nan, np.inf, 0])
