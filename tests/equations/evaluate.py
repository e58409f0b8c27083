r"""Evaluate trees in a world: an array, a number or a function behind every letter of a page.

An equation holds if its sides are equal for all values of its free indices, each in the range that
its letter has in the world (or in the condition below the equation). All values of all free
indices stand side by side on one axis, the last one; each sum puts an axis of its own in front.
If the equation has whole arrays in it (a star, `w[k,c]`), the values are taken one by one instead.

An index outside its array is an error. The exceptions are what a world says: arrays that count as
0 outside their borders (`zero`), and arrays whose missing entries make the statement one about
nothing (`absent`), which is then not made. 0 times an absent number is 0.
"""

import functools
import math

import numpy as np
from scipy import signal

from equations.latex import Node, show
from equations.trees import access, derivative, free_letters, plain_bounds
from equations.world import STEP, UnknownError, WrongError

FINE = 2.0**20  # what is a multiple of 1 / FINE was computed without rounding


def _largest(*values):
    return functools.reduce(np.maximum, values)


def _smallest(*values):
    return functools.reduce(np.minimum, values)


class Evaluator:
    """Computes the value of a tree, given the values of its free letters."""

    def __init__(self, world, definitions=(), *, whole=False, tight=False, exact=False):
        self.world, self.definitions, self.whole = world, dict(definitions), whole
        self.tight = tight  # refuse a sum that begins or ends with nothing but zeros
        self.exact = exact  # refuse every entry that does not exist
        self.target = None  # the entry by which is differentiated
        self.mask = np.True_  # where the limits of the sums around are met
        self.loose = set()  # letters of sums whose limits depend on others: they may leave a border

    def __call__(self, node, letters):
        return getattr(self, RULES[node.kind])(node, letters)

    def parts(self, node, letters):
        return [self(child, letters) for child in node.children]

    # Names and entries.

    def number(self, node, letters):
        return float(node.value)

    def name(self, node, letters):
        name, world = node.value, self.world
        if name in letters:
            return letters[name]
        if name in self.definitions:
            return self(self.definitions[name], letters)
        if name in world.lets:
            return world.lets[name](lambda letter: self(Node("name", letter), letters))
        if name in world.sizes:
            return float(world.sizes[name])
        if world.knows(name, 0):
            return self.entry(name, ())
        if name in ("e", "pi"):
            return getattr(math, name)
        raise UnknownError(f"{name} is unknown")

    def at(self, node, letters):
        base, *nodes = node.children
        indices = [self(index, letters) for index in nodes]
        if base.kind == "name":
            return self.entry(base.value, indices, self.fixed(nodes))
        return self.pick(self(base, letters), indices, show(base))

    def fixed(self, nodes):
        """Tell for each index whether it is a mere letter, which must stay in its range."""
        known = {*self.definitions, *self.world.lets, *self.loose}
        return [node.kind == "name" and node.value not in known for node in nodes]

    def entry(self, name, indices, fixed=()):
        value = self.pick(self.world.array(name, len(indices)), indices, name, fixed)
        if self.target is None:
            return value
        wanted, place = self.target
        if name == wanted and len(indices) == len(place):
            slope = functools.reduce(np.multiply, map(np.equal, indices, place), 1.0)
        elif self.world.knows(f"d{name}/d{wanted}"):
            slope = self.pick(self.world.array(f"d{name}/d{wanted}"), [*indices, *place], name)
        else:
            return value
        return value + 1j * STEP * slope

    def pick(self, array, indices, name, fixed=()):
        """Return entries of an array, and 0 or nothing for those that it lacks."""
        if len(indices) > array.ndim:
            raise UnknownError(f"{name} has {array.ndim} axes, not {len(indices)}")
        if not indices:
            return array
        rows = [np.floor(index) for index in indices]
        fits = [
            (index == row) & (row >= 0) & (row < size)
            for index, row, size in zip(indices, rows, array.shape, strict=False)
        ]
        if all(fit.all() for fit in fits):
            return 1.0 * array[tuple(row.astype(int) for row in rows)]
        inside = functools.reduce(np.logical_and, fits)
        may_leave = {*self.world.zero, *self.world.absent} if not self.exact else ()
        fixed = fixed if name in may_leave else [True] * len(fits)
        for place, (index, fit, stays) in enumerate(zip(indices, fits, fixed, strict=False)):
            if stays and not np.all(fit | ~self.mask):
                wrong = np.broadcast_to(index, np.broadcast_shapes(np.shape(index), fit.shape))
                raise WrongError(
                    f"an index of {name} leaves its range: index {place} reaches "
                    f"{np.max(np.abs(wrong)):g}, its axis has {array.shape[place]} entries"
                )
        outside = 0.0 if name in self.world.zero else np.nan
        chosen = tuple(np.where(inside, row, 0).astype(int) for row in rows)
        inside = inside.reshape(inside.shape + (1,) * (array.ndim - len(indices)))
        return np.where(inside, array[chosen], outside)

    def slope(self, node, letters):
        key, nodes = derivative(node)
        if self.world.knows(key, len(nodes)):
            indices = [self(index, letters) for index in nodes]
            return self.pick(self.world.array(key, len(nodes)), indices, key, self.fixed(nodes))
        (above, _), (below, place) = map(access, node.children)
        if {above, below} <= self.world.inputs:
            self.parts(node, letters)  # for their ranges
        if above not in (None, below, *self.world.inputs) or below is None:
            raise UnknownError(f"{key} is unknown")
        inner = Evaluator(self.world, self.definitions, whole=self.whole)
        inner.target = below, [self(index, letters) for index in place]
        return np.imag(inner(node.children[0], letters)) / STEP

    # Operations.

    def plus(self, node, letters):
        terms = self.parts(node, letters)
        shapes = {np.shape(term) for term in terms}
        if self.whole and len(shapes - {()}) > 1:
            raise WrongError(f"shapes {shapes} are added")
        return functools.reduce(np.add, terms)

    def minus(self, node, letters):
        return -self(node.children[0], letters)

    def times(self, node, letters):
        return functools.reduce(self.product, self.parts(node, letters))

    def product(self, left, right):
        if self.whole and np.ndim(left) and np.ndim(right):
            if np.ndim(left) == 2 and np.ndim(right) == 1:
                return left @ right
            if np.ndim(left) == 1 and np.ndim(right) == 2 and len(right) == 1:
                return left[:, None] * right
            if np.shape(left) != np.shape(right):
                raise WrongError(f"shapes {np.shape(left)} and {np.shape(right)} are multiplied")
        value = np.multiply(left, right)
        if np.isnan(value).any():
            value = np.where((left == 0) | (right == 0), 0, value)
        return value

    def over(self, node, letters):
        above, below = self.parts(node, letters)
        if np.any(below == 0):
            raise WrongError("division by zero")
        return above / below

    def power(self, node, letters):
        if node.children[1] == Node("name", "top"):
            base = self(node.children[0], letters)
            return base[None] if base.ndim == 1 else base.T
        base, exponent = self.parts(node, letters)
        return base**exponent

    def modulo(self, node, letters):
        return np.mod(*self.parts(node, letters))

    def call(self, node, letters):
        own = {
            "log": np.log, "exp": np.exp, "cos": np.cos, "sqrt": np.sqrt, "floor": np.floor,
            "ceil": np.ceil, "max": _largest, "min": _smallest, "Re": np.real, "Im": np.imag,
            "abs": np.abs,
        }  # fmt: skip
        if node.value not in self.world.functions and node.value not in own:
            raise UnknownError(f"the function {node.value} is unknown")
        function = self.world.functions.get(node.value) or own[node.value]
        return function(*self.parts(node, letters))

    def true(self, node, letters):
        return np.asarray(self.holds(node.children[0], letters), float)

    def holds(self, chain, letters):
        sides = [self(side, letters) for side in chain.children]
        pairs = zip(chain.value, sides[:-1], sides[1:], strict=True)
        return np.logical_and.reduce(
            np.broadcast_arrays(*(RELATIONS[r](a, b) for r, a, b in pairs))
        )

    def cases(self, node, letters):
        children = list(node.children)
        value = self(children.pop(), letters) if len(children) % 2 else np.nan
        while children:
            condition = self.holds(children.pop(), letters)
            value = np.where(condition, self(children.pop(), letters), value)
        return value

    def matrix(self, node, letters):
        return np.array(self.parts(node, letters)).reshape(-1, node.value)

    def tuple(self, node, letters):
        return np.array(self.parts(node, letters))

    def star(self, node, letters):
        """Cross-correlate; a template without depth visits each plane by itself."""
        template, image = self.parts(node, letters)
        if np.ndim(template) < np.ndim(image):
            return np.array([self.slide(template, plane, np.correlate) for plane in image])
        return self.slide(template, image, np.correlate)

    def conv(self, node, letters):
        large, template = self.parts(node, letters)
        if np.ndim(large) < np.ndim(template):
            return np.array([self.slide(large, plane, np.convolve) for plane in template])
        return self.slide(large, template, np.convolve)

    def slide(self, first, second, how):
        if not 1 <= np.ndim(first) == np.ndim(second) <= 3:
            raise WrongError(f"axes of the two operands: {np.ndim(first)} and {np.ndim(second)}")
        if how is np.convolve:
            return signal.convolve(first, second, "full", "direct")
        if any(m > n for m, n in zip(np.shape(first), np.shape(second), strict=True)):
            raise WrongError("a template larger than its image")
        return signal.correlate(second, first, "valid", "direct")

    # Sums and maxima.

    def sum(self, node, letters):
        letter, (*limits, body) = node.value, node.children
        first, last = self.limits(letter, limits, letters)
        values = np.arange(np.min(first), np.max(last) + 1)
        if self.whole:
            terms = (self(body, {**letters, letter: value}) for value in values)
            return functools.reduce(np.add, terms, 0.0)
        depth = 1 + max((np.ndim(value) for value in letters.values()), default=0)
        values = values.reshape(-1, *[1] * max(depth - 1, 1))
        inner = {**letters, letter: values}
        within = (values >= first) & (values <= last)
        if not limits and not (body.kind == "sum" and len(body.children) == 1) and self.world.where:
            within = within & self.world.where(lambda name: self(Node("name", name), inner))
        outer, self.mask = self.mask, self.mask & within
        terms, _ = np.broadcast_arrays(self(body, inner), within)  # the body may lack the letter
        if not within.all():
            terms = np.where(within, terms, 0)
        self.mask = outer
        for limit, name in ((first, "begins"), (last, "ends")) if self.tight and limits else ():
            if not np.any(np.where(values == limit, terms, 0)):
                raise WrongError(f"the sum over {letter} {name} with zeros")
        return np.sum(terms, axis=0)

    def limits(self, letter, limits, letters):
        """Return the first and the last value of a sum, which may differ from point to point."""
        if not limits:
            if letter not in self.world.ranges:
                raise UnknownError(f"the sum over {letter} has no limits")
            return self.world.values(letter)[[0, -1]]
        first, last = (self(limit, letters) for limit in limits)
        if any(free_letters(limit, self.world) for limit in limits):
            self.loose.add(letter)
        if np.any(np.mod([np.max(first), np.max(last)], 1)):
            raise WrongError(f"the limits of {letter} are no integers")
        return first, last

    def maximum(self, node, letters):
        *conditions, body = node.children
        bounds = [plain_bounds(condition) for condition in conditions]
        bound = [
            (letter, first, last)
            for letter, first, last in filter(None, bounds)
            if not {letter} & {*self.definitions, *self.world.lets}
        ]
        depth = max((np.ndim(value) for value in letters.values()), default=0)
        for letter, first, last in bound:
            values = np.arange(self(first, letters), self(last, letters) + 1)
            depth += 1
            letters = {**letters, letter: values.reshape(-1, *[1] * (depth - 1))}
        within = np.logical_and.reduce(
            np.broadcast_arrays(*(self.holds(condition, letters) for condition in conditions))
        )
        return np.where(within, self(body, letters), -np.inf).max(axis=tuple(range(len(bound))))


# Which method of Evaluator computes which kind of node.
RULES = {
    "number": "number", "name": "name", "at": "at", "d": "slope", "+": "plus", "-": "minus",
    "*": "times", "/": "over", "^": "power", "mod": "modulo", "call": "call", "true": "true",
    "cases": "cases", "matrix": "matrix", "tuple": "tuple", "star": "star", "conv": "conv",
    "sum": "sum", "max": "maximum",
}  # fmt: skip


def same(left, right):
    """Compare exactly what is exact, and all else up to rounding errors."""
    if np.iscomplexobj(left) or np.iscomplexobj(right):
        return same(np.real(left), np.real(right)) & same(np.imag(left), np.imag(right))
    if not np.any(np.mod(np.multiply(left, FINE), 1)) and not np.any(
        np.mod(np.multiply(right, FINE), 1)
    ):
        return np.equal(left, right)
    size = np.maximum(1, np.maximum(np.abs(left), np.abs(right)))
    return np.isfinite(size) & (np.abs(left - right) <= 1e-10 * size)


RELATIONS = {
    "=": np.equal,
    "\\ne": np.not_equal,
    "<": np.less,
    "\\le": np.less_equal,
    ">": np.greater,
    "\\ge": np.greater_equal,
}
