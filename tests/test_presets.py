"""Networks by name: what they are made of, and that they are those of the course."""

import numpy as np
import pytest
from support.failures import each

from cnnlab.cli import networks
from cnnlab.initializers import glorot_uniform_sigmoid
from cnnlab.layers import Conv2D, Dense, Flatten, Sigmoid
from cnnlab.model import Sequential
from cnnlab.presets import PRESETS, preset

KINDS = {
    "dense": "Flatten Dense Sigmoid Dense",
    "post": "Conv2D Sigmoid Flatten Dense",
    "lenet": "Conv2D ReLU MaxPool2D Conv2D ReLU MaxPool2D Flatten Dense ReLU Dense ReLU Dense",
    "modern": "Conv2D BatchNorm2D ReLU MaxPool2D Conv2D BatchNorm2D ReLU MaxPool2D Flatten Dropout "
    "Dense",
}


@each(name=list(PRESETS))
def test_layers_and_what_comes_out(name, rng):
    model = preset(name)
    assert " ".join(layer.name for layer in model) == KINDS[name]
    assert (model.input_shape, model.output_shape) == ((1, 28, 28), (10,))
    assert model.dtype == np.float32
    scores = model(rng.random((2, 1, 28, 28)))
    assert scores.shape == (2, 10)
    assert scores.dtype == np.float32


@each(name=list(PRESETS))
def test_images_and_classes_of_others(name):
    model = preset(name, input_shape=(3, 20, 24), classes=4, dtype="float64")
    assert (model.input_shape, model.output_shape, model.dtype) == ((3, 20, 24), (4,), np.float64)


@each(name=list(PRESETS))
def test_the_seed_decides(name):
    one, same, other = (preset(name, seed=seed) for seed in (3, np.random.default_rng(3), 4))
    for first, second, third in zip(*map(list, map(values, (one, same, other))), strict=True):
        np.testing.assert_array_equal(first, second)
        constant = np.ptp(first) == 0  # biases begin at 0, and scales at 1
        assert constant or not np.array_equal(first, third)


def values(model):
    return [parameter.value for parameter in model.parameters()]


def test_post_is_the_network_of_the_chapters():
    wide = glorot_uniform_sigmoid
    layers = [Conv2D(8, 5, initializer=wide), Sigmoid(), Flatten(), Dense(10)]
    chapter = Sequential(layers, input_shape=(1, 28, 28), seed=0)
    for own, theirs in zip(values(preset("post", dtype=np.float64)), values(chapter), strict=True):
        np.testing.assert_array_equal(own, theirs)


def test_lenet_has_the_numbers_of_lenet_5():
    assert preset("lenet").summary().splitlines()[-1].split() == ["total", "61,706"]


def test_the_command_offers_all_of_them():
    assert set(networks.MODELS) == set(PRESETS)


@each(
    case={
        "a slip": (lambda: preset("lenett"), ValueError, "no network 'lenett'; choose lenet, the"),
        "none": (lambda: preset(None), ValueError, "preset: no network None; choose one of dense"),
        "no images": (
            lambda: preset("post", input_shape=(784,)),
            ValueError,
            "preset: input_shape",
        ),
        "no classes": (lambda: preset("post", classes=0), ValueError, "preset: classes=0"),
        "too small": (
            lambda: preset("lenet", input_shape=(1, 4, 4)),
            ValueError,
            "does not fit into",
        ),
        "another dtype": (lambda: preset("post", dtype=int), TypeError, "float32 or float64"),
    }
)
def test_refused(case):
    call, kind, words = case
    with pytest.raises(kind, match=words):
        call()
