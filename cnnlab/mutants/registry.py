"""Registry of wrong gradients: the catalogue, its entries, backends in which one is wrong."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from cnnlab import reference, shapes, source
from cnnlab.mutants.adapters import ADAPTERS, batch_norm_gradients
from cnnlab.reference.ieee import IEEE
from cnnlab.results import Loss


@dataclass(frozen=True)
class Mutant:
    """One wrong backward pass.

    Attributes
    ----------
    name : str
        Its name in the catalogue, as "dX-pattern-not-turned".
    operation : str
        The operation of `cnnlab.reference` whose place it takes, as "conv2d_dX".
    equation : str
        Label of the equation that it violates, as "eq-dX".
    mistake : str
        What is wrong, in one sentence.
    misreading : str
        How it comes about.
    function : callable
        The wrong function. Signature of the operation.
    needs : str
        What must hold for it to run at all, as "m = n"; elsewhere it stops with an IndexError or
        a ValueError. Empty for most: they run on every shape.
    """

    name: str
    operation: str
    equation: str
    mistake: str
    misreading: str
    function: Callable[..., Any] = field(repr=False)
    needs: str = ""

    @property
    def forward(self) -> str:
        """Name of the operation whose gradient it gets wrong, as "conv2d"."""
        return self.operation.rpartition("_d")[0] or self.operation

    @property
    def in_place(self) -> Callable[..., Any]:
        """The same mistake, made in the array that comes first, the gradient handed down.

        Where the result has its shape, it is written there, as with ``out=dY``, and that very
        array is returned. Elsewhere the mistake is made in it as far as it fits: it is scaled so
        that its right gradient comes as near as it can to the wrong one, or halved if it is as
        near as that already. A check that compares with the array it handed out is taken in.
        """

        @functools.wraps(self.function)
        def function(*arguments: Any, **options: Any) -> Any:
            first = next(iter([*arguments, *options.values()]))
            result = self.function(*arguments, **options)
            is_loss = isinstance(result, Loss)
            gradient = result.dY if is_loss else result
            if not isinstance(first, np.ndarray):
                return result
            if first.shape == gradient.shape:
                first[...] = gradient
                return result._replace(dY=first) if is_loss else first
            right = getattr(reference, self.operation)(*arguments, **options)
            scale = float((right * gradient).sum()) / (float((right * right).sum()) or 1.0)
            first *= scale if abs(scale - 1) > 0.01 else 0.5
            return result

        return function

    @property
    def code(self) -> source.Loops:
        """Its code; displays itself as a highlighted block."""
        return source.loops(self.function)


_CATALOGUE: dict[str, Mutant] = {}


def catalogue() -> tuple[Mutant, ...]:
    """Return every mutant, in the order of the layers.

    Returns
    -------
    mutants : tuple of Mutant

    Examples
    --------
    >>> {mutant.forward for mutant in catalogue()} >= {"conv2d", "sigmoid", "dense"}
    True
    """
    return tuple(_CATALOGUE.values())


def find(name: str) -> Mutant:
    """Return one mutant by its name.

    Parameters
    ----------
    name : str
        As "dX-pattern-not-turned".

    Returns
    -------
    mutant : Mutant

    Raises
    ------
    ValueError
        If there is none of this name.

    Examples
    --------
    >>> find("db-mean-over-positions").equation
    'eq-db'
    """
    return _CATALOGUE[shapes.as_choice(name, "find", "mutant", _CATALOGUE)]


class _Ops:
    """A backend with one function replaced."""

    def __init__(self, mutant: Mutant, base: Any, in_place: bool) -> None:
        self._mutant, self._base = mutant, base
        self._function = mutant.in_place if in_place else mutant.function

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # pickling and copying ask for what no backend has
            raise AttributeError(name)
        if name == "batch_norm2d_backward" and self._mutant.operation.startswith("batch_norm2d_d"):
            return functools.partial(batch_norm_gradients, self)
        return self._function if name == self._mutant.operation else getattr(self._base, name)

    def __repr__(self) -> str:
        return f"<{self._base.__name__} with {self._mutant.name}>"


def ops(mutant: Mutant | str, base: Any = reference, *, in_place: bool = False) -> Any:
    """Return a backend in which one operation is wrong.

    Parameters
    ----------
    mutant : Mutant or str
        The mutant, or its name.
    base : module
        `cnnlab.reference` or `cnnlab.fast`: where all other operations come from.
    in_place : bool
        Whether it writes into the array that it is given as well, see `Mutant.in_place`.

    Returns
    -------
    ops : object
        Takes the place of `base`, as in ``Conv2D(8, 5, ops=ops)``.

    Examples
    --------
    >>> wrong = ops("db-mean-over-positions")
    >>> print(wrong.conv2d_db([[[1.0, 2.0], [3.0, 4.0]]]), wrong.dense_db([1.0, 2.0]))
    [2.5] [1. 2.]
    """
    return _Ops(find(mutant) if isinstance(mutant, str) else mutant, base, in_place)


def instead_of(operation: str, equation: str, *, needs: str = "") -> Any:
    """Put a body into the catalogue, as a function with the signature of the operation.

    The first line of its docstring says what is wrong, the rest how it comes about.
    """

    def register(body: Any) -> Any:
        @functools.wraps(body)
        @IEEE
        def function(*arguments: Any, **options: Any) -> Any:
            return ADAPTERS[operation](body, *arguments, **options)

        function.__signature__ = inspect.signature(getattr(reference, operation))  # type: ignore
        lines = (inspect.getdoc(body) or "").splitlines()
        name, mistake, misreading = body.__name__.replace("_", "-"), lines[0], " ".join(lines[2:])
        _CATALOGUE[name] = Mutant(name, operation, equation, mistake, misreading, function, needs)
        return function

    return register
