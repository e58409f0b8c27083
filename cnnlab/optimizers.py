"""Optimizers: how a gradient changes a parameter."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Real
from typing import Any, Protocol

__all__ = ["SGD"]


class HasParameters(Protocol):
    """Whatever an optimizer can improve, for example a `cnnlab.model.Sequential`."""

    def parameters(self) -> Iterable[Any]:
        """Yield objects with `name`, `value` and `gradient`."""


class SGD:
    """Stochastic gradient descent: a step against the gradient of one batch.

    Equations (eq-update-w) and (eq-update-b)::

        w <- w - learning_rate * dw
        b <- b - learning_rate * db

    Parameters
    ----------
    learning_rate : float
        How far one step goes, eta in the equations. Greater than 0.

    Raises
    ------
    ValueError
        If `learning_rate` is not a number greater than 0.
    """

    def __init__(self, learning_rate: float) -> None:
        if not isinstance(learning_rate, Real) or not 0 < learning_rate < float("inf"):
            raise ValueError(
                f"SGD: learning_rate={learning_rate!r}, but a number greater than 0 is needed; "
                f"try 0.1."
            )
        self.learning_rate: float = float(learning_rate)

    def step(self, model: HasParameters) -> None:
        """Move every parameter of the model, in place, by one step.

        Parameters
        ----------
        model : Sequential
            After a `backward`.

        Raises
        ------
        RuntimeError
            If the model has no gradients yet.
        """
        for parameter in model.parameters():
            if parameter.gradient is None:
                raise RuntimeError(
                    f"SGD.step: {parameter.name} has no gradient yet; "
                    f"call model.forward, the loss and model.backward first."
                )
            parameter.value[...] -= self.learning_rate * parameter.gradient
