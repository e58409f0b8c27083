"""Figures as SVG: small, the same in every run, and at home on a light page and on a dark one.

Words stay text, so that a page can give them its font, and a reader can find them; formulas become
outlines. Photographs become JPEG, small grids stay pixels with sharp edges. The white paper is one
rectangle, which the website takes away.
"""

from __future__ import annotations

import base64
import re
import sys
from io import BytesIO, StringIO
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib import patheffects
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from cnnlab import palette

FAMILY = "'Source Sans 3', 'Source Sans Pro', 'DejaVu Sans', Arial, sans-serif"
PAPER = '<rect class="paper" width="100%" height="100%" fill="#fff"/>'
NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
GEOMETRY = re.compile(r'(?<=\s)(d|x|y|x1|x2|y1|y2|width|height|viewBox|points)="([^"]*)"')
NAMES = {color: name for name, color in palette.colors("light").items()}
COLOR = re.compile(r"#[0-9a-f]{6}")
# The same outline twice: in the color of the paper and wide, then as it is.
HALOED = re.compile(
    r'(<path d="([^"]*)"[^>]*style="[^"]*stroke-width[^"]*)("/>)\s*<path d="\2"[^>]*/>'
)
GAP = re.compile(r"\s*([A-Za-z])\s*")  # around the letters of a path
STYLE = re.compile(r'style="([^"]*)"')
EMBEDDED = re.compile(r"data:image/png;base64,\s*([A-Za-z0-9+/=\s]+)")
PHOTOGRAPH = 10_000  # pixels of many shades, from which on a JPEG is smaller
SHADES = 64
CURVE = 400  # characters, from which on a path is a curve


def figure_svg(figure: Figure) -> str:
    """Write a figure as the source of an SVG element.

    Parameters
    ----------
    figure : Figure
        The figure; its formulas are marked to be drawn as outlines.

    Returns
    -------
    svg : str
        Without a prolog, coordinates rounded to a hundredth of a point or to a tenth: last digits
        differ from one processor to the next.
    """
    figure.draw_without_rendering()  # makes the labels of the axes
    formulas = [text for text in figure.findobj(Text) if _is_formula(text)]
    for place, text in enumerate(formulas):
        text.set_gid(f"formula-{place}-{text.get_fontsize():g}")
        if not text.get_path_effects():
            text.set_path_effects([patheffects.Normal()])  # outlines, whatever fonts there are
    written = StringIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "cnnlab"}):
        figure.savefig(
            written,
            format="svg",
            bbox_inches="tight",
            pad_inches=0.02,
            facecolor="none",
            metadata={"Date": None, "Creator": None, "Format": None, "Type": None},
        )
    return _tidy(written.getvalue())


def publish() -> None:
    """Let a notebook show figures as SVG; does nothing anywhere else."""
    frontend = sys.modules.get("IPython")
    shell: Any = frontend and frontend.get_ipython()
    if not shell or "inline" not in mpl.get_backend():
        return
    plt.switch_backend(mpl.get_backend())  # it registers formats of its own when it is loaded
    formatters = shell.display_formatter.formatters
    for formatter in formatters.values():
        formatter.pop(Figure, None)
    formatters["image/svg+xml"].for_type(Figure, figure_svg)


def _is_formula(text: Text) -> bool:
    """Tell a text with a formula in it from plain words."""
    return text.get_text().count("$") >= 2


def _tidy(svg: str) -> str:
    """Bring what matplotlib wrote into its short form."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>|<title>.*?</title>", "", svg, flags=re.S)
    svg = EMBEDDED.sub(_embed, svg)
    svg = GEOMETRY.sub(_short_geometry, svg)
    svg = re.sub(r'transform="([^"]*)"', lambda match: f'transform="{_rounded(match[1], 4)}"', svg)
    svg = STYLE.sub(_short_style, svg)
    svg = HALOED.sub(r"\1;paint-order:stroke\3", svg)
    svg = re.sub(r'<g id="formula-\d+-([\d.]+)">', r'<g data-size="\1">', svg)
    svg = re.sub(r'<g id="(?:text|xtick|ytick|line2d|patch|matplotlib)[^"]*">', "<g>", svg)
    svg = re.sub(r' transform="rotate\(-?0 [^"]*\)"', "", svg)
    svg = svg.replace("xlink:href", "href").replace('"\n   ', '" ')
    svg = re.sub(r"\n\s*", "\n", re.sub(r"\s+(?=/?>)", "", svg))
    svg = re.sub(r'(?<=\sd=")[^"]*', lambda match: GAP.sub(r"\1", match[0].strip()), svg)
    svg = re.sub(r"<g>\s*</g>\n?", "", svg)
    head, rest = svg.split(">", 1)
    head = re.sub(r'\s(?:xmlns:xlink|version|width|height)="[^"]*"', "", head)
    wide, high = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', head).groups()  # type: ignore[union-attr]
    rest = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>\s*", "", rest, count=1, flags=re.S)
    size = f' width="{wide}" height="{high}" stroke-linejoin="round" font-family="{FAMILY}"'
    return f"{head}{size}>\n{PAPER}{rest}".strip()


def _short_geometry(match: re.Match[str]) -> str:
    """Round coordinates; a long path counts in tenths of a point, from point to point."""
    if match[1] == "d" and len(match[2]) > CURVE:
        return f'd="{_short_path(match[2])}"'
    return f'{match[1]}="{_rounded(match[2], 2)}"'


def _short_path(path: str) -> str:
    """Write a path with steps in place of coordinates: a tenth of a point is finer than a pixel."""
    written, at, start = [], (0, 0), (0, 0)
    for command, numbers in re.findall(r"([MLQCz])([^MLQCz]*)", path):
        tenths = [round(10 * float(number)) for number in numbers.split()]
        points = list(zip(tenths[::2], tenths[1::2], strict=True))
        steps = [f"{(x - at[0]) / 10:g} {(y - at[1]) / 10:g}" for x, y in points]
        written.append(command.lower() + " ".join(steps))
        at = points[-1] if points else start
        start = at if command == "M" else start
    return "".join(written).replace(" -", "-")


def _rounded(numbers: str, digits: int) -> str:
    """Round every number of an attribute."""

    def short(match: re.Match[str]) -> str:
        text = f"{float(match[0]):.{digits}f}".rstrip("0").rstrip(".")
        return "0" if text == "-0" else text

    return NUMBER.sub(short, numbers)


def _short_style(match: re.Match[str]) -> str:
    """Leave out what every element has anyway."""
    parts = [part.strip() for part in match[1].split(";")]
    kept = [
        COLOR.sub(_variable, part.replace(": ", ":"))
        for part in parts
        if part and not part.startswith(("font-family", "stroke-linejoin: miter"))
    ]
    return f'style="{";".join(kept)}"'


def _variable(match: re.Match[str]) -> str:
    """Name a color of the palette, so that a page may give it another value."""
    name = NAMES.get(match[0])
    return f"var(--cnn-{name},{match[0]})" if name else match[0]


def _embed(match: re.Match[str]) -> str:
    """Write an embedded image again, as small as it gets."""
    image: Image.Image = Image.open(BytesIO(base64.b64decode(match[1])))
    pixels = np.asarray(image.convert("RGBA")).reshape(-1, 4)
    shades = len(np.unique(pixels, axis=0))
    kind, quality = "png", {}
    if len(pixels) >= PHOTOGRAPH and shades > SHADES and (pixels[:, 3] == 255).all():
        image, kind, quality = image.convert("RGB"), "jpeg", {"quality": 82}
        if (pixels[:, 0] == pixels[:, 1]).all() and (pixels[:, 0] == pixels[:, 2]).all():
            image = image.convert("L")
    elif shades <= 256 and (pixels[:, 3] == 255).all():
        image = image.convert("RGB").quantize(max(shades, 2), dither=Image.Dither.NONE)
    written = BytesIO()
    image.save(written, kind, optimize=True, **quality)
    return f"data:image/{kind};base64," + base64.b64encode(written.getvalue()).decode()
