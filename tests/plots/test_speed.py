"""What makes code fast, in pictures: right numbers in the right places, wrong input refused."""

import numpy as np
import pytest
from matplotlib.patches import Rectangle
from support.pictures import assert_keeps_promises, assert_refused, pictures_of, texts

from cnnlab import plots
from cnnlab.plots import speed

ROW, COLUMN = np.zeros((2, 6, 20), bool)
ROW[1, 2:14] = COLUMN[:, 3] = True
RATES = {"loops": 0.004, "compiled": 4.0, "tile": 120.0}
TILES = {(1, 1): 30.0, (4, 4): 120.0, (8, 6): 70.0}
LAYERS = {"wide": (150, 90), "ReLU": (0.125, 2), "lenet1": (9.8, 60)}
PARTS = {"0 Conv2D": (2, 5), "1 ReLU": (0, 1), "2 Dense": (1, 1)}

CASES = {
    "cache lines": (plots.show_cache_lines, ([ROW, COLUMN], ["a row", "a column"]), {}),
    "tile": (plots.show_tile, (4, 3), {}),
    "rates": (plots.plot_rates, (RATES,), {}),
    "tile rates": (plots.plot_tile_rates, (TILES, 32), {}),
    "roofline": (plots.plot_roofline, (100, 20, LAYERS), {}),
    "shares": (plots.plot_shares, (PARTS,), {}),
}


@pytest.mark.parametrize("case", CASES)
def test_keeps_what_every_picture_promises(case):
    assert_keeps_promises(*CASES[case])


def test_every_picture_has_a_case():
    assert {function for function, _, _ in CASES.values()} == pictures_of(speed)


def test_what_comes_with_a_number_is_its_cache_line():
    axes = plots.show_cache_lines([ROW, COLUMN], ["a row", "a column"], line=16)
    pictures = [np.asarray(ax.images[0].get_array()) for ax in axes]
    loaded = [picture[..., 3] > 0 for picture in pictures]
    # numbers 22 to 33 of the row lie in lines 1 and 2, which are the numbers 16 to 47
    np.testing.assert_array_equal(np.flatnonzero(loaded[0]), np.arange(16, 48))
    # 3, 23, 43, 63, 83 and 103: lines 0 to 3, 5 and 6
    lines = [np.arange(16 * line, 16 * line + 16) for line in (0, 1, 2, 3, 5, 6)]
    np.testing.assert_array_equal(np.flatnonzero(loaded[1]), np.concatenate(lines))
    dark = [picture[..., 3] == 1 for picture in pictures]
    np.testing.assert_array_equal(dark[0], ROW)
    np.testing.assert_array_equal(dark[1], COLUMN)
    assert [ax.get_title() for ax in axes] == ["a row", "a column"]


def test_a_new_cache_line_begins_at_a_mark():
    (ax,) = plots.show_cache_lines([ROW], line=32)
    upright = [line for line in ax.get_lines() if line.get_xdata()[0] == line.get_xdata()[1]]
    begins = [20 * (line.get_ydata()[0] + 0.5) + line.get_xdata()[0] + 0.5 for line in upright]
    assert begins == [0, 32, 64, 96]


def test_a_tile_has_a_box_for_each_pair():
    ax = plots.show_tile(2, 3)
    found = texts(ax)
    assert [f"+= w{r} x{v}" in found for r in range(2) for v in range(3)] == [True] * 6
    assert {"x0", "x2", "w0", "w1", "V vectors of pixels", "R weights"} <= set(found)
    boxes = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
    assert len(boxes) == 2 + 3 + 2 * 3


def test_rates_say_how_many_times_the_one_above():
    ax = plots.plot_rates(RATES, unit="images per second")
    assert texts(ax) == ["0.004", "4, times 1,000", "120, times 30"]
    ends = [bar.get_x() + bar.get_width() for bar in ax.patches]
    np.testing.assert_allclose(ends, list(RATES.values()))
    assert [label.get_text() for label in ax.get_yticklabels()] == list(RATES)
    assert (ax.get_xscale(), ax.get_xlabel()) == ("log", "images per second")
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # the first on top


def test_tiles_stand_at_their_loads():
    ax = plots.plot_tile_rates(TILES, 32)
    found = {line.get_xydata()[0].tolist()[1]: line for line in ax.get_lines()}
    for (rows, vectors), rate in TILES.items():
        assert found[rate].get_xdata()[0] == pytest.approx(1 / rows + 1 / vectors)
    assert [found[rate].get_marker() for rate in TILES.values()] == ["o", "o", "s"]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["fits", "does not fit"]
    assert texts(ax)[:3] == ["1 x 1", "4 x 4", "8 x 6"]


@pytest.mark.parametrize(("registers", "hollow"), [(20, True), (21, False)])
def test_a_tile_fits_if_sums_pixels_and_a_weight_do(registers, hollow):
    (line,) = plots.plot_tile_rates({(4, 4): 1.0}, registers).get_lines()
    assert (line.get_marker() == "s") == hollow


def test_the_roof_bends_where_both_limits_meet():
    ax = plots.plot_roofline(100, 20, LAYERS)
    roof, *points = ax.get_lines()
    x, y = roof.get_xdata(), roof.get_ydata()
    np.testing.assert_allclose(y, np.minimum(100, 20 * np.asarray(x)))
    assert x[1] == 5
    order = ["ReLU", "lenet1", "wide"]
    np.testing.assert_allclose(
        [line.get_xydata()[0] for line in points], [LAYERS[name] for name in order]
    )
    names = [text.get_text() for text in ax.figure.legends[0].get_texts()]
    assert names == ["1 ReLU", "2 lenet1", "3 wide"]
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")


def test_shares_add_up_to_the_whole():
    ax = plots.plot_shares(PARTS)
    assert texts(ax) == ["70 %", "10 %", "20 %"]
    assert sum(bar.get_width() for bar in ax.patches) == pytest.approx(100)
    assert [label.get_text() for label in ax.get_yticklabels()] == list(PARTS)
    names = [text.get_text() for text in ax.figure.legends[0].get_texts()]
    assert names == ["forward", "backward"]


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (lambda: plots.show_cache_lines([]), "touched is empty"),
        (lambda: plots.show_cache_lines([[1, 0]]), "touched has 1 axes"),
        (lambda: plots.show_cache_lines([ROW], ["a", "b"]), "2 titles for 1 panels"),
        (lambda: plots.show_tile(0, 3), "got 0 rows and 3 vectors"),
        (lambda: plots.show_tile(1, 0), "got 1 rows and 0 vectors"),
        (lambda: plots.plot_rates({}), "rates is empty"),
        (lambda: plots.plot_rates({"a": 0}), "a is 0, needs a number above 0"),
        (lambda: plots.plot_rates({"a": np.nan}), "a is nan"),
        (lambda: plots.plot_tile_rates({}, 32), "tiles is empty"),
        (lambda: plots.plot_tile_rates({(1, 2): -1.0}, 32), "1 x 2 is -1.0"),
        (lambda: plots.plot_roofline(1, 1, {}), "layers is empty"),
        (lambda: plots.plot_roofline(0, 1, {"a": (1, 1)}), "peak is 0"),
        (lambda: plots.plot_roofline(1, np.inf, {"a": (1, 1)}), "bandwidth is inf"),
        (lambda: plots.plot_roofline(1, 1, {"a": (0, 1)}), "the intensity of a is 0"),
        (lambda: plots.plot_roofline(1, 1, {"a": (1, 0)}), "the rate of a is 0"),
        (lambda: plots.plot_shares({}), "parts is empty"),
        (lambda: plots.plot_shares({"a": (0, 0)}), "not all 0"),
        (lambda: plots.plot_shares({"a": (-1, 2)}), "not below 0"),
        (lambda: plots.plot_shares({"a": (1, 2, 3)}), "two times for each layer"),
    ],
)
def test_wrong_input_is_refused(draw, words):
    assert_refused(draw, words)
