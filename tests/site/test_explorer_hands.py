"""The explorer under the hand: keys, mouse and finger."""

import pytest
from support.explorer import MODES
from support.explorer_page import cell, chosen, example, read, select

# ------------------------------------------------------------------------------- keyboard

ACTIVE = "document.activeElement.getAttribute('aria-label') ?? document.activeElement.value"


def test_keyboard_alone(show):
    """Tab reaches the grid and each choice below it; arrows choose in them."""
    page = show(example())
    stops = []
    for _ in range(3):
        page.keyboard.press("Tab")
        stops.append(page.evaluate(ACTIVE))
    assert stops[0].startswith("row 0, column 0: ")
    assert stops[1:] == ["show", "0"]  # mode and pattern; depth is nothing to choose here
    page.keyboard.press("Shift+Tab")
    for mode in ("weight", "gather", "scatter"):
        page.keyboard.press("ArrowDown")
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
    outline = (
        "(({{ outlineStyle, outlineWidth }}) => [outlineStyle, outlineWidth])"
        "(getComputedStyle(document.activeElement{}))"
    )
    page.keyboard.press("Tab")
    assert page.evaluate(outline.format("")) == ["solid", "3px"]
    page.keyboard.press("ArrowRight")
    assert page.evaluate(outline.format("")) == ["solid", "3px"]
    page.keyboard.press("Tab")
    assert page.evaluate(outline.format("")) == ["solid", "3px"]
    page.keyboard.press("Tab")
    assert page.evaluate(outline.format(".nextElementSibling")) == ["solid", "3px"]


def test_jupyter_keeps_its_shortcuts_to_itself(show):
    """JupyterLab leaves keys alone where the element in focus itself has this attribute."""
    page = show(example())
    for mode in MODES:
        select(page, "mode", mode)
        reachable = "cnnlab-explorer :is(a, button, input, select, [tabindex])"
        assert page.locator(reachable).count() > 10
        without = page.locator(f"{reachable}:not([data-lm-suppress-shortcuts])")
        assert without.count() == 0


# ------------------------------------------------------------------------------- pointer


# What is pressed, where in it, and what is chosen then, never what was chosen before; None where
# there is nothing to choose.
PRESSED = {
    "forward": [
        ("Z[0]", (2, 1), ("Z[0]", [2, 1])),
        ("X[1]", (1, 4), ("Z[0]", [0, 2])),
        ("X[0]", (3, 1), ("Z[0]", [2, 0])),
        ("X[0]", (0, 0), ("Z[0]", [0, 0])),
        ("b[0]", (0, 0), None),
    ],
    "weight": [
        ("dw[0,0]", (1, 1), ("dw[0,0]", [1, 1])),
        ("X[0]", (0, 3), ("dw[0,0]", [0, 2])),
    ],
    "gather": [
        ("dX[0]", (3, 4), ("dX[0]", [3, 4])),
        ("dZ[1]", (2, 4), ("dX[0]", [1, 3])),
        ("w[1,0] turned", (0, 0), None),
    ],
    "scatter": [
        ("dZ[0]", (2, 2), ("dZ[0]", [2, 2])),
        ("shares", (3, 1), ("dZ[0]", [2, 0])),
        ("dX[0]", (0, 0), None),
        ("dZ[1]", (1, 0), ("dZ[1]", [1, 0])),
    ],
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("device", ["mouse", "finger"])
def test_press(mode, device, show):
    page = show(example(mode=mode), has_touch=device == "finger", width=1200, height=1400)
    press = page.mouse.click if device == "mouse" else page.touchscreen.tap
    for title, place, expected in PRESSED[mode]:
        before = chosen(page)
        assert before != expected
        press(*cell(page, title, *place))
        expected = expected or before
        assert chosen(page) == expected, title
        k = expected[0].partition("[")[2][0]
        assert read(page)["checked"]["k"] == k or mode == "gather", title


def test_keys_after_a_press(show):
    page = show(example(), width=1200)
    page.mouse.click(*cell(page, "Z[0]", 1, 1))
    page.keyboard.press("ArrowDown")
    assert chosen(page) == ("Z[0]", [2, 1])
    page.mouse.click(*cell(page, "X[0]", 0, 0))
    page.keyboard.press("ArrowRight")
    assert chosen(page) == ("Z[0]", [0, 1])


def test_slide_with_the_mouse(show):
    page = show(example(), width=1200)
    page.mouse.move(*cell(page, "X[0]", 1, 1))
    page.mouse.down()
    places = []
    for place in [(1, 2), (2, 2), (2, 3), (3, 4)]:
        page.mouse.move(*cell(page, "X[0]", *place), steps=3)
        places.append(chosen(page)[1])
    assert places == [[0, 1], [1, 1], [1, 2], [2, 2]]
    # The hand is on X: it chooses nothing where it passes over Z.
    page.mouse.move(*cell(page, "Z[0]", 0, 0), steps=5)
    assert chosen(page)[1] == [2, 2]
    page.mouse.up()
    page.mouse.move(*cell(page, "X[0]", 1, 1))
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
    """The frame follows the finger both ways; everywhere else the page scrolls."""
    page = show(example(), has_touch=True, is_mobile=True)
    title = "X[0]"
    swipe(page, cell(page, title, 1, 1), cell(page, title, 1, 4))
    assert chosen(page)[1] == [0, 2]
    assert page.evaluate("scrollY") == 0
    swipe(page, cell(page, title, 0, 2), cell(page, title, 2, 2))
    assert chosen(page)[1] == [2, 2]
    assert page.evaluate("scrollY") == 0
    # Beside the frame, on the same plane, a finger scrolls and chooses nothing.
    x, y = cell(page, title, 0, 0)
    page.evaluate("document.querySelector('h1').style.marginTop = '300px'")
    x, y = cell(page, title, 0, 0)
    swipe(page, (x, y), (x, y - 250))
    assert page.evaluate("scrollY") > 100
    assert chosen(page)[1] == [2, 2]


def test_a_mouse_over_an_entry_shows_where_its_window_would_be(show):
    """Nothing is chosen by it, and the frames go when the mouse leaves."""
    page = show(example(), width=1200)
    before = read(page)
    frames = "[...document.querySelectorAll('.cx-ghost')].map(e => e.getAttribute('x') / 44)"
    page.mouse.move(*cell(page, "Z[0]", 1, 2))
    assert page.evaluate(frames) == [2, 2, 2]  # in both planes of X, and in Z
    assert read(page) == before
    page.mouse.move(*cell(page, "Z[0]", 0, 0))  # chosen already
    assert page.evaluate(frames) == []
    page.mouse.move(*cell(page, "X[0]", 2, 3))
    assert page.evaluate(frames) == [2, 2, 2]
    page.mouse.move(0, 0)
    assert page.evaluate(frames) == []
    assert read(page) == before
