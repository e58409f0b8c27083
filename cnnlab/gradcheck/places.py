"""A place where gradients are compared: its arrays, outputs, given gradients, and steps from it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from cnnlab.gradcheck.slopes import Line, Rounding, rounding_of, size_of

STEPS = {"central": 6e-6, "complex": 1e-30}

# What rounds more than this, relatively, does not compute in float64.
FEW_DIGITS = 1e-9

Arrays = Sequence[np.ndarray]


def default_step(x: np.ndarray, method: str = "central") -> float:
    """Return how far to step from the numbers of an array.

    A function may bend on the scale of its numbers, or on the scale 1 whatever they are: the
    square root of their size lies between.
    """
    return STEPS[method] * (math.sqrt(size_of(x)) if method == "central" else 1.0)


@dataclass
class Problem:
    """What is to be checked, whatever it is made of. Nobody here may be handed an own array.

    Attributes
    ----------
    function : str
        Which check, for messages.
    names : sequence of str
        Of the gradients.
    output : callable
        ``output(arrays)`` is the forward pass under test.
    stepped : callable
        ``stepped(arrays)`` is the same forward pass for arrays that a step has moved; for the
        complex step, one that takes complex numbers.
    gradients : callable
        ``gradients(G, arrays)`` returns for each array the gradient, or a `Failure`.
    notes : callable
        ``notes()`` returns for each gradient what was found beside its values.
    deep : bool
        Whether kinks lie behind one another, as in a network: then a right gradient may be any mix
        of what each of them allows, and need not lie between the slopes on both sides.
    """

    function: str
    names: Sequence[str]
    output: Callable[[Arrays], np.ndarray]
    stepped: Callable[[Arrays], np.ndarray]
    gradients: Callable[[np.ndarray, Arrays], list[Any]]
    notes: Callable[[], list[list[str]]]
    deep: bool = False


@dataclass
class Place:
    """Arrays, and the gradients that were given for them.

    Attributes
    ----------
    problem : Problem
    arrays : sequence of ndarray
        float64.
    Y : ndarray
        The outputs.
    G : ndarray
        The upstream gradient.
    given : list of ndarray or Failure
        Gradients of the loss ``sum(G * f(arrays))``, by the function under test.
    rng : numpy.random.Generator
        Draws directions and displacements.
    step : float, optional
        Instead of the usual step.
    measured : dict of int to Rounding
        How far the outputs are rounded, by the number of the array that was moved to find out.
    """

    problem: Problem
    arrays: Arrays
    Y: np.ndarray
    G: np.ndarray
    given: list[Any]
    rng: np.random.Generator
    step: float | None = None
    measured: dict[int, Rounding] = field(default_factory=dict)

    @cached_property
    def finite(self) -> np.ndarray:
        """Which outputs are finite: the others are left out of the loss."""
        return np.isfinite(self.Y)

    @cached_property
    def weights(self) -> np.ndarray:
        """Upstream gradient, 0 where the output is not finite."""
        return np.where(self.finite, self.G, 0.0)

    @cached_property
    def loss_size(self) -> float:
        """Sum of the summands of the loss, without signs."""
        return float(np.abs(self.weights * np.where(self.finite, self.Y, 0)).sum())

    @cached_property
    def _start(self) -> np.ndarray:
        problem = self.problem
        return self.Y if problem.stepped == problem.output else problem.stepped(self.arrays)

    @cached_property
    def start(self) -> np.ndarray:
        """What steps start from: outputs in float64, 0 where they are not finite."""
        return np.where(self.finite, self._start, 0).astype(np.float64)

    @property
    def dtype(self) -> np.dtype:
        """What the steps are computed in, as far as the outputs say it."""
        kind = self._start.dtype
        return kind if kind.kind == "f" else np.dtype(np.float64)

    @property
    def eps_given(self) -> float:
        """Machine epsilon of the gradients."""
        kinds = [gradient.dtype for gradient in self.given if isinstance(gradient, np.ndarray)]
        return max((float(np.finfo(kind).eps) for kind in kinds if kind.kind == "f"), default=0.0)

    @property
    def few_digits(self) -> bool:
        """Whether gradients are in less than float64."""
        return self.eps_given > FEW_DIGITS

    def natural(self, position: int) -> float:
        """Size of a gradient that moves the loss by its size when the array moves by its own."""
        return self.loss_size / size_of(self.arrays[position])

    def step_of(self, position: int, method: str = "central") -> float:
        """Return the usual step."""
        return default_step(self.arrays[position], method) if self.step is None else self.step

    def with_array(self, position: int, x: np.ndarray) -> list[np.ndarray]:
        """Return the arrays with another one at a position."""
        return [*self.arrays[:position], x, *self.arrays[position + 1 :]]

    def outputs(self, position: int, x: np.ndarray) -> np.ndarray:
        """Return the outputs in float64 with another array at a position."""
        Y = self.problem.stepped(self.with_array(position, x))
        return np.where(self.finite, Y, 0).astype(np.float64)

    def complex_slopes(self, position: int, V: np.ndarray, h: float) -> np.ndarray:
        """Return how each output answers to a change along V, by one complex step."""
        moved = self.with_array(position, self.arrays[position] + 1j * h * V)
        Y = self.problem.stepped(moved)
        return np.where(self.finite, np.imag(Y) / h, 0.0)

    def unit(self, position: int, entry: int) -> np.ndarray:
        """Return the direction of one entry."""
        V = np.zeros(self.arrays[position].shape)
        V.flat[entry] = 1
        return V

    def slopes(
        self, position: int, entry: int, method: str, step: float | None = None
    ) -> tuple[float, np.ndarray]:
        """Return the slope of the loss along one entry, and how each output contributes."""
        h = self.step_of(position, method) if step is None else step
        if method == "complex":
            parts = self.weights * self.complex_slopes(position, self.unit(position, entry), h)
        else:
            (above, up), (below, down) = (
                self._move(position, entry, distance) for distance in (h, -h)
            )
            parts = self.weights * (above - below) / (up - down)
        return float(parts.sum()), parts

    def slope_along(self, position: int, V: np.ndarray, method: str) -> float:
        """Return the slope of the loss along a direction."""
        h, x = self.step_of(position, method), self.arrays[position]
        if method == "complex":
            return float((self.weights * self.complex_slopes(position, V, h)).sum())
        change = self.outputs(position, x + h * V) - self.outputs(position, x - h * V)
        return float((self.weights * change).sum() / (2 * h))

    def _move(self, position: int, entry: int, distance: float) -> tuple[np.ndarray, float]:
        """Move one entry; return the outputs, and the distance really gone: a sum is rounded."""
        x = self.arrays[position].copy()
        here = x.flat[entry]
        x.flat[entry] = here + distance
        gone = float(x.flat[entry] - here)
        return self.outputs(position, x), gone

    def line_of_entry(self, position: int, entry: int) -> Line:
        """Return the line along one entry."""

        def at(distance: float) -> tuple[np.ndarray, float]:
            return self._move(position, entry, distance)

        return self._line(position, at)

    def line_of_direction(self, position: int, V: np.ndarray) -> Line:
        """Return the line along a direction."""
        x = self.arrays[position]

        def at(distance: float) -> tuple[np.ndarray, float]:
            return self.outputs(position, x + distance * V), distance

        gradient = np.asarray(self.given[position], np.float64)
        return self._line(position, at, float(np.abs(gradient * x).sum()) * 2**-52)

    def _line(self, position: int, at: Callable[..., Any], blur: float = 0.0) -> Line:
        rounding = self.rounding(position).bound
        return Line(at, self.start, self.weights, self.step_of(position), rounding, blur)

    def rounding(self, position: int) -> Rounding:
        """Return how far the outputs are rounded, measured along one direction."""
        if position not in self.measured:
            x = self.arrays[position]
            V = self.rng.standard_normal(x.shape) * size_of(x)
            eps = float(np.finfo(self.dtype).eps)

            def at(distance: float) -> np.ndarray:
                return self.outputs(position, x + distance * V)

            with np.errstate(all="ignore"):
                self.measured[position] = rounding_of(at, self.start, eps)
        return self.measured[position]

    @cached_property
    def neighbors(self) -> list[Place]:
        """Places near by, in which rounding errors are others."""
        # Where a float32 output is nearly flat, it takes larger steps until it is rounded anew.
        far = 1e-2 if self.few_digits else 1e-4
        return [place for _ in range(4) if (place := self._displaced(far, 0.0)) is not None]

    def beside(self) -> Place | None:
        """Return a place near by, where kinks of this one are out of the way; None if it fails."""
        return self._displaced(0.01, 0.01)

    def _displaced(self, relative: float, absolute: float) -> Place | None:
        arrays = [
            x * (1 + relative * self.rng.standard_normal(x.shape))
            + absolute * size_of(x) * self.rng.standard_normal(x.shape)
            for x in self.arrays
        ]
        try:
            Y = self.problem.output(arrays)
        except (ValueError, ArithmeticError):
            return None
        given = self.problem.gradients(self.G, arrays)
        return Place(self.problem, arrays, Y, self.G, given, self.rng, self.step)
