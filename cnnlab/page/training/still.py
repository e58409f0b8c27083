"""Pictures of a training: the patterns by sign and size, and the loss as a curve."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

CELL, GAP, COLUMNS = 10, 8, 4  # of the patterns
WIDTH, HEIGHT = 430, 212  # of the curve
LEFT, RIGHT, TOP, BOTTOM = 40, 384, 22, 188  # right of it, learning rates of earlier runs
LOWEST, HIGHEST = -1.5, 3.0  # logarithms of the loss


def patterns(w: np.ndarray, dead: Sequence[bool], words: str) -> str:
    """Draw patterns, 4 to a row."""
    P, m = len(w), w.shape[-1]
    side, rows = m * CELL, math.ceil(P / COLUMNS)
    largest = max(1.0, float(np.abs(w).max()))
    drawn = []
    for k in range(P):
        x, y = (side + GAP) * (k % COLUMNS) + 2, (side + GAP) * (k // COLUMNS) + 2
        cells = "".join(
            f'<rect x="{CELL * v}" y="{CELL * u}" width="{CELL}" height="{CELL}"'
            f' class="tr-{"minus" if w[k, 0, u, v] < 0 else "plus"}"'
            f' fill-opacity="{abs(w[k, 0, u, v]) / largest:.2f}"/>'
            for u in range(m)
            for v in range(m)
        )
        name = "tr-pattern tr-dead" if dead[k] else "tr-pattern"
        drawn.append(
            f'<g class="{name}" transform="translate({x} {y})">'
            f'<rect class="tr-ground" width="{side}" height="{side}"/>{cells}'
            f'<rect class="tr-frame" width="{side}" height="{side}"/>'
            f'<path class="tr-cross" d="M0 0L{side} {side}M{side} 0L0 {side}"/></g>'
        )
    return (
        f'<svg class="tr-patterns" role="img" aria-label="{words}"'
        f' viewBox="0 0 {(side + GAP) * COLUMNS - GAP + 4} {(side + GAP) * rows - GAP + 4}">'
        f"{''.join(drawn)}</svg>"
    )


def height(loss: float) -> float:
    """Return where a loss stands, on a logarithmic scale with ends."""
    level = HIGHEST if not math.isfinite(loss) else math.log10(max(loss, 10**LOWEST))
    share = (min(level, HIGHEST) - LOWEST) / (HIGHEST - LOWEST)
    return BOTTOM - share * (BOTTOM - TOP)


def curve(losses: Sequence[float], steps: int, words: str) -> str:
    """Draw the loss of each step, and that of a guess."""
    marks = "".join(
        f'<path class="tr-line" d="M{LEFT} {height(loss):.1f}H{RIGHT}"/>'
        f'<text x="{LEFT - 7}" y="{height(loss) + 5:.1f}" text-anchor="end">{loss}</text>'
        for loss in (0.1, 1, 10, 100)
    )
    places = "".join(
        f'<text x="{LEFT + (RIGHT - LEFT) * step / steps:.1f}" y="{BOTTOM + 19}"'
        f' text-anchor="middle">{step}{" steps" if step == steps else ""}</text>'
        for step in range(0, steps + 1, 100)
    )
    points = "".join(
        f"{'L' if n else 'M'}{LEFT + (RIGHT - LEFT) * n / steps:.1f} {height(loss):.1f}"
        for n, loss in enumerate(losses)
    )
    guess = height(math.log(10))
    return (
        f'<svg class="tr-curve" role="img" aria-label="{words}" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f'{marks}{places}<text x="2" y="14" class="tr-name">loss</text>'
        f'<path class="tr-guess" d="M{LEFT} {guess:.1f}H{RIGHT}"/>'
        f'<text x="{(LEFT + RIGHT) // 2}" y="{guess - 6:.1f}" class="tr-name">a guess</text>'
        f'<g class="tr-past"></g><path class="tr-now" d="{points}"/>'
        f'<circle class="tr-end" r="4.5" visibility="hidden"/></svg>'
    )
