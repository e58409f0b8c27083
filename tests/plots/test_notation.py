"""The diagram of a layer: every symbol and index of the notation."""

import pytest
from support.pictures import assert_keeps_promises, assert_refused, pictures_of, texts

from cnnlab import plots
from cnnlab.plots import notation

CASES = {
    "show_layer": (plots.show_layer, (), {}),
    "show_layer flat": (
        plots.show_layer,
        (),
        {"B": 1, "D": 1, "M": 3, "N": 3, "P": 1, "m": 1, "n": 1},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_keeps_what_every_picture_promises(case):
    assert_keeps_promises(*CASES[case])


def test_every_picture_has_a_case():
    assert {function for function, _, _ in CASES.values()} == pictures_of(notation)


def test_layer_has_every_symbol():
    words = set(texts(plots.show_layer()))
    assert {f"${name}$" for name in ["X", "w", "Z", "Y", *"DMNPmnf", "M'", "N'"]} <= words
    assert {"images  (B, D, M, N)", "patterns  (P, D, m, n)\nbiases $b$  (P,)"} <= words


def test_layer_has_every_index():
    words = set(texts(plots.show_layer()))
    assert {"$s=0$", "$k=0$", "$b[0]$", *(f"${index}$" for index in "kcijuvpq")} <= words


REFUSED = {
    "size of a layer": (lambda: plots.show_layer(P=0), r"show_layer: P is 0, needs 1 or more"),
    "pattern too large": (
        lambda: plots.show_layer(M=2, m=3),
        r"show_layer: a pattern of 3 x 2 does not fit an image of 2 x 8",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_wrong_input_is_refused_in_words(case):
    assert_refused(*REFUSED[case])
