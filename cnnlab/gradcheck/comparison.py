"""Every gradient of a problem beside its slopes, along directions or entry by entry."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from cnnlab import shapes
from cnnlab.gradcheck.entries import COARSE, KINK, UNDECIDED, VANISHING, WRONG, Entries
from cnnlab.gradcheck.guard import Failure
from cnnlab.gradcheck.places import FEW_DIGITS, STEPS, Place, Problem
from cnnlab.gradcheck.reports import GradientReport, Reports, check_shape, worst_entry
from cnnlab.gradcheck.slopes import measure
from cnnlab.shapes import words
from cnnlab.typing import Integer, Number, Seed

TOLERANCES = {"central": 1e-7, "complex": 1e-12}
SINGLE = 1e-5  # for gradients in float32


class Comparison:
    """Gradients beside numerical ones; how to compare is settled once for all of one call."""

    def __init__(
        self,
        function: str,
        *,
        method: str,
        by: str,
        directions: Integer,
        tolerance: Number | None,
        step: Number | None,
        seed: Seed,
    ) -> None:
        check_choice(function, "method", method, STEPS)
        check_choice(function, "by", by, ["entry", "direction"])
        self.function, self.method, self.by = function, method, by
        self.directions = shapes.as_count(directions, function, "directions")
        self.step = as_step(function, step)
        if tolerance is not None:
            tolerance = shapes.as_number(
                tolerance, function, "tolerance", within=shapes.NOT_NEGATIVE, hint="try 1e-6"
            )
        self.tolerance = tolerance
        self.rng = own_generator(seed, function)

    def of(self, problem: Problem, arrays: Sequence[np.ndarray]) -> Reports:
        """Compare the gradients of all arrays."""
        Y = problem.output(arrays)
        G = self.rng.standard_normal(Y.shape)
        given = problem.gradients(G, arrays)
        for name, gradient, x in zip(problem.names, given, arrays, strict=True):
            if not isinstance(gradient, Failure):
                check_shape(self.function, name, gradient.shape, x.shape)
        # It has a generator of its own: what is measured more closely changes no direction.
        place = Place(problem, arrays, Y, G, given, self.rng.spawn(1)[0], self.step)
        reports = []
        for position, name in enumerate(problem.names):
            # Overflow and NaN are findings here, and no reason to warn.
            with np.errstate(over="ignore", invalid="ignore"):
                reports.append(self._report(place, position, name))
        found = problem.notes()
        return Reports(_with_findings(*pair) for pair in zip(reports, found, strict=True))

    def _report(self, place: Place, position: int, name: str) -> GradientReport:
        given = place.given[position]
        if isinstance(given, Failure):
            return GradientReport(name, False, math.nan, (), math.nan, math.nan, note=given.words)
        if given.size == 0:
            return GradientReport(name, True, 0.0, (), 0.0, 0.0)
        report = self._by_direction(place, position, name) if self.by == "direction" else None
        if report is None:
            entries = np.arange(given.size)
            found = Entries(place, position, entries, self.method, self._slack(place)).examine()
            report = _of_entries(name, found, given.shape)
        return _with_note(report, *_about_forward(place, position))

    def _slack(self, place: Place) -> float:
        """Return the largest error that passes, relative to the summands of an entry."""
        if self.tolerance is not None:
            return self.tolerance
        few = SINGLE if place.few_digits else 0.0
        return max(TOLERANCES[self.method], few)

    def _by_direction(self, place: Place, position: int, name: str) -> GradientReport | None:
        """Report the worst of the random directions; None if the entries must decide."""
        gradient = np.asarray(place.given[position], np.float64)
        if np.isnan(place.Y).any() or not np.isfinite(gradient).all():
            return None
        worst = None
        for _ in range(self.directions):
            # Normal numbers, not signs: along a V of signs the errors of two entries that
            # changed places cancel in one half of all cases.
            V = self.rng.standard_normal(gradient.shape)
            slope = place.slope_along(position, V, self.method)
            given = float((gradient * V).sum())
            # Such a sum is about as large as the gradient is long.
            length = max(abs(slope), float(np.sqrt((gradient**2).sum())))
            scale = max(length, VANISHING * place.natural(position)) or 1.0
            if not abs(given - slope) <= self._slack(place) * scale:
                closer = self._closer_along(place, position, V, given, scale)
                if closer is None:
                    return None
                slope = closer
            error = abs(given - slope) / scale
            if worst is None or error > worst.error:
                worst = GradientReport(name, True, error, (), given, slope, "direction")
        return worst

    def _closer_along(
        self, place: Place, position: int, V: np.ndarray, given: float, scale: float
    ) -> float | None:
        """Measure a direction in many steps; None if that does not prove the gradient right."""
        if self.method == "complex":
            return None
        slope = measure(place.line_of_direction(position, V))
        allowed = 2 * slope.error + self._slack(place) * scale
        if slope.kink or allowed > COARSE / 10 * scale or not abs(given - slope.value) <= allowed:
            return None
        return slope.value


def _of_entries(name: str, found: Entries, shape: tuple[int, ...]) -> GradientReport:
    """Report the worst entry, among the wrong ones if there are any."""
    wrong, undecided = found.status == WRONG, found.status == UNDECIDED
    with np.errstate(invalid="ignore"):
        finite = found.numerical[np.isfinite(found.numerical)]
        # Relative to the largest entry: a small entry carries the rounding error of large ones.
        scale = float(np.abs(finite).max(initial=0.0)) or 1.0
        errors = np.abs(found.given - found.numerical) / scale
    errors = np.where(np.isnan(errors), np.inf, errors)
    candidates = wrong if wrong.any() else undecided if undecided.any() else found.status != KINK
    if not candidates.any():
        candidates = found.status == KINK
    (worst,) = worst_entry(np.where(candidates, errors, -1.0))
    return GradientReport(
        name,
        not (wrong.any() or undecided.any()),
        float(errors[worst]),
        tuple(int(index) for index in np.unravel_index(worst, shape)),
        float(found.given[worst]),
        float(found.numerical[worst]),
        wrong=float(wrong.mean()),
        not_differentiable=int((found.status == KINK).sum()),
        undecided=bool(undecided.any() and not wrong.any()),
        note="; ".join(found.notes),
    )


def _about_forward(place: Place, position: int) -> list[str]:
    """Say what is unusual about the outputs, as far as it has shown."""
    words = []
    if np.isnan(place.Y).any():
        words.append("forward returned NaN")
    rounding = place.measured.get(position)
    if rounding is not None and rounding.changing:
        words.append(
            "forward gave other values when it was called again with the same arrays; let it draw "
            "the same random numbers each time"
        )
    elif (rounding or place.problem.stepped == place.problem.output) and place.dtype != np.float64:
        words.append(f"forward computes in {place.dtype}, compare in float64 for a closer check")
    elif rounding is not None and rounding.relative > FEW_DIGITS:
        words.append(
            f"forward rounds by {rounding.relative:.0e}, as if it computed in float32 inside"
        )
    return words


def _with_note(report: GradientReport, *words: str) -> GradientReport:
    return report._replace(note="; ".join(filter(None, [report.note, *words])))


def _with_findings(report: GradientReport, findings: list[str]) -> GradientReport:
    """Add what a function did beside its result, which no gradient makes good."""
    if not findings:
        return report
    but = ["every entry is right, but"] if report.passed and report.by == "entry" else []
    words = " ".join([*but, "; ".join(findings)])
    return _with_note(report._replace(passed=False, undecided=False), words)


def own_generator(seed: Seed, function: str) -> np.random.Generator:
    """Return a generator that no `default_rng(seed)` of the caller repeats.

    Inputs drawn from the same seed would be the upstream gradient itself, and a ReLU that looks
    at the sign of the wrong one of the two would pass.
    """
    rng = shapes.as_generator(seed, function)
    return rng if isinstance(seed, np.random.Generator) else np.random.default_rng([int(seed), 1])


def as_step(function: str, step: Any) -> float | None:
    """Return a step, or None for the usual one."""
    if step is None:
        return None
    return shapes.as_number(step, function, "step", within=shapes.POSITIVE, hint="try 1e-5")


def check_choice(function: str, name: str, value: Any, choices: Any) -> None:
    """Refuse an option that has none of its values."""
    if not isinstance(value, str) or value not in list(choices):
        *first, last = (f'"{choice}"' for choice in choices)
        raise ValueError(
            f"{function}: {name}={words.short(value)}; choose {', '.join(first)} or {last}."
        )
