"""Tiles for pooling: what is spelled out in machine operations does what the loops say."""

import numba
import numpy as np
import pytest
from support.failures import each

from cnnlab.fast import lines

DTYPES = (np.float32, np.float64)
FENCE = 77  # stands around what may be written


@numba.njit
def largest(pixels, offsets, entries, slots, best, winner):
    lines.largest(pixels, offsets, entries, slots, best, winner)


@numba.njit
def total(pixels, offsets, entries, slots, totals):
    lines.total(pixels, offsets, entries, slots, totals)


SLOTS = [lines.TOGETHER, lines.TOGETHER + 1, 2 * lines.TOGETHER - 1, 5 * lines.TOGETHER + 7]
ENTRIES = (1, 2, 4, 9, 16)


def laid_out(dtype, entries, slots, rng):
    """Return lines of small integers, the offsets of the entries, and every window as a column."""
    offsets = np.sort(rng.choice(4 * entries, entries, replace=False)) * (slots + 3)
    pixels = rng.integers(-4, 5, offsets[-1] + slots).astype(dtype)
    return pixels, offsets.astype(np.intp), np.stack([pixels[o : o + slots] for o in offsets])


@pytest.mark.parametrize("dtype", DTYPES)
@each(entries=ENTRIES, slots=SLOTS)
def test_largest(dtype, entries, slots, rng):
    """The first of equal ones wins, and NaN is larger than every number."""
    pixels, offsets, windows = laid_out(dtype, entries, slots, rng)
    for odd in (None, np.nan, np.inf, -np.inf):
        if odd is not None:
            pixels[rng.random(len(pixels)) < 0.2] = odd
            windows = np.stack([pixels[o : o + slots] for o in offsets])
        best = np.full(slots + 1, FENCE, dtype)
        winner = np.full(slots + 1, FENCE, np.int32)
        largest(pixels, offsets, entries, slots, best, winner)
        where = windows.argmax(axis=0)  # as NumPy has it: the first, and NaN before all others
        np.testing.assert_array_equal(winner, [*where, FENCE])
        np.testing.assert_array_equal(best, [*windows[where, np.arange(slots)], FENCE])


@pytest.mark.parametrize("dtype", DTYPES)
@each(entries=ENTRIES, slots=SLOTS)
def test_total(dtype, entries, slots, rng):
    """Sums are in float64 and in order, to the bit."""
    pixels, offsets, _ = laid_out(dtype, entries, slots, rng)
    pixels *= dtype(0.1)
    expected, totals = np.zeros(slots), np.full(slots + 1, FENCE, float)
    for offset in offsets:
        expected += pixels[offset : offset + slots]
    total(pixels, offsets, entries, slots, totals)
    np.testing.assert_array_equal(totals, [*expected, FENCE])
