"""Which page, which equation is read in which world."""

import functools

import numpy as np

from cnnlab.operations import OPERATIONS
from equations.worlds.algorithms import arranged, circular, halves, row, speed, tile
from equations.worlds.dense import dense, scores, shuffled, targets
from equations.worlds.geometry import (
    NARROW_RING,
    RING,
    geometry,
    same_padding,
    sizes_of_windows,
    transpose,
)
from equations.worlds.images import deep_templates, gray, neighbors, templates, two_searches, window
from equations.worlds.layers import convolution, entry_by_entry, mixing, relu
from equations.worlds.pools import mean_pool, pool
from equations.worlds.training import batch_norm, dropout, optimizer, taylor

# B, D, P, M, N, m, n: with M' and N' nine different numbers each.
SHAPES = [(9, 4, 7, 6, 10, 2, 3), (8, 6, 10, 9, 5, 3, 2)]
LARGE_PATTERN = (7, 5, 4, 8, 10, 6, 9)  # larger than its map


def everywhere(build, *shapes, **options):
    """Return the worlds of one kind, one for each shape; built when first asked for."""
    return functools.cache(lambda: [build(*shape, **options) for shape in shapes or [()]])


LAYERS = [(shape,) for shape in SHAPES]
WORLDS = {
    "layer": everywhere(convolution, *LAYERS, batch=False),
    "layers": everywhere(convolution, *LAYERS, batch=True),
    "any size": everywhere(convolution, *LAYERS, (LARGE_PATTERN,), batch=False),
    "tanh layer": everywhere(convolution, *LAYERS, batch=False, act=np.tanh),
    "relu layer": everywhere(convolution, *LAYERS, batch=False, act=relu),
    "no bias": everywhere(convolution, *LAYERS, batch=False, bias=False),
    "taylor": everywhere(taylor, (3, 0.5), (-2, 0.25)),
    "mixing": everywhere(mixing, ((9, 8, 3, 6, 10, 5, 7),), ((10, 8, 5, 6, 7, 4, 6),)),
    "dense": everywhere(dense, ((3, 4, 5),), ((2, 7, 3),), batch=False),
    "dense, batch": everywhere(dense, ((3, 4, 5),), ((2, 7, 3),), batch=True),
    "targets": everywhere(targets, ((3, 4),), ((5, 2),)),
    "scores": everywhere(scores, ((3, 4),), ((2, 5),)),
    "templates": everywhere(templates, *LAYERS),
    "deep templates": everywhere(deep_templates, *LAYERS),
    "gray": everywhere(gray, *LAYERS),
    "neighbors": everywhere(neighbors, ((4, 7, 2),), ((6, 5, 1),)),
    "shuffled": everywhere(shuffled, ((3, 4, 5),), ((2, 7, 3),)),
    "window": everywhere(window, (5,), (6,)),
    "two searches": everywhere(two_searches),
    "geometry": everywhere(geometry),
    "ring": everywhere(geometry, options=RING, zero=["X"]),
    "narrow ring": everywhere(geometry, options=NARROW_RING),
    "geometry dw": everywhere(geometry, lets=True, depth="D/G"),
    "transpose": everywhere(transpose),
    "geometry sizes": everywhere(sizes_of_windows, *((seed,) for seed in range(20))),
    "transpose sizes": everywhere(sizes_of_windows, *((s,) for s in range(20)), transposed=True),
    "same padding": everywhere(same_padding, (11, 3, 5), (12, 5, 4), (9, 4, 1)),
    "max pool": everywhere(pool, lets=True),
    "max pool dX": everywhere(pool),
    "mean pool": everywhere(mean_pool, lets=True),
    "mean pool dX": everywhere(mean_pool, backward=True),
    "dropout": everywhere(dropout),
    "batch norm": everywhere(batch_norm),
    "momentum": everywhere(optimizer, adam=False),
    "adam": everywhere(optimizer, adam=True),
    "arranged": everywhere(arranged, *LAYERS),
    "circular": everywhere(circular, *LAYERS),
    "row": everywhere(row, (7,), (10,)),
    "halves": everywhere(halves, (8,), (12,)),
    "tile": everywhere(tile, (5, 7), (6, 3)),
    "speed": everywhere(speed, (SHAPES[0], 5, 3, 90.0, 11.0), (SHAPES[1], 4, 7, 500.0, 13.0)),
}
CONVOLUTION = ["layer", "layers"]
PAGES = {
    "intro": CONVOLUTION,
    "notation": ["templates", "deep templates"],
    "images": ["gray", "neighbors", "shuffled"],
    "vanilla-network": ["dense", "dense, batch", "targets"],
    "pattern-search": [*CONVOLUTION, "two searches", "window", "templates"],
    "delta-and-activation": [*CONVOLUTION, "dense"],
    "weight-gradient": [*CONVOLUTION, "templates"],
    "bias-gradient": CONVOLUTION,
    "input-gradient": [*CONVOLUTION, "templates"],
    "gradient-checks": ["taylor", "no bias"],
    "learning": ["scores", *CONVOLUTION],
    "errata": CONVOLUTION,
    "operations": ["batch norm"],
    "seven-algorithms": ["row", "arranged"],
    "performance": ["speed"],
}


SPECIAL = {
    "eq-reach": "any size",
    r"R[p,q] = \sum_{i,\,j,\,u,\,v}": "any size",
    r"\min(m-1,\, p) - \max(0": "any size",
    r"\lceil (p + \text{top}": "ring",
    r"X[c,\; i \cdot \text{stride}": "narrow ring",
    "eq-dZ-jacobian": "mixing",
    "eq-tanh": "tanh layer",
    "eq-tanh-dZ": "tanh layer",
    "eq-relu": "relu layer",
    "eq-relu-dZ": "relu layer",
    "eq-geometry": "geometry",
    "eq-geometry-size": "geometry sizes",
    "eq-geometry-dX": "geometry",
    "eq-geometry-dw": "geometry dw",
    "eq-transpose": "transpose",
    "eq-transpose-size": "transpose sizes",
    "eq-max-pool": "max pool",
    "eq-max-pool-dX": "max pool dX",
    "eq-avg-pool": "mean pool",
    "eq-avg-pool-dX": "mean pool dX",
    "eq-dropout": "dropout",
    "eq-momentum": "momentum",
    "eq-adam": "adam",
    r"\text{top} + \text{bottom} =": "same padding",
    "eq-fourier": "circular",
    "eq-fft": "circular",
    r"\hat O": "halves",
    "eq-winograd": "tile",
    r"\top = \begin{pmatrix}": "tile",
    r"G = \begin{pmatrix}": "tile",
}

# An activation that has a label and no chapter is read in a world of its own.
IN_CHAPTERS = ("sigmoid", "tanh", "relu")
for operation in OPERATIONS:
    if operation.entrywise and operation.name not in IN_CHAPTERS:
        WORLDS[operation.name] = everywhere(entry_by_entry, (operation,))
        for label in (*operation.equations, *operation.gradients.values()):
            SPECIAL[label] = operation.name


def candidates(page, latex, label):
    """Return the names of the worlds in which an equation may be meant, the likeliest first."""
    special = [SPECIAL[key] for key in SPECIAL if key == label or key in latex]
    return special or PAGES[page]
