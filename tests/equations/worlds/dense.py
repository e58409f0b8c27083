"""Dense layers, and the losses behind them."""

import numpy as np
from scipy import special, stats

from equations.world import World
from equations.worlds.derivatives import FUNCTIONS, differentiate, integers, probe, sigmoid, slope


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
    ranges = {"o": outputs, "i": inputs, "t": outputs, "~o": outputs, "~i": inputs} | (
        {"s": B, "~s": B} if batch else {}
    )
    return World(
        sizes=sizes, ranges=ranges, arrays=arrays, functions=FUNCTIONS, inputs={"x", "W", "c"}
    )


def shuffled(shape):
    """A dense layer, and the same one with its inputs in another order."""
    world = dense(shape, batch=False)
    order = np.random.default_rng(1).permutation(len(world.array("x")))
    world.functions |= {"pi": lambda i: order[i.astype(int)]}
    return world


def targets(shape):
    """The outputs of a network and what they should be: the squared error, and densities."""
    B, outputs = shape
    rng = np.random.default_rng(0)
    Y, T = integers(rng, B, outputs, over=2), integers(rng, B, outputs)
    arrays = {
        "Y": Y, "T": T, "L": (np.linalg.norm(Y - T, axis=1) ** 2).mean() / 2,
        "q": stats.norm.pdf(T, loc=Y),
        "dL/dY": differentiate(lambda Y: np.mean(np.einsum("so,so->s", Y - T, Y - T)) / 2, Y),
        "MSE": np.linalg.norm(Y - T) ** 2 / Y.size,
    }  # fmt: skip
    return World(
        sizes={"B": B, "O": outputs},
        ranges={"s": B, "o": outputs, "~s": B, "~o": outputs},
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
        "z": z, "z:1": z[0], "p": p, "p:1": p[0], "ell": ell, "L": shares(z).sum(), "h": -5,
        "g": integers(rng, B, outputs), "L:1": shares(z),
        "dL/dz": differentiate(lambda z: shares(z).sum(), z),
        "dp/dz": lambda: differentiate(lambda z: np.exp(z) / np.exp(z).sum(1, keepdims=True), z),
    }  # fmt: skip
    arrays["dL:1/dz"] = lambda: differentiate(shares, z)
    ranges = {"s": B, "o": outputs, "t": outputs, "~o": outputs, "~s": B}
    return World(sizes={"B": B, "O": outputs}, ranges=ranges, arrays=arrays)
