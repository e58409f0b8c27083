"""Gradient checks: central differences, the complex step and the adjoint test.

They are three ways to find out whether a gradient is right, none of which looks at its code.
Central differences and the complex step compare a gradient with numbers found by moving the input
a little, entry by entry or along a random direction. The adjoint test needs no step, but a linear
operation, and is exact on integers; max-pooling is linear only while the same pixels win, which the
test holds fixed (twice the image gives twice the maps, but the maps of a sum are not the sums of
the maps).
`check_operation` does each of them for any operation of `cnnlab.reference` and
`cnnlab.fast` by name, `check_model` for a whole model, `check_gradients` and `check_adjoint` for
any function of yours.

Every check needs an upstream gradient: the loss is ``L = sum(G * f(inputs))`` with random G.
A sum of outputs (G all ones) would let many wrong gradients pass.

Functions under test are given copies of everything; to change one is a finding of its own. A step
follows the size of the numbers. Where an entry differs from its numerical value, a ladder of steps
says how far both may be off because of rounding, and that is the bound. ReLU and max-pooling have
kinks, at 0 and at ties: there an entry has no derivative, and is compared in a place beside.

`check_against` compares any function of yours with the loops of `cnnlab.reference` themselves, over
a table of cases.
"""

from cnnlab.gradcheck.adjoint import check_adjoint
from cnnlab.gradcheck.against import check_against
from cnnlab.gradcheck.differences import check_gradients, numerical_gradient
from cnnlab.gradcheck.models import check_model
from cnnlab.gradcheck.operations import check_operation
from cnnlab.gradcheck.reports import AdjointReport, CaseReport, GradientReport

__all__ = [
    "AdjointReport",
    "CaseReport",
    "GradientReport",
    "check_adjoint",
    "check_against",
    "check_gradients",
    "check_model",
    "check_operation",
    "numerical_gradient",
]
