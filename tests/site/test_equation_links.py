"""Equations on the built pages: numbers that lead to the code and back, and titled checks."""

import re

import pytest
from support.book import ROOT

CITED = re.compile(r"\((eq-[\w-]+)\)")

# Numbers and titles are written by Sphinx: no script of the page need run, nothing be drawn.
READ = """html => {
    const page = new DOMParser().parseFromString(html, "text/html");
    const all = (selector, of = page) => [...of.querySelectorAll(selector)];
    return {
        equations: all("div.math .eqno").map(eqno => ({
            label: eqno.closest("div.math").id.replace("equation-", ""),
            number: eqno.textContent.match(/\\([A-Z\\d.]+\\)/)[0],
            code: eqno.querySelector("a.equation-code")?.getAttribute("href") ?? null,
        })),
        checks: all("details.fold-check > summary > .fold-title")
            .map(title => title.textContent)
            .filter(title => title.startsWith("Check equation")),
        plain: all("table:not(.derivation) thead")
            .filter(head => /^\\s*Step\\s+Why\\s*$/.test(head.textContent)).length,
        derivations: all("table.derivation").length,
        back: Object.fromEntries(all("dt.sig[id]").map(name => [
            name.id,
            all("a[href*='#equation-']", name.nextElementSibling)
                .map(link => link.getAttribute("href")),
        ])),
    };
}"""


@pytest.fixture(scope="module")
def pages(site, browser):
    """Read the equations of every page of the site, by its name."""
    page = browser.new_page()
    book = site / "book"
    paths = sorted([*book.glob("*.html"), *book.glob("api/*.html")])
    read = {
        path.relative_to(book).with_suffix("").as_posix(): page.evaluate(
            READ, path.read_text(encoding="utf-8")
        )
        for path in paths
    }
    page.close()
    return read


def test_a_number_leads_to_the_code_and_the_code_back(pages):
    # What the tutor compares with is not documented on a page, and no number leads there.
    code = set((ROOT / "cnnlab").rglob("*.py")) - set((ROOT / "cnnlab" / "tutor").rglob("*.py"))
    cited = {
        label.lower()  # as Sphinx writes anchors
        for path in code
        for label in CITED.findall(path.read_text(encoding="utf-8"))
    }
    linked = set()
    for name, page in pages.items():
        for equation in page["equations"]:
            assert (equation["code"] is not None) == (equation["label"] in cited), (
                name,
                equation,
            )
            if equation["code"] is not None:
                page_of_code, target = equation["code"].split(".html#")
                back = f"../{name}.html#equation-{equation['label']}"
                assert back in pages[page_of_code]["back"][target], (target, back)
                linked.add(equation["label"])
    assert len(linked) > 20


def test_each_equation_has_a_folded_check_with_its_number(pages):
    for name, page in pages.items():
        numbers = sorted(equation["number"] for equation in page["equations"])
        titles = sorted(
            number for title in page["checks"] for number in re.findall(r"\([A-Z\d.]+\)", title)
        )
        assert titles == numbers, name


def test_every_derivation_is_styled_as_one(pages):
    assert not {name for name, page in pages.items() if page["plain"]}
    assert sum(page["derivations"] for page in pages.values()) > 10
