"""The layer as a sum of matrix products, one for each offset (u, v) inside the pattern."""

# mypy: allow-untyped-defs

import numpy as np

from cnnlab.algorithms.checks import checked
from cnnlab.algorithms.costs import Cost, sizes

__all__ = ["conv2d", "cost"]


@checked
def conv2d(X, w, b=None):
    """Compute the layer by shifting the images under the patterns; no window is copied.

    Equation (eq-offsets).

    As `cnnlab.reference.conv2d` without options.
    """
    B, D, M, N = X.shape
    P, D, m, n = w.shape
    rows, columns = M - m + 1, N - n + 1
    # With a plane as one long row, pixel (i + u, j + v) stands u N + v behind pixel (i, j): one
    # shift for all positions. At the end of a row it leads into the next row: n - 1 columns of
    # every row of Z are such nonsense, computed and then dropped.
    lines = X.reshape(B, D, M * N)
    length = (rows - 1) * N + columns
    by_offset = w.transpose(2, 3, 0, 1).copy()  # a matrix (P, D) at each [u, v]
    Z = np.empty((B, P, rows * N), X.dtype)
    Z[...] = b[:, np.newaxis]
    for u in range(m):
        for v in range(n):
            shift = u * N + v
            Z[:, :, :length] += by_offset[u, v] @ lines[:, :, shift : shift + length]
    return Z.reshape(B, P, rows, N)[:, :, :, :columns].copy()


def cost(X_shape, w_shape, itemsize) -> Cost:
    """Count what `conv2d` does: the operations of the loops, and those for the dropped columns.

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
        Each offset makes an array of products as long as Z, and reads and writes Z once more:
        this second part of the traffic is in none of the numbers.
    """
    layer = sizes(X_shape, w_shape)
    B, D, _, N, P, m, n, rows, columns = layer
    product = B * P * ((rows - 1) * N + columns)
    kept = P * D * m * n + B * P * rows * N  # the patterns by offset, and Z with wide rows
    return Cost(
        multiplications=product * D * m * n,
        additions=product * D * m * n,  # D - 1 in every product, and one to add it to Z
        necessary_bytes=layer.necessary * itemsize,
        temporary_bytes=(kept + m * n * product) * itemsize,
        peak_bytes=(kept + max(product, layer.outputs)) * itemsize,
    )
