"""The built website, a local server for it, and a browser that cannot leave this machine."""

import collections
import functools
import http.server
import os
import shutil
import threading

import pytest
from support.book import SITE
from support.browser import NO_FORMULAS, NOTHING_DRAWN, Tab
from support.explorer_page import PAGE

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)


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


@pytest.fixture(scope="session")
def tab(browser):
    """Keep one tab open: a new one for each page would start a process, and read all scripts."""
    return Tab(browser)


@pytest.fixture(scope="session")
def plain_tab(browser):
    """Keep another tab open in which MathJax sets no formulas."""
    tab = Tab(browser)
    tab.page.add_init_script(NO_FORMULAS)
    return tab


@pytest.fixture(scope="session")
def bare_tab(browser):
    """Keep another tab open in which pages load, and run their scripts, and nothing is drawn."""
    tab = Tab(browser)
    tab.page.add_init_script(NO_FORMULAS)
    tab.page.add_init_script(NOTHING_DRAWN)
    return tab


@pytest.fixture(scope="session")
def idle_tabs():
    """Keep tabs for figures in pages of their own: by what only a new tab can change."""
    return collections.defaultdict(list)


@pytest.fixture
def show(browser, idle_tabs, tmp_path):
    """Write figures into a page of their own and open it; nothing may go wrong there."""
    taken = []

    def open_page(
        *figures,
        style="",
        width=390,
        height=844,
        color_scheme="light",
        reduced_motion="no-preference",
        **kind,
    ):
        idle = idle_tabs[tuple(kind.items())]
        tab = idle.pop() if idle else Tab(browser, **kind)
        taken.append((idle, tab))
        path = tmp_path / f"page{len(taken)}.html"
        content = "\n".join(figure._repr_html_() for figure in figures)
        path.write_text(PAGE.format(style=style, content=content), encoding="utf-8")
        tab.page.emulate_media(
            media="null", color_scheme=color_scheme, reduced_motion=reduced_motion
        )
        size = {"width": width, "height": height}
        tab.open(path.as_uri(), size, within=path.as_uri(), blank_first=False)
        return tab.page

    yield open_page
    for idle, tab in taken:
        idle.append(tab)
    faults = [fault for _, tab in taken for fault in tab.faults]
    assert not faults, faults
