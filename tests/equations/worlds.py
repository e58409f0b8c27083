r"""What the letters of each page mean: arrays from NumPy and SciPy, never from the equations.

All sizes of a world differ, so that a wrong letter leaves its range or changes the number. Entries
are integers, or integers over a power of two, none of them 0: everything linear is exact. What is
linear is differentiated by moving one entry by 1, all else by a complex step.
"""

import functools

import numpy as np
from scipy import fft, optimize, signal, special

from equations.evaluate import STEP, World

# B, D, P, M, N, m, n: with M' and N' nine different numbers each.
SHAPES = [(9, 4, 7, 6, 10, 2, 3), (8, 6, 10, 9, 5, 3, 2)]
LARGE_PATTERN = (7, 5, 4, 8, 10, 6, 9)  # larger than its map


def integers(rng, *shape, over=1):
    """Draw integers between -9 and 9, but not 0."""
    return rng.integers(1, 10, shape) * rng.choice([-1.0, 1.0], shape) / over


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def slope(function):
    """Return the derivative of a function of one number."""
    return lambda z: np.imag(function(z + 1j * STEP)) / STEP


FUNCTIONS = {
    "f": sigmoid,
    "f'": slope(sigmoid),
    "sigma": sigmoid,
    "sigma'": slope(sigmoid),
    "tanh": np.tanh,
    "tanh'": slope(np.tanh),
}


def search(X, w):
    """Cross-correlate every image of a batch with every pattern."""
    return np.array([[signal.correlate(x, k, "valid", "direct")[0] for k in w] for x in X])


def probe(function, shape):
    """Return all derivatives of a linear function: its values where one entry is 1.

    The indices of the result come first, then those of the argument.
    """
    units = np.eye(np.prod(shape)).reshape(-1, *shape)
    columns = np.stack([function(unit) for unit in units], axis=-1)
    return columns.reshape(*columns.shape[:-1], *shape)


def differentiate(function, x):
    """Return all derivatives of a smooth function, by complex steps; indices as in `probe`."""
    flat = x.ravel()
    units = 1j * STEP * np.eye(x.size)
    columns = [np.imag(function((flat + unit).reshape(x.shape))) / STEP for unit in units]
    return np.stack(columns, axis=-1).reshape(*np.shape(columns[0]), *x.shape)


def contract(gradient, jacobian):
    """Apply the chain rule in its general form: add over everything in between."""
    return np.tensordot(gradient, jacobian, gradient.ndim)


# --- The convolutional layer --------------------------------------------------


def convolution(shape, *, batch, act=sigmoid, bias=True):
    """One layer, the dense layer behind it, and the gradients of all its arrays."""
    B, D, P, M, N, m, n = shape
    rng = np.random.default_rng(0)
    X, w, b = (
        integers(rng, B, D, M, N),
        integers(rng, P, D, m, n, over=256),
        integers(rng, P, over=8) * bias,
    )
    sizes = {"B": B, "D": D, "P": P, "M": M, "N": N, "m": m, "n": n, "O": 11, "eta": 0.25}
    sizes |= {"M'": M - m + 1, "N'": N - n + 1}
    sizes["I"] = P * sizes["M'"] * sizes["N'"]
    if not batch:
        X = X[:1]
    Z = search(X, w) + b[:, None, None]
    dZ = integers(rng, *Z.shape)
    delta = dZ / slope(act)(Z) if act is not relu else dZ
    if act is relu:
        dZ = dZ * (Z > 0)
    arrays = {
        "X": X, "w": w, "b": b, "Z": Z, "Y": act(Z), "G": dZ, "delta": delta,
        "dL/dZ": dZ, "dL/dY": delta,
        "dZ/dX": lambda: per_sample(functools.partial(_search_one, w=w), X),
        "dZ/dw": lambda: probe(lambda w: search(X, w), w.shape),
        "dZ/db": lambda: probe(lambda b: np.zeros(Z.shape) + b[:, None, None], b.shape),
        "dY/dZ": lambda: per_sample(lambda z: differentiate(act, z), Z, ready=True),
    }  # fmt: skip
    arrays["dL/dw"] = lambda: probe(lambda w: (dZ * search(X, w)).sum(), w.shape)
    arrays["dL/db"] = lambda: probe(lambda b: (dZ * b[:, None, None]).sum(), b.shape)
    arrays["dw/deta"] = lambda: -arrays["dL/dw"]()
    arrays["dL/deta"] = lambda: (dZ * search(X, -arrays["dL/dw"]())).sum()
    arrays["L"] = np.sum(dZ * Z)
    arrays["R"] = signal.convolve2d(np.ones(Z.shape[2:]), np.ones((m, n)))
    arrays["w new"] = lambda: w - 0.25 * arrays["dL/dw"]()
    arrays["b new"] = lambda: b - 0.25 * arrays["dL/db"]()
    arrays["d w"] = arrays["dL/dw"]
    arrays["dL/dX"] = lambda: contract(dZ, per_sample(functools.partial(_search_one, w=w), X))
    world = _layer(sizes, arrays, batch)
    world.arrays |= dense_behind(rng, world)
    world.functions |= {"f": act, "f'": slope(act)} if act is not relu else {}
    return world


def mixing(shape):
    """Maps Y of which every entry depends on every entry of Z, and a loss of all of Y."""
    world = convolution(shape, batch=False)
    rng, Z = np.random.default_rng(1), world.array("Z")
    A, C = integers(rng, Z.size, Z.size, over=64), integers(rng, Z.size)

    def act(Z):
        return np.sin(A @ Z.ravel()).reshape(Z.shape)

    def loss(Y):
        return C @ Y.ravel() ** 2

    Y = act(Z)
    world.arrays |= {"Y": Y, "dL/dY": differentiate(loss, Y), "dY/dZ": differentiate(act, Z)}
    world.arrays["dL/dZ"] = differentiate(lambda Z: loss(act(Z)), Z)
    return world


def relu(z):
    return np.where(np.real(z) > 0, z, 0)


def _search_one(x, w):
    return search(x[None], w)[0]


def per_sample(function, X, *, ready=False):
    """Return the Jacobian of what is done to each sample: 0 between two different ones."""
    one = [function(x) for x in X] if ready else [probe(function, X[0].shape)] * len(X)
    axes = 3
    full = np.zeros((len(X), *one[0].shape[:axes], len(X), *one[0].shape[axes:]))
    for s, jacobian in enumerate(one):
        full[(s, *[slice(None)] * axes, s)] = jacobian
    return full


def _layer(sizes, arrays, batch):
    """Return a world for a batch, or for its only image, without the first axis."""
    letters = {"k": "P", "c": "D", "d": "D", "i": "M'", "j": "N'", "u": "m", "v": "n", "o": "O"}
    letters |= {"p": "M", "q": "N", "r": "I"} | ({"s": "B"} if batch else {})
    ranges = {name: sizes[size] for name, size in letters.items()}
    ranges |= {f"{name}'": count for name, count in ranges.items()}
    if not batch:
        arrays = {name: functools.partial(_single, name, array) for name, array in arrays.items()}
    absent = {"Z", "X", "dZ/dX", "dZ/dw"}
    return World(
        sizes=sizes, ranges=ranges, arrays=arrays, functions=FUNCTIONS,
        zero={"dL/dZ"}, absent=absent, inputs={"X", "w", "b"},
    )  # fmt: skip


def _single(name, array):
    """Drop the axis of samples, which only one number was left of."""
    array = array() if callable(array) else array
    shared = {"w", "b", "dL/dw", "dL/db", "w new", "b new", "d w", "dw/deta"}
    if name in ("R", "L", "dL/deta"):
        return array
    if name in shared:
        return array
    array = array[0]
    if name in ("dZ/dX", "dY/dZ"):
        return array[:, :, :, 0]
    return array


def dense_behind(rng, world):
    """Return a dense layer that hands back exactly the delta of a world with a single image."""
    delta = world.array("delta")
    if delta.ndim == 4:
        return {}
    dz, W = integers(rng, 11), integers(rng, 11, delta.size)
    W[-1] = (delta.ravel() - dz[:-1] @ W[:-1]) / dz[-1]
    same = np.eye(delta.size).reshape(-1, *delta.shape)
    return {
        "x": world.array("Y").ravel(), "dL/dx": delta.ravel(), "W": W, "dL/dz": dz, "dx/dY": same
    }  # fmt: skip


# --- Dense layers and losses --------------------------------------------------


def dense(shape, *, batch):
    """A vanilla layer z = W x + c, y = f(z)."""
    B, outputs, inputs = shape
    rng = np.random.default_rng(0)
    x, W, c = (
        integers(rng, B, inputs),
        integers(rng, outputs, inputs, over=64),
        integers(rng, outputs, over=8),
    )
    z = np.einsum("oi,si->so", W, x) + c
    dz = integers(rng, B, outputs)
    dy = dz / slope(sigmoid)(z)
    y = sigmoid(z)
    T = integers(rng, B, outputs)
    if not batch:
        x, z, dz, dy, y, T = (array[0] for array in (x, z, dz, dy, y, T))
    arrays = {
        "x": x, "W": W, "c": c, "z": z, "y": y, "dL/dz": dz, "dL/dy": dy, "T": T, "delta": dy,
        "G": dz, "L": np.sum(dz * z),
        "dL/dx": probe(lambda x: (dz * (x @ W.T)).sum(), x.shape),
        "dL/dW": probe(lambda W: (dz * (x @ W.T)).sum(), W.shape),
        "dL/dc": probe(lambda c: (dz * (0 * z + c)).sum(), c.shape),
        "dz/dx": lambda: probe(lambda x: x @ W.T, x.shape),
        "dz/dW": lambda: probe(lambda W: x @ W.T, W.shape),
        "dz/dc": lambda: probe(lambda c: 0 * z + c, c.shape),
        "dy/dz": lambda: differentiate(sigmoid, z),
    }  # fmt: skip
    sizes = {"B": B, "O": outputs, "I": inputs, "eta": 0.25}
    ranges = {"o": outputs, "i": inputs, "t": outputs, "o'": outputs, "i'": inputs} | (
        {"s": B, "s'": B} if batch else {}
    )
    return World(
        sizes=sizes, ranges=ranges, arrays=arrays, functions=FUNCTIONS, inputs={"x", "W", "c"}
    )


def targets(shape):
    """The outputs of a network and what they should be: the squared error."""
    B, outputs = shape
    rng = np.random.default_rng(0)
    Y, T = integers(rng, B, outputs, over=2), integers(rng, B, outputs)
    arrays = {
        "Y": Y, "T": T, "L": (np.linalg.norm(Y - T, axis=1) ** 2).mean() / 2,
        "dL/dY": differentiate(lambda Y: np.mean(np.einsum("so,so->s", Y - T, Y - T)) / 2, Y),
    }  # fmt: skip
    return World(
        sizes={"B": B, "O": outputs},
        ranges={"s": B, "o": outputs, "s'": B, "o'": outputs},
        arrays=arrays,
    )


def scores(shape):
    """Scores, their softmax, and the cross-entropy; `L_s` is the share of one sample."""
    B, outputs = shape
    rng = np.random.default_rng(0)
    z, ell = integers(rng, B, outputs, over=4), rng.permutation(outputs)[:B]

    def shares(z):
        return np.log(np.exp(z).sum(axis=1) / np.exp(z[np.arange(B), ell])) / B

    p = special.softmax(z, axis=1)
    arrays = {
        "z": z, "z:1": z[0], "p": p, "p:1": p[0], "ell": ell, "L": shares(z).sum(),
        "L:1": shares(z), "dL/dz": differentiate(lambda z: shares(z).sum(), z),
        "dp/dz": lambda: differentiate(lambda z: np.exp(z) / np.exp(z).sum(1, keepdims=True), z),
    }  # fmt: skip
    arrays["dL:1/dz"] = lambda: differentiate(shares, z)
    ranges = {"s": B, "o": outputs, "t": outputs, "o'": outputs, "s'": B}
    return World(sizes={"B": B, "O": outputs}, ranges=ranges, arrays=arrays)


# --- Before convolution -------------------------------------------------------


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


def shuffled(shape):
    """A dense layer, and the same one with its inputs in another order."""
    world = dense(shape, batch=False)
    x, W = world.array("x"), world.array("W")
    order = np.random.default_rng(1).permutation(len(x))
    world.arrays["x'"], world.arrays["W'"] = x[order], W[:, order]
    world.arrays["z'"] = W[:, order] @ x[order] + world.array("c")
    world.functions |= {"pi": lambda i: order[i.astype(int)]}
    return world


def taylor(x, h):
    """A polynomial, the places at which its Taylor remainders are exact, the imaginary unit."""
    f = np.polynomial.Polynomial([-5, 3, -1, 2, 1, -1])
    third = f.deriv(3)
    up, down = f(x + h), f(x - h)

    def place(wanted, first, last, function=third):
        return optimize.brentq(lambda z: function(z) - wanted, first, last, xtol=1e-15)

    smooth = f(x) + h * h / 2 * f.deriv(2)(x)
    places = {
        "xi_1": place((up - smooth - h * f.deriv()(x)) * 6 / h**3, x, x + h),
        "xi_2": place((smooth - h * f.deriv()(x) - down) * 6 / h**3, x - h, x),
        "xi": place((up - down - 2 * h * f.deriv()(x)) * 3 / h**3, x - h, x + h),
        "eta": place(
            (h * f.deriv()(x) - f(x + 1j * h).imag) * 6 / h**3, 0, h,
            lambda eta: third(x + 1j * eta).real,
        ),
    }  # fmt: skip
    functions = {"f" + "'" * order: f.deriv(order) for order in range(4)}
    arrays = {"i": np.array(1j)}
    return World(sizes={"x": x, "h": h, **places}, ranges={}, arrays=arrays, functions=functions)


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
    ranges = {"u": 4, "v": 3, "u'": 3, "v'": 7, "p": 6, "q": 9, "i": rows, "j": columns}
    ranges |= {"k": P, "c": D, "d": P_1}
    return World(sizes={}, ranges=ranges, arrays=arrays, zero={"w_1"})


# --- The page of operations ---------------------------------------------------


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


STRIDE_2 = {**dict.fromkeys(OPTIONS, 0), "stride": 2, "dilation": 1, "G": 1}


def geometry(*, lets=False, depth="D", options=OPTIONS):
    """The pattern search with options; `lets`: p, q and g mean what (eq-geometry) says."""
    rng = np.random.default_rng(0)
    D, P, M, N, m, n, G = 6, 8, 12, 16, 3, 4, options["G"]
    X, w, b = integers(rng, D, M, N), integers(rng, P, D // G, m, n), integers(rng, P)
    Z = windows(X, w, **options) + b[:, None, None]
    dZ = integers(rng, *Z.shape)
    _, rows, columns = Z.shape
    arrays = {
        "X": X, "w": w, "b": b, "Z": Z, "dL/dZ": dZ,
        "dL/dX": lambda: probe(lambda X: (dZ * windows(X, w, **options)).sum(), X.shape),
        "dL/dw": lambda: probe(lambda w: (dZ * windows(X, w, **options)).sum(), w.shape),
    }  # fmt: skip
    sizes = {"D": D, "P": P, "M": M, "N": N, "m": m, "n": n, "M'": rows, "N'": columns, **options}
    ranges = {"k": P, "c": {"D": D, "D/G": D // G}[depth], "i": rows, "j": columns}
    ranges |= {"u": m, "v": n, "p": M, "q": N}
    named = _places(sizes) if lets else {}
    return World(sizes=sizes, ranges=ranges, arrays=arrays, zero={"X", "dL/dZ"}, lets=named)


def _places(sizes):
    """The pixel below an entry of a window, and the group of a pattern."""
    stride, dilation = sizes["stride"], sizes.get("dilation", 1)
    return {
        "p": lambda at: at("i") * stride + at("u") * dilation - sizes["top"],
        "q": lambda at: at("j") * stride + at("v") * dilation - sizes["left"],
        "g": lambda at: at("k") // (sizes["P"] // sizes["G"]),
    }


def _meets(sizes):
    """Tell whether the window (i, j) has the pixel (p, q) at its offset (u, v)."""
    places = _places(sizes)
    return lambda at: (at("p") == places["p"](at)) & (at("q") == places["q"](at))


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
        lets={"g": _places(sizes)["g"]}, where=_meets(sizes),
    )  # fmt: skip


def sizes_of_windows(seed, *, transposed=False):
    """Random options, and the sizes that come of them: every window is counted."""
    rng = np.random.default_rng(seed)
    names = ("m", "n", "stride", "dilation", "top", "left", "bottom", "right")
    sizes = dict(zip(names, map(int, rng.permutation(9) + 2), strict=False))
    sizes |= {"M": int(rng.integers(60, 90)), "N": int(rng.integers(60, 90))}

    def count(size, width, *pads):
        span = (sizes[width] - 1) * sizes["dilation"] + 1
        free = size + sum(sizes[pad] for pad in pads) - span
        return len(range(0, free + 1, sizes["stride"]))

    for size, *options in (("M", "m", "top", "bottom"), ("N", "n", "left", "right")):
        if transposed:
            fitting = [r for r in range(2000) if count(r, *options) == sizes[size]]
            sizes["output_padding"] = seed % sizes["stride"]
            sizes[f"{size}'"] = fitting[sizes["output_padding"]]
        else:
            sizes[f"{size}'"] = count(sizes[size], *options)
    return World(sizes=sizes, ranges={}, arrays={})


def same_padding(M, stride, e):
    """The least padding with which every stride-th pixel has a window, found by trying."""
    wanted = -(-M // stride)
    total = next(t for t in range(99) if len(range(0, M + t - e + 1, stride)) == wanted)
    sizes = {"M": M, "stride": stride, "e": e, "M'": wanted, "top": total // 2}
    return World(sizes={**sizes, "bottom": total - total // 2}, ranges={}, arrays={})


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
        lets=_places(sizes) if lets else {}, where=_meets(sizes) if backward else None,
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


def dropout():
    rng = np.random.default_rng(0)
    X, dY, kept = integers(rng, 3, 5), integers(rng, 3, 5), rng.integers(0, 2, (3, 5))
    arrays = {
        "X": X, "dL/dY": dY, "kappa": kept, "Y": np.where(kept, X * 4, 0),
        "dL/dX": np.where(kept, dY * 4, 0),
    }  # fmt: skip
    return World(sizes={"rate": 0.75}, ranges={}, arrays=arrays)


def batch_norm():
    """One depth of batch normalization; every derivative by complex steps."""
    rng = np.random.default_rng(0)
    K, w, b, epsilon = 7, 3.0, -2.0, 0.5
    x, dy = integers(rng, K), integers(rng, K)

    def mean(x):
        return x.sum() / K

    def deviation(x):
        return np.sqrt((x * x).sum() / K - mean(x) ** 2 + epsilon)

    def normal(x):
        return (x - mean(x)) / deviation(x)

    slopes = {"mu": mean, "sigma": deviation, "hat x": normal}
    arrays = {"x": x, "y": w * normal(x) + b, "dL/dy": dy}
    arrays |= {name: function(x) for name, function in slopes.items()}
    arrays |= {f"d{name}/dx": differentiate(function, x) for name, function in slopes.items()}
    arrays["dL/dw"] = (dy * (normal(x) + b)).sum() - (dy * b).sum()  # a step of 1, from 0
    arrays["dL/db"] = (dy * (normal(x) + 1)).sum() - (dy * normal(x)).sum()
    arrays["dL/dx"] = differentiate(lambda x: (dy * (w * normal(x) + b)).sum(), x)
    arrays |= {"mean new": np.average([4, mean(x)], weights=[3, 1])}
    arrays["variance new"] = np.average([5, x.var(ddof=1)], weights=[3, 1])
    sizes = {
        "K": K,
        "w": w,
        "b": b,
        "varepsilon": epsilon,
        "mean": 4,
        "variance": 5,
        "momentum": 0.25,
    }
    return World(sizes=sizes, ranges={"r": K, "t": K}, arrays=arrays)


def optimizer(*, adam):
    """Four steps; the moving means from their closed forms, sums over all steps so far."""
    rng = np.random.default_rng(0)
    steps, eta = 4, 0.25
    g = np.r_[np.nan, integers(rng, steps)]

    def fading(rate, values):
        return np.array(
            [sum(rate ** (t - r) * values[r] for r in range(1, t + 1)) for t in range(5)]
        )

    moving = {"v": fading(0.5, g)}
    moves = moving["v"]
    if adam:
        moving = {"a": 0.5 * fading(0.5, g), "s": 0.25 * fading(0.75, g**2)}
        weights = [np.r_[1, fading(rate, np.ones(5))[1:]] for rate in (0.5, 0.75)]
        moving["hat a"] = fading(0.5, g) / weights[0]
        moving["hat s"] = fading(0.75, g**2) / weights[1]
        moves = moving["hat a"] / (np.sqrt(moving["hat s"]) + 0.125)
    path = 3 - eta * np.cumsum(moves)
    sizes = {"eta": eta, "momentum": 0.5, "beta_1": 0.5, "beta_2": 0.75, "varepsilon": 0.125}
    lets = {
        "w": lambda at: path[at("t").astype(int) - 1],
        "w new": lambda at: path[at("t").astype(int)],
    }
    return World(
        sizes=sizes, ranges={"t": range(1, steps + 1)}, arrays={**moving, "g": g}, lets=lets
    )


# --- Other ways to compute the layer -------------------------------------------


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
    C = _search_one(around, w)
    world.arrays |= {
        "C": C, "hat X": fft.fft2(X), "tilde w": np.conj(fft.fft2(w, (M, N))),
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
        "tilde w": np.conj(fft.fft(w, N)), "hat C": fft.fft(C), "omega": np.exp(-2j * np.pi / N),
    }  # fmt: skip
    ranges = {"j": N, "v": 3, "q": N, "q'": N, "nu": N}
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
        "U": G @ w @ G.T, "V": B.T @ X @ B, "Z": _search_one(X, w) + b[:, None, None],
    }  # fmt: skip
    ranges = {"k": P, "c": D, "i": 2, "j": 2, "u": 3, "v": 3, "p": 4, "q": 4, "r": 4, "t": 4}
    return World(sizes={"D": D}, ranges=ranges, arrays=arrays)


# --- How fast a kernel can be ---------------------------------------------------


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


# --- Which page means what ----------------------------------------------------


def everywhere(build, *shapes, **options):
    """Return the worlds of one kind, one for each shape; built when first asked for."""
    return functools.cache(lambda: [build(*shape, **options) for shape in shapes or [()]])


LAYERS = [(shape,) for shape in SHAPES]
WORLDS = {
    "layer": everywhere(convolution, *LAYERS, batch=False),
    "layers": everywhere(convolution, *LAYERS, batch=True),
    "any size": everywhere(convolution, *LAYERS, (LARGE_PATTERN,), batch=False),
    "tanh layer": everywhere(convolution, *LAYERS, batch=False, act=np.tanh),
    "relu layer": everywhere(convolution, *LAYERS, batch=False, act=relu),
    "no bias": everywhere(convolution, *LAYERS, batch=False, bias=False),
    "taylor": everywhere(taylor, (3, 0.5), (-2, 0.25)),
    "mixing": everywhere(mixing, ((9, 8, 3, 6, 10, 5, 7),), ((10, 8, 5, 6, 7, 4, 6),)),
    "dense": everywhere(dense, ((3, 4, 5),), ((2, 7, 3),), batch=False),
    "dense, batch": everywhere(dense, ((3, 4, 5),), ((2, 7, 3),), batch=True),
    "targets": everywhere(targets, ((3, 4),), ((5, 2),)),
    "scores": everywhere(scores, ((3, 4),), ((2, 5),)),
    "templates": everywhere(templates, *LAYERS),
    "deep templates": everywhere(deep_templates, *LAYERS),
    "gray": everywhere(gray, *LAYERS),
    "neighbors": everywhere(neighbors, ((4, 7, 2),), ((6, 5, 1),)),
    "shuffled": everywhere(shuffled, ((3, 4, 5),), ((2, 7, 3),)),
    "window": everywhere(window, (5,), (6,)),
    "two searches": everywhere(two_searches),
    "geometry": everywhere(geometry),
    "stride 2": everywhere(geometry, options=STRIDE_2),
    "geometry dw": everywhere(geometry, lets=True, depth="D/G"),
    "transpose": everywhere(transpose),
    "geometry sizes": everywhere(sizes_of_windows, *((seed,) for seed in range(20))),
    "transpose sizes": everywhere(sizes_of_windows, *((s,) for s in range(20)), transposed=True),
    "same padding": everywhere(same_padding, (11, 3, 5), (12, 5, 4), (9, 4, 1)),
    "max pool": everywhere(pool, lets=True),
    "max pool dX": everywhere(pool),
    "mean pool": everywhere(mean_pool, lets=True),
    "mean pool dX": everywhere(mean_pool, backward=True),
    "dropout": everywhere(dropout),
    "batch norm": everywhere(batch_norm),
    "momentum": everywhere(optimizer, adam=False),
    "adam": everywhere(optimizer, adam=True),
    "arranged": everywhere(arranged, *LAYERS),
    "circular": everywhere(circular, *LAYERS),
    "row": everywhere(row, (7,), (10,)),
    "halves": everywhere(halves, (8,), (12,)),
    "tile": everywhere(tile, (5, 7), (6, 3)),
    "speed": everywhere(speed, (SHAPES[0], 5, 3, 90.0, 11.0), (SHAPES[1], 4, 7, 500.0, 13.0)),
}
CONVOLUTION = ["layer", "layers"]
PAGES = {
    "intro": CONVOLUTION,
    "notation": ["templates", "deep templates"],
    "images": ["gray", "neighbors", "shuffled"],
    "vanilla-network": ["dense", "dense, batch", "targets"],
    "pattern-search": [*CONVOLUTION, "two searches", "window"],
    "delta-and-activation": [*CONVOLUTION, "dense"],
    "weight-gradient": CONVOLUTION,
    "bias-gradient": CONVOLUTION,
    "input-gradient": CONVOLUTION,
    "gradient-checks": ["taylor", "no bias"],
    "learning": ["scores", *CONVOLUTION],
    "errata": CONVOLUTION,
    "operations": ["batch norm"],
    "seven-algorithms": ["row", "arranged"],
    "performance": ["speed"],
}
# Where a label or, for want of one, a piece of the equation decides.
SPECIAL = {
    "eq-reach": "any size",
    r"R[p,q] = \sum_{i,\,j,\,u,\,v}": "any size",
    "[2i+u = p]": "stride 2",
    "eq-dZ-jacobian": "mixing",
    "eq-tanh": "tanh layer",
    "eq-tanh-dZ": "tanh layer",
    "eq-relu": "relu layer",
    "eq-relu-dZ": "relu layer",
    "eq-geometry": "geometry",
    "eq-geometry-size": "geometry sizes",
    "eq-geometry-dX": "geometry",
    "eq-geometry-dw": "geometry dw",
    "eq-transpose": "transpose",
    "eq-transpose-size": "transpose sizes",
    "eq-max-pool": "max pool",
    "eq-max-pool-dX": "max pool dX",
    "eq-avg-pool": "mean pool",
    "eq-avg-pool-dX": "mean pool dX",
    "eq-dropout": "dropout",
    "eq-momentum": "momentum",
    "eq-adam": "adam",
    r"\text{top} + \text{bottom} =": "same padding",
    "eq-fourier": "circular",
    "eq-fft": "circular",
    r"\hat O": "halves",
    "eq-winograd": "tile",
    r"\top = \begin{pmatrix}": "tile",
    r"G = \begin{pmatrix}": "tile",
}


def candidates(page, latex, label):
    """Return the names of the worlds in which an equation may be meant, the likeliest first."""
    special = [SPECIAL[key] for key in SPECIAL if key == label or key in latex]
    return special or PAGES[page]
