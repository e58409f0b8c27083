"""The face of the website: type, sidebars, toolbar, code, folded parts, icons."""

import pytest

from cnnlab import palette

DESK = {"width": 1440, "height": 900}
LOW = {"width": 1440, "height": 720}
PHONE = {"width": 390, "height": 844}
SMALL = {"width": 320, "height": 700}

FONTS = ["Source Serif 4", "Source Serif 4 Display", "Source Sans 3", "Source Code Pro"]

# What the browser needs to say of a page that stands still.
TYPE = """async () => {
    await document.fonts.ready;
    const article = document.querySelector("article");
    const style = (selector) => getComputedStyle(article.querySelector(selector));
    const size = (selector) => parseFloat(style(selector).fontSize);
    // Lines of the longest paragraphs without formulas, but for the last one of each.
    const lines = [...article.querySelectorAll("section > p:not(:has(.math))")]
        .sort((one, other) => other.textContent.length - one.textContent.length)
        .slice(0, 4)
        .map((p) => {
            const range = document.createRange();
            range.selectNodeContents(p);
            const rows = new Set([...range.getClientRects()].map((r) => Math.round(r.bottom / 9)));
            return p.textContent.length / rows.size;
        });
    return {
        loaded: [...document.fonts].filter((f) => f.status === "loaded").map((f) => f.family),
        text: style("section section > p").fontFamily,
        sizes: ["h1", "h2", "section section > p", "pre"].map(size),
        line: Math.max(...lines),
    };
}"""

SEEN = """(selectors) => selectors.filter((selector) => {
    const e = [...document.querySelectorAll(selector)].find((e) => e.checkVisibility());
    const box = e?.getBoundingClientRect();
    if (!e || box.top < 0 || box.bottom > innerHeight) return true;
    return !e.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2));
})"""

LETTERS = """() => {
    const found = {};
    for (const e of document.querySelectorAll(".highlight [class*=letter-]")) {
        found[e.textContent] = getComputedStyle(e).color;
    }
    return found;
}"""

ASKED = "() => performance.getEntriesByType('resource').map((e) => e.name.split('/_static/').pop())"

CUT = """() => [...document.querySelectorAll("article .beside")].filter((e) => {
    const box = e.getBoundingClientRect();
    return e.checkVisibility() && box.right > e.closest("pre").getBoundingClientRect().right + 1;
}).length"""

BESIDE_THE_EDGES = """() => [...document.querySelectorAll(".prev-next-area a, .prev-next-area i")]
    .map((e) => e.getBoundingClientRect())
    .every((box) => box.left >= 8 && box.right <= innerWidth - 8)"""


def opened(tab, site, name, size):
    """Open a page as a file, in the light; nothing may go wrong."""
    tab.page.emulate_media(color_scheme="light", reduced_motion="reduce")
    faults = tab.open(f"{site.as_uri()}/{name}.html", size, within=site.as_uri())
    assert not faults, faults
    return tab.page


@pytest.fixture
def chapter(site, plain_tab):
    """Open a chapter on the desk."""
    return opened(plain_tab, site, "book/input-gradient", DESK)


def test_desk(chapter):
    """Type, sidebars, what is asked for, and the colors of letters in code."""
    found = chapter.evaluate(TYPE)
    assert set(FONTS) <= {family.strip('"') for family in found["loaded"]}
    assert found["text"].startswith('"Source Serif 4"')
    assert found["sizes"] == sorted(found["sizes"], reverse=True)
    assert 60 <= found["line"] <= 74
    places = [".navbar-brand.logo", ".search-button-field", ".bd-docs-nav .current.active > a"]
    assert chapter.evaluate(SEEN, places) == []
    asked = " ".join(chapter.evaluate(ASKED))
    for word in ("fontawesome", "bootstrap", "togglebutton", "sphinx-design", "mystnb"):
        assert word not in asked
    shown = chapter.evaluate(LETTERS)
    assert {"X", "w", "dZ", "dX"} <= set(shown)
    for letter, color in shown.items():
        red, green, blue = bytes.fromhex(palette.colors("light")[letter][1:])
        assert color == f"rgb({red}, {green}, {blue})"
    assert chapter.locator(".highlight :is(.s1, .s2, .c1, .sd) [class*=letter-]").count() == 0


def test_titles_and_clicks(chapter):
    """Folded parts have titles that say something; a click anywhere on one opens it."""
    assert chapter.get_by_text("Show code cell").count() == 0
    titles = set(chapter.locator(".fold-title").all_inner_texts())
    assert {"Setup", "Hint", "Code of this figure", "Check of the answers"} <= titles
    assert (
        chapter.locator(".fold-setup")
        .evaluate("e => e.querySelector('pre').textContent")
        .startswith("from time import")
    )
    solution = chapter.locator(".fold-solution").first
    before = chapter.url
    title = solution.locator(".fold-title")
    for place in (10, 120):
        title.click(position={"x": place, "y": 8})
        assert solution.evaluate("e => e.open") == (place == 10)
    assert chapter.url == before
    assert chapter.locator("article a:not([href])").count() == 0


def test_toolbar(chapter):
    """Menus, the theme switch, the search and the copy buttons work by keyboard."""
    menu = chapter.locator("details.menu")
    menu.locator("summary").press("Enter")
    assert menu.get_by_role("link", name="source").is_visible()
    chapter.keyboard.press("Escape")
    assert not menu.evaluate("e => e.open")
    assert menu.locator("summary").evaluate("e => e === document.activeElement")
    # The names that the theme shows are the browser's own: none stays after Escape.
    assert chapter.locator(".tooltip, [data-bs-original-title]").count() == 0

    icons = chapter.locator(".theme-switch:visible")
    assert icons.count() == 1
    seen = set()
    for _ in range(3):
        chapter.locator(".theme-switch-button").press("Enter")
        assert icons.count() == 1
        seen.add(chapter.evaluate("document.documentElement.dataset.mode"))
    assert seen == {"light", "dark", "auto"}

    chapter.locator(".search-button-field").press("Enter")
    assert chapter.locator("#pst-search-dialog input").is_visible()
    chapter.keyboard.press("Escape")

    copy = chapter.locator(".copybtn:visible").first
    copy.focus()
    chapter.keyboard.press("Tab")
    chapter.keyboard.press("Shift+Tab")
    handle = copy.element_handle()
    chapter.wait_for_function("e => getComputedStyle(e).opacity === '1'", arg=handle, timeout=5_000)


def test_the_last_chapter_is_seen_on_a_low_screen(site, plain_tab):
    """The list of chapters scrolls to it; the name of the course and the search stay."""
    page = opened(plain_tab, site, "book/same-in-pytorch", LOW)
    places = [".navbar-brand.logo", ".search-button-field", ".bd-docs-nav .current.active > a"]
    assert page.evaluate(SEEN, places) == []


def test_phone(site, plain_tab):
    """Comments behind code are seen; the arrows of previous and next keep off the edge."""
    page = opened(plain_tab, site, "book/pattern-search", PHONE)
    assert page.locator("article .beside").count() > 3
    assert page.evaluate(CUT) == 0
    assert page.evaluate(BESIDE_THE_EDGES)
    title = page.locator(".admonition.note > .admonition-title").first
    painted = title.evaluate(
        "e => [getComputedStyle(e).backgroundColor, getComputedStyle(e, '::after').content]"
    )
    assert painted == ["rgba(0, 0, 0, 0)", "none"], "a title is words, not a bar"
    page.locator(".primary-toggle").click()
    page.locator(".bd-docs-nav .current.active").wait_for()
    assert page.evaluate(SEEN, [".bd-docs-nav .current.active > a"]) == []


def test_reference_on_a_small_phone(site, plain_tab):
    """Long names break, or scroll within their box."""
    page = opened(plain_tab, site, "book/api", SMALL)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= SMALL["width"]
