"""Training: what fit does, records, shows and refuses."""

import signal
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from support.failures import each
from support.interrupts import usual_ctrl_c
from support.networks import every_layer, snapshot

from cnnlab import fast, layers, reference
from cnnlab.layers import BatchNorm2D, Conv2D, Dense, Dropout, Flatten, Sigmoid
from cnnlab.model import Sequential
from cnnlab.optimizers import SGD, Adam
from cnnlab.training import History, confusion_matrix, evaluate, fit

# Bars across and bars down, in noise: what a pattern search tells apart and an average does not.
RNG = np.random.default_rng(0)
LABELS = RNG.integers(0, 2, 60)
IMAGES = 0.1 * RNG.random((60, 1, 6, 7))
for image, label, place in zip(IMAGES, LABELS, RNG.integers(0, 6, 60), strict=True):
    image[0][(place, slice(None)) if label else (slice(None), place)] += 1


def bars_model(ops=fast):
    return Sequential(
        [Conv2D(4, 3, ops=ops), Sigmoid(ops=ops), Flatten(), Dense(2, ops=ops)],
        input_shape=(1, 6, 7),
    )


def fit_bars(model, **options):
    options = {"optimizer": SGD(0.5), "batch_size": 8, "progress": False} | options
    return fit(model, IMAGES[:40], LABELS[:40], **options)


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


def test_record_has_one_entry_per_step_and_per_epoch():
    history = fit_bars(bars_model(), epochs=3, batch_size=16, validation=(IMAGES, LABELS))
    assert len(history.step_losses) == 3 * 3  # 40 samples: 16, 16 and 8
    assert len(history.losses) == len(history.accuracies) == 3
    assert len(history.validation_losses) == len(history.validation_accuracies) == 3
    weighted = np.average(np.reshape(history.step_losses, (3, 3)), axis=1, weights=[16, 16, 8])
    np.testing.assert_allclose(history.losses, weighted, rtol=1e-14)


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


def test_evaluate_is_the_mean_over_all_samples_whatever_the_batches():
    model = bars_model()
    whole = evaluate(model, IMAGES, LABELS, batch_size=1000)
    parts = evaluate(model, IMAGES, LABELS, batch_size=7)
    L = fast.cross_entropy(model.forward(IMAGES), LABELS).L
    np.testing.assert_allclose([whole.loss, parts.loss], L, rtol=1e-14)
    assert whole.accuracy == parts.accuracy == (model.predict(IMAGES) == LABELS).mean()


def test_progress_bar_is_shown_and_can_be_silenced(capsys):
    fit_bars(bars_model(), progress=True)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "training: 100%" in captured.err
    assert "5/5" in captured.err
    assert "loss=" in captured.err
    fit_bars(bars_model(), progress=False)
    assert capsys.readouterr() == ("", "")


@pytest.mark.filterwarnings("ignore:overflow")
def test_a_loss_that_explodes_ends_training_with_a_warning():
    model = Sequential([Dense(1)], input_shape=(1,))
    samples, targets = [[1e150], [2e150]], [[0.0], [1.0]]
    with pytest.warns(RuntimeWarning, match="the loss became inf at step 2 .* smaller learning_r"):
        history = fit(
            model,
            samples,
            targets,
            optimizer=SGD(1.0),
            loss=fast.squared_error,
            epochs=5,
            progress=False,
        )
    assert len(history.step_losses) == 1
    assert np.isfinite(history.step_losses).all()


@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid value")
def test_a_last_step_that_ruins_the_parameters_is_put_back():
    """No loss is taken after it, so that none tells."""
    model = Sequential([Dense(2)], input_shape=(3,), dtype=np.float32)
    kept = [parameter.value.copy() for parameter in model.parameters()]
    X, labels = np.random.default_rng(0).random((4, 3)), [0, 1, 1, 0]
    with pytest.warns(RuntimeWarning, match="^fit: a parameter became NaN or infinite in epoch 1"):
        history = fit(model, X, labels, optimizer=SGD(1e39), progress=False)
    assert len(history.step_losses) == 1
    for parameter, before in zip(model.parameters(), kept, strict=True):
        np.testing.assert_array_equal(parameter.value, before)


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


def test_confusion_matrix_counts():
    counts = confusion_matrix([0, 1, 1, 2], [0, 2, 2, 2], classes=3)
    np.testing.assert_array_equal(counts, [[1, 0, 0], [0, 0, 2], [0, 0, 1]])


def test_history_draws_itself():
    history = fit_bars(bars_model(), epochs=2, validation=(IMAGES, LABELS))
    loss_axes, accuracy_axes = history.plot()
    assert "loss" in loss_axes.get_ylabel()
    assert "accuracy" in accuracy_axes.get_ylabel()
    assert len(History(losses=[1.0], accuracies=[0.5]).plot()) == 2


def test_a_loss_that_explodes_before_an_epoch_has_ended_is_drawn():
    (axes,) = History(step_losses=[2.3, 9e11]).plot()
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), [2.3, 9e11])
    assert axes.get_xlabel() == "step"


@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid value")
def test_the_last_good_parameters_are_there_after_a_rate_that_was_too_large():
    """And the running values too; what holds the arrays sees them."""
    model, good = every_layer(fast), every_layer(fast)
    for one in (model, good):
        fit_bars(one)
    held = [parameter.value for parameter in model.parameters()]
    blows = {"loss": lambda Y, T: (np.inf, Y) if np.abs(Y).max() > 1e3 else (Y.mean(), Y)}
    with pytest.warns(RuntimeWarning, match="again those from before this epoch"):
        history = fit_bars(model, optimizer=SGD(1e9), **blows)
    assert len(history.step_losses) >= 1
    assert snapshot(model) == snapshot(good)
    assert all(p.value is array for p, array in zip(model.parameters(), held, strict=True))


def ctrl_c(at, times=1):
    """Return a loss that presses Ctrl-C in one of its calls, while a step is under way."""
    calls = []

    def loss(Y, labels):
        calls.append(len(Y))
        if len(calls) == at:
            for _ in range(times):
                signal.raise_signal(signal.SIGINT)
        return fast.cross_entropy(Y, labels)

    return loss


@usual_ctrl_c()
def test_ctrl_c_ends_training_after_a_whole_step():
    stopped, whole = bars_model(), bars_model()
    with pytest.warns(RuntimeWarning, match="^fit: was interrupted after step 3; training stopped"):
        history = fit_bars(stopped, epochs=9, loss=ctrl_c(at=3))
    assert len(history.step_losses) == 3
    seen = fit(whole, IMAGES[:40], LABELS[:40], optimizer=SGD(0.5), batch_size=8, progress=False)
    assert history.step_losses == seen.step_losses[:3]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    fit_bars(stopped)


@usual_ctrl_c()
def test_ctrl_c_in_the_last_step_is_told_too():
    with pytest.warns(RuntimeWarning, match="^fit: was interrupted after step 5; training stopped"):
        fit_bars(bars_model(), epochs=1, loss=ctrl_c(at=5))


@usual_ctrl_c()
def test_a_second_ctrl_c_ends_at_once():
    with pytest.raises(KeyboardInterrupt):
        fit_bars(bars_model(), loss=ctrl_c(at=3, times=2))
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_ctrl_c_is_left_to_whoever_takes_care_of_it():
    came = []
    before = signal.signal(signal.SIGINT, lambda *signalled: came.append(signalled))
    try:
        assert len(fit_bars(bars_model(), loss=ctrl_c(at=3)).step_losses) == 5
    finally:
        signal.signal(signal.SIGINT, before)
    assert len(came) == 1


def test_training_goes_on_in_another_thread():
    with ThreadPoolExecutor(1) as pool:
        losses = pool.submit(lambda: fit_bars(bars_model()).step_losses).result()
    assert losses == fit_bars(bars_model()).step_losses


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
            "3.Dense.w held NaN or infinity before: begin with",
        ),
        "the loss": (
            bars_model,
            {"loss": lambda Y, labels: (np.inf, Y)},
            "What the model returned is finite: look for log",
        ),
    }
)
def test_a_loss_that_is_infinite_at_once_is_not_put_down_to_the_rate(case):
    model, given, words = case
    given = {"X": IMAGES, "targets": LABELS, "optimizer": SGD(0.5), "progress": False} | given
    with pytest.warns(RuntimeWarning, match=words) as warned:
        assert fit(model(), **given).step_losses == []
    assert "learning_rate" not in str(warned[0].message)


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
