"""The slope of a function along a line, measured in many steps: value, error, kinks.

One step says what the slope is, and not how wrong that is. A ladder of steps does: from large ones,
where the function bends, to small ones, where rounding is all that is left. How far the outputs are
rounded is measured as well (`rounding_of`), so that nothing needs to be known of the function.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

# Steps of the ladder, in units of the usual step: from 3e-5 to 3e5.
LADDER = 8.0 ** np.arange(-5, 7)

# Points at which rounding is measured, and how far they are apart, for numbers of size 1: nearer
# than two neighboring numbers of float32 are.
POINTS = 8
SPACING = 2.0**-26

# And how far from the place itself, where there may be kinks: at ties, and at 0.
ASIDE = 2.0**-7

# How many standard deviations a rounding error may be large.
DEVIATIONS = 8.0


def size_of(x: np.ndarray) -> float:
    """Return how large the numbers of an array are: their root mean square, or 1."""
    finite = x[np.isfinite(x)]
    largest = float(np.abs(finite).max(initial=0.0))
    if largest == 0:
        return 1.0
    return largest * math.sqrt(float(np.mean((finite / largest) ** 2)))


class Rounding(NamedTuple):
    """How far the outputs of a function are rounded.

    Attributes
    ----------
    bound : ndarray
        How far each output may be from its exact value.
    relative : float
        The typical rounding error in units of the output: about 1e-16 in float64.
    changing : bool
        Whether the function gave other outputs for the same arguments.
    """

    bound: np.ndarray
    relative: float
    changing: bool


def rounding_of(at: Callable[[float], np.ndarray], start: np.ndarray, eps: float) -> Rounding:
    """Measure rounding by differences of higher order, in which what is smooth cancels.

    Moré and Wild, *Estimating computational noise* (2011): of 8 outputs at tiny distances, the
    fourth differences hold nothing but rounding errors, of a variance 70 times as large.

    Parameters
    ----------
    at : callable
        ``at(t)`` returns the outputs in float64 at the distance t, for numbers of size 1.
    start : ndarray
        The outputs at t = 0.
    eps : float
        Machine epsilon of the dtype of the outputs.
    """
    changing = bool((np.abs(at(0.0) - start) > 1e-6 * np.abs(start).max(initial=0.0)).any())
    Y = np.array([at(ASIDE + place * SPACING) for place in range(POINTS)])
    sizes = np.maximum(np.abs(start), np.where(np.isfinite(Y[0]), np.abs(Y[0]), 0))
    fourth = np.diff(Y, 4, axis=0)
    deviation = np.sqrt((fourth**2).mean(axis=0) / math.comb(8, 4))
    deviation = np.where(np.isfinite(deviation), deviation, 0)
    some = (sizes > 0) & (deviation > 0)
    relative = float(np.median(deviation[some] / sizes[some])) if some.any() else 0.0
    # Four differences may all be small by accident: no output is better than half of them.
    deviation = np.maximum(deviation, relative * sizes)
    return Rounding(DEVIATIONS * deviation + 2 * eps * sizes, relative, changing)


class Slope(NamedTuple):
    """What was measured along a line.

    Attributes
    ----------
    value, error : float
        The slope of the loss, and how far it may be from the exact one. At a kink the value is
        the mean of the slopes on both sides.
    size : float
        The sum of what every output contributes, without signs.
    step : float
        The step that it was measured with, the best of all.
    kink : bool
        Whether the slopes on both sides differ, however small the steps.
    low, high : float
        At a kink: the least and the largest slope that can be put together from the slopes of all
        outputs on one side or the other.
    """

    value: float
    error: float
    size: float
    step: float = math.nan
    kink: bool = False
    low: float = math.nan
    high: float = math.nan


class _Rung(NamedTuple):
    """One step to both sides."""

    step: float
    up: np.ndarray  # slope of each output on one side
    down: np.ndarray  # and on the other
    value: float  # central difference of the loss

    @property
    def jump(self) -> np.ndarray:
        return np.abs(self.up - self.down)


class Line(NamedTuple):
    """A function along a line, and the loss that weighs its outputs.

    Attributes
    ----------
    at : callable
        ``at(t)`` returns the outputs at about the distance t in float64, and the distance itself,
        which is rounded. What was not finite at t = 0 is 0 everywhere.
    start : ndarray
        The outputs at t = 0.
    weights : ndarray
        The loss is the sum of the outputs, times these.
    step : float
        The usual step.
    rounding : ndarray
        How far each output may be rounded.
    blur : float
        By how much the loss changes when the place is rounded.
    """

    at: Callable[[float], tuple[np.ndarray, float]]
    start: np.ndarray
    weights: np.ndarray
    step: float
    rounding: np.ndarray
    blur: float = 0.0


def measure(line: Line) -> Slope:
    """Measure the slope of the loss at t = 0, by a ladder of steps to both sides."""
    rungs = [rung for factor in LADDER if (rung := _climb(line, line.step * factor)) is not None]
    if not rungs:
        return Slope(math.nan, math.inf, 0.0)
    weights = np.abs(line.weights)
    moved = np.any([(rung.up != 0) | (rung.down != 0) for rung in rungs], axis=0)
    # What no step moves may still move by less than its rounding unit.
    still = float((weights * line.rounding)[~moved].sum()) / rungs[-1].step
    noise = float((weights * line.rounding)[moved].sum()) + line.blur
    first, at_kink = _kink(rungs, weights, line.rounding)
    if at_kink:
        return _both_sides(rungs[first:], line.weights, noise, still)
    best = Slope(math.nan, math.inf, 0.0)
    smooth = rungs[:first]
    jumps = [float((weights * rung.jump).sum()) for rung in smooth]
    for place, rung in enumerate(smooth):
        # One rung alone, below a kink: its two sides agree.
        bend = 0.0 if len(smooth) == 1 < len(rungs) else _bend(smooth, place)
        # Of a jump that does not shrink with the step, half is the distance to either side.
        if place + 1 < len(smooth):
            bend += max(8 * jumps[place] - jumps[place + 1], 0.0) / 14
        error = noise / rung.step + still + bend
        if error < best.error or math.isnan(best.value):
            size = float((weights * np.maximum(np.abs(rung.up), np.abs(rung.down))).sum())
            best = Slope(rung.value, error, size, rung.step)
    return best


def _climb(line: Line, step: float) -> _Rung | None:
    """Take one step to both sides; None where the function has no finite value."""
    try:
        with np.errstate(all="ignore"):
            (above, up), (below, down) = line.at(step), line.at(-step)
    except (ValueError, ArithmeticError):
        return None
    if not (up and down and np.isfinite(above).all() and np.isfinite(below).all()):
        return None
    value = float((line.weights * (above - below)).sum()) / (up - down)
    return _Rung(step, (above - line.start) / up, (below - line.start) / down, value)


def _bend(rungs: Sequence[_Rung], place: int) -> float:
    """Say by how much a central difference may be off because the function is curved.

    Eight times the step would make it 64 times as much.
    """
    value, errors = rungs[place].value, []
    if place + 1 < len(rungs):
        errors.append(abs(value - rungs[place + 1].value) / 4)
    if place > 0:
        errors.append(abs(value - rungs[place - 1].value))
    return min(errors, default=math.inf)


def _kink(rungs: Sequence[_Rung], weights: np.ndarray, rounding: np.ndarray) -> tuple[int, bool]:
    """Return how many rungs stay clear of kinks, and whether there is one at t = 0 itself.

    The slopes on both sides of a smooth function come together as the step becomes smaller, eight
    times at each rung. At a kink they do not; where the step first reaches one, they part faster.
    """
    seen = [np.where(rung.jump > 2 * rounding / rung.step, rung.jump, 0.0) for rung in rungs]
    sums = [float((weights * jump).sum()) for jump in seen]
    # What is seen in one step and not in the next larger ones is a rounding error.
    seen_on = (n for n in range(len(sums) - 1) if all(total > 0 for total in sums[n : n + 3]))
    first = next(seen_on, None)
    if first is None:
        return len(rungs), False
    sizes = weights * (np.abs(rungs[first].up) + np.abs(rungs[first].down))
    if sums[first] <= 0.5 * sums[first + 1] or sums[first] <= 1e-9 * sizes.sum():
        smooth, bent = 0, 0.1 * float(sizes.sum())
        for small, large in itertools.pairwise(sums[first:]):
            if not 4 * small < large < min(16 * small, bent):
                break
            smooth += 1
        return max(first + smooth + bool(smooth), 1), False
    if first == 0:
        return 0, True
    # Had it been seen at the next smaller step? Then that one is clear of it.
    blind = 2 * rounding / rungs[first - 1].step
    hidden = float((weights * rungs[first - 1].jump).sum()) > 0.5 * sums[first]
    if not hidden and (weights * np.maximum(seen[first] - blind, 0)).sum() > 0:
        return first, False
    return first, True


def _both_sides(rungs: Sequence[_Rung], weights: np.ndarray, noise: float, still: float) -> Slope:
    """Put together what the slopes of all outputs on one side or the other can make."""
    sides = [(weights * rung.up, weights * rung.down) for rung in rungs]
    errors = [
        noise / rung.step
        + still
        + sum(abs(float((now - next_).sum())) for now, next_ in zip(*pair, strict=True))
        for rung, pair in zip(rungs, itertools.pairwise(sides), strict=False)
    ]
    best = int(np.argmin(errors))
    up, down = sides[best]
    return Slope(
        float((up + down).sum()) / 2,
        errors[best],
        float(np.maximum(np.abs(up), np.abs(down)).sum()),
        rungs[best].step,
        True,
        float(np.minimum(up, down).sum()),
        float(np.maximum(up, down).sum()),
    )
