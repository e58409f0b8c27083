"""The table of cases that every operation runs through, in both backends.

Non-square images and patterns, P != D, P > 1, one pattern and one depth, patterns as large as the
image and as small as a pixel, an empty batch; strides, paddings, dilations and groups. Small, so
that the loops stay quick, and the kernels too when they run as plain Python.
"""

from typing import NamedTuple

import numpy as np

from cnnlab.operations import OPERATIONS


class Conv(NamedTuple):
    """Shapes and options of one convolutional layer.

    `positions` and `margins` are worked out on paper where the options change them.
    """

    name: str
    B: int
    D: int
    M: int
    N: int
    P: int
    m: int
    n: int
    stride: object = 1
    padding: object = 0
    dilation: object = 1
    groups: int = 1
    positions: tuple[int, int] | None = None
    margins: tuple = ((0, 0), (0, 0))

    @property
    def options(self):
        names = "stride", "padding", "dilation", "groups"
        return {name: getattr(self, name) for name in names}

    @property
    def X_shape(self):
        return self.B, self.D, self.M, self.N

    @property
    def w_shape(self):
        return self.P, self.D // self.groups, self.m, self.n

    @property
    def Z_shape(self):
        plain = self.M - self.m + 1, self.N - self.n + 1
        return self.B, self.P, *(self.positions or plain)


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

# fmt: off
GEOMETRY = [
    Conv("stride 2, a rest", 2, 3, 7, 8, 4, 3, 2, stride=2, positions=(3, 4)),
    Conv("stride leaves gaps", 1, 2, 8, 9, 3, 2, 2, stride=(3, 4), positions=(3, 2)),
    Conv("zeros around", 2, 2, 4, 5, 3, 3, 3,
         padding=1, positions=(4, 5), margins=((1, 1), (1, 1))),
    Conv("zeros on two sides only", 1, 2, 5, 4, 2, 2, 3,
         padding=((1, 0), (0, 2)), positions=(5, 4), margins=((1, 0), (0, 2))),
    Conv("more columns of zeros than rows", 1, 2, 5, 4, 2, 2, 3,
         padding=[1, 2], positions=(6, 6), margins=((1, 1), (2, 2))),
    Conv("same, even pattern", 2, 1, 5, 6, 2, 2, 4,
         padding="same", positions=(5, 6), margins=((0, 1), (1, 2))),
    Conv("same, stride 2", 1, 2, 7, 8, 3, 3, 2,
         stride=2, padding="same", positions=(4, 4), margins=((1, 1), (0, 0))),
    Conv("same, stride larger than the pattern", 1, 2, 7, 8, 3, 1, 2,
         stride=3, padding="same", positions=(3, 3)),
    Conv("full", 2, 2, 3, 4, 3, 2, 3,
         padding="full", positions=(4, 6), margins=((1, 1), (2, 2))),
    Conv("full, dilation", 1, 2, 3, 4, 3, 2, 3,
         padding="full", dilation=(3, 2), positions=(6, 8), margins=((3, 3), (4, 4))),
    Conv("pattern larger than the image", 1, 2, 2, 3, 2, 4, 4,
         padding=2, positions=(3, 4), margins=((2, 2), (2, 2))),
    Conv("dilation", 2, 2, 7, 8, 3, 3, 2, dilation=(2, 3), positions=(3, 5)),
    Conv("two groups", 2, 4, 5, 6, 6, 2, 3, groups=2),
    Conv("one depth each", 2, 3, 5, 4, 3, 2, 2, groups=3),
    Conv("one depth each, two patterns", 1, 3, 4, 5, 6, 2, 2, groups=3),
    Conv("everything at once", 2, 4, 9, 8, 6, 3, 2,
         stride=(2, 1), padding=((2, 1), (0, 3)), dilation=(2, 3), groups=2,
         positions=(4, 8), margins=((2, 1), (0, 3))),
    Conv("windows wholly on zeros", 1, 2, 3, 2, 2, 2, 2,
         stride=2, padding=4, positions=(5, 5), margins=((4, 4), (4, 4))),
    Conv("empty batch with options", 0, 2, 5, 6, 4, 2, 2,
         stride=2, padding=1, groups=2, positions=(3, 4), margins=((1, 1), (1, 1))),
]
# fmt: on

DENSE = [
    Dense("one of each", 1, 1, 1),
    Dense("more inputs", 3, 7, 2),
    Dense("more outputs", 2, 3, 11),
    Dense("large batch", 19, 5, 4),
    Dense("empty batch", 0, 4, 3),
]

# The functions that work entry by entry.
ACTIVATIONS = [operation.name for operation in OPERATIONS if operation.entrywise]

# Shapes for what works entry by entry or along the last axis.
SHAPES = [(3,), (2, 5), (0, 4), (2, 3, 4), (2, 1, 3, 5)]


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
