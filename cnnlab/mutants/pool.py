"""Wrong gradients of the poolings."""

# The bodies are loops like those of `cnnlab.reference`, which carry no types either, and their
# docstrings say what is wrong, not what to do.
# mypy: allow-untyped-defs
# ruff: noqa: D401

import numpy as np

from cnnlab.mutants.adapters import meetings
from cnnlab.mutants.registry import instead_of


@instead_of("max_pool2d_dX", "eq-max-pool-dX")
def max_pool_overlap_overwrites(dY, argmax, X_shape):
    """A pixel that wins several windows gets the gradient of the last one only.

    ``dX[winners] = dY`` assigns, also where a winner occurs twice.
    """
    dX = np.zeros(X_shape, dY.dtype)
    for s, c, i, j in np.ndindex(dY.shape):
        if argmax[s, c, i, j] != -1:
            p, q = divmod(argmax[s, c, i, j], X_shape[3])
            dX[s, c, p, q] = dY[s, c, i, j]
    return dX


@instead_of("max_pool2d_dX", "eq-max-pool-dX")
def max_pool_counted_by_columns(dY, argmax, X_shape):
    """The gradient goes to another pixel than the winner.

    The flat index was read as q M + p, down the columns, but counts along the rows.
    """
    dX = np.zeros(X_shape, dY.dtype)
    for s, c, i, j in np.ndindex(dY.shape):
        if argmax[s, c, i, j] != -1:
            q, p = divmod(argmax[s, c, i, j], X_shape[2])
            dX[s, c, p, q] += dY[s, c, i, j]
    return dX


@instead_of("max_pool2d_dX", "eq-max-pool-dX")
def max_pool_no_winner_wraps(dY, argmax, X_shape):
    """A window without a pixel sends its gradient to the last pixel.

    The index -1, which says that nobody won, was used as an index.
    """
    dX = np.zeros(X_shape, dY.dtype)
    planes = dX.reshape(*X_shape[:2], -1)
    for s, c, i, j in np.ndindex(dY.shape):
        planes[s, c, argmax[s, c, i, j]] += dY[s, c, i, j]
    return dX


@instead_of("max_pool2d_dX", "eq-max-pool-dX")
def max_pool_plane_forgotten(dY, argmax, X_shape):
    """All gradient goes to the first plane of the first image.

    The index within a plane was used as an index into the whole batch.
    """
    dX = np.zeros(X_shape, dY.dtype)
    for s, c, i, j in np.ndindex(dY.shape):
        if argmax[s, c, i, j] != -1:
            dX.reshape(-1)[argmax[s, c, i, j]] += dY[s, c, i, j]
    return dX


@instead_of("max_pool2d_dX", "eq-max-pool-dX")
def max_pool_upstream_forgotten(dY, argmax, X_shape):
    """The winners get 1, whatever the gradient.

    The mask of the winners was handed back, without multiplying it by dY.
    """
    dX = np.zeros(X_shape, dY.dtype)
    for s, c, i, j in np.ndindex(dY.shape):
        if argmax[s, c, i, j] != -1:
            p, q = divmod(argmax[s, c, i, j], X_shape[3])
            dX[s, c, p, q] += 1
    return dX


@instead_of("avg_pool2d_dX", "eq-avg-pool-dX")
def avg_pool_not_divided(dY, X_shape, size, stride, padding, count):
    """Every pixel gets the whole gradient of its window.

    The mean was treated as a sum on the way back.
    """
    dX = np.zeros(X_shape, dY.dtype)
    for _, _, i, j, _, _, p, q in meetings(dY.shape, (1, 1, *size), stride):
        p, q = p - padding[0][0], q - padding[1][0]
        if 0 <= p < X_shape[2] and 0 <= q < X_shape[3]:
            dX[:, :, p, q] += dY[:, :, i, j]
    return dX


@instead_of("avg_pool2d_dX", "eq-avg-pool-dX")
def avg_pool_always_by_size(dY, X_shape, size, stride, padding, count):
    """The gradient is divided by the size of the window, also where fewer pixels were counted.

    At the border a window may count its pixels only, and then the mean divides by fewer.
    """
    dX = np.zeros(X_shape, dY.dtype)
    for _, _, i, j, _, _, p, q in meetings(dY.shape, (1, 1, *size), stride):
        p, q = p - padding[0][0], q - padding[1][0]
        if 0 <= p < X_shape[2] and 0 <= q < X_shape[3]:
            dX[:, :, p, q] += dY[:, :, i, j] / (size[0] * size[1])
    return dX


@instead_of("avg_pool2d_dX", "eq-avg-pool-dX")
def avg_pool_overlap_overwrites(dY, X_shape, size, stride, padding, count):
    """Where windows overlap, only the last one counts.

    ``=`` was written for ``+=``, which is right as long as windows do not overlap.
    """
    dX = np.zeros(X_shape, dY.dtype)
    for _, _, i, j, _, _, p, q in meetings(dY.shape, (1, 1, *size), stride):
        p, q = p - padding[0][0], q - padding[1][0]
        if 0 <= p < X_shape[2] and 0 <= q < X_shape[3]:
            dX[:, :, p, q] = dY[:, :, i, j] / count[i, j]
    return dX


@instead_of("avg_pool2d_dX", "eq-avg-pool-dX")
def avg_pool_stride_is_size(dY, X_shape, size, stride, padding, count):
    """The windows are laid side by side, whatever the stride.

    ``np.repeat`` of every entry spreads it over a block as large as the window.
    """
    dX = np.zeros(X_shape, dY.dtype)
    for _, _, i, j, _, _, p, q in meetings(dY.shape, (1, 1, *size), size):
        p, q = p - padding[0][0], q - padding[1][0]
        if 0 <= p < X_shape[2] and 0 <= q < X_shape[3]:
            dX[:, :, p, q] += dY[:, :, i, j] / count[i, j]
    return dX
