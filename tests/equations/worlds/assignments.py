"""What assignments begin with: one image and one pattern, a softmax for itself."""

import numpy as np
from scipy import signal, special

from equations.world import World
from equations.worlds.derivatives import differentiate, integers


def one_image(shape, *, deep):
    """The map of one pattern on one image; without depth, both are planes."""
    _, D, _, M, N, m, n = shape
    rng = np.random.default_rng(0)
    X, w = integers(rng, D, M, N), integers(rng, D, m, n)
    sizes = {"D": D, "M": M, "N": N, "m": m, "n": n, "M'": M - m + 1, "N'": N - n + 1}
    ranges = {"i": sizes["M'"], "j": sizes["N'"], "u": m, "v": n, "c": D}
    if not deep:
        X, w = X[0], w[0]
    Z = signal.correlate(X, w, "valid", "direct").reshape(sizes["M'"], sizes["N'"])
    return World(
        sizes=sizes, ranges=ranges, arrays={"X": X, "w": w, "Z": Z},
        absent={"X", "Z"}, inputs={"X", "w"},
    )  # fmt: skip


def softmax(shape, *, batch):
    """Chances and scores of a batch, or of one sample with the derivatives of its chances."""
    B, classes = shape
    Z = integers(np.random.default_rng(0), B, classes, over=4)
    ranges = {"o": classes, "~o": classes}
    if batch:
        arrays = {"Z": Z, "Y": special.softmax(Z, axis=1)}
        return World(sizes={"B": B}, ranges={"s": B, **ranges}, arrays=arrays)
    one = Z[0]
    slopes = differentiate(lambda z: np.exp(z) / np.exp(z).sum(), one)
    arrays = {"Z": one, "Y": special.softmax(one), "dY/dZ": slopes}
    return World(sizes={}, ranges=ranges, arrays=arrays)
