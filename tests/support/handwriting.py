"""Digits as people draw them in a paint program: strokes of a round brush, never twice the same.

Each digit is one or two strokes through some points, in a square of side 1, in more than one
manner. A hand bends them, leans them and shakes; a brush has a width, a color and a place.
"""

from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

# Points (x, y) of strokes, y downward. Strokes are drawn as curves through their points.
STROKES = {
    0: [
        [[(0.55, 0.03), (0.2, 0.2), (0.12, 0.55), (0.3, 0.92), (0.6, 0.95), (0.85, 0.6),
          (0.8, 0.2), (0.55, 0.03)]],
        [[(0.5, 0), (0.25, 0.15), (0.2, 0.6), (0.45, 1), (0.75, 0.75), (0.78, 0.3), (0.48, 0.02)]],
    ],
    1: [
        [[(0.5, 0), (0.5, 0.35), (0.49, 0.7), (0.5, 1)]],
        [[(0.35, 0.22), (0.45, 0.12), (0.55, 0.02)], [(0.55, 0.02), (0.53, 0.5), (0.52, 1)]],
    ],
    2: [
        [[(0.18, 0.25), (0.35, 0.04), (0.65, 0.05), (0.78, 0.28), (0.6, 0.58), (0.35, 0.8),
          (0.15, 0.97)], [(0.15, 0.97), (0.5, 0.96), (0.88, 0.97)]],
        [[(0.2, 0.2), (0.45, 0), (0.75, 0.15), (0.7, 0.45), (0.45, 0.75), (0.2, 0.95), (0.25, 0.8),
          (0.45, 0.88), (0.85, 0.96)]],
    ],
    3: [
        [[(0.2, 0.12), (0.45, 0), (0.73, 0.12), (0.7, 0.35), (0.42, 0.48)],
         [(0.42, 0.48), (0.75, 0.58), (0.8, 0.82), (0.5, 1), (0.18, 0.88)]],
        [[(0.22, 0.08), (0.6, 0.02), (0.75, 0.2), (0.6, 0.42), (0.45, 0.47), (0.68, 0.55),
          (0.8, 0.75), (0.6, 0.97), (0.2, 0.92)]],
    ],
    4: [
        [[(0.3, 0.02), (0.25, 0.3), (0.18, 0.58)], [(0.18, 0.58), (0.5, 0.57), (0.85, 0.55)],
         [(0.68, 0.05), (0.66, 0.5), (0.64, 1)]],
        [[(0.6, 0), (0.35, 0.35), (0.1, 0.65)], [(0.1, 0.65), (0.5, 0.66), (0.9, 0.64)],
         [(0.62, 0.3), (0.62, 0.65), (0.62, 1)]],
    ],
    5: [
        [[(0.3, 0.03), (0.28, 0.25), (0.26, 0.45)],
         [(0.26, 0.45), (0.5, 0.38), (0.78, 0.55), (0.76, 0.82), (0.5, 1), (0.18, 0.9)],
         [(0.3, 0.03), (0.55, 0.03), (0.82, 0.02)]],
        [[(0.8, 0.02), (0.55, 0.02), (0.34, 0.04)], [(0.34, 0.04), (0.3, 0.25), (0.27, 0.42)],
         [(0.27, 0.42), (0.6, 0.4), (0.8, 0.65), (0.6, 0.95), (0.2, 0.93)]],
    ],
    6: [
        [[(0.65, 0.02), (0.38, 0.25), (0.22, 0.6), (0.3, 0.92), (0.6, 0.98), (0.78, 0.75),
          (0.6, 0.54), (0.35, 0.6), (0.24, 0.72)]],
        [[(0.55, 0), (0.3, 0.35), (0.22, 0.7), (0.42, 1), (0.72, 0.88), (0.7, 0.62), (0.45, 0.55),
          (0.26, 0.75)]],
    ],
    7: [
        [[(0.15, 0.05), (0.5, 0.04), (0.82, 0.05)], [(0.82, 0.05), (0.62, 0.45), (0.45, 1)]],
        [[(0.18, 0.08), (0.5, 0.05), (0.8, 0.06)], [(0.8, 0.06), (0.6, 0.5), (0.48, 1)],
         [(0.35, 0.52), (0.58, 0.5), (0.78, 0.49)]],
    ],
    8: [
        [[(0.72, 0.12), (0.45, 0), (0.26, 0.2), (0.48, 0.46), (0.76, 0.74), (0.52, 1), (0.24, 0.8),
          (0.46, 0.5), (0.74, 0.25), (0.7, 0.1)]],
        [[(0.5, 0), (0.27, 0.12), (0.33, 0.38), (0.5, 0.46), (0.72, 0.32), (0.7, 0.08), (0.5, 0)],
         [(0.5, 0.46), (0.24, 0.65), (0.3, 0.93), (0.55, 1), (0.78, 0.8), (0.7, 0.56),
          (0.5, 0.46)]],
    ],
    9: [
        [[(0.74, 0.2), (0.5, 0.02), (0.25, 0.2), (0.35, 0.47), (0.6, 0.45), (0.75, 0.2)],
         [(0.75, 0.2), (0.72, 0.6), (0.66, 1)]],
        [[(0.7, 0.12), (0.42, 0.02), (0.26, 0.28), (0.45, 0.5), (0.7, 0.3), (0.73, 0.12),
          (0.72, 0.5), (0.6, 0.85), (0.3, 0.96)]],
    ],
}  # fmt: skip


class Style(NamedTuple):
    """How and on what a digit is drawn."""

    size: tuple[int, int] = (280, 280)  # width and height of the picture
    height: float = 180  # of the digit, in pixels
    middle: tuple[float, float] = (0.5, 0.5)  # of the digit, in parts of the picture
    line: float = 18  # width of the brush, in pixels
    ink: tuple[int, ...] = (0, 0, 0)
    paper: tuple[int, ...] = (255, 255, 255)
    shade: float = 0.0  # how much darker the paper becomes toward a corner, in parts of white
    noise: float = 0.0  # standard deviation, in parts of white
    smooth: bool = True  # whether the brush has soft edges


STYLES = {
    "black on white": Style(),
    "thin": Style(line=3),
    "a pencil of one pixel": Style(line=1, smooth=False),
    "thick": Style(line=38),
    "white on black": Style(ink=(255, 255, 255), paper=(0, 0, 0)),
    "red on yellow": Style(ink=(200, 20, 30), paper=(250, 240, 130)),
    "yellow on navy": Style(ink=(250, 230, 80), paper=(20, 30, 90), line=12),
    "small in a corner": Style((600, 400), 60, (0.15, 0.8), 5),
    "large, beyond the middle": Style((800, 600), 450, (0.65, 0.45), 30),
    "tiny": Style((40, 40), 24, (0.55, 0.5), 3),
    "pencil on shaded paper": Style(
        (640, 480), 300, (0.45, 0.55), 9, (150, 150, 152), (235, 232, 225), 0.35, 0.012
    ),
    "ink that can hardly be told": Style(ink=(215, 215, 215), paper=(235, 235, 235), line=14),
}


def curve(points, count=24):
    """Return many points on a smooth curve through some (Catmull and Rom)."""
    points = np.asarray(points, float)
    ends = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
    t = np.linspace(0, 1, count)[:, np.newaxis]
    pieces = [
        0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2
               + (3 * b - a - 3 * c + d) * t**3)
        for a, b, c, d in zip(ends, ends[1:], ends[2:], ends[3:], strict=False)
    ]  # fmt: skip
    return np.vstack(pieces)


def strokes_of(label, rng, *, shake=0.025):
    """Return the strokes of a digit as a hand draws them this time, around 0, 1 high."""
    manners = STROKES[label]
    lean, angle = rng.uniform(-0.08, 0.25), np.deg2rad(rng.uniform(-7, 7))
    broad = rng.uniform(0.7, 0.95)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    found = []
    for stroke in manners[rng.integers(len(manners))]:
        points = np.asarray(stroke, float) - 0.5
        points += rng.normal(0, shake, points.shape)
        points[:, 0] = broad * points[:, 0] - lean * points[:, 1]
        found.append(curve(points @ turn.T))
    return found


def draw(label, style, rng):
    """Return a picture of a digit, in red, green and blue."""
    width, height = style.size
    fine = 3 if style.smooth else 1
    mask = Image.new("L", (fine * width, fine * height))
    brush = ImageDraw.Draw(mask)
    radius = fine * style.line / 2
    middle = fine * np.array([style.middle[0] * width, style.middle[1] * height])
    for stroke in strokes_of(label, rng):
        places = middle + fine * style.height * stroke
        brush.line(list(map(tuple, places)), fill=255, width=max(1, round(2 * radius)))
        for x, y in places if radius > 1 else []:
            brush.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    cover = np.asarray(mask.resize(style.size, Image.Resampling.BOX), float)[..., np.newaxis] / 255
    page = (1 - cover) * np.array(style.paper[:3]) + cover * np.array(style.ink[:3])
    down, right = np.mgrid[:height, :width]
    page *= 1 - style.shade * ((down / height + right / width) / 2)[..., np.newaxis]
    page += 255 * style.noise * rng.standard_normal((height, width, 1))
    return Image.fromarray(np.clip(np.rint(page), 0, 255).astype(np.uint8))
