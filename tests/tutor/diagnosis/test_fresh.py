"""Mistakes as people write them who saw only the assignment are named: one of each kind."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from support import wrong
from support.failures import each

from cnnlab import reference
from cnnlab.tutor import check, networks
from cnnlab.tutor.diagnosis import explain


def _first(question, function):
    checked = check(question, function)
    assert not checked.right
    assert checked.diagnosis.findings
    return checked.diagnosis.findings[0].name


def _conv(X, w, b, stride=1, padding=0):
    return reference.conv2d(X, w, b, stride=stride, padding=padding)


def _two(value):
    return value if isinstance(value, tuple) else (value, value)


def search_that_never_starts_again(X, w):
    total, values = 0.0, []
    for window in sliding_window_view(X, w.shape).reshape(-1, *w.shape):
        total = total + (window * w).sum()
        values.append(total)
    return np.reshape(values, (X.shape[0] - w.shape[0] + 1, -1)).astype(X.dtype)


def search_by_columns(X, w):
    windows = sliding_window_view(X, w.shape)
    return (windows.reshape(*windows.shape[:2], -1) * w.ravel(order="F")).sum(-1)


def search_before_the_pixel(X, w):
    rows, columns = np.subtract(X.shape, w.shape) + 1
    Z = np.zeros((rows, columns), X.dtype)
    for i, j, u, v in np.ndindex(rows, columns, *w.shape):
        Z[i, j] += X[i - u, j - v] * w[u, v]
    return Z


def depths_multiplied(X, w):
    maps = [reference.conv2d(x[None], k[None, None]) for x, k in zip(X, w, strict=True)]
    return np.prod(maps, axis=0)[0]


def biases_that_pile_up(X, w, b):
    return reference.conv2d(X, w, np.cumsum(b, dtype=b.dtype))


def bias_at_one_corner(X, w, b):
    Z = reference.conv2d(X, w)
    Z[:, 0, 0] += b
    return Z


def maps_that_pile_up(X, w, b):
    Z = np.cumsum(reference.conv2d(X, w), axis=0, dtype=X.dtype)
    return Z + b[:, None, None]


def one_stride(X, w, b=None, stride=1, padding=0):
    return _conv(X, w, b, _two(stride)[0], padding)


def numbers_of_pairs(X, w, b=None, stride=1, padding=0):
    return _conv(X, w, b, _two(stride)[::-1], _two(padding)[1])


def sigmoid_of_size(Z):
    return reference.sigmoid(np.abs(Z))


def sigmoid_to_three_digits(Z):
    return np.round(reference.sigmoid(Z), 3)


def sigmoid_without_brackets(Z):
    with np.errstate(over="ignore"):
        return 1 / 1 + np.exp(-Z)


def slope_without_brackets(dY, Y):
    return Y * dY * 1 - Y


def slopes_summed(dY, Y):
    return np.zeros_like(Y) + (Y * (1 - Y) * dY).sum(axis=0, keepdims=True)


def relu_from_one(Z):
    return Z * (Z > 1)


def relu_of_one_sample(Z):
    Y = np.array(Z)
    Y[:1][Y[:1] < 0] = 0
    return Y


def half_a_slope(dY, Y):
    return (np.where(Y == 0, 0.5, 1) * dY).astype(dY.dtype)


def rows_that_pass(dY, Y):
    return dY * (Y.max(axis=-1, keepdims=True, initial=0) > 0)


def last_class_forgotten(dY, Y):
    short = dY.copy()
    short[:, -1:] = 0
    return Y * (short - (short * Y).sum(-1, keepdims=True))


def dw_of_two_sums(dZ, X):
    return sliding_window_view(X, dZ.shape).sum(axis=(-1, -2)) * dZ.sum()


def dw_of_reverse_means(dZ, X):
    planes = [reference.conv2d_dw(dZ[None, None], x[None, None], _size(dZ, x))[0, 0] for x in X]
    return np.stack(planes[::-1]) / len(planes)


def _size(dZ, x):
    return (1, 1, x.shape[0] - dZ.shape[0] + 1, x.shape[1] - dZ.shape[1] + 1)


def dense_one_sample_late(dZ, X):
    return dZ.T @ np.roll(X, 1, axis=0)


def _gathered(dZ, w, X_shape, pick):
    """Gather with ``pick(p - u, rows of dZ)``, which returns None for what is left out."""
    dX = np.zeros(X_shape, dZ.dtype)
    for p, q, u, v in np.ndindex(*X_shape[2:], *w.shape[2:]):
        i, j = pick(p, u, dZ.shape[2]), pick(q, v, dZ.shape[3])
        if i is not None and j is not None:
            dX[:, :, p, q] += dZ[:, :, i, j] @ w[:, :, u, v]
    return dX


def gathered_in_a_circle(dZ, w, X_shape):
    return _gathered(dZ, w, X_shape, lambda p, u, length: (p - u) % length)


def gathered_forward(dZ, w, X_shape):
    return _gathered(dZ, w, X_shape, lambda p, u, length: p + u if p + u < length else None)


def patterns_summed(dZ, w, X_shape):
    windows = reference.conv2d_dX(dZ.sum(1, keepdims=True), w.sum(0, keepdims=True), X_shape)
    return windows.astype(dZ.dtype)


def _scattered(dZ, w, X_shape, stride, first=(0, 0)):
    """Spread dZ over windows that begin elsewhere; what leaves the image is lost."""
    dX = np.zeros(X_shape, dZ.dtype)
    for i, j, u, v in np.ndindex(*dZ.shape[2:], *w.shape[2:]):
        p, q = i * stride[0] + u - first[0], j * stride[1] + v - first[1]
        if 0 <= p < X_shape[2] and 0 <= q < X_shape[3]:
            dX[:, :, p, q] += dZ[:, :, i, j] @ w[:, :, u, v]
    return dX


def scattered_apart(dZ, w, X_shape):
    return _scattered(dZ, w, X_shape, w.shape[2:])


def zeros_at_one_end(dZ, w):
    m, n = w.shape[2:]
    wide = np.pad(dZ, ((0, 0), (0, 0), (0, 2 * m - 2), (0, 2 * n - 2)))
    turned = np.ascontiguousarray(w[:, :, ::-1, ::-1].swapaxes(0, 1))
    return reference.conv2d(wide, turned)


def dX_with_ring(dZ, w, X_shape, stride=1, padding=0):
    rows, columns = _two(padding)
    B, D, M, N = X_shape
    return reference.conv2d_dX(dZ, w, (B, D, M + 2 * rows, N + 2 * columns), stride=stride)


def dX_turned_and_padded_otherwise(dZ, w, X_shape, stride=1, padding=0):
    return _scattered(dZ, w[:, :, ::-1, ::-1], X_shape, _two(stride), _two(padding)[::-1])


def pooled_last(X, size, stride):
    """Of equal pixels the last; of NaN the first."""
    best = reference.max_pool2d(X, size, stride=stride)
    Y, places = best.Y.copy(), best.argmax.copy()
    for s, c, i, j in np.ndindex(Y.shape):
        p, q = i * stride[0], j * stride[1]
        window = X[s, c, p : p + size[0], q : q + size[1]]
        if not np.isnan(window).any():
            u, v = np.argwhere(window == window.max())[-1]
            places[s, c, i, j] = (p + u) * X.shape[3] + q + v
    return Y, places


def halves(dY, X, size, stride):
    dX = np.zeros(X.shape, dY.dtype)
    for s, c, i, j in np.ndindex(dY.shape):
        p, q = i * stride[0], j * stride[1]
        window = X[s, c, p : p + size[0], q : q + size[1]]
        wins = window == window.max()
        dX[s, c, p : p + size[0], q : q + size[1]] += wins * dY[s, c, i, j] / min(wins.sum(), 2)
    return dX


def labels_that_stay(parameters, X, labels, learning_rate, batch, epochs):
    for first in [*range(0, len(X), batch)] * epochs:
        part = X[first : first + batch]
        Y, scores = networks.forward(parameters, part)
        dscores = reference.cross_entropy(scores, labels[: len(part)]).dY
        gradients = networks.backward(parameters, part, Y, dscores)
        parameters = networks.step(parameters, gradients, learning_rate)
    return parameters


NAMED = [
    ("A1.search2d", search_that_never_starts_again, "conv-total-runs-on"),
    ("A1.search2d", search_by_columns, "conv-w-by-columns"),
    ("A1.search2d", search_before_the_pixel, "conv-minus-for-plus"),
    ("A1.search3d", depths_multiplied, "conv-planes-multiplied"),
    ("A1.patterns", biases_that_pile_up, "conv-biases-run-on"),
    ("A1.patterns", bias_at_one_corner, "conv-bias-at-corner-only"),
    ("A1.patterns", maps_that_pile_up, "conv-patterns-run-on"),
    ("A2.sigmoid", sigmoid_of_size, "sigmoid-of-absolute"),
    ("A2.sigmoid", sigmoid_to_three_digits, "sigmoid-rounded-to-3-digits"),
    ("A2.sigmoid", sigmoid_without_brackets, "sigmoid-precedence"),
    ("A2.sigmoid_dZ", slope_without_brackets, "sigmoid-precedence"),
    ("A2.sigmoid_dZ", slopes_summed, "sigmoid-dZ-summed-over-samples"),
    ("A2.relu", relu_from_one, "relu-above-one-only"),
    ("A2.relu", relu_of_one_sample, "relu-first-sample-only"),
    ("A2.relu_dZ", half_a_slope, "relu-half-at-zero"),
    ("A2.relu_dZ", rows_that_pass, "relu-whole-rows"),
    ("A2.softmax_dZ", last_class_forgotten, "softmax-last-class-missed"),
    ("A3.dw2d", dw_of_two_sums, "dw-sums-multiplied"),
    ("A3.dw3d", dw_of_reverse_means, "dw-depths-in-reverse + dw-divided-by-depth"),
    ("A3.dense_dw", dense_one_sample_late, "dense-dw-dZ-next-sample"),
    ("A4.gather", gathered_in_a_circle, "dX-map-wraps-around"),
    ("A4.gather", gathered_forward, "dX-plus-for-minus"),
    ("A4.gather", patterns_summed, "dX-maps-added-first"),
    ("A4.scatter", scattered_apart, "dX-windows-without-overlap"),
    ("A4.full", zeros_at_one_end, "dX-zeros-at-the-end"),
    ("A4.conv2d_dX", dX_with_ring, "dX-padding-kept"),
    ("A6.max_pool2d", pooled_last, "last-number-wins"),
    ("A6.split", halves, "half-for-each-winner"),
    ("A5.train", labels_that_stay, "labels-from-the-start"),
]


@each(at=range(len(NAMED)))
def test_what_people_write_is_named(at):
    question, function, name = NAMED[at]
    diagnosis = explain(wrong.reported(question, function))
    assert [finding.name for finding in diagnosis.findings][:1] == [name], function.__name__


WITH_OPTIONS = [
    ("A1.conv2d", one_stride, "conv-stride-of-rows-for-both"),
    ("A1.conv2d", numbers_of_pairs, "conv-stride-swapped + conv-padding-of-columns-for-both"),
    ("A4.conv2d_dX", dX_turned_and_padded_otherwise, "dX-pattern-not-turned + dX-padding-swapped"),
]


@each(at=range(len(WITH_OPTIONS)))
def test_what_shows_with_an_option_alone_is_named(at):
    question, function, name = WITH_OPTIONS[at]
    assert _first(question, function) == name


def test_a_relu_makes_a_new_array_also_where_nothing_is_negative():
    def handed_back(Z):
        return Z if (Z >= 0).all() else np.maximum(Z, 0)

    assert _first("A2.relu", handed_back) == "shared"
