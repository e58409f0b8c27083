"""Layers and scores that Hypothesis draws, valid by construction.

Sizes, strides, dilations, uneven paddings and groups; images and windows are never square.
"""

from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st
from support.accuracy import unit_roundoff
from support.cases import integers

DTYPES = st.sampled_from([np.float32, np.float64])


class Axis(NamedTuple):
    """Rows or columns of a layer."""

    size: int
    window: int
    stride: int
    dilation: int
    before: int
    after: int

    @property
    def extent(self):
        return (self.window - 1) * self.dilation + 1

    @property
    def padded(self):
        return self.before + self.size + self.after

    @property
    def positions(self):
        return (self.padded - self.extent) // self.stride + 1

    @property
    def rest(self):
        """Pixels at the end that no window reaches."""
        return (self.padded - self.extent) % self.stride


class Layer(NamedTuple):
    """A layer of windows over images, for convolutions and for pooling."""

    B: int
    groups: int
    depth: int  # of a pattern: D // groups
    patterns: int  # of a group: P // groups
    rows: Axis
    columns: Axis
    dtype: type
    seed: int

    @property
    def D(self):
        return self.groups * self.depth

    @property
    def P(self):
        return self.groups * self.patterns

    @property
    def size(self):
        return self.rows.window, self.columns.window

    @property
    def stride(self):
        return self.rows.stride, self.columns.stride

    @property
    def dilation(self):
        return self.rows.dilation, self.columns.dilation

    @property
    def padding(self):
        return (self.rows.before, self.rows.after), (self.columns.before, self.columns.after)

    @property
    def options(self):
        names = "stride", "padding", "dilation", "groups"
        return {name: getattr(self, name) for name in names}

    @property
    def pooling(self):
        return {name: getattr(self, name) for name in ("stride", "padding")}

    @property
    def without_dilation(self):
        rows, columns = (axis._replace(dilation=1) for axis in (self.rows, self.columns))
        return self._replace(rows=rows, columns=columns)

    @property
    def X_shape(self):
        return self.B, self.D, self.rows.size, self.columns.size

    @property
    def padded_shape(self):
        return self.B, self.D, self.rows.padded, self.columns.padded

    @property
    def w_shape(self):
        return self.P, self.depth, *self.size

    @property
    def Z_shape(self):
        return self.B, self.P, self.rows.positions, self.columns.positions

    @property
    def rng(self):
        """A generator that starts anew each time."""
        return np.random.default_rng(self.seed)

    def draw(self, *shapes):
        """Random small integers, one array for each shape."""
        rng = self.rng
        return [integers(rng, shape, self.dtype) for shape in shapes]

    def noise(self, *shapes):
        """Random real numbers."""
        rng = self.rng
        return [rng.standard_normal(shape).astype(self.dtype) for shape in shapes]


@st.composite
def layers(draw):
    """Draw a layer; the image is made large enough for its windows, never the other way round."""
    axes = []
    for window in draw(st.permutations([1, 2, 3]))[:2]:
        step = draw(st.integers(1, 3))
        before, after = draw(st.integers(0, 3)), draw(st.integers(0, 3))
        extent = (window - 1) * step + 1
        size = max(extent - before - after, 1) + draw(st.integers(0, 3))
        axes.append(Axis(size, window, draw(st.integers(1, 3)), step, before, after))
    rows, columns = axes
    if rows.size == columns.size:
        columns = columns._replace(size=columns.size + 1)
    few = st.integers(1, 2)
    return Layer(
        draw(few), draw(few), draw(few), draw(few), rows, columns,
        draw(DTYPES), draw(st.integers(0, 2**32 - 1)),
    )  # fmt: skip


def pad(X, padding, value=0):
    """Put rows and columns around images."""
    return np.pad(X, ((0, 0), (0, 0), *padding), constant_values=value)


def spread(array, step):
    """Put zeros in between, step - 1 of them between two rows, and columns likewise."""
    sizes = [(size - 1) * s + 1 for size, s in zip(array.shape[2:], step, strict=True)]
    out = np.zeros((*array.shape[:2], *sizes), array.dtype)
    out[:, :, :: step[0], :: step[1]] = array
    return out


class Rows(NamedTuple):
    """Scores: real numbers, and integers, whose differences are exact."""

    Z: np.ndarray
    whole: np.ndarray
    labels: np.ndarray
    u: float


@st.composite
def rows(draw):
    B, classes = draw(st.integers(1, 5)), draw(st.integers(1, 7))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    dtype = draw(DTYPES)
    Z = (draw(st.sampled_from([0.01, 1, 6])) * rng.standard_normal((B, classes))).astype(dtype)
    whole, labels = integers(rng, (B, classes), dtype), rng.integers(classes, size=B)
    return Rows(Z, whole, labels, float(unit_roundoff(dtype)))
