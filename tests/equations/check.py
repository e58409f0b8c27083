r"""Does an equation hold in a world?

It does if its sides are equal for all values of its free indices, each in the range that its
letter has in the world, or in the condition below the equation. Where its condition is not met, it
must be false.
"""

import math

import numpy as np

from equations.evaluate import RELATIONS, Evaluator, same
from equations.latex import Node, show
from equations.trees import access, free_letters, has_whole_arrays, is_exact, plain_bounds
from equations.world import UnknownError, WrongError

MOST = 100  # points at which equations between whole arrays are tried


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
        world, definitions, whole=whole, tight=limit is None, exact=is_exact(chain)
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
            pair = [np.broadcast_to(side, np.shape(good))[~good][0] for side in (left, right)]
            raise WrongError(
                f"the sides differ in {np.sum(~good)} of {np.size(good)} values, "
                f"first {pair[0]:g} and {pair[1]:g}"
            )
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
