"""What pictures share: checks of their arrays, limits, written numbers, figures."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from support.pictures import assert_refused, texts

from cnnlab import palette, plots
from cnnlab.plots import style


def test_other_figures_stay_open():
    mine = plt.figure()
    plots.show_maps(np.zeros((2, 3, 3)))
    assert plt.fignum_exists(mine.number)


def test_gray_images_share_black_and_white():
    assert plots.show_image([[0.2, 0.4]]).images[0].get_clim() == (0, 1)
    assert plots.show_image([[-2.0, 7.0]]).images[0].get_clim() == (-2, 7)


def test_grid_formats_and_has_no_minus_zero():
    ax = plots.show_grid([[-0.001, 3.14159]], fmt=".1f")
    assert texts(ax)[:2] == ["0.0", "3.1"]


def luminance(color):
    return np.dot([0.2126, 0.7152, 0.0722], ((np.asarray(color) + 0.055) / 1.055) ** 2.4)


@pytest.mark.parametrize("mode", palette.MODES)
@pytest.mark.parametrize("numbers", [[[-9, 0, 9]], [[0, 9]]])
def test_grid_digits_contrast_with_their_cell_on_either_paper(numbers, mode):
    colors = palette.colors(mode)
    paper, ink = (np.array(to_rgb(colors[name])) for name in ("paper", "ink"))
    for color in (style.BLUE, style.VERMILION, style.GREEN, style.PURPLE, style.PALE):
        ax = plots.show_grid(numbers, signed=len(numbers[0]) == 3, color=color)
        assert {text.get_color() for text in ax.texts[:2]} == {style.INK}
        for cell in ax.images[0].get_array().reshape(-1, 4):
            seen = cell[3] * cell[:3] + (1 - cell[3]) * paper
            low, high = sorted((luminance(seen), luminance(ink)))
            assert (high + 0.05) / (low + 0.05) > 4.5


REFUSED = {
    "rank of an image": (
        lambda: plots.show_image(np.zeros((1, 1, 4, 4))),
        r"show_image: image has 4 axes \(1, 1, 4, 4\), needs \(M, N\) or \(D, M, N\); ",
    ),
    "depth of an image": (
        lambda: plots.show_image(np.zeros((2, 4, 4))),
        r"show_image: image has depth 2 \(2, 4, 4\), needs 1 \(gray\) or 3",
    ),
    "bytes as colors": (
        lambda: plots.show_image(np.full((3, 2, 2), 255)),
        r"show_image: colors of image go from 255 to 255, need \[0, 1\]",
    ),
    "text": (
        lambda: plots.show_image([["a", "b"]]),
        r"show_image: image has dtype <U1, needs real numbers",
    ),
    "no pixel": (
        lambda: plots.show_image(np.zeros((0, 4))),
        r"show_image: image is empty \(shape \(0, 4\)\)",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_wrong_input_is_refused_in_words(case):
    assert_refused(*REFUSED[case])
