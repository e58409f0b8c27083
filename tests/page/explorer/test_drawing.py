"""The still picture: spelled sums that are true, planes in their places."""

import re

import numpy as np
import pytest
from support.explorer import MODES, W, X, data_of, random_arrays, still_of

from cnnlab.page.explorer import drawing, explore, places, words


def evaluate(pieces):
    """Return what a spelled sum says and what its terms come to."""
    text = " ".join(words.plain(pieces)).replace(words.MINUS, "-").replace("·", "*")
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
        for piece in words.plain(drawing.spell(values, drawing.State("scatter", k, c, i, j))):
            place, term = piece.rstrip(",").split(" += ")
            index = tuple(map(int, re.fullmatch(r"dX\[(\d+),(\d+),(\d+)\]", place).groups()))
            dX[index] += eval(term.replace(words.MINUS, "-").replace("·", "*"))
    np.testing.assert_array_equal(dX, values["dX"])


def test_a_wrong_sum_is_noticed(rng):
    values = data_of(explore(*random_arrays(rng, 2, 4, 5, 3, 2, 3)))
    values["Z"][1][2][0] += 1
    total, terms = evaluate(drawing.spell(values, drawing.State("forward", 1, 0, 2, 0)))
    assert total == terms + 1


SIZES = [(2, 4, 5, 2, 2, 3), (3, 8, 8, 3, 4, 4), (1, 1, 1, 1, 1, 1), (1, 2, 2, 3, 1, 1)]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("sizes", SIZES)
def test_still_picture_keeps_within_its_borders(mode, sizes, rng):
    picture = still_of(explore(*random_arrays(rng, *sizes), mode=mode))
    _, _, width, height = map(int, picture.get("viewBox").split())
    planes = picture.findall("{*}g[@transform]")
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


@pytest.mark.parametrize("sizes", SIZES)
def test_planes_do_not_overlap(sizes, rng):
    values = explore(*random_arrays(rng, *sizes)).values
    for mode, rooms in drawing.layout(values).items():
        planes = drawing.planes(values, drawing.State(mode, 0, 0, 0, 0))
        for placed in rooms.values():
            taken = np.zeros(placed["size"][::-1], int)
            for plane, (left, top) in zip(planes, placed["places"], strict=True):
                bottom = top + drawing.TITLE + drawing.CELL * len(plane.cells)
                taken[top:bottom, left : left + drawing.CELL * len(plane.cells[0])] += 1
            assert taken.max() == 1


def test_entries_are_as_large_as_a_finger_on_a_desk():
    """Where the room suffices; on a phone they are shrunk, but not below what a finger hits."""
    for mode, rooms in drawing.layout(explore(X, W).values).items():
        for name, least in (("wide", 44), ("narrow", 28)):
            placed = rooms[name]
            entry = drawing.CELL * placed["shown"][0] / placed["size"][0]
            assert entry >= least, (mode, name)
            width, height = places.ROOMS[name]
            assert placed["shown"][0] <= width
            assert placed["shown"][1] <= height


def test_the_largest_is_not_shrunk_below_a_finger(rng):
    """Then the picture is taller than its room."""
    for mode, rooms in drawing.layout(
        explore(*random_arrays(rng, 3, 8, 8, 3, 4, 4)).values
    ).items():
        placed = rooms["narrow"]
        entry = drawing.CELL * placed["shown"][0] / placed["size"][0]
        assert entry >= 22, mode


def test_colors_say_sign_and_size():
    """Red above zero, blue below; strongest where an array is farthest from zero."""
    assert drawing.tint(0, 4) == ""
    assert drawing.tint(4, 4) == ' class="cx-plus" fill-opacity="0.5"'
    assert drawing.tint(-1, 4) == ' class="cx-minus" fill-opacity="0.13"'
    assert drawing.tint("-1/2", 1) == ' class="cx-minus" fill-opacity="0.25"'
    values = explore([[[1, -7, 0]]], [[[[2]]]]).values
    assert values["scales"]["X"] == 7
    picture = drawing.draw(values, drawing.State("forward", 0, 0, 0, 0))
    image = picture[picture.index("X[0]") : picture.index("w[0,0]")]
    colors = re.findall(r'class="cx-(plus|minus)" fill-opacity="([.\d]+)"', image)
    assert colors == [("plus", "0.07"), ("minus", "0.5")]


def test_lines_lead_from_the_window_to_its_sum():
    """The line to the sum ends at the chosen entry, and each plane of the sum has one."""
    values = explore(X, W).values
    for column in (0, 1):
        state = drawing.State("forward", 0, 0, 0, column)
        placed = drawing.layout(values)["forward"]["wide"]
        left, top = placed["places"][-1]
        picture = drawing.draw(values, state)
        ends = {tuple(map(int, end)) for end in re.findall(r'cx="(\d+)" cy="(\d+)" r="4"', picture)}
        entry = left + drawing.CELL * column, top + drawing.TITLE
        inside = [
            (x, y)
            for x, y in ends
            if entry[0] <= x < entry[0] + drawing.CELL and entry[1] <= y < entry[1] + drawing.CELL
        ]
        assert inside
        assert picture.count('class="cx-sign"') == len(placed["links"])
