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
