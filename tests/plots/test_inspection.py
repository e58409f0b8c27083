"""What a network looks at, shifts and calibration: what is drawn where, and what is refused."""

import numpy as np
import pytest
from support.failures import each
from support.pictures import assert_keeps_promises, legend, pictures_of

from cnnlab import plots
from cnnlab.plots import inspection

IMAGES = np.zeros((2, 1, 6, 5))
IMAGES[:, 0, 1:5, 2] = 1
MAPS = {"gradient": np.linspace(-1, 2, 60).reshape(2, 6, 5), "covered": -np.ones((2, 4, 3))}
SHARES = {"dense": [0.9, 0.6, 0.2], "convolution": [0.95, 0.9, 0.7]}
BINS = [0.3, np.nan, 0.9], [0.2, np.nan, 1.0], [4, 0, 96]

CASES = {
    "show_influence": (plots.show_influence, (IMAGES, MAPS), {}),
    "show_influence titles": (plots.show_influence, (IMAGES[:, 0], MAPS), {"titles": ["a", "b"]}),
    "plot_shifts": (plots.plot_shifts, ([0, 2, 4], SHARES), {}),
    "plot_calibration": (plots.plot_calibration, BINS, {}),
}


@pytest.mark.parametrize("case", CASES)
def test_keeps_what_every_picture_promises(case):
    assert_keeps_promises(*CASES[case])


def test_every_picture_has_a_case():
    assert {function for function, _, _ in CASES.values()} == pictures_of(inspection)


def test_each_image_has_its_maps_behind_it_on_scales_of_their_own():
    axes = plots.show_influence(IMAGES, MAPS, titles=["first", "second"])
    assert axes.shape == (2, 3)
    assert [ax.get_title() for ax in axes[0]] == ["image", "gradient", "covered"]
    assert [ax.get_ylabel() for ax in axes[:, 0]] == ["first", "second"]
    for s, row in enumerate(axes):
        np.testing.assert_array_equal(row[0].images[0].get_array(), IMAGES[s, 0])
        for ax, values in zip(row[1:], MAPS.values(), strict=True):
            np.testing.assert_array_equal(ax.images[0].get_array(), values[s])
            largest = np.abs(values[s]).max()
            assert ax.images[0].get_clim() == (-largest, largest)
    # A map of windows lies in the middle: window (0, 0) of 3 x 3 begins one pixel in.
    assert axes[0, 2].images[0].get_extent() == [0.5, 3.5, 4.5, 0.5]
    assert axes[0, 2].get_xlim() == (-0.5, 4.5)


def test_a_line_goes_around_the_ink_if_there_is_some():
    around = plots.show_influence(IMAGES, MAPS)[0, 1].collections
    (path,) = around[0].get_paths()
    assert path.get_extents().bounds == (1.5, 0.5, 1.0, 4.0)
    assert not plots.show_influence(np.zeros((2, 6, 5)), MAPS)[0, 1].collections


def test_shifts_are_in_per_cent_beside_a_guess():
    ax = plots.plot_shifts([0, 2, 4], SHARES, chance=0.2)
    first, second, guess = ax.lines
    np.testing.assert_allclose(first.get_ydata(), [90, 60, 20])
    np.testing.assert_allclose(second.get_xdata(), [0, 2, 4])
    np.testing.assert_allclose(guess.get_ydata(), [20, 20])
    assert legend(ax) == [*SHARES, "a guess"]


def test_an_empty_bin_has_no_point():
    above, below = plots.plot_calibration(*BINS)
    diagonal, points = above.lines
    np.testing.assert_array_equal(diagonal.get_ydata(), [0, 1])
    np.testing.assert_array_equal(points.get_xydata(), [[0.3, 0.2], [0.9, 1.0]])
    assert [bar.get_height() for bar in below.patches] == [4, 0, 96]


@each(
    case={
        "color": (
            lambda: plots.show_influence(np.zeros((2, 3, 6, 5)), MAPS), "X has depth 3, needs 1"
        ),
        "no maps": (lambda: plots.show_influence(IMAGES, {}), "maps is empty"),
        "one map": (
            lambda: plots.show_influence(IMAGES, {"a": np.zeros((1, 6, 5))}),
            r"maps\['a'\] has 1 maps for 2 images",
        ),
        "titles": (
            lambda: plots.show_influence(IMAGES, MAPS, titles=["a"]), "1 titles for 2 images"
        ),
        "no curve": (lambda: plots.plot_shifts([0], {}), "accuracies is empty"),
        "too many": (
            lambda: plots.plot_shifts([0], {key: [1] for key in "abcdefg"}), "7 curves, needs 6"
        ),
        "short": (lambda: plots.plot_shifts([0, 1], {"a": [1]}), "a has 1 values, needs 2"),
        "bins": (
            lambda: plots.plot_calibration([0.5], [0.5], [1, 2]),
            "1 values of confidence, 1 of accuracy and 2 counts",
        ),
    }
)  # fmt: skip
def test_refuses(case):
    call, words = case
    with pytest.raises(ValueError, match=words):
        call()
