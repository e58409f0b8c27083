"""Numerical derivatives, by central differences or the complex step, and gradients beside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from cnnlab import shapes
from cnnlab.gradcheck.reports import GradientReport, check_shape, worst_entry

STEPS = {"central": 6e-6, "complex": 1e-30}
TOLERANCES = {"central": 1e-7, "complex": 1e-12}

# Numbers smaller than this part of the loss or of the largest gradient are rounding errors, as
# far as a tolerance can tell: the bias of a convolution before batch normalization has none but
# those.
FLOORS = {"central": 1e-3, "complex": 1.0}


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
    is random, see `cnnlab.gradcheck`. A direction weighs all entries at once, so it can miss
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
    comparison = Comparison("check_gradients", method, by, directions, tolerance, seed)
    arrays = [np.asarray(value, np.float64) for value in inputs]
    names = [f"gradient {position}" for position in range(len(arrays))] if names is None else names
    if len(names) != len(arrays):
        raise ValueError(
            f"check_gradients: {len(names)} names came for {len(arrays)} inputs; pass one each."
        )
    return comparison.of_function(forward, forward, backward, arrays, names)


class Comparison:
    """Gradients beside numerical ones; how to compare is settled once for all of one call."""

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
        self.rng = own_generator(seed)

    def of_function(
        self,
        forward: Callable[..., np.ndarray],
        stepped: Callable[..., np.ndarray],
        backward: Callable[..., Sequence[np.ndarray]],
        arrays: Sequence[np.ndarray],
        names: Sequence[str],
    ) -> list[GradientReport]:
        """Compare the gradients of a function of arrays.

        `stepped` is the same function for arguments that a step has moved: for the complex step,
        one that takes complex numbers.
        """
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
                return np.sum(G * stepped(*arrays[:position], x, *arrays[position + 1 :]))

            losses.append(loss)
        return self.of_gradients(names, gradients, arrays, losses, G * Y)

    def of_gradients(
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
            check_shape(self.function, name, gradient.shape, value.shape)
        largest = max((_largest(gradient) for gradient in gradients), default=0.0)
        floor = FLOORS[self.method] * max(largest, np.abs(terms[np.isfinite(terms)]).sum())
        reports = []
        for name, gradient, value, loss in zip(names, gradients, values, losses, strict=True):
            # Overflow and NaN are findings here, and no reason to warn.
            with np.errstate(over="ignore", invalid="ignore"):
                report = self._by_direction(name, gradient, value, loss, floor)
                if report is None:
                    report = self._by_entry(name, gradient, value, loss, floor)
            reports.append(report)
        return reports

    def _by_direction(
        self,
        name: str,
        gradient: np.ndarray,
        x: np.ndarray,
        loss: Callable[[np.ndarray], Any],
        floor: float,
    ) -> GradientReport | None:
        """Report the worst of the random directions; None if the entries must decide."""
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

    def _by_entry(
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
        where = worst_entry(errors)
        error = float(errors[where])
        return GradientReport(
            name,
            error <= self.tolerance,
            error,
            where,
            float(gradient[where]),
            float(numerical[where]),
        )


def own_generator(seed: int | np.random.Generator) -> np.random.Generator:
    """Return a generator that no `default_rng(seed)` of the caller repeats.

    Inputs drawn from the same seed would be the upstream gradient itself, and a ReLU that looks
    at the sign of the wrong one of the two would pass.
    """
    return np.random.default_rng([seed, 1] if isinstance(seed, int | np.integer) else seed)


def _largest(array: np.ndarray) -> float:
    """Return the largest magnitude among the finite entries."""
    return float(np.abs(array[np.isfinite(array)]).max(initial=0.0))


# The book lists a function that calls this one: hence the name, though `operations` calls it too.
def _check_choice(function: str, name: str, value: Any, choices: Any) -> None:
    """Refuse an option that has none of its values."""
    if value not in list(choices):
        *first, last = (f'"{choice}"' for choice in choices)
        raise ValueError(f"{function}: {name}={value!r}; choose {', '.join(first)} or {last}.")
