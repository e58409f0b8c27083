"""Which way a convolution goes: guesses of the time that each takes, and the shortest of them.

- In rows (`cnnlab.fast.search`, `cnnlab.fast.correlate`): vectors hold positions that lie side by
  side. Where rows are long, nothing is as fast.
- In blocks (`cnnlab.fast.blocked`): vectors hold patterns. Where images are small and deep.
- By windows (`cnnlab.fast.windows`): all weights are read once. Where few small images meet many.

The constants are nanoseconds (measured: 3,000 layers on one machine, each on all ways
that it can go). A better guess makes a layer faster and changes the last digits of its result.
"""

import functools
import math

import numpy as np

from cnnlab.fast.blocked import blocked_tile
from cnnlab.fast.layout import steps
from cnnlab.fast.tiles import PRODUCTS_IN_A_ROW, tile_shape, time_of_step
from cnnlab.fast.vectors import BYTES
from cnnlab.fast.windows import are_few

ROWS, BLOCKS, WINDOWS = "rows", "blocks", "windows"

# With more positions, rows are long enough in any case. And blocks are copies of whole images, and
# keep a table of all pairs: neither shall be large.
POSITIONS = 1024
PIXELS = 2**14
PAIRS = 2**18


@functools.lru_cache(maxsize=1024)
def way(operation, image, w_shape, maps, geometry, itemsize):
    """Return the shortest way of an operation: "forward", "dX" or "dw".

    `image` is the shape of what is searched (B, D, M, N), `maps` that of the response maps.
    """
    positions = maps[2:]
    if geometry.groups > 1 or not 0 < math.prod(positions) <= POSITIONS or 0 in image + maps:
        return ROWS
    large = math.prod(image[2:]) > PIXELS or math.prod(positions + w_shape[2:]) > PAIRS
    lanes = BYTES // itemsize
    if operation == "dw":
        guesses = {ROWS: _correlate(image, w_shape, maps, lanes)}
    else:
        guesses = {ROWS: _search(operation, image, w_shape, maps, geometry.stride, lanes)}
    if not large:
        guesses[BLOCKS] = _blocks(operation, image, w_shape, maps, geometry, itemsize)
    if are_few(positions, w_shape, geometry):
        guesses[WINDOWS] = _windows(image, w_shape, maps, lanes)
    return min(guesses, key=guesses.get)


def _search(operation, image, w_shape, maps, stride, lanes):
    """Guess the time of `search`."""
    B, D = image[:2]
    P, _, m, n = w_shape
    patterns, depth, phases, size = P, D, 1, maps[2:]
    if operation == "dX":
        phases = math.prod(stride)
        patterns, depth, size = D, P, [-(-image[2 + axis] // stride[axis]) for axis in (0, 1)]
    rows, vectors = tile_shape(patterns)
    blocks, taps = -(-patterns // rows), depth * m * n / phases
    length = math.prod(size)
    full, rest = divmod(length, vectors * lanes)
    step = full * time_of_step(rows, vectors)
    if rest:
        step += time_of_step(rows, 1 if rest <= lanes else vectors)
    tiles = blocks * -(-length // (vectors * lanes)) * (1 + taps // PRODUCTS_IN_A_ROW)
    each = (
        0.22 * blocks * step * taps
        + 2 * depth * n * size[0]  # rows laid out
        + 2.5 * patterns * size[0]  # and put down
        + 49 * tiles
    )
    return 9_000 + B * phases * each + 0.95 * P * D * m * n


def _correlate(image, w_shape, maps, lanes):
    """Guess the time of `correlate`."""
    B, D = image[:2]
    rows, columns = maps[2:]
    entries = math.prod(w_shape)
    vectors = -(-rows * columns // lanes)
    each = entries * (0.33 * vectors + 0.29) + 4.6 * D * w_shape[2] * rows
    return 13_400 + B * each + 8.7 * entries


def _blocks(operation, image, w_shape, maps, geometry, itemsize):
    """Guess the time of `blocked`."""
    B, P, D = image[0], w_shape[0], w_shape[1]
    rows, patterns, length = {"forward": (B, P, D), "dX": (B, D, P), "dw": (D, P, B)}[operation]
    time, height, width = blocked_tile(rows, patterns, itemsize)
    blocks = -(-rows // height) * -(-patterns * itemsize // (width * BYTES))
    pairs = math.prod(
        _pairs(*along)
        for along in zip(image[2:], w_shape[2:], maps[2:], *steps(geometry), strict=True)
    )
    X, w, Z = map(math.prod, (image, w_shape, maps))
    left, right, cells = {
        "forward": (X, w, maps[2:]),
        "dX": (Z, w, image[2:]),
        "dw": (X, Z, w_shape[2:]),
    }[operation]
    return (
        13_500
        + pairs * (0.24 * time * length + 2 * blocks)
        + 0.74 * left
        + 0.55 * right
        + 14 * blocks * math.prod(cells) * height * width
        + (2.2 * w if operation == "dw" else 0)  # sums in few cells lie far apart in the result
    )


def _pairs(pixels, taps, positions, stride, corner, dilation):
    """Return how often a tap meets a pixel, in rows or in columns."""
    met = np.add.outer(np.arange(positions) * stride, np.arange(taps) * dilation) - corner
    return np.count_nonzero((met >= 0) & (met < pixels))


def _windows(image, w_shape, maps, lanes):
    """Guess the time of `windows`."""
    entries = math.prod(w_shape)
    rows = image[0] * math.prod(maps[2:])
    return 21_500 + 0.15 * entries + rows * (0.37 * entries / lanes + 1.2 * entries / w_shape[0])
