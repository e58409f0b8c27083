"""Vectorized exponential, a power series, of numbers up to 0; vectorized maximum of a row.

In a compiled loop NumPy's exponential is one call for every entry, and ten times as slow.

With n the integer nearest to x / ln 2, and the rest r = x - n ln 2, at most ln 2 / 2 in size::

    exp(x) = 2^n exp(r),    exp(r) = 1 + r + r^2 / 2! + r^3 / 3! + ...

The series is cut where what is left out is below a tenth of a rounding error: after r^7 / 7! in
float32 and r^13 / 13! in float64. Measured, results are at most 1.1 (`decay`) and 1.3
(`decay_minus_one`) units in the last place from the exact ones, for every float32 and for 2 * 10^7
random float64, subnormal results among them.
"""

import math

import numba
import numpy as np
from numba import types
from numba.extending import overload

LN2_BEYOND_FLOAT64 = 2.319046813846300e-17  # ln 2 - math.log(2)


def contracted(function):
    """Compile a function for use in kernels; a product and a sum may become one instruction.

    Nothing is reordered: the steps below add a large number and take it away again.
    """
    return numba.njit(error_model="numpy", fastmath={"contract"})(function)


def by_dtype(of_float32, of_float64):
    """Return a function that is one of two; a kernel knows which when it is compiled."""

    def choose(x, *more):
        return of_float32(x, *more) if x.dtype == np.float32 else of_float64(x, *more)

    @overload(choose)
    def _(x, *more):
        if getattr(x, "dtype", x) == types.float32:
            return lambda x, *more: of_float32(x, *more)
        return lambda x, *more: of_float64(x, *more)

    return choose


# Shifted to the left until only the low digits of t are left, in the place of the exponent, they
# are a power of two.


@contracted
def _power32(t):
    return np.int32(np.float32(t).view(np.int32) << np.int32(23)).view(np.float32)


@contracted
def _power64(t):
    return np.int64(np.float64(t).view(np.int64) << np.int64(52)).view(np.float64)


def _exponentials(real, power, *, least, degree, spare):
    """Return exp(x) for x <= 0 and exp(x) - 1 for -50 < x <= 0, both of one dtype.

    `least` is a number whose exponential is 0. 2^n may be subnormal, but 2^(n + spare) is not.
    """
    # Floats from here on are integers, so that adding it rounds. The low digits of the sum are
    # n + spare and what is added to an exponent where it is stored.
    rounding = real(1.5 * 2.0 ** np.finfo(real).nmant + spare + np.finfo(real).maxexp - 1)
    per_ln2 = real(1 / math.log(2))
    # ln 2 in two parts. The first has so few digits that n times it is exact.
    few = 2.0 ** (14 if real is np.float32 else 42)
    ln2_high = real(round(math.log(2) * few) / few)
    ln2_low = real(math.log(2) - float(ln2_high) + LN2_BEYOND_FLOAT64)
    shrink = real(2.0**-spare)
    least, one = real(least), real(1)
    # Even and odd powers apart: two short sums side by side take less time than a long one.
    series = [real(1 / math.factorial(k)) for k in range(degree + 1)]
    even, evens = series[degree - 1], tuple(series[degree - 3 : 1 : -2])
    odd, odds = series[degree], tuple(series[degree - 2 : 1 : -2])

    @contracted
    def parts(x):
        t = x * per_ln2 + rounding
        n = t - rounding
        r = (x - n * ln2_high) - n * ln2_low
        square = r * r
        a, b = even, odd
        for term in evens:
            a = a * square + term
        for term in odds:
            b = b * square + term
        return r + square * (a + r * b), power(t)  # exp(r) - 1 and 2^(n + spare)

    @contracted
    def decay(x):
        rest, scale = parts(least if x < least else x)  # NaN stays
        return (one + rest) * scale * shrink

    @contracted
    def decay_minus_one(x):
        rest, scale = parts(x)
        scale = scale * shrink
        return rest * scale + (scale - one)

    return decay, decay_minus_one


_decay32, _minus_one32 = _exponentials(np.float32, _power32, least=-104, degree=7, spare=64)
_decay64, _minus_one64 = _exponentials(np.float64, _power64, least=-746, degree=13, spare=512)

decay = by_dtype(_decay32, _decay64)
decay_minus_one = by_dtype(_minus_one32, _minus_one64)


# As integers, the digits of floats from 0 up are in order, and those of floats below are in the
# reverse order: turned over, they are in order too, and NaN is made the last. (A comparison of
# floats does not fill vectors here, because of NaN.)


@contracted
def _turn32(digits):
    return np.int32(digits ^ np.int32((digits >> np.int32(31)) & np.int32(2**31 - 1)))


@contracted
def _largest32(z, begin, end):
    last = np.int32(-(2**31))
    for o in range(end - begin):
        entry = z[np.uintp(begin + o)]
        order = _turn32(np.float32(entry).view(np.int32))
        last = max(last, order if entry == entry else np.int32(2**31 - 1))
    return np.int32(_turn32(last)).view(np.float32)


@contracted
def _turn64(digits):
    return digits ^ ((digits >> np.int64(63)) & np.int64(2**63 - 1))


@contracted
def _largest64(z, begin, end):
    last = np.int64(-(2**63))
    for o in range(end - begin):
        entry = z[np.uintp(begin + o)]
        order = _turn64(np.float64(entry).view(np.int64))
        last = max(last, order if entry == entry else np.int64(2**63 - 1))
    return np.int64(_turn64(last)).view(np.float64)


largest = by_dtype(_largest32, _largest64)
largest.__doc__ = "Return the largest of z[begin:end], NaN if one is NaN."
