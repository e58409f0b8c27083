"""The V of the step errors: right numbers in the right places, wrong input refused."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from support.pictures import drawn

from cnnlab import plots

STEPS = 10.0 ** -np.arange(0, 12.5, 0.5)


def curves():
    return {"float64": STEPS**2 + 1e-16 / STEPS, "exact": -np.zeros(len(STEPS))}


def test_curves_are_drawn_on_logarithmic_axes_with_their_names():
    ax = plots.plot_step_errors(STEPS, curves(), guides={"$h^2$": STEPS**2})
    guide, float64, exact = ax.get_lines()
    np.testing.assert_array_equal(float64.get_xdata(), STEPS)
    np.testing.assert_array_equal(float64.get_ydata(), curves()["float64"])
    np.testing.assert_array_equal(exact.get_ydata(), 1e-17)
    np.testing.assert_array_equal(guide.get_ydata(), STEPS**2)
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["float64", "exact"]
    assert [text.get_text() for text in ax.texts] == ["$h^2$"]
    assert {float64.get_linestyle(), exact.get_linestyle()} == {"-", "--"}
    assert float64.get_marker() != exact.get_marker()
    drawn(ax)


def test_size_counts_and_not_sign():
    ax = plots.plot_step_errors([0.1, 1], {"error": [-0.01, 2]}, least=1e-3)
    np.testing.assert_array_equal(ax.get_lines()[0].get_ydata(), [0.01, 2])
    assert ax.get_ylim()[0] < 1e-3


def test_a_guide_stands_beside_its_line_and_one_out_of_sight_has_no_name():
    guides = {"up": STEPS**2, "down": 1e-12 / STEPS, "none": 1e-30 * STEPS}
    ax = plots.plot_step_errors(STEPS, curves(), guides=guides)
    up, down = ax.texts
    assert (up.get_text(), down.get_text()) == ("up", "down")
    assert up.xyann[1] < 0 < down.xyann[1]
    backwards = {name: values[::-1] for name, values in guides.items()}
    up, down = plots.plot_step_errors(STEPS[::-1], curves(), guides=backwards).texts
    assert up.xyann[1] < 0 < down.xyann[1]


def test_given_axes_are_used_and_inputs_stay():
    _, own = plt.subplots()
    given = {"error": STEPS.copy()}
    assert plots.plot_step_errors(STEPS, given, ax=own) is own
    np.testing.assert_array_equal(given["error"], STEPS)


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
    ],
)
def test_wrong_input_is_refused_in_words(call, message):
    with pytest.raises(ValueError, match=message):
        call()
    assert plt.get_fignums() == []
