"""Pooling: the loops, their fast twin, and outside judges of both."""

import re
from typing import NamedTuple

import numpy as np
import pytest
from scipy import ndimage, signal
from support.cases import each, integers

from cnnlab import fast, gradcheck, reference

DTYPES = [np.float32, np.float64]

# A multiple of every count of a window here: means of multiples of it are integers, exactly.
MULTIPLE = 27720.0


class Pool(NamedTuple):
    """One pooling; `margin` and `positions` are what the options come to, worked out by hand."""

    name: str
    B: int
    D: int
    M: int
    N: int
    size: int | tuple
    positions: tuple[int, int]
    margin: tuple = ((0, 0), (0, 0))
    stride: int | tuple | None = None
    padding: int | str | tuple = 0
    dilation: int | tuple = 1
    ceil_mode: bool = False

    @property
    def X_shape(self):
        return self.B, self.D, self.M, self.N

    @property
    def Y_shape(self):
        return self.B, self.D, *self.positions

    @property
    def window(self):
        """(m, n)."""
        return pair(self.size)

    @property
    def steps(self):
        """The stride as a pair."""
        return self.window if self.stride is None else pair(self.stride)

    @property
    def options(self):
        """Keyword arguments of both poolings."""
        return {"stride": self.stride, "padding": self.padding, "ceil_mode": self.ceil_mode}

    @property
    def max_options(self):
        """Keyword arguments of `max_pool2d`."""
        return {**self.options, "dilation": self.dilation}


def pair(value):
    return value if isinstance(value, tuple) else (value, value)


def ragged(top, bottom, left, right):
    """A margin and the padding that says the same, for cases whose padding is written out."""
    return {"margin": ((top, bottom), (left, right)), "padding": ((top, bottom), (left, right))}


POOL = [
    Pool("one pixel", 1, 1, 1, 1, 1, (1, 1)),
    Pool("halves", 2, 3, 4, 6, 2, (2, 3)),
    Pool("odd rests", 2, 2, 5, 7, 2, (2, 3)),
    Pool("window as large as the image", 3, 2, 3, 4, (3, 4), (1, 1)),
    Pool("one row", 2, 2, 1, 9, (1, 4), (1, 3), stride=(1, 2)),
    Pool("one column", 2, 2, 9, 1, (4, 1), (3, 1), stride=(2, 1)),
    Pool("wide rows", 1, 1, 3, 41, (2, 3), (2, 20), stride=(1, 2)),
    Pool("overlap", 2, 2, 6, 7, (3, 2), (2, 6), stride=(2, 1)),
    Pool("gaps", 1, 2, 8, 9, 2, (3, 2), stride=(3, 4)),
    Pool("padding", 2, 2, 5, 6, 3, (3, 3), ((1, 1), (1, 1)), stride=2, padding=1),
    Pool("padding of columns", 1, 2, 4, 5, (2, 3), (2, 3), ((0, 0), (2, 2)), padding=(0, 2)),
    Pool("padding of two sides", 2, 1, 4, 5, (3, 2), (3, 6), **ragged(0, 1, 2, 0), stride=1),
    Pool("windows on padding", 1, 2, 4, 5, 2, (4, 4), **ragged(3, 2, 0, 4)),
    Pool("valid", 1, 2, 4, 5, (2, 3), (3, 3), stride=1, padding="valid"),
    Pool("same", 2, 1, 5, 6, (2, 3), (3, 2), ((0, 1), (0, 0)), padding="same"),
    Pool("same, overlap", 1, 2, 4, 5, (2, 4), (4, 5), ((0, 1), (1, 2)), stride=1, padding="same"),
    Pool("same, gaps", 1, 1, 7, 8, 2, (3, 2), ((0, 1), (0, 0)), stride=(3, 4), padding="same"),
    Pool("full", 1, 2, 3, 4, (2, 3), (4, 6), ((1, 1), (2, 2)), stride=1, padding="full"),
    Pool("rounded up", 2, 2, 5, 7, 2, (3, 4), ceil_mode=True),
    Pool("rounded up, no rest", 1, 2, 6, 5, (2, 3), (3, 2), stride=2, ceil_mode=True),
    Pool(
        # Rows: a third window would start on the padding below the image.
        "rounded up, starts on padding",
        *(1, 2, 5, 7, (2, 3), (2, 4), ((1, 1), (1, 1))),
        stride=(3, 2),
        padding=1,
        ceil_mode=True,
    ),
    Pool(
        "rounded up, padding of two sides",
        *(2, 1, 7, 5, (3, 2), (4, 2)),
        **ragged(1, 0, 0, 2),
        stride=(2, 3),
        ceil_mode=True,
    ),
    Pool(
        "rounded up, over padding", 1, 2, 4, 6, 3, (3, 3), **ragged(1, 1, 1, 0), ceil_mode=True
    )._replace(stride=2),
    Pool("rounded up, gaps", 1, 1, 5, 6, (1, 2), (2, 2), stride=4, ceil_mode=True),
    Pool("empty batch", 0, 2, 5, 4, 2, (2, 2)),
]

DILATED = [
    Pool("dilation", 1, 2, 6, 7, (2, 3), (3, 3), stride=1, dilation=(3, 2)),
    Pool("dilation, default stride", 1, 2, 6, 9, 2, (2, 3), dilation=3),
    Pool(
        "dilation, stride and padding",
        *(2, 2, 5, 8, 3, (3, 2), ((2, 2), (1, 1))),
        stride=(2, 3),
        padding=(2, 1),
        dilation=(2, 3),
    ),
    Pool(
        "dilation, same",
        *(1, 2, 5, 6, 3, (3, 3), ((2, 2), (1, 2))),
        stride=2,
        padding="same",
        dilation=2,
    ),
    Pool(
        "dilation, full",
        *(1, 1, 2, 3, 2, (4, 6), ((2, 2), (3, 3))),
        stride=1,
        padding="full",
        dilation=(2, 3),
    ),
    Pool(
        "dilation, rounded up",
        *(1, 2, 6, 7, 2, (2, 3)),
        stride=(3, 2),
        dilation=3,
        ceil_mode=True,
    ),
    Pool(
        # The middle window has an entry left and one right of the only pixel.
        "dilation around the image",
        *(1, 2, 3, 1, (1, 2), (3, 3), ((0, 0), (2, 2))),
        stride=1,
        padding=(0, 2),
        dilation=2,
    ),
    Pool("dilation, empty batch", 0, 1, 5, 6, 2, (2, 1), stride=2, dilation=(2, 4)),
]

NOT_EMPTY = [case for case in POOL if case.B]


def surround(case, X, padding, beyond):
    """Put images on planes of `padding`, with `beyond` for what hangs over at the end."""
    (top, bottom), (left, right) = case.margin
    high, wide = top + case.M + bottom, left + case.N + right
    (m, n), (gap, gap_n) = case.window, pair(case.dilation)
    planes = np.full((*X.shape[:2], high + m * gap, wide + n * gap_n), beyond, X.dtype)
    planes[:, :, :high, :wide] = padding
    planes[:, :, top : top + case.M, left : left + case.N] = X
    return planes


def at_positions(case, planes):
    """Keep what stands where a window begins."""
    (rows, columns), (down, right) = case.positions, case.steps
    return planes[:, :, ::down, ::right][:, :, :rows, :columns]


def windows(case, planes):
    """Every window with its entries in row-major order, along the last axis."""
    (m, n), (gap, gap_n) = case.window, pair(case.dilation)
    extent = (m - 1) * gap + 1, (n - 1) * gap_n + 1
    views = np.lib.stride_tricks.sliding_window_view(planes, extent, axis=(2, 3))
    views = at_positions(case, views[..., ::gap, ::gap_n])
    return views.reshape(*views.shape[:4], m * n)


def counts(case, count_include_pad):
    """How many entries of every window count, by SciPy. Shape (1, 1, M', N')."""
    ones = surround(case, np.ones((1, 1, case.M, case.N)), float(count_include_pad), 0)
    return window_sums(case, ones)


def window_sums(case, planes):
    sums = [
        [signal.correlate2d(plane, np.ones(case.window), "valid") for plane in image]
        for image in planes
    ]
    return at_positions(case, np.array(sums))


def multiples(rng, shape, dtype=np.float64):
    return (MULTIPLE * integers(rng, shape)).astype(dtype)


def pixels_at(X, argmax):
    """What max-pooling returns as long as the winners stay: linear in X."""
    p, q = np.divmod(argmax, X.shape[3])
    s, c, _, _ = np.indices(argmax.shape)
    return np.where(argmax == -1, 0.0, X[s, c, p, q])


# ------------------------------------------------------------------------------- maximum


@each(POOL + DILATED)
@pytest.mark.parametrize("dtype", DTYPES)
def test_max_of_fast_equals_reference_to_the_bit(case, dtype, rng):
    X, dY = integers(rng, case.X_shape, dtype), integers(rng, case.Y_shape, dtype)
    expected = reference.max_pool2d(X, case.size, **case.max_options)
    result = fast.max_pool2d(X, case.size, **case.max_options)
    np.testing.assert_array_equal(result.Y, expected.Y, strict=True)
    np.testing.assert_array_equal(result.argmax, expected.argmax, strict=True)
    assert result.Y.dtype == dtype
    np.testing.assert_array_equal(
        fast.max_pool2d_dX(dY, result.argmax, case.X_shape),
        reference.max_pool2d_dX(dY, expected.argmax, case.X_shape),
        strict=True,
    )


@each(POOL + DILATED)
def test_max_and_its_place_by_numpy(case, ops, rng):
    """Ties are frequent among so few integers: np.argmax takes the first too."""
    X = integers(rng, case.X_shape)
    index = np.arange(case.M * case.N).reshape(1, 1, case.M, case.N)
    cut = windows(case, surround(case, X, -np.inf, -np.inf))
    indices = np.broadcast_to(windows(case, surround(case, index, -1, -1)), cut.shape)
    first = cut.argmax(axis=-1)[..., np.newaxis]
    Y, argmax = ops.max_pool2d(X, case.size, **case.max_options)
    np.testing.assert_array_equal(Y, cut.max(axis=-1), strict=True)
    np.testing.assert_array_equal(
        argmax, np.take_along_axis(indices, first, axis=-1)[..., 0], strict=True
    )
    assert Y.shape == argmax.shape == case.Y_shape


@each([case for case in POOL + DILATED if case.B])
def test_max_by_scipy(case, ops, rng):
    X = rng.standard_normal(case.X_shape)
    (m, n), (gap, gap_n) = case.window, pair(case.dilation)
    footprint = np.zeros((1, 1, (m - 1) * gap + 1, (n - 1) * gap_n + 1), bool)
    footprint[..., ::gap, ::gap_n] = True
    # The origin moves a window from around its pixel to where the pixel is its first entry.
    filtered = ndimage.maximum_filter(
        surround(case, X, -np.inf, -np.inf),
        footprint=footprint,
        mode="constant",
        cval=-np.inf,
        origin=[-(length // 2) for length in footprint.shape],
    )
    Y, _ = ops.max_pool2d(X, case.size, **case.max_options)
    np.testing.assert_array_equal(Y, at_positions(case, filtered), strict=True)


@each(POOL + DILATED)
def test_max_adjoint_is_exact(case, ops, rng):
    """Where the winners stay, pooling is linear, and its gradient the adjoint."""
    _, argmax = ops.max_pool2d(integers(rng, case.X_shape), case.size, **case.max_options)
    report = gradcheck.check_adjoint(
        lambda X: pixels_at(X, argmax),
        lambda dY: ops.max_pool2d_dX(dY, argmax, case.X_shape),
        case.X_shape,
    )
    assert report.passed, report


@each([case for case in POOL + DILATED if case.name in ("overlap", "dilation, stride and padding")])
def test_max_numerical_gradient(case, ops, rng):
    """Distinct pixels: no step of a central difference changes a winner."""
    X = rng.permutation(np.prod(case.X_shape)).reshape(case.X_shape).astype(float)
    (report,) = gradcheck.check_gradients(
        lambda X: ops.max_pool2d(X, case.size, **case.max_options).Y,
        lambda dY, X: [
            ops.max_pool2d_dX(
                dY, ops.max_pool2d(X, case.size, **case.max_options).argmax, case.X_shape
            )
        ],
        [X],
    )
    assert report.passed, report


def test_max_by_hand(ops):
    X = [[[1, 5, 2, 0], [3, 4, 1, 7]]]
    Y, argmax = ops.max_pool2d(X, 2)
    np.testing.assert_array_equal(Y, [[[5.0, 7.0]]], strict=True)
    np.testing.assert_array_equal(argmax, [[[1, 7]]], strict=True)
    dX = ops.max_pool2d_dX([[[10, 20]]], argmax, (1, 2, 4))
    np.testing.assert_array_equal(dX, [[[0.0, 10, 0, 0], [0, 0, 0, 20]]], strict=True)


def test_gradients_of_overlapping_windows_add_up(ops):
    Y, argmax = ops.max_pool2d([[[1, 9, 2, 3]]], (1, 2), stride=1)
    np.testing.assert_array_equal(Y, [[[9.0, 9.0, 3.0]]])
    np.testing.assert_array_equal(argmax, [[[1, 1, 3]]])
    dX = ops.max_pool2d_dX([[[1, 10, 100]]], argmax, (1, 1, 4))
    np.testing.assert_array_equal(dX, [[[0.0, 11.0, 0.0, 100.0]]])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("level", [0.0, 3.0, -7.5, np.inf, -np.inf, np.nan])
def test_all_equal_window_goes_to_its_first_pixel(level, dtype, ops):
    """All -inf and all NaN too: -inf on the image is a pixel, and beats the padding."""
    X = np.full((2, 3, 4, 4), level, dtype)
    Y, argmax = ops.max_pool2d(X, 2, padding=1)
    np.testing.assert_array_equal(Y, np.full((2, 3, 3, 3), level, dtype), strict=True)
    places = np.broadcast_to([[0, 1, 3], [4, 5, 7], [12, 13, 15]], (2, 3, 3, 3))
    np.testing.assert_array_equal(argmax, places)
    dX = ops.max_pool2d_dX(np.ones(Y.shape, dtype), argmax, X.shape)
    assert dX.dtype == dtype
    plane = [[1, 1, 0, 1], [1, 1, 0, 1], [0, 0, 0, 0], [1, 1, 0, 1]]
    np.testing.assert_array_equal(dX, np.broadcast_to(plane, X.shape))


@pytest.mark.parametrize(
    ("window", "winner"),
    [
        ([[1, 5], [5, 5]], 1),
        ([[5, 1], [5, 1]], 0),
        ([[1, 2], [5, 5]], 2),
        ([[-np.inf, -np.inf], [-np.inf, -9]], 3),
        ([[-np.inf, -np.inf], [-np.inf, -np.finfo(np.float32).max]], 3),
        ([[1, np.inf], [np.inf, 2]], 1),
        ([[1, 2], [np.nan, 3]], 2),
        ([[9, np.nan], [1, np.nan]], 1),
        ([[np.nan, 9], [np.nan, np.inf]], 0),
        ([[np.inf, np.nan], [np.inf, 1]], 1),
        ([[-np.inf, -np.inf], [np.nan, -np.inf]], 2),
        ([[np.nan, np.nan], [np.nan, np.nan]], 0),
    ],
)
@pytest.mark.parametrize("dtype", DTYPES)
def test_ties_go_to_the_first_and_nan_wins(window, winner, dtype, ops):
    X = np.array([window], dtype)
    Y, argmax = ops.max_pool2d(X, 2)
    np.testing.assert_array_equal(Y, X.reshape(-1)[winner].reshape(1, 1, 1), strict=True)
    np.testing.assert_array_equal(argmax, [[[winner]]], strict=True)
    routed = np.zeros(4, dtype)
    routed[winner] = 8
    dX = ops.max_pool2d_dX(np.full((1, 1, 1), 8, dtype), argmax, (1, 2, 2))
    np.testing.assert_array_equal(dX, routed.reshape(1, 2, 2), strict=True)


@pytest.mark.parametrize("dtype", DTYPES)
def test_zeros_of_both_signs_are_a_tie(dtype, ops):
    for zeros in ([0.0, -0.0], [-0.0, 0.0]):
        Y, argmax = ops.max_pool2d(np.array([[zeros]], dtype), (1, 2))
        np.testing.assert_array_equal(argmax, [[[0]]])
        assert np.signbit(Y[0, 0, 0]) == np.signbit(zeros[0])


def test_nan_does_not_leave_its_windows(ops):
    X = np.arange(16.0).reshape(1, 4, 4)
    X[0, 1, 1] = np.nan
    Y, argmax = ops.max_pool2d(X, 2)
    np.testing.assert_array_equal(Y, [[[np.nan, 7], [13, 15]]])
    np.testing.assert_array_equal(argmax, [[[5, 7], [13, 15]]])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("level", [3.0, np.nan, np.inf, -np.inf])
def test_window_on_padding_has_no_winner(level, dtype, ops):
    X = np.full((2, 1, 1, 2), level, dtype)
    Y, argmax = ops.max_pool2d(X, (1, 2), padding=((1, 0), (4, 2)))
    nothing = [-np.inf] * 4
    plane = [nothing, [-np.inf, -np.inf, level, -np.inf]]
    np.testing.assert_array_equal(Y, np.array([[plane]] * 2, dtype), strict=True)
    np.testing.assert_array_equal(argmax, [[[[-1] * 4, [-1, -1, 0, -1]]]] * 2, strict=True)
    # Gradients of the lost windows, even NaN, go nowhere: least of all to the last pixel.
    dY = np.full(Y.shape, np.nan, dtype)
    dY[..., 1, 2] = [[5], [6]]
    dX = ops.max_pool2d_dX(dY, argmax, X.shape)
    np.testing.assert_array_equal(dX, np.array([[[[5, 0]]], [[[6, 0]]]], dtype), strict=True)


def test_dilated_window_around_the_image_has_no_winner(ops):
    Y, argmax = ops.max_pool2d([[[7]]], (1, 2), padding=(0, 1), dilation=2)
    np.testing.assert_array_equal(Y, [[[-np.inf]]], strict=True)
    np.testing.assert_array_equal(argmax, [[[-1]]], strict=True)
    np.testing.assert_array_equal(ops.max_pool2d_dX([[[5]]], argmax, (1, 1, 1)), [[[0.0]]])


def test_indices_of_a_plane_start_again_for_every_depth_and_image(ops):
    X = np.zeros((2, 2, 2, 3))
    X[0, 0, 0, 1] = X[0, 1, 0, 2] = X[1, 0, 1, 0] = X[1, 1, 1, 2] = 1
    Y, argmax = ops.max_pool2d(X, (2, 3))
    np.testing.assert_array_equal(argmax.reshape(2, 2), [[1, 2], [3, 5]])
    np.testing.assert_array_equal(ops.max_pool2d_dX(Y, argmax, X.shape), X, strict=True)


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int32, np.uint64, ">i4", list])
def test_winners_may_be_any_integers(dtype, ops, rng):
    X, dY = rng.standard_normal((2, 1, 4, 5)), rng.standard_normal((2, 1, 2, 2))
    _, argmax = ops.max_pool2d(X, 2)
    assert argmax.dtype == np.int64
    given = argmax.tolist() if dtype is list else argmax.astype(dtype)
    np.testing.assert_array_equal(
        ops.max_pool2d_dX(dY, given, X.shape), ops.max_pool2d_dX(dY, argmax, X.shape), strict=True
    )


@each([case for case in POOL + DILATED if case.B])
def test_one_image_gives_one_maximum(case, ops, rng):
    X, dY = integers(rng, case.X_shape), integers(rng, case.Y_shape)
    batch = ops.max_pool2d(X, case.size, **case.max_options)
    one = ops.max_pool2d(X[0], case.size, **case.max_options)
    np.testing.assert_array_equal(one.Y, batch.Y[0], strict=True)
    np.testing.assert_array_equal(one.argmax, batch.argmax[0], strict=True)
    np.testing.assert_array_equal(
        ops.max_pool2d_dX(dY[0], one.argmax, X.shape[1:]),
        ops.max_pool2d_dX(dY, batch.argmax, X.shape)[0],
        strict=True,
    )


# Rows of windows short and long, several blocks of them, steps and sizes on both sides of what has
# a kernel of its own, and windows as wide as the image.
LAYOUTS = [
    Pool("steps of 1", 2, 3, 9, 21, 3, (9, 21), stride=1, padding=1),
    Pool("steps of 2", 3, 5, 24, 24, 2, (12, 12)),
    Pool("steps of 2, overlap", 2, 3, 8, 9, 3, (4, 5), stride=2, padding=1),
    Pool("steps of 3, uneven padding", 1, 2, 7, 19, (2, 4), (3, 7), **ragged(0, 1, 2, 1), stride=3),
    Pool("steps of 4, gaps", 1, 2, 6, 30, (1, 3), (6, 7), stride=(1, 4)),
    Pool("steps of 5", 1, 2, 6, 30, (2, 3), (3, 6), stride=(2, 5)),
    Pool("more windows than a block", 1, 1, 4, 203, 2, (3, 202), stride=1),
    Pool("pixels to the right of all windows", 1, 3, 5, 16, 2, (2, 5), stride=(2, 3)),
    Pool("the same, padding", 1, 3, 5, 15, 2, (2, 5), **ragged(0, 0, 1, 0), stride=(2, 3)),
    Pool("more padding than image", 1, 2, 3, 4, (2, 8), (4, 7), ((1, 1), (5, 5)), 1, (1, 5)),
    Pool("rounded up, steps of 2", 1, 2, 7, 11, 2, (4, 6), ceil_mode=True),
    Pool("16 entries", 1, 2, 9, 12, 4, (6, 9), stride=1),
    Pool("20 entries", 1, 2, 9, 12, (4, 5), (6, 8), stride=1),
    Pool("as wide as the image", 2, 2, 9, 7, (2, 7), (4, 1), stride=(2, 3)),
    Pool("as wide as the image, padding", 2, 2, 9, 7, (3, 7), (5, 1), ((1, 1), (0, 0)))._replace(
        stride=(2, 1), padding=(1, 0)
    ),
    Pool("one pixel wide", 1, 3, 12, 1, (2, 1), (6, 1)),
    Pool("the whole image", 3, 2, 11, 13, (11, 13), (1, 1)),
]


@each(LAYOUTS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_odd_pixels_in_every_layout(case, dtype, rng):
    """Many windows have several NaN, infinities or zeros of both signs."""
    odd = [np.nan, -np.nan, np.inf, -np.inf, -np.inf, -0.0, 0.0, -0.0, 1.0, 2.0, -1.0]
    for among in (odd, odd[2:], odd[3:5], odd[5:8]):
        X = rng.choice(np.array(among, dtype), case.X_shape)
        expected = reference.max_pool2d(X, case.size, **case.max_options)
        result = fast.max_pool2d(X, case.size, **case.max_options)
        np.testing.assert_array_equal(result.argmax, expected.argmax, strict=True)
        assert result.Y.shape == case.Y_shape
        assert result.Y.tobytes() == expected.Y.tobytes()
        for s in range(case.B):  # blocks then begin elsewhere
            one = fast.max_pool2d(X[s], case.size, **case.max_options)
            assert one.Y.tobytes() == result.Y[s].tobytes()
            assert one.argmax.tobytes() == result.argmax[s].tobytes()


@each(LAYOUTS)
@pytest.mark.parametrize("count_include_pad", [True, False])
def test_means_in_every_layout(case, count_include_pad, rng):
    options = {**case.options, "count_include_pad": count_include_pad}
    multiple = 720720.0 * 11 * 13  # of every count of a window here
    X, dY = multiple * integers(rng, case.X_shape), multiple * integers(rng, case.Y_shape)
    np.testing.assert_array_equal(
        fast.avg_pool2d(X, case.size, **options),
        reference.avg_pool2d(X, case.size, **options),
        strict=True,
    )
    np.testing.assert_array_equal(
        fast.avg_pool2d_dX(dY, case.X_shape, case.size, **options),
        reference.avg_pool2d_dX(dY, case.X_shape, case.size, **options),
        strict=True,
    )


@each(LAYOUTS)
def test_no_pixel_reaches_a_window_beside_its_own(case, rng):
    """One NaN makes the means of its windows NaN, and its gradient, but no other."""
    for place in rng.integers(0, case.X_shape, (5, 4)):
        X = np.zeros(case.X_shape)
        X[tuple(place)] = np.nan
        Y = fast.avg_pool2d(X, case.size, **case.options)
        np.testing.assert_array_equal(Y, reference.avg_pool2d(X, case.size, **case.options))
        dX = fast.avg_pool2d_dX(Y, X.shape, case.size, **case.options)
        np.testing.assert_array_equal(
            dX, reference.avg_pool2d_dX(Y, X.shape, case.size, **case.options)
        )


# ------------------------------------------------------------------------------- mean


@each(POOL)
@pytest.mark.parametrize("count_include_pad", [True, False])
@pytest.mark.parametrize("dtype", DTYPES)
def test_mean_of_fast_equals_reference_to_the_bit(case, count_include_pad, dtype, rng):
    options = {**case.options, "count_include_pad": count_include_pad}
    X, dY = multiples(rng, case.X_shape, dtype), multiples(rng, case.Y_shape, dtype)
    expected = reference.avg_pool2d(X, case.size, **options)
    Y = fast.avg_pool2d(X, case.size, **options)
    np.testing.assert_array_equal(Y, expected, strict=True)
    assert Y.dtype == dtype
    np.testing.assert_array_equal(
        fast.avg_pool2d_dX(dY, case.X_shape, case.size, **options),
        reference.avg_pool2d_dX(dY, case.X_shape, case.size, **options),
        strict=True,
    )


@each(POOL)
@pytest.mark.parametrize("count_include_pad", [True, False])
def test_mean_by_scipy(case, count_include_pad, ops, rng):
    """Sums and counts as correlations with ones; the way back laid out window by window."""
    options = {**case.options, "count_include_pad": count_include_pad}
    X, dY = multiples(rng, case.X_shape), multiples(rng, case.Y_shape)
    count = np.maximum(counts(case, count_include_pad), 1)  # a window without pixels sums to 0
    planes = surround(case, np.zeros(case.X_shape), 0, 0)
    sums = window_sums(case, surround(case, X, 0, 0)) if case.B else np.zeros(case.Y_shape)
    Y = ops.avg_pool2d(X, case.size, **options)
    np.testing.assert_array_equal(Y, sums / count, strict=True)
    assert Y.shape == case.Y_shape

    (m, n), (down, right) = case.window, case.steps
    for i, j in np.ndindex(case.positions):
        share = (dY / count)[:, :, i : i + 1, j : j + 1]
        planes[:, :, i * down : i * down + m, j * right : j * right + n] += share
    (top, _), (left, _) = case.margin
    np.testing.assert_array_equal(
        ops.avg_pool2d_dX(dY, case.X_shape, case.size, **options),
        planes[:, :, top : top + case.M, left : left + case.N],
        strict=True,
    )


@each(POOL)
@pytest.mark.parametrize("count_include_pad", [True, False])
def test_mean_adjoint_is_exact(case, count_include_pad, ops):
    """<mean(X), G> is <X, dX>; multiples of every count leave nothing to round."""
    options = {**case.options, "count_include_pad": count_include_pad}
    report = gradcheck.check_adjoint(
        lambda X: ops.avg_pool2d(MULTIPLE * X, case.size, **options),
        lambda dY: ops.avg_pool2d_dX(MULTIPLE * dY, case.X_shape, case.size, **options),
        case.X_shape,
    )
    assert report.passed, report


@pytest.mark.parametrize("count_include_pad", [True, False])
def test_mean_numerical_gradient(count_include_pad, ops, rng):
    case = next(case for case in POOL if case.name == "rounded up, over padding")
    options = {**case.options, "count_include_pad": count_include_pad}
    (report,) = gradcheck.check_gradients(
        lambda X: ops.avg_pool2d(X, case.size, **options),
        lambda dY, X: [ops.avg_pool2d_dX(dY, X.shape, case.size, **options)],
        [rng.standard_normal(case.X_shape)],
    )
    assert report.passed, report


@each(NOT_EMPTY)
@pytest.mark.parametrize("count_include_pad", [True, False])
@pytest.mark.parametrize("dtype", DTYPES)
def test_error_of_the_mean_is_within_the_bound_of_summation(
    case, count_include_pad, dtype, ops, rng
):
    """|computed - exact| <= terms * u * exact: on pixels, the sum of absolute values is exact."""
    options = {**case.options, "count_include_pad": count_include_pad}
    X, dY = rng.random(case.X_shape).astype(dtype), rng.random(case.Y_shape).astype(dtype)
    u, terms = np.finfo(dtype).eps / 2, np.prod(case.window)
    count = np.maximum(counts(case, count_include_pad), 1).astype(np.longdouble)
    Y = windows(case, surround(case, X.astype(np.longdouble), 0, 0)).sum(axis=-1) / count
    # terms - 1 sums, one division.
    assert (np.abs(ops.avg_pool2d(X, case.size, **options) - Y) <= terms * u * Y).all()

    (m, n), (down, right) = case.window, case.steps
    planes = surround(case, np.zeros(case.X_shape, np.longdouble), 0, 0)
    for i, j in np.ndindex(case.positions):
        share = (dY / count)[:, :, i : i + 1, j : j + 1]
        planes[:, :, i * down : i * down + m, j * right : j * right + n] += share
    (top, _), (left, _) = case.margin
    dX = planes[:, :, top : top + case.M, left : left + case.N]
    # No pixel is in more windows than a window has entries.
    error = np.abs(ops.avg_pool2d_dX(dY, case.X_shape, case.size, **options) - dX)
    assert (error <= terms * u * dX).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_shares_are_divisions_to_the_bit(dtype, ops, rng):
    """Where windows do not overlap, a gradient is one division; a reciprocal would round twice."""
    dY = rng.standard_normal((2, 3, 4, 5)).astype(dtype)
    dX = ops.avg_pool2d_dX(dY, (2, 3, 12, 35), (3, 7))
    expected = np.repeat(np.repeat(dY / dtype(21), 3, axis=2), 7, axis=3)
    np.testing.assert_array_equal(dX, expected, strict=True)


def test_mean_by_hand(ops):
    X = [[[1, 5, 2, 0], [3, 4, 1, 8]]]
    np.testing.assert_array_equal(ops.avg_pool2d(X, 2), [[[3.25, 2.75]]], strict=True)
    dX = ops.avg_pool2d_dX([[[4, 8]]], (1, 2, 4), 2)
    np.testing.assert_array_equal(dX, [[[1.0, 1, 2, 2], [1, 1, 2, 2]]], strict=True)


def test_what_counts_by_hand(ops):
    """Two pixels, one of padding before them and after them, windows of three, every two."""
    X, options = [[[6, 12]]], {"stride": 2, "padding": (0, 1)}
    # [0 6 12] 0: floor has one window.
    np.testing.assert_array_equal(ops.avg_pool2d(X, (1, 3), **options), [[[6.0]]])
    without = ops.avg_pool2d(X, (1, 3), **options, count_include_pad=False)
    np.testing.assert_array_equal(without, [[[9.0]]])
    # 0 6 [12 0 .]: the second window hangs over by one, which never counts.
    options["ceil_mode"] = True
    np.testing.assert_array_equal(ops.avg_pool2d(X, (1, 3), **options), [[[6.0, 6.0]]])
    without = ops.avg_pool2d(X, (1, 3), **options, count_include_pad=False)
    np.testing.assert_array_equal(without, [[[9.0, 12.0]]])
    dX = ops.avg_pool2d_dX([[[3, 10]]], (1, 1, 2), (1, 3), **options)
    np.testing.assert_array_equal(dX, [[[1.0, 6.0]]])
    dX = ops.avg_pool2d_dX([[[4, 10]]], (1, 1, 2), (1, 3), **options, count_include_pad=False)
    np.testing.assert_array_equal(dX, [[[2.0, 12.0]]])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("count_include_pad", [True, False])
def test_mean_of_a_window_on_padding_is_zero(count_include_pad, dtype, ops):
    X = np.array([[[4, 8]]], dtype)
    options = {"padding": ((1, 0), (2, 2)), "count_include_pad": count_include_pad}
    Y = ops.avg_pool2d(X, (1, 2), **options)
    np.testing.assert_array_equal(Y, np.array([[[0, 0, 0], [0, 6, 0]]], dtype), strict=True)
    dY = np.full((1, 2, 3), np.nan, dtype)
    dY[0, 1, 1] = 10
    dX = ops.avg_pool2d_dX(dY, X.shape, (1, 2), **options)
    np.testing.assert_array_equal(dX, np.array([[[5, 5]]], dtype), strict=True)


def test_infinity_and_nan_pass_through_the_mean(ops):
    X = [[[np.nan, 1, 2, np.inf, 3, 4, np.inf, -np.inf]]]
    with np.errstate(invalid="ignore"):  # kernels that run as plain Python warn of inf - inf
        Y = ops.avg_pool2d(X, (1, 2))
    np.testing.assert_array_equal(Y, [[[np.nan, np.inf, 3.5, np.nan]]])


@each(NOT_EMPTY)
def test_one_image_gives_one_mean(case, ops, rng):
    X, dY = integers(rng, case.X_shape), integers(rng, case.Y_shape)
    Y = ops.avg_pool2d(X, case.size, **case.options)
    one = ops.avg_pool2d(X[0], case.size, **case.options)
    np.testing.assert_array_equal(one, Y[0], strict=True)
    np.testing.assert_array_equal(
        ops.avg_pool2d_dX(dY[0], X.shape[1:], case.size, **case.options),
        ops.avg_pool2d_dX(dY, X.shape, case.size, **case.options)[0],
        strict=True,
    )


# ------------------------------------------------------------------------------- both


def test_empty_batch_is_pooled(ops):
    X = np.zeros((0, 2, 5, 4), np.float32)
    Y, argmax = ops.max_pool2d(X, 2)
    for result in (Y, argmax, ops.avg_pool2d(X, 2)):
        assert result.shape == (0, 2, 2, 2)
    assert (Y.dtype, argmax.dtype) == (np.float32, np.int64)
    for dX in (ops.max_pool2d_dX(Y, argmax, X.shape), ops.avg_pool2d_dX(Y, X.shape, 2)):
        np.testing.assert_array_equal(dX, X, strict=True)


def test_inputs_are_not_modified(ops, rng):
    X, dY = rng.standard_normal((2, 1, 3, 4, 4))[:, :, 0:1]
    dY = dY[..., ::2, ::2].copy()
    argmax = ops.max_pool2d(X, 2).argmax
    given = [X, dY, argmax]
    before = [array.copy() for array in given]
    for array in given:
        array.flags.writeable = False
    ops.max_pool2d_dX(dY, argmax, X.shape)
    ops.avg_pool2d(X, 2)
    ops.avg_pool2d_dX(dY, X.shape, 2)
    for array, copy in zip(given, before, strict=True):
        np.testing.assert_array_equal(array, copy, strict=True)


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ({}, {"stride": 2, "padding": 0}),
        ({}, {"stride": np.array([2, 2]), "padding": "valid"}),
        ({"padding": 1}, {"padding": [1, 1]}),
        ({"padding": (0, 1)}, {"padding": [[0, 0], [1, 1]]}),
        ({"padding": "same"}, {"padding": ((0, 1), (0, 0)), "stride": [2, np.int8(2)]}),
        ({"padding": "full"}, {"padding": 1, "ceil_mode": np.False_}),
    ],
)
def test_options_have_several_spellings(short, long, ops, rng):
    X = rng.standard_normal((1, 2, 5, 6))
    for size in (2, (2, 2), [2, 2], np.array([2, 2])):
        for result, other in zip(
            ops.max_pool2d(X, size, **long), ops.max_pool2d(X, 2, **short), strict=True
        ):
            np.testing.assert_array_equal(result, other, strict=True)
        np.testing.assert_array_equal(
            ops.avg_pool2d(X, size, **long), ops.avg_pool2d(X, 2, **short), strict=True
        )


# ------------------------------------------------------------------------------- errors

X = np.zeros((2, 3, 5, 6))
Y = np.zeros((2, 3, 2, 3))
WINNERS = np.zeros(Y.shape, np.int64)


def pooling(words, *arguments, **options):
    """A wrong call of every function that moves a window, and what each must say."""
    return [
        ("max_pool2d", (X, *arguments), options, words),
        ("avg_pool2d", (X, *arguments), options, words),
        ("avg_pool2d_dX", (Y, X.shape, *arguments), options, words),
    ]


FORMS = (
    'an integer, a pair (rows, columns), ((top, bottom), (left, right)), "valid", "same" or '
    '"full" is needed; pass one of these.'
)

WRONG = [
    *pooling(
        "a window of 6 x 2 does not fit into an image of 5 x 6 (X.shape=(2, 3, 5, 6)); "
        "use a smaller window or a larger image.",
        (6, 2),
    ),
    *pooling(
        "a window of 4 x 9 does not fit into an image of 5 x 6, 5 x 8 with its padding "
        "(X.shape=(2, 3, 5, 6)); use a smaller window or a larger image.",
        (4, 9),
        padding=(0, 1),
    ),
    # Rounding up must not make room: the last window may hang over, the first may not.
    *pooling("a window of 6 x 6 does not fit into an image of 5 x 6 (X.", 6, ceil_mode=True),
    *pooling("size=0, but at least 1 is needed.", 0),
    *pooling("size=-2, but at least 1 is needed.", (2, -2)),
    *pooling("size=float 2.0 came, but an integer is needed; pass 1 or more.", 2.0),
    *pooling("size=bool True came, but an integer is needed; pass 1 or more.", True),
    *pooling("size=NoneType None came, but an integer is needed; pass 1 or more.", None),
    *pooling(
        "size=(2, 2, 2) has 3 entries, but needs 2; pass (rows, columns), or one integer for both.",
        (2, 2, 2),
    ),
    *pooling("size=2147483648, but at most 2147483647 is possible.", 2**31),
    *pooling("stride=0, but at least 1 is needed.", 2, stride=0),
    *pooling("stride=(2,) has 1 entries, but needs 2", 2, stride=(2,)),
    *pooling("stride=str '2' came, but an integer is needed; pass 1 or more.", 2, stride="2"),
    *pooling("padding=-1, but at least 0 is needed.", 2, padding=-1),
    *pooling("padding=float 0.5 came, but an integer is needed; pass 0 or more.", 2, padding=0.5),
    *pooling(f"padding='SAME' came, but {FORMS}", 2, padding="SAME"),
    *pooling(f"padding=tuple (1, 2, 3, 4) came, but {FORMS}", 2, padding=(1, 2, 3, 4)),
    *pooling(f"padding=tuple (1, (0, 1)) came, but {FORMS}", 2, padding=(1, (0, 1))),
    *pooling("padding=(1, 2, 3) has 3 entries, but needs 2", 2, padding=((1, 2, 3), (0, 0))),
    *pooling("ceil_mode=int 1 came, but True or False is needed; pass one.", 2, ceil_mode=1),
    *pooling(
        "the result of shape (2, 3, 2147483652, 2147483653) has more entries than any memory "
        "holds; use a smaller padding, stride or dilation.",
        2,
        stride=1,
        padding=2**30,
    ),
    (
        "max_pool2d",
        (X, 3),
        {"dilation": (2, 3)},
        "a window of 3 x 3, 5 x 7 with its dilation, does not fit into an image of 5 x 6 "
        "(X.shape=(2, 3, 5, 6)); use a smaller window or a larger image.",
    ),
    (
        "max_pool2d",
        (X, 3),
        {"dilation": 4, "padding": ((0, 1), (1, 1)), "ceil_mode": True},
        "a window of 3 x 3, 9 x 9 with its dilation, does not fit into an image of 5 x 6, "
        "6 x 8 with its padding (X.shape=(2, 3, 5, 6)); use a smaller window or a larger image.",
    ),
    ("max_pool2d", (X, 2), {"dilation": 0}, "dilation=0, but at least 1 is needed."),
    ("max_pool2d", (X, 2), {"dilation": 1.5}, "dilation=float 1.5 came, but an integer"),
    (
        "avg_pool2d",
        (X, 2),
        {"count_include_pad": None},
        "count_include_pad=NoneType None came, but True or False is needed; pass one.",
    ),
    (
        "avg_pool2d_dX",
        (Y, X.shape, 2),
        {"count_include_pad": "no"},
        "count_include_pad=str 'no' came, but True or False is needed; pass one.",
    ),
    *[
        (name, arguments, {}, words)
        for name in ("max_pool2d", "avg_pool2d")
        for arguments, words in [
            (
                (X[0, 0], 2),
                "X has 2 axes (X.shape=(5, 6)), but needs 3 (one image: depth, height, width) or "
                "4 (a batch of images); a gray image needs a depth of 1: X[np.newaxis].",
            ),
            (
                (X[:, :0], 2),
                "X holds images of size zero (X.shape=(2, 0, 5, 6)); depth, height and width "
                "must be at least 1 (only the batch may be empty).",
            ),
            ((X[:, :, :0], 2), "X holds images of size zero (X.shape=(2, 3, 0, 6));"),
            ((X[..., :0], 2), "X holds images of size zero (X.shape=(2, 3, 5, 0));"),
        ]
    ],
    (
        "avg_pool2d_dX",
        (Y[..., :2], X.shape, 2),
        {},
        "dY.shape=(2, 3, 2, 2), but pooling images of shape (2, 3, 5, 6) gives Y of shape "
        "(2, 3, 2, 3); dY must have the shape of Y.",
    ),
    ("avg_pool2d_dX", (Y[:1], X.shape, 2), {}, "dY.shape=(1, 3, 2, 3), but pooling images"),
    ("avg_pool2d_dX", (Y, X.shape, 2), {"ceil_mode": True}, "dY.shape=(2, 3, 2, 3), but pooling"),
    (
        "avg_pool2d_dX",
        (Y[0], X.shape, 2),
        {},
        "dY has 3 axes but X_shape has 4; both must be one image (3 axes) or both a batch "
        "(4 axes).",
    ),
    ("avg_pool2d_dX", (Y[0, 0], X.shape, 2), {}, "dY has 2 axes (dY.shape=(2, 3)), but needs 3"),
    ("avg_pool2d_dX", (Y, (5, 6), 2), {}, "X_shape=(5, 6) has length 2, but needs 3 or 4;"),
    ("avg_pool2d_dX", (Y, X, 2), {}, "X_shape must be a tuple of integers, not an array"),
    ("avg_pool2d_dX", (Y, (2, 3, 0, 6), 2), {}, "X holds images of size zero (X.shape=(2, 3, 0"),
    (
        "max_pool2d_dX",
        (Y, WINNERS + 0.0, X.shape),
        {},
        "argmax=an array of dtype float64 and shape (2, 3, 2, 3) came, but integers are needed; "
        "pass the argmax that max_pool2d returned.",
    ),
    ("max_pool2d_dX", (Y, WINNERS > 0, X.shape), {}, "argmax=an array of dtype bool and shape"),
    ("max_pool2d_dX", (Y, None, X.shape), {}, "argmax=NoneType None came, but integers are needed"),
    ("max_pool2d_dX", (Y, [[1], [2, 3]], X.shape), {}, "argmax=list [[1], [2, 3]] came, but"),
    (
        "max_pool2d_dX",
        (Y, np.ma.masked_equal(WINNERS, 1), X.shape),
        {},
        "argmax=a masked array of dtype int64 and shape (2, 3, 2, 3) came, but integers",
    ),
    (
        "max_pool2d_dX",
        (Y, WINNERS[:1], X.shape),
        {},
        "dY.shape=(2, 3, 2, 3) but argmax.shape=(1, 3, 2, 3); both must have the shape of what "
        "max_pool2d returned.",
    ),
    ("max_pool2d_dX", (Y, WINNERS[0], X.shape), {}, "dY.shape=(2, 3, 2, 3) but argmax.shape=(3, "),
    ("max_pool2d_dX", (Y, WINNERS.swapaxes(2, 3), X.shape), {}, "dY.shape=(2, 3, 2, 3) but argmax"),
    (
        "max_pool2d_dX",
        (Y, WINNERS + 30, X.shape),
        {},
        "argmax holds 30 to 30, but planes of 5 x 6 have the indices 0 to 29 (-1 for a window "
        "without a pixel); pass the argmax and the X_shape of the same max_pool2d.",
    ),
    ("max_pool2d_dX", (Y, WINNERS - 2, X.shape), {}, "argmax holds -2 to -2, but planes of 5 x 6"),
    (
        "max_pool2d_dX",
        (Y, WINNERS.astype(np.uint64) + np.uint64(2**64 - 1), X.shape),
        {},
        "argmax holds 18446744073709551615 to 18446744073709551615, but planes of 5 x 6",
    ),
    (
        "max_pool2d_dX",
        (Y, WINNERS, (2, 4, 5, 6)),
        {},
        "dY.shape=(2, 3, 2, 3), but pooling images of shape (2, 4, 5, 6) gives Y of shape "
        "(2, 4, 2, 3); dY must have the shape of Y.",
    ),
    ("max_pool2d_dX", (Y, WINNERS, (1, 3, 5, 6)), {}, "dY.shape=(2, 3, 2, 3), but pooling images"),
    ("max_pool2d_dX", (Y[0], WINNERS[0], X.shape), {}, "dY has 3 axes but X_shape has 4;"),
    ("max_pool2d_dX", (Y[0, 0], WINNERS[0, 0], X.shape), {}, "dY has 2 axes (dY.shape=(2, 3)),"),
    ("max_pool2d_dX", (Y, WINNERS, (2, 3, 5)), {}, "dY has 4 axes but X_shape has 3;"),
    ("max_pool2d_dX", (Y, WINNERS, 5), {}, "X_shape must be a tuple of integers, not int 5;"),
    ("max_pool2d_dX", (Y, WINNERS, (2, 3, 5, 0)), {}, "X holds images of size zero (X.shape=(2, 3"),
    (
        "max_pool2d_dX",
        (Y[:, :, :0], WINNERS[:, :, :0], X.shape),
        {},
        "dY holds images of size zero (dY.shape=(2, 3, 0, 3)); depth, height and width must be",
    ),
    (
        "max_pool2d_dX",
        (Y, WINNERS, (2, 3, 2**40, 2**40)),
        {},
        "X_shape=(2, 3, 1099511627776, 1099511627776) has more entries than any memory holds; "
        "pass the shape of the array that it describes.",
    ),
    (
        "max_pool2d",
        (X[0], 9),
        {},
        "a window of 9 x 9 does not fit into an image of 5 x 6 (X.shape=(3, 5, 6)); use a smaller",
    ),
    ("max_pool2d_dX", (Y, WINNERS, (2, 3, 5, -6)), {}, "X_shape=(2, 3, 5, -6) has a negative size"),
]


@pytest.mark.parametrize(("name", "arguments", "options", "words"), WRONG)
def test_message(name, arguments, options, words, ops):
    with pytest.raises((ValueError, TypeError), match="^" + re.escape(f"{name}: {words}")) as error:
        getattr(ops, name)(*arguments, **options)
    assert str(error.value).endswith(".")


def test_one_winner_out_of_reach_is_enough(ops):
    for wrong in (-2, 30):
        winners = WINNERS.copy()
        winners[1, 2, 0, 1] = wrong
        with pytest.raises(ValueError, match="^max_pool2d_dX: argmax holds .*"):
            ops.max_pool2d_dX(Y, winners, X.shape)
