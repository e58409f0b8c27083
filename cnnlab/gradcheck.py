"""Three ways to find out whether a gradient is right, none of which looks at its code.

Central differences and the complex step compare a gradient with numbers found by moving the input
a little, entry by entry or along a random direction. The adjoint test needs no tolerance, but a
linear operation; max-pooling is one only while the same pixels win, which the test holds fixed
(twice the image gives twice the maps, but the maps of a sum are not the sums of the maps).
`check_operation` does each of them for any operation of `cnnlab.reference` and
`cnnlab.fast` by name, `check_model` for a whole model, `check_gradients` and `check_adjoint` for
any function of yours.

Every check needs an upstream gradient: the loss is ``L = sum(G * f(inputs))`` with random G.
A sum of outputs (G all ones) would let many wrong gradients pass.

The function must be smooth where it is checked. ReLU and max-pooling have kinks, at 0 and at ties:
there central differences give the mean of both sides and the complex step one of them, so a right
gradient may seem wrong; random inputs stay clear of kinks.
"""

from __future__ import annotations

import copy
import inspect
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from cnnlab import reference, shapes
from cnnlab.layers import Layer
from cnnlab.layers.conv import conv_transpose2d_gradients
from cnnlab.model import Sequential

__all__ = [
    "AdjointReport",
    "GradientReport",
    "check_adjoint",
    "check_gradients",
    "check_model",
    "check_operation",
    "numerical_gradient",
]

# ------------------------------------------------------------------------------- reports


class GradientReport(NamedTuple):
    """How far a gradient is from its numerical value.

    Attributes
    ----------
    name : str
        Which gradient.
    passed : bool
        Whether every entry is within the tolerance. A NaN never is; an empty gradient always.
    error : float
        Largest difference between an entry and its numerical value, relative to the largest
        numerical entry; where a whole gradient all but vanishes, relative to the size of the loss
        and of the other gradients, whose rounding errors it carries.
    where : tuple of int
        Index of that entry.
    given, numerical : float
        The two values there.
    by : {"entry", "direction"}
        "direction" if random directions found nothing wrong, so that no entry was looked at alone.
        `where` is empty then, and `given`, `numerical` are the slopes along the worst direction.
    """

    name: str
    passed: bool
    error: float
    where: tuple[int, ...]
    given: float
    numerical: float
    by: str = "entry"

    def __str__(self) -> str:
        """Say it in one line."""
        place = "along a random direction" if self.by == "direction" else f"at {_place(self)}"
        return (
            f"{_verdict(self)} {self.name}: largest relative error {self.error:.1e} {place} "
            f"(given {self.given:.6g}, numerical {self.numerical:.6g})"
        )


class AdjointReport(NamedTuple):
    """The two sides of ``<f(x), g> == <x, adjoint(g)>``.

    Attributes
    ----------
    passed : bool
        Whether the sides are equal. NaN and infinity never are.
    left, right : float
        The sides.
    where : tuple of int
        If they differ: index of the entry of ``adjoint(g)`` that is furthest from its true value.
    given, expected : float
        The two values there. Equal if every entry is right: then it is f that is not linear.
    name : str
        Which adjoint.
    """

    passed: bool
    left: float
    right: float
    where: tuple[int, ...] = ()
    given: float = 0.0
    expected: float = 0.0
    name: str = "adjoint"

    def __str__(self) -> str:
        """Say it in one line."""
        if self.passed:
            return f"{_verdict(self)} {self.name}: both sides are {self.left:.17g}"
        reason = "every entry is right, so the operation is not linear"
        if self.given != self.expected:
            reason = (
                f"worst entry {_place(self)} (given {self.given:.6g}, expected {self.expected:.6g})"
            )
        return f"{_verdict(self)} {self.name}: {self.left:.17g} is not {self.right:.17g}; {reason}"


def _verdict(report: GradientReport | AdjointReport) -> str:
    return "ok   " if report.passed else "WRONG"


def _place(report: GradientReport | AdjointReport) -> str:
    index = f"[{', '.join(map(str, report.where))}]" if report.where else ""
    return report.name + index


# ------------------------------------------------------------------------------- any function


def numerical_gradient(
    function: Callable[[np.ndarray], Any],
    x: np.ndarray,
    *,
    method: str = "central",
    step: float | None = None,
) -> np.ndarray:
    """Differentiate a scalar function numerically, entry by entry.

    Equations (eq-central-difference) and (eq-complex-step)::

        f'(x) = (f(x + h) - f(x - h)) / 2h,  up to about h^2
        f'(x) = imag(f(x + ih)) / h,         up to about h^2

    Parameters
    ----------
    function : callable
        Takes an array of the shape of `x`, returns one number.
    x : array_like
        Where to differentiate. Any shape. Taken as float64.
    method : {"central", "complex"}
        The first equation or the second. The second has no subtraction and so no rounding error
        to speak of, but needs a function that takes complex numbers: one built on
        `cnnlab.reference`.
    step : float, optional
        h. When left out: 6e-6 for central differences (about the cube root of the rounding unit,
        where truncation and rounding meet if the entries of `x` are about 1 in size), 1e-30 for
        the complex step, whatever their size.

    Returns
    -------
    gradient : ndarray of float64
        Shape of `x`.

    Raises
    ------
    ValueError
        If `method` is neither of the two.
    """
    _check_choice("numerical_gradient", "method", method, STEPS)
    h = STEPS[method] if step is None else step
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
    by: str = "entry",
    directions: int = 3,
    tolerance: float | None = None,
    seed: int | np.random.Generator = 0,
) -> list[GradientReport]:
    """Compare the gradients that `backward` gives with numerical ones.

    Those come from equation (eq-central-difference) or (eq-complex-step). The upstream gradient
    is random, see the top of this module. A direction weighs all entries at once, so it can miss
    an error that is tiny beside the length of the whole gradient or that happens to be almost
    perpendicular to it; a second and a third direction make the latter unlikely, and only entry
    by entry excludes both.

    Parameters
    ----------
    forward : callable
        ``forward(*inputs)`` returns an array.
    backward : callable
        ``backward(dY, *inputs)`` returns one gradient per input.
    inputs : sequence of array_like
        Where to check.
    names : sequence of str, optional
        Names of the gradients for the reports.
    method : {"central", "complex"}
        See `numerical_gradient`.
    by : {"entry", "direction"}
        Entry by entry, at two evaluations of `forward` each (one with the complex step), or along
        random directions V, at as many each: the slope along V must be ``<gradient, V>``. Where a
        direction disagrees, that gradient is gone through entry by entry, and the entries decide.
    directions : int
        How many random directions.
    tolerance : float, optional
        Largest relative error that passes. When left out: 1e-7 for central differences, 1e-12
        for the complex step.
    seed : int or numpy.random.Generator
        Where the upstream gradient and the directions come from.

    Returns
    -------
    reports : list of GradientReport
        One per input.

    Raises
    ------
    ValueError
        If `method` or `by` is none of its values, `directions` is below 1, or `backward` returns
        another number of gradients than there are inputs, or one of another shape than its input.

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
    check = _Check("check_gradients", method, by, directions, tolerance, seed)
    arrays = [np.asarray(value, np.float64) for value in inputs]
    names = [f"gradient {position}" for position in range(len(arrays))] if names is None else names
    if len(names) != len(arrays):
        raise ValueError(
            f"check_gradients: {len(names)} names came for {len(arrays)} inputs; pass one each."
        )
    return check.arrays(forward, forward, backward, arrays, names)


def check_adjoint(
    linear: Callable[[np.ndarray], np.ndarray],
    adjoint: Callable[[np.ndarray], np.ndarray],
    x_shape: tuple[int, ...],
    *,
    multiple: int = 1,
    name: str = "adjoint",
    seed: int | np.random.Generator = 0,
) -> AdjointReport:
    """Check ``<linear(x), g> == <x, adjoint(g)>`` exactly, on random integers.

    This identity, equation (eq-adjoint), is what it means to be the backward pass of a linear
    operation. On small integers every product and sum is exact in float64, so the two sides must
    be the same number, without any tolerance. If they are not, each entry of ``adjoint(g)`` is
    compared with ``<linear(e), g>``, e being 1 there and 0 elsewhere, and the worst is reported.
    One x and one g are drawn: sides that differ prove a mistake, sides that agree could do so by
    accident, the less likely the more entries there are.

    Parameters
    ----------
    linear : callable
        A linear operation: no bias.
    adjoint : callable
        Its backward pass: takes an array of the shape that `linear` returns, returns one of
        shape `x_shape`.
    x_shape : tuple of int
        Shape of the input of `linear`.
    multiple : int
        x and g are multiples of it. An operation that divides stays exact if its divisors divide
        this number.
    name : str
        Which adjoint, for the report.
    seed : int or numpy.random.Generator
        Where the integers come from.

    Returns
    -------
    report : AdjointReport

    Raises
    ------
    ValueError
        If `adjoint` returns an array of another shape than `x_shape`, or the numbers grow beyond
        2**53, where float64 does not hold every integer.

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
    # Many different x, so that two wrong entries hardly ever cancel.
    x = multiple * rng.integers(-999, 1000, x_shape).astype(np.float64)
    y = np.asarray(linear(x))
    g = multiple * rng.integers(-9, 10, y.shape).astype(np.float64)
    back = np.asarray(adjoint(g))
    _check_shape("check_adjoint", name, back.shape, tuple(x_shape))
    # NaN and infinity are findings here, and no reason to warn.
    with np.errstate(invalid="ignore"):
        left, right = float((y * g).sum()), float((x * back).sum())
        reached = float(np.abs(y * g).sum())
    if shapes.LARGEST_EXACT_INTEGER < reached < math.inf:
        raise ValueError(
            f"check_adjoint: {name} reaches {reached:.1e}, but beyond 2**53 float64 does not hold "
            f"every integer; pass smaller arrays or smaller numbers."
        )
    if left == right and math.isfinite(left):
        return AdjointReport(True, left, right, name=name)
    at_zero = linear(np.zeros(x_shape))  # not zero where an operation is not linear
    expected = np.zeros(x_shape)
    with np.errstate(invalid="ignore"):
        for index in np.ndindex(*x_shape):
            e = np.zeros(x_shape)
            e[index] = 1
            expected[index] = ((linear(e) - at_zero) * g).sum()
        where = _worst(np.abs(back - expected))
    return AdjointReport(
        False, left, right, where, float(back[where]), float(expected[where]), name
    )


# ------------------------------------------------------------------------------- operations


def check_operation(
    ops: Any,
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
        rng = _own_generator(seed)
        if name == "max_pool2d":
            return [_check_max_pool(ops, names[0], given, rng)]

        def forward(*changed: np.ndarray) -> np.ndarray:
            return output_of(ops, name, values(changed))

        multiple = _divisors(given["size"]) if name == "avg_pool2d" else 1
        return _check_linear(forward, backward, arrays, names, multiple, rng)

    check = _Check("check_operation", method, by, directions, tolerance, seed)
    mover = reference if method == "complex" else ops
    return check.arrays(
        lambda *changed: output_of(ops, name, values(changed)),
        lambda *changed: output_of(mover, name, values(changed)),
        backward,
        arrays,
        names,
    )


def output_of(ops: Any, name: str, given: Mapping[str, Any]) -> np.ndarray:
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
    ops: Any, name: str, given: Mapping[str, Any], rng: np.random.Generator
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


def _conv2d(ops: Any, dZ: np.ndarray, given: Mapping[str, Any]) -> dict[str, np.ndarray]:
    X, w = given["X"], given["w"]
    options = {key: value for key, value in given.items() if key not in ("X", "w", "b")}
    return {
        "X": ops.conv2d_dX(dZ, w, X.shape, **options),
        "w": ops.conv2d_dw(dZ, X, w.shape, **options),
        "b": ops.conv2d_db(dZ),
    }


def _conv_transpose2d(ops: Any, dZ: np.ndarray, given: Mapping[str, Any]) -> dict[str, np.ndarray]:
    options = {key: value for key, value in given.items() if key not in ("X", "w", "b")}
    dX, dw = conv_transpose2d_gradients(ops, dZ, given["X"], given["w"], **options)
    return {"X": dX, "w": dw, "b": ops.conv2d_db(dZ)}


def _max_pool2d(ops: Any, dY: np.ndarray, given: Mapping[str, Any]) -> dict[str, np.ndarray]:
    _, argmax = ops.max_pool2d(**given)
    return {"X": ops.max_pool2d_dX(dY, argmax, given["X"].shape)}


def _avg_pool2d(ops: Any, dY: np.ndarray, given: Mapping[str, Any]) -> dict[str, np.ndarray]:
    options = {key: value for key, value in given.items() if key != "X"}
    return {"X": ops.avg_pool2d_dX(dY, given["X"].shape, **options)}


def _dense(ops: Any, dZ: np.ndarray, given: Mapping[str, Any]) -> dict[str, np.ndarray]:
    X, w = given["X"], given["w"]
    return {"X": ops.dense_dX(dZ, w), "w": ops.dense_dw(dZ, X), "b": ops.dense_db(dZ)}


def _activation(name: str) -> Back:
    def back(ops: Any, dY: np.ndarray, given: Mapping[str, Any]) -> dict[str, np.ndarray]:
        Y = getattr(ops, name)(given["Z"])
        return {"Z": getattr(ops, f"{name}_dZ")(dY, Y)}

    return back


def _loss(name: str, letter: str) -> Back:
    def back(ops: Any, dL: np.ndarray, given: Mapping[str, Any]) -> dict[str, np.ndarray]:
        _, gradient = getattr(ops, name)(**given)
        return {letter: dL * gradient}

    return back


Back = Callable[[Any, np.ndarray, Mapping[str, Any]], dict[str, np.ndarray]]

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


# ------------------------------------------------------------------------------- models


def check_model(
    model: Sequential,
    X: np.ndarray,
    *,
    method: str = "central",
    by: str = "entry",
    directions: int = 3,
    training: bool = True,
    tolerance: float | None = None,
    seed: int | np.random.Generator = 0,
) -> list[GradientReport]:
    """Compare the gradients of every parameter of a model, and of its input, with numerical ones.

    ``method="complex", by="direction"`` is the adjoint test of a whole model, ``<J v, G> == <v,
    dv>``: J v, how the outputs answer to a change v, comes from one complex step, dv from
    `backward`. Without subtractions the two sides are equal up to rounding.

    Parameters
    ----------
    model : Sequential
        Of dtype float64; float32 rounds too coarsely. Its parameters and the state of its layers
        are the same before and after; its gradients are those of the check.
    X : array_like
        A small batch, or one sample. Shape (B,) + `model.input_shape`, or `model.input_shape`.
    method : {"central", "complex"}
        See `numerical_gradient`. With "complex" the layers compute with `cnnlab.reference` while
        they take complex numbers; the gradients are those of the model's own backend.
    by : {"entry", "direction"}
        See `check_gradients`; directions are drawn for each parameter on its own.
    directions : int
        How many random directions, each.
    training : bool
        Whether the layers behave as in training. Their state is put back before every evaluation,
        so that `Dropout` leaves out the same entries each time.
    tolerance : float, optional
        As for `check_gradients`.
    seed : int or numpy.random.Generator
        Where the upstream gradient and the directions come from.

    Returns
    -------
    reports : list of GradientReport
        One per parameter, then one for `X`.

    Raises
    ------
    ValueError
        If the model is of dtype float32, or an option has none of its values.
    """
    check = _Check("check_model", method, by, directions, tolerance, seed)
    if model.dtype != np.float64:
        raise ValueError(
            f"check_model: the model is of dtype {model.dtype}; build it with dtype=np.float64, "
            f"numerical derivatives need the digits."
        )
    X = np.asarray(X, np.float64)
    put_back = _state_keeper(model)
    try:
        Y = model.forward(X, training=training)
        G = check.rng.standard_normal(Y.shape)
        dX = model.backward(G)

        def loss(x: np.ndarray) -> Any:
            put_back()
            if method == "complex":
                return np.sum(G * _forward_in_loops(model, x, training=training))
            return np.sum(G * model.forward(x, training=training))

        names, gradients, values, losses = [], [], [], []
        places = [(layer, key) for layer in model.layers for key in layer.parameters]
        for parameter, (layer, key) in zip(list(model.parameters()), places, strict=True):

            def changed(value: np.ndarray, layer: Layer = layer, key: str = key) -> Any:
                with _parameter_set(layer, key, value):
                    return loss(X)

            names.append(parameter.name)
            gradients.append(np.asarray(parameter.gradient))
            values.append(parameter.value)
            losses.append(changed)
        return check.all([*names, "X"], [*gradients, dX], [*values, X], [*losses, loss], G * Y)
    finally:
        put_back()


def _state_keeper(model: Sequential) -> Callable[[], None]:
    """Return a function that gives every layer the state that it has now."""
    kept = [(layer, dict(layer.state), copy.deepcopy(layer.state)) for layer in model.layers]

    def put_back() -> None:
        for layer, own, before in kept:
            layer.state.clear()
            for key, value in own.items():
                # Into the objects that were there: others may hold them too.
                if isinstance(value, np.random.Generator):
                    value.bit_generator.state = before[key].bit_generator.state
                elif isinstance(value, np.ndarray):
                    value[...] = before[key]
                layer.state[key] = value

    return put_back


@contextmanager
def _parameter_set(layer: Layer, key: str, value: np.ndarray) -> Iterator[None]:
    """Give a layer another parameter for a while."""
    own = layer.parameters[key]
    before = own.copy()
    if np.iscomplexobj(value):
        layer.parameters[key] = value
    else:
        own[...] = value
    try:
        yield
    finally:
        own[...] = before
        layer.parameters[key] = own


def _forward_in_loops(model: Sequential, X: np.ndarray, *, training: bool) -> np.ndarray:
    """Send complex numbers through a model, whose `forward` takes none."""
    single = X.shape == model.input_shape
    own = [layer.ops for layer in model.layers]
    try:
        Y = X[np.newaxis] if single else X
        for layer in model.layers:
            layer.ops = reference
            Y = layer.forward(Y, training=training)
    finally:
        for layer, ops in zip(model.layers, own, strict=True):
            layer.ops = ops
    return Y[0] if single else Y


# ------------------------------------------------------------------------------- comparing

STEPS = {"central": 6e-6, "complex": 1e-30}
TOLERANCES = {"central": 1e-7, "complex": 1e-12}

# Numbers smaller than this part of the loss or of the largest gradient are rounding errors, as
# far as a tolerance can tell: the bias of a convolution before batch normalization has none but
# those.
FLOORS = {"central": 1e-3, "complex": 1.0}


class _Check:
    """How to compare, settled once for all gradients of one call."""

    def __init__(
        self,
        function: str,
        method: str,
        by: str,
        directions: int,
        tolerance: float | None,
        seed: int | np.random.Generator,
    ) -> None:
        _check_choice(function, "method", method, STEPS)
        _check_choice(function, "by", by, ["entry", "direction"])
        self.function, self.method, self.by = function, method, by
        self.directions = shapes.as_count(directions, function, "directions")
        self.tolerance = TOLERANCES[method] if tolerance is None else tolerance
        self.rng = _own_generator(seed)

    def arrays(
        self,
        forward: Callable[..., np.ndarray],
        mover: Callable[..., np.ndarray],
        backward: Callable[..., Sequence[np.ndarray]],
        arrays: Sequence[np.ndarray],
        names: Sequence[str],
    ) -> list[GradientReport]:
        """Compare the gradients of a function of arrays; `mover` is that function, moved."""
        Y = np.asarray(forward(*arrays))
        G = self.rng.standard_normal(Y.shape)
        gradients = backward(G, *arrays)
        if len(gradients) != len(arrays):
            raise ValueError(
                f"{self.function}: backward returned {len(gradients)} gradients for {len(arrays)} "
                f"inputs; it must return one per input, in order."
            )
        losses = []
        for position in range(len(arrays)):

            def loss(x: np.ndarray, position: int = position) -> Any:
                return np.sum(G * mover(*arrays[:position], x, *arrays[position + 1 :]))

            losses.append(loss)
        return self.all(names, gradients, arrays, losses, G * Y)

    def all(
        self,
        names: Sequence[str],
        gradients: Sequence[np.ndarray],
        values: Sequence[np.ndarray],
        losses: Sequence[Callable[[np.ndarray], Any]],
        terms: np.ndarray,
    ) -> list[GradientReport]:
        """Compare every gradient; `terms` are the summands of the loss."""
        gradients = [np.asarray(gradient) for gradient in gradients]
        for name, gradient, value in zip(names, gradients, values, strict=True):
            _check_shape(self.function, name, gradient.shape, value.shape)
        largest = max((_largest(gradient) for gradient in gradients), default=0.0)
        floor = FLOORS[self.method] * max(largest, np.abs(terms[np.isfinite(terms)]).sum())
        reports = []
        for name, gradient, value, loss in zip(names, gradients, values, losses, strict=True):
            # Overflow and NaN are findings here, and no reason to warn.
            with np.errstate(over="ignore", invalid="ignore"):
                report = self._along(name, gradient, value, loss, floor)
                if report is None:
                    report = self._entries(name, gradient, value, loss, floor)
            reports.append(report)
        return reports

    def _along(
        self,
        name: str,
        gradient: np.ndarray,
        x: np.ndarray,
        loss: Callable[[np.ndarray], Any],
        floor: float,
    ) -> GradientReport | None:
        """Report the worst of the directions; None if that is not enough."""
        if self.by == "entry" or x.size == 0:
            return None
        h, worst = STEPS[self.method], None
        for _ in range(self.directions):
            # Normal numbers, not signs: along a V of signs the errors of two entries that
            # changed places cancel in one half of all cases.
            V = self.rng.standard_normal(x.shape)
            if self.method == "complex":
                slope = float(loss(x + 1j * h * V).imag / h)
            else:
                slope = float((loss(x + h * V) - loss(x - h * V)) / (2 * h))
            given = float((gradient * V).sum())
            # Such a sum is about as large as the gradient is long.
            scale = np.max([abs(slope), np.sqrt((gradient**2).sum()), floor]) or 1.0
            error = float(abs(given - slope) / scale)
            if not error <= self.tolerance:
                return None
            if worst is None or error > worst.error:
                worst = GradientReport(name, True, error, (), given, slope, "direction")
        return worst

    def _entries(
        self,
        name: str,
        gradient: np.ndarray,
        x: np.ndarray,
        loss: Callable[[np.ndarray], Any],
        floor: float,
    ) -> GradientReport:
        """Report the worst entry."""
        numerical = numerical_gradient(loss, x, method=self.method)
        if numerical.size == 0:
            return GradientReport(name, True, 0.0, (), 0.0, 0.0)
        # Relative to the largest entry: a small entry carries the rounding error of large ones.
        scale = max(_largest(numerical), floor) or 1.0
        errors = np.abs(gradient - numerical) / scale
        where = _worst(errors)
        error = float(errors[where])
        return GradientReport(
            name,
            error <= self.tolerance,
            error,
            where,
            float(gradient[where]),
            float(numerical[where]),
        )


def _own_generator(seed: int | np.random.Generator) -> np.random.Generator:
    """Return a generator that no `default_rng(seed)` of the caller repeats.

    Inputs drawn from the same seed would be the upstream gradient itself, and a ReLU that looks
    at the sign of the wrong one of the two would pass.
    """
    return np.random.default_rng([seed, 1] if isinstance(seed, int | np.integer) else seed)


def _largest(array: np.ndarray) -> float:
    """Return the largest magnitude among the finite entries."""
    return float(np.abs(array[np.isfinite(array)]).max(initial=0.0))


def _worst(errors: np.ndarray) -> tuple[int, ...]:
    """Return the index of the largest error; NaN is the largest."""
    flat = np.where(np.isnan(errors), np.inf, errors).argmax()
    return tuple(int(index) for index in np.unravel_index(flat, errors.shape))


def _check_choice(function: str, name: str, value: Any, choices: Any) -> None:
    if value not in list(choices):
        *first, last = (f'"{choice}"' for choice in choices)
        raise ValueError(f"{function}: {name}={value!r}; choose {', '.join(first)} or {last}.")


def _check_shape(function: str, name: str, came: tuple[int, ...], needed: tuple[int, ...]) -> None:
    if came != needed:
        raise ValueError(
            f"{function}: {name} has shape {came}, but the input it belongs to has shape "
            f"{needed}; a gradient has the shape of its input."
        )
