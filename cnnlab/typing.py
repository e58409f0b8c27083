"""Kinds of arguments and results, by the names that stand in signatures.

For type checkers, and for the signatures of functions that call those of this package. What a
checker cannot know (how many entries a shape has, that True is no number) the functions check.
"""

from collections.abc import Sequence
from typing import Any, Literal, SupportsIndex, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

__all__ = [
    "Array",
    "ArrayLike",
    "Backend",
    "DTypeLike",
    "Flag",
    "Integer",
    "Number",
    "Padding",
    "Pair",
    "Seed",
    "Shape",
]

#: What functions return: an array. (Of NDArray[Any], which says the same, pyright knows no `real`.)
Array: TypeAlias = np.ndarray[tuple[Any, ...], Any]

#: Where operations come from: `cnnlab.fast`, `cnnlab.reference`, or an object with those functions
#: of theirs that are asked for.
Backend: TypeAlias = Any

#: True or False.
Flag: TypeAlias = bool | np.bool

#: An integer of Python or of NumPy.
Integer: TypeAlias = SupportsIndex

#: A real number of Python or of NumPy.
Number: TypeAlias = float | np.floating[Any] | np.integer[Any]

#: One integer for both, or (rows, columns).
Pair: TypeAlias = Integer | Sequence[Integer] | NDArray[np.integer[Any]]

#: Also ((top, bottom), (left, right)), or a word.
Padding: TypeAlias = Pair | Sequence[Sequence[Integer]] | Literal["valid", "same", "full"]

#: Sizes of an array, one for each axis.
Shape: TypeAlias = Sequence[Integer] | NDArray[np.integer[Any]]

#: Where random numbers come from: an integer of at least 0 to begin with, or what goes on drawing.
Seed: TypeAlias = int | np.integer[Any] | np.random.Generator
