"""The pooling explorer's picture and words: sums that are true, planes in their places."""

import itertools
import re
from fractions import Fraction

import numpy as np
import pytest
from support.explorer import POOLINGS, pooling_values

from cnnlab import reference
from cnnlab.page.explorer import drawing, pools, words
from cnnlab.page.explorer.drawing import State
from cnnlab.page.explorer.words import plain

NAMES = {"max": lambda *pixels: max(pixels)}


def evaluate(text):
    """Return what words with numbers come to, exactly."""
    text = text.replace(words.MINUS, "-").replace("·", "*")
    assert re.fullmatch(r"(max)?[-+*/() ,\d]+", text), text
    return eval(re.sub(r"\d+", r"Fraction(\g<0>)", text), {"Fraction": Fraction, **NAMES})


def states(values, mode):
    plane = values["X" if mode == "gather" else "dY"]
    for k, c, row, column in np.ndindex(len(pools.RULES), *np.shape(plane)):
        yield State(mode, k, c, row, column)


@pytest.mark.parametrize("case", POOLINGS)
@pytest.mark.parametrize(("mode", "result"), [("forward", "Y"), ("gather", "dX")])
def test_spelled_sums_are_true(case, mode, result):
    values = pooling_values(case)
    for state in states(values, mode):
        pieces = " ".join(plain(pools.spell(values, state)))
        name, terms, total = re.fullmatch(r"(\S+) = (.+) ([=≈] \S+)", pieces).groups()
        assert name == f"{result}[{state.c},{state.row},{state.column}]"
        exact = evaluate(terms)
        if total[0] == "≈":
            assert abs(exact - Fraction(total[2:].replace(words.MINUS, "-"))) <= Fraction(1, 20)
        else:
            assert evaluate(total[2:]) == exact


@pytest.mark.parametrize("case", POOLINGS)
def test_what_is_handed_out_adds_up_to_the_gradient(case):
    values = pooling_values(case)
    X, dY = np.array(values["X"]), np.array(values["dY"])
    found = np.full((len(pools.RULES), *X.shape), Fraction(0))
    for state in states(values, "scatter"):
        for piece in plain(pools.spell(values, state)):
            place, share = piece.rstrip(",").split(" += ")
            index = tuple(map(int, re.fullmatch(r"dX\[(\d+),(\d+),(\d+)\]", place).groups()))
            found[(state.k, *index)] += evaluate(share)
    options = {"stride": values["stride"]}
    argmax = reference.max_pool2d(X, values["size"], **options).argmax
    first = reference.max_pool2d_dX(dY, argmax, X.shape)
    mean = reference.avg_pool2d_dX(dY, X.shape, values["size"], **options)
    np.testing.assert_array_equal(found[0].astype(float), first)
    np.testing.assert_allclose(found[3].astype(float), mean, rtol=0, atol=1e-12)
    # Who shares 1 hands out what came in; "all" hands out each entry once for every winner.
    for k in (0, 1, 3):
        assert found[k].sum() == dY.sum()
    windows = (np.array(values["shares"][2], object) != 0).sum(axis=(3, 4))
    assert found[2].sum() == (windows * dY).sum()


def test_the_example_of_the_chapter_by_hand():
    values = pooling_values("chapter")
    dX = {rule: values["dX"][k][0] for k, rule in enumerate(pools.RULES)}
    assert dX["first"] == [[0, 2, 0, 0], [-4, 0, 6, 0], [0, 0, 0, 5]]
    assert dX["split"] == [[0, 1, 0, 0], [-3, 0, 6, 0], [0, 0, 0, 5]]
    assert dX["all"] == [[0, 2, 0, 0], [-2, 0, 6, 0], [0, 0, 0, 5]]
    assert dX["mean"][0] == ["1/2", "5/4", 1, "1/4"]
    gathered = plain(pools.spell(values, State("gather", 0, 0, 1, 2)))
    assert gathered == ["dX[0,1,2] =", "3·1", "+ 1·1", "+ 2·1", "+ 5·0", "= 6"]
    assert plain(pools.spell(values, State("scatter", 1, 0, 0, 0))) == [
        *("dX[0,0,1] += 2·1/2,", "dX[0,1,0] += 2·1/2"),
    ]
    assert plain(pools.spell(values, State("forward", 3, 0, 0, 0))) == [
        *("Y[0,0,0] =", "(1", "+ 6", "+ 6", "+ 3)", "/ 4", "= 4"),
    ]


def test_losers_of_a_tie_are_marked_dashed():
    values = pooling_values("chapter")
    marks = {
        rule: pools.winners(values, State("forward", k, 0, 0, 0))
        for k, rule in enumerate(pools.RULES)
    }
    assert marks["first"] == ((0, 1, True), (1, 0, False))
    assert marks["split"] == marks["all"] == ((0, 1, True), (1, 0, True))
    assert marks["mean"] == ()


def test_a_pixel_in_no_window_gets_nothing():
    values = pooling_values("gaps")
    state = State("gather", 0, 0, 2, 0)  # windows begin at rows 0 and 3, and are two high
    assert pools.covering(values, state) is None
    assert plain(pools.spell(values, state)) == ["dX[0,2,0] =", "0", "= 0"]
    over = [plane.over for plane in pools.planes(values, state)]
    assert over == [None] * 4
    assert pools.draw(values, state).count('r="4"') == 0  # and no line leads anywhere


@pytest.mark.parametrize("case", POOLINGS)
def test_planes_keep_their_sizes_and_do_not_overlap(case):
    values = pooling_values(case)
    for mode, rooms in pools.layout(values).items():
        for state, placed in itertools.product(states(values, mode), rooms.values()):
            taken = np.zeros(placed["size"][::-1], int)
            planes = pools.planes(values, state)
            for plane, (left, top) in zip(planes, placed["places"], strict=True):
                bottom = top + drawing.TITLE + drawing.CELL * len(plane.cells)
                right = left + drawing.CELL * len(plane.cells[0])
                assert bottom <= placed["size"][1]
                assert right <= placed["size"][0]
                taken[top:bottom, left:right] += 1
            assert taken.max() == 1
