"""The quiz of a chapter: cards with radio buttons, answered by keyboard, kept in the browser."""

import pytest
from support.browser import NO_FORMULAS, Tab, axe

from cnnlab import palette

PAGE = "book/bias-gradient"
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}
# The theme needs storage for its own things, so only what the quiz asks for is refused.
NO_STORAGE = """for (const name of ["getItem", "setItem"]) {
    const own = Storage.prototype[name];
    Storage.prototype[name] = function (key, ...rest) {
        if (key === "cnnlab-quiz") throw new DOMException("not allowed", "SecurityError");
        return own.call(this, key, ...rest);
    };
}"""
FAULTS = """async () => {
    const options = { resultTypes: ["violations"], preload: false };  // a file asks for no files
    return (await axe.run("section#quiz", options)).violations.map((v) => [v.id, v.nodes.length]);
}"""
# What a finger presses, by the lesser of its width and height; and what sticks out of the window.
TARGETS = """() => [...document.querySelectorAll(".quiz-choice, .quiz-foot button:not([hidden])")]
    .map((e) => e.getBoundingClientRect()).map((box) => Math.min(box.width, box.height))"""
WIDE = """() => [...document.querySelectorAll("section#quiz *")].filter((e) => e.checkVisibility()
    && e.getBoundingClientRect().right > innerWidth + 1).length"""


@pytest.fixture
def reader(browser, site, request):
    """Open a chapter as a file, for a reader of its own; nothing may go wrong there."""
    kind = getattr(request, "param", {})
    script = kind.pop("script", "")
    context = browser.new_context(viewport=DESK, reduced_motion="reduce", **kind)
    for init in (NO_FORMULAS, script):
        context.add_init_script(init)
    tab = Tab(context)
    tab.open(f"{site.as_uri()}/{PAGE}.html", DESK, within=site.as_uri(), blank_first=False)
    yield tab.page
    context.close()
    assert not tab.faults, tab.faults


def rgb(name, mode="light"):
    """Return a color of the palette as a browser says it."""
    red, green, blue = bytes.fromhex(palette.colors(mode)[name][1:])
    return f"rgb({red}, {green}, {blue})"


class Card:
    """A question of a page."""

    def __init__(self, page, number):
        """Find it by its number."""
        self.part = page.locator(".quiz").nth(number - 1)
        self.radios = self.part.get_by_role("radio")
        self.status = self.part.get_by_role("status")
        rights = self.part.locator(".quiz-option").evaluate_all(
            "parts => parts.map((part) => part.querySelector('.verdict').textContent)"
        )
        self.right, self.wrong = rights.index("Yes."), rights.index("No.")

    def button(self, name):
        """Find a button by its words."""
        return self.part.get_by_role("button", name=name)

    def shown(self):
        """Return the numbers of the options whose explanations are seen."""
        return self.part.locator(".quiz-option").evaluate_all(
            "parts => parts.flatMap((part, at) => "
            "part.querySelector('.fold-body').checkVisibility() ? [at] : [])"
        )


def focused(locator):
    """Tell whether the keyboard is there."""
    return locator.evaluate("e => e === document.activeElement")


def answer_wrongly(card, keys):
    """Choose a wrong option with the keyboard, and look: words, sign, color, explanation."""
    card.radios.first.focus()
    keys.press("Space")
    for _ in range(card.wrong):
        keys.press("ArrowDown")
    assert card.radios.nth(card.wrong).is_checked()
    keys.press("Tab")
    assert focused(card.button("Check"))
    keys.press("Enter")
    assert card.status.inner_text() == "\u2717 Not yet."
    assert card.status.evaluate("e => getComputedStyle(e).color") == rgb("bad")
    assert card.shown() == [card.wrong]
    assert "No." in card.part.locator(".quiz-option").nth(card.wrong).inner_text()
    assert card.part.get_by_role("radio", name="wrong").count() == 1
    assert focused(card.button("Try again"))


def answer_rightly_at_last(card, keys):
    """Try again, and choose the right option; then all explanations can be read."""
    keys.press("Enter")
    assert card.shown() == []
    assert card.part.locator(":checked").count() == 0
    assert focused(card.radios.first)
    keys.press("Space")
    for _ in range(card.right):
        keys.press("ArrowDown")
    keys.press("Enter")
    assert card.status.inner_text() == "\u2713 Right, after 2 tries."
    assert card.status.evaluate("e => getComputedStyle(e).color") == rgb("good")
    assert card.shown() == [card.right]
    card.button("All explanations").press("Enter")
    assert card.shown() == list(range(card.radios.count()))


def look(page):
    """Look with axe in both modes, and at what a finger presses on a phone."""
    page.evaluate(axe())
    for mode in "light", "dark":
        page.evaluate("mode => { document.documentElement.dataset.theme = mode }", mode)
        assert page.evaluate(FAULTS) == []
    page.set_viewport_size(PHONE)
    assert min(page.evaluate(TARGETS)) >= 43.9
    assert page.evaluate(WIDE) == 0


def test_a_quiz_is_answered_and_kept(reader):
    total = reader.locator(".quiz-sum")
    first, second, third = (Card(reader, number) for number in (1, 2, 3))
    assert reader.get_by_role("group").filter(has=reader.get_by_role("radio")).count() == 3
    assert reader.locator(".quiz details").count() == 0
    assert total.inner_text() == "0 of 3 answered."
    answer_wrongly(first, reader.keyboard)
    answer_rightly_at_last(first, reader.keyboard)
    second.radios.nth(second.right).check()
    second.button("Check").click()
    assert second.status.inner_text() == "\u2713 Right, at the first try."
    third.button("Check").click()
    assert third.status.inner_text() == "Choose an option first."
    assert total.inner_text() == "2 of 3 answered, 1 at the first try."
    look(reader)

    reader.reload()
    assert total.inner_text() == "2 of 3 answered, 1 at the first try."
    assert first.radios.nth(first.right).is_checked()
    assert first.status.inner_text() == "\u2713 Right, after 2 tries."
    first.button("Try again").click()
    assert total.inner_text() == "1 of 3 answered, 1 at the first try."
    reader.evaluate("localStorage.setItem('cnnlab-quiz', '{\"x\": ')")
    reader.reload()
    assert total.inner_text() == "0 of 3 answered."


@pytest.mark.parametrize("reader", [{"script": NO_STORAGE}], indirect=True)
def test_where_nothing_can_be_kept_a_question_is_answered_all_the_same(reader):
    card = Card(reader, 1)
    card.radios.nth(card.right).check()
    card.button("Check").click()
    assert reader.locator(".quiz-sum").inner_text() == "1 of 3 answered, 1 at the first try."


@pytest.mark.parametrize("reader", [{"java_script_enabled": False}], indirect=True)
def test_without_scripts_options_open(reader):
    options = reader.locator(".quiz > details")
    assert options.count() >= 9
    assert not options.first.locator(".fold-body").is_visible()
    options.first.locator("summary").click()
    assert options.first.locator(".verdict").is_visible()
