"""Figures on the website: vector, legible at every width, in the colors of either mode."""

import pytest

PAGES = ["notation", "pattern-search", "seven-algorithms", "delta-and-activation"]
LOOK = """() => [...document.querySelectorAll('svg.cnn-figure')].map((svg) => {
  const box = svg.getBoundingClientRect();
  const scale = box.width / svg.viewBox.baseVal.width;
  const size = (t) => parseFloat(getComputedStyle(t).fontSize);
  const words = [...svg.querySelectorAll("text")].map(size);
  const formulas = [...svg.querySelectorAll('[data-size]')].map((g) => parseFloat(g.dataset.size));
  return {
    sizes: [...words, ...formulas].map((size) => size * scale),
    alt: svg.getAttribute('aria-label'),
    inside: box.left >= 0 && box.right <= innerWidth + 0.5,
    inks: [...new Set([...svg.querySelectorAll('text')].map((t) => getComputedStyle(t).fill))],
    paper: svg.querySelector('.paper') !== null,
  };
})"""


@pytest.mark.parametrize("name", PAGES)
def test_figures_are_legible_at_every_width_and_have_the_colors_of_the_mode(
    name, server, plain_tab
):
    page = plain_tab.page
    page.goto(f"{server}/book/{name}.html")
    inks = []
    for width in (320, 390, 768, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("document.documentElement.dataset.theme = 'light'")
        # The theme moves its sidebars for a moment.
        page.wait_for_function(f"() => ({LOOK})().every((figure) => figure.inside)")
        found = page.evaluate(LOOK)
        assert found
        sizes = [size for figure in found for size in figure["sizes"]]
        assert (min(sizes) >= 11, max(sizes) < 20) == (True, True), (width, min(sizes), max(sizes))
        assert all(figure["alt"] for figure in found)
        assert not any(figure["paper"] for figure in found)
    for mode in ("light", "dark"):
        page.evaluate(f"document.documentElement.dataset.theme = '{mode}'")
        inks.append([figure["inks"] for figure in page.evaluate(LOOK)])
    assert inks[0] != inks[1]
    ids = page.evaluate("[...document.querySelectorAll('svg.cnn-figure [id]')].map((e) => e.id)")
    assert len(ids) == len(set(ids))


def test_one_photograph_is_one_file(site):
    page = (site / "book" / "pattern-search.html").read_text(encoding="utf-8")
    photographs = [part.split('"')[0] for part in page.split('href="../_images/')[1:]]
    assert len(photographs) > len(set(photographs))
    assert sum((site / "_images" / name).stat().st_size for name in set(photographs)) < 300_000
