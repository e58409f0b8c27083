"""What an operation returns when it returns more than one thing."""

from typing import NamedTuple

import numpy as np

__all__ = ["BatchNorm", "BatchNormGradients", "Loss", "MaxPool"]


class BatchNorm(NamedTuple):
    """Normalized images and what they were normalized with, as `batch_norm2d` returns them.

    Unpack it: ``Y, mean, variance, scale = batch_norm2d(X, w, b)``.

    Attributes
    ----------
    Y : ndarray
        Normalized images. Shape (B, D, M, N).
    mean, variance : ndarray
        Of every depth, the variance divided by the number of pixels. Shape (D,), float64.
    scale : ndarray
        1 / sqrt(variance + epsilon), which the gradients want. Shape (D,), float64.
    """

    Y: np.ndarray
    mean: np.ndarray
    variance: np.ndarray
    scale: np.ndarray


class BatchNormGradients(NamedTuple):
    """All gradients of `batch_norm2d`, as `batch_norm2d_backward` returns them.

    Attributes
    ----------
    dX : ndarray
        Gradient of the loss with respect to X. Shape (B, D, M, N).
    dw, db : ndarray
        Gradients of the loss with respect to w and b. Shape (D,).
    """

    dX: np.ndarray
    dw: np.ndarray
    db: np.ndarray


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
