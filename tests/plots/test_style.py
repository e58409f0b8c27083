"""The style sheet of the book."""

import matplotlib
from matplotlib.colors import to_rgb


def test_style_is_light_and_sharp():
    assert to_rgb(matplotlib.rcParams["figure.facecolor"]) == (1, 1, 1)
    assert matplotlib.rcParams["figure.dpi"] == 144
    assert matplotlib.rcParams["font.size"] >= 10
