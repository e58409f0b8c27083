"""Ctrl-C while a model is trained: no step is half done, and the history comes back."""

import signal
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.bars import IMAGES, LABELS, bars_model, ctrl_c, fit_bars
from support.interrupts import usual_ctrl_c
from support.networks import snapshot

from cnnlab.optimizers import SGD
from cnnlab.training import fit


@usual_ctrl_c()
def test_ctrl_c_ends_training_after_a_whole_step():
    stopped, whole = bars_model(), bars_model()
    with pytest.warns(RuntimeWarning, match="^fit: was interrupted after step 3; training stopped"):
        history = fit_bars(stopped, epochs=9, loss=ctrl_c(at=3))
    assert len(history.step_losses) == 3
    assert history.interrupted
    seen = fit(whole, IMAGES[:40], LABELS[:40], optimizer=SGD(0.5), batch_size=8, progress=False)
    assert history.step_losses == seen.step_losses[:3]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    fit_bars(stopped)


@usual_ctrl_c()
def test_ctrl_c_in_the_last_step_is_told_too():
    with pytest.warns(RuntimeWarning, match="^fit: was interrupted after step 5; training stopped"):
        assert fit_bars(bars_model(), epochs=1, loss=ctrl_c(at=5)).interrupted


@usual_ctrl_c()
def test_ctrl_c_after_the_last_step_is_told_too():
    """While functions are told, or a model is measured."""
    model, whole = bars_model(), bars_model()
    press = [lambda epoch: signal.raise_signal(signal.SIGINT)]
    with pytest.warns(RuntimeWarning, match="^fit: was interrupted after step 5"):
        history = fit_bars(model, epochs=3, on_epoch=press)
    assert history.interrupted
    assert len(history.losses) == 1
    fit_bars(whole)
    assert snapshot(model) == snapshot(whole)


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
