"""Files in the IDX format, in which MNIST and its kin are kept, plain or compressed with gzip.

An IDX file begins with four bytes: two zeros, the type of its numbers, how many axes there are.
The length of each axis follows in four bytes, then the numbers, last axis fastest. All of it has
the most significant byte first.
"""

from __future__ import annotations

import math
import os
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cnnlab import shapes
from cnnlab.data.errors import DataError, MissingDataError

__all__ = ["LabeledImages", "read_idx", "read_labeled_images"]

TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
MOST_AXES = 32
GZIP = b"\x1f\x8b"
PIECE = 2**20  # so many bytes are read, and made of compressed ones, at a time

# What a file is that begins otherwise, and what to do.
AGAIN = "download the file again"
UNPACK = "unpack it, and pass the file inside"
FOREIGN = {
    b"PK\x03\x04": ("a zip archive", UNPACK),
    b"BZh": ("compressed with bzip2", UNPACK),
    b"\xfd7zXZ": ("compressed with xz", UNPACK),
    b"\x28\xb5\x2f\xfd": ("compressed with zstd", UNPACK),
    b"7z\xbc\xaf": ("a 7z archive", UNPACK),
    b"\x93NUMPY": ("an array of NumPy", "read it with np.load"),
    b"\x89PNG": ("a PNG picture", "pass an IDX file"),
    b"\xff\xd8\xff": ("a JPEG picture", "pass an IDX file"),
    b"version https://git-lfs": (
        "a pointer of Git LFS, and not the data",
        "run `git lfs pull` in its folder",
    ),
    b"/annex/objects/": (
        "a pointer of git-annex, and not the data",
        "run `git annex get` in its folder",
    ),
}


class LabeledImages(NamedTuple):
    """Images and their labels.

    Attributes
    ----------
    X : ndarray
        Gray images as they are in the file, with a depth of 1. Shape (S, 1, M, N).
    labels : ndarray
        Class numbers. Shape (S,), int64.
    """

    X: npt.NDArray[Any]
    labels: npt.NDArray[np.int64]


def read_idx(path: str | os.PathLike[str]) -> npt.NDArray[Any]:
    """Read an array from an IDX file.

    The numbers are checked against the file before memory is taken for them, and no more of a
    compressed file is unpacked than its head promises.

    Parameters
    ----------
    path : str or path
        The file, plain or compressed with gzip; what it is, its first bytes say.

    Returns
    -------
    array : ndarray
        New, C-contiguous, in the byte order of this machine: uint8, int8, int16, int32, float32
        or float64, as the file says.

    Raises
    ------
    DataError
        If the file is none (a web page, an archive, a pointer), is cut off, has bytes behind its
        end or a wrong checksum, or says something impossible about itself. It is a ValueError.
    MissingDataError
        If there is no such file. It is a DataError and a FileNotFoundError.
    TypeError
        If `path` is no path.

    Notes
    -----
    Source of the format: Yann LeCun, Corinna Cortes, Christopher Burges, *The MNIST database*.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "labels-idx1-ubyte")
    >>> path.write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 3, 5, 0, 4]))
    11
    >>> read_idx(path)
    array([5, 0, 4], dtype=uint8)
    """
    try:
        place = shapes.as_path(path, "read_idx", "t10k-images-idx3-ubyte.gz", MissingDataError)
        if not place.is_file():
            raise DataError(f"read_idx: {place} is no file; pass the path of an IDX file.")
        with place.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            compressed = file.read(2) == GZIP
            file.seek(0)
            pieces = iter(lambda: file.read(PIECE), b"")
            if compressed:
                # No byte of gzip becomes more than 1,032 bytes.
                return _read(_Bytes(_unpacked(pieces, place), place), 1032 * size, False)
            return _read(_Bytes(pieces, place), size, True)
    except OSError as error:
        if isinstance(error, DataError):
            raise
        raise DataError(
            f"read_idx: {path} cannot be read ({error.strerror or error}); check the path and "
            f"the rights, or copy the file."
        ) from error


def read_labeled_images(
    images: str | os.PathLike[str], labels: str | os.PathLike[str], *, classes: int = 10
) -> LabeledImages:
    """Read images and their labels from two IDX files, and check that they belong together.

    Parameters
    ----------
    images, labels : str or path
        As for `read_idx`: images with the axes (S, M, N), labels with one.
    classes : int
        C, how many classes there are: labels go from 0 to C - 1.

    Returns
    -------
    samples : LabeledImages
        ``X, labels``. X keeps the type that it has in the file (bytes 0 to 255 in MNIST); its
        shape is (S, 1, M, N).

    Raises
    ------
    DataError
        As from `read_idx`; also if the files are swapped, differ in number, or a label is outside
        0 to C - 1.
    """
    classes = shapes.as_count(classes, "read_labeled_images", "classes")
    names = Path(images).name, Path(labels).name
    return as_labeled_images(read_idx(images), read_idx(labels), names=names, classes=classes)


def as_labeled_images(
    X: npt.NDArray[Any], numbers: npt.NDArray[Any], *, names: tuple[str, str], classes: int = 10
) -> LabeledImages:
    """Check that images and labels belong together; `names` are those of their files."""
    what = f"{names[0]} has shape {X.shape}, {names[1]} {numbers.shape}"
    if X.ndim == 1 and numbers.ndim == 3:
        raise DataError(
            f"read_labeled_images: images and labels are swapped ({what}); pass the images first."
        )
    if X.ndim != 3 or numbers.ndim != 1 or numbers.dtype.kind not in "iu":
        raise DataError(
            f"read_labeled_images: {what} with {numbers.dtype}, but images of three axes and "
            f"labels of one axis, whole numbers, are needed; pass two such files."
        )
    if len(X) != len(numbers):
        raise DataError(
            f"read_labeled_images: {len(X)} images but {len(numbers)} labels came ({what}); pass "
            f"two files of one set, both of its training or both of its test part."
        )
    outside = np.flatnonzero((numbers < 0) | (numbers >= classes))
    if outside.size:
        raise DataError(
            f"read_labeled_images: label {numbers[outside[0]]} of sample {outside[0]} is outside 0 "
            f"to {classes - 1} ({outside.size} of {len(numbers)} labels are); pass classes=, or "
            f"{AGAIN} ({names[1]})."
        )
    return LabeledImages(X[:, np.newaxis], numbers.astype(np.int64))


def fault(what: str, place: Path, do: str = AGAIN) -> DataError:
    """Return the error that says what is wrong with a file, and what to do."""
    return DataError(f"read_idx: {place} {what}; {do}.")


class _Bytes:
    """The bytes of a file, in the pieces in which they come."""

    def __init__(self, pieces: Iterator[bytes], place: Path) -> None:
        self.pieces, self.place, self.kept = pieces, place, bytearray()

    def fetch(self, count: int) -> bytearray:
        """Return the next bytes; fewer if there are no more."""
        taken = self.kept
        while len(taken) < count and (piece := next(self.pieces, b"")):
            taken += piece
        self.kept = taken[count:]
        del taken[count:]
        return taken

    def fail(self, what: str, do: str = AGAIN) -> DataError:
        """Return the error that says what is wrong with this file."""
        return fault(what, self.place, do)


def _read(source: _Bytes, most: int, exact: bool) -> npt.NDArray[Any]:
    """Read head and numbers; the file holds `most` bytes, exactly or at most."""
    head = bytes(source.fetch(4))
    _check_head(source, head)
    kind, axes = np.dtype(TYPES[head[2]]), head[3]
    lengths = bytes(source.fetch(4 * axes))
    if len(lengths) < 4 * axes:
        raise source.fail(f"ends within its head, after {4 + len(lengths)} bytes")
    shape = tuple(int(length) for length in np.frombuffer(lengths, ">u4"))
    words_of_shape = f"an array of shape {shape} and dtype {kind.newbyteorder('=')}"
    if math.prod(length for length in shape if length) > sys.maxsize // kind.itemsize:
        raise source.fail(f"says that it holds {words_of_shape}, which no memory holds")
    needed, there = math.prod(shape) * kind.itemsize, most - 4 - 4 * axes
    promise = f"promises {words_of_shape}, {needed:,} bytes"
    if needed > there:
        few = f"{there:,} are there" if exact else f"cannot hold more than {there:,}"
        raise source.fail(f"is cut off or lies about its size: it {promise}, but {few}")
    numbers = source.fetch(needed)
    if len(numbers) < needed:
        raise source.fail(f"is cut off: it {promise}, but {len(numbers):,} came")
    more = source.fetch(1)
    if more:
        count = f"{there - needed:,} bytes" if exact else "bytes"
        raise source.fail(f"{promise}, but {count} follow behind them")
    array = np.frombuffer(numbers, kind).reshape(shape)
    return array if kind.isnative else array.astype(kind.newbyteorder("="))


def _check_head(source: _Bytes, head: bytes) -> None:
    """Refuse what is no IDX file by its first four bytes."""
    if not head:
        raise source.fail("is empty")
    start = head + bytes(source.fetch(60))
    source.kept[:0] = start[4:]
    for sign, (what, do) in FOREIGN.items():
        if start.startswith(sign):
            raise source.fail(f"is {what}", do)
    if start.startswith(GZIP):
        raise source.fail("is compressed twice", UNPACK)
    text = start.decode("latin-1").lstrip("\ufeff\xef\xbb\xbf \t\r\n").lower()
    if text.startswith(("<!doctype", "<html", "<?xml", "<head", "<body")):
        raise source.fail("is a web page, and not the data", f"{AGAIN}, from another address")
    if text.startswith(("{", "<error", "404", "not found", "access denied")):
        raise source.fail(f"is an answer of a server, {start[:20]!r}", AGAIN)
    if len(head) < 4:
        raise source.fail(f"ends within its head, after {len(head)} bytes")
    wanted = "two zeros, the type, the number of axes"
    if head[:2] != b"\0\0":
        swapped = head[2:] == b"\0\0" and head[1] in TYPES
        order = ", the last byte first" if swapped else ""
        raise source.fail(
            f"begins with the bytes {head.hex(' ')}{order}, but an IDX file begins with {wanted}"
        )
    if head[2] not in TYPES:
        known = ", ".join(f"{code:02x}" for code in TYPES)
        raise source.fail(f"has the type code {head[2]:02x}, but IDX knows {known}")
    if not 1 <= head[3] <= MOST_AXES:
        raise source.fail(f"says that it has {head[3]} axes, but 1 to {MOST_AXES} can be read")


def _unpacked(pieces: Iterator[bytes], place: Path) -> Iterator[bytes]:
    """Yield what gzip holds, bit by bit; complain of what is cut off, changed or added."""
    member = zlib.decompressobj(wbits=31)
    rest = b""
    while True:
        rest = rest or next(pieces, b"")
        if not rest:
            if not member.eof:
                raise fault("is cut off: its gzip ends too early", place)
            return
        if member.eof:  # another member may follow, as `cat` joins them
            rest += b"" if len(rest) > 1 else next(pieces, b"")
            if rest[:2] != GZIP:
                raise fault("has bytes behind the end of its gzip", place)
            member = zlib.decompressobj(wbits=31)
        try:
            made = member.decompress(rest, PIECE)
        except zlib.error as error:
            raise fault(f"is damaged: its gzip cannot be unpacked ({error})", place) from error
        rest = member.unused_data if member.eof else member.unconsumed_tail
        if made:
            yield made
