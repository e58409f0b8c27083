"""The layer as its equation has it: one loop per index."""

# mypy: allow-untyped-defs

import numpy as np

from cnnlab.algorithms.checks import checked
from cnnlab.algorithms.costs import Cost, sizes

__all__ = ["conv2d", "cost"]


@checked
def conv2d(X, w, b=None):
    """Compute the layer with one loop per index, equation (eq-pattern-search).

    As `cnnlab.reference.conv2d`, which has the options too.
    """
    B, D, M, N = X.shape
    P, D, m, n = w.shape
    Z = np.empty((B, P, M - m + 1, N - n + 1), X.dtype)
    for s, k, i, j in np.ndindex(Z.shape):
        total = b[k]
        for c in range(D):
            for u in range(m):
                for v in range(n):
                    total += X[s, c, i + u, j + v] * w[k, c, u, v]
        Z[s, k, i, j] = total
    return Z


def cost(X_shape, w_shape, itemsize) -> Cost:
    """Count what `conv2d` does: one product and one sum per pixel that a pattern meets.

    Parameters
    ----------
    X_shape : tuple of int
        (B, D, M, N) or (D, M, N).
    w_shape : tuple of int
        (P, D, m, n).
    itemsize : int
        Bytes of one number: 4 for float32, 8 for float64.

    Returns
    -------
    cost : Cost
    """
    layer = sizes(X_shape, w_shape)
    return Cost(
        multiplications=layer.products,
        additions=layer.products,
        necessary_bytes=layer.necessary * itemsize,
        temporary_bytes=0,
        peak_bytes=layer.outputs * itemsize,
    )
