"""Every error message of the losses: both backends say the same words."""

import numpy as np
from support.messages import assert_refused, each_wrong_call

SQUARED_ERROR = [
    (
        lambda ops: ops.squared_error(np.zeros((2, 3)), np.zeros((1, 3))),
        "squared_error: Y.shape=(2, 3) but T.shape=(1, 3); both must have the same shape.",
    ),
    (
        lambda ops: ops.squared_error(1.0, 2.0),
        "squared_error: Y.shape=(), but Y needs 1 axis (one vector), 2 (a batch of vectors), "
        "3 (one image) or 4 (a batch of images), of at least 1 each but the batch.",
    ),
    (lambda ops: ops.squared_error(np.zeros((2, 0)), np.zeros((2, 0))), "squared_error: Y.shape="),
    (lambda ops: ops.squared_error([], []), "squared_error: Y.shape=(0,)"),
]

CROSS_ENTROPY = [
    (
        lambda ops: ops.cross_entropy(np.zeros((2, 0)), [0, 0]),
        "cross_entropy: Z.shape=(2, 0) has no classes; "
        "the last axis must hold one score per class, at least 1.",
    ),
    (
        lambda ops: ops.cross_entropy(np.zeros((2, 3)), [1]),
        "cross_entropy: Z holds 2 samples but labels 1 (Z.shape=(2, 3), labels.shape=(1,)); "
        "pass one label per sample.",
    ),
    (lambda ops: ops.cross_entropy(np.zeros((1, 2, 3)), [1]), "cross_entropy: Z has 3 axes"),
]

LABELS = [
    (
        lambda ops: ops.cross_entropy(np.zeros((3, 10)), [0, 10, -1]),
        "cross_entropy: labels[1]=10 is outside 0 to 9 (2 of 3 labels are); "
        "there are 10 classes, numbered from 0; number them first: classes, labels = "
        "np.unique(labels, return_inverse=True).",
    ),
    (
        lambda ops: ops.cross_entropy(np.zeros((2, 10)), [0.0, 1.0]),
        "cross_entropy: labels are list [0.0, 1.0], but integers are needed, the class numbers "
        "0 to 9; convert them first, for example with np.asarray(labels).astype(int).",
    ),
    (
        lambda ops: ops.cross_entropy(np.zeros((2, 10)), np.array([0.0, np.nan])),
        "cross_entropy: labels are an array of dtype float64 and shape (2,), but integers are "
        "needed, the class numbers 0 to 9; 1 of them are NaN: leave those samples out.",
    ),
    (
        lambda ops: ops.cross_entropy(np.zeros((2, 10)), ["3", "4"]),
        "cross_entropy: labels are list ['3', '4'], but integers are needed",
    ),
    (
        lambda ops: ops.cross_entropy(np.zeros((2, 10)), np.ma.masked_equal([0, 1], 1)),
        "cross_entropy: labels are a masked array of dtype int64 and shape (2,), but integers are "
        "needed, the class numbers 0 to 9; leave the masked samples out, for example with "
        "labels.compressed().",
    ),
    (
        lambda ops: ops.cross_entropy(np.zeros((2, 10)), [[1], [2]]),
        "cross_entropy: labels.shape=(2, 1); a batch needs one class number per sample, shape "
        "(B,); from one column take labels.ravel().",
    ),
    (
        lambda ops: ops.cross_entropy(np.zeros((2, 10)), [[1], [2, 3]]),
        "cross_entropy: labels cannot be read as an array",
    ),
    (
        lambda ops: ops.cross_entropy(np.zeros((2, 3)), np.eye(3, dtype=int)[:2]),
        "cross_entropy: labels.shape=(2, 3); a batch needs one class number per sample, shape "
        "(B,); from one row per sample take labels.argmax(axis=1).",
    ),
    (
        lambda ops: ops.cross_entropy(np.zeros(3), [1]),
        "cross_entropy: labels.shape=(1,); one sample needs one class number, "
        "not an array of them.",
    ),
]


@each_wrong_call(SQUARED_ERROR + CROSS_ENTROPY + LABELS)
def test_message(wrong_call, words, ops):
    assert_refused(wrong_call, words, ops)
