"""Mistakes of poolings and of dense layers, as changes of their sums."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from cnnlab.operations import Call
from cnnlab.tutor.diagnosis.edits import (
    Edit,
    argument,
    bias_of_first,
    bias_times,
    compose,
    divide,
    fix,
    minus_bias,
    miss,
    no_bias,
    only,
    option,
    overwrite,
    refill,
    regroup,
    steps,
    swap,
    twin,
)
from cnnlab.tutor.terms import ImpossibleError, Table


def _edit(name: str, words: str, misreading: str, equation: str, change: Any,
          stage: str = "table", **more: Any) -> Edit:  # fmt: skip
    return Edit(name, words, misreading, equation, stage, change, **more)


def _samples_added(call: Call) -> Call:
    dZ, X = call.arguments
    if dZ.ndim != 2:
        return call
    return Call((dZ.sum(0, keepdims=True), X.sum(0, keepdims=True)), call.options)


def _windows(prefix: str, equation: str) -> list[Edit]:
    """Return what can happen to the windows of a pooling."""
    return [
        _edit(f"{prefix}-stride-of-1", "The windows move by one pixel, whatever the stride.",
              "The stride is not in the loop.", equation, option("stride", lambda value: 1),
              "call"),
        _edit(f"{prefix}-stride-of-1-cut", "The windows stand side by side, one pixel apart; only "
              "their number follows the stride.", "``X[i:i+m]`` was written for "
              "``X[i*stride:...]``.", equation, steps(lambda table: (1, 1), _spread)),
        _edit(f"{prefix}-stride-is-size", "The windows are laid side by side, whatever the stride.",
              "The size was used for the stride.", equation, option("stride", lambda value: None),
              "call"),
        _edit(f"{prefix}-stride-swapped", "The strides of rows and columns have changed places.",
              "The pair (rows, columns) was read as (x, y).", equation,
              option("stride", lambda value: tuple(np.broadcast_to(value, 2)[::-1].tolist())),
              "call"),
        _edit(f"{prefix}-last-window-missed", "The last row and the last column of windows are "
              "missing.", "A range stops one step too early.", equation,
              lambda Y: Y[..., :-1, :-1], "result"),
        _edit(f"{prefix}-size-swapped", "Rows and columns of the window have changed places.",
              "The pair (rows, columns) was read as (x, y).", equation,
              argument(1, lambda size: tuple(np.broadcast_to(size, 2)[::-1].tolist())), "call"),
    ]  # fmt: skip


def _spread(table: Table) -> tuple[int, int]:
    return table.spread


def _by_coverage(table: Table) -> Table:
    flat = table.outer.flat
    number = np.bincount(flat, minlength=int(np.prod(table.outer.shape)))
    return replace(table, weight=table.weight / number[flat])


def _sum(table: Table) -> Table:
    return replace(table, weight=1.0)


def _by_size(table: Table) -> Table:
    return replace(table, weight=1 / (table.sizes["u"] * table.sizes["v"]))


def _by_columns(call: Call) -> Call:
    dY, argmax, X_shape = call.arguments
    M, N = X_shape[-2:]
    q, p = np.divmod(argmax, M)
    if (q >= N).any():
        raise ImpossibleError("beyond the end")
    return Call((dY, np.where(argmax < 0, argmax, p * N + q), X_shape), call.options)


def _wraps(call: Call) -> Call:
    dY, argmax, X_shape = call.arguments
    return Call((dY, np.where(argmax < 0, X_shape[-2] * X_shape[-1] - 1, argmax), X_shape),
                call.options)  # fmt: skip


def _by_window(table: Table) -> Any:
    return table.sizes["u"], table.sizes["v"]


#: The mistakes of `dense`.
DENSE: list[Edit] = [
    _edit("dense-bias-forgotten", "The bias is not added.", "Z = X w^T was taken for all of it.",
          "eq-vanilla", no_bias),
    _edit("dense-bias-subtracted", "The bias is subtracted.", "It was taken for a threshold.",
          "eq-vanilla", minus_bias),
    _edit("dense-bias-per-input", "The bias is added once for every input.", "It stands inside "
          "the innermost loop.", "eq-vanilla",
          bias_times("c")),
    _edit("dense-bias-of-first-output", "Every output gets the bias of the first one.",
          "b[0] was written for b[k].", "eq-vanilla",
          bias_of_first),
    _edit("dense-not-transposed", "The sum runs over the wrong axis of the weights: X w for "
          "X w^T.", "w has shape (O, I), and was taken to have (I, O).", "eq-vanilla",
          swap("w", "k", "c")),
    _edit("dense-weights-reshaped", "The weights are in another order than they should be.",
          "``w.reshape(I, O)`` was written for the transpose: it has its shape, but moves no "
          "axis.", "eq-vanilla", regroup("w", (1, 0))),
    _edit("dense-mean-over-inputs", "The sum over the inputs is divided by their number.",
          "``mean`` was written for ``sum``.", "eq-vanilla", divide("c")),
    _edit("dense-overwritten", "Only the last input counts.", "``=`` was written for ``+=``.",
          "eq-vanilla", overwrite("c")),
    _edit("dense-first-sample-for-all", "Every sample gets the output of the first one.",
          "X[0] was written for X[s].", "eq-vanilla", fix("X", "s", "first")),
]  # fmt: skip


#: The mistakes of `dense_dX`.
DENSE_IMAGES: list[Edit] = [
    twin("dense-dX-not-transposed", swap("w", "k", "c")),
    twin("dense-dX-weights-reshaped", regroup("w", (1, 0))),
    _edit("dense-dX-last-output-only", "Only the last output hands something back.",
          "``=`` was written for ``+=`` in the loop over the outputs.", "eq-vanilla-dX",
          only("k", "last")),
    _edit("dense-dX-first-output-only", "Only the first output hands something back.",
          "The sum over the outputs was overlooked.", "eq-vanilla-dX", only("k", "first")),
    _edit("dense-dX-mean-over-batch", "The gradient is divided by B.", "The loss is a mean over "
          "the batch, but its gradient dZ has been divided by B already.", "eq-vanilla-dX",
          divide("s")),
    _edit("dense-dX-mean-over-outputs", "The sum over the outputs is divided by their number.",
          "``mean`` was written for ``sum``.", "eq-vanilla-dX", divide("k")),
    _edit("dense-dX-weights-forgotten", "Every input gets the sum of dZ, without the weights.",
          "The product with w is missing.", "eq-vanilla-dX", refill("w", np.ones_like)),
]  # fmt: skip


#: The mistakes of `dense_dw`.
DENSE_WEIGHTS: list[Edit] = [
    twin("dense-dw-mean-over-batch", divide("s")),
    twin("dense-dw-batch-reshaped", regroup("Z", (1, 0))),
    _edit("dense-dw-transposed", "The gradient has the shape (I, O), and w has (O, I).",
          "X^T dZ was written for dZ^T X.", "eq-vanilla-dw", np.transpose, "result"),
    _edit("dense-dw-transposed-in-place", "Outputs and inputs have changed places.",
          "X^T dZ was brought into the shape of w with a reshape.", "eq-vanilla-dw",
          lambda dw: np.ascontiguousarray(dw.T).reshape(dw.shape), "result"),
    _edit("dense-dw-last-sample-only", "Only the last sample counts.", "``=`` was written for "
          "``+=`` in the loop over the samples.", "eq-vanilla-dw", only("s", "last")),
    _edit("dense-dw-first-sample-only", "Only the first sample counts.", "The code was written "
          "for one sample.", "eq-vanilla-dw", only("s", "first")),
    _edit("dense-dw-samples-added-first", "The samples are added before they meet dZ.",
          "Both were summed over the batch, to be rid of its axis.", "eq-vanilla-dw",
          _samples_added, "call"),
    _edit("dense-dw-upstream-forgotten", "The inputs are added, whatever dZ.",
          "The derivative of Z was written, and not the chain rule.", "eq-vanilla-dw",
          refill("Z", np.ones_like)),
]  # fmt: skip


#: The mistakes of `dense_db`.
DENSE_BIASES: list[Edit] = [
    twin("dense-db-last-sample-only", only("s", "last")),
    _edit("dense-db-mean-over-batch", "The sum over the batch is divided by B.", "The loss is a "
          "mean over the batch, but its gradient dZ has been divided by B already.",
          "eq-vanilla-db",
          divide("s")),
    _edit("dense-db-first-sample-only", "Only the first sample counts.", "The code was written "
          "for one sample.", "eq-vanilla-db", only("s", "first")),
    _edit("dense-db-sum-over-everything", "Every bias gets the sum over all outputs.",
          "``dZ.sum()`` adds all axes; that of the outputs must stay.", "eq-vanilla-db",
          lambda db: np.full_like(db, db.sum()), "result"),
]  # fmt: skip


#: The mistakes of `max_pool2d`.
MAX_POOLING: list[Edit] = [
    *_windows("max-pool", "eq-max-pool"),
    _edit("max-pool-smallest", "The smallest entry of the window is taken.",
          "``min`` was written for ``max``, or < for >.", "eq-max-pool",
          lambda table: replace(table, reduce="min")),
    _edit("max-pool-mean", "The mean of the window is taken.", "Two poolings were mixed up.",
          "eq-max-pool",
          lambda table: replace(table, reduce="add", weight=1 / (
              table.sizes["u"] * table.sizes["v"]))),
    _edit("max-pool-starts-at-zero", "Where all pixels of a window are negative, 0 comes out.",
          "The search for the largest began with 0, not with the first pixel.", "eq-max-pool",
          lambda Y: np.maximum(Y, 0), "largest"),
    _edit("max-pool-absolute", "The pixel that is furthest from 0 wins.", "The largest absolute "
          "value was looked for.", "eq-max-pool", "absolute", "winner"),
    _edit("max-pool-last-winner", "Of equal pixels the last one wins.", ">= was written for >, "
          "but ties go to the first.", "eq-max-pool-argmax", "last", "winner"),
    _edit("max-pool-argmax-in-window", "argmax counts within the window, not within the plane.",
          "What ``window.argmax()`` gives was kept as it is.", "eq-max-pool-argmax", "window",
          "index"),
    _edit("max-pool-argmax-by-columns", "argmax counts down the columns: q M + p.",
          "The flat index of a plane counts along its rows, p N + q.", "eq-max-pool-argmax",
          "columns", "index"),
    _edit("max-pool-argmax-of-whole-array", "argmax counts through the whole array, not within "
          "its plane.", "The offset of sample and depth was added.", "eq-max-pool-argmax", "whole",
          "index"),
    _edit("max-pool-argmax-of-map", "argmax is p times the width of the map, not of the image.",
          "p N' + q was written for p N + q.", "eq-max-pool-argmax", "map", "index"),
]  # fmt: skip


#: The mistakes of `max_pool2d_dX`.
MAX_POOLING_BACK: list[Edit] = [
    twin("max-pool-overlap-overwrites", overwrite("ij")),
    twin("max-pool-counted-by-columns", _by_columns, "call"),
    twin("max-pool-no-winner-wraps", _wraps, "call"),
    twin("max-pool-plane-forgotten", compose(fix("X", "s", "first"), fix("X", "c", "first"))),
    twin("max-pool-upstream-forgotten", refill("Z", np.ones_like)),
    _edit("max-pool-last-window-left-out", "The last row and the last column of windows are "
          "left out.", "A range stops one step too early.", "eq-max-pool-dX", miss("ij", "last")),
    _edit("max-pool-mean-over-windows", "A pixel that wins several windows gets their mean.",
          "The sum was divided by the number of windows.", "eq-max-pool-dX", _by_coverage),
    _edit("max-pool-first-plane-for-all", "Every depth uses the winners of the first one.",
          "argmax[s, 0] was written for argmax[s, c].", "eq-max-pool-dX",
          argument(1, lambda argmax: np.broadcast_to(
              argmax[..., :1, :, :], argmax.shape).copy()), "call"),
    _edit("max-pool-first-sample-for-all", "Every image uses the winners of the first one.",
          "argmax[0] was written for argmax[s].", "eq-max-pool-dX",
          argument(1, lambda argmax: np.broadcast_to(argmax[:1], argmax.shape).copy()), "call"),
]  # fmt: skip


#: The mistakes of `avg_pool2d`.
AVERAGE_POOLING: list[Edit] = [
    *_windows("avg-pool-forward", "eq-avg-pool"),
    _edit("avg-pool-forward-not-divided", "The sum of the window is taken, not its mean.",
          "The division is missing.", "eq-avg-pool", _sum),
    _edit("avg-pool-forward-by-rows", "The sum is divided by the rows of the window alone.",
          "``mean`` ran over one axis, and ``sum`` over the other.", "eq-avg-pool",
          lambda table: replace(table, weight=1 / table.sizes["u"])),
    _edit("avg-pool-forward-by-size", "The sum is divided by the size of the window, also "
          "where fewer pixels were counted.", "count_include_pad is not asked for.", "eq-avg-pool",
          _by_size),
    _edit("avg-pool-forward-largest", "The largest pixel is taken, not the mean.",
          "Two poolings were mixed up.", "eq-avg-pool",
          lambda table: replace(table, weight=1.0, reduce="max")),
]  # fmt: skip


#: The mistakes of `avg_pool2d_dX`.
AVERAGE_POOLING_BACK: list[Edit] = [
    twin("avg-pool-not-divided", _sum),
    twin("avg-pool-always-by-size", _by_size),
    twin("avg-pool-overlap-overwrites", overwrite("ij")),
    twin("avg-pool-stride-is-size", steps(_by_window, _spread)),
    _edit("avg-pool-first-pixel-only", "The first pixel of each window gets all of it.",
          "The gradient was put where max-pooling puts it.", "eq-avg-pool-dX",
          compose(only("uv", "first"), _sum)),
    _edit("avg-pool-stride-of-1", "The windows stand one pixel apart, whatever the stride.",
          "``dX[i:i+m]`` was written for ``dX[i*stride:...]``.", "eq-avg-pool-dX",
          steps(lambda table: (1, 1), _spread)),
    _edit("avg-pool-divided-twice", "The gradient is divided by the size of the window twice.",
          "Once in the mean, and once in the loop.", "eq-avg-pool-dX",
          divide("uv")),
    _edit("avg-pool-last-window-missed", "The last row and the last column of windows are left "
          "out.", "A range stops one step too early.", "eq-avg-pool-dX", miss("ij", "last")),
    _edit("avg-pool-by-rows", "The gradient is divided by the rows of the window alone.",
          "One of the two sizes was forgotten.", "eq-avg-pool-dX",
          lambda table: replace(table, weight=1 / table.sizes["u"])),
]  # fmt: skip


#: As `CONVOLUTION` in `convolution`.
LAYERS: dict[str, tuple[str, str, Any]] = {
    "dense": ("dense", "eq-vanilla", DENSE),
    "dense_dX": ("dense-dX", "eq-vanilla-dX", DENSE_IMAGES),
    "dense_dw": ("dense-dw", "eq-vanilla-dw", DENSE_WEIGHTS),
    "dense_db": ("dense-db", "eq-vanilla-db", DENSE_BIASES),
    "max_pool2d": ("max-pool", "eq-max-pool", MAX_POOLING),
    "max_pool2d_dX": ("max-pool-dX", "eq-max-pool-dX", MAX_POOLING_BACK),
    "avg_pool2d": ("avg-pool", "eq-avg-pool", AVERAGE_POOLING),
    "avg_pool2d_dX": ("avg-pool-dX", "eq-avg-pool-dX", AVERAGE_POOLING_BACK),
}
