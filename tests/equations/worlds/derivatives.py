r"""Random integers, a search by windows, and derivatives for which no formula is needed.

Entries are integers, or integers over a power of two, none of them 0: everything linear is exact.
What is linear is differentiated by moving one entry by 1, all else by a complex step.
"""

import numpy as np

from equations.world import STEP


def integers(rng, *shape, over=1):
    """Draw integers between -9 and 9, but not 0."""
    return rng.integers(1, 10, shape) * rng.choice([-1.0, 1.0], shape) / over


def search(X, w):
    """Cross-correlate every image of a batch with every pattern."""
    windows = np.lib.stride_tricks.sliding_window_view(X, w.shape[1:], axis=(1, 2, 3))
    return np.einsum("bzijcuv,kcuv->bkij", windows, w)


def search_one(x, w):
    """Cross-correlate one image with every pattern."""
    return search(x[None], w)[0]


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
