"""What somebody else wrote is one short line, and a terminal obeys none of it."""

import pytest

from cnnlab.tutor.words import cleaned, type_name


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("two\nlines\tand  room", "two lines and room"),
        ("\x1b[2J\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07 a", "a"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bc reset", "reset"),
        ("nothing\0here", "nothinghere"),
        ("\x9b31m eight bits", "31m eight bits"),
        ("\ud800 alone", "alone"),
        ("left\u202eright", "leftright"),
        ("back\x08\x7fspace", "backspace"),
        ("", ""),
    ],
)
def test_nothing_in_a_text_is_obeyed(text, shown):
    assert cleaned(text) == shown
    shown.encode()


def test_a_text_is_cut():
    assert cleaned("x" * 10_000_000) == "x" * 197 + "..."
    assert cleaned("\x1b[0m" * 1_000_000 + "x") == ""
    assert len(cleaned("word " * 100, 50)) <= 50


def test_a_type_is_named():
    assert type_name([]) == "a list"
    assert type_name(3) == "an int"
    assert type_name(type("\x1b[31m" + "a" * 999, (), {})()) == "an " + "a" * 37 + "..."
