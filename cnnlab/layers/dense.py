"""The dense layer, and what comes before it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from cnnlab import shapes
from cnnlab.initializers import Initializer, glorot_uniform
from cnnlab.layers.base import Layer
from cnnlab.typing import ArrayLike, Backend, DTypeLike, Flag, Integer

__all__ = ["Flatten", "Dense"]


class Flatten(Layer):
    """Lay the numbers of one sample out in a row, in row-major order.

    Equation (eq-flatten) forward; the same reshape back, backward.
    """

    def output_shape(self, input_shape: Sequence[int]) -> tuple[int, ...]:
        """Return (P * M * N,) for inputs of shape (P, M, N)."""
        return (math.prod(input_shape),)

    def forward(self, X: ArrayLike, *, training: Flag | None = None) -> np.ndarray:
        """Return X (B, P, M, N) as (B, P * M * N)."""
        X = np.asanyarray(X)
        self._remembered = X.shape
        return X.reshape(_flat(X.shape))

    def backward(self, dY: ArrayLike) -> np.ndarray:
        """Return `dY` in the shape of the input."""
        shape = self._recall()
        return self._as_gradient(dY, _flat(shape)).reshape(shape)


def _flat(shape: Sequence[int]) -> tuple[int, int]:
    return shape[0], math.prod(shape[1:])


class Dense(Layer):
    """Dense layer without its non-linearity: every output is a weighted sum of all inputs.

    Equation (eq-vanilla) forward; (eq-vanilla-dX), (eq-vanilla-dw) and (eq-vanilla-db) backward.

    Parameters
    ----------
    outputs : int
        O, how many outputs there are.
    bias : bool
        Whether there are biases. Without them `parameters` has no `b`.
    initializer : callable
        Draws the starting weights, see `cnnlab.initializers`. Biases start at 0.
    ops : module, optional
        `cnnlab.fast` or `cnnlab.reference`.
    """

    def __init__(
        self,
        outputs: Integer,
        *,
        bias: Flag = True,
        initializer: Initializer = glorot_uniform,
        ops: Backend | None = None,
    ) -> None:
        super().__init__(ops=ops)
        self.outputs = shapes.as_count(outputs, self.name, "outputs")
        self.bias = shapes.as_flag(bias, self.name, "bias")
        self.initializer = self._as_initializer(initializer)

    def output_shape(self, input_shape: Sequence[int]) -> tuple[int, ...]:
        """Return (O,) for inputs of shape (I,)."""
        if len(input_shape) != 1:
            raise ValueError(
                f"{self.name}: inputs of shape {input_shape} came, but a dense layer takes "
                f"vectors; put Flatten() before it."
            )
        return (self.outputs,)

    def build(
        self, input_shape: Sequence[int], rng: np.random.Generator, dtype: DTypeLike = np.float64
    ) -> tuple[int, ...]:
        """Draw the weights w (O, I); biases b (O,), if any, are zero."""
        output_shape = self.output_shape(input_shape)
        w = self._draw(self.initializer, (self.outputs, input_shape[0]), rng)
        self._start(dtype, w=w, **self._biases(self.outputs))
        return output_shape

    def forward(self, X: ArrayLike, *, training: Flag | None = None) -> np.ndarray:
        """Return Z (B, O) for vectors X (B, I)."""
        X = self._as_input(X)
        Z = self.ops.dense(X, *self._w_and_b())
        self._remembered = self._keep(X)
        return Z

    def backward(self, dY: ArrayLike) -> np.ndarray:
        """Return dX (B, I); `gradients` gets `w`, and `b` if there are biases."""
        self._fill_gradients(dY)
        return self.ops.dense_dX(dY, self._parameter("w"))

    def backward_to_parameters(self, dY: ArrayLike) -> None:
        """Give `w` and `b` to `gradients`, and leave dX out."""
        if self._goes_back_as(Dense):
            self._fill_gradients(dY)
        else:
            self.backward(dY)

    def _fill_gradients(self, dY: ArrayLike) -> None:
        self.gradients["w"] = self.ops.dense_dw(dY, self._recall())
        if self.bias:
            self.gradients["b"] = self.ops.dense_db(dY)
