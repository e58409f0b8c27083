"""A tab of a browser that serves many pages, and scripts for what is shown there."""

import functools
import importlib.resources

# MathJax as it comes, but for its setting of formulas, which takes longer than all else.
NO_FORMULAS = """Object.defineProperty(window, "MathJax", {
    get() { return this.settings },
    set(settings) {
        settings.startup ??= {};
        settings.startup.typeset = false;
        this.settings = settings;
    },
})"""

# All elements are there, and have no size and no place.
NOTHING_DRAWN = """{
    const sheet = new CSSStyleSheet();
    sheet.replaceSync("html { display: none !important }");
    document.adoptedStyleSheets = [sheet];
}"""


@functools.cache
def axe():
    """Return the script axe-core, which looks for what keeps readers out."""
    folder = importlib.resources.files("axe_playwright_python")
    return (folder / "axe.min.js").read_text("utf-8")


class Tab:
    """One tab for many pages; it remembers what they complain about, or ask of others."""

    def __init__(self, browser, **kind):
        """Open an empty tab."""
        self.page = browser.new_page(**kind)
        self.faults, self.within = [], ""
        self.page.on("request", self.requested)
        self.page.on("requestfailed", self.failed)
        self.page.on("response", lambda r: r.status < 400 or self.note(f"status {r.status}", r.url))
        self.page.on("console", lambda m: m.type != "error" or self.note("console", m.text))
        self.page.on("pageerror", lambda error: self.note("script error", error))

    def note(self, what, of):
        """Remember a complaint."""
        self.faults.append(f"{what}: {of}")

    def requested(self, request):
        """Complain of a request for what is not within the website, or within this one page."""
        if not request.url.startswith((self.within, "data:", "blob:", "about:")):
            self.note("asks for what is elsewhere", request.url)

    def failed(self, request):
        """Complain of a request without an answer, unless the page was left before it came."""
        if request.failure != "net::ERR_ABORTED":
            self.note(f"request failed ({request.failure})", request.url)

    def open(self, url, size, *, within, blank_first=True):
        """Open a page; its complaints come into a new list, which is returned.

        What the page before says while it is left is not counted, if a blank one comes first.
        """
        if blank_first:
            self.page.goto("about:blank")
        self.faults, self.within = [], within
        self.page.set_viewport_size(size)
        self.page.goto(url, wait_until="load")
        return self.faults
