"""The still picture: spelled sums that are true, planes in their places."""

import re

import numpy as np
import pytest
from support.explorer import MODES, W, X, data_of, random_arrays, still_of

from cnnlab.page.explorer import drawing, explore


def evaluate(pieces):
    """Return what a spelled sum says and what its terms come to."""
    text = " ".join(pieces).replace(drawing.MINUS, "-").replace("·", "*")
    _, terms, total = text.split(" = ")
    assert re.fullmatch(r"[-+*() \d]+", terms)
    return int(total), eval(terms)


@pytest.mark.parametrize("sizes", [(2, 4, 5, 3, 2, 3), (3, 3, 6, 2, 3, 1), (1, 2, 3, 2, 2, 3)])
@pytest.mark.parametrize(("mode", "result"), [("forward", "Z"), ("weight", "dw"), ("gather", "dX")])
def test_spelled_sums_are_true(mode, result, sizes, rng):
    values = data_of(explore(*random_arrays(rng, *sizes)))
    rows, columns = drawing.Sizes.of(values).selectable(mode)
    D, _, _, P, *_ = sizes
    for k, c, row, column in np.ndindex(P, D, rows, columns):
        total, terms = evaluate(drawing.spell(values, drawing.State(mode, k, c, row, column)))
        index = {"forward": (k,), "weight": (k, c), "gather": (c,)}[mode]
        expected = np.array(values[result])[(*index, row, column)]
        assert total == terms == expected


def test_shares_add_up_to_the_input_gradient(rng):
    values = data_of(explore(*random_arrays(rng, 2, 4, 5, 3, 2, 3)))
    dX = np.zeros((2, 4, 5), int)
    for k, c, i, j in np.ndindex(3, 2, 3, 3):
        for piece in drawing.spell(values, drawing.State("scatter", k, c, i, j)):
            place, term = piece.rstrip(",").split(" += ")
            index = tuple(map(int, re.fullmatch(r"dX\[(\d+),(\d+),(\d+)\]", place).groups()))
            dX[index] += eval(term.replace(drawing.MINUS, "-").replace("·", "*"))
    np.testing.assert_array_equal(dX, values["dX"])


def test_a_wrong_sum_is_noticed(rng):
    values = data_of(explore(*random_arrays(rng, 2, 4, 5, 3, 2, 3)))
    values["Z"][1][2][0] += 1
    total, terms = evaluate(drawing.spell(values, drawing.State("forward", 1, 0, 2, 0)))
    assert total == terms + 1


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("sizes", [(2, 4, 5, 2, 2, 3), (3, 8, 8, 3, 4, 4), (1, 1, 1, 1, 1, 1)])
def test_still_picture_keeps_within_its_borders(mode, sizes, rng):
    picture = still_of(explore(*random_arrays(rng, *sizes), mode=mode))
    _, _, width, height = map(int, picture.get("viewBox").split())
    assert width <= 350  # a phone shows a unit as a pixel
    planes = picture.findall("{*}g")
    assert planes
    for plane in planes:
        left, top = map(int, re.findall(r"\d+", plane.get("transform")))
        assert plane.find(".//{*}rect") is not None
        for box in plane.iterfind(".//{*}rect"):
            x, y, wide, high = (int(box.get(key)) for key in ("x", "y", "width", "height"))
            assert left + x >= 0
            assert top + y >= 0
            assert left + x + wide <= width
            assert top + y + high <= height


def test_planes_do_not_overlap(rng):
    for sizes in [(2, 4, 5, 2, 2, 3), (3, 8, 8, 3, 4, 4), (1, 2, 2, 3, 1, 1)]:
        values = explore(*random_arrays(rng, *sizes)).values
        for mode, placed in drawing.layout(values).items():
            planes = drawing.planes(values, drawing.State(mode, 0, 0, 0, 0))
            taken = np.zeros(placed["size"][::-1], int)
            for plane, (left, top) in zip(planes, placed["places"], strict=True):
                bottom = top + drawing.TITLE + drawing.CELL * len(plane.cells)
                taken[top:bottom, left : left + drawing.CELL * len(plane.cells[0])] += 1
            assert taken.max() == 1


def test_a_pattern_turns_where_it_stands():
    """The switch between gather and scatter moves no pattern."""
    for arrays in ((), (X, W)):
        placed = drawing.layout(explore(*arrays).values)
        gathered, scattered = placed["gather"]["places"], placed["scatter"]["places"]
        assert gathered[1:3] == scattered[2:4]
        assert placed["gather"]["size"][0] == placed["scatter"]["size"][0]
