"""Non-linearities: each is the operation of its name, both ways."""

import numpy as np
from support.failures import each

from cnnlab.layers import ReLU, Sigmoid, Tanh


@each(kind={"sigmoid": Sigmoid, "tanh": Tanh, "relu": ReLU})
def test_a_layer_is_the_operation_of_its_name(kind, ops, rng):
    name = kind.__name__.lower()
    layer, (X, dY) = kind(ops=ops), rng.standard_normal((2, 3, 2, 4, 5))
    Y = getattr(ops, name)(X)
    np.testing.assert_array_equal(layer.forward(X), Y, strict=True)
    expected = getattr(ops, f"{name}_dZ")(dY, Y)
    np.testing.assert_array_equal(layer.backward(dY), expected, strict=True)
