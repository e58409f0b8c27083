"""Every way of a convolution gives what the loops give, whatever the geometry."""

import numpy as np
import pytest
from support.cases import CONV, GEOMETRY
from support.failures import each

from cnnlab import fast, reference
from cnnlab.fast import blocked, conv, ways, windows
from cnnlab.shapes.geometry import Geometry

CASES = [case for case in CONV + GEOMETRY if case.groups == 1]
CHOSEN = (ways.BLOCKS, ways.WINDOWS)


@pytest.fixture
def always(monkeypatch):
    """Go one way with every layer that has positions and no groups, in several portions."""
    taken = []
    monkeypatch.setattr(windows, "ENTRIES", 1)  # one image at a time
    monkeypatch.setattr(blocked, "PRODUCTS", 1)

    def choose(route):
        def way(operation, image, w_shape, maps, geometry, itemsize):
            taken.append((operation, geometry.groups == 1 and maps[2] * maps[3] > 0))
            return route

        monkeypatch.setattr(conv, "way", way)
        return taken

    return choose


def integers(rng, shape, dtype):
    return rng.integers(-9, 10, shape).astype(dtype)


def everything(ops, X, w, b, d, dZ, options):
    """Return what all of convolution gives, and the transposed one with biases d."""
    transposed = {key: value for key, value in options.items() if key != "padding"}
    return [
        ops.conv2d(X, w, b, **options),
        ops.conv2d_dX(dZ, w, X.shape, **options),
        ops.conv2d_dw(dZ, X, w.shape, **options),
        ops.conv_transpose2d(dZ, w, d, **transposed),
    ]


@pytest.mark.parametrize("route", CHOSEN)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_geometry_is_exact(route, dtype, always, rng):
    taken = always(route)
    for case in CASES:
        shapes = case.X_shape, case.w_shape, (case.P,), (case.D,), case.Z_shape
        arrays = [integers(rng, shape, dtype) for shape in shapes]
        del taken[:]
        came = everything(fast, *arrays, case.options)
        assert taken == [("forward", True), ("dX", True), ("dw", True), ("dX", True)]
        for mine, loops in zip(came, everything(reference, *arrays, case.options), strict=True):
            assert mine.dtype == dtype
            np.testing.assert_array_equal(mine, loops, err_msg=str(case))


@pytest.mark.parametrize("route", CHOSEN)
@each(value=[np.nan, np.inf])
def test_not_finite_numbers_stay_where_they_are(route, value):
    """What is outside the image is absent: 0 times infinity is not added there."""
    rng = np.random.default_rng(0)
    X, w = rng.standard_normal((2, 8, 3, 3)), rng.standard_normal((64, 8, 3, 3))
    dZ = rng.standard_normal((2, 64, 3, 3))
    for array in X, w, dZ:
        array[0, 1, 0, 1] = value
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(conv, "way", lambda *_, route=route: route)
            with np.errstate(invalid="ignore"):
                results = [
                    (
                        ops.conv2d(X, w, padding=1),
                        ops.conv2d_dX(dZ, w, X.shape, padding=1),
                        ops.conv2d_dw(dZ, X, w.shape, padding=1),
                    )
                    for ops in (fast, reference)
                ]
        for mine, loops in zip(*results, strict=True):
            np.testing.assert_allclose(mine, loops, rtol=1e-10, atol=1e-10)
        array[0, 1, 0, 1] = 1


def chosen(operation, B, D, size, P, window=3, padding=1, step=1, groups=1):
    positions = (size + 2 * padding - window) // step + 1
    pair, around = (step, step), ((padding, padding), (padding, padding))
    geometry = Geometry(pair, around, (1, 1), (positions, positions), groups)
    image, maps = (B, D, size, size), (B, P, positions, positions)
    way = ways.way.__wrapped__  # nothing is remembered
    return way(operation, image, (P, D // groups, window, window), maps, geometry, 4)


@pytest.mark.parametrize("operation", ["forward", "dX", "dw"])
def test_which_way_a_layer_goes(operation):
    """Long rows go in rows, small deep images in blocks, one small image by windows."""
    assert chosen(operation, 1, 3, 427, 5, window=5, padding=0) == ways.ROWS
    assert chosen(operation, 16, 64, 64, 64) == ways.ROWS
    assert chosen(operation, 64, 128, 4, 128) == ways.BLOCKS
    assert chosen(operation, 64, 128, 7, 128) == ways.BLOCKS
    assert chosen(operation, 1, 256, 4, 256) == ways.WINDOWS
    assert chosen(operation, 64, 128, 4, 128, groups=2) == ways.ROWS
    assert chosen(operation, 0, 128, 4, 128) == ways.ROWS


@pytest.mark.parametrize("operation", ["forward", "dX", "dw"])
def test_large_images_and_patterns_are_never_copied_into_blocks(operation, monkeypatch):
    """Few positions do not mean small images: a stride may be long, and a pattern large."""
    monkeypatch.setattr(ways, "_blocks", lambda *_: -1)  # the shortest way, if it is one
    assert chosen(operation, 2, 8, 14, 16) == ways.BLOCKS
    assert chosen(operation, 2, 8, 224, 16, window=7, step=7) != ways.BLOCKS
    assert chosen(operation, 2, 8, 96, 16, window=80, padding=0) != ways.BLOCKS
