"""Plans: which pixels meet which entries of a pattern, and that nobody works it out twice."""

import numpy as np
import pytest

from cnnlab import fast
from cnnlab.fast import correlate, plan

# Rows or columns of pattern and source, stride, padding before, dilation.
LINES = [
    (3, 9, 1, 0, 1),
    (3, 9, 1, 2, 2),
    (5, 11, 2, 1, 1),
    (2, 10, 3, 0, 4),
    (1, 7, 4, 0, 1),
    (4, 12, 2, 3, 2),
]


def layer_of(size, image, target, transposed, stride, before, dilation):
    """Return a layer whose rows and columns are alike."""
    pair = [(number,) * 2 for number in (image, target, size, stride, before, dilation)]
    image, target, window, stride, corner, dilation = pair
    return plan.Layer(image, target, 2, 3, window, transposed, stride, corner, dilation)


@pytest.mark.parametrize("line", LINES)
def test_forward_and_transposed_meet_the_same_pairs(line):
    """Both find (position, entry, pixel) with pixel = position stride + entry dilation - before."""
    size, length, stride, before, dilation = line
    positions = (length + before - (size - 1) * dilation - 1) // stride + 1
    equation = {
        (i, u, i * stride + u * dilation - before)
        for i in range(positions)
        for u in range(size)
        if 0 <= i * stride + u * dilation - before < length
    }
    forward = layer_of(size, length, positions, False, stride, before, dilation)
    entries, shift = plan.find_taps(forward, 0, 0)
    found = {
        (i, u, i * stride + reach)
        for i in range(positions)
        for u, reach in zip(entries.tolist(), shift.tolist(), strict=True)
    }
    assert {one for one in found if 0 <= one[2] < length} == equation

    # Transposed, the source are the positions, and the target are the pixels.
    transposed = layer_of(size, positions, length, True, stride, before, dilation)
    found = set()
    for phase in range(stride):
        entries, shift = plan.find_taps(transposed, 0, phase)
        for j, pixel in enumerate(range(phase, length, stride)):
            pairs = zip(entries.tolist(), shift.tolist(), strict=True)
            found |= {(j + reach, u, pixel) for u, reach in pairs}
    assert {one for one in found if 0 <= one[0] < positions} == equation


def test_weights_are_found_in_the_pattern(rng):
    """Forward, the first pattern is the first of w; transposed, every depth holds one of it."""
    w = rng.integers(0, 1000, (3, 2, 2, 2))
    counts, entries = plan.plan_weights(layer_of(2, 5, 4, False, 1, 0, 1))
    assert counts.tolist() == [8]
    np.testing.assert_array_equal(w.reshape(-1)[entries[0]], w[0].reshape(-1))
    w = rng.integers(0, 1000, (2, 3, 2, 2))
    counts, entries = plan.plan_weights(layer_of(2, 4, 5, True, 1, 0, 1))
    np.testing.assert_array_equal(w.reshape(-1)[entries[0]], w[:, 0].reshape(-1))
    counts, entries = plan.plan_weights(layer_of(2, 4, 8, True, 2, 0, 1))
    assert counts.tolist() == [2, 2, 2, 2]  # each phase meets one entry at each depth
    np.testing.assert_array_equal(w.reshape(-1)[entries[1, :2]], w[:, 0, 0, 1])


def test_a_layer_is_planned_once(rng):
    X, w = rng.normal(size=(2, 3, 11, 13)), rng.normal(size=(4, 3, 3, 2))

    def plan_again():
        fast.conv2d_dw(fast.conv2d(X, w), X, w.shape)
        return [one.cache_info().misses for one in (plan.plan_search, correlate.plan_correlate)]

    assert plan_again() == plan_again()
