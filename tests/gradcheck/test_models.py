"""Checks of whole models: every gradient is seen, and the model stays as it was."""

import copy

import numpy as np
import pytest
from support.failures import each
from support.gradients import METHODS, WAYS, Changed, after, change_one, flip_sign, text

from cnnlab import gradcheck, reference
from cnnlab.layers import (
    AvgPool2D,
    BatchNorm2D,
    Conv2D,
    ConvTranspose2D,
    Dense,
    Dropout,
    Flatten,
    MaxPool2D,
    ReLU,
    Sigmoid,
    Tanh,
)
from cnnlab.model import Sequential


def model_with(layer):
    return Sequential([layer, Flatten(), Dense(2, ops=reference)], input_shape=(1, 3, 4))


def model_of_every_kind(ops):
    layers = [
        Conv2D(2, (2, 3), ops=ops),
        BatchNorm2D(ops=ops),
        Tanh(ops=ops),
        MaxPool2D(2, stride=1, ops=ops),
        Dropout(0.3, ops=ops),
        AvgPool2D((1, 2), ops=ops),
        ConvTranspose2D(1, 2, ops=ops),
        ReLU(ops=ops),
        Flatten(ops=ops),
        Dense(3, ops=ops),
        Sigmoid(ops=ops),
    ]
    return Sequential(layers, input_shape=(1, 4, 6), seed=2)


def snapshot(model):
    """Parameters and state, as they are now; a generator by its next numbers."""
    parts = [parameter.value.copy() for parameter in model.parameters()]
    for layer in model.layers:
        for value in layer.state.values():
            generator = isinstance(value, np.random.Generator)
            parts.append(copy.deepcopy(value).random(3) if generator else np.copy(value))
    return parts


@pytest.mark.parametrize("method", METHODS)
@each(by=WAYS, training=[True, False])
def test_every_gradient_of_a_model_passes_and_the_model_stays(training, by, method, ops, rng):
    model = model_of_every_kind(ops)
    X = rng.standard_normal((3, 1, 4, 6))
    model.forward(X, training=True)  # the running mean is no zero, the generator has moved
    before, own_ops = snapshot(model), [layer.ops for layer in model.layers]
    objects = [id(value) for layer in model.layers for value in layer.state.values()]
    arrays = [id(parameter.value) for parameter in model.parameters()]
    reports = gradcheck.check_model(model, X, method=method, by=by, training=training)
    assert all(report.passed for report in reports), text(reports)
    assert [report.name for report in reports] == [
        *["0.Conv2D.w", "0.Conv2D.b", "1.BatchNorm2D.w", "1.BatchNorm2D.b"],
        *["6.ConvTranspose2D.w", "6.ConvTranspose2D.b", "9.Dense.w", "9.Dense.b", "X"],
    ]
    for old, new in zip(before, snapshot(model), strict=True):
        np.testing.assert_array_equal(new, old, strict=True)
    assert objects == [id(value) for layer in model.layers for value in layer.state.values()]
    assert arrays == [id(parameter.value) for parameter in model.parameters()]
    assert own_ops == [layer.ops for layer in model.layers]


@each(method=METHODS, by=WAYS)
def test_one_sample_instead_of_a_batch(by, method, rng):
    model = model_with(Conv2D(2, 2, ops=reference))
    reports = gradcheck.check_model(model, rng.random((1, 3, 4)), method=method, by=by)
    assert all(report.passed for report in reports), text(reports)


@each(method=METHODS)
def test_model_is_left_as_it_was_when_the_check_fails(method, rng):
    """An error on the way leaves nothing behind."""
    calls = []

    class Fragile(Sigmoid):
        def forward(self, X, *, training=True):
            calls.append(X)
            if len(calls) == 3:
                raise RuntimeError("broken")
            return super().forward(X, training=training)

    ops = Changed(reference)
    layers = [Dropout(0.5, ops=ops), Conv2D(2, 2, ops=ops), Fragile(ops=ops)]
    model = Sequential(layers, input_shape=(1, 3, 4))
    before = snapshot(model)
    with pytest.raises(RuntimeError, match="broken"):
        gradcheck.check_model(model, rng.random((2, 1, 3, 4)), method=method)
    for old, new in zip(before, snapshot(model), strict=True):
        np.testing.assert_array_equal(new, old, strict=True)
    assert all(layer.ops is ops for layer in layers)


class Counting(Sigmoid):
    """Counts in place how often it was used in training, and keeps a note."""

    def build(self, *arguments):
        self.state["count"] = np.zeros(1)
        return super().build(*arguments)

    def forward(self, X, *, training=True):
        self.state["count"] += 1
        self.state["note"] = "used"
        return super().forward((2 + self.state["count"]) * X, training=training)

    def backward(self, dY):
        return 3 * super().backward(dY)


@each(method=METHODS, by=WAYS)
def test_state_that_changes_in_place_is_put_back(by, method, rng):
    layer = Counting(ops=reference)
    model = model_with(layer)
    (count,) = layer.state.values()
    reports = gradcheck.check_model(model, rng.random((2, 1, 3, 4)), method=method, by=by)
    assert all(report.passed for report in reports), text(reports)
    assert layer.state == {"count": count}
    np.testing.assert_array_equal(count, [0])


def test_dropout_draws_the_same_mask_for_every_evaluation(rng):
    """Without its state put back, the loss would jump between evaluations."""

    class Forgetful(Dropout):
        """Keeps its generator where the check does not look."""

        def build(self, *arguments):
            shape = super().build(*arguments)
            self.hidden = np.random.default_rng(0)
            return shape

        def forward(self, X, *, training=True):
            self.state["generator"] = np.random.default_rng(self.hidden.integers(1000))
            return super().forward(X, training=training)

    X = rng.random((2, 1, 3, 4))
    assert all(report.passed for report in gradcheck.check_model(model_with(Dropout(0.5)), X))
    reports = gradcheck.check_model(model_with(Forgetful(0.5)), X)
    assert not all(report.passed for report in reports)


@pytest.mark.parametrize("method", METHODS)
@each(operation=["conv2d_dw", "conv2d_dX", "conv2d_db", "sigmoid_dZ", "avg_pool2d_dX"], by=WAYS)
def test_a_flipped_sign_in_a_layer_is_named(operation, by, method, rng):
    ops = after(reference, operation, flip_sign)
    layers = [Conv2D(2, 2, ops=ops), Sigmoid(ops=ops), AvgPool2D(2, stride=1, ops=ops)]
    model = Sequential([*layers, Flatten(), Dense(2, ops=reference)], input_shape=(1, 3, 4))
    reports = gradcheck.check_model(model, rng.random((2, 1, 3, 4)), method=method, by=by)
    wrong = {report.name for report in reports if not report.passed}
    expected = {
        "conv2d_dw": {"0.Conv2D.w"},
        "conv2d_db": {"0.Conv2D.b"},
        "conv2d_dX": {"X"},
        "sigmoid_dZ": {"0.Conv2D.w", "0.Conv2D.b", "X"},
        "avg_pool2d_dX": {"0.Conv2D.w", "0.Conv2D.b", "X"},
    }
    assert wrong == expected[operation]
    for report in reports:
        assert report.by == ("entry" if by == "entry" or not report.passed else "direction")


@each(method=METHODS, by=WAYS)
def test_a_wrong_entry_in_a_model_is_named(by, method, rng):
    model = model_with(Conv2D(2, 2, ops=after(reference, "conv2d_dw", change_one)))
    reports = gradcheck.check_model(model, rng.random((2, 1, 3, 4)), method=method, by=by)
    (report,) = (report for report in reports if not report.passed)
    assert report.name == "0.Conv2D.w"
    assert report.where == (1, 0, 1, 0)


@each(method=METHODS)
def test_batch_statistics_forgotten_on_the_way_back_are_caught(method, rng):
    """Mean and variance depend on every pixel; a constant in their place is a classic mistake."""

    class Constant(BatchNorm2D):
        def backward(self, dY):
            super().backward(dY)
            _, deviation, _, _ = self._remembered
            return dY * (self.parameters["w"] / deviation)[:, np.newaxis, np.newaxis]

    reports = gradcheck.check_model(model_with(Constant()), rng.random((2, 1, 3, 4)), method=method)
    assert [report.name for report in reports if not report.passed] == ["X"]


def test_messages(rng):
    model = Sequential([Dense(2, ops=reference)], input_shape=(3,))
    with pytest.raises(ValueError, match="^check_model: method='adjoint'; choose"):
        gradcheck.check_model(model, rng.random((2, 3)), method="adjoint")
