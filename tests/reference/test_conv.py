"""Convolution: the loops, their fast twin, and outside judges of both."""

import numpy as np
from scipy import signal
from support.cases import CONV, GEOMETRY, integers
from support.failures import each

from cnnlab import fast, gradcheck, reference

DTYPES = [np.float32, np.float64]


def arrays(case, rng, dtype=np.float64):
    """Random small integers for X, w, b and dZ."""
    shapes = case.X_shape, case.w_shape, (case.P,), case.Z_shape
    return [integers(rng, shape, dtype) for shape in shapes]


def all_results(ops, case, X, w, b, dZ):
    """Everything a convolutional layer computes, by name."""
    return {
        "Z": ops.conv2d(X, w, b, **case.options),
        "dX": ops.conv2d_dX(dZ, w, case.X_shape, **case.options),
        "dw": ops.conv2d_dw(dZ, X, case.w_shape, **case.options),
        "db": ops.conv2d_db(dZ),
    }


def as_pair(value):
    return value if isinstance(value, tuple) else (value, value)


def spread(array, steps):
    """Put zeros between the entries of the last two axes, as a dilation does."""
    rows, columns = (
        (size - 1) * step + 1 for size, step in zip(array.shape[2:], steps, strict=True)
    )
    wide = np.zeros((*array.shape[:2], rows, columns))
    wide[:, :, :: steps[0], :: steps[1]] = array
    return wide


@each(case=CONV + GEOMETRY, dtype=DTYPES)
def test_fast_equals_reference_to_the_bit_on_integers(case, dtype, rng):
    given = arrays(case, rng, dtype)
    expected = all_results(reference, case, *given)
    for name, result in all_results(fast, case, *given).items():
        np.testing.assert_array_equal(result, expected[name], err_msg=name, strict=True)
        assert result.dtype == dtype
        assert result.flags.c_contiguous
        assert result.flags.writeable


@each(case=CONV + GEOMETRY)
def test_fast_and_reference_agree_on_real_numbers(case, rng):
    shapes = case.X_shape, case.w_shape, (case.P,), case.Z_shape
    given = [rng.standard_normal(shape) for shape in shapes]
    expected = all_results(reference, case, *given)
    for name, result in all_results(fast, case, *given).items():
        np.testing.assert_allclose(result, expected[name], rtol=1e-12, atol=1e-12, err_msg=name)


@each(case=CONV + GEOMETRY)
def test_scipy_agrees(case, ops, rng):
    X, w, b, dZ = arrays(case, rng)
    (top, bottom), (left, right) = case.margins
    stride, dilation = as_pair(case.stride), as_pair(case.dilation)
    padded = np.pad(X, ((0, 0), (0, 0), *case.margins))
    rows, columns = padded.shape[2:]
    wide = spread(w, dilation)
    # With zeros between its entries dZ belongs to the convolution of stride 1, which has as many
    # positions as the padded image leaves room for.
    every = np.zeros((*dZ.shape[:2], rows - wide.shape[2] + 1, columns - wide.shape[3] + 1))
    every[:, :, :: stride[0], :: stride[1]] = dZ
    Z, dX, dw = np.zeros(every.shape), np.zeros(padded.shape), np.zeros(w.shape)
    Z += b[:, np.newaxis, np.newaxis]
    for s in range(case.B):
        for k in range(case.P):
            for c in range(w.shape[1]):
                depth = k // (case.P // case.groups) * w.shape[1] + c
                Z[s, k] += signal.correlate2d(padded[s, depth], wide[k, c], "valid")
                dX[s, depth] += signal.convolve2d(every[s, k], wide[k, c], "full")
                dw[k, c] += signal.correlate2d(padded[s, depth], every[s, k], "valid")[
                    :: dilation[0], :: dilation[1]
                ]
    Z = Z[:, :, :: stride[0], :: stride[1]]
    dX = dX[:, :, top : rows - bottom, left : columns - right]
    expected = {"Z": Z, "dX": dX, "dw": dw, "db": dZ.sum(axis=(0, 2, 3))}
    for name, result in all_results(ops, case, X, w, b, dZ).items():
        np.testing.assert_array_equal(result, expected[name], err_msg=name, strict=True)


@each(case=CONV + GEOMETRY)
def test_adjoint_is_exact(case, ops, rng):
    """<conv(X, w), G> is <X, dX> and <w, dw>: what it means to be the gradient."""
    X, w, _, _ = arrays(case, rng)
    for_X = gradcheck.check_adjoint(
        lambda x: ops.conv2d(x, w, **case.options),
        lambda g: ops.conv2d_dX(g, w, case.X_shape, **case.options),
        case.X_shape,
    )
    for_w = gradcheck.check_adjoint(
        lambda x: ops.conv2d(X, x, **case.options),
        lambda g: ops.conv2d_dw(g, X, case.w_shape, **case.options),
        case.w_shape,
    )
    zeros = np.zeros_like(w)
    for_b = gradcheck.check_adjoint(
        lambda x: ops.conv2d(X, zeros, x, **case.options), ops.conv2d_db, (case.P,)
    )
    assert for_X.passed, for_X
    assert for_w.passed, for_w
    assert for_b.passed, for_b


@each(case=[CONV[3], GEOMETRY[-3]], method=["central", "complex"])
def test_numerical_gradient_agrees(case, method, rng):
    """Entry by entry, or along random directions, which see every entry, where there are many."""
    X, w, b, _ = arrays(case, rng)
    reports = gradcheck.check_gradients(
        lambda X, w, b: reference.conv2d(X, w, b, **case.options),
        lambda dZ, X, w, b: [
            reference.conv2d_dX(dZ, w, X.shape, **case.options),
            reference.conv2d_dw(dZ, X, w.shape, **case.options),
            reference.conv2d_db(dZ),
        ],
        [X, w, b],
        names=["dX", "dw", "db"],
        method=method,
        by="entry" if case is CONV[3] else "direction",
    )
    assert all(report.passed for report in reports), "\n".join(map(str, reports))


def test_by_hand(ops):
    """The numbers of the docstrings and of the chapters, worked out on paper."""
    X = [[[1, 2, 0], [0, 1, 3]]]
    w = [[[[1, 2], [0, 1]]]]
    np.testing.assert_array_equal(ops.conv2d(X, w, [10]), [[[16.0, 15.0]]], strict=True)
    dX = ops.conv2d_dX([[[1, 2]]], w, (1, 2, 3))
    np.testing.assert_array_equal(dX, [[[1.0, 4.0, 4.0], [0.0, 1.0, 2.0]]], strict=True)
    dw = ops.conv2d_dw([[[1, 2]]], X, (1, 1, 2, 2))
    np.testing.assert_array_equal(dw, [[[[5.0, 2.0], [2.0, 7.0]]]], strict=True)
    np.testing.assert_array_equal(ops.conv2d_db([[[1, 2]]]), [3.0], strict=True)


@each(case=[case for case in CONV + GEOMETRY if case.B])
def test_one_image_gives_one_result(case, ops, rng):
    X, w, b, dZ = arrays(case, rng)
    first = case._replace(B=1)
    batch = all_results(ops, first, X[:1], w, b, dZ[:1])
    one = {
        "Z": ops.conv2d(X[0], w, b, **case.options)[np.newaxis],
        "dX": ops.conv2d_dX(dZ[0], w, case.X_shape[1:], **case.options)[np.newaxis],
        "dw": ops.conv2d_dw(dZ[0], X[0], case.w_shape, **case.options),
        "db": ops.conv2d_db(dZ[0]),
    }
    for name, result in one.items():
        np.testing.assert_array_equal(result, batch[name], err_msg=name, strict=True)


def test_empty_batch_has_gradients_of_zero(ops):
    case = next(case for case in CONV if case.B == 0)
    X, dZ = np.zeros(case.X_shape), np.zeros(case.Z_shape)
    w, b = np.ones(case.w_shape), np.ones(case.P)
    results = all_results(ops, case, X, w, b, dZ)
    assert results["Z"].shape == case.Z_shape
    assert results["dX"].shape == case.X_shape
    np.testing.assert_array_equal(results["dw"], np.zeros(case.w_shape), strict=True)
    np.testing.assert_array_equal(results["db"], np.zeros(case.P), strict=True)


def test_left_out_bias_is_zero(ops, rng):
    X, w, b, _ = arrays(CONV[2], rng)
    np.testing.assert_array_equal(ops.conv2d(X, w), ops.conv2d(X, w, 0 * b), strict=True)


def test_infinity_and_nan_pass_through(ops):
    X = np.zeros((1, 1, 2, 4))
    X[0, 0, 0] = [np.nan, 0, 0, np.inf]
    Z = ops.conv2d(X, np.ones((1, 1, 1, 2)))
    np.testing.assert_array_equal(Z, [[[[np.nan, 0, np.inf], [0, 0, 0]]]])


@each(dtype=DTYPES)
def test_error_is_within_the_bound_of_summation(dtype, ops, rng):
    """|computed - exact| <= terms * u * (|x| conv |w|), on non-negative data like pixels."""
    X = rng.random((3, 2, 9, 11)).astype(dtype)
    w = rng.random((4, 2, 3, 4)).astype(dtype)
    dZ = rng.random((3, 4, 7, 8)).astype(dtype)
    u = np.finfo(dtype).eps / 2
    wide = [array.astype(np.longdouble) for array in (X, w, dZ)]
    windows = np.lib.stride_tricks.sliding_window_view(wide[0], (3, 4), axis=(2, 3))
    Z = np.einsum("scijuv,kcuv->skij", windows, wide[1])
    dw = np.einsum("scijuv,skij->kcuv", windows, wide[2])
    # All numbers are positive, so the exact results are also the sums of absolute products.
    assert (np.abs(ops.conv2d(X, w) - Z) <= (2 * 3 * 4 + 1) * u * Z).all()
    assert (np.abs(ops.conv2d_dw(dZ, X, w.shape) - dw) <= (3 * 7 * 8 + 1) * u * dw).all()
