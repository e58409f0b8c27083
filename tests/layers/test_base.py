"""What a layer of one's own must have, and the way back that training takes."""

import numpy as np
import pytest
from support.failures import each
from support.layers import built

from cnnlab import fast
from cnnlab.layers import Conv2D, Dense, Layer, Sigmoid
from cnnlab.model import Sequential


def test_a_layer_of_ones_own_needs_forward_and_backward():
    for method in ("forward", "backward"):
        with pytest.raises(NotImplementedError):
            getattr(Layer(), method)(np.zeros(3))


def test_nothing_to_go_back_through():
    with pytest.raises(
        RuntimeError,
        match="^Sigmoid.backward: there is nothing to go back through; call forward first.",
    ):
        Sigmoid().backward(np.zeros(3))


def test_gradients_of_parameters_alone_need_no_dX(monkeypatch, rng):
    for name, layer, shape in (
        ("conv2d_dX", Conv2D(3, 2, ops=fast), (2, 4, 5)),
        ("dense_dX", Dense(4, ops=fast), (6,)),
    ):
        layer.build(shape, rng)
        Y = layer.forward(rng.random((2, *shape)))
        monkeypatch.delattr(fast, name)
        layer.backward_to_parameters(np.ones_like(Y))
        with pytest.raises(AttributeError, match=name):
            layer.backward(np.ones_like(Y))


def test_a_changed_way_back_is_the_way_in_training_too(rng):
    class Frozen(Conv2D):
        def backward(self, dY):
            dX = super().backward(dY)
            self.gradients["w"] = 0 * self.gradients["w"]
            return dX

    model = Sequential([Frozen(3, 2, ops=fast)], input_shape=(2, 4, 5))
    Y = model.forward(rng.random((2, 2, 4, 5)))
    model.backward_to_parameters(np.ones_like(Y))
    assert not model.layers[0].gradients["w"].any()
    assert model.layers[0].gradients["b"].all()


@each(kind={"Conv2D": Conv2D, "Dense": Dense})
def test_two_changed_ways_back_are_both_taken(kind, rng):
    """Who leaves dX out in a way of their own may build on the short cut, which adds nothing."""

    class Doubled(kind):
        def backward(self, dY):
            dX = super().backward(dY)
            self.gradients["w"] = 2 * self.gradients["w"]
            return dX

        def backward_to_parameters(self, dY):
            super().backward_to_parameters(dY)
            self.gradients["w"] = 2 * self.gradients["w"]

    shape, arguments = ((2, 4, 5), (3, 2)) if kind is Conv2D else ((6,), (4,))
    plain, doubled = (built(one(*arguments, ops=fast), shape) for one in (kind, Doubled))
    X = rng.random((2, *shape))
    dY = rng.random(plain.forward(X).shape)
    plain.backward(dY)
    doubled.forward(X)
    for way in (doubled.backward, doubled.backward_to_parameters):
        way(dY)
        np.testing.assert_array_equal(doubled.gradients["w"], 2 * plain.gradients["w"])
