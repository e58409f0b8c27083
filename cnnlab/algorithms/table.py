"""The record of an algorithm, and the table of all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from cnnlab import shapes
from cnnlab.algorithms import direct, fft, im2col, loops, offsets, toeplitz, winograd
from cnnlab.algorithms.costs import Cost, sizes


@dataclass(frozen=True)
class Algorithm:
    """One way to compute the layer, as the table `ALGORITHMS` lists it.

    Attributes
    ----------
    name : str
        Its module, as "im2col".
    title : str
        Its name in words.
    conv2d : callable
        ``conv2d(X, w, b=None)``, which computes the layer.
    cost : callable
        ``cost(X_shape, w_shape, itemsize)``, which gives its `Cost`.
    exact_on_integers : bool
        Whether the result is exact when the numbers are small integers.
    spread : str
        How far a pixel that is NaN or infinite reaches: the outputs whose "window" sees it, or
        all of its "image", which are then NaN.
    keeps_infinity : bool
        Whether an output is infinite wherever the loops have it so. If not, it is NaN.
    limits : str
        What it cannot do, in words. Empty for most.
    pattern : pair of int, optional
        The only size of patterns that it takes.
    largest : int, optional
        The most bytes of temporary arrays that it makes.
    """

    name: str
    title: str
    conv2d: Callable[..., np.ndarray] = field(repr=False)
    cost: Callable[[Any, Any, int], Cost] = field(repr=False)
    exact_on_integers: bool = True
    spread: str = "window"
    keeps_infinity: bool = True
    limits: str = ""
    pattern: tuple[int, int] | None = field(default=None, repr=False)
    largest: int | None = field(default=None, repr=False)

    def accepts(self, X_shape: Any, w_shape: Any, itemsize: int = 8) -> bool:
        """Say whether it can compute a layer of these shapes.

        Parameters
        ----------
        X_shape : tuple of int
            (B, D, M, N) or (D, M, N).
        w_shape : tuple of int
            (P, D, m, n).
        itemsize : int
            Bytes of one number: 4 for float32, 8 for float64.

        Returns
        -------
        accepts : bool

        Raises
        ------
        ValueError
            If the shapes do not fit together.
        """
        if self.pattern is not None and sizes(X_shape, w_shape)[5:7] != self.pattern:
            return False
        made = self.cost(X_shape, w_shape, itemsize).temporary_bytes
        return self.largest is None or made <= self.largest


ALGORITHMS: dict[str, Algorithm] = {
    algorithm.name: algorithm
    for algorithm in (
        Algorithm("loops", "Loops", loops.conv2d, loops.cost),
        Algorithm(
            "toeplitz",
            "Toeplitz matrix",
            toeplitz.conv2d,
            toeplitz.cost,
            spread="image",
            limits=f"matrices of up to {toeplitz.LARGEST_MATRIX / 2**30:.3g} GiB",
            largest=toeplitz.LARGEST_MATRIX,
        ),
        Algorithm("im2col", "im2col", im2col.conv2d, im2col.cost),
        Algorithm("offsets", "One product per offset", offsets.conv2d, offsets.cost),
        Algorithm(
            "fft",
            "FFT",
            fft.conv2d,
            fft.cost,
            exact_on_integers=False,
            spread="image",
            keeps_infinity=False,
        ),
        Algorithm(
            "winograd",
            "Winograd F(2x2, 3x3)",
            winograd.conv2d,
            winograd.cost,
            keeps_infinity=False,
            limits="patterns of 3 x 3",
            pattern=(3, 3),
        ),
        Algorithm("direct", "Direct, compiled", direct.conv2d, direct.cost),
    )
}


def find(name: str) -> Algorithm:
    """Return one algorithm by its name.

    Parameters
    ----------
    name : str
        As "im2col".

    Returns
    -------
    algorithm : Algorithm

    Raises
    ------
    ValueError
        If there is none of this name.

    Examples
    --------
    >>> find("fft").exact_on_integers
    False
    """
    return ALGORITHMS[shapes.as_choice(name, "find", "algorithm", ALGORITHMS)]
