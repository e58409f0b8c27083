"""What every layer promises: shapes, dtypes, right gradients, one sample or none."""

import copy
from pickle import dumps, loads

import numpy as np
from support.failures import each
from support.layers import LAYERS, built, nested
from support.networks import every_layer, layers_of, snapshot

from cnnlab import fast, gradcheck, layers, reference
from cnnlab.layers import AvgPool2D, Conv2D, ConvTranspose2D, Flatten, MaxPool2D
from cnnlab.layers.base import as_layer, layers_within
from cnnlab.model import Sequential


def test_every_layer_is_in_the_table():
    held = {case.kind for case in LAYERS}
    every = {getattr(layers, name) for name in layers.__all__ if name != "Layer"}
    assert held == every | {nested}, "add a line to tests/support/layers.py"


@each(case=LAYERS)
def test_default_backend_is_fast(case):
    for layer, ops in ((case.layer(), fast), (case.layer(ops=reference), reference)):
        assert all(inner.ops is ops for inner in layers_within(layer).values())


@each(case=LAYERS, training=[True, False])
def test_gradients_of_a_layer_are_right(case, training, ops, rng):
    model = case.model(ops)
    for parameter in model.parameters():
        parameter.value[...] = rng.standard_normal(parameter.value.shape)
    X = rng.standard_normal((2, *case.input_shape))
    model.forward(X, training=True)  # running values are no longer those of the start
    # The loops take the complex step: half the evaluations, and a tolerance of 1e-12.
    method = "complex" if ops is reference else "central"
    reports = gradcheck.check_model(model, X, method=method, training=training)
    assert [report.name for report in reports] == [*(p.name for p in model.parameters()), "X"]
    assert all(report.passed for report in reports), "\n".join(map(str, reports))


@each(training=[True, False])
def test_complex_step_goes_through_all_layers(training, rng):
    model = every_layer(reference)
    reports = gradcheck.check_model(
        model,
        rng.standard_normal((2, 1, 6, 7)),
        method="complex",
        by="direction",
        training=training,
    )
    assert all(report.passed for report in reports), "\n".join(map(str, reports))


@each(case=LAYERS, training=[True, False], dtype=[np.float32, np.float64])
def test_a_layer_keeps_the_dtype_and_announces_its_shape(case, training, dtype, ops, rng):
    model = case.model(ops, dtype=dtype)
    X = rng.random((2, *case.input_shape)).astype(dtype)
    Y = model.forward(X, training=training)
    dX = model.backward(rng.random(Y.shape).astype(dtype))
    assert Y.shape == (2, *model.output_shape)
    assert dX.shape == X.shape
    assert Y.dtype == dX.dtype == dtype
    for parameter in model.parameters():
        assert parameter.value.dtype == parameter.gradient.dtype == dtype
        assert parameter.value.shape == parameter.gradient.shape


@each(case=LAYERS, training=[True, False])
def test_one_sample_is_a_batch_of_one(case, training, ops, rng):
    one, batch = case.model(ops), case.model(ops)
    x = rng.random(case.input_shape)
    Y = one.forward(x, training=training)
    np.testing.assert_array_equal(
        Y, batch.forward(x[np.newaxis], training=training)[0], strict=True
    )
    dY = rng.random(Y.shape)
    dX = one.backward(dY)
    np.testing.assert_array_equal(dX, batch.backward(dY[np.newaxis])[0], strict=True)
    for own, other in zip(one.parameters(), batch.parameters(), strict=True):
        np.testing.assert_array_equal(own.gradient, other.gradient, strict=True)


@each(case=LAYERS)
def test_gradients_of_parameters_alone(case, ops, rng):
    """The same as with dX, whether the layer has less to do then or not."""
    whole, part = case.model(ops), case.model(ops)
    X = rng.random((2, *case.input_shape))
    dY = rng.random(whole.forward(X, training=True).shape)
    part.forward(X, training=True)
    whole.backward(dY)
    assert part.backward_to_parameters(dY) is None
    for own, other in zip(part.parameters(), whole.parameters(), strict=True):
        np.testing.assert_array_equal(own.gradient, other.gradient, strict=True)


@each(case=[case for case in LAYERS if case.kind is not Flatten])
def test_a_layer_alone_takes_one_sample(case, ops, rng):
    one, batch = case.model(ops), case.model(ops)
    x = rng.random(case.input_shape)
    Y = one.layers[0].forward(x, training=True)
    np.testing.assert_array_equal(Y, batch.forward(x, training=True), strict=True)
    dY = rng.random(Y.shape)
    np.testing.assert_array_equal(one.layers[0].backward(dY), batch.backward(dY), strict=True)


@each(
    make={
        "Conv2D": lambda ops: Conv2D(2, 2, ops=ops),
        "ConvTranspose2D": lambda ops: ConvTranspose2D(2, 2, ops=ops),
        "MaxPool2D": lambda ops: MaxPool2D(2, ops=ops),
        "AvgPool2D": lambda ops: AvgPool2D(2, ops=ops),
        "Flatten": lambda ops: Flatten(),
    }
)
def test_a_layer_alone_takes_a_nested_list(make, ops, rng):
    layer, X = built(make(ops), (1, 4, 5)), rng.integers(0, 9, (2, 1, 4, 5))
    Y = layer.forward(X.tolist(), training=True)
    dX = layer.backward(np.ones_like(Y, dtype=float))
    np.testing.assert_array_equal(Y, layer.forward(X.astype(float), training=True))
    np.testing.assert_array_equal(dX, layer.backward(np.ones_like(Y, dtype=float)))


@each(case=LAYERS, training=[True, False])
def test_an_empty_batch_goes_both_ways_and_changes_nothing(case, training, ops):
    model = case.model(ops)
    before = snapshot(model)
    Y = model.forward(np.zeros((0, *case.input_shape)), training=training)
    assert Y.shape == (0, *model.output_shape)
    assert model.backward(Y).shape == (0, *case.input_shape)
    assert not any(parameter.gradient.any() for parameter in model.parameters())
    assert snapshot(model) == before


@each(case=LAYERS, alone=[True, False])
def test_arrays_may_be_changed_between_forward_and_backward(case, alone, ops, rng):
    """What `forward` was given may be refilled, and what it returned be computed with in place."""
    X = rng.standard_normal((2, *case.input_shape))
    gradients = []
    for changed in (False, True):
        model = case.model(ops)
        user = model.layers[0] if alone else model
        given = X.copy()
        Y = user.forward(given, training=True)
        dY = np.cos(np.arange(Y.size)).reshape(Y.shape)
        if changed:
            given[...] = 7
            Y[...] = -3
        dX = user.backward(dY)
        gradients.append([dX, *(parameter.gradient for parameter in model.parameters())])
    for wanted, came in zip(*gradients, strict=True):
        np.testing.assert_array_equal(came, wanted, strict=True)


@each(case=LAYERS)
def test_a_layer_says_how_it_is_written(case):
    layer = case.layer()
    again = eval(repr(layer), vars(layers) | {"Sequential": Sequential})
    assert type(again) is type(layer)
    outcomes = [as_layer(one).output_shape(case.input_shape) for one in (again, layer)]
    assert outcomes[0] == outcomes[1]
    assert repr(again) == repr(layer)


@each(case=LAYERS, copied={"deepcopy": copy.deepcopy, "pickle": lambda m: loads(dumps(m))})
def test_copies_are_equal_and_independent(case, copied, ops, rng):
    model = case.model(ops)
    X = rng.standard_normal((2, *case.input_shape))
    model.forward(X, training=True)
    other = copied(model)
    assert all(layer.ops is ops for layer in layers_of(other))
    np.testing.assert_array_equal(other(X), model(X), strict=True)
    np.testing.assert_array_equal(
        other.forward(X, training=True), model.forward(X, training=True), strict=True
    )  # generators are copied as well
    kept = snapshot(model)
    for parameter in other.parameters():
        parameter.value[...] = 9
    other.forward(X + 1, training=True)
    assert snapshot(model) == kept
