"""What is said of an operation, and how its gradients are called by the names of arguments."""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from cnnlab import layers, reference
from cnnlab.results import Loss, MaxPool
from cnnlab.typing import Backend

Draw = Callable[..., Any]  # numpy.random.Generator.standard_normal, or another like it
Gradients = dict[str, np.ndarray]


class Call(NamedTuple):
    """What an operation is called with: arguments by position, options by name."""

    arguments: tuple[Any, ...]
    options: dict[str, Any]


class Example(NamedTuple):
    """The operation and its gradients, worked out on paper: small enough to follow by hand.

    Attributes
    ----------
    given : dict
        Arguments and options by name.
    result : object
        What the operation returns; of several results a tuple.
    dY : object
        Gradient of the loss with respect to the result. None for losses, and for what has no
        gradient of its own.
    gradients : dict
        Gradient of the loss with respect to each argument, by the name of the argument.
    """

    given: dict[str, Any]
    result: Any
    dY: Any = None
    gradients: dict[str, Any] = {}  # noqa: RUF012 - never written to


class Special(NamedTuple):
    """A case that somebody may doubt, in words, and what comes out."""

    words: str
    given: dict[str, Any]
    result: Any


class Entrywise(NamedTuple):
    """A function of each number alone, in NumPy: a judge that knows nothing of the loops.

    Attributes
    ----------
    value : callable
        ``value(Z)`` is the result, in the dtype of Z; options of the operation go by name.
    slope : callable
        ``slope(Y)`` is the derivative, from the result; with the same options.
    roundings : float
        Both backends are this many rounding units, times the value, from the exact value at most;
        0 means that they are equal.
    slope_roundings : float
        The same for dY times the slope.
    """

    value: Callable[..., np.ndarray]
    slope: Callable[..., np.ndarray]
    roundings: float
    slope_roundings: float


@dataclass(frozen=True)
class Operation:
    """One operation of `cnnlab.reference` and `cnnlab.fast`, and all that lists of them need.

    Attributes
    ----------
    name : str
        As "conv2d".
    equations : tuple of str
        Labels in the book. Its docstring cites them, and so does its row on *The operations*.
    gradients : dict of str to str
        The arguments that have a gradient, each with the label of its equation; "" where it has
        none of its own.
    pytorch : str
        The same operation there, as "torch.relu".
    example : Example
        Worked by hand.
    special : tuple of Special
        What happens at the edges.
    calls : callable
        ``calls(draw)`` returns what it is called with to find out whether its gradients are right
        (see `cnnlab.mutants.calls`). Nothing is square, and every option is used.
    plain : callable
        ``plain(draw)`` returns the most convenient call (see `cnnlab.mutants.plain_call`).
    linear : tuple of str
        The arguments in which it is linear, apart from a bias, the others being fixed. Pooling is
        linear while the same pixels win.
    layer : type, optional
        The layer that computes it.
    returns : type
        `numpy.ndarray`, or one of `cnnlab.results`.
    entrywise : Entrywise, optional
        For a function of each number alone.
    backward : callable, optional
        ``backward(ops, dY, given)`` returns the gradients of an operation that has no functions
        of its own for them.
    divisor : callable, optional
        ``divisor(given)`` returns a number that every divisor of the operation divides: on its
        multiples nothing is rounded.
    """

    name: str
    equations: tuple[str, ...]
    gradients: Mapping[str, str]
    pytorch: str
    example: Example
    special: tuple[Special, ...]
    calls: Callable[[Draw], list[Call]] = field(repr=False)
    plain: Callable[[Draw], Call] = field(repr=False)
    linear: tuple[str, ...] = ()
    layer: type[layers.Layer] | None = None
    returns: type = np.ndarray
    entrywise: Entrywise | None = None
    backward: Callable[[Backend, np.ndarray, Mapping[str, Any]], Gradients] | None = None
    divisor: Callable[[Mapping[str, Any]], int] | None = None

    @property
    def functions(self) -> tuple[str, ...]:
        """Names of its functions in a backend: itself, then its gradients."""
        gradients = (f"{self.name}_d{argument}" for argument in self.gradients)
        return (self.name, *(name for name in gradients if hasattr(reference, name)))

    def bind(self, *arguments: Any, **options: Any) -> dict[str, Any]:
        """Return arguments and options by name, those that are None left out.

        Raises
        ------
        TypeError
            If they are not those of the operation.
        """
        bound = inspect.signature(getattr(reference, self.name)).bind(*arguments, **options)
        return {name: value for name, value in bound.arguments.items() if value is not None}

    @property
    def parameters(self) -> Mapping[str, inspect.Parameter]:
        """Its arguments and options, by name."""
        return inspect.signature(getattr(reference, self.name)).parameters

    def output(self, ops: Backend, given: Mapping[str, Any]) -> np.ndarray:
        """Call it; return the one array of its result that depends smoothly on its arguments."""
        result = getattr(ops, self.name)(**given)
        if self.returns is MaxPool:
            Y, argmax = result
            return np.where(argmax == -1, 0, Y)  # -inf of a window without a pixel, whatever X is
        return np.asarray(result[0] if issubclass(self.returns, tuple) else result)

    def in_pytorch(self, torch: Any) -> Callable[..., Any]:
        """Return the same operation of PyTorch, given that package."""
        return operator.attrgetter(self.pytorch.removeprefix("torch."))(torch)

    def back(self, ops: Backend, dY: np.ndarray, given: Mapping[str, Any]) -> Gradients:
        """Return the gradient of the loss with respect to each argument.

        Parameters
        ----------
        ops : module
            `cnnlab.reference`, `cnnlab.fast`, or an object with the same functions.
        dY : ndarray
            Gradient of the loss with respect to `output`. Its shape.
        given : dict
            Arguments and options, as `bind` returns them.

        Returns
        -------
        gradients : dict of str to ndarray
            By the names of the arguments.
        """
        if self.backward is not None:
            return self.backward(ops, dY, given)
        if self.returns is Loss:
            _, gradient = getattr(ops, self.name)(**given)
            return dict.fromkeys(self.gradients, dY * gradient)
        gradients = {}
        for name in self.functions[1:]:
            arguments, options = self.gradient_call(ops, name, dY, given)
            gradients[name.removeprefix(f"{self.name}_d")] = getattr(ops, name)(
                *arguments, **options
            )
        return gradients

    def gradient_call(
        self, ops: Backend, function: str, dY: np.ndarray, given: Mapping[str, Any]
    ) -> Call:
        """Return what one of its gradients is called with.

        The names say what is meant: `dZ` or `dY` is the gradient of the result, `Y` is the result
        and `argmax`, `mean`, `scale` are parts of it, `X_shape` is the shape of `X`, `fixed` says
        whether a mean was given, and the rest is what the operation was given.
        """
        arguments: list[Any] = []
        options: dict[str, Any] = {}
        parts = getattr(self.returns, "_fields", ())
        for name, parameter in inspect.signature(getattr(reference, function)).parameters.items():
            if name in ("dZ", "dY"):
                arguments.append(dY)
            elif name == "Y":
                arguments.append(getattr(ops, self.name)(**given))
            elif name in parts:
                arguments.append(getattr(getattr(ops, self.name)(**given), name))
            elif name == "fixed":
                options[name] = "mean" in given
            elif name.endswith("_shape"):
                arguments.append(np.shape(given[name.removesuffix("_shape")]))
            elif parameter.kind is not parameter.KEYWORD_ONLY:
                arguments.append(given[name])
            elif name in given:
                options[name] = given[name]
        return Call(tuple(arguments), options)
