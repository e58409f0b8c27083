"""Every error message of the convolutions: both backends say the same words."""

import numpy as np
from support.messages import assert_refused, each_wrong_call

X = np.zeros((8, 3, 28, 27))
W = np.zeros((16, 3, 5, 4))
Z = np.zeros((8, 16, 24, 24))

PATTERNS = [
    (
        lambda ops: ops.conv2d(X, W[:, :1]),
        "conv2d: X has depth D=3 but w expects 1 (X.shape=(8, 3, 28, 27), "
        "w.shape=(16, 1, 5, 4)); axis 1 of both must agree.",
    ),
    (
        lambda ops: ops.conv2d(X[0], W[:, :1]),
        "conv2d: X has depth D=3 but w expects 1 (X.shape=(3, 28, 27), w.shape=(16, 1, 5, 4)); "
        "axis 0 of X and axis 1 of w must agree.",
    ),
    (lambda ops: ops.conv2d_dw(Z, X[:, :2], W.shape), "conv2d_dw: X has depth D=2 but w expects 3"),
    (
        lambda ops: ops.conv2d(X, W[0]),
        "conv2d: w has 3 axes (X.shape=(8, 3, 28, 27), w.shape=(3, 5, 4)), but needs 4: "
        "(P patterns, depth, height, width); for one pattern pass w[np.newaxis].",
    ),
    (lambda ops: ops.conv2d_dX(Z, W[:, :, :, 0], X.shape), "conv2d_dX: w has 3 axes"),
    (
        lambda ops: ops.conv2d(X, W[0, 0]),
        "conv2d: w has 2 axes (X.shape=(8, 3, 28, 27), w.shape=(5, 4)), but needs 4: "
        "(P patterns, depth, height, width); reshape it.",
    ),
    (lambda ops: ops.conv2d(X, W[:0]), "conv2d: w has a size of zero"),
    (
        lambda ops: ops.conv2d(X, W, np.zeros(3)),
        "conv2d: b.shape=(3,) but w holds P=16 patterns (w.shape=(16, 3, 5, 4)); "
        "b needs one number per pattern, shape (16,).",
    ),
    (lambda ops: ops.conv2d(X, W, np.zeros((16, 1))), "conv2d: b.shape=(16, 1) but w holds P=16"),
]

GROUPS = [
    (
        lambda ops: ops.conv2d(X, W, groups=2),
        "conv2d: groups=2 does not divide depth D=3 and P=16 patterns (X.shape=(8, 3, 28, 27), "
        "w.shape=(16, 3, 5, 4)); pass a common divisor of both.",
    ),
    (
        lambda ops: ops.conv2d(X, W[:, :1], groups=3),
        "conv2d: groups=3 does not divide depth D=3 and P=16 patterns",
    ),
    (
        lambda ops: ops.conv2d(X, W[:15], groups=3),
        "conv2d: X has depth D=3, in groups=3 of 1, but w expects 3 (X.shape=(8, 3, 28, 27), "
        "w.shape=(15, 3, 5, 4)); axis 1 of w must be D // groups.",
    ),
]

RESULTS = [
    (
        lambda ops: ops.conv2d(X, W, padding=2**31 - 1),
        "conv2d: the result of shape (8, 16, 4294967318, 4294967318) has more entries than "
        "any memory holds; use a smaller padding, stride or dilation.",
    ),
    (
        lambda ops: ops.conv2d(X[:0], W, padding=2**31 - 1),
        "conv2d: the result of shape (0, 16, 4294967318, 4294967318) has more entries than any "
        "memory holds; use a smaller padding, stride or dilation.",
    ),
    (
        lambda ops: ops.conv2d_dX(Z[:, :, :23], W, X.shape),
        "conv2d_dX: dZ.shape=(8, 16, 23, 24), but images of shape (8, 3, 28, 27) searched for "
        "patterns of shape (16, 3, 5, 4) give Z of shape (8, 16, 24, 24); "
        "dZ must have the shape of Z.",
    ),
    (
        lambda ops: ops.conv2d_dw(Z[:7], X, W.shape),
        "conv2d_dw: dZ.shape=(7, 16, 24, 24), but images of shape (8, 3, 28, 27)",
    ),
    (
        lambda ops: ops.conv2d_dX(Z, W, X.shape, stride=2),
        "conv2d_dX: dZ.shape=(8, 16, 24, 24), but images of shape (8, 3, 28, 27) searched for "
        "patterns of shape (16, 3, 5, 4) give Z of shape (8, 16, 12, 12); "
        "dZ must have the shape of Z.",
    ),
    (
        lambda ops: ops.conv2d_dX(Z[0, :2], W, X.shape[1:]),
        "conv2d_dX: dZ.shape=(2, 24, 24), but images of shape (3, 28, 27) searched for patterns "
        "of shape (16, 3, 5, 4) give Z of shape (16, 24, 24); dZ must have the shape of Z.",
    ),
    (
        lambda ops: ops.conv2d_dw(Z[0, :2], X[0], W.shape),
        "conv2d_dw: dZ.shape=(2, 24, 24), but images of shape (3, 28, 27)",
    ),
    (lambda ops: ops.conv2d_dw(Z, X, W.shape, padding=1), "conv2d_dw: dZ.shape=(8, 16, 24, 24)"),
]


@each_wrong_call(PATTERNS + GROUPS + RESULTS)
def test_message(wrong_call, words, ops):
    assert_refused(wrong_call, words, ops)
