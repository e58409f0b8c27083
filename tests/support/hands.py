"""Digits of many hands on the canvas of the page: strokes of a pen, written down point by point.

Each line is one way to write a digit, in a square of 100 by 100 with y downward: points "x,y" of a
stroke, strokes between slashes. A stroke is a smooth curve through its points; "a corner" is two
strokes that meet. None of them was used to train, or to choose, anything.
"""

import itertools
from typing import NamedTuple

import numpy as np
from support.handwriting import curve

HANDS = {
    0: [
        "50,2 25,15 14,50 26,86 50,98 75,86 86,50 75,14 50,2",  # round
        "50,0 36,12 30,50 36,88 50,100 64,88 70,50 64,12 50,0",  # narrow
        "62,4 30,22 18,62 34,96 64,80 80,38 66,6 48,8",  # leaning, beyond its begin
        "50,6 10,22 2,50 12,80 50,94 88,80 98,50 88,20 50,6",  # broad
        "30,8 18,50 32,94 66,94 80,50 66,6 38,4",  # open at the top
        "50,2 76,16 84,50 74,86 50,98 24,84 16,48 26,14 52,2",  # the other way round
    ],
    1: [
        "50,0 50,33 50,66 50,100",  # a line
        "28,26 40,16 52,2 / 52,2 52,50 52,100",  # with a flag
        "26,28 40,16 52,2 / 52,2 52,50 52,98 / 26,98 52,98 80,98",  # with a flag and a foot
        "66,0 56,34 46,66 36,100",  # leaning
        "50,2 50,50 50,98 / 30,98 50,98 72,98",  # with a foot alone
        "42,16 52,0 / 52,0 51,50 50,100",  # with a short flag
    ],
    2: [
        "18,26 32,6 58,2 76,20 68,44 44,70 16,96 / 16,96 50,96 86,96",  # with a corner
        "16,22 40,0 70,10 72,38 48,68 22,92 18,82 32,78 56,92 88,92",  # with a loop
        "22,18 50,2 76,22 64,50 22,96 / 22,96 80,96",  # plain
        "10,20 44,0 80,14 78,40 44,62 12,94 / 12,94 50,90 94,96",  # broad
        "14,10 44,2 68,16 66,42 42,70 26,98 / 26,98 52,96 82,88",  # leaning
        "20,40 20,16 46,0 74,14 72,36 46,62 18,84 14,98 / 14,98 50,97 84,98",  # a swan
    ],
    3: [
        "18,14 44,0 74,14 70,38 40,48 / 40,48 78,58 80,84 48,100 16,88",  # two bows
        "20,2 48,2 78,2 / 78,2 58,24 44,42 / 44,42 74,50 82,74 60,98 16,92",  # with a flat top
        "22,10 58,2 76,20 62,40 44,46 66,52 82,74 62,98 18,92",  # in one stroke
        "26,16 48,4 66,18 60,40 36,50 66,58 70,82 48,98 20,88",  # narrow
        "10,12 50,0 86,16 76,40 38,46 / 38,46 84,54 92,80 54,100 6,86",  # broad
        "24,6 52,0 70,16 60,38 42,46 38,52 50,50 72,62 70,88 46,100 20,94",  # with a small loop
    ],
    4: [
        "28,2 22,30 16,58 / 16,58 50,58 88,56 / 66,10 64,54 62,100",  # open
        "62,0 34,34 8,68 / 8,68 50,68 92,66 / 62,0 62,50 62,100",  # closed
        "20,4 20,30 24,52 / 24,52 48,58 78,50 / 78,4 76,50 74,100",  # open, like a y
        "70,0 40,32 14,62 / 14,62 54,62 94,60 / 70,36 66,70 62,100",  # leaning
        "58,2 30,36 6,62 / 6,62 46,64 84,62 / 58,2 58,34 58,66 58,98",  # on a short leg
        "30,0 28,22 26,44 / 26,44 52,44 80,42 / 80,0 78,50 78,100",  # open, with corners
    ],
    5: [
        "80,2 54,2 28,4 / 28,4 26,24 24,42 / 24,42 54,36 80,58 70,88 42,100 14,90",  # in one
        "30,2 28,22 26,42 / 26,42 54,34 80,56 72,88 44,100 16,92 / 30,2 56,2 84,0",  # roof last
        "76,4 34,4 / 34,4 32,40 / 32,40 60,40 76,60 66,88 24,96",  # edgy
        "86,2 60,2 38,6 / 38,6 32,24 26,44 / 26,44 52,40 72,56 64,86 38,100 6,92",  # leaning
        "70,2 36,2 / 36,2 36,44 / 36,44 56,42 68,62 62,88 46,98 30,90",  # narrow
        "92,6 50,2 14,6 / 14,6 14,26 16,46 / 16,46 50,36 90,56 86,86 48,98 8,88",  # broad
    ],
    6: [
        "66,2 40,22 22,58 28,90 54,100 76,80 66,58 44,56 26,72",  # bent
        "40,0 26,34 22,70 38,98 66,94 76,72 58,54 34,60 24,76",  # upright
        "74,0 44,24 24,60 24,86 44,100 66,86 68,66 50,58 30,72",  # leaning
        "58,2 34,30 26,66 36,96 58,98 68,78 56,60 40,62 28,76",  # narrow
        "78,10 52,2 26,24 14,60 30,94 66,98 88,76 70,54 38,56 18,72",  # with a hook
        "52,0 30,40 20,76 40,98 70,96 84,78 70,62 44,64 22,80",  # a low bow
    ],
    7: [
        "14,4 50,4 86,4 / 86,4 62,46 42,100",  # plain
        "16,6 50,4 84,4 / 84,4 62,48 46,100 / 32,52 56,50 80,48",  # crossed
        "14,20 16,4 / 16,4 50,4 84,4 / 84,4 58,46 48,98",  # with a serif
        "24,4 50,4 76,2 / 76,2 66,50 58,100",  # steep
        "8,8 48,10 94,2 / 94,2 58,44 30,98",  # leaning
        "16,8 46,12 80,4 66,34 52,64 46,98",  # in one stroke, with a round corner
    ],
    8: [
        "74,14 46,0 26,20 48,46 76,74 52,100 24,78 48,48 74,22 72,10",  # in one stroke
        "50,0 28,12 30,36 50,46 70,36 72,12 50,0 / 50,46 24,60 24,88 50,100 76,88 76,60 50,46",
        "50,2 36,12 38,36 50,46 62,36 64,12 50,2 / 50,46 34,60 34,90 50,100 66,90 66,60 50,46",
        "82,10 54,2 38,20 50,44 66,72 44,98 20,84 34,58 62,40 82,12",  # leaning
        "50,4 14,14 14,38 50,48 86,38 86,14 50,4 / 50,48 6,62 8,92 50,98 94,90 92,62 50,48",
        "70,20 50,4 32,16 38,36 60,54 74,78 50,98 26,82 40,56 62,40 70,20",  # a small head
    ],
    9: [
        "74,22 50,2 24,18 30,46 58,48 74,24 / 74,24 72,60 66,100",  # on a straight leg
        "72,14 44,0 24,26 42,50 70,32 74,14 / 74,14 74,60 58,92 26,96",  # with a bow below
        "76,24 56,2 34,18 36,42 58,44 76,24 / 76,24 62,60 46,100",  # leaning
        "64,16 48,2 34,20 40,44 58,40 66,18 / 66,18 64,58 62,100",  # narrow
        "80,20 48,0 14,24 28,52 62,50 82,22 / 82,22 80,60 74,98",  # a large head
        "70,10 38,4 24,28 44,48 66,36 72,12 70,50 64,80 48,98",  # in one stroke
    ],
}

#: Side of the canvas on which a digit is drawn, in the pixels that are prepared.
SIDE = 140


class Manner(NamedTuple):
    """How a digit is put on the canvas."""

    pen: float = 10  # width of a line, in pixels of the canvas
    height: float = 90  # of the digit
    width: float = 64
    at: tuple[float, float] = (70, 70)  # its middle
    lean: float = 0  # columns to the right for a row up
    angle: float = 0  # degrees, against the clock


MANNERS = {
    "as it comes": Manner(),
    "leaning to the right": Manner(lean=0.3),
    "leaning to the left": Manner(lean=-0.2),
    "turned by 12 degrees": Manner(angle=12),
    "turned by -12 degrees": Manner(angle=-12),
    "small, in a corner": Manner(height=40, width=28, at=(30, 104)),
    "as large as the canvas": Manner(height=124, width=96),
    "a thin pen": Manner(pen=4),
    "a thick pen": Manner(pen=17),
    "broad": Manner(height=72, width=92),
}


def strokes_of(text, manner):
    """Return the strokes of a digit on the canvas, arrays of points (x, y)."""
    angle = np.deg2rad(manner.angle)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    found = []
    for stroke in text.split("/"):
        points = np.array([point.split(",") for point in stroke.split()], float) / 100 - 0.5
        points = curve(points, 8)
        points[:, 0] -= manner.lean * points[:, 1] * manner.height / manner.width
        found.append((points * (manner.width, manner.height)) @ turn.T + manner.at)
    return found


def ink_of(strokes, pen, side=SIDE):
    """Return how much ink is on each pixel: a round pen, its edge one pixel wide."""
    ink = np.zeros((side, side))
    for stroke in strokes:
        for begin, end in itertools.pairwise(stroke):
            first = np.floor(np.minimum(begin, end) - pen / 2 - 1).clip(0).astype(int)
            after = np.ceil(np.maximum(begin, end) + pen / 2 + 1).clip(0).astype(int)
            near = ink[first[1] : after[1], first[0] : after[0]]
            y, x = np.mgrid[: near.shape[0], : near.shape[1]] + 0.5
            x, y = x + first[0] - begin[0], y + first[1] - begin[1]
            (right, down), length = end - begin, ((end - begin) ** 2).sum()
            t = np.clip((x * right + y * down) / length, 0, 1) if length else 0 * x
            covered = np.clip(pen / 2 + 0.5 - np.hypot(x - t * right, y - t * down), 0, 1)
            np.maximum(near, covered, out=near)
    return ink


def drawings():
    """Yield a label, what it is, the strokes and the pen: each hand in two manners."""
    names = list(MANNERS)
    for label, hands in HANDS.items():
        for hand, text in enumerate(hands):
            for turn in range(2):
                name = names[(label + 3 * hand + 5 * turn) % len(names)]
                manner = MANNERS[name]
                yield label, f"{label}, hand {hand}, {name}", strokes_of(text, manner), manner.pen
