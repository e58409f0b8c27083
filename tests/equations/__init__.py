r"""The equations of the book, read from its pages and evaluated: a guide.

A formula goes through these files, each of which can be tried alone:

    pages       finds it:          text between two `$$`, derivation tables, formulas within lines
    tokens      cuts it            `\frac`, `{`, `\partial`, `L`, ...
    latex       reads it:          a tree of `Node`s; `latex.show` prints a tree
    worlds/     give it meaning:   an array behind each letter, from NumPy and SciPy alone;
                                   `worlds/table` says which page and which equation is read where
    evaluate    computes a side    for all values of the free indices at once
    check       compares sides     and raises `WrongError` where they differ
    mutate      makes slips        of the pen: each must be refused, or the check is worth nothing
    judge       does all this      and lists what cannot be evaluated, and mutants that are true
    arithmetic  is for formulas without letters, and for matrices of a worked example
    proofs      are the cells below the formulas; this package reads, but does not run them

One formula on its way. The page *bias-gradient* displays (eq-db):

>>> from equations import latex, mutate, pages
>>> found = pages.displayed("bias-gradient", pages.prose("bias-gradient"))
>>> (equation,) = [item for item in found if item.label == "eq-db"]
>>> equation.latex
'\\frac{\\partial L}{\\partial b[k]} = \\sum_{i=0}^{M-m} \\sum_{j=0}^{N-n} \\frac{\\partial L}{\\partial Z[k,i,j]}'

*Read*, it is a chain of two sides. `d(L)/d(b[k])` is one node, whose value is looked up, not
computed:

>>> tree = latex.read(equation.latex)
>>> latex.show(tree)
'd(L)/d(b[k]) = sum_{i=0..(M + -m)} (sum_{j=0..(N + -n)} (d(L)/d(Z[k,i,j])))'

*Which world?* The label has no world of its own in `table.SPECIAL`, so those of its page are
tried, and the first that knows all letters is taken:

>>> from equations.worlds import table
>>> table.candidates(*equation)
['layer', 'layers']
>>> world, larger = table.WORLDS["layer"]()  # two instances, no two sizes alike
>>> world.sizes["M"], world.sizes["m"], world.ranges["k"], world.array("dL/dZ").shape
(6, 2, 7, (7, 5, 8))

The world made `dL/db` by moving one bias by 1 at a time, not by the formula. *Evaluated*, each
side is an array with one entry for each value of `k`, the only free index:

>>> import numpy as np
>>> from equations.check import check
>>> from equations.evaluate import Evaluator
>>> left, right = tree.children[0].children[0].children
>>> Evaluator(world)(left, {"k": np.arange(3.0)})
array([34., 35., -8.])
>>> Evaluator(world)(right, {"k": np.arange(3.0)})
array([34., 35., -8.])
>>> check(tree, world)  # raises nothing, and says how many values it compared
7

*Mutated*, it must be refused. Sizes differ, so a wrong letter leaves its range or changes a sum:

>>> mutants = dict(mutate.mutants(tree, world))
>>> len(mutants)
45
>>> check(mutants["swapped_letters: i <-> j in Z[k,i,j]"], world)
Traceback (most recent call last):
    ...
equations.world.WrongError: an index of dL/dZ leaves its range: index 1 reaches 7, its axis has 5 entries

When a formula is refused
-------------------------
The test names the formula and the reason. *"no world knows all letters (layer: x is unknown)"*:
use the letters of the page *Notation*, or put the array into the world, computed without the
formula, or name another world in `table.SPECIAL`. *"the sides differ in 7 of 7 values"*: evaluate
both sides as above; replace a side by a part of it to see where it goes wrong; where the formula
is right, the world may mean something else by a letter. *"an index ... leaves its range"*: a bound
or a letter is wrong, or the text means 0 outside the border, which a world says with `zero`.
`LatexError`: `latex` does not know a notation; its table shows what there is. A mutant that passes
is either true, then it goes into `judge.NO_MISTAKE` with the reason; or the world is too tame: two
equal sizes, a zero, a symmetry. What cannot be evaluated at all is in `judge.NOT_EVALUATED`.
"""  # noqa: E501 - a formula as it stands on its page
