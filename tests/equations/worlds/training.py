"""What training needs beside layers: differences, depth, normalization, optimizers, schedules."""

import numpy as np
from scipy import optimize

from equations.world import World
from equations.worlds.derivatives import FUNCTIONS, differentiate, integers, sigmoid


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


def chain():
    """Layers of one sigmoid each; L is the square of the last z, its slopes by complex steps."""
    rng = np.random.default_rng(0)
    w, last = integers(rng, 6) / 4, 5

    def values(first, z):
        """Return every z from that of one layer on."""
        found = [z]
        for weight in w[first + 1 :]:
            found.append(weight * sigmoid(found[-1]))
        return found

    z = np.array(values(0, 0.75))
    slopes = [
        differentiate(lambda z, r=r: values(r, z[0])[-1] ** 2, z[r : r + 1]) for r in range(6)
    ]
    arrays = {"w": w, "z": z, "y": sigmoid(z), "dL/dz": np.ravel(slopes)}
    ranges = {"r": range(1, last + 1)}
    return World(sizes={"R": last}, ranges=ranges, arrays=arrays, functions=FUNCTIONS)


def draws(outputs, inputs):
    """Means of squares over all draws of a dense layer's weights, each of them 3 or -3."""
    rng = np.random.default_rng(0)
    x, dz = integers(rng, inputs), integers(rng, outputs)
    signs = np.array(list(np.ndindex((2,) * (outputs * inputs)))) * 2.0 - 1
    W = 3 * signs.reshape(-1, outputs, inputs)
    arrays = {
        "x": x, "Q_1": np.square(W @ x).mean(axis=0)[-1], "H_0": np.square(dz @ W).mean(axis=0)[-1],
        "Q_0": np.square(x).mean(), "H_1": np.square(dz).mean(), "dL/dz": dz,
    }  # fmt: skip
    sizes = {"O": outputs, "I": inputs, "V": 9}
    return World(sizes=sizes, ranges={"o": outputs, "i": inputs, "~i": inputs}, arrays=arrays)


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


def two_ways():
    """What two ways make of a vector, and their sum; every derivative by complex steps."""
    rng = np.random.default_rng(0)
    x, dy = integers(rng, 4) / 8, integers(rng, 5)
    first, second = integers(rng, 5, 4), integers(rng, 5, 4)
    ways = {"F": lambda x: np.tanh(first @ x / 16), "S": lambda x: (second @ x) ** 2}
    ways["y"] = lambda x: np.tanh(first @ x / 16) + (second @ x) ** 2
    arrays = {"x": x, "dL/dy": dy, "dL/dx": differentiate(lambda x: dy @ ways["y"](x), x)}
    arrays |= {name: way(x) for name, way in ways.items()}
    arrays |= {f"d{name}/dx": differentiate(way, x) for name, way in ways.items()}
    return World(sizes={"K": 5}, ranges={"r": 5, "t": 4}, arrays=arrays)


def optimizer(*, adam, decay=0.0):
    """Four steps; the moving means from their closed forms, sums over all steps so far."""
    rng = np.random.default_rng(0)
    steps, eta = 4, 0.25
    g = np.r_[np.nan, integers(rng, steps)]

    def fading(rate, values):
        return np.array(
            [sum(rate ** (t - r) * values[r] for r in range(1, t + 1)) for t in range(5)]
        )

    rates = np.array([np.nan, 0.5, 0.25, 1.0, 0.125])
    moving = {"v": fading(0.5, g), "eta:1": rates, "~v": fading(0.5, -rates * g)}
    moves = moving["v"]
    if adam:
        moving = {"a": 0.5 * fading(0.5, g), "u": 0.25 * fading(0.75, g**2)}
        weights = [np.r_[1, fading(rate, np.ones(5))[1:]] for rate in (0.5, 0.75)]
        moving["hat a"] = fading(0.5, g) / weights[0]
        moving["hat u"] = fading(0.75, g**2) / weights[1]
        moves = moving["hat a"] / (np.sqrt(moving["hat u"]) + 0.125)
    left = 1 - eta * decay  # of a parameter, after one step
    path = 3 * left ** np.arange(steps + 1) - eta * fading(left, moves)
    sizes = {
        "eta": eta,
        "decay": decay,
        "momentum": 0.5,
        "beta_1": 0.5,
        "beta_2": 0.75,
        "varepsilon": 0.125,
    }
    lets = {
        "w": lambda at: path[at("t").astype(int) - 1],
        "w new": lambda at: path[at("t").astype(int)],
    }
    return World(
        sizes=sizes,
        ranges={"t": range(1, steps + 1), "r": range(1, steps + 1)},
        arrays={**moving, "g": g},
        lets=lets,
    )


def look_ahead():
    """Nesterov's momentum: where the parameter is, x, and the place ahead, w; by closed forms."""
    rng = np.random.default_rng(0)
    eta, momentum, g = 0.25, 0.75, integers(rng, 5)
    rows = range(5)
    v = np.array([sum(momentum ** (t - r) * g[r] for r in range(1, t + 1)) for t in rows])
    x = 5 - eta * np.cumsum(v)
    arrays = {"g": g, "v": v, "x": x, "w": x - eta * momentum * v}
    sizes = {"eta": eta, "momentum": momentum}
    return World(sizes=sizes, ranges={"t": range(1, 5)}, arrays=arrays)


def schedule(kind):
    """Rates of one schedule, each made from the one before, or read off a circle or a line."""
    sizes = {"eta_0": 3.0, "every": 4, "factor": 0.25, "steps": 5, "final": 0.5}
    rates = {"step": [3.0], "exponential": [3.0]}
    for t in range(1, 12):
        rates["step"].append(rates["step"][-1] * (1 if t % 4 else 0.25))
        rates["exponential"].append(rates["exponential"][-1] * np.sqrt(np.sqrt(0.25)))
    half_circle = np.exp(1j * np.pi / 5 * np.arange(6)).real
    rates["cosine"] = (3.0 + 0.5) / 2 + (3.0 - 0.5) / 2 * half_circle
    later = 7 / np.arange(1, 8)
    rates["warm-up"] = [*np.linspace(0, later[0], 7)[1:-1], *later]
    sizes["A_0"], arrays = later[0], {"eta": np.array(rates[kind]), "A": later}
    return World(sizes=sizes, ranges={"t": len(arrays["eta"])}, arrays=arrays, absent={"A"})


def valley(eta, curvature):
    """Plain steps down lambda w^2 / 2, each with a slope from a complex step."""
    w = [6.0]
    for _ in range(4):
        here = np.array(w[-1:])
        w.append(w[-1] - eta * differentiate(lambda w: curvature * w[0] ** 2 / 2, here)[0])
    sizes = {"eta": eta, "lambda": curvature, "w_0": w[0]}
    return World(sizes=sizes, ranges={"t": range(1, 5)}, arrays={"w": np.array(w)})


def wrong_step(R, S, factor=False, below=False):
    """A cubic loss, a step against another array than its gradient; derivatives by complex steps.

    With `factor` the array is the gradient, each entry times a number; with `below` it is the
    gradient itself from entry S on.
    """
    rng = np.random.default_rng(R)
    theta, h, a = integers(rng, R), integers(rng, R), integers(rng, R)
    bends = integers(rng, R, R)

    def loss(theta):
        return (theta @ bends) @ (theta * theta) + theta.sum()

    g = differentiate(loss, theta)
    h = a * g if factor else np.where(np.arange(R) < S, h, g) if below else h
    eta = np.zeros(1)
    arrays = {"theta": theta, "g": g, "h": h, "a": a, "dL/dtheta": g}
    arrays["dtheta/deta"] = differentiate(lambda eta: theta - eta * h, eta)[..., 0]
    arrays["dL/deta"] = differentiate(lambda eta: loss(theta - eta * h), eta)[0]
    apart = g / np.linalg.norm(g) - h / np.linalg.norm(h)  # of two arrows of length 1
    arrays["C"] = 1 - apart @ apart / 2
    return World(sizes={"R": R, "S": S}, ranges={"r": R}, arrays=arrays)


def noise(S, T):
    """Accuracies of S starts with T orders each; what two runs of one start differ by, from
    variances instead of pairs.
    """
    A = np.random.default_rng(S).random((S, T))
    spread = np.sqrt(2 * A.var(axis=1, ddof=1).mean())
    arrays = {"A": A, "noise": spread, "threshold": 3 * spread / np.sqrt(S)}
    return World(sizes={}, ranges={"s": S, "t": T}, arrays=arrays)
