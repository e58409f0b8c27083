"""The innermost kernels: what is spelled out in machine operations does what the loops say.

`NUMBA_DISABLE_JIT` and `NUMBA_BOUNDSCHECK` run the loops everywhere; then these tests compare them
with themselves, and with NumPy.
"""

import numba
import numpy as np
import pytest
from support import accuracy
from support.cases import integers

from cnnlab import fast, reference, shapes
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


# ------------------------------------------------------------------------------- laying out

# (X, w, options): images read where they are; laid out once; once per column; in bands; in blocks
# of channels; many images at a time; more products than are added in a row.
LAYOUTS = {
    "where it is": ((2, 1, 9, 150), (3, 1, 3, 3), {}),
    "where it is, in bands": ((1, 2, 40, 130), (3, 2, 3, 5), {}),
    "a last band of one row": ((1, 1, 27, 300), (2, 1, 3, 3), {}),
    "once, with padding": ((2, 1, 9, 150), (2, 1, 3, 3), {"padding": (1, 2)}),
    "once per column": ((2, 5, 8, 9), (8, 5, 3, 3), {}),
    "blocks of channels": ((1, 11, 6, 7), (9, 11, 5, 4), {"padding": "same"}),
    "products in parts": ((1, 2, 12, 14), (2, 2, 9, 10), {}),
    "every second column": ((2, 3, 20, 41), (4, 3, 4, 3), {"stride": (3, 2)}),
    "every third column": ((2, 3, 20, 41), (4, 3, 4, 3), {"stride": (2, 3), "padding": 1}),
    "many small images": ((70, 2, 4, 4), (5, 2, 2, 2), {}),
    "some patterns left over": ((1, 2, 7, 8), (13, 2, 2, 3), {"dilation": (2, 1)}),
    "depthwise": ((3, 6, 9, 10), (6, 1, 3, 3), {"padding": 1, "groups": 6}),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_is_exact(name, dtype, rng):
    X_shape, w_shape, options = LAYOUTS[name]
    X, w = integers(rng, X_shape, dtype), integers(rng, w_shape, dtype)
    b = integers(rng, w_shape[:1], dtype)
    Z = fast.conv2d(X, w, b, **options)
    np.testing.assert_array_equal(Z, expected_Z(X, w, b, options))
    dZ = integers(rng, Z.shape, dtype)
    # <Z, dZ> is linear in X and in w: its slopes, tried with other integers.
    V, y = integers(rng, X_shape, dtype), integers(rng, w_shape, dtype)
    zeros = np.zeros_like(b)
    dX = fast.conv2d_dX(dZ, w, X_shape, **options)
    assert (dX * V).sum() == (dZ * expected_Z(V, w, zeros, options)).sum()
    dw = fast.conv2d_dw(dZ, X, w_shape, **options)
    assert (dw * y).sum() == (dZ * expected_Z(X, y, zeros, options)).sum()


def expected_Z(X, w, b, options):
    """Return the response maps by slices: the loops would take minutes."""

    _, _, _, geometry, _ = shapes.check_conv2d(
        X,
        w,
        b,
        **{"stride": 1, "padding": 0, "dilation": 1, "groups": 1, **options},
    )
    Z = accuracy.conv2d(
        X,
        w,
        geometry.positions,
        stride=geometry.stride,
        margins=geometry.padding,
        dilation=geometry.dilation,
        groups=geometry.groups,
    )
    return Z + b[:, np.newaxis, np.newaxis]


# ------------------------------------------------------------------------------- NaN and infinity

NOT_FINITE = [np.nan, np.inf, -np.inf]


@pytest.mark.parametrize("value", NOT_FINITE)
@pytest.mark.parametrize("dtype", DTYPES)
def test_not_finite_weights_meet_no_padding(value, dtype, rng):
    """What lies outside the image is absent: infinity times it is not NaN."""
    options = {"padding": ((2, 1), (0, 3)), "stride": (1, 2)}
    X, w = integers(rng, (2, 2, 5, 6), dtype), integers(rng, (3, 2, 3, 2), dtype)
    w[1, 0, 2, 1] = value
    b = integers(rng, (3,), dtype)
    Z = reference.conv2d(X, w, b, **options)
    np.testing.assert_array_equal(fast.conv2d(X, w, b, **options), Z)
    assert np.isfinite(Z[:, 1]).any(), "some windows do not have the weight on the image"
    dZ = integers(rng, Z.shape, dtype)
    np.testing.assert_array_equal(
        fast.conv2d_dX(dZ, w, X.shape, **options), reference.conv2d_dX(dZ, w, X.shape, **options)
    )
    np.testing.assert_array_equal(
        fast.conv_transpose2d(dZ, w, b[:2], stride=2),
        reference.conv_transpose2d(dZ, w, b[:2], stride=2),
    )


@pytest.mark.parametrize("value", NOT_FINITE)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("padding", [0, ((2, 1), (0, 3))])
def test_not_finite_gradients_and_pixels_stay_where_they_are(padding, value, dtype, rng):
    X, w = integers(rng, (3, 2, 7, 9), dtype), integers(rng, (3, 2, 3, 2), dtype)
    Z = reference.conv2d(X, w, padding=padding)
    dZ = integers(rng, Z.shape, dtype)
    dZ[2, 1, 0, 4] = value  # on the border: some of its pixels are padding
    for ours, theirs in (
        (
            fast.conv2d_dw(dZ, X, w.shape, padding=padding),
            reference.conv2d_dw(dZ, X, w.shape, padding=padding),
        ),
        (
            fast.conv2d_dX(dZ, w, X.shape, padding=padding),
            reference.conv2d_dX(dZ, w, X.shape, padding=padding),
        ),
    ):
        np.testing.assert_array_equal(ours, theirs)
        assert np.isfinite(ours).any()
    X[1, 0, 3, 4] = value
    for operation in (
        lambda ops: ops.conv2d(X, w, padding=padding),
        lambda ops: ops.conv2d_dw(dZ, X, w.shape, padding=padding),
    ):
        np.testing.assert_array_equal(operation(fast), operation(reference))


@pytest.mark.parametrize("value", NOT_FINITE)
def test_not_finite_entries_of_dense_layers(value, rng):
    X, w, dZ = (integers(rng, shape) for shape in ((5, 37), (11, 37), (5, 11)))
    X[2, 36], dZ[4, 3] = value, value  # one in the entries that fill no vector
    for name, arguments in (("dense", (X, w)), ("dense_dX", (dZ, w)), ("dense_dw", (dZ, X))):
        ours, theirs = (getattr(ops, name)(*arguments) for ops in (fast, reference))
        np.testing.assert_array_equal(ours, theirs)
        assert np.isfinite(ours).any()
