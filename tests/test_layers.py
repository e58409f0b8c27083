"""Layers and models: shapes, gradients of the whole, and what a wrong use is told."""

import numpy as np
import pytest

from cnnlab import fast, gradcheck, reference
from cnnlab.initializers import (
    glorot_uniform,
    glorot_uniform_sigmoid,
    he_normal,
    uniform_fan_in,
    zeros,
)
from cnnlab.layers import Conv2D, Dense, Flatten, Layer, Sigmoid
from cnnlab.model import Sequential
from cnnlab.optimizers import SGD


def small_model(ops, **options):
    """Two convolutional layers, non-square images, everything small."""
    return Sequential(
        [
            Conv2D(3, (2, 3), ops=ops),
            Sigmoid(ops=ops),
            Conv2D(2, 2, ops=ops),
            Sigmoid(ops=ops),
            Flatten(),
            Dense(4, ops=ops),
        ],
        input_shape=(2, 4, 5),
        **options,
    )


def test_every_gradient_of_a_model_is_right(ops, rng):
    reports = gradcheck.check_model(small_model(ops), rng.standard_normal((2, 2, 4, 5)))
    assert [report.name for report in reports] == [
        *["0.Conv2D.w", "0.Conv2D.b", "2.Conv2D.w", "2.Conv2D.b", "5.Dense.w", "5.Dense.b", "X"]
    ]
    assert all(report.passed for report in reports), "\n".join(map(str, reports))


def test_default_backend_is_fast():
    assert Conv2D(1, 2).ops is fast
    assert Conv2D(1, 2, ops=reference).ops is reference


def test_backends_train_alike(rng):
    X, labels = rng.random((6, 2, 4, 5)), rng.integers(0, 4, 6)
    outcomes = []
    for ops in (reference, fast):
        model, optimizer = small_model(ops), SGD(0.5)
        for _ in range(3):
            L, dY = ops.cross_entropy(model.forward(X), labels)
            model.backward(dY)
            optimizer.step(model)
        outcomes.append((L, [parameter.value for parameter in model.parameters()]))
    (L, values), (other_L, other_values) = outcomes
    np.testing.assert_allclose(L, other_L, rtol=1e-13)
    for value, other in zip(values, other_values, strict=True):
        np.testing.assert_allclose(value, other, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_of_the_parameters_is_kept(dtype, rng):
    model = small_model(fast, dtype=dtype)
    Y = model.forward(rng.random((2, 2, 4, 5)).astype(dtype))
    dX = model.backward(np.ones_like(Y))
    SGD(0.1).step(model)
    parameters = list(model.parameters())
    assert {p.value.dtype for p in parameters} == {p.gradient.dtype for p in parameters}
    assert Y.dtype == dX.dtype == parameters[0].value.dtype == dtype


def test_one_sample_gives_one_result(ops, rng):
    model, x = small_model(ops), rng.random((2, 4, 5))
    Y = model.forward(x)
    np.testing.assert_array_equal(Y, model.forward(x[np.newaxis])[0], strict=True)
    model.forward(x)
    assert model.backward(np.ones(4)).shape == x.shape


def test_empty_batch_goes_both_ways(ops):
    model = small_model(ops)
    assert model.forward(np.zeros((0, 2, 4, 5))).shape == (0, 4)
    assert model.backward(np.zeros((0, 4))).shape == (0, 2, 4, 5)
    assert not any(parameter.gradient.any() for parameter in model.parameters())


def test_flatten_is_row_major(rng):
    X = rng.random((2, 3, 4, 5))
    layer = Flatten()
    Y = layer.forward(X)
    k, i, j = 2, 1, 3
    assert Y[1, (k * 4 + i) * 5 + j] == X[1, k, i, j]
    np.testing.assert_array_equal(layer.backward(Y), X, strict=True)


def test_same_seed_same_network():
    first, same, other = (small_model(reference, seed=seed) for seed in (1, 1, 2))
    for a, b, c in zip(first.parameters(), same.parameters(), other.parameters(), strict=True):
        np.testing.assert_array_equal(a.value, b.value, strict=True)
        assert a.name.endswith(".b") or not np.array_equal(a.value, c.value)


def test_summary():
    model = Sequential([Conv2D(8, 5), Sigmoid(), Flatten(), Dense(10)], input_shape=(1, 28, 28))
    assert repr(model.summary()).splitlines() == [
        "layer    output shape  parameters",
        "---------------------------------",
        "input    1 x 28 x 28            0",
        "Conv2D   8 x 24 x 24          208",
        "Sigmoid  8 x 24 x 24            0",
        "Flatten  4608                   0",
        "Dense    10                46,090",
        "---------------------------------",
        "total                      46,298",
    ]


def test_predict_takes_the_highest_score_in_batches_of_any_size(rng):
    model, X = small_model(fast), rng.random((7, 2, 4, 5))
    expected = model.forward(X).argmax(axis=1)
    assert model.predict(X[3]) == expected[3]
    for batch_size in (1, 3, 7, 100):
        np.testing.assert_array_equal(model.predict(X, batch_size=batch_size), expected)
    assert model.predict(X[:0]).shape == (0,)


@pytest.mark.parametrize(
    ("initializer", "spread"),
    [
        (uniform_fan_in, np.sqrt(1 / (3 * 50))),
        (glorot_uniform, np.sqrt(2 / (50 + 200))),
        (glorot_uniform_sigmoid, 4 * np.sqrt(2 / (50 + 200))),
        (he_normal, np.sqrt(2 / 50)),
        (zeros, 0),
    ],
)
def test_starting_values_have_the_spread_of_the_formula(initializer, spread, rng):
    # 80 patterns of depth 2, 5 x 5: fan_in 50; 8 of them: fan_out 200.
    values = np.stack([initializer((8, 2, 5, 5), rng) for _ in range(200)])
    assert values.shape == (200, 8, 2, 5, 5)
    np.testing.assert_allclose(values.std(), spread, rtol=0.02)
    np.testing.assert_allclose(values.mean(), 0, atol=0.01 * spread)


def test_sgd_steps_against_the_gradient(ops, rng):
    model, X = small_model(ops), rng.random((2, 2, 4, 5))
    Y = model.forward(X)
    model.backward(np.ones_like(Y))
    before = [parameter.value.copy() for parameter in model.parameters()]
    SGD(0.25).step(model)
    for old, parameter in zip(before, model.parameters(), strict=True):
        np.testing.assert_array_equal(parameter.value, old - 0.25 * parameter.gradient)


WRONG = {
    "no layers": (
        lambda: Sequential([], input_shape=(3,)),
        ValueError,
        "Sequential: layers is empty; pass at least one layer.",
    ),
    "a class": (
        lambda: Sequential([Flatten], input_shape=(3,)),
        TypeError,
        r"Sequential: layers\[0\] is <class .*, not a layer; write Flatten\(...\).",
    ),
    "no layer": (
        lambda: Sequential([np.tanh], input_shape=(3,)),
        TypeError,
        r"Sequential: layers\[0\] is <ufunc 'tanh'>, not a layer.",
    ),
    "one layer twice": (
        lambda: Sequential([layer := Sigmoid(), layer], input_shape=(3,)),
        ValueError,
        r"Sequential: layers\[1\] \(Sigmoid\) stands in the list twice; make a new Sigmoid",
    ),
    "dense on images": (
        lambda: Sequential([Dense(3)], input_shape=(1, 28, 28)),
        ValueError,
        r"Dense: inputs of shape \(1, 28, 28\) came, .* put Flatten\(\) before it.",
    ),
    "convolution on vectors": (
        lambda: Sequential([Flatten(), Conv2D(3, 2)], input_shape=(1, 28, 28)),
        ValueError,
        r"Conv2D: input_shape=\(784,\) has length 1, but needs 3",
    ),
    "pattern too large": (
        lambda: Sequential([Conv2D(3, 9)], input_shape=(1, 8, 8)),
        ValueError,
        "Conv2D: a pattern of 9 x 9 does not fit into an image of 8 x 8",
    ),
    "dtype": (
        lambda: Sequential([Dense(3)], input_shape=(3,), dtype=np.float16),
        TypeError,
        "Sequential: dtype=<class 'numpy.float16'>, but float32 or float64 is needed",
    ),
    "no dtype": (
        lambda: Sequential([Dense(3)], input_shape=(3,), dtype="numbers"),
        TypeError,
        "Sequential: dtype='numbers', but float32 or float64 is needed",
    ),
    "no patterns": (
        lambda: Conv2D(0, 3),
        ValueError,
        "Conv2D: patterns=0, but at least 1 is needed.",
    ),
    "half a pattern": (
        lambda: Conv2D(1.5, 3),
        TypeError,
        "Conv2D: patterns=float 1.5 came, but an integer is needed; pass 1 or more.",
    ),
    "three sizes": (
        lambda: Conv2D(1, (3, 3, 3)),
        ValueError,
        r"Conv2D: size=\(3, 3, 3\) has 3 entries, but needs 2 \(height, width\)",
    ),
    "not built": (
        lambda: Conv2D(1, 2).forward(np.zeros((1, 1, 3, 3))),
        RuntimeError,
        "Conv2D.forward: the layer has no weights yet; put it into Sequential",
    ),
    "layer backward first": (
        lambda: Sigmoid().backward(np.zeros(3)),
        RuntimeError,
        "Sigmoid.backward: there is nothing to go back through; call forward first.",
    ),
    "model backward first": (
        lambda: small_model(reference).backward(np.zeros((1, 4))),
        RuntimeError,
        "Sequential.backward: there is nothing to go back through; call forward first.",
    ),
    "step first": (
        lambda: SGD(0.1).step(small_model(reference)),
        RuntimeError,
        "SGD.step: 0.Conv2D.w has no gradient yet; call model.forward",
    ),
    "wrong images": (
        lambda: small_model(reference).forward(np.zeros((3, 1, 4, 5))),
        ValueError,
        r"Sequential.forward: X.shape=\(3, 1, 4, 5\), but this model takes a batch of shape "
        r"\(B, 2, 4, 5\) or one sample of shape \(2, 4, 5\); reshape X.",
    ),
    "wrong images to predict": (
        lambda: small_model(reference).predict(np.zeros((3, 4, 5))),
        ValueError,
        r"Sequential.forward: X.shape=\(3, 4, 5\), but this model takes a batch of shape",
    ),
    "text": (
        lambda: small_model(reference).forward("digits"),
        TypeError,
        "Sequential.forward: X has dtype <U6, but real numbers are needed",
    ),
    "learning rate of zero": (
        lambda: SGD(0),
        ValueError,
        "SGD: learning_rate=0, but a number greater than 0 is needed; try 0.1.",
    ),
    "learning rate NaN": (lambda: SGD(float("nan")), ValueError, "SGD: learning_rate=nan"),
    "learning rate text": (lambda: SGD("0.1"), ValueError, "SGD: learning_rate='0.1'"),
}


@pytest.mark.parametrize(("wrong_use", "kind", "words"), WRONG.values(), ids=WRONG)
def test_message(wrong_use, kind, words):
    with pytest.raises(kind, match=f"^{words}"):
        wrong_use()


def test_a_layer_of_ones_own_needs_forward_and_backward():
    for method in ("forward", "backward"):
        with pytest.raises(NotImplementedError):
            getattr(Layer(), method)(np.zeros(3))
