"""Reports of a gradient check: what was compared, how far apart it is, and where."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


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


def worst_entry(errors: np.ndarray) -> tuple[int, ...]:
    """Return the index of the largest error; NaN is the largest."""
    flat = np.where(np.isnan(errors), np.inf, errors).argmax()
    return tuple(int(index) for index in np.unravel_index(flat, errors.shape))


def check_shape(function: str, name: str, came: tuple[int, ...], needed: tuple[int, ...]) -> None:
    """Refuse a gradient that has another shape than its input."""
    if came != needed:
        raise ValueError(
            f"{function}: {name} has shape {came}, but the input it belongs to has shape "
            f"{needed}; a gradient has the shape of its input."
        )
