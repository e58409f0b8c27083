"""How far an algorithm is from the exact result, in the units that rounding errors come in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from cnnlab import shapes
from cnnlab.algorithms.table import find


def rounding_error(conv2d: str | Callable[..., np.ndarray], X: Any, w: Any) -> np.ndarray:
    """Measure the error of each entry of Z, in units of what one rounding can do.

    The unit is u times ``|X| * |w|``: u is half the distance from 1 to the next float, and
    ``|X| * |w|`` is the same layer of absolute values, so the size of the numbers whose sum an
    output is. Sums of the products in any order stay below about D m n such units, by equation
    (eq-rounding-bound). An algorithm that mixes other numbers in, and takes them out again, may
    not.

    Parameters
    ----------
    conv2d : str or callable
        A name in `cnnlab.algorithms.ALGORITHMS`, or any ``conv2d(X, w)``.
    X : array_like
        Images. Shape (B, D, M, N), or (D, M, N) for one image.
    w : array_like
        Patterns. Shape (P, D, m, n).

    Returns
    -------
    error : ndarray
        Shape of Z, float64. 0 where the result is exact, infinity where it is not although all
        products are zero, NaN where the exact result or the computed one is no number.

    Raises
    ------
    ValueError
        If the shapes do not fit together, if there is no algorithm of this name, or if the result
        is float64 and the machine has no wider floats to judge it by.

    Examples
    --------
    >>> X = np.array([[[1e8, 1.0]]], np.float32)
    >>> rounding_error("loops", X, np.array([[[[1, 1]]]], np.float32))
    array([[[0.16777216]]])
    """
    X, w, _, _, single = shapes.check_conv2d(X, w, None)
    function = find(conv2d).conv2d if isinstance(conv2d, str) else conv2d
    Z = np.asarray(function(X, w))
    wide = np.float64 if Z.dtype == np.float32 else np.longdouble
    if np.finfo(wide).eps == np.finfo(Z.dtype).eps:
        raise ValueError(
            "rounding_error: the result is float64, and this machine has no wider floats to judge "
            "it by; pass float32."
        )
    windows = np.lib.stride_tricks.sliding_window_view(X.astype(wide), w.shape[2:], axis=(2, 3))
    with np.errstate(all="ignore"):  # NaN and infinity are answers
        exact, absolute = (
            np.einsum("scijuv,kcuv->skij", pixels, patterns)
            for pixels, patterns in ((windows, w.astype(wide)), (abs(windows), abs(w).astype(wide)))
        )
        error = abs(Z - exact)
        unit = absolute * wide(np.finfo(Z.dtype).eps / 2)
        units = np.where(error == 0, 0, error / unit).astype(np.float64)
    return units[0] if single else units
