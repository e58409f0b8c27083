r"""Wrong versions of an equation: one letter, sign, bound or term is not what it was.

Each of them is what a slip of the pen would make, and none may pass for true.
"""

import collections
import functools

from equations.latex import Node, show
from equations.trees import node_at, places, replaced

# A size may be mistaken for another one of the equation, and for these.
PAIRS = [("M", "N"), ("m", "n"), ("M'", "N'"), ("M", "m"), ("N", "n"), ("P", "D")]
PAIRS += [("M", "M'"), ("N", "N'")]


def letters(tree, world):
    """Yield the way to every letter of an index or a size, and the letter; `sum` has its own."""
    for path, node in places(tree):
        named = node.kind == "name" and not _is_array(tree, path)
        if node.kind == "sum" or (named and node.value in {*world.ranges, *world.sizes}):
            yield path, node.value


def _is_array(tree, path):
    """Tell whether the name at the end of the way is that of an array which is indexed."""
    return bool(path) and path[-1] == 0 and node_at(tree, path[:-1]).kind == "at"


def wrong_letters(tree, world):
    """Replace one index by another index of the equation, one size by another size."""
    found = list(letters(tree, world))
    indices = {letter for _, letter in found if letter in world.ranges}
    sizes = {letter for _, letter in found if letter not in world.ranges}
    sizes |= {b for pair in PAIRS for a, b in (pair, pair[::-1]) if a in sizes and b in world.sizes}
    for path, letter in found:
        for other in sorted((indices if letter in world.ranges else sizes) - {letter}):
            if letter in world.ranges or _same_sort(letter, other):
                node = node_at(tree, path)
                if node.kind == "sum" and not {letter, other} & _names(node.children[-1]):
                    continue  # the sum may call its letter what it likes
                yield f"{letter} -> {other}", replaced(tree, path, node._replace(value=other))


def _names(tree):
    return {node.value for _, node in places(tree) if node.kind == "name"}


def _same_sort(size, other):
    """Sizes are exchanged with sizes, options (`stride`, `top`) with options."""
    return (len(size.rstrip("'")) == 1) == (len(other.rstrip("'")) == 1)


def swapped_letters(tree, world):
    """Exchange two different letters between the brackets of one entry."""
    for path, node in places(tree):
        if node.kind != "at":
            continue
        names = [(p, n.value) for p, n in places(node) if n.kind == "name"]
        inside = [(p, n) for p, n in names if n in world.ranges and not _is_array(node, p)]
        for first, (p, one) in enumerate(inside):
            for q, other in inside[first + 1 :]:
                if one != other:
                    new = replaced(node, p, Node("name", other))
                    new = replaced(new, q, Node("name", one))
                    yield f"{one} <-> {other} in {show(node)}", replaced(tree, path, new)


def wrong_signs(tree, world):
    """Turn one sign: `p-u` into `p+u`."""
    for path, node in places(tree):
        if node.kind == "-":
            yield f"{show(node)} -> +", replaced(tree, path, node.children[0])
        if node.kind == "+":
            for place, term in enumerate(node.children):
                if place and term.kind != "-":
                    new = replaced(node, (place,), Node("-", None, (term,)))
                    yield f"{show(node)} -> {show(new)}", replaced(tree, path, new)


def dropped_terms(tree, world):
    """Leave one term of a sum or one factor of a product out."""
    for path, node in places(tree):
        if node.kind in ("+", "*"):
            for place, term in enumerate(node.children):
                rest = node.children[:place] + node.children[place + 1 :]
                new = rest[0] if len(rest) == 1 else node._replace(children=rest)
                yield f"{show(node)} without {show(term)}", replaced(tree, path, new)


def wrong_limits(tree, world):
    """Let one sum end one later or begin one later."""
    one = Node("number", "1")
    for path, node in places(tree):
        if node.kind == "sum" and len(node.children) == 3:
            for place, name in enumerate(("begins", "ends")):
                new = replaced(node, (place,), Node("+", None, (node.children[place], one)))
                yield f"sum over {node.value} {name} one later", replaced(tree, path, new)


@functools.cache
def canonical(node):
    """Return a tree that is the same for all orders of factors, of terms and of an equality."""
    children = tuple(map(canonical, node.children))
    symmetric = node.kind in ("+", "*") or (node.kind == "chain" and node.value == ("=",))
    return node._replace(children=tuple(sorted(children, key=repr)) if symmetric else children)


KINDS = [wrong_letters, swapped_letters, wrong_signs, dropped_terms, wrong_limits]


def mutants(tree, world):
    """Yield (name, tree) of every mutant; equal names are numbered."""
    seen, original = collections.Counter(), canonical(tree)
    for kind in KINDS:
        for name, mutant in kind(tree, world):
            if canonical(mutant) != original:
                seen[name] += 1
                number = f" ({seen[name]})" if seen[name] > 1 else ""
                yield f"{kind.__name__}: {name}{number}", mutant


# --- What is no mistake -------------------------------------------------------


def kronecker(tree, name, holds):
    """Tell whether the equation also holds with the factor [~k = k] in the sum over ~k."""
    words = name.split(" ")
    letter, other = words[1], words[3] if len(words) > 3 else ""
    if words[2] not in ("->", "<->") or letter.lstrip("~") != other.lstrip("~"):
        return False
    free, bound = sorted((letter, other), key=len)
    same = Node("true", None, (Node("chain", ("=",), (Node("name", bound), Node("name", free))),))
    filtered = tree
    for path, node in places(tree):
        if node.kind == "sum" and node.value == bound:
            body = (*path, len(node.children) - 1)
            factors = (node_at(filtered, body), same)
            filtered = replaced(filtered, body, Node("*", None, factors))
    return filtered != tree and holds(filtered)
