"""Maximum and mean of windows."""

import numpy as np

from equations.world import World
from equations.worlds.derivatives import integers, probe


def pool():
    """Windows with their maxima; padding never wins, and every window has a pixel."""
    rng = np.random.default_rng(0)
    X = -3.0 - rng.permutation(2 * 15 * 19).reshape(2, 15, 19)
    X[:, 0, 0], X[:, -1, -1] = (-2, -1.5), (-1, -0.5)  # pixels at the border win, too
    ring, options = ((4, 3), (5, 3)), {"stride": 2, "dilation": 3}
    views = cut(X, (3, 4), ring, np.nan, **options)
    Y = np.nanmax(views, axis=(3, 4))
    dY = integers(rng, *Y.shape)
    flat = [[np.flatnonzero(X[c].ravel() == y)[0] for y in Y[c].ravel()] for c in range(2)]
    arrays = {
        "X": X, "Y": Y, "argmax": np.reshape(flat, Y.shape), "dL/dY": dY,
        "dL/dX": _max_moves(X, Y, dY),
        # No two pixels are equal: which entries follow a pixel is seen from what they hold.
        "dY/dX": (Y[..., None, None, None] == X).astype(float),
    }  # fmt: skip
    return _world(arrays, (3, 4), ring, options)


def mean_pool():
    """Windows without dilation, with their means for Y."""
    rng = np.random.default_rng(0)
    X = integers(rng, 2, 17, 19)
    ring, options = ((1, 2), (2, 4)), {"stride": 3, "dilation": 1}

    def means(X):
        return cut(X, (4, 5), ring, 0, **options).sum(axis=(3, 4)) / K

    K = cut(np.ones_like(X), (4, 5), ring, 0, **options).sum(axis=(3, 4))[0]
    Y = means(X)
    dY = integers(rng, *Y.shape)
    arrays = {"X": X, "Y": Y, "K": K, "dL/dY": dY}
    arrays["dL/dX"] = probe(lambda X: (dY * means(X)).sum(), X.shape)
    arrays["dY/dX"] = lambda: probe(means, X.shape)
    return _world(arrays, (4, 5), ring, options)


def _world(arrays, size, ring, options):
    (D, M, N), (m, n), (_, rows, columns) = arrays["X"].shape, size, arrays["Y"].shape
    sizes = {"D": D, "M": M, "N": N, "m": m, "n": n, "M'": rows, "N'": columns, **options}
    sizes |= {"top": ring[0][0], "left": ring[1][0]}
    ranges = {"c": D, "~c": D, "i": rows, "j": columns, "u": m, "v": n, "p": M, "q": N}
    return World(sizes=sizes, ranges=ranges, arrays=arrays, zero={"X"}, inputs={"X"})


def cut(X, size, ring, padding, *, stride, dilation):
    """Cut all windows out of images with a ring of padding."""
    padded = np.pad(X, [(0, 0), *ring], constant_values=padding)
    spans = [dilation * (length - 1) + 1 for length in size]
    views = np.lib.stride_tricks.sliding_window_view(padded, spans, (1, 2))
    return views[:, ::stride, ::stride, ::dilation, ::dilation]


def _max_moves(X, Y, dY):
    """Return what L = sum(dY Y) gains when one pixel grows and takes the maximum along."""
    return np.array(
        [[[(dY[c] * (Y[c] == x)).sum() for x in row] for row in X[c]] for c in range(len(X))]
    )


def pool_sizes(seed):
    """Random options of a pooling; windows are laid down one by one and counted."""
    rng = np.random.default_rng(seed)
    names = ("m", "n", "stride", "dilation", "top", "left", "bottom", "right")
    sizes = dict(zip(names, map(int, rng.permutation(9) + 2), strict=False))
    sizes |= {
        "M": int(rng.integers(90, 110)),
        "N": int(rng.integers(110, 130)),
        "ceil": seed % 4 and 1,
    }
    sizes["bottom"] += sizes["stride"] * (seed % 3)  # so much that a window may start on it

    def count(length, width, before, behind):
        span, starts = (width - 1) * sizes["dilation"] + 1, [-before]
        while starts[-1] + span < length + behind:
            starts.append(starts[-1] + sizes["stride"])
        whole = [start for start in starts if start + span <= length + behind]
        begun = starts if starts[-1] < length else whole
        return len(begun if sizes["ceil"] else whole)

    for length, width, *ring in (("M", "m", "top", "bottom"), ("N", "n", "left", "right")):
        sizes[f"{length}'"] = count(sizes[length], sizes[width], *(sizes[side] for side in ring))
    return World(sizes=sizes, ranges={}, arrays={})


def tie(x, moved, g):
    """The pixels of one window, before and after a move, and a subgradient of their maximum."""
    arrays = {"x": np.array(x, float), "~x": np.array(moved, float), "g": np.array(g, float)}
    return World(sizes={"R": len(x)}, ranges={"r": len(x)}, arrays=arrays)


def map_means(D, M, N):
    """The mean of each map, and of its derivatives each from a step of 1."""
    rng = np.random.default_rng(0)
    X, dY = integers(rng, D, M, N), integers(rng, D)
    arrays = {"X": X, "Y": X.mean(axis=(1, 2)), "dL/dY": dY}
    arrays["dL/dX"] = probe(lambda X: dY @ X.mean(axis=(1, 2)), X.shape)
    sizes = {"D": D, "M": M, "N": N}
    return World(sizes=sizes, ranges={"c": D, "p": M, "q": N}, arrays=arrays)
