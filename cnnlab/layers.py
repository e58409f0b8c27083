"""Layers: an operation with its parameters and what it must remember for the way back.

A layer calls the operations of one backend, ``ops=cnnlab.fast`` (the default) or
``ops=cnnlab.reference``; nothing else changes. `Sequential` builds its layers; a layer used alone
is built by hand::

    layer = Conv2D(4, 3)
    layer.build((1, 8, 8), np.random.default_rng(0))
    Z = layer.forward(X)
    dX = layer.backward(dZ)     # and layer.gradients["w"], layer.gradients["b"]
"""

from __future__ import annotations

import math
from types import ModuleType
from typing import Any

import numpy as np

from cnnlab import shapes
from cnnlab.initializers import Initializer, glorot_uniform

__all__ = ["Conv2D", "Dense", "Flatten", "Layer", "Sigmoid"]


class Layer:
    """What every layer offers; the base of all others.

    Parameters
    ----------
    ops : module, optional
        `cnnlab.fast` or `cnnlab.reference`. `cnnlab.fast` when left out.

    Attributes
    ----------
    parameters : dict of str to ndarray
        Learned arrays by name, `w` and `b`. Empty until the layer is built, and for layers that
        learn nothing.
    gradients : dict of str to ndarray
        Gradient of the loss with respect to each parameter, from the latest `backward`.
    """

    def __init__(self, *, ops: ModuleType | None = None) -> None:
        if ops is None:
            from cnnlab import fast  # here, so that the loops can be used without Numba

            ops = fast
        self.ops = ops
        self.parameters: dict[str, np.ndarray] = {}
        self.gradients: dict[str, np.ndarray] = {}
        self._remembered: Any = None

    @property
    def name(self) -> str:
        """Name of the kind of layer."""
        return type(self).__name__

    def output_shape(self, input_shape: tuple[int, ...]) -> tuple[int, ...]:
        """Return the shape of one output, given the shape of one input (no batch axis).

        Parameters
        ----------
        input_shape : tuple of int

        Returns
        -------
        output_shape : tuple of int

        Raises
        ------
        ValueError
            If the layer cannot take such an input.
        """
        return input_shape

    def build(
        self, input_shape: tuple[int, ...], rng: np.random.Generator, dtype: Any = np.float64
    ) -> tuple[int, ...]:
        """Draw starting values for the parameters.

        Parameters
        ----------
        input_shape : tuple of int
            Shape of one input, without the batch axis.
        rng : numpy.random.Generator
            Where the starting values come from.
        dtype : dtype
            float32 or float64.

        Returns
        -------
        output_shape : tuple of int
            Shape of one output, without the batch axis.

        Raises
        ------
        ValueError
            If the layer cannot take such an input.
        """
        return self.output_shape(input_shape)

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Compute the output for a batch, and remember what `backward` needs.

        Parameters
        ----------
        X : ndarray
            A batch of inputs, batch axis first.

        Returns
        -------
        Y : ndarray
            A batch of outputs.
        """
        raise NotImplementedError

    def backward(self, dY: np.ndarray) -> np.ndarray:
        """Turn the gradient with respect to the output into that with respect to the input.

        Fills `gradients` on the way.

        Parameters
        ----------
        dY : ndarray
            Gradient of the loss with respect to what the latest `forward` returned.

        Returns
        -------
        dX : ndarray
            Gradient of the loss with respect to what the latest `forward` was given.

        Raises
        ------
        RuntimeError
            If `forward` was not called before.
        """
        raise NotImplementedError

    def _draw(
        self,
        w_shape: tuple[int, ...],
        initializer: Initializer,
        rng: np.random.Generator,
        dtype: Any,
    ) -> None:
        """Draw the weights; set the biases, one for each output on axis 0, to zero."""
        self.parameters["w"] = initializer(w_shape, rng).astype(dtype)
        self.parameters["b"] = np.zeros(w_shape[0], dtype)

    def _recall(self) -> Any:
        """Return what `forward` remembered."""
        if self._remembered is None:
            raise RuntimeError(
                f"{self.name}.backward: there is nothing to go back through; call forward first."
            )
        return self._remembered

    def _parameter(self, name: str) -> np.ndarray:
        """Return a parameter, or say that there are none."""
        if name not in self.parameters:
            raise RuntimeError(
                f"{self.name}.forward: the layer has no weights yet; put it into "
                f"Sequential([...], input_shape=...), or call {self.name}.build(input_shape, rng)."
            )
        return self.parameters[name]


class Conv2D(Layer):
    """Convolutional layer without its non-linearity: P patterns searched in every image.

    Equation (eq-pattern-search) forward; (eq-dX), (eq-dw) and (eq-db) backward.

    Parameters
    ----------
    patterns : int
        P, how many patterns are learned.
    size : int or pair of int
        Height m and width n of a pattern; its depth is that of the images.
    initializer : callable
        Draws the starting patterns, see `cnnlab.initializers`. Biases start at 0.
    ops : module, optional
        `cnnlab.fast` or `cnnlab.reference`.
    """

    def __init__(
        self,
        patterns: int,
        size: int | tuple[int, int],
        *,
        initializer: Initializer = glorot_uniform,
        ops: ModuleType | None = None,
    ) -> None:
        super().__init__(ops=ops)
        self.patterns = shapes.as_count(patterns, "Conv2D", "patterns")
        self.size = shapes.as_counts(size, "Conv2D", "size")
        self.initializer = initializer

    def output_shape(self, input_shape: tuple[int, ...]) -> tuple[int, ...]:
        """Return (P, M - m + 1, N - n + 1) for images of shape (D, M, N)."""
        shape = shapes.as_shape(input_shape, "Conv2D", "input_shape", (3,))
        w_shape = (self.patterns, shape[0], *self.size)
        return shapes.conv2d_output_shape("Conv2D", (1, *shape), w_shape)[1:]

    def build(
        self, input_shape: tuple[int, ...], rng: np.random.Generator, dtype: Any = np.float64
    ) -> tuple[int, ...]:
        """Draw the patterns w (P, D, m, n); set the biases b (P,) to zero."""
        output_shape = self.output_shape(input_shape)
        w_shape = (self.patterns, input_shape[0], *self.size)
        self._draw(w_shape, self.initializer, rng, dtype)
        return output_shape

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Return Z (B, P, M - m + 1, N - n + 1) for images X (B, D, M, N)."""
        Z = self.ops.conv2d(X, self._parameter("w"), self._parameter("b"))
        self._remembered = X
        return Z

    def backward(self, dY: np.ndarray) -> np.ndarray:
        """Return dX, the shape of X; `gradients` gets `w` and `b`."""
        X, w = self._recall(), self._parameter("w")
        self.gradients["w"] = self.ops.conv2d_dw(dY, X, w.shape)
        self.gradients["b"] = self.ops.conv2d_db(dY)
        return self.ops.conv2d_dX(dY, w, X.shape)


class Dense(Layer):
    """Dense layer without its non-linearity: every output is a weighted sum of all inputs.

    Equation (eq-vanilla) forward; (eq-vanilla-dX), (eq-vanilla-dw) and (eq-vanilla-db) backward.

    Parameters
    ----------
    outputs : int
        O, how many outputs there are.
    initializer : callable
        Draws the starting weights, see `cnnlab.initializers`. Biases start at 0.
    ops : module, optional
        `cnnlab.fast` or `cnnlab.reference`.
    """

    def __init__(
        self,
        outputs: int,
        *,
        initializer: Initializer = glorot_uniform,
        ops: ModuleType | None = None,
    ) -> None:
        super().__init__(ops=ops)
        self.outputs = shapes.as_count(outputs, "Dense", "outputs")
        self.initializer = initializer

    def output_shape(self, input_shape: tuple[int, ...]) -> tuple[int, ...]:
        """Return (O,) for inputs of shape (I,)."""
        if len(input_shape) != 1:
            raise ValueError(
                f"Dense: inputs of shape {input_shape} came, but a dense layer takes vectors; "
                f"put Flatten() before it."
            )
        return (self.outputs,)

    def build(
        self, input_shape: tuple[int, ...], rng: np.random.Generator, dtype: Any = np.float64
    ) -> tuple[int, ...]:
        """Draw the weights w (O, I); set the biases b (O,) to zero."""
        output_shape = self.output_shape(input_shape)
        self._draw((self.outputs, input_shape[0]), self.initializer, rng, dtype)
        return output_shape

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Return Z (B, O) for vectors X (B, I)."""
        Z = self.ops.dense(X, self._parameter("w"), self._parameter("b"))
        self._remembered = X
        return Z

    def backward(self, dY: np.ndarray) -> np.ndarray:
        """Return dX (B, I); `gradients` gets `w` and `b`."""
        X, w = self._recall(), self._parameter("w")
        self.gradients["w"] = self.ops.dense_dw(dY, X)
        self.gradients["b"] = self.ops.dense_db(dY)
        return self.ops.dense_dX(dY, w)


class Sigmoid(Layer):
    """The post's non-linearity, 1 / (1 + exp(-Z)), entry by entry.

    Equation (eq-activation) forward; (eq-dZ) backward.
    """

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Return Y, the shape of X."""
        self._remembered = Y = self.ops.sigmoid(X)
        return Y

    def backward(self, dY: np.ndarray) -> np.ndarray:
        """Return the gradient with respect to the input, the shape of `dY`."""
        return self.ops.sigmoid_dZ(dY, self._recall())


class Flatten(Layer):
    """Lay the numbers of one sample out in a row, in row-major order.

    Equation (eq-flatten) forward; the same reshape back, backward.
    """

    def output_shape(self, input_shape: tuple[int, ...]) -> tuple[int, ...]:
        """Return (P * M * N,) for inputs of shape (P, M, N)."""
        return (math.prod(input_shape),)

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Return X (B, P, M, N) as (B, P * M * N)."""
        self._remembered = X.shape
        return X.reshape(len(X), math.prod(X.shape[1:]))

    def backward(self, dY: np.ndarray) -> np.ndarray:
        """Return `dY` in the shape of the input."""
        return dY.reshape(self._recall())
