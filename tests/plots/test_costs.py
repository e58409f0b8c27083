"""What algorithms cost, in pictures: right numbers in the right places, wrong input refused."""

import numpy as np
import pytest
from support.pictures import (
    assert_keeps_promises,
    assert_refused,
    drawn,
    legend,
    pictures_of,
    texts,
)

from cnnlab import plots
from cnnlab.plots import costs

NAN = np.nan
SIZES = np.array([1, 3, 5, 7])
COUNTS = {"loops": SIZES**2, "FFT": [16, 17, 18, 19], "Winograd": [NAN, 4, NAN, NAN]}
TIMES = {"Loops": [300, 320, NAN], "Direct, compiled": [0.1, 0.03, 0.05]}
LAYERS = ["small", "3 x 3", "21 x 21"]
ERRORS = {"Loops": [[0, 0.5, 1], [2, 1, 0]], "FFT": [[900, 1e5, 3], [1e4, 800, 7]]}

CASES = {
    "multiplications": (plots.plot_multiplications, (SIZES, COUNTS), {}),
    "times": (plots.plot_times, (TIMES, LAYERS), {}),
    "errors": (plots.show_errors, (ERRORS,), {}),
}


@pytest.mark.parametrize("case", CASES)
def test_keeps_what_every_picture_promises(case):
    assert_keeps_promises(*CASES[case])


def test_every_picture_has_a_case():
    assert {function for function, _, _ in CASES.values()} == pictures_of(costs)


def test_multiplications_are_curves_and_a_single_one_is_a_point():
    ax = plots.plot_multiplications(SIZES, COUNTS)
    lines = ax.get_lines()
    np.testing.assert_array_equal(lines[0].get_ydata(), SIZES**2)
    np.testing.assert_array_equal(lines[1].get_xdata(), SIZES)
    assert (lines[2].get_xdata()[0], lines[2].get_ydata()[0]) == (3, 4)
    assert texts(ax) == ["Winograd"]
    assert legend(ax) == ["loops", "FFT"]
    assert ax.get_yscale() == "log"
    assert len({line.get_marker() for line in lines}) == 3


def test_points_alone_have_no_legend():
    ax = plots.plot_multiplications([1], {"a": [1]})
    assert texts(ax) == ["a"]
    assert ax.get_legend() is None


def test_times_stand_in_the_row_of_their_algorithm():
    ax = plots.plot_times(TIMES, LAYERS, unit="seconds")
    for place, line in enumerate(ax.get_lines()):
        np.testing.assert_array_equal(
            line.get_xdata(), [values[place] for values in TIMES.values()]
        )
        assert (np.abs(line.get_ydata() - [0, 1]) < 0.5).all()
    assert len({float(line.get_ydata()[0]) for line in ax.get_lines()}) == len(LAYERS)
    assert [label.get_text() for label in ax.get_yticklabels()] == list(TIMES)
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # the first on top
    assert (ax.get_xscale(), ax.get_xlabel()) == ("log", "seconds")
    assert [text.get_text() for text in ax.figure.legends[0].get_texts()] == LAYERS


def test_errors_share_one_scale_from_1_on():
    axes = plots.show_errors(ERRORS, label="units")
    pictures = [ax.images[0] for ax in axes]
    np.testing.assert_array_equal(pictures[0].get_array(), [[1, 1, 1], [2, 1, 1]])
    np.testing.assert_array_equal(pictures[1].get_array(), ERRORS["FFT"])
    assert {picture.get_clim() for picture in pictures} == {(1, 1e5)}
    assert axes[0].figure.axes[-1].get_xlabel() == "units"


def test_errors_that_are_all_small_still_have_a_scale():
    (ax,) = plots.show_errors({"exact": np.zeros((2, 3))})
    assert ax.images[0].get_clim() == (1, 10)
    drawn(ax)


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (lambda: plots.plot_multiplications([], {"a": []}), "sizes is empty"),
        (lambda: plots.plot_multiplications([1], {}), "counts is empty"),
        (lambda: plots.plot_multiplications([1, 3], {"a": [1]}), "a has 1 values, needs 2"),
        (lambda: plots.plot_multiplications([1], {"a": [0]}), "a value of a is not above 0"),
        (lambda: plots.plot_multiplications([1], {key: [1] for key in "abcdefg"}), "got 7 curves"),
        (lambda: plots.plot_times({"a": [1]}, list("abcdefg")), "got 7 layers"),
        (lambda: plots.plot_times({}, ["a"]), "times is empty"),
        (lambda: plots.plot_times({"a": [1, 2]}, ["b"]), "a has 2 values, needs 1; .* layer"),
        (lambda: plots.plot_times({"a": [-1]}, ["b"]), "a value of a is not above 0"),
        (lambda: plots.show_errors({}), "errors is empty"),
        (lambda: plots.show_errors({"a": [1, 2]}), "a has 1 axes"),
        (lambda: plots.show_errors({"a": [[-1]]}), "below 0 or no number"),
        (lambda: plots.show_errors({"a": [[NAN]]}), "below 0 or no number"),
    ],
)
def test_wrong_input_is_refused(draw, words):
    assert_refused(draw, words)
