"""Every page of the built website: offline, without errors, readable on a phone and in the dark.

Each page is opened once, as a file: a formula takes longer than all the rest of a page, so they are
set once. Every page is weighed, and looked at on the desk as it comes, and on a small phone with
all of it unfolded; a chapter also at its opening, and long formulas in windows of every width.
Pages of one kind are made by the same code, so one page of each kind is looked at more closely (see
CLOSELY). Over HTTP, where nothing is drawn, one page is opened of those that load the same scripts
and styles: an address that only a server would know leads nowhere from a file.
"""

import functools
import gzip
import itertools
import json
import re
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from support.book import ROOT, chapters, pages_of_site
from support.browser import axe
from support.opening import CHAPTERS, faults_of_opening

from tools import publish
from tools.notebooks.files import read
from tools.notebooks.solutions import TELLING, hand_out, strings

DEVICES = {
    "small phone": {"width": 320, "height": 640},
    "phone": {"width": 390, "height": 844},
    "tablet": {"width": 768, "height": 1024},
    "desk": {"width": 1440, "height": 900},
    "large desk": {"width": 1920, "height": 1080},
}
HEAVIEST = 700_000  # bytes of a page with all that it loads, as a server sends them
COMPRESSED = (".css", ".html", ".js", ".json", ".svg")
LOOK = Path(__file__).with_name("inspect.js").read_text(encoding="utf-8")

# Faults of the theme, which no setting repairs.
THEME_FAULTS = ["label-content-name-mismatch", "region"]
# Rules for which axe measures the paper below every piece of text.
COLOR_RULES = ["color-contrast", "link-in-text-block"]
NOT_OF_THE_WHOLE = [*THEME_FAULTS, *COLOR_RULES]

# One page of each kind, and what it has: theme, bars and the styles of the book are the same on all
# pages of a kind. These are looked at in the dark too, and with axe, which takes as long as all the
# rest. Words in colors that none of them has are looked at wherever they come first.
CLOSELY = {
    "book/intro": "where readers land: the map of the course",
    "book/input-gradient": "a chapter with an explorer and derivations, quizzes, folded checks",
    "book/lenet": "the chapter with the most pictures",
    "book/assignments/A5": "an assignment: cells to be filled, folded hints",
    "book/instructors": "prose and tables alone",
    "book/operations": "signatures beside formulas",
    "book/api": "lists of names",
    "book/api/layers": "signatures and docstrings",
    "book/api/twins-conv": "listings side by side, and folded",
    "book/glossary": "a list of definitions",
    "search": "a form",
}

# Pages with the longest formulas, derivations and tables of formulas: looked at in all widths.
FORMULAS = {
    "book/geometry",
    "book/weight-gradient",
    "book/losses-and-optimizers",
    "book/input-gradient",
}
WIDTHS = (320, 390, 768, 1100, 1920)

# Unfolded, such a page is seen in each of these ways, each one step from the one before.
UNFOLDED = [("phone", "light"), ("phone", "dark"), ("desk", "dark"), ("desk", "light")]


@pytest.fixture(scope="module")
def known():
    """Collect the kinds of text that were looked at on one page, and need not be on the next."""
    return []


@pytest.fixture(scope="module")
def served():
    """Collect the sets of scripts and styles that came over HTTP."""
    return set()


def closely_first():
    """List all pages: what is known from the close looks need not be looked at on the rest."""
    names = pages_of_site()
    assert {*CLOSELY, *FORMULAS} <= set(names), "a page of CLOSELY or FORMULAS has another name now"
    assert {f"book/{name}" for name in CHAPTERS} <= set(names)
    return sorted(names, key=lambda name: name not in CLOSELY)


@pytest.mark.parametrize("name", closely_first())
def test_page(name, site, server, tab, bare_tab, known, served):
    """Load a page and look at it on the desk and on the phone, at some of them from all sides."""
    faults = faults_at_a_glance(tab, site, name)
    look_on = faults_from_all_sides if name in CLOSELY else faults_of_new_kinds
    kinds, more = look_on(tab.page, known)
    faults = [f"as a file: {fault}" for fault in [*faults, *more]]
    if (files := frozenset(tab.page.evaluate("look.files()"))) not in served:
        faults += [f"over HTTP: {fault}" for fault in faults_over_http(bare_tab, server, name)]
        served.add(files)
    assert not faults, "\n".join([f"{name}:", *dict.fromkeys(faults)])
    known += kinds


def faults_at_a_glance(tab, site, name):
    """Open a page as a file; look at all of it on the desk, then, unfolded, on a small phone."""
    page = tab.page
    page.emulate_media(color_scheme="light", reduced_motion="no-preference")
    faults = open_in(tab, site.as_uri(), f"{name}.html", "desk")
    page.evaluate("() => window.MathJax?.startup?.promise")
    page.evaluate(LOOK)
    faults += page.evaluate("look.shifts()")
    faults += page.evaluate("look.faults()")
    faults += faults_of_weight(page)
    if name.removeprefix("book/") in CHAPTERS:
        faults += faults_of_opening(page, CHAPTERS[name.removeprefix("book/")])
    page.evaluate("look.unfold()")
    page.set_viewport_size(DEVICES["small phone"])
    faults += page.evaluate("look.faults()")
    if name in FORMULAS:
        faults += faults_of_formulas(page)
    page.set_viewport_size(DEVICES["phone"])
    return faults


def faults_of_weight(page):
    """Add up what the page has loaded until now, itself included."""
    asked = page.evaluate("performance.getEntries().map((entry) => entry.name)")
    local = {unquote(urlsplit(address).path) for address in asked if address.startswith("file:")}
    weight = sum(map(bytes_sent, local))
    return [f"it weighs {weight / 1000:.0f} kB"] if weight > HEAVIEST else []


def faults_of_formulas(page):
    """Look at the formulas of an unfolded page in windows of every width."""
    faults = [] if page.locator("article mjx-container").count() > 50 else ["few formulas are set"]
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        # What observes the width follows.
        page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done, 50)))")
        faults += [f"{width} px: {fault}" for fault in page.evaluate("look.formulas()")]
    return faults


@functools.cache
def bytes_sent(path):
    """Say how many bytes a server sends for a file: text is compressed, pictures and fonts are."""
    content = Path(path).read_bytes()
    return len(gzip.compress(content) if path.endswith(COMPRESSED) else content)


def faults_of_new_kinds(page, known):
    """Look at the colors of words of a kind that is not known, as they stand on the phone."""
    view = " ".join(UNFOLDED[0])
    kinds = page.evaluate("a => look.markKindsOfText(...a)", [view, known])
    if not kinds:
        return [], []
    page.evaluate(axe())
    page.evaluate("look.keepKindsOfText()")
    return kinds, page.evaluate("a => look.contrast(...a)", [view, COLOR_RULES])


def faults_from_all_sides(page, known):
    """Look again at the page that the last glance left, light and dark, folded and unfolded.

    What comes in thousands is made simple first, for each turn would lay it out again.
    Accessibility is checked on the whole page, on the phone, and on what only the desk shows; what
    colors decide, on one text of each kind that is not known, on the device and in the scheme in
    which it was first seen.
    """
    faults, kinds = [], {}
    page.evaluate(axe())
    page.evaluate("look.simplifyCode()")
    for view in UNFOLDED:
        turn_to(page, *view)
        if view != UNFOLDED[0]:
            faults += page.evaluate("look.faults()")
        before = [*known, *itertools.chain(*kinds.values())]
        kinds[view] = page.evaluate("a => look.markKindsOfText(...a)", [" ".join(view), before])
        if view == UNFOLDED[0]:
            page.evaluate("look.simplifyFormulas()")
            faults += page.evaluate("names => look.accessibility(names)", NOT_OF_THE_WHOLE)
            page.evaluate("look.markUnseen(); look.fold()")
            faults += page.evaluate("look.faults()")
            page.evaluate("look.unfold()")
            for device in ("tablet", "large desk"):
                page.set_viewport_size(DEVICES[device])
                faults += [f"{device}: {fault}" for fault in page.evaluate("look.faults()")]
    page.evaluate("look.keepKindsOfText()")
    let_the_keyboard_in(page)
    faults += page.evaluate("names => look.accessibility(names)", NOT_OF_THE_WHOLE)
    for view in reversed(UNFOLDED):
        if kinds[view]:
            turn_to(page, *view)
            faults += page.evaluate("a => look.contrast(...a)", [" ".join(view), COLOR_RULES])
    return [*itertools.chain(*kinds.values())], faults


def open_in(tab, base, name, device):
    """Open a page that asks for nothing outside of the website."""
    return tab.open(f"{base}/{name}", DEVICES[device], within=base)


def turn_to(page, device, scheme):
    """Show a page on another device, or to a reader who prefers another scheme."""
    page.set_viewport_size(DEVICES[device])
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.wait_for_function(
        "s => document.documentElement.dataset.theme === s", arg=scheme, timeout=60_000
    )
    let_the_keyboard_in(page)


def let_the_keyboard_in(page):
    """Wait for the theme, which looks a moment after the window has changed what scrolls."""
    page.evaluate("dispatchEvent(new Event('resize'))")
    page.wait_for_function(
        "() => [...document.querySelectorAll('pre, .pst-scrollable-table-container')]"
        ".every(e => e.scrollWidth <= e.clientWidth || e.tabIndex === 0)",
        timeout=60_000,
    )


def faults_over_http(tab, server, name):
    """Open a page from a server, on the desk; what its formulas look like was seen."""
    faults = open_in(tab, server, f"{name}.html", "desk")
    titles = tab.page.locator("h1").count()
    return [*faults, *([] if titles else ["no h1"])]


def test_start_page_leads_to_the_intro(site, server, bare_tab):
    """`index.html` is what `make book` tells the reader to open."""
    for base in (site.as_uri(), server):
        faults = open_in(bare_tab, base, "index.html", "desk")
        bare_tab.page.wait_for_url(f"{base}/{chapters()[0]}.html", timeout=5_000)
        assert not faults, faults


def test_search_finds(site, tab):
    """The search works from a file, without a server."""
    faults = open_in(tab, site.as_uri(), "search.html?q=network", "desk")
    tab.page.wait_for_selector("#search-results li a", timeout=10_000)
    assert not faults, faults


def test_links(site):
    """Every local link leads to a file, and to an anchor in it."""
    assert not (found := publish.faults(site)), "\n".join(found)


def test_only_the_book_is_published(site):
    """Neither sources nor pages of anything that _toc.yml does not name."""
    names = set(chapters())
    sources = {
        p.relative_to(site / "_sources").with_suffix("").as_posix()
        for p in (site / "_sources").rglob("*.*")
    }
    assert sources == names
    special = {"404", "index", "genindex", "py-modindex", "search"}
    pages = {
        p.relative_to(site).with_suffix("").as_posix()
        for p in site.rglob("*.html")
        if "_static" not in p.parts
    }
    assert pages - special == names


def test_no_line_of_a_solution_is_published(site):
    """Neither on the page of an assignment nor in the notebook that students download from it."""
    told = 0
    for source in sorted((ROOT / "assignments").glob("*.ipynb")):
        _, solutions = hand_out(read(source))
        lines = {line.strip() for solution in solutions for line in solution.split("\n")}
        page = site / "book" / "assignments" / f"{source.stem}.html"
        download = site / "_sources" / "book" / "assignments" / source.name
        text = unescape(re.sub(r"<[^>]*>", "", page.read_text(encoding="utf-8")))
        text += "\n".join(strings(json.loads(download.read_text(encoding="utf-8"))))
        assert [line for line in lines if len(line) >= TELLING and line in text] == []
        told += text.count("is not written yet")
    assert told > 16
