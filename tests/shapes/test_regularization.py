"""Every error message of dropout: both backends say the same words."""

import numpy as np
from support.messages import assert_refused, each_wrong_call

X = np.ones((2, 3))

DROPOUT = [
    (
        lambda ops: ops.dropout(X, X[:1]),
        "dropout: X.shape=(2, 3) but kept.shape=(1, 3); both must have the same shape.",
    ),
    (
        lambda ops: ops.dropout_dX(X[:1], X > 0),
        "dropout_dX: dY.shape=(1, 3) but kept.shape=(2, 3); both must have the same shape.",
    ),
    (
        lambda ops: ops.dropout(X, 0.25 * X),
        "dropout: kept holds 0.25, but truth values are needed; pass rng.random(X.shape) >= rate.",
    ),
    (
        lambda ops: ops.dropout_dX(X, np.nan * X),
        "dropout_dX: kept holds nan, but truth values are needed; pass rng.random(dY.shape) >= ",
    ),
    (
        lambda ops: ops.dropout(X, X, rate=1),
        "dropout: rate=1, but a number of at least 0 and below 1 is needed; try 0.5.",
    ),
    (lambda ops: ops.dropout_dX(X, X, rate=-0.1), "dropout_dX: rate=-0.1, but a number"),
]


@each_wrong_call(DROPOUT)
def test_message(wrong_call, words, ops):
    assert_refused(wrong_call, words, ops)
