"""The checks themselves: they pass what is right and name what is wrong."""

import numpy as np
import pytest

from cnnlab import gradcheck, reference
from cnnlab.layers import Conv2D, Dense, Flatten, Sigmoid
from cnnlab.model import Sequential


def model_with(layer):
    return Sequential([layer, Flatten(), Dense(2, ops=reference)], input_shape=(1, 3, 4))


@pytest.mark.parametrize("method", ["central", "complex"])
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


def test_inputs_are_left_as_they_were():
    x = np.array([1.0, 2.0])
    gradcheck.numerical_gradient(lambda x: (x**2).sum(), x)
    np.testing.assert_array_equal(x, [1.0, 2.0])


def test_model_is_left_as_it_was(rng):
    model = model_with(Conv2D(2, 2, ops=reference))
    before = [parameter.value.copy() for parameter in model.parameters()]
    gradcheck.check_model(model, rng.random((2, 1, 3, 4)))
    for old, parameter in zip(before, model.parameters(), strict=True):
        np.testing.assert_array_equal(parameter.value, old, strict=True)


def test_a_wrong_entry_is_named():
    def wrong(dY, x):
        gradient = 2 * x * dY
        gradient[1, 2] *= 1.001
        return [gradient]

    x = np.arange(1.0, 7.0).reshape(2, 3)
    (report,) = gradcheck.check_gradients(lambda x: x**2, wrong, [x], names=["dx"])
    assert not report.passed
    assert report.where == (1, 2)
    assert str(report).startswith("WRONG dx: largest relative error")
    assert "at dx[1, 2]" in str(report)


def test_nan_never_passes():
    x = np.array([1.0, 2.0])
    (report,) = gradcheck.check_gradients(
        lambda x: x**2, lambda dY, x: [np.array([np.nan, 4.0]) * dY], [x]
    )
    assert not report.passed
    assert report.where == (0,)


def test_a_gradient_right_for_an_upstream_gradient_of_ones_is_caught():
    """Forgetting dY altogether is invisible when dY is all ones."""
    x = np.array([1.0, 2.0])
    (report,) = gradcheck.check_gradients(lambda x: x**2, lambda dY, x: [2 * x], [x])
    assert not report.passed


@pytest.mark.parametrize("operation", ["conv2d_dw", "conv2d_dX", "conv2d_db", "sigmoid_dZ"])
def test_a_flipped_sign_in_a_layer_is_named(operation, rng):
    class Flipped:
        """`reference` with one gradient negated."""

        def __getattr__(self, name):
            function = getattr(reference, name)
            return function if name != operation else lambda *a, **k: -function(*a, **k)

    layers = [Conv2D(2, 2, ops=Flipped()), Sigmoid(ops=Flipped())]
    model = Sequential([*layers, Flatten(), Dense(2, ops=reference)], input_shape=(1, 3, 4))
    reports = gradcheck.check_model(model, rng.random((2, 1, 3, 4)))
    wrong = {report.name for report in reports if not report.passed}
    expected = {
        "conv2d_dw": {"0.Conv2D.w"},
        "conv2d_db": {"0.Conv2D.b"},
        "conv2d_dX": {"X"},
        "sigmoid_dZ": {"0.Conv2D.w", "0.Conv2D.b", "X"},
    }
    assert wrong == expected[operation]


def test_adjoint_needs_no_tolerance():
    A = np.array([[1.0, 2.0], [0.0, 3.0], [5.0, 1.0]])
    assert gradcheck.check_adjoint(lambda x: A @ x, lambda g: A.T @ g, (2,)).passed
    report = gradcheck.check_adjoint(lambda x: A @ x, lambda g: A.T @ g + 1, (2,))
    assert not report.passed
    assert report.left != report.right


def test_empty_input_passes():
    (report,) = gradcheck.check_gradients(
        lambda x: x**2, lambda dY, x: [2 * x * dY], [np.zeros((0, 3))]
    )
    assert report.passed


def test_messages(rng):
    x = np.ones(3)
    with pytest.raises(ValueError, match="^numerical_gradient: method='forward'; choose"):
        gradcheck.numerical_gradient(np.sum, x, method="forward")
    with pytest.raises(ValueError, match="^check_gradients: backward returned 2 gradients for 1"):
        gradcheck.check_gradients(lambda x: x, lambda dY, x: [dY, dY], [x])
    with pytest.raises(ValueError, match=r"^check_gradients: dx has shape \(1,\), .* shape \(3,\)"):
        gradcheck.check_gradients(lambda x: x, lambda dY, x: [dY[:1]], [x], names=["dx"])
    with pytest.raises(ValueError, match=r"^check_adjoint: adjoint has shape \(2,\)"):
        gradcheck.check_adjoint(lambda x: x, lambda g: g[:2], (3,))
    model = Sequential([Dense(2, ops=reference)], input_shape=(3,), dtype=np.float32)
    with pytest.raises(ValueError, match="^check_model: the model is of dtype float32; build it"):
        gradcheck.check_model(model, rng.random((2, 3)))
