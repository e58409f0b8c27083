"""Every page of the built website: offline, without errors, readable on a phone and in the dark.

Each page is opened once as a file and looked at from all sides, and once over HTTP. A formula takes
longer than all the rest of a page, so they are set once.
"""

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


def chapters():
    """List the documents that _toc.yml names, in its order."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    return [
        toc["root"],
        *(chapter["file"] for part in toc["parts"] for chapter in part["chapters"]),
    ]


@pytest.mark.parametrize("name", [*chapters(), "genindex", "search"])
def test_page(name, site, server, tab, plain_tab):
    """Load a page, look at it on the phone and on the desk, light and dark, folded and unfolded."""
    faults = [f"as a file: {fault}" for fault in faults_of_file(tab, site, name)]
    faults += [f"over HTTP: {fault}" for fault in faults_over_http(plain_tab, server, name)]
    assert not faults, "\n".join([f"{name}:", *dict.fromkeys(faults)])


def faults_of_file(tab, site, name):
    """Open a page as a file, on the phone, and look at it from all sides.

    Accessibility is checked on the whole page, in the end; what colors decide, on each kind of
    text that was seen on the way: on the phone in the light, on the desk in the dark.
    """
    page = tab.page
    page.emulate_media(color_scheme="light", reduced_motion="no-preference")
    faults = open_in(tab, site.as_uri(), f"{name}.html", "phone")
    page.evaluate("() => window.MathJax?.startup?.promise")
    page.evaluate(axe())
    page.evaluate(LOOK)
    for device in ("phone", "desk"):
        turn_to(page, device, "light")
        faults += page.evaluate("look.faults()")
    page.evaluate("look.unfold()")
    for device, scheme in (
        ("desk", "light"),
        ("desk", "dark"),
        ("phone", "dark"),
        ("phone", "light"),
    ):
        turn_to(page, device, scheme)
        faults += page.evaluate("look.faults()")
        page.evaluate("state => look.markKindsOfText(state)", f"{device}, {scheme}")
    page.evaluate("look.simplify()")
    faults += page.evaluate("names => look.accessibility(names)", [*THEME_FAULTS, *COLOR_RULES])
    page.evaluate("look.keepKindsOfText()")
    for device, scheme in (("phone", "light"), ("desk", "dark")):
        turn_to(page, device, scheme)
        faults += page.evaluate("state => look.changedKinds(state)", f"{device}, {scheme}")
        faults += page.evaluate("names => look.accessibility(names)", THEME_FAULTS)
    return faults


def open_in(tab, base, name, device):
    """Open a page that asks for nothing outside of the website."""
    return tab.open(f"{base}/{name}", DEVICES[device], within=base)


def turn_to(page, device, scheme):
    """Show a page on another device, or to a reader who prefers another scheme."""
    page.set_viewport_size(DEVICES[device])
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.wait_for_function(
        "s => document.documentElement.dataset.theme === s", arg=scheme, timeout=5_000
    )


def faults_over_http(tab, server, name):
    """Open a page from a server, on the desk; what its formulas look like was seen."""
    faults = open_in(tab, server, f"{name}.html", "desk")
    titles = tab.page.locator("h1").count()
    return [*faults, *([] if titles else ["no h1"])]


def test_start_page_leads_to_the_intro(site, server, plain_tab):
    """`index.html` is what `make book` tells the reader to open."""
    for base in (site.as_uri(), server):
        faults = open_in(plain_tab, base, "index.html", "desk")
        plain_tab.page.wait_for_url(f"{base}/{chapters()[0]}.html", timeout=5_000)
        assert not faults, faults


def test_search_finds(site, plain_tab):
    """The search works from a file, without a server."""
    faults = open_in(plain_tab, site.as_uri(), "search.html?q=network", "desk")
    plain_tab.page.wait_for_selector("#search-results li a", timeout=10_000)
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
