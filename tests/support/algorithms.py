"""Layers that the algorithms compute, and which algorithm takes which."""

import numpy as np
from support.cases import CONV, Conv, integers

from cnnlab.algorithms import ALGORITHMS, find

# What Winograd's algorithm needs: patterns of 3 x 3, on outputs of even and odd sizes.
SQUARE = [
    Conv("one window", 1, 1, 3, 3, 1, 3, 3),
    Conv("one tile", 1, 2, 4, 4, 3, 3, 3),
    Conv("a tile that hangs over", 2, 3, 4, 5, 2, 3, 3),
    Conv("odd rows and columns", 2, 2, 5, 7, 4, 3, 3),
    Conv("many tiles", 2, 3, 10, 8, 2, 3, 3),
    Conv("one wide row", 1, 2, 3, 12, 2, 3, 3),
    Conv("one high column", 1, 2, 12, 3, 2, 3, 3),
    Conv("empty batch of tiles", 0, 2, 6, 7, 3, 3, 3),
]
EVERY = CONV + SQUARE
DTYPES = [np.float32, np.float64]
CASE = SQUARE[3]


def pairs(cases, *names):
    """Return algorithms and cases, as far as they go together, by the names of both."""
    return {
        f"{algorithm.name}, {case.name}": (algorithm, case)
        for algorithm in map(find, names or ALGORITHMS)
        for case in cases
        if algorithm.accepts(case.X_shape, case.w_shape)
    }


def arrays(case, rng, dtype=np.float64):
    return [integers(rng, shape, dtype) for shape in (case.X_shape, case.w_shape, (case.P,))]


def noise(rng, dtype, *shapes):
    return [rng.standard_normal(shape).astype(dtype) for shape in shapes]
