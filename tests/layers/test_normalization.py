"""Batch normalization: what it computes, what it keeps, and when."""

import numpy as np
import pytest
from support.failures import each
from support.layers import backward_with, built

from cnnlab import reference
from cnnlab.layers import BatchNorm2D, Conv2D, Dropout, Flatten
from cnnlab.model import Sequential


def test_batch_norm_by_hand():
    # One depth, pixels 1, 3, 5, 7: mean 4, variance 5, unbiased 20 / 3.
    layer = built(BatchNorm2D(momentum=0.25, epsilon=4.0), (1, 1, 2))
    layer.parameters["w"][...], layer.parameters["b"][...] = 6, 10
    X = np.array([[[[1.0, 3.0]]], [[[5.0, 7.0]]]])
    np.testing.assert_allclose(layer.forward(X, training=True).ravel(), [4, 8, 12, 16], rtol=1e-15)
    np.testing.assert_allclose(layer.state["mean"], [0.25 * 4], rtol=1e-15)
    np.testing.assert_allclose(layer.state["variance"], [0.75 + 0.25 * 20 / 3], rtol=1e-15)
    # dY sits on the first pixel alone; normalized there is -1, everywhere -1, -1/3, 1/3, 1.
    dX = layer.backward(np.array([[[[12.0, 0.0]]], [[[0.0, 0.0]]]]))
    np.testing.assert_allclose(dX.ravel(), [12, -8, -4, 0], atol=1e-14)
    np.testing.assert_allclose(layer.gradients["w"], [-12], rtol=1e-15)
    np.testing.assert_allclose(layer.gradients["b"], [12], rtol=1e-15)


def test_batch_norm_in_use_takes_the_running_values_and_keeps_them(rng):
    layer = built(BatchNorm2D(epsilon=0.5), (2, 3, 4))
    layer.state = {"variance": np.array([3.5, 0.5]), "mean": np.array([1.0, -2.0])}
    X, dY = rng.standard_normal((2, 5, 2, 3, 4))
    Y = layer.forward(X, training=False)
    np.testing.assert_allclose(Y[:, 0], (X[:, 0] - 1) / 2, rtol=1e-14)
    np.testing.assert_allclose(Y[:, 1], X[:, 1] + 2, rtol=1e-14)
    np.testing.assert_array_equal(layer.state["mean"], [1, -2])
    np.testing.assert_array_equal(layer.state["variance"], [3.5, 0.5])
    dX = layer.backward(dY)
    np.testing.assert_allclose(dX[:, 0], dY[:, 0] / 2, rtol=1e-15)
    np.testing.assert_array_equal(dX[:, 1], dY[:, 1])
    # No sample depends on another, and one pixel is enough.
    np.testing.assert_array_equal(layer.forward(X[:1, :, :1, :1], training=False), Y[:1, :, :1, :1])


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_batch_norm_goes_as_pytorch(training, dtype, rng):
    torch = pytest.importorskip("torch")
    layer = built(BatchNorm2D(momentum=0.2, epsilon=1e-3), (3, 4, 5), dtype=dtype)
    other = torch.nn.BatchNorm2d(3, momentum=0.2, eps=1e-3, dtype=getattr(torch, dtype.__name__))
    for name, parameter in (("w", other.weight), ("b", other.bias)):
        layer.parameters[name][...] = rng.standard_normal(3)
        parameter.data = torch.tensor(layer.parameters[name])
    tolerance = (
        {"rtol": 1e-4, "atol": 1e-5} if dtype == np.float32 else {"rtol": 1e-12, "atol": 1e-14}
    )
    for step in range(3):
        is_last = step == 2
        other.train(training or not is_last)
        X, dY = (2 + 3 * rng.standard_normal((2, 6, 3, 4, 5))).astype(dtype)
        Y = layer.forward(X, training=training or not is_last)
        dX = layer.backward(dY)
        X_ = torch.tensor(X, requires_grad=True)
        other.zero_grad()
        Y_ = other(X_)
        Y_.backward(torch.tensor(dY))
        np.testing.assert_allclose(Y, Y_.detach().numpy(), **tolerance)
        np.testing.assert_allclose(dX, X_.grad.numpy(), **tolerance)
        np.testing.assert_allclose(layer.gradients["w"], other.weight.grad.numpy(), **tolerance)
        np.testing.assert_allclose(layer.gradients["b"], other.bias.grad.numpy(), **tolerance)
        np.testing.assert_allclose(layer.state["mean"], other.running_mean.numpy(), **tolerance)
        np.testing.assert_allclose(layer.state["variance"], other.running_var.numpy(), **tolerance)


def test_batch_norm_of_float32_has_statistics_in_float64(rng):
    # Small differences of large numbers, which a mean in float32 would drown.
    X = (1000 + 0.01 * rng.standard_normal((8, 2, 9, 9))).astype(np.float32)
    layer = built(BatchNorm2D(epsilon=1e-12), (2, 9, 9), dtype=np.float32)
    wide = built(BatchNorm2D(epsilon=1e-12), (2, 9, 9))
    dY = rng.standard_normal(X.shape).astype(np.float32)
    results, exact = (
        [one.forward(X, training=True), one.backward(dY), *one.gradients.values()]
        for one in (layer, wide)
    )
    for result, expected in zip(results, exact, strict=True):
        assert result.dtype == np.float32
        np.testing.assert_allclose(result, expected, rtol=2e-7)
    for name, value in layer.state.items():
        np.testing.assert_array_equal(value, wide.state[name], strict=True)


def test_complex_steps_leave_real_running_values(rng):
    X = rng.standard_normal((3, 2, 3, 4))
    real, stepped = (built(BatchNorm2D(ops=reference), (2, 3, 4)) for _ in range(2))
    real.forward(X, training=True)
    stepped.forward(X + 1e-30j, training=True)
    for name, value in real.state.items():
        np.testing.assert_allclose(stepped.state[name], value, rtol=1e-14, strict=True)


def test_batch_norm_of_a_flat_depth_is_its_bias():
    layer = built(BatchNorm2D(), (1, 2, 2))
    layer.parameters["b"][...] = 3
    np.testing.assert_array_equal(layer.forward(np.full((2, 1, 2, 2), 7.0), training=True), 3)
    assert np.isfinite(layer.backward(np.ones((2, 1, 2, 2)))).all()


def test_batch_norm_counts_as_learned_what_is_learned():
    model = Sequential([Conv2D(3, 2), BatchNorm2D(), Dropout(0.5)], input_shape=(1, 4, 4))
    rows = [row.split() for row in repr(model.summary()).splitlines()]
    assert rows[4] == ["BatchNorm2D", "3", "x", "3", "x", "3", "6"]
    assert rows[5] == ["Dropout", "3", "x", "3", "x", "3", "0"]
    assert rows[-1] == ["total", "21"]


def test_batch_norm_sums_in_double_precision(rng):
    """In float32 the ones would vanish beside 1e8."""
    layer = BatchNorm2D()
    layer.build((1, 1, 1000), rng, np.float32)
    layer.forward(rng.random((1, 1, 1, 1000)).astype(np.float32), training=True)
    dY = np.ones((1, 1, 1, 1000), np.float32)
    dY[..., 0], dY[..., -1] = 1e8, -1e8
    layer.backward(dY)
    np.testing.assert_array_equal(layer.gradients["b"], np.float32([998]), strict=True)


def test_infinities_become_nan_without_a_warning():
    X, layer = np.full((2, 1, 4, 4), np.inf), built(BatchNorm2D(), (1, 4, 4))
    assert np.isnan(layer.forward(X, training=True)).any()
    assert np.isnan(layer.backward(X)).any()


def test_a_refused_batch_leaves_the_running_values_alone():
    layer = built(BatchNorm2D(), (3, 1, 1))
    with pytest.raises(ValueError, match="one number per depth"):
        layer.forward(np.full((1, 3, 1, 1), 7.0), training=True)
    np.testing.assert_array_equal(layer.state["mean"], 0)
    np.testing.assert_array_equal(layer.state["variance"], 1)


WRONG = {
    "momentum of 0": (
        lambda: BatchNorm2D(momentum=0),
        ValueError,
        "BatchNorm2D: momentum=0, but a number greater than 0 and at most 1 is needed; try 0.1.",
    ),
    "epsilon of 0": (
        lambda: BatchNorm2D(epsilon=0),
        ValueError,
        "BatchNorm2D: epsilon=0, but a number greater than 0 is needed; try 1e-5.",
    ),
    "batch norm on vectors": (
        lambda: Sequential([Flatten(), BatchNorm2D()], input_shape=(1, 2, 2)),
        ValueError,
        r"BatchNorm2D: input_shape=\(4,\) has length 1, but needs 3",
    ),
    "batch norm not built": (
        lambda: BatchNorm2D().forward(np.ones((2, 1, 2, 2)), training=True),
        RuntimeError,
        "BatchNorm2D.forward: the layer has not been built yet; put it into Sequential",
    ),
    "batch norm of a table": (
        lambda: built(BatchNorm2D(), (1, 2, 2)).forward(np.ones((2, 2)), training=True),
        ValueError,
        "BatchNorm2D.forward: X has 2 axes",
    ),
    "batch norm of another depth": (
        lambda: built(BatchNorm2D(), (1, 2, 2)).forward(np.ones((2, 3, 2, 2)), training=True),
        ValueError,
        r"BatchNorm2D.forward: X has depth D=3 but the layer was built for 1 "
        r"\(X.shape=\(2, 3, 2, 2\)\); axis 1 of X must agree.",
    ),
    "batch norm of one number": (
        lambda: built(BatchNorm2D(), (3, 1, 1)).forward(np.ones((1, 3, 1, 1)), training=True),
        ValueError,
        r"BatchNorm2D.forward: X.shape=\(1, 3, 1, 1\) holds one number per depth, .* pass a larger "
        r"batch or larger images, or training=False.",
    ),
    "batch norm, gradient of another shape": (
        lambda: backward_with(BatchNorm2D(), (2, 1, 2, 2), (2, 1, 2, 1)),
        ValueError,
        r"BatchNorm2D.backward: dY.shape=\(2, 1, 2, 1\), but forward returned shape \(2, 1, 2, 2\)",
    ),
}


@each(case=WRONG)
def test_message(case):
    wrong_use, kind, words = case
    with pytest.raises(kind, match=f"^{words}"):
        wrong_use()
