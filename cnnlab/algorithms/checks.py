"""Argument checks of every algorithm, in a decorator around it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from cnnlab import shapes
from cnnlab.reference.ieee import IEEE


def checked(body: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
    """Stand around an algorithm, so that the algorithm is all there is to see in its file.

    `body` gets floats of one dtype: X of shape (B, D, M, N), w of shape (P, D, m, n), and b of
    shape (P,), which is never None. It returns a new Z of shape (B, P, M', N').
    """

    @functools.wraps(body)
    @IEEE
    def conv2d(X: Any, w: Any, b: Any = None) -> np.ndarray:
        X, w, b, _, single = shapes.check_conv2d(X, w, b)
        Z = body(X, w, b)
        return Z[0] if single else Z

    return conv2d
