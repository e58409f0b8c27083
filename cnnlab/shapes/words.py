"""Phrases of error messages: how a shape, a value and a hint are put into words."""

from __future__ import annotations

import difflib
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


def depth_first_hint(name: str, axes: int) -> str:
    """Say how images whose depth comes last become what the package takes."""
    order = "2, 0, 1" if axes == 3 else "0, 3, 1, 2"
    return f"if their depth comes last, {name}.transpose({order}) puts it first"


def numbers_hint(array: np.ndarray, name: str) -> str:
    """Say how something else becomes numbers, if it does."""
    if array.dtype.kind == "c":
        return f"take its real part, {name}.real"
    if array.dtype == object and array.ndim == 0:
        what = array.item()
        if hasattr(what, "__iter__") and not isinstance(what, dict):
            return f"pass what is in this {type(what).__name__}, list({name})"
        return f"pass an array or a list of numbers, and not {short(what)}"
    if any(entry is None for entry in array.flat):  # which NumPy would make NaN
        return "pass numbers: some of its entries are None"
    try:
        array.astype(np.float64)
    except (TypeError, ValueError):
        return "pass numbers: some of its entries cannot be read as such"
    return f"convert it first, for example with np.asarray({name}, dtype=np.float64)"


def samples_hint(shape: Sequence[int], needed: Sequence[int], name: str) -> str:
    """Say how samples of another shape become a batch that a model takes, batch axis first."""
    given = tuple(shape[1:])
    if len(given) == len(needed) == 3 and given == (*needed[1:], needed[0]):
        return depth_first_hint(name, 4)
    flat = given == (math.prod(needed),)
    if flat or [size for size in given if size != 1] == [size for size in needed if size != 1]:
        return f"reshape them: {name}.reshape(-1, {', '.join(map(str, needed))})"
    return "pass samples of that shape, or make a model with the input_shape of these"


def shape_hint(name: str) -> str:
    """Say which shape is meant: that of an array which is at hand, or that of one sample."""
    if name == "input_shape":
        return "the shape of one sample without the batch axis, X.shape[1:]"
    if name.endswith("_shape"):
        return f"the shape of the array that it describes, {name.removesuffix('_shape')}.shape"
    return "a tuple such as (8, 3, 5, 5)"


def choice_hint(value: Any, known: Sequence[str]) -> str:
    """Say which names there are, the nearest to the one that came first."""
    near: list[str] = []
    if isinstance(value, str):
        near = [name for name in known if name.lower() == value.lower()]
        near = near or difflib.get_close_matches(value, known, n=1)
    return (f"choose {near[0]}, the nearest of " if near else "choose one of ") + ", ".join(known)


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
