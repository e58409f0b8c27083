"""Dense layer, compiled."""

import numpy as np
from numba import prange

from cnnlab import shapes
from cnnlab.fast.jit import contiguous, kernel, parallel_kernel


def dense(X, w, b=None):
    """As `cnnlab.reference.dense`, compiled; complex numbers are refused.

    Sums are taken in float64 and rounded once.
    """
    X, w, b, single = shapes.check_dense(X, w, b)
    Z = np.empty((len(X), len(w)), X.dtype)
    _dense(contiguous(X), contiguous(w), contiguous(b), Z)
    return Z[0] if single else Z


@parallel_kernel
def _dense(X, w, b, Z):
    # A thread owns whole samples Z[s].
    B, outputs = Z.shape
    for s in prange(B):
        for o in range(outputs):
            total = np.float64(b[o])
            for i in range(X.shape[1]):
                total += np.float64(w[o, i]) * X[s, i]
            Z[s, o] = total


def dense_dX(dZ, w):
    """As `cnnlab.reference.dense_dX`, compiled; complex numbers are refused.

    Sums are taken in float64 and rounded once.
    """
    dZ, w, single = shapes.check_dense_dX(dZ, w)
    dX = np.empty((len(dZ), w.shape[1]), dZ.dtype)
    _dense_dX(contiguous(dZ), contiguous(w), dX)
    return dX[0] if single else dX


@parallel_kernel
def _dense_dX(dZ, w, dX):
    # A thread owns whole samples dX[s]; the inner loop runs along a row of w.
    B, outputs = dZ.shape
    for s in prange(B):
        total = np.zeros(w.shape[1])
        for o in range(outputs):
            for i in range(w.shape[1]):
                total[i] += np.float64(dZ[s, o]) * w[o, i]
        dX[s] = total


def dense_dw(dZ, X):
    """As `cnnlab.reference.dense_dw`, compiled; complex numbers are refused.

    Sums are taken in float64 and rounded once.
    """
    dZ, X = shapes.check_dense_dw(dZ, X)
    dw = np.empty((dZ.shape[1], X.shape[1]), dZ.dtype)
    _dense_dw(contiguous(dZ), contiguous(X), dw)
    return dw


@parallel_kernel
def _dense_dw(dZ, X, dw):
    # A thread owns whole outputs dw[o]; the inner loop runs along a row of X.
    B, outputs = dZ.shape
    for o in prange(outputs):
        total = np.zeros(X.shape[1])
        for s in range(B):
            for i in range(X.shape[1]):
                total[i] += np.float64(dZ[s, o]) * X[s, i]
        dw[o] = total


def dense_db(dZ):
    """As `cnnlab.reference.dense_db`, compiled; complex numbers are refused.

    Sums are taken in float64 and rounded once.
    """
    dZ = shapes.check_dense_db(dZ)
    db = np.empty(dZ.shape[1], dZ.dtype)
    _dense_db(contiguous(dZ), db)
    return db


@kernel
def _dense_db(dZ, db):
    B, outputs = dZ.shape
    total = np.zeros(outputs)
    for s in range(B):
        for o in range(outputs):
            total[o] += dZ[s, o]
    db[:] = total
