"""Loops written in the page: in a browser, from a file, with the Python that the page brings."""

import json

import numpy as np
import pytest
from support.browser import Tab, axe
from support.editor import VARIANTS

from cnnlab.page.editor import part
from cnnlab.page.editor.loops import LOOPS
from cnnlab.page.editor.table import table
from cnnlab.tutor.diagnosis.known import function_of, known

DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
PAGE = """<!doctype html><html lang="en" data-theme="light"><head><meta charset="utf-8">
<title>Editors</title><meta name="viewport" content="width=device-width">
{styles}</head><body><main><h1>Editors</h1>{content}</main>{scripts}</body></html>"""
# Judge many sources of one loop in the worker of the page.
JUDGE = """async ([loop, sources]) => {
    await cnnEditor.load(`editor-${loop}.js`);
    const verdicts = [];
    for (const source of sources) {
        const task = { ...cnnEditor.tables[loop], source };
        verdicts.push((await cnnEditor.run(task, new AbortController().signal)).verdict);
    }
    return verdicts;
}"""
BUSY = "loop => !document.querySelector(`[data-loop='${loop}']`).hasAttribute('aria-busy')"


@pytest.fixture(scope="module")
def editors(browser, tmp_path_factory):
    """Open a page with all editors, from a file."""
    folder = tmp_path_factory.mktemp("editors")
    parts = [part(name) for name in LOOPS]
    for one in parts:
        for name, text in {**one.scripts, **one.styles}.items():
            (folder / name).write_text(text, encoding="utf-8")
        for name, content in one.later.items():
            (folder / name).write_bytes(content)
    path = folder / "page.html"
    path.write_text(
        PAGE.format(
            content="".join(one.html for one in parts),
            styles="".join(f'<link rel="stylesheet" href="{name}">' for name in parts[0].styles),
            scripts="".join(f'<script defer src="{name}"></script>' for name in parts[0].scripts),
        ),
        encoding="utf-8",
    )
    tab = Tab(browser)
    tab.address = path.as_uri()
    tab.open(tab.address, DESK, within=folder.as_uri())
    yield tab
    tab.page.close()


def run(page, loop, source=None, *, timeout=60_000):
    """Write into an editor and run it; return what is said."""
    box = page.locator(f'[data-loop="{loop}"]')
    if source is not None:
        box.locator("textarea").fill(source)
    box.locator("textarea").press("Control+Enter")
    page.wait_for_function(BUSY, arg=loop, timeout=timeout)
    return box.locator(".ed-said").inner_text()


def bias(*lines):
    """Write a function for the gradient of the biases."""
    return "\n    ".join(["def conv2d_db(dZ):", *lines])


def test_right_loops_are_right(editors):
    """The loops of `cnnlab.reference`, and all variants."""
    assert editors.page.evaluate("!window.__BRYTHON__ && !cnnEditor.python")
    for loop, sources in VARIANTS.items():
        verdicts = editors.page.evaluate(JUDGE, [loop, sources])
        assert verdicts == [["right", str(len(LOOPS[loop].cases))]] * len(sources), loop
    assert not editors.faults


def test_the_catalogue_is_named(editors):
    """All of the catalogue for one loop, by the answers that its mistakes give."""
    name, sources, names = "conv2d_dw", [], []
    for edit in known(name):
        if not edit.plain:
            continue
        wrong, answers = function_of(name, (edit,)), []
        for case in LOOPS[name].cases:
            try:
                answers.append(wrong(*case))
            except (IndexError, ValueError):
                answers.append(None)
        seen = [
            one is None or not np.array_equal(one, LOOPS[name].right(*case))
            for one, case in zip(answers, LOOPS[name].cases, strict=True)
        ]
        if any(seen) and any(one is not None for one in answers):
            lists = [None if one is None else one.tolist() for one in answers]
            sources.append(
                f"answers = {lists}\ndef {name}(*given):\n    answer = answers.pop(0)\n"
                "    if answer is None:\n        raise IndexError\n    return answer\n"
            )
            names.append(edit.name)
    verdicts = editors.page.evaluate(JUDGE, [name, sources])
    rows = table(name).rows
    named = [
        one in [each for row in verdict[3].split() for each in rows[int(row)].names]
        for one, verdict in zip(names, verdicts, strict=True)
    ]
    assert len(names) > 30
    assert sum(named) >= 0.95 * len(names)


def test_what_is_said(editors):
    """The name of a mistake, the first wrong entry, the reader's line; that nothing is known."""
    page = editors.page
    said = run(page, "conv2d_db", bias("return dZ[:1].sum((0, 2, 3))"))
    for words in (
        "✗ Only the first image of the batch counts.",
        "See the equation in Bias gradient.",
        "Case: dZ.shape = (2, 3, 3, 4). Right in 1 of 3 cases.",
    ):
        assert words in said
    row = page.locator('[data-loop="conv2d_db"] tbody td').all_inner_texts()
    assert (row[0], len(row)) == ("db[0]", 3)
    assert "no known mistake" in run(page, "conv2d_db", bias("return dZ.sum((0, 2, 3)) + 1.5"))
    said = run(page, "conv2d_db", "\n" + bias("a = 1", "return dZ[5, 0]"))
    assert "stopped in line 4. IndexError: index 5 is out of bounds for axis 0" in said
    assert "return dZ[5, 0]" in said
    assert "Line 2: SyntaxError" in run(page, "conv2d_db", bias("return (dZ"))
    assert "None" in run(page, "conv2d_db", bias("pass"))
    assert "single number" in run(page, "conv2d_db", bias("return 1"))
    said = run(page, "conv2d_db", bias("import itertools", "return 1"))
    assert "No module named 'itertools'." in said
    assert "small NumPy" in said
    assert "np.linalg" in run(page, "conv2d_db", bias("return np.linalg"))
    assert run(page, "conv2d_db", bias("import math, numpy as np", "print(math.pi)",
                                       "return dZ.sum((0, 2, 3))")).startswith("✓")  # fmt: skip
    assert not editors.faults


def test_a_loop_that_never_ends_is_ended(editors):
    page = editors.page
    page.evaluate("cnnEditor.SECONDS = 0.5")
    endless = bias("while True:", "    try:", "        pass", "    except:", "        pass")
    assert "never ends" in run(page, "conv2d_db", endless, timeout=20_000)
    page.evaluate("cnnEditor.SECONDS = 60")
    box = page.locator('[data-loop="conv2d_db"]')
    box.locator(".ed-run").click()
    page.wait_for_timeout(500)
    box.get_by_role("button", name="Stop").click()
    page.wait_for_function(BUSY, arg="conv2d_db")
    assert box.locator(".ed-said").inner_text().strip().endswith("Stopped.")
    assert "Right" in run(page, "conv2d_db", bias("return dZ.sum((0, 2, 3))"))


def test_keys(editors):
    """Tab indents, Escape and Tab leave, a colon indents the next line, Backspace goes back."""
    page = editors.page
    area = page.locator('[data-loop="conv2d"] textarea')
    area.fill("")
    area.press("Tab")
    assert area.input_value() == "    "
    area.press("Backspace")
    assert area.input_value() == ""
    page.keyboard.type("for i in a:  # each\nfor j in b:\nx\ny")
    expected = "for i in a:  # each\n    for j in b:\n        x\n        y"
    assert area.input_value() == expected
    assert page.locator('[data-loop="conv2d"] .ed-numbers').inner_text().split() == list("1234")
    area.press("Shift+Tab")
    assert area.input_value().endswith("\n    y")
    area.press("Control+a")
    area.press("Tab")
    assert area.input_value().splitlines()[0] == "    for i in a:  # each"
    area.press("Shift+Tab")
    area.press("Control+z")
    assert area.input_value().startswith("    for")
    area.press("Escape")
    area.press("Tab")
    assert page.evaluate("document.activeElement.className") == "ed-run"
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.className") == "ed-code"


def test_what_is_written_stays(editors):
    page, loop = editors.page, '[data-loop="conv2d_dw"]'
    page.locator(f"{loop} textarea").fill("def conv2d_dw():\n    pass\n# mine\n")
    page.reload()
    assert page.locator(f"{loop} textarea").input_value().endswith("# mine\n")
    page.locator(f"{loop} .ed-reset").click()
    assert page.locator(f"{loop} textarea").input_value() == LOOPS["conv2d_dw"].skeleton
    page.reload()
    assert page.locator(f"{loop} textarea").input_value() == LOOPS["conv2d_dw"].skeleton


def test_a_cell_is_copied(editors):
    page, loop = editors.page, '[data-loop="conv2d_db"]'
    page.evaluate("navigator.clipboard.writeText = async (text) => { window.copied = text }")
    page.locator(f"{loop} textarea").fill(VARIANTS["conv2d_db"][1])
    page.locator(f"{loop} .ed-copy").click()
    page.wait_for_function("window.copied")
    assert page.evaluate("copied") == VARIANTS["conv2d_db"][1] + "\n\n" + LOOPS["conv2d_db"].check
    assert "paste it into a cell" in page.locator(f"{loop} .ed-said").inner_text()


def test_without_a_worker_and_without_storage(browser, editors):
    """Python runs on the page then, lines are counted, and nothing is kept."""
    tab = Tab(browser)
    try:
        tab.page.add_init_script(
            "delete window.Worker; Object.defineProperty(window, 'localStorage',"
            " { get() { throw new Error('none') } })"
        )
        tab.open(editors.address, DESK, within=editors.within)
        right = bias("return dZ.sum((0, 2, 3))")
        assert "Right in all 3" in run(tab.page, "conv2d_db", right)
        tab.page.evaluate("cnnEditor.STEPS = 2e5")
        assert "never ends" in run(tab.page, "conv2d_db", bias("while True:", "    pass"))
        assert "Right in all 3" in run(tab.page, "conv2d_db", right)
        assert not tab.faults
    finally:
        tab.page.close()


def test_the_look_and_the_way_in(editors):
    """No fault for a screen reader, keys of 44 pixels, nothing wider than a phone, and on paper."""
    page = editors.page
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        run(page, "conv2d_db", bias("return dZ[:1].sum((0, 2, 3))"))
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        heights = page.locator(".ed button").evaluate_all(
            "all => all.map(one => one.getBoundingClientRect().height)"
        )
        assert min(heights) >= 44
    page.evaluate(axe())
    found = page.evaluate("axe.run('main')")
    assert [one["id"] for one in found["violations"]] == []
    assert page.locator(".ed-said").first.get_attribute("role") == "status"
    page.emulate_media(media="print")
    assert page.locator(".ed textarea:visible, .ed button:visible").count() == 0
    assert page.locator("pre.ed-paper:visible").count() == len(LOOPS)
    page.emulate_media(media="null")
    page.set_viewport_size(DESK)


CHAPTERS = {
    "pattern-search": ["conv2d"],
    "weight-gradient": ["conv2d_dw"],
    "bias-gradient": ["conv2d_db"],
    "input-gradient": ["conv2d_dX", "conv2d_dX-scatter"],
    "max-pooling": ["max_pool2d_dX"],
    "losses-and-optimizers": ["adam_step"],
}


def test_chapters_have_their_editors(site):
    for chapter, loops in CHAPTERS.items():
        html = (site / "book" / f"{chapter}.html").read_text("utf-8")
        for loop in loops:
            assert f'data-loop="{loop}"' in html
        assert "editor-python.js" not in html  # it comes when something is run


def test_links_lead_to_equations(site):
    """Whatever mistake is named, its equation is there."""
    for loops in CHAPTERS.values():
        for loop in loops:
            text = (site / "_static" / "living" / f"editor-{loop}.js").read_text("utf-8")
            data = json.loads(text.partition("=")[2].removesuffix(";\n"))
            links = {link for row in data["mistakes"] for _, _, link in row} | {data["equation"]}
            for link in filter(None, links):
                page, _, label = link.split('"')[1].partition("#")
                assert f'id="{label}"' in (site / "book" / page).read_text("utf-8"), link


def test_in_a_chapter(site, plain_tab):
    """The editor works there, asks for nothing outside, and takes its room before the script."""
    url = (site / "book" / "bias-gradient.html").as_uri()
    faults = plain_tab.open(url, DESK, within=site.as_uri())
    page = plain_tab.page
    box = page.locator('[data-loop="conv2d_db"]')
    before = box.bounding_box()["height"]
    assert "is zero" in run(page, "conv2d_db")
    assert box.bounding_box()["height"] < before + 200
    assert not faults
