"""What a network looks at: measured by moving pixels, covering them, and trying all images."""

import copy
import itertools

import numpy as np
import pytest
from support.failures import each

from cnnlab.inspection import exciting_image, image_gradient, occlusion_map
from cnnlab.layers import BatchNorm2D, Conv2D, Dense, Dropout, Flatten, MaxPool2D, ReLU, Sigmoid
from cnnlab.model import Sequential

RNG = np.random.default_rng(0)
X = RNG.random((2, 6, 7))


def network(*layers, input_shape=(2, 6, 7)):
    return Sequential(layers, input_shape=input_shape, seed=0)


DEEP = network(
    *(Conv2D(3, (2, 3)), BatchNorm2D(), Sigmoid(), MaxPool2D(2)),
    *(Flatten(), Dropout(0.5), Dense(4)),
)
MAPS = network(Conv2D(3, (2, 3)), Sigmoid())


@each(case={"a score": (DEEP, 2), "an entry of a map": (MAPS, (1, 3, 2)), "a tuple": (DEEP, (3,))})
def test_the_gradient_is_what_moving_each_pixel_shows(case):
    model, output = case
    place = output if isinstance(output, tuple) else (output,)
    gradient, h = image_gradient(model, X, output), 1e-6
    for pixel in np.ndindex(X.shape):
        up, down = X.copy(), X.copy()
        up[pixel] += h
        down[pixel] -= h
        slope = (model(up)[place] - model(down)[place]) / (2 * h)
        np.testing.assert_allclose(gradient[pixel], slope, rtol=0, atol=1e-8)


def test_a_batch_has_the_gradients_of_its_images():
    batch = RNG.random((3, 2, 6, 7))
    gradients = image_gradient(DEEP, batch, 1)
    for s in range(3):
        np.testing.assert_allclose(gradients[s], image_gradient(DEEP, batch[s], 1), atol=1e-15)


@each(
    look={
        "gradient": lambda model: image_gradient(model, X, 0),
        "cover": lambda model: occlusion_map(model, X, 0, size=2),
        "excite": lambda model: exciting_image(model, 0, steps=2),
    }
)
def test_looking_changes_nothing(look):
    """Neither values and state nor the way back that training is on."""
    model = copy.deepcopy(DEEP)
    dY = RNG.standard_normal((5, 4))
    batch = RNG.random((5, 2, 6, 7))
    model.forward(batch, training=False)
    expected = model.backward(dY)
    gradients = [p.gradient.copy() for p in model.parameters()]
    before = model.state()
    model.forward(batch, training=False)
    look(model)
    for p, gradient in zip(model.parameters(), gradients, strict=True):
        np.testing.assert_array_equal(p.gradient, gradient)
    np.testing.assert_array_equal(model.backward(dY), expected)
    after = model.state()
    for name in before:
        if isinstance(before[name], np.ndarray):
            np.testing.assert_array_equal(after[name], before[name])


@each(case={"windows": (2, 1, 0.0), "a step": ((2, 3), (2, 1), 0.0), "gray": (3, (1, 2), 0.5)})
def test_a_covered_window_takes_its_products_from_a_dense_layer(case):
    """The score is linear: what is lost is the sum of weight times what the pixel loses."""
    size, stride, value = case
    model = network(Flatten(), Dense(3))
    weights = model[1].parameters["w"][1].reshape(X.shape)
    lost = (weights * (X - value)).sum(axis=0)
    windows = np.lib.stride_tricks.sliding_window_view(lost, np.broadcast_to(size, 2))
    down, right = np.broadcast_to(stride, 2)
    found = occlusion_map(model, X, 1, size=size, stride=stride, value=value)
    expected = windows.sum(axis=(2, 3))[::down, ::right]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-14)


def test_a_covered_window_in_a_deep_network():
    found = occlusion_map(DEEP, X, 3, size=(2, 3), stride=(2, 1))
    covered = X.copy()
    covered[:, 4:6, 2:5] = 0
    assert found.shape == (3, 5)
    np.testing.assert_allclose(found[2, 2], DEEP(X)[3] - DEEP(covered)[3], rtol=0, atol=1e-14)


def test_what_excites_a_linear_output_is_the_best_of_all_images():
    model = network(Conv2D(2, (2, 3)), input_shape=(1, 3, 4))
    found = exciting_image(model, (1, 1, 0))
    images = np.array(list(itertools.product([0.0, 1.0], repeat=6))).reshape(-1, 2, 3)
    values = (images * model[0].parameters["w"][1, 0]).sum(axis=(1, 2))
    np.testing.assert_array_equal(found.X[0, 1:, :3], images[values.argmax()])
    np.testing.assert_array_equal(found.X[0, 0], 0.5)  # not seen
    np.testing.assert_array_equal(found.X[0, :, 3], 0.5)
    np.testing.assert_allclose(found.values[-1], values.max(), rtol=1e-14)
    assert len(found.values) == 26  # 25 steps of 0.02 from 0.5 to the border


def test_what_excites_is_the_best_image_on_the_way():
    found = exciting_image(DEEP, 1, start=X, step=0.3, steps=20)
    assert DEEP(found.X)[1] == found.values.max() > found.values[0] == DEEP(X)[1]
    assert found.X.min() >= 0
    assert found.X.max() <= 1
    again = exciting_image(DEEP, 1, start=X, step=0.3, steps=20)
    np.testing.assert_array_equal(again.X, found.X)


def test_a_dead_output_keeps_the_start():
    model = network(Conv2D(1, 2), ReLU())
    model[0].parameters["b"][...] = -100
    found = exciting_image(model, (0, 0, 0), start=0.25)
    np.testing.assert_array_equal(found.X, 0.25)
    np.testing.assert_array_equal(found.values, [0])


def test_the_dtype_of_the_model_binds():
    model = Sequential([Flatten(), Dense(3)], input_shape=(1, 4, 4), dtype=np.float32)
    image = np.ones((1, 4, 4))
    assert image_gradient(model, image, 0).dtype == np.float32
    assert occlusion_map(model, image, 0, size=2).dtype == np.float32
    assert exciting_image(model, 0).X.dtype == np.float32


@each(
    case={
        "no model": (lambda: image_gradient(None, X, 0), TypeError, "Sequential is needed"),
        "no class": (lambda: image_gradient(DEEP, X, 4), ValueError, r"image_gradient: output=4"),
        "below 0": (lambda: image_gradient(DEEP, X, -1), ValueError, r"image_gradient: output=-1"),
        "a name": (lambda: image_gradient(DEEP, X, "4"), TypeError, "an integer is needed"),
        "an axis": (lambda: image_gradient(MAPS, X, 1), ValueError, r"output=\(0, 0, 0\)"),
        "a shape": (lambda: image_gradient(DEEP, X[:1], 1), ValueError, r"X\.shape=\(1, 6, 7\)"),
        "a batch": (lambda: occlusion_map(DEEP, [X], 1, size=2), ValueError, r"X\[0\]"),
        "a large window": (
            lambda: occlusion_map(DEEP, X, 1, size=(2, 8)), ValueError,
            r"size=\(2, 8\) came, but the image has 6 x 7 pixels",
        ),
        "NaN": (
            lambda: occlusion_map(DEEP, X, 1, size=2, value=np.nan), ValueError, "value=nan"
        ),
        "no step": (lambda: exciting_image(DEEP, 1, step=0), ValueError, "step=0"),
        "no image": (lambda: exciting_image(DEEP, 1, start=X[0]), ValueError, "start.shape"),
        "bytes": (lambda: exciting_image(DEEP, 1, start=255 * X), ValueError, "outside 0 to 1"),
    }
)  # fmt: skip
def test_refuses(case):
    call, kind, words = case
    with pytest.raises(kind, match=words):
        call()
