"""Every error message of the dense layers: both backends say the same words."""

import numpy as np
from support.messages import assert_refused, each_wrong_call

X = np.zeros((8, 3, 28, 27))

DENSE = [
    (
        lambda ops: ops.dense(np.zeros((2, 3)), np.zeros((4, 5))),
        "dense: X has I=3 inputs but w expects 5 (X.shape=(2, 3), w.shape=(4, 5)); "
        "axis 1 of both must agree.",
    ),
    (
        lambda ops: ops.dense(X, np.zeros((4, 5))),
        "dense: X has 4 axes (X.shape=(8, 3, 28, 27)), but needs 1 (one vector) or 2 (a batch of "
        "vectors); flatten each sample first, for example with X.reshape(len(X), -1).",
    ),
    (
        lambda ops: ops.dense(np.zeros(3), np.zeros(3)),
        "dense: w.shape=(3,), but w needs two axes of at least 1: (outputs, inputs).",
    ),
    (
        lambda ops: ops.dense(np.zeros(3), np.zeros((2, 3)), np.zeros(3)),
        "dense: b.shape=(3,) but w holds O=2 outputs (w.shape=(2, 3)); "
        "b needs one number per output, shape (2,).",
    ),
    (
        lambda ops: ops.dense_dX(np.zeros((1, 3)), np.zeros((2, 3))),
        "dense_dX: dZ has O=3 outputs but w has 2 (dZ.shape=(1, 3), w.shape=(2, 3)); "
        "axis 1 of dZ and axis 0 of w must agree.",
    ),
    (
        lambda ops: ops.dense(np.zeros(3), np.zeros((4, 5))),
        "dense: X has I=3 inputs but w expects 5 (X.shape=(3,), w.shape=(4, 5)); "
        "axis 0 of X and axis 1 of w must agree.",
    ),
    (
        lambda ops: ops.dense_dX(np.zeros(3), np.zeros((2, 3))),
        "dense_dX: dZ has O=3 outputs but w has 2 (dZ.shape=(3,), w.shape=(2, 3)); "
        "axis 0 of dZ and axis 0 of w must agree.",
    ),
    (lambda ops: ops.dense_dX(np.zeros(2), np.zeros((2, 0))), "dense_dX: w.shape=(2, 0)"),
    (
        lambda ops: ops.dense_dw(np.zeros((2, 3)), np.zeros((4, 3))),
        "dense_dw: dZ and X hold different batches (dZ.shape=(2, 3), X.shape=(4, 3)); "
        "both need one row per sample.",
    ),
    (
        lambda ops: ops.dense_dw(np.zeros(3), np.zeros((1, 3))),
        "dense_dw: dZ and X hold different batches (dZ.shape=(3,), X.shape=(1, 3))",
    ),
    (
        lambda ops: ops.dense_dw(np.zeros((2, 0)), np.zeros((2, 3))),
        "dense_dw: a sample of size zero",
    ),
    (lambda ops: ops.dense_db(np.zeros((2, 3, 4))), "dense_db: dZ has 3 axes"),
    (
        lambda ops: ops.dense_db(np.zeros((2, 0))),
        "dense_db: dZ.shape=(2, 0) has no outputs; "
        "the last axis must be at least 1 (only the batch may be empty).",
    ),
]


@each_wrong_call(DENSE)
def test_message(wrong_call, words, ops):
    assert_refused(wrong_call, words, ops)
