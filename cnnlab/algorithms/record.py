"""What every algorithm comes with: its checks, what it costs, and its entry in the table."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from cnnlab import shapes
from cnnlab.reference.ieee import IEEE


class Cost(NamedTuple):
    """What one call of an algorithm costs, from shapes alone.

    An operation is one addition or one multiplication of two real numbers. A subtraction is an
    addition, a halving is a multiplication, and a product with a zero of a matrix counts: the
    machine computes it like every other. Copies and index arithmetic are no operations.

    Arrays are taken to be of one dtype and C-contiguous; others are copied first.

    Attributes
    ----------
    multiplications, additions : int
        Operations of real numbers.
    necessary_bytes : int
        What any algorithm must move: `X`, `w` and `b` read once, `Z` written once.
    temporary_bytes : int
        All temporary arrays that are made, one after the other or at the same time. Each is
        written once and read at least once.
    peak_bytes : int
        The most bytes that the call holds at one time: temporary arrays, and `Z` once it exists.
        `X`, `w` and `b` are not counted.
    """

    multiplications: int
    additions: int
    necessary_bytes: int
    temporary_bytes: int
    peak_bytes: int

    @property
    def operation_count(self) -> int:
        """Additions and multiplications together."""
        return self.multiplications + self.additions

    @property
    def intensity(self) -> float:
        """Operations per byte when no byte is moved twice, the best that a cache can do."""
        return self.operation_count / self.necessary_bytes

    @property
    def intensity_with_temporaries(self) -> float:
        """Operations per byte when temporary arrays go to memory and come back once."""
        return self.operation_count / (self.necessary_bytes + 2 * self.temporary_bytes)


class Sizes(NamedTuple):
    """The sizes of a layer, by the letters of the equations."""

    B: int
    D: int
    M: int
    N: int
    P: int
    m: int
    n: int
    rows: int
    columns: int

    @property
    def products(self) -> int:
        """How many products the sum of the equation has, over all of `Z`."""
        return self.outputs * self.D * self.m * self.n

    @property
    def outputs(self) -> int:
        """How many entries `Z` has."""
        return self.B * self.P * self.rows * self.columns

    @property
    def necessary(self) -> int:
        """How many numbers must be read or written at least once."""
        B, D, M, N, P, m, n, _, _ = self
        return B * D * M * N + P * D * m * n + P + self.outputs


def sizes(X_shape: Any, w_shape: Any) -> Sizes:
    """Return the sizes of a layer; refuse shapes that do not fit, as `conv2d` does."""
    X_shape = shapes.as_shape(X_shape, "cost", "X_shape", (3, 4))
    w_shape = shapes.as_shape(w_shape, "cost", "w_shape", (4,))
    rows, columns = shapes.conv2d_geometry("cost", X_shape, w_shape).positions
    B, D, M, N = (1, *X_shape)[-4:]
    P, _, m, n = w_shape
    return Sizes(B, D, M, N, P, m, n, rows, columns)


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
