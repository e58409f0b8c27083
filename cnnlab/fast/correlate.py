"""Gradient with respect to the patterns: dot products of packed rows, with tiles in registers.

The images are laid out as for the search (`cnnlab.fast.layout`); then rows of dL/dZ are multiplied
with them over the positions (`cnnlab.fast.tiles`), a block of images at a time.
"""

import functools

import numpy as np

from cnnlab.fast.jit import kernel
from cnnlab.fast.layout import LAID_OUT_BYTES, lay_out, steps
from cnnlab.fast.threads import share
from cnnlab.fast.tiles import BYTES, NANOSECONDS, copy_rows, dot, tile_shape

# So many positions are added up one after the other, vector by vector, as PRODUCTS_IN_A_ROW are.
POSITIONS_IN_A_ROW = 1024

# The sums of dL/dw are taken for so many blocks of images, and then added in their order. The
# number does not depend on the threads, and so the result does not.
BLOCKS = 8


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
    if rows_of_tile == 1:  # depthwise: few taps, so that a nearly empty tile would matter
        taps = max(planes, 1) * m * n
        vectors = -(-taps // -(-taps // vectors))
    share(
        correlate(rows_of_tile, vectors),
        blocks,
        NANOSECONDS * dZ.size * depth * m * n,
        dZ,
        X,
        stride,
        corner,
        dilation,
        geometry.groups,
        images,
        max(planes, 1),
        min(band, rows),
        partial,
    )
    return partial.sum(axis=0)


@functools.cache
def correlate(rows, vectors):
    """Return the kernel of dL/dw, with tiles of `rows` patterns by `vectors` pattern entries."""

    @kernel
    def run(first, last, dZ, X, stride, corner, dilation, groups, images, chunk, band, partial):
        # An item is a block of pieces; a piece is a band of rows of some images.
        B, P, M, N = dZ.shape
        _, D, height, width = X.shape
        blocks, _, depth, m, n = partial.shape
        sums = partial.reshape(-1)
        patterns = P // groups
        lanes = BYTES // X.itemsize
        pixels, gradients = X.reshape(-1), dZ.reshape(-1)
        bands = -(-M // band)
        pieces = -(-B // images) * bands
        top, bottom = -corner[0], (m - 1) * dilation[0] - corner[0]
        lefts = np.arange(n) * dilation[1] - corner[1]
        residues = min(stride[0], bottom - top + 1)
        slots = band + (bottom - top) // stride[0]
        plane = n * residues * slots * N
        taps = chunk * m * n
        tap_tiles = -(-taps // vectors)
        tiles = -(-patterns // rows)
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
        rest_offsets = np.arange(len(offsets)) * most
        size = rows * vectors
        room = -(-size // lanes) * lanes
        found = np.empty(tiles * tap_tiles * room, X.dtype)
        chunks = -(-depth // chunk)
        total = np.empty((groups * chunks, len(found)))
        for item in range(first, last):
            total[:] = 0
            for piece in range(item * pieces // blocks, (item + 1) * pieces // blocks):
                s = piece // bands * images
                several = min(images, B - s)
                begin = piece % bands * band
                count = min(band, M - begin)
                length = count * N
                full = length // lanes * lanes
                rest = length - full
                for part in range(groups * chunks):
                    group, c = part // chunks, part % chunks * chunk
                    planes = min(chunk, depth - c)
                    for image in range(several):
                        lay_out(
                            pixels,
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
                        for tile in range(tiles):
                            k = min(tile * rows, patterns - rows)
                            for tap_tile in range(-(-planes * m * n // vectors)):
                                dot(
                                    rows,
                                    vectors,
                                    gradients,
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
                                    (tile * tap_tiles + tap_tile) * room,
                                    t > 0,
                                )
                    if rest > 0:
                        for k in range(patterns):
                            place = start + k * M * N + full
                            copy_rest(
                                gradients,
                                place,
                                image_pitch,
                                left_rest,
                                k * most,
                                several,
                                rest,
                            )
                        for tap in range(planes * m * n):
                            copy_rest(
                                laid_out,
                                offsets[tap] + full,
                                found_pitch,
                                right_rest,
                                tap * most,
                                several,
                                rest,
                            )
                        for tile in range(tiles):
                            k = min(tile * rows, patterns - rows)
                            for tap_tile in range(-(-planes * m * n // vectors)):
                                dot(
                                    rows,
                                    vectors,
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
                                    (tile * tap_tiles + tap_tile) * room,
                                    full > 0,
                                )
                    for index in range(len(found)):
                        total[part, index] += found[index]
            for part in range(groups * chunks):
                group, c = part // chunks, part % chunks * chunk
                planes = min(chunk, depth - c)
                for tile in range(tiles):
                    for row in range(rows):
                        k = group * patterns + min(tile * rows, patterns - rows) + row
                        place = ((item * P + k) * depth + c) * m * n
                        for tap_tile in range(-(-planes * m * n // vectors)):
                            index = (tile * tap_tiles + tap_tile) * room + row * vectors
                            tap = tap_tile * vectors
                            for v in range(min(vectors, planes * m * n - tap)):
                                sums[place + tap + v] = total[part, index + v]

    return run


@kernel
def copy_rest(source, begin, pitch, out, place, several, rest):
    """Write the last few positions of several images side by side, and zeros up to a vector."""
    copy_rows(source, begin, pitch, 1, out, place, rest, several, rest)
    lanes = BYTES // source.itemsize
    for t in range(several * rest, -(-several * rest // lanes) * lanes):
        out[place + t] = 0
