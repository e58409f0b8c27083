r"""Questions to a tree, and a tree with another node at one of its places.

Mutants of one equation share most of their branches, so answers are kept.
"""

import functools

from equations.latex import Node


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


@functools.cache
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


@functools.cache
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


@functools.cache
def is_exact(node):
    """Tell whether a sum has limits with max or min: they leave nothing out of bounds."""
    limits = node.children[:-1] if node.kind == "sum" else ()
    called = any(limit.kind == "call" and limit.value in ("max", "min") for limit in limits)
    return called or any(map(is_exact, node.children))


def places(node, path=()):
    """Yield every node of a tree with the way to it, the node itself first."""
    yield path, node
    for place, child in enumerate(node.children):
        yield from places(child, (*path, place))


def replaced(node, path, new):
    """Return the tree with another node at the end of the way."""
    if not path:
        return new
    first, *rest = path
    children = list(node.children)
    children[first] = replaced(children[first], rest, new)
    return node._replace(children=tuple(children))


def node_at(tree, path):
    for place in path:
        tree = tree.children[place]
    return tree
