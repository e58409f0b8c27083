"""How far each algorithm is from the exact result."""

import numpy as np
import pytest
from support.algorithms import DTYPES, SQUARE, noise
from support.cases import CONV
from support.failures import each

from cnnlab.algorithms import ALGORITHMS, find, rounding_error


def test_rounding_error_by_hand():
    """1e8 + 1 is 1e8 in float32: an error of 1, in units of (1e8 + 1) / 2**24."""
    X, w = np.array([[[1e8, 1]]], np.float32), np.ones((1, 1, 1, 2), np.float32)
    for conv2d in ("loops", find("loops").conv2d):
        error = rounding_error(conv2d, X, w)
        np.testing.assert_array_equal(error, [[[2**24 / (1e8 + 1)]]], strict=True)


def test_rounding_error_of_zero_products_and_of_nan():
    X, w = np.zeros((1, 1, 1, 3)), np.ones((1, 1, 1, 1))
    X[0, 0, 0, 1] = np.nan
    np.testing.assert_array_equal(rounding_error("loops", X, w), [[[[0, np.nan, 0]]]])
    error = rounding_error(lambda X, w: np.full((1, 1, 1, 3), 1.0), X, w)
    np.testing.assert_array_equal(error, [[[[np.inf, np.nan, np.inf]]]])


def test_rounding_error_needs_wider_floats(monkeypatch):
    monkeypatch.setattr(np, "longdouble", np.float64)
    X, w = np.zeros((1, 1, 2, 3)), np.ones((1, 1, 1, 1))
    with pytest.raises(ValueError, match="^rounding_error: the result is float64, and this mach"):
        rounding_error("loops", X, w)
    assert rounding_error("loops", X.astype(np.float32), w.astype(np.float32)).dtype == np.float64


SUMS = ["loops", "toeplitz", "im2col", "offsets", "direct"]


@each(dtype=DTYPES, case=[CONV[3], *SQUARE[2:5]])
def test_sums_of_the_products_stay_within_the_bound_of_summation(dtype, case, rng):
    if np.finfo(np.longdouble).eps > 2.0**-60 and dtype == np.float64:
        pytest.skip("this machine has no floats wider than float64")
    X, w = noise(rng, dtype, case.X_shape, case.w_shape)
    for name in SUMS:
        assert (rounding_error(name, X, w) <= case.D * case.m * case.n).all(), name


def test_where_the_fft_and_winograd_err(rng):
    """One pixel as bright as a million: who does not see it must not feel it, but may."""
    X, w = noise(rng, np.float32, (1, 1, 16, 16), (1, 1, 3, 3))
    w[0, 0, 2] = 0  # a window that has the pixel in its last row sees it with no weight
    X[0, 0, 8, 8] = 1e6
    seen = np.zeros((14, 14), bool)
    seen[6:9, 6:9] = True
    weightless = np.zeros((14, 14), bool)
    weightless[6, 6:9] = True
    worst = {}
    for name in ALGORITHMS:
        error = rounding_error(name, X, w)[0, 0]
        worst[name] = error[~seen].max(), error[weightless].max(), error[seen & ~weightless].max()
    for name in SUMS:
        assert max(worst[name]) <= 9, name
    assert worst["fft"][0] > 1e3
    assert worst["fft"][1] > 1e3
    # Winograd: pixels of a window meet weights that are not theirs, and nothing else.
    assert worst["winograd"][0] < 100
    assert worst["winograd"][1] > 1e3
