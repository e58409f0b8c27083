"""Windows on images: what is said when they do not fit, or the padding is none."""

import numpy as np
from support.messages import assert_refused, each_wrong_call

X = np.zeros((8, 3, 28, 27))
W = np.zeros((16, 3, 5, 4))
Z = np.zeros((8, 16, 24, 24))

WINDOWS = [
    (
        lambda ops: ops.conv2d(X[:, :, :4], W),
        "conv2d: a pattern of 5 x 4 does not fit into an image of 4 x 27 (X.shape=(8, 3, 4, 27), "
        "w.shape=(16, 3, 5, 4)); use a smaller pattern or a larger image.",
    ),
    (
        lambda ops: ops.conv2d(X, W, dilation=(8, 1)),
        "conv2d: a pattern of 5 x 4, 33 x 4 with its dilation, does not fit into an image of "
        "28 x 27 (X.shape=(8, 3, 28, 27), w.shape=(16, 3, 5, 4)); use a smaller pattern or a "
        "larger image.",
    ),
    (
        lambda ops: ops.conv2d(X[:, :, :2], W, padding=1),
        "conv2d: a pattern of 5 x 4 does not fit into an image of 2 x 27, 4 x 29 with its "
        "padding (X.shape=(8, 3, 2, 27), w.shape=(16, 3, 5, 4)); use a smaller pattern or a larger "
        "image.",
    ),
]

PADDING = [
    (
        lambda ops: ops.conv2d(X, W, padding="SAME"),
        "conv2d: padding='SAME' came, but an integer, a pair (rows, columns), ((top, bottom), "
        '(left, right)), "valid", "same" or "full" is needed; pass one of these.',
    ),
    (lambda ops: ops.conv2d(X, W, padding=(1, (2, 3))), "conv2d: padding=tuple (1, (2, 3)) came"),
    (lambda ops: ops.conv2d(X, W, padding=(1, 2, 3, 4)), "conv2d: padding=tuple (1, 2, 3, 4) came"),
    (
        lambda ops: ops.conv2d(X, W, padding=-1),
        "conv2d: padding=-1, but at least 0 is needed; pass 0 or more.",
    ),
    (lambda ops: ops.conv2d(X, W, padding=((0, 0), (0, -2))), "conv2d: padding=-2, but at least 0"),
    (
        lambda ops: ops.conv2d(X, W, padding=((0, 0), (0, 1, 2))),
        "conv2d: padding=(0, 1, 2) has 3 entries",
    ),
    (lambda ops: ops.conv2d(X, W, padding=0.0), "conv2d: padding=float 0.0 came, but an integer"),
]

IMAGES = [
    (
        lambda ops: ops.conv2d(X[:, :, :0], W),
        "conv2d: X holds images of size zero (X.shape=(8, 3, 0, 27), w.shape=(16, 3, 5, 4)); "
        "depth, height and width must be at least 1 (only the batch may be empty).",
    ),
    (lambda ops: ops.conv2d(X[:, :0], W[:, :0]), "conv2d: X holds images of size zero"),
    (
        lambda ops: ops.conv2d_db(Z[:, :0]),
        "conv2d_db: dZ holds images of size zero (dZ.shape=(8, 0, 24, 24)); "
        "depth, height and width must be at least 1 (only the batch may be empty).",
    ),
    (lambda ops: ops.conv2d_db(Z[0, :0]), "conv2d_db: dZ holds images of size zero (dZ.shape=(0,"),
    (
        lambda ops: ops.conv2d_dX(Z[0], W, X.shape),
        "conv2d_dX: dZ has 3 axes but X_shape has 4; "
        "both must be one image (3 axes) or both a batch (4 axes).",
    ),
    (lambda ops: ops.conv2d_dw(Z, X[0], W.shape), "conv2d_dw: dZ has 4 axes but X has 3"),
]


@each_wrong_call(WINDOWS + PADDING + IMAGES)
def test_message(wrong_call, words, ops):
    assert_refused(wrong_call, words, ops)
