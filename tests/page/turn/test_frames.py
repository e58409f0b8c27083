"""The turn of a pattern: numbers of the chapter, and threads that end at their weights."""

import json
import math
import re

import numpy as np
import pytest
from support.book import ROOT

from cnnlab import reference
from cnnlab.page.turn import frames

PIXELS = [(p, q) for p in (1, 2) for q in (1, 2)]


def test_the_example_is_the_chapters():
    cells = json.loads((ROOT / "book" / "input-gradient.ipynb").read_text("utf-8"))["cells"]
    code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    assert f"dZ = np.array([{frames.DZ.tolist()}])" in code
    assert f"w = np.array([[{frames.W.tolist()}]])" in code


@pytest.mark.parametrize("pixel", PIXELS)
def test_half_a_turn_gives_the_gradient(pixel):
    dZ, w = frames.DZ[None].astype(float), frames.W[None, None].astype(float)
    expected = reference.conv2d_dX(dZ, w, (1, 4, 4))[0][pixel]
    for angle in frames.RIGHT_ANGLES:
        turn = frames.turned(angle, pixel)
        assert turn.total == (turn.block * turn.weights).sum()
        assert turn.right == expected
    assert turn.total == expected


def test_the_chapters_number():
    """And no other turn gives it, so that the reader sees a difference."""
    assert [frames.turned(angle, (1, 1)).total for angle in frames.RIGHT_ANGLES] == [14, 7, 11]


@pytest.mark.parametrize("pixel", PIXELS)
def test_a_thread_joins_a_window_and_its_weight(pixel):
    """The window at (p - u, q - v) has the pixel under w[u, v]."""
    x, y = frames.middle(pixel)
    for x1, y1, right, down in frames.threads(pixel):
        column, row = (x1 - frames.LEFT) // frames.CELL - 1, (y1 - frames.TOP) // frames.CELL - 1
        v, u = right // frames.CELL + 1, down // frames.CELL + 1
        assert (row + u, column + v) == pixel
    for angle in (0, 33, 180):
        for line in frames.threads(pixel):
            ends = re.findall(r'cx="(.*?)" cy="(.*?)"', frames.thread(line, y, angle))
            (x1, y1), (x2, y2) = np.array(ends, float)
            assert math.hypot(x2 - frames.TURNING, y2 - y) == pytest.approx(
                math.hypot(x1 - x, y1 - y), abs=0.1
            )
            if angle == 180:
                assert y1 == pytest.approx(y2)


def test_numbers_stay_upright():
    for angle in (0, 30):
        numbers = re.findall(r'tn-weight" transform="(.*?)"', frames.draw(angle, (1, 1), ""))
        assert len(numbers) == 4
        assert all(number.endswith(f"rotate({-angle})") for number in numbers)


def test_the_pattern_is_laid_on_its_block_after_half_a_turn():
    assert "tn-laid" not in frames.draw(90, (1, 1), "")
    laid = frames.draw(180, (2, 1), "")
    assert f"translate({frames.middle((2, 1))[0] - frames.TURNING}px" in laid
