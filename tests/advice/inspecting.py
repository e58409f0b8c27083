"""Wrong questions to a trained network, with the advice that answers them."""

import numpy as np

from cnnlab import fast
from cnnlab.inspection import exciting_image, image_gradient, occlusion_map
from cnnlab.layers import Conv2D, Dense, Flatten
from cnnlab.model import Sequential
from cnnlab.training import calibration

RNG = np.random.default_rng(0)
X, SCORES, LABELS = RNG.random((2, 1, 5, 4)), RNG.standard_normal((4, 3)), [0, 2, 1, 1]
P = fast.softmax(SCORES)
MODEL = Sequential([Conv2D(2, 3), Flatten(), Dense(3)], input_shape=(1, 5, 4))
MAPS = Sequential([Conv2D(2, 3)], input_shape=(1, 5, 4))


def covered(image=X[0], size=2, value=0.0):
    return occlusion_map(MODEL, image, 1, size=size, value=value)


def excited(start=0.5, step=0.1):
    return exciting_image(MODEL, 1, start=start, step=step, steps=2).X


def error(p=P, labels=LABELS):
    return calibration(p, labels).error


CASES = {
    "a class of maps": (
        lambda: image_gradient(MAPS, X[0], 1),
        "pass an index for each axis, as output=(0, 0, 0)",
        lambda: image_gradient(MAPS, X[0], (0, 0, 0))[0, :3, :3],
        lambda: MAPS[0].parameters["w"][0, 0],
    ),
    "a batch under a cover": (
        lambda: covered(X),
        "pass one image of a batch as X[0]",
        lambda: covered(X[0]),
        covered,
    ),
    "a cover that is too large": (
        lambda: covered(size=(2, 9)),
        "pass a size of (5, 4) at most",
        lambda: covered(size=(5, 4)),
        lambda: [[MODEL(X[0])[1] - MODEL(0 * X[0])[1]]],
    ),
    "a cover of NaN": (lambda: covered(value=np.nan), "try 0.0", lambda: covered(value=0.0)),
    "a step back": (lambda: excited(step=-1), "try 0.02", lambda: excited(step=0.02)),
    "a start of another shape": (
        lambda: excited(start=X[0, 0]),
        "or a number for all pixels, as start=0.5",
        lambda: excited(start=0.5),
        excited,
    ),
    "a start of bytes": (
        lambda: excited(start=np.round(255 * X[0])),
        "divide it by the largest possible value",
        lambda: excited(start=np.round(255 * X[0]) / 255),
    ),
    "one list of probabilities": (
        lambda: error(P[0], LABELS[:1]),
        "pass model.predict_proba(X)",
        lambda: error(MODEL.predict_proba(X), LABELS[:2]),
    ),
    "scores instead of probabilities": (
        lambda: error(SCORES),
        "or fast.softmax(Z) of scores",
        lambda: error(fast.softmax(SCORES)),
        error,
    ),
    "too few labels": (
        lambda: error(labels=LABELS[:3]),
        "pass one of each per sample",
        lambda: error(P[:3], LABELS[:3]),
    ),
}
