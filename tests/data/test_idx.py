"""IDX files: read as they are, and refused with the reason whatever is wrong with them."""

import gzip
import os
import struct
import time
import tracemalloc

import numpy as np
import pytest
from support.failures import each

from cnnlab.data import DataError, MissingDataError, read_idx, read_labeled_images

CODES = {"u1": 0x08, "i1": 0x09, "i2": 0x0B, "i4": 0x0C, "f4": 0x0D, "f8": 0x0E}


def idx(array, *, code=None, shape=None):
    """Return the bytes of an IDX file; `code` and `shape` say something else of it."""
    array = np.asarray(array)
    shape = array.shape if shape is None else shape
    code = CODES[array.dtype.str[1:]] if code is None else code
    head = bytes([0, 0, code, len(shape)]) + struct.pack(f">{len(shape)}I", *shape)
    return head + array.astype(array.dtype.newbyteorder(">")).tobytes()


@pytest.fixture
def write(tmp_path):
    """Write bytes into a file."""

    def write(content, name="some-idx"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


DIGITS = np.random.default_rng(0).integers(0, 256, (7, 5, 4), np.uint8)
PLAIN = idx(DIGITS)
PACKED = gzip.compress(PLAIN)


@each(kind=list(CODES), packed=[False, True])
def test_every_type_comes_back(kind, packed, tmp_path):
    array = np.random.default_rng(1).integers(-100, 100, (3, 2, 4)).astype(kind)
    path = tmp_path / f"{kind}{packed}"
    path.write_bytes(gzip.compress(idx(array)) if packed else idx(array))
    read = read_idx(path)
    assert read.dtype == np.dtype(kind)
    assert read.dtype.isnative
    assert read.flags.c_contiguous
    assert read.flags.writeable
    np.testing.assert_array_equal(read, array)


@each(shape=[(0,), (0, 28, 28), (5,), (1, 1, 1, 1, 1), (0, 2**32 - 1)])
def test_every_shape_comes_back(shape, tmp_path):
    array = np.zeros(shape, np.uint8)
    path = tmp_path / "idx"
    path.write_bytes(idx(array))
    assert read_idx(path).shape == shape
    assert read_idx(str(path)).shape == shape


def test_a_large_file_comes_in_pieces(write):
    array = np.random.default_rng(2).integers(0, 256, (5, 2**10, 2**10), np.uint8)
    for content in idx(array), gzip.compress(idx(array), 1):
        np.testing.assert_array_equal(read_idx(write(content)), array)


def test_gzip_may_have_members(write):
    content = gzip.compress(PLAIN[:30]) + gzip.compress(b"") + gzip.compress(PLAIN[30:])
    np.testing.assert_array_equal(read_idx(write(content)), DIGITS)


@each(content={"plain": PLAIN, "gzip": PACKED})
def test_cut_off_anywhere(content, tmp_path):
    path = tmp_path / "idx"
    for length in range(len(content)):
        path.write_bytes(content[:length])
        with pytest.raises(DataError, match=r"^read_idx: .*(empty|ends|cut off|begins).*again\.$"):
            read_idx(path)


def test_every_flipped_bit_of_gzip_is_noticed_or_changes_nothing(tmp_path):
    path = tmp_path / "idx"
    for place in range(len(PACKED)):
        for bit in range(8):
            content = bytearray(PACKED)
            content[place] ^= 1 << bit
            path.write_bytes(content)
            try:
                read = read_idx(path)
            except DataError:
                continue
            np.testing.assert_array_equal(read, DIGITS)  # time, name and system, of no meaning


@each(
    content={
        "zeros": PLAIN + bytes(3),
        "of gzip": PACKED + b"more",
        "zeros behind gzip": PACKED + bytes(8),
        "one byte behind gzip": PACKED + b"\x1f",
        "within gzip": gzip.compress(PLAIN + b"x"),
        "twice": PLAIN + PLAIN,
        "twice in gzip": PACKED + PACKED,
    }
)
def test_bytes_behind_the_end(content, tmp_path):
    path = tmp_path / "idx"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"follow behind|has bytes behind the end"):
        read_idx(path)


HTML = b"\n<!DOCTYPE html>\n<html><head><title>Sign in</title></head></html>"
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9912422\n"
WRONG = {
    "nothing": (b"", "is empty"),
    "a web page": (HTML, "a web page"),
    "a web page in gzip": (gzip.compress(HTML), "a web page"),
    "a web page after a mark": (b"\xef\xbb\xbf" + HTML, "a web page"),
    "an answer": (b"404: Not Found", "an answer of a server"),
    "an answer in JSON": (b'{"error": "rate limit"}', "an answer of a server"),
    "a pointer of Git LFS": (POINTER, "git lfs pull"),
    "a pointer of git-annex": (b"/annex/objects/MD5E-s9--0.gz\n", "git annex get"),
    "a zip": (b"PK\x03\x04" + bytes(30), "a zip archive"),
    "compressed twice": (gzip.compress(PACKED), "compressed twice"),
    "an array of NumPy": (b"\x93NUMPY\x01\x00v\x00", "np.load"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(30), "PNG"),
    "a wrong magic": (b"\0\1" + PLAIN[2:], "begins with the bytes 00 01 08 03"),
    "the last byte first": (PLAIN[3::-1] + PLAIN[4:], "the last byte first"),
    "an unknown type": (idx(DIGITS, code=0x0A), "type code 0a"),
    "no axes": (bytes([0, 0, 8, 0]), "0 axes"),
    "many axes": (bytes([0, 0, 8, 255]) + bytes(1020), "255 axes"),
    "more images than there are": (idx(DIGITS, shape=(8, 5, 4)), "160 bytes, but 140 are there"),
    "fewer images than there are": (idx(DIGITS, shape=(6, 5, 4)), "but 20 bytes follow"),
    "a larger type": (idx(DIGITS, code=0x0E), "1,120 bytes, but 140 are there"),
    "as much as no memory holds": (idx(DIGITS, shape=(2**32 - 1,) * 3), "no memory holds"),
    "no product": (idx(DIGITS, shape=(0, *(2**32 - 1,) * 3)), "no memory holds"),
    "terabytes": (idx(DIGITS, shape=(2**32 - 1, 28, 28)), "lies about its size"),
    "terabytes in gzip": (
        gzip.compress(idx(DIGITS, shape=(2**32 - 1, 28, 28))),
        "cannot hold more than",
    ),
    "gzip and nothing": (b"\x1f\x8b", "cut off"),
    "gzip of another kind": (b"\x1f\x8b\x07" + bytes(30), "damaged"),
    "a wrong checksum": (PACKED[:-8] + bytes(4) + PACKED[-4:], "damaged"),
    "a wrong length": (PACKED[:-4] + bytes(4), "damaged"),
}


@each(case=WRONG)
def test_what_is_wrong_is_said(case, tmp_path):
    content, says = case
    path = tmp_path / "images-idx3-ubyte"
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        read_idx(path)
    message = str(caught.value)
    assert message.startswith("read_idx: ")
    assert "images-idx3-ubyte" in message
    assert says in message
    assert isinstance(caught.value, ValueError)


@each(packed=[False, True])
def test_no_memory_is_taken_on_a_promise(packed, tmp_path):
    """A gigabyte is promised, and next to nothing is there; or a gigabyte follows what is."""
    million = gzip.compress(bytes(2**20), 9)
    lying = idx(np.zeros((0, 2**10, 2**10), np.uint8))
    lying = lying[:4] + struct.pack(">I", 2**10) + lying[8:]
    contents = [lying + bytes(100)]
    if packed:
        # As many bytes of gzip as could hold it, and then no more.
        contents = [gzip.compress(lying) + 2**10 * million[:-9], PACKED + 50 * million]
    for content in contents:
        path = tmp_path / "idx"
        path.write_bytes(content)
        tracemalloc.start()
        begun = time.monotonic()
        with pytest.raises(DataError):
            read_idx(path)
        assert time.monotonic() - begun < 10
        assert tracemalloc.get_traced_memory()[1] < 2**24
        tracemalloc.stop()


def test_reading_takes_little_more_than_the_array(write):
    path = write(gzip.compress(idx(np.zeros((100, 2**9, 2**9), np.uint8))))
    tracemalloc.start()
    size = read_idx(path).nbytes
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.3 * size + 2**22


def test_no_file(tmp_path):
    for path in (tmp_path / "nothing", str(tmp_path / "no" / "folder"), "with\0zero", "long" * 999):
        with pytest.raises(MissingDataError, match=r"^read_idx: there is no file .*check the path"):
            read_idx(path)
    assert issubclass(MissingDataError, FileNotFoundError)
    with pytest.raises(DataError, match=r"is no file; pass the path of an IDX file"):
        read_idx(tmp_path)
    with pytest.raises(TypeError, match=r"^read_idx: path=int 3 came.*pass a string"):
        read_idx(3)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the rights of root are unlimited")
def test_a_file_without_the_right_to_read(write):
    path = write(PLAIN)
    path.chmod(0)
    with pytest.raises(DataError, match=r"cannot be read \(Permission denied\)"):
        read_idx(path)


# --------------------------------------------------------------------- images and their labels

LABELS = np.array([3, 1, 4, 1, 5, 9, 2], np.uint8)


@pytest.fixture
def pair(write):
    """Write images and labels into files."""
    return lambda images, labels: (write(idx(images), "images"), write(idx(labels), "labels"))


def test_images_and_labels(pair):
    X, labels = read_labeled_images(*pair(DIGITS, LABELS))
    np.testing.assert_array_equal(X, DIGITS[:, np.newaxis])
    np.testing.assert_array_equal(labels, LABELS)
    assert X.dtype == np.uint8
    assert labels.dtype == np.int64


PAIRS = {
    "swapped": (LABELS, DIGITS, "are swapped"),
    "of different number": (DIGITS, LABELS[:6], "7 images but 6 labels"),
    "images twice": (DIGITS, DIGITS, "labels of one axis"),
    "labels twice": (LABELS, LABELS, "images of three axes"),
    "labels that are no whole numbers": (DIGITS, LABELS.astype("f4"), "whole numbers"),
    "a label that is too large": (DIGITS, LABELS + 1, "label 10 of sample 5 is outside 0 to 9"),
    "a label below 0": (DIGITS, LABELS.astype("i1") - 2, "label -1 of sample 1 is outside 0 to 9"),
}


@each(case=PAIRS)
def test_what_does_not_belong_together(case, tmp_path):
    *arrays, says = case
    paths = [tmp_path / "images", tmp_path / "labels"]
    for path, array in zip(paths, arrays, strict=True):
        path.write_bytes(idx(array))
    with pytest.raises(DataError, match=f"^read_labeled_images: .*{says}.*; pass "):
        read_labeled_images(*paths)


def test_other_numbers_of_classes(pair):
    paths = pair(DIGITS, LABELS + 20)
    assert read_labeled_images(*paths, classes=47).labels.max() == 29
