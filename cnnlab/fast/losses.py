"""Losses, compiled."""

import numpy as np

from cnnlab import shapes
from cnnlab.fast.activations import log_softmax_rows
from cnnlab.fast.jit import contiguous, kernel_in_order
from cnnlab.results import Loss


def squared_error(Y, T):
    """As `cnnlab.reference.squared_error`, compiled; complex numbers are refused."""
    Y, T, single = shapes.check_squared_error(Y, T)
    dY = np.empty(Y.shape, Y.dtype)
    batch = max(len(Y), 1)  # the mean of an empty batch is taken to be 0
    L = _squared_error(contiguous(Y).reshape(-1), contiguous(T).reshape(-1), batch, dY.reshape(-1))
    return Loss(float(L), dY[0] if single else dY)


@kernel_in_order
def _squared_error(Y, T, batch, dY):
    total = 0.0
    for index in range(len(Y)):
        error = Y[index] - T[index]
        total += 0.5 * np.float64(error) ** 2
        dY[index] = error / batch
    return total / batch


def cross_entropy(Z, labels):
    """As `cnnlab.reference.cross_entropy`, compiled; complex numbers are refused."""
    Z, labels, single = shapes.check_cross_entropy(Z, labels)
    dZ = np.empty(Z.shape, Z.dtype)
    L = _cross_entropy(contiguous(Z), contiguous(labels), dZ)
    return Loss(float(L), dZ[0] if single else dZ)


@kernel_in_order
def _cross_entropy(Z, labels, dZ):
    B, classes = Z.shape
    log_softmax_rows(Z, dZ)
    total = 0.0
    for s in range(B):
        total -= np.float64(dZ[s, labels[s]])
        for o in range(classes):
            dZ[s, o] = (np.exp(dZ[s, o]) - (o == labels[s])) / B
    return total / max(B, 1)
