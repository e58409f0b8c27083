"""Other ways to compute the layer, and how fast a kernel can be."""

import numpy as np
from scipy import fft, signal

from equations.world import World
from equations.worlds.derivatives import integers, search, search_one
from equations.worlds.layers import convolution


def arranged(shape):
    """The layer with its arrays laid out as other algorithms want them."""
    world = convolution(shape, batch=False)
    X, w, b = (world.array(name) for name in "Xwb")
    P, D, m, n = w.shape
    N = X.shape[2]
    patterns = np.zeros((P, D, m, N))  # with the columns of an image, so rows follow each other
    patterns[..., :n] = w
    patterns = patterns.reshape(P, D, -1)[:, :, : (m - 1) * N + n]
    lines = X.reshape(D, -1)
    windows = np.lib.stride_tricks.sliding_window_view(X, (m, n), (1, 2))
    world.arrays |= {
        "T": world.arrays["dZ/dX"], "x": lines, "W": w.reshape(P, -1),
        "A": np.moveaxis(windows, (3, 4), (1, 2)).reshape(D * m * n, -1),
        "z": np.array([signal.correlate(lines, k, "valid", "direct")[0] for k in patterns])
        + b[:, None],
    }  # fmt: skip
    world.sizes.pop("I")
    count = world.arrays["z"].shape[1]
    world.ranges |= {"r": D * m * n, "t": count}
    world.zero |= {"w"}
    return world


def circular(shape):
    """A search that begins again at the border of the image, and its frequencies by SciPy."""
    world = convolution(shape, batch=False)
    X, w = world.array("X"), world.array("w")
    (_, M, N), (m, n) = X.shape, w.shape[2:]
    around = np.pad(X, [(0, 0), (0, m - 1), (0, n - 1)], mode="wrap")
    C = search_one(around, w)
    world.arrays |= {
        "C": C, "hat X": fft.fft2(X), "hat w": np.conj(fft.fft2(w, (M, N))),
        "hat C": fft.fft2(C),
        "omega_M": np.exp(-2j * np.pi / M), "omega_N": np.exp(-2j * np.pi / N),
    }  # fmt: skip
    world.ranges |= {"i": M, "j": N, "mu": M, "nu": N}
    return world


def row(N):
    """A row of pixels, a pattern of three entries, and the frequencies of both."""
    rng = np.random.default_rng(0)
    X, w = integers(rng, N), integers(rng, 3)
    C = np.correlate(np.append(X, X[:2]), w)
    arrays = {
        "X": X, "w": w, "Z": np.correlate(X, w), "C": C, "hat X": fft.fft(X),
        "hat w": np.conj(fft.fft(w, N)), "hat C": fft.fft(C), "omega": np.exp(-2j * np.pi / N),
    }  # fmt: skip
    ranges = {"j": N, "v": 3, "q": N, "~q": N, "nu": N}
    return World(sizes={"N": N, "n": 3}, ranges=ranges, arrays=arrays)


def halves(N):
    """The even and the odd half of a row."""
    x = integers(np.random.default_rng(0), N)
    arrays = {
        "hat X": fft.fft(x), "hat E": fft.fft(x[::2]), "hat O": fft.fft(x[1::2]),
        "X": x, "omega": np.exp(-2j * np.pi / N),
    }  # fmt: skip
    return World(sizes={"N": N}, ranges={"nu": N // 2, "q": N // 2}, arrays=arrays)


def tile(D, P):
    """Winograd's matrices by interpolation at 0, 1, -1 and infinity, and all for one tile."""
    rng = np.random.default_rng(0)
    powers = np.array([[1, 0, 0, 0], [1, 1, 1, 1], [1, -1, 1, -1], [0, 0, 0, 1]])
    halved = np.array([[1], [2], [2], [1]])
    A, G = powers[:, [0, 1]], powers[:, :3] / halved
    A[3], G[3] = [0, 1], [0, 0, 1]  # at infinity: the highest coefficient
    B = np.linalg.inv(powers) * halved.T
    X, w, b = integers(rng, D, 4, 4), integers(rng, P, D, 3, 3), integers(rng, P)
    arrays = {
        "A": A, "B": B, "G": G, "X": X, "w": w, "b": b,
        "U": G @ w @ G.T, "V": B.T @ X @ B, "Z": search_one(X, w) + b[:, None, None],
    }  # fmt: skip
    ranges = {"k": P, "c": D, "i": 2, "j": 2, "u": 3, "v": 3, "p": 4, "q": 4, "r": 4, "t": 4}
    return World(sizes={"D": D}, ranges=ranges, arrays=arrays)


def speed(shape, R, V, peak, bandwidth):
    """What a layer costs, a tile of R patterns by V vectors, and a machine that does both."""
    B, D, P, M, N, m, n = shape
    ones = search(np.ones((B, D, M, N)), np.ones((P, D, m, n)))
    rows, columns = ones.shape[2:]
    operations = 2 * ones.sum()
    numbers = B * D * M * N + P * D * m * n + P + ones.size
    seconds = sorted([operations / peak, 4 * numbers / bandwidth])[1]
    arrays = {
        "length": np.flatnonzero(np.pad(ones[0, 0], [(0, 0), (0, n - 1)]))[-1] + 1,
        "loads": len([*range(R), *range(V)]), "multiply-adds": np.ones((R, V)).sum(),
        "operations": operations, "numbers": numbers, "bytes": 4 * numbers, "peak": peak,
        "intensity": operations / (4 * numbers), "bandwidth": bandwidth, "seconds": seconds,
        "roof": operations / seconds,
    }  # fmt: skip
    sizes = {"B": B, "D": D, "P": P, "M": M, "N": N, "m": m, "n": n, "R": R, "V": V}
    return World(sizes=sizes | {"M'": rows, "N'": columns}, ranges={}, arrays=arrays)
