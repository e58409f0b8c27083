"""The table of cases that every operation runs through, in both backends.

Non-square images and patterns, P != D, P > 1, one pattern and one depth, patterns as large as the
image and as small as a pixel, an empty batch. Small, so that the loops stay quick, and the kernels
too when they run as plain Python.
"""

from typing import NamedTuple

import numpy as np
import pytest


class Conv(NamedTuple):
    """Shapes of one convolutional layer."""

    name: str
    B: int
    D: int
    M: int
    N: int
    P: int
    m: int
    n: int

    @property
    def X_shape(self):
        return self.B, self.D, self.M, self.N

    @property
    def w_shape(self):
        return self.P, self.D, self.m, self.n

    @property
    def Z_shape(self):
        return self.B, self.P, self.M - self.m + 1, self.N - self.n + 1


class Dense(NamedTuple):
    """Shapes of one dense layer."""

    name: str
    B: int
    inputs: int
    outputs: int


CONV = [
    Conv("one pixel", 1, 1, 1, 1, 1, 1, 1),
    Conv("one pattern, one depth", 1, 1, 4, 5, 1, 2, 3),
    Conv("more patterns than depths", 2, 2, 5, 7, 3, 3, 2),
    Conv("more depths than patterns", 2, 4, 6, 4, 3, 2, 3),
    Conv("pattern as large as the image", 3, 2, 3, 4, 5, 3, 4),
    Conv("pattern as wide as the image", 2, 3, 6, 4, 2, 2, 4),
    Conv("pattern as high as the image", 2, 3, 4, 6, 2, 4, 2),
    Conv("pattern of one pixel", 2, 3, 4, 5, 4, 1, 1),
    Conv("one row", 2, 2, 1, 9, 3, 1, 4),
    Conv("one column", 2, 2, 9, 1, 3, 4, 1),
    Conv("wide rows", 1, 1, 3, 41, 2, 2, 5),
    Conv("empty batch", 0, 2, 5, 4, 3, 2, 2),
]

DENSE = [
    Dense("one of each", 1, 1, 1),
    Dense("more inputs", 3, 7, 2),
    Dense("more outputs", 2, 3, 11),
    Dense("large batch", 19, 5, 4),
    Dense("empty batch", 0, 4, 3),
]

# Shapes for what works entry by entry or along the last axis.
SHAPES = [(3,), (2, 5), (0, 4), (2, 3, 4), (2, 1, 3, 5)]


def each(cases):
    """Parametrize a test with `case`, named in the report."""
    return pytest.mark.parametrize("case", cases, ids=lambda case: case.name)


def integers(rng, shape, dtype=np.float64):
    """Random small integers as floats: their sums of products are exact in every order."""
    return rng.integers(-5, 6, shape).astype(dtype)


def layouts(array):
    """The same numbers in every memory layout that a caller may pass, by name."""
    padded = np.zeros(tuple(2 * size for size in array.shape), array.dtype)
    every_other = padded[tuple(slice(None, None, 2) for _ in array.shape)]
    every_other[...] = array
    backwards = np.ascontiguousarray(array[..., ::-1])[..., ::-1]
    read_only = array.copy()
    read_only.flags.writeable = False
    # One byte further than a number may start.
    bytes_ = np.zeros(array.nbytes + 1, np.uint8)
    unaligned = bytes_[1:].view(array.dtype).reshape(array.shape)
    unaligned[...] = array
    return {
        "Fortran order": np.asfortranarray(array),
        "every other entry": every_other,
        "negative stride": backwards,
        "read-only": read_only,
        "unaligned": unaligned,
        "byte-swapped": array.astype(array.dtype.newbyteorder()),
        "nested list": array.tolist() if array.size else array,
    }
