r"""Say of each equation of the book what it was compared with, and of each mutant how it was found.

An equation is read in the first world of its page that knows all of its letters. What cannot be
computed is listed here with the reason, and so is every mutant that says the same as its equation.
"""

import functools

from equations import arithmetic, latex, mutate, pages
from equations.check import check
from equations.trees import places
from equations.world import UnknownError, WrongError
from equations.worlds import table

# Page, a piece of the equation: why there is nothing to compare it with.
NOT_EVALUATED = {
    ("pattern-search", r"\begin{pmatrix} 5 & 1 & -1"): "a map that an exercise gives",
    ("gradient-checks", r"E(h) = \frac{h^2}{6}\, T"): "an estimate, which defines E",
    ("input-gradient", r"\partial X[0]} = \begin{pmatrix} 1 & 3 & 2"): "an exercise with stride 2",
    ("input-gradient", r"\partial X[1]} = \begin{pmatrix} 6 & 1 & -2"): "an exercise with stride 2",
    ("gradient-checks", r"H[c,p,q] - \frac{\partial L}"): "H is what somebody might have instead",
    ("errata", r"\frac{\partial L}{\partial z_k} \star X"): "the post's letters",
    ("errata", r"\frac{\partial L}{\partial Z[p+v]}\, w[v]"): "what an exercise refutes",
    ("bias-gradient", r"\partial b[k,i,j]}"): "an exercise gives every position a bias",
    ("delta-and-activation", r"[\tilde r = r]"): "an exercise numbers the entries of a map",
    ("delta-and-activation", r"\delta[\tilde r]"): "an exercise numbers the entries of a map",
    ("assignments/A3", r"\begin{pmatrix} -1 & 3 \\ 4 & 3"): "with stride 2 and a ring of zeros",
    ("assignments/A3", r"\begin{pmatrix} 5 & 12 & -2"): "of a dense layer",
    ("assignments/A4", r"\begin{pmatrix} 6 & 1 & -3 & 0"): "with stride 2 and a ring of zeros",
    ("seven-algorithms", r"\cdot \begin{pmatrix} 1 & 2 & 0 & 0"): "a product of matrices",
}
# Page, a piece of the mutant's name: why it is no mistake.
NO_MISTAKE = {
    ("images", "-bar x -> +"): "the deviations of y add up to 0, whatever is added to x",
    ("images", "-bar y -> +"): "the same for y",
    ("images", "(x[p,q] + -bar x) without -bar x"): "the same: without the mean of x",
    ("images", "(y[p,q] + -bar y) without -bar y"): "the same: without the mean of y",
    ("weight-gradient", " without d(b[k])/d(w[k,c,u,v])"): "the bias does not depend on w",
    ("bias-gradient", " without sum_{c} (sum_{u} (sum_{v} (X["): "the sum does not depend on b",
    ("bias-gradient", "without d(Z[k,i,j])/d(b[k])"): "the factor is 1",
    ("bias-gradient", "wrong_letters: i -> "): "the derivative is 1 at every position",
    ("bias-gradient", "wrong_letters: j -> "): "the derivative is 1 at every position",
    ("gradient-checks", "(x + i eta) -> (x + -i eta)"): "the real part is the same for both",
    ("input-gradient", " without d(b[k])/d(X[c,p,q])"): "the bias does not depend on the pixel",
    ("input-gradient", "<-> ~u in X[~c,(p + -u + ~u)"): "either order says that u and ~u agree",
    ("input-gradient", "<-> ~v in X[~c,(p + -u + ~u)"): "either order says that v and ~v agree",
    ("seven-algorithms", "wrong_letters: j -> v (7)"): "a sum once round may begin anywhere",
}


def listed(table, page, text):
    """Return the keys of a table that mean this text on this page."""
    return {key for key in table if key[0] == page and key[1] in text}


def equations(page, text=None):
    """Return what a page displays: (equation, tree), the tree being None for what is not read."""
    found = pages.displayed(page, pages.prose(page) if text is None else text)
    return [(item, None if left_out(item) else latex.read(item.latex)) for item in found]


def left_out(equation):
    return listed(NOT_EVALUATED, equation.page, equation.latex)


def claims(equation, tree):
    """Tell whether an equation within a line states something of all values of an index.

    Not so if it says what a letter is, or supposes that something is a certain number.
    """
    chains = [statement.children[0] for statement in tree.children]
    if any(chain.kind != "chain" for chain in chains) or left_out(equation):
        return False
    sides = [side for chain in chains for side in chain.children]
    if any(arithmetic.value(side) is not None for side in sides):
        return False
    defined = {chain.children[0].value for chain in chains if chain.children[0].kind == "name"}
    nodes = [node for _, node in places(tree) if node.kind == "at"]
    letters = any(index.kind == "name" for node in nodes for index in node.children[1:])
    return letters and defined <= {"L"}


def judge(equation, tree, example):
    """Return the name of the world in which an equation holds, or how else it was compared.

    Raises `WrongError` if it does not hold.
    """
    given = None if table.special(*equation) else example.read(tree)
    if given is not None:
        return "an example"
    sides = [side for statement in tree.children for side in statement.children[0].children]
    if all(arithmetic.value(side) is not None for side in sides) and arithmetic.compare(tree):
        return "arithmetic"
    return world_of(equation, tree)


@functools.cache
def world_of(equation, tree):
    """Return the name of the first world that knows all letters, if the equation holds there."""
    unknown = []
    for name in table.candidates(*equation):
        try:
            for world in table.WORLDS[name]():
                check(tree, world)
        except UnknownError as error:
            unknown.append(f"{name}: {error}")
        else:
            return name
    raise WrongError(f"no world knows all letters ({'; '.join(unknown)})")


def survivors(equation, tree, name):
    """Yield the name of every mutant that passes for true in a world."""
    instances = table.WORLDS[name]()

    @functools.cache
    def holds(mutant, limit=None, undone=True):
        try:
            for world in instances:
                check(mutant, world, limit, undone=undone)
        except WrongError:
            return False
        return True

    @functools.cache
    def holds_differentiated(mutant):
        return holds(mutant, undone=False)

    for what, mutant in mutate.mutants(tree, instances[0]):
        if listed(NO_MISTAKE, equation.page, what):
            continue
        if (
            holds(mutant, 25)
            and holds(mutant, 200)
            and holds(mutant)
            and not mutate.kronecker(tree, what, holds_differentiated)
        ):
            yield what
