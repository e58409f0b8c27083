"""The pooling explorer in a browser: the picture of Python, true sums, keys and fingers, words."""

import json

import pytest
from support.browser import axe
from support.explorer import pooling_figure, pooling_values
from support.explorer_page import BOOK, PICTURE, READ, WALK, cell, select

from cnnlab.page.explorer import explore, pools, words
from cnnlab.page.explorer.drawing import State

MODES = list(pools.MODES)
SUM = "e => [...e.querySelectorAll('.cx-now > span')].map(s => s.textContent)"


def read(page):
    return page.locator("cnnlab-pooling").evaluate(READ)


def drawn(page):
    """Return the picture on the page, and the one that Python would draw of the same state."""
    return page.evaluate(f"({PICTURE})(document.querySelector('cnnlab-pooling svg'))")


def by_python(page, values, state):
    parse = f"""text => ({PICTURE})(
        new DOMParser().parseFromString(text, 'text/html').querySelector('svg'))"""
    return page.evaluate(parse, pools.draw(values, state, "narrow"))


@pytest.mark.parametrize(
    ("case", "mode"),
    [
        *(("chapter", mode) for mode in MODES),
        *(("ties", "gather"), ("gaps", "gather"), ("gaps", "scatter"), ("one", "forward")),
    ],
)
def test_script_draws_what_python_draws(case, mode, show):
    """The first state, and the last one under every rule, piece by piece; the sum word by word."""
    figure = pooling_figure(case, mode=mode)
    page = show(figure, reduced_motion="reduce")  # nothing on its way to a sum
    assert drawn(page) == by_python(page, figure.values, figure._first(mode))
    plane = figure.values["X" if mode == "gather" else "dY"][0]
    row, column = len(plane) - 1, len(plane[0]) - 1
    page.locator("cnnlab-pooling .cx-cell[tabindex='0']").focus()
    page.keyboard.press("Control+End")
    for k, rule in enumerate(pools.RULES):
        select(page, "k", k)
        state = State(mode, k, 0, row, column)
        assert drawn(page) == by_python(page, figure.values, state), rule
        assert read(page)["sum"] == words.plain(pools.spell(figure.values, state)), rule


@pytest.mark.parametrize(
    ("case", "mode"), [("ties", "forward"), ("gaps", "gather"), ("ties", "scatter")]
)
def test_every_sum_is_that_of_python(case, mode, show):
    values = pooling_values(case)
    page = show(pooling_figure(case, mode=mode))
    choices = {"mode": mode, "patterns": [0, 1, 2, 3], "depths": list(range(len(values["X"])))}
    element = page.locator("cnnlab-pooling")
    seen = json.loads(element.evaluate(WALK.replace("TAKE", SUM), choices))
    plane = values["X" if mode == "gather" else "dY"]
    assert len(seen) == len(pools.RULES) * len(plane) * len(plane[0]) * len(plane[0][0])
    for *place, pieces in seen:
        assert pieces == words.plain(pools.spell(values, State(mode, *place)))


def test_keyboard_alone(show):
    page = show(pooling_figure("ties"))
    stops = []
    for _ in range(4):
        page.keyboard.press("Tab")
        stops.append(
            page.evaluate(
                "document.activeElement.getAttribute('aria-label') ?? document.activeElement.value"
            )
        )
    assert stops[0].startswith("row 0, column 0: ")
    assert stops[1:] == ["show", "first", "0"]
    page.locator("cnnlab-pooling [tabindex='0']").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    (grid,) = [plane for plane in read(page)["planes"] if plane["grid"]]
    assert (grid["title"], grid["chosen"]) == ("Y[0]", [1, 1])


@pytest.mark.parametrize("mode", ["forward", "scatter"])
def test_the_window_follows_a_finger(mode, show):
    """With a stride it jumps from position to position."""
    page = show(pooling_figure("gaps", mode=mode))
    for row, column, place in [(0, 0, [0, 0]), (1, 4, [0, 1]), (4, 7, [1, 2]), (2, 3, [0, 1])]:
        page.mouse.click(*cell(page, "X[0]", row, column))
        (grid,) = [plane for plane in read(page)["planes"] if plane["grid"]]
        assert grid["chosen"] == place, (row, column)


def test_sliding_over_the_gradients_chooses_a_pixel(show):
    page = show(pooling_figure("chapter", mode="gather"))
    page.mouse.click(*cell(page, "dY[0]", 1, 2))
    (grid,) = [plane for plane in read(page)["planes"] if plane["grid"]]
    assert (grid["title"], grid["chosen"]) == ("dX[0]", [2, 3])


@pytest.mark.parametrize(
    ("mode", "k", "words"),
    [
        ("forward", 0, "Y, depth 0, row 0, column 0: the largest of 1, 6, 6, 3 is 6. Row 0, column "
         "1 is as large and is paid. Row 1, column 0 is as large and is not paid."),
        ("forward", 3, "Y, depth 0, row 0, column 0: the mean of 1, 6, 6, 3 is 4."),
        ("gather", 0, "d X, depth 0, row 1, column 2: 3 times 1 plus 1 times 1 plus 2 times 1 plus "
         "5 times 0 is 6."),
        ("scatter", 1, "d Y, depth 0, row 0, column 0, is 2. In d X: row 0, column 1 gets 2 times "
         "1/2; row 1, column 0 gets 2 times 1/2."),
    ],
)  # fmt: skip
def test_what_the_ear_gets(mode, k, words, show):
    page = show(pooling_figure("chapter", mode=mode))
    select(page, "k", k)
    page.wait_for_function(
        f"document.querySelector('.cx-said').textContent === {json.dumps(words)}"
    )


@pytest.mark.parametrize(
    ("mode", "theme"), [("forward", "light"), ("gather", "dark"), ("scatter", "light")]
)
def test_nothing_is_in_anybodys_way(mode, theme, show):
    """No fault of accessibility; nothing wider than a phone; every target large enough."""
    page = show(
        pooling_figure("ties", mode=mode), style=BOOK[theme], width=360, reduced_motion="reduce"
    )
    page.evaluate(axe())
    found = page.evaluate(
        "async () => (await axe.run('cnnlab-pooling', { resultTypes: ['violations'], runOnly: "
        "['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'] })).violations"
        ".map(v => v.id + ': ' + v.help + ' ' + v.nodes[0].html)"
    )
    assert found == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    sizes = page.evaluate(
        "[...document.querySelectorAll('[role=grid] .cx-cell rect, cnnlab-pooling label')]"
        ".map(e => e.getBoundingClientRect()).map(r => Math.min(r.width, r.height))"
    )
    assert min(sizes) >= 22  # at 360 pixels


def test_beside_the_other_explorer(show):
    """Two kinds of figures on one page, each with its own script and planes."""
    page = show(explore(), pooling_figure("chapter"))
    titles = page.evaluate(
        "['cnnlab-explorer', 'cnnlab-pooling'].map(tag =>"
        " document.querySelector(tag + ' .cx-pick .cx-title').textContent)"
    )
    assert titles == ["Z[0]", "Y[0]"]


# ------------------------------------------------------------------------------- the website


def test_on_the_website(site, plain_tab):
    """In its chapter: every sum is that of Python, and the card of dark pages is not needed."""
    page = plain_tab.page
    page.emulate_media(color_scheme="dark", reduced_motion="no-preference")
    url, size = f"{site.as_uri()}/book/max-pooling.html", {"width": 390, "height": 844}
    faults = plain_tab.open(url, size, within=site.as_uri())
    element = page.locator("cnnlab-pooling")
    values = json.loads(element.get_attribute("data-values"))
    for mode in MODES:
        choices = {"mode": mode, "patterns": [0, 1, 2, 3], "depths": [0]}
        for *place, pieces in json.loads(element.evaluate(WALK.replace("TAKE", SUM), choices)):
            assert pieces == words.plain(pools.spell(values, State(mode, *place)))
    card = "getComputedStyle(document.querySelector('cnnlab-pooling').parentNode)"
    assert page.evaluate(f"{card}.backgroundColor") == "rgba(0, 0, 0, 0)"
    assert not faults, faults
