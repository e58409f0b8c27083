"""Numerical derivatives, by central differences or the complex step, and gradients beside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np

from cnnlab import shapes
from cnnlab.gradcheck.comparison import Comparison, as_step, check_choice
from cnnlab.gradcheck.guard import (
    Failure,
    add_new,
    call,
    changed_result_words,
    changed_words,
    check_call,
    complex_numbers,
    failure_words,
    is_same,
    real_numbers,
    what,
)
from cnnlab.gradcheck.places import STEPS, Arrays, Problem, default_step
from cnnlab.gradcheck.reports import GradientReport
from cnnlab.typing import ArrayLike, Integer, Number, Seed


def numerical_gradient(
    function: Callable[[np.ndarray], Any],
    x: ArrayLike,
    *,
    method: Literal["central", "complex"] = "central",
    step: Number | None = None,
) -> np.ndarray:
    """Differentiate a scalar function numerically, entry by entry.

    Equations (eq-central-difference) and (eq-complex-step)::

        f'(x) = (f(x + h) - f(x - h)) / 2h,  up to about h^2
        f'(x) = imag(f(x + ih)) / h,         up to about h^2

    Parameters
    ----------
    function : callable
        Takes an array of the shape of `x`, its own in every call, returns one number.
    x : array_like
        Where to differentiate. Any shape. Taken as float64.
    method : {"central", "complex"}
        The first equation or the second. The second has no subtraction and so no rounding error
        to speak of, but needs a function that takes complex numbers: one built on
        `cnnlab.reference`.
    step : float, optional
        h. When left out: 1e-30 for the complex step. For central differences 6e-6 (about the cube
        root of the rounding unit, where truncation and rounding meet if the entries of `x` are
        about 1 in size), times the square root of the size of `x`, its root mean square: a
        function may bend on the scale of its input, or on the scale 1 whatever the input.

    Returns
    -------
    gradient : ndarray of float64
        Shape of `x`.

    Raises
    ------
    ValueError
        If `method` is neither of the two, or `step` is not greater than 0.
    """
    check_choice("numerical_gradient", "method", method, STEPS)
    x = _as_place(function, x)
    h = as_step("numerical_gradient", step) or default_step(x, method)
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        if method == "complex":
            gradient[index] = np.imag(function(_moved(x, index, 1j * h))) / h
        else:
            above, below = _moved(x, index, h), _moved(x, index, -h)
            # The distance really gone: x + h is rounded.
            distance = above[index] - below[index]
            gradient[index] = (np.copy(function(above)) - function(below)) / distance
    return gradient


def _as_place(function: Any, x: Any) -> np.ndarray:
    """Return where to differentiate what must be a function."""
    who = "numerical_gradient"
    shapes.as_function(function, who, "function", "of one array", "pass it without calling it")
    return np.array(shapes.as_array(x, who, "x"), np.float64)


def _moved(x: np.ndarray, index: tuple[int, ...], step: complex) -> np.ndarray:
    """Return a copy of an array, one entry of which has gone a step."""
    there = x.astype(np.result_type(x, type(step)))
    there[index] += step
    return there


def check_gradients(
    forward: Callable[..., ArrayLike],
    backward: Callable[..., Any],
    inputs: Sequence[ArrayLike],
    *,
    names: Sequence[str] | None = None,
    method: Literal["central", "complex"] = "central",
    by: Literal["entry", "direction"] = "entry",
    directions: Integer = 3,
    step: Number | None = None,
    tolerance: Number | None = None,
    seed: Seed = 0,
) -> list[GradientReport]:
    """Compare the gradients that `backward` gives with numerical ones.

    Those come from equation (eq-central-difference) or (eq-complex-step). The upstream gradient
    is random, see `cnnlab.gradcheck`. Where an entry and its numerical value differ, many steps
    are tried, and the rounding errors of both are measured: what they explain is no mistake, and
    if they explain everything, the report says that nothing can be decided. Where a kink is nearer
    than any step, the two are compared in a place beside.

    A direction weighs all entries at once, so it can miss an error that is tiny beside the length
    of the whole gradient or that happens to be almost perpendicular to it; a second and a third
    direction make the latter unlikely, and only entry by entry excludes both.

    Parameters
    ----------
    forward : callable
        ``forward(*inputs)`` returns an array.
    backward : callable
        ``backward(dY, *inputs)`` returns one gradient per input. Both are given copies. To change
        one of them is a finding of its own, whatever is returned.
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
    step : float, optional
        The first step that is tried, see `numerical_gradient`.
    tolerance : float, optional
        Largest relative error that passes besides rounding errors, in units of what the outputs
        contribute to an entry. When left out: 1e-7 for central differences, 1e-12 for the complex
        step, 1e-5 for gradients of float32.
    seed : int or numpy.random.Generator
        Where the upstream gradient and the directions come from.

    Returns
    -------
    reports : list of GradientReport
        One per input. Shows itself as lines in a terminal, and as a table in a notebook.

    Raises
    ------
    ValueError
        If `method` or `by` is none of its values, `directions` is below 1, or `backward` returns
        another number of gradients than there are inputs, or one of another shape than its input.
    TypeError
        If `backward` returns no list, or no array in it, or if `forward` takes no complex numbers
        and the method needs them.

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
    comparison = Comparison(
        "check_gradients",
        method=method,
        by=by,
        directions=directions,
        tolerance=tolerance,
        step=step,
        seed=seed,
    )
    for what_for, function in (("forward", forward), ("backward", backward)):
        shapes.as_function(
            function, "check_gradients", what_for, "of arrays", "pass it without calling it"
        )
    arrays = _as_inputs(inputs)
    names = [f"gradient {position}" for position in range(len(arrays))] if names is None else names
    if len(names) != len(arrays):
        raise ValueError(
            f"check_gradients: {len(names)} names came for {len(arrays)} inputs; pass one each."
        )
    under_test = _Functions(forward, backward, names)
    return comparison.of(
        Problem(
            "check_gradients",
            names,
            output=under_test.output,
            stepped=under_test.complex_output if method == "complex" else under_test.output,
            gradients=under_test.gradients,
            notes=lambda: [under_test.found for _ in names],
        ),
        arrays,
    )


def _as_inputs(inputs: Any) -> list[np.ndarray]:
    """Return copies of the inputs in float64."""
    try:
        return [np.array(value, np.float64) for value in inputs]
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"check_gradients: inputs must be a list of arrays of real numbers ({error}); "
            f"pass what has a gradient here, and the rest by a function around yours."
        ) from None


class _Functions:
    """A forward and a backward function under test."""

    def __init__(
        self, forward: Callable[..., Any], backward: Callable[..., Any], names: Sequence[str]
    ) -> None:
        self._forward, self._backward, self._names = forward, backward, names
        self.found: list[str] = []
        self._latest: tuple[Any, Any] = (None, None)

    def output(self, arrays: Arrays) -> np.ndarray:
        """Return what `forward` makes of copies."""
        check_call("check_gradients", "forward", self._forward, arrays, "inputs")
        called = call(self._forward, arrays)
        add_new(self.found, (changed_words("forward", name) for name in called.changed))
        self._latest = called.returned, called.result
        Y = real_numbers(called.result)
        if Y is None:
            raise TypeError(
                f"check_gradients: forward returned {what(called.result)}, but an array of real "
                f"numbers is needed; return the one array that the loss depends on."
            )
        return Y

    def complex_output(self, arrays: Arrays) -> np.ndarray:
        """Return what `forward` makes of complex numbers, if it takes them."""
        with complex_numbers("check_gradients", "forward"):
            return np.asarray(call(self._forward, arrays).result)

    def gradients(self, G: np.ndarray, arrays: Arrays) -> list[Any]:
        """Return what `backward` makes of copies, or failures if it raises."""
        check_call("check_gradients", "backward", self._backward, [G, *arrays], "dY and inputs")
        returned, result = self._latest
        try:
            called = call(self._backward, [G, *arrays])
        except Exception as error:  # whatever it is, it is said in the reports
            return [Failure(failure_words("backward", error)) for _ in arrays]
        add_new(self.found, (changed_words("backward", name) for name in called.changed))
        if not is_same(returned, result):
            add_new(self.found, [changed_result_words("backward", "forward")])
        return self._as_gradients(called.result, arrays)

    def _as_gradients(self, gradients: Any, arrays: Arrays) -> list[Any]:
        """Check what came back: a list, as long as that of the inputs, of arrays of numbers."""
        count, checked = len(arrays), []
        stacked = [(count, *x.shape) for x in arrays]
        if isinstance(gradients, np.ndarray) and all(gradients.shape == s for s in stacked):
            gradients = list(gradients)  # one gradient per input, stacked
        if not isinstance(gradients, list | tuple):
            hint = "write return [gradient]" if count == 1 else "write return [first, second]"
            raise TypeError(
                f"check_gradients: backward returned {what(gradients)}, but a list of {count} "
                f"gradients is needed, one per input, in order; {hint}."
            )
        if len(gradients) != count:
            raise ValueError(
                f"check_gradients: backward returned {len(gradients)} gradients for {count} "
                f"inputs; it must return one per input, in order."
            )
        for name, gradient in zip(self._names, gradients, strict=True):
            array = real_numbers(gradient)
            if array is None:
                raise TypeError(
                    f"check_gradients: backward returned {what(gradient)} for {name}, but an "
                    f"array of real numbers is needed; return zeros where nothing depends on the "
                    f"input."
                )
            checked.append(array)
        return checked
