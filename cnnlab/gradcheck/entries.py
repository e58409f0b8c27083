"""Entries of a gradient beside their slopes: quickly first, and closely where the two differ."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from cnnlab.gradcheck.guard import Failure, add_new
from cnnlab.gradcheck.places import Place
from cnnlab.gradcheck.slopes import Slope, measure

# A bound that is larger, in units of the gradient, proves nothing.
COARSE = 1e-2

# A gradient is as good as zero if it is smaller, in units of the loss by the size of the array.
VANISHING = 1e-3

# Gradients may be off by so many rounding units of their largest entry.
FEW = 8

# A gradient of zero, as that of a bias before batch normalization, may be off by so many rounding
# units. With the complex step, zero is what moves no output by more, in the units of `VANISHING`.
ROUNDINGS = 4096
NOTHING = 1e-12

# Wrong entries that are looked at closely; what seems wrong beside them is counted, no more.
ENOUGH = 4

# Displacements that are tried to get away from a kink.
ATTEMPTS = 3

RIGHT, WRONG, KINK, UNDECIDED = range(4)

FAR_OUTSIDE = "where a kink is, the gradient lies far outside of the slopes on its sides"
NOT_COMPLEX = (
    "forward does not compute with complex numbers as with real ones (a maximum, an absolute "
    "value), so that central differences decided"
)
COARSE_CENTRAL = (
    'cannot decide: rounding errors are as large as the differences; try method="complex", with a '
    "forward of functions that take complex numbers, or a larger step="
)
ON_KINKS = (
    "cannot decide: kinks lie everywhere, here and beside; try inputs away from them (no equal "
    "pixels, no zeros)"
)


class Entries:
    """Some entries of one gradient, and what is found out about them.

    Attributes
    ----------
    given, numerical : ndarray
        The two values of each.
    status : ndarray of int
        RIGHT, WRONG, KINK or UNDECIDED.
    notes : list of str
        What else there is to say.
    """

    def __init__(
        self, place: Place, position: int, entries: np.ndarray, method: str, slack: float
    ) -> None:
        self.place, self.position, self.entries = place, position, entries
        self.method, self.slack = method, slack
        self.given = np.asarray(place.given[position], np.float64).ravel()[entries]
        self.numerical = np.full(len(entries), math.nan)
        self.sizes = np.zeros(len(entries))
        self.status = np.full(len(entries), RIGHT)
        self.notes: list[str] = []
        # What is below the rounding errors of the largest entry, or of the loss, says nothing.
        gradient = np.asarray(place.given[position], np.float64)
        largest = float(np.abs(gradient[np.isfinite(gradient)]).max(initial=0.0))
        eps = max(place.eps_given, 2.0**-52)
        # A product of small numbers is nothing at all, and sooner in float32.
        tiny = 1e-28 if place.few_digits else 1e-298
        self._least = FEW * eps * max(largest, place.natural(position)) + tiny
        # A gradient that is zero is a sum of what cancels, and that may be larger.
        self._zero = ROUNDINGS * eps * place.natural(position)
        # And what is above so much of it is no rounding error of its dtype, however it changes.
        self._most = (1e-3 if place.few_digits else 1e-5) * max(largest, place.natural(position))

    def examine(self, *, beside: bool = True) -> Entries:
        """Compare all; where kinks are, compare in a place beside as well."""
        for number, entry in enumerate(self.entries):
            value, parts = self.place.slopes(self.position, int(entry), self.method)
            self.numerical[number], self.sizes[number] = value, np.abs(parts).sum()
        errors = np.abs(self.given - self.numerical)
        errors[~np.isfinite(errors)] = math.inf
        suspects = [n for n in np.argsort(-errors) if not errors[n] <= self.slack * self.sizes[n]]
        wrong, again = 0, False
        while suspects:
            number = int(suspects.pop(0))
            slope = self._look_closely(number)
            wrong += self.status[number] == WRONG
            if wrong >= ENOUGH:
                self.status[suspects] = WRONG
                break
            if not again and slope is not None and len(suspects) > 16:
                again, suspects = True, self._again(suspects, slope.step)
        if beside and (self.status == KINK).any():
            self._look_beside()
        return self

    def _again(self, suspects: list[int], step: float) -> list[int]:
        """Compare with a better step, and rounding errors allowed for; return what is left."""
        if self.method == "complex" or not math.isfinite(step):
            return suspects
        left, rounding = [], self.place.rounding(self.position).bound
        for number in suspects:
            slope, parts = self.place.slopes(
                self.position, int(self.entries[number]), self.method, step
            )
            size = np.abs(parts).sum()
            noise = (np.abs(self.place.weights) * rounding)[parts != 0].sum() / step
            if noise <= COARSE / 10 * size and (
                abs(self.given[number] - slope) <= 2 * noise + self.slack * size
            ):
                self.numerical[number] = slope
            else:
                left.append(number)
        return left

    def _look_closely(self, number: int) -> Slope | None:
        """Decide about one entry by a ladder of steps; return what was measured."""
        entry = int(self.entries[number])
        if not math.isfinite(self.given[number]):
            self.status[number] = WRONG
            return None
        size = self.sizes[number]
        zero = size <= NOTHING * self.place.natural(self.position)
        if self.method == "complex" and self._is_rounding(number, self.slack * size, zero):
            return None
        slope = measure(self.place.line_of_entry(self.position, entry))
        if self.method == "complex" and not slope.kink:
            apart = abs(self.numerical[number] - slope.value)
            if apart <= 2 * slope.error + 1e-7 * slope.size:
                self.status[number] = WRONG
                return slope
            self._note(NOT_COMPLEX)
        self.numerical[number] = slope.value
        self.status[number] = self._verdict(number, slope)
        return slope

    def _verdict(self, number: int, slope: Slope) -> int:
        """Compare one entry with its slope and the bound of that."""
        given, natural = self.given[number], self.place.natural(self.position)
        if not slope.error <= COARSE * max(slope.size, VANISHING * natural):
            self._note(COARSE_CENTRAL)
            return UNDECIDED
        allowed = 2 * slope.error + self.slack * slope.size
        if slope.kink and slope.high - slope.low > self._least:
            outside = abs(given - min(max(given, slope.low), slope.high))
            if outside > allowed + self._least + 3 * slope.size:
                self._note(FAR_OUTSIDE)
                if not self.place.problem.deep:
                    return UNDECIDED
            return KINK
        zero = abs(slope.value) <= 4 * slope.error
        return RIGHT if self._is_rounding(number, allowed, zero) else WRONG

    def _is_rounding(self, number: int, allowed: float, zero: bool) -> bool:
        """Tell whether rounding explains how far an entry is from its slope.

        If it is more than the slope's own errors, it is compared in places near by: a mistake stays
        what it is, and a rounding error changes.
        """
        difference = self.given[number] - self.numerical[number]
        allowed += self._least + (self._zero if zero else 0.0)
        if abs(difference) <= allowed:
            return True
        if not abs(difference) <= allowed + self._most:
            return False
        apart = [abs(other - difference) for other in self._differences_near_by(number)]
        # In float32 these places are further away, and a mistake changes a little, too.
        wander = (6 if self.place.few_digits else 20) * max(apart, default=0.0)
        if not abs(difference) <= allowed + wander:
            return False
        if abs(difference) > 1e-4 * self._most:
            self._note("the gradient is rounded as if backward computed in float32")
        return True

    def _differences_near_by(self, number: int) -> Iterator[float]:
        """Yield how far the same entry is from its slope in other places."""
        entry = int(self.entries[number])
        for neighbor in self.place.neighbors:
            given = neighbor.given[self.position]
            if isinstance(given, Failure):
                continue
            if self.method == "complex":
                value, _ = neighbor.slopes(self.position, entry, self.method)
            else:
                slope = measure(neighbor.line_of_entry(self.position, entry))
                value = math.nan if slope.kink else slope.value
            if math.isfinite(value):
                yield float(given.flat[entry]) - value

    def _look_beside(self) -> None:
        """Compare the entries that have a kink here in a place where they have none."""
        open_ones = np.flatnonzero(self.status == KINK)
        for _ in range(ATTEMPTS):
            there = self.place.beside()
            if there is None or isinstance(there.given[self.position], Failure):
                continue
            entries = self.entries[open_ones]
            found = Entries(there, self.position, entries, self.method, self.slack)
            found.examine(beside=False)
            wrong = found.status == WRONG
            if wrong.any():
                self.status[open_ones[wrong]] = WRONG
                self.given[open_ones[wrong]] = found.given[wrong]
                self.numerical[open_ones[wrong]] = found.numerical[wrong]
                self._note("where a kink is, the values are those of a place beside it")
            open_ones = open_ones[(found.status == KINK) | (found.status == UNDECIDED)]
            if len(open_ones) == 0:
                return
        self.status[open_ones] = UNDECIDED
        self._note(ON_KINKS)

    def _note(self, words: str) -> None:
        add_new(self.notes, [words])
