"""Gradients between the way back and the step: are they numbers, and how long may they be."""

from __future__ import annotations

import math

import numpy as np

from cnnlab.model import Sequential


def are_finite(model: Sequential) -> bool:
    """Tell whether all gradients of a model are numbers."""
    return all(is_finite(parameter.gradient) for parameter in model.parameters())


def is_finite(array: np.ndarray | None) -> bool:
    """Tell whether all entries are numbers: their squares add up to one, which takes no memory.

    Of a gradient that is missing, the optimizer says so.
    """
    flat = np.ravel(() if array is None else array)
    with np.errstate(over="ignore", invalid="ignore"):
        return math.isfinite(np.dot(flat, flat)) or bool(np.isfinite(flat).all())


def clip(model: Sequential, norm: float | None, value: float | None) -> None:
    """Shorten the gradients of a model, in place: each number to `value`, then all to `norm`.

    The norm is that of all gradients in a row::

        norm = sqrt(sum over all entries g of all parameters of g ** 2)

    and where it is above the limit, every gradient is multiplied by limit / norm.
    """
    if norm is None and value is None:
        return
    gradients = {}
    for parameter in model.parameters():
        gradient = parameter.gradient
        if gradient is None:
            continue  # the optimizer refuses it
        if not isinstance(gradient, np.ndarray) or not gradient.flags.writeable:
            raise ValueError(
                f"fit: the gradient of {parameter.name} cannot be clipped in place; in backward of "
                f"your layer set self.gradients to np.array(gradient)."
            )
        gradients[id(gradient)] = gradient  # once, if two parameters share one
    if value is not None:
        for gradient in gradients.values():
            np.clip(gradient, -value, value, out=gradient)
    if norm is not None:
        length = norm_of(list(gradients.values()))
        for gradient in gradients.values() if length > norm else ():
            gradient *= norm / length


def norm_of(gradients: list[np.ndarray]) -> float:
    """Return the Euclidean norm of all entries, in float64; finite numbers have a finite one."""
    largest = max((float(np.abs(g).max(initial=0)) for g in gradients), default=0.0)
    if largest == 0:
        return 0.0
    # Divided by the largest, so that no square is too large or too small for float64.
    squares = [float(np.square(np.divide(g, largest, dtype=np.float64)).sum()) for g in gradients]
    return largest * math.sqrt(math.fsum(squares))
