"""A pattern turned by some angle beside dZ: what it would give there, and a picture of it."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from cnnlab import reference

# The example of the chapter; a test compares them with its cells.
DZ = np.array([[1, 2, 0], [-1, 3, 1], [0, 1, 2]])
W = np.array([[1, 2], [3, 4]])

#: Where a still frame is drawn, and where the slider says a sum.
RIGHT_ANGLES = (0, 90, 180)

# Units of the picture.
CELL = 44
LEFT, TOP = 2, 30  # of dZ with its ring of absent entries
TURNING, GHOST = 330, 474  # middles of the pattern that turns, and of its place before
WIDTH, HEIGHT = 522, 282
RADIUS = 80  # of the dial
STRONGEST = 0.42  # how much color the largest number has
TIMES = "\N{MULTIPLICATION SIGN}"


class Turn(NamedTuple):
    """What a pixel gathers when the pattern lies on its block of dZ, turned by an angle."""

    angle: int
    #: The entries of dZ for the four windows that contain the pixel, and the weights upon them.
    block: np.ndarray
    weights: np.ndarray
    #: The sum of their products, and the gradient of the pixel.
    total: int
    right: int


def turned(angle: int, pixel: tuple[int, int]) -> Turn:
    """Lay the pattern on the block of a pixel, turned clockwise by a right angle.

    Parameters
    ----------
    angle : int
        One of `RIGHT_ANGLES`.
    pixel : tuple of int
        Row and column of a pixel that four windows contain.
    """
    p, q = pixel
    dZ, w = DZ[None].astype(float), W[None, None].astype(float)
    block = DZ[p - 1 : p + 1, q - 1 : q + 1]
    weights = np.rot90(W, -angle // 90)
    total = reference.conv2d(block[None].astype(float), weights[None, None].astype(float))
    right = reference.conv2d_dX(dZ, w, (1, 4, 4))[0, p, q]
    return Turn(angle, block, weights, int(total.item()), int(right))


def number(value: int) -> str:
    """Write a number with the sign for minus."""
    return str(value).replace("-", "\N{MINUS SIGN}")


def middle(pixel: tuple[int, int]) -> tuple[int, int]:
    """Return the middle of the block of a pixel."""
    return LEFT + CELL * (pixel[1] + 1), TOP + CELL * (pixel[0] + 1)


def threads(pixel: tuple[int, int]) -> list[list[int]]:
    """Return from where, and to which place beside the middle of the pattern, each thread leads.

    The window at (p - u, q - v) has the pixel at the offset (u, v): what is on one side of the
    block is on the other side of the pattern.
    """
    x, y = middle(pixel)
    knobs = [(-37, -38), (37, -31), (-37, 38), (37, 31)]  # beside the digits, no two on one line
    return [[x + right, y + down, -right, -down] for right, down in knobs]


def thread(line: list[int], y: int, angle: int) -> str:
    """Draw a thread to its weight, when the pattern is turned by an angle."""
    x1, y1, right, down = line
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    x2, y2 = TURNING + right * cos - down * sin, y + right * sin + down * cos
    bend = (x1 + x2) / 2
    return (
        f'<g><path d="M{x1} {y1}C{bend:.1f} {y1} {bend:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"/>'
        f'<circle cx="{x1}" cy="{y1}" r="3.5"/><circle cx="{x2:.1f}" cy="{y2:.1f}" r="3.5"/></g>'
    )


def draw(angle: int, pixel: tuple[int, int], alt: str) -> str:
    """Draw the pattern turned by an angle, and on dZ if that is half a turn."""
    x, y = middle(pixel)
    laid = angle == 180
    away = f' style="transform:translate({x - TURNING}px,0px)"' if laid else ""
    lines = "".join(thread(line, y, angle) for line in threads(pixel))
    weights = "".join(
        _cell(CELL * (s - 1), CELL * (r - 1), W[r, s], angle=angle, name=" tn-weight")
        for r in range(2)
        for s in range(2)
    )
    ghost = "".join(
        _cell(CELL * (s - 1), CELL * (r - 1), W[r, s]) for r in range(2) for s in range(2)
    )
    return (
        f'<svg class="tn-picture{" tn-laid" if laid else ""}" viewBox="0 0 {WIDTH} {HEIGHT}"'
        f' role="img" aria-label="{alt}">'
        f'<g class="tn-of-dZ">{_title(LEFT, "start", "∂L/∂Z")}{_plane(pixel)}'
        f"{_axes(x, y, -1)}{_note(x, 'window up ↑ left ←')}</g>"
        f'<g class="tn-of-w tn-ghost" transform="translate({GHOST} {y})">{ghost}{_axes(0, 0)}</g>'
        f'<g class="tn-of-w">{_title(GHOST, "middle", "w")}'
        f"{_title(TURNING, 'middle', f'w turned by <tspan>{angle}°</tspan>')}"
        f"{_note(TURNING, 'offset down ↓ right →')}"
        f'<circle class="tn-dial" cx="{TURNING}" cy="{y}" r="{RADIUS}"/>'
        f'<circle class="tn-dial tn-way" cx="{TURNING}" cy="{y}" r="{RADIUS}" pathLength="360"'
        f' stroke-dasharray="{angle} 360" transform="rotate(-90 {TURNING} {y})"/></g>'
        f'<g class="tn-of-w tn-lay"{away}><g transform="translate({TURNING} {y})">'
        f'<g class="tn-turning" transform="rotate({angle})">{weights}{_axes(0, 0)}</g></g></g>'
        f'<g class="tn-threads">{lines}</g></svg>'
    )


def _title(x: int, anchor: str, text: str) -> str:
    return f'<text class="tn-title" x="{x}" y="18" text-anchor="{anchor}">{text}</text>'


def _note(x: int, text: str) -> str:
    return f'<text class="tn-note" x="{x}" y="{HEIGHT - 8}">{text}</text>'


def _cell(x: int, y: int, value: int, *, angle: int = 0, name: str = "") -> str:
    """Draw a number in its cell; it stays upright while the cell turns."""
    sign = "minus" if value < 0 else "plus"
    strength = STRONGEST * abs(value) / max(np.abs(W).max(), np.abs(DZ).max())
    upright = f"translate({x + CELL // 2} {y + CELL // 2}) rotate({-angle})"
    return (
        f'<rect class="tn-paper" x="{x}" y="{y}" width="{CELL}" height="{CELL}"/>'
        f'<rect class="tn-{sign}" x="{x}" y="{y}" width="{CELL}" height="{CELL}"'
        f' fill-opacity="{strength:.2f}"/>'
        f'<g class="tn-number{name}" transform="{upright}">'
        f'<text dy="7"><tspan>{TIMES}</tspan>{number(value)}</text></g>'
    )


def _plane(pixel: tuple[int, int]) -> str:
    """Draw dZ in a ring of places without an entry, and a frame around the block of a pixel."""
    cells = []
    for i in range(-1, 4):
        for j in range(-1, 4):
            x, y = LEFT + CELL * (j + 1), TOP + CELL * (i + 1)
            if 0 <= i < 3 and 0 <= j < 3:
                inside = pixel[0] - 1 <= i <= pixel[0] and pixel[1] - 1 <= j <= pixel[1]
                cells.append(_cell(x, y, DZ[i, j], name=" tn-met" if inside else ""))
            else:
                cells.append(
                    f'<rect class="tn-absent" x="{x + 5}" y="{y + 5}" width="{CELL - 10}"'
                    f' height="{CELL - 10}"/>'
                )
    x, y = middle(pixel)
    frame = f'<rect class="tn-frame" x="{x - CELL}" y="{y - CELL}" width="88" height="88"/>'
    return "".join(cells) + frame


def _axes(x: int, y: int, way: int = 1) -> str:
    """Draw the arrows along two sides of a block: down and right, or (-1) up and left."""
    side, near, far = 12 + CELL, CELL - 8, CELL - 2
    start, end, tip = -way * near, way * far, 8 * way
    return (
        f'<g class="tn-axes" transform="translate({x} {y})">'
        f'<path d="M{-side} {start}V{end}M{-side - 6} {end - tip}l6 {tip} 6 {-tip}"/>'
        f'<path d="M{start} {-side}H{end}M{end - tip} {-side - 6}l{tip} 6 {-tip} 6"/></g>'
    )
