"""Colors, widths and the style sheet."""

from __future__ import annotations

from typing import Any, TypeAlias

import matplotlib.pyplot as plt
import numpy.typing as npt
from matplotlib.layout_engine import PlaceHolderLayoutEngine

Array: TypeAlias = npt.NDArray[Any]
Limits: TypeAlias = tuple[float, float]
WIDTH = 5.2  # inches; a phone shows this at about 360 px, a desk at about 560
BLUE, VERMILION, GREEN = "#0072B2", "#D55E00", "#009E73"
PURPLE, SKY = "#AA4499", "#56B4E9"
INK, PALE, RULE, PADDING = "#222222", "#555555", "#9A9A9A", "#D3E6F5"
SIGNED_MAP = "RdBu_r"
GRAY_MAP = "gray"
# For figures that place everything themselves; "none" would fall back to the style's layout when
# a figure is saved twice.
FIXED = PlaceHolderLayoutEngine(adjust_compatible=True, colorbar_gridspec=False)


def use_style() -> None:
    """Give every figure drawn from now on the look of the book.

    Loads `cnnlab/plots/cnnlab.mplstyle` into matplotlib's settings. A chapter calls it once, in
    its first cell.

    Examples
    --------
    >>> use_style()
    >>> float(plt.rcParams["figure.dpi"])
    144.0
    """
    plt.style.use("cnnlab.plots.cnnlab")
