"""Formulas on a built page: set, colored, copied. In `test_pages.py` they are whole."""

import pytest

HEIGHT = """label => {
    const math = document.querySelector(`#equation-${label} mjx-math`);
    return math.getBoundingClientRect().height / parseFloat(getComputedStyle(math).fontSize);
}"""


@pytest.fixture(scope="module")
def read(tab, server):
    """Open a page and wait until its formulas are set."""

    def open_page(name):
        if tab.page.url.endswith(f"/{name}.html"):  # the test before left it open
            return tab.page
        size = {"width": 1100, "height": 900}
        faults = tab.open(f"{server}/book/{name}.html", size, within=server)
        tab.page.evaluate("MathJax.startup.promise")
        tab.page.evaluate("document.querySelectorAll('details').forEach(e => (e.open = true))")
        assert not faults, faults
        return tab.page

    return open_page


def resize(page, width):
    """Change the width of the window, and let what observes it follow."""
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done, 50)))")


def test_one_source_has_the_layout_of_its_place(read):
    page = read("input-gradient")
    sizes = {}
    for width in (1440, 390, 1440):
        resize(page, width)
        heights = [page.evaluate(HEIGHT, label) for label in ("eq-dx", "eq-dx-chain")]
        assert sizes.setdefault(width, heights) == heights
    # One line of a sum on a desk, two on a phone.
    assert all(height < 4.5 for height in sizes[1440]), sizes
    assert all(height > 5 for height in sizes[390]), sizes
    # A reason beside a step is text: its formulas are set as those of a line.
    assert page.locator("table.derivation td:first-child .math-flow").count() > 0
    assert page.locator("table.derivation td:last-child .math-flow").count() == 0
    # Only one of them is there, once for the eye and once for the ear.
    assert page.locator("#equation-eq-dx :is(mjx-container, math)").count() == 2
    assert page.locator("#equation-eq-dx mjx-math[aria-hidden='true']").count() == 1


def test_letters_have_their_colors(read):
    page = read("input-gradient")
    colors = page.evaluate("""() => {
        const css = getComputedStyle(document.documentElement);
        const probe = document.body.appendChild(document.createElement("i"));
        const names = ["X", "w", "b", "Z", "Y"].flatMap(name => [name, `d${name}`]);
        const wanted = names.map(name => {
            probe.style.color = css.getPropertyValue(`--cnn-${name}`);
            return [`cnn-${name}`, getComputedStyle(probe).color];
        });
        const found = {};
        for (const e of document.querySelectorAll("mjx-math [class*='cnn-']")) {
            const name = [...e.classList].find(name => name.startsWith("cnn-"));
            (found[name] ??= new Set()).add(getComputedStyle(e).color);
        }
        const seen = Object.entries(found).map(([name, colors]) => [name, [...colors]]);
        return {
            wanted: Object.fromEntries(wanted),
            seen: Object.fromEntries(seen),
        };
    }""")
    assert {"cnn-X", "cnn-w", "cnn-b", "cnn-Z", "cnn-dX", "cnn-dZ"} <= set(colors["seen"])
    for name, seen in colors["seen"].items():
        assert seen == [colors["wanted"][name]], name
    # What the book calls L, k or P has none, and words have none.
    letters = page.evaluate("""() => [...document.querySelectorAll("math mi[class*='cnn-']")]
        .map(e => e.className.replace("cnn-", "") + e.textContent)""")
    assert set(letters) <= {"XX", "ww", "bb", "ZZ", "YY"}
    assert page.locator("math mtext[class*='cnn-']").count() == 0
    fractions = page.evaluate("""() => [...document.querySelectorAll("math mfrac.cnn-dX")]
        .map(e => e.textContent.slice(0, 4))""")
    assert set(fractions) == {"∂L∂X"}


def test_tall_parentheses_are_whole_in_forced_colors(read):
    """What is transparent otherwise would be painted there: blocks of ink over the numbers."""
    page = read("input-gradient")
    page.emulate_media(forced_colors="active")
    found = page.evaluate("""() => [...document.querySelectorAll("mjx-ext")].map(middle => {
        const style = getComputedStyle(middle);
        return [style.borderTopColor, style.color];
    })""")
    page.emulate_media(forced_colors="none")
    assert len(found) > 5
    assert {border for border, _ in found} == {"rgba(0, 0, 0, 0)"}
    assert "rgba(0, 0, 0, 0)" not in {color for _, color in found}


def test_a_copied_formula_is_its_tex(read):
    page = read("input-gradient")
    copied = page.evaluate("""() => {
        getSelection().selectAllChildren(document.querySelector("#equation-eq-border"));
        const event = new ClipboardEvent("copy", { clipboardData: new DataTransfer() });
        document.dispatchEvent(event);
        return event.clipboardData.getData("text/plain");
    }""")
    assert copied.count("$$") == 2
    assert r"\frac{\partial L}{\partial X[c,p,q]}" in copied


def test_formulas_in_lines_and_in_displays_have_one_size(read):
    page = read("input-gradient")
    for width in (390, 1440):
        resize(page, width)
        sizes = page.evaluate("""() => ["p > span.math", "div.math"].map(kind => getComputedStyle(
            document.querySelector(`article section > ${kind} mjx-container`)).fontSize)""")
        assert sizes[0] == sizes[1]


def test_each_chapter_has_its_result_in_a_card(site):
    chapters = [path for path in (site / "book").glob("*.html") if has_a_number(path)]
    without = {path.stem for path in chapters if not 1 <= cards(path) <= 2}
    assert len(chapters) == 18
    assert without == {"errata"}  # which has no equation of its own


def has_a_number(path):
    """Tell whether a page is a chapter."""
    return '<h1><span class="section-number">' in path.read_text(encoding="utf-8")


def cards(path):
    """Count the cards that have an equation with a number, and its check."""
    pieces = path.read_text(encoding="utf-8").split('<div class="result-card docutils">')[1:]
    assert all('<span class="eqno">' in piece for piece in pieces), path
    assert all("Check equation" in piece for piece in pieces), path
    return len(pieces)
