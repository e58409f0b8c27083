"""Gradient with respect to the patterns: dot products of packed rows, with tiles in registers.

The images are laid out as for the search (`cnnlab.fast.layout`); then rows of dL/dZ are multiplied
with them over the positions (`cnnlab.fast.tiles`), a block of images at a time.
"""

import functools
import math
from typing import NamedTuple

import numpy as np

from cnnlab.fast.addresses import copy_rows, dot, dot_tile
from cnnlab.fast.jit import kernel, part_of_kernel
from cnnlab.fast.layout import LAID_OUT_BYTES, lay_out, steps
from cnnlab.fast.threads import share
from cnnlab.fast.tiles import nanoseconds, tile_shape
from cnnlab.fast.vectors import BYTES

# So many positions are added up one after the other, vector by vector, as PRODUCTS_IN_A_ROW are.
POSITIONS_IN_A_ROW = 1024

# The sums of dL/dw are taken for so many blocks of images, and then added in their order. The
# number does not depend on the threads, and so the result does not.
BLOCKS = 8

# Where there are fewer blocks, threads share the depths of each, from so much work on.
WORTH_SPLITTING = 60_000  # nanoseconds


def run_correlate(dZ, X, w_shape, geometry):
    """Return dL/dw in float64, with its blocks of images shared among threads."""
    plan = plan_correlate(dZ.shape, X.shape, w_shape, geometry, X.itemsize)
    partial = np.zeros((max(plan.blocks, 1), *w_shape))
    share(
        correlate,
        plan.blocks * plan.shares,
        plan.nanoseconds,
        dot_tile(*plan.tile, X.dtype),
        dZ.reshape(-1),
        dZ.shape,
        X.reshape(-1),
        X.shape,
        plan.numbers,
        plan.offsets,
        plan.rest_offsets,
        plan.lefts,
        geometry.stride,
        geometry.groups,
        plan.images,
        plan.chunk,
        plan.shares,
        plan.band,
        partial.reshape(-1),
        partial.shape,
    )
    return partial.sum(axis=0)


class Plan(NamedTuple):
    """How the sums are divided, and where the pixels of taps are."""

    nanoseconds: float  # a guess of what one thread needs
    tile: tuple[int, int]
    blocks: int  # of images, each divided into
    shares: int  # of depths
    images: int  # whose sums are taken together,
    chunk: int  # so many depths and
    band: int  # rows at a time
    numbers: np.ndarray  # those below
    offsets: np.ndarray  # where the pixels of a tap begin, in what is laid out
    rest_offsets: np.ndarray  # the same for rests: positions that fill no vector
    lefts: np.ndarray  # the pixel with which the rows of each column of the pattern begin


# The numbers that kernels read: the row with which the first begins; how many kinds of rows there
# are; room for rows, and for a rest, of all images together, with zeros behind them.
TOP, RESIDUES, SLOTS, ROOM = range(4)


@functools.lru_cache(maxsize=256)
def plan_correlate(dZ, X, w, geometry, itemsize):
    """Return the plan for arrays of these shapes."""
    stride, corner, dilation = steps(geometry)
    B, P, rows, columns = dZ
    depth, m, n = w[1:]
    images = max(POSITIONS_IN_A_ROW // (rows * columns), 1)
    # As many planes, or else rows of one, as stay in the cache.
    row_bytes = n * columns * itemsize * images
    planes = min(LAID_OUT_BYTES // (row_bytes * (rows + m - 1) * stride[0]), depth)
    planes = -(-depth // -(-depth // planes)) if planes else 0
    band = rows if planes else max(LAID_OUT_BYTES // row_bytes // stride[0] - m + 1, 4)
    band = min(band, rows)
    blocks = min(-(-B // images) * -(-rows // band), BLOCKS)
    rows_of_tile, vectors = tile_shape(P // geometry.groups)
    guess = nanoseconds(math.prod(dZ) * depth * m * n, rows_of_tile)
    guess += 0.1 * (math.prod(dZ) + math.prod(X))
    shares = BLOCKS // blocks if blocks and guess > WORTH_SPLITTING else 1
    chunk = min(planes, -(-depth // shares)) or 1
    shares = min(shares, geometry.groups * -(-depth // chunk))
    taps = chunk * m * n
    if rows_of_tile == 1:  # depthwise: few taps, so that a nearly empty tile would matter
        vectors = -(-taps // -(-taps // vectors))
    residues = min(stride[0], (m - 1) * dilation[0] + 1)
    slots = band + (m - 1) * dilation[0] // stride[0]
    lanes = BYTES // itemsize
    room = -(-images * (lanes - 1) // lanes) * lanes
    tap = np.arange(-(-taps // vectors) * vectors, dtype=np.intp)
    rest_offsets = tap * room
    tap = np.minimum(tap, taps - 1)  # the last tile repeats the last tap
    c, (u, v) = tap // (m * n), np.divmod(tap % (m * n), n)
    slot, rest = np.divmod(u * dilation[0], stride[0])
    return Plan(
        guess,
        (rows_of_tile, vectors),
        *(blocks, shares, images, chunk, band),
        np.array([-corner[0], residues, slots, room], np.intp),
        (((v * residues + rest) * chunk + c) * slots + slot) * columns,
        rest_offsets,
        np.arange(n, dtype=np.intp) * dilation[1] - corner[1],
    )


@kernel
def correlate(
    first,
    last,
    tile,
    dZ,
    dZ_shape,
    X,
    X_shape,
    plan,
    offsets,
    rest_offsets,
    lefts,
    stride,
    groups,
    images,
    chunk,
    shares,
    band,
    sums,
    sums_shape,
):
    """Write the sums of dL/dw of blocks of images, with a tile of patterns by pattern entries."""
    # An item is a share of the depths of a block of pieces; a piece is a band of some images.
    B, P, M, N = dZ_shape
    _, D, height, width = X_shape
    blocks, _, depth, m, n = sums_shape
    patterns = P // groups
    rows, vectors = tile[:2]
    lanes = BYTES // X.itemsize
    bands = -(-M // band)
    pieces = -(-B // images) * bands
    slots, most = plan[SLOTS], plan[ROOM]
    plane = n * plan[RESIDUES] * slots * N
    tap_tiles = len(offsets) // vectors
    laid_out = np.zeros(images * chunk * plane + vectors * lanes, X.dtype)
    left_rest = np.zeros(patterns * most, X.dtype)
    right_rest = np.zeros(len(offsets) * most, X.dtype)
    room = -(-rows * vectors // lanes) * lanes
    found = np.zeros(-(-patterns // rows) * tap_tiles * room, X.dtype)
    chunks = -(-depth // chunk)
    total = np.empty(groups * chunks * len(found))
    for item in range(first, last):
        block, share_of_it = item // shares, item % shares
        first_part = share_of_it * groups * chunks // shares
        last_part = (share_of_it + 1) * groups * chunks // shares
        for index in range(first_part * len(found), last_part * len(found)):
            total[index] = 0
        for piece in range(block * pieces // blocks, (block + 1) * pieces // blocks):
            s = piece // bands * images
            several = min(images, B - s)
            begin = piece % bands * band
            count = min(band, M - begin)
            length = count * N
            full = length // lanes * lanes
            rest = length - full
            for part in range(first_part, last_part):
                group, c = part // chunks, part % chunks * chunk
                planes = min(chunk, depth - c)
                taps = planes * m * n
                for image in range(several):
                    lay_out(
                        tile,
                        X,
                        (s + image) * D + group * depth + c,
                        (planes, chunk),
                        (height, width),
                        begin * stride[0] + plan[TOP],
                        stride,
                        plan[RESIDUES],
                        lefts,
                        slots,
                        count + slots - band,
                        N,
                        laid_out[image * chunk * plane :],
                    )
                start = ((s * P + group * patterns) * M + begin) * N
                pitches = P * M * N, chunk * plane
                for t in range(0, full, POSITIONS_IN_A_ROW):
                    dot_all(
                        tile,
                        dZ,
                        (patterns, start + t, M * N),
                        laid_out,
                        (taps, t),
                        offsets,
                        several,
                        pitches,
                        min(full - t, POSITIONS_IN_A_ROW),
                        found,
                        t > 0,
                    )
                if rest > 0:
                    for k in range(patterns):
                        place = start + k * M * N + full
                        copy_rest(tile, dZ, place, pitches[0], left_rest, k * most, several, rest)
                    for tap in range(taps):
                        place = offsets[tap] + full
                        copy_rest(
                            tile, laid_out, place, pitches[1], right_rest, tap * most, several, rest
                        )
                    dot_all(
                        tile,
                        left_rest,
                        (patterns, 0, most),
                        right_rest,
                        (taps, 0),
                        rest_offsets,
                        1,
                        (0, 0),
                        -(-several * rest // lanes) * lanes,
                        found,
                        full > 0,
                    )
                for index in range(len(found)):
                    total[part * len(found) + index] += found[index]
        for part in range(first_part, last_part):
            group, c = part // chunks, part % chunks * chunk
            for k in range(patterns):
                # The last tile of patterns begins earlier, so that it ends with the last pattern.
                row_tile = k // rows
                row = k - min(row_tile * rows, patterns - rows)
                place = ((block * P + group * patterns + k) * depth + c) * m * n
                for tap in range(min(chunk, depth - c) * m * n):
                    index = (row_tile * tap_tiles + tap // vectors) * room + row * vectors
                    sums[place + tap] = total[part * len(found) + index + tap % vectors]


@part_of_kernel
def dot_all(
    tile, left, rows_of_left, right, taps_of_right, offsets, runs, pitches, length, found, add
):
    """Compute the dot products of all patterns and taps, tile by tile.

    Given are, on the left, how many rows there are, where the first begins and how far it is to
    the next; on the right, how many taps there are, and where the first begins.
    """
    patterns, begin, pitch = rows_of_left
    taps, start = taps_of_right
    rows, vectors = tile[:2]
    lanes = BYTES // found.itemsize
    room = -(-rows * vectors // lanes) * lanes
    tap_tiles = len(offsets) // vectors
    for row_tile in range(-(-patterns // rows)):
        k = min(row_tile * rows, patterns - rows)
        for tap_tile in range(-(-taps // vectors)):
            dot(
                tile,
                left,
                begin + k * pitch,
                pitch,
                right,
                start,
                offsets,
                tap_tile * vectors,
                runs,
                pitches,
                length,
                found,
                (row_tile * tap_tiles + tap_tile) * room,
                add,
            )


@part_of_kernel
def copy_rest(tile, source, begin, pitch, out, place, several, rest):
    """Write the last few positions of several images side by side, and zeros up to a vector."""
    copy_rows(tile, source, begin, pitch, 1, out, place, rest, several, rest)
    lanes = BYTES // source.itemsize
    for t in range(several * rest, -(-several * rest // lanes) * lanes):
        out[place + t] = 0
