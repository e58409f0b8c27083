"""The search of the website: what it finds first, from a file, with keys alone, on a phone too."""

import re

import pytest
from support.book import NOTEBOOKS
from support.browser import axe

from tools.notebooks.book import text_of_page

DESK = {"width": 1440, "height": 900}
PHONE = {"width": 320, "height": 640}
FIELD = "#pst-search-dialog input"
CHAPTER_7 = "book/input-gradient.html"

# What is asked, and the address that the first result leads to, or begins with.
FIRST = {
    "input gradient": CHAPTER_7,
    "full convolution": CHAPTER_7 + "#why-full-and-why-turned",
    "rotate": CHAPTER_7 + "#why-full-and-why-turned",
    "flip": CHAPTER_7 + "#why-full-and-why-turned",
    "kernel": "book/pattern-search.html",
    "filter": "book/pattern-search.html",
    "channel": "book/images.html",
    "stride": "book/geometry.html",
    "backprop": "book/vanilla-network.html",
    "delta": "book/delta-and-activation.html",
    "7.3": CHAPTER_7 + "#equation-",
    "conv2d_dX": "book/api/conv.html#cnnlab.reference.conv2d_dX",
    "max poo": "book/max-pooling.html",  # while one types
    "convolutoinal networks": "book/intro.html",  # a slip of the finger
}

READ = """() => [...document.querySelectorAll(".search-hit")].map(hit => ({
    address: hit.getAttribute("href").replace(/^(\\.\\.?\\/)+/, "").replace(/\\?[^#]*/, ""),
    words: hit.querySelector(".search-title, .search-excerpt").textContent,
    marks: hit.querySelectorAll("mark").length,
    excerpt: hit.querySelector(".search-excerpt")?.textContent ?? "",
}))"""


@pytest.fixture(scope="module")
def page(site, plain_tab):
    """Open a chapter as a file, and its search with the keyboard; nothing may be complained of."""
    faults = plain_tab.open(f"{site.as_uri()}/book/images.html", DESK, within=site.as_uri())
    page = plain_tab.page
    page.wait_for_load_state("load")
    early = (
        "document.querySelectorAll('script[src*=search-index], script[src*=searchtools]').length"
    )
    assert page.evaluate(early) == 0, "pages load the index before anybody searches"
    page.keyboard.press("Control+k")
    page.wait_for_selector("#pst-search-dialog[open]")
    yield page
    assert not faults, faults


def ask(page, query, place="#pst-search-dialog"):
    """Type a question and wait for the answer."""
    status = f"document.querySelector('{place} .search-status').textContent"
    page.fill(f"{place} input", "")
    page.wait_for_function(f"{status} === ''")
    page.fill(f"{place} input", query)
    page.wait_for_function(f"{status} !== ''")
    return page.evaluate(READ)


def test_the_right_page_comes_first(page):
    wrong = {}
    for query, expected in FIRST.items():
        hits = ask(page, query)
        if not hits or not hits[0]["address"].startswith(expected):
            wrong[query] = [hit["address"] for hit in hits[:3]]
    assert wrong == {}


def test_results_have_titles_excerpts_and_marks(page):
    hits = ask(page, "input gradient")
    assert hits[0]["words"] == "7. Input gradient"
    assert all(hit["marks"] > 0 for hit in hits)
    assert sum(40 < len(hit["excerpt"]) < 200 for hit in hits) > 10
    status = page.text_content(".search-status")
    assert re.fullmatch(r"\d+ results, the first 20 shown\.", status)
    assert ask(page, "xyzzyx") == []
    assert page.text_content(".search-status") == "Nothing was found."


def test_nothing_is_given_away(site):
    index = (site / "search-index.js").read_text(encoding="utf-8")
    assert "Why full, and why turned" in index
    folded = re.compile(r"<summary>(?:Hint|Sol).*</summary>\n\n(.{30,})$", re.MULTILINE)
    beginnings = [
        re.split(r"[$`*\[(]", body)[0].strip()
        for path in NOTEBOOKS
        for body in folded.findall(text_of_page(path))
    ]
    told = [words for words in beginnings if len(words) >= 30]
    assert len(told) > 20
    assert [words for words in told if words in index] == []


def test_screen_readers_are_told_and_a_phone_has_room(page):
    ask(page, "stride")
    page.evaluate(axe())
    check = """async () => (await axe.run("#pst-search-dialog", {
        preload: false,
        resultTypes: ["violations"],
        rules: {"label-content-name-mismatch": {enabled: false}},
    })).violations.map(v => `${v.id}: ${v.nodes[0].html.slice(0, 200)}`)"""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate(check) == []
    attribute = page.locator(FIELD).get_attribute
    assert (attribute("role"), attribute("aria-expanded")) == ("combobox", "true")
    assert page.locator(f"#{attribute('aria-controls')}").get_attribute("role") == "listbox"
    page.set_viewport_size(PHONE)
    wide = """() => [...document.querySelectorAll("#pst-search-dialog, #pst-search-dialog *")]
        .filter(e => e.checkVisibility() && e.getBoundingClientRect().right > innerWidth + 1)
        .map(e => e.outerHTML.slice(0, 100))"""
    assert page.evaluate(wide) == []
    assert page.locator(".search-close").is_visible()
    page.set_viewport_size(DESK)
    page.emulate_media(color_scheme="light")


def test_keys_choose_a_result_whose_words_are_marked_until_escape(page, site):
    hits = ask(page, "full convolution")
    active = "() => document.querySelector('.search-hit[aria-selected=true]').id"
    assert page.evaluate(active) == page.locator(FIELD).get_attribute("aria-activedescendant")
    page.keyboard.press("ArrowDown")
    second = page.locator(FIELD).get_attribute("aria-activedescendant")
    assert second == "search-hit-1"
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"input-gradient\.html\?highlight="))
    assert hits[0]["address"].split("#")[1] == page.url.split("#")[1]
    page.wait_for_selector(".search-clear")
    assert page.evaluate("CSS.highlights.get('found-words').size") > 5
    page.keyboard.press("Escape")
    assert page.evaluate("CSS.highlights.has('found-words')") is False
    assert page.locator(".search-clear").count() == 0
    # Escape closes the search, and gives the keyboard back.
    page.keyboard.press("Control+k")
    page.wait_for_selector("#pst-search-dialog[open]")
    page.keyboard.press("Escape")
    page.wait_for_selector("#pst-search-dialog:not([open])", state="attached")


def test_the_page_of_the_search_shows_the_same(site, plain_tab):
    faults = plain_tab.open(f"{site.as_uri()}/search.html?q=rotate", PHONE, within=site.as_uri())
    page = plain_tab.page
    page.wait_for_selector("#search-results ol li a")
    assert page.evaluate(READ)[0]["address"] == FIRST["rotate"]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    hits = ask(page, "bias", ".bd-search-container")
    assert hits[0]["address"] == "book/bias-gradient.html"
    assert not faults, faults
