"""Colors, widths and the style sheet."""

from __future__ import annotations

import re
from typing import Any, TypeAlias

import matplotlib.pyplot as plt
import numpy.typing as npt
from cycler import cycler
from matplotlib.colors import LinearSegmentedColormap, to_rgba
from matplotlib.layout_engine import PlaceHolderLayoutEngine

from cnnlab import palette
from cnnlab.plots import vector

Array: TypeAlias = npt.NDArray[Any]
Limits: TypeAlias = tuple[float, float]
# A phone of 320 pixels shows a point as 0.9 pixels, a desk as 1.5: so letters of this one size have
# 11 pixels at least, and 19 at most.
WIDTH, SIZE = 4.45, 12.5  # inches, points
COLORS = palette.colors("light")
# Those of X, w, Z, Y and b, wherever a drawing needs so many: lines of a chart, say.
BLUE, VERMILION, GREEN, PURPLE, OCHER = (COLORS[letter] for letter in "XwZYb")
PAPER, INK, PALE, RULE = (COLORS[name] for name in ("paper", "ink", "soft", "line"))
EDGE = "#8c959f"  # frames of images, marks between light and dark
LOOKS = [
    (BLUE, "-", "o"),
    (VERMILION, "--", "s"),
    (GREEN, "-.", "^"),
    (PURPLE, ":", "D"),
    (OCHER, (0, (5, 1, 1, 1, 1, 1)), "v"),
    (INK, "-", "x"),
]
SIGNED_MAP = "RdBu_r"
GRAY_MAP = "gray"
STRENGTH = 0.5  # of the strongest cell; its digits stay legible on light and dark pages


def tint(color: str, strength: float = STRENGTH) -> LinearSegmentedColormap:
    """Make a map from nothing to a color, as strong as digits in ink can bear."""
    none = (*to_rgba(color)[:3], 0.0)
    return LinearSegmentedColormap.from_list("tint", [none, to_rgba(color, strength)])


# Signed cells with digits: blue below 0, nothing at 0, red above.
SIGNED_TINT = LinearSegmentedColormap.from_list(
    "signed",
    [(*to_rgba(end)[:3], part) for end, part in
     (("#2166ac", 0.6), ("#2166ac", 0.0), ("#b2182b", 0.0), ("#b2182b", 0.6))],
)  # fmt: skip
PADDING = to_rgba(BLUE, 0.16)  # what is not there
# For figures that place everything themselves; "none" would fall back to the style's layout when
# a figure is saved twice.
FIXED = PlaceHolderLayoutEngine(adjust_compatible=True, colorbar_gridspec=False)


def letter_color(name: str) -> str:
    r"""Find the color of an array by its name: X, w[0], dZ, \\partial L / \\partial X; or ink.

    Examples
    --------
    >>> letter_color("w[0, 1]") == COLORS["w"], letter_color("1") == INK
    (True, True)
    """
    plain = re.sub(r"\\mathrm\{[^}]*\}|\\[ ,;]|\{|\}", "", name)
    if plain.startswith(r"\delta"):
        return COLORS["dY"]
    if found := re.fullmatch(r"\\partial L / \\partial ([XwbZY])(\[.*)?", plain):
        return COLORS["d" + found[1]]
    found = re.fullmatch(r"(d?[XwbZY])(\[[^\]]*\])?\s*", plain)
    return COLORS[found[1]] if found else INK


def use_style() -> None:
    """Give every figure drawn from now on the look of the book.

    Loads `cnnlab/plots/cnnlab.mplstyle` into matplotlib's settings, with the colors of
    `cnnlab/palette.toml`; a notebook shows figures as SVG from then on. A chapter calls it once,
    in its first cell.

    Examples
    --------
    >>> use_style()
    >>> float(plt.rcParams["font.size"])
    12.5
    """
    plt.style.use("cnnlab.plots.cnnlab")
    plt.rcParams.update(
        {
            "figure.figsize": (WIDTH, 3.0),
            **dict.fromkeys(("figure.facecolor", "savefig.facecolor", "axes.facecolor"), PAPER),
            **dict.fromkeys(("text.color", "axes.labelcolor"), INK),
            **dict.fromkeys(("xtick.labelcolor", "ytick.labelcolor"), INK),
            **dict.fromkeys(("axes.edgecolor", "xtick.color", "ytick.color"), PALE),
            "grid.color": RULE,
            "axes.prop_cycle": cycler(color=[color for color, _, _ in LOOKS[:5]])
            + cycler(linestyle=[dashes for _, dashes, _ in LOOKS[:5]]),
        }
    )
    vector.publish()
