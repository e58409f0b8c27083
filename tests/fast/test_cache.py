"""Compiled kernels on disk: the newest code runs, and no file or folder is ever in the way."""

import errno
import hashlib
import os
import shutil
import subprocess
import sys

import numba
import numpy as np
import pytest
from support.book import ROOT

from cnnlab.fast import cache

compiled = pytest.mark.skipif(numba.config.DISABLE_JIT, reason="nothing is compiled")


@pytest.fixture
def place(monkeypatch, tmp_path):
    """A folder for compiled kernels."""
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    return tmp_path


def successor():
    """Return a compiled function that is kept on disk, as in a process that has just begun."""

    @numba.njit
    def add_one(x):
        return x + 1

    add_one._cache = cache.KernelCache("add_one")
    return add_one


def files(place):
    """List the versions of `successor`; a helper of an earlier test may just have compiled, too."""
    return sorted(path for path in place.rglob("add_one-*") if path.is_file())


@compiled
def test_compiled_once(place):
    first, second = successor(), successor()
    assert first(1) == 2
    (file,) = files(place)
    written = file.stat().st_mtime_ns
    assert second(1) == 2
    assert files(place) == [file]
    assert file.stat().st_mtime_ns == written
    assert first(1.5) == 2.5
    assert len(files(place)) == 2  # one for each signature


@compiled
@pytest.mark.parametrize("damage", ["empty", "half", "one bit", "something else"])
def test_a_broken_file_is_compiled_again(place, damage):
    successor()(1)
    (file,) = files(place)
    whole = file.read_bytes()
    broken = {
        "empty": b"",
        "half": whole[: len(whole) // 2],
        "one bit": whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:],
        "something else": b"not machine code" * 99,
    }[damage]
    file.write_bytes(broken)
    assert successor()(1) == 2
    content = file.read_bytes()
    assert content != broken
    assert hashlib.sha256(content[32:]).digest() == content[:32]


@compiled
def test_a_full_disk_is_no_error(place, monkeypatch):
    def full(handle, mode):
        os.close(handle)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(cache.os, "fdopen", full)
    assert successor()(1) == 2
    assert files(place) == []


@compiled
def test_no_folder_can_be_written_to(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setattr(cache, "places", lambda: [tmp_path / "file" / "folder"])
    assert successor()(1) == 2


@compiled
def test_what_is_read_only_is_read(monkeypatch, tmp_path):
    """An installation whose kernels were compiled by somebody else."""
    shared, own = tmp_path / "shared", tmp_path / "own"
    monkeypatch.setattr(cache, "places", lambda: [shared])
    successor()(1)
    (file,) = files(shared)
    monkeypatch.setattr(cache, "places", lambda: [own, shared])
    assert successor()(1) == 2
    assert files(tmp_path) == [file]


def test_old_sets_are_forgotten(tmp_path):
    for age in range(9):
        (tmp_path / f"kernels-{age}").mkdir()
        os.utime(tmp_path / f"kernels-{age}", (1e9 - age, 1e9 - age))
    (tmp_path / "module.cpython-311.pyc").touch()
    cache.write(tmp_path / "kernels-new" / "kernel.bin", b"code")
    kept = {path.name for path in tmp_path.iterdir()}
    young = {f"kernels-{age}" for age in range(cache.SETS - 1)}
    assert kept == {"kernels-new", *young, "module.cpython-311.pyc"}


@compiled
@pytest.mark.slow
def test_whichever_file_changes_the_new_code_runs(tmp_path):
    """The exponential is in another file than the kernel of the sigmoid that it is part of."""
    shutil.copytree(ROOT / "cnnlab", tmp_path / "cnnlab", ignore=shutil.ignore_patterns("__pyc*"))
    code = "from cnnlab import fast; print(fast.sigmoid([0.0, 1.0])[1])"
    env = {**os.environ, "PYTHONPATH": str(tmp_path), "NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    env["NUMBA_OPT"] = "0"  # less to compile

    def run():
        command = [sys.executable, "-c", code]
        ran = subprocess.run(
            command, env=env, cwd=tmp_path, capture_output=True, text=True, check=True
        )
        return float(ran.stdout)

    expected = 1 / (1 + np.exp(-1))
    assert run() == pytest.approx(expected)
    file = tmp_path / "cnnlab" / "fast" / "elementary.py"
    right = "return (one + rest) * scale * shrink"
    text = file.read_text("utf-8")
    assert right in text
    file.write_text(text.replace(right, f"{right} * 2"), "utf-8")
    assert run() == pytest.approx(1 / (1 + 2 * np.exp(-1)))
    file.write_text(text, "utf-8")
    assert run() == pytest.approx(expected)
