"""Phrases of error messages: how a shape, a value and a hint are put into words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

SMALLER = "use a smaller padding, stride or dilation"


def axes(count: int) -> str:
    """Count axes: 1 axis, 2 axes."""
    return "1 axis" if count == 1 else f"{count} axes"


def agree(single: bool) -> str:
    """Name the axes of X and w, the second of a batch, that must have one size."""
    return "axis 0 of X and axis 1 of w must agree" if single else "axis 1 of both must agree"


def by(sizes: Sequence[int]) -> str:
    """Write sizes as in 5 x 4."""
    return " x ".join(map(str, sizes))


def reshape_hint(array: np.ndarray, name: str) -> str:
    """Say how an array becomes images."""
    if array.ndim == 2:
        return f"a gray image needs a depth of 1: {name}[np.newaxis]"
    return "reshape it to (B, D, M, N)"


def samples_hint(shape: Sequence[int], needed: Sequence[int], name: str) -> str:
    """Say how samples of another shape become a batch that a model takes, batch axis first."""
    given = tuple(shape[1:])
    if len(given) == len(needed) == 3 and given == (*needed[1:], needed[0]):
        return f"their depth comes last; {name}.transpose(0, 3, 1, 2) puts it first"
    flat = given == (math.prod(needed),)
    if flat or [size for size in given if size != 1] == [size for size in needed if size != 1]:
        return f"reshape them: {name}.reshape(-1, {', '.join(map(str, needed))})"
    return "pass samples of that shape, or make a model with the input_shape of these"


def brief(value: Any) -> str:
    """Name a value and its type in an error message without printing all of it."""
    if isinstance(value, np.ndarray):
        kind = "a masked array" if isinstance(value, np.ma.MaskedArray) else "an array"
        return f"{kind} of dtype {value.dtype} and shape {value.shape}"
    return f"{type(value).__name__} {short(value)}"


def short(value: Any) -> str:
    """Print a value, or its beginning."""
    try:
        text = repr(value)
    except ValueError:  # Python does not print integers of more than 4,300 digits
        return "more than 4,300 digits"
    return text if len(text) <= 60 else text[:57] + "..."
