"""More ways to get the network of A5 and its training wrong, see `networks`."""

# As in `networks`: no types, and the docstrings say what is wrong.
# mypy: allow-untyped-defs
# ruff: noqa: D401

from __future__ import annotations

import numpy as np

from cnnlab import reference
from cnnlab.tutor.mistakes import mistake
from cnnlab.tutor.networks import backward, forward, step, train

__all__ = ["BACKWARD", "FORWARD", "LOSS", "STEP", "TRAIN"]


def _scores(parameters, flat):
    """Give every class a score from flat numbers, or from maps."""
    W = parameters["W"]
    return flat.reshape(len(flat), W.shape[1]) @ W.T + parameters["c"]


@mistake("eq-flatten")
def columns_flattened_first(parameters, X):
    """Each map is flattened column by column, not row by row.

    Rows and columns were exchanged before the reshape.
    """
    Y, _ = forward(parameters, X)
    return Y, _scores(parameters, Y.transpose(0, 1, 3, 2))


@mistake("eq-activation")
def scores_of_Z(parameters, X):
    """Y is right, but the dense layer gets Z, without the sigmoid.

    The variable of before was handed on.
    """
    Y, _ = forward(parameters, X)
    return Y, _scores(parameters, reference.conv2d(X, parameters["w"], parameters["b"]))


@mistake("eq-pattern-search")
def pattern_biases_for_each_depth(parameters, X):
    """The biases b of the patterns are added once for every depth.

    They are added within the loop over the depths.
    """
    return forward({**parameters, "b": X.shape[1] * parameters["b"]}, X)


@mistake("eq-pattern-search")
def last_depth_only(parameters, X):
    """Only the last depth of image and patterns counts.

    ``=`` was written for ``+=`` in the loop over the depths.
    """
    return forward({**parameters, "w": parameters["w"][:, -1:]}, X[:, -1:])


@mistake("eq-pattern-search")
def first_depth_only(parameters, X):
    """Only the first depth of image and patterns counts.

    The code was written for one plane.
    """
    return forward({**parameters, "w": parameters["w"][:, :1]}, X[:, :1])


@mistake("eq-vanilla")
def scores_of_first_sample(parameters, X):
    """Every image gets the scores of the first one.

    The code was written for one image.
    """
    Y, scores = forward(parameters, X)
    return Y, np.broadcast_to(scores[:1], scores.shape).copy()


@mistake("eq-sigmoid")
def sigmoid_of_two_infinities(parameters, X):
    """Where a response is large the sigmoid is NaN: infinity was divided by infinity.

    It was computed as ``exp(Z) / (1 + exp(Z))``.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        grown = np.exp(reference.conv2d(X, parameters["w"], parameters["b"]))
        Y = grown / (1 + grown)
    return Y, _scores(parameters, Y)


FORWARD = (
    columns_flattened_first,
    scores_of_Z,
    pattern_biases_for_each_depth,
    last_depth_only,
    first_depth_only,
    scores_of_first_sample,
    sigmoid_of_two_infinities,
)


def _cost(scores, labels, largest, least):
    """Return the mean cost and its gradient, with a number added within the logarithm."""
    with np.errstate(all="ignore"):
        grown = np.exp(scores - largest)
        p = grown / grown.sum(axis=1, keepdims=True)
        L = -np.log(p[np.arange(len(labels)), labels] + least).mean()
    return float(L), ((p - np.eye(scores.shape[1])[labels]) / len(labels)).astype(scores.dtype)


@mistake("eq-log-softmax")
def largest_of_batch_subtracted(scores, labels):
    """The largest score of the whole batch is subtracted, not that of each sample.

    ``scores.max()`` has no axis, so a sample far below the largest has the probabilities 0 / 0.
    """
    return _cost(scores, labels, scores.max(), 0)


@mistake("eq-log-softmax")
def number_added_in_logarithm(scores, labels):
    """A small number is added to the probability before its logarithm is taken.

    It keeps the logarithm finite, and makes every loss of an unlikely class too small.
    """
    return _cost(scores, labels, scores.max(axis=1, keepdims=True), 1e-12)


@mistake("eq-log-softmax")
def logarithm_of_zero(scores, labels):
    """The loss is infinite where the probability is rounded to 0.

    The logarithm of the softmax was taken in two steps.
    """
    return _cost(scores, labels, scores.max(axis=1, keepdims=True), 0)


LOSS = (largest_of_batch_subtracted, number_added_in_logarithm, logarithm_of_zero)


@mistake("eq-db")
def biases_before_the_slope(parameters, X, Y, dscores):
    """The biases b get the gradient of Y, before it went through the sigmoid.

    dY was summed for dZ.
    """
    dY = (dscores @ parameters["W"]).reshape(Y.shape)
    return {**backward(parameters, X, Y, dscores), "b": dY.sum(axis=(0, 2, 3))}


@mistake("eq-vanilla-dw")
def slope_in_dense_weights(parameters, X, Y, dscores):
    """The slope of the sigmoid stands in the gradient of W, in the place of Y.

    Y (1 - Y) belongs behind the dense layer, on the way back to the maps.
    """
    slope = (Y * (1 - Y)).reshape(len(Y), parameters["W"].shape[1])
    return {**backward(parameters, X, Y, dscores), "W": dscores.T @ slope}


@mistake("eq-flatten")
def dense_weights_by_columns(parameters, X, Y, dscores):
    """For the gradient of W each map is flattened column by column, not row by row.

    The flat numbers of `forward` were not used again.
    """
    flat = Y.transpose(0, 1, 3, 2).reshape(len(Y), parameters["W"].shape[1])
    return {**backward(parameters, X, Y, dscores), "W": dscores.T @ flat}


@mistake("eq-vanilla-dX")
def through_gradient_of_W(parameters, X, Y, dscores):
    """The gradient of W stands in the place of W on the way back to the maps.

    Both had one name, and the gradient came first.
    """
    right = backward(parameters, X, Y, dscores)
    back = backward({**parameters, "W": right["W"]}, X, Y, dscores)
    return {**right, "w": back["w"], "b": back["b"]}


@mistake("eq-dw")
def patterns_of_first_sample(parameters, X, Y, dscores):
    """The gradients of w and b count the first sample only, those of W and c are right.

    The code of the patterns was written for one image.
    """
    first = backward(parameters, X[:1], Y[:1], dscores[:1])
    return {**backward(parameters, X, Y, dscores), "w": first["w"], "b": first["b"]}


@mistake("eq-dw")
def patterns_turned_back(parameters, X, Y, dscores):
    """The gradient of w is turned by half a turn.

    A convolution was taken for the search.
    """
    right = backward(parameters, X, Y, dscores)
    return {**right, "w": right["w"][:, :, ::-1, ::-1]}


@mistake("eq-db")
def biases_are_means(parameters, X, Y, dscores):
    """The gradient of b is a mean over the positions, not their sum.

    ``mean`` was written for ``sum``.
    """
    right = backward(parameters, X, Y, dscores)
    return {**right, "b": right["b"] / max(Y.shape[2] * Y.shape[3], 1)}


@mistake("eq-vanilla-db")
def score_biases_are_means(parameters, X, Y, dscores):
    """The gradient of c is a mean over the samples, not their sum.

    The loss is a mean, but dscores has been divided by B already.
    """
    right = backward(parameters, X, Y, dscores)
    return {**right, "c": right["c"] / max(len(Y), 1)}


BACKWARD = (
    biases_before_the_slope,
    slope_in_dense_weights,
    dense_weights_by_columns,
    through_gradient_of_W,
    patterns_of_first_sample,
    patterns_turned_back,
    biases_are_means,
    score_biases_are_means,
)


def _weights_only(parameters, moved):
    """Keep the biases as they were."""
    return {**moved, "b": parameters["b"].copy(), "c": parameters["c"].copy()}


@mistake("eq-update-b")
def no_bias_moves(parameters, gradients, learning_rate):
    """Neither b nor c moves.

    Only the weights were listed.
    """
    return _weights_only(parameters, step(parameters, gradients, learning_rate))


@mistake("eq-update-b")
def no_bias_moves_uphill(parameters, gradients, learning_rate):
    """Neither b nor c moves, and the weights move along the gradient.

    Two mistakes at once: only the weights were listed, and ``+`` was written for ``-``.
    """
    return _weights_only(parameters, step(parameters, gradients, -learning_rate))


@mistake("eq-update-b")
def rate_for_weights_only(parameters, gradients, learning_rate):
    """The biases move by the whole gradient, the weights by the learning rate times it.

    The rate was forgotten for b and c.
    """
    whole = step(parameters, gradients, 1.0)
    moved = step(parameters, gradients, learning_rate)
    return {**moved, "b": whole["b"], "c": whole["c"]}


@mistake("eq-update-w")
def only_the_moves(parameters, gradients, learning_rate):
    """What is returned is the move, minus the rate times the gradient, without the parameters.

    It was not added to them.
    """
    return {name: -learning_rate * gradients[name] for name in parameters}


@mistake("eq-update-w")
def gradients_of_length_one(parameters, gradients, learning_rate):
    """Every gradient is divided by its length before the step.

    It was normalized: only its direction counts then.
    """
    lengths = {name: np.linalg.norm(gradient) for name, gradient in gradients.items()}
    unit = {name: gradients[name] / (lengths[name] or 1.0) for name in parameters}
    return step(parameters, unit, learning_rate)


STEP = (
    no_bias_moves,
    no_bias_moves_uphill,
    rate_for_weights_only,
    only_the_moves,
    gradients_of_length_one,
)


def _gradients(parameters, X, labels):
    Y, scores = forward(parameters, X)
    return backward(parameters, X, Y, reference.cross_entropy(scores, labels).dY)


def _trained(parameters, learning_rate, epochs, batches, change=None):
    """Train on batches, given for each epoch as images and labels.

    ``change(gradients, parameters, X, labels)`` may return other gradients.
    """
    for _ in range(epochs):
        for X, labels in batches:
            gradients = _gradients(parameters, X, labels)
            if change is not None:
                gradients = change(gradients, parameters, X, labels)
            parameters = step(parameters, gradients, learning_rate)
    return parameters


def _batches(X, labels, batch):
    return [(X[at : at + batch], labels[at : at + batch]) for at in range(0, len(X), batch)]


@mistake("eq-update-w")
def moved_uphill(parameters, X, labels, learning_rate, batch, epochs):
    """The parameters move along the gradient: the loss grows.

    ``+`` was written for ``-``.
    """
    return train(parameters, X, labels, -learning_rate, batch, epochs)


@mistake("eq-update-b")
def biases_never_move(parameters, X, labels, learning_rate, batch, epochs):
    """The biases do not move.

    Only the weights were listed in the step.
    """

    def change(gradients, *rest):
        return {**gradients, "b": 0 * gradients["b"], "c": 0 * gradients["c"]}

    return _trained(parameters, learning_rate, epochs, _batches(X, labels, batch), change)


@mistake("eq-cross-entropy")
def rest_divided_by_batch(parameters, X, labels, learning_rate, batch, epochs):
    """The gradient of the last batch is divided by the size of a full one.

    ``batch`` was used, where fewer images are left.
    """

    def change(gradients, parameters, X, labels):
        return {name: gradient * (len(X) / batch) for name, gradient in gradients.items()}

    return _trained(parameters, learning_rate, epochs, _batches(X, labels, batch), change)


@mistake("eq-vanilla-dX")
def dense_weights_too_early(parameters, X, labels, learning_rate, batch, epochs):
    """W moves before the gradient goes back through it.

    Each layer was updated as soon as its gradient was there.
    """

    def change(gradients, parameters, X, labels):
        Y, scores = forward(parameters, X)
        moved = {**parameters, "W": parameters["W"] - learning_rate * gradients["W"]}
        back = backward(moved, X, Y, reference.cross_entropy(scores, labels).dY)
        return {**back, "W": gradients["W"], "c": gradients["c"]}

    return _trained(parameters, learning_rate, epochs, _batches(X, labels, batch), change)


@mistake("eq-update-w")
def last_batch_filled_up(parameters, X, labels, learning_rate, batch, epochs):
    """The last batch is filled up with the first images.

    The indices were taken modulo the number of images.
    """
    rows = [np.arange(at, at + batch) % max(len(X), 1) for at in range(0, len(X), batch)]
    return _trained(parameters, learning_rate, epochs, [(X[row], labels[row]) for row in rows])


@mistake("eq-update-w")
def last_batch_from_the_end(parameters, X, labels, learning_rate, batch, epochs):
    """The last batch holds as many images as the others, some of them for the second time.

    It was counted from the end.
    """
    starts = [max(0, min(at, len(X) - batch)) for at in range(0, len(X), batch)]
    batches = [(X[at : at + batch], labels[at : at + batch]) for at in starts]
    return _trained(parameters, learning_rate, epochs, batches)


@mistake("eq-cross-entropy")
def labels_from_the_start(parameters, X, labels, learning_rate, batch, epochs):
    """Every batch of images meets the first labels.

    ``labels[:batch]`` was written, where the images are ``X[first:first + batch]``.
    """
    batches = [(part, labels[: len(part)]) for part, _ in _batches(X, labels, batch)]
    return _trained(parameters, learning_rate, epochs, batches)


@mistake("eq-cross-entropy")
def labels_from_the_start_uphill(parameters, X, labels, learning_rate, batch, epochs):
    """Every batch of images meets the first labels, and the parameters move along the gradient.

    Two mistakes at once: ``labels[:batch]``, and ``+`` for ``-``.
    """
    return labels_from_the_start.function(parameters, X, labels, -learning_rate, batch, epochs)


@mistake("eq-update-w")
def one_epoch_more(parameters, X, labels, learning_rate, batch, epochs):
    """The images are gone through once too often.

    ``range(epochs + 1)`` was written.
    """
    return train(parameters, X, labels, learning_rate, batch, epochs + 1)


@mistake("eq-update-w")
def one_epoch_less(parameters, X, labels, learning_rate, batch, epochs):
    """The images are gone through once too seldom.

    ``range(1, epochs)`` was written.
    """
    return train(parameters, X, labels, learning_rate, batch, epochs - 1)


@mistake("eq-update-w")
def one_epoch_of_full_batches(parameters, X, labels, learning_rate, batch, epochs):
    """The images are gone through once, and those that do not fill a batch are left out.

    Two mistakes at once: the loop over the epochs ends early, and full batches only are counted.
    """
    whole = len(X) // batch * batch
    return train(parameters, X[:whole], labels[:whole], learning_rate, batch, min(epochs, 1))


@mistake("eq-update-w")
def rate_falls(parameters, X, labels, learning_rate, batch, epochs):
    """The learning rate gets smaller from epoch to epoch: divided by 1, 2, 3 and so on.

    Nobody asked for it: it is the same in every step.
    """
    for epoch in range(epochs):
        parameters = train(parameters, X, labels, learning_rate / (1 + epoch), batch, 1)
    return parameters


@mistake("eq-update-w")
def batches_overlap(parameters, X, labels, learning_rate, batch, epochs):
    """The batches overlap: each begins one image behind the one before.

    ``range`` was written without its step.
    """
    starts = range(max(1, len(X) - batch + 1))
    batches = [(X[at : at + batch], labels[at : at + batch]) for at in starts]
    return _trained(parameters, learning_rate, epochs, batches)


TRAIN = (
    moved_uphill,
    biases_never_move,
    rest_divided_by_batch,
    dense_weights_too_early,
    last_batch_filled_up,
    last_batch_from_the_end,
    labels_from_the_start,
    labels_from_the_start_uphill,
    one_epoch_more,
    one_epoch_less,
    one_epoch_of_full_batches,
    rate_falls,
    batches_overlap,
)
