"""The turn as a part of a page: a picture, a slider, and what the turned pattern gives."""

from __future__ import annotations

import json
from html import escape

from cnnlab.page.part import Part, file_text
from cnnlab.page.turn import frames
from cnnlab.page.turn.frames import Turn, number

OFF = ' class="tn-off"'  # keeps the room that it takes


def part(of: str) -> Part:
    """Return the pattern of *Input gradient*, to be turned until it fits a pixel.

    Parameters
    ----------
    of : str
        Row and column of the pixel, as in ``"1.1"``.
    """
    row, column = map(int, of.split("."))
    pixel = row, column
    turns = [frames.turned(angle, pixel) for angle in frames.RIGHT_ANGLES]
    still = "".join(
        f"<figure>{frames.draw(turn.angle, pixel, spoken(turn))}"
        f"<figcaption>{result(turn)}</figcaption></figure>"
        for turn in turns
    )
    (x, y), spoken_sums = frames.middle(pixel), {turn.angle: spoken(turn) for turn in turns}
    data = {
        "middle": [frames.TURNING, y],
        "lay": x - frames.TURNING,
        "threads": frames.threads(pixel),
        "spoken": spoken_sums,
    }
    results = "".join(
        f'<p data-angle="{turn.angle}"{"" if turn.angle == 0 else OFF}>{result(turn)}</p>'
        for turn in turns
    )
    html = (
        f'<div class="cnn-turn" data-values="{escape(json.dumps(data, separators=(",", ":")))}">'
        f'<div class="tn-live">{frames.draw(0, pixel, spoken(turns[0]))}'
        '<label class="tn-pull"><span>Turn w</span><input type="range" min="0" max="180"'
        ' value="0" aria-valuetext="0 degrees"></label>'
        f'<div class="tn-results" aria-hidden="true">{results}<p data-angle=""{OFF}>'
        "Pull on: the threads lead each window to its weight.</p></div>"
        '<p class="tn-said" aria-live="polite"></p></div>'
        f'<div class="tn-still">{still}</div></div>'
    )
    return Part(
        html,
        scripts={"turn.js": file_text("turn/turn.js")},
        styles={"turn.css": file_text("turn/turn.css")},
    )


def pairs(turn: Turn) -> list[tuple[int, int]]:
    """Return the entries of the block with the weights upon them, in the order of reading."""
    return [(int(a), int(b)) for a, b in zip(turn.block.flat, turn.weights.flat, strict=True)]


def result(turn: Turn) -> str:
    """Write the sum, and whether it is the gradient of the pixel."""
    terms = " + ".join(
        f'<span><b class="tn-of-dZ">{f"({number(a)})" if a < 0 else a}</b>·'
        f'<b class="tn-of-w">{number(b)}</b></span>'
        for a, b in pairs(turn)
    )
    found = turn.total == turn.right
    verdict = (
        f"✓ the {number(turn.right)} of the table"
        if found
        else f"✗ the table says {number(turn.right)}"
    )
    return (
        f'<span class="tn-sum">{terms} = <strong>{number(turn.total)}</strong></span> '
        f'<span class="tn-{"found" if found else "missed"}">{verdict}</span>'
    )


def spoken(turn: Turn) -> str:
    """Say the same in words."""
    terms = " plus ".join(f"{a} times {b}" for a, b in pairs(turn)).replace("-", "minus ")
    end = (
        f"the {turn.right} of the table. Each window meets the weight under which the pixel lies"
        if turn.total == turn.right
        else f"but the table says {turn.right}"
    )
    return f"Turned by {turn.angle} degrees and laid on dZ, w gives {terms}: {turn.total}, {end}."
