"""The innermost kernels: what is spelled out in machine operations does what the loops say.

`NUMBA_DISABLE_JIT` and `NUMBA_BOUNDSCHECK` run the loops everywhere; then these tests compare them
with themselves, and with NumPy.
"""

import numba
import numpy as np
import pytest
from support.cases import integers

from cnnlab.fast import tiles

DTYPES = (np.float32, np.float64)
SHAPES = sorted({tiles.tile_shape(count) for count in range(1, 9)})
FENCE = 99.0  # stands around what may be written


def kernel_of(rows, vectors):
    """Return compiled callers of both tiles; a tile is no function that Python can call."""

    @numba.njit
    def multiply_add(pixels, start, offsets, weights, biases, block, begin, end, out, place, pitch):
        tiles.multiply_add(
            rows,
            vectors,
            pixels,
            start,
            offsets,
            weights,
            biases,
            block,
            begin,
            end,
            out,
            place,
            pitch,
        )

    @numba.njit
    def dot(left, begin, pitch, right, start, offsets, first, runs, steps, length, out, place, add):
        tiles.dot(
            rows,
            vectors,
            left,
            begin,
            pitch,
            right,
            start,
            offsets,
            first,
            runs,
            steps,
            length,
            out,
            place,
            add,
        )

    return multiply_add, dot


@numba.njit
def copy_rows(source, begin, source_pitch, pace, target, place, target_pitch, rows, count):
    tiles.copy_rows(source, begin, source_pitch, pace, target, place, target_pitch, rows, count)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_multiply_add(shape, dtype, rng):
    rows, vectors = shape
    lanes = tiles.BYTES // np.dtype(dtype).itemsize
    width, taps = vectors * lanes, 7
    pixels = integers(rng, (400,), dtype)
    offsets = rng.integers(0, 400 - 5 - width, taps)
    weights, biases = integers(rng, (2, taps, rows), dtype), integers(rng, (2, rows), dtype)
    multiply_add, _ = kernel_of(rows, vectors)
    out = np.full(3 + rows * (width + 2), FENCE, dtype)
    expected = out.copy()
    # In two parts, as the sums of many products are taken; then no product at all.
    for begin, end in ((0, 4), (4, 7), (7, 7)):
        arguments = pixels, 5, offsets, weights, biases, 1, begin, end
        multiply_add(*arguments, out, 3, width + 2)
        tiles.multiply_add_loops(rows, vectors, *arguments, expected, 3, width + 2)
    np.testing.assert_array_equal(out, expected)
    windows = np.array([pixels[5 + offset :][:width] for offset in offsets])
    sums = weights[1].T @ windows + biases[1, :, np.newaxis]
    for k in range(rows):
        np.testing.assert_array_equal(out[3 + k * (width + 2) :][:width], sums[k])
    assert (out == FENCE).sum() >= 3 + 2 * rows


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_dot(shape, dtype, rng):
    rows, vectors = shape
    lanes = tiles.BYTES // np.dtype(dtype).itemsize
    length, runs, pitch, steps = 2 * lanes, 3, 120, (40, 33)
    left, right = integers(rng, (pitch * rows + 100,), dtype), integers(rng, (600,), dtype)
    offsets = rng.integers(0, 400, vectors + 2)
    _, dot = kernel_of(rows, vectors)
    size = -(-rows * vectors // lanes) * lanes
    out, expected = np.full(size + 2, FENCE, dtype), np.full(size + 2, FENCE, dtype)
    for add in (False, True):
        arguments = left, 1, pitch, right, 4, offsets, 2, runs, steps, length
        dot(*arguments, out, 2, add)
        tiles.dot_loops(rows, vectors, *arguments, expected, 2, add)
    np.testing.assert_array_equal(out[: 2 + rows * vectors], expected[: 2 + rows * vectors])
    for k in range(rows):
        for v in range(vectors):
            total = 0
            for run in range(runs):
                ours = left[1 + k * pitch + run * steps[0] :][:length]
                total += ours @ right[4 + offsets[2 + v] + run * steps[1] :][:length]
            assert out[2 + k * vectors + v] == 2 * total


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("pace", [1, 2])
@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 50])
def test_copy_rows_touches_nothing_else(count, pace, dtype, rng):
    rows, source_pitch, target_pitch = 3, 101, 53
    needed = (rows - 1) * source_pitch + max(count - 1, 0) * pace + 1
    source = rng.random(6 + needed).astype(dtype)  # ends with the last entry that is copied
    target = np.full(4 + rows * target_pitch, FENCE, dtype)
    expected = target.copy()
    copy_rows(source, 6, source_pitch, pace, target, 4, target_pitch, rows, count)
    for i in range(rows):
        row = source[6 + i * source_pitch :][: count * pace : pace]
        expected[4 + i * target_pitch :][:count] = row
    np.testing.assert_array_equal(target, expected)


@pytest.mark.parametrize("choice", [(1, 2, 3, 4, 5, 6, 7, 8), (1, 2, 4, 8)])
@pytest.mark.parametrize("count", [1, 2, 3, 5, 6, 7, 8, 9, 16, 84, 120, 1000])
def test_tiles_fit_in_registers(count, choice):
    rows, vectors = tiles.tile_shape(count, choice)
    assert rows in choice
    assert rows <= count
    assert vectors >= 1
    assert rows * vectors + vectors + 1 <= tiles.REGISTERS
