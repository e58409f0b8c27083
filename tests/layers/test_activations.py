"""Non-linearities: each is the operation of its name, both ways."""

import numpy as np
import pytest
from support.failures import each

from cnnlab.layers import LeakyReLU, ReLU, Sigmoid, Tanh


@each(kind={"sigmoid": Sigmoid, "tanh": Tanh, "relu": ReLU, "leaky_relu": LeakyReLU})
def test_a_layer_is_the_operation_of_its_name(kind, ops, rng):
    name = kind.operation
    assert name.replace("_", "") == kind.__name__.lower()
    layer, (X, dY) = kind(ops=ops), rng.standard_normal((2, 3, 2, 4, 5))
    Y = getattr(ops, name)(X)
    np.testing.assert_array_equal(layer.forward(X), Y, strict=True)
    expected = getattr(ops, f"{name}_dZ")(dY, Y)
    np.testing.assert_array_equal(layer.backward(dY), expected, strict=True)


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
