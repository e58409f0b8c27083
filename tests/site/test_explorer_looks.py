"""The explorer for eye and ear: still and live, light and dark, narrow and wide, in print."""

import itertools
import re
from urllib.parse import unquote

import pytest
from support.browser import axe
from support.explorer import MODES
from support.explorer_page import (
    BOOK,
    LAB,
    PICTURE,
    cell,
    chosen,
    contrast,
    example,
    luminance,
    read,
    select,
    titled,
    walk,
)

from cnnlab import palette
from cnnlab.page.explorer import drawing, explore

# ------------------------------------------------------------------------------- still and live

SAME = f"() => ({PICTURE})(document.querySelector('cnnlab-explorer svg'))"
PARSED = "new DOMParser().parseFromString(text, 'image/svg+xml').documentElement"
STILL = f"""text => {{
  const svg = {PARSED};
  svg.querySelector('style').remove();
  svg.querySelector('rect').remove(); // the paper
  return ({PICTURE})(svg);
}}"""


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("sizes", [(2, 4, 5, 2, 2, 3), (1, 1, 1, 1, 1, 1), (3, 8, 8, 3, 4, 4)])
def test_script_draws_the_still_picture(mode, sizes, show):
    """Python draws the first state, the script all of them: the same picture, piece by piece."""
    figure = example(sizes, mode=mode)
    page = show(figure, width=1200)
    (source,) = re.findall(r'src="data:image/svg\+xml,([^"]*)"', figure._repr_html_())
    # The script takes the layout for its room as soon as the page says how wide that is.
    wide = re.search(r"<svg[^>]* width='([\d.]+)'", unquote(source))[1]
    page.locator(f"cnnlab-explorer svg[width='{wide}']").wait_for()
    assert page.evaluate(SAME) == page.evaluate(STILL, unquote(source))
    (line,) = re.findall(r'<p class="cx-sum">(.*)</p>', figure._repr_html_())
    assert page.locator(".cx-now").inner_html() == line
    # On a phone the planes stand otherwise, as Python draws them there.
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_function("document.querySelector('.cx-picture').clientWidth <= 366")
    phone = drawing.draw(figure.values, figure._first(mode), "narrow")
    xml = phone.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    assert page.evaluate(SAME) == page.evaluate(f"text => ({PICTURE})({PARSED})", xml)


@pytest.mark.parametrize("mode", MODES)
def test_without_script(mode, show):
    page = show(explore(mode=mode), java_script_enabled=False, width=340)
    still = page.locator("cnnlab-explorer img")
    assert still.is_visible()
    box = still.bounding_box()
    assert 250 < box["width"] <= 340 - 24
    assert page.locator(".cx-sum").is_visible()
    assert page.locator(".cx-how").is_visible()
    assert page.locator("cnnlab-explorer :is(input, select)").count() == 0


def test_several_on_a_page(show):
    page = show(explore(), explore(mode="gather"), explore(mode="scatter", seed=1))
    for n in range(3):
        element = page.locator("cnnlab-explorer").nth(n)
        assert element.locator("> *").count() == 2  # style and figure; nothing still
        assert element.locator("svg").count() == element.locator(".cx-how").count() == 1
    assert [read(page, n)["checked"]["mode"] for n in range(3)] == ["forward", "gather", "scatter"]
    before = [read(page, n)["sum"] for n in range(3)]
    page.locator("cnnlab-explorer").nth(1).locator("select").select_option("weight")
    assert [read(page, n)["checked"]["mode"] for n in range(3)] == ["forward", "weight", "scatter"]
    assert [read(page, n)["sum"] for n in (0, 2)] == [before[0], before[2]]
    assert page.evaluate("[...document.querySelectorAll('cnnlab-explorer [id]')].length") == 0


def test_moved_within_the_page(show):
    """JupyterLab takes outputs out and puts them back."""
    page = show(example())
    page.locator(".cx-cell[tabindex='0']").focus()
    page.keyboard.press("ArrowRight")
    before = read(page)
    page.evaluate(
        "document.querySelector('main').append(document.querySelector('cnnlab-explorer'))"
    )
    assert read(page) | {"said": ""} == before | {"said": ""}


# ------------------------------------------------------------------------------- for the ear


def test_said(show):
    page = show(explore([[[1, 2, 3], [4, 5, 6]]], [[[[1, 2], [3, -4]]]], [10], [[[1, -2]]]))
    said = {
        "forward": "Z, pattern 0, row 0, column 0: bias 10 plus 1 times 1 plus 2 times 2 "
        "plus 4 times 3 plus 5 times minus 4 is 7.",
        "weight": "d w, pattern 0, depth 0, row 0, column 1: "
        "2 times 1 plus 3 times minus 2 is minus 4.",
        "gather": "d X, depth 0, row 0, column 1: 1 times 2 plus minus 2 times 1 is 0. "
        "Absent, outside the border: 2.",
        "scatter": "d Z, pattern 0, row 0, column 1, is minus 2. In d X, depth 0: "
        "row 0, column 1 gets minus 2 times 1; row 0, column 2 gets minus 2 times 2; "
        "row 1, column 1 gets minus 2 times 3; row 1, column 2 gets minus 2 times minus 4.",
    }
    for mode in MODES:
        select(page, "mode", mode)
        page.wait_for_timeout(500)
        assert read(page)["said"] == said[mode]
    live = page.locator("[aria-live=polite]")
    assert live.count() == 1
    assert live.get_attribute("aria-hidden") is None


def test_said_once_for_a_slide(show):
    page = show(example())
    page.evaluate(
        "window.said = []; new MutationObserver(() => said.push(1)).observe("
        "document.querySelector('.cx-said'), { childList: true, characterData: true })"
    )
    page.wait_for_timeout(600)
    assert page.evaluate("said.length") == 0  # the page does not speak by itself
    before = read(page)["said"]
    page.locator(".cx-cell[tabindex='0']").focus()
    # At once: a slow machine would make pauses between them.
    page.evaluate("""() => {
        for (const key of ["ArrowRight", "ArrowDown", "ArrowRight", "ArrowDown"]) {
            const event = new KeyboardEvent("keydown", { key, bubbles: true });
            document.activeElement.dispatchEvent(event);
        }
    }""")
    assert read(page)["said"] == before
    page.wait_for_timeout(600)
    assert page.evaluate("said.length") == 1
    assert read(page)["said"].startswith("Z, pattern 0, row 2, column 2: bias ")


# In light and in dark; the contrast is measured on every kind of page below.
@pytest.mark.parametrize("style", [BOOK["light"], LAB["dark"]])
def test_accessible(style, show):
    page = show(example(), style=style, reduced_motion="reduce")
    if style == LAB["dark"]:
        page.evaluate("document.body.dataset.jpThemeLight = 'false'")
    page.evaluate(axe())
    for mode in MODES:
        select(page, "mode", mode)
        found = page.evaluate(
            "async () => (await axe.run('cnnlab-explorer', { resultTypes: ['violations'], runOnly: "
            "['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'] })).violations"
            ".map(v => v.id + ': ' + v.help + ' ' + v.nodes[0].html)"
        )
        assert found == [], mode


# ------------------------------------------------------------------------------- for the eye


@pytest.mark.parametrize("style", [*BOOK.values(), *LAB.values(), ""])
def test_readable_on_every_page(style, show):
    """The colors are those of the page, whatever the reader's system prefers."""
    page = show(example(), style=style)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert contrast(page) > 7
        body = page.evaluate("getComputedStyle(document.querySelector('.cx-ground')).fill")
        assert (luminance(body) < 0.5) == (style in (BOOK["dark"], LAB["dark"]))


def test_print(show):
    page = show(example(), style=BOOK["dark"])
    page.emulate_media(media="print")
    assert not page.locator(".cx-controls").is_visible()
    assert not page.locator(".cx-hint").is_visible()
    assert page.locator(".cx-picture").is_visible()
    assert page.locator(".cx-now").is_visible()
    paper = page.evaluate("getComputedStyle(document.querySelector('.cx-ground')).fill")
    assert luminance(paper) == 1
    assert contrast(page) > 7


WIDTHS = [340, 390, 1200]


@pytest.mark.parametrize("sizes", [(2, 4, 5, 2, 2, 3), (3, 8, 8, 3, 4, 4), (1, 1, 1, 1, 1, 1)])
def test_fits_and_can_be_touched(sizes, show):
    page = show(example(sizes), reduced_motion="reduce")
    for width, mode in itertools.product(WIDTHS, MODES):
        page.set_viewport_size({"width": width, "height": 844})
        select(page, "mode", mode)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        right, sizes_touched = page.evaluate(
            "[Math.max(...[...document.querySelectorAll('cnnlab-explorer *')]"
            ".map(e => e.getBoundingClientRect().right)),"
            "[...document.querySelectorAll('[role=grid] .cx-cell rect, .cx-controls select, "
            ".cx-controls fieldset label')]"
            ".map(e => e.getBoundingClientRect()).map(r => [r.width, r.height]).flat()]"
        )
        assert right <= width
        visible = [size for size in sizes_touched if size]
        assert min(visible) >= (22 if width > 340 else 19)  # of the largest


@pytest.mark.parametrize("mode", MODES)
def test_nothing_jumps(mode, show):
    """Whatever is chosen, the text below stays where it is."""
    figure = example(mode=mode)
    page = show(figure)
    top = "() => document.querySelector('#after').getBoundingClientRect().top + scrollY"
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 844})
        tops = {state[-1] for state in walk(page, figure.values, mode, take=top)}
        assert len(tops) == 1, width
        room, now = page.evaluate(
            "['.cx-room', '.cx-now'].map(n => document.querySelector(n).scrollHeight)"
        )
        assert now <= room, width


# ------------------------------------------------------------------------------- motion

FLYING = """[...document.querySelectorAll('.cx-flying text')].map(copy => {
  const middle = e => {
    const r = e.getBoundingClientRect();
    return [r.x + r.width / 2, r.y + r.height / 2];
  };
  const [animation] = copy.getAnimations();
  animation.pause();
  animation.currentTime = 400;
  return [copy.textContent, ...middle(copy)];
})"""


@pytest.mark.parametrize("mode", MODES)
def test_products_go_to_their_sum(mode, show):
    """In a short motion; shares go to their pixels; nothing is left of it."""
    page = show(example(mode=mode), width=1200, reduced_motion="no-preference")
    assert page.evaluate(FLYING) == []
    page.locator(".cx-cell[tabindex='0']").focus()
    page.keyboard.press("ArrowDown")
    flown = page.evaluate(FLYING)
    shown = read(page)
    if mode == "scatter":
        count = len(titled(shown, "shares")[0]["laid"])
    else:
        values = [line for plane in titled(shown, "products") for line in plane["cells"]]
        count = len([value for line in values for value in line if value is not None])
        count += mode == "forward"  # the bias
        box = page.locator(".cx-chosen").bounding_box()
        for _, x, y in flown:
            assert box["x"] < x < box["x"] + box["width"]
            assert box["y"] < y < box["y"] + box["height"]
    assert len(flown) == count
    page.evaluate("document.getAnimations().forEach(a => a.finish())")
    page.wait_for_function("!document.querySelector('.cx-flying')")

    still = show(example(mode=mode), width=1200, reduced_motion="reduce")
    still.locator(".cx-cell[tabindex='0']").focus()
    still.keyboard.press("ArrowDown")
    assert still.evaluate("document.getAnimations().length") == 0
    assert still.locator(".cx-flying").count() == 0


def test_gather_and_scatter_look_at_the_same_place(show):
    page = show(example(mode="gather"))
    page.mouse.click(*cell(page, "dX[0]", 1, 2))
    select(page, "mode", "scatter")
    assert chosen(page) == ("dZ[0]", [1, 2])
    select(page, "mode", "gather")
    assert chosen(page) == ("dX[0]", [1, 2])


# ------------------------------------------------------------------------------- letters, phone


def test_planes_have_the_colors_of_their_letters(show):
    """Titles, frames and factors of the sum."""
    light, dark = palette.colors("light"), palette.colors("dark")
    page = show(example(mode="gather"), style="--cnn-w: #123456")
    look = """() => [...document.querySelectorAll('.cx-plane')].map((plane) => [
      plane.querySelector('.cx-title').textContent,
      getComputedStyle(plane.querySelector('.cx-title')).fill,
      getComputedStyle(plane.querySelector('.cx-window rect') ?? plane).stroke])"""
    shown = {title: (own, laid) for title, own, laid in page.evaluate(look)}
    rgb = "rgb({}, {}, {})".format
    hexes = {name: rgb(*bytes.fromhex(color[1:])) for name, color in light.items()}
    assert shown["dX[0]"][0] == hexes["dX"]
    assert shown["dZ[0]"] == (hexes["dZ"], rgb(0x12, 0x34, 0x56))  # the page's own color of w
    factors = "[...document.querySelectorAll('.cx-now b')].map(e => getComputedStyle(e).color)"
    assert page.evaluate(factors)[:3] == [hexes["dX"], hexes["dZ"], rgb(0x12, 0x34, 0x56)]
    page.evaluate("document.body.dataset.jpThemeLight = 'false'")
    shown = {title: own for title, own, _ in page.evaluate(look)}
    assert shown["dX[0]"] == rgb(*bytes.fromhex(dark["dX"][1:]))


@pytest.mark.parametrize("mode", ["dark", "light"])
def test_digits_are_legible_on_the_strongest_colors(mode, show):
    page = show(explore([[[9, -9]]], [[[[1]]]]), style=BOOK[mode])
    look = """() => ['plus', 'minus']
      .map(name => getComputedStyle(document.querySelector(`.cx-${name}`)))
      .map(({ fill, fillOpacity }) => [fill, Number(fillOpacity)])"""
    ink, paper = (palette.colors(mode)[name] for name in ("ink", "paper"))
    for fill, part in page.evaluate(look):
        assert part == 0.5
        channels = [int(channel) for channel in re.findall(r"\d+", fill)]
        behind = bytes.fromhex(paper[1:])
        mixed = [part * own + (1 - part) * back for own, back in zip(channels, behind, strict=True)]
        text = rgb_of(bytes.fromhex(ink[1:]))
        dark, light = sorted([luminance(text), luminance(rgb_of(mixed))])
        assert (light + 0.05) / (dark + 0.05) > 4.5


def rgb_of(channels):
    return "rgb({}, {}, {})".format(*map(round, channels))


# The height that a figure may have on a desk and on a phone, whatever is chosen.
TALLEST = {1440: 660, 390: 700}


@pytest.mark.parametrize("width", TALLEST)
@pytest.mark.parametrize("sizes", [(2, 3, 4, 2, 2, 2), (2, 4, 4, 2, 2, 2)])
def test_the_whole_figure_fits_the_window(sizes, width, show):
    """With the sizes of the chapters: picture, sum and choices are seen at once."""
    page = show(example(sizes), width=width)
    page.add_style_tag(content="main { max-width: 790px; margin: 0 auto }")
    for mode in MODES:
        select(page, "mode", mode)
        box = page.locator("cnnlab-explorer").bounding_box()
        assert box["height"] <= TALLEST[width], mode
        first = page.locator("cnnlab-explorer .cx-picture").bounding_box()
        assert first["y"] - box["y"] < 12  # nothing stands above the picture
