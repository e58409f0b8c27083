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


def test_class_report_by_hand():
    labels, predictions = [0, 0, 0, 1, 1, 2], [0, 0, 1, 1, 0, 0]
    report = class_report(labels, predictions, classes=4)
    np.testing.assert_array_equal(report.counts, [3, 2, 1, 0])
    np.testing.assert_array_equal(report.predicted, [4, 2, 0, 0])
    np.testing.assert_array_equal(report.precision, [0.5, 0.5, np.nan, np.nan])
    np.testing.assert_array_equal(report.recall, [2 / 3, 0.5, 0, np.nan])
    np.testing.assert_array_equal(report.f1, [4 / 7, 0.5, 0, np.nan])
    assert report.accuracy == 0.5


def test_class_report_is_a_table():
    report = class_report([0, 1], [0, 0], classes=2)
    assert repr(report).splitlines()[1].split() == ["0", "0.500", "1.000", "0.667", "1", "2"]
    assert repr(report).splitlines()[2].split() == ["1", "nan", "0.000", "0.000", "1", "0"]
    assert repr(report).splitlines()[3].split() == ["all", "0.500", "2", "2"]
    page = report._repr_html_()
    assert page.count("<tr>") == 4
    assert "precision" in page


def test_class_report_of_nothing():
    report = class_report([], [], classes=2)
    assert np.isnan(report.precision).all()
    assert np.isnan(report.accuracy)


@each(
    case={
        "lengths": (([0, 1], [0]), ValueError, "2 labels but 1 predictions came"),
        "a class more": (([0, 2], [0, 1]), ValueError, r"labels\[1\]=2 is outside 0 to 1"),
        "probabilities": (([0, 1], [0.2, 0.9]), TypeError, "integers are needed"),
    }
)
def test_class_report_refuses(case):
    arrays, kind, says = case
    with pytest.raises(kind, match=f"^class_report: .*{says}"):
        class_report(*arrays, classes=2)
