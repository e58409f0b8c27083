"""Every page in a second browser: Debian's Firefox, driven by npm's puppeteer-core.

`.ci/run` installs both and names the folder of the second: CNNLAB_PUPPETEER.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from support.book import pages_of_site

DRIVER = Path(__file__).with_name("firefox.mjs")
BROWSERS = ("firefox-esr", "firefox")


@pytest.fixture
def command():
    """Return the words that start the driver."""
    firefox = next(filter(None, map(shutil.which, BROWSERS)), None)
    node, modules = shutil.which("node"), os.environ.get("CNNLAB_PUPPETEER")
    if not modules:
        pytest.skip("CNNLAB_PUPPETEER names no folder in which puppeteer-core is (.ci/run does)")
    if firefox is None or node is None:
        pytest.skip("this machine has no Firefox, or no Node.js to drive it")
    return [node, DRIVER, firefox, modules]


def test_every_page_is_right_in_firefox(command, site):
    """Nothing from outside, no error, all formulas set, nothing cut off; on a desk, on a phone."""
    ran = subprocess.run(
        [*command, site.as_uri(), *pages_of_site()], capture_output=True, text=True, timeout=900
    )
    assert ran.returncode == 0, ran.stderr
    report = json.loads(ran.stdout)
    assert list(report) == pages_of_site()
    wrong = {name: faults for name, faults in report.items() if faults}
    assert not wrong, json.dumps(wrong, indent=2)
