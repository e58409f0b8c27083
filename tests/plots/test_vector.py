"""Figures as SVG: the same twice, words as text, colors by name, photographs as JPEG."""

import re

import matplotlib.pyplot as plt
import numpy as np

from cnnlab import palette, plots
from cnnlab.plots import style, vector


def search():
    plots.show_search([[1, 2, 3]], [[1, 4]], [[9, 14]], (0, 1))
    return vector.figure_svg(plt.gcf())


def test_the_same_figure_gives_the_same_text_without_long_numbers():
    svg = search()
    plt.close("all")
    assert search() == svg
    assert svg.startswith("<svg viewBox=")
    outside = re.sub(r"base64,[^\"]*", "", svg)
    assert not re.search(r"\d\.\d{5}", outside)
    assert not re.search(r' d="[^"]*\d\.\d{3}', outside)
    assert "<style" not in svg  # it would be one for the whole page
    assert len(svg) < 15_000


def test_words_are_text_and_formulas_outlines_with_their_size():
    svg = search()
    assert ">Z[0, 1] = 2·1 + 3·4 = 14</text>" in svg
    assert {float(size) for size in re.findall(r"font-size:([\d.]+)px", svg)} == {style.SIZE}
    assert set(re.findall(r'data-size="([^"]*)"', svg)) == {f"{style.SIZE:g}"}


def test_colors_have_their_names_and_the_paper_is_one_rectangle():
    svg = search()
    assert svg.count(vector.PAPER) == 1
    for name in ("X", "w", "Z", "ink"):
        assert f"var(--cnn-{name},{palette.colors()[name]})" in svg


def test_small_grids_keep_their_pixels_and_photographs_become_jpeg():
    plots.show_image(np.eye(3))
    assert "data:image/png;base64," in vector.figure_svg(plt.gcf())
    plt.close("all")
    rows, columns = np.mgrid[:150, :200]
    plots.show_image(np.sin(rows / 20) * np.cos(columns / 30) / 2 + 0.5)
    svg = vector.figure_svg(plt.gcf())
    assert svg.count("data:image/jpeg;base64,") == 1
    assert len(svg) < 20_000


def test_outside_a_notebook_nothing_is_published():
    vector.publish()
