"""Every page of the built website: offline, without errors, readable on a phone and in the dark.

Each page is opened once as a file and looked at from all sides, and once over HTTP. A formula takes
longer than all the rest of a page, so they are set once.
"""

import importlib.resources
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from support.book import ROOT

DEVICES = {"phone": {"width": 390, "height": 844}, "desk": {"width": 1440, "height": 900}}
AXE = (importlib.resources.files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
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


def watch(page, base):
    """Collect everything a page complains about, or asks of others, into a list."""
    faults = []

    def local(url):
        return url.startswith((base, "data:", "blob:", "about:"))

    page.on("request", lambda r: local(r.url) or faults.append(f"asks another machine: {r.url}"))

    def failed(request):
        if request.failure != "net::ERR_ABORTED":  # the page was left before it had loaded
            faults.append(f"request failed: {request.url} ({request.failure})")

    page.on("requestfailed", failed)
    page.on("response", lambda r: r.status < 400 or faults.append(f"status {r.status}: {r.url}"))
    page.on("console", lambda m: m.type != "error" or faults.append(f"console: {m.text}"))
    page.on("pageerror", lambda e: faults.append(f"script error: {e}"))
    return faults


NO_FORMULAS = """Object.defineProperty(window, "MathJax", {
    get() { return this.settings },
    set(settings) { settings.startup ??= {}; settings.startup.typeset = false;
                    this.settings = settings },
})"""


@pytest.mark.parametrize("name", [*chapters(), "genindex", "search"])
def test_page(name, site, server, browser):
    """Load a page, look at it on the phone and on the desk, light and dark, folded and unfolded."""
    context = browser.new_context(color_scheme="light")
    faults = [f"phone and desk: {fault}" for fault in faults_of_file(context, site, name)]
    faults += [f"over HTTP: {fault}" for fault in faults_over_http(context, server, name)]
    context.close()
    assert not faults, "\n".join([f"{name}:", *dict.fromkeys(faults)])


def faults_of_file(context, site, name):
    """Open a page as a file, on the phone, and look at it from all sides.

    Accessibility is checked on the whole page, in the end; what colors decide, on each kind of
    text that was seen on the way: on the phone in the light, on the desk in the dark.
    """
    page = context.new_page()
    faults = watch(page, site.as_uri())

    def turn_to(device, scheme):
        page.set_viewport_size(DEVICES[device])
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.wait_for_function(
            "s => document.documentElement.dataset.theme === s", arg=scheme, timeout=5_000
        )

    page.set_viewport_size(DEVICES["phone"])
    page.goto(f"{site.as_uri()}/{name}.html", wait_until="load")
    page.evaluate("() => window.MathJax?.startup?.promise")
    page.evaluate(AXE)
    page.evaluate(LOOK)
    for device in ("phone", "desk"):
        turn_to(device, "light")
        faults += page.evaluate("look.faults()")
    page.evaluate("look.unfold()")
    for device, scheme in (
        ("desk", "light"),
        ("desk", "dark"),
        ("phone", "dark"),
        ("phone", "light"),
    ):
        turn_to(device, scheme)
        faults += page.evaluate("look.faults()")
        page.evaluate("look.markKindsOfText()")
    faults += page.evaluate("names => look.accessibility(names)", [*THEME_FAULTS, *COLOR_RULES])
    page.evaluate("look.keepKindsOfText()")
    for device, scheme in (("phone", "light"), ("desk", "dark")):
        turn_to(device, scheme)
        faults += page.evaluate("names => look.accessibility(names)", THEME_FAULTS)
    page.close()
    return faults


def faults_over_http(context, server, name):
    """Open a page from a server, on the desk; what formulas look like was seen."""
    page = context.new_page()
    faults = watch(page, server)
    page.add_init_script(NO_FORMULAS)
    page.set_viewport_size(DEVICES["desk"])
    page.goto(f"{server}/{name}.html", wait_until="load")
    page.close()
    return faults


def test_start_page_leads_to_the_intro(site, server, browser):
    """`index.html` is what `make book` tells the reader to open."""
    for base in (site.as_uri(), server):
        page = browser.new_page()
        faults = watch(page, base)
        page.goto(f"{base}/index.html")
        page.wait_for_url(f"{base}/{chapters()[0]}.html", timeout=5_000)
        assert not faults, faults
        page.close()


def test_search_finds(site, browser):
    """The search works from a file, without a server."""
    page = browser.new_page()
    faults = watch(page, site.as_uri())
    page.goto(f"{site.as_uri()}/search.html?q=network")
    page.wait_for_selector("#search-results li a", timeout=10_000)
    assert not faults, faults
    page.close()


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
