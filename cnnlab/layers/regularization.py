"""Layers that keep a network from learning its samples by heart."""

from __future__ import annotations

import numpy as np

from cnnlab import shapes
from cnnlab.layers.base import Layer
from cnnlab.reference.ieee import IEEE
from cnnlab.typing import ArrayLike, Backend, DTypeLike, Flag, Number

__all__ = ["Dropout"]


class Dropout(Layer):
    """In training, set a random part of the entries to zero and enlarge the others to make up.

    Equation (eq-dropout)::

        Y = X * kept / (1 - rate)       kept is 1 with probability 1 - rate, else 0
        dX = dY * kept / (1 - rate)

    Every entry is drawn on its own, anew in every `forward`, so that the mean of Y over all draws
    is X. With ``training=False`` Y is X.

    Parameters
    ----------
    rate : float
        Which part is set to zero: at least 0, below 1.
    ops : module, optional
        As for every layer; both backends draw and compute the same.

    Attributes
    ----------
    state : dict of str to numpy.random.Generator
        ``state["generator"]`` draws. It is spawned from the model's generator when the layer is
        built: the same seed drops the same entries, and the starting values of other layers do
        not depend on whether there is a `Dropout` between them.

    Raises
    ------
    ValueError
        If `rate` is no such number.
    """

    trains_differently = True

    def __init__(self, rate: Number, *, ops: Backend | None = None) -> None:
        super().__init__(ops=ops)
        self.rate = shapes.as_number(
            rate, self.name, "rate", within=shapes.BELOW_ONE, hint="try 0.5"
        )

    def build(
        self, input_shape: tuple[int, ...], rng: np.random.Generator, dtype: DTypeLike = np.float64
    ) -> tuple[int, ...]:
        """Spawn the generator that draws; the output has the shape of the input."""
        self.state["generator"] = shapes.as_generator(rng, f"{self.name}.build", "rng").spawn(1)[0]
        return self.output_shape(input_shape)

    @IEEE
    def forward(self, X: ArrayLike, *, training: Flag | None = None) -> np.ndarray:
        """Return Y, the shape of X (any shape)."""
        X = self._as_input(X)
        factor = np.ones(X.shape, X.real.dtype)
        if self._told(training):
            kept = self._built(self.state, "generator").random(X.shape) >= self.rate
            factor *= kept / (1 - self.rate)
        self._remembered = factor
        return X * factor

    @IEEE
    def backward(self, dY: ArrayLike) -> np.ndarray:
        """Return dX, the shape of X: nothing for what was dropped."""
        factor = self._recall()
        return self._as_gradient(dY, factor.shape) * factor
