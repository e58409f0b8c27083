"""Dense layer, compiled."""

import numpy as np
from numba import prange

from cnnlab import shapes
from cnnlab.fast.jit import contiguous, kernel, parallel_kernel


def dense(X, w, b=None):
    """As `cnnlab.reference.dense`, compiled; complex numbers are refused."""
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
            total = b[o]
            for i in range(X.shape[1]):
                total += w[o, i] * X[s, i]
            Z[s, o] = total


def dense_dX(dZ, w):
    """As `cnnlab.reference.dense_dX`, compiled; complex numbers are refused."""
    dZ, w, single = shapes.check_dense_dX(dZ, w)
    dX = np.zeros((len(dZ), w.shape[1]), dZ.dtype)
    _dense_dX(contiguous(dZ), contiguous(w), dX)
    return dX[0] if single else dX


@parallel_kernel
def _dense_dX(dZ, w, dX):
    # A thread owns whole samples dX[s]; the inner loop runs along a row of w.
    B, outputs = dZ.shape
    for s in prange(B):
        for o in range(outputs):
            for i in range(w.shape[1]):
                dX[s, i] += dZ[s, o] * w[o, i]


def dense_dw(dZ, X):
    """As `cnnlab.reference.dense_dw`, compiled; complex numbers are refused."""
    dZ, X = shapes.check_dense_dw(dZ, X)
    dw = np.zeros((dZ.shape[1], X.shape[1]), dZ.dtype)
    _dense_dw(contiguous(dZ), contiguous(X), dw)
    return dw


@parallel_kernel
def _dense_dw(dZ, X, dw):
    # A thread owns whole outputs dw[o]; the inner loop runs along a row of X.
    B, outputs = dZ.shape
    for o in prange(outputs):
        for s in range(B):
            for i in range(X.shape[1]):
                dw[o, i] += dZ[s, o] * X[s, i]


def dense_db(dZ):
    """As `cnnlab.reference.dense_db`, compiled; complex numbers are refused."""
    dZ = shapes.check_dense_db(dZ)
    db = np.zeros(dZ.shape[1], dZ.dtype)
    _dense_db(contiguous(dZ), db)
    return db


@kernel
def _dense_db(dZ, db):
    B, outputs = dZ.shape
    for s in range(B):
        for o in range(outputs):
            db[o] += dZ[s, o]
