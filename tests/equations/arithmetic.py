r"""Arithmetic on the page: sums of digits, rounded numbers, and matrices of a worked example."""

import itertools

import numpy as np
from scipy import signal

from equations.evaluate import Evaluator
from equations.latex import Node
from equations.trees import access, derivative
from equations.world import UnknownError, World, WrongError

NOTHING = World(sizes={}, ranges={}, arrays={})
LONG = 4  # decimals from which on a number in a calculation was rounded itself


def value(node):
    """Return the number (or vector, or matrix) of a tree without letters, else None."""
    try:
        return np.asarray(Evaluator(NOTHING, whole=True)(node, {}))
    except UnknownError:
        return None


def half_unit(text):
    """Return half a unit of the last digit after the point; whole numbers are exact."""
    return 0.5 * 10.0 ** -len(text.partition(".")[2]) if "." in text else 0.0


def uncertainty(node):
    """Return by how much a side may be off because numbers in it are rounded."""
    if node.kind == "number":
        return half_unit(node.value)
    if node.kind == "-" or node.kind == "tuple":
        return max(map(uncertainty, node.children))
    return sum(np.max(np.abs(value(moved) - value(node))) for moved in _moved(node))


def _moved(node):
    """Yield the tree with one of its rounded numbers half a unit higher, for each of them."""
    for place, child in enumerate(node.children):
        decimals = child.value.partition(".")[2] if child.kind == "number" else ""
        if len(decimals) >= LONG:
            others = [Node("number", repr(float(child.value) + half_unit(child.value)))]
        else:
            others = _moved(child)
        for other in others:
            children = (*node.children[:place], other, *node.children[place + 1 :])
            yield node._replace(children=children)


def compare(group):
    """Compare the sides of each chain that are numbers; return how many there were beyond one."""
    compared = 0
    for statement in group.children:
        chain = statement.children[0]
        if chain.kind != "chain" or not set(chain.value) <= {"=", "\\approx"}:
            continue
        sides = [(side, value(side)) for side in chain.children]
        sides = [(side, number) for side, number in sides if number is not None]
        for (one, left), (other, right) in itertools.pairwise(sides):
            allowed = uncertainty(one) + uncertainty(other) + 1e-12
            if np.shape(left) != np.shape(right) or np.any(np.abs(left - right) > allowed):
                raise WrongError(f"{left} is not {right}")
            compared += 1
    return compared


# --- Matrices of an example ---------------------------------------------------

# How many indices come before the two of a plane.
AXES = {
    "X": 1,
    "Z": 1,
    "Y": 1,
    "dL/dZ": 1,
    "dL/dY": 1,
    "dL/dX": 1,
    "delta": 1,
    "w": 2,
    "dL/dw": 2,
    "W": 0,
}


class Example:
    """The matrices that a page has given so far; those that follow from them are computed.

    A matrix that is given anew begins a new example.
    """

    def __init__(self):
        self.given = {}

    def read(self, group):
        """Take in statements like `w[0,1] = matrix`; return how many of them could be checked."""
        checked = 0
        for statement in group.children:
            chain = statement.children[0]
            if chain.kind != "chain" or len(chain.children) != 2:
                return None
            place = self.place(chain.children[0])
            matrix = value(chain.children[1])
            if place is None or matrix is None or matrix.ndim != 2:
                return None
            checked += self.take(place, matrix)
        return checked

    def place(self, node):
        name, indices = derivative(node) if node.kind == "d" else access(node)
        numbers = [index.value for index in indices if index.kind == "number"]
        if name not in AXES or len(numbers) != len(indices) or len(indices) > AXES[name]:
            return None
        return name, tuple(map(int, numbers)) or (0,) * AXES[name]

    def take(self, place, matrix):
        wanted = self.computed(*place)
        if wanted is not None:
            if wanted.shape != matrix.shape or np.any(np.abs(wanted - matrix) > 1e-12):
                raise WrongError(f"{place[0]} is {wanted.tolist()}")
            self.given[place] = matrix
            return True
        if place in self.given:
            self.given = {}
        self.given[place] = matrix
        return False

    def computed(self, name, indices):
        """Return what SciPy makes of the matrices given so far, or None if they do not suffice."""
        pool = [self.given.get((key, indices)) for key in ("X", "Y", "dL/dY")]
        if name == "dL/dX" and all(plane is not None for plane in pool):
            return paid_to_winners(*pool)
        planes = {key[1]: matrix for key, matrix in self.given.items() if key[0] == "dL/dZ"}
        if name == "Y" and ("Z", indices) in self.given:
            return 1 / (1 + np.exp(-self.given["Z", indices]))
        pairs = {}
        pattern = indices[:-1] or (0,)  # a single pattern has no number
        for (k,) in planes:
            other = {"dL/dX": ("w", (k, *indices)), "dL/dw": ("X", indices[-1:])}.get(name)
            if other in self.given and (name != "dL/dw" or (k,) == pattern):
                pairs[k] = planes[k,], self.given[other]
        if name == "dL/dX" and pairs and len(pairs) == len(planes):
            return sum(signal.convolve2d(dZ, w) for dZ, w in pairs.values())
        if name == "dL/dw" and pairs:
            ((dZ, X),) = pairs.values()
            return signal.correlate2d(X, dZ, "valid")
        return None


def paid_to_winners(X, Y, dY):
    """Return the gradient of max-pooling with stride 1: each window pays its first winner."""
    size = X.shape[0] - Y.shape[0] + 1, X.shape[1] - Y.shape[1] + 1
    dX = np.zeros(X.shape)
    for i, j in np.ndindex(Y.shape):
        window = X[i : i + size[0], j : j + size[1]]
        if window.max() != Y[i, j]:
            raise WrongError(f"the maximum of window {i, j} is {window.max()}")
        row, column = np.argwhere(window == Y[i, j])[0]
        dX[i + row, j + column] += dY[i, j]
    return dX
