"""What a figure puts on a page: an element with its style sheet, a still picture and its script."""

import json
import re
from collections.abc import Sequence
from html import escape
from typing import Any
from urllib.parse import quote

from cnnlab import palette
from cnnlab.page.explorer.words import Piece
from cnnlab.page.part import file_text
from cnnlab.page.shared import NAMES, script

# Characters that may stand in a quoted address as they are; escaping them makes it no safer.
SAFE = " /=:;,.()[]{}+*?!'"
# Seen where neither style sheets nor scripts are let in: in a notebook that nobody has run here.
NOT_RUN = '<p class="cx-run">This is a still picture. Run its cell, and the figure answers.</p>'


def letters(mode: str) -> str:
    """Write the rules that give planes the colors of the palette.

    A website that has a palette of its own gives these; JupyterLab and VS Code only say whether
    they are dark.
    """
    colors = palette.colors(mode)
    names = [f"{change}{letter}" for letter in palette.LETTERS for change in ("", "d")]
    values = "".join(f"--cx-{name}:var(--cnn-{name},{colors[name]});" for name in names)
    everywhere = ":is(.cx-picture,.cx-sum,.cx-controls)"
    if mode == "dark":
        dark = "[data-jp-theme-light='false'],.vscode-dark"
        return f":is({dark}) {everywhere}{{{values}}}\n"
    owns = "".join(f".cx-of-{name}{{--cx-own:var(--cx-{name})}}\n" for name in names)
    return f"{everywhere}{{{values}}}\n{owns}"


def script_text(subject: str) -> str:
    """Return the script of a computation: the shared files, the subject of this one, the element.

    Parameters
    ----------
    subject : str
        Name of its file.
    """
    own = ("draw.js", "board.js", "words.js", "motion.js", subject, "explorer.js")
    return script(*NAMES, *(f"explorer/{name}" for name in own))


def element(
    tag: str,
    data: dict[str, Any],
    *,
    how: str,
    picture: str,
    alt: str,
    pieces: Sequence[Piece],
    script: str,
    style: str = "",
    below: str = "",
) -> str:
    """Return a figure as HTML.

    Parameters
    ----------
    tag : str
        Name of the element; in explorer.css it is called cnnlab-figure.
    data : dict
        What the script is given.
    how : str
        Words below the picture.
    picture, alt : str
        The first state as an inline SVG, and in words: where scripts do not run.
    pieces : sequence of list of (str, str)
        The line below the picture; it may break between them.
    script : str
        JavaScript.
    style : str
        A style sheet for this kind of figure alone.
    below : str
        HTML below the line.

    Returns
    -------
    html : str
        The same text for the same arguments, always.
    """
    style = letters("light") + file_text("explorer/picture.css") + style
    around = letters("dark") + file_text("explorer/explorer.css").replace("cnnlab-figure", tag)
    values = escape(json.dumps(data, separators=(",", ":"), ensure_ascii=False))
    return (
        f'<{tag} data-values="{values}">\n'
        f"<style>\n{style}{around}</style>\n"
        f"<p>{still_image(picture, style, alt)}</p>\n"
        f'<p class="cx-sum">{spans(pieces)}</p>\n'
        f'{below}<p class="cx-how">{how}</p>\n{NOT_RUN}\n'
        f"</{tag}>\n<script>\n{script}</script>"
    )


def spans(pieces: Sequence[Piece]) -> str:
    """Return pieces, between which a line may break, as HTML: each text in the color of its letter.

    The letter of a name leans, as in formulas.
    """

    def written(letter: str, text: str) -> str:
        leaning = re.sub(r"^(d?)([XwbZY])\[", r"\1<i>\2</i>[", text)
        return f'<b class="cx-of-{letter}">{leaning}</b>' if letter else text

    return " ".join(
        f"<span>{''.join(written(letter, text) for letter, text in piece)}</span>"
        for piece in pieces
    )


def still_image(picture: str, style: str, alt: str) -> str:
    """Return an inline SVG as an image: JupyterLab keeps it in notebooks that it does not trust."""
    still = picture.replace(
        '<svg class="cx-picture"', '<svg xmlns="http://www.w3.org/2000/svg" class="cx-picture"'
    )
    paper = '<rect width="100%" height="100%" fill="#fff"/>'
    still = still.replace(">", f"><style>\n{style}</style>{paper}", 1).replace('"', "'")
    address = quote(still, safe=SAFE)
    return f'<img class="cx-still" src="data:image/svg+xml,{address}" alt="{escape(alt)}">'
