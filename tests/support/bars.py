"""Bars across and bars down, in noise: a pattern search tells them apart, a mean does not."""

import signal

import numpy as np

from cnnlab import fast
from cnnlab.layers import Conv2D, Dense, Flatten, Sigmoid
from cnnlab.model import Sequential
from cnnlab.optimizers import SGD
from cnnlab.training import fit

RNG = np.random.default_rng(0)
LABELS = RNG.integers(0, 2, 60)
IMAGES = 0.1 * RNG.random((60, 1, 6, 7))
for image, label, place in zip(IMAGES, LABELS, RNG.integers(0, 6, 60), strict=True):
    image[0][(place, slice(None)) if label else (slice(None), place)] += 1


def bars_model(ops=fast):
    return Sequential(
        [Conv2D(4, 3, ops=ops), Sigmoid(ops=ops), Flatten(), Dense(2, ops=ops)],
        input_shape=(1, 6, 7),
    )


def fit_bars(model, **options):
    options = {"optimizer": SGD(0.5), "batch_size": 8, "progress": False} | options
    return fit(model, IMAGES[:40], LABELS[:40], **options)


def ctrl_c(at, times=1):
    """Return a loss that presses Ctrl-C in one of its calls, while a step is under way."""
    calls = []

    def loss(Y, labels):
        calls.append(len(Y))
        if len(calls) == at:
            for _ in range(times):
                signal.raise_signal(signal.SIGINT)
        return fast.cross_entropy(Y, labels)

    return loss
