"""Activations and softmax: both backends, against SciPy."""

import inspect

import numpy as np
from scipy import special
from support.cases import ACTIVATIONS, SHAPES
from support.failures import each

from cnnlab import fast, gradcheck, reference

DTYPES = [np.float32, np.float64]


def close(result, expected, dtype):
    """Within a few rounding errors, and of the same shape and dtype."""
    assert result.dtype == dtype
    assert result.flags.c_contiguous
    assert result.flags.writeable
    few = 8 * np.finfo(dtype).eps
    np.testing.assert_allclose(result, expected, rtol=few, atol=few)


JUDGES = {
    "sigmoid": special.expit,
    "tanh": np.tanh,
    "relu": lambda Z: Z.clip(0),
    "leaky_relu": lambda Z: np.maximum(Z, Z / 100),
    "softmax": lambda Z: special.softmax(Z, axis=-1),
    "log_softmax": lambda Z: special.log_softmax(Z, axis=-1),
}


def test_every_function_has_a_judge():
    here = {
        name
        for name in reference.__all__
        if getattr(reference, name).__module__ == "cnnlab.reference.activations"
    }
    assert set(JUDGES) == here - {f"{name}_dZ" for name in here}
    assert set(ACTIVATIONS) <= set(JUDGES)


@each(name=list(JUDGES), shape=SHAPES, dtype=DTYPES)
def test_scipy_agrees(name, shape, dtype, ops, rng):
    Z = (4 * rng.standard_normal(shape)).astype(dtype)
    close(getattr(ops, name)(Z), JUDGES[name](Z), dtype)


@each(shape=SHAPES)
def test_sigmoid_dZ_is_dY_times_the_slope(shape, ops, rng):
    Y, dY = rng.random(shape), rng.standard_normal(shape)
    np.testing.assert_allclose(ops.sigmoid_dZ(dY, Y), dY * Y * (1 - Y), rtol=1e-15)


def test_extreme_scores(ops):
    Z = np.array([-1e308, -1000.0, 0.0, 1000.0, 1e308])
    np.testing.assert_array_equal(ops.sigmoid(Z), [0, 0, 0.5, 1, 1])
    np.testing.assert_array_equal(ops.sigmoid([-np.inf, np.inf, np.nan]), [0, 1, np.nan])
    np.testing.assert_array_equal(ops.softmax([1000.0, -1000.0, 1000.0]), [0.5, 0, 0.5])
    np.testing.assert_array_equal(ops.log_softmax([0.0, -np.inf]), [0, -np.inf])
    np.testing.assert_array_equal(ops.softmax([0.0, np.nan]), [np.nan, np.nan])


def test_softmax_works_on_each_row_alone(ops, rng):
    Z = rng.standard_normal((2, 3, 4))
    np.testing.assert_array_equal(ops.softmax(Z)[1, 2], ops.softmax(Z[1, 2]), strict=True)
    np.testing.assert_array_equal(ops.log_softmax(Z)[1, 2], ops.log_softmax(Z[1, 2]), strict=True)


@each(shape=SHAPES)
def test_tanh_dZ_and_relu_dZ_are_dY_times_the_slope(shape, ops, rng):
    Z, dY = rng.standard_normal(shape), rng.standard_normal(shape)
    Y = np.tanh(Z)
    np.testing.assert_allclose(ops.tanh_dZ(dY, Y), dY * (1 - Y**2), rtol=1e-13)
    np.testing.assert_array_equal(ops.relu_dZ(dY, Z.clip(0)), np.where(Z > 0, dY, 0), strict=True)


def test_tanh_keeps_its_digits_far_out(ops):
    """1 - Y**2 would be 0 for these, or would lose half its digits."""
    Y = np.array([1 - 2.0**-53, 1 - 2.0**-30])
    expected = [2.0**-52 * (1 - 2.0**-54), 2.0**-29 * (1 - 2.0**-31)]
    np.testing.assert_allclose(ops.tanh_dZ(np.ones(2), Y), expected, rtol=4e-16)
    np.testing.assert_array_equal(
        ops.tanh([-1e3, 1e-300, np.inf]), [-1.0, 1e-300, 1.0], strict=True
    )


def test_relu_at_its_edges(ops):
    """Zero has no slope, -0.0 becomes 0.0, NaN and infinity pass."""
    Y = ops.relu([-np.inf, -1.0, -0.0, 0.0, 5e-324, np.inf, np.nan])
    np.testing.assert_array_equal(Y, [0, 0, 0, 0, 5e-324, np.inf, np.nan])
    assert not np.signbit(Y).any()
    dY = [np.inf, 1.0, np.nan, 7.0, 2.0]
    dZ = ops.relu_dZ(dY, [0.0, -3.0, 0.0, np.nan, np.inf])
    np.testing.assert_array_equal(dZ, [0.0, 0.0, 0.0, 7.0, 2.0], strict=True)


@each(slope=[1e-3, 0.01, 0.25, 1], shape=SHAPES)
def test_leaky_relu_is_the_larger_of_two_lines(slope, shape, ops, rng):
    Z, dY = rng.standard_normal((2, *shape))
    Y = ops.leaky_relu(Z, slope=slope)
    np.testing.assert_array_equal(Y, np.maximum(Z, slope * Z), strict=True)
    dZ = ops.leaky_relu_dZ(dY, Y, slope=slope)
    np.testing.assert_array_equal(dZ, dY * np.heaviside(Z, slope).clip(slope), strict=True)


def test_leaky_relu_at_its_edges(ops):
    """Zero has the slope of what is below it, NaN too; infinity passes on both sides."""
    Z = [-np.inf, -8.0, -0.0, 0.0, 5e-324, np.inf, np.nan]
    Y = ops.leaky_relu(Z, slope=0.25)
    np.testing.assert_array_equal(Y, [-np.inf, -2, 0, 0, 5e-324, np.inf, np.nan])
    dY = [4.0, -4.0, 8.0, 12.0, 2.0, -3.0, 16.0]
    np.testing.assert_array_equal(
        ops.leaky_relu_dZ(dY, Y, slope=0.25), [1.0, -1, 2, 3, 2, -3, 4], strict=True
    )
    # What is too small for any number below 0 becomes -0.0, and has the slope of such a number.
    Y = ops.leaky_relu([-5e-324], slope=0.25)
    np.testing.assert_array_equal(ops.leaky_relu_dZ([8.0], Y, slope=0.25), [2.0], strict=True)


def test_leaky_relu_has_a_slope_of_one_hundredth_unless_told(ops):
    np.testing.assert_array_equal(ops.leaky_relu([-100, 100]), [-1.0, 100], strict=True)
    np.testing.assert_array_equal(ops.leaky_relu_dZ([100, 100], [-1, 1]), [1.0, 100], strict=True)


@each(name=ACTIVATIONS, method=["central", "complex"])
def test_gradient_is_the_derivative(name, method, rng):
    (report,) = gradcheck.check_gradients(
        getattr(reference, name),
        lambda dY, Z: [getattr(reference, f"{name}_dZ")(dY, getattr(reference, name)(Z))],
        [3 * rng.standard_normal((3, 4))],
        method=method,
    )
    assert report.passed, report


def test_softmax_over_many_classes(ops, rng):
    """A float32 total of so many terms would be wrong in the sixth digit."""
    Z = rng.standard_normal(10**5).astype(np.float32)
    exact = special.softmax(Z.astype(np.float64))
    u = np.finfo(np.float32).eps / 2
    # Rounding Z - max(Z) counts most: it is at most 16 here, half a unit in its last place.
    np.testing.assert_allclose(ops.softmax(Z), exact, rtol=12 * u)
    assert abs(ops.softmax(Z).sum(dtype=np.float64) - 1) < u
    np.testing.assert_allclose(ops.log_softmax(Z), np.log(exact), rtol=2 * u)


# ------------------------------------------------------------------------------- own exponential


def edges(dtype):
    """Numbers at which the steps of the exponential change, with their neighbors, and -0.0."""
    limits = np.finfo(dtype)
    steps = np.arange(1, 2200) * np.log(2) / 2  # another power of two, or another end of the rest
    sizes = np.concatenate([steps, np.geomspace(1e-30, 1e3, 997), [0, 104, 746, limits.eps]])
    sizes = np.concatenate([sizes.astype(dtype), [limits.smallest_subnormal, limits.tiny]])
    with np.errstate(all="ignore"):
        sizes = np.concatenate([sizes, np.nextafter(sizes, 0), np.nextafter(sizes, sizes.max())])
    sizes = np.concatenate([sizes, [limits.max, np.inf]]).astype(dtype)
    return np.concatenate([sizes, -sizes])


@each(dtype=DTYPES)
def test_every_size_of_score(dtype, ops):
    """Down to results that are subnormal; the bounds are those of test_accuracy, in units."""
    Z = edges(dtype)
    wide = Z.astype(np.longdouble)
    smallest = np.finfo(dtype).smallest_subnormal
    with np.errstate(over="ignore", under="ignore"):
        small = np.exp(-abs(wide))
        exact = {"sigmoid": np.where(Z < 0, small, 1) / (1 + small), "tanh": np.tanh(wide)}
    for name, expected in exact.items():
        Y = getattr(ops, name)(Z)
        bound = 4 * np.finfo(dtype).eps * abs(expected) + 2 * smallest
        assert (abs(Y - expected) <= bound).all(), (name, Z[abs(Y - expected) > bound])
        np.testing.assert_array_equal(np.signbit(Y), np.signbit(Z) & (name == "tanh"))
    row = np.sort(Z[np.isfinite(Z)])[:, np.newaxis] / 2
    with np.errstate(over="ignore", under="ignore"):
        pair = np.concatenate([row, np.zeros_like(row)], axis=1)
        np.testing.assert_allclose(
            ops.softmax(pair)[:, 0],
            ops.sigmoid(row[:, 0]),
            rtol=4 * np.finfo(dtype).eps,
            atol=2 * smallest,
        )


@each(name=[*ACTIVATIONS, *(f"{name}_dZ" for name in ACTIVATIONS)], dtype=DTYPES)
def test_the_same_bits_wherever_an_entry_stands(name, dtype, rng):
    """Vectors, and the single entries that are left at the end of a loop, round alike."""
    f = getattr(fast, name)
    Z = np.concatenate([edges(dtype), rng.standard_normal(301).astype(dtype), [np.nan]]).astype(
        dtype
    )
    parameters = inspect.signature(f).parameters.values()
    needed = [p for p in parameters if p.default is inspect.Parameter.empty]
    arguments = [rng.permutation(Z) for _ in needed[1:]] + [Z]
    with np.errstate(all="ignore"):
        whole = f(*arguments)
        for begin, end in [(0, 1), (1, 40), (7, 1000), (500, 517), (len(Z) - 33, len(Z))]:
            part = f(*(argument[begin:end] for argument in arguments))
            assert part.tobytes() == whole[begin:end].tobytes()


@each(dtype=DTYPES)
def test_softmax_where_a_score_is_no_number(dtype, ops):
    """The whole row is none then, but no other row. Infinity less infinity is none either."""
    for odd in (np.nan, -np.nan, np.inf):
        Z = np.array([[1, odd, 2], [1, 3, 2]], dtype)
        with np.errstate(invalid="ignore"):
            for f in (ops.softmax, ops.log_softmax):
                assert np.isnan(f(Z)[0]).all()
                np.testing.assert_array_equal(f(Z)[1], f(Z[1]))


@each(classes=[1, 2, 7, 16, 33, 500, 5000], dtype=DTYPES)
def test_softmax_of_rows_of_every_length(classes, dtype, rng):
    """Several blocks of short rows, and rows that are longer than a block."""
    Z = (3 * rng.standard_normal((9000 // classes + 2, classes))).astype(dtype)
    Y, log_Y = fast.softmax(Z), fast.log_softmax(Z)
    close(Y, special.softmax(Z.astype(np.float64), axis=-1), dtype)
    close(log_Y, special.log_softmax(Z.astype(np.float64), axis=-1), dtype)
    for s in (0, len(Z) // 2, len(Z) - 1):
        assert fast.softmax(Z[s]).tobytes() == Y[s].tobytes()
        assert fast.log_softmax(Z[s]).tobytes() == log_Y[s].tobytes()
