"""Every error message of the operations: both backends say the same words."""

import numpy as np
import pytest

X = np.zeros((8, 3, 28, 27))
W = np.zeros((16, 3, 5, 4))
Z = np.zeros((8, 16, 24, 24))

CONV = [
    (
        lambda ops: ops.conv2d(X, W[:, :1]),
        "conv2d: X has depth D=3 but w expects 1 (X.shape=(8, 3, 28, 27), "
        "w.shape=(16, 1, 5, 4)); axis 1 of both must agree.",
    ),
    (
        lambda ops: ops.conv2d(X[0, 0], W),
        "conv2d: X has 2 axes (X.shape=(28, 27)), but needs 3 (one image: depth, height, width) "
        "or 4 (a batch of images); a gray image needs a depth of 1: X[np.newaxis].",
    ),
    (lambda ops: ops.conv2d(X[np.newaxis], W), "conv2d: X has 5 axes"),
    (lambda ops: ops.conv2d(3.0, W), "conv2d: X has 0 axes"),
    (
        lambda ops: ops.conv2d(X, W[0]),
        "conv2d: w has 3 axes (X.shape=(8, 3, 28, 27), w.shape=(3, 5, 4)), but needs 4: "
        "(P patterns, depth, height, width); for one pattern pass w[np.newaxis].",
    ),
    (
        lambda ops: ops.conv2d(X[:, :, :4], W),
        "conv2d: a pattern of 5 x 4 does not fit into an image of 4 x 27 (X.shape=(8, 3, 4, 27), "
        "w.shape=(16, 3, 5, 4)); use a smaller pattern or a larger image.",
    ),
    (
        lambda ops: ops.conv2d(X[:, :, :0], W),
        "conv2d: X holds images of size zero (X.shape=(8, 3, 0, 27), w.shape=(16, 3, 5, 4)); "
        "depth, height and width must be at least 1 (only the batch may be empty).",
    ),
    (lambda ops: ops.conv2d(X[:, :0], W[:, :0]), "conv2d: X holds images of size zero"),
    (lambda ops: ops.conv2d(X, W[:0]), "conv2d: w has a size of zero"),
    (
        lambda ops: ops.conv2d(X, W, np.zeros(3)),
        "conv2d: b.shape=(3,) but w holds P=16 patterns (w.shape=(16, 3, 5, 4)); "
        "b needs one number per pattern, shape (16,).",
    ),
    (lambda ops: ops.conv2d(X, W, np.zeros((16, 1))), "conv2d: b.shape=(16, 1) but w holds P=16"),
    (
        lambda ops: ops.conv2d([[1, 2], [3]], W),
        "conv2d: X cannot be read as an array",
    ),
    (
        lambda ops: ops.conv2d_dX(Z[:, :, :23], W, X.shape),
        "conv2d_dX: dZ.shape=(8, 16, 23, 24), but images of shape (8, 3, 28, 27) searched for "
        "patterns of shape (16, 3, 5, 4) give Z of shape (8, 16, 24, 24); "
        "dZ must have the shape of Z.",
    ),
    (lambda ops: ops.conv2d_dX(Z, W[:, :, :, 0], X.shape), "conv2d_dX: w has 3 axes"),
    (
        lambda ops: ops.conv2d_dX(Z, W, X),
        "conv2d_dX: X_shape must be a tuple of integers, not an array of dtype float64 and shape "
        "(8, 3, 28, 27); pass the shape of the array, for example X.shape.",
    ),
    (lambda ops: ops.conv2d_dX(Z, W, 28), "conv2d_dX: X_shape must be a tuple of integers"),
    (
        lambda ops: ops.conv2d_dX(Z, W, (28, 27)),
        "conv2d_dX: X_shape=(28, 27) has length 2, but needs 3 or 4; "
        "pass the shape of the array that it describes.",
    ),
    (
        lambda ops: ops.conv2d_dX(Z, W, (8, 3, -1, 27)),
        "conv2d_dX: X_shape=(8, 3, -1, 27) has a negative size; sizes start at 0.",
    ),
    (
        lambda ops: ops.conv2d_dX(Z[0], W, X.shape),
        "conv2d_dX: dZ has 3 axes but X_shape has 4; "
        "both must be one image (3 axes) or both a batch (4 axes).",
    ),
    (lambda ops: ops.conv2d_dw(Z, X[0], W.shape), "conv2d_dw: dZ has 4 axes but X has 3"),
    (
        lambda ops: ops.conv2d_dw(Z, X, W.shape[:3]),
        "conv2d_dw: w_shape=(16, 3, 5) has length 3, but needs 4",
    ),
    (
        lambda ops: ops.conv2d_dw(Z[:7], X, W.shape),
        "conv2d_dw: dZ.shape=(7, 16, 24, 24), but images of shape (8, 3, 28, 27)",
    ),
    (lambda ops: ops.conv2d_dw(Z, X[:, :2], W.shape), "conv2d_dw: X has depth D=2 but w expects 3"),
    (lambda ops: ops.conv2d_db(Z[0, 0]), "conv2d_db: dZ has 2 axes"),
    (
        lambda ops: ops.conv2d_db(Z[:, :0]),
        "conv2d_db: dZ holds images of size zero (dZ.shape=(8, 0, 24, 24)); "
        "depth, height and width must be at least 1 (only the batch may be empty).",
    ),
]

OPTIONS = [
    (
        lambda ops: ops.conv2d(X, W, stride=0),
        "conv2d: stride=0, but at least 1 is needed.",
    ),
    (
        lambda ops: ops.conv2d(X, W, stride=(1, 2, 3)),
        "conv2d: stride=(1, 2, 3) has 3 entries, but needs 2; pass (rows, columns), "
        "or one integer for both.",
    ),
    (
        lambda ops: ops.conv2d(X, W, stride=1.5),
        "conv2d: stride=float 1.5 came, but an integer is needed; pass 1 or more.",
    ),
    (lambda ops: ops.conv2d(X, W, stride=None), "conv2d: stride=NoneType None came, but"),
    (lambda ops: ops.conv2d(X, W, stride=True), "conv2d: stride=bool True came, but an integer"),
    (lambda ops: ops.conv2d_dX(Z, W, X.shape, stride=(1, 0)), "conv2d_dX: stride=0, but"),
    (lambda ops: ops.conv2d_dw(Z, X, W.shape, dilation=-1), "conv2d_dw: dilation=-1, but"),
    (
        lambda ops: ops.conv2d(X, W, stride=2**31),
        "conv2d: stride=2147483648, but at most 2147483647 is possible.",
    ),
    (
        lambda ops: ops.conv2d(X, W, padding="SAME"),
        "conv2d: padding='SAME' came, but an integer, a pair (rows, columns), ((top, bottom), "
        '(left, right)), "valid", "same" or "full" is needed; pass one of these.',
    ),
    (lambda ops: ops.conv2d(X, W, padding=(1, (2, 3))), "conv2d: padding=tuple (1, (2, 3)) came"),
    (lambda ops: ops.conv2d(X, W, padding=(1, 2, 3, 4)), "conv2d: padding=tuple (1, 2, 3, 4) came"),
    (
        lambda ops: ops.conv2d(X, W, padding=-1),
        "conv2d: padding=-1, but at least 0 is needed.",
    ),
    (lambda ops: ops.conv2d(X, W, padding=((0, 0), (0, -2))), "conv2d: padding=-2, but at least 0"),
    (
        lambda ops: ops.conv2d(X, W, padding=((0, 0), (0, 1, 2))),
        "conv2d: padding=(0, 1, 2) has 3 entries",
    ),
    (lambda ops: ops.conv2d(X, W, padding=0.0), "conv2d: padding=float 0.0 came, but an integer"),
    (
        lambda ops: ops.conv2d(X, W, padding=2**31 - 1),
        "conv2d: the result of shape (8, 16, 4294967318, 4294967318) has more entries than "
        "any memory holds; use a smaller padding, stride or dilation.",
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
    (
        lambda ops: ops.conv2d(X, W, groups=2),
        "conv2d: groups=2 does not divide depth D=3 and P=16 patterns (X.shape=(8, 3, 28, 27), "
        "w.shape=(16, 3, 5, 4)); pass a common divisor of both.",
    ),
    (
        lambda ops: ops.conv2d(X, W[:, :1], groups=3),
        "conv2d: groups=3 does not divide depth D=3 and P=16 patterns",
    ),
    (lambda ops: ops.conv2d(X, W, groups=0), "conv2d: groups=0, but at least 1 is needed."),
    (lambda ops: ops.conv2d(X, W, groups=(1, 1)), "conv2d: groups=tuple (1, 1) came, but"),
    (
        lambda ops: ops.conv2d(X, W[:15], groups=3),
        "conv2d: X has depth D=3, in groups=3 of 1, but w expects 3 (X.shape=(8, 3, 28, 27), "
        "w.shape=(15, 3, 5, 4)); axis 1 of w must be D // groups.",
    ),
    (
        lambda ops: ops.conv2d_dX(Z, W, X.shape, stride=2),
        "conv2d_dX: dZ.shape=(8, 16, 24, 24), but images of shape (8, 3, 28, 27) searched for "
        "patterns of shape (16, 3, 5, 4) give Z of shape (8, 16, 12, 12); "
        "dZ must have the shape of Z.",
    ),
    (
        lambda ops: ops.conv2d(X[0], W[:, :1]),
        "conv2d: X has depth D=3 but w expects 1 (X.shape=(3, 28, 27), w.shape=(16, 1, 5, 4)); "
        "axis 0 of X and axis 1 of w must agree.",
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
    (lambda ops: ops.conv2d_db(Z[0, :0]), "conv2d_db: dZ holds images of size zero (dZ.shape=(0,"),
    (
        lambda ops: ops.conv2d(X, W[0, 0]),
        "conv2d: w has 2 axes (X.shape=(8, 3, 28, 27), w.shape=(5, 4)), but needs 4: "
        "(P patterns, depth, height, width); reshape it.",
    ),
    (
        lambda ops: ops.conv2d(X[:0], W, padding=2**31 - 1),
        "conv2d: the result of shape (0, 16, 4294967318, 4294967318) has more entries than any "
        "memory holds; use a smaller padding, stride or dilation.",
    ),
    (
        lambda ops: ops.conv2d_dX(Z, W, (8, 3, 2**40, 2**40)),
        "conv2d_dX: X_shape=(8, 3, 1099511627776, 1099511627776) has more entries than any memory "
        "holds; pass the shape of the array that it describes.",
    ),
    (
        lambda ops: ops.conv2d(X, W, stride=10**5000),
        "conv2d: stride=more than 4,300 digits, but at most 2147483647 is possible.",
    ),
    (lambda ops: ops.conv2d_dX(Z, W, (True, 3, 28, 27)), "conv2d_dX: X_shape must be a tuple of"),
    (lambda ops: ops.conv2d(X, W, stride=[1] * 10**5), "conv2d: stride=[1, 1, 1"),
    (
        lambda ops: ops.conv2d(X, W, [np.ma.masked] * 16),
        "conv2d: b holds a masked array, and its mask would be ignored; fill it first, for "
        "example with np.ma.filled(b, 0).",
    ),
    (lambda ops: ops.conv2d_dw(Z, X, W.shape, padding=1), "conv2d_dw: dZ.shape=(8, 16, 24, 24)"),
]

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

REST = [
    (
        lambda ops: ops.sigmoid_dZ(np.zeros(3), np.zeros(4)),
        "sigmoid_dZ: dY.shape=(3,) but Y.shape=(4,); both must have the same shape.",
    ),
    (lambda ops: ops.sigmoid_dZ(np.zeros(3), 0.5), "sigmoid_dZ: dY.shape=(3,) but Y.shape=()"),
    (
        lambda ops: ops.softmax(np.zeros((3, 0))),
        "softmax: Z.shape=(3, 0) has no classes; "
        "the last axis must hold one score per class, at least 1.",
    ),
    (lambda ops: ops.log_softmax(1.0), "log_softmax: Z.shape=() has no classes"),
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
    (
        lambda ops: ops.cross_entropy(np.zeros((2, 0)), [0, 0]),
        "cross_entropy: Z.shape=(2, 0) has no classes; "
        "the last axis must hold one score per class, at least 1.",
    ),
    (
        lambda ops: ops.cross_entropy(np.zeros((3, 10)), [0, 10, -1]),
        "cross_entropy: labels[1]=10 is outside 0 to 9 (2 of 3 labels are); "
        "there are 10 classes, numbered from 0.",
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
        lambda ops: ops.cross_entropy(np.zeros((2, 3)), [1]),
        "cross_entropy: Z holds 2 samples but labels 1 (Z.shape=(2, 3), labels.shape=(1,)); "
        "pass one label per sample.",
    ),
    (
        lambda ops: ops.cross_entropy(np.zeros(3), [1]),
        "cross_entropy: labels.shape=(1,); one sample needs one class number, "
        "not an array of them.",
    ),
    (lambda ops: ops.cross_entropy(np.zeros((1, 2, 3)), [1]), "cross_entropy: Z has 3 axes"),
]


@pytest.mark.parametrize(
    ("wrong_call", "words"),
    CONV + OPTIONS + DENSE + REST,
    ids=lambda value: value[:45] if isinstance(value, str) else "",
)
def test_message(wrong_call, words, ops):
    with pytest.raises((ValueError, TypeError)) as error:
        wrong_call(ops)
    assert str(error.value).startswith(words)
    assert str(error.value).endswith(".")
