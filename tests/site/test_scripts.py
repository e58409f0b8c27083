"""Scripts of a page are few and small: a chapter is read, and what answers comes when asked for."""

import gzip
import re
from pathlib import Path

import pytest
from support.book import chapters

HEAVIEST = 60_000  # bytes of all scripts of a page as a server sends them, MathJax apart

SCRIPT = re.compile(r"<script([^>]*)>(.*?)</script>", re.DOTALL)
SOURCE = re.compile(r'src="([^"?]+)')


def scripts_of(page):
    """Return the scripts that a page names, files and those that stand in it: name and bytes."""
    for attributes, text in SCRIPT.findall(page.read_text(encoding="utf-8")):
        source = SOURCE.search(attributes)
        if source is None:
            yield "in the page", text.encode()
        elif "mathjax" not in source[1]:
            yield Path(source[1]).name, (page.parent / source[1]).read_bytes()


@pytest.mark.parametrize("name", chapters())
def test_scripts_of_a_page_are_light(name, site):
    found = [
        (len(gzip.compress(text)), script) for script, text in scripts_of(site / f"{name}.html")
    ]
    assert sum(weight for weight, _ in found) < HEAVIEST, sorted(found)
    assert {"search.js", "reading.js"} <= {script for _, script in found}
