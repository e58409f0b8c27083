"""Every gradient of one operation, checked by the name of the operation."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from cnnlab import reference, shapes
from cnnlab.gradcheck.adjoint import check_adjoint
from cnnlab.gradcheck.differences import STEPS, Comparison, _check_choice, own_generator
from cnnlab.gradcheck.reports import AdjointReport, GradientReport
from cnnlab.layers.base import Backend
from cnnlab.layers.conv import conv_transpose2d_gradients


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
    letters, back = GRADIENTS[name]
    try:
        bound = inspect.signature(getattr(reference, name)).bind(*arguments, **options)
    except TypeError as error:
        raise TypeError(
            f"check_operation: {name} cannot be called like this ({error}); "
            f"pass the arguments and options of {name}."
        ) from None
    given = {key: value for key, value in bound.arguments.items() if value is not None}
    letters = tuple(letter for letter in letters if letter in given)
    names = [f"{name}.d{letter}" for letter in letters]
    arrays = [np.asarray(given[letter], np.float64) for letter in letters]

    def values(changed: Sequence[np.ndarray]) -> dict[str, Any]:
        return {**given, **dict(zip(letters, changed, strict=True))}

    def backward(dY: np.ndarray, *changed: np.ndarray) -> list[np.ndarray]:
        gradients = back(ops, dY, values(changed))
        return [gradients[letter] for letter in letters]

    if method == "adjoint":
        rng = own_generator(seed)
        if name == "max_pool2d":
            return [_check_max_pool(ops, names[0], given, rng)]

        def forward(*changed: np.ndarray) -> np.ndarray:
            return output_of(ops, name, values(changed))

        multiple = _divisors(given["size"]) if name == "avg_pool2d" else 1
        return _check_linear(forward, backward, arrays, names, multiple, rng)

    comparison = Comparison("check_operation", method, by, directions, tolerance, seed)
    stepped = reference if method == "complex" else ops
    return comparison.of_function(
        lambda *changed: output_of(ops, name, values(changed)),
        lambda *changed: output_of(stepped, name, values(changed)),
        backward,
        arrays,
        names,
    )


def output_of(ops: Backend, name: str, given: Mapping[str, Any]) -> np.ndarray:
    """Return the one array of an operation that depends smoothly on its arguments."""
    result = getattr(ops, name)(**given)
    if name == "max_pool2d":
        Y, argmax = result
        return np.where(argmax == -1, 0, Y)  # -inf of a window without a pixel, whatever X is
    return np.asarray(result[0] if name in ("squared_error", "cross_entropy") else result)


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


def _divisors(size: Any) -> int:
    """Return a number that every count of pixels in a window divides."""
    # A window that hangs over the border counts fewer rows, fewer columns, or both.
    m, n = shapes.as_counts(size, "avg_pool2d", "size")
    return math.lcm(*range(1, m + 1)) * math.lcm(*range(1, n + 1))


def _options(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an operation was given beside arrays that have gradients."""
    return {key: value for key, value in given.items() if key not in ("X", "w", "b")}


def _conv2d(ops: Backend, dZ: np.ndarray, given: Mapping[str, Any]) -> dict[str, np.ndarray]:
    X, w, options = given["X"], given["w"], _options(given)
    return {
        "X": ops.conv2d_dX(dZ, w, X.shape, **options),
        "w": ops.conv2d_dw(dZ, X, w.shape, **options),
        "b": ops.conv2d_db(dZ),
    }


def _conv_transpose2d(
    ops: Backend, dZ: np.ndarray, given: Mapping[str, Any]
) -> dict[str, np.ndarray]:
    dX, dw = conv_transpose2d_gradients(ops, dZ, given["X"], given["w"], **_options(given))
    return {"X": dX, "w": dw, "b": ops.conv2d_db(dZ)}


def _max_pool2d(ops: Backend, dY: np.ndarray, given: Mapping[str, Any]) -> dict[str, np.ndarray]:
    _, argmax = ops.max_pool2d(**given)
    return {"X": ops.max_pool2d_dX(dY, argmax, given["X"].shape)}


def _avg_pool2d(ops: Backend, dY: np.ndarray, given: Mapping[str, Any]) -> dict[str, np.ndarray]:
    return {"X": ops.avg_pool2d_dX(dY, given["X"].shape, **_options(given))}


def _dense(ops: Backend, dZ: np.ndarray, given: Mapping[str, Any]) -> dict[str, np.ndarray]:
    X, w = given["X"], given["w"]
    return {"X": ops.dense_dX(dZ, w), "w": ops.dense_dw(dZ, X), "b": ops.dense_db(dZ)}


def _activation(name: str) -> Back:
    def back(ops: Backend, dY: np.ndarray, given: Mapping[str, Any]) -> dict[str, np.ndarray]:
        Y = getattr(ops, name)(given["Z"])
        return {"Z": getattr(ops, f"{name}_dZ")(dY, Y)}

    return back


def _loss(name: str, letter: str) -> Back:
    def back(ops: Backend, dL: np.ndarray, given: Mapping[str, Any]) -> dict[str, np.ndarray]:
        _, gradient = getattr(ops, name)(**given)
        return {letter: dL * gradient}

    return back


Back = Callable[[Backend, np.ndarray, Mapping[str, Any]], dict[str, np.ndarray]]

# Of every operation: the arguments that it has gradients for, and how these are found.
GRADIENTS: dict[str, tuple[tuple[str, ...], Back]] = {
    "conv2d": (("X", "w", "b"), _conv2d),
    "conv_transpose2d": (("X", "w", "b"), _conv_transpose2d),
    "max_pool2d": (("X",), _max_pool2d),
    "avg_pool2d": (("X",), _avg_pool2d),
    "dense": (("X", "w", "b"), _dense),
    "sigmoid": (("Z",), _activation("sigmoid")),
    "tanh": (("Z",), _activation("tanh")),
    "relu": (("Z",), _activation("relu")),
    "squared_error": (("Y",), _loss("squared_error", "Y")),
    "cross_entropy": (("Z",), _loss("cross_entropy", "Z")),
}
LINEAR = ("conv2d", "conv_transpose2d", "max_pool2d", "avg_pool2d", "dense")


def _check_has_gradient(name: str, method: str) -> None:
    if name in ("softmax", "log_softmax"):
        raise ValueError(
            f"check_operation: {name} has no gradient of its own, only inside cross_entropy; "
            f'check "cross_entropy".'
        )
    if name not in GRADIENTS:
        raise ValueError(
            f"check_operation: no operation {name!r} with a gradient; "
            f"choose one of {', '.join(GRADIENTS)}."
        )
    if method == "adjoint" and name not in LINEAR:
        raise ValueError(
            f"check_operation: {name} is not linear, and the adjoint test is for what is "
            f'({", ".join(LINEAR)}); choose method="central" or "complex".'
        )
