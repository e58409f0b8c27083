"""What a state must be that a model or an optimizer is to go on from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from cnnlab.shapes import words
from cnnlab.shapes.numbers import as_array


def check_state_names(
    function: str, given: Any, needed: Iterable[str], *, owner: str, same: str
) -> None:
    """Refuse a state that is none, or of something else.

    Parameters
    ----------
    function : str
        The function that an error message names.
    given : mapping
        What the user passed.
    needed : iterable of str
        The names that must be there, and no others.
    owner : str
        What has states, as a variable: an error message says ``owner.state()``.
    same : str
        Whose state fits, the end of an error message.

    Raises
    ------
    TypeError
        If `given` is no mapping.
    ValueError
        If a name is missing, or one is there that is not needed.
    """
    if not isinstance(given, Mapping):
        raise TypeError(
            f"{function}: state={words.brief(given)} came, but a dict is needed; pass what "
            f"{owner}.state() returned."
        )
    wanted = set(needed)
    missing, unknown = wanted - given.keys(), given.keys() - wanted
    if missing or unknown:
        parts = [
            f"{what} {', '.join(sorted(map(str, names))[:4])}{', ...' if len(names) > 4 else ''}"
            for what, names in (("lacks", missing), ("has also", unknown))
            if names
        ]
        raise ValueError(f"{function}: the state {' and '.join(parts)}; pass the state of {same}.")


def as_stored_array(
    value: Any, function: str, name: str, shape: tuple[int, ...], dtype: np.dtype, *, same: str
) -> np.ndarray:
    """Return an array of a state: of that shape and dtype, every number finite.

    Raises
    ------
    TypeError
        If the entries are not numbers.
    ValueError
        If shape or dtype is another one, or a number is NaN or infinite.
    """
    listed = isinstance(value, list | tuple | np.ma.MaskedArray)  # as_array says what is wrong
    array = as_array(value, function, name) if listed else np.asarray(value)
    if (array.shape, array.dtype) != (shape, dtype):
        raise ValueError(
            f"{function}: {name} has shape {array.shape} and dtype {array.dtype}, but shape "
            f"{shape} and {dtype} are needed; pass the state of {same}."
        )
    if not np.isfinite(array).all():
        raise ValueError(
            f"{function}: {name} holds NaN or infinity; pass a state from before that."
        )
    return array
