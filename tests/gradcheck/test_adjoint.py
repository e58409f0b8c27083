"""The adjoint test: exact, and only for what is linear."""

import numpy as np
import pytest
from support.failures import each

from cnnlab import gradcheck


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
    with pytest.raises(ValueError, match=r"^check_adjoint: adjoint reaches .*, but beyond 2\*\*53"):
        gradcheck.check_adjoint(lambda x: 1e13 * x, lambda g: 1e13 * g, (3,))
