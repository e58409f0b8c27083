"""The record of a training: what it holds, shows, draws and writes."""

import numpy as np
import pytest
from support.bars import IMAGES, LABELS, bars_model, fit_bars

from cnnlab.training import History


def test_record_has_one_entry_per_step_and_per_epoch():
    history = fit_bars(bars_model(), epochs=3, batch_size=16, validation=(IMAGES, LABELS))
    assert len(history.step_losses) == 3 * 3  # 40 samples: 16, 16 and 8
    assert len(history.losses) == len(history.accuracies) == 3
    assert len(history.validation_losses) == len(history.validation_accuracies) == 3
    weighted = np.average(np.reshape(history.step_losses, (3, 3)), axis=1, weights=[16, 16, 8])
    np.testing.assert_allclose(history.losses, weighted, rtol=1e-14)


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
