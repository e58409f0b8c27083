"""The maps of convolutions: which there are, wherever they sit, and of what."""

import numpy as np
import pytest
from PIL import Image
from support.failures import each

from cnnlab.features import maps_of, save_features
from cnnlab.layers import Conv2D, Dense, Flatten, GlobalAvgPool2D, MaxPool2D, ReLU, Residual
from cnnlab.model import Sequential
from cnnlab.presets import preset

X = np.random.default_rng(0).random((1, 28, 28), np.float32)


def model_of(*layers):
    """Return a network of digits with these layers before its last ones."""
    return Sequential([*layers, GlobalAvgPool2D(), Dense(10)], input_shape=(1, 28, 28), seed=1)


def after(layers):
    """Return what layers in a row make of the image."""
    Y = X[np.newaxis]
    for layer in layers:
        Y = layer.forward(Y, training=False)
    return Y[0]


@each(
    case={
        "post": {"0.Conv2D": (8, 24, 24)},
        "lenet": {"0.Conv2D": (6, 28, 28), "3.Conv2D": (16, 10, 10)},
        "modern": {"0.Conv2D": (16, 28, 28), "4.Conv2D": (32, 14, 14)},
        "dense": {},
    }
)
def test_maps_are_those_behind_the_non_linearity(case):
    name = {(): "dense", (8,): "post", (6, 16): "lenet", (16, 32): "modern"}[
        tuple(shape[0] for shape in case.values())
    ]
    model = preset(name)
    maps = maps_of(model, X)
    assert {place: array.shape for place, array in maps.items()} == case
    for place, array in maps.items():
        last = 3 if name == "modern" else 2
        np.testing.assert_array_equal(array, after(model.layers[: int(place[0]) + last]))


def test_maps_in_an_inner_model_are_those_of_its_layers_in_a_row():
    model = model_of(Sequential([Sequential([Conv2D(3, 5)]), ReLU(), MaxPool2D(2), Conv2D(4, 3)]),
                     ReLU())  # fmt: skip
    maps = maps_of(model, X)
    assert list(maps) == ["0.Sequential.0.Sequential.0.Conv2D", "0.Sequential.3.Conv2D"]
    (deep,), relu, *_ = model.layers[0].layers[0].layers, model.layers[0].layers[1]
    np.testing.assert_array_equal(maps["0.Sequential.0.Sequential.0.Conv2D"], after([deep, relu]))
    np.testing.assert_array_equal(maps["0.Sequential.3.Conv2D"], after(model.layers[:2]))


def test_maps_in_a_residual_are_those_before_the_sum():
    block = Residual([Conv2D(4, 3, padding="same"), ReLU(), Conv2D(4, 3, padding="same")],
                     shortcut=Conv2D(4, 1))  # fmt: skip
    model = model_of(block, ReLU())
    maps = maps_of(model, X)
    places = ["0.Residual.0.Conv2D", "0.Residual.2.Conv2D", "0.Residual.shortcut.0.Conv2D"]
    assert list(maps) == places
    np.testing.assert_array_equal(maps[places[0]], after(block.layers[:2]))
    np.testing.assert_array_equal(maps[places[1]], after(block.layers))
    np.testing.assert_array_equal(maps[places[2]], after([block.shortcut]))


def test_maps_of_a_convolution_end_at_the_sum_behind_it():
    model = Sequential(
        [Conv2D(4, 3), Residual(ReLU()), ReLU(), Flatten(), Dense(10)], input_shape=(1, 28, 28)
    )
    maps = maps_of(model, X)
    np.testing.assert_array_equal(maps["0.Conv2D"], after(model.layers[:1]))


def test_places_are_those_of_the_parameters():
    model = model_of(Residual(Sequential([Conv2D(1, 3, padding="same")])), Conv2D(2, 3))
    assert {f"{place}.w" for place in maps_of(model, X)} <= set(model.state())


def test_a_picture_is_saved(tmp_path):
    save_features(model_of(Residual(Conv2D(3, 3, padding="same"), Conv2D(3, 1))), X,
                  tmp_path / "maps.png")  # fmt: skip
    with Image.open(tmp_path / "maps.png") as picture:
        assert (picture.format, picture.width > 800) == ("PNG", True)


def test_a_network_without_convolutions_is_refused_before_anything_is_drawn(tmp_path):
    with pytest.raises(ValueError, match="this network has no convolution"):
        save_features(preset("dense"), X, tmp_path / "maps.png")
    assert not list(tmp_path.iterdir())
