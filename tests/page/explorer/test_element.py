"""What every figure puts on a page: files without comments, a still picture."""

from urllib.parse import unquote
from xml.etree import ElementTree

from support.explorer import Reader

from cnnlab.page.explorer import element


def test_a_still_picture_can_stand_alone():
    """As an image it has its own style and paper, and words for those who do not see it."""
    svg = '<svg class="cx-picture" viewBox="0 0 10 20"></svg>'
    image = Reader(element.still_image(svg, ".a { fill: red; }", 'x < "y"')).one("img")
    assert image["alt"] == 'x < "y"'
    kind, _, text = image["src"].partition(",")
    assert kind == "data:image/svg+xml"
    root = ElementTree.fromstring(unquote(text))
    assert root.find("{*}style").text.strip() == ".a { fill: red; }"
    assert root.get("viewBox") == "0 0 10 20"


def test_a_figure_says_that_its_cell_must_be_run():
    """A notebook that is not trusted shows neither style nor script; then the line is seen."""
    page = element.element(
        "cnnlab-x", {}, how="", picture="<svg></svg>", alt="", pieces=[[("", "1")]], script=""
    )
    assert any("Run its cell" in text for text in Reader(page).texts["p"])
    assert ".cx-run { display: none; }" in page.split("</style>")[0]
