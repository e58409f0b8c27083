"""Max-pooling and average pooling, window by window: check the arrays, put the figure together."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from cnnlab import reference, shapes
from cnnlab.page.explorer import drawing, pools, words
from cnnlab.page.explorer.element import element, script_text
from cnnlab.page.explorer.figure import whole_numbers
from cnnlab.typing import Pair, Seed

# What fits a phone, and can be read.
LARGEST = {"D": 3, "M": 8, "N": 8, "m": 4, "n": 4}
LONGEST = 6  # characters of an entry


class PoolingExplorer:
    """A pooling and its gradient, window by window. Made by `explore_pooling`.

    As the value of a cell it shows itself.

    Parameters
    ----------
    values : dict of str to object
        The image X and the gradient dY, the `size` and the `stride` of the windows, the `rules`,
        and for each rule Y, dX, and for each window the `shares` of its pixels and what is `paid`.
    mode, rule : str
        What is shown first.

    Attributes
    ----------
    values : dict of str to object
        As passed.
    mode, rule : str
        As passed.
    """

    def __init__(self, values: dict[str, Any], mode: str, rule: str) -> None:
        self.values = values
        self.mode = mode
        self.rule = rule

    def __repr__(self) -> str:
        """Spell out what the figure shows first, for a terminal.

        Returns
        -------
        text : str
            The shapes and one sum.
        """
        X, (m, n) = self.values["X"], self.values["size"]
        shape = f"X ({len(X)}, {len(X[0])}, {len(X[0][0])}), windows {m} x {n}"
        line = " ".join(words.plain(pools.spell(self.values, self._first(self.mode))))
        name = pools.MODES[self.mode]["name"]
        return f"<PoolingExplorer of {shape}; {self.rule}; {name}: {line}>"

    def _repr_html_(self) -> str:
        """Give the figure as HTML, for Jupyter and the website.

        Returns
        -------
        html : str
            The element, its still picture, its style sheet and its script. The same text for the
            same arrays, always.
        """
        state = self._first(self.mode)
        shown = pools.MODES[self.mode]
        pieces = pools.spell(self.values, state)
        more = {
            "layout": pools.layout(self.values),
            "modes": pools.MODES,
            "mode": self.mode,
            "k": state.k,
            "at": {mode: list(self._first(mode)[3:]) for mode in pools.MODES},
        }
        return element(
            "cnnlab-pooling",
            self.values | more,
            how=shown["how"],
            picture=pools.draw(self.values, state),
            alt=f"{shown['name']}, rule {self.rule}, one entry worked out: "
            f"{' '.join(words.plain(pieces))}",
            pieces=pieces,
            script=script_text("pooling.js"),
        )

    def _first(self, mode: str) -> drawing.State:
        """Return a state with something to see: for gather, the pixel that wins most windows."""
        k, row, column = pools.RULES.index(self.rule), 0, 0
        if mode == "gather":
            paid = np.array(self.values["shares"][0][0]) != 0
            won = np.zeros(np.shape(self.values["X"][0]), int)
            for i, j, u, v in np.argwhere(paid):
                won[i * self.values["stride"][0] + u, j * self.values["stride"][1] + v] += 1
            row, column = map(int, np.unravel_index(won.argmax(), won.shape))
        return drawing.State(mode, k, 0, row, column)


def explore_pooling(
    X: npt.ArrayLike | None = None,
    size: Pair = 2,
    *,
    stride: Pair | None = None,
    dY: npt.ArrayLike | None = None,
    mode: Literal["forward", "gather", "scatter"] = "forward",
    rule: Literal["first", "split", "all", "mean"] = "first",
    seed: Seed = 0,
) -> PoolingExplorer:
    """Show a pooling and its gradient, window by window.

    A reader chooses an entry of Y, of dX or of dY and sees the window, who wins it, and who is
    paid: equations (eq-max-pool), (eq-max-pool-dX), (eq-avg-pool) and (eq-avg-pool-dX). At ties the
    reader chooses the rule; `cnnlab` itself pays the first winner.

    Parameters
    ----------
    X : array_like, optional
        One image of whole numbers. Shape (D, M, N), at most (3, 8, 8). A seeded example with ties
        when left out.
    size : int or pair of int
        Height m and width n of a window, at most 4.
    stride : int or pair of int, optional
        Pixels from one window to the next; rows first. `size` when left out.
    dY : array_like, optional
        Gradient of the loss with respect to Y, whole numbers. Shape (D, M', N'). Seeded when left
        out.
    mode : {"forward", "gather", "scatter"}
        What is shown first. "gather" and "scatter" are the two ways to the gradient.
    rule : {"first", "split", "all", "mean"}
        Who is paid for a window, at first: the first of its largest pixels, these together, each of
        these, or all pixels alike, as in average pooling.
    seed : int or numpy.random.Generator
        Seed of what is left out.

    Returns
    -------
    figure : PoolingExplorer
        Shows itself as the value of a cell.

    Raises
    ------
    ValueError
        If a window does not fit, shapes do not fit together, something is larger than the figure
        can show, a number is not whole, or `mode` or `rule` is unknown.
    TypeError
        If an argument does not hold numbers.

    Examples
    --------
    >>> explore_pooling([[[1, 6, 2], [6, 3, 8]]], 2, stride=1)
    <PoolingExplorer of X (1, 2, 3), windows 2 x 2; first; Forward: Y[0,0,0] = max(1, 6, 6, 3) = 6>
    """
    function = "explore_pooling"
    for name, value, possible in (("mode", mode, tuple(pools.MODES)), ("rule", rule, pools.RULES)):
        if not isinstance(value, str) or value not in possible:
            words = ", ".join(map(repr, possible))
            raise ValueError(
                f"{function}: {name}={value!r} came, but {words} are possible; pass one."
            )
    rng = shapes.as_generator(seed, function)
    image = whole_numbers(rng.integers(0, 5, (1, 4, 5)) if X is None else X, "X", function)
    window, geometry = _check_windows(image, size, stride, function)
    needed = (image.shape[0], *geometry.positions)
    upstream = rng.choice([-2, -1, 1, 2], needed) if dY is None else dY
    upstream = whole_numbers(upstream, "dY", function)
    if upstream.shape != needed:
        raise ValueError(
            f"{function}: dY.shape={upstream.shape}, but windows of {window[0]} x {window[1]} on "
            f"an image of {image.shape} give Y of shape {needed}; dY must have the shape of Y."
        )
    return PoolingExplorer(_pooled(image, window, geometry.stride, upstream), mode, rule)


def _check_windows(
    X: np.ndarray, size: Pair, stride: Pair | None, function: str
) -> tuple[tuple[int, int], shapes.Geometry]:
    """Return the size of the windows and where they stand; refuse what does not fit a phone."""
    if X.ndim != 3:
        raise ValueError(
            f"{function}: X has {X.ndim} axes (X.shape={X.shape}), but one image (D, M, N) is "
            f"needed; pass one image of a batch, X[0], or give a gray one its depth, X[np.newaxis]."
        )
    window, geometry = shapes.pool_geometry(function, (1, *X.shape), size, stride=stride)
    sizes = dict(zip("DMNmn", (*X.shape, *window), strict=True))
    large = [f"{name}={value}" for name, value in sizes.items() if value > LARGEST[name]]
    if large:
        raise ValueError(
            f"{function}: {', '.join(large)} (X.shape={X.shape}, size={window}), but at most "
            f"{', '.join(f'{name}={value}' for name, value in LARGEST.items())} fit into the "
            f"figure; pass a part of the image, or smaller windows."
        )
    return window, geometry


def _pooled(
    X: np.ndarray, size: tuple[int, int], stride: tuple[int, int], dY: np.ndarray
) -> dict[str, Any]:
    """Compute everything that the figure shows, for every rule, exactly."""
    largest = reference.max_pool2d(X, size, stride=stride)
    means = reference.avg_pool2d(X, size, stride=stride)
    values: dict[str, Any] = {
        "X": X.astype(int).tolist(),
        "dY": dY.astype(int).tolist(),
        "size": list(size),
        "stride": list(stride),
        "rules": list(pools.RULES),
    }
    tables: dict[str, list[Any]] = {name: [] for name in ("Y", "dX", "shares", "paid")}
    for rule in pools.RULES:
        result = means if rule == pools.MEAN else largest.Y
        shares = _shares(rule, X, size, stride, largest.argmax)
        paid = shares * dY.astype(int).astype(object)[..., np.newaxis, np.newaxis]
        dX = np.full(X.shape, Fraction(0))
        for (c, i, j, u, v), amount in np.ndenumerate(paid):
            dX[c, i * stride[0] + u, j * stride[1] + v] += amount
        exact = result * (size[0] * size[1])  # whole, for means too
        Y = np.vectorize(lambda total: Fraction(round(total), size[0] * size[1]), [object])(exact)
        for name, array in (("Y", Y), ("dX", dX), ("shares", shares), ("paid", paid)):
            tables[name].append(np.vectorize(_written, [object])(array).tolist())
    values |= tables
    return values | {"scales": words.scales(values, ("X", "dY", "Y", "dX"))}


def _shares(
    rule: str, X: np.ndarray, size: tuple[int, int], stride: tuple[int, int], argmax: np.ndarray
) -> np.ndarray:
    """Return which part of its gradient each window pays to each of its pixels."""
    (m, n), N = size, X.shape[2]
    shares = np.full((*argmax.shape, m, n), Fraction(0))
    for c, i, j in np.ndindex(argmax.shape):
        top, left = i * stride[0], j * stride[1]
        pixels = X[c, top : top + m, left : left + n]
        chosen = np.ones((m, n), bool) if rule == pools.MEAN else pixels == pixels.max()
        if rule == "first":
            p, q = divmod(int(argmax[c, i, j]), N)
            chosen = np.zeros((m, n), bool)
            chosen[p - top, q - left] = True
        part = Fraction(1, int(chosen.sum())) if rule in ("split", pools.MEAN) else Fraction(1)
        shares[c, i, j][chosen] = part
    return shares


def _written(value: Fraction) -> int | str:
    """Write a number so that it fits into an entry: exactly, or rounded and marked as such."""
    if value.denominator == 1:
        return int(value)
    text = str(value)
    return text if len(text) <= LONGEST else f"≈{float(value):.1f}"
