"""The layer as one matrix: doubly blocked Toeplitz, times the image as one long column."""

# mypy: allow-untyped-defs

import numpy as np

from cnnlab.algorithms.checks import checked
from cnnlab.algorithms.costs import Cost, sizes

__all__ = ["conv2d", "cost", "matrix"]

LARGEST_MATRIX = 2**32  # bytes


@checked
def conv2d(X, w, b=None):
    """Compute the layer as a dense layer whose weights are `matrix`.

    Equation (eq-toeplitz).

    As `cnnlab.reference.conv2d` without options. Refuses layers whose matrix is larger than
    `LARGEST_MATRIX`.
    """
    B, D, M, N = X.shape
    P, D, m, n = w.shape
    T = matrix(w, (M, N))
    Z = X.reshape(B, D * M * N) @ T.T
    Z = Z.reshape(B, P, M - m + 1, N - n + 1)
    Z += b[:, np.newaxis, np.newaxis]
    return Z


def matrix(w, image):
    """Return the matrix that takes a flattened image to its flattened Z.

    Row (k, i, j) holds pattern k, laid on the image at position (i, j), and zeros elsewhere. One
    position further, the same numbers stand one column further: a Toeplitz matrix, whose entries
    are constant along diagonals, made of blocks that repeat in the same way.

    Parameters
    ----------
    w : ndarray
        Patterns. Shape (P, D, m, n).
    image : pair of int
        Height and width of the images, (M, N).

    Returns
    -------
    T : ndarray
        Shape (P M' N', D M N), dtype of `w`.

    Raises
    ------
    ValueError
        If it would be larger than `LARGEST_MATRIX`.
    """
    M, N = image
    P, D, m, n = w.shape
    rows, columns = M - m + 1, N - n + 1
    height, width = P * rows * columns, D * M * N
    if height * width * w.itemsize > LARGEST_MATRIX:
        raise ValueError(
            f"toeplitz.conv2d: the matrix of an image of {D} x {M} x {N} and {P} patterns of "
            f"{m} x {n} would have {height} x {width} entries, "
            f"{height * width * w.itemsize / 2**30:.3g} GiB of zeros for the most part, and "
            f"{LARGEST_MATRIX / 2**30:.3g} GiB are the limit; use a smaller image or another "
            f"algorithm."
        )
    T = np.zeros((P, rows, columns, D, M, N), w.dtype)
    for i in range(rows):
        for j in range(columns):
            T[:, i, j, :, i : i + m, j : j + n] = w
    return T.reshape(height, width)


def cost(X_shape, w_shape, itemsize) -> Cost:
    """Count what `conv2d` does: a matrix product that does not know of the zeros in it.

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
        Of a matrix of any size, also beyond `LARGEST_MATRIX`.
    """
    layer = sizes(X_shape, w_shape)
    products = layer.outputs * layer.D * layer.M * layer.N
    entries = layer.P * layer.rows * layer.columns * layer.D * layer.M * layer.N
    return Cost(
        multiplications=products,
        additions=products,  # one less per output in the product, and one for the bias
        necessary_bytes=layer.necessary * itemsize,
        temporary_bytes=entries * itemsize,
        peak_bytes=(entries + layer.outputs) * itemsize,
    )
