"""Everybody can read the colors, and tell the letters apart."""

from itertools import combinations

import numpy as np
import pytest

from cnnlab import palette

# Machado, Oliveira and Fernandes 2009, severity 1.0: how linear RGB looks without one kind of cone.
BLINDNESS = {
    "none": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)


def linear(color):
    """Linear RGB of #rrggbb."""
    parts = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    """What WCAG 2 calls so: 1 to 21."""
    bright, dark = sorted((TO_XYZ[1] @ linear(color) for color in (one, other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def lab(rgb):
    """CIE L*a*b* under the white of the screen."""
    ratios = TO_XYZ @ np.clip(rgb, 0, 1) / TO_XYZ.sum(1)
    f = np.where(ratios > 216 / 24389, np.cbrt(ratios), (24389 / 27 * ratios + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("mode", palette.MODES)
def test_all_can_be_read(mode):
    colors = palette.colors(mode)
    texts = set(colors) - {"paper", "surface", "line"}
    assert {name for letter in palette.LETTERS for name in (letter, f"d{letter}")} <= texts
    weak = {
        (name, ground): round(contrast(colors[name], colors[ground]), 2)
        for name in texts
        for ground in ("paper", "surface")
        if contrast(colors[name], colors[ground]) < 4.5
    }
    assert not weak


@pytest.mark.parametrize("blindness", BLINDNESS)
@pytest.mark.parametrize("mode", palette.MODES)
def test_letters_differ(mode, blindness):
    """By at least 10 in CIE 1976, of which the eye sees 2.3."""
    seen = {
        letter: lab(np.asarray(BLINDNESS[blindness]) @ linear(palette.colors(mode)[letter]))
        for letter in ("X", "w", "Z", "Y")
    }
    alike = {
        pair: round(float(np.linalg.norm(seen[pair[0]] - seen[pair[1]])), 1)
        for pair in combinations(seen, 2)
        if np.linalg.norm(seen[pair[0]] - seen[pair[1]]) < 10
    }
    assert not alike


def test_no_such_mode():
    with pytest.raises(ValueError, match=r"colors: no mode 'drak'.*dark"):
        palette.colors("drak")
