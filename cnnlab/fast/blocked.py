"""Small images, many depths: a product of matrices for each place, with both factors in blocks.

Where an image has few positions, no run of them fills a vector, and much of what is laid out for
the search is padding. Here vectors hold what belongs to several patterns instead, and the rows of a
tile to several samples. So each position has exactly the pixels that it meets, and none outside the
image. All three operations are one sum,

    out[r, k, cell] = bias[k] + sum over the pairs (p, t) of the cell, and over c, of
        left[r, p, c] right[k, t, c]

=========  ======  =======  =======  ========  ========  ========
operation  r       k        c        p         t         cell
=========  ======  =======  =======  ========  ========  ========
forward    sample  pattern  depth    pixel     tap       position
dL/dX      sample  depth    pattern  position  tap       pixel
dL/dw      depth   pattern  sample   pixel     position  tap
=========  ======  =======  =======  ========  ========  ========

where a tap is an entry of the pattern, and a pair is a pixel with the tap that it meets at that
position. Both factors are packed: what a tile reads lies in a row (the field says: blocked layout).
"""

import functools
import math
from typing import NamedTuple

import numpy as np

from cnnlab.fast.addresses import multiply_add, multiply_add_tile, transpose, transpose_tile
from cnnlab.fast.jit import kernel, part_of_kernel
from cnnlab.fast.layout import steps
from cnnlab.fast.threads import share
from cnnlab.fast.tiles import PRODUCTS_IN_A_ROW, nanoseconds
from cnnlab.fast.vectors import BYTES, REGISTERS

# Rough time of moving a number from one layout into another.
NANOSECONDS = 0.6

# So many products of an entry of dL/dw are added up in the dtype of the arrays.
PRODUCTS = 4096


class Factor(NamedTuple):
    """An array, and how far it is from entry to entry along its axes; places lie side by side."""

    array: np.ndarray
    entries: int  # rows, or lanes
    pitch: int
    length: int  # of the axis that is summed over
    step: int
    places: int
    turned: bool = False  # whether places are packed last to first


def search_blocked(X, w, b, geometry, Z):
    """Write the response maps of a search."""
    P, D, m, n = w.shape
    weights = Factor(w, P, D * m * n, D, m * n, m * n)
    pairs = pair_up(X.shape[2:], w.shape[2:], Z.shape[2:], steps(geometry), "position")
    positions = Z.shape[2] * Z.shape[3]
    multiply_blocks(_by_sample(X), weights, b, pairs, Z, (P * positions, positions))


def lay_blocked(source, w, b, geometry, target):
    """Lay patterns on the target, each times an entry of the source."""
    P, D, m, n = w.shape
    weights = Factor(w, D, m * n, P, D * m * n, m * n, turned=True)
    pairs = pair_up(target.shape[2:], w.shape[2:], source.shape[2:], steps(geometry), "pixel")
    pixels = target.shape[2] * target.shape[3]
    multiply_blocks(_by_sample(source), weights, b, pairs, target, (D * pixels, pixels))


def correlate_blocked(dZ, X, w_shape, geometry):
    """Return dL/dw in float64, the sum of portions of images."""
    P, D, m, n = w_shape
    pairs = pair_up(X.shape[2:], w_shape[2:], dZ.shape[2:], steps(geometry), "tap")
    at_once = max(PRODUCTS // math.prod(geometry.positions), 1)
    zeros = np.zeros(P, X.dtype)
    total = np.zeros(w_shape)
    for begin in range(0, len(X), at_once):
        samples = slice(begin, begin + at_once)
        part = np.empty(w_shape, X.dtype)
        left, right = _by_depth(X[samples]), _by_depth(dZ[samples])
        multiply_blocks(left, right, zeros, pairs, part, (m * n, D * m * n))
        total += part
    return total


def _by_sample(maps):
    """Return maps as a factor with a row for each sample."""
    B, C, M, N = maps.shape
    return Factor(maps, B, C * M * N, C, M * N, M * N)


def _by_depth(maps):
    """Return maps as a factor with a row for each depth."""
    B, C, M, N = maps.shape
    return Factor(maps, C, M * N, B, C * M * N, M * N)


class Pairs(NamedTuple):
    """Which places meet, cell by cell."""

    begins: np.ndarray  # where the runs of each cell begin, and where the last one ends
    runs: np.ndarray  # p and t of the first pair, and in how many pairs both go on side by side
    number: int


@functools.lru_cache(maxsize=256)
def pair_up(image, window, positions, geometry, cell):
    """Return which places meet in each cell: a position, a pixel or a tap."""
    stride, corner, dilation = geometry
    i, j, u, v = (
        axis.reshape(-1)
        for axis in np.meshgrid(*map(np.arange, (*positions, *window)), indexing="ij")
    )
    row = i * stride[0] - corner[0] + u * dilation[0]
    column = j * stride[1] - corner[1] + v * dilation[1]
    inside = (row >= 0) & (row < image[0]) & (column >= 0) & (column < image[1])
    pixel = (row * image[1] + column)[inside]
    position = (i * positions[1] + j)[inside]
    tap = (u * window[1] + v)[inside]
    last_tap = window[0] * window[1] - 1
    cells, p, t, count = {
        "position": (position, pixel, tap, positions),
        "pixel": (pixel, position, last_tap - tap, image),
        "tap": (tap, pixel, position, window),
    }[cell]
    order = np.lexsort((t, cells))
    cells, p, t = cells[order], p[order], t[order]
    goes_on = (np.diff(cells) == 0) & (np.diff(p) == 1) & (np.diff(t) == 1)
    first = np.flatnonzero(np.concatenate([[True], ~goes_on])[: len(p)])
    lengths = np.diff(np.append(first, len(p)))
    begins = np.searchsorted(cells[first], np.arange(math.prod(count) + 1))
    return Pairs(begins, np.stack([p[first], t[first], lengths], axis=1), len(p))


@functools.cache
def blocked_tile(rows, lanes_needed, itemsize):
    """Return the time of a step for so many rows and lanes, and (rows, vectors) of the best tile.

    The unit of time is half a cycle. A tile does two multiply-adds and two loads in a cycle; but a
    vector from the second cache takes one and a half, and a sum can go on every fourth cycle.
    """
    rows = max(rows, 1)
    needed = max(-(-lanes_needed * itemsize // BYTES), 1)
    shapes = []
    for height in range(1, min(rows, 8) + 1):
        for width in range(1, min(needed, 8, (REGISTERS - 1) // (height + 1)) + 1):
            step = max(height * width, height + width, 3 * width, 8)
            shapes.append((-(-rows // height) * -(-needed // width) * step, -height, -width))
    time, height, width = min(shapes)
    return time, -height, -width


def multiply_blocks(left, right, bias, pairs, out, pitches):
    """Write the sum above to `out`, whose pitches are those from row to row and from k to k."""
    dtype = out.dtype
    _, rows, vectors = blocked_tile(left.entries, right.entries, dtype.itemsize)
    lanes = vectors * (BYTES // dtype.itemsize)
    row_blocks, lane_blocks = -(-left.entries // rows), -(-right.entries // lanes)
    products = left.entries * lane_blocks * lanes * pairs.number * left.length
    share(
        multiply,
        row_blocks * lane_blocks,
        nanoseconds(products, rows) + NANOSECONDS * out.size,
        multiply_add_tile(rows, vectors, dtype),
        transpose_tile(min(len(pairs.begins) - 1, BYTES // dtype.itemsize), dtype),
        pack(left, rows),
        (left.entries, left.length, left.places * left.length),
        pack(right, lanes),
        (right.entries, right.places * right.length),
        bias,
        pairs.begins,
        pairs.runs,
        out.reshape(-1),
        pitches,
    )


def pack(factor, together):
    """Return a factor in blocks of so many rows (or lanes), which lie side by side."""
    blocks = -(-factor.entries // together)
    dtype = factor.array.dtype
    # So many rows become columns at once: as many as fit into a vector, and divide a block.
    lanes = BYTES // dtype.itemsize
    at_once = [rows for rows in range(1, lanes + 1) if together % rows == 0]
    packed = np.empty((blocks * factor.places * factor.length + 1) * together, dtype)
    side_by_side = factor.length, factor.step, factor.places
    if factor.places == 1 and factor.step == 1:
        side_by_side = 1, 1, factor.length
    share(
        write_blocks,
        blocks,
        NANOSECONDS * packed.size,
        transpose_tile(max(at_once), dtype),
        factor.array.reshape(-1),
        factor.entries,
        factor.pitch,
        *side_by_side,
        factor.turned and factor.places > 1,
        together,
        packed,
    )
    return packed


@kernel
def write_blocks(
    first, last, tile, array, count, pitch, length, step, places, turned, together, packed
):
    """Write the blocks of a factor one after the other: by place, by what is summed over, by row.

    Behind the last row there are zeros. Room for one entry of a block comes first, see `multiply`.
    """
    # An item is a block.
    lanes = BYTES // packed.itemsize
    height = tile[0]
    size = places * length * together
    onward = -length * together if turned else length * together  # from place to place
    for item in range(first, last):
        here = min(count - item * together, together)
        origin = together + item * size
        if turned:
            origin -= (places - 1) * onward
        for p in range(0, places, lanes):
            columns = min(places - p, lanes)
            for inner in range(length):
                for row in range(0, together, height):
                    begin = (item * together + row) * pitch + inner * step + p
                    place = origin + p * onward + inner * together + row
                    end = begin + (height - 1) * pitch + lanes
                    if row + height <= here and end <= array.size:
                        transpose(tile, array, begin, pitch, columns, packed, place, onward)
                        continue
                    for column in range(columns):
                        at = place + column * onward
                        for k in range(height):
                            exists = row + k < here
                            packed[at + k] = array[begin + k * pitch + column] if exists else 0


@kernel
def multiply(
    first,
    last,
    tile,
    put_tile,
    left,
    left_size,
    right,
    right_size,
    bias,
    begins,
    runs,
    out,
    pitches,
):
    """Add up the products of two packed factors, some cells at a time, and put the sums down."""
    # An item is a block of rows, for a block of lanes.
    rows = tile[0]
    lanes = tile[1] * (BYTES // left.itemsize)
    row_count, length, left_block = left_size
    lane_count, right_block = right_size
    row_blocks = -(-row_count // rows)
    together = put_tile[0]
    # Number tap of a tile is at tap * lanes. It begins with number one: with number zero a tile
    # would begin a sum, and here it goes on with one.
    offsets = np.arange(PRODUCTS_IN_A_ROW + 1) * lanes
    constants = np.empty(lanes, left.dtype)
    sums = np.empty(together * rows * lanes, left.dtype)
    for item in range(first, last):
        row, lane = item % row_blocks * rows, item // row_blocks * lanes
        shape = min(row_count - row, rows), min(lane_count - lane, lanes)
        ours = row // rows * left_block
        theirs = lane // lanes * right_block
        for k in range(lanes):
            constants[k] = bias[lane + k] if k < shape[1] else 0
        for cell in range(0, len(begins) - 1, together):
            count = min(len(begins) - 1 - cell, together)
            for place in range(0, count * rows * lanes, lanes):
                for k in range(lanes):
                    sums[place + k] = constants[k]
            for one in range(count):
                for run in range(begins[cell + one], begins[cell + one + 1]):
                    p, t, pairs = runs[run]
                    add_run(
                        tile,
                        left,
                        ours + p * length,
                        right,
                        theirs + t * length,
                        pairs * length,
                        offsets,
                        sums,
                        one * rows * lanes,
                    )
            place = row * pitches[0] + lane * pitches[1] + cell
            put_down(put_tile, sums, rows, lanes, count, shape, out, place, pitches)


@part_of_kernel
def add_run(tile, left, ours, right, theirs, products, offsets, sums, place):
    """Add products that lie one after the other in both factors to the sums of a cell."""
    rows = tile[0]
    lanes = tile[1] * (BYTES // left.itemsize)
    portion = -(-products // max(-(-products // PRODUCTS_IN_A_ROW), 1))
    for begin in range(0, products, portion):
        count = min(portion, products - begin)
        multiply_add(
            tile,
            right,
            (theirs + begin) * lanes,
            offsets,
            (left, (ours + begin) * rows),
            (left, 0),  # biases, which are in the sums already
            count + 1,
            1,
            count + 1,
            sums,
            place,
            lanes,
        )


@part_of_kernel
def put_down(tile, sums, rows, lanes, count, shape, out, place, pitches):
    """Write the sums of some cells, which lie side by side in the result, to their places."""
    vector = BYTES // sums.itemsize
    onward = rows * lanes  # from cell to cell
    for row in range(shape[0]):
        for k in range(0, shape[1], vector):
            columns = min(shape[1] - k, vector)
            begin = row * lanes + k
            target = place + row * pitches[0] + k * pitches[1]
            if count == tile[0]:
                transpose(tile, sums, begin, onward, columns, out, target, pitches[1])
                continue
            for column in range(columns):
                for cell in range(count):
                    out[target + column * pitches[1] + cell] = sums[begin + cell * onward + column]
