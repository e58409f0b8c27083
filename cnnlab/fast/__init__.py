"""The compiled twin: the names, signatures, results and errors of `cnnlab.reference`, with Numba.

Results are the same bits for every thread count: a thread owns whole outputs, so no sum depends
on how the work was divided.
"""

from cnnlab.fast.activations import log_softmax, sigmoid, sigmoid_dZ, softmax
from cnnlab.fast.conv import conv2d, conv2d_db, conv2d_dw, conv2d_dX
from cnnlab.fast.dense import dense, dense_db, dense_dw, dense_dX
from cnnlab.fast.losses import cross_entropy, squared_error

__all__ = [
    "conv2d",
    "conv2d_dX",
    "conv2d_db",
    "conv2d_dw",
    "cross_entropy",
    "dense",
    "dense_dX",
    "dense_db",
    "dense_dw",
    "log_softmax",
    "sigmoid",
    "sigmoid_dZ",
    "softmax",
    "squared_error",
]
