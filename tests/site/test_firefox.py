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

from cnnlab.page.explorer import drawing, pools, words

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
    """Nothing from outside, no error, all formulas set, nothing cut off; on a desk, on a phone.

    And every sum that a figure can spell is that of Python.
    """
    ran = subprocess.run(
        [*command, site.as_uri(), *pages_of_site()], capture_output=True, text=True, timeout=900
    )
    assert ran.returncode == 0, ran.stderr
    reports = json.loads(ran.stdout)
    assert list(reports) == pages_of_site()
    wrong = {name: report["faults"] for name, report in reports.items() if report["faults"]}
    assert not wrong, json.dumps(wrong, indent=2)
    figures = [figure for report in reports.values() for figure in report["figures"]]
    assert {figure["tag"] for figure in figures} == set(SPELLS)
    for figure in figures:
        check_sums(**figure)


# How Python spells what a figure shows.
SPELLS = {"cnnlab-explorer": drawing.spell, "cnnlab-pooling": pools.spell}


def check_sums(tag, values, seen):
    """Hold what a figure spelled, entry by entry, against Python."""
    assert {mode for mode, *_ in seen} == set(values["modes"])
    for *place, pieces in seen:
        spelled = SPELLS[tag](values, drawing.State(*place))
        assert pieces == words.plain(spelled), (tag, place)
