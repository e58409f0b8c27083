"""Small networks for small digits: what they are called for, they hold."""

import numpy as np
import pytest

from cnnlab import data, mutants, reference
from cnnlab.mutants.networks import RATES


def test_digits_are_small_and_have_the_same_labels():
    digits, large = mutants.small_digits(), data.mnist_subset()
    for small, whole in (digits.X_train, large.X_train), (digits.X_test, large.X_test):
        assert small.shape == (len(whole), 1, 12, 12)
        np.testing.assert_allclose(small[0, 0, 3, 5], whole[0, 0, 8:10, 12:14].mean(), rtol=1e-12)
    np.testing.assert_array_equal(digits.labels_test, large.labels_test)
    with pytest.raises(ValueError, match="read-only"):
        digits.X_train[0] = 0


def test_networks_start_alike_and_hold_what_they_are_called_for():
    kinds = {name: [layer.name for layer in mutants.network(name).layers] for name in RATES}
    plain = ["Conv2D", "Tanh", "MaxPool2D", "Conv2D", "Tanh", "Flatten", "Dense"]
    assert kinds["plain"] == kinds["squared error"] == plain
    extra = {"average": "AvgPool2D", "batch norm": "BatchNorm2D", "dropout": "Dropout"}
    extra |= {"sigmoid": "Sigmoid", "relu": "ReLU", "leaky relu": "LeakyReLU"}
    for name, layer in extra.items():
        assert layer in kinds[name], name
    first = [mutants.network(name, seed=3).layers[0].parameters["w"] for name in ("plain", "relu")]
    np.testing.assert_array_equal(*first)
    loops = mutants.network("options", ops=reference)
    assert all(layer.ops is reference for layer in loops.layers)
    assert loops.layers[3].options["groups"] == 2


def test_an_unknown_network():
    with pytest.raises(ValueError, match="^network: name is 'tanh'.*choose|no .*'tanh'"):
        mutants.network("tanh")
