"""Training: what fit does and refuses."""

import tracemalloc

import numpy as np
import pytest
from support.bars import IMAGES, LABELS, bars_model, fit_bars
from support.failures import each
from support.networks import every_layer, snapshot

from cnnlab import fast, layers, reference
from cnnlab.layers import BatchNorm2D, Dense, Dropout, Flatten
from cnnlab.model import Sequential
from cnnlab.optimizers import SGD, Adam
from cnnlab.schedules import StepDecay
from cnnlab.training import Augmentation, confusion_matrix, evaluate, fit


def test_it_learns():
    model = bars_model()
    history = fit_bars(model, epochs=60, optimizer=SGD(1.0), validation=(IMAGES[40:], LABELS[40:]))
    assert history.losses[-1] < 0.1 < history.losses[0]
    assert history.accuracies[-1] >= 0.95
    result = evaluate(model, IMAGES[40:], LABELS[40:])
    assert result.accuracy == history.validation_accuracies[-1] >= 0.9
    assert result.loss == history.validation_losses[-1]


def test_every_layer_is_in_the_model_of_every_layer():
    kinds = {getattr(layers, name) for name in layers.__all__ if name != "Layer"}
    assert {type(layer) for layer in every_layer(fast).layers} == kinds


def test_a_model_with_every_layer_learns():
    history = fit_bars(every_layer(fast), epochs=10, optimizer=Adam(0.01))
    assert history.losses[-1] < history.losses[0]


def test_a_step_with_every_layer_lowers_the_loss_by_what_the_gradients_promise():
    """By the rate times the sum of their squares, as long as the step is small."""
    model, fresh = every_layer(fast), every_layer(fast)
    options = {"optimizer": SGD(1e-6), "batch_size": 40}
    (before,) = fit_bars(model, **options).step_losses
    promised = 1e-6 * sum((parameter.gradient**2).sum() for parameter in model.parameters())
    for layer, other in zip(model.layers, fresh.layers, strict=True):
        layer.state = other.state  # so that the same entries are dropped again
    model.epochs = 0  # and the samples come in the same order
    (after,) = fit_bars(model, **options).step_losses
    np.testing.assert_allclose(before - after, promised, rtol=1e-3)


@each(make_optimizer={"momentum": lambda: SGD(0.1, momentum=0.9), "Adam": lambda: Adam(0.01)})
def test_every_layer_trains_alike_in_both_backends(make_optimizer):
    loops, twin, again, other = (
        fit(
            every_layer(ops, seed=seed),
            IMAGES[:12],
            LABELS[:12],
            optimizer=make_optimizer(),
            epochs=2,
            batch_size=4,
            loss=ops.cross_entropy,
            progress=False,
        )
        for ops, seed in ((reference, 0), (fast, 0), (fast, 0), (fast, 1))
    )
    np.testing.assert_allclose(loops.step_losses, twin.step_losses, rtol=1e-9)
    assert twin.step_losses == again.step_losses
    assert twin.step_losses != other.step_losses


def test_fit_trains_as_forward_does_in_training():
    fitted, by_hand = every_layer(fast), every_layer(fast)
    fit(fitted, IMAGES[:1], LABELS[:1], optimizer=SGD(0.1), progress=False)
    _, dY = fast.cross_entropy(by_hand.forward(IMAGES[:1], training=True), LABELS[:1])
    by_hand.backward(dY)
    SGD(0.1).step(by_hand)
    assert snapshot(fitted) == snapshot(by_hand) != snapshot(every_layer(fast))


def test_looking_at_a_model_does_not_change_how_it_is_trained():
    model = every_layer(fast)
    fit_bars(model)
    before = snapshot(model)
    evaluate(model, IMAGES, LABELS)
    model.predict(IMAGES)
    model.predict(IMAGES, batch_size=7)
    model.predict(IMAGES[0])
    assert snapshot(model) == before
    watched = fit_bars(every_layer(fast), epochs=2, validation=(IMAGES, LABELS))
    alone = fit_bars(every_layer(fast), epochs=2)
    assert watched.step_losses == alone.step_losses


def test_epochs_one_by_one_are_epochs_in_a_row():
    """Each sees the samples in an order of its own, as if `fit` had been called once."""
    apart, together = bars_model(), bars_model()
    losses = []
    for _ in range(3):
        losses += fit_bars(apart, epochs=1, batch_size=16).step_losses
    assert losses == fit_bars(together, epochs=3, batch_size=16).step_losses
    assert snapshot(apart) == snapshot(together)
    assert apart.epochs == together.epochs == 3


def test_training_and_use_differ():
    model = Sequential([BatchNorm2D(), Flatten(), Dropout(0.5), Dense(2)], input_shape=(1, 6, 7))
    before = snapshot(model)
    used = model.forward(IMAGES, training=False)
    assert snapshot(model) == before
    trained = model.forward(IMAGES, training=True)
    assert not np.allclose(trained, used)
    assert snapshot(model) != before
    # What is used is the mean and the spread of what was seen, and no entry is dropped.
    model.layers[0].state = {"mean": IMAGES.mean((0, 2, 3)), "variance": IMAGES.var((0, 2, 3))}
    Z = (IMAGES - IMAGES.mean()) / np.sqrt(IMAGES.var() + 1e-5)
    w, b = model.layers[3].parameters.values()
    np.testing.assert_allclose(
        model.forward(IMAGES, training=False), Z.reshape(60, -1) @ w.T + b, rtol=1e-10, atol=1e-12
    )
    expected = fast.cross_entropy(model.forward(IMAGES, training=False), LABELS).L
    np.testing.assert_allclose(evaluate(model, IMAGES, LABELS, batch_size=9).loss, expected)


def test_backends_and_repetitions_agree():
    loops, twin, again = (
        fit_bars(bars_model(ops), epochs=2, loss=ops.cross_entropy)
        for ops in (reference, fast, fast)
    )
    np.testing.assert_allclose(loops.step_losses, twin.step_losses, rtol=1e-12)
    assert twin.step_losses == again.step_losses


def test_each_sample_is_visited_once_per_epoch_in_a_new_order():
    seen = []

    def recording_loss(Y, targets):
        seen.append(targets[:, 0])
        return fast.squared_error(Y, np.zeros_like(Y))

    model = Sequential([Dense(2)], input_shape=(1,))
    numbers = np.arange(10.0)[:, np.newaxis]
    options = {"loss": recording_loss, "epochs": 2, "batch_size": 4, "progress": False}
    history = fit(model, numbers, numbers, optimizer=SGD(1e-6), **options)
    first, second = np.concatenate(seen[:3]), np.concatenate(seen[3:])
    np.testing.assert_array_equal(np.sort(first), np.arange(10))
    np.testing.assert_array_equal(np.sort(second), np.arange(10))
    assert not np.array_equal(first, second)
    assert np.isnan(history.accuracies).all()


def test_progress_bar_is_shown_and_can_be_silenced(capsys):
    fit_bars(bars_model(), progress=True)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "training: 100%" in captured.err
    assert "5/5" in captured.err
    assert "loss=" in captured.err
    fit_bars(bars_model(), progress=False)
    assert capsys.readouterr() == ("", "")


def test_a_loss_of_ones_own_is_not_judged_by_its_name():
    def cross_entropy(Y, targets):
        return fast.cross_entropy(Y, targets.argmax(axis=1))

    model = Sequential([Dense(2)], input_shape=(3,))
    X, labels = np.random.default_rng(0).random((4, 3)), np.array([0, 1, 1, 0])
    options = {"optimizer": SGD(0.1), "progress": False}
    assert fit(model, X, np.eye(2)[labels], loss=cross_entropy, **options).step_losses

    def measured(Y, targets):
        return float(((Y.sum(axis=1) - targets) ** 2).mean()), np.zeros_like(Y)

    assert fit(model, X, [10, 70, 3, 4], loss=measured, **options).step_losses


def test_a_loss_of_ones_own_may_return_a_plain_pair():
    def pair(Y, labels):
        L, dY = fast.cross_entropy(Y, labels)
        return L, dY

    ours, theirs = (
        fit_bars(bars_model(), loss=loss, epochs=2, validation=(IMAGES, LABELS))
        for loss in (pair, fast.cross_entropy)
    )
    assert ours == theirs
    assert evaluate(bars_model(), IMAGES, LABELS, loss=pair) == evaluate(
        bars_model(), IMAGES, LABELS
    )


def test_a_loss_of_ones_own_may_take_numbers_in_a_row():
    def absolute(Y, targets):
        return np.abs(Y[:, 0] - targets).mean(), np.sign(Y - targets[:, np.newaxis]) / len(Y)

    model = Sequential([Flatten(), Dense(1)], input_shape=(1, 6, 7))
    options = {"optimizer": SGD(0.01), "loss": absolute, "epochs": 5, "progress": False}
    history = fit(model, IMAGES, IMAGES.mean(axis=(1, 2, 3)), **options)
    assert history.losses[-1] < history.losses[0]
    assert np.isnan(history.accuracies).all()


def peak(function):
    tracemalloc.start()
    try:
        function()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@each(dtype=[np.uint8, np.float16, bool])
def test_small_numbers_are_converted_batch_by_batch(dtype):
    """All at once they would take eight times their memory; checks take one byte for a number."""
    X = np.ones((2000, 1, 40, 40), dtype)
    labels = np.zeros(len(X), int)
    model = Sequential([Flatten(), Dense(2)], input_shape=(1, 40, 40))
    options = {"optimizer": SGD(0.1), "batch_size": 32, "progress": False}
    limit = X.size + 4_000_000
    assert peak(lambda: fit(model, X, labels, validation=(X, labels), **options)) < limit
    assert peak(lambda: evaluate(model, X, labels, batch_size=32)) < limit
    assert peak(lambda: model.predict(X, batch_size=32)) < limit
    losses = (fit_bars_in(dtype), fit_bars_in(np.float64))
    np.testing.assert_allclose(*losses, rtol=1e-12 if dtype != np.float16 else 1e-3)


def fit_bars_in(dtype):
    X = IMAGES.round().astype(dtype).astype(dtype)
    return fit(bars_model(), X, LABELS, optimizer=SGD(0.5), progress=False).step_losses


# -------------------------------------------------------------------------------------- options


def test_drop_last_leaves_out_what_is_no_whole_batch():
    sizes = []

    def loss(Y, labels):
        sizes.append(len(Y))
        return fast.cross_entropy(Y, labels)

    history = fit_bars(bars_model(), batch_size=16, drop_last=True, loss=loss, epochs=2)
    assert sizes == [16, 16, 16, 16]
    np.testing.assert_allclose(history.losses, np.reshape(history.step_losses, (2, 2)).mean(1))
    sure = Sequential([Dense(2)], input_shape=(1,))
    sure[0].parameters["b"][:] = 0, 50
    options = {"optimizer": SGD(1e-9), "batch_size": 4, "drop_last": True, "progress": False}
    assert fit(sure, np.zeros((7, 1)), [1] * 7, **options).accuracies == [1.0]
    whole = fit_bars(bars_model(), batch_size=8, drop_last=True)
    assert whole == fit_bars(bars_model(), batch_size=8)


def test_a_schedule_is_counted_in_epochs():
    rates = []
    optimizer = SGD(9.0)
    model = bars_model()
    options = {"optimizer": optimizer, "schedule": StepDecay(0.4, every=2, factor=0.5)}
    history = fit_bars(
        model, epochs=3, on_epoch=lambda epoch: rates.append(epoch.learning_rate), **options
    )
    assert rates == [0.4, 0.4, 0.2]
    assert history.learning_rates == [0.4] * 10 + [0.2] * 5
    later = fit_bars(model, **options)
    assert later.learning_rates == [0.2] * 5
    assert optimizer.learning_rate == 0.2
    constant = fit_bars(bars_model(), schedule=lambda epoch: 0.3, optimizer=SGD(9.0))
    assert constant.step_losses == fit_bars(bars_model(), optimizer=SGD(0.3)).step_losses


def test_functions_are_told_of_every_epoch():
    told = []
    model = bars_model()
    history = fit_bars(
        model,
        epochs=2,
        validation=(IMAGES, LABELS),
        on_epoch=[lambda epoch: told.append(epoch), lambda epoch: None],
    )
    assert [epoch.number for epoch in told] == [1, 2]
    assert all(epoch.model is model for epoch in told)
    assert all(epoch.history is history for epoch in told)
    assert [epoch.loss for epoch in told] == history.losses
    assert [epoch.accuracy for epoch in told] == history.accuracies
    assert [epoch.validation.loss for epoch in told] == history.validation_losses
    assert [epoch.seconds for epoch in told] == history.seconds
    assert told[1].validation == evaluate(model, IMAGES, LABELS)
    assert told[1].learning_rate == 0.5
    fit_bars(model, on_epoch=lambda epoch: told.append(epoch.validation))
    assert told[-1] is None


@each(answer=[True, np.True_])
def test_true_ends_training(answer):
    told = []

    def at_two(epoch):
        told.append(epoch.number)
        return answer if epoch.number == 2 else False

    history = fit_bars(bars_model(), epochs=5, on_epoch=[at_two, lambda epoch: told.append(0)])
    assert told == [1, 0, 2, 0]
    assert len(history.losses) == 2
    assert history.stopped


@each(answer=[None, 1, "stop", 0.5, [True]])
def test_nothing_else_does(answer):
    assert len(fit_bars(bars_model(), epochs=2, on_epoch=lambda epoch: answer).losses) == 2


def test_an_exception_in_a_function_leaves_model_and_history_whole():
    seen = []

    def fails(epoch):
        seen.append(epoch)
        if epoch.number == 2:
            raise KeyError("mine")

    model, whole = every_layer(fast), every_layer(fast)
    with pytest.raises(KeyError, match="mine"):
        fit_bars(model, epochs=5, on_epoch=fails)
    expected = fit_bars(whole, epochs=2)
    assert snapshot(model) == snapshot(whole)
    assert seen[-1].history == expected
    assert model.epochs == 2


def test_a_function_may_use_and_change_the_model():
    def forget(epoch):
        evaluate(epoch.model, IMAGES, LABELS)
        epoch.model.layers[3].parameters["b"][:] = 0

    model = bars_model()
    fit_bars(model, epochs=2, on_epoch=forget)
    np.testing.assert_array_equal(model[3].parameters["b"], 0)


class OneRate:
    """An optimizer of one's own that does not say its rate."""

    def step(self, model):
        for parameter in model.parameters():
            parameter.value[...] -= 0.5 * parameter.gradient


def test_an_optimizer_of_ones_own_trains_too():
    history = fit_bars(bars_model(), optimizer=OneRate())
    assert history.step_losses == fit_bars(bars_model()).step_losses
    assert np.isnan(history.learning_rates).all()


def test_a_batch_is_all_that_is_copied():
    """Of images of bytes, whatever is kept back, and with augmentation."""
    X = np.zeros((16_000, 1, 40, 40), np.uint8)
    labels = np.arange(16_000) % 2
    model = Sequential([Flatten(), Dense(2)], input_shape=(1, 40, 40))
    options = {"optimizer": SGD(0.1), "progress": False, "validation": 0.5, "batch_size": 100}
    moved = options | {"augment": Augmentation(shift=2)}
    assert peak(lambda: fit(model, X, labels, **options)) < X.nbytes / 2
    assert peak(lambda: fit(model, X, labels, **moved)) < X.nbytes / 2


WRONG = {
    "empty set": (
        lambda: fit_bars_with(IMAGES[:0], LABELS[:0]),
        ValueError,
        "fit: X holds no samples; pass at least one.",
    ),
    "empty list": (lambda: fit_bars_with([], []), ValueError, "fit: X holds no samples"),
    "a number": (lambda: fit_bars_with(3.0, [0]), ValueError, r"fit: X.shape=\(\), but"),
    "wrong shape": (
        lambda: fit_bars_with(IMAGES[:, 0], LABELS),
        ValueError,
        r"fit: X.shape=\(60, 6, 7\), but this model takes samples of shape \(S, 1, 6, 7\)",
    ),
    "text": (lambda: fit_bars_with("digits", LABELS), TypeError, "fit: X has dtype <U6"),
    "NaN labels": (
        lambda: fit_bars_with(IMAGES, np.where(LABELS, np.nan, 0)),
        TypeError,
        "fit: labels are an array of dtype float64 .* of them are NaN: leave those samples out.",
    ),
    "label out of range": (
        lambda: fit_bars_with(IMAGES, LABELS + 1),
        ValueError,
        r"fit: labels\[\d+\]=2 is outside 0 to 1",
    ),
    "too few labels": (
        lambda: fit_bars_with(IMAGES, LABELS[:5]),
        ValueError,
        "fit: 60 samples but 5 targets came; pass one per sample.",
    ),
    "no epochs": (
        lambda: fit_bars(bars_model(), epochs=0),
        ValueError,
        "fit: epochs=0, but at least 1 is needed; pass 1 or more.",
    ),
    "empty batches": (
        lambda: fit_bars(bars_model(), batch_size=0),
        ValueError,
        "fit: batch_size=0, but at least 1 is needed; pass 1 or more.",
    ),
    "all is dropped": (
        lambda: fit_bars(bars_model(), batch_size=41, drop_last=True),
        ValueError,
        "fit: drop_last=True leaves no batch, for there are 40 samples to train with and batch_s",
    ),
    "drop_last in words": (
        lambda: fit_bars(bars_model(), drop_last="yes"),
        TypeError,
        "fit: drop_last=str 'yes' came, but True or False is needed",
    ),
    "a rate for a schedule": (
        lambda: fit_bars(bars_model(), schedule=0.1),
        TypeError,
        "fit: schedule=float 0.1 came, but a function epoch -> learning rate is needed",
    ),
    "two schedules": (
        lambda: fit_bars(
            bars_model(), schedule=lambda n: 0.1, optimizer=SGD(StepDecay(1, every=1, factor=1))
        ),
        ValueError,
        "fit: schedule came with an optimizer SGD whose learning_rate is a schedule itself",
    ),
    "a schedule for nobody": (
        lambda: fit_bars(bars_model(), schedule=lambda n: 0.1, optimizer=OneRate()),
        ValueError,
        "fit: schedule came with an optimizer OneRate whose learning_rate is missing",
    ),
    "a schedule that says nothing": (
        lambda: fit_bars(bars_model(), schedule=lambda n: None),
        ValueError,
        "fit: the schedule .* returned None at step 0, but a number of at least 0",
    ),
    "no function": (
        lambda: fit_bars(bars_model(), on_epoch=3),
        TypeError,
        "fit: on_epoch=int 3 came, but a function",
    ),
    "no function among them": (
        lambda: fit_bars(bars_model(), on_epoch=[print, "stop"]),
        TypeError,
        "fit: on_epoch=str 'stop' came, but a function",
    ),
    "empty validation": (
        lambda: fit_bars(bars_model(), validation=(IMAGES[:0], LABELS[:0])),
        ValueError,
        "fit: validation holds no samples",
    ),
    "evaluate on nothing": (
        lambda: evaluate(bars_model(), IMAGES[:0], LABELS[:0]),
        ValueError,
        "evaluate: X holds no samples",
    ),
    "confusion lengths": (
        lambda: confusion_matrix([0, 1], [0], classes=2),
        ValueError,
        "confusion_matrix: 2 labels but 1 predictions came",
    ),
}


def fit_bars_with(X, labels):
    return fit(bars_model(), X, labels, optimizer=SGD(0.5), progress=False)


@each(wrong=WRONG)
def test_message(wrong):
    wrong_use, kind, words = wrong
    with pytest.raises(kind, match=f"^{words}"):
        wrong_use()
