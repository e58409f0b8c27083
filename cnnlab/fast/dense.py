"""Dense layer, compiled.

All three are products of matrices, in the tiles of `cnnlab.fast.tiles`: `dense` multiplies rows
with rows, its two gradients add up weighted rows.
"""

from __future__ import annotations

import numpy as np

from cnnlab import shapes
from cnnlab.fast.addresses import copy_rows, dot, dot_tile, multiply_add, multiply_add_tile
from cnnlab.fast.gather import gather
from cnnlab.fast.jit import contiguous, function_of_python, kernel
from cnnlab.fast.threads import share
from cnnlab.fast.tiles import PRODUCTS_IN_A_ROW, nanoseconds, tile_shape
from cnnlab.fast.vectors import BYTES
from cnnlab.typing import Array, ArrayLike

__all__ = [
    "dense",
    "dense_dX",
    "dense_dw",
    "dense_db",
]

# So many inputs are added up one after the other, vector by vector, as PRODUCTS_IN_A_ROW are.
INPUTS_IN_A_ROW = 1024

# Samples that one thread takes at a time.
SAMPLES = 32

# Rows of tiles: few kinds, because a network has dense layers of many sizes.
ROWS = (1, 2, 4, 8)


def dense(X: ArrayLike, w: ArrayLike, b: ArrayLike | None = None) -> Array:
    """As `cnnlab.reference.dense`, compiled; complex numbers are refused.

    Products are added up vector by vector.
    """
    X, w, b, single = shapes.check_dense(X, w, b)
    Z = rows_by_rows(contiguous(X), contiguous(w), contiguous(b))
    return Z[0] if single else Z


def rows_by_rows(X, w, b):
    """Return the products of all rows of X with all rows of w, plus b."""
    Z = np.empty((len(X), len(w)), X.dtype)
    rows, vectors = tile_shape(len(w), ROWS)
    share(
        rows_with_rows,
        -(-len(X) // SAMPLES),
        nanoseconds(X.size * len(w), rows),
        dot_tile(rows, vectors, X.dtype),
        X.reshape(-1),
        w.reshape(-1),
        b,
        Z.reshape(-1),
        (len(X), X.shape[1], len(w)),
    )
    return Z


@kernel
def rows_with_rows(first, last, tile, samples, weights, b, Z, sizes):
    """Multiply rows of samples with rows of weights, in tiles of outputs by samples."""
    # An item is a block of samples.
    B, inputs, outputs = sizes
    rows, vectors = tile[:2]
    lanes = BYTES // samples.itemsize
    full = inputs // lanes * lanes
    row_tiles = -(-outputs // rows)
    sample_tiles = -(-SAMPLES // vectors)
    offsets, rest_offsets = (
        np.empty(sample_tiles * vectors, np.intp),
        np.empty(sample_tiles * vectors, np.intp),
    )
    room = -(-rows * vectors // lanes) * lanes
    sums = np.zeros(row_tiles * sample_tiles * room, samples.dtype)
    # The last inputs, which fill no vector, with zeros behind them.
    weights_rest = np.zeros(outputs * lanes, samples.dtype)
    samples_rest = np.zeros(SAMPLES * lanes, samples.dtype)
    if full < inputs:
        copy_rows(tile, weights, full, inputs, 1, weights_rest, 0, lanes, outputs, inputs - full)
    for item in range(first, last):
        s = item * SAMPLES
        count = min(SAMPLES, B - s)
        for tap in range(len(offsets)):  # the last tile repeats the last sample
            offsets[tap] = min(tap, count - 1) * inputs
            rest_offsets[tap] = min(tap, count - 1) * lanes
        if full < inputs:
            start = s * inputs + full
            copy_rows(tile, samples, start, inputs, 1, samples_rest, 0, lanes, count, inputs - full)
        for begin in range(0, full, INPUTS_IN_A_ROW):
            for row_tile in range(row_tiles):
                o = min(row_tile * rows, outputs - rows)
                for sample_tile in range(-(-count // vectors)):
                    dot(
                        tile,
                        weights,
                        o * inputs + begin,
                        inputs,
                        samples,
                        s * inputs + begin,
                        offsets,
                        sample_tile * vectors,
                        1,
                        (0, 0),
                        min(full - begin, INPUTS_IN_A_ROW),
                        sums,
                        (row_tile * sample_tiles + sample_tile) * room,
                        begin > 0,
                    )
        for row_tile in range(row_tiles):
            o = min(row_tile * rows, outputs - rows)
            for sample_tile in range(-(-count // vectors)):
                place = (row_tile * sample_tiles + sample_tile) * room
                if full < inputs:
                    dot(
                        tile,
                        weights_rest,
                        o * lanes,
                        lanes,
                        samples_rest,
                        0,
                        rest_offsets,
                        sample_tile * vectors,
                        1,
                        (0, 0),
                        lanes,
                        sums,
                        place,
                        full > 0,
                    )
                for v in range(min(vectors, count - sample_tile * vectors)):
                    for row in range(rows):
                        total = sums[place + row * vectors + v] + b[o + row]
                        Z[(s + sample_tile * vectors + v) * outputs + o + row] = total


def dense_dX(dZ: ArrayLike, w: ArrayLike) -> Array:
    """As `cnnlab.reference.dense_dX`, compiled; complex numbers are refused.

    Products are added up in parts of at most 64, and the parts one after the other.
    """
    dZ, w, single = shapes.check_dense_dX(dZ, w)
    dX = weighted_rows(contiguous(dZ), contiguous(w))
    return dX[0] if single else dX


def dense_dw(dZ: ArrayLike, X: ArrayLike) -> Array:
    """As `cnnlab.reference.dense_dw`, compiled; complex numbers are refused.

    Products are added up in parts of at most 64, and the parts one after the other.
    """
    dZ, X = shapes.check_dense_dw(dZ, X)
    return weighted_rows(contiguous(dZ.T), contiguous(X))


def weighted_rows(weights, pixels):
    """Return the matrix product of two matrices."""
    out = np.empty((len(weights), pixels.shape[1]), pixels.dtype)
    if out.size:
        rows, vectors = tile_shape(len(weights), ROWS)
        zeros, terms = np.zeros(len(weights), out.dtype), len(pixels)
        entries = np.array([terms]), np.arange(terms)[np.newaxis]
        share(
            add_weighted_rows,
            -(-out.shape[1] // (vectors * (BYTES // out.itemsize))),
            nanoseconds(out.size * len(pixels), rows),
            multiply_add_tile(rows, vectors, out.dtype),
            *gather(weights, zeros, rows, *entries, (terms, 0)),
            pixels.reshape(-1),
            out.reshape(-1),
            (len(weights), *pixels.shape),
        )
    return out


@kernel
def add_weighted_rows(first, last, tile, weights, biases, rows_of, out, sizes):
    """Write a matrix product, in tiles of rows by vectors."""
    # An item is a tile of columns.
    R, terms, columns = sizes
    rows, vectors = tile[:2]
    wide = vectors * (BYTES // out.itemsize)
    blocks = -(-R // rows)
    pixels, pitch = rows_of, columns
    if columns < wide:  # a tile would read beyond the end
        pixels, pitch = np.zeros(terms * wide, out.dtype), wide
        copy_rows(tile, rows_of, 0, columns, 1, pixels, 0, wide, terms, columns)
    offsets = np.empty(terms, np.intp)
    for tap in range(terms):
        offsets[tap] = tap * pitch
    sums = np.empty(rows * wide, out.dtype)
    for item in range(first, last):
        t = item * wide
        # The last tile begins earlier, so that it ends with the last column.
        begin = max(min(t, columns - wide), 0)
        for block in range(blocks):
            k = block * rows
            at_once = begin == t and columns >= wide and k + rows <= R
            target = out if at_once else sums
            place, out_pitch = (k * columns + t, columns) if at_once else (0, wide)
            for tap in range(0, max(terms, 1), PRODUCTS_IN_A_ROW):
                multiply_add(
                    tile,
                    pixels,
                    begin,
                    offsets,
                    (weights, block * terms * rows),
                    (biases, block * rows),
                    terms,
                    tap,
                    min(tap + PRODUCTS_IN_A_ROW, terms),
                    target,
                    place,
                    out_pitch,
                )
            if not at_once:
                copy_rows(
                    tile,
                    sums,
                    t - begin,
                    wide,
                    1,
                    out,
                    k * columns + t,
                    columns,
                    min(rows, R - k),
                    min(wide, columns - t),
                )


def dense_db(dZ: ArrayLike) -> Array:
    """As `cnnlab.reference.dense_db`, compiled; complex numbers are refused.

    Sums are taken in float64 and rounded once.
    """
    dZ = shapes.check_dense_db(dZ)
    db = np.empty(dZ.shape[1], dZ.dtype)
    sum_columns(contiguous(dZ), db)
    return db


@function_of_python
def sum_columns(dZ, db):
    """Write the sums of the columns."""
    B, outputs = dZ.shape
    total = np.zeros(outputs)
    for s in range(B):
        for o in range(outputs):
            total[o] += dZ[s, o]
    for o in range(outputs):
        db[o] = total[o]
