"""Sizes of gradients, ways down a valley, learning rates: what is drawn where."""

import numpy as np
import pytest
from support.pictures import assert_keeps_promises, assert_refused, legend, pictures_of

from cnnlab import plots
from cnnlab.plots import training

SIZES = {"fades": [1e-6, 1e-3, 1], "stays": [0.9, 1.1, 1]}
RATES, LOSSES = [0.01, 0.1, 1, 10], {"plain": [2.2, 0.5, 4, np.inf], "Adam": [1, 2, np.nan, 3]}
PATHS = {"plain": np.array([[-8, 2], [-7, -1], [-6, 1]]), "Adam": np.array([[-8, 2], [-4, 0]])}

CASES = {
    "plot_layer_sizes": (plots.plot_layer_sizes, (SIZES,), {"name": "gradient"}),
    "plot_learning_rates": (plots.plot_learning_rates, (RATES, LOSSES), {"guess": 2.3}),
    "show_descents": (plots.show_descents, ((1, 25), PATHS), {}),
    "show_descents one": (plots.show_descents, ((2, 1), {"plain": PATHS["plain"]}), {}),
}


@pytest.mark.parametrize("case", CASES)
def test_keeps_what_every_picture_promises(case):
    assert_keeps_promises(*CASES[case])


def test_every_picture_has_a_case():
    assert {function for function, _, _ in CASES.values()} == pictures_of(training)


def test_layers_are_counted_from_one_on_a_logarithmic_axis():
    ax = plots.plot_layer_sizes(SIZES, name="gradient")
    np.testing.assert_array_equal([line.get_xdata() for line in ax.lines], [[1, 2, 3]] * 2)
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), SIZES["fades"])
    assert (ax.get_yscale(), ax.get_ylabel()) == ("log", "gradient")
    assert legend(ax) == list(SIZES)


def test_what_is_lost_is_a_cross_at_the_upper_edge():
    """A loss above 3, infinity and NaN; a loss of just 3 is none of them."""
    ax = plots.plot_learning_rates(RATES, LOSSES)
    drawn = {line.get_label(): line for line in ax.lines}
    np.testing.assert_array_equal(drawn["plain"].get_ydata(), [2.2, 0.5, 3, 3])
    np.testing.assert_array_equal(drawn["Adam"].get_ydata(), [1, 2, 3, 3])
    crosses = [line.get_xdata().tolist() for line in ax.lines if line.get_marker() == "x"]
    assert crosses == [[1, 10], [1]]
    assert ax.get_ylim() == (0, 3)


def test_a_guess_is_a_line_with_its_name():
    ax = plots.plot_learning_rates(RATES, LOSSES, guess=2.3)
    assert ax.lines[0].get_ydata() == [2.3, 2.3]
    assert [text.get_text() for text in ax.texts] == ["a guess"]
    assert not plots.plot_learning_rates(RATES, LOSSES).texts
    assert plots.plot_learning_rates(RATES, LOSSES, guess=0).texts


def test_each_path_has_its_panel_over_lines_of_equal_loss():
    axes = plots.show_descents((1, 25), PATHS)
    assert [ax.get_title() for ax in axes] == list(PATHS)
    for ax, path in zip(axes, PATHS.values(), strict=True):
        np.testing.assert_array_equal(ax.lines[0].get_xydata(), path)
        (contours,) = ax.collections
        x, y = contours.get_paths()[3].vertices.T
        loss = (x**2 + 25 * y**2) / 2  # on one line, as far as straight pieces go
        assert loss.max() - loss.min() < 0.02 * loss.mean()


REFUSED = {
    "nothing": (lambda: plots.plot_layer_sizes({}), "plot_layer_sizes: sizes is empty"),
    "too many": (
        lambda: plots.plot_layer_sizes(dict.fromkeys("abcdefg", (1,))),
        "plot_layer_sizes: got 7 sizes, needs 6 at most; leave some out",
    ),
    "a size of 0": (
        lambda: plots.plot_layer_sizes({"fades": [0, 1]}),
        "plot_layer_sizes: fades has a size of 0, but the axis is logarithmic",
    ),
    "rates": (
        lambda: plots.plot_learning_rates([2, 1], {"plain": [1, 1]}),
        r"plot_learning_rates: rates are \[2, 1\], but they must increase from above 0",
    ),
    "a rate of 0": (
        lambda: plots.plot_learning_rates([0, 1], {"plain": [1, 1]}),
        r"plot_learning_rates: rates are \[0, 1\], but they must increase from above 0",
    ),
    "lengths": (
        lambda: plots.plot_learning_rates([1, 2], {"plain": [1]}),
        "plot_learning_rates: plain has 1 losses but rates has 2",
    ),
    "curvature": (
        lambda: plots.show_descents((1, 0), PATHS),
        r"show_descents: curvature=\[1, 0\], but two numbers greater than 0 are needed",
    ),
    "places": (
        lambda: plots.show_descents((1, 2), {"plain": [[1, 2, 3]]}),
        r"show_descents: plain has shape \(1, 3\), but a place has two numbers",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case):
    assert_refused(*REFUSED[case])
