"""Mistakes of the pattern search and of its gradients, as changes of their sums.

Those with the name of a mutant do what the mutant does, term by term. The others are mistakes of
beginners that no mutant makes, above all those of the forward pass.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from cnnlab.operations import Call
from cnnlab.tutor.diagnosis.edits import (
    Edit,
    add_index,
    bias_of_first,
    bias_times,
    by_coverage,
    compose,
    divide,
    fix,
    gathered,
    minus_bias,
    miss,
    no_bias,
    only,
    option,
    overwrite,
    pad,
    pair,
    place,
    refill,
    regroup,
    shift,
    start,
    steps,
    sum_of_biases,
    swap,
    turn,
    twin,
)
from cnnlab.tutor.diagnosis.windows import OF_IMAGES, OF_MAPS, OF_PATTERNS
from cnnlab.tutor.terms import ImpossibleError, Table

SIDE_BY_SIDE = (1, 1)


def _ones_step(table: Table) -> tuple[int, int]:
    return SIDE_BY_SIDE


def _step(table: Table) -> tuple[int, int]:
    return table.step


def _spread(table: Table) -> tuple[int, int]:
    return table.spread


def _further(table: Table) -> tuple[int, int]:
    rows, columns = (step + 1 if step > 1 else 1 for step in table.step)
    return rows, columns


def _interior(table: Table) -> Table:
    """Keep the pixels that windows reach with all of their entries."""
    (rows, columns), (m, n) = table.roles["Z"].shape[2:], table.roles["w"].shape[2:]
    p, q = table.outer.index["p"], table.outer.index["q"]
    inside = ((m - 1) * table.spread[0] <= p) & (p <= (rows - 1) * table.step[0])
    inside &= ((n - 1) * table.spread[1] <= q) & (q <= (columns - 1) * table.step[1])
    return table.keep(inside)


def _ungrouped_dX(call: Call) -> Call:
    dZ, w, X_shape = call.arguments
    groups = call.options.get("groups", 1)
    if groups == 1:
        return call
    return Call((dZ, np.tile(w, (1, groups, 1, 1)), X_shape), call.options | {"groups": 1})


def _first_group(position: int) -> Any:
    """Let every group of patterns see the depths of the first one."""

    def change(call: Call) -> Call:
        groups = call.options.get("groups", 1)
        if groups == 1:
            return call
        arguments = list(call.arguments)
        X = arguments[position]
        arguments[position] = X[..., : X.shape[-3] // groups, :, :]
        return Call(tuple(arguments), call.options | {"groups": 1})

    return change


def _samples_added_first(call: Call) -> Call:
    dZ, X, *rest = call.arguments
    if dZ.ndim != 4:
        return call
    return Call((dZ.sum(0, keepdims=True), X.sum(0, keepdims=True), *rest), call.options)


def _window_of_means(table: Table) -> Table:
    return divide("uv")(table)


def _depths_of_pattern_added(table: Table) -> Table:
    """Sum the patterns over their depths, and use the sum for each of them."""
    return refill("w", lambda w: np.broadcast_to(w.sum(1, keepdims=True), w.shape).copy())(table)


def _turned_wrong_axes(table: Table) -> Table:
    """Do what ``w[::-1, ::-1]`` does to four axes, in the recipe that needs the last two turned."""
    return compose(turn("w", "kc"), turn("w", "uv"))(table)


def _sum_of_windows(table: Table) -> Table:
    return refill("w", np.ones_like)(table)


def _edit(name: str, words: str, misreading: str, equation: str, change: Any,
          stage: str = "table", **more: Any) -> Edit:  # fmt: skip
    return Edit(name, words, misreading, equation, stage, change, **more)


def _without_last(bias: np.ndarray, table: Table) -> np.ndarray:
    """Return the bias without the last row and column of positions."""
    bias = bias.copy()
    bias[..., -1, :] = 0
    bias[..., :, -1] = 0
    return bias


def _crosswise(table: Table) -> Table:
    """Read the window at [j+u, i+v]."""
    role = table.roles["X"]
    p = table.loops["j"] * table.step[0] + table.loops["u"] * table.spread[0]
    q = table.loops["i"] * table.step[1] + table.loops["v"] * table.spread[1]
    return table.change("X", role.moved(p=p, q=q))


def _in_half(table: Table) -> Table:
    """Add the samples of each position, and the positions in half precision."""
    return replace(table, reduce="half")


def _corner(top: int, bottom: int, left: int, right: int) -> tuple[int, int]:
    return 0, 0


def _other_side(top: int, bottom: int, left: int, right: int) -> tuple[int, int]:
    return bottom, right


GEOMETRY = [
    # (what, words, misreading, stage of conv2d, change of conv2d, change of the gradients)
    ("stride-on-rows-only", "The stride is used for the rows, and the columns have stride 1.",
     "One number was handed on where a pair was due."),
    ("stride-on-columns-only", "The stride is used for the columns, and the rows have stride 1.",
     "One number was handed on where a pair was due."),
    ("stride-swapped", "The strides of rows and columns have changed places.",
     "The pair (rows, columns) was read as (x, y)."),
    ("dilation-swapped", "The dilations of rows and columns have changed places.",
     "The pair (rows, columns) was read as (x, y)."),
]  # fmt: skip
STEPS = {
    "stride-on-rows-only": lambda table: (table.step[0], 1),
    "stride-on-columns-only": lambda table: (1, table.step[1]),
    "stride-swapped": lambda table: table.step[::-1],
}
STRIDES = {
    "stride-on-rows-only": lambda value: (pair(value)[0], 1),
    "stride-on-columns-only": lambda value: (1, pair(value)[1]),
    "stride-swapped": lambda value: pair(value)[::-1],
}


def _steps_of(prefix: str, equation: str) -> list[Edit]:
    """Return what can happen to stride and dilation when the shape of the result is given."""
    edits = []
    for name, words, misreading in GEOMETRY:
        if name in STEPS:
            change = steps(STEPS[name], _spread)
        else:
            change = steps(_step, lambda table: table.spread[::-1])
        edits.append(_edit(f"{prefix}-{name}", words, misreading, equation, change, first=True))
    return edits


def _forward_options() -> list[Edit]:
    """Return what can happen to the options of the forward pass: the shape may change, too."""
    equation, edits = "eq-geometry", []
    one: Any = lambda value: 1  # noqa: E731
    none: Any = lambda value: 0  # noqa: E731
    for name in ("stride", "dilation", "groups"):
        edits.append(_edit(
            f"conv-{name}-ignored", f"The {name} is ignored.",
            "The option is in the signature, and the loops do not ask for it.",
            equation, option(name, one), "call",
        ))  # fmt: skip
    edits.append(_edit(
        "conv-padding-ignored", "The padding is ignored.",
        "The option is in the signature, and the loops do not ask for it.",
        equation, option("padding", none), "call",
    ))  # fmt: skip
    for name, words, misreading in GEOMETRY:
        which = name.partition("-")[0]
        change = option(which, STRIDES.get(name, lambda value: pair(value)[::-1]))
        edits.append(_edit(f"conv-{name}", words, misreading, equation, change, "call"))
    for name, words, to in PADDINGS:
        edits.append(_edit(
            f"conv-padding-{name}", words, "One side was padded, and the other forgotten.",
            equation, option("padding", to), "call",
        ))  # fmt: skip
    return edits


def _sided(value: Any, keep: Any) -> Any:
    if isinstance(value, str):
        raise ImpossibleError("padding by name")
    rows, columns = (pair(side) for side in pair(value))
    return keep(rows, columns)


PADDINGS = [
    ("before-only", "Zeros are put above and to the left of the image, and none behind it.",
     partial(_sided, keep=lambda rows, columns: ((rows[0], 0), (columns[0], 0)))),
    ("behind-only", "Zeros are put below and to the right of the image, and none before it.",
     partial(_sided, keep=lambda rows, columns: ((0, rows[1]), (0, columns[1])))),
    ("of-rows-only", "Zeros are put above and below the image, and none beside it.",
     partial(_sided, keep=lambda rows, columns: (rows, (0, 0)))),
    ("of-columns-only", "Zeros are put beside the image, and none above and below.",
     partial(_sided, keep=lambda rows, columns: ((0, 0), columns))),
    ("sides-swapped", "Top and bottom, and left and right, have changed places.",
     partial(_sided, keep=lambda rows, columns: (rows[::-1], columns[::-1]))),
    ("rows-for-columns",
    "The padding of the rows is used for the columns, and the other way round.",
     partial(_sided, keep=lambda rows, columns: (columns, rows))),
    ("doubled", "Twice as many zeros are put around the image.",
     partial(_sided, keep=lambda rows, columns: (
         tuple(2 * side for side in rows), tuple(2 * side for side in columns)))),
]  # fmt: skip


def _trimmed(rows: int, columns: int) -> Any:
    """Leave the last row and column of positions out, from the shape as well."""

    def change(result: np.ndarray) -> np.ndarray:
        M, N = result.shape[-2:]
        return result[..., : M - rows, : N - columns]

    return change


#: The mistakes of `conv2d`.
FORWARD: list[Edit] = [
    _edit("conv-true-convolution", "The pattern is turned by half a turn before it is laid on "
          "the image.", "It is called a convolution, so the pattern was turned; this layer "
          "searches.", "eq-convolution", turn("w", "uv")),
    _edit("conv-turned-in-rows", "The rows of the pattern run from the bottom to the top.",
          "w[::-1] was written, to turn the pattern or to search.", "eq-pattern-search", turn("w",
          "u")),
    _edit("conv-turned-in-columns", "The columns of the pattern run from right to left.",
          "The pattern was reversed along one axis.", "eq-pattern-search", turn("w", "v")),
    _edit("conv-pattern-transposed", "Rows and columns of the pattern have changed places.",
          "u was taken for the column and v for the row, as x and y are.",
          "eq-pattern-search", swap("w", "u", "v")),
    _edit("conv-turned-in-depth", "The depths of the pattern are read in reverse order.",
          "A true 3-D convolution turns the depth as well.", "eq-convolution", turn("w", "c")),
    _edit("conv-bias-forgotten", "The bias is not added.", "Each pattern was searched, and "
          "that was all.", "eq-pattern-search", no_bias),
    _edit("conv-bias-per-depth", "The bias is added once for every depth.",
          "It stands inside the loop over the depths.", "eq-pattern-search",
          bias_times("c")),
    _edit("conv-bias-per-term", "The bias is added once for every product.",
          "It stands inside the innermost loop.", "eq-pattern-search",
          bias_times("cuv")),
    _edit("conv-bias-subtracted", "The bias is subtracted.", "It was taken for a threshold, "
          "which a match has to exceed.", "eq-pattern-search", minus_bias),
    _edit("conv-bias-of-first-pattern", "Every pattern gets the bias of the first one.",
          "b[0] was written for b[k].", "eq-pattern-search", bias_of_first),
    _edit("conv-biases-added-up", "Every pattern gets the sum of all biases.", "``b.sum()`` was "
          "written for b[k].", "eq-pattern-search", sum_of_biases),
    _edit("conv-first-depth-only", "Only the first depth of the image is searched.",
          "The code was written for 2-D; the sum over the depths is missing.",
          "eq-pattern-search", only("c", "first")),
    _edit("conv-last-depth-only", "Only the last depth counts.", "``=`` was written for ``+=`` "
          "in the loop over the depths.", "eq-pattern-search", only("c", "last")),
    _edit("conv-first-plane-of-image", "Every depth of the pattern is laid on the first plane "
          "of the image.", "X[0] was written for X[c].", "eq-pattern-search", fix("X", "c",
          "first")),
    _edit("conv-first-plane-of-pattern", "Every plane of the image is searched for the first "
          "depth of the pattern.", "w[0] was written for w[c].", "eq-pattern-search", fix("w", "c",
          "first")),
    _edit("conv-first-pattern-for-all", "Every map is that of the first pattern.",
          "w[0] was written for w[k].", "eq-pattern-search", fix("w", "k", "first")),
    _edit("conv-last-pattern-for-all", "Every map is that of the last pattern, each with its "
          "own bias.", "The maps were computed in a loop over the patterns, and all of them "
          "filled each time.", "eq-pattern-search", fix("w", "k", "last")),
    _edit("conv-first-sample-for-all", "Every image of the batch gets the map of the first one.",
          "X[0] was written for X[s].", "eq-pattern-search", fix("X", "s", "first")),
    _edit("conv-overwritten", "Only the last product of every window counts.", "``=`` was "
          "written for ``+=`` in the innermost loop.", "eq-pattern-search", overwrite("cuv")),
    _edit("conv-overwritten-with-bias", "Only the last product of every window counts, and the "
          "bias is gone.", "``=`` was written for ``+=`` in the innermost loop, after the bias "
          "had been put there.", "eq-pattern-search",
          compose(overwrite("cuv"), no_bias)),
    _edit("conv-last-window-missed", "The last row and the last column of positions are "
          "missing: the map is too small.", "``range(M - m)`` was written for a range that must "
          "reach M - m: Python stops before the end.", "eq-output-size", _trimmed(1, 1), "result"),
    _edit("conv-last-row-missed", "The last row of positions is missing.",
          "``range(M - m)`` stops before M - m.", "eq-output-size", _trimmed(1, 0), "result"),
    _edit("conv-last-column-missed", "The last column of positions is missing.",
          "``range(N - n)`` stops before N - n.", "eq-output-size", _trimmed(0, 1), "result"),
    _edit("conv-last-window-left-empty", "In the last row and the last column of positions "
          "nothing was computed.", "``range(M - m)`` stops before M - m, and the map has "
          "its right size.", "eq-pattern-search",
          compose(miss("ij", "last"), start(_without_last))),
    _edit("conv-mean-over-window", "The sum over the window is divided by its m n entries.",
          "``mean`` was written for ``sum``.", "eq-pattern-search", _window_of_means),
    _edit("conv-mean-over-everything", "The sum is divided by its number of terms.",
          "``mean`` was written for ``sum``.", "eq-pattern-search", divide("cuv")),
    _edit("conv-mean-over-depths", "The sum over the depths is divided by their number.",
          "The maps of the depths were averaged, not added.", "eq-pattern-search", divide("c")),
    _edit("conv-off-by-one", "Every window begins one row and one column too late.",
          "The indices were counted from 1, as in a textbook.", "eq-pattern-search", shift("X",
          "pq", 1)),
    _edit("conv-sum-of-window", "The pixels of the window are added, without the pattern.",
          "The product with w is missing.", "eq-pattern-search", _sum_of_windows),
    _edit("conv-pattern-added", "Pattern and window are added, not multiplied.",
          "The product of two entries became their sum.", "eq-pattern-search",
          lambda table: replace(table, product="plus")),
    _edit("conv-difference", "Pattern and window are subtracted, not multiplied.",
          "A match was measured by the difference.", "eq-pattern-search",
          lambda table: replace(table, product="minus")),
    _edit("conv-squared-difference", "The squared difference of pattern and window is added "
          "up.", "A match was measured by the distance.", "eq-pattern-search",
          lambda table: replace(table, product="square")),
    _edit("conv-largest-product", "The largest product of the window is taken, not the sum.",
          "Search and max-pooling were mixed up.", "eq-pattern-search",
          lambda table: replace(table, reduce="max", start=None)),
    _edit("conv-rows-for-columns", "Row and column of the position have changed places.",
          "X[j+u, i+v] was written for X[i+u, j+v].", "eq-pattern-search", _crosswise),
    _edit("conv-patterns-for-depths", "Pattern and depth have changed places, w[c, k] for "
          "w[k, c].", "The first two axes of w were taken in the other order.",
          "eq-pattern-search", swap("w", "k", "c")),
    _edit("conv-depth-last", "The patterns are read with the depth last.",
          "``w.reshape(P, m, n, D)`` has the shape of a moved axis, but not its order.",
          "eq-pattern-search", regroup("w", (0, 2, 3, 1))),
    _edit("conv-border-repeated", "Beyond its border the image goes on with its last pixel, not "
          "with zeros.", "np.pad was called with mode=\"edge\".", "eq-geometry", pad("edge")),
    _edit("conv-border-reflected", "Beyond its border the image is mirrored.",
          "np.pad was called with mode=\"reflect\".", "eq-geometry", pad("reflect")),
    _edit("conv-border-wraps-around", "Beyond its border the image goes on at its other end.",
          "A negative index was not guarded against, and there Python counts from the end.",
          "eq-geometry", pad("wrap")),
    _edit("conv-padded-with-ones", "The padding is of ones.", "np.ones was written for "
          "np.zeros.", "eq-geometry", pad("ones")),
    _edit("conv-padding-at-end", "All zeros are put below and to the right of the image.",
          "The image was copied into the corner of the larger array.", "eq-geometry",
          place(lambda top, bottom, left, right: (0, 0))),
    _edit("conv-stride-of-1-cut", "The windows stand side by side, whatever the stride; only "
          "their number follows it.", "``X[i:i+m]`` was written for ``X[i*stride:...]``.",
          "eq-geometry", steps(_ones_step, _spread)),
    _edit("conv-groups-see-first", "Every group of patterns searches the depths of the first "
          "group.", "The first depth of a group was forgotten: X[c] for X[first + c].",
          "eq-geometry", _first_group(0), "call"),
    *_forward_options(),
]  # fmt: skip


#: The mistakes of `conv2d_dX`.
IMAGES: list[Edit] = [
    twin("dX-pattern-not-turned", turn("w", "uv")),
    twin("dX-turned-in-rows-only", turn("w", "v")),
    twin("dX-pattern-transposed", swap("w", "u", "v")),
    twin("dX-dZ-turned", turn("Z", "ij")),
    twin("dX-last-pattern-only", only("k", "last")),
    twin("dX-first-pattern-only", only("k", "first")),
    twin("dX-first-depth-for-all", fix("w", "c", "first")),
    twin("dX-mean-over-patterns", divide("k")),
    twin("dX-windows-overwrite", overwrite("ij")),
    twin("dX-patterns-reshaped", regroup("w", (1, 0, 2, 3))),
    twin("dX-patterns-for-depths", swap("w", "k", "c")),
    twin("dX-pattern-order-reversed", turn("Z", "k")),
    twin("dX-first-sample-for-all", fix("Z", "s", "first")),
    twin("dX-off-by-one", shift("X", "pq", 1)),
    twin("dX-interior-only", _interior),
    twin("dX-border-wraps-around", gathered("wraps"), first=True),
    twin("dX-border-repeated", gathered("repeats"), first=True),
    twin("dX-stride-ignored", steps(_ones_step, _spread), first=True),
    twin("dX-spread-too-far", steps(_further, _spread), first=True),
    twin("dX-dilation-ignored", steps(_step, _ones_step), first=True),
    twin("dX-padding-left-on", place(_corner)),
    twin("dX-padding-sides-swapped", place(_other_side)),
    twin("dX-groups-ignored", _ungrouped_dX, "call"),
    _edit("dX-turned-in-columns-only", "The rows of the pattern run the wrong way.",
          "In the recipe \"search the padded dZ\" only the columns were reversed.",
          "eq-dX-conv", turn("w", "u")),
    _edit("dX-first-depth-only", "Only the first plane of the image gets a gradient.",
          "The 2-D code was used, and no loop over the depths was put around it.",
          "eq-dX-3d", only("c", "first")),
    _edit("dX-last-depth-only", "Only the last plane of the image gets a gradient.",
          "The array is made anew, with zeros, inside the loop over the depths.",
          "eq-dX-3d", only("c", "last")),
    _edit("dX-depths-summed", "Every plane of the image gets the sum over all depths.",
          "The depth was summed over, as in the forward pass.", "eq-dX-3d",
          _depths_of_pattern_added),
    _edit("dX-first-sample-only", "Only the first image gets a gradient.",
          "The code was written for one image, ``dX[0]``.", "eq-dX", only("s", "first")),
    _edit("dX-last-sample-only", "Only the last image gets a gradient.",
          "The array is made anew, with zeros, inside the loop over the samples.",
          "eq-dX", only("s", "last")),
    _edit("dX-mean-over-batch", "The gradient is divided by B.", "The loss is a mean over the "
          "batch, but its gradient dZ has been divided by B already.", "eq-dX", divide("s")),
    _edit("dX-last-position-missed", "The last row and the last column of positions are left "
          "out.", "``range(M - m)`` was written for the sum whose upper limit is M - m: Python "
          "stops before it.", "eq-dX", miss("ij", "last")),
    _edit("dX-last-row-missed", "The last row of positions is left out.",
          "A range stops one row too early.", "eq-dX", miss("i", "last")),
    _edit("dX-last-column-missed", "The last column of positions is left out.",
          "A range stops one column too early.", "eq-dX", miss("j", "last")),
    _edit("dX-first-pattern-for-all", "Every map of dZ meets the first pattern.",
          "w[0] was written for w[k].", "eq-dX", fix("w", "k", "first")),
    _edit("dX-overwritten", "Only the last product of every pixel counts.",
          "``=`` was written for ``+=`` in the innermost loop.", "eq-dX", overwrite("kij")),
    _edit("dX-upstream-forgotten", "The patterns are laid down with their own numbers, "
          "whatever dZ.", "The derivative of Z was written, and not the chain rule.",
          "eq-dX", refill("Z", np.ones_like)),
    _edit("dX-pattern-forgotten", "Every window hands dZ to its pixels, without the pattern.",
          "The product with w is missing.", "eq-dX", refill("w", np.ones_like)),
    _edit("dX-wrong-axes-turned", "Patterns and depths are in reverse order, and the pattern "
          "itself is not turned.", "``w[::-1, ::-1]`` turns the first two axes of four; rows "
          "and columns are the last two.", "eq-dX-conv", _turned_wrong_axes),
    _edit("dX-off-by-one-early", "The whole gradient lies one row and one column too early.",
          "dZ was padded with m - 2 zeros at the top where m - 1 are needed.",
          "eq-dX", shift("X", "pq", -1)),
    _edit("dX-overlap-mean", "Each pixel gets the mean over its windows, not their sum.",
          "The sum was divided by the number of windows on the pixel, as one does to put "
          "patches of a picture together.", "eq-dX", by_coverage),
    _edit("dX-padding-cut-at-end", "The gradient of the padding is cut off on the wrong side.",
          "The padded gradient was cut to its last M rows and N columns.", "eq-geometry-dX",
          place(lambda top, bottom, left, right: (top + bottom, left + right))),
    *_steps_of("dX", "eq-geometry-dX"),
]  # fmt: skip


#: The mistakes of `conv2d_dw`.
PATTERNS: list[Edit] = [
    twin("dw-dZ-turned", turn("Z", "ij")),
    twin("dw-turned", turn("w", "uv")),
    twin("dw-transposed", swap("w", "u", "v")),
    twin("dw-last-sample-only", only("s", "last")),
    twin("dw-mean-over-batch", divide("s")),
    twin("dw-mean-over-positions", divide("ij")),
    twin("dw-positions-overwrite", overwrite("ij")),
    twin("dw-last-position-missed", miss("ij", "last")),
    twin("dw-first-depth-for-all", fix("X", "c", "first")),
    twin("dw-depth-moves-with-pattern", add_index("X", "c", "k")),
    twin("dw-flattened-otherwise", regroup("Z", (0, 2, 3, 1))),
    twin("dw-clipped", lambda result: np.clip(result, -10, 10), "result"),
    twin("dw-half-precision", _in_half),
    twin("dw-stride-ignored", steps(_ones_step, _spread)),
    twin("dw-stride-for-dilation", steps(_spread, _step)),
    twin("dw-padding-not-subtracted", place(_corner)),
    twin("dw-border-repeated", pad("edge")),
    twin("dw-groups-ignored", _first_group(1), "call"),
    _edit("dw-first-sample-only", "Only the first image of the batch counts.",
          "The code was written for one image, ``dZ[0]`` and ``X[0]``.", "eq-dw", only("s",
          "first")),
    _edit("dw-first-position-only", "Only the first position counts.", "The pattern was laid on "
          "the image once, at the top left.", "eq-dw", only("ij", "first")),
    _edit("dw-overwritten", "Only the last product of every entry counts.", "``=`` was written "
          "for ``+=`` in the innermost loop.", "eq-dw", overwrite("sij")),
    _edit("dw-mean-over-everything", "The sum over samples and positions is divided by the "
          "number of both.", "``mean`` was written for ``sum``.", "eq-dw", divide("sij")),
    _edit("dw-first-pattern-for-all", "Every pattern gets the gradient of the first one.",
          "dZ[:, 0] was written for dZ[:, k].", "eq-dw", fix("Z", "k", "first")),
    _edit("dw-first-pattern-only", "Only the first pattern gets a gradient.", "The code was "
          "written for one pattern; later an axis was put in front.", "eq-dw", only("k", "first")),
    _edit("dw-last-pattern-only", "Only the last pattern gets a gradient.", "The array is made "
          "anew, with zeros, inside the loop over the patterns.", "eq-dw", only("k", "last")),
    _edit("dw-first-depth-only", "Only the first depth of the patterns gets a gradient.",
          "The 2-D code was used, and no loop over the depths was put around it.",
          "eq-dw-3d", only("c", "first")),
    _edit("dw-last-depth-only", "Only the last depth of the patterns gets a gradient.",
          "The array is made anew, with zeros, inside the loop over the depths.",
          "eq-dw-3d", only("c", "last")),
    _edit("dw-samples-added-first", "The images are added before they meet dZ: every image "
          "meets the gradient of every other.", "``dZ.sum(0)`` and ``X.sum(0)`` were taken, to "
          "be rid of the axis of the batch.", "eq-dw", _samples_added_first, "call"),
    _edit("dw-upstream-forgotten", "The pixels under each entry are added, whatever dZ.",
          "The derivative of Z was written, and not the chain rule.", "eq-dw",
          refill("Z", np.ones_like)),
    _edit("dw-image-forgotten", "The gradients of all positions are added, without the pixels.",
          "The product with X is missing: that is db.", "eq-dw", refill("X", np.ones_like)),
    _edit("dw-turned-in-rows", "The rows of the gradient stand in reverse order.",
          "One axis was reversed.", "eq-dw-slice", turn("w", "u")),
    _edit("dw-turned-in-columns", "The columns of the gradient stand in reverse order.",
          "One axis was reversed.", "eq-dw-slice", turn("w", "v")),
    _edit("dw-pattern-order-reversed", "Pattern k gets the gradient of pattern P - 1 - k.",
          "The axis of the patterns was turned as well.", "eq-dw", turn("Z", "k")),
    _edit("dw-off-by-one", "Every window begins one row and one column too late.",
          "The indices were counted from 1, as in a textbook.", "eq-dw-slice",
          shift("X", "pq", 1)),
    _edit("dw-dilation-ignored", "The entries of a pattern lie side by side, whatever the "
          "dilation.", "The option was passed on to the forward operation alone.", "eq-geometry-dw",
          steps(_step, _ones_step)),
    *_steps_of("dw", "eq-geometry-dw"),
]  # fmt: skip


#: The mistakes of `conv2d_db`.
BIASES: list[Edit] = [
    twin("db-mean-over-positions", divide("ij")),
    twin("db-mean-over-batch", divide("s")),
    twin("db-first-position-only", only("ij", "first")),
    twin("db-upstream-forgotten", refill("Z", np.ones_like)),
    twin("db-batch-reshaped", regroup("Z", (1, 0, 2, 3))),
    twin("db-mean-over-everything", divide("sij")),
    twin("db-first-sample-only", only("s", "first")),
    twin("db-zero", np.zeros_like, "result"),
    _edit("db-last-sample-only", "Only the last image of the batch counts.",
          "``=`` was written for ``+=`` in the loop over the samples.", "eq-db", only("s", "last")),
    _edit("db-last-position-only", "Only the last position of every map counts.",
          "``=`` was written for ``+=`` in the loop over the positions.", "eq-db", only("ij",
          "last")),
    _edit("db-last-position-missed", "The last row and the last column of every map are left "
          "out.", "A range stops one step too early.", "eq-db", miss("ij", "last")),
    _edit("db-first-pattern-for-all", "Every bias gets the gradient of the first one.",
          "dZ[:, 0] was written for dZ[:, k].", "eq-db", fix("Z", "k", "first")),
    _edit("db-sum-over-everything", "Every bias gets the sum over all patterns.",
          "``dZ.sum()`` adds all axes; the axis of the patterns must stay.", "eq-db",
          lambda result: np.full_like(result, result.sum()), "result"),
    _edit("db-absolute", "The absolute values are added.", "The signs of dZ were dropped.", "eq-db",
          refill("Z", np.abs)),
]  # fmt: skip


#: For each operation how the names of its mistakes begin, the equation, and the mistakes.
CONVOLUTION: dict[str, tuple[str, str, Any]] = {
    "conv2d": ("conv", "eq-pattern-search", FORWARD + OF_MAPS),
    "conv2d_dX": ("dX", "eq-dX", IMAGES + OF_IMAGES),
    "conv2d_dw": ("dw", "eq-dw", PATTERNS + OF_PATTERNS),
    "conv2d_db": ("db", "eq-db", BIASES),
}
