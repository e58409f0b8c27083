"""Check the arrays, compute every sum, and put the figure together."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from cnnlab import reference, shapes
from cnnlab.page.explorer import drawing, words
from cnnlab.page.explorer.element import element, script_text

# What fits a phone: patterns and images side by side, entries wide enough for a finger.
LARGEST = {"D": 3, "P": 3, "M": 8, "N": 8, "m": 4, "n": 4}
LARGEST_VALUE = 20


class Explorer:
    """One convolution and its gradients, entry by entry. Made by `explore`.

    As the value of a cell it shows itself.

    Parameters
    ----------
    values : dict of str to nested list of int
        The arrays X, w, b, dZ and what `cnnlab.reference` made of them: Z, dw, dX.
    mode : str
        What is shown first.

    Attributes
    ----------
    values : dict of str to nested list of int
        As passed.
    mode : str
        As passed.
    """

    def __init__(self, values: dict[str, Any], mode: str) -> None:
        self.values = values
        self.mode = mode

    def __repr__(self) -> str:
        """Spell out what the figure shows first, for a terminal.

        Returns
        -------
        text : str
            The shapes and one sum.
        """
        sizes = drawing.Sizes.of(self.values)
        state = self._first(self.mode)
        shape = (
            f"X ({sizes.D}, {sizes.M}, {sizes.N}), w ({sizes.P}, {sizes.D}, {sizes.m}, {sizes.n})"
        )
        line = " ".join(words.plain(drawing.spell(self.values, state)))
        name = drawing.MODES[self.mode]["name"]
        return f"<Explorer of {shape}; {name}: {line}>"

    def _repr_html_(self) -> str:
        """Give the figure as HTML, for Jupyter and the website.

        Returns
        -------
        html : str
            The element, its still picture, its style sheet and its script. The same text for the
            same arrays, always.
        """
        state = self._first(self.mode)
        shown = drawing.MODES[self.mode]
        pieces = drawing.spell(self.values, state)
        more = {
            "layout": drawing.layout(self.values),
            "modes": drawing.MODES,
            "mode": self.mode,
            "at": {mode: list(self._first(mode)[3:]) for mode in drawing.MODES},
        }
        return element(
            "cnnlab-explorer",
            self.values | more,
            how=shown["how"],
            picture=drawing.draw(self.values, state),
            alt=f"{shown['name']}, one entry worked out: {' '.join(words.plain(pieces))}",
            pieces=pieces,
            script=script_text("convolution.js"),
        )

    def _first(self, mode: str) -> drawing.State:
        """Return a state with something to see: for gather, a pixel that has absent neighbors."""
        sizes = drawing.Sizes.of(self.values)
        column = {"forward": 0, "gather": sizes.n - 1}.get(mode, 1)
        return drawing.State(mode, 0, 0, 0, min(column, sizes.selectable(mode)[1] - 1))


def explore(
    X: npt.ArrayLike | None = None,
    w: npt.ArrayLike | None = None,
    b: npt.ArrayLike | None = None,
    dZ: npt.ArrayLike | None = None,
    *,
    mode: Literal["forward", "weight", "gather", "scatter"] = "forward",
    seed: int = 0,
) -> Explorer:
    """Show one convolution and its gradients, entry by entry.

    A reader chooses an entry of Z, of dw, of dX or of dZ and sees which numbers meet there, their
    products, and the sum: equations (eq-pattern-search), (eq-dw) and (eq-dX).

    Parameters
    ----------
    X : array_like, optional
        One image of whole numbers. Shape (D, M, N), at most (3, 8, 8). A seeded example when
        left out.
    w : array_like, optional
        Patterns of whole numbers. Shape (P, D, m, n), at most (3, 3, 4, 4).
    b : array_like, optional
        One bias per pattern. Shape (P,). Zeros when left out.
    dZ : array_like, optional
        Gradient of the loss with respect to Z. Shape (P, M - m + 1, N - n + 1). Seeded when left
        out.
    mode : {"forward", "weight", "gather", "scatter"}
        What is shown first. "gather" and "scatter" are the two ways to the input gradient.
    seed : int
        Seed of what is left out.

    Returns
    -------
    figure : Explorer
        Shows itself as the value of a cell.

    Raises
    ------
    ValueError
        If the shapes do not fit together, something is larger than the figure can show, a number
        is not whole, or `mode` is unknown.
    TypeError
        If an argument does not hold numbers.

    Examples
    --------
    >>> explore([[[1, 2, 0], [0, 1, 3]]], [[[[1, 2], [0, 1]]]], [10])
    <Explorer of X (1, 2, 3), w (1, 1, 2, 2); Forward: Z[0,0,0] = 10 + 1·1 + 2·2 + 0·0 + 1·1 = 16>
    """
    if mode not in tuple(drawing.MODES):
        modes = ", ".join(map(repr, drawing.MODES))
        raise ValueError(f"explore: mode={mode!r} came, but {modes} are possible; pass one.")
    if (X is None) != (w is None) or (X is None and (b is not None or dZ is not None)):
        raise ValueError(
            "explore: only some of the arrays came, but X and w belong together, and b and dZ to "
            "them; pass both X and w, or none."
        )
    rng = shapes.as_generator(seed, "explore")
    if X is None or w is None:
        X, b = rng.integers(0, 5, (2, 4, 5)), [1, -2]
        # No weight twice in a pattern: it shall be seen which way up it lies.
        w = rng.permuted(np.tile(np.arange(-2, 4), (4, 1)), axis=1).reshape(2, 2, 2, 3)
    X, w = whole_numbers(X, "X"), whole_numbers(w, "w")
    if X.ndim != 3:
        raise ValueError(
            f"explore: X has {X.ndim} axes (X.shape={X.shape}), but one image (D, M, N) is needed; "
            f"pass one image of a batch, X[0], or give a gray one its depth, X[np.newaxis]."
        )
    geometry = shapes.conv2d_geometry("explore", X.shape, w.shape)
    sizes = dict(zip("DMNPmn", (*X.shape, w.shape[0], *w.shape[2:]), strict=True))
    large = [f"{name}={size}" for name, size in sizes.items() if size > LARGEST[name]]
    if large:
        raise ValueError(
            f"explore: {', '.join(large)} (X.shape={X.shape}, w.shape={w.shape}), but at most "
            f"{', '.join(f'{name}={size}' for name, size in LARGEST.items())} fit into the figure; "
            f"pass a part of the image, or fewer patterns."
        )
    b = whole_numbers(np.zeros(len(w)) if b is None else b, "b")
    if b.shape != (len(w),):
        raise ValueError(
            f"explore: b.shape={b.shape}, but w.shape={w.shape} needs one bias per pattern; "
            f"pass b of shape ({len(w)},)."
        )
    needed = (len(w), *geometry.positions)
    dZ = whole_numbers(rng.choice([-2, -1, 1, 2], needed) if dZ is None else dZ, "dZ")
    if dZ.shape != needed:
        raise ValueError(
            f"explore: dZ.shape={dZ.shape}, but an image of shape {X.shape} searched for patterns "
            f"of shape {w.shape} gives Z of shape {needed}; dZ must have the shape of Z."
        )
    return Explorer(_computed(X, w, b, dZ), mode)


def _computed(X: np.ndarray, w: np.ndarray, b: np.ndarray, dZ: np.ndarray) -> dict[str, Any]:
    """Compute everything that the figure shows."""
    arrays = {
        "X": X,
        "w": w,
        "b": b,
        "dZ": dZ,
        "Z": reference.conv2d(X, w, b),
        "dw": reference.conv2d_dw(dZ, X, w.shape),
        "dX": reference.conv2d_dX(dZ, w, X.shape),
    }
    values: dict[str, Any] = {name: a.astype(np.int64).tolist() for name, a in arrays.items()}
    return values | {"scales": words.scales(values, tuple(values))}


def whole_numbers(value: npt.ArrayLike, name: str, function: str = "explore") -> np.ndarray:
    """Return `value` as float64; refuse what a figure could not show digit by digit.

    Parameters
    ----------
    value : array_like
        Numbers.
    name, function : str
        Which argument of which function it is, for the message.

    Returns
    -------
    array : ndarray
        Whole numbers as float64.

    Raises
    ------
    ValueError
        If a number is not whole, or too large.
    """
    array = shapes.as_array(value, function, name).astype(np.float64)
    # NaN equals nothing, and infinity is too large.
    fine = (array == np.rint(array)) & (np.abs(array) <= LARGEST_VALUE)
    if not fine.all():
        raise ValueError(
            f"{function}: {name} holds {array[~fine][0]:g}, but whole numbers from "
            f"-{LARGEST_VALUE} to {LARGEST_VALUE} are needed, so that the sums can be read; scale "
            f"and round it first, for example with np.rint({name} / np.abs({name}).max() * 9)."
        )
    return array
