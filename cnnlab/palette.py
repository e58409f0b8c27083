"""Colors and letters of the course, as `cnnlab/palette.toml` has them.

One file is read by everything that draws: formulas, loops, figures, explorers, pages.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Any

from cnnlab.shapes.numbers import as_choice

MODES = ("light", "dark")
# The letters with a color of their own; so has the gradient of each.
LETTERS = ("X", "w", "b", "Z", "Y")


@functools.cache
def _read() -> dict[str, dict[str, Any]]:
    file = resources.files("cnnlab").joinpath("palette.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


def colors(mode: str = "light") -> Mapping[str, str]:
    """Return the colors of a mode by name.

    Parameters
    ----------
    mode : {"light", "dark"}
        Whether the paper is light or dark.

    Returns
    -------
    colors : mapping of str to str
        Each as `#rrggbb`: of what the page is made of (`paper`, `surface`, `ink`, `soft`, `line`,
        `link`, `good`, `bad`), of the letters, and of their gradients (`dX`).

    Raises
    ------
    ValueError
        If there is no such mode.

    Examples
    --------
    >>> sorted(colors("dark")) == sorted(colors("light"))
    True
    """
    return _read()[as_choice(mode, "colors", "mode", MODES)]


def typography() -> Mapping[str, Any]:
    """Return families, sizes and widths of the text, as style sheets write them."""
    return _read()["type"]
