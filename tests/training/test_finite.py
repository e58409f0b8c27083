"""Losses that are no numbers: the error says where they began, and the last good state is there."""

import numpy as np
import pytest
from support.bars import IMAGES, LABELS, bars_model, fit_bars
from support.failures import each
from support.networks import every_layer, snapshot

from cnnlab import fast
from cnnlab.layers import Dense, Flatten
from cnnlab.model import Sequential
from cnnlab.optimizers import SGD
from cnnlab.training import NotFiniteError, fit


@pytest.mark.filterwarnings("ignore:overflow")
def test_a_loss_that_explodes_ends_training_with_an_error():
    model = Sequential([Dense(1)], input_shape=(1,))
    samples, targets = [[1e150], [2e150]], [[0.0], [1.0]]
    with pytest.raises(NotFiniteError, match="became inf at step 2 .* smaller learning_r") as told:
        fit(
            model,
            samples,
            targets,
            optimizer=SGD(1.0),
            loss=fast.squared_error,
            epochs=5,
            progress=False,
        )
    history = told.value.history
    assert len(history.step_losses) == 1
    assert np.isfinite(history.step_losses).all()


@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid value")
def test_a_last_step_that_ruins_the_parameters_is_put_back():
    """No loss is taken after it, so that none tells."""
    model = Sequential([Dense(2)], input_shape=(3,), dtype=np.float32)
    kept = [parameter.value.copy() for parameter in model.parameters()]
    X, labels = np.random.default_rng(0).random((4, 3)), [0, 1, 1, 0]
    with pytest.raises(
        NotFiniteError, match="^fit: a parameter became NaN or inf.* in 0.Dense.w, in"
    ) as told:
        fit(model, X, labels, optimizer=SGD(1e39), progress=False)
    assert len(told.value.history.step_losses) == told.value.step == 1
    for parameter, before in zip(model.parameters(), kept, strict=True):
        np.testing.assert_array_equal(parameter.value, before)


@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid value")
def test_the_last_good_parameters_are_there_after_a_rate_that_was_too_large():
    """And the running values too; what holds the arrays sees them."""
    model, good = every_layer(fast), every_layer(fast)
    for one in (model, good):
        fit_bars(one)
    held = [parameter.value for parameter in model.parameters()]
    blows = {"loss": lambda Y, T: (np.inf, Y) if np.abs(Y).max() > 1e3 else (Y.mean(), Y)}
    with pytest.raises(NotFiniteError, match="again those from before this epoch") as told:
        fit_bars(model, optimizer=SGD(1e9), **blows)
    assert len(told.value.history.step_losses) >= 1
    assert snapshot(model) == snapshot(good)
    assert all(p.value is array for p, array in zip(model.parameters(), held, strict=True))


def spoilt(value):
    model = bars_model()
    model.layers[3].parameters["w"][0, 0] = value
    return model


@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid value")
@each(
    case={
        "inputs": (
            lambda: Sequential([Flatten(), Dense(2)], input_shape=(1, 6, 7)),
            {"X": 1e308 * IMAGES},
            r"the loss became \w+ at step 1 .* X goes up to 1.\d*e\+308; scale it, X / np.abs",
        ),
        "weights": (
            lambda: spoilt(np.nan),
            {},
            "3.Dense.w, which held NaN or infinity before, with sample .* Begin with a new model",
        ),
        "the loss": (
            bars_model,
            {"loss": lambda Y, labels: (np.inf, Y)},
            "It began in the loss, with sample .* Look for log",
        ),
    }
)
def test_a_loss_that_is_infinite_at_once_is_not_put_down_to_the_rate(case):
    model, given, words = case
    given = {"X": IMAGES, "targets": LABELS, "optimizer": SGD(0.5), "progress": False} | given
    with pytest.raises(NotFiniteError, match=words) as told:
        fit(model(), **given)
    assert told.value.history.step_losses == []
    assert "learning_rate" not in str(told.value)
