"""Numbers and sums as figures write them."""

import pytest

from cnnlab.page.explorer import words
from cnnlab.page.explorer.words import MINUS


def test_numbers_and_factors():
    assert [words.number(n) for n in (3, -3, "-1/2")] == ["3", f"{MINUS}3", f"{MINUS}1/2"]
    assert [words.factor(n) for n in (3, -3, "-1/2")] == ["3", f"({MINUS}3)", f"({MINUS}1/2)"]


@pytest.mark.parametrize(("written", "value"), [(3, 3), ("-1/4", -0.25), ("\u22480.3", 0.3)])
def test_what_is_written_has_its_worth(written, value):
    assert words.worth(written) == value


def test_a_sum_names_the_array_of_each_number():
    term = words.times(2, "X", -1, "w")
    assert term == [("X", "2"), ("", "·"), ("w", f"({MINUS}1)")]
    pieces = words.summed("Z[0]", "Z", [term, term], "= 4")
    assert words.plain(pieces) == ["Z[0] =", f"2·({MINUS}1)", f"+ 2·({MINUS}1)", "= 4"]
    assert pieces[-1] == [("", "= "), ("Z", "4")]
    shares = words.plain(words.listed([("dX[0]", term), ("dX[1]", term)]))
    assert shares == [f"dX[0] += 2·({MINUS}1),", f"dX[1] += 2·({MINUS}1)"]


def test_the_strongest_entry_sets_the_scale():
    values = {"X": [[1, -7]], "Y": [["1/2", 0]], "b": [0]}
    assert words.scales(values, ("X", "Y", "b")) == {"X": 7, "Y": 0.5, "b": 1}
