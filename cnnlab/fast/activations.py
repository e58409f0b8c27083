"""Activations and softmax, compiled."""

import numpy as np

from cnnlab import shapes
from cnnlab.fast.jit import contiguous, kernel_in_order


def sigmoid(Z):
    """As `cnnlab.reference.sigmoid`, compiled; complex numbers are refused."""
    Z = shapes.as_array(Z, "sigmoid", "Z")
    Y = np.empty(Z.shape, Z.dtype)
    _sigmoid(contiguous(Z).reshape(-1), Y.reshape(-1))
    return Y


@kernel_in_order
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


@kernel_in_order
def _sigmoid_dZ(dY, Y, dZ):
    one = Y.dtype.type(1)
    for index in range(len(Y)):
        dZ[index] = dY[index] * Y[index] * (one - Y[index])


def tanh(Z):
    """As `cnnlab.reference.tanh`, compiled; complex numbers are refused."""
    Z = shapes.as_array(Z, "tanh", "Z")
    Y = np.empty(Z.shape, Z.dtype)
    _tanh(contiguous(Z).reshape(-1), Y.reshape(-1))
    return Y


@kernel_in_order
def _tanh(Z, Y):
    for index in range(len(Z)):
        Y[index] = np.tanh(Z[index])


def tanh_dZ(dY, Y):
    """As `cnnlab.reference.tanh_dZ`, compiled; complex numbers are refused."""
    dY, Y = shapes.check_same_shape("tanh_dZ", dY=dY, Y=Y)
    dZ = np.empty(Y.shape, Y.dtype)
    _tanh_dZ(contiguous(dY).reshape(-1), contiguous(Y).reshape(-1), dZ.reshape(-1))
    return dZ


@kernel_in_order
def _tanh_dZ(dY, Y, dZ):
    one = Y.dtype.type(1)
    for index in range(len(Y)):
        dZ[index] = dY[index] * ((one - Y[index]) * (one + Y[index]))


def relu(Z):
    """As `cnnlab.reference.relu`, compiled; complex numbers are refused."""
    Z = shapes.as_array(Z, "relu", "Z")
    Y = np.empty(Z.shape, Z.dtype)
    _relu(contiguous(Z).reshape(-1), Y.reshape(-1))
    return Y


@kernel_in_order
def _relu(Z, Y):
    zero = Z.dtype.type(0)
    for index in range(len(Z)):
        # Not "if Z > 0": that is false for NaN, which would vanish.
        Y[index] = zero if Z[index] <= zero else Z[index]


def relu_dZ(dY, Y):
    """As `cnnlab.reference.relu_dZ`, compiled; complex numbers are refused."""
    dY, Y = shapes.check_same_shape("relu_dZ", dY=dY, Y=Y)
    dZ = np.empty(Y.shape, Y.dtype)
    _relu_dZ(contiguous(dY).reshape(-1), contiguous(Y).reshape(-1), dZ.reshape(-1))
    return dZ


@kernel_in_order
def _relu_dZ(dY, Y, dZ):
    zero = Y.dtype.type(0)
    for index in range(len(Y)):
        dZ[index] = zero if Y[index] <= zero else dY[index]


def softmax(Z):
    """As `cnnlab.reference.softmax`, compiled; complex numbers are refused."""
    Z = shapes.check_softmax("softmax", Z)
    Y = np.empty(Z.shape, Z.dtype)
    _softmax(contiguous(Z).reshape(-1, Z.shape[-1]), Y.reshape(-1, Z.shape[-1]))
    return Y


@kernel_in_order
def _softmax(Z, Y):
    B, classes = Z.shape
    for s in range(B):
        largest = Z[s].max()
        total = np.float64(0)
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


@kernel_in_order
def log_softmax_rows(Z, Y):
    """Write the logarithms of the softmax of each row of Z into Y."""
    B, classes = Z.shape
    for s in range(B):
        largest = Z[s].max()
        total = np.float64(0)
        for o in range(classes):
            total += np.exp(Z[s, o] - largest)
        for o in range(classes):
            Y[s, o] = Z[s, o] - largest - np.log(total)
