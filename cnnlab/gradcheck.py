"""Three ways to find out whether a gradient is right, none of which looks at its code.

Every check needs an upstream gradient: the loss is ``L = sum(G * f(inputs))`` with random G.
A sum of outputs (G all ones) would let many wrong gradients pass.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from cnnlab.model import Sequential

__all__ = [
    "AdjointReport",
    "GradientReport",
    "check_adjoint",
    "check_gradients",
    "check_model",
    "numerical_gradient",
]


class GradientReport(NamedTuple):
    """How far a gradient is from its numerical value.

    Attributes
    ----------
    name : str
        Which gradient.
    passed : bool
        Whether every entry is within the tolerance. A NaN never is.
    error : float
        Largest difference between an entry and its numerical value, relative to the largest
        numerical entry.
    where : tuple of int
        Index of that entry.
    given, numerical : float
        The two values there.
    """

    name: str
    passed: bool
    error: float
    where: tuple[int, ...]
    given: float
    numerical: float

    def __str__(self) -> str:
        """Say it in one line."""
        place = f"{self.name}[{', '.join(map(str, self.where))}]"
        verdict = "ok   " if self.passed else "WRONG"
        return (
            f"{verdict} {self.name}: largest relative error {self.error:.1e} at {place} "
            f"(given {self.given:.6g}, numerical {self.numerical:.6g})"
        )


class AdjointReport(NamedTuple):
    """The two sides of ``<f(x), g> == <x, adjoint(g)>``.

    Attributes
    ----------
    passed : bool
        Whether the sides are equal.
    left, right : float
        The sides.
    """

    passed: bool
    left: float
    right: float


def numerical_gradient(
    function: Callable[[np.ndarray], Any],
    x: np.ndarray,
    *,
    method: str = "central",
    step: float | None = None,
) -> np.ndarray:
    """Differentiate a scalar function numerically, entry by entry.

    Parameters
    ----------
    function : callable
        Takes an array of the shape of `x`, returns one number.
    x : array_like
        Where to differentiate. Any shape. Taken as float64.
    method : {"central", "complex"}
        ``(f(x + h) - f(x - h)) / 2h``, or ``imag(f(x + ih)) / h``. The second has no
        subtraction and so no rounding error to speak of, but needs a function that takes complex
        numbers: one built on `cnnlab.reference`.
    step : float, optional
        h. When left out: 6e-6 for central differences (about the cube root of the rounding unit,
        where truncation and rounding meet), 1e-30 for the complex step.

    Returns
    -------
    gradient : ndarray of float64
        Shape of `x`.

    Raises
    ------
    ValueError
        If `method` is neither of the two.
    """
    if method not in ("central", "complex"):
        raise ValueError(f'numerical_gradient: method={method!r}; choose "central" or "complex".')
    steps = {"central": 6e-6, "complex": 1e-30}
    h = steps[method] if step is None else step
    x = np.array(x, np.complex128 if method == "complex" else np.float64)
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        here = x[index]
        if method == "complex":
            x[index] = here + 1j * h
            gradient[index] = function(x).imag / h
        else:
            x[index] = here + h
            above, after = function(x), x[index]
            x[index] = here - h
            # The distance really gone: here + h is rounded.
            gradient[index] = (above - function(x)) / (after - x[index])
        x[index] = here
    return gradient


def check_gradients(
    forward: Callable[..., np.ndarray],
    backward: Callable[..., Sequence[np.ndarray]],
    inputs: Sequence[np.ndarray],
    *,
    names: Sequence[str] | None = None,
    method: str = "central",
    tolerance: float | None = None,
    seed: int | np.random.Generator = 0,
) -> list[GradientReport]:
    """Compare every entry of the gradients that `backward` gives with numerical ones.

    The upstream gradient is random, see the top of this module.

    Parameters
    ----------
    forward : callable
        ``forward(*inputs)`` returns an array.
    backward : callable
        ``backward(dY, *inputs)`` returns one gradient per input.
    inputs : sequence of array_like
        Where to check. Keep them small: each entry costs two evaluations of `forward`.
    names : sequence of str, optional
        Names of the gradients for the reports.
    method : {"central", "complex"}
        See `numerical_gradient`.
    tolerance : float, optional
        Largest relative error that passes. When left out: 1e-7 for central differences, 1e-12
        for the complex step.
    seed : int or numpy.random.Generator
        Where the upstream gradient comes from.

    Returns
    -------
    reports : list of GradientReport
        One per input.

    Raises
    ------
    ValueError
        If `backward` returns another number of gradients than there are inputs, or one of
        another shape than its input.

    Examples
    --------
    >>> from cnnlab import reference
    >>> report, = check_gradients(
    ...     reference.sigmoid,
    ...     lambda dY, Z: [reference.sigmoid_dZ(dY, reference.sigmoid(Z))],
    ...     [[0.0, 1.0, -2.0]],
    ... )
    >>> report.passed
    True
    """
    arrays = [np.asarray(value, np.float64) for value in inputs]
    names = [f"gradient {position}" for position in range(len(arrays))] if names is None else names
    output = np.asarray(forward(*arrays))
    G = np.random.default_rng(seed).standard_normal(output.shape)
    gradients = backward(G, *arrays)
    if len(gradients) != len(arrays):
        raise ValueError(
            f"check_gradients: backward returned {len(gradients)} gradients for {len(arrays)} "
            f"inputs; it must return one per input, in order."
        )
    reports = []
    for position, (name, gradient) in enumerate(zip(names, gradients, strict=True)):

        def loss(x: np.ndarray, position: int = position) -> Any:
            changed = [*arrays[:position], x, *arrays[position + 1 :]]
            return (G * forward(*changed)).sum()

        numerical = numerical_gradient(loss, arrays[position], method=method)
        reports.append(_compare(name, np.asarray(gradient), numerical, method, tolerance))
    return reports


def check_model(
    model: Sequential,
    X: np.ndarray,
    *,
    tolerance: float | None = None,
    seed: int | np.random.Generator = 0,
) -> list[GradientReport]:
    """Compare the gradients of every parameter of a model, and of its input, with numerical ones.

    Parameters
    ----------
    model : Sequential
        Of dtype float64; float32 rounds too coarsely for central differences. Its parameters are
        the same before and after; its gradients are those of the check.
    X : array_like
        A small batch. Shape (B,) + `model.input_shape`.
    tolerance : float, optional
        As for `check_gradients`.
    seed : int or numpy.random.Generator
        Where the upstream gradient comes from.

    Returns
    -------
    reports : list of GradientReport
        One per parameter, then one for `X`.

    Raises
    ------
    ValueError
        If the model is of dtype float32.
    """
    if model.dtype != np.float64:
        raise ValueError(
            f"check_model: the model is of dtype {model.dtype}; build it with dtype=np.float64, "
            f"central differences need the digits."
        )
    X = np.asarray(X, np.float64)
    G = np.random.default_rng(seed).standard_normal(model.forward(X).shape)
    dX = model.backward(G)
    reports = []
    for parameter in model.parameters():

        def loss(value: np.ndarray, parameter: Any = parameter) -> Any:
            before = parameter.value.copy()
            parameter.value[...] = value
            try:
                return (G * model.forward(X)).sum()
            finally:
                parameter.value[...] = before

        assert parameter.gradient is not None  # backward has just run
        numerical = numerical_gradient(loss, parameter.value)
        reports.append(
            _compare(parameter.name, parameter.gradient, numerical, "central", tolerance)
        )
    numerical = numerical_gradient(lambda x: (G * model.forward(x)).sum(), X)
    reports.append(_compare("X", dX, numerical, "central", tolerance))
    return reports


def check_adjoint(
    linear: Callable[[np.ndarray], np.ndarray],
    adjoint: Callable[[np.ndarray], np.ndarray],
    x_shape: tuple[int, ...],
    *,
    seed: int | np.random.Generator = 0,
) -> AdjointReport:
    """Check ``<linear(x), g> == <x, adjoint(g)>`` exactly, on random small integers.

    This identity is what it means to be the backward pass of a linear operation. On small
    integers every product and sum is exact in float64, so the two sides must be the same number,
    without any tolerance.

    Parameters
    ----------
    linear : callable
        A linear operation: no bias.
    adjoint : callable
        Its backward pass: takes an array of the shape that `linear` returns, returns one of
        shape `x_shape`.
    x_shape : tuple of int
        Shape of the input of `linear`.
    seed : int or numpy.random.Generator
        Where the integers come from.

    Returns
    -------
    report : AdjointReport

    Raises
    ------
    ValueError
        If `adjoint` returns an array of another shape than `x_shape`.

    Examples
    --------
    >>> from cnnlab import reference
    >>> w = np.ones((2, 1, 2, 2))
    >>> check_adjoint(
    ...     lambda X: reference.conv2d(X, w),
    ...     lambda dZ: reference.conv2d_dX(dZ, w, (1, 1, 3, 4)),
    ...     (1, 1, 3, 4),
    ... ).passed
    True
    """
    rng = np.random.default_rng(seed)
    x = rng.integers(-9, 10, x_shape).astype(np.float64)
    y = np.asarray(linear(x))
    g = rng.integers(-9, 10, y.shape).astype(np.float64)
    back = np.asarray(adjoint(g))
    _check_shape("check_adjoint", "adjoint", back.shape, tuple(x_shape))
    left, right = float((y * g).sum()), float((x * back).sum())
    return AdjointReport(left == right, left, right)


def _compare(
    name: str, given: np.ndarray, numerical: np.ndarray, method: str, tolerance: float | None
) -> GradientReport:
    """Report the worst entry."""
    _check_shape("check_gradients", name, given.shape, numerical.shape)
    if tolerance is None:
        tolerance = {"central": 1e-7, "complex": 1e-12}[method]
    if numerical.size == 0:
        return GradientReport(name, True, 0.0, (), 0.0, 0.0)
    # Relative to the largest entry: a small entry carries the rounding error of large ones.
    scale = np.abs(numerical).max() or 1.0
    errors = np.abs(given - numerical) / scale
    worst = np.unravel_index(np.where(np.isnan(errors), np.inf, errors).argmax(), errors.shape)
    where = tuple(int(index) for index in worst)
    error = float(errors[where])
    return GradientReport(
        name, error <= tolerance, error, where, float(given[where]), float(numerical[where])
    )


def _check_shape(function: str, name: str, came: tuple[int, ...], needed: tuple[int, ...]) -> None:
    if came != needed:
        raise ValueError(
            f"{function}: {name} has shape {came}, but the input it belongs to has shape "
            f"{needed}; a gradient has the shape of its input."
        )
