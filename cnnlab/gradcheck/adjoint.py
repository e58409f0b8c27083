"""The adjoint test of a linear operation and its backward pass, exact on integers."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from cnnlab import shapes
from cnnlab.gradcheck.reports import AdjointReport, check_shape, worst_entry


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
    check_shape("check_adjoint", name, back.shape, tuple(x_shape))
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
        where = worst_entry(np.abs(back - expected))
    return AdjointReport(
        False, left, right, where, float(back[where]), float(expected[where]), name
    )
