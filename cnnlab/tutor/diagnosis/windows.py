"""Windows that lie elsewhere than they should: indices with a wrong sign, stride and padding."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from cnnlab import reference
from cnnlab.operations import Call
from cnnlab.tutor.diagnosis.edits import (
    Change,
    Edit,
    bias_times,
    compose,
    divide,
    fix,
    gathered,
    miss,
    option,
    overwrite,
    pair,
    refill,
    start,
    steps,
    turn,
)
from cnnlab.tutor.terms import ImpossibleError, Table

__all__ = ["OF_IMAGES", "OF_MAPS", "OF_PATTERNS"]


def _edit(name: str, words: str, misreading: str, equation: str, change: Any,
          stage: str = "table", **more: Any) -> Edit:  # fmt: skip
    return Edit(name, words, misreading, equation, stage, change, **more)


# Where windows lie


def laid(
    where: Callable[[Table], tuple[np.ndarray, np.ndarray]],
    beyond: Literal["lost", "wraps", "circle"] = "lost",
) -> Change:
    """Let each term read or write another pixel.

    Parameters
    ----------
    where : callable
        ``where(table)`` returns row and column of each term on the image, not on its padding.
    beyond : {"lost", "wraps", "circle"}
        What becomes of indices beyond the image: the term is left out; those below zero count
        from the end; or all are taken modulo its length.
    """

    def change(table: Table) -> Table:
        index, inside = {}, np.ones(1, bool)
        for letter, at, length, first in zip(
            "pq", where(table), table.image, table.place, strict=True
        ):
            if beyond == "circle":
                at = at % max(length, 1)
            inside = inside & (at >= (-length if beyond == "wraps" else 0)) & (at < length)
            index[letter] = np.where(at < 0, at + length, at) + first
        return table.change("X", table.roles["X"].moved(**index)).keep(inside)

    return change


def moved(by: Callable[[Table], tuple[int, int]]) -> Change:
    """Let every window lie elsewhere, by rows and columns; what leaves the image is lost."""

    def change(table: Table) -> Table:
        role, index, inside = table.roles["X"], {}, np.ones(1, bool)
        for letter, more, length in zip("pq", by(table), role.shape[2:], strict=True):
            at = role.index[letter] + more
            inside = inside & (at >= 0) & (at < length)
            index[letter] = at
        return table.change("X", role.moved(**index)).keep(inside)

    return change


def _window(table: Table, sign: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Return the pixel of each term: the window's first, and the offset added or subtracted."""
    rows, columns = (
        table.loops[position] * step + sign * table.loops[offset] * spread - first
        for position, offset, step, spread, first in zip(
            "ij", "uv", table.step, table.spread, table.place, strict=True
        )
    )
    return rows, columns


def _before(table: Table) -> tuple[np.ndarray, np.ndarray]:
    return _window(table, -1)


def _sides(table: Table) -> tuple[int, int]:
    """Return rows and columns of a pattern."""
    m, n = table.sizes["u"], table.sizes["v"]
    return m, n


def _spread(table: Table) -> tuple[int, int]:
    return table.spread


def _step(table: Table) -> tuple[int, int]:
    return table.step


def _swapped_padding(table: Table) -> tuple[int, int]:
    rows, columns = table.place
    return rows - columns, columns - rows


def _left_over(table: Table) -> tuple[int, int]:
    """Return how many rows and columns no window reaches."""
    rows, columns = (
        length - (table.sizes[position] - 1) * step - (table.sizes[offset] - 1) * spread - 1
        for length, position, offset, step, spread in zip(
            table.roles["X"].shape[2:], "ij", "uv", table.step, table.spread, strict=True
        )
    )
    return rows, columns


def _times_stride(table: Table) -> tuple[int, int]:
    rows, columns = (
        first * (1 - step) for first, step in zip(table.place, table.step, strict=True)
    )
    return rows, columns


def _to_one_end(sign: int) -> Callable[[Table], tuple[int, int]]:
    def by(table: Table) -> tuple[int, int]:
        rows, columns = (
            sign * (size - 1) * spread
            for size, spread in zip(_sides(table), table.spread, strict=True)
        )
        return rows, columns

    return by


def _whole_windows(table: Table) -> Table:
    """Leave the windows out that lie on the padding with a part."""
    inside: Any = True
    for position, offset, step, spread, first, length in zip(
        "ij", "uv", table.step, table.spread, table.place, table.image, strict=True
    ):
        at = table.loops[position] * step - first
        inside = inside & (at >= 0) & (at + (table.sizes[offset] - 1) * spread < length)
    return table.keep(np.asarray(inside))


def _thinned(table: Table) -> Table:
    """Keep every second row and column of pixels of the padded image, for a stride of 2."""
    index = table.roles["X"].index
    return table.keep((index["p"] % table.step[0] == 0) & (index["q"] % table.step[1] == 0))


def _small_sums(table: Table) -> Table:
    """Let the sums over the positions go over as many as a pattern has entries."""
    (m, n), loops = _sides(table), table.loops
    return table.keep((loops["i"] < m) & (loops["j"] < n))


def _total(axes: tuple[int, ...]) -> Callable[[np.ndarray], np.ndarray]:
    return lambda array: np.broadcast_to(array.sum(axes, keepdims=True), array.shape).copy()


def _elsewhere(prefix: str, equation: str) -> list[Edit]:
    """Return the mistakes that windows of all three operations can have."""
    both = [
        ("stride-of-rows", "stride", steps(lambda table: (table.step[0],) * 2, _spread)),
        ("stride-of-columns", "stride", steps(lambda table: (table.step[1],) * 2, _spread)),
        ("padding-of-rows", "padding",
         moved(lambda table: (0, table.place[1] - table.place[0]))),
        ("padding-of-columns", "padding",
         moved(lambda table: (table.place[0] - table.place[1], 0))),
    ]  # fmt: skip
    found = [
        _edit(f"{prefix}-{name}-for-both", f"The {what} of the {name.split('-')[-1]} is used both "
              "ways.", "One number of the pair was read, for rows and for columns.", equation,
              change, first=what == "stride")
        for name, what, change in both
    ]  # fmt: skip
    return [
        *found,
        _edit(f"{prefix}-padding-swapped", "The paddings of rows and columns have changed places.",
              "The pair (rows, columns) was read as (x, y).", equation, moved(_swapped_padding)),
        _edit(f"{prefix}-counted-from-the-end", "The last window ends with the image: the rows "
              "and columns that are left over lie before the first window, and not behind the "
              "last.", "The windows were counted from the end.", equation, moved(_left_over),
              rare=True),
        _edit(f"{prefix}-padding-times-stride", "The padding is multiplied by the stride: windows "
              "begin at (i - padding) * stride.", "A bracket is wrong: i * stride - padding.",
              equation, moved(_times_stride), rare=True),
        _edit(f"{prefix}-whole-windows-only", "A window that lies on the padding with a part of "
              "it is left out as a whole.", "One test was made for the window, where each of its "
              "pixels needs one.", equation, _whole_windows, rare=True),
        _edit(f"{prefix}-negative-indices-wrap", "Pixels before the first row or column are taken "
              "at the other end of the image.", "There is no ring, and no test for an index below "
              "zero: Python counts it from the end.", equation, laid(_window, "wraps"),
              first=True, rare=True),
        _edit(f"{prefix}-image-wraps-around", "The image goes on at its other side, as on a "
              "circle.", "The index was taken modulo the length of the axis.", equation,
              laid(_window, "circle"), first=True, rare=True),
        _edit(f"{prefix}-minus-for-plus", "The offset within a window is subtracted: [i - u, "
              "j - v] for [i + u, j + v]. What lies before the first pixel wraps round to the "
              "other end.", "The index of the equation of dX was used, or np.roll turned the wrong "
              "way.", equation, laid(_before, "wraps"), first=True, rare=True),
        _edit(f"{prefix}-windows-without-overlap", "The windows lie side by side, each behind the "
              "end of the one before: [i m + u, j n + v].", "The position was multiplied by the "
              "size of the pattern, as if it were the stride.", equation,
              steps(_sides, _spread), first=True, rare=True),
        _edit(f"{prefix}-stride-between-pixels", "The stride multiplies the offset as well: "
              "[(i + u) stride]. The image is thinned out first, and its windows lie side by "
              "side.", "X[::stride] was taken before the windows were laid.", equation,
              steps(_step, _step), first=True, rare=True),
        _edit(f"{prefix}-pattern-spread", "The offset is multiplied by the stride, and the "
              "position is not: [i + u stride].", "Stride and dilation were mixed up.", equation,
              steps(_spread, _step), first=True, rare=True),
    ]  # fmt: skip


# Mistakes of each operation


def _then_bias(change: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
    """Search without bias, change the maps, and add the bias."""

    def whole(X: Any, w: Any, b: Any = None, **options: Any) -> np.ndarray:
        Z = change(X, w, **options)
        return Z if b is None else Z + np.asarray(b)[:, None, None]

    return whole


def _run_on(axis: int) -> Callable[..., np.ndarray]:
    return _then_bias(
        lambda X, w, **options: np.cumsum(reference.conv2d(X, w, **options), axis=axis)
    )


@_then_bias
def _planes_multiplied(X: Any, w: Any, **options: Any) -> np.ndarray:
    groups = [
        reference.conv2d(X[..., c : c + 1, :, :], w[:, c : c + 1], **options)
        for c in range(w.shape[1])
    ]
    return np.prod(groups, axis=0)


def _ring_around_maps(X: Any, w: Any, b: Any = None, **options: Any) -> np.ndarray:
    rows, columns = pair(options.pop("padding", 0))
    Z = reference.conv2d(X, w, b, **options)
    return np.pad(Z, [(0, 0)] * (Z.ndim - 2) + [(rows, rows), (columns, columns)])


def _from_the_image(X: Any, w: Any, b: Any = None, **options: Any) -> np.ndarray:
    """Count the positions from the image, not from the ring."""
    steps_, pads = pair(options.pop("stride", 1)), pair(options.get("padding", 0))
    Z = reference.conv2d(X, w, b, **options)
    rows, columns = (slice(pad % step, None, step) for pad, step in zip(pads, steps_, strict=True))
    return Z[..., rows, columns]


def _rounded_up(call: Call) -> Call:
    """Let a last window hang over the end, over zeros."""
    X, w, *rest = call.arguments
    sides = zip(
        X.shape[-2:], w.shape[-2:], pair(call.options.get("stride", 1)),
        pair(call.options.get("padding", 0)), strict=True,
    )  # fmt: skip
    padding = tuple((pad, pad + -(size + 2 * pad - side) % step) for size, side, step, pad in sides)
    return Call((X, w, *rest), call.options | {"padding": padding})


def _before_and_after(value: Any) -> Any:
    return (pair(value), pair(value))


def _corner(bias: np.ndarray, table: Table) -> np.ndarray:
    only = np.zeros_like(bias)
    only[..., :1, :1] = bias[..., :1, :1]
    return only


def _of_first_sample(bias: np.ndarray, table: Table) -> np.ndarray:
    only = np.zeros_like(bias)
    only[:1] = bias[:1]
    return only


def _times_pattern(bias: np.ndarray, table: Table) -> np.ndarray:
    """Multiply each bias by the sum of its pattern."""
    w = table.roles["w"].array
    assert w is not None
    return bias * w.sum((1, 2, 3))[:, None, None]


def _one_number() -> list[Edit]:
    """Return the mistakes of reading one number of a pair, for the size of the map as well."""
    found = []
    for which in ("stride", "padding"):
        for at, name in enumerate(("rows", "columns")):
            change: Any = lambda value, at=at: pair(value)[at]  # noqa: E731
            found.append(_edit(
                f"conv-{which}-of-{name}-for-both",
                f"The {which} of the {name} is used both ways, for the size of the map as well.",
                "One number of the pair was read, for rows and for columns.",
                "eq-geometry", option(which, change), "call",
            ))  # fmt: skip
    return found


#: More mistakes of `conv2d`.
OF_MAPS: list[Edit] = [
    # Of the forward pass the options themselves are changed where two mistakes meet.
    *(
        edit._replace(rare=True, name=edit.name.replace("for-both", "for-both-in-windows"))
        for edit in _elsewhere("conv", "eq-geometry")
    ),
    *_one_number(),
    _edit("conv-padding-before-and-after", "The rows of the padding lie above and at the left, "
          "its columns below and at the right.", "The pair (rows, columns) was handed to np.pad, "
          "which reads a pair as (before, after).", "eq-geometry",
          option("padding", _before_and_after), "call", rare=True),
    _edit("conv-rounded-up", "A last window that hangs over the end of the image is counted, and "
          "filled up with zeros.", "The size of the map was rounded up, and not down.",
          "eq-output-size", _rounded_up, "call", rare=True),
    _edit("conv-padding-around-map", "The zeros lie around the map, and not around the image.",
          "The result was padded, after the search.", "eq-geometry", _ring_around_maps, "whole",
          rare=True),
    _edit("conv-counted-from-the-image", "The positions are counted from the first pixel, and not "
          "from the corner of the ring.", "With a stride, the windows that begin on the ring were "
          "left out of the count.", "eq-geometry", _from_the_image, "whole", rare=True),
    _edit("conv-planes-multiplied", "The maps of the depths are multiplied with each other.",
          "A product was written for the sum over the depths.", "eq-pattern-search",
          _planes_multiplied, "whole", rare=True),
    *(
        _edit(f"conv-{many}-run-on", f"The sum is not set back to 0 for the next {one}: each "
              f"holds those of the {many} before it as well.", "The map is made once, before the "
              "loop, and not within it.", "eq-pattern-search", _run_on(axis), "whole", rare=True)
        for axis, one, many in ((-3, "pattern", "patterns"), (-4, "image", "images"))
    ),
    _edit("conv-bias-per-offset", "The bias is added once for every entry of the window.",
          "It stands inside the loops over u and v.", "eq-pattern-search", bias_times("uv"),
          rare=True),
    _edit("conv-bias-at-corner-only", "The bias is added to the first position of each map only.",
          "Z[k, 0, 0] was written for Z[k].", "eq-pattern-search", start(_corner), rare=True),
    _edit("conv-bias-in-first-image-only", "The biases are added to the maps of the first image "
          "only.", "Z[0] was written for Z[s].", "eq-pattern-search", start(_of_first_sample),
          rare=True),
    _edit("conv-sum-of-biases", "Every map gets the sum of all biases.", "b.sum() was written, or "
          "the loop over the biases stands within that over the patterns.", "eq-pattern-search",
          start(lambda bias, table: np.broadcast_to(bias.sum(1, keepdims=True), bias.shape)),
          rare=True),
    _edit("conv-biases-run-on", "The biases add up: map k gets those of the patterns before it as "
          "well.", "What is added is not set back for the next pattern.", "eq-pattern-search",
          start(lambda bias, table: np.cumsum(bias, axis=1)), rare=True),
    _edit("conv-bias-added-to-image", "The bias is added to the pixels, so that each weight "
          "multiplies it.", "It was added before the search, and not to its result.",
          "eq-pattern-search", start(_times_pattern), rare=True),
    _edit("conv-last-map-for-all", "Every map is that of the last pattern, with its bias.",
          "One array is filled again and again, and put into a list each time.",
          "eq-pattern-search", compose(
              fix("w", "k", "last"),
              start(lambda bias, table: np.broadcast_to(bias[:, -1:], bias.shape))), rare=True),
    _edit("conv-sums-multiplied", "The sum of the window is multiplied by the sum of the pattern.",
          "The two were summed before they were multiplied: einsum with two letters for one "
          "index.", "eq-pattern-search", refill("w", _total((2, 3))), rare=True),
]  # fmt: skip


def _maps_added_first(call: Call) -> Call:
    dZ, w, X_shape = call.arguments
    if call.options.get("groups", 1) != 1:
        raise ImpossibleError("groups")
    return Call((dZ.sum(-3, keepdims=True), w.sum(0, keepdims=True), X_shape), call.options)


def _framed(dZ: Any, w: Any, X_shape: Any, **options: Any) -> np.ndarray:
    """Hand back the gradient of the padding as well."""
    rows, columns = pair(options.pop("padding", 0))
    *front, M, N = X_shape
    return reference.conv2d_dX(dZ, w, (*front, M + 2 * rows, N + 2 * columns), **options)


def _shape_from_maps(dZ: Any, w: Any, X_shape: Any, **options: Any) -> np.ndarray:
    """Take the image to end with the last window."""
    steps_, pads = pair(options.get("stride", 1)), pair(options.get("padding", 0))
    sides = [
        (count - 1) * step + size - 2 * pad
        for count, size, step, pad in zip(dZ.shape[-2:], w.shape[-2:], steps_, pads, strict=True)
    ]
    return reference.conv2d_dX(dZ, w, (*X_shape[:-2], *sides), **options)


#: More mistakes of `conv2d_dX`.
OF_IMAGES: list[Edit] = [
    *_elsewhere("dX", "eq-geometry-dX"),
    _edit("dX-plus-for-minus", "The pixel reads dZ at [p + u, q + v], and not at [p - u, q - v].",
          "The index of the forward pass was used; or, in a full convolution, the pattern was not "
          "turned and all zeros lie behind dZ.", "eq-dX", laid(_before), first=True),
    _edit("dX-map-wraps-around", "Beyond its border the map of gradients goes on at its other "
          "side, as on a circle.", "(p - u) was taken modulo the size of the map, so that no index "
          "fails.", "eq-dX", gathered("circle"), first=True, rare=True),
    _edit("dX-stride-rounded", "Every entry of dZ counts for all pixels up to the next window, "
          "where it should count for one.", "(p - u) // stride was written without asking "
          "whether the stride divides p - u; or dZ was spread with np.repeat, and not with zeros.",
          "eq-geometry-dX", gathered("floor"), first=True, rare=True),
    _edit("dX-thinned-out", "The gradient is computed as for stride 1, and set to 0 beside every "
          "stride-th row and column.", "The stride was used as in the forward pass.",
          "eq-geometry-dX", compose(steps(lambda table: (1, 1), _spread), _thinned), first=True,
          rare=True),
    _edit("dX-last-term-of-pixel", "Only the last product that a pixel finds counts.", "``=`` was "
          "written for ``+=`` in the loops that gather.", "eq-dX", overwrite("kuv"), rare=True),
    _edit("dX-last-window-of-pixel", "Only the last window that a pixel finds counts.", "``=`` was "
          "written for ``+=`` in the loops that gather.", "eq-dX", overwrite("uv"), rare=True),
    _edit("dX-maps-added-first", "Every map meets every pattern: maps and patterns are added "
          "before they are multiplied.", "dZ and w were summed over the patterns, or einsum has "
          "two letters for that one index.", "eq-dX-3d", _maps_added_first, "call"),
    _edit("dX-zeros-at-the-end", "All zeros around dZ lie below it and at its right: the gradient "
          "is moved up and to the left by the size of the pattern less one.", "2 (m - 1) zeros "
          "were put at one end, where m - 1 belong at each.", "eq-dX-conv",
          moved(_to_one_end(-1))),
    _edit("dX-zeros-at-the-start", "All zeros around dZ lie above it and at its left: the gradient "
          "is moved down and to the right by the size of the pattern less one.", "2 (m - 1) zeros "
          "were put at one end, where m - 1 belong at each.", "eq-dX-conv",
          moved(_to_one_end(1))),
    _edit("dX-all-axes-turned", "Patterns and depths are in reverse order, too: every axis of w "
          "was turned.", "np.flip without axes turns all four; rows and columns are the last two.",
          "eq-dX-conv", turn("w", "kc")),
    _edit("dX-last-pixels-missed", "The last row and the last column of pixels stay 0.",
          "The loops over the pixels end one step too early.", "eq-dX", miss("pq", "last")),
    _edit("dX-padding-kept", "The gradient of the padding is handed back as well: dX is as large "
          "as the padded image.", "The ring was not cut off.", "eq-geometry-dX", _framed, "whole",
          rare=True),
    _edit("dX-size-from-maps", "dX ends with the last window: rows and columns that no window "
          "reaches are missing.", "M and N were computed from dZ, and not taken from X_shape.",
          "eq-geometry-dX", _shape_from_maps, "whole", rare=True),
]  # fmt: skip


def _size_from_images(call: Call) -> Call:
    """Take the pattern to reach all rows that are left over."""
    dZ, X, w_shape = call.arguments
    steps_, pads = pair(call.options.get("stride", 1)), pair(call.options.get("padding", 0))
    sides = [
        length + 2 * pad - (count - 1) * step
        for length, count, step, pad in zip(X.shape[-2:], dZ.shape[-2:], steps_, pads, strict=True)
    ]
    return Call((dZ, X, (*w_shape[:2], *sides)), call.options)


#: More mistakes of `conv2d_dw`.
OF_PATTERNS: list[Edit] = [
    *_elsewhere("dw", "eq-geometry-dw"),
    _edit("dw-sums-multiplied", "The sum of the pixels is multiplied by the sum of dZ.",
          "The two were summed before they were multiplied: einsum with two letters for one "
          "index.", "eq-dw", refill("Z", _total((2, 3))), rare=True),
    _edit("dw-sums-as-large-as-pattern", "The sums over the positions end after as many as the "
          "pattern has rows and columns.", "The limits m and n were taken, where those of the map "
          "belong.", "eq-dw", _small_sums, rare=True),
    _edit("dw-last-weights-missed", "The last row and the last column of the gradient stay 0.",
          "The loops over the weights end one step too early.", "eq-dw", miss("uv", "last")),
    _edit("dw-depths-in-reverse", "The planes of the gradient stand in reverse order.",
          "The axis of the depths was turned as well.", "eq-dw-3d", turn("w", "c")),
    _edit("dw-divided-by-depth", "The gradient is divided by the number of depths.",
          "dZ was shared out among the planes.", "eq-dw-3d", divide("c")),
    _edit("dw-size-from-images", "The gradient is as large as the rows that are left over allow.",
          "m and n were computed from X and dZ, and not taken from w_shape.", "eq-geometry-dw",
          _size_from_images, "call", rare=True),
]  # fmt: skip
