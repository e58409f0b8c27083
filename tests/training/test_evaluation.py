"""Evaluation: means over all samples, counts of classes and reports on them."""

import numpy as np
import pytest
from support.bars import IMAGES, LABELS, bars_model
from support.failures import each

from cnnlab import fast
from cnnlab.training import class_report, confusion_matrix, evaluate


def test_evaluate_is_the_mean_over_all_samples_whatever_the_batches():
    model = bars_model()
    whole = evaluate(model, IMAGES, LABELS, batch_size=1000)
    parts = evaluate(model, IMAGES, LABELS, batch_size=7)
    L = fast.cross_entropy(model.forward(IMAGES), LABELS).L
    np.testing.assert_allclose([whole.loss, parts.loss], L, rtol=1e-14)
    assert whole.accuracy == parts.accuracy == (model.predict(IMAGES) == LABELS).mean()


def test_confusion_matrix_counts():
    counts = confusion_matrix([0, 1, 1, 2], [0, 2, 2, 2], classes=3)
    np.testing.assert_array_equal(counts, [[1, 0, 0], [0, 0, 2], [0, 0, 1]])
