"""Is a result right? Asked before anything is timed."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

# How far a float32 result may be from the exact one, in units of its rounding error: far more than
# any order of summation needs, far less than one forgotten product in a sum makes.
UNITS = 32


class WrongResultError(Exception):
    """A peer returned something else than the equation says."""


def rounding_unit() -> float:
    """Return what rounding to float32 changes at most, relative to the number."""
    return float(np.finfo(np.float32).eps) / 2


def compare(where: str, result: Any, exact: Array, magnitude: Array | float = 0.0) -> float:
    """Return the largest error in units of `rounding_unit() * magnitude`.

    Without a magnitude, the results must be equal, and what is returned is 0.

    Raises
    ------
    WrongResultError
        If an entry is further away than `UNITS`; it names the worst one.
    """
    result = np.asarray(result)
    if result.shape != exact.shape:
        raise WrongResultError(f"{where}: shape {result.shape}, expected {exact.shape}")
    if not exact.size:
        return 0.0
    error = np.abs(result.astype(np.float64) - exact)
    scale = np.broadcast_to(rounding_unit() * np.asarray(magnitude, np.float64), error.shape)
    units = np.where(error == 0, 0.0, np.inf)
    np.divide(error, scale, out=units, where=(error != 0) & (scale > 0))
    units = np.where(np.isnan(units), np.inf, units)
    worst = np.unravel_index(int(units.argmax()), units.shape)
    if units[worst] > UNITS:
        entry = ", ".join(str(int(index)) for index in worst)
        raise WrongResultError(
            f"{where}: entry ({entry}) is {result[worst]:.9g}, expected {exact[worst]:.9g} "
            f"within {UNITS * scale[worst]:.2g}"
        )
    return float(units[worst])
