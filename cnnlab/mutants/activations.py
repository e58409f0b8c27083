"""Wrong gradients of the activations."""

# The bodies are loops like those of `cnnlab.reference`, which carry no types either, and their
# docstrings say what is wrong, not what to do.
# mypy: allow-untyped-defs
# ruff: noqa: D401

import numpy as np

from cnnlab import reference
from cnnlab.mutants.registry import instead_of


@instead_of("sigmoid_dZ", "eq-dZ")
def sigmoid_slope_of_output(dY, Y):
    """The slope is taken at Y, not at Z.

    f'(Z) = f(Z) (1 - f(Z)) was called with Y for Z, and squashes a second time.
    """
    again = reference.sigmoid(Y)
    return dY * again * (1 - again)


@instead_of("sigmoid_dZ", "eq-dZ")
def sigmoid_factor_dropped(dY, Y):
    """One factor of the slope Y (1 - Y) is missing.

    The derivative of the exponential, which is the exponential itself, was in mind.
    """
    return dY * Y


@instead_of("sigmoid_dZ", "eq-dZ")
def sigmoid_sign_flipped(dY, Y):
    """The slope is negative.

    The inner derivative of exp(-Z), which is -1, was taken into account once too often.
    """
    return dY * Y * (Y - 1)


@instead_of("sigmoid_dZ", "eq-dZ")
def sigmoid_never_flat(dY, Y):
    """The slope is 0.01 too large.

    A remedy against saturation, so that some gradient always passes; but it is not the gradient.
    """
    return dY * (Y * (1 - Y) + 0.01)


@instead_of("sigmoid_dZ", "eq-dZ-jacobian")
def sigmoid_upstream_forgotten(dY, Y):
    """The slope itself is handed back, whatever dY.

    The derivative of the function was written, and not the chain rule.
    """
    return Y * (1 - Y)


@instead_of("tanh_dZ", "eq-tanh-dZ")
def tanh_square_forgotten(dY, Y):
    """The slope is 1 - Y, where it is 1 - Y squared.

    The square was lost when the formula was copied.
    """
    return dY * (1 - Y)


@instead_of("tanh_dZ", "eq-tanh-dZ")
def tanh_as_sigmoid(dY, Y):
    """The slope is that of the sigmoid.

    Both curves have the same form, so the same formula was used for both.
    """
    return dY * Y * (1 - Y)


@instead_of("relu_dZ", "eq-relu-dZ")
def relu_at_least_zero(dY, Y):
    """Everything passes.

    ``Y >= 0`` was asked for ``Y > 0``, and no output of a ReLU is below 0.
    """
    return np.where(Y >= 0, dY, 0)


@instead_of("relu_dZ", "eq-relu-dZ")
def relu_leaks(dY, Y):
    """Where nothing passed forward, one part in a hundred passes back.

    The backward pass of the leaky ReLU was put behind the forward pass of the plain one.
    """
    return np.where(Y > 0, dY, 0.01 * dY)


@instead_of("relu_dZ", "eq-relu-dZ")
def relu_of_gradient(dY, Y):
    """What is negative in dY is dropped, whatever Y.

    The ReLU itself was applied to the gradient: forward and backward confused.
    """
    return np.where(dY > 0, dY, 0)


@instead_of("relu_dZ", "eq-relu-dZ")
def relu_drops_negative(dY, Y):
    """Of what passes, the negative part is dropped as well.

    Two recipes were mixed: one to compute a gradient, one to make pictures of what a network sees.
    """
    return np.where((Y > 0) & (dY > 0), dY, 0)


@instead_of("relu_dZ", "eq-relu-dZ")
def relu_keeps_output(dY, Y):
    """The output takes the place of the slope 1.

    Like the other activations it was written as dY times something with Y in it.
    """
    return dY * Y


@instead_of("leaky_relu_dZ", "eq-leaky-relu-dZ")
def leaky_relu_closed(dY, Y, *, slope=0.01):
    """Nothing passes where the output is negative.

    The backward pass of the plain ReLU was put behind the forward pass of the leaky one.
    """
    return np.where(Y > 0, dY, 0)


@instead_of("leaky_relu_dZ", "eq-leaky-relu-dZ")
def leaky_relu_of_gradient(dY, Y, *, slope=0.01):
    """What is negative in dY is made smaller, whatever Y.

    The leaky ReLU itself was applied to the gradient: forward and backward confused.
    """
    return np.where(dY > 0, dY, slope * dY)


@instead_of("leaky_relu_dZ", "eq-leaky-relu-dZ")
def leaky_relu_slope_forgotten(dY, Y, *, slope=0.01):
    """The slope is 0.01, whatever it was forward.

    The option was not handed on to the way back, where the default then took its place.
    """
    return np.where(Y > 0, dY, 0.01 * dY)
