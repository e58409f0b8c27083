"""Non-linearities, entry by entry."""

from __future__ import annotations

import numpy as np

from cnnlab.layers.base import Layer


class Sigmoid(Layer):
    """The post's non-linearity, 1 / (1 + exp(-Z)), entry by entry.

    Equation (eq-activation) forward; (eq-dZ) backward.
    """

    def forward(self, X: np.ndarray, *, training: bool = True) -> np.ndarray:
        """Return Y, the shape of X."""
        self._remembered = Y = self.ops.sigmoid(X)
        return Y

    def backward(self, dY: np.ndarray) -> np.ndarray:
        """Return the gradient with respect to the input, the shape of `dY`."""
        return self.ops.sigmoid_dZ(dY, self._recall())


class Tanh(Layer):
    """Hyperbolic tangent, a sigmoid from -1 to 1, entry by entry.

    Equation (eq-tanh) forward; (eq-tanh-dZ) backward.
    """

    def forward(self, X: np.ndarray, *, training: bool = True) -> np.ndarray:
        """Return Y, the shape of X."""
        self._remembered = Y = self.ops.tanh(X)
        return Y

    def backward(self, dY: np.ndarray) -> np.ndarray:
        """Return the gradient with respect to the input, the shape of `dY`."""
        return self.ops.tanh_dZ(dY, self._recall())


class ReLU(Layer):
    """The positive part, max(Z, 0), entry by entry.

    Equation (eq-relu) forward; (eq-relu-dZ) backward.
    """

    def forward(self, X: np.ndarray, *, training: bool = True) -> np.ndarray:
        """Return Y, the shape of X."""
        self._remembered = Y = self.ops.relu(X)
        return Y

    def backward(self, dY: np.ndarray) -> np.ndarray:
        """Return the gradient with respect to the input, the shape of `dY`."""
        return self.ops.relu_dZ(dY, self._recall())
