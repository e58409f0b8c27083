"""What all seven algorithms share: the same results, the same contract, NaN and infinity."""

import functools

import numpy as np
import pytest
from support.algorithms import CASE, DTYPES, EVERY, arrays, noise, pairs
from support.cases import layouts
from support.failures import each

from cnnlab import fast, reference
from cnnlab.algorithms import ALGORITHMS


@pytest.fixture(params=ALGORITHMS)
def algorithm(request):
    """Each algorithm in turn."""
    return ALGORITHMS[request.param]


# ------------------------------------------------------------------------------- results


@each(pair=pairs(EVERY), dtype=DTYPES)
def test_small_integers(pair, dtype, rng):
    """All but the FFT are exact; each other result would show in the first digit of this one."""
    algorithm, case = pair
    X, w, b = arrays(case, rng, dtype)
    expected = reference.conv2d(X, w, b)
    Z = algorithm.conv2d(X, w, b)
    assert Z.dtype == dtype
    if algorithm.exact_on_integers:
        np.testing.assert_array_equal(Z, expected, strict=True)
    else:
        np.testing.assert_array_equal(np.rint(Z), expected, strict=True)


@each(pair=pairs(EVERY))
def test_real_numbers(pair, rng):
    algorithm, case = pair
    X, w, b = noise(rng, np.float64, case.X_shape, case.w_shape, (case.P,))
    expected = reference.conv2d(X, w, b)
    np.testing.assert_allclose(algorithm.conv2d(X, w, b), expected, rtol=1e-11, atol=1e-12)


# ------------------------------------------------------------------------------- contract


def test_one_image_gives_one_result(algorithm, rng):
    X, w, b = arrays(CASE, rng)
    batch = algorithm.conv2d(X[:1], w, b)
    np.testing.assert_array_equal(algorithm.conv2d(X[0], w, b), batch[0], strict=True)


def test_left_out_bias_is_zero(algorithm, rng):
    X, w, b = arrays(CASE, rng)
    np.testing.assert_array_equal(algorithm.conv2d(X, w), algorithm.conv2d(X, w, 0 * b))


def test_every_layout_gives_the_same_result(algorithm, rng):
    X, w, b = arrays(CASE, rng)
    expected = algorithm.conv2d(X, w, b)
    for name in layouts(X):
        Z = algorithm.conv2d(layouts(X)[name], layouts(w)[name], layouts(b)[name])
        # Another layout may be another order of summation, so the FFT may round in another way.
        np.testing.assert_allclose(Z, expected, rtol=0, atol=1e-12, err_msg=name)
        if algorithm.exact_on_integers:
            np.testing.assert_array_equal(Z, expected, err_msg=name, strict=True)


@each(pair=pairs(EVERY))
def test_inputs_are_not_modified_and_outputs_are_new(pair, rng):
    algorithm, case = pair
    given = arrays(case, rng)
    before = [array.copy() for array in given]
    Z = algorithm.conv2d(*given)
    assert Z.flags.c_contiguous
    assert Z.flags.writeable
    assert type(Z) is np.ndarray
    for array, copy in zip(given, before, strict=True):
        np.testing.assert_array_equal(array, copy, strict=True)
        assert not np.shares_memory(Z, array)


def test_dtypes_are_kept_or_widened(algorithm, rng):
    X, w, b = arrays(CASE, rng)
    for given, kept in [
        (np.float32, np.float32),
        (np.float64, np.float64),
        (np.float16, np.float32),
        (np.int8, np.float64),
        (">f4", np.float32),
    ]:
        assert algorithm.conv2d(X.astype(given), w.astype(given), b.astype(given)).dtype == kept
    assert algorithm.conv2d(X.astype(np.float32), w, b.astype(np.float32)).dtype == np.float64


WRONG = {
    "depths": lambda X, w, b: (X[:, :1], w, b),
    "axes": lambda X, w, b: (X[0, 0], w, b),
    "biases": lambda X, w, b: (X, w, b[1:]),
    "no depth": lambda X, w, b: (X[:, :0], w[:, :0], b),
    "too small": lambda X, w, b: (X[:, :, :2], w, b),
    "masked": lambda X, w, b: (np.ma.masked_equal(X, 0), w, b),
    "text": lambda X, w, b: (X.astype(str), w, b),
    "complex": lambda X, w, b: (X.astype(complex), w, b),
    "ragged": lambda X, w, b: ([[1, 2], [3]], w, b),
}


@each(mistake=WRONG)
def test_a_wrong_call_fails_with_the_words_of_the_fast_twin(algorithm, mistake, rng):
    wrong = mistake(*arrays(CASE, rng))
    with pytest.raises((ValueError, TypeError)) as expected:
        fast.conv2d(*wrong)
    with pytest.raises(expected.type) as raised:
        algorithm.conv2d(*wrong)
    assert str(raised.value) == str(expected.value)


# ------------------------------------------------------------------------------- NaN, infinity


@functools.cache
def sick_layers(value, shape):
    """Return images with one pixel each that is no number, patterns, and what the loops find."""
    rng = np.random.default_rng(0)
    X, w = rng.random((2, 2, *shape)) + 1, rng.random((3, 2, 3, 3)) + 1
    layers = []
    for pixel in np.ndindex(shape):
        sick = X.copy()
        sick[1, 1][pixel] = value
        layers.append((sick, w, reference.conv2d(sick, w)))
    return layers


@each(value=[np.nan, np.inf, -np.inf], shape=[(7, 9), (8, 6)])
def test_how_far_a_pixel_that_is_no_number_reaches(algorithm, value, shape):
    for sick, w, expected in sick_layers(value, shape):
        seen = ~np.isfinite(expected)
        assert seen.any()
        Z = algorithm.conv2d(sick, w)
        assert np.isfinite(Z[0]).all()
        everywhere = np.broadcast_to(algorithm.spread == "image", seen[1].shape)
        np.testing.assert_array_equal(np.isfinite(Z[1]), ~(seen[1] | everywhere))
        if algorithm.keeps_infinity:
            np.testing.assert_array_equal(Z[seen], expected[seen])
        assert np.isnan(Z[1][~seen[1]]).all() == (algorithm.spread == "image" or seen[1].all())


def test_some_do_not_keep_infinity(rng):
    X, w = rng.random((1, 1, 6, 6)), rng.random((1, 1, 3, 3)) + 1
    X[0, 0, 2, 2] = np.inf
    expected = reference.conv2d(X, w)
    lost = [
        name
        for name, algorithm in ALGORITHMS.items()
        if np.isnan(algorithm.conv2d(X, w)[np.isinf(expected)]).any()
    ]
    assert lost == [a.name for a in ALGORITHMS.values() if not a.keeps_infinity]
    assert lost == ["fft", "winograd"]
