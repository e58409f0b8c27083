"""The reference of the website: a page for each part, loops beside twins, and the glossary."""

import re
from collections import Counter

import pytest

from cnnlab import fast, reference
from cnnlab.operations import OPERATIONS

WIDTHS = (320, 390, 768, 1200, 1920)
PAGES = ("api", "api/layers", "api/plots", "api/twins-conv", "glossary")
ID = re.compile(r'<(?:dt|section|details)[^>]* id="([^"]+)"')


@pytest.fixture(scope="module")
def texts(site):
    """Read the pages of the reference, by their name below the folder of the book."""
    book = site / "book"
    paths = [book / "api.html", *sorted(book.glob("api/*.html"))]
    return {
        path.relative_to(book).with_suffix("").as_posix(): path.read_text(encoding="utf-8")
        for path in paths
    }


def test_every_operation_is_described_once_in_each_backend(texts):
    anchors = Counter(anchor for text in texts.values() for anchor in ID.findall(text))
    for name in reference.__all__:
        for backend in ("reference", "fast"):
            assert anchors[f"cnnlab.{backend}.{name}"] == 1, name
        assert anchors[f"twins-{name}"] == 1, name
    assert not [anchor for anchor in anchors if anchors[anchor] > 1 and "cnnlab." in anchor]


def test_loop_and_twin_stand_side_by_side_with_equation_and_check(texts):
    assert set(reference.__all__) == set(fast.__all__)
    for operation in OPERATIONS:
        file = getattr(reference, operation.name).__module__.rpartition(".")[2]
        text = texts[f"api/twins-{file}"]
        for name in operation.functions:
            part = text.split(f'<section id="twins-{name}">')[1].split("</section>")[0]
            assert part.count('class="twin docutils container"') == 2, name
            plain = re.sub(r"<[^>]*>", "", part)
            assert plain.count(f"def {name}(") >= 2, name
            assert f"cnnlab.fast.{name}" in plain, name
            assert 'class="math' in part, f"{name} has no equation"
            assert "Check of equation (" in plain, f"{name} has no check"
            link = f"twins-{file}.html#twins-{name}"
            assert texts[f"api/{file}"].count(link) >= 2, "the descriptions do not lead to it"


def test_pages_have_room_from_a_phone_to_a_wide_screen(site, plain_tab):
    page = plain_tab.page
    wide = []
    for name in PAGES:
        faults = plain_tab.open(
            f"{site.as_uri()}/book/{name}.html",
            {"width": WIDTHS[0], "height": 800},
            within=site.as_uri(),
        )
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            scrolled = page.evaluate("document.documentElement.scrollWidth")
            if scrolled > width:
                wide.append(f"{name} at {width}: {scrolled}")
        if name == "api/twins-conv":
            columns = "() => getComputedStyle(document.querySelector('.twins')).gridTemplateColumns"
            assert len(page.evaluate(columns).split()) == 2
            page.set_viewport_size({"width": 390, "height": 800})
            assert len(page.evaluate(columns).split()) == 1
        assert not faults, faults
    assert wide == []


def test_addresses_of_the_one_page_of_before_lead_on(site, bare_tab):
    for name, page in {
        "cnnlab.reference.conv2d": "conv",
        "cnnlab.fast.relu_dZ": "activations",
        "cnnlab.reference.plain.conv2d": "conv",
        "cnnlab.model.Sequential.forward": "model",
    }.items():
        bare_tab.open(
            f"{site.as_uri()}/book/api.html#{name}",
            {"width": 1440, "height": 900},
            within=site.as_uri(),
        )
        bare_tab.page.wait_for_url(f"**/book/api/{page}.html#{name}", timeout=5_000)
        assert bare_tab.page.evaluate("name => !!document.getElementById(name)", name)


def test_the_glossary_has_letters_and_other_words(site):
    text = (site / "book" / "glossary.html").read_text(encoding="utf-8")
    bar = re.search(r'<ul class="letters[^"]*">(.*?)</ul>', text, re.DOTALL)[1]
    letters = re.findall(r'href="#([\w-]+)"', bar)
    assert letters[:3] == ["letters", "a", "b"]
    for letter in letters[1:]:
        section = text.split(f'<section id="{letter}">')[1].split("</section>")[0]
        words = re.findall(r'<dt id="term-([^"]+)"', section)
        assert words
        assert all(word.lower().startswith(letter) for word in words), letter
    assert text.count('class="other-words"') > 60
    assert 'href="notation.html"' in text.split('<section id="letters">')[1].split("</section>")[0]
