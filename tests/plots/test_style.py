"""The style sheet of the book."""

import matplotlib
from matplotlib.colors import to_hex

from cnnlab import palette
from cnnlab.plots import style


def test_style_has_one_size_of_letters_and_the_colors_of_the_palette():
    settings = matplotlib.rcParams
    assert to_hex(settings["figure.facecolor"]) == palette.colors()["paper"]
    assert to_hex(settings["text.color"]) == palette.colors()["ink"]
    names = ("font.size", "axes.titlesize", "axes.labelsize", "xtick.labelsize", "legend.fontsize")
    assert {settings[name] for name in names} == {style.SIZE}
    lines = settings["axes.prop_cycle"].by_key()
    assert lines["color"] == [palette.colors()[letter] for letter in "XwZYb"]
    assert len(set(map(str, lines["linestyle"]))) == 5  # color is never alone


def test_a_name_has_the_color_of_its_letter():
    colors = palette.colors()
    names = {"X": "X", "w[0, 1]": "w", "dZ[0]": "dZ", r"\partial L / \partial X": "dX"}
    names |= {r"\delta[0]": "dY", r"w\ \mathrm{turned}": "w", "1": "ink"}
    assert {name: style.letter_color(name) for name in names} == {
        name: colors[letter] for name, letter in names.items()
    }
