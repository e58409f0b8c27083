"""Activations and softmax, compiled.

An item of a kernel is an entry or, for the softmax, a block of rows; whoever does it owns the same
entry or rows of the result. The numbers in the calls of `share` are nanoseconds for a byte.
"""

from __future__ import annotations

import numpy as np

from cnnlab import shapes
from cnnlab.fast.elementary import decay, decay_minus_one, largest
from cnnlab.fast.jit import contiguous, kernel, kernel_in_order
from cnnlab.fast.threads import share
from cnnlab.typing import Array, ArrayLike, Number

__all__ = [
    "sigmoid",
    "sigmoid_dZ",
    "tanh",
    "tanh_dZ",
    "relu",
    "relu_dZ",
    "leaky_relu",
    "leaky_relu_dZ",
    "softmax",
    "log_softmax",
]

CACHED = 4096  # entries that stay in the first cache while a kernel goes over them several times


def sigmoid(Z: ArrayLike) -> Array:
    """As `cnnlab.reference.sigmoid`, compiled; complex numbers are refused."""
    Z = shapes.as_array(Z, "sigmoid", "Z")
    Y = np.empty(Z.shape, Z.dtype)
    share(_sigmoid, Y.size, 0.06 * Y.nbytes, contiguous(Z).reshape(-1), Y.reshape(-1))
    return Y


@kernel_in_order
def _sigmoid(first, last, Z, Y):
    Z, Y = Z[first:last], Y[first:last]
    one = Z.dtype.type(1)
    for index in range(len(Z)):
        # exp(-|Z|) never overflows; it is exp(Z) below zero and exp(-Z) above.
        small = decay(-abs(Z[index]))
        Y[index] = (small if Z[index] < 0 else one) / (one + small)


def sigmoid_dZ(dY: ArrayLike, Y: ArrayLike) -> Array:
    """As `cnnlab.reference.sigmoid_dZ`, compiled; complex numbers are refused."""
    dY, Y = shapes.check_same_shape("sigmoid_dZ", dY=dY, Y=Y)
    return _slopes(_sigmoid_dZ, dY, Y)


def _slopes(run, dY, Y, *numbers):
    dZ = np.empty(Y.shape, Y.dtype)
    arrays = contiguous(dY).reshape(-1), contiguous(Y).reshape(-1), dZ.reshape(-1)
    share(run, Y.size, 0.04 * Y.nbytes, *numbers, *arrays)
    return dZ


@kernel_in_order
def _sigmoid_dZ(first, last, dY, Y, dZ):
    dY, Y, dZ = dY[first:last], Y[first:last], dZ[first:last]
    one = Y.dtype.type(1)
    for index in range(len(Y)):
        dZ[index] = dY[index] * Y[index] * (one - Y[index])


def tanh(Z: ArrayLike) -> Array:
    """As `cnnlab.reference.tanh`, compiled; complex numbers are refused."""
    Z = shapes.as_array(Z, "tanh", "Z")
    Y = np.empty(Z.shape, Z.dtype)
    share(_tanh, Y.size, 0.06 * Y.nbytes, contiguous(Z).reshape(-1), Y.reshape(-1))
    return Y


@kernel_in_order
def _tanh(first, last, Z, Y):
    Z, Y = Z[first:last], Y[first:last]
    two, most = Z.dtype.type(2), Z.dtype.type(20)
    for index in range(len(Z)):
        size = abs(Z[index])
        size = most if size > most else size  # NaN stays; beyond, tanh is 1 to the last digit
        # With q = exp(-2|Z|) - 1, which has all its digits near 0 too: tanh |Z| = -q / (2 + q).
        q = decay_minus_one(-two * size)
        Y[index] = np.copysign(q / (two + q), Z[index])


def tanh_dZ(dY: ArrayLike, Y: ArrayLike) -> Array:
    """As `cnnlab.reference.tanh_dZ`, compiled; complex numbers are refused."""
    dY, Y = shapes.check_same_shape("tanh_dZ", dY=dY, Y=Y)
    return _slopes(_tanh_dZ, dY, Y)


@kernel_in_order
def _tanh_dZ(first, last, dY, Y, dZ):
    dY, Y, dZ = dY[first:last], Y[first:last], dZ[first:last]
    one = Y.dtype.type(1)
    for index in range(len(Y)):
        dZ[index] = dY[index] * ((one - Y[index]) * (one + Y[index]))


def relu(Z: ArrayLike) -> Array:
    """As `cnnlab.reference.relu`, compiled; complex numbers are refused."""
    Z = shapes.as_array(Z, "relu", "Z")
    Y = np.empty(Z.shape, Z.dtype)
    share(_relu, Y.size, 0.025 * Y.nbytes, contiguous(Z).reshape(-1), Y.reshape(-1))
    return Y


@kernel_in_order
def _relu(first, last, Z, Y):
    Z, Y = Z[first:last], Y[first:last]
    zero = Z.dtype.type(0)
    for index in range(len(Z)):
        # Not "if Z > 0": that is false for NaN, which would vanish.
        Y[index] = zero if Z[index] <= zero else Z[index]


def relu_dZ(dY: ArrayLike, Y: ArrayLike) -> Array:
    """As `cnnlab.reference.relu_dZ`, compiled; complex numbers are refused."""
    dY, Y = shapes.check_same_shape("relu_dZ", dY=dY, Y=Y)
    return _slopes(_relu_dZ, dY, Y)


@kernel_in_order
def _relu_dZ(first, last, dY, Y, dZ):
    dY, Y, dZ = dY[first:last], Y[first:last], dZ[first:last]
    zero = Y.dtype.type(0)
    for index in range(len(Y)):
        dZ[index] = zero if Y[index] <= zero else dY[index]


def leaky_relu(Z: ArrayLike, *, slope: Number = 0.01) -> Array:
    """As `cnnlab.reference.leaky_relu`, compiled; complex numbers are refused."""
    Z = shapes.as_array(Z, "leaky_relu", "Z")
    slope = Z.dtype.type(shapes.check_slope("leaky_relu", slope))
    Y = np.empty(Z.shape, Z.dtype)
    share(_leaky_relu, Y.size, 0.04 * Y.nbytes, slope, contiguous(Z).reshape(-1), Y.reshape(-1))
    return Y


@kernel_in_order
def _leaky_relu(first, last, slope, Z, Y):
    Z, Y = Z[first:last], Y[first:last]
    zero = Z.dtype.type(0)
    for index in range(len(Z)):
        Y[index] = Z[index] if Z[index] > zero else slope * Z[index]


def leaky_relu_dZ(dY: ArrayLike, Y: ArrayLike, *, slope: Number = 0.01) -> Array:
    """As `cnnlab.reference.leaky_relu_dZ`, compiled; complex numbers are refused."""
    dY, Y = shapes.check_same_shape("leaky_relu_dZ", dY=dY, Y=Y)
    return _slopes(_leaky_relu_dZ, dY, Y, Y.dtype.type(shapes.check_slope("leaky_relu_dZ", slope)))


@kernel_in_order
def _leaky_relu_dZ(first, last, slope, dY, Y, dZ):
    dY, Y, dZ = dY[first:last], Y[first:last], dZ[first:last]
    zero = Y.dtype.type(0)
    for index in range(len(Y)):
        dZ[index] = dY[index] if Y[index] > zero else slope * dY[index]


def softmax(Z: ArrayLike) -> Array:
    """As `cnnlab.reference.softmax`, compiled; complex numbers are refused."""
    return _of_rows(_softmax, shapes.check_softmax("softmax", Z))


def _of_rows(run, Z):
    Y = np.empty(Z.shape, Z.dtype)
    share_rows(run, contiguous(Z), Y.reshape(-1))
    return Y


def share_rows(run, Z, *arrays):
    """Call `run(first, last, many, classes, Z, *arrays)` on all blocks of `many` rows of Z."""
    classes = Z.shape[-1]
    many = max(CACHED // classes, 1)
    blocks = -(-Z.size // (many * classes))
    share(run, blocks, 0.1 * Z.nbytes, many, classes, Z.reshape(-1), *arrays)


@kernel_in_order
def _softmax(first, last, many, classes, Z, Y):
    for block in range(first, last):
        begin, end = block * many * classes, (block + 1) * many * classes
        z, y = Z[begin:end], Y[begin:end]
        exponentials(z, y, classes)
        for row in range(0, len(y), classes):
            of_row = y[row : row + classes]
            part = 1 / sum_of(of_row)
            for o in range(classes):
                of_row[o] = of_row[o] * part


def log_softmax(Z: ArrayLike) -> Array:
    """As `cnnlab.reference.log_softmax`, compiled; complex numbers are refused."""
    return _of_rows(_log_softmax, shapes.check_softmax("log_softmax", Z))


@kernel_in_order
def _log_softmax(first, last, many, classes, Z, Y):
    for block in range(first, last):
        begin, end = block * many * classes, (block + 1) * many * classes
        z, y = Z[begin:end], Y[begin:end]
        tops = exponentials(z, y, classes)
        for s in range(len(tops)):
            scores, of_row = z[s * classes : (s + 1) * classes], y[s * classes : (s + 1) * classes]
            top, log_total = tops[s], Z.dtype.type(np.log(sum_of(of_row)))
            for o in range(classes):
                of_row[o] = scores[o] - top - log_total


@kernel_in_order
def exponentials(z, y, classes):
    """Write exp(z - the largest of its row) into y; return the largest of every row."""
    tops = np.empty(len(z) // classes, z.dtype)
    for s in range(len(tops)):
        scores, below = z[s * classes : (s + 1) * classes], y[s * classes : (s + 1) * classes]
        tops[s] = top = largest(z, s * classes, (s + 1) * classes)
        for o in range(classes):
            below[o] = scores[o] - top
    for index in range(len(y)):  # a row may be short: one long loop for all of them
        y[index] = decay(y[index])
    return tops


@kernel
def sum_of(y):
    """Return the sum of a row, in float64 and in an order that fills vectors."""
    total = 0.0
    for o in range(len(y)):
        total += np.float64(y[o])
    return total
