"""Every error message of batch normalization: both backends say the same words."""

import numpy as np
from support.messages import assert_refused, each_wrong_call

X = np.zeros((2, 3, 4, 5))
D = np.ones(3)

BATCH_NORM = [
    (
        lambda ops: ops.batch_norm2d(X[0, 0], D, D),
        "batch_norm2d: X has 2 axes (X.shape=(4, 5)), but needs 3 (one image: depth, height, "
        "width) or 4 (a batch of images)",
    ),
    (
        lambda ops: ops.batch_norm2d(X[:, :0], D, D),
        "batch_norm2d: X holds images of size zero (X.shape=(2, 0, 4, 5)); depth, height and width "
        "must be at least 1 (only the batch may be empty).",
    ),
    (
        lambda ops: ops.batch_norm2d(X, D[:2], D),
        "batch_norm2d: w.shape=(2,) but X has depth D=3 (X.shape=(2, 3, 4, 5)); w needs one number "
        "per depth, shape (3,).",
    ),
    (
        lambda ops: ops.batch_norm2d(X[0], D, D[:, np.newaxis]),
        "batch_norm2d: b.shape=(3, 1) but X has depth D=3",
    ),
    (
        lambda ops: ops.batch_norm2d(X, D, D, epsilon=0),
        "batch_norm2d: epsilon=0, but a number greater than 0 is needed; try 1e-5.",
    ),
    (
        lambda ops: ops.batch_norm2d(X, D, D, mean=D),
        "batch_norm2d: mean came without variance; pass both, or neither for those of the batch.",
    ),
    (
        lambda ops: ops.batch_norm2d(X, D, D, variance=D),
        "batch_norm2d: variance came without mean; pass both",
    ),
    (
        lambda ops: ops.batch_norm2d(X, D, D, mean=D[:1], variance=D),
        "batch_norm2d: mean.shape=(1,) but X has depth D=3",
    ),
    (
        lambda ops: ops.batch_norm2d(X, D, D, mean=D, variance=D[:1]),
        "batch_norm2d: variance.shape=(1,) but X has depth D=3",
    ),
    (
        lambda ops: ops.batch_norm2d_dX(X[:1], X, D, D, D),
        "batch_norm2d_dX: dY.shape=(1, 3, 4, 5) but X.shape=(2, 3, 4, 5); both must have the same "
        "shape.",
    ),
    (
        lambda ops: ops.batch_norm2d_dX(X, X, D, D, D[:1]),
        "batch_norm2d_dX: scale.shape=(1,) but X has depth D=3",
    ),
    (
        lambda ops: ops.batch_norm2d_backward(X, X, D, D[:1], D),
        "batch_norm2d_backward: mean.shape=(1,) but X has depth D=3",
    ),
    (
        lambda ops: ops.batch_norm2d_backward(X[0], X[:1], D, D, D),
        "batch_norm2d_backward: dY.shape=(3, 4, 5) but X.shape=(1, 3, 4, 5)",
    ),
    (
        lambda ops: ops.batch_norm2d_dw(X, X, D, D[:1]),
        "batch_norm2d_dw: scale.shape=(1,) but X has depth D=3",
    ),
    (lambda ops: ops.batch_norm2d_db(X[0, 0]), "batch_norm2d_db: dY has 2 axes"),
]


@each_wrong_call(BATCH_NORM)
def test_message(wrong_call, words, ops):
    assert_refused(wrong_call, words, ops)


def test_fixed_is_a_truth_value(ops):
    for function in (ops.batch_norm2d_dX, ops.batch_norm2d_backward):
        assert_refused(
            lambda ops, function=function: function(X, X, D, D, D, fixed=1),
            f"{function.__name__}: fixed=int 1 came, but True or False is needed; pass one.",
            ops,
        )
