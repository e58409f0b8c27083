"""The page for what is not there leads back to the course, whatever folder the site lies in."""

import pytest

SIZE = {"width": 390, "height": 844}


@pytest.mark.parametrize("below", ["", "course/", "a/b/"], ids=["root", "folder", "folders"])
def test_links_lead_back_from_any_depth(site, tab, below):
    """A host shows it under the address that was asked for; here, files of one site in a folder."""
    origin = f"http://127.0.0.1:1/{below}"

    def answer(route):
        path = site / route.request.url.split("?")[0].removeprefix(origin)
        there = route.request.url.startswith(origin) and path.is_file()
        status = 200 if there or route.request.is_navigation_request() else 404
        route.fulfill(path=path if there else site / "404.html", status=status)

    page = tab.page
    page.route("**/*", answer)
    try:
        for asked in ("lost.html", "book/lost.html", "book/of/lost/pages.html"):
            tab.open(f"{origin}{asked}", SIZE, within="http://127.0.0.1:1/")
            page.wait_for_function(
                "root => [...document.querySelectorAll('a')]"
                ".every(a => a.href === root + a.dataset.page)",
                arg=origin,
                timeout=10_000,
            )
            assert page.locator("h1").inner_text() == "There is no such page"
    finally:
        page.unroute("**/*")
