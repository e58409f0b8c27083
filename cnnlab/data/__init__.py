"""Data sets and pictures as arrays, from packages, files and the network.

`mnist_subset` and `photo` need no network: they read files that other packages ship
(``pip install "cnnlab[data]"``). `read_idx` reads the format in which MNIST and its kin are kept.
"""

from cnnlab.data.errors import DataError, MissingDataError
from cnnlab.data.idx import LabeledImages, read_idx, read_labeled_images
from cnnlab.data.sets import MnistSubset, mnist_subset, photo

__all__ = [
    "DataError",
    "LabeledImages",
    "MissingDataError",
    "MnistSubset",
    "mnist_subset",
    "photo",
    "read_idx",
    "read_labeled_images",
]
