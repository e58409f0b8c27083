"""Images and templates: what comes before the layer, and two searches in a row."""

import numpy as np
from scipy import signal

from equations.world import World
from equations.worlds.derivatives import integers


def gray(shape):
    """A color image and the weights of its planes."""
    _, D, _, M, N, _, _ = shape
    rng = np.random.default_rng(0)
    X, a = integers(rng, D, M, N), integers(rng, D)
    return World(
        sizes={"D": D, "M": M, "N": N}, ranges={"c": D, "p": M, "q": N},
        arrays={"X": X, "a": a, "G": np.tensordot(a, X, 1)},
    )  # fmt: skip


def neighbors(shape):
    """Pairs of pixels `d` columns apart; NumPy's correlation coefficient."""
    M, N, d = shape
    X = integers(np.random.default_rng(0), M, N)
    x, y = X[:, :-d], X[:, d:]
    return World(
        sizes={"M": M, "N": N, "d": d}, ranges={"p": M, "q": N - d},
        arrays={"X": X, "x": x, "y": y, "bar x": x.mean(), "bar y": y.mean()},
        functions={"r": lambda d: _correlation(X, int(d))},
    )  # fmt: skip


def _correlation(X, d):
    if not 0 < d < X.shape[1] - 1:
        return np.nan
    return np.corrcoef(X[:, :-d].ravel(), X[:, d:].ravel())[0, 1]


def templates(shape):
    """Two arrays and a template: cross-correlation and convolution by SciPy."""
    _, D, _, M, N, m, n = shape
    rng = np.random.default_rng(0)
    rows, columns = M - m + 1, N - n + 1
    X, T, A = integers(rng, M, N), integers(rng, m, n), integers(rng, rows, columns)
    sizes = {"M": M, "N": N, "m": m, "n": n, "M'": rows, "N'": columns, "D": D}
    ranges = {"i": rows, "j": columns, "u": m, "v": n, "p": M, "q": N}
    return World(sizes=sizes, ranges=ranges, arrays={"X": X, "T": T, "A": A}, zero={"A"})


def deep_templates(shape):
    """An image with depth, and a template without: SciPy, which must be told of the depth."""
    world = templates(shape)
    D, M, N = (world.sizes[size] for size in "DMN")
    world.arrays["X"], world.ranges["c"] = integers(np.random.default_rng(1), D, M, N), D
    return world


def window(size):
    """The numbers of a window, x_0 to x_(S-1)."""
    x = integers(np.random.default_rng(0), size)
    return World(sizes={"S": size}, ranges={"t": size}, arrays={"x": x, "bar x": x.mean()})


def two_searches():
    """A search in the maps of a search, without and with depth, and the one pattern for both."""
    rng = np.random.default_rng(0)
    P, P_1, D, rows, columns = 3, 5, 4, 7, 8
    X, w_1, w_2 = integers(rng, 12, 16), integers(rng, 4, 3), integers(rng, 3, 7)
    first = signal.correlate(X, w_1, "valid", "direct")
    many_1, many_2 = integers(rng, P_1, D, 4, 3), integers(rng, P, P_1, 3, 7)
    many = [
        [sum(signal.convolve2d(many_2[k, d], many_1[d, c]) for d in range(P_1)) for c in range(D)]
        for k in range(P)
    ]
    arrays = {
        "X": X, "Z_1": first, "w_1:2": w_1, "w_2:2": w_2, "W:2": signal.convolve2d(w_2, w_1),
        "Z_2": signal.correlate(first, w_2, "valid", "direct"),
        "w_1:4": many_1, "w_2:4": many_2, "W:4": np.array(many),
    }  # fmt: skip
    ranges = {"u": 4, "v": 3, "~u": 3, "~v": 7, "p": 6, "q": 9, "i": rows, "j": columns}
    ranges |= {"k": P, "c": D, "d": P_1}
    return World(sizes={}, ranges=ranges, arrays=arrays, zero={"w_1"})
