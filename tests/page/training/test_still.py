"""Still pictures of a training: colors by sign, places by loss."""

import math
import re
from xml.etree import ElementTree

import numpy as np
import pytest

from cnnlab.page.training import still


def test_a_loss_has_its_place():
    assert still.height(10**still.LOWEST) == still.BOTTOM
    assert still.height(10**still.HIGHEST) == still.TOP
    assert still.height(math.inf) == still.height(math.nan) == still.TOP
    assert still.height(0.0) == still.BOTTOM
    assert still.height(1) - still.height(10) == pytest.approx(still.height(10) - still.height(100))


def test_patterns_have_the_color_of_their_sign():
    w = np.array([[[[0.5, -1], [0, -0.25]]], [[[2.0, 0], [0, 0]]]])
    picture = ElementTree.fromstring(still.patterns(w, [False, True], "two patterns"))
    groups = picture.findall("g")
    assert [group.get("class") for group in groups] == ["tr-pattern", "tr-pattern tr-dead"]
    cells = [group.findall("rect")[1:-1] for group in groups]
    assert [cell.get("class") for cell in cells[0]] == [
        "tr-plus",
        "tr-minus",
        "tr-plus",
        "tr-minus",
    ]
    assert [cell.get("fill-opacity") for cell in cells[0]] == ["0.25", "0.50", "0.00", "0.12"]
    assert cells[1][0].get("fill-opacity") == "1.00"


def test_a_curve_has_a_point_for_each_step():
    losses = [2.5, 100, 0.1]
    now = ElementTree.fromstring(still.curve(losses, 100, "loss")).find("path[@class='tr-now']")
    points = re.findall(r"[ML](\S+) (\S+?)(?=[L]|$)", now.get("d"))
    assert [float(y) for _, y in points] == pytest.approx(
        [still.height(L) for L in losses], abs=0.06
    )
    assert float(points[0][0]) == still.LEFT
    assert float(points[2][0]) == pytest.approx(
        still.LEFT + 0.02 * (still.RIGHT - still.LEFT), abs=0.06
    )
