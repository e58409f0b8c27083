"""Losses, compiled."""

from __future__ import annotations

import numpy as np

from cnnlab import shapes
from cnnlab.fast.activations import CACHED, exponentials, share_rows, sum_of
from cnnlab.fast.jit import contiguous, kernel, kernel_in_order
from cnnlab.fast.threads import share
from cnnlab.results import Loss
from cnnlab.typing import ArrayLike

__all__ = [
    "squared_error",
    "cross_entropy",
]


def squared_error(Y: ArrayLike, T: ArrayLike) -> Loss:
    """As `cnnlab.reference.squared_error`, compiled; complex numbers are refused."""
    Y, T, single = shapes.check_squared_error(Y, T)
    dY = np.empty(Y.shape, Y.dtype)
    batch = max(len(Y), 1)  # the mean of an empty batch is taken to be 0
    # Each block has a sum of its own: the same sums, however many threads there are.
    L = np.empty(-(-Y.size // CACHED))
    arrays = contiguous(Y).reshape(-1), contiguous(T).reshape(-1), dY.reshape(-1)
    share(_squared_error, len(L), 0.04 * Y.nbytes, *arrays, float(batch), L)
    return Loss(float(L.sum()) / batch, dY[0] if single else dY)


@kernel
def _squared_error(first, last, Y, T, dY, batch, L):
    divisor = Y.dtype.type(batch)
    for block in range(first, last):
        part = slice(block * CACHED, (block + 1) * CACHED)
        y, t, dy = Y[part], T[part], dY[part]
        total = 0.0
        # Two loops: one that adds up and writes is made vectors of only where the arrays are far
        # apart in memory, so that the order of the sum would depend on where they are.
        for index in range(len(y)):
            error = y[index] - t[index]
            total += np.float64(error) * np.float64(error)
        for index in range(len(y)):
            dy[index] = (y[index] - t[index]) / divisor
        L[block] = total / 2


def cross_entropy(Z: ArrayLike, labels: ArrayLike) -> Loss:
    """As `cnnlab.reference.cross_entropy`, compiled; complex numbers are refused."""
    Z, labels, single = shapes.check_cross_entropy(Z, labels)
    dZ = np.empty(Z.shape, Z.dtype)
    batch = max(len(Z), 1)  # the mean of an empty batch is taken to be 0
    L = np.empty(len(Z))
    share_rows(_cross_entropy, contiguous(Z), contiguous(labels), float(batch), dZ.reshape(-1), L)
    return Loss(float(L.sum()) / batch, dZ[0] if single else dZ)


@kernel_in_order
def _cross_entropy(first, last, many, classes, Z, labels, batch, dZ, L):
    for block in range(first, last):
        begin, end = block * many * classes, (block + 1) * many * classes
        z, dz = Z[begin:end], dZ[begin:end]
        tops = exponentials(z, dz, classes)
        for row in range(len(tops)):
            s = block * many + row
            of_row, label = dz[row * classes : (row + 1) * classes], labels[s]
            total = sum_of(of_row)
            L[s] = np.log(total) - np.float64(z[row * classes + label] - tops[row])
            # The softmax, less 1 at the label, and all of it divided by the batch.
            at_label = (of_row[label] / total - 1) / batch
            part = 1 / (total * batch)
            for o in range(classes):
                of_row[o] = of_row[o] * part
            of_row[label] = at_label
