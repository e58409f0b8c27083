"""Pooling by the mean: the loops, their fast twin, and outside judges of both."""

import numpy as np
from scipy import signal
from support.cases import integers
from support.failures import each
from support.pools import LAYOUTS, NOT_EMPTY, POOL, at_positions, surround, windows

from cnnlab import fast, gradcheck, reference

DTYPES = [np.float32, np.float64]

# A multiple of every count of a window here: means of multiples of it are integers, exactly.
MULTIPLE = 27720.0


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


@each(case=POOL, count_include_pad=[True, False], dtype=DTYPES)
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


@each(case=POOL, count_include_pad=[True, False])
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


@each(case=POOL, count_include_pad=[True, False])
def test_mean_adjoint_is_exact(case, count_include_pad, ops):
    """<mean(X), G> is <X, dX>; multiples of every count leave nothing to round."""
    options = {**case.options, "count_include_pad": count_include_pad}
    report = gradcheck.check_adjoint(
        lambda X: ops.avg_pool2d(MULTIPLE * X, case.size, **options),
        lambda dY: ops.avg_pool2d_dX(MULTIPLE * dY, case.X_shape, case.size, **options),
        case.X_shape,
    )
    assert report.passed, report


@each(count_include_pad=[True, False])
def test_mean_numerical_gradient(count_include_pad, ops, rng):
    case = next(case for case in POOL if case.name == "rounded up, over padding")
    options = {**case.options, "count_include_pad": count_include_pad}
    (report,) = gradcheck.check_gradients(
        lambda X: ops.avg_pool2d(X, case.size, **options),
        lambda dY, X: [ops.avg_pool2d_dX(dY, X.shape, case.size, **options)],
        [rng.standard_normal(case.X_shape)],
    )
    assert report.passed, report


@each(case=NOT_EMPTY, count_include_pad=[True, False], dtype=DTYPES)
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


@each(dtype=DTYPES)
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


@each(count_include_pad=[True, False], dtype=DTYPES)
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


@each(case=NOT_EMPTY)
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


@each(case=LAYOUTS, count_include_pad=[True, False])
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


@each(case=LAYOUTS)
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
