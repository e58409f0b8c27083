"""The layer as the fast twin computes it: the loops in another order, compiled."""

# mypy: allow-untyped-defs

from cnnlab import fast
from cnnlab.algorithms.costs import Cost, sizes

__all__ = ["conv2d", "cost"]


def conv2d(X, w, b=None):
    """Compute the layer with `cnnlab.fast.conv2d`, which has the options too."""
    return fast.conv2d(X, w, b)


def cost(X_shape, w_shape, itemsize) -> Cost:
    """Count what the equation asks for: the operations of the loops, and Z in memory.

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
        What a kernel computes beyond that to fill its registers is not counted, nor are the
        patterns in another order and the few rows of images that it keeps in the cache.
    """
    layer = sizes(X_shape, w_shape)
    return Cost(
        multiplications=layer.products,
        additions=layer.products,
        necessary_bytes=layer.necessary * itemsize,
        temporary_bytes=0,
        peak_bytes=layer.outputs * itemsize,
    )
