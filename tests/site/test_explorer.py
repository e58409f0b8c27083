"""The explorer in a browser: every sum it can show, with keys, mouse and finger, light and dark.

Most tests open a page of their own, so they need no website; the last ones visit the pages of the
website that hold an explorer.
"""

import importlib.resources
import json
import re
from urllib.parse import unquote

import numpy as np
import pytest
from support.book import SITE

from cnnlab import reference
from cnnlab.explorer import explore

MODES = ["forward", "weight", "gather", "scatter"]

# Around a figure: what the book, JupyterLab, and a page without any style give it.
BOOK = {
    "light": "--pst-color-text-base: #222832; --pst-color-background: #fff",
    "dark": "--pst-color-text-base: #ced6dd; --pst-color-background: #14181e",
}
LAB = {
    "light": "--jp-content-font-color1: rgba(0, 0, 0, .87); --jp-layout-color0: #fff",
    "dark": "--jp-content-font-color1: #fff; --jp-layout-color0: #111",
}
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Test</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>:root {{ {style} }}
body {{ margin: 0; padding: 0 12px; font-family: sans-serif; color: var(--pst-color-text-base);
background: var(--pst-color-background) }}</style></head><body><main><h1>Test</h1>
{content}<p id="after">After.</p><div style="height: 1500px"></div></main></body></html>"""

# What stands on the page, as text, without any knowledge of how it was computed.
READ = """element => {
  const text = e => e.textContent;
  const number = e => e ? Number(text(e).replace('\\u2212', '-').replace('\\u00d7', '')) : null;
  const place = e => [Number(e.getAttribute('x')), Number(e.getAttribute('y'))];
  const planes = [...element.querySelectorAll('.cx-plane')].map(plane => {
    const cells = [...plane.querySelectorAll('.cx-row')].map(row =>
      [...row.querySelectorAll('.cx-cell')].map(cell => number(cell.querySelector('text'))));
    const absent = [...plane.querySelectorAll('.cx-row')].map(row =>
      [...row.querySelectorAll('.cx-cell')].map(cell => !!cell.querySelector('.cx-absent')));
    const frame = plane.querySelector('.cx-window rect');
    const chosen = plane.querySelector('.cx-chosen');
    const at = e => e && [(e.getAttribute('y') - 20) / 30, e.getAttribute('x') / 30];
    return {
      title: text(plane.querySelector('.cx-title')), cells, absent,
      window: at(frame), chosen: at(chosen),
      laid: [...plane.querySelectorAll('.cx-window text')].map(number),
      shape: frame && [frame.getAttribute('height') / 30, frame.getAttribute('width') / 30],
      grid: plane.getAttribute('role') === 'grid',
    };
  });
  return {
    planes,
    sum: [...element.querySelectorAll('.cx-now span')].map(text),
    said: text(element.querySelector('.cx-said')),
    checked: Object.fromEntries(
      [...element.querySelectorAll(':checked')].map(e => [e.name, e.value])),
  };
}"""


@pytest.fixture
def show(browser, tmp_path):
    """Write figures into a page of their own and open it; nothing may go wrong there."""
    faults, contexts = [], []

    def open_page(*figures, style="", width=390, **options):
        path = tmp_path / f"page{len(contexts)}.html"
        content = "\n".join(figure._repr_html_() for figure in figures)
        path.write_text(PAGE.format(style=style, content=content), encoding="utf-8")
        options = {"viewport": {"width": width, "height": 844}, **options}
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: faults.append(f"script error: {error}"))
        page.on("console", lambda m: m.type != "error" or faults.append(f"console: {m.text}"))
        page.on(
            "request",
            lambda r: (
                r.url.startswith(("data:", path.as_uri())) or faults.append(f"asks for {r.url}")
            ),
        )
        page.goto(path.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not faults, faults


def read(page, nth=0):
    return page.locator("cnnlab-explorer").nth(nth).evaluate(READ)


def select(page, name, value):
    """Press one of the buttons above the picture."""
    page.locator(f"cnnlab-explorer input[name={name}][value='{value}']").first.check()


def example(sizes=(2, 4, 5, 2, 2, 3), seed=3, **options):
    D, M, N, P, m, n = sizes
    rng = np.random.default_rng(seed)
    return explore(
        rng.integers(-9, 10, (D, M, N)),
        rng.integers(-9, 10, (P, D, m, n)),
        rng.integers(-9, 10, P),
        rng.integers(-9, 10, (P, M - m + 1, N - n + 1)),
        **options,
    )


# ------------------------------------------------------------------------------- every sum

# Walks with the arrow keys through every entry of the grid, line by line there and back, and reads
# the whole figure at each.
WALK = """element => {
  const press = (key, ctrlKey = false) => element.querySelector('.cx-cell[tabindex="0"]')
    .dispatchEvent(new KeyboardEvent('keydown', { key, ctrlKey, bubbles: true, cancelable: true }));
  const read = READ;
  const grid = element.querySelector('[role=grid]');
  const rows = grid.querySelectorAll('.cx-row').length;
  const columns = grid.querySelectorAll('.cx-cell').length / rows;
  const seen = [];
  press('Home', true);
  for (let row = 0; row < rows; row++) {
    press('Home');
    for (let column = 0; column < columns; column++) {
      seen.push([row, column, read(element)]);
      press('ArrowRight');
    }
    press('ArrowDown');
  }
  return seen;
}""".replace("READ", READ)


def walk(page, values, mode, nth=0):
    """Yield every state of a mode: k, c, row, column, and what the page shows there."""
    element = page.locator("cnnlab-explorer").nth(nth)
    element.locator(f"input[value={mode}]").check()
    patterns = range(len(values["w"])) if mode != "gather" else [0]
    depths = range(len(values["X"])) if mode != "forward" else [0]
    for k in patterns:
        for c in depths:
            for name, value in (("k", k), ("c", c)):
                button = element.locator(f"input[name={name}][value='{value}']")
                if button.count() and button.is_visible():
                    button.check()
            for row, column, shown in element.evaluate(WALK):
                yield k, c, row, column, shown


def titled(shown, start):
    return [plane for plane in shown["planes"] if plane["title"].startswith(start)]


def window(plane):
    """Return the entries of a plane in its frame, and what is laid on them."""
    (row, column), (rows, columns) = map(int, plane["window"]), map(int, plane["shape"])
    cells = [line[column : column + columns] for line in plane["cells"][row : row + rows]]
    return cells, np.reshape(plane["laid"], (rows, columns)).tolist()


def check_sums(values, mode, states):
    """Hold every displayed number of a mode against arrays computed here; return how many sums."""
    X, w, b, dZ = (np.array(values[name]) for name in ("X", "w", "b", "dZ"))
    exact = {
        "forward": reference.conv2d(X, w, b),
        "weight": reference.conv2d_dw(dZ, X, w.shape),
        "gather": reference.conv2d_dX(dZ, w, X.shape),
    }
    handed = np.zeros(X.shape)
    written = np.zeros(X.shape)
    count = 0
    for k, c, row, column, shown in states:
        count += 1
        where = f"{mode} k={k} c={c} row={row} column={column}"
        (grid,) = [plane for plane in shown["planes"] if plane["grid"]]
        assert grid["chosen"] == [row, column], where
        if mode == "scatter":
            assert grid["cells"] == dZ[k].tolist(), where
            (shares,) = titled(shown, "shares")
            assert shares["window"] == [row, column], where
            assert shares["laid"] == w[k, c].ravel().tolist(), where
            cells, laid = window(shares)
            np.testing.assert_array_equal(cells, dZ[k, row, column] * np.array(laid))
            handed[c] += [
                [0 if value is None else value for value in line] for line in shares["cells"]
            ]
            (total,) = titled(shown, f"dX[{c}]")
            np.testing.assert_array_equal(total["cells"], exact["gather"][c])
            for piece in shown["sum"]:
                name, term = piece.rstrip(",").split(" += ")
                written[tuple(map(int, re.findall(r"\d+", name)))] += compute(term)
            continue
        expected = {"forward": (k,), "weight": (k, c), "gather": (c,)}[mode]
        np.testing.assert_array_equal(grid["cells"], exact[mode][expected], where)
        expected = exact[mode][(*expected, row, column)]
        assert grid["cells"][row][column] == expected, where

        # The products are those of the numbers that meet in the picture, and add up to the sum.
        bias = b[k] if mode == "forward" else 0
        met = [plane for plane in shown["planes"] if "on it" in plane["title"]]
        found = titled(shown, "products")
        assert len(met) == len(found) == {"forward": len(X), "weight": 1, "gather": len(w)}[mode]
        total = sum(p["cells"][0][0] for p in titled(shown, "b["))
        assert total == bias, where
        for plane, product in zip(met, found, strict=True):
            cells, laid = window(plane)
            for line, factors, results in zip(cells, laid, product["cells"], strict=True):
                for entry, factor, result in zip(line, factors, results, strict=True):
                    assert result == (None if entry is None else entry * factor), where
                    total += result or 0
        assert total == expected, where

        # The line below spells the same sum.
        name, terms, result = " ".join(shown["sum"]).split(" = ")
        indices = {"forward": (k,), "weight": (k, c), "gather": (c,)}[mode]
        letter = {"forward": "Z", "weight": "dw", "gather": "dX"}[mode]
        assert name == f"{letter}[{','.join(map(str, (*indices, row, column)))}]", where
        assert compute(terms) == compute(result) == expected, where
        present = sum(v is not None for p in found for line in p["cells"] for v in line)
        assert terms.count("·") == present, where
    if mode == "scatter":
        np.testing.assert_array_equal(handed, exact["gather"])
        np.testing.assert_array_equal(written, exact["gather"])
    return count


def compute(terms):
    terms = terms.replace("\N{MINUS SIGN}", "-").replace("·", "*")
    assert re.fullmatch(r"[-+*() \d]+", terms), terms
    return eval(terms)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("sizes", [(2, 4, 5, 2, 2, 3), (1, 4, 4, 1, 2, 2), (3, 3, 4, 3, 2, 1)])
def test_every_sum(mode, sizes, show):
    figure = example(sizes)
    D, M, N, P, m, n = sizes
    rows, columns = M - m + 1, N - n + 1
    expected = {
        "forward": P * rows * columns,
        "weight": P * D * m * n,
        "gather": D * M * N,
        "scatter": P * D * rows * columns,
    }
    states = walk(show(figure), figure.values, mode)
    assert check_sums(figure.values, mode, states) == expected[mode]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["Z", "dw", "dX", "w"])
def test_a_wrong_number_is_noticed(mode, name, show):
    """The check above is a check: one wrong number among the data, and it fails."""
    figure = example((2, 3, 4, 2, 2, 3))
    truth = json.loads(json.dumps(figure.values))
    wrong = np.array(figure.values[name])
    wrong.flat[wrong.size // 2] += 1
    figure.values[name] = wrong.tolist()
    uses = {"forward": "Z w", "weight": "dw", "gather": "dX w", "scatter": "dX w"}[mode].split()
    states = walk(show(figure), truth, mode)
    if name not in uses:
        check_sums(truth, mode, states)
        return
    with pytest.raises(AssertionError):
        check_sums(truth, mode, states)


def test_absent_entries_are_those_outside_the_border(show):
    figure = example()
    for _, _, _, _, shown in walk(show(figure), figure.values, "gather"):
        for k, plane in enumerate(titled(shown, "dZ[")):
            inside = np.pad(np.zeros((3, 3), bool), ((1, 1), (2, 2)), constant_values=True)
            np.testing.assert_array_equal(plane["absent"], inside)
            np.testing.assert_array_equal(
                np.array(plane["cells"])[~inside].reshape(3, 3), figure.values["dZ"][k]
            )


@pytest.mark.parametrize("mode", ["gather", "scatter"])
def test_the_pattern_lies_turned_or_as_it_is(mode, show):
    figure = example()
    w = np.array(figure.values["w"])
    for k, c, _, _, shown in walk(show(figure), figure.values, mode):
        turned = w[..., ::-1, ::-1] if mode == "gather" else w
        for other in range(2):
            (pattern,) = titled(shown, f"w[{other},{c}]")
            np.testing.assert_array_equal(pattern["laid"], turned[other, c].ravel())
        met = [plane for plane in shown["planes"] if "on it" in plane["title"]]
        for other, plane in enumerate(met):
            np.testing.assert_array_equal(
                plane["laid"], turned[other if mode == "gather" else k, c].ravel()
            )


# ------------------------------------------------------------------------------- still and live

SAME = """() => {
  const tree = e => [e.localName, e.getAttribute('class') ?? '',
    [...e.attributes].filter(a => /^([xyd]|width|height|viewBox|transform)$/.test(a.name))
      .map(a => a.name + a.value), e.children.length ? '' : e.textContent,
    [...e.children].map(tree)];
  return tree(document.querySelector('cnnlab-explorer svg'));
}"""
STILL = """text => {
  const svg = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement;
  svg.querySelector('style').remove();
  svg.querySelector('rect').remove(); // the paper
  const tree = e => [e.localName, e.getAttribute('class') ?? '',
    [...e.attributes].filter(a => /^([xyd]|width|height|viewBox|transform)$/.test(a.name))
      .map(a => a.name + a.value), e.children.length ? '' : e.textContent,
    [...e.children].map(tree)];
  return tree(svg);
}"""


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("sizes", [(2, 4, 5, 2, 2, 3), (1, 1, 1, 1, 1, 1), (3, 8, 8, 3, 4, 4)])
def test_script_draws_the_still_picture(mode, sizes, show):
    """Python draws the first state, the script all of them: the same picture, piece by piece."""
    figure = example(sizes, mode=mode)
    page = show(figure)
    (source,) = re.findall(r'src="data:image/svg\+xml,([^"]*)"', figure._repr_html_())
    assert page.evaluate(SAME) == page.evaluate(STILL, unquote(source))
    (line,) = re.findall(r'<p class="cx-sum">(.*)</p>', figure._repr_html_())
    assert read(page)["sum"] == re.findall("<span>(.*?)</span>", line)


@pytest.mark.parametrize("mode", MODES)
def test_without_script(mode, show):
    page = show(explore(mode=mode), java_script_enabled=False, width=340)
    still = page.locator("cnnlab-explorer img")
    assert still.is_visible()
    box = still.bounding_box()
    assert 250 < box["width"] <= 340 - 24
    assert page.locator(".cx-sum").is_visible()
    assert page.locator(".cx-how").is_visible()
    assert page.locator("cnnlab-explorer input").count() == 0


def test_several_on_a_page(show):
    page = show(explore(), explore(mode="gather"), explore(mode="scatter", seed=1))
    for n in range(3):
        element = page.locator("cnnlab-explorer").nth(n)
        assert element.locator("> *").count() == 2  # style and figure; nothing still
        assert element.locator("svg").count() == element.locator(".cx-how").count() == 1
    assert [read(page, n)["checked"]["mode"] for n in range(3)] == ["forward", "gather", "scatter"]
    before = [read(page, n)["sum"] for n in range(3)]
    page.locator("cnnlab-explorer").nth(1).locator("input[value=weight]").check()
    assert [read(page, n)["checked"]["mode"] for n in range(3)] == ["forward", "weight", "scatter"]
    assert [read(page, n)["sum"] for n in (0, 2)] == [before[0], before[2]]
    assert page.evaluate("[...document.querySelectorAll('cnnlab-explorer [id]')].length") == 0


def test_moved_within_the_page(show):
    """JupyterLab takes outputs out and puts them back."""
    page = show(example())
    page.locator(".cx-cell[tabindex='0']").focus()
    page.keyboard.press("ArrowRight")
    before = read(page)
    page.evaluate(
        "document.querySelector('main').append(document.querySelector('cnnlab-explorer'))"
    )
    assert read(page) | {"said": ""} == before | {"said": ""}


# ------------------------------------------------------------------------------- keyboard

ACTIVE = "document.activeElement.getAttribute('aria-label') ?? document.activeElement.value"


def test_keyboard_alone(show):
    """Tab reaches each group of buttons and the grid; arrows choose in them."""
    page = show(example())
    stops = []
    for _ in range(4):
        page.keyboard.press("Tab")
        stops.append(page.evaluate(ACTIVE))
    assert stops[0] == "Forward"
    assert stops[1] == "0"  # pattern; depth is nothing to choose here
    assert stops[2].startswith("row 0, column 0: ")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    assert page.evaluate(ACTIVE) == "Forward"
    for mode in ("weight", "gather", "scatter"):
        page.keyboard.press("ArrowRight")
        assert read(page)["checked"]["mode"] == mode
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    assert read(page)["checked"] == {"mode": "scatter", "k": "1", "c": "1"}
    page.evaluate("window.stays = true")
    page.keyboard.press("Enter")  # in some browsers this sends the form
    page.evaluate("document.querySelector('cnnlab-explorer form').requestSubmit()")
    page.wait_for_timeout(300)
    assert page.evaluate("window.stays")
    assert read(page)["checked"] == {"mode": "scatter", "k": "1", "c": "1"}


def test_keys_in_the_grid(show):
    page = show(example(mode="gather"))
    page.locator(".cx-cell[tabindex='0']").focus()
    for keys, place in [
        ("ArrowDown", [1, 2]),
        ("Control+Home", [0, 0]),
        ("ArrowUp", [0, 0]),
        ("ArrowLeft", [0, 0]),
        ("ArrowRight", [0, 1]),
        ("ArrowDown", [1, 1]),
        ("End", [1, 4]),
        ("ArrowRight", [1, 4]),
        ("Home", [1, 0]),
        ("Control+End", [3, 4]),
        ("ArrowDown", [3, 4]),
        ("ArrowLeft", [3, 3]),
        ("ArrowUp", [2, 3]),
        ("Alt+ArrowUp", [2, 3]),
        ("x", [2, 3]),
    ]:
        scroll = page.evaluate("scrollY")
        page.keyboard.press(keys)
        (grid,) = [plane for plane in read(page)["planes"] if plane["grid"]]
        assert grid["chosen"] == place, keys
        assert page.evaluate(ACTIVE).startswith(f"row {place[0]}, column {place[1]}: "), keys
        assert page.evaluate("scrollY") == scroll, keys
        chosen = page.locator("[aria-selected=true]")
        assert chosen.count() == page.locator(".cx-cell[tabindex='0']").count() == 1


def test_focus_is_visible(show):
    page = show(example())
    page.keyboard.press("Tab")
    outline = (
        "(({{ outlineStyle, outlineWidth }}) => [outlineStyle, outlineWidth])"
        "(getComputedStyle(document.activeElement{}))"
    )
    assert page.evaluate(outline.format(".nextElementSibling")) == ["solid", "3px"]
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate(outline.format("")) == ["solid", "3px"]
    page.keyboard.press("ArrowRight")
    assert page.evaluate(outline.format("")) == ["solid", "3px"]


def test_jupyter_keeps_its_shortcuts_to_itself(show):
    """JupyterLab leaves keys alone where the element in focus itself has this attribute."""
    page = show(example())
    for mode in MODES:
        select(page, "mode", mode)
        reached = page.locator("cnnlab-explorer :is(a, button, input, [tabindex])")
        assert reached.count() > 10
        without = page.locator(
            "cnnlab-explorer :is(a, button, input, [tabindex]):not([data-lm-suppress-shortcuts])"
        )
        assert without.count() == 0


# ------------------------------------------------------------------------------- pointer


def cell(page, title, row, column):
    """Return the middle of an entry on the screen."""
    plane = page.locator(".cx-plane").filter(has=page.locator(f"text='{title}'"))
    box = plane.locator(".cx-row").nth(row).locator(".cx-cell").nth(column).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def chosen(page):
    (grid,) = [plane for plane in read(page)["planes"] if plane["grid"]]
    return grid["title"], grid["chosen"]


@pytest.mark.parametrize(
    ("mode", "title", "place", "expected"),
    [
        ("forward", "Z[0]", (2, 1), ("Z[0]", [2, 1])),
        ("forward", "X[1], w[0,1] on it", (2, 3), ("Z[0]", [1, 2])),
        ("forward", "X[0], w[0,0] on it", (0, 0), ("Z[0]", [0, 0])),
        ("forward", "X[0], w[0,0] on it", (3, 4), ("Z[0]", [2, 2])),
        ("forward", "b[0]", (0, 0), ("Z[0]", [0, 0])),
        ("weight", "dw[0,0]", (1, 2), ("dw[0,0]", [1, 2])),
        ("weight", "X[0], dZ[0] on it", (2, 3), ("dw[0,0]", [1, 2])),
        ("gather", "dX[0]", (3, 4), ("dX[0]", [3, 4])),
        ("gather", "dZ[1], w[1,0] turned on it", (4, 4), ("dX[0]", [3, 3])),
        ("gather", "w[1,0] turned", (0, 0), ("dX[0]", [0, 2])),
        ("scatter", "dZ[0]", (2, 2), ("dZ[0]", [2, 2])),
        ("scatter", "dZ[1]", (1, 0), ("dZ[1]", [1, 0])),
        ("scatter", "shares, w[0,0] on it", (3, 1), ("dZ[0]", [2, 0])),
        ("scatter", "dX[0], all shares", (0, 0), ("dZ[0]", [0, 1])),
    ],
)
@pytest.mark.parametrize("device", ["mouse", "finger"])
def test_press(mode, title, place, expected, device, show):
    page = show(
        example(mode=mode),
        has_touch=device == "finger",
        viewport={"width": 1200, "height": 1400},
    )
    x, y = cell(page, title, *place)
    press = page.mouse.click if device == "mouse" else page.touchscreen.tap
    press(x, y)
    assert chosen(page) == expected
    assert read(page)["checked"]["k"] == expected[0].partition("[")[2][0] or mode == "gather"


def test_keys_after_a_press(show):
    page = show(example(), width=1200)
    page.mouse.click(*cell(page, "Z[0]", 1, 1))
    page.keyboard.press("ArrowDown")
    assert chosen(page) == ("Z[0]", [2, 1])
    page.mouse.click(*cell(page, "X[0], w[0,0] on it", 0, 0))
    page.keyboard.press("ArrowRight")
    assert chosen(page) == ("Z[0]", [0, 1])


def test_slide_with_the_mouse(show):
    page = show(example(), width=1200)
    page.mouse.move(*cell(page, "X[0], w[0,0] on it", 1, 1))
    page.mouse.down()
    places = []
    for place in [(1, 2), (2, 2), (2, 3), (3, 4)]:
        page.mouse.move(*cell(page, "X[0], w[0,0] on it", *place), steps=3)
        places.append(chosen(page)[1])
    assert places == [[0, 1], [1, 1], [1, 2], [2, 2]]
    # The hand is on X: it chooses nothing where it passes over Z.
    page.mouse.move(*cell(page, "Z[0]", 0, 0), steps=5)
    assert chosen(page)[1] == [2, 2]
    page.mouse.up()
    page.mouse.move(*cell(page, "X[0], w[0,0] on it", 1, 1))
    assert chosen(page)[1] == [2, 2]


def swipe(page, start, end, steps=8):
    """Draw a finger over the screen."""
    client = page.context.new_cdp_session(page)
    touch = "Input.dispatchTouchEvent"
    (x, y), (to_x, to_y) = start, end
    client.send(touch, {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for n in range(1, steps + 1):
        point = {"x": x + (to_x - x) * n / steps, "y": y + (to_y - y) * n / steps}
        client.send(touch, {"type": "touchMove", "touchPoints": [point]})
        page.wait_for_timeout(20)
    client.send(touch, {"type": "touchEnd", "touchPoints": []})
    page.wait_for_timeout(50)


def test_slide_with_a_finger(show):
    """Sideways the window follows; up and down the page scrolls, as everywhere."""
    page = show(example(), has_touch=True, is_mobile=True)
    title = "X[0], w[0,0] on it"
    swipe(page, cell(page, title, 1, 1), cell(page, title, 1, 4))
    assert chosen(page)[1] == [0, 2]
    assert page.evaluate("scrollY") == 0
    x, y = cell(page, title, 3, 2)
    swipe(page, (x, y), (x, y - 250))
    assert page.evaluate("scrollY") > 100


# ------------------------------------------------------------------------------- for the ear


def test_said(show):
    page = show(explore([[[1, 2, 3], [4, 5, 6]]], [[[[1, 2], [3, -4]]]], [10], [[[1, -2]]]))
    said = {
        "forward": "Z, pattern 0, row 0, column 0: bias 10 plus 1 times 1 plus 2 times 2 "
        "plus 4 times 3 plus 5 times minus 4 is 7.",
        "weight": "d w, pattern 0, depth 0, row 0, column 1: "
        "2 times 1 plus 3 times minus 2 is minus 4.",
        "gather": "d X, depth 0, row 0, column 1: 1 times 2 plus minus 2 times 1 is 0. "
        "Absent, outside the border: 2.",
        "scatter": "d Z, pattern 0, row 0, column 1, is minus 2. In d X, depth 0: "
        "row 0, column 1 gets minus 2 times 1; row 0, column 2 gets minus 2 times 2; "
        "row 1, column 1 gets minus 2 times 3; row 1, column 2 gets minus 2 times minus 4.",
    }
    for mode in MODES:
        select(page, "mode", mode)
        page.wait_for_timeout(500)
        assert read(page)["said"] == said[mode]
    live = page.locator("[aria-live=polite]")
    assert live.count() == 1
    assert live.get_attribute("aria-hidden") is None


def test_said_once_for_a_slide(show):
    page = show(example())
    page.evaluate(
        "window.said = []; new MutationObserver(() => said.push(1)).observe("
        "document.querySelector('.cx-said'), { childList: true, characterData: true })"
    )
    page.wait_for_timeout(600)
    assert page.evaluate("said.length") == 0  # the page does not speak by itself
    before = read(page)["said"]
    page.locator(".cx-cell[tabindex='0']").focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    assert read(page)["said"] == before
    page.wait_for_timeout(600)
    assert page.evaluate("said.length") == 1
    assert read(page)["said"].startswith("Z, pattern 0, row 2, column 2: bias ")


@pytest.mark.parametrize("style", [BOOK["light"], BOOK["dark"], LAB["dark"], ""])
def test_accessible(style, show):
    page = show(example(), style=style, reduced_motion="reduce")
    page.evaluate(
        (importlib.resources.files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
    )
    for mode in MODES:
        select(page, "mode", mode)
        found = page.evaluate(
            "async () => (await axe.run('cnnlab-explorer', { resultTypes: ['violations'], runOnly: "
            "['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'] })).violations"
            ".map(v => v.id + ': ' + v.help + ' ' + v.nodes[0].html)"
        )
        assert found == [], mode


# ------------------------------------------------------------------------------- for the eye


def luminance(color):
    channels = [int(part) / 255 for part in re.findall(r"[\d.]+", color)[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return np.dot([0.2126, 0.7152, 0.0722], linear)


def contrast(page):
    """Return the contrast of all text, in the picture and around it."""
    look = """() => {
      const style = name => getComputedStyle(document.querySelector(`cnnlab-explorer ${name}`));
      const inks = [style('.cx-cell text').fill, style('.cx-title').fill,
        ...['.cx-how', '.cx-now', 'legend'].map(name => style(name).color)];
      const explorer = getComputedStyle(document.querySelector('cnnlab-explorer'));
      return [inks, [style('.cx-cell rect').fill, explorer.backgroundColor]];
    }"""
    inks, papers = page.evaluate(look)
    assert len(set(inks)) == len(set(papers)) == 1
    ink, paper = inks[0], papers[0]
    dark, light = sorted([luminance(ink), luminance(paper)])
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("style", [*BOOK.values(), *LAB.values(), ""])
def test_readable_on_every_page(style, scheme, show):
    """The colors are those of the page, whatever the reader's system prefers."""
    page = show(example(), style=style, color_scheme=scheme)
    assert contrast(page) > 7
    body = page.evaluate("getComputedStyle(document.querySelector('.cx-cell rect')).fill")
    assert (luminance(body) < 0.5) == (style in (BOOK["dark"], LAB["dark"]))


def test_print(show):
    page = show(example(), style=BOOK["dark"])
    page.emulate_media(media="print")
    assert not page.locator(".cx-controls").is_visible()
    assert not page.locator(".cx-hint").is_visible()
    assert page.locator(".cx-picture").is_visible()
    assert page.locator(".cx-now").is_visible()
    paper = page.evaluate("getComputedStyle(document.querySelector('.cx-cell rect')).fill")
    assert luminance(paper) == 1
    assert contrast(page) > 7


@pytest.mark.parametrize("width", [340, 390, 1200])
@pytest.mark.parametrize("sizes", [(2, 4, 5, 2, 2, 3), (3, 8, 8, 3, 4, 4), (1, 1, 1, 1, 1, 1)])
def test_fits_and_can_be_touched(sizes, width, show):
    page = show(example(sizes), width=width, reduced_motion="reduce")
    for mode in MODES:
        select(page, "mode", mode)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        right, sizes_touched = page.evaluate(
            "[Math.max(...[...document.querySelectorAll('cnnlab-explorer *')]"
            ".map(e => e.getBoundingClientRect().right)),"
            "[...document.querySelectorAll('[role=grid] .cx-cell rect, cnnlab-explorer label')]"
            ".map(e => e.getBoundingClientRect()).map(r => [r.width, r.height]).flat()]"
        )
        assert right <= width
        visible = [size for size in sizes_touched if size]
        assert min(visible) >= 24


@pytest.mark.parametrize("width", [340, 390, 1200])
@pytest.mark.parametrize("mode", MODES)
def test_nothing_jumps(mode, width, show):
    """Whatever is chosen, the text below stays where it is."""
    figure = example(mode=mode)
    page = show(figure, width=width)
    element = page.locator("cnnlab-explorer")
    jumps = WALK.replace("seen.push([row, column, read(element)])", "seen.push(TOP)").replace(
        "TOP", "document.querySelector('#after').getBoundingClientRect().top + scrollY"
    )
    tops = set()
    for k in range(2):
        for c in range(2):
            for name, value in (("k", k), ("c", c)):
                button = page.locator(f"input[name={name}][value='{value}']")
                if button.is_visible():
                    button.check()
            tops.update(element.evaluate(jumps))
    assert len(tops) == 1
    room, now = page.evaluate(
        "['.cx-room', '.cx-now'].map(n => document.querySelector(n).scrollHeight)"
    )
    assert now <= room


# ------------------------------------------------------------------------------- the turn

PLACES = """[...document.querySelectorAll('.cx-window, .cx-window *')].map(e => {
  const r = e.getBoundingClientRect(); return [r.x, r.y, r.width, r.height]; })"""
MOVING = "document.getAnimations().length"


def test_the_turn_is_seen(show):
    page = show(example(mode="gather"), reduced_motion="no-preference")
    corner = "document.querySelector('.cx-window path').getBoundingClientRect().y"
    page.locator("input[value=scatter]").check()
    assert page.evaluate(MOVING) > 0
    # At its start the turn shows the pattern the other way up: stop it there.
    page.evaluate("document.getAnimations().forEach(a => { a.pause(); a.currentTime = 0 })")
    first = page.evaluate(PLACES)
    turned = page.evaluate(corner)
    page.evaluate("document.getAnimations().forEach(a => a.finish())")
    last = page.evaluate(PLACES)
    assert first != last
    assert page.evaluate(corner) < turned - 20  # from the bottom right to the top left
    assert page.evaluate(MOVING) == 0

    still = show(example(mode="gather"), reduced_motion="reduce")
    still.locator("input[value=scatter]").check()
    assert still.evaluate(MOVING) == 0
    assert still.evaluate(PLACES) == last


def test_only_gather_and_scatter_turn(show):
    page = show(example(), reduced_motion="no-preference")
    turns = []
    for mode in ["weight", "gather", "scatter", "gather", "forward"]:
        page.locator(f"input[value={mode}]").check()
        turns.append(page.evaluate(MOVING) > 0)
    assert turns == [False, False, True, True, False]


def test_gather_and_scatter_look_at_the_same_place(show):
    page = show(example(mode="gather"))
    page.mouse.click(*cell(page, "dX[0]", 1, 2))
    page.locator("input[value=scatter]").check()
    assert chosen(page) == ("dZ[0]", [1, 2])
    page.locator("input[value=gather]").check()
    assert chosen(page) == ("dX[0]", [1, 2])


# ------------------------------------------------------------------------------- the website


def pages_with_explorers():
    return [
        path.relative_to(SITE).as_posix()
        for path in sorted(SITE.glob("book/**/*.html"))
        if "<cnnlab-explorer" in path.read_text(encoding="utf-8")
    ]


@pytest.mark.parametrize("name", pages_with_explorers())
def test_explorers_of_the_website(name, site, browser):
    """Every explorer of every page, every mode, every entry."""
    page = browser.new_page(viewport={"width": 390, "height": 844})
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{site.as_uri()}/{name}")
    count = page.locator("cnnlab-explorer").count()
    assert count > 0
    for nth in range(count):
        data = page.locator("cnnlab-explorer").nth(nth).get_attribute("data-values")
        values = json.loads(data)
        for mode in MODES:
            assert check_sums(values, mode, walk(page, values, mode, nth)) > 0
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function("s => document.documentElement.dataset.theme === s", arg=scheme)
        assert contrast(page) > 7
        card = "getComputedStyle(document.querySelector('cnnlab-explorer').parentNode)"
        assert page.evaluate(f"{card}.backgroundColor") == "rgba(0, 0, 0, 0)"
    assert not faults
    page.close()
