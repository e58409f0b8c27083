"""MNIST from a folder or from mirrors: a right file or a clear error, whatever goes wrong."""

import contextlib
import errno
import gzip
import hashlib
import http.server
import json
import os
import subprocess
import sys
import threading
import time
from typing import ClassVar

import numpy as np
import pytest
from support.failures import each

from cnnlab import data
from cnnlab.data import DataError, MissingDataError, downloads
from cnnlab.files import OLD

FILES = {
    name: bytes([0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 2, 0, 0, 0, 2]) + bytes(range(4 * count))
    if "images" in name
    else bytes([0, 0, 8, 1, 0, 0, 0, count]) + bytes(range(count))
    for (part, names), count in zip(downloads.PARTS.items(), (6, 3), strict=True)
    for name in names
}
PACKED = {name: gzip.compress(content, mtime=0) for name, content in FILES.items()}
LABELS = "t10k-labels-idx1-ubyte"


def digest(contents):
    """Return the SHA-256 of each."""
    return {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}


class Mirror(http.server.BaseHTTPRequestHandler):
    """Serve files in good and in bad ways: the first part of a path says how."""

    asked: ClassVar[list[str]] = []

    def do_GET(self):
        """Answer as the address says."""
        _, way, file = self.path.split("/")
        name = file.removesuffix(".gz")
        self.asked.append(way)
        content, length = PACKED[name], None
        if way == "missing":
            self.send_error(404)
            return
        if way == "slow":
            time.sleep(3)
        if way == "breaks":
            content, length = content[:20], len(content)
        content = {
            "web": b"<!doctype html><title>Sign in</title>",
            "plain": FILES[name],
            "other": gzip.compress(FILES[name][:-1] + b"\7"),
            "cut": content[:-9],
            "endless": bytes(1000),
        }.get(way, content)
        self.send_response(200)
        self.send_header("Content-Length", str(length or len(content)))
        self.end_headers()
        with contextlib.suppress(ConnectionError):
            self.wfile.write(content)

    def log_message(self, *args):
        """Say nothing."""


@pytest.fixture(scope="module")
def address():
    """Run the mirrors on this machine."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Mirror) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


@pytest.fixture
def mirrors(address, monkeypatch, tmp_path):
    """Set the mirrors of MNIST, and an empty cache; return the cache."""
    monkeypatch.delenv(downloads.FOLDER, raising=False)
    monkeypatch.setattr(downloads, "_cache", lambda: tmp_path)
    Mirror.asked.clear()

    def use(*ways, packed=False):
        if "slow" in ways:
            monkeypatch.setattr(downloads, "TIMEOUT", 1)
        digests = ({}, digest(PACKED)) if packed else (digest(FILES), {})
        places = tuple(f"{address}/{way}/" for way in ways)
        collection = downloads.Collection("mnist", "MNIST", places, *digests)
        monkeypatch.setattr(downloads, "MNIST", collection)
        return tmp_path / "mnist"

    return use


def is_right(samples, count):
    """Tell whether these are the images and labels of a part with so many."""
    X = np.arange(4.0 * count, dtype=np.float32).reshape(count, 1, 2, 2) / np.float32(255)
    return np.array_equal(samples.X, X) and list(samples.labels) == list(range(count))


def test_downloaded_once(mirrors):
    cache = mirrors("right")
    assert is_right(data.mnist("test"), 3)
    assert sorted(path.name for path in cache.iterdir()) == [
        "t10k-images-idx3-ubyte.gz",
        "t10k-labels-idx1-ubyte.gz",
    ]
    asked = len(Mirror.asked)
    both = data.mnist()
    assert len(Mirror.asked) == asked + 2  # the training part alone
    assert is_right(data.LabeledImages(*both[:2]), 6)
    assert is_right(data.LabeledImages(*both[2:]), 3)


@each(dtype=[np.uint8, "uint8", np.float32, np.float64])
def test_dtypes(dtype, tmp_path):
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(downloads.FOLDER, str(tmp_path))
        patch.setattr(downloads, "MNIST", downloads.MNIST._replace(digests=digest(FILES)))
        X, labels = data.mnist("train", dtype=dtype)
    assert X.dtype == dtype
    assert labels.dtype == np.int64
    assert X.max() == (23 if X.dtype == np.uint8 else X.dtype.type(23) / 255)


WAYS = {
    "missing": "the server answered 404",
    "web": "is a web page",
    "other": "its SHA-256 is",
    "cut": "is cut off",
    "breaks": "the connection broke",
    "slow": "no answer within 1 s",
    "endless": "more than 900 bytes came",
}


@pytest.mark.parametrize("way", WAYS)
def test_a_bad_mirror_gives_way_to_a_good_one(way, mirrors, monkeypatch):
    monkeypatch.setattr(downloads, "LARGEST", 900)
    mirrors(way, "right")
    assert is_right(data.mnist("test"), 3)
    assert way in Mirror.asked


def test_bad_mirrors_alone_are_named_with_what_was_wrong(mirrors, monkeypatch):
    monkeypatch.setattr(downloads, "LARGEST", 900)
    monkeypatch.setattr(downloads, "ROUNDS", 1)
    cache = mirrors(*WAYS)
    with pytest.raises(DataError) as caught:
        data.mnist("test")
    message = str(caught.value)
    for way, reason in WAYS.items():
        assert f"/{way}/: " in message
        assert reason in message
    assert "CNNLAB_DATA" in message
    assert not list(cache.iterdir())


def test_no_network(mirrors, monkeypatch):
    mirrors("right")
    nobody = downloads.MNIST._replace(mirrors=("http://127.0.0.1:9/", "http://unknown.invalid/"))
    monkeypatch.setattr(downloads, "MNIST", nobody)
    with pytest.raises(DataError, match=r"^mnist: t10k-images-idx3-ubyte.gz could.*\n.*no connec"):
        data.mnist("test")


@each(damage=[b"", b"<html>", PACKED[LABELS][:-3]])
def test_a_damaged_file_in_the_cache_is_replaced(damage, address, tmp_path):
    places = (f"{address}/right/",)
    collection = downloads.Collection("mnist", "MNIST", places, digest(FILES), {})
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(downloads.FOLDER, raising=False)
        patch.setattr(downloads, "_cache", lambda: tmp_path)
        patch.setattr(downloads, "MNIST", collection)
        data.mnist("test")
        (tmp_path / "mnist" / f"{LABELS}.gz").write_bytes(damage)
        assert is_right(data.mnist("test"), 3)


def test_a_file_that_is_not_compressed_is_as_good(mirrors):
    mirrors("plain")
    assert is_right(data.mnist("test"), 3)


def test_digests_of_compressed_files(mirrors):
    mirrors("other", "right", packed=True)
    assert is_right(data.mnist("test"), 3)
    assert "right" in Mirror.asked


def test_what_cannot_be_checked_is_not_taken(mirrors):
    """Without compression no digest is known: neither a mirror's file nor one in the cache."""
    mirrors("plain", "right", packed=True)
    assert is_right(data.mnist("test"), 3)
    assert "right" in Mirror.asked


def test_a_local_folder_of_another_set(monkeypatch, tmp_path):
    monkeypatch.setenv(downloads.FOLDER, str(tmp_path))
    images, labels = (tmp_path / name for name in downloads.PARTS["test"])
    images.write_bytes(
        bytes([0, 0, 8, 3, 0, 0, 0x27, 0x10, 0, 0, 0, 28, 0, 0, 0, 28]) + bytes(7840000)
    )
    labels.write_bytes(FILES[LABELS])
    with pytest.raises(DataError, match=r"labels-idx1-ubyte of Fashion-MNIST \(it holds an array"):
        data.fashion_mnist("test")
    content = bytes([0, 0, 8, 1, 0, 0, 0x27, 0x10]) + bytes(10_000)
    labels.write_bytes(content)
    assert data.fashion_mnist("test").labels.shape == (10_000,)
    digests = downloads.MNIST.digests | {LABELS: hashlib.sha256(content).hexdigest()}
    monkeypatch.setattr(downloads, "MNIST", downloads.MNIST._replace(digests=digests))
    with pytest.raises(DataError, match=r"Fashion-MNIST \(it is that of MNIST\)"):
        data.fashion_mnist("test")


def test_a_cache_that_cannot_be_written_to(mirrors, monkeypatch):
    cache = mirrors("right")
    cache.parent.joinpath("mnist").write_text("a file in the place of the folder")
    assert is_right(data.mnist("test"), 3)
    assert cache.is_file()


def test_a_full_disk(mirrors, monkeypatch):
    cache = mirrors("right")

    def full(self, content):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(downloads._Limited, "write", full)
    with pytest.raises(DataError, match="No space left on device"):
        data.mnist("test")
    assert not list(cache.iterdir())


def test_an_interrupt_leaves_nothing_behind(mirrors, monkeypatch):
    cache = mirrors("right")

    def interrupted(self, content):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(downloads._Limited, "write", interrupted)
        with pytest.raises(KeyboardInterrupt):
            data.mnist("test")
    assert not list(cache.iterdir())
    assert is_right(data.mnist("test"), 3)


def test_what_a_killed_process_left_is_forgotten_a_day_later(mirrors):
    cache = mirrors("right")
    cache.mkdir()
    for name, age in ("unfinished-old", 2 * OLD), ("unfinished-new", 0):
        (cache / name).write_bytes(b"half")
        os.utime(cache / name, (time.time() - age,) * 2)
    assert is_right(data.mnist("test"), 3)
    assert not (cache / "unfinished-old").exists()
    assert (cache / "unfinished-new").exists()


LOAD = """
import json, pathlib, sys
from cnnlab import data
from cnnlab.data import downloads

places, digests, cache = json.loads(sys.argv[1])
downloads.MNIST = downloads.Collection("mnist", "MNIST", places, digests, {})
downloads._cache = lambda: pathlib.Path(cache)
X, labels = data.mnist("test", dtype="uint8")
print(X.ravel().tolist(), labels.tolist())
"""


def test_processes_at_once(mirrors):
    cache = mirrors("right")
    given = json.dumps([downloads.MNIST.mirrors, digest(FILES), str(cache.parent)])
    command = [sys.executable, "-c", LOAD, given]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    shown = [process.communicate(timeout=60)[0].strip() for process in processes]
    assert shown == [f"{list(range(12))} [0, 1, 2]"] * 3
    assert len(list(cache.iterdir())) == 2


# ------------------------------------------------------------------------------- a local folder


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """Name an empty local folder; the files of MNIST are the small ones."""
    monkeypatch.setenv(downloads.FOLDER, str(tmp_path))
    monkeypatch.setattr(downloads, "MNIST", downloads.MNIST._replace(digests=digest(FILES)))
    return tmp_path


@pytest.mark.parametrize("place", ["", "mnist"])
@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize("dot", ["-", "."])
def test_local_files(place, ending, dot, folder):
    (folder / place).mkdir(exist_ok=True)
    for name, content in (PACKED if ending else FILES).items():
        (folder / place / f"{name.replace('-idx', dot + 'idx')}{ending}").write_bytes(content)
    assert is_right(data.mnist("test"), 3)


def test_local_files_that_are_missing_or_others(folder):
    with pytest.raises(
        MissingDataError, match=r"^mnist: CNNLAB_DATA names .*t10k-images-idx3-ubyt"
    ):
        data.mnist("test")
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    (folder / LABELS).write_bytes(FILES[LABELS][:-1] + b"\1")
    with pytest.raises(
        DataError, match=r"is not the t10k-labels-idx1-ubyte of MNIST \(its SHA-256"
    ):
        data.mnist("test")
    (folder / LABELS).write_bytes(FILES[LABELS][:-1])
    with pytest.raises(DataError, match=r"is not the t10k-labels-idx1-ubyte of MNIST \(.*cut off"):
        data.mnist("test")


def test_the_digests_of_mnist_are_those_of_uncompressed_files():
    assert set(downloads.MNIST.digests) == set(downloads.FASHION.packed) == set(FILES)
    assert all(len(word) == 64 for word in [*downloads.MNIST.digests.values()])


@each(function=[data.mnist, data.fashion_mnist], part=["both", 1, ["train"], ""])
def test_unknown_part(function, part):
    with pytest.raises(ValueError, match=f'^{function.__name__}: part=.*pass "train" or "test"'):
        function(part)


@each(function=[data.mnist, data.fashion_mnist], dtype=[np.int64, "float16", object, "real"])
def test_other_dtypes(function, dtype):
    with pytest.raises(TypeError, match=rf"^{function.__name__}: dtype=.*np.float32 or"):
        function("test", dtype=dtype)
