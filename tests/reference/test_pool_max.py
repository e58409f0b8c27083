"""Pooling by the maximum: the loops, their fast twin, and outside judges of both."""

import numpy as np
from scipy import ndimage
from support.cases import integers
from support.failures import each
from support.pools import DILATED, LAYOUTS, POOL, at_positions, pair, surround, windows

from cnnlab import fast, gradcheck, reference

DTYPES = [np.float32, np.float64]


def pixels_at(X, argmax):
    """What max-pooling returns as long as the winners stay: linear in X."""
    p, q = np.divmod(argmax, X.shape[3])
    s, c, _, _ = np.indices(argmax.shape)
    return np.where(argmax == -1, 0.0, X[s, c, p, q])


@each(case=POOL + DILATED, dtype=DTYPES)
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


@each(case=POOL + DILATED)
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


@each(case=[case for case in POOL + DILATED if case.B])
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


@each(case=POOL + DILATED)
def test_max_adjoint_is_exact(case, ops, rng):
    """Where the winners stay, pooling is linear, and its gradient the adjoint."""
    _, argmax = ops.max_pool2d(integers(rng, case.X_shape), case.size, **case.max_options)
    report = gradcheck.check_adjoint(
        lambda X: pixels_at(X, argmax),
        lambda dY: ops.max_pool2d_dX(dY, argmax, case.X_shape),
        case.X_shape,
    )
    assert report.passed, report


@each(
    case=[
        case for case in POOL + DILATED if case.name in ("overlap", "dilation, stride and padding")
    ]
)
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


@each(level=[0.0, 3.0, -7.5, np.inf, -np.inf, np.nan], dtype=DTYPES)
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


@each(
    window_and_winner=[
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
    dtype=DTYPES,
)
def test_ties_go_to_the_first_and_nan_wins(window_and_winner, dtype, ops):
    window, winner = window_and_winner
    X = np.array([window], dtype)
    Y, argmax = ops.max_pool2d(X, 2)
    np.testing.assert_array_equal(Y, X.reshape(-1)[winner].reshape(1, 1, 1), strict=True)
    np.testing.assert_array_equal(argmax, [[[winner]]], strict=True)
    routed = np.zeros(4, dtype)
    routed[winner] = 8
    dX = ops.max_pool2d_dX(np.full((1, 1, 1), 8, dtype), argmax, (1, 2, 2))
    np.testing.assert_array_equal(dX, routed.reshape(1, 2, 2), strict=True)


@each(dtype=DTYPES)
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


@each(level=[3.0, np.nan, np.inf, -np.inf], dtype=DTYPES)
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


@each(dtype=[np.int8, np.uint8, np.int32, np.uint64, ">i4", list])
def test_winners_may_be_any_integers(dtype, ops, rng):
    X, dY = rng.standard_normal((2, 1, 4, 5)), rng.standard_normal((2, 1, 2, 2))
    _, argmax = ops.max_pool2d(X, 2)
    assert argmax.dtype == np.int64
    given = argmax.tolist() if dtype is list else argmax.astype(dtype)
    np.testing.assert_array_equal(
        ops.max_pool2d_dX(dY, given, X.shape), ops.max_pool2d_dX(dY, argmax, X.shape), strict=True
    )


@each(case=[case for case in POOL + DILATED if case.B])
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


@each(case=LAYOUTS, dtype=DTYPES)
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
