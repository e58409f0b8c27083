"""Blocks: which places meet, how factors are packed, and what is not counted on."""

import numpy as np
import pytest

from cnnlab import fast
from cnnlab.fast import blocked, conv, ways
from cnnlab.fast.vectors import BYTES

STEPS = (1, 1), (1, 1), (1, 1)  # stride, corner (a frame of one pixel), dilation


def met(pairs):
    """Return the places that meet, as (cell, p, t)."""
    for cell, (begin, end) in enumerate(zip(pairs.begins, pairs.begins[1:], strict=False)):
        for p, t, count in pairs.runs[begin:end]:
            yield from ((cell, p + more, t + more) for more in range(count))


@pytest.mark.parametrize("cell", ["position", "pixel", "tap"])
def test_pairs_are_those_of_the_loops(cell):
    expected = set()
    for i, j in np.ndindex(4, 5):
        for u, v in np.ndindex(3, 3):
            p, q = i - 1 + u, j - 1 + v
            if 0 <= p < 4 and 0 <= q < 5:
                pixel, position, tap = p * 5 + q, i * 5 + j, u * 3 + v
                expected.add(
                    {
                        "position": (position, pixel, tap),
                        "pixel": (pixel, position, 8 - tap),  # taps are packed last to first
                        "tap": (tap, pixel, position),
                    }[cell]
                )
    pairs = blocked.pair_up((4, 5), (3, 3), (4, 5), STEPS, cell)
    came = list(met(pairs))
    assert set(came) == expected
    assert len(came) == len(expected) == pairs.number
    assert len(pairs.runs) < pairs.number  # some go on side by side


def test_cells_without_pairs_are_the_biases():
    """With a step of two and a pattern of one entry, most pixels are in no window."""
    w, b = np.ones((1, 1, 1, 1)), np.array([7.0])
    target = np.empty((1, 1, 5, 5))
    geometry = conv.shapes.check_conv2d(target, w, b, stride=2, padding=0, dilation=1, groups=1)[3]
    blocked.lay_blocked(np.ones((1, 1, 3, 3)), w, b, geometry, target)
    expected = np.full((5, 5), 7.0)
    expected[::2, ::2] += 1
    np.testing.assert_array_equal(target[0, 0], expected)


@pytest.mark.parametrize("together", [1, 3, 6, 7, 8, 24, 32])
@pytest.mark.parametrize("places", [1, 3, 16, 35])
def test_packed_factors(places, together, rng):
    """By block, by place, by what is summed over, by row; zeros behind the last row."""
    count, length = 35, 5
    blocks = -(-count // together)
    array = rng.standard_normal((count, length, places)).astype(np.float32)
    for turned in False, True:
        factor = blocked.Factor(array, count, length * places, length, places, places, turned)
        packed = blocked.pack(factor, together)
        expected = np.zeros((blocks * together, length, places), np.float32)
        expected[:count] = array[:, :, ::-1] if turned else array
        expected = expected.reshape(blocks, together, length, places).transpose(0, 3, 2, 1)
        np.testing.assert_array_equal(packed[together:].reshape(expected.shape), expected)


def test_tiles_fit_into_the_registers():
    for rows in 1, 2, 5, 8, 64:
        for lanes in 1, 16, 40, 256:
            _, height, width = blocked.blocked_tile(rows, lanes, 4)
            assert height <= min(rows, 8)
            assert height * width + width < blocked.REGISTERS
            assert (width - 1) * BYTES < lanes * 4


@pytest.mark.parametrize("operation", ["conv2d", "conv2d_dX", "conv2d_dw"])
def test_same_bits_for_every_number_of_threads(operation, threads, monkeypatch, rng):
    monkeypatch.setattr(conv, "way", lambda *_: ways.BLOCKS)
    X, w = (rng.standard_normal(s, np.float32) for s in ((40, 20, 6, 6), (24, 20, 3, 3)))
    dZ = rng.standard_normal((40, 24, 6, 6), np.float32)
    arguments = {
        "conv2d": (X, w),
        "conv2d_dX": (dZ, w, X.shape),
        "conv2d_dw": (dZ, X, w.shape),
    }[operation]
    results = []
    for count in 1, 2:
        threads(count)
        results.append(getattr(fast, operation)(*arguments, padding=1))
    np.testing.assert_array_equal(*results)
