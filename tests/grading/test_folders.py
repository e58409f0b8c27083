"""Temporary folders of graders: deleted at the end, and by the next one if theirs was killed."""

import os
import signal
import subprocess
import sys
import tempfile

import pytest

from cnnlab.grading import folders
from cnnlab.grading.folders import TemporaryPlace, forget_dead, temporary_folder

HOLD = """
import sys
from cnnlab.grading.folders import TemporaryPlace
place = TemporaryPlace()
(place.path / "work").mkdir()
print(place.path, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A folder of temporary folders that nobody else uses."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    folders._forget_once.cache_clear()
    return tmp_path


def holder(root):
    """A process that holds a folder, and that folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"TMPDIR": str(root)},
        text=True,
    )
    return process, root / process.stdout.readline().strip().rpartition("/")[2]


def test_a_killed_grader_is_cleaned_up_after_and_a_living_one_is_not(root):
    (dead, left), (alive, kept) = holder(root), holder(root)
    try:
        os.kill(dead.pid, signal.SIGKILL)
        dead.communicate()
        assert left.is_dir()
        with temporary_folder() as own:  # the next start
            assert not left.exists()
            assert kept.is_dir()
            assert own.is_dir()
            assert forget_dead() == []
        assert not own.exists()
    finally:
        alive.communicate("")
    assert forget_dead() == [kept.name]


def test_what_is_nobody_of_ours_stays(root, monkeypatch):
    without_lock, link = root / "cnnlab-mine", root / "cnnlab-link"
    without_lock.mkdir()
    elsewhere = root / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / folders.LOCK).touch()
    link.symlink_to(elsewhere)
    others = root / "cnnlab-others"
    others.mkdir()
    (others / folders.LOCK).touch()
    with monkeypatch.context() as patched:
        patched.setattr(os, "geteuid", lambda: others.stat().st_uid + 1)
        assert forget_dead() == []
    assert all(path.is_dir() for path in (without_lock, elsewhere, others))
    assert forget_dead() == [others.name]
    assert all(path.is_dir() for path in (without_lock, elsewhere))


def test_a_place_is_removed_once(root):
    place = TemporaryPlace()
    (place.path / "file").touch()
    place.remove()
    place.remove()
    assert not place.path.exists()
