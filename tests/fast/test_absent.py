"""NaN and infinity: what is outside the image is absent, whatever stands in weights and pixels."""

import numpy as np
import pytest
from support.cases import integers

from cnnlab import fast, reference

DTYPES = (np.float32, np.float64)
NOT_FINITE = [np.nan, np.inf, -np.inf]


@pytest.mark.parametrize("value", NOT_FINITE)
@pytest.mark.parametrize("dtype", DTYPES)
def test_not_finite_weights_meet_no_padding(value, dtype, rng):
    """What lies outside the image is absent: infinity times it is not NaN."""
    options = {"padding": ((2, 1), (0, 3)), "stride": (1, 2)}
    X, w = integers(rng, (2, 2, 5, 6), dtype), integers(rng, (3, 2, 3, 2), dtype)
    w[1, 0, 2, 1] = value
    b = integers(rng, (3,), dtype)
    Z = reference.conv2d(X, w, b, **options)
    np.testing.assert_array_equal(fast.conv2d(X, w, b, **options), Z)
    assert np.isfinite(Z[:, 1]).any(), "some windows do not have the weight on the image"
    dZ = integers(rng, Z.shape, dtype)
    np.testing.assert_array_equal(
        fast.conv2d_dX(dZ, w, X.shape, **options), reference.conv2d_dX(dZ, w, X.shape, **options)
    )
    np.testing.assert_array_equal(
        fast.conv_transpose2d(dZ, w, b[:2], stride=2),
        reference.conv_transpose2d(dZ, w, b[:2], stride=2),
    )


@pytest.mark.parametrize("value", NOT_FINITE)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("padding", [0, ((2, 1), (0, 3))])
def test_not_finite_gradients_and_pixels_stay_where_they_are(padding, value, dtype, rng):
    X, w = integers(rng, (3, 2, 7, 9), dtype), integers(rng, (3, 2, 3, 2), dtype)
    Z = reference.conv2d(X, w, padding=padding)
    dZ = integers(rng, Z.shape, dtype)
    dZ[2, 1, 0, 4] = value  # on the border: some of its pixels are padding
    for ours, theirs in (
        (
            fast.conv2d_dw(dZ, X, w.shape, padding=padding),
            reference.conv2d_dw(dZ, X, w.shape, padding=padding),
        ),
        (
            fast.conv2d_dX(dZ, w, X.shape, padding=padding),
            reference.conv2d_dX(dZ, w, X.shape, padding=padding),
        ),
    ):
        np.testing.assert_array_equal(ours, theirs)
        assert np.isfinite(ours).any()
    X[1, 0, 3, 4] = value
    for operation in (
        lambda ops: ops.conv2d(X, w, padding=padding),
        lambda ops: ops.conv2d_dw(dZ, X, w.shape, padding=padding),
    ):
        np.testing.assert_array_equal(operation(fast), operation(reference))
