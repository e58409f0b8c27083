"""The layer as one matrix product, after every window has been copied into a column."""

# mypy: allow-untyped-defs

import numpy as np

from cnnlab.algorithms.checks import checked
from cnnlab.algorithms.costs import Cost, sizes

__all__ = ["conv2d", "cost"]


@checked
def conv2d(X, w, b=None):
    """Compute the layer as a product of a matrix of patterns and a matrix of windows.

    Equation (eq-im2col).

    As `cnnlab.reference.conv2d` without options.
    """
    B, D, M, N = X.shape
    P, D, m, n = w.shape
    rows, columns = M - m + 1, N - n + 1
    # A view of X in which entry (u, v) of the window at (i, j) has the indices i, j, u, v.
    windows = np.lib.stride_tricks.sliding_window_view(X, (m, n), axis=(2, 3))
    # One column per window: this copies every pixel into each of the m n windows that see it.
    windows = windows.transpose(0, 1, 4, 5, 2, 3).reshape(B, D * m * n, rows * columns)
    Z = w.reshape(P, D * m * n) @ windows
    Z += b[:, np.newaxis]
    return Z.reshape(B, P, rows, columns)


def cost(X_shape, w_shape, itemsize) -> Cost:
    """Count what `conv2d` does: the operations of the loops, and a large copy.

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
        The copy is counted even where NumPy can do without: for patterns of one pixel, and for
        patterns as large as the image.
    """
    layer = sizes(X_shape, w_shape)
    copies = layer.B * layer.D * layer.m * layer.n * layer.rows * layer.columns
    return Cost(
        multiplications=layer.products,
        additions=layer.products,  # one less per output in the product, and one for the bias
        necessary_bytes=layer.necessary * itemsize,
        temporary_bytes=copies * itemsize,
        peak_bytes=(copies + layer.outputs) * itemsize,
    )
