"""The specification: every operation as one loop per index of its equation.

Slow on purpose, and the same names and signatures as `cnnlab.fast`. Complex numbers are accepted
here, and only here, so that `cnnlab.gradcheck` can take complex steps.
"""

from cnnlab.reference.activations import (
    log_softmax,
    relu,
    relu_dZ,
    sigmoid,
    sigmoid_dZ,
    softmax,
    tanh,
    tanh_dZ,
)
from cnnlab.reference.conv import conv2d, conv2d_db, conv2d_dw, conv2d_dX, conv_transpose2d
from cnnlab.reference.dense import dense, dense_db, dense_dw, dense_dX
from cnnlab.reference.losses import cross_entropy, squared_error
from cnnlab.reference.pool import avg_pool2d, avg_pool2d_dX, max_pool2d, max_pool2d_dX

__all__ = [
    "avg_pool2d",
    "avg_pool2d_dX",
    "conv2d",
    "conv2d_dX",
    "conv2d_db",
    "conv2d_dw",
    "conv_transpose2d",
    "cross_entropy",
    "dense",
    "dense_dX",
    "dense_db",
    "dense_dw",
    "log_softmax",
    "max_pool2d",
    "max_pool2d_dX",
    "relu",
    "relu_dZ",
    "sigmoid",
    "sigmoid_dZ",
    "softmax",
    "squared_error",
    "tanh",
    "tanh_dZ",
]
