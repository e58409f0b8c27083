"""The geometry explorer as Python sees it: its words, its HTML, what it refuses."""

import gzip
import json
import re
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from support.explorer import Reader

from cnnlab.page.explorer import explore_geometry, geometry
from cnnlab.page.part import file_text
from cnnlab.page.shared import NAMES

LAYER = {"stride": 2, "padding": 1, "dilation": 2}


def still_of(figure):
    source = Reader(figure._repr_html_()).one("img")["src"]
    return ElementTree.fromstring(unquote(source.partition(",")[2]))


def test_text():
    text = repr(explore_geometry((4, 6), 2, **LAYER))
    assert text == (
        "<GeometryExplorer of X (1, 4, 6), w (1, 1, 2, 2), Z (1, 2, 3). "
        "Never read: 18 of 24 pixels.>"
    )
    grouped = repr(explore_geometry(5, (3, 2), depth=4, patterns=2, groups=2, padding="same"))
    assert "X (4, 5, 5), w (2, 2, 3, 2), Z (2, 5, 5). Never read: 0 of 25" in grouped


def test_padding_is_resolved():
    numbers = explore_geometry((5, 6), 3, stride=2, padding="same").numbers
    assert (numbers["before"], numbers["after"], numbers["name"]) == ([1, 0], [1, 1], "same")
    numbers = explore_geometry(padding=((0, 1), (2, 3))).numbers
    assert (numbers["before"], numbers["after"], numbers["name"]) == ([0, 2], [1, 3], "numbers")


def test_html_stands_alone():
    """Nothing from elsewhere, and nothing that a second figure on the page could collide with."""
    html = explore_geometry(**LAYER)._repr_html_()
    assert html == explore_geometry(**LAYER)._repr_html_()
    names = unquote(html).replace("xmlns='http://www.w3.org/2000/svg'", "")
    assert not re.search(r"https?:|//\w|url\(|@import|\bsrc=(?!.data:)", names)
    assert not any("id" in attributes for _, attributes in Reader(html).tags)
    assert [tag for tag, _ in Reader(html).tags].count("script") == 1
    assert "cnnlab-explorer" not in html
    assert len(html) < 50_000


def test_script_is_the_shared_files_and_its_own_in_one_scope():
    (sent,) = Reader(explore_geometry()._repr_html_()).texts["script"]
    files = (*NAMES, *geometry.FILES)
    assert sent.strip() == f'(() => {{\n"use strict";\n{"".join(map(file_text, files))}}})();'
    assert "</script" not in sent
    assert len(gzip.compress(sent.encode())) < 8_000


def test_limits_are_handed_to_the_script():
    data = json.loads(
        Reader(explore_geometry()._repr_html_()).one("cnnlab-geometry")["data-values"]
    )
    assert data["limits"] == {name: list(pair) for name, pair in geometry.LIMITS.items()}


@pytest.mark.parametrize(
    ("arguments", "options"),
    [((), {}), ((8, 4), {"padding": "full", "dilation": 3}), ((1, 1), {}), (((4, 6), 2), LAYER)],
)
def test_still_picture_keeps_within_its_borders(arguments, options):
    figure = explore_geometry(*arguments, **options)
    picture = still_of(figure)
    _, _, width, height = map(int, picture.get("viewBox").split())
    for plane in picture.findall("{*}g[@transform]"):
        left, top = map(int, re.findall(r"\d+", plane.get("transform")))
        for box in plane.iterfind(".//{*}rect"):
            x, y, wide, high = (int(box.get(key)) for key in ("x", "y", "width", "height"))
            assert 0 <= left + x <= left + x + wide <= width
            assert 0 <= top + y <= top + y + high <= height
    assert Reader(figure._repr_html_()).one("img")["alt"].startswith("Z[")


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"image": 9}, ValueError, r"^explore_geometry: image=\[9, 9\] came, .* pass 8 or less"),
        ({"pattern": 5}, ValueError, r"pattern=\[5, 5\] came, but at most 4"),
        ({"stride": (1, 5)}, ValueError, r"stride=\[1, 5\] came, but at most 4"),
        ({"dilation": 4}, ValueError, r"dilation=\[4, 4\] came, but at most 3"),
        ({"padding": 4}, ValueError, r"padding=\[4, 4, 4, 4\] came, but at most 3"),
        ({"depth": 9}, ValueError, r"depth=9 came, but at most 8"),
        ({"stride": 0}, ValueError, r"^explore_geometry: stride=0, but at least 1"),
        ({"padding": "some"}, ValueError, r"^explore_geometry: padding='some' came"),
        ({"groups": 2}, ValueError, r"^explore_geometry: groups=2 does not divide depth D=1"),
        ({"image": 2, "pattern": 3}, ValueError, r"^explore_geometry: a pattern of 3 x 3 does"),
        ({"image": "4"}, TypeError, r"^explore_geometry: image"),
        ({"patterns": 1.5}, TypeError, r"^explore_geometry: patterns"),
    ],
)
def test_refusals(options, error, message):
    with pytest.raises(error, match=message):
        explore_geometry(**options)
