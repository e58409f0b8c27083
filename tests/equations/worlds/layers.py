"""The convolutional layer: one image or a batch, any activation, a dense layer behind it."""

import functools

import numpy as np
from scipy import signal

from equations.world import World
from equations.worlds.derivatives import (
    FUNCTIONS,
    contract,
    differentiate,
    integers,
    probe,
    search,
    search_one,
    sigmoid,
    slope,
)


def relu(z):
    return np.where(np.real(z) > 0, z, 0)


def entry_by_entry(operation):
    """An activation of the table of operations: its options are sizes, whole arrays its letters."""
    rng = np.random.default_rng(0)
    value, slope, *_ = operation.entrywise
    options = operation.calls(rng.standard_normal)[-1].options
    Z, dY = np.r_[0, 0, integers(rng, 13, over=4)], integers(rng, 15)  # a kink is at 0
    Y = value(Z, **options)
    arrays = {"Z": Z, "Y": Y, "dL/dY": dY, "dL/dZ": dY * slope(Y, **options)}
    return World(sizes=options, ranges={}, arrays=arrays)


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
    slopes = slope(act)(Z)
    delta = dZ / np.where(slopes == 0, 1, slopes)
    dZ = np.where(slopes == 0, 0, dZ)
    arrays = {
        "X": X, "w": w, "b": b, "Z": Z, "Y": act(Z), "G": dZ, "delta": delta,
        "dL/dZ": dZ, "dL/dY": delta,
        "dZ/dX": lambda: per_sample(functools.partial(search_one, w=w), X),
        "dZ/dw": lambda: probe(lambda w: search(X, w), w.shape),
        "dZ/db": lambda: probe(lambda b: np.zeros(Z.shape) + b[:, None, None], b.shape),
        "dY/dZ": lambda: per_sample(lambda z: differentiate(act, z), Z, ready=True),
    }  # fmt: skip
    dw = functools.cache(lambda: probe(lambda w: (dZ * search(X, w)).sum(), w.shape))
    arrays |= dict.fromkeys(("dL/dw", "d w"), dw)
    arrays["dL/db"] = lambda: probe(lambda b: (dZ * b[:, None, None]).sum(), b.shape)
    arrays["dw/deta"] = lambda: -dw()
    arrays["dL/deta"] = lambda: (dZ * search(X, -dw())).sum()
    arrays["L"] = np.sum(dZ * Z)
    arrays["R"] = signal.convolve2d(np.ones(Z.shape[2:]), np.ones((m, n)))
    arrays["w new"] = lambda: w - 0.25 * dw()
    arrays["b new"] = lambda: b - 0.25 * arrays["dL/db"]()
    arrays["dL/dX"] = lambda: contract(dZ, per_sample(functools.partial(search_one, w=w), X))
    world = _layer(sizes, arrays, batch)
    world.arrays |= dense_behind(rng, world)
    world.functions |= {"f": act, "f'": slope(act)}
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
    ranges |= {f"~{name}": count for name, count in ranges.items()}
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
    if name in shared | {"R", "L", "dL/deta"}:
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
