"""Steps, rounding and kinks: right gradients of any size pass, wrong ones hide nowhere."""

import numpy as np
import pytest
from support.failures import each
from support.gradients import METHODS, WAYS, text

from cnnlab import gradcheck, reference
from cnnlab.layers import Conv2D, Dense, Flatten, MaxPool2D, ReLU, Sigmoid
from cnnlab.model import Sequential

SIZES = [1e-8, 1e-3, 1.0, 255.0, 1e4, 1e8]
BENT = {
    "on its own scale": lambda s: (lambda x: np.sin(x / s), lambda x: np.cos(x / s) / s),
    "on the scale 1": lambda s: (np.tanh, lambda x: 1 / np.cosh(np.clip(x, -300, 300)) ** 2),
    "nowhere": lambda s: (lambda x: 3 * x, lambda x: np.full(x.shape, 3.0)),
    "a power": lambda s: (lambda x: x**3, lambda x: 3 * x**2),
}


@each(size=SIZES, bent=BENT, by=WAYS)
def test_numbers_of_any_size(size, bent, by, rng):
    function, slope = bent(size)
    x = size * rng.standard_normal((3, 4))
    (report,) = gradcheck.check_gradients(function, lambda dY, x: [slope(x) * dY], [x], by=by)
    assert report.passed, report
    if np.abs(slope(x)).max() > 1e-6 * np.abs(function(x)).max() / size:  # not flat everywhere
        (report,) = gradcheck.check_gradients(
            function, lambda dY, x: [slope(x) * dY * 1.0001], [x], by=by
        )
        assert not report.passed, report


def test_small_entries_do_not_hide_beside_large_ones(rng):
    """One channel of 1e4, one of 1e-3: a mistake in the second is seen."""
    x = rng.standard_normal((2, 5))
    scales = np.array([[1e4], [1e-5]])

    def wrong(dY, x):
        gradient = dY * scales * np.cos(x)
        gradient[1, 2] *= 1.01
        return [gradient]

    (report,) = gradcheck.check_gradients(lambda x: scales * np.sin(x), wrong, [x])
    assert not report.passed
    assert report.where == (1, 2)
    assert report.wrong == 0.1


def test_the_step_follows_the_square_root_of_the_size():
    steps = []
    for x in (np.full(4, 1e4), np.full(4, 1e-4), np.zeros(4)):
        places = []
        gradcheck.numerical_gradient(lambda x, to=places: to.append(x[0]) or x.sum(), x)
        steps.append((places[0] - places[1]) / 2)
    np.testing.assert_allclose(steps, [6e-4, 6e-8, 6e-6], rtol=1e-6)


def test_a_step_can_be_given():
    asked = []

    def forward(x):
        asked.append(x.copy())
        return x**2

    gradcheck.numerical_gradient(lambda x: forward(x).sum(), [3.0], step=0.5)
    gradcheck.check_gradients(forward, lambda dY, x: [2 * x * dY], [[3.0]], step=0.5)
    assert [x[0] for x in asked] == [3.5, 2.5, 3.0, 3.5, 2.5]
    model = Sequential([Dense(1)], input_shape=(1,))
    assert all(r.passed for r in gradcheck.check_model(model, np.ones((2, 1)), step=1e-3))
    assert gradcheck.check_operation(reference, "tanh", np.ones(2), step=1e-3)[0].passed


# ------------------------------------------------------------------------------- few digits


def tanh_in_float32(x):
    return np.tanh(x.astype(np.float32))


def slope_of_tanh(dY, x):
    return [dY * (1 - np.tanh(x) ** 2)]


def test_a_forward_in_float32_is_said_and_its_gradient_passes(rng):
    x = rng.standard_normal((3, 4))
    (report,) = gradcheck.check_gradients(tanh_in_float32, slope_of_tanh, [x])
    assert report.passed, report
    assert "forward computes in float32" in str(report)
    (report,) = gradcheck.check_gradients(
        lambda x: tanh_in_float32(x).astype(np.float64), slope_of_tanh, [x]
    )
    assert report.passed, report
    assert "as if it computed in float32" in str(report)


@each(forward=[tanh_in_float32, lambda x: tanh_in_float32(x).astype(np.float64)])
def test_a_wrong_gradient_does_not_hide_in_float32(forward, rng):
    x = rng.standard_normal((3, 4))
    (report,) = gradcheck.check_gradients(
        forward, lambda dY, x: [1.01 * slope_of_tanh(dY, x)[0]], [x]
    )
    assert not report.passed
    assert report.wrong > 0.5


def test_a_gradient_in_float32_passes(rng):
    x = rng.standard_normal((3, 4))
    for dtype, inside in ((np.float32, np.float32), (np.float64, np.float32)):
        (report,) = gradcheck.check_gradients(
            np.tanh,
            lambda dY, x, d=dtype, i=inside: [
                slope_of_tanh(dY.astype(i), x.astype(i))[0].astype(d)
            ],
            [x],
        )
        assert report.passed, report


def test_half_precision_decides_nothing_and_says_so(rng):
    x = rng.standard_normal((3, 4))
    (report,) = gradcheck.check_gradients(
        lambda x: np.tanh(x.astype(np.float16)), slope_of_tanh, [x]
    )
    assert not report.passed
    assert report.undecided
    assert str(report).startswith("undecided gradient 0: ")
    assert 'cannot decide: rounding errors are as large as the differences; try method="com' in str(
        report
    )
    # Its advice is good.
    (report,) = gradcheck.check_gradients(reference.tanh, slope_of_tanh, [x], method="complex")
    assert report.passed


def test_a_forward_that_draws_is_told():
    rng = np.random.default_rng(0)
    (report,) = gradcheck.check_gradients(
        lambda x: x + 0.1 * rng.standard_normal(x.shape), lambda dY, x: [dY], [np.ones((3, 4))]
    )
    assert not report.passed
    assert "forward gave other values when it was called again" in str(report)


@pytest.mark.parametrize("method", METHODS)
def test_models_with_pixels_as_bytes_and_small_ones(method, ops, rng):
    for size in (1e-3, 255.0):
        for last in (Sigmoid, ReLU):
            for dtype in (np.float64, np.float32):
                layers = [Conv2D(2, 2, ops=ops), last(ops=ops), Flatten(), Dense(2, ops=ops)]
                model = Sequential(layers, input_shape=(1, 3, 4), seed=3, dtype=dtype)
                X = size * rng.random((2, 1, 3, 4))
                reports = gradcheck.check_model(model, X, method=method, by="direction")
                assert all(report.passed for report in reports), text(reports)


# ------------------------------------------------------------------------------- kinks


def relu_dZ(dY, x):
    return [np.where(x > 0, dY, 0)]


def relu_dZ_other_side(dY, x):
    return [np.where(x >= 0, dY, 0)]


AT_KINKS = np.array([0.0, 1e-9, -1e-9, 1e-13, 1.0, -1.0])


@each(method=METHODS, backward=[relu_dZ, relu_dZ_other_side])
def test_either_side_of_a_kink_is_right(backward, method):
    (report,) = gradcheck.check_gradients(reference.relu, backward, [AT_KINKS], method=method)
    assert report.passed, report
    if method == "central":
        assert 1 <= report.not_differentiable <= 2
        assert f"{report.not_differentiable} not differentiable here" in str(report)


def test_a_kink_within_the_step_is_no_kink():
    """A smaller step is clear of it."""
    x = np.array([1e-6, -2e-6, 1e-7])
    (report,) = gradcheck.check_gradients(reference.relu, relu_dZ, [x])
    assert report.passed
    assert report.not_differentiable == 0
    (report,) = gradcheck.check_gradients(reference.relu, lambda dY, x: [0.5 * dY], [x])
    assert report.wrong == 1.0


@each(
    wrong={
        "nothing passes": lambda dY, x: [0 * dY],
        "all passes": lambda dY, x: [dY],
        "twice": lambda dY, x: [2 * relu_dZ(dY, x)[0]],
    }
)
def test_nothing_hides_behind_kinks(wrong):
    """A gradient is compared beside a kink as well, where it is right or wrong."""
    (report,) = gradcheck.check_gradients(reference.relu, wrong, [np.zeros(12)])
    assert not report.passed, report
    assert report.wrong > 0


def test_what_is_far_from_both_sides_of_a_kink_does_not_pass():
    (report,) = gradcheck.check_gradients(
        reference.relu, lambda dY, x: [np.where(x == 0, 7 * dY, relu_dZ(dY, x)[0])], [AT_KINKS]
    )
    assert not report.passed
    assert "the gradient lies far outside of the slopes on its sides" in str(report)


def test_equal_pixels_tie(rng):
    X = rng.integers(0, 3, (2, 1, 6, 6)).astype(float)
    (report,) = gradcheck.check_operation(reference, "max_pool2d", X, 2)
    assert report.passed
    assert report.not_differentiable > 5
    (report,) = gradcheck.check_operation(reference, "max_pool2d", X, 2, method="complex")
    assert report.passed


@each(method=METHODS)
def test_black_images_in_a_model(method, ops):
    """Every window ties, and every bias stands at the kink of its ReLU."""
    layers = [
        *(Conv2D(2, 2, ops=ops), ReLU(ops=ops), MaxPool2D(2, stride=1, ops=ops)),
        *(Flatten(), Dense(2, ops=ops)),
    ]
    model = Sequential(layers, input_shape=(1, 4, 4), seed=1)
    reports = gradcheck.check_model(model, np.zeros((2, 1, 4, 4)), method=method)
    assert all(report.passed for report in reports), text(reports)
