"""Few positions: windows as rows of a matrix give what the loops give, whatever the geometry."""

import numpy as np
import pytest
from support.cases import CONV, GEOMETRY
from support.failures import each

from cnnlab import fast, reference
from cnnlab.fast import conv, windows
from cnnlab.shapes.geometry import Geometry

CASES = [case for case in CONV + GEOMETRY if case.groups == 1]


@pytest.fixture
def always(monkeypatch):
    """Take this way for every layer that has positions and no groups, in several portions."""
    taken = []

    def are_few(positions, w_shape, geometry):
        taken.append(geometry.groups == 1 and positions[0] * positions[1] > 0)
        return taken[-1]

    monkeypatch.setattr(conv, "are_few", are_few)
    monkeypatch.setattr(windows, "ENTRIES", 1)  # one image at a time
    return taken


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


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_geometry_is_exact(dtype, always, rng):
    for case in CASES:
        shapes = case.X_shape, case.w_shape, (case.P,), (case.D,), case.Z_shape
        arrays = [integers(rng, shape, dtype) for shape in shapes]
        del always[:]
        came = everything(fast, *arrays, case.options)
        assert always == [True] * 4
        for mine, loops in zip(came, everything(reference, *arrays, case.options), strict=True):
            assert mine.dtype == dtype
            np.testing.assert_array_equal(mine, loops, err_msg=str(case))


@each(value=[np.nan, np.inf])
def test_not_finite_numbers_stay_where_they_are(value):
    """What is outside the image is absent: 0 times infinity is not added there."""
    rng = np.random.default_rng(0)
    X, w = rng.standard_normal((2, 8, 3, 3)), rng.standard_normal((64, 8, 3, 3))
    dZ = rng.standard_normal((2, 64, 3, 3))
    for array in X, w, dZ:
        array[0, 1, 0, 1] = value
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(conv, "are_few", lambda *_: True)
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


def test_which_layers_take_this_way():
    def few(positions, w_shape, groups=1, step=1):
        pair = step, step
        geometry = Geometry(pair, ((0, 0), (0, 0)), pair, positions, groups)
        return windows.are_few(positions, w_shape, geometry)

    assert few((1, 1), (120, 16, 5, 5))  # the last convolution of LeNet-5
    assert few((4, 4), (128, 128, 3, 3))
    assert not few((28, 28), (512, 512, 3, 3))
    assert not few((7, 7), (8, 8, 3, 3))
    assert not few((1, 1), (120, 16, 5, 5), groups=4)
    assert not few((0, 4), (128, 128, 3, 3))
    assert not few((4, 4), (128, 128, 3, 3), step=2000)  # far apart, and zeros between them


def test_portions_hold_all_images_once():
    shape, w_shape = (100, 7, 5, 5), (7, 64, 9, 9)
    images = [image for part in windows._portions(shape, w_shape) for image in range(100)[part]]
    assert images == list(range(100))
    assert len(list(windows._portions(shape, w_shape))) > 1
    assert not list(windows._portions((0, 7, 5, 5), w_shape))
