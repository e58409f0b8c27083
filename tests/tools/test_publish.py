"""What `make publish` follows, and where it copies."""

import pytest

from tools import publish


@pytest.fixture
def site(tmp_path):
    """Return a website with one fault of each kind on its second page."""
    folder = tmp_path / "html"
    (folder / "book").mkdir(parents=True)
    (folder / "searchindex.js").write_text("", "utf-8")
    (folder / "index.html").write_text('<a href="book/a.html#here">A</a>', "utf-8")
    (folder / "book" / "a.html").write_text(
        '<p id="here"><a href="../index.html">I</a> <a href="https://example.org">E</a> '
        '<a href="/index.html">R</a> <a href="b.html">B</a> <img src="../../up.png"> '
        '<a href="#there">T</a></p>',
        "utf-8",
    )
    return folder


def test_links_are_followed(site):
    assert publish.faults(site) == [
        "book/a.html: /index.html begins at the root of the server",
        "book/a.html: b.html leads nowhere",
        "book/a.html: ../../up.png leads out of the site",
        "book/a.html: #there has no such anchor",
    ]


def test_nothing_is_copied_before_all_links_are_right(site, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(publish, "SITE", site)
    target = tmp_path / "www" / "course"
    assert publish.main([str(target)]) == 1
    assert not target.exists()
    (site / "book" / "a.html").write_text('<p id="here">', "utf-8")
    assert publish.main([str(target)]) == 0
    (site / "book" / "a.html").rename(site / "book" / "b.html")
    (site / "index.html").write_text('<a href="book/b.html">B</a>', "utf-8")
    assert publish.main([str(target)]) == 0
    assert sorted(path.name for path in (target / "book").iterdir()) == ["b.html"]
    assert "The course is in" in capsys.readouterr().out


def test_a_folder_that_holds_something_else_is_left_alone(site, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.tex").write_text("years", "utf-8")
    with pytest.raises(SystemExit, match="holds something else"):
        publish.copy(site, str(other))
    with pytest.raises(SystemExit, match="what is to be copied"):
        publish.copy(site, str(site.parent))
    assert (other / "thesis.tex").exists()


def test_another_machine_gets_it_by_rsync(site, monkeypatch):
    called = []
    monkeypatch.setattr(publish.subprocess, "run", lambda command, check: called.append(command))
    publish.copy(site, "me@host:/var/www/course")
    assert called == [["rsync", "--recursive", "--delete", f"{site}/", "me@host:/var/www/course/"]]


def test_there_must_be_a_website(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(publish, "SITE", tmp_path)
    assert publish.main([]) == 1
    assert "make book" in capsys.readouterr().err
