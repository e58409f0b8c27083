"""Folders that may be read, without those in them that may not; what it keeps, rooms show."""

from cnnlab.grading.fence import EXECUTE, LIST, READ, without


def test_a_folder_is_taken_whole_where_nothing_in_it_is_covered(tmp_path):
    assert list(without(str(tmp_path), ["/elsewhere"])) == [(str(tmp_path), EXECUTE | READ | LIST)]


def test_what_is_covered_is_left_out_and_its_neighbours_are_not(tmp_path):
    for name in ("a/solved/deep", "a/open", "b"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "a" / "file.py").touch()
    allowed = dict(without(str(tmp_path), [str(tmp_path / "a" / "solved")]))
    places = {path.removeprefix(str(tmp_path)): bits for path, bits in allowed.items()}
    whole = EXECUTE | READ | LIST
    assert places == {"": LIST, "/a": LIST, "/a/open": whole, "/a/file.py": whole, "/b": whole}


def test_what_is_covered_itself_is_not_allowed(tmp_path):
    assert list(without(str(tmp_path), [str(tmp_path)])) == []
