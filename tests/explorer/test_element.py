"""What every figure puts on a page: files without comments, a script, a still picture."""

from importlib import resources
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from support.explorer import Reader

from cnnlab.explorer import element, explore, explore_pooling
from cnnlab.explorer.drawing import picture


def source_of(name):
    return resources.files("cnnlab.explorer").joinpath(name).read_text("utf-8")


@pytest.mark.parametrize("name", ["explorer.js", "convolution.js", "pooling.js"])
def test_scripts_are_shipped_whole(name):
    """Comments and indentation go; the code stays."""
    text = source_of(name)
    assert "*/" not in text  # only // comments, on lines of their own, are dropped
    kept = [line.strip() for line in text.splitlines()]
    assert element.file_text(name).splitlines() == [s for s in kept if s and s[:3] != "// "]


@pytest.mark.parametrize(
    ("figure", "subject"), [(explore, "convolution.js"), (explore_pooling, "pooling.js")]
)
def test_a_script_is_what_all_share_called_with_its_subject(figure, subject):
    (sent,) = Reader(figure()._repr_html_()).texts["script"]
    shared, own = element.file_text("explorer.js"), element.file_text(subject)
    assert sent.strip() == f"{shared.strip()}({own.strip()});"
    # Nothing that ends a script early: every closing tag in it is one of its templates.
    assert "</script" not in sent
    assert len(sent.encode()) < 18_000


def test_a_still_picture_can_stand_alone():
    """As an image it has its own style and paper, and words for those who do not see it."""
    svg = picture([], {"size": [10, 20], "zoom": [14, 28], "places": [], "signs": []})
    image = Reader(element.still_image(svg, ".a { fill: red; }", 'x < "y"')).one("img")
    assert image["alt"] == 'x < "y"'
    kind, _, text = image["src"].partition(",")
    assert kind == "data:image/svg+xml"
    root = ElementTree.fromstring(unquote(text))
    assert root.find("{*}style").text.strip() == ".a { fill: red; }"
    assert root.get("viewBox") == "0 0 10 20"
