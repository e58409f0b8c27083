r"""Cut the fonts of the website out of the packages that carry them.

    npm pack @fontsource-variable/source-serif-4 @fontsource-variable/source-sans-3 \
        @fontsource-variable/source-code-pro
    for package in *.tgz; do tar xzf $package --one-top-level; done
    python -m tools.subset_fonts .

What no page needs is left out: characters, features, weights. A file holds all weights between
its two. `fonttools` and `brotli` must be installed.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import NamedTuple

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

FONTS = Path(__file__).resolve().parents[1] / "book" / "_static" / "fonts"
SIGNS = "–—‘’“”•…′″←↑→↓−≈≠≤≥⌊⌋"  # noqa: RUF001 (that is what they are)
LATIN = [*range(0x20, 0x7F), *range(0xA0, 0x100), *map(ord, SIGNS)]
NAMES = [*range(0x100, 0x180), *range(0x2B0, 0x2DE)]  # of authors
GREEK = [*range(0x391, 0x3AA), *range(0x3B1, 0x3CA)]
FEATURES = ["kern", "liga", "locl", "mark", "tnum"]


class Part(NamedTuple):
    """One file of a package, and what is taken of it."""

    family: str
    name: str
    characters: list[int]
    axes: dict[str, float | tuple[float, float]]

    @property
    def target(self) -> Path:
        """Where it goes."""
        return FONTS / f"{self.family}-{self.name}.woff2"


PARTS = (
    Part("source-serif-4", "latin-wght-normal", LATIN, {"wght": (400, 700)}),
    Part("source-serif-4", "latin-wght-italic", LATIN, {"wght": (400, 600)}),
    Part("source-serif-4", "latin-ext-wght-normal", NAMES, {"wght": (400, 600)}),
    Part("source-serif-4", "greek-wght-normal", GREEK, {"wght": (400, 600)}),
    # Cut for large sizes: titles.
    Part("source-serif-4", "latin-opsz-normal", LATIN, {"wght": (400, 600), "opsz": 40}),
    Part("source-sans-3", "latin-wght-normal", LATIN, {"wght": (400, 700)}),
    Part("source-code-pro", "latin-wght-normal", LATIN, {"wght": (400, 600)}),
)


def cut(part: Part, source: Path) -> None:
    """Write what is needed of a font."""
    font = TTFont(source)
    subsetter = Subsetter(Options(layout_features=FEATURES))
    subsetter.populate(unicodes=part.characters)
    subsetter.subset(font)
    instancer.instantiateVariableFont(font, part.axes, inplace=True)
    font.flavor = "woff2"
    font.save(part.target)


def main(folder: str) -> None:
    """Write all fonts, each with its licence beside it."""
    FONTS.mkdir(exist_ok=True)
    for part in PARTS:
        (package,) = Path(folder).glob(f"*{part.family}-[0-9]*/package")
        cut(part, package / "files" / f"{part.family}-{part.name}.woff2")
        shutil.copy(package / "LICENSE", FONTS / f"{part.family}-LICENSE.txt")
        print(f"{part.target.name}: {part.target.stat().st_size / 1000:.1f} kB")


if __name__ == "__main__":
    main(sys.argv[1])
