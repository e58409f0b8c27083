"""Gradient with respect to the patterns: dot products of packed rows, with tiles in registers.

The images are laid out as for the search (`cnnlab.fast.layout`); then rows of dL/dZ are multiplied
with them over the positions (`cnnlab.fast.tiles`), a block of images at a time.
"""

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
    stride, corner, dilation = steps(geometry)
    B, P, rows, columns = dZ.shape
    depth, m, n = w_shape[1:]
    patterns = P // geometry.groups
    images = max(POSITIONS_IN_A_ROW // (rows * columns), 1)  # whose sums are taken together
    # As many planes, or else rows of one, as stay in the cache.
    row_bytes = n * columns * X.itemsize * images
    planes = min(LAID_OUT_BYTES // (row_bytes * (rows + m - 1) * stride[0]), depth)
    planes = -(-depth // -(-depth // planes)) if planes else 0
    band = rows if planes else max(LAID_OUT_BYTES // row_bytes // stride[0] - m + 1, 4)
    pieces = -(-B // images) * -(-rows // band)
    blocks = min(pieces, BLOCKS)
    partial = np.zeros((max(blocks, 1), *w_shape))
    rows_of_tile, vectors = tile_shape(patterns)
    guess = nanoseconds(dZ.size * depth * m * n, rows_of_tile) + 0.1 * (dZ.size + X.size)
    shares = BLOCKS // blocks if blocks and guess > WORTH_SPLITTING else 1
    planes = min(planes, -(-depth // shares)) or 1
    shares = min(shares, geometry.groups * -(-depth // planes))
    if rows_of_tile == 1:  # depthwise: few taps, so that a nearly empty tile would matter
        taps = planes * m * n
        vectors = -(-taps // -(-taps // vectors))
    share(
        correlate,
        blocks * shares,
        guess,
        dot_tile(rows_of_tile, vectors, X.dtype),
        dZ.reshape(-1),
        dZ.shape,
        X.reshape(-1),
        X.shape,
        stride,
        corner,
        dilation,
        geometry.groups,
        images,
        planes,
        shares,
        min(band, rows),
        partial.reshape(-1),
        partial.shape,
    )
    return partial.sum(axis=0)


@kernel
def correlate(
    first,
    last,
    tile,
    dZ,
    dZ_shape,
    X,
    X_shape,
    stride,
    corner,
    dilation,
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
    top, bottom = -corner[0], (m - 1) * dilation[0] - corner[0]
    lefts = np.empty(n, np.intp)
    for v in range(n):
        lefts[v] = v * dilation[1] - corner[1]
    residues = min(stride[0], bottom - top + 1)
    slots = band + (bottom - top) // stride[0]
    plane = n * residues * slots * N
    taps = chunk * m * n
    tap_tiles = -(-taps // vectors)
    row_tiles = -(-patterns // rows)
    # Where the pixels of a tap begin; the last tile repeats the last tap.
    offsets = np.empty(tap_tiles * vectors, np.intp)
    for tap in range(len(offsets)):
        c, u, v = (
            min(tap, taps - 1) // (m * n),
            min(tap, taps - 1) // n % m,
            min(tap, taps - 1) % n,
        )
        slot, rest = u * dilation[0] // stride[0], u * dilation[0] % stride[0]
        offsets[tap] = (((v * residues + rest) * chunk + c) * slots + slot) * N
    laid_out = np.zeros(images * chunk * plane + vectors * lanes, X.dtype)
    # Positions that fill no vector, of all images of a piece, with zeros behind them.
    most = -(-images * (lanes - 1) // lanes) * lanes
    left_rest = np.zeros(patterns * most, X.dtype)
    right_rest = np.zeros(len(offsets) * most, X.dtype)
    rest_offsets = np.empty(len(offsets), np.intp)
    for tap in range(len(offsets)):
        rest_offsets[tap] = tap * most
    size = rows * vectors
    room = -(-size // lanes) * lanes
    found = np.empty(row_tiles * tap_tiles * room, X.dtype)
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
                for image in range(several):
                    lay_out(
                        tile,
                        X,
                        (s + image) * D + group * depth + c,
                        (planes, chunk),
                        (height, width),
                        begin * stride[0] + top,
                        stride,
                        residues,
                        lefts,
                        slots,
                        count + slots - band,
                        N,
                        laid_out[image * chunk * plane :],
                    )
                start = ((s * P + group * patterns) * M + begin) * N
                image_pitch, found_pitch = P * M * N, chunk * plane
                for t in range(0, full, POSITIONS_IN_A_ROW):
                    for row_tile in range(row_tiles):
                        k = min(row_tile * rows, patterns - rows)
                        for tap_tile in range(-(-planes * m * n // vectors)):
                            dot(
                                tile,
                                dZ,
                                start + k * M * N + t,
                                M * N,
                                laid_out,
                                t,
                                offsets,
                                tap_tile * vectors,
                                several,
                                (image_pitch, found_pitch),
                                min(full - t, POSITIONS_IN_A_ROW),
                                found,
                                (row_tile * tap_tiles + tap_tile) * room,
                                t > 0,
                            )
                if rest > 0:
                    for k in range(patterns):
                        place = start + k * M * N + full
                        copy_rest(
                            tile,
                            dZ,
                            place,
                            image_pitch,
                            left_rest,
                            k * most,
                            several,
                            rest,
                        )
                    for tap in range(planes * m * n):
                        copy_rest(
                            tile,
                            laid_out,
                            offsets[tap] + full,
                            found_pitch,
                            right_rest,
                            tap * most,
                            several,
                            rest,
                        )
                    for row_tile in range(row_tiles):
                        k = min(row_tile * rows, patterns - rows)
                        for tap_tile in range(-(-planes * m * n // vectors)):
                            dot(
                                tile,
                                left_rest,
                                k * most,
                                most,
                                right_rest,
                                0,
                                rest_offsets,
                                tap_tile * vectors,
                                1,
                                (0, 0),
                                -(-several * rest // lanes) * lanes,
                                found,
                                (row_tile * tap_tiles + tap_tile) * room,
                                full > 0,
                            )
                for index in range(len(found)):
                    total[part * len(found) + index] += found[index]
        for part in range(first_part, last_part):
            group, c = part // chunks, part % chunks * chunk
            planes = min(chunk, depth - c)
            for row_tile in range(row_tiles):
                for row in range(rows):
                    k = group * patterns + min(row_tile * rows, patterns - rows) + row
                    place = ((block * P + k) * depth + c) * m * n
                    for tap_tile in range(-(-planes * m * n // vectors)):
                        index = (row_tile * tap_tiles + tap_tile) * room + row * vectors
                        tap = tap_tile * vectors
                        for v in range(min(vectors, planes * m * n - tap)):
                            sums[place + tap + v] = total[part * len(found) + index + v]


@part_of_kernel
def copy_rest(tile, source, begin, pitch, out, place, several, rest):
    """Write the last few positions of several images side by side, and zeros up to a vector."""
    copy_rows(tile, source, begin, pitch, 1, out, place, rest, several, rest)
    lanes = BYTES // source.itemsize
    for t in range(several * rest, -(-several * rest // lanes) * lanes):
        out[place + t] = 0
