"""Gradients made wrong on purpose, and the ways in which each is looked at."""

import numpy as np

METHODS = ["central", "complex"]
WAYS = ["entry", "direction"]


class Changed:
    """Operations of which some are replaced."""

    def __init__(self, ops, **replaced):
        self.ops, self.replaced = ops, replaced

    def __getattr__(self, name):
        return self.replaced.get(name) or getattr(self.ops, name)


def after(ops, name, change):
    """`ops` with the result of one operation changed."""
    return Changed(ops, **{name: lambda *a, **k: change(getattr(ops, name)(*a, **k))})


def text(reports):
    """Say what all reports say, for the message of a failed assertion."""
    return "\n".join(map(str, reports))


def flip_sign(gradient):
    return -gradient


def change_one(gradient):
    gradient = gradient.copy()
    gradient.flat[-2] += 0.5
    return gradient


def forget(gradient):
    gradient = gradient.copy()
    gradient[..., 0] = 0
    return gradient


def double(gradient):
    return 2 * gradient


def shift(gradient):
    return np.roll(gradient, 1, axis=-1)


def turn(gradient):
    return gradient[..., ::-1, ::-1]


def spoil(gradient):
    gradient = gradient.copy()
    gradient.flat[0] = np.nan
    return gradient
