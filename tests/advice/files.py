"""Files that are not what they should be, with the advice that answers them."""

import gzip
import hashlib
import struct
import tempfile
from pathlib import Path

import numpy as np
import pytest

from cnnlab import data
from cnnlab.data import downloads

IMAGES = np.random.default_rng(0).integers(0, 256, (3, 5, 4), np.uint8)
LABELS = np.array([3, 1, 4], np.uint8)


def idx(array):
    """Return the bytes of an IDX file of bytes."""
    head = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return head + array.tobytes()


GOOD, PACKED = idx(IMAGES), gzip.compress(idx(IMAGES))
FOLDER = tempfile.TemporaryDirectory(prefix="advice-")


def write(content, name="images-idx3-ubyte"):
    """Write bytes into a file; return its path."""
    path = Path(FOLDER.name, name)
    path.write_bytes(content)
    return path


def read(content):
    """Read bytes as an IDX file."""
    return data.read_idx(write(content))


def both(images, labels, **options):
    """Read a pair of files with these arrays, or paths."""
    paths = [
        write(idx(array), name) if isinstance(array, np.ndarray) else array
        for array, name in ((images, "images"), (labels, "labels"))
    ]
    return data.read_labeled_images(*paths, **options).labels


def again(wrong, advice="download the file again", right=GOOD):
    """Return the case of a file that is wrong, where the right one is read in the end."""
    return lambda: read(wrong), advice, lambda: read(right), lambda: IMAGES


def mnist_in(contents, mirrors=()):
    """Load a small test part of MNIST from a local folder, or from mirrors that nobody runs."""
    right = {"t10k-images-idx3-ubyte": GOOD, "t10k-labels-idx1-ubyte": idx(LABELS)}
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in right.items()}
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        for name, content in contents.items():
            Path(folder, name).write_bytes(content)
        patch.setattr(downloads, "_cache", lambda: Path(folder))
        patch.setattr(
            downloads, "MNIST", downloads.Collection("mnist", "MNIST", mirrors, digests, {})
        )
        patch.delenv(downloads.FOLDER, raising=False)
        if not mirrors:
            patch.setenv(downloads.FOLDER, folder)
        return data.mnist("test").labels


def whole():
    """Load it from a folder that holds it all."""
    return mnist_in({"t10k-images-idx3-ubyte.gz": PACKED, "t10k-labels-idx1-ubyte": idx(LABELS)})


CASES = {
    "an empty file": again(b""),
    "a head that is cut off": again(GOOD[:3]),
    "sizes that are cut off": again(GOOD[:9]),
    "numbers that are cut off": again(GOOD[:-1]),
    "numbers that are cut off in gzip": again(gzip.compress(GOOD[:-1])),
    "gzip that is cut off": again(PACKED[:-9]),
    "gzip that is damaged": again(PACKED[:-8] + bytes(8)),
    "bytes behind gzip": again(PACKED + b"more"),
    "bytes behind the numbers": again(GOOD + b"more"),
    "more than a memory holds": again(bytes([0, 0, 8, 3]) + b"\xff" * 12),
    "a web page": again(b"<!doctype html>", "download the file again, from another address"),
    "an answer of a server": again(b"404: Not Found"),
    "another magic": again(b"\1" + GOOD[1:]),
    "an unknown type": again(b"\0\0\7" + GOOD[3:]),
    "no axes": again(bytes([0, 0, 8, 0])),
    "a zip": again(b"PK\x03\x04" + PACKED, "unpack it, and pass the file inside"),
    "compressed twice": again(gzip.compress(PACKED), "unpack it, and pass the file inside", PACKED),
    "a folder": (
        lambda: data.read_idx(FOLDER.name),
        "pass the path of an IDX file",
        lambda: data.read_idx(write(GOOD)),
        lambda: IMAGES,
    ),
    "an array in the place of a path": (
        lambda: data.read_idx(IMAGES),
        'pass a string, for example "t10k-images-idx3-ubyte.gz"',
        lambda: data.read_idx(str(write(GOOD))),
        lambda: IMAGES,
    ),
    "a path that is none": (
        lambda: data.read_idx("nothing"),
        "check the path",
        lambda: data.read_idx(write(GOOD)),
        lambda: IMAGES,
    ),
    "images and labels that are swapped": (
        lambda: both(LABELS, IMAGES),
        "pass the images first",
        lambda: both(IMAGES, LABELS),
        lambda: LABELS,
    ),
    "images twice": (
        lambda: both(IMAGES, IMAGES),
        "pass two such files",
        lambda: both(IMAGES, LABELS),
        lambda: LABELS,
    ),
    "labels of another set": (
        lambda: both(IMAGES, LABELS[:2]),
        "pass two files of one set",
        lambda: both(IMAGES, LABELS),
        lambda: LABELS,
    ),
    "labels of more classes": (
        lambda: both(IMAGES, LABELS + 20),
        "pass classes=",
        lambda: both(IMAGES, LABELS + 20, classes=47),
        lambda: LABELS + 20,
    ),
    "an unknown part": (
        lambda: data.mnist("both"),
        'pass "train" or "test"',
        whole,
        lambda: LABELS,
    ),
    "a folder without the files": (
        lambda: mnist_in({}),
        "copy the file into it",
        whole,
        lambda: LABELS,
    ),
    "a folder with other files": (
        lambda: mnist_in({"t10k-images-idx3-ubyte": idx(IMAGES + 1)}),
        "replace it",
        whole,
        lambda: LABELS,
    ),
    "no network": (
        lambda: mnist_in({}, ("http://127.0.0.1:9/",)),
        "put the files of MNIST into a folder and name it in the environment variable CNNLAB_DATA",
        whole,
        lambda: LABELS,
    ),
}
