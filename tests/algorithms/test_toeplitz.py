"""The Toeplitz matrix: where its entries lie, and how large it may be."""

import numpy as np
import pytest
from support.algorithms import CASE, arrays

from cnnlab import algorithms
from cnnlab.algorithms import find


def test_a_pattern_lies_where_the_row_of_the_toeplitz_matrix_has_it():
    T = algorithms.toeplitz.matrix(np.array([[[[1.0, 2.0], [3.0, 4.0]]]]), (3, 3))
    rows = [
        [1, 2, 0, 3, 4, 0, 0, 0, 0],
        [0, 1, 2, 0, 3, 4, 0, 0, 0],
        [0, 0, 0, 1, 2, 0, 3, 4, 0],
        [0, 0, 0, 0, 1, 2, 0, 3, 4],
    ]
    np.testing.assert_array_equal(T, np.array(rows, float), strict=True)


def test_toeplitz_refuses_a_matrix_that_no_machine_holds():
    X, w = np.zeros((1, 3, 427, 640), np.float32), np.zeros((5, 3, 5, 5), np.float32)
    words = "^toeplitz.conv2d: the matrix of an image of 3 x 427 x 640 .* 1345140 x 819840 entries"
    with pytest.raises(ValueError, match=words):
        algorithms.toeplitz.conv2d(X, w)
    assert not find("toeplitz").accepts(X.shape, w.shape, 4)
    cost = algorithms.toeplitz.cost(X.shape, w.shape, 4)
    assert cost.temporary_bytes == 1345140 * 819840 * 4


def test_the_limit_of_toeplitz_depends_on_the_size_of_a_number():
    shapes = (1, 1, 160, 160), (1, 1, 3, 3)
    assert find("toeplitz").accepts(*shapes, itemsize=4)
    assert not find("toeplitz").accepts(*shapes, itemsize=8)


def test_toeplitz_goes_to_its_limit(monkeypatch, rng):
    X, w, b = arrays(CASE, rng)
    size = algorithms.toeplitz.cost(X.shape, w.shape, X.itemsize).temporary_bytes
    monkeypatch.setattr(algorithms.toeplitz, "LARGEST_MATRIX", size)
    assert algorithms.toeplitz.conv2d(X, w, b).shape == CASE.Z_shape
    monkeypatch.setattr(algorithms.toeplitz, "LARGEST_MATRIX", size - 1)
    with pytest.raises(ValueError, match=r"^toeplitz.conv2d: .* use a smaller image or another"):
        algorithms.toeplitz.conv2d(X, w, b)
