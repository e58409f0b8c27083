"""The still picture: one digit, its maps and what is read. On paper, and where no script runs."""

from __future__ import annotations

import struct
import zlib
from base64 import b64encode

import numpy as np

from cnnlab.fast import softmax
from cnnlab.layers import Flatten
from cnnlab.page.digit.payload import ten_digits
from cnnlab.page.digit.weights import reader

SHOWN = 3  # the test digit; the script begins with the same
WIDTH = 360  # units of the picture
SHADES = 15  # of a color: more are not seen, and weigh more
LINE = 16
PLUS, MINUS = "var(--cnn-bad)", "var(--cnn-X)"
# Stages by their places in the network: what they are called, and how many maps lie in a row.
STAGES = {
    1: ("First search: Z", 6),
    2: ("behind ReLU: Y", 6),
    3: ("the largest of 2 by 2", 6),
    4: ("Second search: Z", 8),
    5: ("behind ReLU: Y", 8),
    6: ("the largest of 2 by 2", 8),
}
FEW = (1, 3)  # where the page has more to show


def stages(image: np.ndarray) -> list[np.ndarray]:
    """Return an image (28, 28) and what each layer makes of it, maps first."""
    X = image[np.newaxis, np.newaxis] / 255
    found = [X[0]]
    for layer in reader().layers:
        X = layer.forward(X, training=False)
        if not isinstance(layer, Flatten):
            found.append(X[0])
    return found


def png(values: np.ndarray) -> str:
    """Return values from 0 to 1 as the address of a gray picture."""
    rows, columns = values.shape
    lines = np.zeros((rows, columns + 1), np.uint8)  # a line begins with 0: it is as it comes
    lines[:, 1:] = np.rint(values * SHADES) * (255 // SHADES)

    def chunk(kind: bytes, content: bytes) -> bytes:
        checked = kind + content
        return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

    head = struct.pack(">IIBBBBB", columns, rows, 8, 0, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(lines.tobytes(), 9))
    content = b"\x89PNG\r\n\x1a\n" + body + chunk(b"IEND", b"")
    return f"data:image/png;base64,{b64encode(content).decode('ascii')}"


def shaded(values: np.ndarray, box: tuple[float, float, float, float], color: str, at: str) -> str:
    """Draw values from 0 to 1 in a color: the picture says how much of it shows."""
    x, y, width, height = box
    place = f'x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"'
    return (
        f'<mask id="digit-{at}"><image href="{png(values)}" {place} preserveAspectRatio="none"/>'
        f'</mask><rect {place} fill="{color}" mask="url(#digit-{at})"/>'
    )


def row_of_maps(maps: np.ndarray, y: float, in_row: int, top: float, at: int) -> tuple[str, float]:
    """Draw maps in rows; return them and the height that they take."""
    P, M, N = maps.shape
    rows = P // in_row
    sheet = np.zeros((rows * (M + 1) - 1, in_row * (N + 1) - 1))
    for k in range(P):
        i, j = divmod(k, in_row)
        sheet[i * (M + 1) : i * (M + 1) + M, j * (N + 1) : j * (N + 1) + N] = maps[k] / top
    height = WIDTH * sheet.shape[0] / sheet.shape[1]
    box = (0, y, WIDTH, height)
    drawn = shaded(np.maximum(sheet, 0), box, PLUS, f"above-{at}")
    if (sheet < 0).any():
        drawn += shaded(np.maximum(-sheet, 0), box, MINUS, f"below-{at}")
    return drawn, height


def bars(p: np.ndarray) -> str:
    """Draw ten probabilities as bars with numbers."""
    parts = []
    for label, value in enumerate(p):
        y = LINE * label
        weight = ' font-weight="700"' if value == p.max() else ""
        parts.append(
            f'<text x="176" y="{y + 13}"{weight}>{label}</text>'
            f'<rect x="192" y="{y + 3}" width="{100 * value:.1f}" height="10" '
            f'fill="var(--cnn-Y)"/><text x="{WIDTH}" y="{y + 13}" text-anchor="end"{weight}>'
            f"{100 * value:.1f} %</text>"
        )
    return "".join(parts)


def still(*, few: bool = False) -> str:
    """Return the picture as an inline SVG in the colors of the page.

    Parameters
    ----------
    few : bool
        Whether two rows of maps are enough.
    """
    digit = ten_digits()[SHOWN]
    found = stages(digit)
    p = softmax(found[-1])
    parts = [shaded(digit / 255, (0, 0, 160, 160), "var(--cnn-ink)", "image"), bars(p)]
    y = 10.0 * LINE
    for at, (name, in_row) in STAGES.items():
        if few and at not in FEW:
            continue
        top = np.abs(found[1 if at < 4 else 4]).max()
        drawn, height = row_of_maps(found[at], y + 24, in_row, top, at)
        parts.append(f'<text y="{y + 18:g}">{name}</text>{drawn}')
        y += 24 + height
    return (
        f'<svg class="digit-still" viewBox="0 0 {WIDTH} {y:.0f}" role="img" aria-label="A test '
        f"digit, {SHOWN}, with maps of its layers; it is read as {int(p.argmax())}, with a "
        f'probability of {100 * p.max():.1f} %.">{"".join(parts)}</svg>'
    )
