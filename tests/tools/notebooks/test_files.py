"""Which files are meant, and files that are none of ours."""

import pytest
from support.notebooks import save

from tools.notebooks.files import find_notebooks, short_diff


def test_folders(tmp_path):
    for name in ["b.ipynb", "a.ipynb", "sub/c.ipynb", ".ipynb_checkpoints/a.ipynb"]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        save(tmp_path / name, "1")
    found = find_notebooks([tmp_path / "b.ipynb", tmp_path])
    assert [path.name for path in found] == ["b.ipynb", "a.ipynb", "c.ipynb"]


@pytest.mark.parametrize(
    "names", [("a.ipynb", "sub/a.ipynb"), ("a b.ipynb", "a?b.ipynb")], ids=["one name", "one slug"]
)
def test_two_notebooks_of_one_name(tmp_path, names):
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        save(tmp_path / name, "1")
    with pytest.raises(ValueError, match=r"have one name.*rename one"):
        find_notebooks([tmp_path])


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing.ipynb", "missing.ipynb does not exist; name a notebook"),
        ("text.md", "text.md is not a notebook; needed"),
        ("empty", "no notebook .* below .*empty; name another"),
    ],
)
def test_wrong_path(tmp_path, name, message):
    (tmp_path / "text.md").write_text("Text.")
    (tmp_path / "empty").mkdir()
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        find_notebooks([tmp_path / name])


def test_differences_are_cut():
    old = "".join(f"{line}\n" for line in range(30))
    assert short_diff(old, old) == ""
    first, *_, last = short_diff(old, old.replace("1", "x" * 200), lines=5, width=9).splitlines()
    assert first == "--- on di..."
    assert last.startswith("... and ")
