"""A digit is drawn in the browser: what the network computes, reads, shows and says."""

import re

import numpy as np
import pytest
from support.browser import axe
from support.hands import SIDE, drawings, ink_of

from cnnlab import data
from cnnlab.page.digit.payload import ten_digits
from cnnlab.page.digit.still import stages
from cnnlab.page.digit.weights import reader

DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
MINUS = "\N{MINUS SIGN}"
SLOW = 10 * 20  # milliseconds for one movement: ten times what it may take on a quiet machine

SCORES = """images => {
    const layers = cnnDigit.open(cnnDigit.reader);
    return images.map(image => [...cnnDigit.forward(layers, image).at(-1).values]);
}"""
PREPARED = """([side, inks]) => inks.map(at =>
    [...cnnDigit.prepare({ rows: side, columns: side, at: Float32Array.from(at) }).X])"""
TAKES = """([side, at]) => {
    const layers = cnnDigit.open(cnnDigit.reader);
    const ink = { rows: side, columns: side, at: Float32Array.from(at) };
    const times = Array.from({ length: 21 }, () => {
        const start = performance.now();
        cnnDigit.forward(layers, cnnDigit.prepare(ink).X);
        return performance.now() - start;
    });
    return times.sort((one, other) => one - other)[10];
}"""
# Each text that the live region has had.
HEARD = """() => {
    const said = document.querySelector(".digit-said");
    window.heard = [];
    new MutationObserver(() => heard.push(said.textContent)).observe(said, { childList: true });
}"""
SHIFTS = """() => {
    window.shifted = 0;
    new PerformanceObserver(list => {
        for (const entry of list.getEntries()) shifted += entry.hadRecentInput ? 0 : entry.value;
    }).observe({ type: "layout-shift", buffered: true });
}"""
LOADED = "[...document.scripts].map(e => e.src.split('/').pop().split('?')[0])"
ACCUSED = """async () => (await axe.run('.digit', {
    preload: false, resultTypes: ['violations'], runOnly: [
    'wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'] })).violations
    .map(v => v.id + ': ' + v.nodes[0].html)"""


def come_near(tab, site, name, size):
    """Open a page and go to the part; return which scripts were there before, and complaints."""
    faults = tab.open((site / f"book/{name}.html").as_uri(), size, within=site.as_uri())
    page = tab.page
    page.evaluate(SHIFTS)
    before = page.evaluate(LOADED)
    page.locator(".digit").scroll_into_view_if_needed()
    page.wait_for_selector(".digit-live")
    assert page.evaluate("shifted") < 0.02
    return before, faults


@pytest.fixture(scope="module")
def lenet(plain_tab, site):
    """Open the chapter on a desk, once."""
    plain_tab.page.emulate_media(color_scheme="light", reduced_motion="reduce", media="screen")
    before, faults = come_near(plain_tab, site, "lenet", DESK)
    assert "near.js" in before
    assert not {"reader.js", "player.js"} & set(before), "it was loaded before it came near"
    yield plain_tab.page
    assert not faults, faults


def stroke(page, points):
    """Draw a line on the canvas by pointer, through points in parts of its side."""
    page.locator(".digit-pad").scroll_into_view_if_needed()
    box = page.locator(".digit-pad").bounding_box()
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=6)
    page.mouse.up()


def answer(page):
    """Return the answer once the screen has shown it."""
    page.evaluate("() => new Promise(shown => requestAnimationFrame(() => setTimeout(shown)))")
    return page.locator(".digit-answer").text_content()


def take(page, label):
    page.locator(f".digit-ten [value='{label}']").check()


def test_outputs_are_those_of_the_package(lenet):
    """A hundred test digits, and drawings of fresh hands; how long it takes is printed."""
    X = data.mnist_subset().X_test[:100]
    found = lenet.evaluate(SCORES, X.reshape(100, -1).tolist())
    np.testing.assert_allclose(found, reader()(X), rtol=1e-5)
    inks = [ink_of(strokes, pen) for _, _, strokes, pen in list(drawings())[::12]]
    flat = [np.float32(ink).ravel().tolist() for ink in inks]
    for ink, prepared in zip(inks, lenet.evaluate(PREPARED, [SIDE, flat]), strict=True):
        np.testing.assert_allclose(prepared, data.digit(ink).X.ravel(), atol=1e-5)
    takes = lenet.evaluate(TAKES, [SIDE, flat[0]])
    print(f"one movement: {takes:.1f} ms")
    assert takes < SLOW


def test_drawn_by_pointer(lenet):
    """A seven and a one are read; the answer is spoken once, when the hand rests."""
    lenet.evaluate(HEARD)
    stroke(lenet, [(0.25, 0.2), (0.75, 0.2), (0.45, 0.85)])
    assert answer(lenet).startswith("It reads 7, with a probability of ")
    assert lenet.locator(".digit-ten :checked").count() == 0
    assert lenet.evaluate("heard") == []
    lenet.wait_for_function("heard.length > 0")
    assert lenet.evaluate("heard") == [answer(lenet)]
    best = lenet.locator(".digit-bars .digit-best")
    assert re.fullmatch(r"7\s*(9\d|100)\.\d %", best.text_content())
    lenet.locator(".digit-clear").click()
    assert answer(lenet) == "Nothing is drawn yet."
    stroke(lenet, [(0.52, 0.2), (0.5, 0.5), (0.48, 0.8)])
    assert answer(lenet).startswith("It reads 1, ")
    for x in (0.1, 0.25, 0.75, 0.9):
        stroke(lenet, [(x, 0.2), (x, 0.22)])
        stroke(lenet, [(x, 0.6), (x, 0.62)])
    assert answer(lenet).startswith("This is no digit yet")


def test_the_canvas_alone_keeps_the_finger(lenet):
    kept = lenet.evaluate(
        "[...document.querySelectorAll('.digit, .digit *')]"
        ".filter(e => getComputedStyle(e).touchAction === 'none').map(e => e.className)"
    )
    assert kept == ["digit-pad"]


def test_by_keys_alone(lenet):
    """A test digit is chosen, a one is drawn, and the sum behind an entry is asked for."""
    take(lenet, 8)
    lenet.keyboard.press("ArrowRight")
    assert lenet.locator(".digit-ten :checked").get_attribute("value") == "9"
    assert answer(lenet).startswith("It reads 9, ")
    lenet.locator(".digit-pad").focus()
    for key in ["ArrowUp"] * 8 + [" "] + ["ArrowDown"] * 16:
        lenet.keyboard.press(key)
    assert answer(lenet).startswith("It reads 1, ")
    lenet.wait_for_function("document.querySelector('.digit-said').textContent.startsWith('Brush')")
    assert lenet.locator(".digit-said").text_content() == f"Brush down. {answer(lenet)}"
    lenet.keyboard.press("Delete")
    assert answer(lenet) == "Nothing is drawn yet."
    take(lenet, 5)
    lenet.locator(".digit-layers .digit-maps").nth(3).focus()
    for key in ("PageDown", "ArrowDown", "ArrowDown", "ArrowRight", "Enter"):
        lenet.keyboard.press(key)
    assert lenet.locator(".digit-line").text_content().startswith("Z[1, 2, 1] = b[1] + ")
    lenet.wait_for_function(
        "document.querySelector('.digit-said').textContent.startsWith('Z, map 1')"
    )


# The stage, the letter, and the equation behind its entries.
KINDS = {
    0: ("Z", "(3.1)", "pattern-search"), 1: ("Y", "(4.6)", "delta-and-activation"),
    2: ("Y", "(11.1)", "max-pooling"), 3: ("Z", "(3.1)", "pattern-search"),
    4: ("Y", "(4.6)", "delta-and-activation"), 5: ("Y", "(11.1)", "max-pooling"),
    6: ("Z", "(2.1)", "vanilla-network"), 7: ("Y", "(4.6)", "delta-and-activation"),
    8: ("Z", "(2.1)", "vanilla-network"), 9: ("Y", "(4.6)", "delta-and-activation"),
    10: ("Z", "(2.1)", "vanilla-network"),
}  # fmt: skip


def test_the_sum_behind_an_entry(lenet):
    """Click into each stage: the entry's own sum, with the number that the package has there."""
    take(lenet, 2)
    values = stages(ten_digits()[2])
    for at, (letter, number, page) in KINDS.items():
        maps = lenet.locator(".digit-layers .digit-maps").nth(at)
        box = maps.bounding_box()
        maps.click(position={"x": 0.62 * box["width"], "y": 0.4 * box["height"]})
        line = lenet.locator(".digit-line").text_content()
        name, place = re.match(r"([ZY])\[([\d, ]+)\]", line).groups()
        value = values[at + 1][tuple(map(int, place.split(", ")))]
        total = line.rsplit("= ", 1)[1].removesuffix(number).strip().replace(MINUS, "-")
        assert name == letter
        assert line.endswith(number), line
        assert float(total) == pytest.approx(value, abs=0.00501), line
        link = lenet.locator(".digit-line a").get_attribute("href")
        assert link.startswith(f"{page}.html#equation-eq-")
        assert maps.locator(".digit-entry").is_visible()
        assert lenet.locator(".digit-entry:not([hidden])").count() == 1


def test_products_add_up_in_every_depth(lenet):
    """The three tables of a window: products are what stands in the two others."""
    take(lenet, 4)
    maps = lenet.locator(".digit-layers .digit-maps").nth(3)
    maps.click(position={"x": 40, "y": 40})
    line = lenet.locator(".digit-line").text_content()
    terms = re.findall(rf"\(?({MINUS}?\d+\.\d\d)\)?", line.split(" depths = ")[1])
    bias, *sums, total = (float(term.replace(MINUS, "-")) for term in terms)
    assert bias + sum(sums) == pytest.approx(total, abs=0.05)
    for depth in range(6):
        button = lenet.locator(".digit-depths button").nth(depth)
        button.focus()
        lenet.keyboard.press("Enter")
        assert button.evaluate("e => e === document.activeElement && e.ariaPressed === 'true'")
        X, w, products = lenet.evaluate(
            "[...document.querySelectorAll('.digit-numbers')].map(t => [...t.rows]"
            ".flatMap(row => [...row.cells])"
            f".map(td => Number(td.textContent.replace('{MINUS}', '-'))))"
        )
        assert len(X) == len(w) == len(products) == 25
        np.testing.assert_allclose(products, np.multiply(X, w), atol=0.03)
        assert sum(products) == pytest.approx(sums[depth], abs=0.13)
    lenet.locator(".digit-steps [data-way='0,0,1']").click()
    assert lenet.locator(".digit-line").text_content() != line


def test_nothing_keeps_readers_out(lenet):
    lenet.evaluate(axe())
    for theme in ("light", "dark"):
        lenet.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
        assert lenet.evaluate(ACCUSED) == []
    lenet.evaluate("document.documentElement.dataset.theme = 'light'")
    small = lenet.evaluate(
        "[...document.querySelectorAll('.digit :is(button, label)')]"
        ".map(e => e.getBoundingClientRect())"
        ".filter(box => box.width && Math.min(box.width, box.height) < 44).length"
    )
    assert small == 0


def test_on_paper_it_is_a_still_picture(lenet):
    lenet.emulate_media(media="print")
    assert lenet.locator(".digit-still").is_visible()
    assert not lenet.locator(".digit-live").is_visible()
    lenet.emulate_media(media="screen")
    assert not lenet.locator(".digit-still").is_visible()
    assert lenet.locator(".digit-live").is_visible()


def test_on_the_start_page(plain_tab, site):
    """On a phone: folded, light, nothing moves when it comes, and nothing is wider than it."""
    _, faults = come_near(plain_tab, site, "intro", PHONE)
    page = plain_tab.page
    assert answer(page).startswith("It reads 3, ")
    assert not page.locator(".digit-layers").is_visible()
    stroke(page, [(0.25, 0.2), (0.75, 0.2), (0.45, 0.85)])
    assert answer(page).startswith("It reads 7, ")
    page.locator(".digit summary").click()
    assert page.locator(".digit-layers .digit-maps").nth(10).is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    boxes = [page.locator(name).bounding_box() for name in (".layer-at-work", ".digit")]
    assert boxes[0]["y"] + boxes[0]["height"] < boxes[1]["y"]
    assert not faults, faults


def test_without_scripts(browser, site):
    page = browser.new_page(java_script_enabled=False, viewport=PHONE)
    page.goto((site / "book/lenet.html").as_uri())
    assert page.locator(".digit-still").is_visible()
    assert "This is a still picture" in page.locator(".digit").inner_text()
    assert (
        page.locator(".digit-room").bounding_box()["height"] < 1100
    )  # no room for what cannot come
    page.close()
