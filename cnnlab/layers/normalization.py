"""Layers that give their outputs a mean and a spread of their own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cnnlab import shapes
from cnnlab.layers.base import Layer
from cnnlab.reference.ieee import IEEE
from cnnlab.typing import ArrayLike, Backend, DTypeLike, Flag, Number

__all__ = ["BatchNorm2D"]

# Over the batch, the rows and the columns: what is left is one number per depth.
AXES = (0, 2, 3)


class BatchNorm2D(Layer):
    """Give every depth the mean b and the spread w, over the batch and all pixels.

    Equation (eq-batch-norm), for every depth c::

        normalized = (X - mean) / sqrt(variance + epsilon)
        Y = w * normalized + b

    In training, mean and variance are those of the batch (the variance divided by the number of
    pixels, not by one less), and the running values follow them::

        running <- (1 - momentum) * running + momentum * batch

    where the running variance follows the unbiased one (divided by one less). With
    ``training=False`` the running values take their place, and Y depends on no other sample.

    Equation (eq-batch-norm-dX) backward: in training every pixel moves the mean and the variance
    of all, so that dX has two more terms::

        dX = w / sqrt(variance + epsilon) * (dY - mean(dY) - normalized * mean(dY * normalized))

    Sums run in float64 for float32 images too.

    Parameters
    ----------
    momentum : float
        Weight of the new value in the running ones: greater than 0, at most 1.
    epsilon : float
        Greater than 0. Keeps a depth that is the same everywhere from a division by 0.
    ops : module, optional
        As for every layer; both backends compute the same.

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

    @IEEE
    def forward(self, X: ArrayLike, *, training: Flag | None = None) -> np.ndarray:
        """Return Y for images X, both (B, D, M, N)."""
        training = self._told(training)
        function = f"{self.name}.forward"
        X, w, b = shapes.as_arrays(
            function, keep_complex=True, X=X, w=self._parameter("w"), b=self._parameter("b")
        )
        X, single = shapes.add_batch_axis(X, function, "X")
        if X.shape[1] != len(w):
            raise ValueError(
                f"{function}: X has depth D={X.shape[1]} but the layer was built for {len(w)} "
                f"(X.shape={X.shape}); axis 1 of X must agree."
            )
        training = training and len(X) > 0  # an empty batch has no mean
        if training:
            mean, variance = self._batch_statistics(X)
        else:
            mean, variance = self.state["mean"], self.state["variance"]
        deviation = np.sqrt(variance + self.epsilon)
        normalized = (X - _per_depth(mean)) / _per_depth(deviation)
        self._remembered = normalized, deviation, training, single
        Y = (_per_depth(w) * normalized + _per_depth(b)).astype(X.dtype)
        return Y[0] if single else Y

    @IEEE
    def backward(self, dY: ArrayLike) -> np.ndarray:
        """Return dX, the shape of X; `gradients` gets `w` and `b`."""
        (normalized, deviation, training, single), w = self._recall(), self._parameter("w")
        dY = self._as_gradient(dY, normalized.shape[1:] if single else normalized.shape)
        dtype = np.result_type(dY, w)
        dY = dY[np.newaxis] if single else dY
        dw = (dY * normalized).sum(AXES)
        db = dY.sum(AXES, np.result_type(dY, np.float64))
        change = dY
        if training:
            count = normalized[:, 0].size
            change = dY - _per_depth(db / count) - normalized * _per_depth(dw / count)
        self.gradients = {"w": dw.astype(dtype), "b": db.astype(dtype)}
        dX = (_per_depth(w / deviation) * change).astype(dtype)
        return dX[0] if single else dX

    def _batch_statistics(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and biased variance of a batch; the running values take their part."""
        count = X[:, 0].size
        if count == 1:
            raise ValueError(
                f"{self.name}.forward: X.shape={X.shape} holds one number per depth, which is its "
                f"own mean, so that nothing of it would be left; pass a larger batch or larger "
                f"images, or training=False."
            )
        mean = X.mean(AXES, np.result_type(X, np.float64))
        # No absolute value, so that the complex step goes through.
        variance = ((X - _per_depth(mean)) ** 2).mean(AXES)
        unbiased = variance * (count / (count - 1))
        # Both or, when an interrupt comes, none.
        self.state.update(
            {
                name: (1 - self.momentum) * self.state[name] + self.momentum * new.real
                for name, new in (("mean", mean), ("variance", unbiased))
            }
        )
        return mean, variance


def _per_depth(values: np.ndarray) -> np.ndarray:
    """Give one number per depth the axes of images, (D, 1, 1)."""
    return values[:, np.newaxis, np.newaxis]
