"""What an operation returns when it returns more than one thing."""

from typing import NamedTuple

import numpy as np

__all__ = ["Loss"]


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
