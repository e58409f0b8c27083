"""Weights that are not finite, by plain loops: what is outside the image is absent, and not 0.

Slow, and called only when there is padding and a weight, or a sum of dL/dw, is NaN or infinite.
"""

import numpy as np

from cnnlab.fast.jit import function_of_python
from cnnlab.fast.layout import steps

NO_PADDING = ((0, 0), (0, 0))


@function_of_python
def finite(array):
    """Return whether an array holds neither NaN nor infinity."""
    entries, total = array.reshape(-1), array.dtype.type(0)
    for index in range(len(entries)):
        total += entries[index] * array.dtype.type(0)
    return total == 0


def visit_all(X, w, Z, geometry, wanted):
    """Return sums of products with nothing where there is no image: "Z", "X" or "w" in float64.

    Elsewhere a pixel that is laid out around the image is 0; but 0 times infinity is NaN.
    """
    sums = np.zeros({"Z": Z, "X": X, "w": w}[wanted].shape)
    visit(X, w, Z, *steps(geometry), geometry.groups, wanted == "Z", wanted == "X", sums)
    return sums


@function_of_python
def visit(X, w, Z, stride, corner, dilation, groups, wanted_Z, wanted_X, sums):
    """Add every product of two of X, w and Z to the entry of the third that it belongs to."""
    B, P, rows, columns = Z.shape
    depth, m, n = w.shape[1:]
    M, N = X.shape[2:]
    for s, k, i, j in np.ndindex(B, P, rows, columns):
        first = k // (P // groups) * depth
        for c, u, v in np.ndindex(depth, m, n):
            p = i * stride[0] + u * dilation[0] - corner[0]
            q = j * stride[1] + v * dilation[1] - corner[1]
            if 0 <= p < M and 0 <= q < N:
                if wanted_Z:
                    sums[s, k, i, j] += np.float64(X[s, first + c, p, q]) * w[k, c, u, v]
                elif wanted_X:
                    sums[s, first + c, p, q] += np.float64(Z[s, k, i, j]) * w[k, c, u, v]
                else:
                    sums[k, c, u, v] += np.float64(Z[s, k, i, j]) * X[s, first + c, p, q]
