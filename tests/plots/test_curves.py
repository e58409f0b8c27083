"""Curves and counts: right numbers in the right places, the right axes, wrong input refused."""

import numpy as np
import pytest
from support.pictures import (
    assert_keeps_promises,
    assert_refused,
    legend,
    pictures_of,
    texts,
)

from cnnlab import plots
from cnnlab.plots import curves, show_step

Z = np.linspace(-2, 2, 5)
ACTIVATIONS = {
    "square": (Z**2, 2 * Z),
    "relu": (np.maximum(Z, 0), np.array([0, 0, np.nan, 1, 1])),
}
RATES, LOSSES = np.array([0.0, 0.1, 0.3]), np.array([1.0, 0.8, 0.9])
STEPS = 10.0 ** -np.arange(0, 12.5, 0.5)
ERRORS = {"float64": STEPS**2 + 1e-16 / STEPS, "exact": -np.zeros(len(STEPS))}


CASES = {
    "plot_losses": (
        plots.plot_losses,
        (np.array([2.0, 1.0]), np.array([2.1, 1.2]), np.array([0.5, 0.9])),
        {},
    ),
    "plot_correlation": (
        plots.plot_correlation,
        (np.arange(5), {"a": np.linspace(1, 0, 5), "b": np.linspace(1, -0.1, 5)}),
        {},
    ),
    "show_confusion": (plots.show_confusion, (np.arange(9).reshape(3, 3),), {}),
    "plot_step_errors": (plots.plot_step_errors, (STEPS, ERRORS), {"guides": {"$h^2$": STEPS**2}}),
    "plot_slopes": (plots.plot_slopes, (Z, ACTIVATIONS), {}),
    "show_step": (show_step, (RATES, LOSSES, -3.0), {"chosen": 0.1}),
}


@pytest.mark.parametrize("case", CASES)
def test_keeps_what_every_picture_promises(case):
    assert_keeps_promises(*CASES[case])


def test_every_picture_has_a_case():
    assert {function for function, _, _ in CASES.values()} == pictures_of(curves)


# Training


def test_accuracy_is_drawn_in_per_cent():
    axes = plots.plot_losses([2.0, 1.0], accuracy=[0.5, 0.9])
    np.testing.assert_allclose(axes[1].lines[0].get_ydata(), [50, 90])


@pytest.mark.parametrize(
    ("losses", "scale"),
    [
        ([3.0, 0.5, 0.2], "log"),
        ([2.3, 2.2, 2.1], "linear"),
        ([3.0, 0.5, 0.0], "linear"),
        ([3.0, np.nan, 0.2], "log"),
        ([np.nan, np.nan], "linear"),
        ([3.0, np.inf], "linear"),
    ],
)
def test_a_loss_that_falls_far_is_on_a_logarithmic_axis(losses, scale):
    (ax,) = plots.plot_losses(losses)
    assert ax.get_yscale() == scale


def test_losses_may_be_integers():
    (ax,) = plots.plot_losses([9, 2, 1], [9, 3, 2])
    assert ax.get_yscale() == "log"


def test_logarithmic_losses_have_plain_numbers():
    (ax,) = plots.plot_losses([3.0, 0.5, 0.2])
    ax.figure.canvas.draw()
    shown = {label.get_text() for label in ax.get_yticklabels()}
    assert {"0.2", "0.5", "1", "2"} <= shown


def test_confusion_writes_every_count():
    assert texts(plots.show_confusion(np.arange(9).reshape(3, 3))) == [str(k) for k in range(9)]


def test_confusion_names_its_rows():
    assert plots.show_confusion(np.eye(2)).get_ylabel() == "true digit"
    assert plots.show_confusion(np.eye(2), labels=["cat", "dog"]).get_ylabel() == "true class"


# Errors of steps


def test_curves_are_drawn_on_logarithmic_axes_with_their_names():
    ax = plots.plot_step_errors(STEPS, ERRORS, guides={"$h^2$": STEPS**2})
    guide, float64, exact = ax.get_lines()
    np.testing.assert_array_equal(float64.get_xdata(), STEPS)
    np.testing.assert_array_equal(float64.get_ydata(), ERRORS["float64"])
    np.testing.assert_array_equal(exact.get_ydata(), 1e-17)
    np.testing.assert_array_equal(guide.get_ydata(), STEPS**2)
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert legend(ax) == ["float64", "exact"]
    assert [text.get_text() for text in ax.texts] == ["$h^2$"]
    assert {float64.get_linestyle(), exact.get_linestyle()} == {"-", "--"}
    assert float64.get_marker() != exact.get_marker()


def test_size_counts_and_not_sign():
    ax = plots.plot_step_errors([0.1, 1], {"error": [-0.01, 2]}, least=1e-3)
    np.testing.assert_array_equal(ax.get_lines()[0].get_ydata(), [0.01, 2])
    assert ax.get_ylim()[0] < 1e-3


def test_a_guide_stands_beside_its_line_and_one_out_of_sight_has_no_name():
    guides = {"up": STEPS**2, "down": 1e-12 / STEPS, "none": 1e-30 * STEPS}
    ax = plots.plot_step_errors(STEPS, ERRORS, guides=guides)
    up, down = ax.texts
    assert (up.get_text(), down.get_text()) == ("up", "down")
    assert up.xyann[1] < 0 < down.xyann[1]
    backwards = {name: values[::-1] for name, values in guides.items()}
    up, down = plots.plot_step_errors(STEPS[::-1], ERRORS, guides=backwards).texts
    assert up.xyann[1] < 0 < down.xyann[1]


# Slopes


def test_slopes_are_drawn_as_given_and_named_once():
    above, below = plots.plot_slopes(Z, ACTIVATIONS)
    for ax, name, values in (above, "square", Z**2), (below, "square", 2 * Z):
        line = next(line for line in ax.lines if line.get_label() == name)
        np.testing.assert_array_equal(line.get_xdata(), Z)
        np.testing.assert_array_equal(line.get_ydata(), values)
    assert [text.get_text() for text in above.get_legend().get_texts()] == ["square", "relu"]
    assert below.get_legend() is None


# One step


def test_step_draws_curve_and_line():
    ax = show_step(RATES, LOSSES, -3.0, chosen=0.1)
    curve, line, start, mark = ax.lines
    np.testing.assert_array_equal(curve.get_xydata(), np.stack([RATES, LOSSES], axis=1))
    (x0, y0), (x1, y1) = line.get_xydata()
    assert (x0, y0) == (0, 1)
    assert (y1 - y0) / (x1 - x0) == pytest.approx(-3)
    assert start.get_xydata().tolist() == [[0, 1]]
    np.testing.assert_allclose(mark.get_xydata(), [[0.1, 0.8]])
    assert texts(ax) == ["0.1"]


def test_step_without_a_mark_or_a_slope():
    ax = show_step(RATES, np.ones(3), 0.0)
    assert len(ax.lines) == 3
    assert ax.lines[1].get_ydata().tolist() == [1, 1]


REFUSED = {
    "length of a curve": (
        lambda: plots.plot_losses([1, 2], [1]),
        r"plot_losses: test_loss has 1 values but train_loss has 2; give one of each",
    ),
    "rank of a curve": (
        lambda: plots.plot_losses([[1, 2]]),
        r"plot_losses: train_loss has 2 axes \(1, 2\), needs \(E,\)",
    ),
    "distances": (
        lambda: plots.plot_correlation([0, 1], {"noise": [1]}),
        r"plot_correlation: noise has 1 values but distance has 2",
    ),
    "no curve": (lambda: plots.plot_correlation([0, 1], {}), r"plot_correlation: correlation is"),
    "not square": (
        lambda: plots.show_confusion(np.zeros((2, 3))),
        r"show_confusion: matrix has shape \(2, 3\), needs \(C, C\)",
    ),
    "class names": (
        lambda: plots.show_confusion(np.eye(2), labels=["a"]),
        r"show_confusion: 1 labels for 2 classes",
    ),
    "no activation": (lambda: plots.plot_slopes(Z, {}), "curves is empty"),
    "many activations": (
        lambda: plots.plot_slopes(Z, dict.fromkeys("abcde", (Z, Z))),
        "got 5 curves, needs 4 at most; leave some out",
    ),
    "activation too short": (
        lambda: plots.plot_slopes(Z, {"a": (Z, Z[1:])}),
        r"a has shape \(4,\) but Z has \(5,\); give one value for each input",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_wrong_input_is_refused_in_words(case):
    assert_refused(*REFUSED[case])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plots.plot_step_errors([1, 0], {"a": [1, 1]}), "a step is not greater than 0"),
        (lambda: plots.plot_step_errors([1, 2], {"a": [1]}), "a has 1 values but steps has 2"),
        (lambda: plots.plot_step_errors([1, 2], {}), "plot_step_errors: errors is empty"),
        (
            lambda: plots.plot_step_errors([1, 2], {"a": [1, 1]}, guides={"g": [[1, 2]]}),
            r"plot_step_errors: g has 2 axes \(1, 2\), needs \(R,\)",
        ),
        (lambda: show_step(RATES, LOSSES[:2], -1), r"show_step: 3 rates but 2 losses came"),
        (lambda: show_step(RATES[1:], LOSSES[1:], -1), r"two or more that increase from 0"),
        (lambda: show_step([0], [1], -1), r"two or more that increase from 0"),
        (lambda: show_step([0, 2, 1], LOSSES, -1), r"two or more that increase from 0"),
        (lambda: show_step(RATES, LOSSES, -1, chosen=1), r"chosen=1 lies outside the rates, 0 to"),
    ],
)
def test_step_wrong_input_is_refused_in_words(call, message):
    assert_refused(call, message)
