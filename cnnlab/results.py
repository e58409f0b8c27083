"""What an operation returns when it returns more than one thing."""

from typing import NamedTuple

import numpy as np

__all__ = ["Loss", "MaxPool"]


class Loss(NamedTuple):
    """A loss and its gradient, as `squared_error` and `cross_entropy` return them.

    Unpack it: ``L, dY = cross_entropy(Y, labels)``.

    Attributes
    ----------
    L : float
        The loss, a mean over the batch.
    dY : ndarray
        Its gradient with respect to the first argument of the loss function. Shape and dtype of
        that argument.
    """

    L: float
    dY: np.ndarray

    @property
    def dZ(self) -> np.ndarray:
        """The same gradient, by the letter that `cross_entropy` gives its first argument."""
        return self.dY


class MaxPool(NamedTuple):
    """The largest pixel of every window and where it stood, as `max_pool2d` returns them.

    Unpack it: ``Y, argmax = max_pool2d(X, 2)``.

    Attributes
    ----------
    Y : ndarray
        Largest pixels. Shape (B, D, M', N').
    argmax : ndarray of int64
        Their flat indices in the planes of X, p * N + q; -1 where a window held no pixel. Shape
        of `Y`.
    """

    Y: np.ndarray
    argmax: np.ndarray
