"""Wrong calls of `fit`, `evaluate`, `predict` and of losses, with the advice that answers them."""

import signal

import numpy as np
import pytest
from support.interrupts import usual_ctrl_c

from cnnlab import fast, reference
from cnnlab.layers import Conv2D, Dense, Flatten
from cnnlab.model import Sequential
from cnnlab.optimizers import SGD, Adam
from cnnlab.training import History, NotFiniteError, confusion_matrix, fit

RNG = np.random.default_rng(0)
IMAGES, LABELS = RNG.random((6, 3, 5, 4)), np.array([0, 1, 1, 0, 1, 0])
SCORES = RNG.standard_normal((6, 2))


def model(input_shape=(3, 5, 4), outputs=2):
    return Sequential([Conv2D(2, 3), Flatten(), Dense(outputs)], input_shape=input_shape)


def losses(X=IMAGES, targets=LABELS, input_shape=(3, 5, 4), **options):
    """Train, and return the losses of the steps."""
    options = {"optimizer": SGD(0.1), "batch_size": 2, "progress": False} | options
    return fit(model(input_shape), X, targets, **options).step_losses


LAST = IMAGES.transpose(0, 2, 3, 1)
GRAY = IMAGES[:, 0]
ONE_HOT = np.eye(2)[LABELS]
MAPS, MAP_LABELS = RNG.standard_normal((2, 3, 4, 5)), RNG.integers(0, 3, (2, 4, 5))


def nearly(X):
    """Return the samples with a NaN in one of them."""
    X = X.copy()
    X[4, 0, 1, 2] = np.nan
    return X


FIT = {
    "channels last": (
        lambda: losses(LAST),
        "X.transpose(0, 3, 1, 2)",
        lambda: losses(LAST.transpose(0, 3, 1, 2)),
        losses,
    ),
    "no depth": (
        lambda: losses(GRAY, input_shape=(1, 5, 4)),
        "X.reshape(-1, 1, 5, 4)",
        lambda: losses(GRAY.reshape(-1, 1, 5, 4), input_shape=(1, 5, 4)),
        lambda: losses(IMAGES[:, :1], input_shape=(1, 5, 4)),
    ),
    "flat": (
        lambda: losses(IMAGES.reshape(6, -1)),
        "X.reshape(-1, 3, 5, 4)",
        lambda: losses(IMAGES.reshape(6, -1).reshape(-1, 3, 5, 4)),
        losses,
    ),
    "another size": (
        lambda: losses(IMAGES, input_shape=(3, 7, 7)),
        "make a model with the input_shape of these",
        lambda: losses(IMAGES, input_shape=IMAGES.shape[1:]),
        losses,
    ),
    "images for validation": (
        lambda: losses(validation=IMAGES),
        "validation=(X[-100:], targets[-100:])",
        lambda: losses(validation=(IMAGES[-100:], LABELS[-100:])),
        losses,
    ),
    "three arrays for validation": (
        lambda: losses(validation=(IMAGES, LABELS, LABELS)),
        "validation=(X[-100:], targets[-100:])",
        lambda: losses(validation=(IMAGES[-100:], LABELS[-100:])),
        losses,
    ),
    "a class for an optimizer": (
        lambda: losses(optimizer=Adam),
        "pass an object, Adam(0.001)",
        lambda: losses(optimizer=Adam(0.001)),
        lambda: losses(optimizer=Adam()),
    ),
    "the name of an optimizer": (
        lambda: losses(optimizer="adam"),
        "pass cnnlab.optimizers.Adam(0.001)",
        lambda: losses(optimizer=Adam(0.001)),
        lambda: losses(optimizer=Adam()),
    ),
    "the name of a loss": (
        lambda: losses(loss="cross_entropy"),
        "pass cnnlab.fast.cross_entropy or cnnlab.fast.squared_error",
        lambda: losses(loss=fast.cross_entropy),
        losses,
    ),
    "a pixel that is NaN": (
        lambda: losses(nearly(IMAGES)),
        "X[4] holds NaN or infinity (1 of 6 samples do); leave those samples and their targets out",
        lambda: losses(np.delete(nearly(IMAGES), 4, axis=0), np.delete(LABELS, 4)),
        lambda: losses(np.delete(IMAGES, 4, axis=0), np.delete(LABELS, 4)),
    ),
    "class numbers in float": (
        lambda: losses(targets=[0.0, 1.0, 1.0, 0.0, 1.0, 0.0]),
        "np.asarray(labels).astype(int)",
        lambda: losses(targets=np.asarray([0.0, 1.0, 1.0, 0.0, 1.0, 0.0]).astype(int)),
        losses,
    ),
    "labels that are words": (
        lambda: losses(targets=np.array(["cat", "dog"])[LABELS]),
        "classes, labels = np.unique(labels, return_inverse=True)",
        lambda: losses(targets=np.unique(np.array(["cat", "dog"])[LABELS], return_inverse=True)[1]),
        losses,
    ),
    "measured values": (
        lambda: losses(targets=LABELS + 0.5),
        "measured values are for squared_error, as targets of the shape of the outputs",
        lambda: losses(targets=ONE_HOT + 0.5, loss=fast.squared_error),
        lambda: losses(targets=ONE_HOT + 0.5, loss=reference.squared_error),
    ),
}


def loss_of(Z, labels):
    return [fast.cross_entropy(Z, labels).L]


CROSS_ENTROPY = {
    "one hot in float": (
        lambda: loss_of(SCORES, ONE_HOT),
        "np.asarray(labels).argmax(axis=1)",
        lambda: loss_of(SCORES, np.asarray(ONE_HOT).argmax(axis=1)),
        lambda: loss_of(SCORES, LABELS),
    ),
    "one hot in integers": (
        lambda: loss_of(SCORES, ONE_HOT.astype(int)),
        "labels.argmax(axis=1)",
        lambda: loss_of(SCORES, ONE_HOT.astype(int).argmax(axis=1)),
        lambda: loss_of(SCORES, LABELS),
    ),
    "a column in float": (
        lambda: loss_of(SCORES, 1.0 * LABELS[:, np.newaxis]),
        "np.asarray(labels).ravel().astype(int)",
        lambda: loss_of(SCORES, np.asarray(1.0 * LABELS[:, np.newaxis]).ravel().astype(int)),
        lambda: loss_of(SCORES, LABELS),
    ),
    "digits as text": (
        lambda: loss_of(SCORES, LABELS.astype(str)),
        "np.asarray(labels).astype(int)",
        lambda: loss_of(SCORES, np.asarray(LABELS.astype(str)).astype(int)),
        lambda: loss_of(SCORES, LABELS),
    ),
    "scores in maps": (
        lambda: loss_of(MAPS, [5, 50]),
        "Z.reshape(len(Z), -1)",
        lambda: loss_of(MAPS.reshape(len(MAPS), -1), [5, 50]),
        lambda: loss_of([MAPS[0].ravel(), MAPS[1].ravel()], [5, 50]),
    ),
    "maps of labels": (
        lambda: loss_of(MAPS, MAP_LABELS),
        "Z.transpose(0, 2, 3, 1).reshape(-1, 3), and pass labels.ravel()",
        lambda: loss_of(MAPS.transpose(0, 2, 3, 1).reshape(-1, 3), MAP_LABELS.ravel()),
        lambda: [
            np.mean(
                [
                    fast.cross_entropy(MAPS[s, :, i, j], MAP_LABELS[s, i, j]).L
                    for s in range(2)
                    for i in range(4)
                    for j in range(5)
                ]
            )
        ],
    ),
}


def train(network, X=IMAGES, targets=LABELS, **options):
    options = {"optimizer": SGD(0.1), "batch_size": 2, "progress": False} | options
    return fit(network, X, targets, **options).step_losses


def maps_model(*end):
    return Sequential([Conv2D(2, 3), *end], input_shape=(3, 5, 4))


HEIGHTS = RNG.random(6)
SQUARED = {"loss": reference.squared_error}
COLUMN = HEIGHTS[:, np.newaxis]
WITH_A_HOLE = np.where(np.arange(6)[:, np.newaxis] == 3, np.nan, COLUMN)

NUMBERS = {
    "a seed that is text": (
        lambda: losses(seed="x"),
        "pass 0, or np.random.default_rng()",
        lambda: losses(seed=0),
        losses,
    ),
    "a seed that is half": (
        lambda: losses(seed=1.5),
        "pass 0, or np.random.default_rng()",
        lambda: np.isfinite(losses(seed=np.random.default_rng())),
        lambda: np.ones(3),
    ),
    "a seed below zero": (
        lambda: losses(seed=-1),
        "pass 0 or more",
        lambda: losses(seed=0),
        losses,
    ),
    "half an epoch": (
        lambda: losses(epochs=1.5),
        "pass 1 or more",
        lambda: losses(epochs=1),
        losses,
    ),
    "no epoch": (lambda: losses(epochs=0), "pass 1 or more", lambda: losses(epochs=1), losses),
    "a batch size in words": (
        lambda: losses(batch_size="2"),
        "pass 1 or more",
        lambda: losses(batch_size=2),
        losses,
    ),
    "a batch size beyond all counts": (
        lambda: losses(batch_size=2**40),
        "pass a smaller one",
        lambda: losses(batch_size=2**30),
        lambda: losses(batch_size=6),
    ),
    "progress that is no flag": (
        lambda: losses(progress="no"),
        "True or False is needed; pass one",
        lambda: losses(progress=False),
        losses,
    ),
}

SAMPLES = {
    "layers in the place of a model": (
        lambda: train([Flatten(), Dense(2)]),
        "pass Sequential([...], input_shape=X.shape[1:])",
        lambda: train(Sequential([Flatten(), Dense(2)], input_shape=IMAGES.shape[1:])),
        lambda: train(Sequential([Flatten(), Dense(2)], input_shape=(3, 5, 4))),
    ),
    "no samples": (
        lambda: losses(IMAGES[:0], LABELS[:0]),
        "pass at least one",
        lambda: losses(IMAGES[:1], LABELS[:1]),
        lambda: losses(IMAGES[:1], LABELS[:1], batch_size=1),
    ),
    "fewer targets than samples": (
        lambda: losses(targets=LABELS[:5]),
        "pass one per sample",
        lambda: losses(targets=[*LABELS[:5], LABELS[5]]),
        losses,
    ),
    "one target for all": (
        lambda: losses(targets=3, loss=lambda Y, T: (Y.mean(), np.ones_like(Y) / Y.size)),
        "pass an array of 6",
        lambda: losses(targets=[3.0] * 6, loss=lambda Y, T: (Y.mean(), np.ones_like(Y) / Y.size)),
    ),
    "predict with NaN": (
        lambda: model().predict(nearly(IMAGES)),
        "leave those samples out",
        lambda: model().predict(np.delete(nearly(IMAGES), 4, axis=0)),
        lambda: np.delete(model().predict(IMAGES), 4),
    ),
    "predict after a training that went wrong": (
        lambda: ruined().predict(IMAGES),
        "make the model anew and train it with a smaller one",
        lambda: model().predict(IMAGES),
    ),
    "one sample less in predictions": (
        lambda: confusion_matrix([0, 1], [0], classes=2),
        "pass one of each per sample",
        lambda: confusion_matrix([0, 1], [0, 1], classes=2),
        lambda: np.eye(2),
    ),
    "a class more in predictions": (
        lambda: confusion_matrix([0, 1], [0, 2], classes=2),
        "for class numbers up to 2 pass classes=3",
        lambda: confusion_matrix([0, 1], [0, 2], classes=3),
        lambda: [[1, 0, 0], [0, 0, 1], [0, 0, 0]],
    ),
}


def ruined():
    network = model()
    network.layers[2].parameters["w"][:] = np.nan
    return network


TARGETS = {
    "one output for two classes": (
        lambda: train(model(outputs=1)),
        "for class numbers up to 1 pass scores of Dense(2)",
        lambda: train(model(outputs=2)),
        losses,
    ),
    "labels from 1": (
        lambda: losses(targets=LABELS + 1),
        "if yours begin at 1, subtract 1: labels - 1",
        lambda: losses(targets=LABELS + 1 - 1),
        losses,
    ),
    "signs for labels": (
        lambda: losses(targets=2 * LABELS - 1),
        "classes, labels = np.unique(labels, return_inverse=True)",
        lambda: losses(targets=np.unique(2 * LABELS - 1, return_inverse=True)[1]),
        losses,
    ),
    "Flatten forgotten": (
        lambda: train(maps_model()),
        "put Flatten() and Dense(classes) at its end",
        lambda: train(maps_model(Flatten(), Dense(2))),
        losses,
    ),
    "numbers in a row for one output": (
        lambda: train(model(outputs=1), targets=HEIGHTS, **SQUARED),
        "make them a column, targets[:, np.newaxis]",
        lambda: train(model(outputs=1), targets=HEIGHTS[:, np.newaxis], **SQUARED),
        lambda: train(model(outputs=1), targets=HEIGHTS.reshape(6, 1), **SQUARED),
    ),
    "class numbers for squared_error": (
        lambda: losses(**SQUARED),
        "np.eye(2)[targets]",
        lambda: losses(targets=np.eye(2)[LABELS], **SQUARED),
        lambda: losses(targets=ONE_HOT, loss=fast.squared_error),
    ),
    "targets in another form": (
        lambda: losses(targets=ONE_HOT.ravel(), **SQUARED),
        "targets.reshape(6, 2)",
        lambda: losses(targets=ONE_HOT.ravel().reshape(6, 2), **SQUARED),
        lambda: losses(targets=ONE_HOT, **SQUARED),
    ),
    "one output less in targets": (
        lambda: losses(targets=COLUMN, **SQUARED),
        "pass one of the shape of the output for each sample",
        lambda: losses(targets=np.hstack([COLUMN, COLUMN]), **SQUARED),
    ),
    "targets in maps": (
        lambda: losses(targets=ONE_HOT.reshape(6, 2, 1), **SQUARED),
        "targets.reshape(6, 2)",
        lambda: losses(targets=ONE_HOT.reshape(6, 2, 1).reshape(6, 2), **SQUARED),
        lambda: losses(targets=ONE_HOT, **SQUARED),
    ),
    "a target that is NaN": (
        lambda: train(model(outputs=1), targets=WITH_A_HOLE, **SQUARED),
        "leave those samples and their targets out",
        lambda: train(
            model(outputs=1), np.delete(IMAGES, 3, 0), np.delete(WITH_A_HOLE, 3, 0), **SQUARED
        ),
        lambda: train(
            model(outputs=1), np.delete(IMAGES, 3, 0), np.delete(COLUMN, 3, 0), **SQUARED
        ),
    ),
}

OWN_LOSSES = {
    "a loss without its gradient": (
        lambda: losses(loss=lambda Y, T: reference.cross_entropy(Y, T).L),
        "let it end with return L, dY",
        lambda: losses(loss=lambda Y, T: tuple(reference.cross_entropy(Y, T))),
        lambda: losses(loss=reference.cross_entropy),
    ),
    "a loss for each sample": (
        lambda: losses(loss=lambda Y, T: ((Y**2).sum(axis=1), 2 * Y)),
        "let L be one number, the mean over the samples",
        lambda: losses(loss=lambda Y, T: ((Y**2).sum(axis=1).mean(), 2 * Y / len(Y))),
    ),
    "inputs that are too large": (
        lambda: losses(1e200 * IMAGES, loss=explodes(1e100)),
        "scale it, X / np.abs(X).max()",
        lambda: losses(1e200 * IMAGES / np.abs(1e200 * IMAGES).max(), loss=explodes(1e100)),
        lambda: losses(IMAGES / IMAGES.max(), loss=explodes(1e100)),
    ),
    "a rate that is too large": (
        lambda: losses(optimizer=SGD(1e200), loss=explodes(1e100)),
        "Try a smaller learning_rate and a new optimizer",
        lambda: after_too_large_a_rate(SGD(0.1), loss=explodes(1e100)),
        lambda: losses(optimizer=SGD(0.1), loss=explodes(1e100)),
    ),
    "Ctrl-C": (
        usual_ctrl_c()(lambda: losses(loss=interrupts(at=2))),
        "call fit again to go on",
        lambda: after_an_interrupt(),
        lambda: losses(batch_size=3)[:1],
    ),
}


def after_too_large_a_rate(optimizer, **options):
    """Train the same model again."""
    network = model()
    with pytest.raises(NotFiniteError, match="again those from before this epoch"):
        train(network, optimizer=SGD(1e200), **options)
    return train(network, optimizer=optimizer, **options)


def interrupts(at):
    """Return a loss that presses Ctrl-C in one of its calls."""
    calls = []

    def loss(Y, T):
        calls.append(len(Y))
        if len(calls) == at:
            signal.raise_signal(signal.SIGINT)
        return fast.cross_entropy(Y, T)

    return loss


@usual_ctrl_c()
def after_an_interrupt():
    """Stop after the only step of an epoch of one batch, and go on."""
    network = model()
    with pytest.warns(RuntimeWarning, match="interrupted after step 1"):
        first = train(network, epochs=2, batch_size=3, loss=interrupts(at=1))
    assert len(first) == 1
    assert len(train(network, batch_size=3)) == 2
    return first


def explodes(limit):
    """Return a loss that is infinite where outputs are large, and says so without a warning."""

    def loss(Y, T):
        if np.abs(Y).max() > limit:
            return np.inf, Y
        return fast.cross_entropy(Y, T)

    return loss


HISTORY = {
    "a history of nothing": (
        lambda: History().plot(),
        "train again",
        lambda: len(fit(model(), IMAGES, LABELS, optimizer=SGD(0.1), progress=False).plot()),
        lambda: 2,
    ),
}

CASES = HISTORY | FIT | CROSS_ENTROPY | NUMBERS | SAMPLES | TARGETS | OWN_LOSSES
