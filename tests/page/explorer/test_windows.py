"""The geometry explorer's sizes, readers and words, against cnnlab.shapes and the loops."""

import re

import numpy as np
import pytest
from support.geometry import build, geometry_of, layer_of, options_of, random_numbers

from cnnlab import reference
from cnnlab.page.explorer.windows import State
from cnnlab.page.explorer.words import MINUS, plain


def test_sizes_and_readers_are_those_of_the_package(rng):
    for _ in range(100):
        numbers = random_numbers(rng)
        layer, geometry = layer_of(numbers), geometry_of(numbers)
        image, w_shape, options = options_of(numbers)
        assert tuple(axis.positions for axis in layer.axes) == geometry.positions
        ones = np.ones((1, *geometry.positions)), np.ones(w_shape)
        reads = reference.conv2d_dX(*ones, image, **options)
        np.testing.assert_array_equal(layer.reads(), reads[0])


def test_spelled_entries_are_true(rng):
    """What is spelled is computed, entry by entry, and must be what the loops give."""
    for _ in range(10):
        numbers = random_numbers(rng)
        layer = layer_of(numbers)
        image, w_shape, options = options_of(numbers)
        names = {
            "X": rng.integers(-9, 10, image)[0],
            "w": rng.integers(-9, 10, w_shape)[0, 0],
            "b": 5,
        }
        Z = reference.conv2d(names["X"][None], names["w"][None, None], [5], **options)[0]
        names["dZ"] = rng.integers(-9, 10, Z.shape)
        dX = reference.conv2d_dX(names["dZ"][None], names["w"][None, None], image, **options)[0]
        for plane, expected in ("Z", Z), ("X", dX):
            for row, column in np.ndindex(expected.shape):
                text = " ".join(plain(layer.spell(State(plane, row, column))))
                terms = re.sub(r"\(.*?\)$", "", text.split("=")[1]).replace("·", "*")
                assert re.fullmatch(r"[\w\[\],+* ]+", terms)
                assert eval(terms, names) == expected[row, column], text


def test_by_hand():
    """The layer of the chapter: 4 x 6, 2 x 2, stride 2, padding 1, dilation 2."""
    layer = layer_of(build((4, 6), (2, 2), (2, 2), (2, 2), (1, 1), (1, 1)))
    assert layer.lines()[:3] == [
        f"M' = ⌊(4 + 1 + 1 {MINUS} 1·2 {MINUS} 1) / 2⌋ + 1 = 2, rest 1",
        f"N' = ⌊(6 + 1 + 1 {MINUS} 1·2 {MINUS} 1) / 2⌋ + 1 = 3, rest 1",
        "Never read: 18 of 24 pixels.",
    ]
    assert layer.reads()[1] == [0, 4, 0, 4, 0, 2]
    assert plain(layer.spell(State("X", 3, 5))) == ["dX[3,5] =", "dZ[1,2]·w[1,1]"]
    assert plain(layer.spell(State("X", 0, 0))) == ["dX[0,0] =", "0", "(no window reads it)"]
    assert plain(layer.spell(State("Z", 0, 0))) == ["Z[0,0] =", "b", "+ w[1,1]·X[1,1]"]
    alone = layer_of(build((1, 1), (1, 1), (1, 1), (1, 1), (1, 1), (1, 1)))
    assert plain(alone.spell(State("Z", 0, 0))) == ["Z[0,0] =", "b", "(all on padding)"]


@pytest.mark.parametrize(
    ("depth", "patterns", "groups", "shapes_said", "said"),
    [
        (4, 2, 2, "w (2, 2, 2, 2)", "k = 0: c = 0 to 1; k = 1: c = 2 to 3."),
        (3, 3, 3, "w (3, 1, 2, 2)", "k = 0: c = 0; k = 1: c = 1; k = 2: c = 2."),
        (4, 2, 1, "w (2, 4, 2, 2)", "Every pattern sees all depths."),
    ],
)
def test_groups_are_said(depth, patterns, groups, shapes_said, said):
    numbers = build((4, 6), (2, 2), (1, 1), (1, 1), (0, 0), (0, 0))
    layer = layer_of(numbers | {"depth": depth, "patterns": patterns, "groups": groups})
    *_, shapes_line, groups_line = layer.lines()
    assert shapes_said in shapes_line
    assert said in groups_line
