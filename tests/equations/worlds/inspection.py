"""What a network looks at, what it costs, what it makes of a moved image, and how sure it is."""

import itertools

import numpy as np

from equations.world import World
from equations.worlds.derivatives import (
    FUNCTIONS,
    differentiate,
    integers,
    probe,
    search_one,
    sigmoid,
)


def _ranges(sizes):
    letters = {"k": "P", "c": "D", "i": "M'", "j": "N'", "u": "m", "v": "n", "o": "O"}
    letters |= {"p": "M", "q": "N"}
    return {letter: sizes[size] for letter, size in letters.items() if size in sizes}


def scored(P, D, M, N, m, n, outputs):
    """A search, a sigmoid and a dense layer; every derivative of a score by complex steps."""
    rng = np.random.default_rng(0)
    sizes = {"P": P, "D": D, "M": M, "N": N, "m": m, "n": n, "O": outputs}
    sizes |= {"M'": M - m + 1, "N'": N - n + 1}
    X, w = integers(rng, D, M, N, over=8), integers(rng, P, D, m, n, over=8)
    b, a = integers(rng, P, over=8), integers(rng, outputs)
    W = integers(rng, outputs, P, sizes["M'"], sizes["N'"])
    units = probe(lambda X: search_one(X, w), X.shape).reshape(-1, X.size)

    def maps(X):
        return (units @ X.ravel()).reshape(W.shape[1:]) + b[:, None, None]

    def scores(Y):
        return W.reshape(outputs, -1) @ Y.ravel() + a

    Z = maps(X)
    arrays = {
        "X": X, "w": w, "b": b, "W": W, "a": a, "Z": Z, "Y": sigmoid(Z), "z": scores(sigmoid(Z)),
        "dz/dY": differentiate(scores, sigmoid(Z)),
        "dz/dZ": differentiate(lambda Z: scores(sigmoid(Z)), Z),
        "dz/dX": differentiate(lambda X: scores(sigmoid(maps(X))), X),
    }  # fmt: skip
    return World(
        sizes=sizes, ranges=_ranges(sizes), arrays=arrays, functions=FUNCTIONS,
        zero={"W", "dz/dZ"}, absent={"Z"}, inputs={"X", "w", "b"},
    )  # fmt: skip


def covered(outputs, D, M, N, m, n):
    """A score for each class, a weighted sum of all pixels, and what covers take from it."""
    rng = np.random.default_rng(0)
    sizes = {"O": outputs, "D": D, "M": M, "N": N, "m": m, "n": n, "M'": M - m + 1, "N'": N - n + 1}
    X, W, a = integers(rng, D, M, N), integers(rng, outputs, D, M, N), integers(rng, outputs)

    def scores(X):
        return (W * X).sum(axis=(1, 2, 3)) + a

    after = np.zeros((outputs, sizes["M'"], sizes["N'"]))
    for i, j in np.ndindex(after.shape[1:]):
        image = X.copy()
        image[:, i : i + m, j : j + n] = 0
        after[:, i, j] = scores(image)
    z = scores(X)
    arrays = {"X": X, "W": W, "a": a, "z": z, "~z": after, "H": -(after - z[:, None, None])}
    arrays["dz/dX"] = probe(lambda X: scores(X) - a, X.shape)
    return World(sizes=sizes, ranges=_ranges(sizes), arrays=arrays)


def exciting(P, D, m, n):
    """The largest response of each pattern, among all images of 0 and 1."""
    rng = np.random.default_rng(0)
    w, b = integers(rng, P, D, m, n), integers(rng, P)
    images = np.array(list(itertools.product([0, 1], repeat=D * m * n)))
    best = (images @ w.reshape(P, -1).T).max(axis=0) + b
    sizes = {"P": P, "D": D, "m": m, "n": n}
    return World(sizes=sizes, ranges=_ranges(sizes), arrays={"w": w, "b": b, "hat Z": best})


def moved(P, D, M, N, m, n, t):
    """Two searches, the second in the image moved to the left by t columns."""
    rng = np.random.default_rng(0)
    X, w, b = integers(rng, D, M, N), integers(rng, P, D, m, n), integers(rng, P)
    Z, after = (search_one(image, w) + b[:, None, None] for image in (X, X[:, :, t:]))
    sizes = {"P": P, "D": D, "M": M, "N": N, "m": m, "n": n, "t": t}
    ranges = _ranges(sizes) | {"i": M - m + 1, "j": N - n + 1 - t, "q": N - t}
    arrays = {"X": X, "~X": X[:, :, t:], "w": w, "b": b, "Z": Z, "~Z": after}
    return World(sizes=sizes, ranges=ranges, arrays=arrays)


def moved_pool(D, M, N, m, n, stride, t):
    """Two poolings, the second of the image moved to the left by t windows."""
    rng = np.random.default_rng(0)
    X = integers(rng, D, M, N)

    def largest(X):
        views = np.lib.stride_tricks.sliding_window_view(X, (m, n), (1, 2))
        return views[:, ::stride, ::stride].max(axis=(3, 4))

    Y, after = largest(X), largest(X[:, :, t * stride :])
    sizes = {"D": D, "M": M, "N": N, "m": m, "n": n, "stride": stride, "t": t}
    ranges = _ranges(sizes) | {"i": after.shape[1], "j": after.shape[2], "q": N - t * stride}
    arrays = {"X": X, "~X": X[:, :, t * stride :], "Y": Y, "~Y": after}
    return World(sizes=sizes, ranges=ranges, arrays=arrays)


def cost_of_search(P, D, M, N, m, n):
    """Parameters as arrays, multiplications as products that are made one by one."""
    sizes = {"P": P, "D": D, "m": m, "n": n, "M'": M - m + 1, "N'": N - n + 1}
    sizes["parameters"] = np.zeros((P, D, m, n)).size + np.zeros(P).size
    windows = np.lib.stride_tricks.sliding_window_view(np.ones((D, M, N)), (m, n), (1, 2))
    sizes["multiplications"] = P * windows.size
    return World(sizes=sizes, ranges={}, arrays={})


def cost_of_dense(outputs, inputs):
    """The same for a dense layer."""
    sizes = {"O": outputs, "I": inputs, "multiplications": np.zeros((outputs, inputs)).size}
    sizes["parameters"] = np.zeros((outputs, inputs)).size + np.zeros(outputs).size
    return World(sizes=sizes, ranges={}, arrays={})


def sureness(S, R):
    """Predictions in bins, some too sure and some not sure enough; no bin is empty."""
    rng = np.random.default_rng(0)
    p = rng.permutation((np.arange(S) + 0.5) / S)
    h = (rng.random(S) > p).astype(float)
    h[[0, -1]] = 1
    bins = np.ceil(p * R) - 1
    groups = [np.flatnonzero(bins == r) for r in range(R)]
    arrays = {
        "p": p, "h": h, "bin": bins, "count": np.array([len(group) for group in groups]),
        "accuracy": np.array([h[group].mean() for group in groups]),
        "confidence": np.array([p[group].mean() for group in groups]),
    }  # fmt: skip
    gaps = [abs(h[group].mean() - p[group].mean()) for group in groups]
    error = np.average(gaps, weights=arrays["count"])
    sizes = {"S": S, "R": R, "error": error}
    return World(sizes=sizes, ranges={"s": S, "r": R}, arrays=arrays)
