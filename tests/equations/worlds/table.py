"""Which page, which equation is read in which world."""

import functools

import numpy as np

from cnnlab.operations import OPERATIONS
from equations.worlds.algorithms import arranged, circular, halves, row, speed, tile
from equations.worlds.assignments import one_image, softmax
from equations.worlds.dense import dense, scores, shuffled, targets
from equations.worlds.geometry import (
    NARROW_RING,
    NO_DILATION,
    ONE_GROUP,
    RING,
    SMALL,
    TALL,
    adjoint,
    by_hand,
    fields,
    geometry,
    overlap,
    same_padding,
    sizes_of_windows,
    transpose,
)
from equations.worlds.images import deep_templates, gray, neighbors, templates, two_searches, window
from equations.worlds.inspection import (
    cost_of_dense,
    cost_of_search,
    covered,
    exciting,
    moved,
    moved_pool,
    scored,
    sureness,
)
from equations.worlds.layers import convolution, entry_by_entry, mixing, relu
from equations.worlds.libraries import depth_last, rounded
from equations.worlds.pools import map_means, mean_pool, pool, pool_sizes, tie
from equations.worlds.training import (
    batch_norm,
    chain,
    draws,
    dropout,
    look_ahead,
    noise,
    optimizer,
    schedule,
    taylor,
    two_ways,
    valley,
    wrong_step,
)

# B, D, P, M, N, m, n: with M' and N' nine different numbers each.
SHAPES = [(9, 4, 7, 6, 10, 2, 3), (8, 6, 10, 9, 5, 3, 2)]
# Pixels of a window, the same moved, and a subgradient.
TIES = [
    ((5, 2, 1, 5), (4, 6, 9, 7), (0.25, 0, 0, 0.75)),
    ((-5, -9, -7, -5), (-4, -6, -5, -3), (0.5, 0, 0, 0.5)),
    ((3, 1, 3), (8, 2, 8), (0.25, 0, 0.75)),
    ((-3, -4, -3), (-7, -9, -7), (0.5, 0, 0.5)),
]
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
    "one group": everywhere(geometry, (SMALL,), options=ONE_GROUP),
    "no dilation": everywhere(geometry, (TALL,), options=NO_DILATION),
    "adjoint": everywhere(adjoint),
    "overlap": everywhere(overlap, (17, 5, 2, 1), (19, 4, 3, 2), (16, 2, 3, 1)),
    "fields": everywhere(fields, ([3, 2, 4], [5, 7, 3]), ([2, 1, 3], [3, 4, 2])),
    "by hand": everywhere(by_hand, ([[1, 2, -2], [3, -1, 1]], [[1, 2], [3, 4]], (4, 6))),
    "exercise": everywhere(by_hand, ([[1, 2], [3, 4]], [[1, 0, 2], [0, 3, 0], [-1, 1, 0]], (5, 5))),
    "ring": everywhere(geometry, options=RING, zero=["X"]),
    "narrow ring": everywhere(geometry, options=NARROW_RING),
    "geometry dw": everywhere(geometry, lets=True, depth="D/G"),
    "transpose": everywhere(transpose),
    "geometry sizes": everywhere(sizes_of_windows, *((seed,) for seed in range(20))),
    "transpose sizes": everywhere(sizes_of_windows, *((s,) for s in range(20)), transposed=True),
    "same padding": everywhere(same_padding, (11, 3, 5), (12, 5, 4), (9, 4, 1)),
    "max pool": everywhere(pool),
    "mean pool": everywhere(mean_pool),
    "map means": everywhere(map_means, (6, 5, 4), (6, 4, 5)),
    "two ways": everywhere(two_ways),
    "pool sizes": everywhere(pool_sizes, *((seed,) for seed in range(60))),
    "tie": everywhere(tie, *TIES),
    "dropout": everywhere(dropout),
    "batch norm": everywhere(batch_norm),
    "chain": everywhere(chain),
    "draws": everywhere(draws, (2, 3), (3, 2)),
    "momentum": everywhere(optimizer, adam=False),
    "look ahead": everywhere(look_ahead),
    "adam": everywhere(optimizer, adam=True),
    "adamw": everywhere(optimizer, adam=True, decay=0.5),
    "step decay": everywhere(schedule, ("step",)),
    "exponential decay": everywhere(schedule, ("exponential",)),
    "cosine decay": everywhere(schedule, ("cosine",)),
    "warm-up": everywhere(schedule, ("warm-up",)),
    "valley": everywhere(valley, (0.25, 3), (0.5, 5)),
    "scored": everywhere(scored, (6, 5, 9, 13, 2, 3, 4), (6, 3, 10, 9, 4, 2, 5)),
    "covered": everywhere(covered, (5, 2, 10, 14, 3, 4), (3, 4, 12, 9, 6, 2)),
    "exciting": everywhere(exciting, (5, 2, 3, 1), (6, 3, 1, 4)),
    "moved": everywhere(moved, (5, 2, 9, 14, 3, 4, 1), (3, 4, 11, 13, 5, 2, 6)),
    "moved pool": everywhere(moved_pool, (2, 18, 29, 3, 4, 5, 2), (4, 11, 26, 5, 2, 3, 4)),
    "cost of a search": everywhere(cost_of_search, (3, 2, 8, 11, 4, 5), (2, 5, 9, 13, 3, 6)),
    "cost of a dense layer": everywhere(cost_of_dense, (3, 5), (7, 2)),
    "sureness": everywhere(sureness, (23, 4), (31, 5)),
    "rounded": everywhere(rounded, (5, 0.0625, True), (4, 0.0625, False), (3, 0.5, True)),
    "depth last": everywhere(depth_last, (4, 7, 6, 10, 2, 3, 5), (6, 10, 9, 5, 3, 2, 4)),
    "noise": everywhere(noise, (5, 4)),
    "wrong step": everywhere(wrong_step, (5, 2), (7, 4)),
    "wrong factor": everywhere(wrong_step, (5, 2), (7, 4), factor=True),
    "wrong below": everywhere(wrong_step, (5, 2), (7, 4), below=True),
    "arranged": everywhere(arranged, *LAYERS),
    "circular": everywhere(circular, *LAYERS),
    "row": everywhere(row, (7,), (10,)),
    "halves": everywhere(halves, (8,), (12,)),
    "tile": everywhere(tile, (5, 7), (6, 3)),
    "one plane": everywhere(one_image, *LAYERS, deep=False),
    "one image": everywhere(one_image, *LAYERS, deep=True),
    "softmax": everywhere(softmax, ((3, 4),), ((2, 5),), batch=True),
    "one softmax": everywhere(softmax, ((1, 4),), ((1, 5),), batch=False),
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
    "geometry": ["one group"],
    "operations": ["map means"],
    "lenet": ["scored"],
    "max-pooling": ["max pool", "mean pool", "tie"],
    "losses-and-optimizers": [
        *("scores", "targets", "chain", "draws", "look ahead", "dense", "batch norm", "dropout"),
    ],
    "seven-algorithms": ["row", "arranged"],
    "performance": ["speed"],
    "same-in-pytorch": ["rounded", "depth last"],
    "wrong-gradients": ["wrong step"],
    "assignments/A1": ["one plane", "one image", *CONVOLUTION],
    "assignments/A2": ["dense", "one softmax", "softmax"],
    "assignments/A3": ["one plane", "layers"],
    "assignments/A4": ["layers"],
    "assignments/A5": ["layers", "dense, batch", "scores"],
    "assignments/A6": ["max pool"],
    "assignments/A7": ["layers"],
    "assignments/A8": ["layers"],
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
    r"\sum_{i} \; [i \cdot \text{stride}": "geometry sizes",
    "eq-geometry-dX": "geometry",
    "0 & 15 & 0 & 1 & 0 & -6": "by hand",
    "0 & 7 & 0 & 12 & 0": "exercise",
    "eq-phases": "no dilation",
    "eq-overlap": "overlap",
    "eq-receptive-field": "fields",
    "C[c,i,j]": "adjoint",
    "eq-geometry-dw": "geometry dw",
    "eq-transpose": "transpose",
    "eq-transpose-size": "transpose sizes",
    "eq-conv-cost": "cost of a search",
    "eq-dense-cost": "cost of a dense layer",
    "eq-occlusion": "covered",
    "eq-occlusion-linear": "covered",
    r"H[o,i,j] = \sum": "covered",
    r"W[o,c,p,q]\, X[c,p,q]": "covered",
    "eq-most-exciting": "exciting",
    r"\hat Z[k] =": "exciting",
    "eq-shift": "moved",
    r"\tilde Z[k,i,j] =": "moved",
    r"\tilde X[c,p,q] = X[c,\,p,\,q+t]": "moved",
    "eq-shift-pool": "moved pool",
    r"\tilde Y[c,i,j] =": "moved pool",
    r"q + t \cdot \text{stride}]": "moved pool",
    "eq-calibration-error": "sureness",
    "eq-calibration-sum": "sureness",
    r"\text{count}[r] \cdot": "sureness",
    "eq-avg-pool": "mean pool",
    "eq-avg-pool-dX": "mean pool",
    "eq-pool-size": "pool sizes",
    "eq-global-avg-pool": "map means",
    "eq-global-avg-pool-dX": "map means",
    "eq-residual": "two ways",
    "eq-residual-dX": "two ways",
    r"F_r}{\partial x_t}": "two ways",
    "eq-depth": "chain",
    "eq-dropout": "dropout",
    "eq-dropout-dX": "dropout",
    "eq-momentum": "momentum",
    "eq-adam": "adam",
    "eq-adamw": "adamw",
    "eq-nesterov": "look ahead",
    "eq-bias-correction": "adam",
    r"v_t = \sum_{r=1}^{t}": "momentum",
    r"\beta_1^{t-r}": "adam",
    "eq-step-decay": "step decay",
    "eq-exponential-decay": "exponential decay",
    "eq-cosine-decay": "cosine decay",
    "eq-warm-up": "warm-up",
    "eq-quadratic": "valley",
    "eq-wrong-noise": "noise",
    "eq-wrong-factor": "wrong factor",
    r"a[r]": "wrong factor",
    "eq-wrong-below": "wrong below",
    r"r=S": "wrong below",
    "eq-same": "same padding",
    "eq-mse": "targets",
    "eq-momentum-keras": "momentum",
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
    return special(page, latex, label) or PAGES[page]


def special(page, latex, label):
    """Return the worlds that are meant by the label of an equation, or by a piece of it."""
    return [SPECIAL[key] for key in SPECIAL if key == label or key in latex]
