"""Dropout and batch normalization: what they compute, what they keep, and when."""

import copy

import numpy as np
import pytest

from cnnlab import fast, reference
from cnnlab.layers import BatchNorm2D, Conv2D, Dense, Dropout, Flatten
from cnnlab.model import Sequential


def built(layer, input_shape, seed=0, **options):
    layer.build(input_shape, np.random.default_rng(seed), **options)
    return layer


# ------------------------------------------------------------------------------- Dropout


@pytest.mark.parametrize("rate", [0, 0.25, 0.9])
def test_dropout_zeroes_its_part_and_scales_the_rest(rate, rng):
    layer, X = built(Dropout(rate), (100, 100)), rng.random((4, 100, 100)) + 1
    Y = layer.forward(X)
    kept = Y != 0
    np.testing.assert_allclose(Y, kept * X / (1 - rate), rtol=1e-15)
    # Five standard deviations of a mean of 40,000 draws.
    np.testing.assert_allclose(kept.mean(), 1 - rate, atol=5 * np.sqrt(rate * (1 - rate) / 40000))
    dY = rng.random(X.shape) + 1
    np.testing.assert_allclose(layer.backward(dY), kept * dY / (1 - rate), rtol=1e-15)


def test_dropout_draws_anew_each_time_and_each_sample_on_its_own():
    layer = built(Dropout(0.5), (50,))
    first, second = layer.forward(np.ones((2, 50))), layer.forward(np.ones((2, 50)))
    assert not np.array_equal(first, second)
    assert not np.array_equal(first[0], first[1])


def test_dropout_in_use_is_the_identity_both_ways(rng):
    layer, X = built(Dropout(0.5), (50,)), rng.standard_normal((2, 50))
    before = layer.state["generator"].bit_generator.state
    layer.forward(X)
    drawn = layer.state["generator"].bit_generator.state
    assert drawn != before
    np.testing.assert_array_equal(layer.forward(X, training=False), X, strict=True)
    np.testing.assert_array_equal(layer.backward(X), X, strict=True)
    assert layer.state["generator"].bit_generator.state == drawn


def test_same_seed_drops_the_same_entries_in_either_dtype():
    X = np.ones((2, 50))
    first, same, other = (built(Dropout(0.5), (50,), seed).forward(X) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, same)
    assert not np.array_equal(first, other)
    narrow = built(Dropout(0.5), (50,), 1).forward(X.astype(np.float32))
    np.testing.assert_array_equal(narrow, first.astype(np.float32), strict=True)


def test_two_dropouts_of_a_model_draw_differently():
    model = Sequential([Dropout(0.5), Dropout(0.5)], input_shape=(50,))
    first, second = (layer.forward(np.ones((1, 50))) for layer in model.layers)
    assert not np.array_equal(first, second)


def test_dropout_leaves_the_starting_values_of_other_layers_alone():
    with_dropout = Sequential([Dense(3), Dropout(0.5), Dense(2)], input_shape=(4,), seed=1)
    without = Sequential([Dense(3), Dense(2)], input_shape=(4,), seed=1)
    for own, other in zip(with_dropout.parameters(), without.parameters(), strict=True):
        np.testing.assert_array_equal(own.value, other.value, strict=True)


def test_dropout_does_not_draw_from_the_generator_of_the_model():
    rng = np.random.default_rng(0)
    model = Sequential([Dropout(0.5)], input_shape=(50,), seed=rng)
    before = rng.bit_generator.state
    model.forward(np.ones((2, 50)))
    assert rng.bit_generator.state == before


def test_dropout_put_back_draws_the_same_again():
    layer = built(Dropout(0.5), (50,))
    before = copy.deepcopy(layer.state)
    first = layer.forward(np.ones((1, 50)))
    layer.state = before
    np.testing.assert_array_equal(layer.forward(np.ones((1, 50))), first, strict=True)


def test_dropout_has_the_factors_of_pytorch():
    torch = pytest.importorskip("torch")
    for rate in (0.2, 0.5, 0.7):
        X = np.ones((1, 1000), np.float32)
        factors = torch.nn.functional.dropout(torch.tensor(X), rate).unique().numpy()
        layer = built(Dropout(rate), (1000,))
        np.testing.assert_array_equal(np.unique(layer.forward(X)), factors, strict=True)
        np.testing.assert_array_equal(np.unique(layer.backward(X)), factors, strict=True)


# ------------------------------------------------------------------------------- BatchNorm2D


def test_batch_norm_by_hand():
    # One depth, pixels 1, 3, 5, 7: mean 4, variance 5, unbiased 20 / 3.
    layer = built(BatchNorm2D(momentum=0.25, epsilon=4.0), (1, 1, 2))
    layer.parameters["w"][...], layer.parameters["b"][...] = 6, 10
    X = np.array([[[[1.0, 3.0]]], [[[5.0, 7.0]]]])
    np.testing.assert_allclose(layer.forward(X).ravel(), [4, 8, 12, 16], rtol=1e-15)
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
        [one.forward(X), one.backward(dY), *one.gradients.values()] for one in (layer, wide)
    )
    for result, expected in zip(results, exact, strict=True):
        assert result.dtype == np.float32
        np.testing.assert_allclose(result, expected, rtol=2e-7)
    for name, value in layer.state.items():
        np.testing.assert_array_equal(value, wide.state[name], strict=True)


def test_complex_steps_leave_real_running_values(rng):
    X = rng.standard_normal((3, 2, 3, 4))
    real, stepped = built(BatchNorm2D(), (2, 3, 4)), built(BatchNorm2D(), (2, 3, 4))
    real.forward(X)
    stepped.forward(X + 1e-30j)
    for name, value in real.state.items():
        np.testing.assert_allclose(stepped.state[name], value, rtol=1e-14, strict=True)


def test_batch_norm_of_a_flat_depth_is_its_bias():
    layer = built(BatchNorm2D(), (1, 2, 2))
    layer.parameters["b"][...] = 3
    np.testing.assert_array_equal(layer.forward(np.full((2, 1, 2, 2), 7.0)), 3)
    assert np.isfinite(layer.backward(np.ones((2, 1, 2, 2)))).all()


def test_infinities_become_nan_without_a_warning():
    X = np.full((2, 1, 4, 4), np.inf)
    for layer in (built(BatchNorm2D(), (1, 4, 4)), built(Dropout(0.5), (1, 4, 4))):
        assert np.isnan(layer.forward(X)).any()
        assert np.isnan(layer.backward(X)).any()


def test_batch_norm_counts_as_learned_what_is_learned():
    model = Sequential([Conv2D(3, 2), BatchNorm2D(), Dropout(0.5)], input_shape=(1, 4, 4))
    rows = [row.split() for row in repr(model.summary()).splitlines()]
    assert rows[4] == ["BatchNorm2D", "3", "x", "3", "x", "3", "6"]
    assert rows[5] == ["Dropout", "3", "x", "3", "x", "3", "0"]
    assert rows[-1] == ["total", "21"]


@pytest.mark.parametrize("kind", [Dropout, BatchNorm2D])
def test_both_backends_may_be_named(kind):
    arguments = [0.5] if kind is Dropout else []
    assert kind(*arguments).ops is fast
    assert kind(*arguments, ops=reference).ops is reference


WRONG = {
    "rate of 1": (
        lambda: Dropout(1),
        ValueError,
        "Dropout: rate=1, but a number of at least 0 and below 1 is needed; try 0.5.",
    ),
    "negative rate": (lambda: Dropout(-0.1), ValueError, "Dropout: rate=-0.1, but a number"),
    "rate NaN": (lambda: Dropout(float("nan")), ValueError, "Dropout: rate=nan, but a number"),
    "dropout not built": (
        lambda: Dropout(0.5).forward(np.ones((1, 3))),
        RuntimeError,
        "Dropout.forward: the layer has not been built yet; put it into Sequential",
    ),
    "dropout of text": (
        lambda: built(Dropout(0.5), (3,)).forward("text"),
        TypeError,
        "Dropout.forward: X has dtype <U4, but float32 or float64 is needed",
    ),
    "dropout, gradient of another shape": (
        lambda: backward_with(Dropout(0.5), (3,), (1, 1)),
        ValueError,
        r"Dropout.backward: dY.shape=\(1, 1\), but forward returned shape \(2, 3\)",
    ),
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
        lambda: BatchNorm2D().forward(np.ones((2, 1, 2, 2))),
        RuntimeError,
        "BatchNorm2D.forward: the layer has not been built yet; put it into Sequential",
    ),
    "batch norm of a table": (
        lambda: built(BatchNorm2D(), (1, 2, 2)).forward(np.ones((2, 2))),
        ValueError,
        "BatchNorm2D.forward: X has 2 axes",
    ),
    "batch norm of another depth": (
        lambda: built(BatchNorm2D(), (1, 2, 2)).forward(np.ones((2, 3, 2, 2))),
        ValueError,
        r"BatchNorm2D.forward: X has depth D=3 but the layer was built for 1 "
        r"\(X.shape=\(2, 3, 2, 2\)\); axis 1 of X must agree.",
    ),
    "batch norm of one number": (
        lambda: built(BatchNorm2D(), (3, 1, 1)).forward(np.ones((1, 3, 1, 1))),
        ValueError,
        r"BatchNorm2D.forward: X.shape=\(1, 3, 1, 1\) holds one number per depth, .* pass a larger "
        r"batch or larger images, or training=False.",
    ),
    "batch norm, gradient of another shape": (
        lambda: backward_with(BatchNorm2D(), (1, 2, 2), (2, 1, 2, 1)),
        ValueError,
        r"BatchNorm2D.backward: dY.shape=\(2, 1, 2, 1\), but forward returned shape \(2, 1, 2, 2\)",
    ),
}


def backward_with(layer, input_shape, dY_shape):
    built(layer, input_shape).forward(np.zeros((2, *input_shape)))
    layer.backward(np.zeros(dY_shape))


@pytest.mark.parametrize(("wrong_use", "kind", "words"), WRONG.values(), ids=WRONG)
def test_message(wrong_use, kind, words):
    with pytest.raises(kind, match=f"^{words}"):
        wrong_use()


def test_a_refused_batch_leaves_the_running_values_alone():
    layer = built(BatchNorm2D(), (3, 1, 1))
    with pytest.raises(ValueError, match="one number per depth"):
        layer.forward(np.full((1, 3, 1, 1), 7.0))
    np.testing.assert_array_equal(layer.state["mean"], 0)
    np.testing.assert_array_equal(layer.state["variance"], 1)


def test_batch_norm_sums_in_double_precision(rng):
    """In float32 the ones would vanish beside 1e8."""
    layer = BatchNorm2D()
    layer.build((1, 1, 1000), rng, np.float32)
    layer.forward(rng.random((1, 1, 1, 1000)).astype(np.float32))
    dY = np.ones((1, 1, 1, 1000), np.float32)
    dY[..., 0], dY[..., -1] = 1e8, -1e8
    layer.backward(dY)
    np.testing.assert_array_equal(layer.gradients["b"], np.float32([998]), strict=True)
