"""Orders and differences: every number in its place, and what is no difference refused."""

import numpy as np
import pytest
from support.pictures import assert_keeps_promises, assert_refused, pictures_of, texts

from cnnlab import plots
from cnnlab.plots import agreement

IMAGE = np.arange(1, 13).reshape(2, 2, 3)
ORDERS = {"ours": (0, 1, 2), "theirs": (1, 2, 0)}
APART = {"float64": np.array([0, 1e-16, 3e-16]), "float32": np.array([1e-7, 2e-7, 4e-7])}
CASES = {
    "show_orders": (plots.show_orders, (IMAGE, ORDERS), {}),
    "show_orders many": (plots.show_orders, (np.arange(18.0).reshape(3, 3, 2), ORDERS), {}),
    "plot_differences": (plots.plot_differences, (APART,), {"steps": "batch"}),
    "plot_differences none": (plots.plot_differences, ({"equal": np.zeros(3)},), {}),
}


@pytest.mark.parametrize("case", CASES)
def test_keeps_what_every_picture_promises(case):
    assert_keeps_promises(*CASES[case])


def test_every_picture_has_a_case():
    assert {function for function, _, _ in CASES.values()} == pictures_of(agreement)


def test_numbers_lie_in_the_order_of_the_axes():
    """By hand: plane by plane, then pixel by pixel."""
    ax = plots.show_orders(IMAGE, ORDERS)
    assert texts(ax) == [
        *("ours", *map(str, range(1, 13))),
        *("theirs", *map(str, [1, 7, 2, 8, 3, 9, 4, 10, 5, 11, 6, 12])),
    ]
    faces = [patch.get_facecolor() for patch in ax.patches]
    assert faces[:6] == [faces[0]] * 6
    assert faces[6:12] == [faces[6]] * 6
    assert faces[12:] == [faces[0], faces[6]] * 6


def test_differences_stand_at_their_steps_and_zeros_leave_a_gap():
    ax = plots.plot_differences(APART)
    np.testing.assert_array_equal(ax.lines[0].get_xdata(), [1, 2, 3])
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), [np.nan, 1e-16, 3e-16])
    np.testing.assert_array_equal(ax.lines[1].get_ydata(), APART["float32"])
    assert ax.get_yscale() == "log"
    assert texts(ax) == list(APART)


REFUSED = {
    "axes": (lambda: plots.show_orders([[1, 2]], ORDERS), r"image has 2 axes \(1, 2\), needs"),
    "too large": (
        lambda: plots.show_orders(np.zeros((5, 1, 1)), ORDERS),
        "needs at most 18 numbers",
    ),
    "empty": (
        lambda: plots.show_orders(np.zeros((1, 0, 1)), ORDERS),
        r"image is empty \(shape \(1, 0, 1\)\)",
    ),
    "no layout": (lambda: plots.show_orders(IMAGE, {}), "show_orders: orders is empty"),
    "no order": (lambda: plots.show_orders(IMAGE, {"a": (0, 1, 1)}), r"a is \(0, 1, 1\), needs 0"),
    "no curve": (lambda: plots.plot_differences({}), "plot_differences: differences is empty"),
    "curves": (lambda: plots.plot_differences({key: [1] for key in "abcdefg"}), "got 7 curves"),
    "below 0": (lambda: plots.plot_differences({"a": [-1.0]}), "a has a difference that is below"),
    "NaN": (lambda: plots.plot_differences({"a": [np.nan]}), "below 0 or no number"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_wrong_input_is_refused(case):
    call, message = REFUSED[case]
    assert_refused(call, message)
