"""Calibration: bins, means and the error, by hand and against a plain count."""

import numpy as np
import pytest
from support.failures import each

from cnnlab import fast
from cnnlab.training import calibration

# Five predictions of two classes, as in the chapter: three very sure, two not.
SURE = np.array([0.95, 0.85, 0.9, 0.58, 0.52])
FIVE = np.stack([SURE, 1 - SURE], axis=1)
LABELS = [0, 0, 1, 0, 1]


def test_five_predictions_by_hand():
    found = calibration(FIVE, LABELS, bins=5)
    np.testing.assert_array_equal(found.counts, [0, 0, 2, 0, 3])
    np.testing.assert_allclose(found.confidence, [np.nan, np.nan, 0.55, np.nan, 0.9], rtol=1e-14)
    np.testing.assert_allclose(found.accuracy, [np.nan, np.nan, 1 / 2, np.nan, 2 / 3], rtol=1e-14)
    np.testing.assert_allclose(found.error, 0.16, rtol=1e-14)


@each(dtype=[np.float64, np.float32])
def test_against_a_plain_count(dtype):
    rng = np.random.default_rng(0)
    p = fast.softmax(rng.normal(0, 3, (400, 6)).astype(dtype))
    labels, R, error = rng.integers(0, 6, 400), 7, 0
    found = calibration(p, labels, bins=R)
    for r in range(R):
        inside = [s for s in range(400) if r / R < p[s].max() <= (r + 1) / R]
        assert found.counts[r] == len(inside)
        if inside:
            sure = np.mean([p[s].max() for s in inside])
            right = np.mean([p[s].argmax() == labels[s] for s in inside])
            np.testing.assert_allclose(found.confidence[r], sure, rtol=1e-5)
            np.testing.assert_allclose(found.accuracy[r], right, rtol=1e-12)
            error += len(inside) / 400 * abs(right - sure)
    np.testing.assert_allclose(found.error, error, rtol=1e-5)


def test_a_bin_holds_its_upper_end():
    found = calibration([[0.75, 0.25], [0.5, 0.5], [1, 0]], [0, 0, 0], bins=4)
    np.testing.assert_array_equal(found.counts, [0, 1, 1, 1])


def test_a_network_that_is_right_as_often_as_it_says():
    found = calibration([[0.75, 0.25]] * 4, [0, 0, 0, 1], bins=10)
    assert found.error == 0


@each(
    case={
        "no samples": (np.empty((0, 3)), [], "one sample or more"),
        "one sample": ([0.5, 0.5], [0], r"probabilities\.shape=\(2,\)"),
        "scores": ([[3.0, -1.0]], [0], "fast.softmax"),
        "NaN": ([[np.nan, 0.5]], [0], "fast.softmax"),
        "labels": (FIVE, LABELS[:4], "5 rows of probabilities but 4 labels"),
        "no class": (FIVE, [0, 0, 1, 0, 2], "calibration: labels"),
    }
)
def test_refuses(case):
    p, labels, words = case
    with pytest.raises(ValueError, match=words):
        calibration(p, labels)
