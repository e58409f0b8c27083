"""Losses that are no numbers: the error says where they began, and the last good state is there."""

import copy
import pickle

import numpy as np
import pytest
from support.bars import IMAGES, LABELS, bars_model, fit_bars
from support.failures import each
from support.networks import every_layer, snapshot

from cnnlab import fast
from cnnlab.layers import Dense, Dropout, Flatten, Layer
from cnnlab.model import Sequential
from cnnlab.optimizers import SGD, Adam
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
        NotFiniteError, match="^fit: a parameter is NaN or inf.* in 0.Dense.w, in"
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


class Spoils(Layer):
    """A layer of one's own that makes a number infinite, for one sample, in one step."""

    def __init__(self, way, value=np.inf, *, ops=None):
        super().__init__(ops=ops)
        self.way, self.value = way, value

    def build(self, input_shape, rng, dtype=np.float64):
        self.parameters["w"] = np.zeros(1, dtype)
        return input_shape

    def forward(self, X, *, training=None):
        self.bad = np.flatnonzero((X.reshape(len(X), -1) > 90).any(axis=1)) if training else []
        return self._spoilt(X, "forward")

    def backward(self, dY):
        self.gradients["w"] = self._spoilt(np.zeros(1), "parameter")
        return self._spoilt(dY, "backward")

    def _spoilt(self, array, way):
        if self.way != way or len(self.bad) == 0:
            return array
        array = array.copy()
        array[self.bad if way != "parameter" else 0] = self.value
        return array


MARKED = 0.5 * np.arange(20.0).reshape(20, 1)
MARKED[13] = 99.0


def spoils(way, **options):
    """Train with a sample, X[13], for which the layer in the middle spoils something."""
    model = Sequential(
        [Dense(1, initializer=ones), Dropout(0.0), Spoils(way, **options), Dense(2)],
        input_shape=(1,),
    )
    before = snapshot(model)
    with pytest.raises(NotFiniteError) as told:
        fit(model, MARKED, [0, 1] * 10, optimizer=SGD(0.001), batch_size=4, progress=False)
    assert snapshot(model) == before
    return told.value


def ones(shape, rng):
    return np.ones(shape)


@each(
    case={
        "forward": ("forward", "in the output of 2.Spoils", "2.Spoils"),
        "backward": ("backward", "in the gradient that 2.Spoils handed back", "2.Spoils"),
        "parameter": ("parameter", "in the gradient of 2.Spoils.w", "2.Spoils"),
    },
    value=[np.inf, np.nan],
)
def test_layer_step_batch_and_sample_are_named(case, value):
    way, says, layer = case
    error = spoils(way, value=value)
    order = np.random.default_rng(0).permutation(20)
    step = int(np.flatnonzero(order == 13)[0]) // 4 + 1
    assert (error.layer, error.step, error.batch, error.epoch) == (layer, step, step, 1)
    assert error.sample == (None if way == "parameter" else 13)
    assert f"at step {step} (epoch 1, batch {step})" in str(error)
    assert says in str(error)
    assert ("X[13]" in str(error)) == (way != "parameter")
    assert len(error.history.step_losses) == step - 1


def test_the_sample_is_found_in_the_loss():
    """And by its place in what was passed, whatever is kept back."""

    def loss(Y, targets):
        L, dY = fast.squared_error(Y, targets)
        return L + (np.nan if (targets > 90).any() else 0), dY

    for options in ({}, {"validation": 0.2}):
        with pytest.raises(
            NotFiniteError, match=r"the loss became nan .* in the loss, with"
        ) as told:
            fit(
                Sequential([Dense(1)], input_shape=(1,)),
                MARKED,
                MARKED,
                loss=loss,
                optimizer=SGD(1e-6),
                batch_size=4,
                **options,
            )
        assert (told.value.layer, told.value.sample) == (None, 13)


def test_a_gradient_of_the_loss_that_is_none():
    def loss(Y, targets):
        dY = np.zeros_like(Y)
        dY[targets[:, 0] > 90] = np.inf
        return 1.0, dY

    with pytest.raises(
        NotFiniteError, match="in the gradient that the loss returned, with"
    ) as told:
        fit(Sequential([Dense(1)], input_shape=(1,)), MARKED, MARKED, loss=loss, optimizer=SGD(1))
    assert told.value.sample == 13


def test_augmentation_that_makes_no_numbers():
    with pytest.raises(NotFiniteError, match="in the samples that augment returned") as told:
        fit_bars(bars_model(), augment=lambda X, rng: X * np.nan)
    assert told.value.layer is None
    assert told.value.sample in range(40)


def test_dropped_entries_are_dropped_again():
    """The search sends the batch through the same mask; the generator is put back in the end."""
    order = np.random.default_rng(0).permutation(6)
    X = np.zeros((6, 40))
    X[:, 0] = 1e307
    for seed in range(6):
        layers = [Dropout(0.5), Dense(1, initializer=lambda shape, rng: np.full(shape, 1e3))]
        model = Sequential(layers, input_shape=(40,), seed=seed)
        kept = model[0].state["generator"].bit_generator.state
        left = copy.deepcopy(model[0]).forward(X, training=True)[:, 0] > 0
        options = {"loss": fast.squared_error, "optimizer": SGD(1), "batch_size": 6}
        with pytest.raises(NotFiniteError, match="the output of 1.Dense") as told:
            fit(model, X, np.zeros((6, 1)), progress=False, **options)
        assert told.value.sample == order[left][0]
        assert model[0].state["generator"].bit_generator.state == kept


def test_a_later_epoch_is_counted_and_undone():
    states = []

    def loss(Y, labels):
        calls.append(1)
        return (np.nan, Y) if len(calls) == 8 else fast.cross_entropy(Y, labels)

    calls = []
    model = every_layer(fast)
    with pytest.raises(NotFiniteError) as told:
        fit_bars(
            model, epochs=3, loss=loss, on_epoch=lambda epoch: states.append(snapshot(epoch.model))
        )
    error = told.value
    assert (error.step, error.epoch, error.batch) == (8, 2, 3)
    assert len(error.history.losses) == len(states) == 1
    assert snapshot(model) == states[0]
    assert isinstance(error, ArithmeticError)
    assert pickle.loads(pickle.dumps(error)).step == 8


@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid value")
def test_samples_that_the_dtype_of_the_model_cannot_hold():
    X = np.where(np.arange(60)[:, np.newaxis, np.newaxis, np.newaxis] == 7, 1e300, IMAGES)
    model = Sequential([Flatten(), Dense(2)], input_shape=(1, 6, 7), dtype=np.float32)
    with pytest.raises(NotFiniteError, match=r"which float32 cannot hold, with .* Scale") as told:
        fit(model, X, LABELS, optimizer=SGD(0.1))
    assert told.value.sample == 7
    assert "learning_rate" not in str(told.value)


def test_a_parameter_that_was_infinite_before_is_not_put_down_to_a_step():
    """The sigmoid makes it a number again."""
    model = bars_model()
    model[0].parameters["b"][1] = np.inf
    with pytest.raises(NotFiniteError, match="in 0.Conv2D.b, which held NaN or inf.* Begin with"):
        fit_bars(model)


def test_a_clipped_gradient_hides_nothing():
    model = Sequential([Spoils("parameter"), Dense(2)], input_shape=(1,))
    with pytest.raises(NotFiniteError, match="in the gradient of 0.Spoils.w"):
        fit(model, MARKED, [0, 1] * 10, optimizer=SGD(0.1), clip_value=1.0)


def test_what_the_optimizer_keeps_may_not_overflow(tmp_path):
    """One gradient whose square has no place in float32 would hold its parameter for ever."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((64, 2)).astype(np.float32)
    X[5] *= 1e12
    T = X @ np.float32([[1], [2]])
    model = Sequential([Dense(1)], input_shape=(2,), dtype=np.float32)
    options = {"loss": fast.squared_error, "batch_size": 8, "progress": False}
    with pytest.raises(NotFiniteError, match=r"second_moment of the optimizer.*error\.history"):
        fit(model, X, T, optimizer=Adam(0.05), checkpoint=tmp_path, **options)
    X, T = np.delete(X, 5, axis=0), np.delete(T, 5, axis=0)
    history = fit(model, X, T, optimizer=Adam(0.05), epochs=3, **options)
    assert history.losses[-1] < history.losses[0]
