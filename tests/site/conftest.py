"""The built website, a local server for it, and a browser that cannot leave this machine."""

import functools
import http.server
import os
import shutil
import threading

import pytest
from support.book import SITE

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
# MathJax as it comes, but for its setting of formulas, which takes longer than all else.
NO_FORMULAS = """Object.defineProperty(window, "MathJax", {
    get() { return this.settings },
    set(settings) {
        settings.startup ??= {};
        settings.startup.typeset = false;
        this.settings = settings;
    },
})"""


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Serve files and say nothing."""

    def log_message(self, *args):
        """Drop the log line."""


@pytest.fixture(scope="session")
def site():
    """Return the folder of the built website."""
    if not (SITE / "index.html").is_file():
        pytest.skip("the website is not built (_build/html is missing: run `make book`)")
    return SITE


@pytest.fixture(scope="session")
def server(site):
    """Serve the website on a free local port; return its address."""
    handler = functools.partial(QuietHandler, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


@pytest.fixture(scope="session")
def browser():
    """Start a headless browser in which every other host is unknown."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = [
        path for path in map(shutil.which, (os.environ.get("CHROMIUM", ""), *BROWSERS)) if path
    ]
    if not found:
        pytest.skip("no chromium was found (install one, or name it with CHROMIUM=/path)")
    with api.sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=found[0],
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            ],
        )
        yield running
        running.close()


class Tab:
    """One tab for many pages; it remembers what they complain about, or ask of others."""

    def __init__(self, browser):
        """Open an empty tab."""
        self.page = browser.new_page(color_scheme="light")
        self.faults, self.base = [], ""
        self.page.on("request", self.requested)
        self.page.on("requestfailed", self.failed)
        self.page.on("response", lambda r: r.status < 400 or self.note(f"status {r.status}", r.url))
        self.page.on("console", lambda m: m.type != "error" or self.note("console", m.text))
        self.page.on("pageerror", lambda error: self.note("script error", error))

    def note(self, what, of):
        """Remember a complaint."""
        self.faults.append(f"{what}: {of}")

    def requested(self, request):
        """Tell whether a request stays on this machine."""
        if not request.url.startswith((self.base, "data:", "blob:", "about:")):
            self.note("asks another machine", request.url)

    def failed(self, request):
        """Tell of a request without an answer, unless the page was left before it had loaded."""
        if request.failure != "net::ERR_ABORTED":
            self.note(f"request failed ({request.failure})", request.url)

    def open(self, base, name, device):
        """Open a page of the website; its complaints come into a new list, which is returned."""
        self.page.goto("about:blank")  # what the page before says while it is left is none of ours
        self.faults, self.base = [], base
        self.page.set_viewport_size(device)
        self.page.goto(f"{base}/{name}", wait_until="load")
        return self.faults


@pytest.fixture(scope="session")
def tab(browser):
    """Keep one tab open: a new one for each page would start a process, and read all scripts."""
    tab = Tab(browser)
    yield tab
    tab.page.close()


@pytest.fixture(scope="session")
def plain_tab(browser):
    """Keep another tab open in which MathJax sets no formulas."""
    tab = Tab(browser)
    tab.page.add_init_script(NO_FORMULAS)
    yield tab
    tab.page.close()
