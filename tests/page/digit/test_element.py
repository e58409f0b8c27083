"""What stands on a page, and which files it needs."""

import gzip
import re

import pytest

from cnnlab.page import digit
from cnnlab.page.digit.element import EQUATIONS, PLACES, SCRIPTS
from cnnlab.page.digit.weights import made


@pytest.mark.parametrize("of", PLACES)
def test_little_comes_before_it_is_near(of):
    part = digit.part(of)
    first = [part.html, *part.scripts.values(), *part.styles.values()]
    assert sum(len(gzip.compress(text.encode())) for text in first) < 12_000
    assert list(part.later) == ["digit/reader.js", "digit/player.js"]
    assert sum(len(gzip.compress(content)) for content in part.later.values()) < 100_000


@pytest.mark.parametrize("of", PLACES)
def test_the_element_says_what_it_is(of):
    html = digit.part(of).html
    assert f"It reads {round(1000 * made()['accuracy']['bytes'])} of 1,000 test digits" in (
        " ".join(html.split())
    )
    assert re.findall(r'<a data-equation="([\w-]+)"></a>', html) == list(EQUATIONS)
    assert "<noscript>" in html
    assert ("rounded to one byte" in html) == (of == "lenet")
    assert "http" not in html


def test_every_equation_of_the_script_is_named():
    player = digit.part("lenet").later["digit/player.js"].decode()
    assert set(re.findall(r'"(eq-[\w-]+)"', player)) == set(EQUATIONS)
    assert len(SCRIPTS) == player.count("globalThis.cnnDigit ??= {}")


def test_another_place_is_told():
    with pytest.raises(ValueError, match=r"no place 'learning'; pass one of lenet, start"):
        digit.part("learning")
