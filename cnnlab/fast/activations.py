"""Activations and softmax, compiled."""

import numpy as np

from cnnlab import shapes
from cnnlab.fast.jit import contiguous, kernel


def sigmoid(Z):
    """As `cnnlab.reference.sigmoid`, compiled; complex numbers are refused."""
    Z = shapes.as_array(Z, "sigmoid", "Z")
    Y = np.empty(Z.shape, Z.dtype)
    _sigmoid(contiguous(Z).reshape(-1), Y.reshape(-1))
    return Y


@kernel
def _sigmoid(Z, Y):
    one = Z.dtype.type(1)
    for index in range(len(Z)):
        # exp(-|Z|) never overflows; it is exp(Z) below zero and exp(-Z) above.
        decay = np.exp(-abs(Z[index]))
        Y[index] = (decay if Z[index] < 0 else one) / (one + decay)


def sigmoid_dZ(dY, Y):
    """As `cnnlab.reference.sigmoid_dZ`, compiled; complex numbers are refused."""
    dY, Y = shapes.check_same_shape("sigmoid_dZ", dY=dY, Y=Y)
    dZ = np.empty(Y.shape, Y.dtype)
    _sigmoid_dZ(contiguous(dY).reshape(-1), contiguous(Y).reshape(-1), dZ.reshape(-1))
    return dZ


@kernel
def _sigmoid_dZ(dY, Y, dZ):
    one = Y.dtype.type(1)
    for index in range(len(Y)):
        dZ[index] = dY[index] * Y[index] * (one - Y[index])


def softmax(Z):
    """As `cnnlab.reference.softmax`, compiled; complex numbers are refused."""
    Z = shapes.check_softmax("softmax", Z)
    Y = np.empty(Z.shape, Z.dtype)
    _softmax(contiguous(Z).reshape(-1, Z.shape[-1]), Y.reshape(-1, Z.shape[-1]))
    return Y


@kernel
def _softmax(Z, Y):
    B, classes = Z.shape
    for s in range(B):
        largest = Z[s].max()
        total = Z.dtype.type(0)
        for o in range(classes):
            Y[s, o] = np.exp(Z[s, o] - largest)
            total += Y[s, o]
        for o in range(classes):
            Y[s, o] /= total


def log_softmax(Z):
    """As `cnnlab.reference.log_softmax`, compiled; complex numbers are refused."""
    Z = shapes.check_softmax("log_softmax", Z)
    Y = np.empty(Z.shape, Z.dtype)
    log_softmax_rows(contiguous(Z).reshape(-1, Z.shape[-1]), Y.reshape(-1, Z.shape[-1]))
    return Y


@kernel
def log_softmax_rows(Z, Y):
    """Write the logarithms of the softmax of each row of Z into Y."""
    B, classes = Z.shape
    for s in range(B):
        largest = Z[s].max()
        total = Z.dtype.type(0)
        for o in range(classes):
            total += np.exp(Z[s, o] - largest)
        for o in range(classes):
            Y[s, o] = Z[s, o] - largest - np.log(total)
