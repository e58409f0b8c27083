"""Poolings: the table of cases, and windows cut by hand."""

from typing import NamedTuple

import numpy as np


class Pool(NamedTuple):
    """One pooling; `margin` and `positions` are what the options come to, worked out by hand."""

    name: str
    B: int
    D: int
    M: int
    N: int
    size: int | tuple
    positions: tuple[int, int]
    margin: tuple = ((0, 0), (0, 0))
    stride: int | tuple | None = None
    padding: int | str | tuple = 0
    dilation: int | tuple = 1
    ceil_mode: bool = False

    @property
    def X_shape(self):
        return self.B, self.D, self.M, self.N

    @property
    def Y_shape(self):
        return self.B, self.D, *self.positions

    @property
    def window(self):
        """(m, n)."""
        return pair(self.size)

    @property
    def steps(self):
        """The stride as a pair."""
        return self.window if self.stride is None else pair(self.stride)

    @property
    def options(self):
        """Keyword arguments of both poolings."""
        return {"stride": self.stride, "padding": self.padding, "ceil_mode": self.ceil_mode}

    @property
    def max_options(self):
        """Keyword arguments of `max_pool2d`."""
        return {**self.options, "dilation": self.dilation}


def pair(value):
    return value if isinstance(value, tuple) else (value, value)


def ragged(top, bottom, left, right):
    """A margin and the padding that says the same, for cases whose padding is written out."""
    return {"margin": ((top, bottom), (left, right)), "padding": ((top, bottom), (left, right))}


POOL = [
    Pool("one pixel", 1, 1, 1, 1, 1, (1, 1)),
    Pool("halves", 2, 3, 4, 6, 2, (2, 3)),
    Pool("odd rests", 2, 2, 5, 7, 2, (2, 3)),
    Pool("window as large as the image", 3, 2, 3, 4, (3, 4), (1, 1)),
    Pool("one row", 2, 2, 1, 9, (1, 4), (1, 3), stride=(1, 2)),
    Pool("one column", 2, 2, 9, 1, (4, 1), (3, 1), stride=(2, 1)),
    Pool("wide rows", 1, 1, 3, 41, (2, 3), (2, 20), stride=(1, 2)),
    Pool("overlap", 2, 2, 6, 7, (3, 2), (2, 6), stride=(2, 1)),
    Pool("gaps", 1, 2, 8, 9, 2, (3, 2), stride=(3, 4)),
    Pool("padding", 2, 2, 5, 6, 3, (3, 3), ((1, 1), (1, 1)), stride=2, padding=1),
    Pool("padding of columns", 1, 2, 4, 5, (2, 3), (2, 3), ((0, 0), (2, 2)), padding=(0, 2)),
    Pool("padding of two sides", 2, 1, 4, 5, (3, 2), (3, 6), **ragged(0, 1, 2, 0), stride=1),
    Pool("windows on padding", 1, 2, 4, 5, 2, (4, 4), **ragged(3, 2, 0, 4)),
    Pool("valid", 1, 2, 4, 5, (2, 3), (3, 3), stride=1, padding="valid"),
    Pool("same", 2, 1, 5, 6, (2, 3), (3, 2), ((0, 1), (0, 0)), padding="same"),
    Pool("same, overlap", 1, 2, 4, 5, (2, 4), (4, 5), ((0, 1), (1, 2)), stride=1, padding="same"),
    Pool("same, gaps", 1, 1, 7, 8, 2, (3, 2), ((0, 1), (0, 0)), stride=(3, 4), padding="same"),
    Pool("full", 1, 2, 3, 4, (2, 3), (4, 6), ((1, 1), (2, 2)), stride=1, padding="full"),
    Pool("rounded up", 2, 2, 5, 7, 2, (3, 4), ceil_mode=True),
    Pool("rounded up, no rest", 1, 2, 6, 5, (2, 3), (3, 2), stride=2, ceil_mode=True),
    Pool(
        # Rows: a third window would start on the padding below the image.
        "rounded up, starts on padding",
        *(1, 2, 5, 7, (2, 3), (2, 4), ((1, 1), (1, 1))),
        stride=(3, 2),
        padding=1,
        ceil_mode=True,
    ),
    Pool(
        "rounded up, padding of two sides",
        *(2, 1, 7, 5, (3, 2), (4, 2)),
        **ragged(1, 0, 0, 2),
        stride=(2, 3),
        ceil_mode=True,
    ),
    Pool(
        "rounded up, over padding", 1, 2, 4, 6, 3, (3, 3), **ragged(1, 1, 1, 0), ceil_mode=True
    )._replace(stride=2),
    Pool("rounded up, gaps", 1, 1, 5, 6, (1, 2), (2, 2), stride=4, ceil_mode=True),
    Pool("empty batch", 0, 2, 5, 4, 2, (2, 2)),
]

DILATED = [
    Pool("dilation", 1, 2, 6, 7, (2, 3), (3, 3), stride=1, dilation=(3, 2)),
    Pool("dilation, default stride", 1, 2, 6, 9, 2, (2, 3), dilation=3),
    Pool(
        "dilation, stride and padding",
        *(2, 2, 5, 8, 3, (3, 2), ((2, 2), (1, 1))),
        stride=(2, 3),
        padding=(2, 1),
        dilation=(2, 3),
    ),
    Pool(
        "dilation, same",
        *(1, 2, 5, 6, 3, (3, 3), ((2, 2), (1, 2))),
        stride=2,
        padding="same",
        dilation=2,
    ),
    Pool(
        "dilation, full",
        *(1, 1, 2, 3, 2, (4, 6), ((2, 2), (3, 3))),
        stride=1,
        padding="full",
        dilation=(2, 3),
    ),
    Pool(
        "dilation, rounded up",
        *(1, 2, 6, 7, 2, (2, 3)),
        stride=(3, 2),
        dilation=3,
        ceil_mode=True,
    ),
    Pool(
        # The middle window has an entry left and one right of the only pixel.
        "dilation around the image",
        *(1, 2, 3, 1, (1, 2), (3, 3), ((0, 0), (2, 2))),
        stride=1,
        padding=(0, 2),
        dilation=2,
    ),
    Pool("dilation, empty batch", 0, 1, 5, 6, 2, (2, 1), stride=2, dilation=(2, 4)),
]

# Rows of windows short and long, several blocks of them, steps and sizes on both sides of what has
# a kernel of its own, and windows as wide as the image.
LAYOUTS = [
    Pool("steps of 1", 2, 3, 9, 21, 3, (9, 21), stride=1, padding=1),
    Pool("steps of 2", 3, 5, 24, 24, 2, (12, 12)),
    Pool("steps of 2, overlap", 2, 3, 8, 9, 3, (4, 5), stride=2, padding=1),
    Pool("steps of 3, uneven padding", 1, 2, 7, 19, (2, 4), (3, 7), **ragged(0, 1, 2, 1), stride=3),
    Pool("steps of 4, gaps", 1, 2, 6, 30, (1, 3), (6, 7), stride=(1, 4)),
    Pool("steps of 5", 1, 2, 6, 30, (2, 3), (3, 6), stride=(2, 5)),
    Pool("more windows than a block", 1, 1, 4, 203, 2, (3, 202), stride=1),
    Pool("pixels to the right of all windows", 1, 3, 5, 16, 2, (2, 5), stride=(2, 3)),
    Pool("the same, padding", 1, 3, 5, 15, 2, (2, 5), **ragged(0, 0, 1, 0), stride=(2, 3)),
    Pool("more padding than image", 1, 2, 3, 4, (2, 8), (4, 7), ((1, 1), (5, 5)), 1, (1, 5)),
    Pool("rounded up, steps of 2", 1, 2, 7, 11, 2, (4, 6), ceil_mode=True),
    Pool("16 entries", 1, 2, 9, 12, 4, (6, 9), stride=1),
    Pool("20 entries", 1, 2, 9, 12, (4, 5), (6, 8), stride=1),
    Pool("as wide as the image", 2, 2, 9, 7, (2, 7), (4, 1), stride=(2, 3)),
    Pool("as wide as the image, padding", 2, 2, 9, 7, (3, 7), (5, 1), ((1, 1), (0, 0)))._replace(
        stride=(2, 1), padding=(1, 0)
    ),
    Pool("one pixel wide", 1, 3, 12, 1, (2, 1), (6, 1)),
    Pool("the whole image", 3, 2, 11, 13, (11, 13), (1, 1)),
]

NOT_EMPTY = [case for case in POOL if case.B]


def surround(case, X, padding, beyond):
    """Put images on planes of `padding`, with `beyond` for what hangs over at the end."""
    (top, bottom), (left, right) = case.margin
    high, wide = top + case.M + bottom, left + case.N + right
    (m, n), (gap, gap_n) = case.window, pair(case.dilation)
    planes = np.full((*X.shape[:2], high + m * gap, wide + n * gap_n), beyond, X.dtype)
    planes[:, :, :high, :wide] = padding
    planes[:, :, top : top + case.M, left : left + case.N] = X
    return planes


def at_positions(case, planes):
    """Keep what stands where a window begins."""
    (rows, columns), (down, right) = case.positions, case.steps
    return planes[:, :, ::down, ::right][:, :, :rows, :columns]


def windows(case, planes):
    """Every window with its entries in row-major order, along the last axis."""
    (m, n), (gap, gap_n) = case.window, pair(case.dilation)
    extent = (m - 1) * gap + 1, (n - 1) * gap_n + 1
    views = np.lib.stride_tricks.sliding_window_view(planes, extent, axis=(2, 3))
    views = at_positions(case, views[..., ::gap, ::gap_n])
    return views.reshape(*views.shape[:4], m * n)
