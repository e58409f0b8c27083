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

from cnnlab.layers.activations import *
from cnnlab.layers.activations import __all__ as of_activations
from cnnlab.layers.base import *
from cnnlab.layers.base import __all__ as of_base
from cnnlab.layers.combine import *
from cnnlab.layers.combine import __all__ as of_combine
from cnnlab.layers.conv import *
from cnnlab.layers.conv import __all__ as of_conv
from cnnlab.layers.dense import *
from cnnlab.layers.dense import __all__ as of_dense
from cnnlab.layers.normalization import *
from cnnlab.layers.normalization import __all__ as of_normalization
from cnnlab.layers.pool import *
from cnnlab.layers.pool import __all__ as of_pool
from cnnlab.layers.regularization import *
from cnnlab.layers.regularization import __all__ as of_regularization

__all__ = [
    *of_base,
    *of_conv,
    *of_pool,
    *of_dense,
    *of_activations,
    *of_normalization,
    *of_regularization,
    *of_combine,
]
