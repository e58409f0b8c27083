"""Early stopping: when, and what the model is then."""

import numpy as np
import pytest
from support.bars import IMAGES, LABELS, bars_model, fit_bars
from support.failures import each
from support.networks import every_layer, snapshot

from cnnlab import fast
from cnnlab.optimizers import SGD
from cnnlab.training import EarlyStopping, History, evaluate, fit

NAN = np.nan


@each(
    case={
        "falls": ([3, 2, 1], (3, 0)),
        "rises": ([1, 2, 3], (1, 2)),
        "equal is no better": ([1, 1, 1], (1, 2)),
        "up and down": ([3, 1, 2, 1, 0.5, 4], (5, 1)),
        "NaN is never better": ([NAN, 2, NAN, 1, NAN], (4, 1)),
        "NaN alone": ([NAN, NAN], (0, 2)),
        "infinite first": ([np.inf, 5], (2, 0)),
        "nothing": ([], (0, 0)),
    }
)
def test_judge(case):
    losses, expected = case
    assert EarlyStopping(1).judge(History(validation_losses=losses)) == expected
    accuracies = History(accuracies=[-loss for loss in losses])
    assert EarlyStopping(1, monitor="accuracy").judge(accuracies) == expected


def test_min_delta_is_measured_from_the_best():
    """Small gains add up, as long as patience lasts."""
    history = History(losses=[1.0, 0.95, 0.89, 0.85])
    assert EarlyStopping(1, min_delta=0.1, monitor="loss").judge(history) == (3, 1)
    assert EarlyStopping(1, min_delta=0.2, monitor="loss").judge(history) == (1, 3)


def test_training_ends_after_patience_and_gives_back_the_best_state():
    """Running statistics and generators, too."""
    states, kept = [], []

    def keep(epoch):
        states.append(snapshot(epoch.model))
        kept.append(epoch.history.best_epoch)

    model = every_layer(fast)
    options = {"validation": (IMAGES[40:], LABELS[40:]), "optimizer": SGD(2.0), "epochs": 60}
    history = fit_bars(model, early_stopping=EarlyStopping(2), on_epoch=keep, **options)
    best = int(np.argmin(history.validation_losses))
    assert len(history.losses) == best + 3 < 60
    assert history.stopped
    assert not history.interrupted
    assert history.best_epoch == kept[-1] == best + 1
    assert snapshot(model) == states[best] != states[-1]
    measured = evaluate(model, IMAGES[40:], LABELS[40:])
    assert measured.loss == history.validation_losses[best]


def test_the_best_state_is_given_back_when_all_epochs_are_over():
    states = []
    model = bars_model()
    options = {"optimizer": SGD(60.0), "epochs": 5}
    history = fit_bars(
        model,
        early_stopping=EarlyStopping(50, monitor="loss"),
        on_epoch=lambda epoch: states.append(snapshot(epoch.model)),
        **options,
    )
    assert not history.stopped
    assert history.best_epoch < 5
    assert snapshot(model) == states[history.best_epoch - 1]


def test_an_integer_is_a_patience():
    options = {"optimizer": SGD(3.0), "epochs": 30, "validation": 0.3}
    first = fit_bars(bars_model(), early_stopping=2, **options)
    assert first == fit_bars(bars_model(), early_stopping=EarlyStopping(2), **options)


def test_without_it_the_model_is_that_of_the_last_epoch():
    assert fit_bars(bars_model(), epochs=2).best_epoch is None


@each(
    case={
        "no patience": (lambda: EarlyStopping(0), ValueError, "EarlyStopping: patience=0"),
        "half": (lambda: EarlyStopping(1.5), TypeError, "EarlyStopping: patience=float 1.5"),
        "delta": (lambda: EarlyStopping(1, min_delta=-1), ValueError, "EarlyStopping: min_delta"),
        "delta NaN": (lambda: EarlyStopping(1, min_delta=NAN), ValueError, "EarlyStopping: min_d"),
        "monitor": (
            lambda: EarlyStopping(1, monitor="val_loss"),
            ValueError,
            "EarlyStopping: no monitor 'val_loss'; choose",
        ),
        "a class": (
            lambda: fit_bars(bars_model(), early_stopping=EarlyStopping),
            TypeError,
            "fit: early_stopping=",
        ),
        "a flag": (
            lambda: fit_bars(bars_model(), early_stopping=True),
            TypeError,
            "fit: early_stopping=bool True came",
        ),
        "among the functions": (
            lambda: fit_bars(bars_model(), on_epoch=[EarlyStopping(3)]),
            TypeError,
            "fit: on_epoch=EarlyStopping .* came, but a function .* pass early_stopping=EarlySt",
        ),
        "no epochs": (
            lambda: fit_bars(bars_model(), early_stopping=0),
            ValueError,
            "fit: early_stopping=0",
        ),
        "no validation": (
            lambda: fit_bars(bars_model(), early_stopping=2),
            ValueError,
            "fit: early_stopping watches validation_loss, but there is no validation",
        ),
    }
)
def test_message(case):
    wrong, kind, says = case
    with pytest.raises(kind, match=f"^{says}"):
        wrong()


def test_accuracy_needs_class_numbers():
    given = {"optimizer": SGD(0.1), "loss": fast.squared_error}
    with pytest.raises(ValueError, match="^fit: early_stopping watches accuracy, but the targets"):
        fit(
            bars_model(),
            IMAGES,
            np.eye(2)[LABELS],
            early_stopping=EarlyStopping(1, monitor="accuracy"),
            **given,
        )
