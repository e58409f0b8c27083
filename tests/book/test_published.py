"""What a website says of itself when its address is known, and when it is not."""

import re
import shutil
import zipfile

import pytest

pytest.importorskip("sphinx_book_theme", reason="the theme is not installed: the extra is `book`")
from support.small_book import build

from tools import publish

EXTENSIONS = ("design", "not_found", "offline_copy", "published", "verified")
ADDRESS = "https://example.org/course"
REPOSITORY = "https://github.com/someone/course"


@pytest.fixture(scope="module")
def unpublished(tmp_path_factory):
    return build(tmp_path_factory.mktemp("unpublished"), "html", EXTENSIONS)


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    return build(
        tmp_path_factory.mktemp("published"),
        "html",
        EXTENSIONS,
        COURSE_ADDRESS=ADDRESS,
        COURSE_REPOSITORY=REPOSITORY + "/",
        COURSE_JUPYTERHUB="https://hub.example.org",
    )


def page(site, name):
    return (site / f"{name}.html").read_text(encoding="utf-8")


def content_of(text, name):
    found = re.findall(rf'<meta (?:name|property)="{name}" content="([^"]*)"', text)
    assert len(found) <= 1, found
    return found[0] if found else None


def test_notebooks_are_opened_elsewhere_only_if_the_repository_is_public(unpublished, published):
    quiet, text = page(unpublished, "chapter"), page(published, "chapter")
    links = [
        "https://mybinder.org/v2/gh/someone/course/main?urlpath=lab/tree/chapter.ipynb",
        "https://colab.research.google.com/github/someone/course/blob/main/chapter.ipynb",
        "https://hub.example.org/hub/user-redirect/git-pull?",
    ]
    assert all(link in text for link in links)
    for service in ("mybinder", "colab", "hub.example", "github.com", "fa-rocket"):
        assert service not in quiet
    assert "mybinder" not in page(published, "prose")  # which is no notebook


def test_addresses_are_absolute_only_if_the_address_is_known(unpublished, published):
    text = page(published, "chapter")
    assert f'<link rel="canonical" href="{ADDRESS}/chapter.html"' in text
    assert content_of(text, "og:url") == f"{ADDRESS}/chapter.html"
    assert content_of(text, "og:image") == f"{ADDRESS}/_static/overview.png"
    quiet = page(unpublished, "chapter")
    assert "canonical" not in quiet
    assert content_of(quiet, "og:url") is content_of(quiet, "og:image") is None
    assert not (unpublished / "sitemap.xml").exists()
    sitemap = (published / "sitemap.xml").read_text(encoding="utf-8")
    found = re.findall("<loc>(.*?)</loc>", sitemap)
    assert found == [f"{ADDRESS}/{name}.html" for name in ("chapter", "prose", "start")]


def test_each_page_is_described_by_its_lead(unpublished):
    text = page(unpublished, "prose")
    lead = "The lead of this page is a sentence."
    assert content_of(text, "description") == content_of(text, "og:description") == lead
    assert content_of(text, "og:title") == "Prose &amp; more"
    assert content_of(text, "og:site_name") == "A small book"
    assert content_of(text, "twitter:card") == "summary"


def test_folders_with_an_underscore_are_served(unpublished):
    assert (unpublished / ".nojekyll").is_file()


def test_the_footer_says_when_and_with_what(unpublished):
    found = re.search(r'<p class="verified">(.*?)</p>', page(unpublished, "prose"))
    words = r"Last changed 2023-11-14 with Python \S+, NumPy \S+, Numba \S+ and cnnlab \S+\."
    assert re.fullmatch(words, found[1])


def test_no_page_404_leads_back_from_any_depth(unpublished, published):
    known = page(published, "404")
    assert f'href="{ADDRESS}/index.html"' in known
    assert f'href="{ADDRESS}/search.html"' in known
    assert "new Image" not in known
    unknown = page(unpublished, "404")
    assert 'data-page="index.html"' in unknown
    assert "new Image" in unknown
    for text in (known, unknown):
        assert "--cnn-paper" in text  # readable by itself: no style sheet is asked for
        assert not re.search(r"<link|<script src|<img", text)


def test_all_pages_are_in_one_file(unpublished, tmp_path):
    name = "convolutional-networks.zip"
    assert f'href="{name}"' in page(unpublished, "prose")
    with zipfile.ZipFile(unpublished / name) as copy:
        copy.extractall(tmp_path)
        assert copy.namelist() == sorted(copy.namelist())
    there = tmp_path / "convolutional-networks"
    files = {path.relative_to(there) for path in there.rglob("*") if path.is_file()}
    site = {path.relative_to(unpublished) for path in unpublished.rglob("*") if path.is_file()}
    assert files == {path for path in site if path.name != name}
    assert name not in page(there, "prose")


def test_a_build_can_be_repeated(unpublished, tmp_path):
    """The same sources, the same pages, and the same file of all pages."""
    shutil.copytree(unpublished.parent / "source", tmp_path / "source")
    again = build(tmp_path, "html", EXTENSIONS)
    name = "convolutional-networks.zip"
    for place in ("prose.html", "chapter.html", "404.html"):
        assert (again / place).read_bytes() == (unpublished / place).read_bytes()
    with zipfile.ZipFile(again / name) as one, zipfile.ZipFile(unpublished / name) as other:
        assert one.namelist() == other.namelist()
        assert {i.date_time for i in one.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_links_of_the_small_book_work_below_any_address(published):
    assert publish.faults(published) == []
