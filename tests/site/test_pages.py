"""Every page of the built website: offline, without errors, readable on a phone and in the dark.

Each page is opened once as a file and looked at from all sides. Over HTTP, where nothing is drawn,
one page is opened of those that load the same scripts and styles: an address that only a server
would know leads nowhere from a file. A formula takes longer than all the rest of a page, so they
are set once.
"""

import itertools
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from support.book import ROOT
from support.browser import axe

DEVICES = {"phone": {"width": 390, "height": 844}, "desk": {"width": 1440, "height": 900}}
LOOK = Path(__file__).with_name("inspect.js").read_text(encoding="utf-8")

# Faults of the theme, which no setting repairs.
THEME_FAULTS = ["label-content-name-mismatch", "region"]
# Rules for which axe measures the paper below every piece of text.
COLOR_RULES = ["color-contrast", "link-in-text-block"]
NOT_OF_THE_WHOLE = [*THEME_FAULTS, *COLOR_RULES]

# Unfolded, a page is seen in each of these ways, each one step from the one before.
UNFOLDED = [("phone", "light"), ("phone", "dark"), ("desk", "dark"), ("desk", "light")]


def chapters():
    """List the documents that _toc.yml names, in its order."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    return [
        toc["root"],
        *(chapter["file"] for part in toc["parts"] for chapter in part["chapters"]),
    ]


@pytest.fixture(scope="module")
def known():
    """Collect the kinds of text that were looked at on one page, and need not be on the next."""
    return []


@pytest.fixture(scope="module")
def served():
    """Collect the sets of scripts and styles that came over HTTP."""
    return set()


@pytest.mark.parametrize("name", [*chapters(), "genindex", "search"])
def test_page(name, site, server, tab, bare_tab, known, served):
    """Load a page, look at it on the phone and on the desk, light and dark, folded and unfolded."""
    kinds, faults = faults_of_file(tab, site, name, known)
    faults = [f"as a file: {fault}" for fault in faults]
    if (files := frozenset(tab.page.evaluate("look.files()"))) not in served:
        faults += [f"over HTTP: {fault}" for fault in faults_over_http(bare_tab, server, name)]
        served.add(files)
    assert not faults, "\n".join([f"{name}:", *dict.fromkeys(faults)])
    known += kinds


def faults_of_file(tab, site, name, known):
    """Open a page as a file, on the phone, and look at it from all sides.

    All is there, to the last glyph, for the first looks, folded and unfolded. Then what comes in
    thousands is made simple, for each turn would lay it out again. Accessibility is checked on the
    whole page, on the phone, and on what only the desk shows; what colors decide, on one text of
    each kind that is not known, on the device and in the scheme in which it was first seen.
    """
    page = tab.page
    page.emulate_media(color_scheme="light", reduced_motion="no-preference")
    faults = open_in(tab, site.as_uri(), f"{name}.html", "phone")
    page.evaluate("() => window.MathJax?.startup?.promise")
    page.evaluate(LOOK)
    page.evaluate(axe())
    faults += page.evaluate("look.faults()")
    page.evaluate("look.simplifyCode(); look.unfold()")
    kinds = {}
    for view in UNFOLDED:
        turn_to(page, *view)
        faults += page.evaluate("look.faults()")
        before = [*known, *itertools.chain(*kinds.values())]
        kinds[view] = page.evaluate("a => look.markKindsOfText(...a)", [" ".join(view), before])
        if view == UNFOLDED[0]:
            page.evaluate("look.simplifyFormulas()")
            faults += page.evaluate("names => look.accessibility(names)", NOT_OF_THE_WHOLE)
            page.evaluate("look.markUnseen()")
    page.evaluate("look.fold()")
    faults += page.evaluate("look.faults()")
    page.evaluate("look.unfold(); look.keepKindsOfText()")
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


class Links(HTMLParser):
    """The ids of a page, and the addresses it points to."""

    def __init__(self):
        """Start with nothing."""
        super().__init__()
        self.ids, self.addresses = {""}, []

    def handle_starttag(self, tag, attrs):
        """Remember ids and addresses of one element."""
        attributes = dict(attrs)
        self.ids.update(attributes[key] for key in ("id", "name") if attributes.get(key))
        self.addresses += [attributes[key] for key in ("href", "src") if attributes.get(key)]


def test_links(site):
    """Every local link leads to a file, and to an anchor in it."""
    pages = {}
    for path in site.rglob("*.html"):
        if "_static" not in path.parts:
            pages[path.resolve()] = parser = Links()
            parser.feed(path.read_text(encoding="utf-8"))
    faults = []
    for path, parser in pages.items():
        for address in parser.addresses:
            url = urlsplit(address)
            if url.scheme or url.netloc:
                continue
            target = (path.parent / unquote(url.path)).resolve() if url.path else path
            if not target.exists():
                faults.append(f"{path.relative_to(site)}: {address} is missing")
            elif target in pages and unquote(url.fragment) not in pages[target].ids:
                faults.append(f"{path.relative_to(site)}: {address} has no such anchor")
    assert not faults, "\n".join(faults)


def test_only_the_book_is_published(site):
    """Neither sources nor pages of anything that _toc.yml does not name."""
    names = set(chapters())
    sources = {
        p.relative_to(site / "_sources").with_suffix("").as_posix()
        for p in (site / "_sources").rglob("*.*")
    }
    assert sources == names
    special = {"index", "genindex", "py-modindex", "search"}
    pages = {
        p.relative_to(site).with_suffix("").as_posix()
        for p in site.rglob("*.html")
        if "_static" not in p.parts
    }
    assert pages - special == names
