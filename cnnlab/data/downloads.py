"""MNIST and Fashion-MNIST as a whole: from a local folder, or downloaded once and kept.

A file of MNIST is checked by the SHA-256 of what is in it, so it does not matter who compressed it
how; one of Fashion-MNIST by that of the compressed file that its makers pass on. It is downloaded
under another name, checked, and renamed: under its own name it is whole and right, or
not there, whatever ends the process or comes at the same time.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import struct
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import numpy.typing as npt

from cnnlab import shapes
from cnnlab.data.errors import DataError, MissingDataError
from cnnlab.data.idx import GZIP, LabeledImages, as_labeled_images, read_idx
from cnnlab.data.sets import import_package
from cnnlab.files import forget_unfinished

__all__ = ["TrainTest", "fashion_mnist", "mnist"]

FOLDER = "CNNLAB_DATA"  # environment variable that names a local folder
PARTS = {"train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
         "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")}  # fmt: skip
TIMEOUT = 20  # seconds without an answer
ROUNDS = 2  # so often every mirror is asked
LARGEST = 2**26  # bytes that are taken from a mirror for one file
UNFINISHED = "unfinished-"


class Collection(NamedTuple):
    """Four files, and where they can be had."""

    name: str
    title: str
    mirrors: tuple[str, ...]
    digests: dict[str, str]  # SHA-256 of the uncompressed file, by its name
    packed: dict[str, str]  # or of the file as it is passed on, compressed


MNIST = Collection(
    "mnist",
    "MNIST",
    (
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
    ),
    {
        "train-images-idx3-ubyte": (
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"
        ),
        "train-labels-idx1-ubyte": (
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"
        ),
        "t10k-images-idx3-ubyte": (
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"
        ),
        "t10k-labels-idx1-ubyte": (
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"
        ),
    },
    {},
)
FASHION = Collection(
    "fashion-mnist",
    "Fashion-MNIST",
    (
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    ),
    {},
    {
        "train-images-idx3-ubyte": (
            "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"
        ),
        "train-labels-idx1-ubyte": (
            "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"
        ),
        "t10k-images-idx3-ubyte": (
            "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"
        ),
        "t10k-labels-idx1-ubyte": (
            "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"
        ),
    },
)


class TrainTest(NamedTuple):
    """A training set and a test set.

    Attributes
    ----------
    X_train, X_test : ndarray
        Images. Shape (60000, 1, 28, 28) and (10000, 1, 28, 28).
    labels_train, labels_test : ndarray
        Class numbers 0 to 9. Shape (60000,) and (10000,), int64.
    """

    X_train: npt.NDArray[Any]
    labels_train: npt.NDArray[np.int64]
    X_test: npt.NDArray[Any]
    labels_test: npt.NDArray[np.int64]


def mnist(
    part: str | None = None, *, dtype: npt.DTypeLike = np.float32
) -> TrainTest | LabeledImages:
    """Load MNIST: 60,000 handwritten digits to learn from, 10,000 to test with.

    The files come from the folder that the environment variable ``CNNLAB_DATA`` names (or its
    folder ``mnist``), compressed with gzip or not. Without the variable they are downloaded once,
    11 MB, and kept in the cache of the user.

    Parameters
    ----------
    part : {"train", "test"}, optional
        One part alone; both when left out.
    dtype : dtype
        float32 or float64 for values from 0 (paper) to 1 (ink); uint8 for the bytes of the file, 0
        to 255.

    Returns
    -------
    digits : TrainTest or LabeledImages
        ``X_train, labels_train, X_test, labels_test``, or ``X, labels`` of one part. Images have
        shape (S, 1, 28, 28).

    Raises
    ------
    DataError
        If a file is not what it should be, or cannot be had; it says what was tried. It is a
        ValueError.
    ImportError
        If a file must be downloaded and pooch is not installed.
    TypeError, ValueError
        If `dtype` or `part` is none of those.

    Notes
    -----
    Source: Yann LeCun, Corinna Cortes and Christopher Burges, passed on under CC BY-SA 3.0.
    """
    return _load(MNIST, "mnist", part, dtype)


def fashion_mnist(
    part: str | None = None, *, dtype: npt.DTypeLike = np.float32
) -> TrainTest | LabeledImages:
    """Load Fashion-MNIST: pieces of clothing, in the numbers, sizes and files of `mnist`.

    The local folder is ``fashion-mnist`` in the one that ``CNNLAB_DATA`` names, or that one itself.
    31 MB are downloaded. Of files that are not compressed only shapes are checked, and that they
    are not those of MNIST.

    Parameters
    ----------
    part : {"train", "test"}, optional
        One part alone; both when left out.
    dtype : dtype
        As for `mnist`.

    Returns
    -------
    clothes : TrainTest or LabeledImages
        As from `mnist`. The classes: 0 T-shirt or top, 1 trousers, 2 pullover, 3 dress, 4 coat,
        5 sandal, 6 shirt, 7 sneaker, 8 bag, 9 ankle boot.

    Raises
    ------
    DataError, ImportError, TypeError, ValueError
        As `mnist`.

    Notes
    -----
    Source: Han Xiao, Kashif Rasul and Roland Vollgraf, Zalando Research, MIT license.
    """
    return _load(FASHION, "fashion_mnist", part, dtype)


def _load(
    collection: Collection, function: str, part: str | None, dtype: npt.DTypeLike
) -> TrainTest | LabeledImages:
    if part is not None and (not isinstance(part, str) or part not in PARTS):
        raise ValueError(
            f'{function}: part={part!r} came; pass "train" or "test", or leave it out.'
        )
    kind = _as_kind(dtype, function)
    if part is not None:
        return _part(collection, function, part, kind)
    train, test = (_part(collection, function, each, kind) for each in PARTS)
    return TrainTest(*train, *test)


def _as_kind(dtype: npt.DTypeLike, function: str) -> np.dtype[Any]:
    """Return the dtype of bytes, or one of floating-point numbers."""
    with suppress(TypeError):
        if np.dtype(dtype) == np.uint8:
            return np.dtype(np.uint8)
    return shapes.as_float_dtype(dtype, function)


def _part(collection: Collection, function: str, part: str, kind: np.dtype[Any]) -> LabeledImages:
    read = _from_folder if os.environ.get(FOLDER) else _from_cache
    arrays = [read(collection, function, name) for name in PARTS[part]]
    X, labels = as_labeled_images(*arrays, names=PARTS[part])
    if kind != np.uint8:
        X = X.astype(kind)
        X /= kind.type(255)
    return LabeledImages(X, labels)


# --- A local folder -------------------------------------------------------------------------------


def _from_folder(collection: Collection, function: str, name: str) -> npt.NDArray[Any]:
    """Read a file of the local folder, and check it."""
    folder = Path(os.environ[FOLDER]).expanduser()
    path = _path_in(folder, collection, name)
    if path is None:
        raise MissingDataError(
            f"{function}: {FOLDER} names the folder {folder}, but neither {name} nor "
            f"{name}.gz is there; copy the file into it, or unset {FOLDER} to download it."
        )
    array, wrong = _examine(collection, name, path)
    if array is None:
        raise DataError(
            f"{function}: {path} is not the {name} of {collection.title} ({wrong}); replace "
            f"it, or read it with cnnlab.data.read_idx, which takes any such file."
        )
    return array


def _path_in(folder: Path, collection: Collection, name: str) -> Path | None:
    """Return the path of a file in a local folder; None if it is not there."""
    places = [
        place / f"{spelling}{ending}"
        for place in (folder / collection.name, folder)
        for spelling in (name, name.replace("-idx", ".idx"))
        for ending in (".gz", "")
    ]
    return next((place for place in places if place.is_file()), None)


def _examine(collection: Collection, name: str, path: Path) -> tuple[npt.NDArray[Any] | None, str]:
    """Read the file of that name; return its array, or none and what is wrong with it."""
    try:
        array = read_idx(path)
    except DataError as error:
        return None, str(error).removeprefix("read_idx: ").rstrip(".")
    wrong = _what_is_wrong(collection, name, path, array)
    return None if wrong else array, wrong


def _what_is_wrong(collection: Collection, name: str, path: Path, array: npt.NDArray[Any]) -> str:
    """Say why this is not the file of that name; nothing if it is."""
    content = path.read_bytes() if name in collection.packed else b""
    if content[:2] == GZIP:
        came, wanted = hashlib.sha256(content).hexdigest(), collection.packed[name]
    elif name in collection.digests:
        came, wanted = _digest_of(array), collection.digests[name]
    elif path.suffix == ".gz" or path.name.startswith(UNFINISHED):
        return "it is not compressed, and only the compressed file can be checked"
    else:
        return _what_is_odd(array, name)
    return "" if came == wanted else f"its SHA-256 is {came[:12]}..., not {wanted[:12]}..."


def _what_is_odd(array: npt.NDArray[Any], name: str) -> str:
    """Say what is odd about an array of which no digest is known: shape, or that it is MNIST's."""
    count = 60_000 if name.startswith("train") else 10_000
    needed = (count, 28, 28) if "images" in name else (count,)
    if (array.shape, array.dtype) != (needed, np.uint8):
        return f"it holds an array of shape {array.shape} and dtype {array.dtype}"
    return "it is that of MNIST" if _digest_of(array) == MNIST.digests[name] else ""


def _digest_of(array: npt.NDArray[Any]) -> str:
    """Return the SHA-256 of the uncompressed file of an array of bytes."""
    head = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    digest = hashlib.sha256(head)
    digest.update(array.data)
    return digest.hexdigest()


# --- The cache, and what fills it -----------------------------------------------------------------


def _from_cache(collection: Collection, function: str, name: str) -> npt.NDArray[Any]:
    """Read a file of the cache and check it, or download it: once, where it can be kept."""
    cache = _cache() / collection.name
    path = cache / f"{name}.gz"
    array, _ = _examine(collection, name, path) if path.is_file() else (None, "")
    if array is not None:
        return array
    if _is_writable(cache):
        return _download(collection, function, name, cache)
    with tempfile.TemporaryDirectory(prefix="cnnlab-") as folder:
        return _download(collection, function, name, Path(folder))


def _cache() -> Path:
    """Return the folder of this package in the cache of the user."""
    pooch = import_package("pooch", package="pooch", function="cnnlab.data")
    return Path(pooch.os_cache("cnnlab"))


def _is_writable(folder: Path) -> bool:
    """Tell whether files can be written there, by writing one; forget what others left behind."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError:
        return False
    forget_unfinished(folder, UNFINISHED)
    return True


def _download(collection: Collection, function: str, name: str, folder: Path) -> npt.NDArray[Any]:
    """Ask all mirrors in turn; keep the right file in the folder, and return its array."""
    pooch: Any = importlib.import_module("pooch")
    fetch = pooch.HTTPDownloader(
        progressbar=sys.stderr is not None and sys.stderr.isatty(), timeout=TIMEOUT
    )
    handle, unfinished = tempfile.mkstemp(dir=folder, prefix=UNFINISHED)
    os.close(handle)
    path, failed = Path(unfinished), {}
    try:
        for mirror in collection.mirrors * ROUNDS:
            try:
                with path.open("wb") as file:
                    fetch(f"{mirror}{name}.gz", _Limited(file), None)
                    file.flush()
                    os.fsync(file.fileno())
            except (OSError, ValueError) as error:  # those of requests are OSErrors, too
                failed[mirror] = _in_short(error)
                continue
            array, failed[mirror] = _examine(collection, name, path)
            if array is not None:
                _give_its_name(path, folder / f"{name}.gz")
                return array
    finally:
        path.unlink(missing_ok=True)
    reasons = "\n".join(f"    {mirror}: {reason}" for mirror, reason in failed.items())
    raise DataError(
        f"{function}: {name}.gz could not be downloaded\n{reasons}\n"
        f"Try again later, or put the files of {collection.title} into a folder and name it in "
        f"the environment variable {FOLDER}; cnnlab.data.mnist_subset() needs no network."
    )


def place_of(collection: Collection, part: str) -> Path | None:
    """Return the folder in which the files of a part are, unread; None if they are nowhere."""
    try:
        local = os.environ.get(FOLDER)
        folder = Path(local).expanduser() if local else _cache()
        paths = [_path_in(folder, collection, name) for name in PARTS[part]]
    except (ImportError, OSError, RuntimeError):  # no pooch, no rights, no home
        return None
    return paths[0].parent if paths[0] and all(paths) else None


def _give_its_name(path: Path, place: Path) -> None:
    """Rename a file; Windows refuses where another process has the right one open already."""
    try:
        path.replace(place)
    except PermissionError:
        if not place.is_file():
            raise


class _Limited:
    """A file that takes so much, and no more."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.left = file, LARGEST

    def write(self, content: bytes) -> None:
        """Write, unless it becomes too much."""
        self.left -= len(content)
        if self.left < 0:
            raise ValueError(f"more than {LARGEST:,} bytes came")
        self.file.write(content)

    def flush(self) -> None:
        """Leave it to the end: pieces are small."""


def _in_short(error: Exception) -> str:
    """Say in a line why a download failed."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status is not None:
        return f"the server answered {status}"
    for kind, words in {
        "Timeout": f"no answer within {TIMEOUT} s",
        "ChunkedEncodingError": "the connection broke",
        "ConnectionError": "no connection",
    }.items():
        if any(kind in each.__name__ for each in type(error).__mro__):
            return words
    return getattr(error, "strerror", None) or " ".join(str(error).split())
