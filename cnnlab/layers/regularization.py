"""Layers that keep a network from learning its samples by heart."""

from __future__ import annotations

import numpy as np

from cnnlab import shapes
from cnnlab.layers.base import Layer
from cnnlab.typing import ArrayLike, Backend, DTypeLike, Flag, Number

__all__ = ["Dropout"]


class Dropout(Layer):
    """In training, set a random part of the entries to zero and enlarge the others to make up.

    Equations (eq-dropout) and (eq-dropout-dX)::

        Y = X * kept / (1 - rate)       kept is 1 with probability 1 - rate, else 0
        dX = dY * kept / (1 - rate)

    Every entry is drawn on its own, anew in every `forward`, so that the mean of Y over all draws
    is X. With ``training=False`` Y is X. An entry is kept where a float32 from 0 to 1 that is drawn
    for it is at least `rate`, whatever the dtype of X.

    Parameters
    ----------
    rate : float
        Which part is set to zero: at least 0, below 1.
    ops : module, optional
        As for every layer; the same entries are dropped with both backends.

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

    def forward(self, X: ArrayLike, *, training: Flag | None = None) -> np.ndarray:
        """Return Y, the shape of X (any shape)."""
        X = self._as_input(X)
        kept = None
        if self._told(training):
            draws = self._built(self.state, "generator").random(X.shape, np.float32)
            kept = draws >= self.rate
        self._remembered = X.shape, kept
        return np.array(X) if kept is None else self.ops.dropout(X, kept, rate=self.rate)

    def backward(self, dY: ArrayLike) -> np.ndarray:
        """Return dX, the shape of X: nothing for what was dropped."""
        shape, kept = self._recall()
        dY = self._as_gradient(dY, shape)
        return np.array(dY) if kept is None else self.ops.dropout_dX(dY, kept, rate=self.rate)
