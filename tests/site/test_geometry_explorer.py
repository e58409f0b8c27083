"""The geometry explorer in a browser: what its script computes, draws and says."""

import json
import re
from urllib.parse import unquote

import numpy as np
import pytest
from support.browser import axe
from support.explorer_page import BOOK, LAB
from support.geometry import build, layer_of, random_numbers

from cnnlab.page.explorer import explore_geometry, windows
from cnnlab.page.explorer.windows import State
from cnnlab.page.explorer.words import plain

# A picture as one string: lists would take seconds on their way out of the browser.
TREE = """const flat = e => [e.localName, e.getAttribute('class') ?? '',
    [...e.attributes].filter(a => /^([xydr]|cx|cy|width|height|viewBox|transform)$/.test(a.name))
      .map(a => a.name + a.value), e.children.length ? '' : e.textContent,
    [...e.children].map(flat)];
  const tree = e => JSON.stringify(flat(e));"""

# Puts a figure of other numbers on the page, and takes down all that it shows.
PLAY = """(element, layers) => layers.map(([numbers, state]) => {
  const other = document.createElement('cnnlab-geometry');
  const values = JSON.parse(element.dataset.values);
  other.dataset.values = JSON.stringify({ ...values, numbers, state });
  other.append(element.querySelector('style').cloneNode(true));
  element.after(other);
  const text = name => [...other.querySelectorAll(name)].map(e => e.textContent);
  const found = [tree(other.querySelector('svg')), text('.cx-now > span'), text('.cx-lines p')];
  other.remove();
  return found;
})"""
READ = "new DOMParser().parseFromString(text, 'text/html').querySelector('svg')"


def pictured(page, picture):
    return page.evaluate(f"text => {{ {TREE} return tree({READ}); }}", picture)


def test_script_computes_and_draws_as_python_does(show, rng):
    """Layers drawn at random: the same picture, piece by piece, the same sum, the same lines.

    What a padding's name means here comes from cnnlab.shapes; tests/page/explorer/test_windows.py
    compares the rest of Python's side with it.
    """
    drawn = []
    for n in range(30):
        numbers, plane = random_numbers(rng), "XZ"[n % 2]
        extent = [axis.size if plane == "X" else axis.positions for axis in layer_of(numbers).axes]
        drawn.append((numbers, State(plane, *(int(rng.integers(size)) for size in extent))))
    page = show(explore_geometry())
    play = f"(element, layers) => {{ {TREE} return ({PLAY})(element, layers); }}"
    shown = page.locator("cnnlab-geometry").evaluate(play, drawn)
    for (numbers, state), (picture, words, lines) in zip(drawn, shown, strict=True):
        layer = layer_of(numbers)
        where = f"{numbers} {state}"
        assert lines == layer.lines(), where
        assert words == plain(layer.spell(state)), where
        assert picture == pictured(page, windows.draw(layer, state, "narrow")), where


def test_every_slider_sets_its_number(show):
    numbers = build((5, 7), (3, 2), (2, 3), (1, 2), (0, 1), (2, 3))
    numbers |= {"depth": 6, "patterns": 4, "groups": 2}
    page = show(explore_geometry())
    for name, value in numbers.items():
        if name == "name":
            continue
        sliders = page.locator(f"cnnlab-geometry input[name={name}]")
        group = {"before": "padding", "after": "padding", "depth": "groups", "patterns": "groups"}
        page.locator("select[name=set]").select_option(group.get(name, name))
        for n, one in enumerate(value if isinstance(value, list) else [value]):
            sliders.nth(n).fill(str(one))
            assert sliders.nth(n).locator("+ output").inner_text() == str(one)
    assert page.locator(".cx-lines p").all_inner_texts() == layer_of(numbers).lines()


def test_script_begins_with_the_still_picture(show):
    figure = explore_geometry((5, 6), (3, 2), stride=(2, 1), padding="same", dilation=(1, 2))
    page = show(figure, width=1200)
    (source,) = re.findall(r'src="data:image/svg\+xml,([^"]*)"', figure._repr_html_())
    still = re.sub(r"<style>.*?</style><rect[^>]*/>", "", unquote(source), flags=re.DOTALL)
    live = page.evaluate(f"() => {{ {TREE} return tree(document.querySelector('svg')); }}")
    assert live == pictured(page, still)
    (line,) = re.findall(r'<p class="cx-sum">(.*)</p>', figure._repr_html_())
    assert page.locator(".cx-now").inner_html() == line


def test_without_script(show):
    page = show(explore_geometry(), java_script_enabled=False, width=340)
    assert page.locator("cnnlab-geometry img").is_visible()
    assert page.locator(".cx-lines").is_visible()
    assert page.locator("cnnlab-geometry input").count() == 0


def test_keyboard_alone(show):
    """Tab reaches both grids, the choice of what is changed, and its sliders."""
    page = show(explore_geometry((4, 6), 2))
    active = "document.activeElement.getAttribute('aria-label')"
    plane = "document.activeElement.closest('[data-plane]').dataset.plane"
    page.keyboard.press("Tab")
    assert page.evaluate(plane) == "X"
    page.keyboard.press("ArrowRight")
    assert page.locator(".cx-now").inner_text().startswith("dX[0,1] = ")
    page.keyboard.press("Tab")
    assert page.evaluate(plane) == "Z"
    page.keyboard.press("Control+End")
    assert page.locator(".cx-now").inner_text().startswith("Z[2,4] = ")
    page.wait_for_timeout(500)
    said = page.locator(".cx-said").inner_text()
    assert said.startswith("Z, row 2, column 4: its window reads row 2, column 4; row 2, column 5;")
    page.keyboard.press("Tab")
    reached = set()
    for _ in range(6):
        page.locator("select[name=set]").focus()
        page.keyboard.press("ArrowDown" if reached else "Home")
        page.keyboard.press("Tab")
        while page.evaluate("document.activeElement.matches('.cx-controls :is(input, select)')"):
            reached.add(page.evaluate(active))
            page.keyboard.press("Tab")
    assert {"stride, columns", "padding top", "padding", "groups"} <= reached
    page.locator("select[name=set]").focus()
    page.keyboard.press("Home")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    assert page.locator(".cx-lines p").first.inner_text().startswith("M' = ⌊(5 + 0 + 0")
    page.evaluate("window.stays = true")
    page.keyboard.press("Enter")
    page.evaluate("document.querySelector('cnnlab-geometry form').requestSubmit()")
    assert page.evaluate("window.stays")


def middle(page, plane, row, column):
    cells = page.locator(f"[data-plane={plane}] .cx-row").nth(row).locator(".cx-cell")
    box = cells.nth(column).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_finger_chooses_and_slides(show):
    page = show(explore_geometry((4, 6), 2, stride=2, padding=1, dilation=2))
    page.locator("[data-plane=Z]").scroll_into_view_if_needed()
    page.mouse.click(*middle(page, "X", 2, 2))  # one row and one column of padding
    assert page.locator(".cx-now").inner_text().startswith("dX[1,1] = dZ[0,0]·w[1,1] +")
    assert page.locator(".cx-reader").count() == 4
    page.mouse.move(*middle(page, "Z", 0, 0))
    page.mouse.down()
    assert page.locator(".cx-now").inner_text().startswith("Z[0,0] =")
    page.mouse.move(*middle(page, "Z", 1, 2), steps=4)
    assert page.locator(".cx-now").inner_text().startswith("Z[1,2] =")
    page.mouse.move(*middle(page, "X", 1, 1))  # another plane: not chosen
    page.mouse.up()
    assert page.locator(".cx-now").inner_text().startswith("Z[")


def test_a_name_sets_the_sides_and_numbers_begin_there(show):
    page = show(explore_geometry((5, 6), 3, stride=2))
    sides = (
        "[...document.querySelectorAll('[name=before], [name=after]')]"
        ".map(e => [e.value, e.disabled])"
    )
    page.locator("select[name=set]").select_option("padding")
    page.locator("select[name=name]").select_option("same")
    assert page.evaluate(sides) == [["1", True], ["1", True], ["0", True], ["1", True]]
    page.locator("select[name=name]").select_option("numbers")
    assert page.evaluate(sides) == [["1", False], ["1", False], ["0", False], ["1", False]]


def test_what_does_not_fit_is_said(show):
    page = show(explore_geometry((5, 6), 3))
    lines = page.locator(".cx-lines p")
    page.locator("select[name=set]").select_option("image")
    page.locator("input[name=image]").first.fill("2")
    assert lines.first.inner_text() == (
        "M' : the pattern spans 3 rows, the padded image has 2; it does not fit."
    )
    assert lines.nth(3).inner_text() == "X (1, 2, 6), w (1, 1, 3, 3)."
    assert page.locator("[data-plane]").count() == 1
    assert page.locator(".cx-now").inner_text() == "dX[1,2] = 0 (no window reads it)"
    page.locator("input[name=image]").first.fill("4")
    assert page.locator("[data-plane]").count() == 2
    page.locator("select[name=set]").select_option("groups")
    page.locator("input[name=depth]").fill("4")
    page.locator("input[name=groups]").fill("3")
    assert lines.nth(3).inner_text() == "3 groups do not divide D = 4 and P = 1."
    assert "as many depths" in lines.nth(4).inner_text()


@pytest.mark.parametrize("style", [BOOK["light"], LAB["dark"]])
def test_accessible(style, show):
    page = show(explore_geometry(padding="same"), style=style)
    if style == LAB["dark"]:
        page.evaluate("document.body.dataset.jpThemeLight = 'false'")
    page.evaluate(axe())
    found = page.evaluate(
        "async () => (await axe.run('cnnlab-geometry', { resultTypes: ['violations'], runOnly: "
        "['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'] })).violations"
        ".map(v => v.id + ': ' + v.help + ' ' + v.nodes[0].html)"
    )
    assert found == []


@pytest.mark.parametrize("width", [340, 390, 1200])
def test_fits_and_can_be_touched(width, show):
    page = show(explore_geometry((8, 8), 2, padding=1), width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    sizes = page.evaluate(
        "[...document.querySelectorAll('.cx-set:not([hidden]) input, [name=set]')]"
        ".map(e => e.getBoundingClientRect()).map(r => [r.width, r.height]).flat()"
    )
    assert np.min(sizes) >= 44
    # The figure keeps its height, so that nothing jumps: what is larger is shrunk.
    cells = page.evaluate(
        "[...document.querySelectorAll('.cx-cell rect:first-child:not(.cx-absent)')]"
        ".map(e => e.getBoundingClientRect()).map(r => [r.width, r.height]).flat()"
    )
    assert np.min(cells) >= (24 if width == 1200 else 12)


@pytest.mark.parametrize(("width", "tallest"), [(1440, 660), (390, 700)])
def test_the_whole_figure_fits_the_window(width, tallest, show):
    page = show(explore_geometry((4, 6), 2, stride=2, padding=1, dilation=2), width=width)
    page.add_style_tag(content="main { max-width: 790px; margin: 0 auto }")
    for name in ("image", "padding", "groups"):
        page.locator("select[name=set]").select_option(name)
        assert page.locator("cnnlab-geometry").bounding_box()["height"] <= tallest, name


def test_two_on_a_page_and_moved(show):
    page = show(explore_geometry(), explore_geometry(3, 2))
    second = page.locator("cnnlab-geometry").nth(1)
    second.locator("select[name=set]").select_option("image")
    second.locator("input[name=image]").first.fill("6")
    lines = page.locator(".cx-lines").all_inner_texts()
    assert [line[:8] for line in lines] == ["M' = ⌊(4", "M' = ⌊(6"]
    page.evaluate(
        "document.querySelector('main').append(document.querySelector('cnnlab-geometry'))"
    )
    assert page.locator(".cx-lines").all_inner_texts() == lines[::-1]


def test_print(show):
    page = show(explore_geometry(), style=BOOK["dark"])
    page.emulate_media(media="print")
    assert not page.locator(".cx-controls").is_visible()
    assert page.locator(".cx-picture").is_visible()
    assert json.loads(page.locator("cnnlab-geometry").get_attribute("data-values"))["how"]
