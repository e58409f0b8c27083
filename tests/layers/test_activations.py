"""Non-linearities: each is the operation of its name, both ways."""

import numpy as np
import pytest
from support.failures import each

from cnnlab.layers import LeakyReLU
from cnnlab.layers.activations import Activation
from cnnlab.operations import OPERATIONS

ACTIVATIONS = {
    operation.name: operation
    for operation in OPERATIONS
    if operation.layer is not None and issubclass(operation.layer, Activation)
}


@each(operation=ACTIVATIONS)
def test_a_layer_is_the_operation_of_its_name(operation, ops, rng):
    assert operation.layer.operation == operation.name
    layer, (X, dY) = operation.layer(ops=ops), rng.standard_normal((2, 3, 2, 4, 5))
    Y = getattr(ops, operation.name)(X, **layer.options)
    np.testing.assert_array_equal(layer.forward(X), Y, strict=True)
    expected = getattr(ops, f"{operation.name}_dZ")(dY, Y, **layer.options)
    np.testing.assert_array_equal(layer.backward(dY), expected, strict=True)


def test_every_activation_is_a_layer_of_the_table():
    """One that applies a function entry by entry needs no code of its own for it."""
    assert set(ACTIVATIONS) == {operation.name for operation in OPERATIONS if operation.entrywise}
    assert {operation.layer for operation in ACTIVATIONS.values()} == set(
        Activation.__subclasses__()
    )


def test_leaky_relu_has_its_slope_both_ways(ops, rng):
    layer, (X, dY) = LeakyReLU(0.25, ops=ops), rng.standard_normal((2, 3, 2, 4, 5))
    assert layer.output_shape((2, 4, 5)) == (2, 4, 5)
    expected = np.where(X > 0, X, X / 4)
    np.testing.assert_array_equal(layer.forward(X), expected, strict=True)
    np.testing.assert_array_equal(layer.forward(X, training=False), expected, strict=True)
    np.testing.assert_array_equal(layer.backward(dY), np.where(X > 0, dY, dY / 4), strict=True)


@each(slope=[0, -0.1, 1.5, np.nan, np.inf, "0.1", True, None])
def test_leaky_relu_refuses_a_slope(slope):
    with pytest.raises(ValueError, match="^LeakyReLU: slope=.*, but a number greater than 0 and"):
        LeakyReLU(slope)
