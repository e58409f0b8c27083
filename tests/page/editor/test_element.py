"""The box in the page: what stands in it, what it loads, and how much that is."""

import ast
import gzip
import json
import re
from html import unescape

import pytest

from cnnlab.page.editor import part
from cnnlab.page.editor.loops import LOOPS
from cnnlab.page.editor.packing import SOURCES, python_text

KILO = 1000


def weight(*files):
    """Return how many bytes files are, compressed."""
    return sum(len(gzip.compress(file, 9)) for file in files)


def data_of(name):
    """Return the table as the page gets it."""
    text = part(name).later[f"editor-{name}.js"].decode()
    return json.loads(text.removeprefix(f'cnnEditor.tables["{name}"]=').removesuffix(";\n"))


@pytest.mark.parametrize("name", LOOPS)
def test_the_skeleton_stands_in_the_editor_and_on_paper(name):
    html, skeleton = part(name).html, LOOPS[name].skeleton
    area = re.search(r"<textarea[^>]*>(.*?)</textarea>", html, re.DOTALL)
    paper = re.search(r'<pre class="ed-paper">(.*?)</pre>', html, re.DOTALL)
    assert unescape(area[1]) == unescape(paper[1]) == skeleton
    ast.parse(skeleton)
    assert max(map(len, skeleton.splitlines())) <= 64  # no sliding on a desk


def test_ids_are_unique_on_a_page_with_two():
    ids = re.findall(r' id="([^"]*)"', part("conv2d_dX").html + part("conv2d_dX-scatter").html)
    assert len(set(ids)) == len(ids) == 4


@pytest.mark.parametrize("name", LOOPS)
def test_weights(name):
    shown = part(name)
    scripts = [text.encode() for text in (*shown.scripts.values(), *shown.styles.values())]
    python = [python_text(file).encode() for file in SOURCES.values()]
    assert weight(*scripts, *python) < 15 * KILO
    assert weight(shown.later[f"editor-{name}.js"]) < 40 * KILO


@pytest.mark.parametrize("name", LOOPS)
def test_every_row_has_words(name):
    data = data_of(name)
    assert len(data["mistakes"]) == len(data["rows"].splitlines())
    for row in data["mistakes"]:
        for words, _, link in row:
            assert words
            assert "`" not in words
            assert not link or re.match(r'<a href="[a-z-]+\.html#equation-eq-[a-z0-9-]+">', link)
    assert data["equation"]


def test_an_unknown_loop_is_refused():
    with pytest.raises(KeyError, match="conv3d"):
        part("conv3d")
