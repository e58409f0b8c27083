"""The network of A5, beside the layers of the package and measured slopes."""

import numpy as np

from cnnlab import gradcheck, reference
from cnnlab.layers import Conv2D, Dense, Flatten, Sigmoid
from cnnlab.model import Sequential
from cnnlab.tutor import networks
from cnnlab.tutor.a5 import NETWORK
from cnnlab.tutor.cases import normal


def test_forward_is_that_of_the_layers():
    rng = np.random.default_rng(2)
    parameters = NETWORK.parameters(normal(rng))
    layers = [
        Conv2D(4, (2, 3), ops=reference),
        Sigmoid(ops=reference),
        Flatten(),
        Dense(5, ops=reference),
    ]
    model = Sequential(layers, input_shape=(3, 4, 6))
    for name, (layer, letter) in zip("wbWc", [(0, "w"), (0, "b"), (3, "w"), (3, "b")], strict=True):
        layers[layer].parameters[letter][...] = parameters[name]
    X = rng.standard_normal((2, 3, 4, 6))
    np.testing.assert_allclose(networks.forward(parameters, X)[1], model.forward(X), rtol=1e-12)


def test_backward_is_the_gradient_of_forward_and_loss():
    draw = normal(np.random.default_rng(3))
    parameters = NETWORK.parameters(draw)
    X, labels = draw((NETWORK.B, NETWORK.D, NETWORK.M, NETWORK.N)), np.array([4, 1])
    Y, scores = networks.forward(parameters, X)
    given = networks.backward(parameters, X, Y, reference.cross_entropy(scores, labels)[1])
    for name in parameters:

        def loss(array, name=name):
            _, moved = networks.forward({**parameters, name: array}, X)
            return reference.cross_entropy(moved, labels)[0]

        measured = gradcheck.numerical_gradient(loss, parameters[name])
        np.testing.assert_allclose(given[name], measured, rtol=0, atol=1e-8)
