"""Non-linearities, entry by entry."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from cnnlab import shapes
from cnnlab.layers.base import Layer
from cnnlab.typing import ArrayLike, Backend, Flag, Number

__all__ = ["Sigmoid", "Tanh", "ReLU", "LeakyReLU"]


class Activation(Layer):
    """One operation, entry by entry, whose gradient follows from its output alone."""

    operation: ClassVar[str]  # its name in the backend; with "_dZ" behind it, that of its gradient

    def __init__(self, *, ops: Backend | None = None) -> None:
        super().__init__(ops=ops)
        self.options: dict[str, Any] = {}  # of the operation, both ways

    def forward(self, X: ArrayLike, *, training: Flag | None = None) -> np.ndarray:
        """Return Y, the shape of X."""
        Y = getattr(self.ops, self.operation)(X, **self.options)
        self._remembered = self._keep(Y)
        return Y

    def backward(self, dY: ArrayLike) -> np.ndarray:
        """Return the gradient with respect to the input, the shape of `dY`."""
        gradient = getattr(self.ops, f"{self.operation}_dZ")
        return gradient(dY, self._recall(), **self.options)


class Sigmoid(Activation):
    """Logistic function, 1 / (1 + exp(-Z)), entry by entry.

    Equation (eq-activation) forward; (eq-dZ) backward.
    """

    operation = "sigmoid"


class Tanh(Activation):
    """Hyperbolic tangent, a sigmoid from -1 to 1, entry by entry.

    Equation (eq-tanh) forward; (eq-tanh-dZ) backward.
    """

    operation = "tanh"


class ReLU(Activation):
    """The positive part, max(Z, 0), entry by entry.

    Equation (eq-relu) forward; (eq-relu-dZ) backward.
    """

    operation = "relu"


class LeakyReLU(Activation):
    """The positive part and a small part of the rest, max(Z, slope * Z), entry by entry.

    Equation (eq-leaky-relu) forward; (eq-leaky-relu-dZ) backward.

    Parameters
    ----------
    slope : float
        Which part of a negative entry passes: greater than 0, at most 1.
    ops : module, optional
        As for every layer.

    Raises
    ------
    ValueError
        If `slope` is no such number.
    """

    operation = "leaky_relu"

    def __init__(self, slope: Number = 0.01, *, ops: Backend | None = None) -> None:
        super().__init__(ops=ops)
        self.options = {"slope": shapes.check_slope(self.name, slope)}
