"""The layer with fewer multiplications: Winograd's F(2x2, 3x3), for patterns of 3 x 3."""

# mypy: allow-untyped-defs

import numpy as np

from cnnlab.algorithms.checks import checked
from cnnlab.algorithms.costs import Cost, sizes
from cnnlab.shapes import ceil_div

__all__ = [
    "conv2d",
    "cost",
    "both_axes",
    "transform_pattern",
    "transform_pixels",
    "transform_products",
]

# How four multiplications do the work of six. Along one axis, three entries g of a pattern meet
# four pixels d at two positions:
#
#     z[0] = d[0] g[0] + d[1] g[1] + d[2] g[2]
#     z[1] = d[1] g[0] + d[2] g[1] + d[3] g[2]
#
# 1. Begin with the transpose of this search: two numbers y lay the pattern on four pixels,
#    a[q] = sum_i y[i] g[q-i]. These are the coefficients of a product of two polynomials,
#
#     a(x) = y(x) g(x) = (y[0] + y[1] x) (g[0] + g[1] x + g[2] x^2).
#
# 2. Four values fix a polynomial of degree 3. Take them where evaluating is cheap, at 0, 1 and -1,
#    and take the coefficient of x^3, which is the value "at infinity":
#
#     a(0) = y[0] g[0]                            a(1)  = (y[0] + y[1]) (g[0] + g[1] + g[2])
#     a(infinity) = y[1] g[2]                     a(-1) = (y[0] - y[1]) (g[0] - g[1] + g[2])
#
# 3. The coefficients from the values: a[0] = a(0) and a[3] = a(infinity); and since a(1) and a(-1)
#    are the sum and the difference of a[0] + a[2] and a[1] + a[3],
#
#     a[1] = a(1)/2 - a(-1)/2 - a[3]              a[2] = a(1)/2 + a(-1)/2 - a[0].
#
# 4. Give the halves to the pattern, which is transformed once for all images. With * entry by
#    entry, all of this is a = B (G g * A y), where
#
#     G g = [g[0], (g[0] + g[1] + g[2]) / 2, (g[0] - g[1] + g[2]) / 2, g[2]]
#     A y = [y[0], y[0] + y[1], y[0] - y[1], y[1]]
#     B p = [p[0], p[1] - p[2] - p[3], p[1] + p[2] - p[0], p[3]]
#
# 5. For a fixed pattern that is a matrix times y: a = B diag(G g) A y. The search is its
#    transpose, and a transpose turns the order round:
#
#     z = A^T (G g * B^T d).
#
# 6. Along two axes, rows first and columns then:
#
#     Z = A^T (G g G^T * B^T d B) A.
#
# A tile of 4 x 4 pixels gives 2 x 2 outputs with 16 multiplications where the loops need 36.
# Other authors write -p[3] for p[3] in B and in A^T, which changes no result.

B_T = np.array([[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, -1, 0, 1]])
G = np.array([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]])
A_T = np.array([[1, 1, 1, 0], [0, 1, -1, 1]])


def transform_pixels(d):
    """Return B^T d along the first axis, 4 numbers from 4: sums, so no multiplication.

    Parameters
    ----------
    d : ndarray
        Pixels. Shape (4, ...).

    Returns
    -------
    transformed : ndarray
        Shape (4, ...).
    """
    return np.stack([d[0] - d[2], d[1] + d[2], d[2] - d[1], d[3] - d[1]])


def transform_pattern(g):
    """Return G g along the first axis, 4 numbers from 3.

    Parameters
    ----------
    g : ndarray
        Entries of patterns. Shape (3, ...).

    Returns
    -------
    transformed : ndarray
        Shape (4, ...).
    """
    even, odd = (g[0] + g[2]) / 2, g[1] / 2
    return np.stack([g[0], even + odd, even - odd, g[2]])


def transform_products(p):
    """Return A^T p along the first axis, 2 numbers from 4.

    Parameters
    ----------
    p : ndarray
        Products of transformed pixels and patterns. Shape (4, ...).

    Returns
    -------
    transformed : ndarray
        Shape (2, ...).
    """
    return np.stack([p[0] + p[1] + p[2], p[1] - p[2] + p[3]])


def both_axes(transform, array):
    """Return `array` transformed along its first axis, and then along its second.

    Parameters
    ----------
    transform : callable
        What works along the first axis.
    array : ndarray
        At least two axes.

    Returns
    -------
    transformed : ndarray
    """
    return transform(transform(array).swapaxes(0, 1)).swapaxes(0, 1)


@checked
def conv2d(X, w, b=None):
    """Compute the layer in tiles of 2 x 2 outputs, with 16 instead of 36 multiplications each.

    Equations (eq-winograd-1d) and (eq-winograd).

    As `cnnlab.reference.conv2d` without options, for patterns of 3 x 3 alone.
    """
    B, D, M, N = X.shape
    P = len(w)
    _check_pattern(w.shape)
    rows, columns = M - 2, N - 2
    # A last row or column of tiles may hang over the end of Z, and then needs one pixel more.
    padded = np.pad(X, ((0, 0), (0, 0), (0, rows % 2), (0, columns % 2)))
    tiles = np.lib.stride_tricks.sliding_window_view(padded, (4, 4), axis=(2, 3))[:, :, ::2, ::2]
    height, width = tiles.shape[2:4]
    # With its four rows and columns in front, entry (u, v) of all tiles and depths is a matrix
    # at [u, v]. The sum over depths is then a matrix product, 16 of them for each image.
    V = both_axes(transform_pixels, np.moveaxis(tiles, (4, 5), (0, 1)))
    U = both_axes(transform_pattern, w.transpose(2, 3, 0, 1))
    products = U[:, :, np.newaxis] @ V.reshape(4, 4, B, D, height * width)
    Z = both_axes(transform_products, products).reshape(2, 2, B, P, height, width)
    # Output (i, j) of the tile at [k, l] belongs to row 2 k + i and column 2 l + j.
    Z = Z.transpose(2, 3, 4, 0, 5, 1).reshape(B, P, 2 * height, 2 * width)
    Z = Z[:, :, :rows, :columns].copy()
    Z += b[:, np.newaxis, np.newaxis]
    return Z


def _check_pattern(w_shape):
    if tuple(w_shape[2:]) != (3, 3):
        raise ValueError(
            f"winograd.conv2d: w.shape={tuple(w_shape)}, but F(2x2, 3x3) needs patterns of 3 x 3; "
            f"use another algorithm for other sizes."
        )


def cost(X_shape, w_shape, itemsize) -> Cost:
    """Count what `conv2d` does: per tile 32 additions to transform 4 x 4 pixels, and so on.

    Parameters
    ----------
    X_shape : tuple of int
        (B, D, M, N) or (D, M, N).
    w_shape : tuple of int
        (P, D, 3, 3).
    itemsize : int
        Bytes of one number: 4 for float32, 8 for float64.

    Returns
    -------
    cost : Cost
        Halvings count as multiplications. Tiles that hang over the end count in full, and so does
        the last copy of a lone tile, which NumPy can do without.

    Raises
    ------
    ValueError
        If the patterns are not 3 x 3.
    """
    layer = sizes(X_shape, w_shape)
    _check_pattern(w_shape)
    B, D, M, N, P, _, _, rows, columns = layer
    tiles = B * ceil_div(rows, 2) * ceil_div(columns, 2)
    multiplications = 16 * tiles * P * D + 14 * P * D
    # Pixels: 8 times 4. Patterns: 7 times 3. Products: 16 times D - 1, then 6 times 4.
    additions = 32 * tiles * D + 21 * P * D + (16 * (D - 1) + 24) * tiles * P + layer.outputs
    padded = B * D * (M + rows % 2) * (N + columns % 2)
    V = 16 * tiles * D
    # A transform along one axis makes its new numbers twice: apart, and stacked. Of the pattern
    # it makes sums on the way, too: in units of P D, 27 along the rows and 36 along the columns.
    # Products, in units of P tiles: 16, then 24 and 12 in their two transforms, and 4 as an image.
    return Cost(
        multiplications=multiplications,
        additions=additions,
        necessary_bytes=layer.necessary * itemsize,
        temporary_bytes=(padded + 4 * V + 63 * P * D + 56 * tiles * P) * itemsize,
        peak_bytes=(padded + V + max(2 * V, 44 * P * D, 16 * P * D + 32 * tiles * P)) * itemsize,
    )
