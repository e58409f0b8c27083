"""Layers that give their outputs a mean and a spread of their own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cnnlab import shapes
from cnnlab.layers.base import Layer
from cnnlab.typing import ArrayLike, Backend, DTypeLike, Flag, Number

__all__ = ["BatchNorm2D"]


class BatchNorm2D(Layer):
    """Give every depth the mean b and the spread w, over the batch and all pixels.

    Equation (eq-batch-norm), for every depth::

        normalized = (X - mean) / sqrt(variance + epsilon)
        Y = w * normalized + b

    In training, mean and variance are those of the batch (the variance divided by the number of
    pixels, not by one less), and the running values follow them::

        running <- (1 - momentum) * running + momentum * batch

    where the running variance follows the unbiased one (divided by one less). With
    ``training=False`` the running values take their place, and Y depends on no other sample.

    Backward, in training every pixel moves the mean and the variance of all, so that dX has two
    more terms, equation (eq-batch-norm-dX).

    Parameters
    ----------
    momentum : float
        Weight of the new value in the running ones: greater than 0, at most 1.
    epsilon : float
        Greater than 0. Keeps a depth that is the same everywhere from a division by 0.
    ops : module, optional
        As for every layer.

    Attributes
    ----------
    parameters : dict of str to ndarray
        `w` (D,), ones at first, and `b` (D,), zeros at first.
    state : dict of str to ndarray
        The running values `mean` (D,), zeros at first, and `variance` (D,), ones at first;
        float64.

    Raises
    ------
    ValueError
        If an option is no such number.
    """

    trains_differently = True
    undecayed = ("w", "b")

    def __init__(
        self, *, momentum: Number = 0.1, epsilon: Number = 1e-5, ops: Backend | None = None
    ) -> None:
        super().__init__(ops=ops)
        self.momentum = shapes.as_number(
            momentum, self.name, "momentum", within=shapes.UP_TO_ONE, hint="try 0.1"
        )
        self.epsilon = shapes.as_number(
            epsilon, self.name, "epsilon", within=shapes.POSITIVE, hint="try 1e-5"
        )

    def output_shape(self, input_shape: Sequence[int]) -> tuple[int, ...]:
        """Return (D, M, N), the shape of an input."""
        return shapes.as_shape(input_shape, self.name, "input_shape", (3,))

    def build(
        self, input_shape: Sequence[int], rng: np.random.Generator, dtype: DTypeLike = np.float64
    ) -> tuple[int, ...]:
        """Set w and the running variance to ones, b and the running mean to zeros."""
        output_shape = self.output_shape(input_shape)
        D = output_shape[0]
        self._start(dtype, w=np.ones(D), b=np.zeros(D))
        self.state = {"mean": np.zeros(D), "variance": np.ones(D)}
        return output_shape

    def forward(self, X: ArrayLike, *, training: Flag | None = None) -> np.ndarray:
        """Return Y for images X, both (B, D, M, N)."""
        training = self._told(training)
        X, w, b = self._keep(self._as_images(X)), self._parameter("w"), self._parameter("b")
        count = X.size // len(w)
        training = training and count > 0  # an empty batch has no mean
        if training and count == 1:
            raise ValueError(
                f"{self.name}.forward: X.shape={X.shape} holds one number per depth, which is its "
                f"own mean, so that nothing of it would be left; pass a larger batch or larger "
                f"images, or training=False."
            )
        given = {} if training else {name: self.state[name] for name in ("mean", "variance")}
        Y, mean, variance, scale = self.ops.batch_norm2d(X, w, b, epsilon=self.epsilon, **given)
        if training:
            self._follow(mean, variance * np.float64(count / (count - 1)))
        self._remembered = X, mean, scale, not training
        return Y

    def backward(self, dY: ArrayLike) -> np.ndarray:
        """Return dX, the shape of X; `gradients` gets `w` and `b`."""
        X, mean, scale, fixed = self._recall()
        dX, dw, db = self.ops.batch_norm2d_backward(
            self._as_gradient(dY, X.shape), X, self._parameter("w"), mean, scale, fixed=fixed
        )
        self.gradients = {"w": dw, "b": db}
        return dX

    def _as_images(self, X: ArrayLike) -> np.ndarray:
        """Return X as images of the depth that the layer was built for."""
        function, D = f"{self.name}.forward", len(self._parameter("w"))
        X = self._as_input(X)
        shapes.add_batch_axis(X, function, "X")
        if X.shape[-3] != D:
            raise ValueError(
                f"{function}: X has depth D={X.shape[-3]} but the layer was built for {D} "
                f"(X.shape={X.shape}); axis {X.ndim - 3} of X must agree."
            )
        return X

    def _follow(self, mean: np.ndarray, variance: np.ndarray) -> None:
        """Let the running values follow those of a batch."""
        # Both or, when an interrupt comes, none.
        self.state.update(
            {
                name: (1 - self.momentum) * self.state[name] + self.momentum * new.real
                for name, new in (("mean", mean), ("variance", variance))
            }
        )
