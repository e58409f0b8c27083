"""Laying out: every way in which images are packed gives exact results."""

import numpy as np
import pytest
from support import accuracy
from support.cases import integers

from cnnlab import fast, shapes

DTYPES = (np.float32, np.float64)

# (X, w, options): images read where they are; laid out once; once per column; in bands; in blocks
# of channels; many images at a time; more products than are added in a row.
LAYOUTS = {
    "where it is": ((2, 1, 9, 150), (3, 1, 3, 3), {}),
    "where it is, in bands": ((1, 2, 40, 130), (3, 2, 3, 5), {}),
    "a last band of one row": ((1, 1, 27, 300), (2, 1, 3, 3), {}),
    "once, with padding": ((2, 1, 9, 150), (2, 1, 3, 3), {"padding": (1, 2)}),
    "once per column": ((2, 5, 8, 9), (8, 5, 3, 3), {}),
    "blocks of channels": ((1, 11, 6, 7), (9, 11, 5, 4), {"padding": "same"}),
    "products in parts": ((1, 2, 12, 14), (2, 2, 9, 10), {}),
    "every second column": ((2, 3, 20, 41), (4, 3, 4, 3), {"stride": (3, 2)}),
    "every third column": ((2, 3, 20, 41), (4, 3, 4, 3), {"stride": (2, 3), "padding": 1}),
    "many small images": ((70, 2, 4, 4), (5, 2, 2, 2), {}),
    "some patterns left over": ((1, 2, 7, 8), (13, 2, 2, 3), {"dilation": (2, 1)}),
    "depthwise": ((3, 6, 9, 10), (6, 1, 3, 3), {"padding": 1, "groups": 6}),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_is_exact(name, dtype, rng):
    X_shape, w_shape, options = LAYOUTS[name]
    X, w = integers(rng, X_shape, dtype), integers(rng, w_shape, dtype)
    b = integers(rng, w_shape[:1], dtype)
    Z = fast.conv2d(X, w, b, **options)
    np.testing.assert_array_equal(Z, expected_Z(X, w, b, options))
    dZ = integers(rng, Z.shape, dtype)
    # <Z, dZ> is linear in X and in w: its slopes, tried with other integers.
    V, y = integers(rng, X_shape, dtype), integers(rng, w_shape, dtype)
    zeros = np.zeros_like(b)
    dX = fast.conv2d_dX(dZ, w, X_shape, **options)
    assert (dX * V).sum() == (dZ * expected_Z(V, w, zeros, options)).sum()
    dw = fast.conv2d_dw(dZ, X, w_shape, **options)
    assert (dw * y).sum() == (dZ * expected_Z(X, y, zeros, options)).sum()


def expected_Z(X, w, b, options):
    """Return the response maps by slices: the loops would take minutes."""

    _, _, _, geometry, _ = shapes.check_conv2d(
        X,
        w,
        b,
        **{"stride": 1, "padding": 0, "dilation": 1, "groups": 1, **options},
    )
    Z = accuracy.conv2d(
        X,
        w,
        geometry.positions,
        stride=geometry.stride,
        margins=geometry.padding,
        dilation=geometry.dilation,
        groups=geometry.groups,
    )
    return Z + b[:, np.newaxis, np.newaxis]
