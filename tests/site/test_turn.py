"""The turn in a browser: what the slider turns, lays down and says."""

import re

import pytest
from support.browser import axe

from cnnlab.page.turn import frames

PIXEL = 1, 1
LOOK = """() => {
    const live = document.querySelector(".tn-live");
    const at = element => {
        const box = element.getBoundingClientRect();
        return [box.x + box.width / 2, box.y + box.height / 2];
    };
    const of = name => [...live.querySelectorAll(name)];
    return {
        weights: of(".tn-weight").map(w => [w.lastChild.lastChild.textContent, ...at(w)]),
        block: of(".tn-met").map(w => [w.lastChild.lastChild.textContent, ...at(w)]),
        upright: of(".tn-weight text").map(text => {
            const { a, b } = text.getScreenCTM();
            return Math.atan2(b, a);
        }),
        threads: of(".tn-threads g").map(g => [...g.querySelectorAll("circle")].map(at)),
        cell: live.querySelector(".tn-frame").getBoundingClientRect().width / 2,
        result: of(".tn-results p").filter(p => getComputedStyle(p).visibility === "visible")
            .map(p => p.textContent.trim()),
        said: live.querySelector(".tn-said").textContent,
        height: document.querySelector(".cnn-turn").getBoundingClientRect().height,
        slider: live.querySelector("input").getBoundingClientRect().height,
        still: getComputedStyle(document.querySelector(".tn-still")).display,
    };
}"""
PULL = """degrees => {
    const slider = document.querySelector(".tn-live input");
    slider.value = degrees;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
}"""

ALONE = """() => document.querySelector("article").replaceChildren(
    ...document.querySelectorAll("article link, .cnn-turn"))"""


def nearest(place, numbers):
    return min(numbers, key=lambda n: abs(n[1] - place[0]) + abs(n[2] - place[1]))


def check_threads(seen):
    """Each thread leads from an entry of the block to the weight that the table pairs with it."""
    block, weights = frames.turned(180, PIXEL).block, frames.turned(180, PIXEL).weights
    pairs = {frames.number(a): str(b) for a, b in zip(block.flat, weights.flat, strict=True)}
    found = {
        nearest(a, seen["block"])[0]: nearest(b, seen["weights"])[0] for a, b in seen["threads"]
    }
    assert found == pairs


@pytest.fixture(scope="module")
def page(site, plain_tab):
    """Open the chapter on a phone, without motion."""
    plain_tab.page.emulate_media(reduced_motion="reduce", color_scheme="light")
    url = f"{site.as_uri()}/book/input-gradient.html"
    faults = plain_tab.open(url, {"width": 390, "height": 844}, within=site.as_uri())
    plain_tab.page.locator(".cnn-turn").scroll_into_view_if_needed()
    yield plain_tab.page
    plain_tab.page.emulate_media(media="null", reduced_motion="no-preference")
    assert not faults, faults


def test_the_slider_turns_the_pattern_and_gives_the_sums(page):
    heights = set()
    for degrees in (0, 40, 90, 133, 180):
        page.evaluate(PULL, degrees)
        seen = page.evaluate(LOOK)
        heights.add(round(seen["height"]))
        assert max(map(abs, seen["upright"])) < 1e-6, degrees
        (result,) = seen["result"]
        if degrees in frames.RIGHT_ANGLES:
            turn = frames.turned(degrees, PIXEL)
            assert f"= {turn.total} " in result
            assert ("✓" in result) == (degrees == 180)
        else:
            assert "=" not in result
        if degrees != 180:
            check_threads(seen)
    laid = [nearest(at, seen["weights"])[0] for _, *at in seen["block"]]
    assert laid == [str(weight) for weight in frames.turned(180, PIXEL).weights.flat]
    assert len(heights) == 1, "something jumps"
    assert seen["slider"] >= 44
    assert seen["still"] == "none"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.wait_for_function(
        "document.querySelector('.tn-said').textContent.includes(': 11, the 11 of the table')"
    )


def test_keys_turn_in_steps_and_to_the_ends(page):
    slider = page.locator(".tn-live input")
    slider.focus()
    for key, degrees in {
        "Home": 0,
        "ArrowRight": 15,
        "ArrowUp": 30,
        "ArrowLeft": 15,
        "End": 180,
    }.items():
        page.keyboard.press(key)
        assert slider.input_value() == str(degrees)
        assert slider.get_attribute("aria-valuetext") == f"{degrees} degrees"


def test_a_finger_that_lets_go_near_a_right_angle_meant_it(page):
    box = page.locator(".tn-live input").bounding_box()
    page.mouse.move(box["x"] + 9, box["y"] + 22)
    page.evaluate(PULL, 0)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.51, box["y"] + 22, steps=3)
    page.mouse.up()
    assert page.locator(".tn-live input").input_value() == "90"


def test_nothing_keeps_readers_out_and_paper_has_three_frames(page):
    page.evaluate(axe())
    page.evaluate(ALONE)  # axe reads all of a page, and this one is long
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.wait_for_function("s => document.documentElement.dataset.theme === s", arg=scheme)
        found = page.evaluate("axe.run('.cnn-turn', { preload: false })")
        assert [fault["id"] for fault in found["violations"]] == []
    page.emulate_media(media="print", color_scheme="light")
    frames_seen = page.locator(".tn-still svg")
    assert frames_seen.count() == len(frames.RIGHT_ANGLES)
    assert all(frames_seen.nth(n).is_visible() for n in range(3))
    assert not page.locator(".tn-live").is_visible()
    text = page.locator(".tn-still").inner_text()
    assert re.findall(r"= (\S+)", text) == [
        str(frames.turned(angle, PIXEL).total) for angle in frames.RIGHT_ANGLES
    ]
    page.emulate_media(media="null")


def test_without_scripts_the_three_frames_are_seen(browser, site):
    page = browser.new_page(java_script_enabled=False)
    page.goto((site / "book" / "input-gradient.html").as_uri())
    assert page.locator(".tn-still svg").first.is_visible()
    assert not page.locator(".tn-live").is_visible()
    page.close()
