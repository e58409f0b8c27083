"""Advice of messages, followed: what a message says to write next works as it was meant."""

import numpy as np
import pytest
from support.failures import each

from cnnlab import fast, reference
from cnnlab.layers import Conv2D, Dense, Flatten
from cnnlab.model import Sequential
from cnnlab.optimizers import SGD, Adam
from cnnlab.training import evaluate, fit

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


# What is wrong, the words of the advice, what it leads to, and what that must be.
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
    "a share for validation": (
        lambda: losses(validation=0.2),
        "validation=(X[-100:], targets[-100:])",
        lambda: losses(validation=(IMAGES[-100:], LABELS[-100:])),
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


@each(case=FIT | CROSS_ENTROPY)
def test_advice(case):
    wrong, advice, followed, meant = case
    with pytest.raises((TypeError, ValueError)) as refused:
        wrong()
    assert advice in str(refused.value)
    np.testing.assert_allclose(followed(), meant(), rtol=1e-12)


def test_evaluate_refuses_what_fit_refuses():
    with pytest.raises(TypeError, match=r"^evaluate: loss=str 'mse' came"):
        evaluate(model(), IMAGES, LABELS, loss="mse")
    with pytest.raises(ValueError, match=r"^evaluate: X\[4\] holds NaN"):
        evaluate(model(), nearly(IMAGES), LABELS)
