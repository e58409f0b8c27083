"""Gradient checks: central differences, the complex step and the adjoint test.

They are three ways to find out whether a gradient is right, none of which looks at its code.
Central differences and the complex step compare a gradient with numbers found by moving the input
a little, entry by entry or along a random direction. The adjoint test needs no tolerance, but a
linear operation; max-pooling is one only while the same pixels win, which the test holds fixed
(twice the image gives twice the maps, but the maps of a sum are not the sums of the maps).
`check_operation` does each of them for any operation of `cnnlab.reference` and
`cnnlab.fast` by name, `check_model` for a whole model, `check_gradients` and `check_adjoint` for
any function of yours.

Every check needs an upstream gradient: the loss is ``L = sum(G * f(inputs))`` with random G.
A sum of outputs (G all ones) would let many wrong gradients pass.

The function must be smooth where it is checked. ReLU and max-pooling have kinks, at 0 and at ties:
there central differences give the mean of both sides and the complex step one of them, so a right
gradient may seem wrong; random inputs stay clear of kinks.
"""

from cnnlab.gradcheck.adjoint import check_adjoint
from cnnlab.gradcheck.differences import check_gradients, numerical_gradient
from cnnlab.gradcheck.models import check_model
from cnnlab.gradcheck.operations import check_operation
from cnnlab.gradcheck.reports import AdjointReport, GradientReport

__all__ = [
    "AdjointReport",
    "GradientReport",
    "check_adjoint",
    "check_gradients",
    "check_model",
    "check_operation",
    "numerical_gradient",
]
