"""The search with all its options: stride, dilation, padding, groups; and its transpose."""

import numpy as np

from equations.world import World
from equations.worlds.derivatives import contract, integers, probe


def windows(X, w, *, stride, dilation, top, left, bottom, right, G):
    """Search an image with all options, by cutting all windows out of the padded image."""
    _, _, m, n = w.shape
    spans = dilation * (m - 1) + 1, dilation * (n - 1) + 1
    padded = np.pad(X, [(0, 0), (top, bottom), (left, right)])
    cut = np.lib.stride_tricks.sliding_window_view(padded, spans, (1, 2))
    cut = cut[:, ::stride, ::stride, ::dilation, ::dilation]
    groups = zip(np.split(cut, G), np.split(w, G), strict=True)
    return np.concatenate([np.tensordot(k, part, ([1, 2, 3], [0, 3, 4])) for part, k in groups])


OPTIONS = {"stride": 3, "dilation": 2, "top": 1, "left": 4, "bottom": 5, "right": 6, "G": 2}
ONE_GROUP = {**OPTIONS, "bottom": 4, "right": 5, "G": 1}
NO_DILATION = {**ONE_GROUP, "dilation": 1, "left": 2, "bottom": 0, "right": 0}
RING = {"stride": 2, "dilation": 1, "top": 4, "left": 5, "bottom": 0, "right": 1, "G": 1}
# No window lies wholly on zeros.
NARROW_RING = {**RING, "top": 1, "left": 3, "bottom": 2}
SHAPE = (6, 8, 12, 16, 3, 4)  # D, P, M, N, m, n
SMALL = (2, 3, 10, 11, 4, 5)
TALL = (2, 3, 23, 16, 7, 4)  # every pixel is in several windows


def geometry(shape=SHAPE, *, lets=False, depth="D", options=OPTIONS, zero=("X", "dL/dZ")):
    """The pattern search with options; `lets`: p, q and g mean what (eq-geometry) says.

    Entries of the arrays in `zero` that do not exist count as 0; an index of another array must
    stay inside.
    """
    rng = np.random.default_rng(0)
    D, P, M, N, m, n, G = *shape, options["G"]
    X, w, b = integers(rng, D, M, N), integers(rng, P, D // G, m, n), integers(rng, P)
    Z = windows(X, w, **options) + b[:, None, None]
    dZ = integers(rng, *Z.shape)
    _, rows, columns = Z.shape
    arrays = {
        "X": X, "w": w, "b": b, "Z": Z, "dL/dZ": dZ,
        "dL/dX": lambda: probe(lambda X: (dZ * windows(X, w, **options)).sum(), X.shape),
        "dL/dw": lambda: probe(lambda w: (dZ * windows(X, w, **options)).sum(), w.shape),
        "dZ/dX": lambda: probe(lambda X: windows(X, w, **options), X.shape),
        "dZ/dw": lambda: probe(lambda w: windows(X, w, **options), w.shape),
    }  # fmt: skip
    sizes = {"D": D, "P": P, "M": M, "N": N, "m": m, "n": n, "M'": rows, "N'": columns, **options}
    ranges = {"k": P, "c": {"D": D, "D/G": D // G}[depth], "i": rows, "j": columns}
    ranges |= {"u": m, "v": n, "p": M, "q": N}
    named = places(sizes) if lets else {}
    return World(sizes=sizes, ranges=ranges, arrays=arrays, zero=set(zero), lets=named)


def places(sizes):
    """The pixel below an entry of a window, and the group of a pattern."""
    stride, dilation = sizes["stride"], sizes.get("dilation", 1)
    return {
        "p": lambda at: at("i") * stride + at("u") * dilation - sizes["top"],
        "q": lambda at: at("j") * stride + at("v") * dilation - sizes["left"],
        "g": lambda at: at("k") // (sizes["P"] // sizes["G"]),
    }


def meets(sizes):
    """Tell whether the window (i, j) has the pixel (p, q) at its offset (u, v)."""
    below = places(sizes)
    return lambda at: (at("p") == below["p"](at)) & (at("q") == below["q"](at))


def transpose():
    """The transposed search, by the Jacobian of a search; M' as SciPy's strides leave it."""
    rng = np.random.default_rng(0)
    D, P, M, N, m, n, G = 6, 8, 5, 7, 2, 3, 2
    rows, columns = 11, 14  # all that make windows() return M x N: 10 to 12 and 14 to 16
    X, w, b = integers(rng, D, M, N), integers(rng, D, P // G, m, n), integers(rng, P)
    forward = probe(lambda Z: windows(Z, w, **OPTIONS), (P, rows, columns))
    Z = contract(X, forward) + b[:, None, None]
    sizes = {"D": D, "P": P, "M": M, "N": N, "m": m, "n": n, "M'": rows, "N'": columns, **OPTIONS}
    ranges = {"k": P, "c": D, "i": M, "j": N, "u": m, "v": n, "p": rows, "q": columns}
    return World(
        sizes=sizes, ranges=ranges, arrays={"X": X, "w": w, "b": b, "Z": Z},
        lets={"g": places(sizes)["g"]}, where=meets(sizes),
    )  # fmt: skip


def by_hand(dZ, w, shape):
    """An example with one pattern, stride 2, padding 1 and dilation 2."""
    options = {**dict.fromkeys(OPTIONS, 1), "stride": 2, "dilation": 2}
    w = np.array([[w]])
    dX = probe(lambda X: (dZ * windows(X, w, **options)).sum(), (1, *shape))[0]
    return World(sizes={}, ranges={}, arrays={"dL/dX": dX})


def adjoint():
    """A search of A, a small image, and the image that its transpose makes of X."""
    rng = np.random.default_rng(0)
    D, P, m, n, rows, columns = 2, 3, 2, 3, 7, 4
    w, A = integers(rng, D, P, m, n), integers(rng, P, rows, columns)
    C = windows(A, w, **ONE_GROUP)
    X = integers(rng, *C.shape)
    Z = contract(X, probe(lambda A: windows(A, w, **ONE_GROUP), A.shape))
    _, M, N = X.shape
    ranges = {"k": P, "c": D, "i": M, "j": N, "u": m, "v": n, "p": rows, "q": columns}
    arrays = {"X": X, "w": w, "A": A, "C": C, "Z": Z}
    return World(sizes={**ONE_GROUP}, ranges=ranges, arrays=arrays)


def overlap(M, m, stride, top):
    """How many windows have a row: every row of every window is counted."""
    rows = (M + top - m) // stride + 1
    below = [i * stride + u - top for i in range(rows) for u in range(m)]
    sizes = {"M": M, "m": m, "stride": stride, "top": top, "M'": rows}
    ranges = {"i": rows, "u": m, "p": M}
    return World(sizes=sizes, ranges=ranges, arrays={"H": [below.count(p) for p in range(M)]})


def fields(strides, spans):
    """Layers on layers: the rows of the image that an entry and its neighbor depend on."""
    count = len(strides)

    def rows(layer, entry):
        for stride, span in zip(strides[:layer][::-1], spans[:layer][::-1], strict=True):
            entry = {i * stride + u for i in entry for u in range(span)}
        return entry

    pairs = [(rows(layer, {0}), rows(layer, {1})) for layer in range(count + 1)]
    arrays = {
        "field": [max(one) - min(one) + 1 for one, _ in pairs],
        "shift": [min(other) - min(one) for one, other in pairs],
        "e": [0, *spans],
        "stride": [0, *strides],
    }
    return World(sizes={}, ranges={"ell": range(1, count + 1)}, arrays=arrays)


def sizes_of_windows(seed, *, transposed=False):
    """Random options, and the sizes that come of them: every window is counted."""
    rng = np.random.default_rng(seed)
    names = ("m", "n", "stride", "dilation", "top", "left", "bottom", "right")
    sizes = dict(zip(names, map(int, rng.permutation(9) + 2), strict=False))
    sizes |= {"M": int(rng.integers(60, 90)), "N": int(rng.integers(60, 90))}

    def count(size, width, *pads, stride=sizes["stride"]):
        span = (sizes[width] - 1) * sizes["dilation"] + 1
        free = size + sum(sizes[pad] for pad in pads) - span
        return len(range(0, free + 1, stride))

    for size, *options in (("M", "m", "top", "bottom"), ("N", "n", "left", "right")):
        if transposed:
            fitting = [r for r in range(2000) if count(r, *options) == sizes[size]]
            sizes["output_padding"] = seed % sizes["stride"]
            sizes[f"{size}'"] = fitting[sizes["output_padding"]]
        else:
            sizes[f"{size}'"] = count(sizes[size], *options)
            sizes[f"R_{size}"] = count(sizes[size], *options, stride=1) - 1
    return World(sizes=sizes, ranges={"i": 90}, arrays={})


def same_padding(M, stride, e):
    """The least padding with which every stride-th pixel has a window, found by trying."""
    wanted = -(-M // stride)
    total = next(t for t in range(99) if len(range(0, M + t - e + 1, stride)) == wanted)
    sizes = {"M": M, "stride": stride, "e": e, "M'": wanted, "top": total // 2}
    return World(sizes={**sizes, "bottom": total - total // 2}, ranges={}, arrays={})
