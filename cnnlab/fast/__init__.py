"""The compiled twin: the names, signatures, results and errors of `cnnlab.reference`, with Numba.

Results are the same bits for every thread count: a thread owns whole outputs, so no sum depends
on how the work was divided.
"""

from cnnlab.fast.activations import (
    log_softmax,
    relu,
    relu_dZ,
    sigmoid,
    sigmoid_dZ,
    softmax,
    tanh,
    tanh_dZ,
)
from cnnlab.fast.conv import conv2d, conv2d_db, conv2d_dw, conv2d_dX, conv_transpose2d
from cnnlab.fast.dense import dense, dense_db, dense_dw, dense_dX
from cnnlab.fast.losses import cross_entropy, squared_error
from cnnlab.fast.pool import avg_pool2d, avg_pool2d_dX, max_pool2d, max_pool2d_dX

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
