"""Data sets and pictures as arrays, from packages, files and the network.

`mnist_subset` and `photo` need no network: they read files that other packages ship
(``pip install "cnnlab[data]"``). `mnist` and `fashion_mnist` download their files once, or read
them from a local folder. `read_idx` reads any file in their format, `image` a picture, and `digit`
makes a picture of a digit into what a network knows that learned from MNIST.
"""

from cnnlab.data.downloads import TrainTest, fashion_mnist, mnist
from cnnlab.data.drawings import Digit, digit
from cnnlab.data.errors import DataError, MissingDataError
from cnnlab.data.idx import LabeledImages, read_idx, read_labeled_images
from cnnlab.data.pictures import image
from cnnlab.data.sets import MnistSubset, mnist_subset, photo

__all__ = [
    "DataError",
    "Digit",
    "LabeledImages",
    "MissingDataError",
    "MnistSubset",
    "TrainTest",
    "digit",
    "fashion_mnist",
    "image",
    "mnist",
    "mnist_subset",
    "photo",
    "read_idx",
    "read_labeled_images",
]
