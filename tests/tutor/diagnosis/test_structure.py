"""Mistakes that are found by how an answer is made, and not in a list: one of each way."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from support import wrong
from support.failures import each

from cnnlab import reference
from cnnlab.tutor import check, networks
from cnnlab.tutor.diagnosis import explain


def relu_for_sigmoid(parameters, X):
    Y = np.maximum(reference.conv2d(X, parameters["w"], parameters["b"]), 0)
    return Y, Y.reshape(len(Y), -1) @ parameters["W"].T + parameters["c"]


def weights_reshaped(parameters, X):
    Y, _ = networks.forward(parameters, X)
    W = parameters["W"]
    return Y, Y.reshape(len(Y), -1) @ W.reshape(W.shape[::-1]) + parameters["c"]


def exchanged(parameters, X):
    return networks.forward(parameters, X)[::-1]


def slope_of_tanh(parameters, X, Y, dscores):
    dZ = (dscores @ parameters["W"]).reshape(Y.shape) * (1 - Y**2)
    dw = reference.conv2d_dw(dZ, X, parameters["w"].shape)
    right = networks.backward(parameters, X, Y, dscores)
    return {**right, "w": dw, "b": dZ.sum(axis=(0, 2, 3))}


def mean_of_b(parameters, X, Y, dscores):
    right = networks.backward(parameters, X, Y, dscores)
    return {**right, "b": right["b"] / len(X)}


def rate_divides(parameters, gradients, rate):
    return {name: old - gradients[name] / rate for name, old in parameters.items()}


def one_stays(parameters, gradients, rate):
    return {**networks.step(parameters, gradients, rate), "c": parameters["c"].copy()}


def with_momentum(parameters, X, labels, rate, batch, epochs):
    kept = dict.fromkeys(parameters, 0.0)
    for first in [*range(0, len(X), batch)] * epochs:
        part, truth = X[first : first + batch], labels[first : first + batch]
        Y, scores = networks.forward(parameters, part)
        gradients = networks.backward(
            parameters, part, Y, reference.cross_entropy(scores, truth).dY
        )
        kept = {name: 0.9 * kept[name] + g for name, g in gradients.items()}
        parameters = networks.step(parameters, kept, rate)
    return parameters


def sum_for_mean(parameters, X, labels, rate, batch, epochs):
    for first in [*range(0, len(X), batch)] * epochs:
        part, truth = X[first : first + batch], labels[first : first + batch]
        parameters = networks.train(parameters, part, truth, rate * len(part), batch, 1)
    return parameters


def shuffled(parameters, X, labels, rate, batch, epochs):
    rng = np.random.default_rng(3)
    for _ in range(epochs):
        order = rng.permutation(len(X))
        parameters = networks.train(parameters, X[order], labels[order], rate, batch, 1)
    return parameters


def _pooled(X, size, stride, image, place=lambda p, q, N: p * N + q):
    Y, argmax = reference.max_pool2d(image(X), size, stride=stride)
    p, q = np.divmod(argmax, X.shape[3])
    return np.array(Y), place(p, q, X.shape[3])


def gaps_filled(X, size, stride):
    return _pooled(X, size, stride, lambda X: np.where(np.isnan(X), np.inf, X))


def counted_from_one(X, size, stride):
    return _pooled(X, size, stride, np.array, lambda p, q, N: p * N + q + 1)


def hanging_over(X, size, stride):
    return tuple(reference.max_pool2d(X, size, stride=stride, ceil_mode=True))


def _shared(dY, X, size, stride, number):
    dX = np.zeros(X.shape, dY.dtype)
    for s, c, i, j in np.ndindex(dY.shape):
        p, q = i * stride[0], j * stride[1]
        window = X[s, c, p : p + size[0], q : q + size[1]]
        mask = window == window.max()
        dX[s, c, p : p + size[0], q : q + size[1]] += dY[s, c, i, j] * mask / number(mask)
    return dX


def one_winner_more(dY, X, size, stride):
    return _shared(dY, X, size, stride, lambda mask: mask.sum() + 1)


def sides_added(dY, X_shape, size, stride):
    dX = reference.avg_pool2d_dX(dY, X_shape, size, stride=stride)
    return dX * (size[0] * size[1] / (size[0] + size[1]))


def around(dY, X_shape, size, stride):
    dX = np.zeros(X_shape, dY.dtype)
    for i, j in np.ndindex(dY.shape[2:]):
        p, q = i * stride[0] - size[0] // 2, j * stride[1] - size[1] // 2
        here = np.s_[:, :, max(p, 0) : max(p + size[0], 0), max(q, 0) : max(q + size[1], 0)]
        dX[here] += dY[:, :, i, j, None, None] / (size[0] * size[1])
    return dX


def windows_reshaped(dZ, X, w_shape):
    P, D, m, n = w_shape
    windows = np.array(sliding_window_view(X, (m, n), axis=(2, 3)))
    return (dZ.transpose(1, 0, 2, 3).reshape(P, -1) @ windows.reshape(-1, D * m * n)).reshape(
        w_shape
    )


def as_large_as_the_image(X, w, b):
    m, n = w.shape[2:]
    ring = (0, 0), (0, 0), ((m - 1) // 2, m // 2), ((n - 1) // 2, n // 2)
    return reference.conv2d(np.pad(X, ring), w, b)


def outputs_summed(dZ):
    return dZ.sum(axis=1)


NAMED = [
    ("A5.forward", relu_for_sigmoid, "forward-relu-for-sigmoid"),
    ("A5.forward", weights_reshaped, "dense: dense-weights-reshaped"),
    ("A5.forward", exchanged, "results exchanged"),
    ("A5.backward", slope_of_tanh, "sigmoid: sigmoid-as-tanh"),
    ("A5.backward", mean_of_b, "b: db-mean-over-batch"),
    ("A5.step", rate_divides, "step-rate-divides"),
    ("A5.step", one_stays, "step-c-still"),
    ("A5.train", with_momentum, "train-momentum"),
    ("A5.train", sum_for_mean, "train-times-samples"),
    ("A5.train", shuffled, "train-shuffled"),
    ("A5.dense_db", outputs_summed, "added up over axis 1"),
    ("A6.max_pool2d", gaps_filled, "max-pool-computed-so"),
    ("A6.max_pool2d", counted_from_one, "max-pool-computed-so"),
    ("A6.max_pool2d", hanging_over, "windows miscounted"),
    ("A6.split", one_winner_more, "split-one-winner-too-many"),
    ("A6.avg_pool2d_dX", sides_added, "avg-pool-spread-so"),
    ("A6.avg_pool2d_dX", around, "avg-pool-spread-so"),
    ("conv2d_dw", windows_reshaped, "dw-windows-reshaped-scijuv-sijcuv"),
    ("A1.conv2d", as_large_as_the_image, "windows miscounted"),
]


@each(at=range(len(NAMED)))
def test_a_mistake_is_found_by_how_the_answer_is_made(at):
    question, function, name = NAMED[at]
    diagnosis = explain(wrong.reported(question, function))
    assert [finding.name for finding in diagnosis.findings][:1] == [name], function.__name__


def test_an_answer_that_was_kept_is_known_by_its_shapes():
    kept = {}

    def remembered(dZ, w):
        return kept.setdefault((dZ.shape, w.shape, dZ.dtype), dZ @ w).copy()

    names = [finding.name for finding in check("A5.dense_dX", remembered).diagnosis.findings]
    assert names == ["answer of another call"]


def test_one_that_works_in_place_and_returns_nothing_is_not_unwritten():
    def in_place(parameters, gradients, rate):
        for name in parameters:
            parameters[name] -= rate * gradients[name]

    (finding,) = check("A5.step", in_place).diagnosis.findings
    assert finding.name == "nothing returned"


def test_an_infinite_or_missing_number_is_no_offset():
    def infinite(Z):
        return np.where(np.abs(Z) > 100, np.inf, reference.sigmoid(Z))

    found = check("A2.sigmoid", infinite).diagnosis.findings
    assert {finding.name for finding in found} == {"not finite"}
