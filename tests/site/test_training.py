"""The training in a browser: the numbers of cnnlab, pictures that grow, words at the end."""

import pytest
from support.browser import axe

from cnnlab.page.training import run

LEARNING = "book/learning.html"
TUNE = """logarithm => {
    const slider = document.querySelector(".tr-rate input");
    slider.value = logarithm;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
}"""
LOOK = """() => {
    const root = document.querySelector(".cnn-training");
    const of = name => [...root.querySelectorAll(`.tr-live .tr-${name}`)];
    const { step, loss, norm } = root.dataset;
    return {
        step: Number(step), loss: Number(loss), norm: Number(norm),
        points: (of("now")[0].getAttribute("d").match(/[ML]/g) ?? []).length,
        strongest: of("pattern").map(p => Math.max(...[...p.children].slice(1, -2)
            .map(cell => cell.getAttribute("fill-opacity")))),
        dead: of("dead").length,
        right: of("right").length, wrong: of("wrong").length,
        past: of("past")[0].children.length,
        seen: of("seen")[0].textContent, said: of("said")[0].textContent,
        height: root.getBoundingClientRect().height,
        low: Math.min(...[...root.querySelectorAll("button, input")]
            .map(e => e.getBoundingClientRect().height)),
    };
}"""
WATCH = """() => {
    const root = document.querySelector(".cnn-training");
    window.drawn = [];
    new MutationObserver(() => window.drawn.push(root.dataset.step))
        .observe(root, { attributeFilter: ["data-step"] });
}"""
READY = "document.querySelector('.cnn-training').dataset.step === '0'"
AT = "step => document.querySelector('.cnn-training').dataset.step === String(step)"

ALONE = """() => document.querySelector("article").replaceChildren(
    ...document.querySelectorAll("article link, .cnn-training"))"""


@pytest.fixture(scope="module")
def page(site, plain_tab):
    """Open the chapter on a phone, where the part comes near and gets its digits."""
    plain_tab.page.emulate_media(color_scheme="light", reduced_motion="no-preference")
    url = f"{site.as_uri()}/{LEARNING}"
    faults = plain_tab.open(url, {"width": 390, "height": 844}, within=site.as_uri())
    assert not plain_tab.page.evaluate(READY), "digits before they are wanted"
    plain_tab.page.locator(".cnn-training").scroll_into_view_if_needed()
    plain_tab.page.wait_for_function(READY)
    yield plain_tab.page
    plain_tab.page.emulate_media(media="null", reduced_motion="no-preference")
    assert not faults, faults


def steps(page, rate, count):
    """Step and compare; return what is seen at the end, and how high the part ever was."""
    heights = set()
    for n, step in enumerate(run.train(rate, count), 1):
        page.locator(".tr-step").click()
        seen = page.evaluate(LOOK)
        assert (seen["step"], seen["points"]) == (n, n)
        assert seen["loss"] == pytest.approx(step.loss, rel=1e-9)
        assert seen["norm"] == pytest.approx(step.norm, rel=1e-9)
        assert seen["dead"] == sum(step.dead)
        assert (seen["right"], seen["wrong"]) == (step.right, run.BATCH - step.right)
        assert f"loss {step.loss:.2f}" in seen["said"]
        heights.add(round(seen["height"]))
    return seen, heights


def test_ten_steps_are_those_of_cnnlab(page):
    before = page.evaluate(LOOK)
    seen, heights = steps(page, 0.1, 10)
    assert "leaped" in seen["seen"]
    assert seen["strongest"] != before["strongest"]
    assert heights == {round(before["height"])}, "something jumps"
    assert seen["low"] >= 44
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_large_rate_kills_and_it_is_said(page):
    page.locator(".tr-reset").click()
    assert page.evaluate(LOOK)["past"] == 1
    page.evaluate(TUNE, 0.3)
    assert page.locator(".tr-rate output").inner_text() == "2"
    height = page.evaluate(LOOK)["height"]
    seen, heights = steps(page, 2, 10)
    assert f"All {seen['dead']} patterns are dead" in seen["seen"]
    assert heights == {round(height)}, "something jumps"


def test_a_run_rests_out_of_sight_and_is_spoken_of_at_its_end(page):
    page.locator(".tr-reset").click()
    page.evaluate(TUNE, -1)
    page.locator(".tr-run").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('.cnn-training').dataset.step > 3")
    assert page.locator(".tr-run").inner_text() == "Pause"
    page.evaluate("window.scrollTo({ top: 0, behavior: 'instant' })")
    page.wait_for_timeout(150)
    rested = page.evaluate(LOOK)
    page.wait_for_timeout(300)
    assert page.evaluate(LOOK)["step"] == rested["step"] < run.STEPS
    assert rested["said"] == "Back at the start."

    # Without motion, nothing is drawn before the end.
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.evaluate(WATCH)
    page.locator(".cnn-training").scroll_into_view_if_needed()
    page.wait_for_function(AT, arg=run.STEPS, timeout=60_000)
    assert page.evaluate("drawn") == [str(run.STEPS)]
    seen = page.evaluate(LOOK)
    assert seen["said"].startswith(f"Step {run.STEPS} of {run.STEPS}: loss 0.")
    assert seen["points"] == run.STEPS
    assert page.locator(".tr-run").inner_text() == "Again"


def test_nothing_keeps_readers_out_and_paper_has_a_still_picture(page):
    page.evaluate(axe())
    page.evaluate(ALONE)  # axe reads all of a page, and this one is long
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.wait_for_function("s => document.documentElement.dataset.theme === s", arg=scheme)
        found = page.evaluate("axe.run('.cnn-training', { preload: false })")
        assert [fault["id"] for fault in found["violations"]] == []
    page.emulate_media(media="print", color_scheme="light")
    assert page.locator(".tr-still .tr-now").is_visible()
    assert not page.locator(".tr-live").is_visible()
    page.emulate_media(media="null")


def test_without_scripts_the_still_picture_is_seen(browser, site):
    page = browser.new_page(java_script_enabled=False)
    page.goto((site / LEARNING).as_uri())
    assert page.locator(".tr-still svg").first.is_visible()
    assert not page.locator(".tr-live").is_visible()
    page.close()
