"""Central differences and the complex step: they pass what is right and name what is wrong."""

import numpy as np
import pytest
from support.failures import each
from support.gradients import METHODS, WAYS, text

from cnnlab import gradcheck, reference


@each(method=METHODS)
def test_numerical_gradient_of_a_cubic(method):
    x = np.array([[0.5, -2.0], [3.0, 0.0]])
    gradient = gradcheck.numerical_gradient(lambda x: (x**3).sum(), x, method=method)
    np.testing.assert_allclose(gradient, 3 * x**2, rtol=1e-9, atol=1e-9)


def test_complex_step_is_right_to_the_last_digits():
    x = np.linspace(-3, 3, 7)
    gradient = gradcheck.numerical_gradient(
        lambda z: reference.sigmoid(z).sum(), x, method="complex"
    )
    Y = reference.sigmoid(x)
    np.testing.assert_allclose(gradient, Y * (1 - Y), rtol=1e-14)


@each(method=METHODS, by=WAYS)
def test_inputs_are_left_as_they_were(method, by):
    x = np.array([1.0, 2.0])
    gradcheck.numerical_gradient(lambda x: (x**2).sum(), x, method=method)
    gradcheck.check_gradients(lambda x: x**2, lambda dY, x: [2 * x * dY], [x], method=method, by=by)
    np.testing.assert_array_equal(x, [1.0, 2.0])


@each(method=METHODS, by=WAYS)
def test_a_wrong_entry_is_named(method, by):
    def wrong(dY, x):
        gradient = 2 * x * dY
        gradient[1, 2] *= 1.001
        return [gradient]

    x = np.arange(1.0, 7.0).reshape(2, 3)
    (report,) = gradcheck.check_gradients(
        lambda x: x**2, wrong, [x], names=["dx"], method=method, by=by
    )
    assert not report.passed
    assert report.where == (1, 2)
    assert report.by == "entry"
    np.testing.assert_allclose(report.given, 1.001 * report.numerical, rtol=1e-6)
    assert str(report).startswith("WRONG dx: largest relative error")
    assert "at dx[1, 2] (given " in str(report)


@each(method=METHODS)
def test_a_direction_takes_few_evaluations(method):
    calls = []

    def forward(x):
        calls.append(x)
        return x**3

    x = np.linspace(0.5, 2, 100)
    (report,) = gradcheck.check_gradients(
        forward, lambda dY, x: [3 * x**2 * dY], [x], method=method, by="direction", directions=4
    )
    assert len(calls) == 1 + 4 * {"central": 2, "complex": 1}[method]
    assert report.passed
    assert report.by == "direction"
    assert report.where == ()
    np.testing.assert_allclose(report.given, report.numerical, rtol=1e-6)
    assert str(report).startswith("ok    gradient 0: largest relative error ")
    assert " along a random direction (given " in str(report)


def test_the_worst_direction_is_reported():
    def error(directions):
        (report,) = gradcheck.check_gradients(
            lambda x: x**3,
            lambda dY, x: [3 * x**2 * dY],
            [np.linspace(0.5, 2, 5)],
            by="direction",
            directions=directions,
            seed=1,
        )
        return report.error

    errors = [error(directions) for directions in range(1, 7)]
    assert errors == sorted(errors)
    assert errors[0] < errors[-1]


@each(by=WAYS)
def test_tolerance_and_seed_are_heeded(by):
    def check(**options):
        (report,) = gradcheck.check_gradients(
            np.sin, lambda dY, x: [(1 + 1e-5) * np.cos(x) * dY], [np.ones(3)], by=by, **options
        )
        return report

    assert not check().passed
    assert check(tolerance=1e-4).passed
    assert not check(tolerance=1e-6).passed
    options = {"tolerance": 1e-4}
    assert check(seed=1, **options) == check(seed=1, **options) != check(seed=2, **options)
    generators = [np.random.default_rng(seed) for seed in (1, 1, 2)]
    first, same, other = (check(seed=generator, **options) for generator in generators)
    assert first == same != other


def test_directions_find_two_entries_that_changed_places():
    """A direction of signs would give both the same weight in one half of all cases."""
    x = np.arange(1.0, 9.0)
    for seed in range(20):
        (report,) = gradcheck.check_gradients(
            lambda x: x**2,
            lambda dY, x: [(2 * x * dY)[[1, 0, 2, 3, 4, 5, 6, 7]]],
            [x],
            by="direction",
            directions=1,
            seed=seed,
        )
        assert not report.passed
        assert report.where in [(0,), (1,)]


def test_entries_decide_where_a_direction_meets_a_kink():
    """Where three numbers tie for the largest, one half each is right entry by entry alone."""
    (report,) = gradcheck.check_gradients(
        lambda x: x.max(),
        lambda dY, x: [np.full(3, 0.5) * dY],
        [np.zeros(3)],
        by="direction",
    )
    assert report.passed
    assert report.by == "entry"


@each(method=METHODS, by=WAYS)
def test_a_vanishing_gradient_may_be_rounding_errors(by, method, rng):
    """What cancels, as a bias before batch normalization, leaves nothing but those."""

    def forward(x, shift):
        return np.sin(x) * (np.exp(shift) * np.exp(-shift))

    def backward(dY, x, shift):
        return [np.cos(x) * dY, np.full(shift.shape, 1e-16)]

    inputs = [rng.standard_normal(4), rng.standard_normal(4)]
    reports = gradcheck.check_gradients(forward, backward, inputs, method=method, by=by)
    assert all(report.passed for report in reports), text(reports)


@each(value=[np.nan, np.inf, -np.inf], by=WAYS)
def test_nan_and_infinity_never_pass(value, by):
    x = np.array([1.0, 2.0])
    (report,) = gradcheck.check_gradients(
        lambda x: x**2, lambda dY, x: [np.array([2 * dY[0], value])], [x], by=by
    )
    assert not report.passed
    assert report.where == (1,)
    (report,) = gradcheck.check_gradients(
        lambda x: x * [1.0, value], lambda dY, x: [dY * [1.0, value]], [x], by=by
    )
    assert not report.passed


@each(value=[np.nan, np.inf], method=METHODS, by=WAYS)
def test_nan_and_infinity_hide_no_other_mistake(value, by, method):
    reports = gradcheck.check_gradients(
        lambda x, y: x * y,
        lambda dY, x, y: [np.array([dY[0] * y[0], value]), 1.01 * dY * x],
        [np.array([1.0, 2.0]), np.array([3.0, 4.0])],
        by=by,
        method=method,
    )
    assert not any(report.passed for report in reports), text(reports)


def test_a_gradient_right_for_an_upstream_gradient_of_ones_is_caught():
    """Forgetting dY altogether is invisible when dY is all ones."""
    x = np.array([1.0, 2.0])
    (report,) = gradcheck.check_gradients(lambda x: x**2, lambda dY, x: [2 * x], [x])
    assert not report.passed


@each(method=METHODS, by=WAYS)
def test_empty_input_passes(method, by):
    (report,) = gradcheck.check_gradients(
        lambda x: x**2, lambda dY, x: [2 * x * dY], [np.zeros((0, 3))], method=method, by=by
    )
    assert report.passed


def test_no_input_has_no_report():
    assert gradcheck.check_gradients(lambda: np.ones(3), lambda dY: [], []) == []


def test_a_number_is_an_array_of_no_axes():
    (report,) = gradcheck.check_gradients(np.sin, lambda dY, x: [dY * np.sin(x)], [0.3])
    assert not report.passed
    assert " at gradient 0 (given " in str(report)


def test_messages():
    x = np.ones(3)
    with pytest.raises(ValueError, match="^numerical_gradient: method='forward'; choose"):
        gradcheck.numerical_gradient(np.sum, x, method="forward")
    with pytest.raises(ValueError, match="^check_gradients: backward returned 2 gradients for 1"):
        gradcheck.check_gradients(lambda x: x, lambda dY, x: [dY, dY], [x])
    with pytest.raises(ValueError, match=r"^check_gradients: dx has shape \(1,\), .* shape \(3,\)"):
        gradcheck.check_gradients(lambda x: x, lambda dY, x: [dY[:1]], [x], names=["dx"])
    with pytest.raises(ValueError, match="^check_gradients: 2 names came for 1 inputs; pass one"):
        gradcheck.check_gradients(lambda x: x, lambda dY, x: [dY], [x], names=["dx", "dy"])
    with pytest.raises(
        ValueError, match='^check_gradients: method=\'adjoint\'; choose "central" or "complex".'
    ):
        gradcheck.check_gradients(lambda x: x, lambda dY, x: [dY], [x], method="adjoint")
    with pytest.raises(
        ValueError, match='^check_gradients: by=\'row\'; choose "entry" or "direction".'
    ):
        gradcheck.check_gradients(lambda x: x, lambda dY, x: [dY], [x], by="row")
    with pytest.raises(ValueError, match="^check_gradients: directions=0, but at least 1"):
        gradcheck.check_gradients(lambda x: x, lambda dY, x: [dY], [x], directions=0)
