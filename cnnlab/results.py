"""What is handed out in several parts: by an operation, or by a model of each of its arrays."""

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


class Parameter(NamedTuple):
    """One learned array of a model, with its gradient.

    Attributes
    ----------
    name : str
        Where it sits, as ``"0.Conv2D.w"``: the position of the layer, its kind, the array. Of a
        layer in another one, as ``"2.Sequential.0.Conv2D.w"`` or ``"3.Residual.0.Dense.b"``.
    value : ndarray
        The array itself, not a copy; an optimizer writes into it.
    gradient : ndarray or None
        Gradient of the loss with respect to it, from the latest `backward`. Shape of `value`.
        None before the first one.
    decays : bool
        Whether it takes part in the weight decay of an optimizer: not if its layer names it in
        `undecayed`, as biases and all of batch normalization are. No part of the tuple.
    """

    name: str
    value: np.ndarray
    gradient: np.ndarray | None

    @property
    def decays(self) -> bool:
        """True."""
        return True


class UndecayedParameter(Parameter):
    """A parameter that weight decay leaves alone."""

    __slots__ = ()

    @property
    def decays(self) -> bool:
        """That it does not."""
        return False
