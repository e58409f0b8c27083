"""The adjoint test: exact on integers, bounded elsewhere, and only for what is linear."""

import numpy as np
import pytest
from support.failures import each

from cnnlab import fast, gradcheck


def test_adjoint_needs_no_tolerance():
    A = np.array([[1.0, 2.0], [0.0, 3.0], [5.0, 1.0]])
    right = gradcheck.check_adjoint(lambda x: A @ x, lambda g: A.T @ g, (2,))
    assert right.passed
    assert str(right) == f"ok    adjoint: both sides are {right.left:.17g}"
    report = gradcheck.check_adjoint(lambda x: A @ x, lambda g: A.T @ g + [0, 1], (2,), name="dx")
    assert not report.passed
    assert report.left != report.right
    assert report.where == (1,)
    assert report.given == report.expected + 1
    assert str(report).startswith(f"WRONG dx: {report.left:.17g} is not {report.right:.17g}; ")
    assert "worst entry dx[1] (given " in str(report)


def test_adjoint_of_what_is_not_linear():
    report = gradcheck.check_adjoint(lambda x: 2 * x + 1, lambda g: 2 * g, (3,))
    assert not report.passed
    assert str(report).endswith("every entry is right, so the operation is not linear")


@each(value=[np.nan, np.inf])
def test_adjoint_never_passes_nan_or_infinity(value):
    report = gradcheck.check_adjoint(
        lambda x: x, lambda g: np.where(np.arange(3) == 1, value, g), (3,)
    )
    assert not report.passed
    assert report.where == (1,)
    assert "worst entry adjoint[1] (given " in str(report)
    # Infinity on both sides makes them equal every other time.
    for seed in range(9):
        both = gradcheck.check_adjoint(
            lambda x: np.array([x[0], value]),
            lambda g: np.array([g[0], value]),
            (2,),
            seed=seed,
        )
        assert not both.passed


def test_adjoint_finds_one_wrong_entry_for_every_seed():
    """Small x would be zero at that entry once in 19 times."""
    for seed in range(100):
        report = gradcheck.check_adjoint(
            lambda x: x, lambda g: g + np.array([0, 1, 0]), (3,), seed=seed
        )
        assert not report.passed


def test_messages():
    with pytest.raises(ValueError, match=r"^check_adjoint: adjoint has shape \(2,\)"):
        gradcheck.check_adjoint(lambda x: x, lambda g: g[:2], (3,))
    with pytest.raises(TypeError, match="^check_adjoint: adjoint returned a str of dtype <U1, but"):
        gradcheck.check_adjoint(lambda x: x, lambda g: "a", (3,))


def check_conv(w, change=lambda dX: dX, dtype=np.float64, **options):
    return gradcheck.check_adjoint(
        lambda X: fast.conv2d(X.astype(dtype), w.astype(dtype)),
        lambda dZ: change(fast.conv2d_dX(dZ.astype(dtype), w.astype(dtype), (1, 2, 4, 5))),
        (1, 2, 4, 5),
        **options,
    )


@each(dtype=[np.float64, np.float32])
def test_weights_that_are_no_integers_have_a_bound(dtype):
    for seed in range(20):
        w = np.random.default_rng(seed).standard_normal((3, 2, 2, 3))
        report = check_conv(w, seed=seed, dtype=dtype)
        assert report.passed, report
        assert not report.exact
        assert report.bound > 0
        assert " apart, and rounding explains " in str(report)
        wrong = check_conv(w, lambda dX: 1.01 * dX, seed=seed, dtype=dtype)
        assert not wrong.passed
        assert wrong.wrong > 0.5


def test_integers_are_exact_and_say_so():
    w = np.random.default_rng(0).integers(-9, 10, (3, 2, 2, 3)).astype(float)
    report = check_conv(w)
    assert report.passed
    assert report.exact
    assert report.bound == 0
    # One in a million, and one entry in forty.
    assert not check_conv(w, lambda dX: dX * (1 + 1e-6)).passed
    assert not check_conv(w, lambda dX: dX + np.eye(1, dX.size).reshape(dX.shape)).passed


def test_integers_too_large_for_their_dtype_have_a_bound():
    """Beyond 2**53 float64 does not hold every integer, and beyond 2**24 float32 does not."""
    report = gradcheck.check_adjoint(lambda x: 1e13 * x, lambda g: 1e13 * g, (3,))
    assert report.passed
    assert not report.exact
    w = np.random.default_rng(0).integers(-9999, 10000, (3, 2, 2, 3)).astype(float)
    for hidden in (lambda dX: dX, lambda dX: dX.astype(np.float64)):
        report = check_conv(w, hidden, dtype=np.float32)
        assert report.passed, report
        assert not report.exact


def test_a_small_bias_is_no_rounding_error():
    report = gradcheck.check_adjoint(lambda x: 2 * x + 1e-3, lambda g: 2 * g, (3,))
    assert not report.passed
    assert str(report).endswith("every entry is right, so the operation is not linear")


def test_what_cancels_is_rounded_more_than_its_results_say():
    """Thirty million times x, which are taken away again."""

    def linear(x):
        return (1e8 / 3 * x + 0.7 * x) - 1e8 / 3 * x

    for seed in range(9):
        report = gradcheck.check_adjoint(linear, lambda g: 0.7 * g, (3, 4), seed=seed)
        assert report.passed, report
        assert abs(report.left - report.right) > 1e-10 * abs(report.left)
    assert not gradcheck.check_adjoint(linear, lambda g: 0.7007 * g, (3, 4)).passed
