"""Layers: an operation with its parameters and what it must remember for the way back.

A layer calls the operations of one backend, ``ops=cnnlab.fast`` (the default) or
``ops=cnnlab.reference``; nothing else changes. `Sequential` builds its layers; a layer used alone
is built by hand::

    layer = Conv2D(4, 3)
    layer.build((1, 8, 8), np.random.default_rng(0))
    Z = layer.forward(X)
    dX = layer.backward(dZ)     # and layer.gradients["w"], layer.gradients["b"]

`Dropout` and `BatchNorm2D` compute one thing while a network is trained and another when it is
used: ``layer.forward(X, training=False)``.
"""

from cnnlab.layers.activations import LeakyReLU, ReLU, Sigmoid, Tanh
from cnnlab.layers.base import Layer
from cnnlab.layers.conv import Conv2D, ConvTranspose2D
from cnnlab.layers.dense import Dense, Flatten
from cnnlab.layers.normalization import BatchNorm2D
from cnnlab.layers.pool import AvgPool2D, MaxPool2D
from cnnlab.layers.regularization import Dropout

__all__ = [
    "AvgPool2D",
    "BatchNorm2D",
    "Conv2D",
    "ConvTranspose2D",
    "Dense",
    "Dropout",
    "Flatten",
    "Layer",
    "LeakyReLU",
    "MaxPool2D",
    "ReLU",
    "Sigmoid",
    "Tanh",
]
