"""What an activation does to a map: right numbers, right places, wrong input refused."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from support.pictures import MINUS, assert_fits, drawn

from cnnlab import plots

DELTA, SLOPES = np.array([[16, 8, -16], [-4, 64, 0]]), np.array([[3, 4, 3], [4, 1.75, 3]]) / 16
NAMES = (r"\delta", "Y (1 - Y)", r"\partial L / \partial Z")
Z = np.linspace(-2, 2, 5)


def product():
    return plots.show_product(
        DELTA, SLOPES, DELTA * SLOPES, NAMES, highlight=(1, 2), fractions=True
    )


def slopes():
    kink = np.array([0, 0, np.nan, 1, 1])
    return plots.plot_slopes(Z, {"square": (Z**2, 2 * Z), "relu": (np.maximum(Z, 0), kink)})


@pytest.mark.parametrize("draw", [product, slopes])
def test_full_width_and_same_bytes_twice(draw):
    axes = draw()
    assert all(isinstance(ax, Axes) for ax in axes)
    assert_fits(axes)
    first = drawn(axes)
    plt.close("all")
    assert drawn(draw()) == first


def test_product_writes_all_numbers():
    cells = [[text.get_text() for text in ax.texts[:6]] for ax in product()]
    assert cells[0] == ["16", "8", f"{MINUS}16", f"{MINUS}4", "64", "0"]
    assert cells[1] == ["3/16", "1/4", "3/16", "1/4", "7/64", "3/16"]
    assert cells[2] == ["3", "2", f"{MINUS}3", f"{MINUS}1", "7", "0"]


def test_product_without_fractions_writes_two_decimals():
    axes = plots.show_product([[2]], [[-0.125]], [[-0.25]], ("a", "b", "c"))
    assert [ax.texts[0].get_text() for ax in axes] == ["2", f"{MINUS}0.12", f"{MINUS}0.25"]


def test_product_outlines_one_entry_in_all_three():
    for ax in product():
        assert [patch.get_xy() for patch in ax.patches if patch.get_width() == 1] == [(2, 1)]


def test_slopes_are_drawn_as_given_and_named_once():
    above, below = slopes()
    for ax, name, values in (above, "square", Z**2), (below, "square", 2 * Z):
        line = next(line for line in ax.lines if line.get_label() == name)
        np.testing.assert_array_equal(line.get_xdata(), Z)
        np.testing.assert_array_equal(line.get_ydata(), values)
    assert [text.get_text() for text in above.get_legend().get_texts()] == ["square", "relu"]
    assert below.get_legend() is None


REFUSED = {
    "other shape": (
        lambda: plots.show_product(DELTA, SLOPES[:1], DELTA, NAMES),
        r"shapes \(2, 3\), \(1, 3\) and \(2, 3\), need one shape with at most 4 columns; ",
    ),
    "too wide": (lambda: plots.show_product(*np.ones((3, 1, 5)), NAMES), "at most 4 columns"),
    "rank": (lambda: plots.show_product(*np.ones((3, 1, 1, 2)), NAMES), r"needs \(M', N'\)"),
    "wrong product": (
        lambda: plots.show_product(DELTA, SLOPES, DELTA, NAMES),
        "result is not first times second, entry by entry; check",
    ),
    "highlight outside": (
        lambda: plots.show_product(DELTA, SLOPES, DELTA * SLOPES, NAMES, highlight=(2, 0)),
        "leaves the matrix",
    ),
    "no curve": (lambda: plots.plot_slopes(Z, {}), "curves is empty"),
    "many curves": (
        lambda: plots.plot_slopes(Z, dict.fromkeys("abcde", (Z, Z))),
        "got 5 curves, needs 4 at most; leave some out",
    ),
    "curve too short": (
        lambda: plots.plot_slopes(Z, {"a": (Z, Z[1:])}),
        r"a has shape \(4,\) but Z has \(5,\); give one value for each input",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_wrong_input_is_refused_in_words(case):
    call, message = REFUSED[case]
    with pytest.raises(ValueError, match=message):
        call()
    plt.close("all")
