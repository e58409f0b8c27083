"""Wrong calls of operations, with the advice that answers them, in either backend."""

import numpy as np

RNG = np.random.default_rng(0)
X, W = RNG.standard_normal((2, 3, 5, 4)), RNG.standard_normal((2, 3, 3, 2))
Z = RNG.standard_normal((2, 2, 3, 3))
GRAY, ROWS = RNG.standard_normal((5, 4)), RNG.standard_normal((6, 4))
WEIGHTS, SCORES = RNG.standard_normal((2, 4)), RNG.standard_normal((6, 2))
LABELS = np.array([0, 1, 1, 0, 1, 0])
MASKED = np.ma.masked_greater(X, 1)
LAST = np.moveaxis(X, 1, -1)


def cases(ops):
    """Return all tables with the functions of one backend."""
    return (
        _arrays(ops)
        | _forms(ops)
        | _options(ops)
        | _convolutions(ops)
        | _gradients(ops)
        | _transposed(ops)
        | _pooling(ops)
        | _dense(ops)
        | _normalization(ops)
        | _losses(ops)
        | _labels(ops)
    )


def _arrays(ops):
    return {
        "digits as text": (
            lambda: ops.relu(["1", "-2"]),
            "np.asarray(Z, dtype=np.float64)",
            lambda: ops.relu(np.asarray(["1", "-2"], dtype=np.float64)),
            lambda: [1, 0],
        ),
        "nothing": (
            lambda: ops.relu(None),
            "pass an array or a list of numbers, and not None",
            lambda: ops.relu([1, -2]),
            lambda: [1, 0],
        ),
        "numbers and nothing": (
            lambda: ops.relu([1, None]),
            "pass numbers: some of its entries are None",
            lambda: ops.relu([1, -2]),
            lambda: [1, 0],
        ),
        "what can be gone through once": (
            lambda: ops.relu(iter((1, -2))),
            "pass what is in this tuple_iterator, list(Z)",
            lambda: ops.relu(list(iter((1, -2)))),
            lambda: [1, 0],
        ),
        "words": (
            lambda: ops.relu(["one", "two"]),
            "pass numbers",
            lambda: ops.relu([1, -2]),
            lambda: [1, 0],
        ),
        "a masked array": (
            lambda: ops.conv2d(MASKED, W),
            "np.ma.filled(X, 0)",
            lambda: ops.conv2d(np.ma.filled(MASKED, 0), W),
            lambda: ops.conv2d(np.where(X > 1, 0, X), W),
        ),
        "rows of two lengths": (
            lambda: ops.relu([[1, 2], [3]]),
            "a nested list whose rows are equally long",
            lambda: ops.relu([[1, 2], [3, 4]]),
            lambda: [[1, 2], [3, 4]],
        ),
        "integers that are too large": (
            lambda: ops.relu([2**60, 2**59]),
            "scale them down first",
            lambda: ops.relu(np.array([2**60, 2**59]) // 2**40),
            lambda: [2**20, 2**19],
        ),
    }


def _forms(ops):
    return {
        "two shapes": (
            lambda: ops.relu_dZ(np.ones(3), np.ones(4)),
            "both must have the same shape",
            lambda: ops.relu_dZ(np.ones(4), np.ones(4)),
            lambda: np.ones(4),
        ),
        "a softmax without classes": (
            lambda: ops.softmax(np.ones((2, 0))),
            "at least 1",
            lambda: ops.softmax(np.ones((2, 1))),
            lambda: np.ones((2, 1)),
        ),
        "a slope above 1": (
            lambda: ops.leaky_relu([-1.0], slope=2),
            "try 0.01",
            lambda: ops.leaky_relu([-1.0], slope=0.01),
            lambda: [-0.01],
        ),
        "a gray image": (
            lambda: ops.max_pool2d(GRAY, 2),
            "X[np.newaxis]",
            lambda: ops.max_pool2d(GRAY[np.newaxis], 2).Y,
            lambda: ops.max_pool2d(GRAY.reshape(1, 5, 4), 2).Y,
        ),
        "a row of pixels": (
            lambda: ops.max_pool2d(GRAY.ravel(), 2),
            "reshape it to (B, D, M, N)",
            lambda: ops.max_pool2d(GRAY.ravel().reshape(1, 1, 5, 4), 2).Y,
            lambda: ops.max_pool2d(GRAY[np.newaxis, np.newaxis], 2).Y,
        ),
    }


def _options(ops):
    def conv(**options):
        return lambda: ops.conv2d(X, W, **options)

    return {
        "a stride of 0": (conv(stride=0), "pass 1 or more", conv(stride=1), conv()),
        "half a stride": (conv(stride=1.5), "pass 1 or more", conv(stride=1), conv()),
        "a stride beyond all": (conv(stride=2**40), "pass a smaller one", conv(stride=2**30)),
        "three strides": (
            conv(stride=(1, 1, 1)),
            "pass (rows, columns), or one integer for both",
            conv(stride=(1, 1)),
            conv(),
        ),
        "a padding in another word": (
            conv(padding="equal"),
            '"valid", "same" or "full" is needed; pass one of these',
            conv(padding="valid"),
            conv(),
        ),
        "three paddings": (
            conv(padding=(1, 1, 1)),
            "a pair (rows, columns)",
            conv(padding=(1, 1)),
            conv(padding=1),
        ),
        "a padding beyond all memory": (
            conv(padding=2**30),
            "use a smaller padding, stride or dilation",
            conv(padding=1),
        ),
        "a ceil_mode in words": (
            lambda: ops.max_pool2d(X, 2, ceil_mode="yes"),
            "True or False is needed; pass one",
            lambda: ops.max_pool2d(X, 2, ceil_mode=False).Y,
            lambda: ops.max_pool2d(X, 2).Y,
        ),
    }


def _convolutions(ops):
    def right():
        return ops.conv2d(X, W)

    return {
        "depth last, in a batch": (
            lambda: ops.conv2d(LAST, W),
            "X.transpose(0, 3, 1, 2) puts it first",
            lambda: ops.conv2d(LAST.transpose(0, 3, 1, 2), W),
            right,
        ),
        "depth last, one image": (
            lambda: ops.conv2d(LAST[0], W),
            "X.transpose(2, 0, 1) puts it first",
            lambda: ops.conv2d(LAST[0].transpose(2, 0, 1), W),
            lambda: right()[0],
        ),
        "another depth": (
            lambda: ops.conv2d(X, W[:, :2]),
            "axis 1 of both must agree",
            lambda: ops.conv2d(X[:, :2], W[:, :2]),
        ),
        "groups that do not divide": (
            lambda: ops.conv2d(X, W, groups=2),
            "pass a common divisor of both",
            lambda: ops.conv2d(X, W, groups=1),
            right,
        ),
        "one pattern": (
            lambda: ops.conv2d(X, W[0]),
            "for one pattern pass w[np.newaxis]",
            lambda: ops.conv2d(X, W[0][np.newaxis]),
            lambda: right()[:, :1],
        ),
        "no pattern": (
            lambda: ops.conv2d(X, W[:0]),
            "every axis of w must be at least 1",
            lambda: ops.conv2d(X, W[:1]),
        ),
        "no pixel": (
            lambda: ops.conv2d(X[..., :0], W),
            "depth, height and width must be at least 1",
            lambda: ops.conv2d(X[..., :2], W),
        ),
        "a pattern that is too large": (
            lambda: ops.conv2d(X[..., :1], W),
            "use a smaller pattern or a larger image",
            lambda: [ops.conv2d(X[..., :1], W[..., :1]).sum(), right().sum()],
        ),
    }


def _gradients(ops):
    def right():
        return ops.conv2d(X, W)

    return {
        "one bias for all": (
            lambda: ops.conv2d(X, W, [1.0]),
            "b needs one number per pattern, shape (2,)",
            lambda: ops.conv2d(X, W, [1.0] * 2),
            lambda: right() + 1,
        ),
        "a gradient of another shape": (
            lambda: ops.conv2d_dX(Z[..., :2], W, X.shape),
            "dZ must have the shape of Z",
            lambda: ops.conv2d_dX(np.ones_like(right()), W, X.shape),
        ),
        "an image beside a batch": (
            lambda: ops.conv2d_dX(Z[0], W, X.shape),
            "both must be one image (3 axes) or both a batch (4 axes)",
            lambda: ops.conv2d_dX(Z[0], W, X[0].shape),
            lambda: ops.conv2d_dX(Z, W, X.shape)[0],
        ),
        "an array for its shape": (
            lambda: ops.conv2d_dX(Z, W, X),
            "pass the shape of the array that it describes, X.shape",
            lambda: ops.conv2d_dX(Z, W, X.shape),
        ),
        "rows and columns for the shape": (
            lambda: ops.conv2d_dX(Z, W, X.shape[2:]),
            "pass the shape of the array that it describes, X.shape",
            lambda: ops.conv2d_dX(Z, W, X.shape),
        ),
        "a shape below zero": (
            lambda: ops.conv2d_dX(Z, W, (2, 3, -1, 4)),
            "pass the shape of the array that it describes, X.shape",
            lambda: ops.conv2d_dX(Z, W, X.shape),
        ),
    }


def _transposed(ops):
    w = W.swapaxes(0, 1)

    def right(**options):
        return lambda: ops.conv_transpose2d(X, w, **options)

    return {
        "depth last": (
            lambda: ops.conv_transpose2d(LAST, w),
            "X.transpose(0, 3, 1, 2) puts it first",
            lambda: ops.conv_transpose2d(LAST.transpose(0, 3, 1, 2), w),
            right(),
        ),
        "another depth, laid out": (
            lambda: ops.conv_transpose2d(X, W),
            "axis 1 of X and axis 0 of w must agree",
            lambda: ops.conv_transpose2d(X, W.swapaxes(0, 1)),
            right(),
        ),
        "groups for laying out": (right(groups=2), "pass a divisor", right(groups=3)),
        "more output_padding than stride": (
            right(output_padding=2, stride=2),
            "pass at most (1, 1)",
            right(output_padding=(1, 1), stride=2),
        ),
        "output_padding beside same": (
            right(output_padding=1, stride=2, padding="same"),
            "leave one of the two out",
            lambda: [
                right(stride=2, padding="same")().shape,
                right(stride=2, output_padding=1)().shape,
            ],
            lambda: [(2, 2, 10, 8), (2, 2, 12, 9)],
        ),
        "padding that leaves nothing": (right(padding=4), "use less padding", right(padding=1)),
    }


def _pooling(ops):
    Y, argmax = ops.max_pool2d(X, 2)
    right = ops.max_pool2d_dX(Y, argmax, X.shape)
    return {
        "a window that is too large": (
            lambda: ops.max_pool2d(X, 5),
            "use a smaller window or a larger image",
            lambda: ops.max_pool2d(X, 4).Y,
        ),
        "Y in the place of argmax": (
            lambda: ops.max_pool2d_dX(Y, Y, X.shape),
            "pass the argmax that max_pool2d returned",
            lambda: ops.max_pool2d_dX(Y, ops.max_pool2d(X, 2).argmax, X.shape),
            lambda: right,
        ),
        "argmax of another shape": (
            lambda: ops.max_pool2d_dX(Y[..., :1], argmax, X.shape),
            "both must have the shape of what max_pool2d returned",
            lambda: ops.max_pool2d_dX(Y, argmax, X.shape),
            lambda: right,
        ),
        "argmax of a larger image": (
            lambda: ops.max_pool2d_dX(Y, argmax + 20, X.shape),
            "pass the argmax and the X_shape of the same max_pool2d",
            lambda: ops.max_pool2d_dX(Y, argmax, X.shape),
            lambda: right,
        ),
        "the gradient of another pooling": (
            lambda: ops.avg_pool2d_dX(Y[..., :1], X.shape, 2),
            "dY must have the shape of Y",
            lambda: ops.avg_pool2d_dX(Y, X.shape, 2),
        ),
    }


def _dense(ops):
    right = ROWS @ WEIGHTS.T
    return {
        "images for a dense layer": (
            lambda: ops.dense(ROWS.reshape(6, 1, 2, 2), WEIGHTS),
            "X.reshape(len(X), -1)",
            lambda: ops.dense(ROWS.reshape(6, 1, 2, 2).reshape(6, -1), WEIGHTS),
            lambda: right,
        ),
        "weights for other inputs": (
            lambda: ops.dense(ROWS[:, :3], WEIGHTS),
            "axis 1 of both must agree",
            lambda: ops.dense(ROWS[:, :3], WEIGHTS[:, :3]),
            lambda: ROWS[:, :3] @ WEIGHTS[:, :3].T,
        ),
        "one row of weights": (
            lambda: ops.dense(ROWS, WEIGHTS[0]),
            "w needs two axes of at least 1: (outputs, inputs)",
            lambda: ops.dense(ROWS, WEIGHTS[:1]),
            lambda: right[:, :1],
        ),
        "weights for other outputs": (
            lambda: ops.dense_dX(SCORES, WEIGHTS.T),
            "axis 1 of dZ and axis 0 of w must agree",
            lambda: ops.dense_dX(SCORES, WEIGHTS),
            lambda: SCORES @ WEIGHTS,
        ),
        "two batches": (
            lambda: ops.dense_dw(SCORES[:5], ROWS),
            "both need one row per sample",
            lambda: ops.dense_dw(SCORES, ROWS),
            lambda: SCORES.T @ ROWS,
        ),
        "samples without a number": (
            lambda: ops.dense_dw(SCORES, ROWS[:, :0]),
            "the last axis of both must be at least 1",
            lambda: ops.dense_dw(SCORES, ROWS[:, :1]),
            lambda: SCORES.T @ ROWS[:, :1],
        ),
        "no outputs": (
            lambda: ops.dense_db(SCORES[:, :0]),
            "the last axis must be at least 1",
            lambda: ops.dense_db(SCORES[:, :1]),
            lambda: SCORES[:, :1].sum(axis=0),
        ),
    }


def _normalization(ops):
    w, b, kept = np.array([2.0, 3.0, 4.0]), np.zeros(3), X > 0
    _, mean, variance, scale = ops.batch_norm2d(X, w, b)
    return {
        "spreads of other depths": (
            lambda: ops.batch_norm2d(X, w[:2], b),
            "w needs one number per depth, shape (3,)",
            lambda: ops.batch_norm2d(X, w, b).Y,
            lambda: ops.batch_norm2d(X, w, b, mean=mean, variance=variance).Y,
        ),
        "a mean alone": (
            lambda: ops.batch_norm2d(X, w, b, mean=mean),
            "pass both",
            lambda: ops.batch_norm2d(X, w, b, mean=mean, variance=variance).Y,
            lambda: ops.batch_norm2d(X, w, b).Y,
        ),
        "a gradient of fewer images": (
            lambda: ops.batch_norm2d_dX(X[:1], X, w, mean, scale),
            "both must have the same shape",
            lambda: ops.batch_norm2d_dX(X, X, w, mean, scale),
            lambda: ops.batch_norm2d_backward(X, X, w, mean, scale).dX,
        ),
        "probabilities for what is kept": (
            lambda: ops.dropout(X, np.full(X.shape, 0.5)),
            "pass rng.random(X.shape) >= rate",
            lambda: ops.dropout(X, np.random.default_rng(0).random(X.shape) >= 0.5),
            lambda: 2 * X * (np.random.default_rng(0).random(X.shape) >= 0.5),
        ),
        "a mask of one image": (
            lambda: ops.dropout(X, kept[0]),
            "both must have the same shape",
            lambda: ops.dropout(X, kept),
            lambda: 2 * X * kept,
        ),
    }


def _losses(ops):
    def loss(*arguments):
        return lambda: ops.cross_entropy(*arguments).L

    right = loss(SCORES, LABELS)
    return {
        "targets in a row": (
            lambda: ops.squared_error(SCORES[:, :1], LABELS),
            "make T a column, T[:, np.newaxis]",
            lambda: ops.squared_error(SCORES[:, :1], LABELS[:, np.newaxis]).L,
            lambda: ops.squared_error(SCORES[:, :1], LABELS.reshape(6, 1)).L,
        ),
        "outputs that are numbers": (
            lambda: ops.squared_error(1.0, 2.0),
            "1 axis (one vector)",
            lambda: ops.squared_error([1.0], [2.0]).L,
        ),
        "scores without classes": (
            loss(SCORES[:, :0], LABELS),
            "the last axis must hold one score per class, at least 1",
            loss(SCORES[:, :1], 0 * LABELS),
        ),
        "a label less": (
            loss(SCORES, LABELS[:5]),
            "pass one label per sample",
            loss(SCORES[:5], LABELS[:5]),
        ),
        "rows of labels that differ": (
            loss(SCORES, [[0], [1, 0]]),
            "pass one integer per sample",
            loss(SCORES, [0, 1, 1, 0, 1, 0]),
            right,
        ),
    }


def _labels(ops):
    def loss(*arguments):
        return lambda: ops.cross_entropy(*arguments).L

    right = loss(SCORES, LABELS)
    return {
        "a column of labels": (
            loss(SCORES, LABELS[:, np.newaxis]),
            "labels.ravel()",
            loss(SCORES, LABELS[:, np.newaxis].ravel()),
            right,
        ),
        "masked labels": (
            loss(SCORES[:, :], np.ma.masked_equal(LABELS, 9)),
            "labels.compressed()",
            loss(SCORES, np.ma.masked_equal(LABELS, 9).compressed()),
            right,
        ),
        "labels from 1": (
            loss(SCORES, LABELS + 1),
            "subtract 1: labels - 1",
            loss(SCORES, LABELS + 1 - 1),
            right,
        ),
        "scores in maps": (
            loss(X, LABELS),
            "flatten first, Z.reshape(len(Z), -1)",
            loss(X.reshape(len(X), -1), [0, 1]),
        ),
        "many labels for one sample": (
            loss(SCORES[0], [0]),
            "one sample needs one class number",
            loss(SCORES[0], 0),
        ),
    }
