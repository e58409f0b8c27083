"""The start page, and the marks that a reader's browser keeps."""

import json

import numpy as np
import pytest
from support.browser import NO_FORMULAS
from support.opening import CHAPTERS

from cnnlab import reference

DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
SHIFT = 0.02  # of the layout, while a page loads

# How far elements reach down the window; how far the layout has shifted.
BOTTOMS = """selectors => selectors.map(
    selector => document.querySelector(selector).getBoundingClientRect().bottom)"""
SHIFTED = """() => new Promise(answer => {
    let sum = 0;
    new PerformanceObserver(list => {
        for (const entry of list.getEntries()) sum += entry.hadRecentInput ? 0 : entry.value;
    }).observe({ type: "layout-shift", buffered: true });
    setTimeout(() => answer(sum), 300);
})"""
LIT = """() => [...document.querySelectorAll(".band-parts > section")].map(
    part => [...new Set([...part.querySelectorAll(".lit")].map(mark => mark.dataset.index))])"""
SETTLED = "() => window.MathJax?.startup?.promise"


@pytest.fixture(scope="module")
def reader(browser):
    """Open a page of a reader who has been nowhere yet; nothing may go wrong there."""
    context = browser.new_context(viewport=DESK)
    # On chapters formulas would take most of the time, and nothing here is about them.
    context.add_init_script(f"if (!location.pathname.endsWith('/intro.html')) {{ {NO_FORMULAS} }}")
    page, faults = context.new_page(), []
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    context.close()
    assert not faults, faults


@pytest.fixture
def start(site, reader):
    """Open the start page on the desk."""
    reader.set_viewport_size(DESK)
    reader.emulate_media(reduced_motion="no-preference")
    reader.goto((site / "book" / "intro.html").as_uri())
    reader.evaluate(SETTLED)
    return reader


def test_promise_start_and_the_layer_at_work_stand_above_the_fold(start):
    seen = [".hero .lead", ".hero .start", ".layer-at-work svg", ".layer-at-work .play"]
    assert start.evaluate(SHIFTED) < SHIFT
    for size in (DESK, PHONE):
        start.set_viewport_size(size)
        bar = size["height"] - 60 if size == PHONE else size["height"]
        assert max(start.evaluate(BOTTOMS, seen)) < bar, size
        assert start.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert start.locator(".hero .start").get_attribute("href") == f"{next(iter(CHAPTERS))}.html"


def test_the_layer_works_and_can_be_stopped(site, start):
    """What moves are the numbers of the package; who wants no motion gets none."""
    number = start.locator(".layer-at-work .number")
    play = start.locator(".layer-at-work .play")
    begun = number.inner_text()
    start.wait_for_function(
        "begun => document.querySelector('.layer-at-work .number').innerText !== begun", arg=begun
    )
    play.click()
    stopped = number.inner_text()
    start.wait_for_timeout(150)
    assert (number.inner_text(), play.inner_text()) == (stopped, "Play")

    values = json.loads(start.locator(".layer-at-work").get_attribute("data-layer"))
    X, w, b = (np.array(values[name]) for name in "Xwb")
    Z = reference.conv2d(X[np.newaxis] / 255, w[:, np.newaxis], b)
    start.get_by_role("button", name="Next pattern").click()
    place, found = number.inner_text().replace("\N{MINUS SIGN}", "-").split(" = ")
    at = tuple(int(n) for n in place.removeprefix("Z[").removesuffix("]").split(","))
    assert at == (3, 23, 23)  # who stands still sees the whole map
    assert abs(float(found) - Z[at]) < 0.006
    shown = start.eval_on_selector_all(
        ".layer-at-work .map rect", "squares => squares.map(s => s.getAttribute('fill-opacity'))"
    )
    np.testing.assert_allclose([float(n) for n in shown], np.abs(Z[3] / np.abs(Z).max()).ravel(),
                               atol=0.006)  # fmt: skip

    start.emulate_media(reduced_motion="reduce")
    start.goto((site / "book" / "intro.html").as_uri())
    still = number.inner_text()
    start.wait_for_timeout(150)
    assert (number.inner_text(), play.inner_text()) == (still, "Play")


def test_an_index_lights_up_in_all_four_parts(start):
    """By pointer, by keyboard and by touch."""
    everywhere = [[letter] * 4 for letter in "ksij"]
    start.wait_for_selector(".band-parts .math .index")
    found = []
    for letter in "ksij":
        start.locator(f".index-chip[data-index={letter}]").hover()
        found.append([mark for part in start.evaluate(LIT) for mark in part])
    assert found == everywhere
    start.locator(".band-parts .highlight .index[data-index=s]").first.hover()
    assert start.evaluate(LIT) == [["s"]] * 4
    start.locator(".bd-article h1").hover()
    assert start.evaluate(LIT) == [[]] * 4

    chip = start.locator(".index-chip[data-index=j]")
    chip.focus()
    assert start.evaluate(LIT) == [["j"]] * 4
    start.keyboard.press("Enter")
    assert chip.get_attribute("aria-pressed") == "true"
    chip.blur()
    assert start.evaluate(LIT) == [["j"]] * 4, "what is chosen stays"
    chip.focus()
    start.keyboard.press("Escape")
    assert chip.get_attribute("aria-pressed") == "false"
    start.evaluate(
        "document.querySelector('.band .math .index[data-index=i]').dispatchEvent("
        "new MouseEvent('click', { bubbles: true }))"
    )
    assert start.evaluate(LIT) == [["i"]] * 4

    tops = start.eval_on_selector_all(
        ".band-parts > section", "all => all.map(part => part.getBoundingClientRect().top)"
    )
    assert len(set(tops)) == 2, "two above two"
    clipped = "all => all.filter(box => box.scrollWidth > box.clientWidth + 1).length"
    assert start.eval_on_selector_all(".band-parts mjx-container, .band-parts pre", clipped) == 0


def test_there_is_a_card_for_each_chapter(start):
    cards = start.eval_on_selector_all(
        ".card-of-page:has(.card-picture)",
        """cards => cards.map(card => [
            card.querySelector("a").getAttribute("href"),
            card.querySelector("a").innerText,
            card.querySelector(".card-question").innerText,
            card.querySelector(".card-meta").innerText.split(",")[0],
            card.querySelector("svg") !== null,
        ])""",
    )
    assert cards == [
        [f"{c.name}.html", f"{c.number}. {c.title}", c.question, f"{c.minutes} min", True]
        for c in CHAPTERS.values()
    ]


def test_marks_are_kept_and_can_be_undone(site, start):
    """The button at the end of a chapter, the sidebar, the cards, and the way back."""
    folder = (site / "book").as_uri()
    assert start.locator(".done-mark").count() == 0
    assert start.locator(".continue").is_hidden()
    start.goto(f"{folder}/bias-gradient.html")
    button = start.locator(".mark-done")
    button.focus()
    start.keyboard.press("Enter")
    assert "Chapter 6 is done" in button.inner_text()
    start.reload()
    assert "Chapter 6 is done" in button.inner_text()
    current = start.locator(".bd-docs-nav .current a .done-mark")
    assert current.text_content().strip().endswith("done")
    start.evaluate("document.querySelector('#by-hand').scrollIntoView()")

    start.goto(f"{folder}/intro.html")
    done = start.locator(".card-of-page.is-done")
    assert done.locator("a").all_inner_texts() == ["6. Bias gradient"]
    assert start.locator(".bd-docs-nav .done-mark").count() == 1
    go_on = start.locator(".continue")
    assert go_on.inner_text() == "Continue: 6. Bias gradient"
    assert go_on.get_attribute("href") == "bias-gradient.html#by-hand"
    assert start.evaluate(SHIFTED) < SHIFT
    assert start.locator(".marks").inner_text().startswith("1 of 18")
    start.locator(".clear-marks").click()
    assert start.locator(".done-mark").count() == 0
    assert go_on.is_hidden()

    start.goto(f"{folder}/bias-gradient.html")
    button.click()
    button.click()
    start.reload()
    assert button.inner_text() == "Mark chapter 6 as done"


def test_where_nothing_can_be_kept_nothing_is_offered(site, browser):
    """In private windows and from files, some browsers refuse; the theme itself complains there."""
    page = browser.new_page()
    faults = []
    page.on("pageerror", lambda error: faults.append(f"{error} {error.stack}"))
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('no') } })"
    )
    page.goto((site / "book" / "bias-gradient.html").as_uri())
    assert page.locator(".chapter-end").is_hidden()
    assert not [fault for fault in faults if "reading.js" in fault]
    page.close()


def test_a_phone_has_a_bar_to_the_chapters_around(site, plain_tab):
    page = plain_tab.page
    plain_tab.open((site / "book" / "bias-gradient.html").as_uri(), DESK, within="file:")
    assert page.locator(".course-bar").is_hidden(), "the desk has a sidebar"
    page.set_viewport_size(PHONE)
    box = page.locator(".course-bar").bounding_box()
    assert box["y"] + box["height"] == PHONE["height"]
    assert all(link["height"] >= 44 for link in
               (page.locator(".course-bar a").nth(n).bounding_box() for n in (0, 1)))  # fmt: skip
