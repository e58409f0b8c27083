"""Checks of gradients, weak and strong, and what each of them lets pass."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from typing import Any, Literal

import numpy as np

from cnnlab import gradcheck, reference
from cnnlab.mutants.registry import Mutant, catalogue, ops
from cnnlab.operations import Call, find


def calls(name: str) -> list[Call]:
    """Return what an operation is called with, in order to find out whether its gradient is right.

    Small, but nothing is square, neither image nor pattern nor map, and the batch, the depths and
    the patterns differ in number. Every option is used, alone and with others.

    Parameters
    ----------
    name : str
        A forward operation, as "conv2d".

    Returns
    -------
    calls : list of (arguments, options)
        Arrays of random numbers. The same ones each time.

    Examples
    --------
    >>> X, w, b = calls("conv2d")[0][0]
    >>> X.shape, w.shape, b.shape
    ((3, 2, 4, 6), (4, 2, 2, 3), (4,))
    """
    return find(name).calls(np.random.default_rng(1).standard_normal)


def plain_call(name: str) -> Call:
    """Return the most convenient call: one sample, one depth, one pattern, square, no option.

    Parameters
    ----------
    name : str
        A forward operation, as "conv2d".

    Returns
    -------
    call : (arguments, options)
    """
    return find(name).plain(np.random.default_rng(1).standard_normal)


def compared(
    ops: Any, name: str, call: Call, upstream: Callable[[tuple[int, ...]], np.ndarray]
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield each gradient of an operation beside its numerical value.

    Parameters
    ----------
    ops : module
        The backend.
    name : str
        The operation.
    call : (arguments, options)
        See `calls`.
    upstream : callable
        Gives the gradient of the loss with respect to the output, for the shape of the output.
        `numpy.ones` makes the loss the sum of the outputs.

    Yields
    ------
    given, numerical : ndarray
        What `ops` says, and what central differences of its forward operation say.
    """
    forward = getattr(ops, name)
    for position, (given, loss, x, dY) in enumerate(_losses(ops, name, call, upstream)):
        key = (forward, position, pickle.dumps((call, dY)))
        if key not in _MEASURED:
            if len(_MEASURED) == 256:
                _MEASURED.clear()
            _MEASURED[key] = gradcheck.numerical_gradient(loss, x)
        yield given, _MEASURED[key].copy()


# A wrong backward pass leaves the forward pass as it is, and so what is measured there: most
# mutants of an operation share one numerical gradient.
_MEASURED: dict[tuple[Any, int, bytes], np.ndarray] = {}


def _losses(
    ops: Any, name: str, call: Call, upstream: Callable[[tuple[int, ...]], np.ndarray]
) -> Iterator[tuple[np.ndarray, Callable[[np.ndarray], Any], np.ndarray, np.ndarray]]:
    """Yield each gradient, the loss as a function of its array, the array, and the upstream one."""
    operation = find(name)
    given = operation.bind(*call[0], **call[1])
    dY = upstream(operation.output(ops, given).shape)
    gradients = operation.back(ops, dY, given)
    for letter, gradient in gradients.items():

        def loss(x: np.ndarray, letter: str = letter) -> Any:
            return np.sum(dY * operation.output(ops, {**given, letter: x}))

        yield gradient, loss, given[letter], dY


def sum_of_outputs(ops: Any, name: str) -> bool:
    """Compare every entry, but with the sum of the outputs as the loss.

    Parameters
    ----------
    ops : module
        The backend to check.
    name : str
        A forward operation, as "conv2d". Its gradients are compared with central differences.

    Returns
    -------
    content : bool
        Whether the check finds nothing wrong.
    """
    return all(
        np.allclose(given, measured, rtol=1e-6, atol=1e-6)
        for call in calls(name)
        for given, measured in compared(ops, name, call, np.ones)
    )


def one_entry(ops: Any, name: str, seed: int = 0) -> bool:
    """Compare one random entry of each gradient.

    Parameters
    ----------
    ops, name
        See `sum_of_outputs`.
    seed : int
        Of the draw that says which entry.

    Returns
    -------
    content : bool
    """
    rng = np.random.default_rng(seed)
    return all(
        _entry_agrees(given, loss, x, rng, 1e-6)
        for call in calls(name)
        for given, loss, x, _ in _losses(ops, name, call, rng.standard_normal)
    )


def loose_tolerance(ops: Any, name: str) -> bool:
    """Compare every entry, but only to within 0.01, where the loss is a mean of the outputs.

    Parameters
    ----------
    ops, name
        See `sum_of_outputs`.

    Returns
    -------
    content : bool
    """
    rng = np.random.default_rng(0)

    def mean(shape: tuple[int, ...]) -> np.ndarray:
        return rng.standard_normal(shape) / np.prod(shape)

    return all(
        np.allclose(given, measured, rtol=0.01, atol=0.01)
        for call in calls(name)
        for given, measured in compared(ops, name, call, mean)
    )


def all_three(ops: Any, name: str, seed: int = 0) -> bool:
    """Compare one random entry to within 0.01, with the sum of the outputs as the loss.

    Parameters
    ----------
    ops, name
        See `sum_of_outputs`.
    seed : int
        Of the draw that says which entry.

    Returns
    -------
    content : bool
    """
    rng = np.random.default_rng(seed)
    return all(
        _entry_agrees(given, loss, x, rng, 0.01)
        for call in calls(name)
        for given, loss, x, _ in _losses(ops, name, call, np.ones)
    )


def plain_shapes(ops: Any, name: str) -> bool:
    """Compare every entry, but for one small square image and one square pattern only.

    Parameters
    ----------
    ops, name
        See `sum_of_outputs`.

    Returns
    -------
    content : bool
    """
    rng = np.random.default_rng(0)
    return all(
        np.allclose(given, measured, rtol=1e-6, atol=1e-6)
        for given, measured in compared(ops, name, plain_call(name), rng.standard_normal)
    )


def every_entry(ops: Any, name: str) -> bool:
    """Compare every entry, for random upstream gradients; linear operations exactly as well.

    This is `cnnlab.gradcheck.check_operation`, for every call. The exact test comes first: it has
    no tolerance and needs two evaluations, where central differences need two for each entry.

    Parameters
    ----------
    ops, name
        See `sum_of_outputs`.

    Returns
    -------
    content : bool
    """
    methods: list[Literal["adjoint", "central"]]
    methods = ["adjoint", "central"] if find(name).linear else ["central"]
    return all(
        report.passed
        for method in methods
        for arguments, options in calls(name)
        for report in gradcheck.check_operation(ops, name, *arguments, method=method, **options)
    )


def _entry_agrees(
    given: np.ndarray,
    loss: Callable[[np.ndarray], Any],
    x: np.ndarray,
    rng: np.random.Generator,
    tolerance: float,
) -> bool:
    """Compare one random entry of a gradient with a central difference."""
    entry = tuple(rng.integers(given.shape))

    def moved(value: np.ndarray) -> Any:
        there = np.array(x)
        there[entry] = value[0]
        return loss(there)

    measured = gradcheck.numerical_gradient(moved, x[entry].reshape(1))[0]
    return bool(np.isclose(given[entry], measured, rtol=tolerance, atol=tolerance))


def survivors(check: Callable[[Any, str], bool], base: Any = reference) -> list[str]:
    """Return the names of the mutants that a check does not find.

    Parameters
    ----------
    check : callable
        ``check(ops, name)`` tells whether the gradients of the operation `name` of the backend
        `ops` are right. A mutant that stops with an error counts as found.
    base : module
        `cnnlab.reference` or `cnnlab.fast`: where everything comes from that is not wrong.

    Returns
    -------
    names : list of str

    Examples
    --------
    >>> survivors(lambda ops, name: True)[:2]  # a check that is always content
    ['dX-pattern-not-turned', 'dX-turned-in-rows-only']
    """
    return [mutant.name for mutant in catalogue() if survives(mutant, check, base)]


def survives(mutant: Mutant, check: Callable[[Any, str], bool], base: Any = reference) -> bool:
    """Return whether a check does not find one mutant; see `survivors`.

    Parameters
    ----------
    mutant : Mutant
    check, base
        See `survivors`.

    Returns
    -------
    survives : bool

    Examples
    --------
    >>> from cnnlab import mutants
    >>> survives(mutants.find("relu-leaks"), every_entry)
    False
    """
    try:
        return check(ops(mutant, base), mutant.forward)
    except (IndexError, ValueError):
        return False
