"""The record of a training: what it holds, shows, draws and writes."""

import copy
import csv
import io
import pickle

import numpy as np
import pytest
from support.bars import IMAGES, LABELS, bars_model, fit_bars

from cnnlab.optimizers import SGD
from cnnlab.schedules import StepDecay
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


def test_what_is_saved_is_not_cut_off_and_validation_is_called_so():
    """In the usual style of matplotlib, with one panel and with two."""
    long = fit_bars(bars_model(), epochs=2, validation=0.3)
    short = History(losses=[2.3, 0.9], accuracies=[np.nan] * 2)
    for history, panels in ((long, 2), (short, 1), (History(step_losses=[1e9, 1.0]), 1)):
        axes = history.plot()
        assert len(axes) == panels
        figure = axes[0].figure
        figure.savefig(io.BytesIO())
        inside = figure.bbox
        for ax in axes:
            box = ax.get_tightbbox()
            assert box.x0 >= inside.x0, history
            assert box.y0 >= inside.y0, history
            assert box.x1 <= inside.x1, history
            assert box.y1 <= inside.y1, history
    labels = [text.get_text() for text in long.plot()[0].get_legend().get_texts()]
    assert labels == ["training", "validation"]


def test_rates_seconds_and_steps_of_epochs():
    rates = StepDecay(0.4, every=2, factor=0.5)
    history = fit_bars(bars_model(), epochs=2, batch_size=16, optimizer=SGD(rates))
    np.testing.assert_allclose(history.learning_rates, [0.4, 0.4, 0.2, 0.2, 0.1, 0.1])
    assert history.epoch_steps == [3, 3]
    assert len(history.seconds) == 2
    assert min(history.seconds) > 0
    assert not history.interrupted
    assert not history.stopped


def rows(path):
    with path.open(newline="") as file:
        return list(csv.reader(file))


def test_to_csv(tmp_path):
    history = fit_bars(bars_model(), epochs=2, validation=0.3)
    history.to_csv(tmp_path / "history.csv")
    head, *lines = rows(tmp_path / "history.csv")
    assert head == [
        *("epoch", "loss", "accuracy", "validation_loss", "validation_accuracy"),
        *("seconds", "learning_rate"),
    ]
    assert [line[0] for line in lines] == ["1", "2"]
    lists = (
        *(history.losses, history.accuracies, history.validation_losses),
        *(history.validation_accuracies, history.seconds, [0.5, 0.5]),
    )
    for place, values in enumerate(lists, start=1):
        assert [float(line[place]) for line in lines] == values
    history.to_csv(str(tmp_path / "history.csv"))
    assert [path.name for path in tmp_path.iterdir()] == ["history.csv"]


def test_what_was_not_recorded_is_left_empty(tmp_path):
    History(losses=[1.0], accuracies=[np.nan]).to_csv(tmp_path / "a")
    assert rows(tmp_path / "a")[1] == ["1", "1.0", *[""] * 5]
    History().to_csv(tmp_path / "a")
    assert len(rows(tmp_path / "a")) == 1


def test_a_csv_that_cannot_be_written(tmp_path):
    with pytest.raises(OSError, match=r"^History.to_csv: .*nowhere.* cannot be written"):
        History(losses=[1.0], accuracies=[0.5]).to_csv(tmp_path / "nowhere" / "h.csv")
    with pytest.raises(TypeError, match="^History.to_csv: path=int 3 came"):
        History().to_csv(3)


def test_it_is_a_table():
    history = fit_bars(bars_model(), epochs=2, validation=0.3)
    text = repr(history)
    assert text.splitlines()[0] == "History of 2 epochs and 8 steps"
    assert len(text.splitlines()) == 4
    assert "validation loss" in text
    assert f"{history.losses[1]:.4g}" in text
    page = history._repr_html_()
    assert page.count("<tr>") == 3
    assert "validation accuracy" in page
    assert repr(History(step_losses=[1.0], interrupted=True)) == (
        "History of 0 epochs and 1 step, interrupted"
    )
    assert "<table" not in History()._repr_html_()
    many = History(losses=[1.0] * 200, accuracies=[0.5] * 200)
    assert len(repr(many).splitlines()) == 22
    assert "the last 20" in repr(many)
    assert "validation" not in repr(many)


def test_it_can_be_copied_and_pickled():
    history = fit_bars(bars_model(), epochs=2, validation=0.3)
    for other in (copy.deepcopy(history), copy.copy(history), pickle.loads(pickle.dumps(history))):
        assert other == history
        assert repr(other) == repr(history)


def test_histories_of_a_training_that_went_on_are_added():
    model, whole = bars_model(), bars_model()
    first, second = fit_bars(model, epochs=2), fit_bars(model, epochs=1)
    assert first + second == fit_bars(whole, epochs=3)
    assert len((first + second).seconds) == 3
    assert len(first.losses) == 2
    first += second
    assert len(first.losses) == 3


def test_nan_stands_for_a_validation_that_only_one_has():
    plain = fit_bars(bars_model(), epochs=2)
    with_one = fit_bars(bars_model(), epochs=1, validation=0.3)
    for both in (plain + with_one, with_one + plain):
        assert len(both.validation_losses) == len(both.losses) == 3
        assert np.isnan(both.validation_losses).sum() == 2
        both.plot()
    assert (plain + plain).validation_losses == []
    later = History(losses=[1.0], accuracies=[1.0], best_epoch=1, stopped=True)
    assert ((plain + later).best_epoch, (plain + later).stopped) == (3, True)
    with pytest.raises(TypeError):
        plain + 3


def test_steps_of_an_epoch_that_did_not_end_belong_to_the_next():
    cut = History([3.0, 2.0, 1.0], [2.5], [0.5], learning_rates=[1, 1, 1], epoch_steps=[2])
    rest = History([9.0, 8.0], [8.5], [0.5], learning_rates=[5, 6], epoch_steps=[2])
    both = cut + rest
    assert both.epoch_steps == [2, 3]
    assert [row[-1] for row in both._table()] == [1, 6]
