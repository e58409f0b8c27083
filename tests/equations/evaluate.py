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

STEP = 2.0**-100  # of the complex step: a power of two, so that integers stay exact
MOST = 100  # points at which equations between whole arrays are tried
FINE = 2.0**20  # what is a multiple of 1 / FINE was computed without rounding


class WrongError(Exception):
    """The equation does not hold, or says something about an entry that does not exist."""


class UnknownError(WrongError):
    """A letter has no meaning in this world."""


class World:
    r"""What the letters of an equation mean.

    sizes      numbers: `M`, `\eta`; they may be used as a value and as a bound
    ranges     for each index letter its values: a range, or how many from 0 on
    arrays     by name, `dL/dZ` for a derivative; a function without arguments is called when needed
    functions  by name
    lets       letters that the prose around the equation defines, from a function of a look-up
    where      the condition that the prose states for a sum without limits, in the same form
    inputs     arrays that depend on no other one
    """

    def __init__(
        self,
        *,
        sizes,
        ranges,
        arrays,
        functions=(),
        zero=(),
        absent=(),
        lets=(),
        where=None,
        inputs=(),
    ):
        self.sizes, self.ranges, self.arrays = dict(sizes), dict(ranges), dict(arrays)
        self.functions, self.lets = dict(functions), dict(lets)
        self.zero, self.absent, self.where = set(zero), set(absent), where
        self.inputs = set(inputs)

    def values(self, letter):
        """Return all values of an index letter."""
        values = self.ranges[letter]
        return np.asarray(values if isinstance(values, range) else range(values), float)

    def array(self, name, count=None):
        """Return the array of a name; `L:1` is the `L` that has one index."""
        key = f"{name}:{count}" if f"{name}:{count}" in self.arrays else name
        if key not in self.arrays:
            raise UnknownError(f"{name} is unknown")
        if callable(self.arrays[key]):
            self.arrays[key] = self.arrays[key]()
        return np.asarray(self.arrays[key])

    def knows(self, name, count=None):
        return name in self.arrays or f"{name}:{count}" in self.arrays


def _largest(*values):
    return functools.reduce(np.maximum, values)


def _smallest(*values):
    return functools.reduce(np.minimum, values)


def access(node):
    """Split `X[c,p,q]` into its name and its indices, `X` into its name and none."""
    if node.kind == "at" and node.children[0].kind == "name":
        return node.children[0].value, node.children[1:]
    if node.kind == "name":
        return node.value, ()
    return None, ()


def derivative(node):
    """Split a derivative of one entry by another: `dZ/dX` and the indices of both."""
    (above, first), (below, second) = map(access, node.children)
    return f"d{above}/d{below}", (*first, *second)


# --- Values -------------------------------------------------------------------


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
            slope = np.prod(np.broadcast_arrays(*map(np.equal, indices, place)), axis=0)
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
        indices = np.broadcast_arrays(*indices)
        fits = [
            (index >= 0) & (index < size) & (index == np.floor(index))
            for index, size in zip(indices, array.shape, strict=False)
        ]
        inside = np.logical_and.reduce(fits)
        may_leave = {*self.world.zero, *self.world.absent} if not self.exact else ()
        fixed = fixed if name in may_leave else [True] * len(fits)
        if not all(
            np.all(fit | ~self.mask) for fit, stays in zip(fits, fixed, strict=False) if stays
        ):
            raise WrongError(f"an index of {name} leaves its range")
        outside = 0.0 if name in self.world.zero else np.nan
        chosen = tuple(np.where(inside, index, 0).astype(int) for index in indices)
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
        if limits:
            first, last = (self(limit, letters) for limit in limits)
            if any(free_letters(limit, self.world) for limit in limits):
                self.loose.add(letter)
        elif letter in self.world.ranges:
            first, last = self.world.values(letter)[[0, -1]]
        else:
            raise UnknownError(f"the sum over {letter} has no limits")
        if np.any(np.mod([np.max(first), np.max(last)], 1)):
            raise WrongError(f"the limits of {letter} are no integers")
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
        terms = np.where(within, self(body, inner), 0)
        self.mask = outer
        for limit, name in ((first, "begins"), (last, "ends")) if self.tight and limits else ():
            if not np.any(np.where(values == limit, terms, 0)):
                raise WrongError(f"the sum over {letter} {name} with zeros")
        return np.sum(terms, axis=0)

    def maximum(self, node, letters):
        *conditions, body = node.children
        bounds = [plain_bounds(condition) for condition in conditions]
        bound = [
            (letter, first, last)
            for letter, first, last in filter(None, bounds)
            if not {letter} & {*letters, *self.definitions, *self.world.lets}
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


# --- Equations ----------------------------------------------------------------


def plain_bounds(chain):
    """Return (letter, first, last) of a condition like `0 \\le i < M'`, else None."""
    if chain.kind != "chain" or len(chain.children) != 3 or chain.children[1].kind != "name":
        return None
    first, letter, last = chain.children
    if not {"<", "\\le"} >= set(chain.value):
        return None
    one = Node("number", "1")
    first = first if chain.value[0] == "\\le" else Node("+", None, (first, one))
    last = last if chain.value[1] == "\\le" else Node("+", None, (last, Node("-", None, (one,))))
    return letter.value, first, last


def free_letters(node, world, bound=frozenset()):
    """Return the index letters of a tree that no sum binds."""
    if node.kind == "name":
        return {node.value} & set(world.ranges) - bound
    children = node.children
    if node.kind == "at" and children[0].kind == "name":
        children = children[1:]
    if node.kind == "sum":
        inside = free_letters(children[-1], world, bound | {node.value})
        return inside.union(*(free_letters(child, world, bound) for child in children[:-1]))
    if node.kind == "max":
        bound = bound | {bounds[0] for bounds in map(plain_bounds, children[:-1]) if bounds}
    return set().union(*(free_letters(child, world, bound) for child in children))


def has_whole_arrays(node, world):
    """Tell whether a tree computes with arrays, not with their entries alone."""
    if node.kind in ("star", "conv", "matrix", "tuple"):
        return True
    name, indices = derivative(node) if node.kind == "d" else access(node)
    if name is not None and world.knows(name, len(indices)):
        children = indices
        if world.array(name, len(indices)).ndim > len(indices):
            return True
    else:
        children = node.children
    return any(has_whole_arrays(child, world) for child in children)


def _defines(chain, world):
    """Tell whether a chain says what a new letter is, as in `p = i + u`."""
    if chain.kind != "chain" or chain.value != ("=",) or chain.children[0].kind != "name":
        return False
    name = chain.children[0].value
    return name not in world.sizes and name not in world.lets and not world.knows(name, 0)


def split(group, world):
    """Return the letters that a group of statements defines, and what it states."""
    definitions, statements = {}, []
    for statement in group.children:
        chain = statement.children[0]
        if _defines(chain, world):
            definitions[chain.children[0].value] = chain.children[1]
        else:
            statements.append(statement)
    return definitions, statements


def check(group, world, limit=None, *, undone=True):
    """Raise `WrongError` unless all statements hold; return how many values were compared.

    At most `limit` values of the free indices are tried, if it is given. `undone` asks for
    derivatives of 0 to hold before the differentiation as well.
    """
    definitions, statements = split(group, world)
    if not statements:
        raise UnknownError("nothing is stated")
    try:
        with np.errstate(all="ignore"):
            return sum(_check(s, world, definitions, limit, undone) for s in statements)
    except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise WrongError(f"cannot be computed: {error}") from error


def _check(statement, world, definitions, limit, undone):
    chain, *conditions = statement.children
    if chain.kind != "chain":
        raise UnknownError("nothing is stated")
    whole = has_whole_arrays(chain, world)
    evaluate = Evaluator(
        world, definitions, whole=whole, tight=limit is None, exact=_is_exact(chain)
    )
    letters = free_letters(chain, world).union(
        *(free_letters(tree, world) for tree in definitions.values())
    )
    letters -= {*definitions, *world.lets}
    grid, bounded = _grid(sorted(letters), statement, evaluate)
    count = len(next(iter(grid.values()))) if grid else 1
    grid = grid or {"": np.zeros(1)}
    inside = np.ones(count, bool)
    for condition in conditions:
        inside &= evaluate.holds(condition, grid)
    if "unless" in statement.value:
        inside = ~inside
    if bounded:
        _covers(chain.children[0], evaluate, _select(grid, inside), bounded)
    limit = min(filter(None, (limit, MOST if whole else None)), default=count)
    if count > limit:
        chosen = np.random.default_rng(0).choice(count, limit, replace=False)
        grid, inside = _select(grid, chosen), inside[chosen]
    compared = _compare(chain, evaluate, _select(grid, inside), strict=bool(conditions))
    before = _before_differentiation(chain, world)
    if before and undone:
        _compare(before, evaluate, _select(grid, inside), strict=bool(conditions))
    if not inside.all() and not whole:
        _refute(chain, evaluate, _select(grid, ~inside))
    return compared


def _before_differentiation(chain, world):
    """Return what was differentiated, if a term is 0 because it lacks the variable; else None.

    Whatever stands in such a term, the equation holds. Without the derivatives it must hold, too.
    """
    left, *rest = chain.children
    sides = [side for side in rest if _lacks_the_variable(side, world)]
    if left.kind != "d" or not sides:
        return None
    undone = tuple(_integrated(side, left.children[1]) for side in (left, *sides))
    return Node("chain", ("=",) * len(sides), undone)


def _lacks_the_variable(node, world):
    if node.kind == "d":
        (above, _), (below, _) = map(access, node.children)
        return above != below and {above, below} <= world.inputs
    return any(_lacks_the_variable(child, world) for child in node.children)


def _integrated(node, variable):
    if node.kind == "d":
        if node.children[1] != variable:
            raise WrongError("one equation differentiates by two variables")
        return node.children[0]
    return node._replace(children=tuple(_integrated(c, variable) for c in node.children))


def _is_exact(node):
    """Tell whether a sum has limits with max or min: they leave nothing out of bounds."""
    limits = node.children[:-1] if node.kind == "sum" else ()
    called = any(limit.kind == "call" and limit.value in ("max", "min") for limit in limits)
    return called or any(map(_is_exact, node.children))


def _select(grid, chosen):
    return {name: values[chosen] for name, values in grid.items()}


def _grid(letters, statement, evaluate):
    """Return all values of all free letters side by side, and the letters that have bounds."""
    spans, bounded = {}, set()
    for word, condition in zip(statement.value, statement.children[1:], strict=True):
        bounds = plain_bounds(condition)
        if word == "for" and bounds and bounds[0] in letters:
            letter, first, last = bounds
            if not any(free_letters(bound, evaluate.world) for bound in (first, last)):
                spans.setdefault(letter, np.arange(evaluate(first, {}), evaluate(last, {}) + 1))
                bounded.add(letter)
    for letter in letters:
        spans.setdefault(letter, evaluate.world.values(letter))
    axes = np.meshgrid(*(spans[letter] for letter in letters), indexing="ij")
    return dict(zip(letters, map(np.ravel, axes), strict=True)), bounded


def _covers(left, evaluate, grid, bounded):
    """Demand that the bounds below an equation reach all of the array that it defines."""
    if left.kind != "at" or any(index.kind != "name" for index in left.children[1:]):
        return
    base, *indices = left.children
    if not {index.value for index in indices} <= bounded:
        raise WrongError("an index of the left side has no bounds, others have")
    if base.kind == "name":
        array = evaluate.world.array(base.value, len(indices))
    else:
        array = evaluate(base, {})
    count = math.prod(len(np.unique(grid[letter])) for letter in {i.value for i in indices})
    if array.ndim == len(indices) and count != array.size:
        raise WrongError(f"the bounds give {count} of {array.size} entries of {show(base)}")


def _sides(chain, evaluate, letters):
    left = chain.children[0]
    if chain.value[0] == "\\leftarrow":
        left = Node("name", f"{access(left)[0]} new")
    yield evaluate(left, letters)
    for side in chain.children[1:]:
        yield evaluate(side, letters)


def _compare(chain, evaluate, grid, *, strict):
    """Compare all sides with the one before; without conditions, only where the first exists."""
    count = len(next(iter(grid.values())))
    if not count:
        raise WrongError("the condition is never met")
    if evaluate.whole:
        points = ({name: values[i] for name, values in grid.items()} for i in range(count))
        return sum(_equal(chain, list(_sides(chain, evaluate, point))) for point in points)
    first = next(_sides(chain, evaluate, grid))
    absent = np.broadcast_to(np.isnan(first), (count,))
    if absent.any():
        if strict or absent.all():
            raise WrongError("the left side does not exist")
        grid = _select(grid, ~absent)
    return _equal(chain, list(_sides(chain, evaluate, grid)))


def _equal(chain, sides):
    compared = 0
    for relation, left, right in zip(chain.value, sides[:-1], sides[1:], strict=True):
        if relation in ("=", "\\leftarrow"):
            if np.ndim(left) and np.ndim(right) and np.shape(left) != np.shape(right):
                raise WrongError(f"shapes {np.shape(left)} and {np.shape(right)}")
            good = same(left, right)
        else:
            good = RELATIONS[relation](left, right)
        if not np.all(good):
            raise WrongError(f"the sides differ in {np.sum(~good)} of {np.size(good)} values")
        compared += np.size(good)
    return compared


def _refute(chain, evaluate, grid):
    """Where its condition is not met, the statement must be false, or about nothing."""
    left = np.broadcast_to(next(_sides(chain, evaluate, grid)), (len(next(iter(grid.values()))),))
    exists = ~np.isnan(left)
    if exists.any():
        grid = _select(grid, exists)
        try:
            sides = [np.broadcast_to(s, (exists.sum(),)) for s in _sides(chain, evaluate, grid)]
        except WrongError:
            return
        if same(sides[0], sides[-1]).any():
            raise WrongError("the equation also holds where its condition excludes it")
