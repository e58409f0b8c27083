"""Dropout: what it draws, what it keeps, and when."""

import copy

import numpy as np
import pytest
from support.failures import each
from support.layers import backward_with, built

from cnnlab.layers import Dense, Dropout
from cnnlab.model import Sequential


@each(rate=[0, 0.25, 0.9])
def test_dropout_zeroes_its_part_and_scales_the_rest(rate, rng):
    layer, X = built(Dropout(rate), (100, 100)), rng.random((4, 100, 100)) + 1
    Y = layer.forward(X, training=True)
    kept = Y != 0
    np.testing.assert_allclose(Y, kept * X / (1 - rate), rtol=1e-15)
    # Five standard deviations of a mean of 40,000 draws.
    np.testing.assert_allclose(kept.mean(), 1 - rate, atol=5 * np.sqrt(rate * (1 - rate) / 40000))
    dY = rng.random(X.shape) + 1
    np.testing.assert_allclose(layer.backward(dY), kept * dY / (1 - rate), rtol=1e-15)


def test_dropout_draws_anew_each_time_and_each_sample_on_its_own():
    layer = built(Dropout(0.5), (50,))
    first, second = (
        layer.forward(np.ones((2, 50)), training=True),
        layer.forward(np.ones((2, 50)), training=True),
    )
    assert not np.array_equal(first, second)
    assert not np.array_equal(first[0], first[1])


def test_dropout_in_use_is_the_identity_both_ways(rng):
    layer, X = built(Dropout(0.5), (50,)), rng.standard_normal((2, 50))
    before = layer.state["generator"].bit_generator.state
    layer.forward(X, training=True)
    drawn = layer.state["generator"].bit_generator.state
    assert drawn != before
    np.testing.assert_array_equal(layer.forward(X, training=False), X, strict=True)
    np.testing.assert_array_equal(layer.backward(X), X, strict=True)
    assert layer.state["generator"].bit_generator.state == drawn


def test_same_seed_drops_the_same_entries_in_either_dtype():
    X = np.ones((2, 50))
    first, same, other = (
        built(Dropout(0.5), (50,), seed).forward(X, training=True) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, same)
    assert not np.array_equal(first, other)
    narrow = built(Dropout(0.5), (50,), 1).forward(X.astype(np.float32), training=True)
    np.testing.assert_array_equal(narrow, first.astype(np.float32), strict=True)


def test_two_dropouts_of_a_model_draw_differently():
    model = Sequential([Dropout(0.5), Dropout(0.5)], input_shape=(50,))
    first, second = (layer.forward(np.ones((1, 50)), training=True) for layer in model.layers)
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
    model.forward(np.ones((2, 50)), training=True)
    assert rng.bit_generator.state == before


def test_dropout_put_back_draws_the_same_again():
    layer = built(Dropout(0.5), (50,))
    before = copy.deepcopy(layer.state)
    first = layer.forward(np.ones((1, 50)), training=True)
    layer.state = before
    np.testing.assert_array_equal(
        layer.forward(np.ones((1, 50)), training=True), first, strict=True
    )


def test_dropout_has_the_factors_of_pytorch():
    torch = pytest.importorskip("torch")
    for rate in (0.2, 0.5, 0.7):
        X = np.ones((1, 1000), np.float32)
        factors = torch.nn.functional.dropout(torch.tensor(X), rate).unique().numpy()
        layer = built(Dropout(rate), (1000,))
        np.testing.assert_array_equal(
            np.unique(layer.forward(X, training=True)), factors, strict=True
        )
        np.testing.assert_array_equal(np.unique(layer.backward(X)), factors, strict=True)


def test_infinities_become_nan_without_a_warning():
    X, layer = np.full((2, 1, 4, 4), np.inf), built(Dropout(0.5), (1, 4, 4))
    assert np.isnan(layer.forward(X, training=True)).any()
    assert np.isnan(layer.backward(X)).any()


WRONG = {
    "rate of 1": (
        lambda: Dropout(1),
        ValueError,
        "Dropout: rate=1, but a number of at least 0 and below 1 is needed; try 0.5.",
    ),
    "negative rate": (lambda: Dropout(-0.1), ValueError, "Dropout: rate=-0.1, but a number"),
    "rate NaN": (lambda: Dropout(float("nan")), ValueError, "Dropout: rate=nan, but a number"),
    "dropout not built": (
        lambda: Dropout(0.5).forward(np.ones((1, 3)), training=True),
        RuntimeError,
        "Dropout.forward: the layer has not been built yet; put it into Sequential",
    ),
    "dropout of text": (
        lambda: built(Dropout(0.5), (3,)).forward("text", training=True),
        TypeError,
        "Dropout.forward: X has dtype <U4, but float32 or float64 is needed",
    ),
    "dropout, gradient of another shape": (
        lambda: backward_with(Dropout(0.5), (2, 3), (1, 1)),
        ValueError,
        r"Dropout.backward: dY.shape=\(1, 1\), but forward returned shape \(2, 3\)",
    ),
}


@each(case=WRONG)
def test_message(case):
    wrong_use, kind, words = case
    with pytest.raises(kind, match=f"^{words}"):
        wrong_use()
