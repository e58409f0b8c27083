"""Maximum and mean of windows."""

import numpy as np

from equations.world import World
from equations.worlds.derivatives import integers, probe
from equations.worlds.geometry import meets, places


def pool(*, lets=False, backward=False):
    """Maximum and mean of windows, without dilation; padding never wins and never counts."""
    rng = np.random.default_rng(0)
    D, M, N, m, n = 3, 12, 14, 4, 5
    sizes = {"stride": 2, "top": 1, "left": 3, "P": 1, "G": 1}
    X = -1.0 - rng.permutation(D * M * N).reshape(D, M, N)
    padded = np.pad(X, [(0, 0), (1, 2), (3, 1)], constant_values=np.nan)
    views = np.lib.stride_tricks.sliding_window_view(padded, (m, n), (1, 2))[:, ::2, ::2]
    Y, K = np.nanmax(views, axis=(3, 4)), (~np.isnan(views[0])).sum(axis=(2, 3))
    _, rows, columns = Y.shape
    dY = integers(rng, *Y.shape)
    flat = [[np.flatnonzero(X[c].ravel() == y)[0] for y in Y[c].ravel()] for c in range(D)]
    argmax = np.reshape(flat, Y.shape)
    sizes |= {"D": D, "M": M, "N": N, "m": m, "n": n, "M'": rows, "N'": columns}
    ranges = {"c": D, "i": rows, "j": columns, "u": m, "v": n, "p": M, "q": N}
    arrays = {"X": X, "Y": Y, "K": K, "argmax": argmax, "dL/dY": dY}
    arrays["dL/dX"] = _max_moves(X, Y, dY)
    return World(
        sizes=sizes, ranges=ranges, arrays=arrays, zero={"X"},
        lets=places(sizes) if lets else {}, where=meets(sizes) if backward else None,
    )  # fmt: skip


def _max_moves(X, Y, dY):
    """Return what L = sum(dY Y) gains when one pixel grows and takes the maximum along."""
    return np.array(
        [[[(dY[c] * (Y[c] == x)).sum() for x in row] for row in X[c]] for c in range(len(X))]
    )


def mean_pool(*, lets=False, backward=False):
    """The same windows with their means for Y."""
    world = pool(lets=lets, backward=backward)
    X, K, dY = world.array("X"), world.array("K"), world.array("dL/dY")

    def means(X):
        padded = np.pad(X, [(0, 0), (1, 2), (3, 1)])
        views = np.lib.stride_tricks.sliding_window_view(padded, (4, 5), (1, 2))[:, ::2, ::2]
        return views.sum(axis=(3, 4)) / K

    world.arrays |= {"Y": means(X), "dL/dX": probe(lambda X: (dY * means(X)).sum(), X.shape)}
    return world


def map_means(D, M, N):
    """The mean of each map, and of its derivatives each from a step of 1."""
    rng = np.random.default_rng(0)
    X, dY = integers(rng, D, M, N), integers(rng, D)
    arrays = {"X": X, "Y": X.mean(axis=(1, 2)), "dL/dY": dY}
    arrays["dL/dX"] = probe(lambda X: dY @ X.mean(axis=(1, 2)), X.shape)
    sizes = {"D": D, "M": M, "N": N}
    return World(sizes=sizes, ranges={"c": D, "p": M, "q": N}, arrays=arrays)
