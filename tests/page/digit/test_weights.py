"""The network that reads on the page: what is stored, how well it reads, how it was made."""

import numpy as np
import pytest

from cnnlab import data
from cnnlab.initializers import he_normal
from cnnlab.layers import BatchNorm2D, Conv2D, Dense, Dropout, Flatten, MaxPool2D, ReLU
from cnnlab.model import Sequential
from cnnlab.page.digit import weights

COMMAND = "run .venv/bin/python -m tools.train_reader, and commit what it writes"


def chapter(rng):
    """Return the chapter's network with statistics as after a training."""
    layers = [
        *(Conv2D(6, 5, padding=2, bias=False), BatchNorm2D(), ReLU(), MaxPool2D(2)),
        *(Conv2D(16, 5, bias=False), BatchNorm2D(), ReLU(), MaxPool2D(2), Flatten()),
        *(Dense(120), ReLU(), Dropout(0.2), Dense(84, initializer=he_normal), ReLU(), Dense(10)),
    ]
    model = Sequential(layers, input_shape=(1, 28, 28), seed=0, dtype=np.float64)
    for layer in model.layers:
        if isinstance(layer, BatchNorm2D):
            for values in (*layer.parameters.values(), layer.state["mean"]):
                values[...] = rng.normal(0, 1, values.shape)
            layer.state["variance"][...] = rng.uniform(0.1, 3, len(layer.state["variance"]))
    return model


@pytest.fixture(scope="module")
def digits():
    return data.mnist_subset(dtype=np.float64)


def test_it_reads_as_many_digits_as_are_told(digits):
    """Recomputed from the stored weights; the three numbers of a network lie close together."""
    right = weights.reader().predict(digits.X_test) == digits.labels_test
    told = weights.made()["accuracy"]
    assert right.mean() == pytest.approx(told["bytes"], abs=1e-9), COMMAND
    assert told["trained"] >= 0.97
    assert abs(told["bytes"] - told["trained"]) <= 0.003
    assert abs(told["float16"] - told["trained"]) <= 0.003


def test_it_is_told_how_it_was_made():
    made = weights.made()
    assert made["made"] == "python -m tools.train_reader"
    assert set(made["versions"]) == {"cnnlab", "python", "numpy", "numba"}
    sizes = sum(values.nbytes for values in weights.stored().values())
    assert made["sizes"]["bytes"] == sizes < made["sizes"]["float16"] < 300_000


def test_without_normalization_it_computes_the_same(rng, digits):
    model = chapter(rng)
    same = weights.network_of(weights.folded(model))
    X = digits.X_test[:20]
    np.testing.assert_allclose(same(X), model(X), rtol=1e-9, atol=1e-9)


def test_a_weight_is_off_by_half_a_step_at_most(rng):
    state = {"0.Conv2D.w": rng.normal(0, 1, (3, 2, 5, 5)), "0.Conv2D.b": rng.normal(0, 1, 3)}
    stored = weights.in_bytes(state)
    assert stored["0.Conv2D.w"].dtype == np.int8
    again = weights.out_of_bytes(stored)
    step = np.abs(state["0.Conv2D.w"]).max(axis=(1, 2, 3), keepdims=True) / weights.LARGEST
    assert (np.abs(again["0.Conv2D.w"] - state["0.Conv2D.w"]) <= 0.5001 * step).all()
    np.testing.assert_allclose(again["0.Conv2D.b"], state["0.Conv2D.b"], rtol=1e-6)
