"""Ties that share equally, beside a subgradient and beside the rule of the first."""

import numpy as np

from cnnlab import reference
from cnnlab.tutor.pools import split


def test_shares_by_hand():
    X = np.array([[[[1.0, 4, 4, 0], [2, 3, 4, 5], [6, 0, 2, 5]]]])
    dX = split(np.array([[[[1.0, 3, 2], [5, -1, 4]]]]), X, (2, 2), (1, 1))
    np.testing.assert_array_equal(dX[0, 0], [[0, 2, 1, 0], [0, 0, 0, 4], [5, 0, 0, 2]])


def test_without_ties_the_first_winner_gets_all():
    rng = np.random.default_rng(0)
    X = rng.permutation(2 * 3 * 5 * 7).reshape(2, 3, 5, 7).astype(float)
    Y, argmax = reference.max_pool2d(X, (2, 3), stride=(1, 2))
    dY = rng.standard_normal(Y.shape)
    np.testing.assert_array_equal(
        split(dY, X, (2, 3), (1, 2)), reference.max_pool2d_dX(dY, argmax, X.shape)
    )


def test_what_comes_in_goes_out():
    rng = np.random.default_rng(1)
    X = rng.integers(0, 2, (2, 1, 4, 6)).astype(np.float32)
    dY = rng.standard_normal((2, 1, 3, 4), np.float32)
    dX = split(dY, X, (2, 3), (1, 1))
    assert dX.dtype == np.float32
    np.testing.assert_allclose(dX.sum(), dY.sum(), rtol=1e-4)
