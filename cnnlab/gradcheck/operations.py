"""Every gradient of one operation, checked by the name of the operation."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from cnnlab import reference
from cnnlab.gradcheck.adjoint import check_adjoint
from cnnlab.gradcheck.differences import STEPS, Comparison, _check_choice, own_generator
from cnnlab.gradcheck.reports import AdjointReport, GradientReport
from cnnlab.layers.base import Backend
from cnnlab.operations import BY_NAME, OPERATIONS
from cnnlab.results import MaxPool


def check_operation(
    ops: Backend,
    name: str,
    *arguments: Any,
    method: str = "central",
    by: str = "entry",
    directions: int = 3,
    tolerance: float | None = None,
    seed: int | np.random.Generator = 0,
    **options: Any,
) -> list[GradientReport] | list[AdjointReport]:
    """Check every gradient of one operation, with all its options.

    Parameters
    ----------
    ops : module
        `cnnlab.fast`, `cnnlab.reference`, or an object with the same functions.
    name : str
        An operation with a gradient, as "conv2d"; a wrong name is answered with the list.
    *arguments : object
        What the operation is called with. Float arrays away from kinks; one image instead of a
        batch works too.
    method : {"central", "complex", "adjoint"}
        The first two: see `check_gradients`. With "complex" the operation itself is taken from
        `cnnlab.reference`, because the loops alone take complex numbers; its gradients are those
        of `ops`. "adjoint": see `check_adjoint`, for operations that are linear in each argument;
        the test draws integers of the shapes of the arguments in their place. Max-pooling is
        linear while the same pixels win: its argument says which, and is not replaced.
    by, directions, tolerance, seed : optional
        See `check_gradients`. The adjoint test is one exact comparison and uses only `seed`.
    **options : object
        Options of the operation, as ``stride=2``.

    Returns
    -------
    reports : list of GradientReport, or of AdjointReport
        One per array argument that the operation has a gradient for, named as "conv2d.dw".

    Raises
    ------
    ValueError
        If there is no such operation, it has no gradient or none that `method` can check, a
        gradient has a wrong shape, or the operation refuses its arguments.
    TypeError
        If the arguments are not those of the operation.

    Examples
    --------
    >>> from cnnlab import reference
    >>> X, w = np.random.default_rng(0).standard_normal((2, 2, 1, 4, 4))
    >>> for report in check_operation(reference, "conv2d", X, w, method="adjoint", stride=2):
    ...     print(report.name, report.passed)
    conv2d.dX True
    conv2d.dw True
    """
    _check_choice("check_operation", "method", method, [*STEPS, "adjoint"])
    _check_has_gradient(name, method)
    operation = BY_NAME[name]
    try:
        given = operation.bind(*arguments, **options)
    except TypeError as error:
        raise TypeError(
            f"check_operation: {name} cannot be called like this ({error}); "
            f"pass the arguments and options of {name}."
        ) from None
    letters = tuple(letter for letter in operation.gradients if letter in given)
    names = [f"{name}.d{letter}" for letter in letters]
    arrays = [np.asarray(given[letter], np.float64) for letter in letters]

    def values(changed: Sequence[np.ndarray]) -> dict[str, Any]:
        return {**given, **dict(zip(letters, changed, strict=True))}

    def forward(*changed: np.ndarray) -> np.ndarray:
        return operation.output(ops, values(changed))

    def backward(dY: np.ndarray, *changed: np.ndarray) -> list[np.ndarray]:
        gradients = operation.back(ops, dY, values(changed))
        return [gradients[letter] for letter in letters]

    if method == "adjoint":
        rng = own_generator(seed)
        if operation.returns is MaxPool:
            return [_check_max_pool(ops, names[0], given, rng)]
        multiple = 1 if operation.divisor is None else operation.divisor(given)
        return _check_linear(forward, backward, arrays, names, multiple, rng)

    comparison = Comparison("check_operation", method, by, directions, tolerance, seed)
    stepped = reference if method == "complex" else ops
    return comparison.of_function(
        forward,
        lambda *changed: operation.output(stepped, values(changed)),
        backward,
        arrays,
        names,
    )


def _check_linear(
    forward: Callable[..., np.ndarray],
    backward: Callable[..., list[np.ndarray]],
    arrays: Sequence[np.ndarray],
    names: Sequence[str],
    multiple: int,
    rng: np.random.Generator,
) -> list[AdjointReport]:
    """Test each gradient of an operation that is linear in each argument, up to a bias."""
    fixed = [rng.integers(-9, 10, array.shape).astype(np.float64) for array in arrays]
    reports = []
    for position, (name, array) in enumerate(zip(names, arrays, strict=True)):

        def at(x: np.ndarray, position: int = position) -> list[np.ndarray]:
            return [*fixed[:position], x, *fixed[position + 1 :]]

        bias = forward(*at(np.zeros(array.shape)))

        def linear(x: np.ndarray, at: Any = at, bias: np.ndarray = bias) -> np.ndarray:
            return forward(*at(x)) - bias

        def adjoint(g: np.ndarray, at: Any = at, position: int = position) -> np.ndarray:
            return backward(g, *fixed)[position]

        reports.append(
            check_adjoint(linear, adjoint, array.shape, multiple=multiple, name=name, seed=rng)
        )
    return reports


def _check_max_pool(
    ops: Backend, name: str, given: Mapping[str, Any], rng: np.random.Generator
) -> AdjointReport:
    """Test the way back of max-pooling while the same pixels win."""
    shape = np.shape(given["X"])
    argmax = ops.max_pool2d(**given)[1]

    def winners(x: np.ndarray) -> np.ndarray:
        planes, places = (
            array.reshape(*array.shape[:-2], math.prod(array.shape[-2:])) for array in (x, argmax)
        )
        taken = np.take_along_axis(planes, np.maximum(places, 0), axis=-1)
        return np.where(places == -1, 0, taken).reshape(argmax.shape)

    return check_adjoint(
        winners, lambda g: ops.max_pool2d_dX(g, argmax, shape), shape, name=name, seed=rng
    )


def _check_has_gradient(name: str, method: str) -> None:
    if name in BY_NAME and not BY_NAME[name].gradients:
        raise ValueError(
            f"check_operation: {name} has no gradient of its own, only inside cross_entropy; "
            f'check "cross_entropy".'
        )
    if name not in BY_NAME:
        possible = [operation.name for operation in OPERATIONS if operation.gradients]
        raise ValueError(
            f"check_operation: no operation {name!r} with a gradient; "
            f"choose one of {', '.join(possible)}."
        )
    if method == "adjoint" and not BY_NAME[name].linear:
        linear = [operation.name for operation in OPERATIONS if operation.linear]
        raise ValueError(
            f"check_operation: {name} is not linear, and the adjoint test is for what is "
            f'({", ".join(linear)}); choose method="central" or "complex".'
        )
