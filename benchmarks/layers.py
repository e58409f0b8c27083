"""The convolutional layers that are timed, and a judge of their results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

OPERATIONS = ("forward", "dX", "dw")


class Data(NamedTuple):
    """Arrays of one layer, all float32."""

    X: Array
    w: Array
    dZ: Array


@dataclass(frozen=True)
class Layer:
    """A convolutional layer with square patterns."""

    name: str
    batch: int
    depth: int
    height: int
    width: int
    patterns: int
    size: int
    stride: int = 1
    padding: int | str = 0
    groups: int = 1

    @property
    def margin(self) -> int:
        """Rows of zeros on each side of the image."""
        return (self.size - 1) // 2 if self.padding == "same" else int(self.padding)

    @property
    def positions(self) -> tuple[int, int]:
        """Rows and columns of the result."""
        rows, columns = (
            (length + 2 * self.margin - self.size) // self.stride + 1
            for length in (self.height, self.width)
        )
        return rows, columns

    @property
    def X_shape(self) -> tuple[int, int, int, int]:
        """Shape of the images."""
        return self.batch, self.depth, self.height, self.width

    @property
    def w_shape(self) -> tuple[int, int, int, int]:
        """Shape of the patterns."""
        return self.patterns, self.depth // self.groups, self.size, self.size

    @property
    def Z_shape(self) -> tuple[int, int, int, int]:
        """Shape of the result."""
        return self.batch, self.patterns, *self.positions

    @property
    def work(self) -> float:
        """Multiplications and additions of each of the three operations, by their equations."""
        rows, columns = self.positions
        window = self.depth // self.groups * self.size**2
        return 2.0 * self.batch * self.patterns * rows * columns * window

    @property
    def title(self) -> str:
        """Name and sizes in one line."""
        words = f"{self.name} {self.batch}x{self.depth}x{self.height}x{self.width}"
        words += f" {self.patterns}@{self.size}x{self.size}"
        words += f" stride {self.stride}" if self.stride > 1 else ""
        words += f" padding {self.padding}" if self.padding else ""
        return words + (f" groups {self.groups}" if self.groups > 1 else "")

    def data(self) -> Data:
        """Return the same random numbers in every run."""
        rng = np.random.default_rng(0)
        X, w, dZ = (
            rng.standard_normal(shape, np.float32)
            for shape in (self.X_shape, self.w_shape, self.Z_shape)
        )
        return Data(X, w, dZ)


LAYERS = (
    Layer("photo", 1, 3, 427, 640, 5, 5),
    Layer("colour", 64, 3, 32, 32, 5, 5),
    Layer("lenet1", 64, 1, 28, 28, 6, 5),
    Layer("lenet2", 64, 6, 12, 12, 16, 5),
    Layer("mid", 64, 16, 28, 28, 32, 3),
    Layer("wide", 16, 64, 32, 32, 64, 3),
    Layer("strided", 64, 16, 32, 32, 32, 3, stride=2, padding=1),
    Layer("same", 64, 16, 28, 28, 32, 3, padding="same"),
    Layer("depthwise", 64, 32, 28, 28, 32, 3, padding=1, groups=32),
)

# What a call costs before any work is done shows on small images.
SINGLE = (
    Layer("single", 1, 1, 28, 28, 6, 5),
    Layer("window", 1, 1, 5, 5, 1, 5),
)

# So short that a thread that must wake up first comes late; the last has small images, many depths.
SHORT = (
    *(layer for layer in LAYERS if layer.name.startswith("lenet")),
    Layer("strip", 16, 16, 14, 14, 32, 3, padding=1),
    Layer("late", 8, 128, 4, 4, 128, 3, padding=1),
)

# Parts that time other layers than `LAYERS`.
OF_PART = {"single": SINGLE, "pauses": SHORT}

# On these, the rate of a matrix product is within reach.
DEEP = ("mid", "wide")


def judge(layer: Layer, data: Data) -> dict[str, Array]:
    """Return the results in float64: one product of matrices for each entry (u, v) of a pattern."""
    X, w, dZ = (array.astype(np.float64) for array in data)
    margin, stride, groups = layer.margin, layer.stride, layer.groups
    rows, columns = layer.positions
    X = np.pad(X, [(0, 0), (0, 0), (margin, margin), (margin, margin)])
    Z, dX, dw = np.zeros(layer.Z_shape), np.zeros(X.shape), np.zeros(layer.w_shape)
    depth, patterns = layer.depth // groups, layer.patterns // groups
    for group in range(groups):
        c = slice(group * depth, (group + 1) * depth)
        k = slice(group * patterns, (group + 1) * patterns)
        dZ_rows = dZ[:, k].reshape(layer.batch, patterns, -1)
        for u in range(layer.size):
            for v in range(layer.size):
                i = slice(u, u + (rows - 1) * stride + 1, stride)
                j = slice(v, v + (columns - 1) * stride + 1, stride)
                pixels = X[:, c, i, j].reshape(layer.batch, depth, -1)
                entry = w[k, :, u, v]
                Z[:, k] += (entry @ pixels).reshape(layer.batch, patterns, rows, columns)
                dX[:, c, i, j] += (entry.T @ dZ_rows).reshape(layer.batch, depth, rows, columns)
                dw[k, :, u, v] = (dZ_rows @ pixels.transpose(0, 2, 1)).sum(axis=0)
    dX = dX[:, :, margin : margin + layer.height, margin : margin + layer.width]
    return {"forward": Z, "dX": dX, "dw": dw}


def magnitudes(layer: Layer, data: Data) -> dict[str, Array]:
    """Return the results that absolute values would give: the scale of every rounding error."""
    return judge(layer, Data(*map(np.abs, data)))
