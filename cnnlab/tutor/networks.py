"""The network of A5 in NumPy, and how people get it wrong."""

# The bodies of the mistakes carry no types, as those of `cnnlab.mutants`, and their docstrings say
# what is wrong, not what to do.
# mypy: allow-untyped-defs
# ruff: noqa: D401

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from cnnlab import reference
from cnnlab.tutor.mistakes import mistake

__all__ = [
    "BACKWARD",
    "FORWARD",
    "STEP",
    "TRAIN",
    "Parameters",
    "accuracy",
    "backward",
    "forward",
    "learn",
    "step",
    "train",
]

Parameters = dict[str, np.ndarray]


def _sigmoid(Z: np.ndarray) -> np.ndarray:
    """Return 1 / (1 + exp(-Z)), written so that nothing overflows."""
    return (1 + np.tanh(Z / 2)) / 2


def forward(parameters: Parameters, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Search for patterns, apply the sigmoid, flatten, and give each class a score.

    Equations (eq-pattern-search), (eq-sigmoid), (eq-flatten), (eq-vanilla).

    Parameters
    ----------
    parameters : dict of ndarray
        "w" (P, D, m, n), "b" (P,), "W" (O, P M' N') and "c" (O,).
    X : ndarray
        Images. Shape (B, D, M, N).

    Returns
    -------
    Y : ndarray
        Output of the sigmoid. Shape (B, P, M', N').
    scores : ndarray
        Shape (B, O).
    """
    w, b, W, c = (parameters[name] for name in ("w", "b", "W", "c"))
    windows = sliding_window_view(X, w.shape[2:], axis=(2, 3))
    Z = np.tensordot(windows, w, axes=((1, 4, 5), (1, 2, 3))) + b
    Y = np.ascontiguousarray(_sigmoid(Z).transpose(0, 3, 1, 2))
    return Y, Y.reshape(len(Y), W.shape[1]) @ W.T + c


def backward(
    parameters: Parameters, X: np.ndarray, Y: np.ndarray, dscores: np.ndarray
) -> Parameters:
    """Gradient of the loss with respect to every parameter.

    Equations (eq-vanilla-dw), (eq-vanilla-db), (eq-vanilla-dX), (eq-dZ), (eq-dw), (eq-db).

    Parameters
    ----------
    parameters, X, Y
        What `forward` was given, and the first array that it returned.
    dscores : ndarray
        Gradient of the loss with respect to the scores. Shape (B, O).

    Returns
    -------
    gradients : dict of ndarray
        Names and shapes as in `parameters`.
    """
    w, W = parameters["w"], parameters["W"]
    flat = Y.reshape(len(Y), W.shape[1])
    dY = (dscores @ W).reshape(Y.shape)
    dZ = dY * Y * (1 - Y)
    windows = sliding_window_view(X, w.shape[2:], axis=(2, 3))
    dw = np.tensordot(dZ, windows, axes=((0, 2, 3), (0, 2, 3)))
    return {"w": dw, "b": dZ.sum(axis=(0, 2, 3)), "W": dscores.T @ flat, "c": dscores.sum(axis=0)}


def step(parameters: Parameters, gradients: Parameters, learning_rate: float) -> Parameters:
    """Move every parameter against its gradient, equations (eq-update-w) and (eq-update-b).

    Returns
    -------
    parameters : dict of ndarray
        New arrays.
    """
    return {name: parameters[name] - learning_rate * gradients[name] for name in parameters}


def train(
    parameters: Parameters,
    X: np.ndarray,
    labels: np.ndarray,
    learning_rate: float,
    batch: int,
    epochs: int,
) -> Parameters:
    """Step through the images, batch after batch in their order, `epochs` times.

    Returns
    -------
    parameters : dict of ndarray
        New arrays. The last batch of an epoch holds what is left.
    """
    for _ in range(epochs):
        for first in range(0, len(X), batch):
            here = slice(first, first + batch)
            Y, scores = forward(parameters, X[here])
            _, dscores = reference.cross_entropy(scores, labels[here])
            parameters = step(parameters, backward(parameters, X[here], Y, dscores), learning_rate)
    return parameters


def learn(X: np.ndarray, labels: np.ndarray) -> Parameters:
    """Train 8 patterns of 5 x 5 on ten classes of images, from random starting values.

    Returns
    -------
    parameters : dict of ndarray
        As `forward` takes them.
    """
    rng = np.random.default_rng(0)
    (_, D, M, N), P, m, n = X.shape, 8, 5, 5
    inputs = P * (M - m + 1) * (N - n + 1)
    start = {
        "w": rng.uniform(-1, 1, (P, D, m, n)),
        "b": np.zeros(P),
        "W": rng.uniform(-0.05, 0.05, (10, inputs)),
        "c": np.zeros(10),
    }
    return train(start, X, labels, learning_rate=0.2, batch=20, epochs=8)


def accuracy(parameters: Parameters, X: np.ndarray, labels: np.ndarray) -> float:
    """Share of the images whose true class has the highest score."""
    _, scores = forward(parameters, X)
    return float((scores.argmax(axis=1) == labels).mean())


def _with(parameters, **others):
    return {**parameters, **others}


@mistake("eq-activation")
def sigmoid_forgotten(parameters, X):
    """Y is the output of the search, without the sigmoid.

    Z was handed on.
    """
    Y, _ = forward(parameters, X)
    Z = np.log(Y / (1 - Y))
    return Z, Z.reshape(len(Z), parameters["W"].shape[1]) @ parameters["W"].T + parameters["c"]


@mistake("eq-pattern-search")
def pattern_biases_forgotten(parameters, X):
    """The biases b of the patterns are missing.

    The search was called without them.
    """
    return forward(_with(parameters, b=np.zeros_like(parameters["b"])), X)


@mistake("eq-vanilla")
def score_biases_forgotten(parameters, X):
    """The biases c of the scores are missing.

    The dense layer was written as a product alone.
    """
    return forward(_with(parameters, c=np.zeros_like(parameters["c"])), X)


@mistake("eq-flatten")
def depth_flattened_last(parameters, X):
    """The maps are flattened position by position, not map by map.

    An axis was moved for a matrix product, and not moved back before the reshape.
    """
    Y, _ = forward(parameters, X)
    flat = Y.transpose(0, 2, 3, 1).reshape(len(Y), parameters["W"].shape[1])
    return Y, flat @ parameters["W"].T + parameters["c"]


@mistake("eq-pattern-search")
def patterns_turned(parameters, X):
    """The image is searched for the patterns turned by half a turn.

    A convolution in the sense of mathematics was computed.
    """
    return forward(_with(parameters, w=parameters["w"][:, :, ::-1, ::-1]), X)


@mistake("eq-vanilla")
def sigmoid_of_scores(parameters, X):
    """The scores went through a sigmoid, too.

    The softmax in the loss is the only function behind the last layer.
    """
    Y, scores = forward(parameters, X)
    return Y, _sigmoid(scores)


FORWARD = (
    sigmoid_forgotten,
    pattern_biases_forgotten,
    score_biases_forgotten,
    depth_flattened_last,
    patterns_turned,
    sigmoid_of_scores,
)


def _through(parameters, X, Y, dscores, slope):
    """Go back with a wrong slope of the sigmoid."""
    right = backward(parameters, X, Y, dscores)
    dY = (dscores @ parameters["W"]).reshape(Y.shape)
    dZ = dY * slope
    dw = reference.conv2d_dw(dZ, X, parameters["w"].shape)
    return {**right, "w": dw, "b": dZ.sum(axis=(0, 2, 3))}


@mistake("eq-dZ")
def slope_forgotten(parameters, X, Y, dscores):
    """The gradient passes the sigmoid unchanged.

    dY was taken for dZ.
    """
    return _through(parameters, X, Y, dscores, 1.0)


@mistake("eq-dZ")
def slope_at_Y(parameters, X, Y, dscores):
    """The slope of the sigmoid is taken at Y, not at Z.

    ``sigmoid(Y) * (1 - sigmoid(Y))`` applies the sigmoid a second time; Y is its output already.
    """
    again = _sigmoid(Y)
    return _through(parameters, X, Y, dscores, again * (1 - again))


@mistake("eq-dZ")
def slope_without_Y(parameters, X, Y, dscores):
    """The slope of the sigmoid is 1 - Y instead of Y (1 - Y).

    A factor was lost.
    """
    return _through(parameters, X, Y, dscores, 1 - Y)


@mistake("eq-dw")
def batch_divided_again(parameters, X, Y, dscores):
    """All gradients are divided by the number of samples.

    The loss is a mean, but its gradient has been divided by B already.
    """
    right = backward(parameters, X, Y, dscores)
    return {name: gradient / len(X) for name, gradient in right.items()}


@mistake("eq-flatten")
def gradient_unflattened_otherwise(parameters, X, Y, dscores):
    """The gradient of the flat numbers is put back in another order than they were taken.

    It was reshaped to (B, M', N', P), and its axes moved.
    """
    B, P, rows, columns = Y.shape
    right = backward(parameters, X, Y, dscores)
    dY = (dscores @ parameters["W"]).reshape(B, rows, columns, P).transpose(0, 3, 1, 2)
    dZ = dY * Y * (1 - Y)
    dw = reference.conv2d_dw(dZ, X, parameters["w"].shape)
    return {**right, "w": dw, "b": dZ.sum(axis=(0, 2, 3))}


@mistake("eq-dw")
def first_sample_only(parameters, X, Y, dscores):
    """Only the first sample of the batch counts.

    The code was written for one image, and called with ``X[0]``.
    """
    return backward(parameters, X[:1], Y[:1], dscores[:1])


BACKWARD = (
    slope_forgotten,
    slope_at_Y,
    slope_without_Y,
    batch_divided_again,
    gradient_unflattened_otherwise,
    first_sample_only,
)


@mistake("eq-update-w")
def uphill(parameters, gradients, learning_rate):
    """The parameters move along the gradient: the loss grows.

    ``+`` was written for ``-``.
    """
    return step(parameters, gradients, -learning_rate)


@mistake("eq-update-w")
def rate_forgotten(parameters, gradients, learning_rate):
    """The whole gradient is subtracted.

    The learning rate was forgotten.
    """
    return step(parameters, gradients, 1.0)


@mistake("eq-update-b")
def biases_stay(parameters, gradients, learning_rate):
    """The biases do not move.

    Only the weights were listed in the loop.
    """
    return {**step(parameters, gradients, learning_rate), "b": parameters["b"].copy()}


@mistake("eq-update-w")
def moved_in_place(parameters, gradients, learning_rate):
    """The parameters that were given are changed.

    ``-=`` writes into the array of the caller.
    """
    for name in parameters:
        parameters[name] -= learning_rate * gradients[name]
    return parameters


STEP = (uphill, rate_forgotten, biases_stay, moved_in_place)


@mistake("eq-update-w")
def one_epoch(parameters, X, labels, learning_rate, batch, epochs):
    """The images are gone through once, whatever the number of epochs.

    The function returns at the end of the inner loop.
    """
    return train(parameters, X, labels, learning_rate, batch, 1)


@mistake("eq-update-w")
def last_batch_dropped(parameters, X, labels, learning_rate, batch, epochs):
    """The images that do not fill a batch are left out.

    ``len(X) // batch`` counts full batches only.
    """
    whole = len(X) // batch * batch
    return train(parameters, X[:whole], labels[:whole], learning_rate, batch, epochs)


@mistake("eq-update-w")
def first_batch_only(parameters, X, labels, learning_rate, batch, epochs):
    """Every step sees the first batch.

    ``X[:batch]`` was written in the loop.
    """
    for _ in range(-(-len(X) // batch) * epochs):
        parameters = train(parameters, X[:batch], labels[:batch], learning_rate, batch, 1)
    return parameters


@mistake("eq-update-w")
def one_batch_of_all(parameters, X, labels, learning_rate, batch, epochs):
    """All images are one batch, and an epoch one step.

    The size of the batches was not used.
    """
    return train(parameters, X, labels, learning_rate, len(X), epochs)


@mistake("eq-update-w")
def gradient_of_the_start(parameters, X, labels, learning_rate, batch, epochs):
    """The gradients are those of the start of the epoch, in all of its steps.

    ``forward`` and ``backward`` were called with the parameters of before.
    """
    for _ in range(epochs):
        start = parameters
        for first in range(0, len(X), batch):
            here = slice(first, first + batch)
            moved = train(start, X[here], labels[here], learning_rate, batch, 1)
            parameters = {name: parameters[name] + moved[name] - start[name] for name in start}
    return parameters


TRAIN = (one_epoch, last_batch_dropped, first_batch_only, one_batch_of_all, gradient_of_the_start)
