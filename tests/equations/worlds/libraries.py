"""What two libraries compute in two orders: rounded sums, and arrays whose depth comes last."""

import math

import numpy as np

from equations.world import World
from equations.worlds.derivatives import integers, search_one


def rounded(R, u, upwards):
    """One sum of R products, computed twice by machines that round as far as they may.

    Every operation multiplies its result by 1 + u, or by 1 - u. The first machine adds from the
    left, so that its first term is rounded most, the second from the right and the other way. All
    but one term, the first or the last, are small: so the bounds are nearly reached.
    """
    rng = np.random.default_rng(R)
    x, w = rng.integers(1, 4, R) / 8, rng.integers(1, 4, R) / 8
    large = 0 if upwards else R - 1
    x[large], w[large] = 9, 8
    signs = rng.choice([-1.0, 1.0], R)
    x, w = x * signs, w * signs  # products are positive, their factors are not
    factor = 1 + u if upwards else 1 - u
    left, right = np.full(R, factor), np.full(R, 2 - factor)  # of the products
    for r in range(1, R):
        left[: r + 1] *= factor
        right[R - 1 - r :] *= 2 - factor
    products = x * w
    arrays = {
        "x": x, "w": w, "z": products.sum(), "theta": left - 1,
        "hat z": products @ left, "~z": products @ right,
    }  # fmt: skip
    sizes = {"R": R, "u": u, "gamma": math.prod([1 + u] * R) - 1}
    return World(sizes=sizes, ranges={"r": R}, arrays=arrays)


def depth_last(D, P, M, N, m, n, outputs):
    """A search, and a dense layer behind its maps, as others hold their arrays.

    Which pixel of which map a place in the row is, is seen from maps that hold their own places.
    """
    rng = np.random.default_rng(0)
    X, w, b = integers(rng, D, M, N), integers(rng, P, D, m, n), integers(rng, P)
    Z = search_one(X, w) + b[:, None, None]
    _, rows, columns = Z.shape
    W = rng.permutation(outputs * Z.size).reshape(outputs, Z.size) + 1.0
    places = np.moveaxis(np.arange(Z.size).reshape(Z.shape), 0, 2).ravel()
    arrays = {
        "X": X, "w": w, "b": b, "Z": Z, "W": W, "bar W": W[:, places].T,
        **{f"bar {name}": np.moveaxis(array, 0, -1) for name, array in (("X", X), ("Z", Z))},
        "bar w": np.einsum("kcuv->uvck", w),
    }  # fmt: skip
    sizes = {"D": D, "P": P, "M": M, "N": N, "m": m, "n": n, "O": outputs}
    sizes |= {"M'": rows, "N'": columns}
    ranges = {"k": P, "c": D, "i": rows, "j": columns, "u": m, "v": n, "p": M, "q": N}
    return World(sizes=sizes, ranges=ranges | {"o": outputs}, arrays=arrays)
