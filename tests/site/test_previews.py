"""Previews: a card beside a link shows the equation, the word or the paper that it leads to."""

import json
import re

import pytest
from support.browser import axe

PAGE = "losses-and-optimizers"
HERE, ELSEWHERE, WORD, PAPER = (
    'p a[href^="#equation-"]',
    'p a[href*=".html#equation-"]',
    'p a[href*="#term-cross-entropy"]',
    ".bibtex-citation a",
)
WIDTHS = (320, 390, 768, 1440, 1920)
SHIFT = 0.02
TARGET = re.compile(r'<a class="reference internal" href="([^"#]*)#((?:equation|term)-[^"]+)"')

CARD = """() => {
    const card = document.querySelector(".preview.is-shown");
    const box = card.getBoundingClientRect();
    const style = getComputedStyle(card);
    return {
        text: card.innerText,
        tall: card.scrollHeight > card.clientHeight + 1,
        formulas: card.querySelectorAll("mjx-container").length,
        within: box.left >= 0 && box.right <= document.documentElement.clientWidth
            && box.top >= 0 && box.bottom <= innerHeight,
        scrolls: document.documentElement.scrollWidth > innerWidth,
        border: parseFloat(style.borderTopWidth),
        animation: style.animationName,
        links: card.querySelectorAll("a, [tabindex]").length,
    };
}"""
WATCH = """new PerformanceObserver(list => {
    for (const entry of list.getEntries()) window.shifted = (window.shifted ?? 0) + entry.value;
}).observe({ type: "layout-shift" })"""


@pytest.fixture(scope="module")
def chapter(site, plain_tab):
    """Open a chapter with links of all kinds; formulas are set in cards alone."""
    page = plain_tab.page
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    faults = plain_tab.open(
        (site / "book" / f"{PAGE}.html").as_uri(),
        {"width": 1440, "height": 900},
        within=site.as_uri(),
    )
    page.evaluate(WATCH)
    yield page
    page.emulate_media(media="null", color_scheme="null", forced_colors="none")
    assert not faults, faults


@pytest.fixture
def rest(chapter):
    """Take pointer and keyboard from everything, before and after."""

    def leave():
        chapter.mouse.move(2, 2)
        chapter.evaluate("document.activeElement.blur()")
        chapter.wait_for_selector(".preview", state="detached", timeout=3_000)

    leave()
    yield leave
    leave()


def shown(page, link):
    """Point at a link, and tell what its card holds."""
    link.hover()
    page.wait_for_selector(".preview.is-shown", timeout=3_000)
    return page.evaluate(CARD)


def test_nothing_is_loaded_before_it_is_asked_for(chapter):
    scripts = chapter.evaluate("[...document.scripts].map(e => e.src).join()")
    assert "previews.js" in scripts
    assert "preview-cards" not in scripts


def test_cards_say_what_links_lead_to(chapter, rest):
    article = chapter.locator("article")
    for kind, words, formulas in (
        (HERE, r"Equation \(13\.\d+\)\s+13\. Losses and optimizers", 1),
        (ELSEWHERE, r"Equation \((?!13)\d+\.\d+\)\s+\d+\. ", 1),
        (WORD, r"cross-entropy\s+Glossary\s[^$]*Other words: ", 0),
        (PAPER, r"\[GB10\]\s+Bibliography\s+Xavier Glorot and", 0),
    ):
        link = article.locator(kind).first
        name = link.get_attribute("title")
        card = shown(chapter, link)
        assert re.match(words, card["text"]), card
        assert card["formulas"] >= formulas
        assert "\\" not in card["text"], "TeX that nobody set"
        assert card["within"]
        assert not card["tall"]
        assert not card["links"]
        assert link.get_attribute("aria-describedby") == "preview"
        assert not link.get_attribute("title"), "two names at once"
        rest()
        assert link.get_attribute("aria-describedby") is None
        assert link.get_attribute("title") == name
    assert chapter.evaluate("window.shifted ?? 0") < SHIFT


def test_a_pointer_may_cross_to_the_card_and_escape_closes_it(chapter, rest):
    link = chapter.locator("article").locator(HERE).first
    shown(chapter, link)
    chapter.locator(".preview").hover()
    chapter.wait_for_timeout(450)
    assert chapter.locator(".preview.is-shown").count() == 1
    chapter.keyboard.press("Escape")
    assert chapter.locator(".preview").count() == 0


def test_keys_show_and_hold_it(chapter, rest):
    link = chapter.locator("article").locator(HERE).first
    chapter.keyboard.press("Shift")  # a keyboard is in use
    link.focus()
    chapter.wait_for_selector(".preview.is-shown")
    chapter.mouse.move(60, 400)
    chapter.wait_for_timeout(450)
    assert chapter.locator(".preview.is-shown").count() == 1, "a pointer elsewhere took it"
    chapter.evaluate(axe())
    found = chapter.evaluate(
        "async () => (await axe.run('.preview', { preload: false, runOnly: "
        "['wcag2a', 'wcag2aa', 'best-practice'] })).violations.map(fault => fault.id)"
    )
    assert found == []
    chapter.keyboard.press("Escape")
    assert chapter.locator(".preview").count() == 0
    assert link.evaluate("e => e === document.activeElement")
    link.blur()
    link.focus()
    chapter.wait_for_selector(".preview.is-shown")
    chapter.keyboard.press("Tab")
    assert link.get_attribute("aria-describedby") is None


def test_a_finger_follows_the_link(chapter, rest):
    link = chapter.locator("article").locator(WORD).first
    link.evaluate("""e => e.dispatchEvent(
        new PointerEvent("pointerover", { bubbles: true, pointerType: "touch" }))""")
    chapter.wait_for_timeout(450)
    assert chapter.locator(".preview").count() == 0


def test_it_stays_in_the_window_in_every_mode_and_off_paper(chapter, rest):
    link = chapter.locator("article").locator(HERE).nth(1)
    paper = chapter.locator("article").locator(PAPER).last
    for width in WIDTHS:
        chapter.set_viewport_size({"width": width, "height": 700})
        card = shown(chapter, paper if width in (320, 1440) else link)
        assert card["within"], width
        assert not card["scrolls"], width
        assert card["animation"] == "none"
        rest()
    chapter.emulate_media(color_scheme="dark", forced_colors="active")
    assert shown(chapter, link)["border"] >= 1
    chapter.emulate_media(media="print")
    assert not chapter.locator(".preview").is_visible()
    chapter.emulate_media(media="screen", color_scheme="light", forced_colors="none")
    chapter.set_viewport_size({"width": 1440, "height": 900})


def test_a_page_without_formulas_sets_them_in_its_cards(site, plain_tab):
    faults = plain_tab.open(
        (site / "book" / "api" / "conv.html").as_uri(),
        {"width": 1440, "height": 900},
        within=site.as_uri(),
    )
    page = plain_tab.page
    assert not page.evaluate("Boolean(window.MathJax)")
    card = shown(page, page.locator('article a[href*="#equation-"]').first)
    assert card["formulas"] == 1
    assert not faults, faults


def test_every_equation_and_every_word_that_is_linked_has_a_card(site):
    script = (site / "preview-cards.js").read_text(encoding="utf-8")
    cards = json.loads(script.removeprefix("window.previewCards = ").removesuffix(";\n"))
    missing, seen = set(), 0
    for path in (site / "book").rglob("*.html"):
        for page, anchor in TARGET.findall(path.read_text(encoding="utf-8")):
            target = (path.parent / page).resolve() if page else path
            address = target.relative_to(site.resolve()).as_posix()
            seen += 1
            if anchor not in cards.get(address, ("", {}))[1]:
                missing.add(f"{address}#{anchor}")
    assert seen > 500
    assert not missing
    assert len(cards["book/bibliography.html"][1]) > 40
    content = "".join(text for _, page in cards.values() for _, text in page.values())
    assert "<a " not in content
    assert "href" not in content
