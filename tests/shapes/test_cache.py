"""What makes a call cheap must not change what it accepts, what it returns and what it says."""

import numpy as np
import pytest

from cnnlab import shapes

X = np.ones((1, 2, 6, 5), np.float32)
W = np.ones((4, 2, 3, 2), np.float32)
OPTIONS = {"stride": 1, "padding": 1, "dilation": 1, "groups": 1}

# What equals 1, and so is found under 1 in a dictionary.
REFUSED = [True, 1.0, np.bool_(True), np.float64(1)]
ACCEPTED = [np.int64(1), np.array(1), [1, 1], (np.int64(1), 1)]


@pytest.mark.parametrize("name", OPTIONS)
@pytest.mark.parametrize("wrap", [lambda one: one, lambda one: (1, one), lambda one: [one, 1]])
@pytest.mark.parametrize("wrong", REFUSED)
def test_what_equals_one_is_still_refused(name, wrap, wrong):
    """Before and after the same call with 1 was remembered."""
    wrong = {**OPTIONS, name: wrap(wrong)}
    with pytest.raises(TypeError) as before:
        shapes.check_conv2d(X, W, None, **wrong)
    shapes.check_conv2d(X, W, None, **OPTIONS)
    if name != "groups":
        shapes.check_conv2d(X, W, None, **{**OPTIONS, name: wrap(1)})
    with pytest.raises(TypeError) as after:
        shapes.check_conv2d(X, W, None, **wrong)
    assert str(before.value) == str(after.value)
    assert f"conv2d: {name}=" in str(after.value)


@pytest.mark.parametrize("wrong", REFUSED)
def test_what_equals_one_is_still_refused_deep_inside(wrong):
    for _ in range(2):
        shapes.conv2d_geometry("conv2d", X.shape, W.shape, padding=((1, 0), (0, 1)))
        with pytest.raises(TypeError, match="conv2d: padding="):
            shapes.conv2d_geometry("conv2d", X.shape, W.shape, padding=((wrong, 0), (0, 1)))


@pytest.mark.parametrize("one", ACCEPTED)
def test_results_are_python_integers(one):
    """Whatever came first: kernels are compiled for these types, and shapes are printed."""
    expected = shapes.conv2d_geometry("conv2d", X.shape, W.shape, stride=1)
    assert repr(shapes.conv2d_geometry("conv2d", X.shape, W.shape, stride=one)) == repr(expected)
    assert repr(shapes.conv2d_geometry("conv2d", X.shape, W.shape, stride=1)) == repr(expected)


@pytest.mark.parametrize("flag", [1, 0, 1.0, None])
def test_a_flag_stays_a_flag(flag):
    for _ in range(2):
        shapes.check_max_pool2d(X, 2, ceil_mode=bool(flag))
        with pytest.raises(TypeError, match="max_pool2d: ceil_mode="):
            shapes.check_max_pool2d(X, 2, ceil_mode=flag)


def test_a_shape_of_numpy_integers_comes_back_in_python_integers():
    for sizes in [X.shape, tuple(map(np.int64, X.shape)), list(X.shape), np.array(X.shape)]:
        shape = shapes.as_shape(sizes, "conv2d_dX", "X_shape", (3, 4))
        assert shape == X.shape
        assert {type(size) for size in shape} == {int}
    for wrong in [tuple(map(float, X.shape)), (True, *X.shape[1:])]:
        with pytest.raises(TypeError, match="conv2d_dX: X_shape must be a tuple of integers"):
            shapes.as_shape(wrong, "conv2d_dX", "X_shape", (3, 4))


def test_an_error_is_told_every_time():
    for _ in range(3):
        with pytest.raises(ValueError, match="conv2d: a pattern of 9 x 1 does not fit"):
            shapes.conv2d_geometry("conv2d", X.shape, (4, 2, 9, 1))


def test_an_error_names_the_function_that_was_called():
    shapes.conv2d_geometry("conv2d", X.shape, W.shape)
    for name in ["conv2d", "Conv2D"]:
        with pytest.raises(ValueError, match=f"^{name}: "):
            shapes.conv2d_geometry(name, X.shape, W.shape, groups=3)
